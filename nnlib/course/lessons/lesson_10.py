"""Lesson 10, normalization: its exercises and questions."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]
Line = Callable[[Any], Any]

STEPS = ("dβ", "dγ", "dX_hat", "dσ", "dvar", "dD", "dμ", "dX")


def _backward_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """A batch whose ε is large enough to be missed."""
    n, d = sizes[:2]
    X, dZ = rng.normal(2, 1.5, (n, d)), rng.normal(0.4, 1, (n, d))
    D = X - X.mean(axis=0)
    sigma = np.sqrt((D**2).mean(axis=0) + 0.5)
    return dZ, D, sigma, D / sigma, rng.uniform(0.6, 1.8, d)


LINES: dict[str, Line] = {
    "dβ": lambda s: s.dZ.sum(axis=0),
    "dγ": lambda s: (s.dZ * s.X_hat).sum(axis=0),
    "dX_hat": lambda s: s.γ * s.dZ,
    "dσ": lambda s: -(s.dX_hat * s.D).sum(axis=0) / s.σ**2,
    "dvar": lambda s: s.dσ / (2 * s.σ),
    "dD": lambda s: s.dX_hat / s.σ + 2 * s.D * s.dvar / s.n,
    "dμ": lambda s: -s.dD.sum(axis=0),
    "dX": lambda s: s.dD + s.dμ / s.n,
}


def _backward(
    dZ: Array, D: Array, σ: Array, X_hat: Array, γ: Array, **wrong: Line
) -> tuple[Any, ...]:
    """Go through the eight lines, some of which may be wrong; what follows uses them."""
    s = SimpleNamespace(dZ=dZ, D=D, σ=σ, X_hat=X_hat, γ=γ, n=len(dZ))
    for name in STEPS:
        setattr(s, name, wrong.get(name, LINES[name])(s))
    return tuple(getattr(s, name) for name in STEPS)


def _wrong(**lines: Any) -> Callable[..., tuple[Any, ...]]:
    return lambda *arguments: _backward(*arguments, **lines)


def _without_eps(dZ: Array, D: Array, σ: Array, X_hat: Array, γ: Array) -> tuple[Any, ...]:
    """Take the standard deviation anew, from D, and leave ε out."""
    σ = np.sqrt((D**2).mean(axis=0))
    return _backward(dZ, D, σ, D / σ, γ)


def _product(dZ: Array, D: Array, σ: Array, X_hat: Array, γ: Array) -> tuple[Any, ...]:
    """Take the matrix product with γ; what follows does not fit it."""
    dβ, dγ, _, *rest = _backward(dZ, D, σ, X_hat, γ)
    return dβ, dγ, dZ @ γ, *rest


BACKWARD = Exercise(
    title="batch norm's way back",
    case=_backward_case,
    solution=_backward,
    mistakes={
        "dβ and dγ are summed over the wrong axis: each column has one β and one γ, so add over "
        "the examples, axis 0": _wrong(
            dβ=lambda s: s.dZ.sum(axis=1), dγ=lambda s: (s.dZ * s.X_hat).sum(axis=1)
        ),
        "β and γ are used in every row: add over the roads, and dβ and dγ get their shape (d,)": (
            _wrong(dβ=lambda s: s.dZ, dγ=lambda s: s.dZ * s.X_hat)
        ),
        "dβ and dγ are sums, not means: the 1/n belongs to the loss, and dZ has it already": (
            _wrong(dβ=lambda s: s.dZ.mean(axis=0), dγ=lambda s: (s.dZ * s.X_hat).mean(axis=0))
        ),
        "that is dβ once more: the slope of γ ⊙ X_hat in γ is X_hat, so multiply dZ by it in each "
        "row, then add": _wrong(dγ=lambda s: s.dZ.sum(axis=0)),
        "dγ is made with dZ itself, not with its sum dβ: multiply in each row, then add": _wrong(
            dγ=lambda s: s.dβ * s.X_hat
        ),
        "γ multiplies X_hat, so dγ is made with X_hat, not with D": _wrong(
            dγ=lambda s: (s.dZ * s.D).sum(axis=0)
        ),
        "that is a matrix product: each γ multiplies its own column alone, so multiply entry by "
        "entry, `dZ * X_hat`, and add over the rows": _wrong(dγ=lambda s: s.dZ.T @ s.X_hat),
        "dγ is made with dZ, not with γ ⊙ dZ: the slope of γ ⊙ X_hat in γ is X_hat alone": _wrong(
            dγ=lambda s: (s.γ * s.dZ * s.X_hat).sum(axis=0)
        ),
        "`@` adds the columns up: γ multiplies each column for itself, so write `γ * dZ`": _product,
        "γ is forgotten on the way to X_hat: Z = γ ⊙ X_hat + β has the slope γ": _wrong(
            dX_hat=lambda s: s.dZ
        ),
        "dX_hat is divided by γ: multiply swaps, so it gets dZ times γ": _wrong(
            dX_hat=lambda s: s.dZ / s.γ
        ),
        "dX_hat is divided by σ too early: between X_hat and Z stands γ alone; σ comes with dD": (
            _wrong(dX_hat=lambda s: s.γ * s.dZ / s.σ)
        ),
        "the sign of dσ: where σ grows, D / σ shrinks, and the slope of 1/σ is −1/σ²": _wrong(
            dσ=lambda s: (s.dX_hat * s.D).sum(axis=0) / s.σ**2
        ),
        "the slope of D / σ in σ is −D/σ²: one σ too few": _wrong(
            dσ=lambda s: -(s.dX_hat * s.D).sum(axis=0) / s.σ
        ),
        "one σ too many: the slope of D / σ in σ is −D/σ², which is −X_hat / σ": _wrong(
            dσ=lambda s: -(s.dX_hat * s.X_hat).sum(axis=0) / s.σ**2
        ),
        "one σ serves the whole column: add over the rows, and dσ gets the shape (d,)": _wrong(
            dσ=lambda s: -s.dX_hat * s.D / s.σ**2
        ),
        "the sum in dσ runs over the rows, axis 0: one σ serves a column, not a row": _wrong(
            dσ=lambda s: -(s.dX_hat * s.D).sum(axis=1, keepdims=True) / s.σ**2
        ),
        "each column has a σ of its own: the sum in dσ runs over the rows alone, axis=0": _wrong(
            dσ=lambda s: -(s.dX_hat * s.D).sum() / s.σ**2
        ),
        "dσ is a sum over the rows, not a mean": _wrong(
            dσ=lambda s: -(s.dX_hat * s.D).mean(axis=0) / s.σ**2
        ),
        "dσ is made with dX_hat: σ stands in X_hat, before γ": _wrong(
            dσ=lambda s: -(s.dZ * s.D).sum(axis=0) / s.σ**2
        ),
        "that is the slope of D / σ in D; in σ it is −D/σ²": _wrong(
            dσ=lambda s: (s.dX_hat / s.σ).sum(axis=0)
        ),
        "σ is the root already: the slope is 1/(2σ), without another root": _wrong(
            dvar=lambda s: s.dσ / (2 * np.sqrt(s.σ))
        ),
        "the root is forgotten: σ = √(var + ε) has the slope 1/(2σ) in var": _wrong(
            dvar=lambda s: s.dσ
        ),
        "the slope of a root is 1/(2σ): the 2 is missing": _wrong(dvar=lambda s: s.dσ / s.σ),
        "the slope of a root is 1/(2σ): the σ is missing": _wrong(dvar=lambda s: s.dσ / 2),
        "ε is forgotten in dvar: σ = √(var + ε) was given, so no root is to be taken again": _wrong(
            dvar=lambda s: s.dσ / (2 * np.sqrt((s.D**2).mean(axis=0)))
        ),
        "the slope of the root is upside down: it is 1/(2σ), not 2σ": _wrong(
            dvar=lambda s: 2 * s.σ * s.dσ
        ),
        "`dσ / 2 * σ` multiplies by σ: put 2 * σ in brackets": _wrong(
            dvar=lambda s: s.dσ / 2 * s.σ
        ),
        "the road through the variance is forgotten, or summed over the rows, where all D add up "
        "to 0: each D moves var by a slope of its own, 2D/n": _wrong(dD=lambda s: s.dX_hat / s.σ),
        "γ is forgotten on the direct road of D: it begins with dX_hat, not with dZ": _wrong(
            dD=lambda s: s.dZ / s.σ + 2 * s.D * s.dvar / s.n
        ),
        "the road through the variance brings dvar, not dσ: the root lies between the two": _wrong(
            dD=lambda s: s.dX_hat / s.σ + 2 * s.D * s.dσ / s.n
        ),
        "the direct road is forgotten: each D is also divided by σ, and becomes X_hat": _wrong(
            dD=lambda s: 2 * s.D * s.dvar / s.n
        ),
        "the 1/n is missing on the road through the variance: var is a mean of n squares": _wrong(
            dD=lambda s: s.dX_hat / s.σ + 2 * s.D * s.dvar
        ),
        "the 2 is missing: the slope of D² is 2D": _wrong(
            dD=lambda s: s.dX_hat / s.σ + s.D * s.dvar / s.n
        ),
        "n − 1 has no place here: this forward pass divides by n, and so does its slope": _wrong(
            dD=lambda s: s.dX_hat / s.σ + 2 * s.D * s.dvar / (s.n - 1)
        ),
        "var is a mean of D², so its slope has D, not X_hat": _wrong(
            dD=lambda s: s.dX_hat / s.σ + 2 * s.X_hat * s.dvar / s.n
        ),
        "the sign of the road through var: its minus is in dvar already, the two are added": _wrong(
            dD=lambda s: s.dX_hat / s.σ - 2 * s.D * s.dvar / s.n
        ),
        "the direct road multiplies by σ, where X_hat = D / σ has the slope 1/σ": _wrong(
            dD=lambda s: s.dX_hat * s.σ + 2 * s.D * s.dvar / s.n
        ),
        "the two roads of D were multiplied: multiply along a road, add over the roads": _wrong(
            dD=lambda s: s.dX_hat / s.σ * (2 * s.D * s.dvar / s.n)
        ),
        "dX_hat must still be divided by σ on the direct road": _wrong(
            dD=lambda s: s.dX_hat + 2 * s.D * s.dvar / s.n
        ),
        "the sign of dμ: D = X − μ falls where μ grows": _wrong(dμ=lambda s: s.dD.sum(axis=0)),
        "dμ is a sum over the rows, not a mean: μ is subtracted in every one": _wrong(
            dμ=lambda s: -s.dD.mean(axis=0)
        ),
        "μ is subtracted in every row: add over the rows, and dμ gets the shape (d,)": _wrong(
            dμ=lambda s: -s.dD
        ),
        "the road through μ is forgotten: each X also moves the mean, and with it every D": _wrong(
            dX=lambda s: s.dD
        ),
        "the direct road of X is forgotten: X reaches its own D, with the slope 1": _wrong(
            dX=lambda s: s.dμ / s.n
        ),
        "dX begins with dD, in which both roads of D are added; dX_hat / σ is only one of them": (
            _wrong(dX=lambda s: s.dX_hat / s.σ + s.dμ / s.n)
        ),
        "the 1/n is missing on the road through μ: μ is a mean of n numbers": _wrong(
            dX=lambda s: s.dD + s.dμ
        ),
        "the minus of D = X − μ is in dμ already: the two roads are added": _wrong(
            dX=lambda s: s.dD - s.dμ / s.n
        ),
        "the two roads of X were multiplied: multiply along a road, add over the roads": _wrong(
            dX=lambda s: s.dD * s.dμ / s.n
        ),
        "n − 1 has no place here: μ is a sum divided by n": _wrong(
            dX=lambda s: s.dD + s.dμ / (s.n - 1)
        ),
        "n is the number of rows, len(dZ): you took the number of columns": _wrong(
            dD=lambda s: s.dX_hat / s.σ + 2 * s.D * s.dvar / s.D.shape[1],
            dX=lambda s: s.dD + s.dμ / s.D.shape[1],
        ),
        "n is the number of rows, len(dZ): you took that of all entries, D.size": _wrong(
            dD=lambda s: s.dX_hat / s.σ + 2 * s.D * s.dvar / s.D.size,
            dX=lambda s: s.dD + s.dμ / s.D.size,
        ),
        "n is len(dZ), another number in each case: you took the 3 rows of the column on paper": (
            _wrong(
                dD=lambda s: s.dX_hat / s.σ + 2 * s.D * s.dvar / 3,
                dX=lambda s: s.dD + s.dμ / 3,
            )
        ),
        "ε is forgotten: take the σ that you were given, √(var + ε), not the root of var": (
            _without_eps
        ),
    },
    hints=(
        "Go through the six forward steps from the last to the first. For each letter ask: where "
        "is it used, and with which slope? A letter that serves a whole column gets a sum.",
        "Z = γ ⊙ X_hat + β gives the first three. X_hat = D / σ: the slope in D is 1/σ, in σ it is "
        "−D/σ². The root has the slope 1/(2σ).",
        "D is used twice: in its own X_hat, with the slope 1/σ, and in var, with the slope 2D/n. "
        "Multiply each slope by the gradient at the road's end, which an earlier line has made, "
        "and add the two. X is used twice as well, in its own D and in μ: do the same.",
    ),
    parts=STEPS,
    derived=True,
)


def _fold_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    d_in, d_out = sizes[:2]
    W, b = rng.normal(size=(d_in, d_out)), rng.normal(0.5, 1, d_out)
    gamma, beta = rng.uniform(0.6, 1.8, d_out), rng.normal(-0.5, 1, d_out)
    return W, b, gamma, beta, rng.normal(1, 1, d_out), rng.uniform(1.5, 4, d_out), 0.3


def _fold(
    W: Array, b: Array, γ: Array, β: Array, mean: Array, var: Array, ε: float
) -> tuple[Any, ...]:
    factor = γ / np.sqrt(var + ε)
    return W * factor, (b - mean) * factor + β


def _fold_with(sigma: Callable[[Array, float], Array]) -> Callable[..., tuple[Any, ...]]:
    """Fold with another σ."""
    return lambda W, b, γ, β, mean, var, ε: (
        W * γ / sigma(var, ε),
        (b - mean) * γ / sigma(var, ε) + β,
    )


FOLD = Exercise(
    title="a batch norm folded into its layer",
    case=_fold_case,
    solution=_fold,
    mistakes={
        "the root is missing: σ = √(var + ε)": _fold_with(lambda var, ε: var + ε),
        "ε is missing: the network was trained with √(var + ε)": (
            _fold_with(lambda var, ε: np.sqrt(var))
        ),
        "`eps` is an argument: you took the 1e-5 of this lesson's `forward` for it": _fold_with(
            lambda var, ε: np.sqrt(var + 1e-5)
        ),
        "ε belongs under the root": _fold_with(lambda var, ε: np.sqrt(var) + ε),
        "σ multiplies where it should divide": _fold_with(lambda var, ε: 1 / np.sqrt(var + ε)),
        "γ is missing: each column of W and its bias are multiplied by γ/σ": (
            lambda W, b, γ, β, mean, var, ε: _fold(W, b, np.ones_like(γ), β, mean, var, ε)
        ),
        "γ is missing in W: the whole weighted sum is multiplied by γ/σ": (
            lambda W, b, γ, β, mean, var, ε: (
                W / np.sqrt(var + ε),
                _fold(W, b, γ, β, mean, var, ε)[1],
            )
        ),
        "γ is missing in the bias: it is multiplied by γ/σ, as W is": (
            lambda W, b, γ, β, mean, var, ε: (
                _fold(W, b, γ, β, mean, var, ε)[0],
                (b - mean) / np.sqrt(var + ε) + β,
            )
        ),
        "`@` adds the columns of W up: each of them is multiplied by its own γ/σ, with `*`": (
            lambda W, b, γ, β, mean, var, ε: (
                W @ (γ / np.sqrt(var + ε)),
                _fold(W, b, γ, β, mean, var, ε)[1],
            )
        ),
        "W has stayed as it was: each of its columns is multiplied by γ/σ": (
            lambda W, b, γ, β, mean, var, ε: (W.copy(), _fold(W, b, γ, β, mean, var, ε)[1])
        ),
        "β is missing: the shift is added to the new bias": (
            lambda W, b, γ, β, mean, var, ε: _fold(W, b, γ, 0 * β, mean, var, ε)
        ),
        "β is multiplied by γ/σ, too: it is added after the scaling": (
            lambda W, b, γ, β, mean, var, ε: (
                _fold(W, b, γ, β, mean, var, ε)[0],
                (b - mean + β) * γ / np.sqrt(var + ε),
            )
        ),
        "the mean is missing: batch norm subtracts it from XW + b": (
            lambda W, b, γ, β, mean, var, ε: _fold(W, b, γ, β, 0 * mean, var, ε)
        ),
        "the sign of the mean: it is subtracted": (
            lambda W, b, γ, β, mean, var, ε: _fold(W, b, γ, β, -mean, var, ε)
        ),
        "the mean is multiplied by γ/σ, too: it is subtracted before the scaling": (
            lambda W, b, γ, β, mean, var, ε: (
                _fold(W, b, γ, β, mean, var, ε)[0],
                b * γ / np.sqrt(var + ε) - mean + β,
            )
        ),
        "the old bias goes through batch norm as well: it is multiplied by γ/σ": (
            lambda W, b, γ, β, mean, var, ε: (
                _fold(W, b, γ, β, mean, var, ε)[0],
                b - mean * γ / np.sqrt(var + ε) + β,
            )
        ),
        "the old bias is lost: it is part of what batch norm gets": (
            lambda W, b, γ, β, mean, var, ε: _fold(W, 0 * b, γ, β, mean, var, ε)
        ),
        "the mean is subtracted from W, too: it belongs to XW + b, so to the bias alone": (
            lambda W, b, γ, β, mean, var, ε: (
                (W - mean) * γ / np.sqrt(var + ε),
                _fold(W, b, γ, β, mean, var, ε)[1],
            )
        ),
        "β is added to W, too: it is added once, at the end, so to the bias alone": (
            lambda W, b, γ, β, mean, var, ε: (
                W * γ / np.sqrt(var + ε) + β,
                _fold(W, b, γ, β, mean, var, ε)[1],
            )
        ),
        "the bias has to go through batch norm as XW does: minus the mean, times γ/σ, plus β": (
            lambda W, b, γ, β, mean, var, ε: (_fold(W, b, γ, β, mean, var, ε)[0], b + β)
        ),
        "b − mean is multiplied by γ/σ, before β is added": (
            lambda W, b, γ, β, mean, var, ε: (_fold(W, b, γ, β, mean, var, ε)[0], b - mean + β)
        ),
        "β alone is not the whole bias: b and the mean go through batch norm, too": (
            lambda W, b, γ, β, mean, var, ε: (_fold(W, b, γ, β, mean, var, ε)[0], β.copy())
        ),
        "γ and β have changed places: γ multiplies, β is added": (
            lambda W, b, γ, β, mean, var, ε: _fold(W, b, β, γ, mean, var, ε)
        ),
    },
    hints=(
        "Put Z = XW + b into γ ⊙ (Z − mean) / √(var + ε) + β, and sort: what multiplies X, and "
        "what does not?",
        "With f = γ / √(var + ε), which is (d_out,): f ⊙ (XW + b − mean) + β.",
        "f multiplies column j of XW by f_j, so it multiplies column j of W: `W * f`. All else is "
        "the new bias.",
    ),
    parts=("W_new", "b_new"),
)


def _running_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Batches of different sizes, of columns with means far from 0."""
    d, *rows = sizes
    mean = rng.uniform(2, 5, d)
    return [rng.normal(mean, 1.5, (n, d)) for n in rows], float(rng.uniform(0.15, 0.4))


