"""Training that is killed at random moments, again and again, ends as if nothing had been.

``python -m benchmarks.kills --kills 1000`` trains small models that keep a checkpoint, in a process
of their own, and ends that process with SIGKILL at a random moment: amid a step, amid validation,
amid the writing of the file. Another process resumes, and is killed in its turn. A run that has
come to its end must have the parameters, buffers, history, optimizer and random numbers of one that
was never stopped, bit for bit. The exit status is 1 if one differs.
"""

import argparse
import collections
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import nnlib as nn
from benchmarks.figures import add_option, record
from nnlib.schedules import Cosine, OneCycle

X, Y = nn.make_xor(400, rng=0)
IMAGES = np.random.default_rng(0).random((160, 1, 8, 8))
DIGITS = (IMAGES.mean(axis=(1, 2, 3)) > 0.5).astype(int)


def mlp(dtype: Any = np.float64) -> nn.Model:
    """Dropout, batch statistics, a schedule."""
    layers = nn.Dense(2, 32), nn.BatchNorm(32), nn.ReLU(), nn.Dropout(0.3), nn.Dense(32, 2)
    net = nn.Sequential(*layers, rng=1, dtype=dtype)
    return nn.Model(net, nn.SoftmaxCrossEntropy(), nn.AdamW(lr=Cosine(0.02, steps=120)))


def cnn() -> nn.Model:
    """A convolution, a velocity."""
    layers = nn.Conv2D(1, 4, 3), nn.ReLU(), nn.MaxPool2D(2), nn.Flatten(), nn.Dense(36, 2)
    opt = nn.SGD(lr=OneCycle(0.05, steps=60), momentum=0.9)
    return nn.Model(nn.Sequential(*layers, rng=2), nn.SoftmaxCrossEntropy(), opt)


def stopping() -> nn.Model:
    """A rate so high that the best epoch is not the last."""
    layers = nn.Dense(2, 16), nn.Tanh(), nn.Dropout(0.1), nn.Dense(16, 2)
    return nn.Model(nn.Sequential(*layers, rng=3), nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.3))


RUNS: dict[str, tuple[Callable[[], nn.Model], tuple[Any, Any], dict[str, Any]]] = {
    "MLP with dropout, batch norm and a schedule": (mlp, (X, Y), {"validation": 0.2}),
    "the same in float32": (lambda: mlp(np.float32), (X, Y), {"validation": 0.2}),
    "CNN with momentum and a schedule": (cnn, (IMAGES, DIGITS), {"sample_weight": 1 + DIGITS}),
    "early stopping": (
        stopping,
        (X, Y),
        {"validation": 0.3, "early_stopping": nn.EarlyStopping(4), "metrics": "f1_macro"},
    ),
}


def train(name: str, path: Path, every: int) -> nn.Model:
    """Begin a run, or go on with the one in the file."""
    make, data, options = RUNS[name]
    if path.exists():
        weights = {k: v for k, v in options.items() if k == "sample_weight"}
        return nn.Model.resume(path, *data, **weights)
    model = make()
    model.fit(*data, epochs=12, batch_size=32, checkpoint=path, every=every, **options)
    return model


def state(model: nn.Model) -> tuple[Any, ...]:
    """All that a model is made of, as bytes and text."""
    rngs = [layer.rng for layer in model.net.layers if layer.rng is not None]
    return (
        model.net.params.tobytes(),
        model.net.buffers.tobytes(),
        {k: np.asarray(v).tobytes() for k, v in model.optimizer.state_dict().items()},
        repr(model),
        repr(dict(model.history)),
        repr(model.history),
        [repr(rng.bit_generator.state) for rng in [model._rng, *rngs]],
    )


def _worker(name: str, path: Path, every: int) -> None:
    train(name, path, every)
    os._exit(0)  # not a pytest that was forked with it


def kill_until_done(name: str, path: Path, every: int, rng: random.Random) -> tuple[int, int]:
    """Kill whoever trains until one comes to the end; count kills, and half files on the way."""
    fork, kills, left = multiprocessing.get_context("fork"), 0, 0
    while True:
        worker = fork.Process(target=_worker, args=(name, path, every))
        worker.start()
        worker.join(rng.random() * 0.12)
        if worker.exitcode is None and worker.pid is not None:
            os.kill(worker.pid, signal.SIGKILL)
            kills += 1
        worker.join()
        if worker.exitcode not in (0, -signal.SIGKILL):
            raise RuntimeError(f"{name}: a resumed run ended with exit status {worker.exitcode}")
        left += len(list(path.parent.glob(".*.unfinished")))
        if worker.exitcode == 0:
            return kills, left


def run(kills: int, seed: int) -> tuple[dict[str, tuple[int, int, int]], int]:
    """Return for each kind of run how many ended, were killed, differ; and half files met."""
    rng, met = random.Random(seed), 0
    counts: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0, 0])
    whole: dict[str, tuple[Any, ...]] = {}
    while sum(count[1] for count in counts.values()) < kills:
        for name in RUNS:
            with tempfile.TemporaryDirectory() as folder:
                if name not in whole:
                    whole[name] = state(train(name, Path(folder) / "whole.safetensors", 500))
                path = Path(folder) / "run.safetensors"
                killed, left = kill_until_done(name, path, rng.choice([1, 2, 5, 13]), rng)
                met += left
                counts[name][0] += 1
                counts[name][1] += killed
                counts[name][2] += state(nn.Model.load(path)) != whole[name]
    return {name: (a, b, c) for name, (a, b, c) in counts.items()}, met


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills")
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    add_option(parser)
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    counts, met = run(options.kills, options.seed)
    for name, (ended, killed, different) in counts.items():
        print(f"{name}: {ended} runs, killed {killed} times, {different} ended differently")
    ended, killed, different = (sum(part) for part in zip(*counts.values(), strict=True))
    figures = (
        f"{killed:,} kills of {ended} runs: {different} ended with another bit; {met} kills came "
        f"amid the writing of a file, none of which was lost; {time.perf_counter() - start:.0f} s"
    )
    print(figures)
    if options.record:
        record("kills", figures)
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())
