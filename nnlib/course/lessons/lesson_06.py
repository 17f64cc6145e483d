"""Lesson 06, optimizers: its exercises and questions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]


def _clipping_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, p = sizes[:2]
    limit = float(rng.uniform(1, 3))
    # Much in common, so that the plain mean is longer than the limit, too.
    G = rng.normal(size=(n, p)) + rng.choice([-2, 2], p)
    # Short rows and long ones in turn, so that no case looks as if all were of one kind.
    lengths = np.where(np.arange(n) % 2, rng.uniform(4, 9, n), rng.uniform(0.2, 0.9, n)) * limit
    return G * (lengths / np.linalg.norm(G, axis=1))[:, np.newaxis], limit


def _shortened(G: Array, limit: float, norms: Any) -> Array:
    return G * np.minimum(1, limit / norms)


def _norms(G: Array) -> Array:
    return np.linalg.norm(G, axis=1, keepdims=True)


def _clipped_mean(G: Array, limit: float) -> Array:
    return _shortened(G, limit, _norms(G)).mean(axis=0)


CLIPPING = Exercise(
    title="clipping each example's gradient",
    case=_clipping_case,
    solution=_clipped_mean,
    mistakes={
        "the mean comes last: you shortened the mean of the rows, not each row": (
            lambda G, limit: _shortened(G.mean(axis=0), limit, np.linalg.norm(G.mean(axis=0)))
        ),
        "that cuts each entry to ±limit, which turns the row: shorten the row as a whole": (
            lambda G, limit: np.clip(G, -limit, limit).mean(axis=0)
        ),
        "rows shorter than the limit stay as they are: you stretched them to it": (
            lambda G, limit: (G * limit / _norms(G)).mean(axis=0)
        ),
        "that is the sum of the shortened rows; the mean was asked for": (
            lambda G, limit: _clipped_mean(G, limit) * len(G)
        ),
        "each row has a length of its own: you took that of the whole matrix": (
            lambda G, limit: _shortened(G, limit, np.linalg.norm(G)).mean(axis=0)
        ),
        "those are the lengths of the columns: an example is a row, so sum over axis 1": (
            lambda G, limit: _shortened(G, limit, np.linalg.norm(G, axis=0)).mean(axis=0)
        ),
        "long rows are shortened to the limit, not to length 1": (
            lambda G, limit: np.where(_norms(G) > limit, G / _norms(G), G).mean(axis=0)
        ),
        "turned around: the factor is the smaller of 1 and limit / length": (
            lambda G, limit: (G * np.maximum(1, limit / _norms(G))).mean(axis=0)
        ),
        "the length of a row is the root of its sum of squares, not its sum of sizes": (
            lambda G, limit: _shortened(G, limit, np.abs(G).sum(axis=1, keepdims=True)).mean(axis=0)
        ),
        "that divides by the squared length: the root is missing": (
            lambda G, limit: _shortened(G, limit, _norms(G) ** 2).mean(axis=0)
        ),
        "long rows are shortened, not left out": (
            lambda G, limit: G[np.linalg.norm(G, axis=1) <= limit].mean(axis=0)
        ),
        "long rows are shortened, not set to zero": (
            lambda G, limit: np.where(_norms(G) > limit, 0, G).mean(axis=0)
        ),
        "the long rows are right; but the short ones belong to the mean, too, as they are": (
            lambda G, limit: np.where(_norms(G) > limit, G * limit / _norms(G), 0).mean(axis=0)
        ),
        "no row has been shortened: that is the plain mean": lambda G, limit: G.mean(axis=0),
        "every row was multiplied by the factor of the longest: each has a factor of its own": (
            lambda G, limit: _shortened(G, limit, _norms(G).max()).mean(axis=0)
        ),
        "the length of a row is not its largest entry: all entries count, by their squares": (
            lambda G, limit: _shortened(G, limit, np.abs(G).max(axis=1, keepdims=True)).mean(axis=0)
        ),
        "a length is the root of the sum of squares, not of their mean": (
            lambda G, limit: _shortened(G, limit, np.sqrt((G**2).mean(axis=1, keepdims=True))).mean(
                axis=0
            )
        ),
        "the fraction is upside down: what must a row of length 2 · limit be multiplied by?": (
            lambda G, limit: (G * np.minimum(1, _norms(G) / limit)).mean(axis=0)
        ),
        "a long row was multiplied by the limit: how long is it then? Divide by its own length "
        "first": lambda G, limit: np.where(_norms(G) > limit, G * limit, G).mean(axis=0),
        "a long row was divided by the limit: then a longer one still stays longer": (
            lambda G, limit: np.where(_norms(G) > limit, G / limit, G).mean(axis=0)
        ),
    },
    hints=(
        "First the length of each row, with keepdims=True: shape (n, 1).",
        "A row is multiplied by limit / length where that is below 1, else by 1: np.minimum.",
        "(G * np.minimum(1, limit / lengths)).mean(axis=0)",
    ),
)


def _rate_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    c = np.sort(rng.uniform(0.5, 20, sizes[0]))
    # The first one is neither the largest nor the smallest, so that c[0] stands for neither.
    c = np.concatenate([c[1:2], rng.permutation(np.delete(c, 1))])
    return c, float(rng.uniform(0.3, 0.95))


RATE = Exercise(
    title="the largest rate with momentum",
    case=_rate_case,
    solution=lambda c, mu: 2 * (1 + mu) / c.max(),
    mistakes={
        "that is the limit without momentum": lambda c, mu: 2 / c.max(),
        "that would be so if momentum made every step 1/(1 − μ) times as long; but at the "
        "limit the walk zig-zags": lambda c, mu: 2 * (1 - mu) / c.max(),
        "the limit grows by less: at x = −1 the walk zig-zags, and there momentum makes steps "
        "1/(1 + μ) times as long": lambda c, mu: 2 / (1 - mu) / c.max(),
        "the steepest direction sets the limit, so take the largest curvature": (
            lambda c, mu: 2 * (1 + mu) / c.min()
        ),
        "that is where the solutions stop being complex; real ones may still be within ±1": (
            lambda c, mu: (1 + np.sqrt(mu)) ** 2 / c.max()
        ),
        "at x = +1 only η = 0 comes out, where nothing moves: a walk with too large an η "
        "zig-zags, so the other end of the range counts": lambda c, mu: 0 * mu,
        "the square of −1 is +1: mind the sign of the first term": lambda c, mu: 2 * mu / c.max(),
        "a μ is lost: it stands in the middle term and at the end": (
            lambda c, mu: (2 + mu) / c.max()
        ),
        "that is where the solutions begin to be complex, and there |x|² = μ is below 1: the "
        "limit lies far above": lambda c, mu: (1 - np.sqrt(mu)) ** 2 / c.max(),
        "that looks like the fastest rate without momentum; a limit depends on the steepest "
        "direction alone": lambda c, mu: 2 * (1 + mu) / (c.min() + c.max()),
        "that is the limit of Nesterov's form; here the equation is the one of momentum": (
            lambda c, mu: 2 * (1 + mu) / (1 + 2 * mu) / c.max()
        ),
        "one direction is the steepest, and need not come first in c": (
            lambda c, mu: 2 * (1 + mu) / c[0]
        ),
        "a mean of curvatures is no help: where one direction grows, the walk is lost": (
            lambda c, mu: 2 * (1 + mu) / c.mean()
        ),
        "half of it: put x = −1 in once more, and mind the sign of the middle term": (
            lambda c, mu: (1 + mu) / c.max()
        ),
        "in a zig-zag momentum makes steps 1/(1 + μ) times as long, so the limit grows: "
        "multiply by 1 + μ": lambda c, mu: 2 / (1 + mu) / c.max(),
        "upside down: the steeper, the smaller": lambda c, mu: c.max() / (2 * (1 + mu)),
        "one η for all directions was asked for, and the steepest sets the limit": (
            lambda c, mu: 2 * (1 + mu) / c
        ),
        "the largest curvature counts, not the sum of all": lambda c, mu: 2 * (1 + mu) / c.sum(),
    },
    hints=(
        "The lesson has the equation for the factor x of a step. At the limit the steepest "
        "direction neither grows nor shrinks, and it changes sign in each step. What is x?",
        "Put x = −1 into x² − (1 + μ − ηc) x + μ = 0.",
        "1 + (1 + μ − ηc) + μ = 0, with c the largest curvature. Solve for η.",
    ),
)


def _unrolled_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    d, steps = sizes[:2]
    Q = np.linalg.qr(rng.normal(size=(d, d)))[0]
    H = Q * rng.uniform(0.5, 1.5, d) @ Q.T
    return (H + H.T) / 2, rng.normal(size=d), rng.uniform(0.1, 0.5, steps)


def _unrolled(H: Array, θ: Array, rates: Array) -> tuple[Array, Array]:
    """Return the points of the walk, and ∂L/∂θ at each of them."""
    points = [θ]
    for η in rates:
        points.append(points[-1] - η * H @ points[-1])
    back = [H @ points[-1]]
    for η in rates[::-1]:
        back.append(back[-1] - η * H @ back[-1])
    return np.array(points), np.array(back[::-1])


def _rate_gradients(H: Array, θ: Array, rates: Array) -> Array:
    points, dθ = _unrolled(H, θ, rates)
    return -np.sum(points[:-1] @ H * dθ[1:], axis=1)


def _roads_end_early(H: Array, θ: Array, rates: Array) -> Array:
    points, dθ = _unrolled(H, θ, rates)
    return -(points[:-1] @ H @ dθ[-1])


def _gradient_after(H: Array, θ: Array, rates: Array) -> Array:
    points, dθ = _unrolled(H, θ, rates)
    return -np.sum(points[1:] @ H * dθ[1:], axis=1)


def _starts_with_θ(H: Array, θ: Array, rates: Array) -> Array:
    points, dθ = _unrolled(H, θ, rates)
    return -np.sum(points[:-1] * dθ[1:], axis=1)  # all of these matrices commute


def _back_by(rule: Callable[..., Array]) -> Callable[[Array, Array, Array], Array]:
    """Walk there rightly, and back by another rule, of H, dθ', the rates, the step, its θ."""

    def answer(H: Array, θ: Array, rates: Array) -> Array:
        points, _ = _unrolled(H, θ, rates)
        dθ, dη = H @ points[-1], np.zeros_like(rates)
        for t in reversed(range(len(rates))):
            dη[t] = -points[t] @ H @ dθ
            dθ = rule(H, dθ, rates, t, points[t])
        return dη

    return answer


