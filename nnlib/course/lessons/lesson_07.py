"""Lesson 07, initialization: its exercises and questions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]
Measure = Callable[[Array], Any]


def _scales_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    return sizes[0], sizes[1]


def _scales(d_in: int, d_out: int) -> tuple[float, ...]:
    """Return the roots of the four variances, in the order of the parts."""
    return _roots(1 / d_in, 2 / d_in, 2 / d_out, 2 / (d_in + d_out))


def _roots(*variances: float) -> tuple[float, ...]:
    return tuple(float(np.sqrt(variance)) for variance in variances)


def _with_both(both: Callable[[int, int], float]) -> Callable[[int, int], tuple[float, ...]]:
    """Return the right three, and another standard deviation for both directions."""
    return lambda d_in, d_out: (*_scales(d_in, d_out)[:3], both(d_in, d_out))


SCALES = Exercise(
    title="the scales of four starts",
    case=_scales_case,
    solution=_scales,
    mistakes={
        "those are the variances, and `rng.normal` asks for the standard deviation: take the "
        "root": lambda d_in, d_out: tuple(scale**2 for scale in _scales(d_in, d_out)),
        "the half that a ReLU takes is forgotten: that keeps the size only where nothing is cut "
        "off": lambda d_in, d_out: _roots(1 / d_in, 1 / d_in, 1 / d_out, 2 / (d_in + d_out)),
        "the half stands on the wrong side: where half of the signal is lost, the weights must "
        "be larger": lambda d_in, d_out: _roots(
            1 / d_in, 1 / (2 * d_in), 1 / (2 * d_out), 2 / (d_in + d_out)
        ),
        "the 2 belongs under the root, too: outside of it, it doubles the weights, and the mean "
        "square four times": lambda d_in, d_out: (
            _roots(1 / d_in)[0],
            2 * _roots(1 / d_in)[0],
            2 * _roots(1 / d_out)[0],
            _scales(d_in, d_out)[3],
        ),
        "d_in and d_out belong under the root, too: a sum of 100 terms is 10 times as large, not "
        "100 times": lambda d_in, d_out: (
            _roots(1 / d_in)[0],
            _roots(2)[0] / d_in,
            _roots(2)[0] / d_out,
            _scales(d_in, d_out)[3],
        ),
        "upside down: the more terms a sum has, the smaller each weight must be": (
            lambda d_in, d_out: tuple(1 / scale for scale in _scales(d_in, d_out))
        ),
        "forward and back are exchanged: going forward each sum has d_in terms, going back "
        "d_out": lambda d_in, d_out: _scales(d_out, d_in),
        "on the way back the sum runs over the outputs, so it has d_out terms, not d_in": (
            lambda d_in, d_out: _roots(1 / d_in, 2 / d_in, 2 / d_in, 2 / (d_in + d_out))
        ),
        "the way back has a ReLU, too: its mask lets only half of dA through": (
            lambda d_in, d_out: _roots(1 / d_in, 2 / d_in, 1 / d_out, 2 / (d_in + d_out))
        ),
        "the half of the way back stands on the wrong side: the mask lets half of dA through, so "
        "the weights must be larger": lambda d_in, d_out: _roots(
            1 / d_in, 2 / d_in, 1 / (2 * d_out), 2 / (d_in + d_out)
        ),
        "that keeps the signal, and the gradient is left to itself: it is the mean of both factors "
        "that must be 1": _with_both(lambda d_in, d_out: _roots(1 / d_in)[0]),
        "that keeps the gradient, and the signal is left to itself: it is the mean of both factors "
        "that must be 1": _with_both(lambda d_in, d_out: _roots(1 / d_out)[0]),
        "that makes the sum of the two factors 1; their mean is half of the sum": (
            _with_both(lambda d_in, d_out: _roots(1 / (d_in + d_out))[0])
        ),
        "that makes the product of the two factors 1; it is their mean that was asked for": (
            _with_both(lambda d_in, d_out: _roots((1 / (d_in * d_out)) ** 0.5)[0])
        ),
        "that is the mean of the two variances; ask that the mean of the two factors be 1, then "
        "solve for Var w": _with_both(lambda d_in, d_out: _roots((1 / d_in + 1 / d_out) / 2)[0]),
        "that is the mean of the two standard deviations; ask that the mean of the two factors "
        "be 1, then solve for Var w": (
            _with_both(lambda d_in, d_out: (_roots(1 / d_in)[0] + _roots(1 / d_out)[0]) / 2)
        ),
        "`both` was asked for without an activation, and there is no half to make up for": (
            _with_both(lambda d_in, d_out: _roots(4 / (d_in + d_out))[0])
        ),
    },
    hints=(
        "Set the factor of one layer to 1 and solve it for Var w. Which factor belongs to which "
        "question?",
        "The four factors are d_in · Var w, ½ · d_in · Var w, ½ · d_out · Var w, and the mean of "
        "d_in · Var w and d_out · Var w.",
        "`rng.normal` asks for the standard deviation, so the root of Var w is the answer. For "
        "the first one, Var w = 1/d_in.",
    ),
    parts=("linear", "relu", "back", "both"),
)


def _leaky_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    return sizes[0], float(rng.uniform(0.1, 0.4))


def _leaky_variance(d_in: int, alpha: float) -> float:
    return 2 / ((1 + alpha**2) * d_in)


LEAKY = Exercise(
    title="the variance for leaky ReLU",
    case=_leaky_case,
    solution=_leaky_variance,
    mistakes={
        "α stands in a mean square, so it is squared: a = αz has a² = α²z²": (
            lambda d_in, alpha: 2 / ((1 + alpha) * d_in)
        ),
        "that is He's, for a plain ReLU: here the units that are off let something through": (
            lambda d_in, alpha: 2 / d_in
        ),
        "that is LeCun's, for slope 1: half of the z are multiplied by α": (
            lambda d_in, alpha: 1 / d_in
        ),
        "twice too small: each of the two slopes acts in one half of the cases, so E[a²] is "
        "(1 + α²)/2 times E[z²]": lambda d_in, alpha: 1 / ((1 + alpha**2) * d_in),
        "that is the standard deviation; its square is asked for": (
            lambda d_in, alpha: float(np.sqrt(2 / ((1 + alpha**2) * d_in)))
        ),
        "upside down: that is what one layer does to a variance of 1; ask that it times Var w "
        "be 1": lambda d_in, alpha: d_in * (1 + alpha**2) / 2,
        "`a / b * d_in` multiplies by d_in: put everything that you divide by in one bracket": (
            lambda d_in, alpha: 2 / (1 + alpha**2) * d_in
        ),
        "d_in is missing: the more terms a sum has, the smaller each must be": (
            lambda d_in, alpha: 2 / (1 + alpha**2)
        ),
        "that is the number that stands before 1/√d_in in a standard deviation; the variance "
        "is asked for, d_in and all": lambda d_in, alpha: float(np.sqrt(2 / (1 + alpha**2))),
        "the ½ belongs to both slopes: α, too, acts in only half of the cases": (
            lambda d_in, alpha: 1 / ((0.5 + alpha**2) * d_in)
        ),
        "that is the square of the mean slope, (1 + α)/2; what counts is the mean of the "
        "squared slopes": lambda d_in, alpha: 4 / ((1 + alpha) ** 2 * d_in),
        "(1 + α)² holds a term 2α, as if both slopes met in one z; each z has one of them": (
            lambda d_in, alpha: 2 / ((1 + alpha) ** 2 * d_in)
        ),
        "the more gets through, the smaller the weights: divide by 1 + α², do not multiply": (
            lambda d_in, alpha: 2 * (1 + alpha**2) / d_in
        ),
        "the two halves add: it is 1 + α², not 1 − α²": (
            lambda d_in, alpha: 2 / ((1 - alpha**2) * d_in)
        ),
        "(1 + α²)/2 is the share that gets through: the weights make up for it, so divide by it": (
            lambda d_in, alpha: (1 + alpha**2) / (2 * d_in)
        ),
        "with α = 1 that is 3/d_in, and it must be LeCun's, 1/d_in: the more gets through, the "
        "smaller the weights": lambda d_in, alpha: (2 + alpha**2) / d_in,
        "d_in stands there squared: a sum of d_in terms asks for a variance d_in times smaller, no "
        "more": lambda d_in, alpha: 2 / ((1 + alpha**2) * d_in**2),
        "that is a straight line from He's to LeCun's, right at both ends but not between them: "
        "find E[a²] first": lambda d_in, alpha: (2 - alpha) / d_in,
    },
    hints=(
        "One factor of the lesson changes: ½ · d_in · Var w. What is E[a²] now?",
        "z and −z are equally likely. Of the two, one passes whole and one times α: "
        "a(z)² + a(−z)² = z² + α²z².",
        "E[a²] = (1 + α²)/2 · E[z²]. Ask that d_in · Var w times that factor be 1.",
    ),
)


def _signal_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Inputs with a mean; both hidden layers have a unit that is on and one that is off."""
    n, d, h, k = sizes
    X, W1, W2, W3 = (rng.normal(size=s) for s in ((n, d), (d, h), (h, h), (h, k)))
    for W in (W1, W2):
        W[:, 0], W[:, 1] = abs(W[:, 0]), -abs(W[:, 1])
    return abs(X) + 1, 3 * W1, 3 * W2, 3 * W3


