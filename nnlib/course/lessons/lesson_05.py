"""Lesson 05, gradient checking: its exercises and questions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]
Gradient = Callable[[Array], Array]
Loss = Callable[[list[Array]], float]


def _claim_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """f = Σ sin(B θ + c) at a place of p entries, and a claim that is wrong, and too short."""
    p, h = sizes[:2]
    B, c, θ = rng.normal(size=(h, p)), rng.normal(size=h), rng.normal(size=p)
    true = B.T @ np.cos(B @ θ + c)
    g = true + 0.5 * np.abs(true).max() * rng.normal(size=p)
    g *= rng.uniform(0.5, 0.9) * np.linalg.norm(true) / np.linalg.norm(g)
    return lambda θ: float(np.sum(np.sin(B @ θ + c))), θ, g, float(rng.uniform(1e-2, 2e-2))


def _lengths_compared(g: Array, g_hat: Array) -> Any:
    norm = np.linalg.norm
    return norm(g - g_hat) / (norm(g) + norm(g_hat))


def _checker(
    slope: Callable[..., Any] = lambda f, θ, e: (f(θ + e) - f(θ - e)) / (2 * e.sum()),
    compare: Callable[[Array, Array], Any] = _lengths_compared,
) -> Callable[..., tuple[Array, Any]]:
    """Make the check, with one of its two parts as somebody may write it; e has ε at one entry."""

    def checker(f: Callable[[Array], float], θ: Array, g: Array, ε: float) -> tuple[Array, Any]:
        g_hat = np.array([slope(f, θ, e) for e in ε * np.eye(len(θ))])
        return g_hat, compare(g, g_hat)

    return checker


def _nudged_all_at_once(
    f: Callable[[Array], float], θ: Array, g: Array, ε: float
) -> tuple[Array, Any]:
    g_hat = np.full_like(θ, (f(θ + ε) - f(θ - ε)) / (2 * ε))
    return g_hat, _lengths_compared(g, g_hat)


def _left_behind(f: Callable[[Array], float], θ: Array, g: Array, ε: float) -> tuple[Array, Any]:
    """Nudge one entry after the other, and put none back."""
    above, below, g_hat = θ.copy(), θ.copy(), np.zeros_like(θ)
    for i in range(len(θ)):
        above[i], below[i] = θ[i] + ε, θ[i] - ε
        g_hat[i] = (f(above) - f(below)) / (2 * ε)
    return g_hat, _lengths_compared(g, g_hat)


def _one_number(
    slope: Callable[[Callable[[Array], float], Array, float], Any],
) -> Callable[..., tuple[Any, Any]]:
    """Make a check that measures one slope in place of a vector of them."""

    def checker(f: Callable[[Array], float], θ: Array, g: Array, ε: float) -> tuple[Any, Any]:
        g_hat = slope(f, θ, ε)
        return g_hat, _lengths_compared(g, g_hat)

    return checker


def _last_entry_alone(
    f: Callable[[Array], float], θ: Array, g: Array, ε: float
) -> tuple[Array, Any]:
    g_hat, _ = _checker()(f, θ, g, ε)
    g_hat[:-1] = 0
    return g_hat, _lengths_compared(g, g_hat)


CHECK = Exercise(
    title="central differences and the relative error",
    case=_claim_case,
    solution=_checker(),
    mistakes={
        "g_hat: those are forward differences, off by the order of ε: nudge both ways": _checker(
            lambda f, θ, e: (f(θ + e) - f(θ)) / e.sum()
        ),
        "g_hat: those are one-sided differences, from θ back to θ − ε: nudge both ways": _checker(
            lambda f, θ, e: (f(θ) - f(θ - e)) / e.sum()
        ),
        "g_hat: twice too large: from one side to the other the way is 2 ε": _checker(
            lambda f, θ, e: (f(θ + e) - f(θ - e)) / e.sum()
        ),
        "g_hat: half too small: += ε and then -= ε leads back to the middle, "
        "not to the other side of it": _checker(lambda f, θ, e: (f(θ + e) - f(θ)) / (2 * e.sum())),
        "g_hat: the brackets around 2 ε are missing: / 2 * ε divides by 2 and then multiplies "
        "by ε": _checker(lambda f, θ, e: (f(θ + e) - f(θ - e)) / 2 * e.sum()),
        "g_hat: the brackets around the difference are missing: only its second part is divided": (
            _checker(lambda f, θ, e: f(θ + e) - f(θ - e) / (2 * e.sum()))
        ),
        "g_hat: the difference is not divided by 2 ε": _checker(
            lambda f, θ, e: f(θ + e) - f(θ - e)
        ),
        "g_hat: each point lies only ε/2 away from θ: nudge by a whole ε, up and down": _checker(
            lambda f, θ, e: (f(θ + e / 2) - f(θ - e / 2)) / e.sum()
        ),
        "g_hat: measured with a nudge of your own: your function gets ε, so nudge by ε": _checker(
            lambda f, θ, e: (f(θ + 1e-5 * np.sign(e)) - f(θ - 1e-5 * np.sign(e))) / 2e-5
        ),
        "g_hat: the sign is turned around: above minus below": _checker(
            lambda f, θ, e: (f(θ - e) - f(θ + e)) / (2 * e.sum())
        ),
        "g_hat: all entries are nudged at once, so each slope is the sum of all: nudge one, "
        "and leave the others": _nudged_all_at_once,
        "g_hat: θ + ε nudges all entries at once, and one number comes out: nudge one entry after "
        "the other, in a loop": _one_number(lambda f, θ, ε: (f(θ + ε) - f(θ - ε)) / (2 * ε)),
        "g_hat: one number is left, the slope of the last entry: write g_hat[i] = … in the loop": (
            _one_number(lambda f, θ, ε: _checker()(f, θ, θ, ε)[0][-1])
        ),
        "g_hat: all but the last entry are 0: make room for it before the loop, not in it": (
            _last_entry_alone
        ),
        "g_hat: all slopes are 0: `above = θ` makes no copy, it is another name for θ, and for "
        "below: take θ.copy()": _checker(lambda f, θ, e: 0.0),
        "g_hat: the entries are not put back after their nudge, so each next one is measured "
        "elsewhere": _left_behind,
        "g_hat right; error: that is ‖g − ĝ‖, which has a unit: divide by ‖g‖ + ‖ĝ‖": _checker(
            compare=lambda g, g_hat: np.linalg.norm(g - g_hat)
        ),
        "g_hat right; error: divided by ‖ĝ‖ alone, or by the longer of the two: below the line "
        "stands the sum, ‖g‖ + ‖ĝ‖": (
            _checker(compare=lambda g, g_hat: np.linalg.norm(g - g_hat) / np.linalg.norm(g_hat))
        ),
        "g_hat right; error: divided by ‖g‖ alone: with ‖g‖ + ‖ĝ‖ it is never more than 1": (
            _checker(compare=lambda g, g_hat: np.linalg.norm(g - g_hat) / np.linalg.norm(g))
        ),
        "g_hat right; error: divided by ‖g + ĝ‖, which is 0 for a wrong sign: take ‖g‖ + ‖ĝ‖": (
            _checker(compare=lambda g, g_hat: np.linalg.norm(g - g_hat) / np.linalg.norm(g + g_hat))
        ),
        "g_hat right; error: the brackets around the sum are missing: ‖ĝ‖ is added to the "
        "quotient": _checker(
            compare=lambda g, g_hat: (
                np.linalg.norm(g - g_hat) / np.linalg.norm(g) + np.linalg.norm(g_hat)
            )
        ),
        "g_hat right; error: that is the difference of the lengths: two vectors of one length can "
        "still point anywhere; take the length of the difference": _checker(
            compare=lambda g, g_hat: (
                abs(np.linalg.norm(g) - np.linalg.norm(g_hat))
                / (np.linalg.norm(g) + np.linalg.norm(g_hat))
            )
        ),
        "g_hat right; error: the roots are missing: a length is the root of a sum of squares": (
            _checker(compare=lambda g, g_hat: np.sum((g - g_hat) ** 2) / np.sum(g**2 + g_hat**2))
        ),
        "g_hat right; error: those are sums of absolute values: a length is the root of a sum of "
        "squares": _checker(
            compare=lambda g, g_hat: (
                np.sum(np.abs(g - g_hat)) / (np.sum(np.abs(g)) + np.sum(np.abs(g_hat)))
            )
        ),
        "g_hat right; error: the mean of the errors of the entries: compare the lengths of the "
        "whole vectors": _checker(
            compare=lambda g, g_hat: np.mean(np.abs(g - g_hat) / (np.abs(g) + np.abs(g_hat)))
        ),
        "g_hat right; error: the largest error of one entry: an entry near 0 then condemns the "
        "whole vector; compare the lengths": _checker(
            compare=lambda g, g_hat: np.max(np.abs(g - g_hat) / (np.abs(g) + np.abs(g_hat)))
        ),
        "g_hat right; error: the mean of |g_i − ĝ_i| has a unit: take the length ‖g − ĝ‖, and "
        "divide by ‖g‖ + ‖ĝ‖": _checker(compare=lambda g, g_hat: np.mean(np.abs(g - g_hat))),
        "g_hat right; error: that is an error for each entry: compare the lengths of the whole "
        "vectors, for one number": _checker(
            compare=lambda g, g_hat: np.abs(g - g_hat) / (np.abs(g) + np.abs(g_hat))
        ),
    },
    hints=(
        "A loop over i. In each turn make a copy of θ with entry i nudged up, and another with it "
        "nudged down, and evaluate f at both.",
        "g_hat[i] = (f(above) − f(below)) / (2 ε), with the brackets. Before the loop, "
        "np.zeros_like(θ) makes room.",
        "np.linalg.norm(g) is the length ‖g‖. The error is the length of g − ĝ, divided by the sum "
        "of the two lengths.",
    ),
    parts=("g_hat", "error"),
)


def _combine_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Slopes with an error that falls to a quarter when the nudge is halved."""
    slopes, bend = rng.normal(size=(2, *sizes[:2]))
    return slopes + bend, slopes + bend / 4


