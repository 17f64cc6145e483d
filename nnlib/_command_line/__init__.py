"""The command line: ``python -m nnlib train``, evaluate, predict, info, doctor."""

import os
import sys

from .parser import parsed
from .threads import limited


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, 1 for an error, 130 for Ctrl-C."""
    options = parsed(sys.argv[1:] if arguments is None else arguments)
    try:
        with limited(getattr(options, "threads", 0)):
            status = int(options.run(options))
            sys.stdout.flush()
            return status
    except BrokenPipeError:  # as of a reader like head, which has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ImportError, OSError, FloatingPointError, TypeError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
    except KeyboardInterrupt as stop:
        print(f"\n{str(stop) or 'stopped'}", file=sys.stderr)
        return 130
    return 1