def _root_mean_square(Z: Array) -> float:
    return float(np.sqrt(np.mean(Z**2)))


def _unit_signal(
    X: Array, *weights: Array, size: Measure = _root_mean_square, relu: Any = 0.0
) -> tuple[Array, ...]:
    """Scale layer by layer; ``relu=-inf`` leaves the activation out."""
    A, scaled = X, []
    for W in weights:
        scaled.append(W / size(A @ W))
        A = np.maximum(A @ scaled[-1], relu)
    return tuple(scaled)


def _unit_signal_from_old(X: Array, *weights: Array) -> tuple[Array, ...]:
    A, scaled = X, []
    for W in weights:
        scaled.append(W / _root_mean_square(A @ W))
        A = np.maximum(A @ W, 0)
    return tuple(scaled)


def _unit_signal_twice(X: Array, *weights: Array) -> tuple[Array, ...]:
    """Scale what leaves the ReLU as well."""
    A, scaled = X, []
    for W in weights:
        scaled.append(W / _root_mean_square(A @ W))
        A = np.maximum(A @ W, 0)
        A = A / _root_mean_square(A)
    return tuple(scaled)


def _signals(X: Array, *weights: Array) -> tuple[Array, ...]:
    """Return each Z in place of its matrix."""
    A, signals = X, []
    for W in _unit_signal(X, *weights):
        signals.append(A @ W)
        A = np.maximum(signals[-1], 0)
    return tuple(signals)


