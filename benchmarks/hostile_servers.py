"""What a mirror can do to a download: it ends in the right file, or in an error that says why not.

``python -m benchmarks.hostile_servers --downloads 1000`` asks a server on this machine for a small
stand-in of a data set. Each answer is cut, delayed, altered or forged at random, alone or with a
good mirror behind it. Then it kills loaders at random moments. The exit status is 1 if anything
ended wrong or left something behind.
"""

import argparse
import collections
import gzip
import hashlib
import itertools
import logging
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.figures import add_option, record
from benchmarks.mirrors import CASES, CONTENT, EITHER, NAME, Server, bomb, serving
from benchmarks.output import table
from nnlib import _download

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def stand_in(folder: Path, **others: Any) -> Iterator[None]:
    """Let the loader know the small file, download to a folder, and have other limits or names."""
    published = _download.Published(len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    registry = collections.defaultdict(lambda: {NAME: published})
    with (
        mock.patch.multiple(_download, PUBLISHED=registry, data_folder=lambda: folder, **others),
        mock.patch.dict(_download.MIRRORS),
        mock.patch.dict("os.environ", {"NNLIB_DATA": ""}),
    ):
        yield


def load(mirrors: list[str], dataset: str = "mnist") -> bool:
    """Load the small file from these mirrors; is it the right array?"""
    _download.MIRRORS[dataset] = tuple(mirrors)
    return _download.read_idx(dataset, NAME).tobytes() == CONTENT[8:]


def ended(folder: Path, call: Callable[[], bool], says: str | None) -> str:
    """Say how a download ended: correct, a clear error, or what is wrong."""
    try:
        right = call()
    except OSError as error:
        lines = str(error).splitlines()
        clear = re.search(says or "nothing", str(error)) and "http://" in str(error)
        if not (clear and lines[-1].endswith("NNLIB_DATA") and "".join(lines).isprintable()):
            return f"wrong: it says {error}"
        return "a clear error" if not folder.exists() else "wrong: it left the folder"
    except Exception as error:
        return f"wrong: {type(error).__name__}: {error}"
    names = [path.name for path in folder.iterdir()]
    if not right or names != [f"{NAME}.gz"]:
        return f"wrong: the array, or {names} lie there"
    whole = gzip.decompress((folder / names[0]).read_bytes()) == CONTENT
    return "correct" if whole else "wrong: the file"


def attempt(server: Server, root: Path, number: int) -> tuple[str, str]:
    """Download with a random case, maybe twice at once, or with a good mirror behind it."""
    rng = random.Random(number)
    slow = rng.random() < 0.05
    name = rng.choice([name for name, case in CASES.items() if case.slow == slow])
    behind = rng.random() < 0.5
    mirrors = [server.url(name, number), *[server.url("whole")] * behind]
    times = 2 if rng.random() < 0.2 else 1

    def call() -> bool:
        with ThreadPoolExecutor(times) as pool:
            return all(pool.map(load, [mirrors] * times, [f"{number}"] * times))

    end = ended(root / f"{number}", call, CASES[name].says)
    good = {"correct"} if behind or not CASES[name].says else {"a clear error"}
    if name in EITHER:
        good |= {"correct"}
    return name, end if end in good or end.startswith("wrong") else f"wrong: {end}"


def load_until_killed(folder: str, mirror: str) -> None:
    """Load the small file into one folder after the other."""
    logging.disable()
    with stand_in(Path(folder), find_spec=lambda name: None):
        for number in itertools.count():
            load([mirror], f"{number}")
            print(flush=True)


def kill(server: Server, root: Path, number: int) -> tuple[str, int]:
    """Kill a loader at a random moment and load again; say how that ends, and count leftovers."""
    folder, rng = root / f"killed-{number}", random.Random(number)
    code = "import sys; from benchmarks.hostile_servers import *; load_until_killed(*sys.argv[1:])"
    command = [sys.executable, "-c", code, str(folder), server.url("in-pieces", number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as loader:
        assert loader.stdout
        loader.stdout.readline()  # the first one is there
        time.sleep(rng.random() / 4)
        loader.kill()
    left = list(folder.rglob("*.part"))
    with stand_in(folder, find_spec=lambda name: None):
        whole = all(
            gzip.decompress(path.read_bytes()) == CONTENT for path in folder.rglob(f"{NAME}.gz")
        )
        again = [load([server.url("whole")], path.name) for path in folder.iterdir()]
    return "correct" if whole and all(again) else "wrong: after a kill", len(left)


def run(downloads: int, kills: int) -> tuple[collections.Counter[str], list[str], int]:
    """Count how everything ended; list what was wrong, and count the leftovers of kills."""
    ends: collections.Counter[str] = collections.Counter()
    wrong, left = [], 0
    quick = {"PATIENCE": 3.0, "SILENCE": 1.0, "SLOWEST": 10**6, "find_spec": lambda name: None}
    with serving() as server, tempfile.TemporaryDirectory() as folder:
        with stand_in(Path(folder), **quick), ThreadPoolExecutor(4) as pool:
            found = pool.map(lambda number: attempt(server, Path(folder), number), range(downloads))
            for number, (name, end) in enumerate(found):
                ends[end.partition(":")[0]] += 1
                wrong += [f"{number}, {name}: {end}"] * end.startswith("wrong")
        for number in range(kills):
            end, parts = kill(server, Path(folder), number)
            ends[f"{end}, killed before"] += 1
            wrong += [end] * end.startswith("wrong")
            left += parts
    return ends, wrong, left


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile_servers")
    parser.add_argument("--downloads", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=20)
    add_option(parser)
    options = parser.parse_args(arguments)
    logging.disable()
    bomb()  # what the server needs is not the loader's
    before = _peak()
    ends, wrong, left = run(options.downloads, options.kills)
    print(table(("ended", "times"), [(end, f"{n:,}") for end, n in sorted(ends.items())]))
    print(f"wrong: {len(wrong)}", *wrong, sep="\n  ")
    print(f"half files left by {options.kills} kills, never under the file's name: {left}")
    print(f"peak memory: {before:.0f} MB before, {_peak():.0f} MB after")
    if options.record:
        refused = sum(n for end, n in ends.items() if "error" in end)
        figures = f"{options.downloads:,} downloads and {options.kills} kills"
        correct = sum(n for end, n in ends.items() if end.startswith("correct"))
        figures += f": {correct} correct, {refused} refused with a reason, {len(wrong)} wrong; "
        record("servers", figures + f"memory at most {before:.0f} → {_peak():.0f} MB")
    return bool(wrong)


def _peak() -> float:
    """The most memory that this process has had, in MB."""
    import resource  # which Windows has not

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    sys.exit(main())
