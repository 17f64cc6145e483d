"""Damaged checkpoints: a bit flipped, a file cut short, a header that lies; each is noticed.

``python -m benchmarks.damage --files 10000`` damages the file of a small model at random and loads
it. It must be refused with an error that names the file, or give exactly the model that was saved,
as where a space of the header has become another. The exit status is 1 if one loads as something
else, ends in another error, or takes memory for numbers that are not there.
"""

import argparse
import collections
import json
import random
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np

import nnlib as nn
from benchmarks.figures import add_option, record
from benchmarks.kills import mlp, state

X, Y = nn.make_xor(64, rng=0)

MOST = 2**21
"""Bytes that a load may take: the file has some 20,000."""


def flipped(content: bytes, rng: random.Random) -> bytes:
    """Flip some bits."""
    damaged = bytearray(content)
    for _ in range(rng.choice([1, 1, 1, 8, 64])):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def cut(content: bytes, rng: random.Random) -> bytes:
    """Cut the end off, or a piece out."""
    i, j = sorted(rng.choices(range(len(content)), k=2))
    return content[:i] if rng.random() < 0.5 else content[:i] + content[j:]


def grown(content: bytes, rng: random.Random) -> bytes:
    """Put in bytes that do not belong there."""
    i = rng.choice([0, 8, len(content), rng.randrange(len(content))])
    return content[:i] + rng.randbytes(rng.choice([1, 8, 500])) + content[i:]


def swapped(content: bytes, rng: random.Random) -> bytes:
    """Overwrite a piece by another one, as a file system may after a crash, or by zeros."""
    size = rng.choice([16, 512, 4096])
    i, j = rng.randrange(len(content)), rng.randrange(len(content))
    piece = bytes(size) if rng.random() < 0.5 else content[j : j + size]
    return (content[:i] + piece + content[i + len(piece) :])[: len(content)]


def lying(content: bytes, rng: random.Random) -> bytes:
    """Let the header tell of other sizes, dtypes, places or names, or be of another length."""
    size = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + size]), content[8 + size :]
    name = rng.choice([key for key in header if key != "__metadata__"])
    entry = header[name]
    match rng.randrange(6):
        case 0:
            entry["shape"] = [rng.choice([0, 1, 2**31, 2**40, 2**62]), *entry["shape"]]
        case 1:
            entry["dtype"] = rng.choice(["F32", "F64", "I64", "U8", "BF16", "F8_E4M3", "X"])
        case 2:
            entry["data_offsets"] = [rng.choice([0, 8, 2**40]), rng.choice([8, 64, 2**62])]
        case 3:
            other = rng.choice([key for key in header if key != "__metadata__"])
            header[name], header[other] = header[other], header[name]
        case 4:
            about = json.loads(header["__metadata__"]["nnlib"])
            about["net"]["layers"][0]["options"]["d_out"] = rng.choice([0, 3, 2**40])
            header["__metadata__"]["nnlib"] = json.dumps(about, sort_keys=True)
        case 5:
            return rng.choice([0, 2, 2**31, 2**62]).to_bytes(8, "little") + content[8:]
    text = json.dumps(header, separators=(",", ":")).encode()
    return len(text).to_bytes(8, "little") + text + data


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = flipped, cut, grown, swapped, lying


def run(files: int, seed: int) -> collections.Counter[str]:
    """Count how loads of damaged files ended."""
    rng, ends = random.Random(seed), collections.Counter[str]()
    model = mlp(np.float32)
    model.fit(X, Y, epochs=2, validation=0.25, early_stopping=nn.EarlyStopping())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        model.save(path)
        content, whole = path.read_bytes(), state(model)
        nn.Model.load(path)  # what is imported on first use does not count
        for _ in range(files):
            damaged = rng.choice(DAMAGES)(content, rng)
            path.write_bytes(damaged)
            tracemalloc.start()
            try:
                end = "the model" if state(nn.Model.load(path)) == whole else "WRONG: another model"
            except ValueError as error:
                end = "refused" if str(path) in str(error) else f"WRONG: nameless, {error}"
            except Exception as error:
                end = f"WRONG: {type(error).__name__}: {error}"
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            ends[end] += 1
            if peak > MOST + 4 * len(damaged):
                ends[f"WRONG: {peak} bytes of memory"] += 1
    return ends


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.damage")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    add_option(parser)
    options = parser.parse_args(arguments)
    ends = run(options.files, options.seed)
    for end, count in ends.most_common():
        print(f"{count:6,} {end}")
    wrong = sum(count for end, count in ends.items() if end.startswith("WRONG"))
    figures = (
        f"{options.files:,} damaged files: {ends['refused']:,} refused by name, "
        f"{ends['the model']} loaded as what was saved, {wrong} wrong"
    )
    print(figures)
    if options.record:
        record("damage", figures)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
