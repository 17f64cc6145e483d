"""Lesson 02, activations: its exercises and questions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.activations import leaky_relu, relu, sigmoid, softplus, tanh, tanh_derivative
from nnlib.course.exercises.exercise import Exercise
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]
Layers = list[tuple[Array, Array]]

Four = tuple[Array, Array, Array, Array]


def _slopes_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    Z = rng.normal(size=(4, *sizes[:2]))
    Z[:, 0, :2] = -1, 1  # each has a unit that is off, and one that is on
    alpha = rng.uniform(0.05, 0.3)
    return sigmoid(Z[0]), tanh(Z[1]), relu(Z[2]), leaky_relu(Z[3], alpha), alpha


def _slopes(A_sigmoid: Array, A_tanh: Array, A_relu: Array, A_leaky: Array, alpha: float) -> Four:
    d_sigmoid = A_sigmoid * (1 - A_sigmoid)
    d_tanh = 1 - A_tanh**2
    d_relu = (A_relu > 0).astype(float)
    d_leaky = np.where(A_leaky > 0, 1, alpha)
    return d_sigmoid, d_tanh, d_relu, d_leaky


def _with(part: int, *wrong: Callable[..., Any]) -> Callable[..., tuple[Any, ...]]:
    """Return the solution with other functions of A and α from this part on."""

    def slopes(*arguments: Any) -> tuple[Any, ...]:
        right: list[Any] = list(_slopes(*arguments))
        for i, f in enumerate(wrong, part):
            right[i] = f(arguments[i], arguments[-1])
        return tuple(right)

    return slopes


def _tanh_from_the_sigmoid(A_sigmoid: Array, *others: Any) -> Four:
    d_sigmoid, _, d_relu, d_leaky = _slopes(A_sigmoid, *others)
    return d_sigmoid, 4 * A_sigmoid * (1 - A_sigmoid), d_relu, d_leaky


SLOPES = Exercise(
    title="four slopes from the output",
    case=_slopes_case,
    solution=_slopes,
    derived=True,
    mistakes={
        "d_sigmoid: a factor is lost: (u − 1)/u² has a square below, and 1/u is a": _with(
            0, lambda A, _: 1 - A
        ),
        "d_sigmoid: a sigmoid rises everywhere, so its slope is positive: 1 − a, not a − 1": _with(
            0, lambda A, _: A * (A - 1)
        ),
        "d_sigmoid: 1 − a² is the slope of tanh: put u = 1/a into (u − 1)/u²": _with(
            0, lambda A, _: 1 - A**2
        ),
        "d_sigmoid: A stands where u belongs, but a is 1/u": _with(0, lambda A, _: (A - 1) / A**2),
        "d_sigmoid: e^−z is not a: it is u − 1, and u is 1/a": _with(0, lambda A, _: A**3),
        "d_sigmoid: that is e^−z alone: it is still to be divided by u², and 1/u is a": _with(
            0, lambda A, _: (1 - A) / A
        ),
        "d_sigmoid: the outputs went through a sigmoid once more: A is σ(z) already": _with(
            0, lambda A, _: sigmoid(A) * (1 - sigmoid(A))
        ),
        "d_sigmoid: that is the sigmoid itself: its slope is asked for": _with(0, lambda A, _: A),
        "d_tanh: a (1 − a) is the slope of the sigmoid; here it would even be negative": _with(
            1, lambda A, _: A * (1 - A)
        ),
        "d_tanh: the slope belongs to s = (1 + a)/2, and 4 s (1 − s) has s in both factors": _with(
            1, lambda A, _: 4 * A * (1 - A)
        ),
        "d_tanh: the outputs of a sigmoid are those of other z: here s is (1 + a)/2, with a from "
        "A_tanh": _tanh_from_the_sigmoid,
        "d_tanh: one factor is lost: s is (1 + a)/2 and 1 − s is (1 − a)/2": _with(
            1, lambda A, _: 1 - A
        ),
        "d_tanh: tanh rises everywhere, so its slope is positive: 1 − a², not a² − 1": _with(
            1, lambda A, _: A**2 - 1
        ),
        "d_tanh: twice as high and twice as fast makes 2 · 2: only one 2 is there": _with(
            1, lambda A, _: (1 - A**2) / 2
        ),
        "d_tanh: the 2 for the height and the 2 for the speed are missing": _with(
            1, lambda A, _: (1 - A**2) / 4
        ),
        "d_tanh: (1 + a)(1 − a) is 1 − a²: the middle terms cancel": _with(
            1, lambda A, _: (1 - A) ** 2
        ),
        "d_tanh: the outputs went through a tanh once more: A is tanh(z) already": _with(
            1, lambda A, _: 1 - np.tanh(A) ** 2
        ),
        "d_relu: the mask is right, but True and False are not numbers: `.astype(float)`": _with(
            2, lambda A, _: A > 0
        ),
        "d_relu: 1 and 0 are right, but as whole numbers: write `1.0` and `0.0`": _with(
            2, lambda A, _: np.where(A > 0, 1, 0)
        ),
        "d_relu: where a unit is off, a is exactly 0, so `A >= 0` is true everywhere": _with(
            2, lambda A, _: np.ones_like(A)
        ),
        "d_relu: `A >= 0` is true everywhere, even where a unit is off; and no number": _with(
            2, lambda A, _: A >= 0
        ),
        "d_relu: that is ReLU once more, which changes nothing: where it is on its slope is "
        "1": _with(2, lambda A, _: A),
        "d_relu: turned around: the slope is 1 where the unit is on": _with(
            2, lambda A, _: (A <= 0).astype(float)
        ),
        "d_leaky: on the left it leaks: the slope there is α, not 0": _with(
            3, lambda A, _: (A > 0).astype(float)
        ),
        "d_leaky: α z has the slope α: z does not stand in it any more": _with(
            3, lambda A, alpha: np.where(A > 0, 1, alpha * A)
        ),
        "d_leaky: the slope of z is 1, not z": _with(3, lambda A, alpha: np.where(A > 0, A, alpha)),
        "d_leaky: that is the function once more: its slope is 1 or α": _with(
            3, lambda A, alpha: np.where(A > 0, A, alpha * A)
        ),
        "d_leaky: the two sides are swapped: α belongs where a ≤ 0": _with(
            3, lambda A, alpha: np.where(A > 0, alpha, 1)
        ),
        **{
            f"d_leaky: {fixed:g} is only one α of many: on the left the slope is the α given": (
                _with(3, lambda A, _, fixed=fixed: np.where(A > 0, 1, fixed))
            )
            for fixed in (0.1, 0.01)
        },
        "d_sigmoid, d_tanh: the two are swapped: a sigmoid's slope is at most ¼": _with(
            0, lambda A, _: 1 - A**2, lambda A, _: A * (1 - A)
        ),
        "d_sigmoid, d_tanh: A is taken for z, and goes through the function once more": _with(
            0,
            lambda A, _: sigmoid(A) * (1 - sigmoid(A)),
            lambda A, _: 1 - np.tanh(A) ** 2,
        ),
    },
    hints=(
        "Try it with one number: a = ¾ means u = 4/3 and e^−z = 1/3, so the slope is "
        "(1/3)/(16/9) = 3/16. Now the same with a in place of ¾. The masks need no calculation.",
        "u is 1/a and e^−z is u − 1. (u − 1)/u² is 1/u − 1/u², and 1/u is a. For tanh that gives "
        "4 s (1 − s), with s = (1 + a)/2 and 1 − s = (1 − a)/2.",
        "a (1 − a); (1 + a)(1 − a) = 1 − a²; `(A_relu > 0).astype(float)`; and np.where chooses "
        "between 1 and α.",
    ),
    parts=("d_sigmoid", "d_tanh", "d_relu", "d_leaky"),
)


def _softsign_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    Z = 2 * rng.normal(size=sizes[:2])
    return (Z / (1 + np.abs(Z)),)


def _softsign_slope(A: Array) -> Array:
    return (1 - np.abs(A)) ** 2


SOFTSIGN = Exercise(
    title="the slope of softsign from its output",
    case=_softsign_case,
    solution=_softsign_slope,
    derived=True,
    mistakes={
        "the square is missing: 1 − |A| is 1/(1 + |Z|), and the slope is its square": (
            lambda A: 1 - np.abs(A)
        ),
        "where A > 0 that is 1/(1 + Z), and the slope is its square; where A < 0 it needs |A|": (
            lambda A: 1 - A
        ),
        "the absolute value is missing: where A < 0 the slope must not be above 1": (
            lambda A: (1 - A) ** 2
        ),
        "A stands where Z belongs: 1/(1 + |Z|)² is right, but you are given A": (
            lambda A: 1 / (1 + np.abs(A)) ** 2
        ),
        "1 − A² is the slope of tanh: softsign flattens more slowly": lambda A: 1 - A**2,
        "A (1 − A) is the slope of the sigmoid; here it would even be negative": (
            lambda A: A * (1 - A)
        ),
        "1/(1 + |Z|) is 1 − |A|, not 1/(1 − |A|): the slope is at most 1": (
            lambda A: 1 / (1 - np.abs(A)) ** 2
        ),
        "right where A > 0; on the left the quotient rule needs the slope of |z|, which is −1 "
        "there": lambda A: np.where(A > 0, (1 - np.abs(A)) ** 2, 1 - A**2),
        "right where A > 0; softsign rises on the left, too, so its slope is not negative": (
            lambda A: np.sign(A) * (1 - np.abs(A)) ** 2
        ),
        "softsign rises everywhere, so no slope is negative; and where A < 0 it needs |A|": (
            lambda A: np.sign(A) * (1 - A) ** 2
        ),
        "softsign itself, applied to A: the slope is asked for": lambda A: A / (1 + np.abs(A)),
        "the sign before |A| is turned around: towards the sides the slope must fall": (
            lambda A: (1 + np.abs(A)) ** 2
        ),
    },
    hints=(
        "Take z > 0 first: a = z/(1 + z) = 1 − 1/(1 + z). Call u = 1 + z, as at the sigmoid: what "
        "is the slope of −1/u?",
        "The slope is 1/(1 + z)². And 1 − a is 1 − z/(1 + z): what is that?",
        "1 − a = 1/(1 + z), so the slope is (1 − a)². For z < 0 the curve is the same, turned "
        "by half a turn: |A| takes the place of A.",
    ),
)


def _largest_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    W = rng.normal(size=sizes[:2])
    b = rng.normal(size=sizes[1])
    b[0] = -1 - np.maximum(W[:, 0], 0).sum()  # one that is never on
    return W, b


def _largest_z(W: Array, b: Array) -> Array:
    return b + np.maximum(W, 0).sum(axis=0)


LARGEST = Exercise(
    title="the largest z that a unit can have",
    case=_largest_case,
    solution=_largest_z,
    mistakes={
        "that is the z of an input of all ones: where a weight is negative, an input of 0 "
        "gives more": lambda W, b: b + W.sum(axis=0),
        "the bias is missing: each unit adds its own": lambda W, b: np.maximum(W, 0).sum(axis=0),
        "only the largest weight is used: all the inputs may be 1 at the same time": (
            lambda W, b: b + W.max(axis=0)
        ),
        "the maximum comes after the sum: that gives all inputs the same value, but each "
        "of them can be chosen by itself": lambda W, b: b + np.maximum(W.sum(axis=0), 0),
        "that counts the positive weights: add them up": lambda W, b: b + (W > 0).sum(axis=0),
        "the bias stands inside the maximum, and once for every input: it is added once, at "
        "the end": lambda W, b: np.maximum(W + b, 0).sum(axis=0),
        "the signs of the weights are lost: an input of −1 is not allowed": (
            lambda W, b: b + np.abs(W).sum(axis=0)
        ),
        "the weights of all units went into one sum: each column belongs to one unit": (
            lambda W, b: b + np.maximum(W, 0).sum()
        ),
        "that is the smallest z: the ones belong where the weights are positive": (
            lambda W, b: b + np.minimum(W, 0).sum(axis=0)
        ),
        "there is a ReLU at the end: z itself is asked for, and may be negative": (
            lambda W, b: np.maximum(b + np.maximum(W, 0).sum(axis=0), 0)
        ),
    },
    hints=(
        "Take one unit with weights 3 and −2. Which inputs between 0 and 1 make z largest?",
        "Each input can be chosen by itself: 1 where its weight is positive, 0 where it is "
        "negative.",
        "So the sum has the positive weights only, np.maximum(W, 0), down each column. Then add b.",
    ),
)


def _log_sigmoid_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    Z = 2 * rng.normal(size=sizes[:2])
    Z[0, :2] = 800, -800
    return (Z,)


def _log_sigmoid(Z: Array) -> Array:
    return np.minimum(Z, 0) - np.log1p(np.exp(-np.abs(Z)))


LOG_SIGMOID = Exercise(
    title="log σ(z), far from 0 too",
    case=_log_sigmoid_case,
    solution=_log_sigmoid,
    mistakes={
        "−∞ at a very negative Z: e^−Z overflows there, or a safe sigmoid is rounded to 0. Do the "
        "logarithm on paper, and then let no exponent be positive": (
            lambda Z: np.log(1 / (1 + np.exp(-Z)))
        ),
        "−∞ at a large Z: e^Z overflows there: let no exponent be positive": (
            lambda Z: Z - np.log(1 + np.exp(Z))
        ),
        "NaN at a large Z: e^Z/(1 + e^Z) is ∞/∞ there. Do the logarithm on paper, then no "
        "quotient is left": lambda Z: np.log(np.exp(Z) / (1 + np.exp(Z))),
        "the logarithm of the sum has the wrong sign: a logarithm of a number below 1 is "
        "never above 0": lambda Z: np.minimum(Z, 0) + np.log1p(np.exp(-np.abs(Z))),
        "−softplus(−Z) is a sum with a minus before it: max(−Z, 0) gets the minus, too": (
            lambda Z: np.maximum(-Z, 0) - np.log1p(np.exp(-np.abs(Z)))
        ),
        "min(Z, 0) is missing: without it a very negative Z gives 0": (
            lambda Z: -np.log1p(np.exp(-np.abs(Z)))
        ),
        "that is softplus(Z), log(1 + e^Z): log σ(z) is −softplus(−z), so two signs are missing": (
            softplus
        ),
        "that is sigmoid(Z): its logarithm is asked for": sigmoid,
        **{
            f"{tiny:.0e} inside the logarithm keeps it away from −∞, but it gets stuck at "
            f"−{-np.log(tiny):.0f}, where −800 is right: do the logarithm on paper": (
                lambda Z, tiny=tiny: np.log(sigmoid(Z) + tiny)
            )
            for tiny in (
                *(1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20, 1e-30, 1e-100, 1e-300),
                np.finfo(float).eps,
            )
        },
        "that is log(1 − sigmoid(Z)): softplus wants −Z": (
            lambda Z: -np.maximum(Z, 0) - np.log1p(np.exp(-np.abs(Z)))
        ),
        "the sign is turned around: the logarithm of a number below 1 is negative": (
            lambda Z: -_log_sigmoid(Z)
        ),
        "the exponent needs −|Z|: with −Z it is positive where Z is negative": (
            lambda Z: np.minimum(Z, 0) - np.log1p(np.exp(-Z))
        ),
        "max(−Z, 0) with a minus before it is min(Z, 0), not max(Z, 0)": (
            lambda Z: np.maximum(Z, 0) - np.log1p(np.exp(-np.abs(Z)))
        ),
        "where Z is negative a term is missing: Z is right far out only, nearer to 0 the "
        "logarithm counts on this side, too": (
            lambda Z: np.where(Z < 0, Z, -np.log1p(np.exp(-np.abs(Z))))
        ),
        "the logarithm is left out: min(Z, 0) alone has a corner at 0": (
            lambda Z: np.minimum(Z, 0)
        ),
    },
    hints=(
        "The logarithm of 1/u is −log u. What is u here, and which function of the lesson is "
        "the logarithm of it?",
        "log sigmoid(z) = −log(1 + e^−z) = −softplus(−z). Now put −z into the safe softplus.",
        "−max(−Z, 0) is min(Z, 0), and |−Z| is |Z|: min(Z, 0) − log(1 + e^−|Z|), with "
        "`np.log1p` for log(1 + …).",
    ),
)


def _network_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, *widths = sizes
    layers, d_in = [], 1
    for d_out in widths:
        layers.append((rng.normal(size=(d_in, d_out)) / np.sqrt(d_in), rng.normal(size=d_out)))
        d_in = d_out
    return rng.normal(size=(n, 1)), layers


def _network_slope(X: Array, layers: Layers) -> Array:
    A, slope = X, np.ones_like(X)
    for W, b in layers[:-1]:
        A = tanh(A @ W + b)
        slope = slope @ W * tanh_derivative(A)
    return slope @ layers[-1][0]


def _slope_no_tanh(X: Array, layers: Layers) -> Array:
    slope = np.ones_like(X)
    for W, _ in layers:
        slope = slope @ W
    return slope


def _slope_at_the_input(X: Array, layers: Layers) -> Array:
    A, slope = X, np.ones_like(X)
    for W, b in layers[:-1]:
        slope = (slope * (1 - A * A)) @ W
        A = np.tanh(A @ W + b)
    return (slope * (1 - A * A)) @ layers[-1][0]


def _slope_from_z(X: Array, layers: Layers) -> Array:
    A, slope = X, np.ones_like(X)
    for W, b in layers[:-1]:
        Z = A @ W + b
        A, slope = np.tanh(Z), slope @ W * (1 - Z * Z)
    return slope @ layers[-1][0]


def _slope_tanh_at_the_end(X: Array, layers: Layers) -> Array:
    A, slope = X, np.ones_like(X)
    for W, b in layers:
        A = np.tanh(A @ W + b)
        slope = slope @ W * (1 - A * A)
    return slope


def _slope_of_sigmoid(X: Array, layers: Layers) -> Array:
    A, slope = X, np.ones_like(X)
    for W, b in layers[:-1]:
        A = np.tanh(A @ W + b)
        slope = slope @ W * (A * (1 - A))
    return slope @ layers[-1][0]


def _slope_one_factor(X: Array, layers: Layers) -> Array:
    A, slope = X, np.ones_like(X)
    for W, b in layers[:-1]:
        A = np.tanh(A @ W + b)
        slope = slope @ W * (1 - A)
    return slope @ layers[-1][0]


def _slope_from_x(X: Array, layers: Layers) -> Array:
    return X * _network_slope(X, layers)


def _slope_tanh_twice(X: Array, layers: Layers) -> Array:
    A, slope = X, np.ones_like(X)
    for W, b in layers[:-1]:
        A = np.tanh(A @ W + b)
        slope = slope @ W * (1 - np.tanh(A) ** 2)
    return slope @ layers[-1][0]


def _slope_plus_bias(X: Array, layers: Layers) -> Array:
    A, slope = X, np.ones_like(X)
    for W, b in layers[:-1]:
        A = np.tanh(A @ W + b)
        slope = (slope @ W + b) * (1 - A * A)
    return slope @ layers[-1][0] + layers[-1][1]


def _slope_plus_hidden_bias(X: Array, layers: Layers) -> Array:
    A, slope = X, np.ones_like(X)
    for W, b in layers[:-1]:
        A = np.tanh(A @ W + b)
        slope = (slope @ W + b) * (1 - A * A)
    return slope @ layers[-1][0]


def _slope_added(X: Array, layers: Layers) -> Array:
    A, slope = X, np.ones_like(X)
    for W, b in layers[:-1]:
        A = np.tanh(A @ W + b)
        slope = slope @ W + (1 - A * A)
    return slope @ layers[-1][0]


def _slope_relu(X: Array, layers: Layers) -> Array:
    A, slope = X, np.ones_like(X)
    for W, b in layers[:-1]:
        A = np.tanh(A @ W + b)
        slope = slope @ W * (A > 0)
    return slope @ layers[-1][0]


def _slope_through_tanh(X: Array, layers: Layers) -> Array:
    slope = np.ones_like(X)
    for W, b in layers[:-1]:
        slope = 1 - np.tanh(slope @ W + b) ** 2
    return slope @ layers[-1][0]


def _slope_started_again(X: Array, layers: Layers) -> Array:
    A = X
    for W, b in layers[:-1]:
        A = np.tanh(A @ W + b)
    return (1 - A * A) @ layers[-1][0]


def _slope_of_the_last_hidden(X: Array, layers: Layers) -> Array:
    A, slope = X, np.ones_like(X)
    for W, b in layers[:-1]:
        A = np.tanh(A @ W + b)
        slope = slope @ W * (1 - A * A)
    return slope


def _network_output(X: Array, layers: Layers) -> Array:
    A = X
    for W, b in layers[:-1]:
        A = np.tanh(A @ W + b)
    return A @ layers[-1][0] + layers[-1][1]


NETWORK = Exercise(
    title="the slope of a whole network",
    case=_network_case,
    solution=_network_slope,
    derived=True,
    mistakes={
        "the slopes of tanh are missing: that is the network without activations": _slope_no_tanh,
        "tanh's slope is taken at the wrong end: 1 − A² wants the A that comes out of this "
        "layer, not the one that went in": _slope_at_the_input,
        "1 − Z² is not the slope of tanh: it comes from the output, 1 − A²": _slope_from_z,
        "there is a tanh after the last layer too: its outputs are Z itself": (
            _slope_tanh_at_the_end
        ),
        "A (1 − A) is the slope of the sigmoid, that of tanh is 1 − A²": _slope_of_sigmoid,
        "one factor is lost: the slope of tanh is 1 − A² = (1 + A)(1 − A)": _slope_one_factor,
        "tanh is applied twice: A is the output already, so its slope is 1 − A²": (
            _slope_tanh_twice
        ),
        "a bias is added to the slope: it does not grow with x, so it does not belong there": (
            _slope_plus_bias
        ),
        "a bias is added to the slope in the hidden layers: it does not grow with x": (
            _slope_plus_hidden_bias
        ),
        "the slopes of the layers are added: along a chain they multiply": _slope_added,
        "the slope starts at 0, and 0 stays 0: how fast does x grow when x grows?": (
            lambda X, layers: 0 * _network_slope(X, layers)
        ),
        "a mask is the slope of a ReLU, that of tanh is 1 − A²": _slope_relu,
        "the slope is sent through the layers as if it were X, and 1 − tanh² is taken of it: "
        "carry A and the slope side by side, and multiply": _slope_through_tanh,
        "only the last tanh is in it: each layer multiplies the slope that comes in": (
            _slope_started_again
        ),
        "the last layer is missing: it has no tanh, but its weights multiply too": (
            _slope_of_the_last_hidden
        ),
        "the slope starts as X: but when x grows by a little, x grows by 1 times that": (
            _slope_from_x
        ),
        "the biases are missing: they change A, and so the slopes": (
            lambda X, layers: _network_slope(X, [(W, 0 * b) for W, b in layers])
        ),
        "that is the output of the network, not its slope": _network_output,
    },
    hints=(
        "Carry two arrays through the layers: A, and how fast each of its entries grows when x "
        "grows. At the start A is X, and it grows as fast as x does: once.",
        "z_j = Σ_i a_i W_ij + b_j is a sum, so its slope is the sum of the slopes: "
        "slope_j = Σ_i slope_i W_ij, a matrix product. The bias stands still.",
        "In each hidden layer: A = np.tanh(A @ W + b), then slope = (slope @ W) * (1 − A * A). "
        "In the last: slope @ W. It starts as np.ones_like(X).",
    ),
)


EXERCISES = {
    "02.0": SLOPES,
    "02.1": SOFTSIGN,
    "02.2": LARGEST,
    "02.3": NETWORK,
    "02.4": LOG_SIGMOID,
}


QUESTIONS = (
    Question(
        "Somebody invents the activation a = z². Its slope is 2z. Can a layer throw z away and "
        "find the slope from a alone?",
        {
            "Yes: z is √a, so the slope is 2√a.": (
                "that is right for z > 0 only. From z = −3 comes a = 9 as well, and there the "
                "slope is −6, not 6"
            ),
            "Yes: it has a slope everywhere, without a corner.": (
                "smoothness is not what counts: here the same output comes twice, with two "
                "different slopes"
            ),
            "No: that works only where an exponential cancels.": (
                "ReLU has no exponential, and its slope comes from its output. What counts is "
                "whether one output can belong to two slopes"
            ),
            "No: one a belongs to two slopes.": Right(
                "z = 3 and z = −3 give the same 9, with slopes 6 and −6: the function falls, and "
                "then rises"
            ),
        },
    ),
    Question(
        "Ten sigmoids in a chain. Their slopes are at most ¼, so somebody makes every weight 4, "
        "as 4 · ¼ = 1. How much of a nudge arrives at the end?",
        {
            "All of it, whatever goes in: each factor is 1.": (
                "¼ is the slope at z = 0 only. Everywhere else it is smaller, and 4 times that is "
                "below 1, ten times over"
            ),
            "All of it if every z is 0, and less in all other cases.": Right(
                "every factor is 4 a (1 − a), which is 1 at z = 0 and below 1 elsewhere. The next "
                "z is 4 · ½ plus its bias, so all of them are 0 only with biases of −2"
            ),
            "About a million times as much: the weights multiply.": (
                "the weights do multiply to 4¹⁰, about a million, but the ten slopes multiply too, "
                "to a millionth at best"
            ),
            "A millionth, as before: only slopes multiply.": (
                "the chain's formula is slope times weight times slope times weight. With weights "
                "of 1 one does not see them"
            ),
        },
    ),
    Question(
        "A ReLU of the first layer is off for 95 of 100 examples, and on for 5. Training goes on, "
        "with all 100. Is it dead?",
        {
            "No: the 5 can move its weights and its bias.": Right(
                "the loss has a slope there, through these 5. And all examples share the weights: "
                "once they move, z moves for the other 95, too"
            ),
            "Yes, as good as: it is off nearly always.": (
                "an example for which it is off adds nothing to its slopes, one for which it is on "
                "adds its full share. ReLUs that are on for few examples are common and useful"
            ),
            "Yes: where it is off, its weights cannot change.": (
                "a unit has one set of weights for all examples. It is not switched off by an "
                "example, that one only has no say"
            ),
            "No: its slope is small where it is off, not zero.": (
                "it is exactly zero where it is off, and exactly one where it is on. The small "
                "slope is that of the leaky ReLU"
            ),
        },
    ),
)