def _one_array(H: Array, θ: Array, rates: Array) -> Array:
    points, dθ = _unrolled(H, θ, rates)
    return -(dθ[1:] @ H @ points[-1])


def _first_point(H: Array, θ: Array, rates: Array) -> Array:
    return -(_unrolled(H, θ, rates)[1][1:] @ H @ θ)


def _squared_gradients(H: Array, θ: Array, rates: Array) -> Array:
    return -np.sum((_unrolled(H, θ, rates)[0][:-1] @ H) ** 2, axis=1)


def _as_if_alone(H: Array, θ: Array, rates: Array) -> Array:
    points, _ = _unrolled(H, θ, rates)
    return -np.sum((points[:-1] @ H) * (points[1:] @ H), axis=1)


UNROLLED = Exercise(
    title="the gradients of the learning rates",
    case=_unrolled_case,
    solution=_rate_gradients,
    derived=True,
    mistakes={
        "the sign: η appears as −η H θ": lambda H, θ, rates: -_rate_gradients(H, θ, rates),
        "the gradient at the end must be sent back through the later steps: each multiplies "
        "it by I − η H": _roads_end_early,
        "one step off: η_t meets θ as it is before step t, and dθ as it is after step t": (
            _gradient_after
        ),
        "an H is missing: the way back starts with H θ at the last point, and η_t is "
        "multiplied by H θ": _starts_with_θ,
        "that is how each step changes the loss right after it; asked for is the loss at the "
        "end of the walk": _as_if_alone,
        "that is how fast the loss falls at each point by itself; asked for is the loss at the "
        "end of the walk": _squared_gradients,
        "that is what each step brings as a whole; an exchange rate of η_t has no η_t in "
        "front": lambda H, θ, rates: rates * _rate_gradients(H, θ, rates),
        "on the way back the sign is that of the way there: θ' = θ − η H θ": (
            _back_by(lambda H, dθ, rates, t, θ: dθ + rates[t] * H @ dθ)
        ),
        "roads add: θ reaches θ' through −η H θ, and directly, with slope 1": (
            _back_by(lambda H, dθ, rates, t, θ: -rates[t] * H @ dθ)
        ),
        "only the loss at the end counts: on the way back no gradient of a loss joins in": (
            _back_by(lambda H, dθ, rates, t, θ: dθ - rates[t] * H @ dθ + H @ θ)
        ),
        "on the way back each step has the rate that it had on the way there: last one first": (
            _back_by(lambda H, dθ, rates, t, θ: dθ - rates[::-1][t] * H @ dθ)
        ),
        "I − η H has ones on the diagonal only: in NumPy 1 − η * H puts a one everywhere": (
            _back_by(lambda H, dθ, rates, t, θ: (1 - rates[t] * H) @ dθ)
        ),
        "each step meets the θ that the walk has reached, not the start": _first_point,
        "all the θ that you kept are one array: θ -= … changes it in place. θ = θ − … makes a "
        "new one": _one_array,
        "the order is turned around: the first entry belongs to the first step": (
            lambda H, θ, rates: _rate_gradients(H, θ, rates)[::-1]
        ),
        "twice too large: the ½ of the loss cancels a 2": (
            lambda H, θ, rates: 2 * _rate_gradients(H, θ, rates)
        ),
        "you added them up: each step has a rate, and a gradient, of its own": (
            lambda H, θ, rates: _rate_gradients(H, θ, rates).sum()
        ),
    },
    hints=(
        "Forward: walk, and keep every θ. Backward: start with dθ = H θ at the last one.",
        "θ' = θ − η H θ. What is dη, given dθ'? And what is dθ, given dθ'?",
        "From the last step to the first: dη = −(H θ) · dθ', then dθ = dθ' − η H dθ'.",
    ),
)