SIGNAL = Exercise(
    title="matrices scaled to the data",
    case=_signal_case,
    solution=_unit_signal,
    mistakes={
        "the next layer's input is computed with the old matrix: use the scaled one": (
            _unit_signal_from_old
        ),
        "divided by the mean square; Z grows in proportion to W, its square twice as fast: "
        "take the root": lambda X, W1, W2, W3: _unit_signal(
            X, W1, W2, W3, size=lambda Z: np.mean(Z**2)
        ),
        "that makes the variance 1: Z has a mean here, and the mean square was asked for": (
            lambda X, W1, W2, W3: _unit_signal(X, W1, W2, W3, size=np.std)
        ),
        "the ReLUs between the layers are missing": (
            lambda X, W1, W2, W3: _unit_signal(X, W1, W2, W3, relu=-np.inf)
        ),
        "each column got a factor of its own: the mean square runs over the whole of Z, one "
        "number for each matrix": lambda X, W1, W2, W3: _unit_signal(
            X, W1, W2, W3, size=lambda Z: np.sqrt(np.mean(Z**2, axis=0))
        ),
        "that is the length of all of Z: divide the sum of squares by the number of entries": (
            lambda X, W1, W2, W3: _unit_signal(X, W1, W2, W3, size=np.linalg.norm)
        ),
        "that gives the activations mean square 1; Z was asked for, before the ReLU": (
            lambda X, W1, W2, W3: _unit_signal(
                X, W1, W2, W3, size=lambda Z: _root_mean_square(np.maximum(Z, 0))
            )
        ),
        "multiplied where it must be divided: what is too large gets smaller": (
            lambda X, W1, W2, W3: _unit_signal(
                X, W1, W2, W3, size=lambda Z: 1 / _root_mean_square(Z)
            )
        ),
        "that makes the mean of |Z| equal to 1, and a mean square above it: square first, then "
        "the mean, then the root": lambda X, W1, W2, W3: _unit_signal(
            X, W1, W2, W3, size=lambda Z: np.mean(abs(Z))
        ),
        "divided by the number of rows only: the mean runs over all entries of Z, every row "
        "and every column": lambda X, W1, W2, W3: _unit_signal(
            X, W1, W2, W3, size=lambda Z: np.sqrt(np.sum(Z**2) / len(Z))
        ),
        "what leaves a ReLU was scaled, too: nothing but matrices is scaled, and the next one "
        "must cope with max(Z, 0) as it is": _unit_signal_twice,
        "those are Z1, Z2 and Z3: return the matrices that make them": _signals,
        "that looks at the weights alone: no data went through": lambda X, W1, W2, W3: tuple(
            W / _root_mean_square(W) for W in (W1, W2, W3)
        ),
        "that is He's formula, and the data were not asked: send X through, and divide by the "
        "size of what comes out": lambda X, W1, W2, W3: tuple(
            W * np.sqrt(2 / len(W)) for W in (W1, W2, W3)
        ),
        "those have He's variance, and the data were not asked: send X through, and divide by the "
        "size of what comes out": lambda X, W1, W2, W3: tuple(
            W / _root_mean_square(W) * np.sqrt(2 / len(W)) for W in (W1, W2, W3)
        ),
    },
    hints=(
        "Go from left to right. When W1 is scaled, Z1 is finished, and so is the input of the "
        "second layer.",
        "If W is multiplied by a number, so is Z, and the mean square of Z by its square.",
        "W1 / √(mean of Z1²); then A1 = max(X @ new W1, 0), and the same again with W2.",
    ),
    parts=("W1", "W2", "W3"),
)


