"""Lesson 16, how fast, and why: its exercises and questions."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]


def _roof_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Batches from one image to many, some held up by the bytes and some by the operations."""
    d_in, d_out, several = 16 * sizes[0], 16 * sizes[1], sizes[2]
    batches = rng.permutation([1, *rng.integers(2, 9, several), *rng.integers(20, 200, 2), 200])
    few, many = (_layer(np.array(n), d_in, d_out)[2] for n in (1, 200))
    peak = float(rng.uniform(50, 90))
    return batches, d_in, d_out, peak, peak / float(np.sqrt(few * many))


def _layer(batches: Array, d_in: int, d_out: int) -> tuple[Array, Array, Array]:
    operations = 2 * batches * d_in * d_out
    moved = 4 * (batches * d_in + d_in * d_out + batches * d_out)
    return operations, moved, operations / moved


Bounds = Callable[[Array, Array, float, float], Array]


def _roof(
    count: Callable[[Array, int, int], Array] = lambda n, d_in, d_out: 2 * n * d_in * d_out,
    weigh: Callable[[Array, int, int], Array] = lambda n, d_in, d_out: (
        4 * (n * d_in + d_in * d_out + n * d_out)
    ),
    ratio: Callable[[Array, Array], Array] = lambda operations, moved: operations / moved,
    wait: Bounds = lambda operations, moved, peak, bandwidth: np.maximum(
        operations / peak, moved / bandwidth
    ),
    over: Callable[[Array, Array], Array] = lambda operations, time: operations / time,
) -> Callable[..., tuple[Array, ...]]:
    """Make the five lines, with one of them as somebody may write it."""

    def roof(
        batches: Array, d_in: int, d_out: int, peak: float, bandwidth: float
    ) -> tuple[Array, ...]:
        operations, moved = count(batches, d_in, d_out), weigh(batches, d_in, d_out)
        time = wait(operations, moved, peak, bandwidth)
        return operations, moved, ratio(operations, moved), time, over(operations, time)

    return roof


def _one_fixed_speed(
    batches: Array, d_in: int, d_out: int, peak: float, bandwidth: float
) -> tuple[Array, ...]:
    *above, speed = _roof()(batches, d_in, d_out, peak, bandwidth)
    return *above, np.full(speed.shape, peak)


def _the_higher_line(
    batches: Array, d_in: int, d_out: int, peak: float, bandwidth: float
) -> tuple[Array, ...]:
    operations, moved, intensity, time, _ = _roof()(batches, d_in, d_out, peak, bandwidth)
    return operations, moved, intensity, time, np.maximum(peak, intensity * bandwidth)


def _bandwidth_as_it_is(
    batches: Array, d_in: int, d_out: int, peak: float, bandwidth: float
) -> tuple[Array, ...]:
    *above, speed = _roof()(batches, d_in, d_out, peak, bandwidth)
    return *above, np.full(speed.shape, min(peak, bandwidth))


def _bytes_a_second(
    batches: Array, d_in: int, d_out: int, peak: float, bandwidth: float
) -> tuple[Array, ...]:
    operations, moved, intensity, time, _ = _roof()(batches, d_in, d_out, peak, bandwidth)
    return operations, moved, intensity, time, moved / time


