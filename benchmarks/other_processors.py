"""A run that begins on one processor and goes on on another: the same file, nearly the same sums.

``python -m benchmarks.other_processors`` trains an MLP and a CNN with each kind of OpenBLAS's
kernels that this processor can run, which stand in for other processors. A checkpoint of step 10
must load with the same bits under every other kind; a run resumed there must end, ten steps later,
where it would have ended at home, to a relative 10⁻¹⁰ in float64. The exit status is 1 if not.
"""

import argparse
import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

import nnlib as nn
from benchmarks.figures import add_option, record
from benchmarks.machine import blas, thread_variables
from benchmarks.output import table
from nnlib import _files, training
from nnlib._typing import Array
from nnlib.schedules import Cosine, Warmup

ROOT = Path(__file__).resolve().parents[1]

KERNELS = ("Nehalem", "Sandybridge", "Haswell", "SkylakeX")
"""Kinds of x86 kernels, oldest first: SSE4.2, AVX, AVX2 with FMA, AVX-512."""

TOLERANCE = 1e-10
STOP = 10
"""The step after which a run moves."""

N, BATCH = 600, 60
CLASSES = ["high", "low", "middle"]


def mlp() -> nn.Model:
    """Named classes, standardized inputs, batch statistics, dropout, a schedule."""
    layers = [nn.Dense(20, 64), nn.BatchNorm(64), nn.ReLU(), nn.Dropout(0.2)]
    net = nn.Sequential(*layers, nn.Dense(64, 48), nn.Tanh(), nn.Dense(48, 3), rng=3)
    optimizer = nn.AdamW(lr=Warmup(Cosine(0.02, steps=300), 5), clip_norm=1.0)
    prepare = nn.Standardize.fit(_features()[0])
    return nn.Model(net, nn.SoftmaxCrossEntropy(label_smoothing=0.1), optimizer, CLASSES, prepare)


def cnn() -> nn.Model:
    """Rows of pixels made images, and two convolutions."""
    layers = [nn.Conv2D(1, 8, 3, padding=1), nn.BatchNorm(8), nn.ReLU(), nn.MaxPool2D(2)]
    layers += [nn.Conv2D(8, 6, 3), nn.SiLU(), nn.Flatten(), nn.Dropout(0.2), nn.Dense(96, 3)]
    optimizer = nn.SGD(lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3)
    net, prepare = nn.Sequential(*layers, rng=1), nn.Pixels(1, 12, 12, white=255)
    return nn.Model(net, nn.SoftmaxCrossEntropy(), optimizer, prepare=prepare)


def _features() -> tuple[Array, Any]:
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=N)
    return 5 + 3 * (rng.normal(size=(N, 20)) + y[:, np.newaxis]), np.array(CLASSES)[y]


def _images() -> tuple[Array, Any]:
    rng = np.random.default_rng(1)
    y = rng.integers(3, size=N)
    pixels = rng.integers(128, size=(N, 12, 12))
    pixels[np.arange(N), 4 * y] += 127  # a bright line, high or low
    return pixels.reshape(N, 144), y


NETWORKS: dict[str, tuple[Callable[[], nn.Model], Callable[[], tuple[Array, Any]]]] = {
    "MLP": (mlp, _features),
    "CNN": (cnn, _images),
}


def state(model: nn.Model) -> str:
    """SHA-256 over all bits that training goes on from but the random numbers."""
    vectors = {"params": model.net.params, "buffers": model.net.buffers}
    vectors |= model.optimizer.state_dict()
    total = hashlib.sha256()
    for name, vector in sorted(vectors.items()):
        total.update(name.encode() + np.ascontiguousarray(vector).tobytes())
    return total.hexdigest()


# In a process of each kind ----------------------------------------------------------------------


def begin(folder: str, home: str, steps: int) -> dict[str, str]:
    """Train to the end, and keep the checkpoints of step 10; return the states at that step."""
    states = {}
    for name, (make, data) in NETWORKS.items():
        model, path = make(), Path(folder, f"{name} {home}")
        update, count = training.update, itertools.count()

        def watched(*parts: Any) -> float:
            if next(count) == STOP:  # noqa: B023
                shutil.copyfile(path, path.with_suffix(".begun"))  # noqa: B023
                states[path.name] = state(model)  # noqa: B023
            return update(*parts)  # noqa: B023

        epochs = (STOP + steps) * BATCH // N
        with mock.patch.object(training, "update", watched):
            model.fit(*data(), epochs=epochs, batch_size=BATCH, checkpoint=path, every=STOP)
    return states


