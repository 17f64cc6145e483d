"""Lesson 06, optimizers: its exercises and questions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise, Function
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]


def _momentum_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    θ, g, u = rng.normal(size=(3, sizes[0]))
    return θ, g, u, float(rng.uniform(0.05, 0.3)), float(rng.uniform(0.6, 0.95))


def _momentum(θ: Array, g: Array, u: Array, η: float, μ: float) -> tuple[Array, Array]:
    u_new = μ * u + g
    return u_new, θ - η * u_new


def _along(velocity: Callable[..., Array]) -> Function:
    """Take a rule for the velocity that is wrong, and step along it rightly."""

    def answer(θ: Array, g: Array, u: Array, η: float, μ: float) -> tuple[Array, Array]:
        u_new = velocity(g, u, μ)
        return u_new, θ - η * u_new

    return answer


def _after(move: Callable[..., Array]) -> Function:
    """Take the right velocity, and a rule for the step that is wrong: of g, u, the new u, μ."""

    def answer(θ: Array, g: Array, u: Array, η: float, μ: float) -> tuple[Array, Array]:
        u_new = μ * u + g
        return u_new, θ - η * move(g, u, u_new, μ)

    return answer


MOMENTUM = Exercise(
    title="a step of momentum",
    case=_momentum_case,
    solution=_momentum,
    parts=("u_new", "θ_new"),
    mistakes={
        "the old velocity is missing: without μ u this is gradient descent": (
            _along(lambda g, u, μ: g)
        ),
        "that is a running mean: the velocity is a sum, so g enters it whole, without 1 − μ": (
            _along(lambda g, u, μ: μ * u + (1 - μ) * g)
        ),
        "the old velocity is kept whole: only μ of it is to be kept": _along(lambda g, u, μ: u + g),
        "μ belongs to the old velocity alone: the newest gradient counts fully": (
            _along(lambda g, u, μ: μ * (u + g))
        ),
        "the two are swapped: μ is the share of the old velocity, not of g": (
            _along(lambda g, u, μ: u + μ * g)
        ),
        "g is subtracted in the velocity: it adds gradients up, and the minus comes with the "
        "step": _along(lambda g, u, μ: μ * u - g),
        "the step is along the new velocity, and you took the old one": (
            _after(lambda g, u, u_new, μ: u)
        ),
        "the velocity is right, but the step is still along g": _after(lambda g, u, u_new, μ: g),
        "uphill: the step is against the velocity, with a minus": (
            _after(lambda g, u, u_new, μ: -u_new)
        ),
        "g counts twice in the step: the new velocity has it already": (
            _after(lambda g, u, u_new, μ: u_new + g)
        ),
        "that is Nesterov's form, which looks one step ahead; here the step is η u_new": (
            _after(lambda g, u, u_new, μ: g + μ * u_new)
        ),
        "the new velocity is multiplied by μ once more: the step is η u_new": (
            _after(lambda g, u, u_new, μ: μ * u_new)
        ),
        "here η stands outside of the velocity: u_new = μ u + g has no η": (
            lambda θ, g, u, η, μ: (μ * u + η * g, θ - (μ * u + η * g))
        ),
        "that is another common form, with the minus and η inside of the velocity; here it adds up "
        "gradients": lambda θ, g, u, η, μ: (μ * u - η * g, θ + μ * u - η * g),
        "η is there twice: it belongs to the step alone": (
            lambda θ, g, u, η, μ: (μ * u + η * g, θ - η * (μ * u + η * g))
        ),
        "the learning rate is missing in the step": (
            lambda θ, g, u, η, μ: (μ * u + g, θ - μ * u - g)
        ),
    },
    hints=(
        "Two lines, one for each equation; the first one has no η and no θ.",
        "u_new = μ * u + g. Which of the two velocities does the step go along?",
        "θ_new = θ - η * u_new",
    ),
)


def _adam_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    θ, g, m = rng.normal(size=(3, sizes[0]))
    # An ε that is no dwarf, so that one sees where it stands; β₁ and β₂ far apart, t at least 2.
    η, β1, β2 = rng.uniform(0.05, 0.3), rng.uniform(0.5, 0.8), rng.uniform(0.9, 0.98)
    v, t = rng.uniform(0.5, 2, size=sizes[0]), int(rng.integers(3, 8))
    return θ, g, m, v, t, float(η), float(β1), float(β2), float(rng.uniform(0.1, 0.5))


Means = tuple[Array, Array, Array, Array, Array]
"""m, v, both corrected, and the new θ."""


def _adam(
    θ: Array, g: Array, m: Array, v: Array, t: int, η: float, β1: float, β2: float, ε: float
) -> Means:
    return _adam_but()(θ, g, m, v, t, η, β1, β2, ε)


def _adam_but(
    means: Callable[..., tuple[Array, Array]] = lambda m, v, g, β1, β2: (
        β1 * m + (1 - β1) * g,
        β2 * v + (1 - β2) * g**2,
    ),
    corrected: Callable[..., Array] = lambda new, old, β, t: new / (1 - β**t),
    step: Callable[..., Array] = lambda m_hat, v_hat, ε, g, m, v: m_hat / (np.sqrt(v_hat) + ε),
) -> Function:
    """Adam with one of its three parts replaced; what follows from it is worked out rightly."""

    def answer(
        θ: Array, g: Array, m: Array, v: Array, t: int, η: float, β1: float, β2: float, ε: float
    ) -> Means:
        m_new, v_new = means(m, v, g, β1, β2)
        m_hat, v_hat = corrected(m_new, m, β1, t), corrected(v_new, v, β2, t)
        return m_new, v_new, m_hat, v_hat, θ - η * step(m_hat, v_hat, ε, g, m_new, v_new)

    return answer


def _means(m_new: Callable[..., Array], v_new: Callable[..., Array]) -> Function:
    """Adam with other rules for the two means, each of its old value, g, β₁ and β₂."""
    return _adam_but(lambda m, v, g, β1, β2: (m_new(m, g, β1, β2), v_new(v, g, β1, β2)))


def _ending(θ_new: Callable[..., Array]) -> Function:
    """Adam with another last line, of θ, η, both corrected means and ε."""

    def answer(
        θ: Array, g: Array, m: Array, v: Array, t: int, η: float, β1: float, β2: float, ε: float
    ) -> Means:
        m_new, v_new, m_hat, v_hat, _ = _adam(θ, g, m, v, t, η, β1, β2, ε)
        return m_new, v_new, m_hat, v_hat, θ_new(θ, η, m_hat, v_hat, ε)

    return answer


def _mean(m: Array, g: Array, β1: float, β2: float) -> Array:
    return β1 * m + (1 - β1) * g


def _mean_square(v: Array, g: Array, β1: float, β2: float) -> Array:
    return β2 * v + (1 - β2) * g**2


def _v_by_β1(
    θ: Array, g: Array, m: Array, v: Array, t: int, η: float, β1: float, β2: float, ε: float
) -> Means:
    m_new, v_new, m_hat, *_ = _adam(θ, g, m, v, t, η, β1, β2, ε)
    v_hat = v_new / (1 - β1**t)
    return m_new, v_new, m_hat, v_hat, θ - η * m_hat / (np.sqrt(v_hat) + ε)


ADAM = Exercise(
    title="a step of Adam",
    case=_adam_case,
    solution=_adam,
    parts=("m_new", "v_new", "m_hat", "v_hat", "θ_new"),
    mistakes={
        "m is a running mean, not a sum: g comes in with the weight 1 − β1": (
            _means(lambda m, g, β1, β2: β1 * m + g, _mean_square)
        ),
        "the two weights of m are swapped: β1 is what is kept of the old m": (
            _means(lambda m, g, β1, β2: (1 - β1) * m + β1 * g, _mean_square)
        ),
        "β1 and β2 are swapped: β1 belongs to m, and β2 to v": (
            _means(
                lambda m, g, β1, β2: β2 * m + (1 - β2) * g,
                lambda v, g, β1, β2: β1 * v + (1 - β1) * g**2,
            )
        ),
        "v is the mean of the squares: g comes in squared": (
            _means(_mean, lambda v, g, β1, β2: β2 * v + (1 - β2) * g)
        ),
        "v is a running mean, not a sum: g² comes in with the weight 1 − β2": (
            _means(_mean, lambda v, g, β1, β2: β2 * v + g**2)
        ),
        "squares, not sizes: g**2, not abs(g)": (
            _means(_mean, lambda v, g, β1, β2: β2 * v + (1 - β2) * np.abs(g))
        ),
        "g @ g is one number for all parameters: each has its own square, g**2": (
            _means(_mean, lambda v, g, β1, β2: β2 * v + (1 - β2) * (g @ g))
        ),
        "brackets are missing: the weight of g is (1 - β1) as a whole": (
            _means(lambda m, g, β1, β2: β1 * m + 1 - β1 * g, _mean_square)
        ),
        "the weight was squared with the gradient: (1 − β2) g², not ((1 − β2) g)²": (
            _means(_mean, lambda v, g, β1, β2: β2 * v + ((1 - β2) * g) ** 2)
        ),
        "g alone is squared, not the whole right-hand side: v is a mean of squares already": (
            _means(_mean, lambda v, g, β1, β2: (β2 * v + (1 - β2) * g) ** 2)
        ),
        "brackets are missing: the weight of g² is (1 - β2) as a whole": (
            _means(_mean, lambda v, g, β1, β2: β2 * v + 1 - β2 * g**2)
        ),
        "the two weights of v are swapped: β2 is what is kept of the old v": (
            _means(_mean, lambda v, g, β1, β2: (1 - β2) * v + β2 * g**2)
        ),
        "v has a share of its own: it keeps β2 of itself, not β1": (
            _means(_mean, lambda v, g, β1, β2: β1 * v + (1 - β1) * g**2)
        ),
        "nothing is corrected: divide by 1 − βᵗ": (_adam_but(corrected=lambda new, old, β, t: new)),
        "1 − β corrects the first step only: the bracket is 1 − βᵗ, a power of the step's "
        "number": _adam_but(corrected=lambda new, old, β, t: new / (1 - β)),
        "the power belongs to β alone: 1 - β**t, not (1 - β)**t": (
            _adam_but(corrected=lambda new, old, β, t: new / (1 - β) ** t)
        ),
        "a power, not a product: β**t, not β * t": (
            _adam_but(corrected=lambda new, old, β, t: new / (1 - β * t))
        ),
        "the means are too small, so divide by the bracket: you multiplied": (
            _adam_but(corrected=lambda new, old, β, t: new * (1 - β**t))
        ),
        "the new means are to be corrected, and you took the old ones": (
            _adam_but(corrected=lambda new, old, β, t: old / (1 - β**t))
        ),
        "t counts from 1, so the power is t itself, not t − 1": (
            _adam_but(corrected=lambda new, old, β, t: new / (1 - β ** (t - 1)))
        ),
        "t counts from 1, so the power is t itself, not t + 1": (
            _adam_but(corrected=lambda new, old, β, t: new / (1 - β ** (t + 1)))
        ),
        "the step goes along the corrected means: you took m_new and v_new": (
            _adam_but(step=lambda m_hat, v_hat, ε, g, m, v: m / (np.sqrt(v) + ε))
        ),
        "above the fraction line stands m_hat: m_new is not corrected": (
            _adam_but(step=lambda m_hat, v_hat, ε, g, m, v: m / (np.sqrt(v_hat) + ε))
        ),
        "below the fraction line stands v_hat: v_new is not corrected": (
            _adam_but(step=lambda m_hat, v_hat, ε, g, m, v: m_hat / (np.sqrt(v) + ε))
        ),
        "v_hat has a bracket of its own: 1 − β2ᵗ, not 1 − β1ᵗ": _v_by_β1,
        "v_hat is a mean of squares: its root is missing": (
            _adam_but(step=lambda m_hat, v_hat, ε, g, m, v: m_hat / (v_hat + ε))
        ),
        "ε stands outside of the root": (
            _adam_but(step=lambda m_hat, v_hat, ε, g, m, v: m_hat / np.sqrt(v_hat + ε))
        ),
        "ε is missing below the fraction line": (
            _adam_but(step=lambda m_hat, v_hat, ε, g, m, v: m_hat / np.sqrt(v_hat))
        ),
        "without brackets the division comes first: m_hat / (√v_hat + ε)": (
            _adam_but(step=lambda m_hat, v_hat, ε, g, m, v: m_hat / np.sqrt(v_hat) + ε)
        ),
        "g above the fraction line makes it RMSProp's step: Adam has m_hat there": (
            _adam_but(step=lambda m_hat, v_hat, ε, g, m, v: g / (np.sqrt(v_hat) + ε))
        ),
        "uphill: the step has a minus": (
            _adam_but(step=lambda m_hat, v_hat, ε, g, m, v: -m_hat / (np.sqrt(v_hat) + ε))
        ),
        "without brackets ε is added to θ: √v_hat + ε stands below the fraction line as a whole": (
            _ending(lambda θ, η, m_hat, v_hat, ε: θ - η * m_hat / np.sqrt(v_hat) + ε)
        ),
        "the root is missing, and so are the brackets around all that stands below the fraction "
        "line": _ending(lambda θ, η, m_hat, v_hat, ε: θ - η * m_hat / v_hat + ε),
        "the learning rate is missing in the step": (
            _ending(lambda θ, η, m_hat, v_hat, ε: θ - m_hat / (np.sqrt(v_hat) + ε))
        ),
        "that is the step alone: it leads from θ to the new θ": (
            _ending(lambda θ, η, m_hat, v_hat, ε: -η * m_hat / (np.sqrt(v_hat) + ε))
        ),
    },
    hints=(
        "Five lines, one for each letter on the left of an equation. Begin with m_new, and check.",
        "v_new is like m_new, with β2 and g**2. Then m_hat = m_new / (1 - β1**t), and v_hat alike.",
        "θ_new = θ - η * m_hat / (np.sqrt(v_hat) + ε)",
    ),
)


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
    c = np.sort(rng.uniform(0.5, 20, max(sizes[:2])))
    # The largest and the smallest stand neither first nor last, so c[0] and c[-1] are neither.
    c = np.concatenate([c[1:2], rng.permutation(np.delete(c, [1, 2])), c[2:3]])
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
        "the largest curvature need not come last in c": lambda c, mu: 2 * (1 + mu) / c[-1],
        "that is the best rate for the best μ; asked for is the largest one for this μ": (
            lambda c, mu: 4 / (np.sqrt(c.min()) + np.sqrt(c.max())) ** 2
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


CAUSES = ("too_small", "good", "too_large", "diverged", "schedule")
"""What made a loss curve; the arguments of 06.2, in this order."""

SEEN = ("schedule", "too_small", "diverged", "good", "too_large")
"""The causes of the five curves in the lesson, from the first to the last."""

READINGS = {
    ("too_small", "good"): "it is still on its way down when it ends: a good rate has arrived long "
    "before",
    ("too_small", "too_large"): "too large a rate is restless; this one falls smoothly, and has "
    "far to go",
    ("too_small", "diverged"): "a diverged run climbs, and this one falls to the very end",
    ("too_small", "schedule"): "a schedule leaves a bend where the rate falls; this one has none",
    ("good", "too_small"): "it is down early, so its steps were long enough",
    ("good", "too_large"): "it is low and calm: too large a rate stays high and restless",
    ("good", "diverged"): "a diverged run climbs, and this one comes down and stays there",
    ("good", "schedule"): "nothing changes in the middle: its rate has been the same all along",
    ("too_large", "too_small"): "it is down within a few steps, so they were not too short",
    ("too_large", "good"): "it is restless to the very end, on a plateau above the others",
    ("too_large", "diverged"): "it is restless, but it does not leave for ever",
    ("too_large", "schedule"): "it is as restless at the end as before: no rate has fallen there",
    ("diverged", "too_small"): "too small a rate falls slowly; this one climbs",
    ("diverged", "good"): "it leaves the picture at the top: would you call that good?",
    ("diverged", "too_large"): "too large, and beyond the limit: on a plateau a loss stays, and "
    "this one climbs for ever",
    ("diverged", "schedule"): "a schedule can only bring it down, and this one climbs",
    ("schedule", "too_small"): "it is down within a few steps, so they were not too short",
    ("schedule", "good"): "look at the middle: from one step to the next the unrest is over",
    (
        "schedule",
        "too_large",
    ): "the first half looks like it, the second does not: what has changed in the middle?",
    ("schedule", "diverged"): "a diverged run climbs for ever, and this one ends low",
}
"""What is said to somebody who takes the first cause for the second."""


def _curves_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    return tuple(float(number) for number in rng.permutation(5) + rng.uniform(0.1, 0.9))


def _read_as(*causes: str) -> Function:
    """Answer that the five curves have these causes."""
    return lambda *names: tuple(names[CAUSES.index(cause)] for cause in causes)


def _misreadings() -> dict[str, Function]:
    """Every single curve taken for another one; where several are misread, the first is told.

    Two swapped curves are no mistake of their own: it would begin like a single one, and where two
    known mistakes begin alike, neither is told.
    """
    found = {}
    for i, true in enumerate(SEEN):
        for wrong in SEEN[:i] + SEEN[i + 1 :]:
            single = [wrong if place == i else cause for place, cause in enumerate(SEEN)]
            found[f"curve {i + 1}: {READINGS[true, wrong]}"] = _read_as(*single)
    return found


CURVES = Exercise(
    title="reading loss curves",
    case=_curves_case,
    solution=_read_as(*SEEN),
    parts=("curve1", "curve2", "curve3", "curve4", "curve5"),
    named=True,
    mistakes=_misreadings(),
    hints=(
        "Begin with what is told apart at a glance: which one climbs?",
        "Of the others, which is still on its way down when it ends? And which one is restless to "
        "the end?",
        "Two are left, and both end low. In one of them something changes in the middle.",
    ),
)


def _schedule_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    warm = sizes[0]
    T = warm + int(rng.integers(10, 20))
    return np.arange(T), float(rng.uniform(0.1, 0.9)), warm, T


def _warm_cosine(t: Array, η: float, warm: int, T: int) -> Array:
    wave = η * (1 + np.cos(np.pi * (t - warm) / (T - warm))) / 2
    return np.where(t < warm, η * (t + 1) / warm, wave)


def _wave(after: Callable[..., Array]) -> Function:
    """Warm up rightly, then go on by another rule, of t, η, warm and T."""

    def answer(t: Array, η: float, warm: int, T: int) -> Array:
        return np.where(t < warm, η * (t + 1) / warm, after(t, η, warm, T))

    return answer


def _ramp(before: Callable[..., Array]) -> Function:
    """Begin by another rule, of t, η and warm, then go down rightly."""

    def answer(t: Array, η: float, warm: int, T: int) -> Array:
        return np.where(t < warm, before(t, η, warm), _warm_cosine(t, η, warm, T))

    return answer


SCHEDULE = Exercise(
    title="a warm-up, then a cosine",
    case=_schedule_case,
    solution=_warm_cosine,
    mistakes={
        "the first step has the rate 0 and is lost: warm up with (t + 1) / warm, as t counts "
        "from 0": _ramp(lambda t, η, warm: η * t / warm),
        "the warm-up is missing: below warm the rate rises": _ramp(lambda t, η, warm: η + 0 * t),
        "the warm-up has no η: it rises to η, not to 1": _ramp(lambda t, η, warm: (t + 1) / warm),
        "the cosine begins where the warm-up ends: count its steps from there, t − warm": (
            _wave(lambda t, η, warm, T: η * (1 + np.cos(np.pi * t / T)) / 2)
        ),
        "the cosine has T − warm steps, as the warm-up has had its own": (
            _wave(lambda t, η, warm, T: η * (1 + np.cos(np.pi * (t - warm) / T)) / 2)
        ),
        "it begins at 2 η: the ½ is missing": (
            _wave(lambda t, η, warm, T: η * (1 + np.cos(np.pi * (t - warm) / (T - warm))))
        ),
        "half a wave goes from 1 to −1, and a rate must not be negative: add 1 and halve it": (
            _wave(lambda t, η, warm, T: η * np.cos(np.pi * (t - warm) / (T - warm)))
        ),
        "that is a whole wave, down and up again: half of one ends at π": (
            _wave(lambda t, η, warm, T: η * (1 + np.cos(2 * np.pi * (t - warm) / (T - warm))) / 2)
        ),
        "that is a straight line: what is asked for is half a wave of the cosine": (
            _wave(lambda t, η, warm, T: η * (T - t) / (T - warm))
        ),
        "after the warm-up the rate stays: it should fall along half a wave": (
            _wave(lambda t, η, warm, T: η + 0.0 * t)
        ),
        "your wave is at 0 in the last step, T − 1; it would get there at step T, after T − warm "
        "steps": (
            _wave(lambda t, η, warm, T: η * (1 + np.cos(np.pi * (t - warm) / (T - warm - 1))) / 2)
        ),
        "your wave is a step ahead: at step warm it begins, with η": (
            _wave(lambda t, η, warm, T: η * (1 + np.cos(np.pi * (t - warm + 1) / (T - warm))) / 2)
        ),
        "the wave has no η: it falls from η, not from 1": (
            _wave(lambda t, η, warm, T: (1 + np.cos(np.pi * (t - warm) / (T - warm))) / 2)
        ),
        "a π is missing: half a wave goes from 0 to π": (
            _wave(lambda t, η, warm, T: η * (1 + np.cos((t - warm) / (T - warm))) / 2)
        ),
        "that wave rises: the cosine is added, not subtracted": (
            _wave(lambda t, η, warm, T: η * (1 - np.cos(np.pi * (t - warm) / (T - warm))) / 2)
        ),
        "at step warm the cosine begins: the warm-up is for t < warm, not t <= warm": (
            lambda t, η, warm, T: np.where(
                t == warm, η * (t + 1) / warm, _warm_cosine(t, η, warm, T)
            )
        ),
        "step warm − 1, the last of the warm-up, has the rate η. The wave, worked out before its "
        "time, is below it there: choose by t < warm, not by the smaller of the two": (
            lambda t, η, warm, T: np.minimum(
                η * (t + 1) / warm,
                η * (1 + np.cos(np.pi * (t - warm) / (T - warm))) / 2,
            )
        ),
        "the two follow one another, and are not multiplied: the cosine begins at step warm, and "
        "takes T − warm steps": (
            lambda t, η, warm, T: (
                np.minimum(1, (t + 1) / warm) * η * (1 + np.cos(np.pi * t / T)) / 2
            )
        ),
        "below warm the warm-up stands alone: you multiplied it by the wave, which begins at step "
        "warm": (
            lambda t, η, warm, T: (
                np.minimum(1, (t + 1) / warm)
                * (η * (1 + np.cos(np.pi * (t - warm) / (T - warm))) / 2)
            )
        ),
        "that is a quarter of a wave: half of one goes on to −1, so it is lifted by 1 and halved": (
            _wave(lambda t, η, warm, T: η * np.cos(np.pi / 2 * (t - warm) / (T - warm)))
        ),
        "the two parts are swapped: the warm-up is for t < warm": (
            lambda t, η, warm, T: np.where(
                t < warm,
                η * (1 + np.cos(np.pi * (t - warm) / (T - warm))) / 2,
                η * (t + 1) / warm,
            )
        ),
    },
    hints=(
        "Work out both parts for all t, and choose with np.where(t < warm, …, …).",
        "The cosine's own step is t − warm, and it has T − warm of them.",
        "η * (1 + np.cos(np.pi * (t - warm) / (T - warm))) / 2",
    ),
)


EXERCISES = {
    "06.0": MOMENTUM,
    "06.0b": ADAM,
    "06.1": CLIPPING,
    "06.2": CURVES,
    "06.3": SCHEDULE,
    "06.4": RATE,
    "06.5": UNROLLED,
}


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
        "SGD trains well with η = 0.1, and with 0.3 it diverges. You add momentum with μ = 0.9 and "
        "leave η at 0.1. What do you expect?",
        {
            "The same speed, only smoother, as the velocity averages the gradients.": (
                "a mean would do that. The velocity is a sum: with gradients that agree it grows "
                "to ten times one of them"
            ),
            "Steps up to ten times as long where gradients agree: better begin with 0.01.": Right(
                "in a steady direction the sum is 1/(1 − μ) = 10 gradients, and the plateau is "
                "that of a rate ten times as large. In digits, too, the best rate is smaller with "
                "momentum than without"
            ),
            "It diverges for certain, as every step is now ten times as long.": (
                "only where gradients agree. Where they alternate, as at the limit, the steps are "
                "1/(1 + μ) times as long, about half: the limit itself goes up"
            ),
            "It gets slower: μ = 0.9 lets only a tenth of the new gradient in.": (
                "that would be so with the weight 1 − μ. In u ← μ u + g the new gradient counts "
                "fully"
            ),
        },
    ),
    Question(
        "With batches of 8 the running mean of the loss has been level for ten epochs. You make η "
        "ten times smaller, and within an epoch the loss falls well below. Why was it level "
        "before?",
        {
            "The weights were in a local minimum, and the smaller steps found the way out.": (
                "smaller steps get out of less, not of more. And in a minimum a batch's gradient "
                "is not 0, so the walk was never at rest there"
            ),
            "η was above 2/c_max, so the steep directions could not shrink.": (
                "above the limit a distance grows, and grows, and the loss would not have been "
                "level for long"
            ),
            "The noise of the batches held it up: the height of the plateau grows with η.": Right(
                "for a small η the height is about in proportion to it. The distance is soon "
                "forgotten, the noise comes in anew with each batch"
            ),
            "The gradient had vanished, and a smaller rate makes up for it.": (
                "a step is η g: with no gradient left, a smaller η would only make it shorter"
            ),
        },
    ),
)