ROOF = Exercise(
    title="the roof over a layer",
    case=_roof_case,
    solution=_roof(),
    mistakes={
        "operations: you counted multiplications only; each comes with an addition": (
            _roof(count=lambda n, d_in, d_out: n * d_in * d_out)
        ),
        "operations: those are all three products of a training step; one is asked, X W": (
            _roof(count=lambda n, d_in, d_out: 6 * n * d_in * d_out)
        ),
        "operations: one addition less for each entry; we start each sum from 0, so it has as many "
        "additions as multiplications": _roof(
            count=lambda n, d_in, d_out: n * d_out * (2 * d_in - 1)
        ),
        "operations: that is for one image; a batch of n takes n times as many": (
            _roof(count=lambda n, d_in, d_out: 2 * d_in * d_out + 0 * n)
        ),
        "operations right; moved: those are numbers; a `float32` has 4 bytes": (
            _roof(weigh=lambda n, d_in, d_out: n * d_in + d_in * d_out + n * d_out)
        ),
        "operations right; moved: 8 bytes are a `float64`; a `float32` has 4": (
            _roof(weigh=lambda n, d_in, d_out: 8 * (n * d_in + d_in * d_out + n * d_out))
        ),
        "operations right; moved: Z is missing: the result must be written, too": (
            _roof(weigh=lambda n, d_in, d_out: 4 * (n * d_in + d_in * d_out))
        ),
        "operations right; moved: W is missing: it is read, once for the whole batch": (
            _roof(weigh=lambda n, d_in, d_out: 4 * (n * d_in + n * d_out))
        ),
        "operations right; moved: X is missing: it is read, too": (
            _roof(weigh=lambda n, d_in, d_out: 4 * (d_in * d_out + n * d_out))
        ),
        "operations right; moved: W is there once for each image, but a batch moves it once: "
        "that is what a batch is for": (
            _roof(weigh=lambda n, d_in, d_out: 4 * n * (d_in + d_in * d_out + d_out))
        ),
        "operations, moved right; intensity: upside down: it is operations for each byte": (
            _roof(ratio=lambda operations, moved: moved / operations)
        ),
        "all right down to intensity; time: the two are added, but fetching and computing go on "
        "side by side: the longer one decides": _roof(
            wait=lambda operations, moved, peak, bandwidth: operations / peak + moved / bandwidth
        ),
        "all right down to intensity; time: that is the shorter of the two, and both must be "
        "finished": _roof(
            wait=lambda operations, moved, peak, bandwidth: np.minimum(
                operations / peak, moved / bandwidth
            )
        ),
        "all right down to intensity; time: that is the arithmetic alone; the bytes take their "
        "time, too": _roof(wait=lambda operations, moved, peak, bandwidth: operations / peak),
        "all right down to intensity; time: that is the fetching alone; the arithmetic takes its "
        "time, too": _roof(wait=lambda operations, moved, peak, bandwidth: moved / bandwidth),
        "all right down to intensity; time: upside down: operations over the peak, bytes over the "
        "bandwidth": _roof(
            wait=lambda operations, moved, peak, bandwidth: np.maximum(
                peak / operations, bandwidth / moved
            )
        ),
        "all right down to intensity; time: that is the intensity again; operations over the peak "
        "make a time, and so do bytes over the bandwidth": _roof(
            wait=lambda operations, moved, peak, bandwidth: operations / moved
        ),
        "all right down to time; speed: those are bytes a second; operations a second are asked": (
            _bytes_a_second
        ),
        "all right down to time; speed: operations a second is a quotient: divide by the time": (
            _roof(over=lambda operations, time: operations * time)
        ),
        "all right down to time; speed: upside down: it is operations a second": (
            _roof(over=lambda operations, time: time / operations)
        ),
        "all right down to time; speed: that is the peak, which small batches do not reach": (
            _one_fixed_speed
        ),
        "all right down to time; speed: that is the higher of the two lines; both bounds hold, so "
        "the lower one counts": _the_higher_line,
        "all right down to time; speed: the bandwidth is in bytes a second; times the intensity it "
        "is operations a second": _bandwidth_as_it_is,
    },
    hints=(
        "operations is the formula for X W, with `batches` as n. For moved, add up the sizes of X, "
        "W and Z, and think of the bytes in a number.",
        "Each of the two inequalities gives a time that is needed at the least. Both hold, so "
        "which of the two is the bound?",
        "`np.maximum` takes the larger of two arrays, entry by entry. The speed is operations "
        "over time.",
    ),
    parts=("operations", "moved", "intensity", "time", "speed"),
)


def _adam_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    p = sizes[0]
    θ, g, M, V = rng.normal(size=(4, p))
    η, ε = float(rng.uniform(0.3, 0.9)), float(rng.uniform(0.2, 0.6))
    β1, β2 = float(rng.uniform(0.6, 0.8)), float(rng.uniform(0.85, 0.95))
    return θ, g, M, V**2 + 0.1, int(rng.integers(2, 9)), η, β1, β2, ε