def go_on(folder: str, kernels: list[str], away: str) -> dict[str, str]:
    """Resume the runs of all kinds under this one; return the states that were loaded."""
    states = {}
    for name, home in itertools.product(NETWORKS, kernels):
        path = Path(folder, f"{name} {home}.{away}")
        shutil.copyfile(path.with_suffix(".begun"), path)
        states[f"{name} {home}"] = state(nn.Model.load(path))
        nn.Model.resume(path, *NETWORKS[name][1]())
    return states


# The processes ----------------------------------------------------------------------------------


def under(kernel: str, code: str) -> str:
    """Run a line of Python on one thread with kernels of this kind; return what it prints."""
    code = f"from benchmarks.other_processors import *; print({code})"
    variables = thread_variables(1) | {"OPENBLAS_CORETYPE": kernel}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise OSError(f"{kernel} kernels ended with status {done.returncode}: {done.stderr}")
    return done.stdout


def runnable(kernels: Iterable[str] = KERNELS) -> list[str]:
    """Choose the kinds that this processor and this NumPy can run."""
    found = []
    for kernel in kernels:
        try:
            found += [kernel] * (f"{kernel} kernels" in under(kernel, "tried()"))
        except OSError:  # an illegal instruction
            continue
    return found


def tried() -> str:
    """Name the kernels, once they have multiplied something."""
    X = np.ones((64, 64))
    return blas() if (X @ X == 64).all() else "wrong"


class Move(NamedTuple):
    """A run that began at home and ended away: the same bits loaded, and how far off it ended."""

    network: str
    home: str
    away: str
    same: bool
    difference: float


def measure(kernels: list[str], steps: int = 10) -> list[Move]:
    """Begin under each kind, go on under each, its own too."""
    moves = []
    with tempfile.TemporaryDirectory() as folder:
        begun: dict[str, str] = {}
        for home in kernels:
            begun |= json.loads(under(home, f"json.dumps(begin({folder!r}, {home!r}, {steps}))"))
        for away in kernels:
            line = f"json.dumps(go_on({folder!r}, {kernels!r}, {away!r}))"
            loaded = json.loads(under(away, line))
            for name, home in itertools.product(NETWORKS, kernels):
                stayed = Path(folder, f"{name} {home}")
                same = loaded[stayed.name] == begun[stayed.name]
                off = difference(stayed.with_suffix(f".{away}"), stayed)
                moves.append(Move(name, home, away, same, off))
    return moves


def difference(moved: Path, stayed: Path) -> float:
    """max |a − b| / max |b|, the largest of the network, each moment, each column of the history.

    The network counts as one vector: a bias before batch normalization has the gradient 0, and so
    holds rounding alone.
    """
    a, b = _vectors(moved), _vectors(stayed)
    if a.keys() != b.keys():
        return np.inf
    return max(float(np.abs(a[name] - b[name]).max() / np.abs(b[name]).max()) for name in b)


def _vectors(path: Path) -> dict[str, Array]:
    """Read the arrays of a file, those of the network joined into one."""
    _, arrays = _files.read(path)
    own = {k: a for k, a in arrays.items() if k.startswith(("history.", "optimizer."))}
    return own | {"network": np.concatenate([a.ravel() for k, a in arrays.items() if k not in own])}


def faults(moves: Iterable[Move], tolerance: float = TOLERANCE) -> list[Move]:
    """List what was loaded with other bits, or ended elsewhere; at home not a bit may differ."""
    return [
        move
        for move in moves
        if not move.same or not move.difference <= (tolerance if move.home != move.away else 0)
    ]


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.other_processors")
    parser.add_argument("--kernels", nargs="+", default=KERNELS, metavar="KIND")
    parser.add_argument("--steps", type=int, default=10, help="after the move, a multiple of 10")
    add_option(parser)
    options = parser.parse_args(arguments)
    kernels = runnable(options.kernels)
    if missing := [kernel for kernel in options.kernels if kernel not in kernels]:
        print(f"not on this processor: {', '.join(missing)}")
    moves = measure(kernels, options.steps)
    head = ("network", "begun under", "went on under", "loaded", f"after {options.steps} steps")
    rows = [
        (m.network, m.home, m.away, "same bits" if m.same else "other bits", f"{m.difference:.1e}")
        for m in moves
    ]
    print(table(head, rows))
    wrong = faults(moves)
    print(f"wrong: {len(wrong)} of {len(moves)}; allowed is {TOLERANCE:.0e}")
    if options.record:
        most = max(m.difference for m in moves)
        figures = f"{len(moves)} moves between {', '.join(kernels)} kernels: {len(wrong)} wrong, "
        figures += f"all loaded with the same bits; after {options.steps} steps they differ "
        record("processors", figures + f"by {most:.1e} at the most")
    return bool(wrong) or len(kernels) < 2


if __name__ == "__main__":
    sys.exit(main())