def _combine(wide: Array, narrow: Array) -> Array:
    return (4 * narrow - wide) / 3


COMBINE = Exercise(
    title="a better slope from two measurements",
    case=_combine_case,
    solution=_combine,
    mistakes={
        "a plain mean only waters the error down: C ε² and C ε²/4 have the same sign": (
            lambda wide, narrow: (wide + narrow) / 2
        ),
        "these weights cancel an error that halves, as that of a forward difference does; "
        "here half the nudge leaves a quarter of the error": (
            lambda wide, narrow: 2 * narrow - wide
        ),
        "the two are swapped: the narrow one is closer, so it gets the larger weight": (
            lambda wide, narrow: (4 * wide - narrow) / 3
        ),
        "the error is gone, but the slope came out three times too large: "
        "the weights must sum to 1": lambda wide, narrow: 4 * narrow - wide,
        "both errors have the same sign: they cancel in a difference, not in a sum": (
            lambda wide, narrow: (4 * narrow + wide) / 5
        ),
        "you went on by a quarter of the gap between the two; but the gap is not all of "
        "C ε²: how much of it is it?": lambda wide, narrow: narrow - (wide - narrow) / 4,
        "the error is gone, but the slope came out a quarter too small: "
        "what do your weights sum to?": lambda wide, narrow: narrow - wide / 4,
        "these weights cancel an error that falls to a sixteenth, as C ε⁴ does; here half the "
        "nudge leaves a quarter of the error": lambda wide, narrow: (16 * narrow - wide) / 15,
        "that is C ε², the error of wide; asked is the slope without it": (
            lambda wide, narrow: 4 * (wide - narrow) / 3
        ),
        "the brackets are missing: 4 * narrow - wide / 3 divides wide alone by 3": (
            lambda wide, narrow: 4 * narrow - wide / 3
        ),
        "a third of the way from narrow back to wide: the true slope lies on the other side": (
            lambda wide, narrow: narrow + (wide - narrow) / 3
        ),
        "that is the narrow one alone: a quarter of the error is still in it": (
            lambda wide, narrow: narrow.copy()
        ),
    },
    hints=(
        "Call the true slope s. Then wide = s + C ε². What is narrow?",
        "narrow = s + C ε²/4. Four times that has the same C ε² as wide: subtract.",
        "4 narrow − wide = 3 s. Divide by 3.",
    ),
)