def _sums(
    first: Callable[..., Array] = lambda M, g, β1: β1 * M + g,
    second: Callable[..., Array] = lambda V, g, β2: β2 * V + g**2,
    shares: Callable[..., tuple[float, float]] = lambda t, β1, β2: (
        (1 - β1) / (1 - β1**t),
        float(np.sqrt((1 - β2) / (1 - β2**t))),
    ),
    numbers: Callable[..., tuple[float, float]] = lambda η, ε, c1, c2: (η * c1 / c2, ε / c2),
    move: Callable[..., Array] = lambda θ, M, V, rate, floor: θ - rate / (np.sqrt(V) + floor) * M,
) -> Callable[..., tuple[Any, ...]]:
    """Make Adam on sums, with one of its lines as somebody may write it."""

    def adam(
        θ: Array, g: Array, M: Array, V: Array, t: int, η: float, β1: float, β2: float, ε: float
    ) -> tuple[Any, ...]:
        M, V = first(M, g, β1), second(V, g, β2)
        rate, floor = numbers(η, ε, *shares(t, β1, β2))
        return M, V, rate, floor, move(θ, M, V, rate, floor)

    return adam


def _moved_by_old_sums(
    θ: Array, g: Array, M: Array, V: Array, t: int, η: float, β1: float, β2: float, ε: float
) -> tuple[Any, ...]:
    *above, rate, floor, _ = _sums()(θ, g, M, V, t, η, β1, β2, ε)
    return *above, rate, floor, θ - rate / (np.sqrt(V) + floor) * M


ADAM_ON_SUMS = Exercise(
    title="Adam with ten passes",
    case=_adam_case,
    solution=_sums(),
    mistakes={
        "M: the factor 1 − β1 is still there; M is m divided by it": (
            _sums(first=lambda M, g, β1: β1 * M + (1 - β1) * g)
        ),
        "M: β1 is missing: a sum keeps that share of what it was": (
            _sums(first=lambda M, g, β1: M + g)
        ),
        "M right; V: the factor 1 − β2 is still there; V is v divided by it": (
            _sums(second=lambda V, g, β2: β2 * V + (1 - β2) * g**2)
        ),
        "M right; V: it takes in the square of g, entry by entry": (
            _sums(second=lambda V, g, β2: β2 * V + g)
        ),
        "M right; V: β2 is missing: a sum keeps that share of what it was": (
            _sums(second=lambda V, g, β2: V + g**2)
        ),
        "M, V right; rate: c2 is missing: taken out of the denominator, it divides": (
            _sums(numbers=lambda η, ε, c1, c2: (η * c1, ε / c2))
        ),
        "M, V right; rate: c2 multiplies, but it comes out of the denominator": (
            _sums(numbers=lambda η, ε, c1, c2: (η * c1 * c2, ε / c2))
        ),
        "M, V right; rate: c1 and c2 have changed places: c1 stands above the fraction bar, c2 "
        "below": _sums(numbers=lambda η, ε, c1, c2: (η * c2 / c1, ε / c2)),
        "M, V right; rate: c1 is missing: it stands beside M, above the fraction bar": (
            _sums(numbers=lambda η, ε, c1, c2: (η / c2, ε / c2))
        ),
        "M, V right; rate: that is η alone; c1 above and c2 below the fraction bar go into it": (
            _sums(numbers=lambda η, ε, c1, c2: (η, ε / c2))
        ),
        "M, V right; rate: η is missing": _sums(numbers=lambda η, ε, c1, c2: (c1 / c2, ε / c2)),
        "M, V right; rate: c2 lacks its root: V stands below a root": _sums(
            shares=lambda t, β1, β2: ((1 - β1) / (1 - β1**t), (1 - β2) / (1 - β2**t))
        ),
        "M, V right; rate: β to the power of t − 1, but t counts from 1: at the first step 1 − β "
        "is divided by 1 − β": _sums(
            shares=lambda t, β1, β2: (
                (1 - β1) / (1 - β1 ** (t - 1)),
                float(np.sqrt((1 - β2) / (1 - β2 ** (t - 1)))),
            )
        ),
        "M, V right; rate: the correction for the first steps is missing: divide by 1 − β to the "
        "power of t": _sums(shares=lambda t, β1, β2: (1 - β1, float(np.sqrt(1 - β2)))),
        "M, V right; rate: the factors 1 − β are missing: they have gone from M and V into c1 and "
        "c2": _sums(shares=lambda t, β1, β2: (1 / (1 - β1**t), float(np.sqrt(1 / (1 - β2**t))))),
        "M, V, rate right; floor: ε as it was: with c2 taken out of the sum, ε is divided by it": (
            _sums(numbers=lambda η, ε, c1, c2: (η * c1 / c2, ε))
        ),
        "M, V, rate right; floor: c2 multiplies, but taking it out of a sum divides the rest": (
            _sums(numbers=lambda η, ε, c1, c2: (η * c1 / c2, ε * c2))
        ),
        "all right down to floor; θ: it goes against the gradient: minus": (
            _sums(move=lambda θ, M, V, rate, floor: θ + rate / (np.sqrt(V) + floor) * M)
        ),
        "all right down to floor; θ: floor is added to the root, not below it": (
            _sums(move=lambda θ, M, V, rate, floor: θ - rate / np.sqrt(V + floor) * M)
        ),
        "all right down to floor; θ: the root and floor need brackets around their sum: both "
        "divide rate": _sums(move=lambda θ, M, V, rate, floor: θ - rate / np.sqrt(V) + floor * M),
        "all right down to floor; θ: floor is added to θ, but it belongs to the root, in brackets "
        "with it": _sums(move=lambda θ, M, V, rate, floor: θ - rate * M / np.sqrt(V) + floor),
        "all right down to floor; θ: the root of V is missing": (
            _sums(move=lambda θ, M, V, rate, floor: θ - rate / (V + floor) * M)
        ),
        "all right down to floor; θ: M is missing: it gives the direction": (
            _sums(move=lambda θ, M, V, rate, floor: θ - rate / (np.sqrt(V) + floor))
        ),
        "all right down to floor; θ: that is the step alone: take it from θ": (
            _sums(move=lambda θ, M, V, rate, floor: rate / (np.sqrt(V) + floor) * M)
        ),
        "all right down to floor; θ: moved by M and V as they came in; this step's are above": (
            _moved_by_old_sums
        ),
    },
    hints=(
        "M and V are the two rules above the last one, as they stand. Give them new names, if you "
        "like: the arguments must stay as they are.",
        "rate is what stands above the fraction bar, η c1/c2, and floor what is added to the root "
        "below it. Write c1 and c2 first, each on a line of its own.",
        "θ minus rate / (the root of V, plus floor) times M, in whichever order: a root, a sum, a "
        "quotient, a product and a difference are five passes.",
    ),
    parts=("M", "V", "rate", "floor", "θ"),
)