def _averages(
    batches: list[Array],
    momentum: float,
    variance: Callable[[Array], Any] = lambda X: X.var(axis=0, ddof=1),
    first: tuple[float, float] = (0.0, 1.0),
) -> tuple[Any, ...]:
    d = batches[0].shape[1]
    mean, var = np.full(d, first[0]), np.full(d, first[1])
    for X in batches:
        mean = (1 - momentum) * mean + momentum * X.mean(axis=0)
        var = (1 - momentum) * var + momentum * variance(X)
    return mean, var


def _about_old_mean(batches: list[Array], momentum: float) -> tuple[Any, ...]:
    """Measure each batch's squares from the running mean before the batch."""
    mean, var = _averages(batches[:1], 0.0)
    for X in batches:
        squares = ((X - mean) ** 2).sum(axis=0) / (len(X) - 1)
        mean = (1 - momentum) * mean + momentum * X.mean(axis=0)
        var = (1 - momentum) * var + momentum * squares
    return mean, var


def _with_first_n(batches: list[Array], momentum: float) -> tuple[Any, ...]:
    """Correct every batch by the n of the first."""
    n = len(batches[0])
    return _averages(batches, momentum, lambda X: X.var(axis=0) * n / (n - 1))


def _about_running_mean(batches: list[Array], momentum: float) -> tuple[Any, ...]:
    """Measure each batch's squares from the running mean, not from its own."""
    mean, var = _averages(batches[:1], 0.0)
    for X in batches:
        mean = (1 - momentum) * mean + momentum * X.mean(axis=0)
        squares = ((X - mean) ** 2).sum(axis=0) / (len(X) - 1)
        var = (1 - momentum) * var + momentum * squares
    return mean, var