def _residual_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    d, h, depth = sizes[:3]
    return d, h, depth, float(rng.uniform(3, 9))


def _residual_variance(d: int, h: int, depth: int, growth: float) -> float:
    return float((growth ** (1 / depth) - 1) / h)


RESIDUAL = Exercise(
    title="the variance for residual blocks",
    case=_residual_case,
    solution=_residual_variance,
    mistakes={
        "the road around the block is missing: a block multiplies by 1 + h · Var w": (
            lambda d, h, depth, growth: float(growth ** (1 / depth) / h)
        ),
        "growth was shared out as a sum; factors multiply, so take the depth-th root": (
            lambda d, h, depth, growth: (growth - 1) / (depth * h)
        ),
        "growth was shared out as a sum, and the road around the block is missing: a block "
        "multiplies by 1 + h · Var w, and `depth` of them make growth": (
            lambda d, h, depth, growth: growth / (depth * h)
        ),
        "that is right for a single block; there are `depth` of them": (
            lambda d, h, depth, growth: (growth - 1) / h
        ),
        "twice too large: He's 2/d already makes up for the half that the ReLU takes": (
            lambda d, h, depth, growth: 2 * _residual_variance(d, h, depth, growth)
        ),
        "W2 has h inputs, not d": (
            lambda d, h, depth, growth: _residual_variance(h, d, depth, growth)
        ),
        "W2 has h inputs, not d; and the 2 has no place here: no ReLU follows W2, and He's W1 "
        "makes up for the one before": lambda d, h, depth, growth: (
            2 * _residual_variance(h, d, depth, growth)
        ),
        "the growth of a mean square belongs to the variance; you took the root of it, as if "
        "for lengths": lambda d, h, depth, growth: _residual_variance(
            d, h, depth, float(np.sqrt(growth))
        ),
        "that is the standard deviation; its square is asked for": (
            lambda d, h, depth, growth: float(np.sqrt(_residual_variance(d, h, depth, growth)))
        ),
        "twice too small: He's 2/d doubles, the ReLU takes half of that: E[a²] is E[x²]": (
            lambda d, h, depth, growth: _residual_variance(d, h, depth, growth) / 2
        ),
        "lengths were added; they add only where two vectors point the same way. With a cross "
        "term of 0 it is the mean squares that add": lambda d, h, depth, growth: float(
            (growth ** (1 / (2 * depth)) - 1) ** 2 / h
        ),
        "that is h · Var w; W2 has h inputs, and each brings its share": (
            lambda d, h, depth, growth: float(growth ** (1 / depth) - 1)
        ),
        "that is He's: each block would multiply the mean square by 3": (
            lambda d, h, depth, growth: 2 / h
        ),
        "the power is the wrong way round: one block grows less than all of them together": (
            lambda d, h, depth, growth: float((growth**depth - 1) / h)
        ),
        "`growth ** 1 / depth` is growth / depth: put 1 / depth in brackets": (
            lambda d, h, depth, growth: (growth / depth - 1) / h
        ),
        "`... - 1 / h` takes 1/h away: put the difference in brackets before you divide it": (
            lambda d, h, depth, growth: float(growth ** (1 / depth) - 1 / h)
        ),
        "the logarithm is the right idea for many blocks, but only nearly right: "
        "(1 + h · Var w) to the power of depth is growth": (
            lambda d, h, depth, growth: float(np.log(growth) / (depth * h))
        ),
    },
    hints=(
        "E[(x + z)²] = E[x²] + 2 E[xz] + E[z²]. W2 has mean 0 and is independent of x, so what "
        "is E[xz]?",
        "With A = max(XW1, 0) and He's W1, E[a²] = E[x²]. Then E[z²] = h · Var w · E[x²].",
        "One block multiplies by 1 + h · Var w. Which factor, `depth` times, makes `growth`?",
    ),
)