def _network_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Three or four layers, so that some are neither the first nor the last."""
    n, others = sizes[0], [width for width in (3, 5, 7, 11, 13, 17) if width != sizes[0]]
    return n, tuple(int(width) for width in rng.permutation(others)[: rng.integers(4, 6)])


def _weights(sizes: tuple[int, ...]) -> list[int]:
    return [d_in * d_out for d_in, d_out in pairwise(sizes)]


def _operations(n: int, sizes: tuple[int, ...]) -> int:
    first, *others = _weights(sizes)
    return 4 * n * first + 6 * n * sum(others)


def _started_from_the_first(n: int, sizes: tuple[int, ...]) -> int:
    """Operations, where a sum of i terms takes i − 1 additions."""
    layers = list(pairwise(sizes))
    both = sum(n * d_out * (2 * d_in - 1) + d_in * d_out * (2 * n - 1) for d_in, d_out in layers)
    return both + sum(n * d_in * (2 * d_out - 1) for d_in, d_out in layers[1:])


OPERATIONS = Exercise(
    title="the operations of a training step",
    case=_network_case,
    solution=_operations,
    mistakes={
        "the first layer is not asked for dX: nobody trains the data": (
            lambda n, sizes: 6 * n * sum(_weights(sizes))
        ),
        "you counted multiplications only; each comes with an addition": (
            lambda n, sizes: _operations(n, sizes) // 2
        ),
        "that is the forward pass; on the way back there are dW and dX": (
            lambda n, sizes: 2 * n * sum(_weights(sizes))
        ),
        "dX = dZ Wᵀ is missing in the layers after the first": (
            lambda n, sizes: 4 * n * sum(_weights(sizes))
        ),
        "one of three products is missing in every layer, X W on the way forward or dW on the "
        "way back: a training step needs both": (
            lambda n, sizes: _operations(n, sizes) - 2 * n * sum(_weights(sizes))
        ),
        "the layer that is spared dX is the first, not the last": (
            lambda n, sizes: _operations(n, sizes[::-1])
        ),
        "each multiplication comes with an addition; and the first layer is not asked for dX": (
            lambda n, sizes: 3 * n * sum(_weights(sizes))
        ),
        "those are the multiplications of the forward pass: each comes with an addition, and "
        "on the way back there are dW and dX": lambda n, sizes: n * sum(_weights(sizes)),
        "the first layer has two products, X W and dW: it skips dX only": (
            lambda n, sizes: _operations(n, sizes) - 2 * n * _weights(sizes)[0]
        ),
        "the first layer is left out altogether: it skips dX, but needs X W and dW": (
            lambda n, sizes: _operations(n, sizes) - 4 * n * _weights(sizes)[0]
        ),
        "what the first layer is spared is a product, n·d_out·d_in multiplications and as many "
        "additions, and not just the n·d_in numbers of dX": (
            lambda n, sizes: 6 * n * sum(_weights(sizes)) - 2 * n * sizes[0]
        ),
        "the last layer is missing: between m sizes there are m − 1 layers": (
            lambda n, sizes: _operations(n, sizes[:-1])
        ),
        "the layers between the first and the last are missing": (
            lambda n, sizes: 4 * n * _weights(sizes)[0] + 6 * n * _weights(sizes)[-1]
        ),
        "one addition less for each entry: we start each sum from 0, so it has as many "
        "additions as multiplications": _started_from_the_first,
        "the biases are there too, added and summed: asked are the products only": (
            lambda n, sizes: _operations(n, sizes) + 2 * n * sum(sizes[1:])
        ),
        "adding the biases is there too: asked are the products only": (
            lambda n, sizes: _operations(n, sizes) + n * sum(sizes[1:])
        ),
        "that is for one example: n of them share no multiplication": (
            lambda n, sizes: _operations(1, sizes)
        ),
    },
    hints=(
        "Write the three products of a layer with their shapes. Which of them does the first "
        "layer skip?",
        "A product (a, b)(b, c) takes a·b·c multiplications and as many additions.",
        "4·n·d_in·d_out for the first layer, 6·n·d_in·d_out for each of the others.",
    ),
)


def _distances_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, m, d = sizes[:3]
    return rng.normal(size=(n, d)), rng.normal(size=(m, d))


def _squares(A: Array, B: Array) -> Array:
    return np.sum(A * A, axis=1)[:, np.newaxis] + np.sum(B * B, axis=1)


def _distances(A: Array, B: Array) -> Array:
    return _squares(A, B) - 2 * A @ B.T


def _lengths(A: Array, B: Array) -> Array:
    return np.linalg.norm(A, axis=1)[:, np.newaxis] + np.linalg.norm(B, axis=1)


DISTANCES = Exercise(
    title="all squared distances at once",
    case=_distances_case,
    solution=_distances,
    mistakes={
        "that is the product of the rows alone: (a − b)² = a² − 2ab + b² has three parts": (
            lambda A, B: A @ B.T
        ),
        "that is the cross term alone: the square sums of A and of B are missing": (
            lambda A, B: -2 * A @ B.T
        ),
        "the square sums of B are missing: (a − b)² = a² − 2ab + b²": (
            lambda A, B: np.sum(A * A, axis=1)[:, np.newaxis] - 2 * A @ B.T
        ),
        "the square sums of B have the wrong sign: (a − b)² = a² − 2ab + b²": (
            lambda A, B: _distances(A, B) - 2 * np.sum(B * B, axis=1)
        ),
        "(a − b)² is not a² − b²: multiply it out": (
            lambda A, B: np.sum(A * A, axis=1)[:, np.newaxis] - np.sum(B * B, axis=1)
        ),
        "the squares are summed over all of A and all of B: axis=1 leaves one sum a row": (
            lambda A, B: np.sum(A * A) + np.sum(B * B) - 2 * A @ B.T
        ),
        "the squares of B are summed over all of B: axis=1 leaves one sum a row": (
            lambda A, B: np.sum(A * A, axis=1)[:, np.newaxis] + np.sum(B * B) - 2 * A @ B.T
        ),
        "the lengths of the rows stand where the squares of the lengths should": (
            lambda A, B: _lengths(A, B) - 2 * A @ B.T
        ),
        "the rows are summed first and then subtracted: each difference is squared, and the "
        "squares are summed": lambda A, B: (A.sum(axis=1)[:, np.newaxis] - B.sum(axis=1)) ** 2,
        "those are sums of absolute differences: square each of them in place of that": (
            lambda A, B: np.abs(A[:, np.newaxis] - B).sum(axis=-1)
        ),
        "the sum runs over the rows of B: it belongs over the d coordinates, the last axis": (
            lambda A, B: ((A[:, np.newaxis] - B) ** 2).sum(axis=1)
        ),
        "the cross term counts twice: (a − b)² = a² − 2ab + b²": (
            lambda A, B: _squares(A, B) - A @ B.T
        ),
        "the cross term has the wrong sign: (a − b)² = a² − 2ab + b²": (
            lambda A, B: _squares(A, B) + 2 * A @ B.T
        ),
        "the cross term is missing": lambda A, B: _squares(A, B),
        "that is the transpose: row r belongs to row r of A": lambda A, B: _distances(A, B).T,
        "those are the distances; the squares were asked for": (
            lambda A, B: np.sqrt(_distances(A, B))
        ),
        "that is the mean over the d coordinates; a square distance is their sum": (
            lambda A, B: _distances(A, B) / A.shape[1]
        ),
    },
    hints=(
        "Multiply out one entry: Σ_i (A_ri − B_si)² is three sums.",
        "The third of them, Σ_i A_ri B_si, is an entry of a matrix product.",
        "Square sums of A as a column, those of B as a row, minus twice A @ B.T.",
    ),
)


def _folding_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    d, h = sizes[:2]
    W, b, mu, gamma, beta = (rng.normal(size=s) for s in ((d, h), h, h, h, h))
    return W, b, mu, rng.uniform(0.5, 2, h), gamma, beta, float(rng.uniform(0.2, 0.5))


def _folded(
    W: Array, b: Array, mu: Array | float, v: Array, gamma: Array, beta: Array, eps: float
) -> tuple[Array, Array]:
    s = gamma / np.sqrt(v + eps)
    return W * s, (b - mu) * s + beta


FOLDING = Exercise(
    title="a normalization folded away",
    case=_folding_case,
    solution=_folded,
    mistakes={
        "ε is missing below the root": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W, b, mu, v, gamma, beta, 0.0)
        ),
        "ε belongs below the root: √(v + ε)": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * (gamma / (np.sqrt(v) + eps)),
                (b - mu) * (gamma / (np.sqrt(v) + eps)) + beta,
            )
        ),
        "divide by the root of the variance, not by the variance": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * (gamma / (v + eps)),
                (b - mu) * (gamma / (v + eps)) + beta,
            )
        ),
        "b is scaled like W: it goes through the same normalization": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * (gamma / np.sqrt(v + eps)),
                b - mu * gamma / np.sqrt(v + eps) + beta,
            )
        ),
        "μ is scaled too: it is subtracted before the scaling": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * (gamma / np.sqrt(v + eps)),
                b * gamma / np.sqrt(v + eps) - mu + beta,
            )
        ),
        "μ is missing: it is subtracted from Z": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W, b, 0, v, gamma, beta, eps)
        ),
        "μ has the wrong sign: it is subtracted from Z": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W, b, -mu, v, gamma, beta, eps)
        ),
        "b is missing: it is part of Z": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W, 0 * b, mu, v, gamma, beta, eps)
        ),
        "W is left as it was: all of Z is scaled, XW too": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W,
                (b - mu) * gamma / np.sqrt(v + eps) + beta,
            )
        ),
        "μ is taken off W, but it is subtracted from Z, once for each example: it belongs in "
        "b_folded alone": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W - mu, b, mu, v, gamma, beta, eps)
        ),
        "W_folded lacks γ": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W / np.sqrt(v + eps),
                (b - mu) * gamma / np.sqrt(v + eps) + beta,
            )
        ),
        "W_folded lacks the division by √(v + ε)": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * gamma,
                (b - mu) * gamma / np.sqrt(v + eps) + beta,
            )
        ),
        "the root multiplies in place of dividing": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * gamma * np.sqrt(v + eps),
                (b - mu) * gamma * np.sqrt(v + eps) + beta,
            )
        ),
        "v is squared, but it is a variance, a mean of squares, already": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W, b, mu, v**2, gamma, beta, eps)
        ),
        "β is scaled by γ: it is added after the scaling": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W, b, mu, v, gamma, gamma * beta, eps)
        ),
        "β has the wrong sign: it is added": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W, b, mu, v, gamma, -beta, eps)
        ),
        "b is left as it was: the normalization moves it, too": (
            lambda W, b, mu, v, gamma, beta, eps: (W * gamma / np.sqrt(v + eps), b)
        ),
        "W_folded right; b_folded: b is as it was, with β added: it is part of Z, so μ is taken "
        "from it and the rest is scaled": (
            lambda W, b, mu, v, gamma, beta, eps: (W * gamma / np.sqrt(v + eps), b + beta)
        ),
        "W_folded right; b_folded: b − μ is not scaled: both are part of what is multiplied by "
        "γ/√(v + ε)": (
            lambda W, b, mu, v, gamma, beta, eps: (W * gamma / np.sqrt(v + eps), b - mu + beta)
        ),
        "W_folded right; b_folded: β is scaled with the rest, but it is added after the scaling": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * gamma / np.sqrt(v + eps),
                (b - mu + beta) * gamma / np.sqrt(v + eps),
            )
        ),
        "W_folded right; b_folded: γ is missing: it scales b − μ, too": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * gamma / np.sqrt(v + eps),
                (b - mu) / np.sqrt(v + eps) + beta,
            )
        ),
        "β is missing: the shift after the scaling": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * (gamma / np.sqrt(v + eps)),
                (b - mu) * gamma / np.sqrt(v + eps),
            )
        ),
        "γ is missing: the scale after the division": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W / np.sqrt(v + eps),
                (b - mu) / np.sqrt(v + eps) + beta,
            )
        ),
    },
    hints=(
        "Put Z = XW + b into A = γ ⊙ (Z − μ)/√(v + ε) + β and sort by what is multiplied by X.",
        "With s = γ/√(v + ε), one number for each output, A = (XW) ⊙ s + (b − μ) ⊙ s + β.",
        "Multiplying the columns of XW by s is multiplying the columns of W by s.",
    ),
    parts=("W_folded", "b_folded"),
)


EXERCISES = {
    "16.0": ROOF,
    "16.0b": ADAM_ON_SUMS,
    "16.1": OPERATIONS,
    "16.2": DISTANCES,
    "16.3": FOLDING,
}


QUESTIONS = (
    Question(
        "A layer 4096 to 4096 gets 8 images at once in place of 4. Suppose that both lie right on "
        "the slanted part of the roof, so that fetching W is what takes the time. How long does "
        "the product take now?",
        {
            "Twice as long: there are twice as many operations.": (
                "there are, but the operations are not what holds it up. Under the slanted part "
                "of the roof the bytes count, and nearly all of them are those of W"
            ),
            "Hardly longer: W is fetched once, as before.": Right(
                "the bytes stay nearly the same, so the time does, and the speed in operations a "
                "second nearly doubles. That goes on until the flat part of the roof is reached. "
                "Measured points mostly lie below the roof, and there it may take longer"
            ),
            "Half as long: larger batches are faster.": (
                "they are faster for each image. The whole batch is no less work than before: "
                "all of W must still come from memory"
            ),
        },
    ),
    Question(
        "A new machine computes ten times as fast as yours, and its memory delivers twice as many "
        "bytes a second. Your data lie in main memory. How many times as fast is each there: a "
        "large product, and `a += b` on long vectors?",
        {
            "Both ten times.": (
                "`a += b` has a twelfth of an operation for each byte, far below the bend of the "
                "roof: it waits for memory, and the memory is twice as fast"
            ),
            "Both twice.": (
                "a large product gets many operations out of each byte: it is under the flat part "
                "of the roof, and that has been raised tenfold"
            ),
            "The product twice, `a += b` ten times.": (
                "the other way round: which of the two waits for bytes, the one that uses each "
                "number many times, or the one that uses it once?"
            ),
            "The product up to ten times, `a += b` twice.": Right(
                "each by what holds it up. The bend of the roof, peak over bandwidth, has moved to "
                "five times the intensity, so the product must be a large one. This is how "
                "machines have grown for decades: arithmetic gets cheap faster than bytes do"
            ),
        },
    ),
    Question(
        "In a step, 90 percent of the time goes into the products and 5 percent into Adam. You "
        "make Adam twice as fast. How much of the step's time have you saved?",
        {
            "50 percent": (
                "that is what Adam saves of its own time. The step as a whole has 95 percent in "
                "other places, and there nothing has changed"
            ),
            "5 percent": (
                "that would take an Adam that costs nothing at all. Yours still takes half of its "
                "time"
            ),
            "2.5 percent": Right(
                "half of 5 percent. However clever the update, no more than 5 percent can be won "
                "there; so measure first, and work where the time is"
            ),
            "45 percent": (
                "that would be half of the time of the products, and those you have not touched"
            ),
        },
    ),
)