def _from_first(batches: list[Array], momentum: float) -> tuple[Any, ...]:
    """Begin with the first batch's own numbers."""
    mean, var = batches[0].mean(axis=0), batches[0].var(axis=0, ddof=1)
    for X in batches[1:]:
        mean = (1 - momentum) * mean + momentum * X.mean(axis=0)
        var = (1 - momentum) * var + momentum * X.var(axis=0, ddof=1)
    return mean, var


def _piled_up(batches: list[Array], momentum: float) -> tuple[Any, ...]:
    """Add without shrinking what was there."""
    mean = sum(momentum * X.mean(axis=0) for X in batches)
    return mean, 1 + sum(momentum * X.var(axis=0, ddof=1) for X in batches)


def _as_in_06(batches: list[Array], momentum: float) -> tuple[Any, ...]:
    """Shrink what was there by the momentum, and add the whole of the batch's numbers."""
    mean, var = _averages(batches[:1], 0.0)
    for X in batches:
        mean, var = momentum * mean + X.mean(axis=0), momentum * var + X.var(axis=0, ddof=1)
    return mean, var


def _swollen(batches: list[Array], momentum: float) -> tuple[Any, ...]:
    """Correct the whole running variance after each batch, not the batch's own."""
    mean, var = _averages(batches[:1], 0.0)
    for X in batches:
        mean = (1 - momentum) * mean + momentum * X.mean(axis=0)
        var = (1 - momentum) * var + momentum * X.var(axis=0)
        var = var * len(X) / (len(X) - 1)
    return mean, var