def _cosine_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, depth = sizes[:2]
    return rng.uniform(-0.9, 0.9, n), depth


def _one_layer(c: Array) -> Array:
    omega = np.arccos(np.clip(c, -1, 1))
    result: Array = (np.sin(omega) + (np.pi - omega) * c) / np.pi
    return result


def _cosine_after(c: Array, depth: int, layer: Measure = _one_layer) -> Array:
    for _ in range(depth):
        c = layer(c)
    return c


def _wrong_angle(c: Array) -> Array:
    omega = np.arccos(np.clip(c, -1, 1))
    result: Array = (np.sin(omega) + omega * c) / np.pi
    return result


def _no_sine(c: Array) -> Array:
    result: Array = (np.pi - np.arccos(np.clip(c, -1, 1))) * c / np.pi
    return result


def _not_divided(c: Array) -> Array:
    """Leave out the 1/π; not clipped, so that a cosine above 1 becomes NaN, as it does for all."""
    omega = np.arccos(c)
    result: Array = np.sin(omega) + (np.pi - omega) * c
    return result


def _minus_sine(c: Array) -> Array:
    omega = np.arccos(np.clip(c, -1, 1))
    result: Array = ((np.pi - omega) * c - np.sin(omega)) / np.pi
    return result


def _both_on(c: Array) -> Array:
    result: Array = 1 - np.arccos(np.clip(c, -1, 1)) / np.pi
    return result


def _first_angle(c: Array, depth: int) -> Array:
    """Never look at the angle again."""
    omega = np.arccos(c)
    return _cosine_after(c, depth, lambda c: (np.sin(omega) + (np.pi - omega) * c) / np.pi)


def _cosine_as_angle(c: Array, depth: int) -> Array:
    return _cosine_after(np.arccos(c), depth, lambda omega: _one_layer(np.cos(omega)))


COSINE = Exercise(
    title="what depth does to an angle",
    case=_cosine_case,
    solution=_cosine_after,
    mistakes={
        "the interval where both are positive has the length π − ω, not ω": (
            lambda c, depth: _cosine_after(c, depth, _wrong_angle)
        ),
        "that is one layer; the next one starts from its result, `depth` times": (
            lambda c, depth: _one_layer(c)
        ),
        "one layer too few": lambda c, depth: _cosine_after(c, depth - 1),
        "one layer too many": lambda c, depth: _cosine_after(c, depth + 1),
        "twice too small in each layer: He's 2 makes up for the half that is cut off, so that "
        "a cosine of 1 stays 1": (
            lambda c, depth: _cosine_after(c, depth, lambda c: _one_layer(c) / 2)
        ),
        "the sine is missing: ∫ cos φ cos(φ − ω) has two terms, (cos ω + cos(2φ − ω))/2": (
            lambda c, depth: _cosine_after(c, depth, _no_sine)
        ),
        "ω instead of its cosine came out, in the end take the cosine": (
            lambda c, depth: np.arccos(np.clip(_cosine_after(c, depth), -1, 1))
        ),
        "each layer has an angle of its own: compute ω anew, inside the loop": _first_angle,
        "a layer gives a cosine, and the next one took it for the angle: ω is its arccos": (
            _cosine_as_angle
        ),
        "a number above 1 came out as a cosine, and its arccos is NaN: put c = 1 into your "
        "formula, it must give 1": lambda c, depth: _cosine_after(c, depth, _not_divided),
        "the sine has the wrong sign: at c = 0, two positive parts still have a positive "
        "product": lambda c, depth: _cosine_after(c, depth, _minus_sine),
        "(π − ω)/π is how often both are positive or both negative; their product counts, not "
        "only its sign": lambda c, depth: _cosine_after(c, depth, _both_on),
        "without the ReLU the cosine would stay as it is: two positive parts have more in "
        "common": lambda c, depth: c.copy(),
    },
    hints=(
        "The density of (u, v) depends on the length ρ alone, so φ is spread evenly over 2π, "
        "whatever ρ is, and E[ρ²] = E[u²] + E[v²] = 2. Where are both cosines positive? For φ "
        "between ω − π/2 and π/2.",
        "cos φ cos(φ − ω) = (cos ω + cos(2φ − ω))/2. Over that interval of length π − ω this "
        "gives ((π − ω) cos ω + sin ω)/2.",
        "So one layer makes (sin ω + (π − ω) cos ω)/π of c = cos ω. Do it `depth` times, with "
        "a new ω each time.",
    ),
)


