"""What two versions of nnlib are compared at: small tasks, written with public names alone.

As a script it is one version's worker, which imports the nnlib that PYTHONPATH names: for each line
"repetitions workload" it answers with the seconds that they took.
"""

import gc
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import nnlib as nn

Seconds = Callable[[int], float]
"""Tells how long so many repetitions take."""

# Of this process alone: what others take meanwhile is left out. Windows counts it too coarsely.
CLOCK = "perf_counter" if sys.platform == "win32" else "process_time"
IMPORT = f"from time import {CLOCK} as now; begin = now(); import nnlib; print(now() - begin)"


def timed(once: Callable[[], Any]) -> Seconds:
    """Time repetitions of a call, after one that brings its data back into the cache."""
    now = getattr(time, CLOCK)

    def seconds(repetitions: int) -> float:
        once()
        begin = now()
        for _ in range(repetitions):
            once()
        return float(now() - begin)

    return seconds


def imports(repetitions: int) -> float:
    """Time ``import nnlib`` in new interpreters."""
    command = [sys.executable, "-P", "-c", IMPORT]
    runs = (subprocess.run(command, capture_output=True, check=True) for _ in range(repetitions))
    return sum(float(run.stdout) for run in runs)


def dense(*sizes: int, dtype: Any = np.float32) -> nn.Sequential:
    """Dense layers of these sizes with ReLU between them."""
    pairs = itertools.pairwise(sizes)
    layers = [layer for d_in, d_out in pairs for layer in (nn.Dense(d_in, d_out), nn.ReLU())]
    return nn.Sequential(*layers[:-1], rng=0, dtype=dtype)


def cnn() -> nn.Sequential:
    """A convolution of 3×3 with ReLU and pooling, and a layer of 10 outputs."""
    images = (nn.Reshape(1, 28, 28), nn.Conv2D(1, 8, 3), nn.ReLU(), nn.MaxPool2D(2), nn.Flatten())
    return nn.Sequential(*images, nn.Dense(8 * 13 * 13, 10), rng=0, dtype=np.float32)


def data(n: int, d: int, dtype: Any = np.float32) -> tuple[Any, Any]:
    """Random inputs in [0, 1), and random labels from 0 to 9."""
    rng = np.random.default_rng(0)
    return rng.random((n, d), dtype), rng.integers(0, 10, n)


def training(make: Callable[[], nn.Sequential], d: int, batch: int) -> Seconds:
    """Steps with Adam, on eight shuffled batches again and again."""
    net, loss = make(), nn.SoftmaxCrossEntropy()
    X, y = data(8 * batch, d)
    steps = nn.steps(net, loss, nn.Adam(), X, y, epochs=1_000_000, batch_size=batch)
    return timed(partial(next, steps))


def forward() -> Seconds:
    """The forward pass of a batch."""
    return timed(partial(dense(784, 128, 64, 10).forward, data(128, 784)[0]))


def predict() -> Seconds:
    """Labels for 1,000 examples."""
    model = nn.Model(dense(784, 128, 64, 10), nn.SoftmaxCrossEntropy(), nn.Adam())
    return timed(partial(model.predict, data(1000, 784)[0]))


def updates(make: Callable[[], nn.Optimizer]) -> Seconds:
    """Updates of 100,000 parameters."""
    params, grads = np.random.default_rng(0).standard_normal((2, 100_000)).astype(np.float32)
    return timed(partial(make().step, params, 1e-3 * grads, decay=slice(90_000)))


def loss() -> Seconds:
    """Softmax cross-entropy and its gradient, for 128 examples."""
    Z = np.random.default_rng(0).standard_normal((128, 10), np.float32)
    return timed(partial(nn.SoftmaxCrossEntropy().value_and_grad, Z, data(128, 1)[1]))


def gradient_check() -> Seconds:
    """All gradients of a small network."""
    net = dense(8, 16, 10, dtype=np.float64)
    X, y = data(8, 8, np.float64)
    return timed(partial(nn.check_gradients, net, nn.SoftmaxCrossEntropy(), X, y))


SMALL, USUAL, LARGE = (64, 32, 10), (784, 128, 64, 10), (784, 512, 256, 10)

WORKLOADS: dict[str, Callable[[], Seconds]] = {
    "step, 64-32-10, batch 32": lambda: training(partial(dense, *SMALL), 64, 32),
    "step, 784-128-64-10, batch 32": lambda: training(partial(dense, *USUAL), 784, 32),
    "step, 784-128-64-10, batch 128": lambda: training(partial(dense, *USUAL), 784, 128),
    "step, 784-512-256-10, batch 256": lambda: training(partial(dense, *LARGE), 784, 256),
    "step, convolution 8 × 3×3, batch 32": lambda: training(cnn, 784, 32),
    "forward, 784-128-64-10, batch 128": forward,
    "predict, 784-128-64-10, 1,000 examples": predict,
    "SGD with momentum, 100,000 parameters": lambda: updates(lambda: nn.SGD(0.1, momentum=0.9)),
    "Adam, 100,000 parameters": lambda: updates(nn.Adam),
    "AdamW, 100,000 parameters": lambda: updates(lambda: nn.AdamW(weight_decay=0.01)),
    "softmax cross-entropy, batch 128": loss,
    "gradient check, 8-16-10": gradient_check,
    "import nnlib": lambda: imports,
}


def main() -> None:
    """Say which nnlib this is, then answer until nothing more is asked."""
    print(os.path.dirname(os.path.dirname(os.path.abspath(nn.__file__))), flush=True)
    made: dict[str, Seconds] = {}
    gc.disable()
    for line in sys.stdin:
        repetitions, _, name = line.strip().partition(" ")
        if name not in made:
            made[name] = WORKLOADS[name]()
        gc.collect()
        print(made[name](int(repetitions)), flush=True)


if __name__ == "__main__":
    main()