def _swollen_at_the_end(batches: list[Array], momentum: float) -> tuple[Any, ...]:
    """Correct the whole running variance, once, by the n of the last batch."""
    n = len(batches[-1])
    mean, var = _averages(batches, momentum, lambda X: X.var(axis=0))
    return mean, var * n / (n - 1)


def _over_all(batches: list[Array], momentum: float) -> tuple[Any, ...]:
    """Take one mean and one variance of all columns."""
    d = batches[0].shape[1]
    mean, var = _averages([X.reshape(-1, 1) for X in batches], momentum)
    return np.repeat(mean, d), np.repeat(var, d)


def _sums(batches: list[Array], momentum: float) -> Array:
    mean = np.zeros(batches[0].shape[1])
    for X in batches:
        mean = (1 - momentum) * mean + momentum * X.sum(axis=0)
    return mean


def _plain_means(batches: list[Array], momentum: float) -> tuple[Any, ...]:
    means = [X.mean(axis=0) for X in batches]
    variances = [X.var(axis=0, ddof=1) for X in batches]
    return np.mean(means, axis=0), np.mean(variances, axis=0)


def _corrected(batches: list[Array], momentum: float) -> tuple[Any, ...]:
    mean, var = _averages(batches, momentum, first=(0.0, 0.0))
    share = 1 - (1 - momentum) ** len(batches)
    return mean / share, var / share


