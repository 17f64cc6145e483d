"""Lesson 04, backprop: its exercises and questions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]
Gradients = tuple[Array, ...]


def _network_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, d, h, k = sizes
    X, W1, b1 = rng.normal(size=(n, d)), rng.normal(size=(d, h)), rng.normal(size=h)
    W2, b2 = rng.normal(size=(h, k)), rng.normal(size=k)
    Z1 = X @ W1 + b1
    A1 = np.maximum(Z1, 0)
    expZ = np.exp(A1 @ W2 + b2)
    return X, np.eye(k)[rng.integers(k, size=n)], W2, Z1, A1, expZ / expZ.sum(1, keepdims=True)


def _way_back(
    of_logits: Callable[[Array, Array], Array] = lambda P, Y: (P - Y) / len(P),
    of_weights: Callable[[Array, Array], Array] = lambda A, dZ: A.T @ dZ,
    of_bias: Callable[[Array], Array] = lambda dZ: dZ.sum(axis=0),
    through_relu: Callable[[Array, Array], Any] = lambda dA, Z: dA * (Z > 0),
) -> Callable[..., Gradients]:
    """Make the seven lines, with one of them as somebody may write it."""

    def backward(X: Array, Y: Array, W2: Array, Z1: Array, A1: Array, P: Array) -> Gradients:
        dZ2 = of_logits(P, Y)
        dA1 = dZ2 @ W2.T
        dZ1 = through_relu(dA1, Z1)
        dW1, dW2 = of_weights(X, dZ1), of_weights(A1, dZ2)
        return dZ2, dW2, of_bias(dZ2), dA1, dZ1, dW1, of_bias(dZ1)

    return backward


def _around_the_relu(*arguments: Array) -> Gradients:
    *above, dZ1, _, _ = _way_back()(*arguments)
    X, dA1 = arguments[0], above[-1]
    return *above, dZ1, X.T @ dA1, dA1.sum(axis=0)


def _last(given: tuple[Array, ...]) -> Array:
    """Sum the rows of dA1 in place of those of dZ1."""
    return _way_back()(*given)[3].sum(axis=0)


def _before_the_relu(*given: Array) -> Gradients:
    """Make dW2 of Z1 in place of A1."""
    dZ2, _, *others = _way_back()(*given)
    return dZ2, given[3].T @ dZ2, *others


SEVEN_LINES = Exercise(
    title="the seven lines of backprop",
    case=_network_case,
    solution=_way_back(),
    derived=True,
    mistakes={
        "dZ2: the 1/n is missing: the loss is a mean over the examples": (
            _way_back(of_logits=lambda P, Y: P - Y)
        ),
        "dZ2: divided by the number of classes, but the loss is a mean over the examples: len(X)": (
            _way_back(of_logits=lambda P, Y: (P - Y) / P.shape[1])
        ),
        "dZ2: the sign is turned around: the probability minus the truth, P − Y": (
            _way_back(of_logits=lambda P, Y: (Y - P) / len(P))
        ),
        "dZ2: only the true classes are pulled, but P − Y also pushes all the others down": (
            _way_back(of_logits=lambda P, Y: (P - Y) * Y / len(P))
        ),
        "dZ2 right; dW2: divided by n once more, but the 1/n is in dZ2 already, and belongs to the "
        "loss alone": _way_back(of_weights=lambda A, dZ: A.T @ dZ / len(A)),
        "dZ2 right; dW2: made of Z1, but what the second layer multiplies is what comes out of the "
        "ReLU, A1": _before_the_relu,
        "dZ2, dW2 right; db2: a mean over the rows, but roads add: a sum. The 1/n is in dZ2": (
            _way_back(of_bias=lambda dZ: dZ.mean(axis=0))
        ),
        "all right down to dA1; dZ1: the mask is missing, or always true, as A1 >= 0 is: nothing "
        "comes back through a unit that was off": _way_back(through_relu=lambda dA, Z: 1.0 * dA),
        "all right down to dA1; dZ1: the mask looks at dA1, but whether a unit was on is decided "
        "by Z1": _way_back(through_relu=lambda dA, Z: dA * (dA > 0)),
        "all right down to dA1; dZ1: that is the mask alone, and the chain rule multiplies it by "
        "what comes back, dA1": _way_back(through_relu=lambda dA, Z: 1.0 * (Z > 0)),
        "all right down to dA1; dZ1: that is the mask, True and False: multiply dA1 by it": (
            _way_back(through_relu=lambda dA, Z: Z > 0)
        ),
        "all right down to dA1; dZ1: multiplied by the activation, but what counts is its slope, "
        "1 or 0: [Z1 > 0]": _way_back(through_relu=lambda dA, Z: dA * np.maximum(Z, 0)),
        "all right down to dA1; dZ1: multiplied by Z1, but what counts is the slope of the ReLU "
        "there, 1 or 0: [Z1 > 0]": _way_back(through_relu=lambda dA, Z: dA * Z),
        "all right down to dA1; dZ1: a ReLU of dA1 looks at the sign of dA1, and whether a unit "
        "was on is decided by Z1": _way_back(
            through_relu=lambda dA, Z: np.maximum(dA * (Z > 0), 0)
        ),
        "all right down to dA1; dZ1: max(dA1 · Z1, 0) is no slope: dA1 where Z1 > 0, else 0": (
            _way_back(through_relu=lambda dA, Z: np.maximum(dA * Z, 0))
        ),
        "all right down to dZ1; dW1: made of dA1, but the first layer is handed what has come "
        "through the ReLU, dZ1": _around_the_relu,
        "all right down to dW1; db1: made of dA1, but the first layer is handed what has come "
        "through the ReLU, dZ1": lambda *given: (*_way_back()(*given)[:-1], _last(given)),
    },
    hints=(
        "Each line is one of three: the loss's own (P − Y)/n; a layer's dW, db and dX; a ReLU's "
        "mask. The second layer's input is called A1.",
        "dW2 is (h, k), made of A1 (n, h) and dZ2 (n, k). db2 is (k,): which axis goes? dA1 is "
        "what the second layer hands to its left, so it is made of dZ2 and W2.",
        "dZ1 is dA1 where Z1 > 0, else 0. Then dW1 and db1 are as dW2 and db2 were, with X in "
        "place of A1 and dZ1 in place of dZ2.",
    ),
    parts=("dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1"),
)


def _leaky_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, d = sizes[:2]
    return rng.normal(size=(n, d)), rng.normal(size=(n, d)), float(rng.uniform(0.05, 0.3))


def _leaky_backward(dA: Array, Z: Array, alpha: float) -> Array:
    return dA * np.where(Z > 0, 1.0, alpha)


LEAKY = Exercise(
    title="leaky ReLU backward",
    case=_leaky_case,
    solution=_leaky_backward,
    derived=True,
    mistakes={
        "the slope is right, but dA is missing: the chain rule multiplies by it": (
            lambda dA, Z, alpha: np.where(Z > 0, 1.0, alpha)
        ),
        "that is the backward of a plain ReLU: where Z ≤ 0 the slope is alpha, not 0": (
            lambda dA, Z, alpha: dA * (Z > 0)
        ),
        "the mask looks at dA: whether a unit was on is decided by Z": (
            lambda dA, Z, alpha: dA * np.where(dA > 0, 1.0, alpha)
        ),
        "the two slopes are swapped: 1 where Z > 0, alpha elsewhere": (
            lambda dA, Z, alpha: dA * np.where(Z > 0, alpha, 1.0)
        ),
        "that is the forward pass, A itself: dZ is dA times the slope": (
            lambda dA, Z, alpha: np.where(Z > 0, Z, alpha * Z)
        ),
        "where Z ≤ 0 the slope is alpha, not −alpha: A rises with Z there too, only less": (
            lambda dA, Z, alpha: dA * np.where(Z > 0, 1.0, -alpha)
        ),
        "that multiplies by Z as well: where Z ≤ 0 the slope of αZ is alpha": (
            lambda dA, Z, alpha: np.where(Z > 0, dA, alpha * Z * dA)
        ),
        "where Z ≤ 0 that is A, αZ, but what belongs there is dA times the slope: alpha · dA": (
            lambda dA, Z, alpha: np.where(Z > 0, dA, alpha * Z)
        ),
        "multiplied by the activation, but what counts is its slope: 1 where Z > 0, else alpha": (
            lambda dA, Z, alpha: dA * np.where(Z > 0, Z, alpha * Z)
        ),
        "alpha is added: it is the slope where Z ≤ 0, and a slope multiplies dA": (
            lambda dA, Z, alpha: dA * (Z > 0) + alpha
        ),
        "where Z ≤ 0 alpha stands alone: it is a slope there, and a slope multiplies dA": (
            lambda dA, Z, alpha: dA * (Z > 0) + alpha * (Z <= 0)
        ),
    },
    hints=(
        "Each entry of A depends on one entry of Z. What is its slope where Z > 0, and elsewhere?",
        "The slope is 1 or alpha. np.where(condition, one, other) chooses entry by entry.",
        "dA times that array, entry by entry.",
    ),
)


def _residual_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, d = sizes[:2]
    X, dA = rng.normal(size=(n, d)), rng.normal(size=(n, d))
    return dA, X, rng.normal(size=(d, d)), rng.normal(size=d)


def _residual_backward(dA: Array, X: Array, W: Array, b: Array) -> Array:
    dZ = dA * (X @ W + b > 0)
    return dA + dZ @ W.T


RESIDUAL = Exercise(
    title="residual layer backward",
    case=_residual_case,
    solution=_residual_backward,
    derived=True,
    mistakes={
        "the road around the layer is missing: X is also added to the output, and roads add": (
            lambda dA, X, W, b: (dA * (X @ W + b > 0)) @ W.T
        ),
        "only the road around the layer is there: X also goes through W": (
            lambda dA, X, W, b: dA.copy()
        ),
        "the ReLU's mask is missing: nothing flows back through a unit that was off": (
            lambda dA, X, W, b: dA + dA @ W.T
        ),
        "W is not transposed: W is square here, so the shapes fit either way": (
            lambda dA, X, W, b: dA + (dA * (X @ W + b > 0)) @ W
        ),
        "the mask forgets the bias: a unit is on where X W + b > 0": (
            lambda dA, X, W, b: dA + (dA * (X @ W > 0)) @ W.T
        ),
        "the mask looks at the output X + max(Z, 0): whether a unit was on is decided by Z": (
            lambda dA, X, W, b: dA + (dA * (X + np.maximum(X @ W + b, 0) > 0)) @ W.T
        ),
        "the mask looks at the input X: whether a unit was on is decided by Z = X W + b": (
            lambda dA, X, W, b: dA + (dA * (X > 0)) @ W.T
        ),
        "straight across comes X itself, but what comes back there is dA times the slope 1": (
            lambda dA, X, W, b: X + (dA * (X @ W + b > 0)) @ W.T
        ),
        "one road is taken from the other: the layer's result is added to X, and roads add": (
            lambda dA, X, W, b: dA - (dA * (X @ W + b > 0)) @ W.T
        ),
        "straight across the slope is 1, but 1 alone is not what arrives there: dA times 1 is": (
            lambda dA, X, W, b: 1 + (dA * (X @ W + b > 0)) @ W.T
        ),
        "the mask is on the short cut, too: that road leads around the ReLU": (
            lambda dA, X, W, b: dA * (X @ W + b > 0) + (dA * (X @ W + b > 0)) @ W.T
        ),
        "Wᵀ is on the short cut, too: that road leads around the layer, and hands dA back whole": (
            lambda dA, X, W, b: (dA + dA * (X @ W + b > 0)) @ W.T
        ),
        "W is missing: after the mask, the layer's road goes back through W as well": (
            lambda dA, X, W, b: dA + dA * (X @ W + b > 0)
        ),
        "multiplied by the activation max(Z, 0), but what counts is its slope, 1 or 0: [Z > 0]": (
            lambda dA, X, W, b: dA + (dA * np.maximum(X @ W + b, 0)) @ W.T
        ),
        "on the layer's road dA is missing: the mask is a slope, and a slope multiplies dA": (
            lambda dA, X, W, b: dA + (X @ W + b > 0) @ W.T
        ),
        "what comes back by the two roads is multiplied: multiply along a road, add over roads": (
            lambda dA, X, W, b: dA * ((dA * (X @ W + b > 0)) @ W.T)
        ),
        "the mask comes too late: on the way back dA meets the ReLU first, and W after it": (
            lambda dA, X, W, b: dA + (dA @ W.T) * (X @ W + b > 0)
        ),
    },
    hints=(
        "X reaches A by two roads: through the layer, and straight across.",
        "Straight across the slope is 1, so dA arrives unchanged. Through the layer: dZ first.",
        "dA + (dA ⊙ [Z > 0]) Wᵀ, with Z = X W + b computed again.",
    ),
)


def _tied_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, d, h = sizes[:3]
    return rng.normal(size=(n, d)), rng.normal(size=(d, h)), rng.normal(size=h)


def _tied_gradient(X: Array, W: Array, b: Array) -> Array:
    A = X @ W + b
    dX_hat = (A @ W.T - X) / len(X)
    return X.T @ (dX_hat @ W) + dX_hat.T @ A


def _tied_encoder_only(X: Array, W: Array, b: Array) -> Array:
    dX_hat = ((X @ W + b) @ W.T - X) / len(X)
    return X.T @ (dX_hat @ W)


def _tied_decoder_only(X: Array, W: Array, b: Array) -> Array:
    A = X @ W + b
    return ((A @ W.T - X) / len(X)).T @ A


TIED = Exercise(
    title="the gradient of a tied autoencoder",
    case=_tied_case,
    solution=_tied_gradient,
    derived=True,
    mistakes={
        "only the road through A = X W + b is there: W is used twice, and roads add": (
            _tied_encoder_only
        ),
        "only the road through the decoder A Wᵀ is there: W is used twice, and roads add": (
            _tied_decoder_only
        ),
        "the 1/n is missing: L is a mean over the examples": (
            lambda X, W, b: _tied_gradient(X, W, b) * len(X)
        ),
        "only the road through the decoder is there, and transposed: X̂ = A Wᵀ has W transposed, "
        "so what W gets is dX̂ᵀ A": lambda X, W, b: _tied_decoder_only(X, W, b).T,
        "the road through A = X W + b is there twice, and the one through the decoder A Wᵀ is "
        "missing: the two uses of W differ": lambda X, W, b: 2 * _tied_encoder_only(X, W, b),
        "the road through the decoder A Wᵀ is there twice, and the one through A = X W + b is "
        "missing: the two uses of W differ": lambda X, W, b: 2 * _tied_decoder_only(X, W, b),
        "that is Xᵀ dX̂, (d, d), and dW is (d, h): what stands right of X W + b is A, so dA = dX̂ W "
        "comes first": lambda X, W, b: X.T @ (((X @ W + b) @ W.T - X) / len(X)),
        "one use is taken from the other: W is used twice, and roads add": (
            lambda X, W, b: _tied_encoder_only(X, W, b) - _tied_decoder_only(X, W, b)
        ),
        "the encoder's use is taken from the decoder's: W is used twice, and roads add": (
            lambda X, W, b: _tied_decoder_only(X, W, b) - _tied_encoder_only(X, W, b)
        ),
        "b is forgotten: A is X W + b, and dW is made of it": (
            lambda X, W, b: _tied_gradient(X, W, 0 * b)
        ),
        "the sign is turned around: dX̂ = (X̂ − X)/n": lambda X, W, b: -_tied_gradient(X, W, b),
        "twice too large: the ½ of the loss cancels the 2 of the square": (
            lambda X, W, b: 2 * _tied_gradient(X, W, b)
        ),
    },
    hints=(
        "Write the two uses as if they were two matrices: A = X W + b, X̂ = A Vᵀ.",
        "dX̂ = (X̂ − X)/n. Vᵀ gets Aᵀ dX̂, so V gets its transpose, dX̂ᵀ A. W's first use has "
        "dA = dX̂ V.",
        "V is W: add the two gradients.",
    ),
)


def _columns_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, d_in, d_out = sizes[:3]
    dZ, X = rng.normal(size=(d_out, n)), rng.normal(size=(d_in, n))
    return dZ, X, rng.normal(size=(d_out, d_in))


def _columns_backward(dZ: Array, X: Array, W: Array) -> Gradients:
    return dZ @ X.T, dZ.sum(axis=1, keepdims=True), W.T @ dZ


COLUMNS = Exercise(
    title="gradients where examples are columns",
    case=_columns_case,
    solution=_columns_backward,
    derived=True,
    mistakes={
        "dW right; db: examples are columns here, so the sum runs along axis 1": (
            lambda dZ, X, W: (dZ @ X.T, dZ.sum(axis=0), W.T @ dZ)
        ),
        "dW right; db: the right numbers, but b is a column of shape (d_out, 1): keepdims=True": (
            lambda dZ, X, W: (dZ @ X.T, dZ.sum(axis=1), W.T @ dZ)
        ),
        "dW right; db: a mean over the examples, but roads add: a sum. The loss owns the 1/n": (
            lambda dZ, X, W: (dZ @ X.T, dZ.mean(axis=1, keepdims=True), W.T @ dZ)
        ),
        "dW: that has the shape (d_in, d_out) of the lesson's W; here W is (d_out, d_in)": (
            lambda dZ, X, W: (X @ dZ.T, dZ.sum(axis=1, keepdims=True), W.T @ dZ)
        ),
        "dW, db right; dX: that has examples as rows; here X is (d_in, n)": (
            lambda dZ, X, W: (dZ @ X.T, dZ.sum(axis=1, keepdims=True), dZ.T @ W)
        ),
        "all three have examples as rows, as in the lesson; here they are columns": (
            lambda dZ, X, W: (X @ dZ.T, dZ.sum(axis=1), dZ.T @ W)
        ),
    },
    hints=(
        "Ask the shapes: dW is (d_out, d_in), made of dZ (d_out, n) and X (d_in, n).",
        "Every sum over the examples runs along the second axis now. dX is (d_in, n).",
        "Z = W X + b is the transpose of the lesson's layer: transpose its three equations.",
    ),
    parts=("dW", "db", "dX"),
)


EXERCISES = {
    "04.0": SEVEN_LINES,
    "04.1": LEAKY,
    "04.2": COLUMNS,
    "04.3": RESIDUAL,
    "04.4": TIED,
}


QUESTIONS = (
    Question(
        "For a whole batch, one hidden unit of the two-layer network is off: its column of Z1 is "
        "negative everywhere. Which of the parameters that belong to it still get a gradient?",
        {
            "None of them: its column of W1, its entry of b1, its row of W2.": Right(
                "the mask stops what goes to W1 and b1, and the activation 0 is the factor of its "
                "row of W2. If it is off for every batch, it stays as it is: lesson 02 calls it "
                "dead"
            ),
            "Its column of W1 and its entry of b1 get none, its row of W2 does.": (
                "its row of W2 multiplies that unit's activations, and they are 0 for every "
                "example: dW2 = A1ᵀ dZ2 has a row of zeros there"
            ),
            "All of them: dA1 does arrive at the unit.": (
                "it arrives at A1, and goes no further: the slope of the ReLU is 0 there. And what "
                "W2 gets is made of A1, which is 0"
            ),
        },
    ),
    Question(
        "Somebody writes the ReLU's backward as dZ = dA * (dA > 0). What goes wrong?",
        {
            "Nothing: where nothing comes through, dA is 0 anyway.": (
                "dA is what the layers above ask for; it knows nothing of whether this unit was "
                "on. Only Z, or A, tells that"
            ),
            "Units that are on lose their negative gradients, and units that are off pass "
            "positive ones on.": Right(
                "the mask must ask whether the unit was on. This one asks whether the loss wants "
                "the unit lower, so no unit is ever raised, and units that were off are moved for "
                "something that they did not do"
            ),
            "Only the entries with dA = 0 are wrong.": (
                "where dA is 0, dZ is 0 under any mask. The harm is done where dA is negative and "
                "the unit was on, or dA is positive and it was off"
            ),
        },
    ),
    Question(
        "The shapes of dZ Wᵀ fit together: (n, d_out)(d_out, d_in). Does that prove the formula?",
        {
            "Yes: the shapes leave no other choice.": (
                "they leave many: no shape tells a lost factor, a sign or a mask; and if "
                "d_in = d_out, dZ W has the same shape"
            ),
            "No: a shape rules out some wrong formulas only.": Right(
                "shapes catch what changes the shape, such as a missing transpose where the sizes "
                "differ, or a sum over the wrong axis, and nothing else. That is why every "
                "gradient in this lesson is measured too"
            ),
            "Yes, as long as the code runs without an error.": (
                "the ReLU with the wrong mask runs, and so does a gradient with the wrong sign"
            ),
        },
    ),
)