def _change_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """The gradient of L = Σ sin(B θ + c), at a place of p entries."""
    p, h = sizes[:2]
    B, c = rng.normal(size=(h, p)), rng.normal(size=h)
    θ, q = rng.normal(size=(2, p))
    ε = float(rng.uniform(1e-2, 2e-2))
    return lambda θ: B.T @ np.cos(B @ θ + c), θ, q, ε


def _change(gradient: Gradient, θ: Array, q: Array, ε: float) -> Array:
    return (gradient(θ + ε * q) - gradient(θ - ε * q)) / (2 * ε)


def _change_twice(gradient: Gradient, θ: Array, q: Array, ε: float) -> Array:
    return (gradient(θ + ε * q) - 2 * gradient(θ) + gradient(θ - ε * q)) / ε**2


def _change_alone(gradient: Gradient, θ: Array, q: Array, ε: float) -> Array:
    rows = np.diag(q)
    return np.array([_change(gradient, θ, row, ε)[i] for i, row in enumerate(rows)])


CHANGE = Exercise(
    title="how fast a gradient changes",
    case=_change_case,
    solution=_change,
    mistakes={
        "that is a forward difference, off by the order of ε: nudge both ways": (
            lambda gradient, θ, q, ε: (gradient(θ + ε * q) - gradient(θ)) / ε
        ),
        "that is a one-sided difference, from θ back to θ − ε q: nudge both ways": (
            lambda gradient, θ, q, ε: (gradient(θ) - gradient(θ - ε * q)) / ε
        ),
        "half too small: that is a forward difference, whose way is ε and not 2 ε; "
        "better, nudge both ways": (
            lambda gradient, θ, q, ε: (gradient(θ + ε * q) - gradient(θ)) / (2 * ε)
        ),
        "the brackets around the difference are missing: only its second part is divided": (
            lambda gradient, θ, q, ε: gradient(θ + ε * q) - gradient(θ - ε * q) / (2 * ε)
        ),
        "no brackets: / 2 * ε divides only the second part by 2, and multiplies it by ε": (
            lambda gradient, θ, q, ε: gradient(θ + ε * q) - gradient(θ - ε * q) / 2 * ε
        ),
        "that is a second difference; the gradient is differentiated once already, so one "
        "more derivative, a first difference, is all that is asked": _change_twice,
        "twice too large: from θ − ε q to θ + ε q the way is 2 ε": (
            lambda gradient, θ, q, ε: (gradient(θ + ε * q) - gradient(θ - ε * q)) / ε
        ),
        "the difference is not divided by 2 ε": (
            lambda gradient, θ, q, ε: gradient(θ + ε * q) - gradient(θ - ε * q)
        ),
        "the brackets around 2 ε are missing: / 2 * ε divides by 2 and then multiplies by ε": (
            lambda gradient, θ, q, ε: (gradient(θ + ε * q) - gradient(θ - ε * q)) / 2 * ε
        ),
        "q comes too late: it belongs to the nudge, ε q, and does not multiply the result": (
            lambda gradient, θ, q, ε: (gradient(θ + ε) - gradient(θ - ε)) / (2 * ε) * q
        ),
        "q is missing: that is the change when every entry of θ grows alike": (
            lambda gradient, θ, q, ε: (gradient(θ + ε) - gradient(θ - ε)) / (2 * ε)
        ),
        "divided by q as well: a long q moves θ far, and its change counts as it is": (
            lambda gradient, θ, q, ε: _change(gradient, θ, q, ε) / q
        ),
        "each point lies only ε q/2 away from θ: nudge by a whole ε q, up and down": (
            lambda gradient, θ, q, ε: _change(gradient, θ, q, ε / 2)
        ),
        "measured with a nudge of your own: your function gets ε, so nudge by ε q": (
            lambda gradient, θ, q, ε: _change(gradient, θ, q, 1e-5)
        ),
        "multiplied by q as well: q is in the nudge already, and asked is the change of g as it "
        "is": lambda gradient, θ, q, ε: _change(gradient, θ, q, ε) * q,
        "the ε is missing in the nudge: q by itself leads far away from θ": (
            lambda gradient, θ, q, ε: (gradient(θ + q) - gradient(θ - q)) / (2 * ε)
        ),
        "there is no ε in it: q by itself leads far away from θ, "
        "and on the way the gradient bends": (
            lambda gradient, θ, q, ε: (gradient(θ + q) - gradient(θ - q)) / 2
        ),
        "each entry of θ is nudged alone, and only the same entry of the gradient is read; "
        "but a nudge of one changes them all: nudge along q, all at once": _change_alone,
        "that is qᵀ g, the slope of L along q; asked is how g itself changes on this way": (
            lambda gradient, θ, q, ε: np.dot(q, gradient(θ))
        ),
        "q was made to have length 1: its own length counts, twice the q is twice the change": (
            lambda gradient, θ, q, ε: _change(gradient, θ, q, ε) / np.linalg.norm(q)
        ),
        "the sign is turned around: above minus below": (
            lambda gradient, θ, q, ε: -_change(gradient, θ, q, ε)
        ),
        "that is one number, the curvature of L along q: "
        "asked is the change of the whole gradient, before it is multiplied by q": (
            lambda gradient, θ, q, ε: np.dot(q, _change(gradient, θ, q, ε))
        ),
    },
    hints=(
        "It is a central difference. What is new is that gradient(θ) returns a whole vector.",
        "Evaluate the gradient at θ + ε q and at θ − ε q.",
        "(gradient(θ + ε q) − gradient(θ − ε q)) / (2 ε), with the brackets.",
    ),
)