def _pooled(batches: list[Array], momentum: float) -> tuple[Any, ...]:
    X = np.concatenate(batches)
    return X.mean(axis=0), X.var(axis=0, ddof=1)


RUNNING = Exercise(
    title="running statistics over batches",
    case=_running_case,
    solution=lambda batches, momentum: _averages(batches, momentum),
    mistakes={
        "the variance is the biased one: divide the sum of squares by n − 1 here, `ddof=1`": (
            lambda batches, momentum: _averages(batches, momentum, lambda X: X.var(axis=0))
        ),
        "the correction is upside down: n/(n − 1) makes a variance larger": (
            lambda batches, momentum: _averages(
                batches, momentum, lambda X: X.var(axis=0) * (len(X) - 1) / len(X)
            )
        ),
        "corrected twice: `ddof=1` has the n − 1 already": lambda batches, momentum: _averages(
            batches, momentum, lambda X: X.var(axis=0, ddof=1) * len(X) / (len(X) - 1)
        ),
        "n/(n − 1) belongs to the variance of the batch alone: you multiply the whole running "
        "variance by it, in each step": _swollen,
        "n/(n − 1) belongs to the variance of each batch: you multiply the running variance by it, "
        "once, at the end": _swollen_at_the_end,
        "momentum is the wrong way round: here it is the share of the new batch, as in PyTorch": (
            lambda batches, momentum: _averages(batches, 1 - momentum)
        ),
        "`momentum` is an argument, another number in each case: you took 0.1 for it": (
            lambda batches, momentum: _averages(batches, 0.1)
        ),
        "those are standard deviations: the running average is taken of variances": (
            lambda batches, momentum: _averages(batches, momentum, lambda X: X.std(axis=0, ddof=1))
        ),
        "the mean of the squares is no variance: subtract the batch's mean first": (
            lambda batches, momentum: _averages(
                batches, momentum, lambda X: (X**2).sum(axis=0) / (len(X) - 1)
            )
        ),
        "that is the momentum of 06: here the batch counts only with its share, `momentum`, and "
        "the old values with 1 − momentum": _as_in_06,
        "the running variance starts at 1, not at 0": (
            lambda batches, momentum: _averages(batches, momentum, first=(0.0, 0.0))
        ),
        "the running mean starts at 0, not at 1": (
            lambda batches, momentum: _averages(batches, momentum, first=(1.0, 1.0))
        ),
        "they start at 0 and 1, not at the first batch's own mean and variance": _from_first,
        "Adam corrects for its start at 0, batch norm does not: leave the division out": _corrected,
        "those are plain means over the batches: a running average forgets old ones step by step": (
            _plain_means
        ),
        "those are the statistics of all batches put together: go through them one by one": _pooled,
        "those are the last batch's own statistics: each batch counts only with its share": (
            lambda batches, momentum: _pooled(batches[-1:], momentum)
        ),
        "that is after the first batch: there are more; is the `return` inside the loop?": (
            lambda batches, momentum: _averages(batches[:1], momentum)
        ),
        "the last batch is missing": lambda batches, momentum: _averages(batches[:-1], momentum),
        "the batches come in the wrong order: the last one counts most": (
            lambda batches, momentum: _averages(batches[::-1], momentum)
        ),
        "the old values do not shrink: they are multiplied by 1 − momentum": _piled_up,
        "momentum is the wrong way round, and the variance the biased one": (
            lambda batches, momentum: _averages(batches, 1 - momentum, lambda X: X.var(axis=0))
        ),
        "each column has a mean and a variance of its own: take both with axis=0": _over_all,
        "the mean of a batch is its sum divided by n": lambda batches, momentum: (
            _sums(batches, momentum),
            _averages(batches, momentum)[1],
        ),
        "a batch's variance is taken about its own mean, not about the running one": (
            _about_running_mean
        ),
        "a batch's variance is taken about its own mean, not about the running one before it": (
            _about_old_mean
        ),
        "n differs from batch to batch: take len(X) inside the loop": _with_first_n,
        "each batch starts from 0 and 1 again: what the batches before left must be carried on": (
            lambda batches, momentum: _averages(batches[-1:], momentum)
        ),
        "the two have changed places: the mean comes first": (
            lambda batches, momentum: _averages(batches, momentum)[::-1]
        ),
    },
    hints=(
        "Two vectors of shape (d,), zeros and ones at first, and a loop over the batches.",
        "In each batch: new = (1 − momentum) · old + momentum · that of the batch.",
        "`X.mean(axis=0)` for the mean, `X.var(axis=0, ddof=1)` for the variance, which divides by "
        "n − 1.",
    ),
    parts=("mean", "var"),
)