EXERCISES = {
    "07.0": SCALES,
    "07.1": LEAKY,
    "07.2": SIGNAL,
    "07.3": RESIDUAL,
    "07.4": COSINE,
}


QUESTIONS = (
    Question(
        "Ten layers with ReLUs and He's weights. The inputs are ages in years and have a mean "
        "square of about 2,000. What happens to the mean squares of Z?",
        {
            "They explode: each layer multiplies by 2,000.": (
                "the 2,000 came in once, with the inputs. What does a layer with He's weights "
                "multiply by?"
            ),
            "They are some thousand in every layer, and so are those of the logits.": Right(
                "He's weights keep what comes in, be it 1 or 2,000. So the first loss is far too "
                "large, and the remedy is in the data: divide the ages by their usual size"
            ),
            "They come down to about 1, since that is what He's weights are for.": (
                "nothing in 2/d_in knows how large the inputs are. A layer keeps a mean square, "
                "it does not set it"
            ),
            "They vanish: ten ReLUs take ten halves.": (
                "that is true of LeCun's variance, 1/d_in. The 2 in He's makes up for each half"
            ),
        },
    ),
    Question(
        "A network of two layers: all weights of W₁ start at 0.1, and W₂ is random. The biases "
        "are 0. Do its hidden units stay the same for ever?",
        {
            "Yes: the columns of W₁ are equal, and equal columns stay equal.": (
                "they stay equal if their gradients are equal, and column j of dA₁ = dZ₂W₂ᵀ is "
                "made with row j of W₂. Go through the proof again: where does it use those rows?"
            ),
            "No: the rows of W₂ differ, so each unit gets a gradient of its own.": Right(
                "equal units, but each is asked for something else, and the first step parts "
                "them. The proof for twins needs equal columns of W₁ and equal rows of W₂"
            ),
            "No: the mini-batches are drawn at random, and that tells the units apart.": (
                "every unit sees the same mini-batch. The lesson's twins were trained on random "
                "mini-batches too, and are twins still"
            ),
            "Yes, unless Adam trains it: it has a step size for each weight.": (
                "Adam makes its step sizes from the gradients: where those are equal, so are its "
                "steps. Ask first whether the gradients are equal here"
            ),
        },
    ),
    Question(
        "The widths go 784, 100, 100, 100, 10, with ReLUs between. For the gradient's sake all "
        "weights get the variance 2/d_out. What becomes of the signal on its way forward?",
        {
            "It is kept, as with 2/d_in: one 2 makes up for one half.": (
                "the 2 does, but going forward each sum has d_in terms, and they are divided by "
                "d_out here. What is left of 784 terms over 100?"
            ),
            "It explodes: each layer multiplies the mean square once more.": (
                "only where a layer has more inputs than outputs. From 100 to 100 the factor is 1"
            ),
            "It grows by 2 · 784/10, however many layers of 100 lie between.": Right(
                "each layer brings d_in/d_out, and every width but the first and the last "
                "cancels. The 2 is the first layer's: no ReLU before it takes a half. Large, and "
                "still harmless beside a factor that depth multiplies"
            ),
            "It vanishes: what serves the gradient starves the signal.": (
                "not as long as the factors d_in/d_out multiply to something harmless. Write "
                "them down for these four layers"
            ),
        },
    ),
)