def _errors_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """A network tanh(X W1 + b1) W2 with three claims: one too short, one right, one too long.

    Both matrices are claimed wrongly, so what goes wrong with matrices alone shows at two places.
    """
    h, d, k, n = sorted(sizes)
    X, Y = rng.normal(size=(n, d)), rng.normal(size=(n, k))
    arrays = [rng.normal(size=(d, h)), rng.normal(size=h), rng.normal(size=(h, k))]

    def f(arrays: list[Array]) -> float:
        W1, b1, W2 = arrays
        return float(np.mean((np.tanh(X @ W1 + b1) @ W2 - Y) ** 2))

    W1, b1, W2 = arrays
    A = np.tanh(X @ W1 + b1)
    dZ2 = 2 * (A @ W2 - Y) / Y.size
    dZ1 = dZ2 @ W2.T * (1 - A**2)
    gradients = [X.T @ dZ1, dZ1.sum(axis=0), A.T @ dZ2]
    claims = list(rng.permutation([(0.5, 0.1), (2, 0.5)]))
    claims.insert(1, np.array([1, 0]))
    for i, (factor, wrong) in enumerate(claims):
        size = np.abs(gradients[i]).max()
        gradients[i] = factor * gradients[i] + wrong * size * rng.normal(size=gradients[i].shape)
    return f, arrays, gradients, float(rng.uniform(1e-2, 2e-2))