def _rms_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, d = sizes[:2]
    return (
        rng.normal(0.4, 1, (n, d)),
        rng.normal(1, 1, (n, d)),
        rng.uniform(0.6, 1.8, d),
        0.3,
    )


def _rms_backward(
    dZ: Array,
    X: Array,
    γ: Array,
    ε: float,
    *,
    sigma: Callable[[Array, float, int], Array] = lambda square, ε, d: np.sqrt(square + ε),
    back: Callable[[Any], Any] = lambda s: (s.dX_hat - s.X_hat * s.along / s.d) / s.σ,
    axis: int = 1,
    **wrong: Any,
) -> tuple[Any, ...]:
    """Derive dγ and dX; σ, the axis, and any of the lines may be wrong."""
    s = SimpleNamespace(dZ=dZ, X=X, γ=γ, n=len(X), d=X.shape[axis])
    s.σ = sigma(np.mean(X**2, axis=axis, keepdims=True), ε, s.d)
    s.X_hat = X / s.σ
    s.dX_hat = wrong.get("dX_hat", lambda s: s.γ * s.dZ)(s)
    s.along = (s.dX_hat * s.X_hat).sum(axis=axis, keepdims=True)
    dγ = wrong.get("dγ", lambda s: (s.dZ * s.X_hat).sum(axis=0))(s)
    return dγ, back(s)


def _rms(**wrong: Any) -> Callable[..., tuple[Any, ...]]:
    return lambda *arguments: _rms_backward(*arguments, **wrong)


def _with_mean(dZ: Array, X: Array, γ: Array, ε: float) -> tuple[Any, ...]:
    """The whole of layer norm, forward and back."""
    D = X - X.mean(axis=1, keepdims=True)
    sigma = np.sqrt((D**2).mean(axis=1, keepdims=True) + ε)
    X_hat, dX_hat = D / sigma, γ * dZ
    along = X_hat * (dX_hat * X_hat).mean(axis=1, keepdims=True)
    dX = (dX_hat - dX_hat.mean(axis=1, keepdims=True) - along) / sigma
    return (dZ * X_hat).sum(axis=0), dX


def _around_mean(dZ: Array, X: Array, γ: Array, ε: float) -> tuple[Any, ...]:
    """Take layer norm's σ, and go back as from a mean square."""
    sigma = np.sqrt(X.var(axis=1, keepdims=True) + ε)
    X_hat, dX_hat = X / sigma, γ * dZ
    along = X_hat * (dX_hat * X_hat).mean(axis=1, keepdims=True)
    return (dZ * X_hat).sum(axis=0), (dX_hat - along) / sigma