EXERCISES = {"06.1": CLIPPING, "06.2": RATE, "06.3": UNROLLED}


QUESTIONS = (
    Question(
        "Gradient descent with η = 0.15 on a ravine with curvatures 1 and 20. What do you see?",
        {
            "The walk comes to rest, only more slowly than with a smaller η.": (
                "along the flat direction, yes: 1 − 0.15 · 1 = 0.85. But there are two directions, "
                "and each has a factor of its own: work out 1 − 0.15 · 20 as well"
            ),
            "The walk jumps from side to side across the valley, for ever equally wide.": (
                "that is what happens at η = 2/20 exactly, where the factor is −1. Here η is larger"
            ),
            "Nothing moves along the floor, as all steps go across.": (
                "the directions do not know of each other: along the floor each step multiplies "
                "the distance by 1 − 0.15 · 1, whatever happens across"
            ),
            "Along the floor it comes closer; across, each step doubles the distance.": Right(
                "the factors are 1 − 0.15 · 1 = 0.85 and 1 − 0.15 · 20 = −2. The steepest "
                "direction sets the limit, 2/20 = 0.1"
            ),
        },
    ),
    Question(
        "Adam with bias correction, its usual β and a tiny ε; the first gradient of a weight is "
        "0.0001. You now make this gradient, and all later ones, ten times as large. What happens "
        "to the first step?",
        {
            "It becomes ten times as long: steps follow the gradient.": (
                "that is gradient descent. Adam divides by the root of v̂, and it grows as well"
            ),
            "It stays as long as it was, about η.": Right(
                "at t = 1 the correction gives m̂ = g and v̂ = g², so the step is η g/|g|: the size "
                "of g is divided out, and its sign is left"
            ),
            "It becomes ten times as short: large gradients mean small steps.": (
                "that looks only at what is below the fraction line. m̂ stands above it and grows "
                "by the same factor, ten"
            ),
            "It becomes √10 times as long, as there is a root in the rule.": (
                "the root is taken of a mean of squares: v̂ grows by 100, its root by 10, and so "
                "does m̂ above it"
            ),
        },
    ),
    Question(
        "Two weights of the same size, one with large gradients, one with small ones. You want "
        "both to be shrunk by the same share in each step. Which of these does that?",
        {
            "SGD or Adam with L2: the penalty adds the same λθ to both gradients.": (
                "in SGD that is so. In Adam the λθ is divided by √v̂ together with the gradient, "
                "and √v̂ differs between the two"
            ),
            "Adam with L2, as dividing by √v̂ makes all steps equally long.": (
                "it evens out the sum of gradient and λθ, not the part that belongs to λθ: where "
                "√v̂ is large, little of it is left"
            ),
            "AdamW, and SGD with L2.": Right(
                "both multiply θ by 1 − ηλ: AdamW because the decay never meets √v̂, SGD because "
                "there is no √v̂"
            ),
            "AdamW only: L2 and decay differ.": (
                "they differ in Adam. For SGD, θ − η(g + λθ) = (1 − ηλ)θ − ηg: the same thing"
            ),
        },
    ),
)