def _measured(f: Loss, arrays: list[Array], ε: float, rule: str = "central") -> list[Array]:
    """Slopes of all entries, by central differences or by a rule that goes wrong."""
    nudged = [array.copy() for array in arrays]
    slopes = [np.empty_like(array) for array in arrays]
    here = f(arrays)
    for array, slope in zip(nudged, slopes, strict=True):
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + ε
            above = f(nudged)
            array[index] = before - ε * (rule != "half the way")
            below = f(nudged)
            if rule != "left behind":
                array[index] = before
            if rule == "forward":
                slope[index] = (above - here) / ε
            else:
                slope[index] = (above - below) / (2 * ε)
    return slopes


def _relative(a: Array, n: Array) -> float:
    return float(np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n)))


def _errors(
    f: Loss, arrays: list[Array], gradients: list[Array], ε: float, rule: str = "central"
) -> Array:
    measured = _measured(f, arrays, ε, rule)
    return np.array([_relative(a, n) for a, n in zip(gradients, measured, strict=True)])


def _errors_by(
    compare: Callable[[Array, Array], Any],
) -> Callable[[Loss, list[Array], list[Array], float], Array]:
    """Make a checker that compares two arrays in another way."""

    def errors(f: Loss, arrays: list[Array], gradients: list[Array], ε: float) -> Array:
        measured = _measured(f, arrays, ε)
        return np.array([compare(a, n) for a, n in zip(gradients, measured, strict=True)])

    return errors


def _errors_flat(f: Loss, arrays: list[Array], gradients: list[Array], ε: float) -> float:
    measured = _measured(f, arrays, ε)
    return _relative(*(np.concatenate([a.ravel() for a in part]) for part in (gradients, measured)))


def _errors_repeated(f: Loss, arrays: list[Array], gradients: list[Array], ε: float) -> Array:
    return np.full(len(arrays), _errors_flat(f, arrays, gradients, ε))


def _errors_all_at_once(f: Loss, arrays: list[Array], gradients: list[Array], ε: float) -> Array:
    def slope(i: int) -> Any:
        above, below = ([a + (i == j) * e for j, a in enumerate(arrays)] for e in (ε, -ε))
        return (f(above) - f(below)) / (2 * ε)

    return np.array([_relative(a, slope(i)) for i, a in enumerate(gradients)])


def _errors_row_by_row(f: Loss, arrays: list[Array], gradients: list[Array], ε: float) -> Array:
    def slopes(i: int) -> Array:
        nudged = [array.copy() for array in arrays]
        found = np.empty_like(arrays[i])
        for j, row in enumerate(arrays[i]):
            nudged[i][j] = row + ε
            above = f(nudged)
            nudged[i][j] = row - ε
            found[j] = (above - f(nudged)) / (2 * ε)
            nudged[i][j] = row
        return found

    return np.array([_relative(a, slopes(i)) for i, a in enumerate(gradients)])


def _errors_row_view(f: Loss, arrays: list[Array], gradients: list[Array], ε: float) -> Array:
    """Nudge row by row, and keep what was there as a view, which the nudges change as well."""
    nudged, errors = [array.copy() for array in arrays], []
    for array, gradient in zip(nudged, gradients, strict=True):
        slopes = np.empty_like(array)
        for i in range(len(array)):
            before = array[i]
            array[i] = before + ε
            above = f(nudged)
            array[i] = before - ε
            slopes[i] = (above - f(nudged)) / (2 * ε)
            array[i] = before
        errors.append(_relative(gradient, slopes))
    return np.array(errors)


def _sums(a: Array, n: Array) -> Any:
    return np.sum(np.abs(a - n)) / (np.sum(np.abs(a)) + np.sum(np.abs(n)))