RMS = Exercise(
    title="RMSNorm's way back",
    case=_rms_case,
    solution=_rms_backward,
    mistakes={
        "the term of the mean is left over from layer norm: RMSNorm subtracts no μ, so no road "
        "leads through it": _rms(
            back=lambda s: (
                (s.dX_hat - s.dX_hat.mean(axis=1, keepdims=True) - s.X_hat * s.along / s.d) / s.σ
            )
        ),
        "that is layer norm: RMSNorm subtracts no mean, neither on the way forward nor back": (
            _with_mean
        ),
        "the road through σ is forgotten: each x of a row moves the mean square": _rms(
            back=lambda s: s.dX_hat / s.σ
        ),
        "only the road through σ is left: each x is also divided by σ": _rms(
            back=lambda s: -s.X_hat * s.along / s.d / s.σ
        ),
        "the sign of the road through σ: where σ grows, X / σ shrinks": _rms(
            back=lambda s: (s.dX_hat + s.X_hat * s.along / s.d) / s.σ
        ),
        "that is batch norm's line with d for n: here γ differs within the row, so it stays in the "
        "sum, with dX_hat = γ ⊙ dZ; and the sum runs over the row, where dγ runs down the column": (
            _rms(back=lambda s: s.γ / s.σ * (s.dZ - s.X_hat * (s.dZ * s.X_hat).sum(axis=0) / s.d))
        ),
        "the root is forgotten: between σ and the mean square lies the slope 1/(2σ)": _rms(
            back=lambda s: s.dX_hat / s.σ - 2 * s.X / s.d * s.along / s.σ
        ),
        "under the root stands the mean square, without the mean subtracted: `np.var` is layer "
        "norm's": _around_mean,
        "the 1/d is missing: the mean square is a mean over the d numbers of a row": _rms(
            back=lambda s: (s.dX_hat - s.X_hat * s.along) / s.σ
        ),
        "the mean goes over the d numbers of a row: you divided by n": _rms(
            back=lambda s: (s.dX_hat - s.X_hat * s.along / s.n) / s.σ
        ),
        "the 2 of 2x and the 2 of 1/(2σ) cancel: a factor of 2 is left over": _rms(
            back=lambda s: (s.dX_hat - 2 * s.X_hat * s.along / s.d) / s.σ
        ),
        "the 2 of 2x and the 2 of 1/(2σ) cancel: a factor of ½ is left over": _rms(
            back=lambda s: (s.dX_hat - s.X_hat * s.along / (2 * s.d)) / s.σ
        ),
        "the sum along X_hat is missing on the road through σ: one σ serves the whole row": _rms(
            back=lambda s: (s.dX_hat - s.X_hat * (s.dX_hat * s.X_hat) / s.d) / s.σ
        ),
        "one σ too few on the road through σ: X / σ has the slope −X/σ² in σ, and the root brings "
        "1/(2σ); where X stood in for X_hat, put X / σ": _rms(
            back=lambda s: (s.dX_hat - s.X * s.along / s.d) / s.σ
        ),
        "X stands where X_hat belongs, twice: the road through σ carries (X/σ) · Σ dX_hat (X/σ)": (
            _rms(
                back=lambda s: (
                    (s.dX_hat - s.X * (s.dX_hat * s.X).sum(axis=1, keepdims=True) / s.d) / s.σ
                )
            )
        ),
        "the division by σ is missing": _rms(back=lambda s: s.dX_hat - s.X_hat * s.along / s.d),
        "X_hat is missing on the road through σ: each x gets its own share of dσ": _rms(
            back=lambda s: (s.dX_hat - s.along / s.d) / s.σ
        ),
        "γ and the road through σ are both forgotten": _rms(back=lambda s: s.dZ / s.σ),
        "the sum goes over the row: keep to axis=1 on the road through σ": _rms(
            back=lambda s: (s.dX_hat - s.X_hat * (s.dX_hat * s.X_hat).mean(axis=0)) / s.σ
        ),
        "the mean goes over one row, not over all entries: axis=1, keepdims=True": _rms(
            back=lambda s: (s.dX_hat - s.X_hat * np.mean(s.dX_hat * s.X_hat)) / s.σ
        ),
        "γ is forgotten in dX: start from dX_hat = γ ⊙ dZ": _rms(dX_hat=lambda s: s.dZ),
        "γ is forgotten on the road through σ: both roads begin with dX_hat = γ ⊙ dZ": _rms(
            back=lambda s: (s.dX_hat - s.X_hat * (s.dZ * s.X_hat).mean(axis=1, keepdims=True)) / s.σ
        ),
        "γ is forgotten on the direct road: both roads begin with dX_hat = γ ⊙ dZ": _rms(
            back=lambda s: (s.dZ - s.X_hat * s.along / s.d) / s.σ
        ),
        "γ came too late: it differs from column to column, so it belongs inside the sum, with "
        "dX_hat = γ ⊙ dZ": _rms(
            dX_hat=lambda s: s.dZ, back=lambda s: s.γ * (s.dZ - s.X_hat * s.along / s.d) / s.σ
        ),
        "that normalizes columns, as batch norm does: RMSNorm takes the mean square of each row": (
            _rms(axis=0)
        ),
        "ε is missing under the root": _rms(sigma=lambda square, ε, d: np.sqrt(square)),
        "ε belongs under the root": _rms(sigma=lambda square, ε, d: np.sqrt(square) + ε),
        "the root is missing: σ = √(mean square + ε)": _rms(sigma=lambda square, ε, d: square + ε),
        "under the root stands the mean of the squares, not their sum": _rms(
            sigma=lambda square, ε, d: np.sqrt(d * square + ε),
            back=lambda s: (s.dX_hat - s.X_hat * s.along) / s.σ,
        ),
        "under the root stands the mean of the squares: you took their sum, and went back as from "
        "a mean": _rms(sigma=lambda square, ε, d: np.sqrt(d * square + ε)),
        "σ was taken of one number for all rows: each row has its own": _rms(
            sigma=lambda square, ε, d: np.sqrt(np.mean(square) + ε) + 0 * square
        ),
        "dγ is summed over the wrong axis: γ is used in every row, so add over the rows": _rms(
            dγ=lambda s: (s.dZ * s.X_hat).sum(axis=1)
        ),
        "γ is used in every row: add over the rows, and dγ gets the shape (d,)": _rms(
            dγ=lambda s: s.dZ * s.X_hat
        ),
        "dγ is a sum over the rows, not a mean: the 1/n belongs to the loss": _rms(
            dγ=lambda s: (s.dZ * s.X_hat).mean(axis=0)
        ),
        "γ multiplies X_hat, so dγ is made with X / σ, not with X": _rms(
            dγ=lambda s: (s.dZ * s.X).sum(axis=0)
        ),
        "that is a matrix product: each γ multiplies its own column alone, so multiply dZ by X_hat "
        "entry by entry, and add over the rows": _rms(dγ=lambda s: s.dZ.T @ s.X_hat),
        "γ has no place in dγ, neither with dZ nor in X_hat = X / σ: the slope of γ ⊙ X_hat in γ "
        "is X_hat alone": _rms(dγ=lambda s: (s.dX_hat * s.X_hat).sum(axis=0)),
    },
    hints=(
        "Write the steps of one row: the mean square, σ, X_hat = x / σ, Z = γ ⊙ X_hat. Each x has "
        "two roads: the direct one, and the one through σ.",
        "dσ = −Σ dX_hat x / σ², over the row. The mean square gets dσ / (2σ), and from it each x "
        "gets 2x/d times that.",
        "Put together, with dX_hat = γ ⊙ dZ: dX = (dX_hat − X_hat · (the mean of dX_hat X_hat over "
        "the row)) / σ. Keep the axis with `keepdims=True`.",
    ),
    parts=("dγ", "dX"),
    derived=True,
)


