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


def _combine_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Slopes with an error that falls to a quarter when the nudge is halved."""
    slopes, c = rng.normal(size=(2, *sizes[:2]))
    return slopes + c, slopes + c / 4


def _combine(wide: Array, narrow: Array) -> Array:
    return (4 * narrow - wide) / 3


COMBINE = Exercise(
    title="a better slope from two measurements",
    case=_combine_case,
    solution=_combine,
    mistakes={
        "a plain mean only waters the error down: c ε² and c ε²/4 have the same sign": (
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
        "c ε²: how much of it is it?": lambda wide, narrow: narrow - (wide - narrow) / 4,
        "the error is gone, but the slope came out a quarter too small: "
        "what do your weights sum to?": lambda wide, narrow: narrow - wide / 4,
        "these weights cancel an error that falls to a sixteenth, as c ε⁴ does; here half the "
        "nudge leaves a quarter of the error": lambda wide, narrow: (16 * narrow - wide) / 15,
        "that is c ε², the error of wide; asked is the slope without it": (
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
        "Call the true slope s. Then wide = s + c ε². What is narrow?",
        "narrow = s + c ε²/4. Four times that has the same c ε² as wide: subtract.",
        "4 narrow − wide = 3 s. Divide by 3.",
    ),
)


def _change_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """The gradient of L = Σ sin(B θ + c), at a place of p entries."""
    p, h = sizes[:2]
    B, c = rng.normal(size=(h, p)), rng.normal(size=h)
    θ, q = rng.normal(size=(2, p))
    ε = float(rng.uniform(1e-4, 2e-4))
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
        "(gradient(θ + ε q) − gradient(θ − ε q)) / 2ε",
    ),
)


def _errors_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """A network tanh(X W1 + b1) W2 with three claims: right, too short, too long."""
    n, d, h = sizes[:3]
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)
    arrays = [rng.normal(size=(d, h)), rng.normal(size=h), rng.normal(size=h)]

    def f(arrays: list[Array]) -> float:
        W1, b1, W2 = arrays
        return float(np.mean((np.tanh(X @ W1 + b1) @ W2 - y) ** 2))

    W1, b1, W2 = arrays
    A = np.tanh(X @ W1 + b1)
    dZ2 = 2 * (A @ W2 - y) / n
    dZ1 = np.outer(dZ2, W2) * (1 - A**2)
    gradients = [X.T @ dZ1, dZ1.sum(axis=0), A.T @ dZ2]
    for i, (factor, wrong) in enumerate(rng.permutation([(1, 0), (0.5, 0.1), (2, 0.5)])):
        size = np.abs(gradients[i]).max()
        gradients[i] = factor * gradients[i] + wrong * size * rng.normal(size=gradients[i].shape)
    return f, arrays, gradients, float(rng.uniform(1e-3, 2e-3))


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


def _sums(a: Array, n: Array) -> Any:
    return np.sum(np.abs(a - n)) / (np.sum(np.abs(a)) + np.sum(np.abs(n)))


def _largest(a: Array, n: Array) -> Any:
    return np.max(np.abs(a - n)) / (np.max(np.abs(a)) + np.max(np.abs(n)))


def _spectral(a: Array, n: Array) -> Any:
    return np.linalg.norm(a - n, 2) / (np.linalg.norm(a, 2) + np.linalg.norm(n, 2))


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
        "the entries are not put back after their nudge: each next one is measured elsewhere": (
            lambda f, arrays, gradients, ε: _errors(f, arrays, gradients, ε, "left behind")
        ),
        "all entries of an array are nudged at once: that gives the sum of their slopes": (
            _errors_all_at_once
        ),
        "the whole row of a matrix is nudged at once: for index in np.ndindex(a.shape) goes "
        "through the entries of any array": _errors_row_by_row,
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
    },
    hints=(
        "First write a function that returns all slopes of one array in the list.",
        "Work on copies of the arrays, put each entry back, and divide by 2 ε.",
        "For each array ‖g − ĝ‖ / (‖g‖ + ‖ĝ‖), with np.linalg.norm; "
        "np.array of all of them at the end.",
    ),
)


EXERCISES = {"05.1": COMBINE, "05.2": CHANGE, "05.3": ERRORS}


QUESTIONS = (
    Question(
        "You measure a slope by central differences, in float64, of a function of size 1. With "
        "ε = 10⁻³ it is off by 10⁻⁷, with ε = 10⁻⁹ it is off by 10⁻⁷ again. Which nudge is better?",
        {
            "None: 10⁻⁷ is all that a machine with 16 digits can give.": (
                "the two errors only happen to be equal, they have different causes. The first is "
                "f‴ε²/6, the second u|f|/ε: what does each do when you move towards the other?"
            ),
            "A smaller one, such as 10⁻¹²: a derivative is a limit.": (
                "the limit is taken on paper, where nothing is rounded. Here the rounding of f is "
                "divided by ever less: at 10⁻¹² the error is some 10⁻⁴"
            ),
            "One in between, such as 10⁻⁵.": Right(
                "going down from 10⁻³ the error of Taylor's formula falls with ε², going up from "
                "10⁻⁹ the rounding error falls with 1/ε: the bottom of the V lies between"
            ),
            "A larger one, such as 10⁻¹: then rounding does no harm.": (
                "rounding is not what spoils the slope at 10⁻³. There the curve does, by f‴ε²/6, "
                "and a nudge a hundred times larger makes that ten thousand times larger"
            ),
        },
    ),
    Question(
        "A check says WRONG for every array of a network, each with relative error 0.33. With a "
        "tenth of the nudge it says the same. Where do you look first?",
        {
            "At the loss: its gradient is off by a factor of 2.": Right(
                "1/3 is what a factor of 2 or ½ gives, and every gradient is made from the loss's "
                "dZ. One factor there reaches all of them"
            ),
            "At the first layer: all errors add up there.": (
                "gradients flow from the last layer to the first. A mistake in the first layer "
                "could not reach the arrays of the last one, and these are wrong too"
            ),
            "At every layer: each of them has a mistake of its own.": (
                "that so many separate mistakes all give the same 1/3 is hardly possible. What do "
                "all arrays have in common? Each is computed from the dZ of the loss"
            ),
            "At the kinks: a nudge has crossed the corner of a ReLU.": (
                "with a tenth of the nudge most of these would be gone, and the last layer's own "
                "gradients do not pass through any ReLU. What stays the same is a bug"
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
                "would be WRONG, as with the gate"
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