def _largest(a: Array, n: Array) -> Any:
    return np.max(np.abs(a - n)) / (np.max(np.abs(a)) + np.max(np.abs(n)))


def _spectral(a: Array, n: Array) -> Any:
    return np.linalg.norm(a - n, 2) / (np.linalg.norm(a, 2) + np.linalg.norm(n, 2))


def _spectral_above(a: Array, n: Array) -> Any:
    return np.linalg.norm(a - n, 2) / (np.linalg.norm(a) + np.linalg.norm(n))


def _spectral_below(a: Array, n: Array) -> Any:
    return np.linalg.norm(a - n) / (np.linalg.norm(a, 2) + np.linalg.norm(n, 2))


def _lengths(a: Array, n: Array) -> Any:
    long, short = np.linalg.norm(a), np.linalg.norm(n)
    return np.abs(long - short) / (long + short)


def _squares(a: Array, n: Array) -> Any:
    return np.sum((a - n) ** 2) / (np.sum(a**2) + np.sum(n**2))


def _by_the_longer(a: Array, n: Array) -> Any:
    return np.linalg.norm(a - n) / max(np.linalg.norm(a), np.linalg.norm(n))


ERRORS = Exercise(
    title="a gradient checker",
    case=_errors_case,
    solution=_errors,
    mistakes={
        "those are forward differences, off by the order of ε: nudge both ways": (
            lambda f, arrays, gradients, ε: _errors(f, arrays, gradients, ε, "forward")
        ),
        "each point lies only ε/2 away: nudge by a whole ε, up and down": (
            lambda f, arrays, gradients, ε: _errors(f, arrays, gradients, ε / 2)
        ),
        "measured with a nudge of your own: your function gets ε, so nudge by ε": (
            lambda f, arrays, gradients, ε: _errors(f, arrays, gradients, 1e-5)
        ),
        "the entries are not put back after their nudge: each next one is measured elsewhere": (
            lambda f, arrays, gradients, ε: _errors(f, arrays, gradients, ε, "left behind")
        ),
        "all entries of an array are nudged at once: that gives the sum of their slopes": (
            _errors_all_at_once
        ),
        "the whole row of a matrix is nudged at once: for index in np.ndindex(a.shape) goes "
        "through the entries of any array": _errors_row_by_row,
        "the number kept in `before = a[i]` is a row of the matrix, a view that changes with it: "
        "for index in np.ndindex(a.shape), a[index] is a number": _errors_row_view,
        "every error is 1, so your slopes are 0: does the list that f gets hold the array "
        "that you nudge?": lambda f, arrays, gradients, ε: np.ones(len(arrays)),
        "half too small: += ε and then -= ε leads back to the middle, "
        "not to the other side of it": (
            lambda f, arrays, gradients, ε: _errors(f, arrays, gradients, ε, "half the way")
        ),
        "the differences are not divided by 2 ε": (
            lambda f, arrays, gradients, ε: _errors_by(lambda a, n: _relative(a, 2 * ε * n))(
                f, arrays, gradients, ε
            )
        ),
        "the brackets around 2 ε are missing: / 2 * ε divides by 2 and then multiplies by ε": (
            lambda f, arrays, gradients, ε: _errors_by(lambda a, n: _relative(a, ε * ε * n))(
                f, arrays, gradients, ε
            )
        ),
        "the sign of your slopes is turned around: above minus below": (
            _errors_by(lambda a, n: _relative(a, -n))
        ),
        "your slopes are twice too large: from one side to the other the way is 2 ε": (
            _errors_by(lambda a, n: _relative(a, 2 * n))
        ),
        "that is the absolute difference ‖g − ĝ‖, which has a unit: "
        "divide by ‖g‖ + ‖ĝ‖": _errors_by(lambda a, n: np.linalg.norm(a - n)),
        "divided by ‖ĝ‖ alone: with ‖g‖ + ‖ĝ‖ the error is never more than 1": (
            _errors_by(lambda a, n: np.linalg.norm(a - n) / np.linalg.norm(n))
        ),
        "divided by ‖g‖ alone: with ‖g‖ + ‖ĝ‖ the error is never more than 1": (
            _errors_by(lambda a, n: np.linalg.norm(a - n) / np.linalg.norm(a))
        ),
        "the brackets around the sum are missing: ‖ĝ‖ is added to the quotient": (
            _errors_by(lambda a, n: np.linalg.norm(a - n) / np.linalg.norm(a) + np.linalg.norm(n))
        ),
        "that is the difference of the lengths: two arrays of one length can still point "
        "anywhere; take the length of the difference": _errors_by(_lengths),
        "those are sums of absolute values: a length is the root of a sum of squares": (
            _errors_by(_sums)
        ),
        "those are the largest entries: a length counts all of them, "
        "the root of the sum of their squares": _errors_by(_largest),
        "np.linalg.norm(a, 2) of a matrix is not the root of the sum of squares, "
        "np.linalg.norm(a) is": _errors_by(_spectral),
        "above the line stands np.linalg.norm(…, 2), which for a matrix is not the root of the sum "
        "of squares: leave the 2 out": _errors_by(_spectral_above),
        "below the line stands np.linalg.norm(…, 2), which for a matrix is not the root of the sum "
        "of squares: leave the 2 out": _errors_by(_spectral_below),
        "that is the largest absolute difference, which has a unit: "
        "divide ‖g − ĝ‖ by ‖g‖ + ‖ĝ‖": _errors_by(lambda a, n: np.max(np.abs(a - n))),
        "divided by ‖g + ĝ‖: with the wrong sign g + ĝ is 0; take ‖g‖ + ‖ĝ‖": (
            _errors_by(lambda a, n: np.linalg.norm(a - n) / np.linalg.norm(a + n))
        ),
        "divided by the longer of the two: that goes up to 2; take their sum, ‖g‖ + ‖ĝ‖": (
            _errors_by(_by_the_longer)
        ),
        "entry by entry, the largest of them: one entry near 0 then condemns the array": (
            _errors_by(lambda a, n: np.max(np.abs(a - n) / (np.abs(a) + np.abs(n))))
        ),
        "entry by entry, the mean of them: compare the lengths of whole arrays": (
            _errors_by(lambda a, n: np.mean(np.abs(a - n) / (np.abs(a) + np.abs(n))))
        ),
        "the roots are missing: a length is the root of a sum of squares": _errors_by(_squares),
        "one number for all arrays together: a large array hides a small one": _errors_flat,
        "the largest of the errors alone: return all of them, one for each array": (
            lambda f, arrays, gradients, ε: _errors(f, arrays, gradients, ε).max()
        ),
        "the mean of the errors: return all of them, one for each array": (
            lambda f, arrays, gradients, ε: _errors(f, arrays, gradients, ε).mean()
        ),
        "every entry is the error of all arrays together, and a large array hides a small one: "
        "compare one array with its own slopes, then the next": _errors_repeated,
        "one number, in an array of its own, for all arrays together: a large array hides a small "
        "one": lambda f, arrays, gradients, ε: np.array([_errors_flat(f, arrays, gradients, ε)]),
    },
    hints=(
        "First write a function that returns all slopes of one array in the list.",
        "Work on copies of the arrays, put each entry back, and divide by 2 ε.",
        "For each array ‖g − ĝ‖ / (‖g‖ + ‖ĝ‖), with np.linalg.norm; "
        "np.array of all of them at the end.",
    ),
)