EXERCISES = {
    "10.0": BACKWARD,
    "10.1": FOLD,
    "10.2": RUNNING,
    "10.3": RMS,
}


QUESTIONS = (
    Question(
        "A layer `Dense(64, 32)` stands right before a batch norm, in training. What is the "
        "gradient of its bias?",
        {
            "The sum of dX over the examples, some vector that depends on the batch.": (
                "that is the rule of 04, and it holds. But what is the sum of each column of "
                "batch norm's dX?"
            ),
            "Zero, up to rounding.": Right(
                "the gradient that leaves batch norm has column sums of 0, since μ takes out "
                "whatever is added to a whole column. The bias need not be there, β does its "
                "work: write `bias=False`"
            ),
            "Small, since σ divides it.": (
                "σ divides dX, but the bias gets the sum of dX over the examples. Take the three "
                "terms of the collapsed dX and add each of them up over a column; the mean of X̂ "
                "is 0. What is left?"
            ),
            "It equals dβ, since β is a bias, too.": (
                "β comes after the normalization, and nothing takes it out again. The bias comes "
                "before: what happens to it when μ is subtracted?"
            ),
        },
    ),
    Question(
        "All weights of a layer before a batch norm are multiplied by 10. The learning rate of "
        "plain gradient descent stays. By how much does a step turn their direction now, compared "
        "with before?",
        {
            "As much as before: the output has not changed.": (
                "the output has not, but the slope over larger weights is flatter. How do g and "
                "the length of W change?"
            ),
            "10 times as much.": (
                "the other way: 10 times the weights means a tenth of the gradient"
            ),
            "A tenth.": (
                "a tenth is what happens to the gradient. The angle is the step over the length "
                "of W, and that length has grown, too"
            ),
            "A hundredth.": Right(
                "the gradient is a tenth, and W is 10 times as long: what counts is η / ‖W‖². "
                "Large first weights thus act like a small learning rate"
            ),
        },
    ),
    Question(
        "A network with batch norm reaches 97% on validation images in batches of 128. In use, "
        "images come one by one, and it fails with `expected at least two values for each "
        "feature`. What is wrong?",
        {
            "It must be used with batches of 128, as in training.": (
                "then an answer would depend on the 127 others, which a user may not even have. "
                "What was stored in training for this purpose?"
            ),
            "ε is too small for a single image.": (
                "with any ε, the mean of one value is that value, and X − μ is 0: the image is gone"
            ),
            "It predicts in training mode: `forward(X)` without `train=True` takes the running "
            "averages.": Right(
                "in test mode μ and σ are constants, and an image's answer is its own. Here the "
                "error is a favour: with batches of two it would answer, wrongly"
            ),
            "Batch norm cannot be used on single images at all; it takes layer norm.": (
                "it cannot be trained on them. But what are the running averages for?"
            ),
        },
    ),
)