def _layers_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Two to four layers: with more, n to their number and that less one are hard to tell apart."""
    return sizes[0], int(rng.integers(2, 5))


def _off_by(power: Callable[[Array], Array]) -> Callable[[int, int], Array]:
    """Errors by layer, where the claim is n to a power too small; from 1 up to depth go layers."""

    def errors(n: int, depth: int) -> Array:
        c = float(n) ** power(np.arange(depth, 0.0, -1))
        return (c - 1) / (c + 1)

    return errors


def _factors(n: int, depth: int) -> Array:
    """By how much each layer's gradient is too small: n for the last, n² before it, and so on."""
    return float(n) ** np.arange(depth, 0, -1)


TWICE = Exercise(
    title="1/n twice: what a check reports",
    case=_layers_case,
    solution=_off_by(lambda passed: passed),
    mistakes={
        "that is the error of one division too many, for all layers; but each layer hands what it "
        "has divided to the one before it, which divides again": _off_by(np.ones_like),
        "that is one number, for a single division too many; asked is one for each layer, and they "
        "differ": lambda n, depth: (n - 1) / (n + 1),
        "the layers are in the wrong order: the way back begins at the last one, so the first has "
        "been divided most often": _off_by(lambda passed: passed[::-1]),
        "counted from 0, and from the wrong end: the last layer has one division too many, and "
        "the first has most": _off_by(lambda passed: passed[::-1] - 1),
        "one division too few: a layer divides dZ before it makes its own dW of it": _off_by(
            lambda passed: passed - 1
        ),
        "one division too many: the loss's own 1/n is right, and is in the measured slope too": (
            _off_by(lambda passed: passed + 1)
        ),
        "the divisions are added up, n times the number of layers; but dividing by n twice is "
        "dividing by n²": lambda n, depth: (
            (n * np.arange(depth, 0, -1) - 1) / (n * np.arange(depth, 0, -1) + 1)
        ),
        "that is what each gradient is too small by; asked is the relative error, "
        "(c − 1)/(c + 1)": _factors,
        "that is what is left of each gradient; asked is the relative error, "
        "(c − 1)/(c + 1)": lambda n, depth: 1 / _factors(n, depth),
        "divided by ‖ĝ‖ alone: the relative error has ‖g‖ + ‖ĝ‖ below": lambda n, depth: (
            1 - 1 / _factors(n, depth)
        ),
        "divided by ‖g‖ alone: the relative error has ‖g‖ + ‖ĝ‖ below, "
        "and is never more than 1": lambda n, depth: _factors(n, depth) - 1,
        "the sign is turned around: a length is never negative, so it is |c − 1|": (
            lambda n, depth: -(_factors(n, depth) - 1) / (_factors(n, depth) + 1)
        ),
    },
    hints=(
        "Begin at the last layer: its dZ comes from the loss, and is divided by n once too often. "
        "What does it hand to the layer before it?",
        "By how much is the last layer's dW too small? The layer before it gets what has been "
        "divided once too often, and divides again.",
        "Too small by the factor c or too large by it, a claim has the relative error "
        "(c − 1)/(c + 1), and c is n for the last layer. The first layer comes first: "
        "np.arange(depth, 0, -1) counts that way.",
    ),
)


EXERCISES = {
    "05.0": CHECK,
    "05.1": COMBINE,
    "05.2": ERRORS,
    "05.3": TWICE,
    "05.4": CHANGE,
}


QUESTIONS = (
    Question(
        "A network has four layers with a ReLU between each two. The check finds the arrays of "
        "layers 3 and 4 right, and those of layers 1 and 2 WRONG, each with relative error 0.33. "
        "Where do you look first?",
        {
            "At layer 1, the first layer with wrong arrays.": (
                "on the way back layer 1 comes last: a mistake in it reaches nobody else, and "
                "layer 2 is wrong too. A report is read from the end of the network"
            ),
            "At what layer 3 hands back, and the ReLU between it and layer 2.": Right(
                "layer 3's own arrays are right, so its dZ is. Layer 2's are all wrong, so its dZ "
                "is. Between the two lie dZ Wᵀ of layer 3, and the ReLU: one of them has a factor "
                "of 2, or ½. (Or layer 2 itself spoils its dZ before it uses it)"
            ),
            "At the loss: 0.33 is a factor of 2, and the loss owns all factors.": (
                "every gradient is made from the loss's dZ. Were that twice too large, layers 3 "
                "and 4 would be WRONG as well"
            ),
            "At the lines of layer 2 that compute its dW and its db.": (
                "layer 1 is not made of these two: they are results, and nobody uses them further "
                "on the way back. What do dW, db and all of layer 1 have in common?"
            ),
        },
    ),
    Question(
        "One array of a network with tanh has the relative error 10⁻⁵ with the nudge 10⁻³, "
        "10⁻⁷ with 10⁻⁴, and 10⁻⁹ with 10⁻⁵. What is it?",
        {
            "A small mistake in that array's formula.": (
                "a mistake stays as it is when the nudge gets smaller. This error does not stay"
            ),
            "No mistake: that is rounding, as always near 10⁻⁷.": (
                "rounding is divided by ε, so it would grow tenfold with a tenth of the nudge"
            ),
            "No mistake: that is the bend of the loss, of order ε².": Right(
                "a tenth of the nudge, a hundredth of the error: the right arm of the V, slope 2. "
                "The gradient is right, and the measurement gets better and better"
            ),
            "A kink: with a smaller nudge it is no longer met.": (
                "tanh has none. And a kink inside the nudge leaves an error that has nothing to do "
                "with ε², until it is suddenly gone"
            ),
        },
    ),
    Question(
        "A network does not learn: its loss stays or grows. The check of all gradients, on a small "
        "copy, is green. Which mistake can still be there?",
        {
            "The loss forgets its 1/n in the gradient, but not in the value.": (
                "the value is measured, the gradient is claimed, and the two differ by the factor "
                "n: every array would have the relative error (n − 1)/(n + 1)"
            ),
            "A square layer multiplies by W where it should be Wᵀ.": (
                "no shape protests, but the check compares numbers: everything before that layer "
                "would be WRONG, as in the program at the beginning"
            ),
            "None: the gradients are right, so it needs more steps.": (
                "right gradients say that backward belongs to forward. They may be used wrongly "
                "afterwards, or belong to a forward, or to data, that nobody wanted"
            ),
            "The step goes along the gradient, not against it.": Right(
                "the check ends where the gradient is handed over. What is done with it, and with "
                "which sign, it never sees; one step and two losses show it"
            ),
        },
    ),
)
