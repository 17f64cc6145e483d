"""Lesson 04, backprop: its exercises and questions."""

from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]


def _leaky_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, d = sizes[:2]
    return rng.normal(size=(n, d)), rng.normal(size=(n, d)), float(rng.uniform(0.05, 0.3))


def _leaky_backward(dA: Array, Z: Array, alpha: float) -> Array:
    return dA * np.where(Z > 0, 1.0, alpha)


LEAKY = Exercise(
    case=_leaky_case,
    solution=_leaky_backward,
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
        "that is the forward pass of dA: the slope depends on Z": (
            lambda dA, Z, alpha: np.where(Z > 0, Z, alpha * Z)
        ),
    },
    hints=(
        "Each entry of A depends on one entry of Z: the slope is 1 or alpha.",
        "Make an array of slopes from Z with np.where.",
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
    case=_residual_case,
    solution=_residual_backward,
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
    case=_tied_case,
    solution=_tied_gradient,
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
        "the sign is turned around: dX̂ = (X̂ − X)/n": lambda X, W, b: -_tied_gradient(X, W, b),
        "twice too large: the ½ of the loss cancels the 2 of the square": (
            lambda X, W, b: 2 * _tied_gradient(X, W, b)
        ),
    },
    hints=(
        "Write the two uses as if they were two matrices: A = X W + b, X̂ = A Vᵀ.",
        "dX̂ = (X̂ − X)/n. Then dV is dX̂ᵀ A, and W's first use has dA = dX̂ V.",
        "V is W: add the two gradients.",
    ),
)


EXERCISES = {"04.1": LEAKY, "04.2": RESIDUAL, "04.3": TIED}


QUESTIONS = (
    Question(
        "You repeat every example of a batch, so that n doubles. The loss is a mean. What happens "
        "to dW = XᵀdZ?",
        {
            "It doubles: the sum over examples has twice as many terms.": (
                "the sum does have twice as many terms, but the loss owns a 1/n, and n has doubled "
                "too: every term is half as large"
            ),
            "It halves: the loss divides by twice as many examples.": (
                "each term is half as large, but there are twice as many of them, and Xᵀ dZ adds "
                "them all up"
            ),
            "It stays as it is.": Right(
                "dZ carries the 1/n of the loss, so its rows halve, and Xᵀ dZ sums twice as many"
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
            "Units that are on lose their negative gradients.": Right(
                "the mask must ask whether the unit was on, A > 0. This one asks whether the loss "
                "wants the unit lower, so no unit is ever raised"
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
            "Yes: no other product of these two has the shape of X.": (
                "if d_in = d_out, dZ W has that shape as well; and no shape tells a lost factor, "
                "sign or mask"
            ),
            "No: a shape rules out some wrong formulas only.": Right(
                "shapes catch a missing transpose where the sizes differ, and nothing else. That "
                "is why every gradient in this lesson is measured too"
            ),
            "Yes, as long as the code runs without an error.": (
                "the ReLU with the wrong mask runs, and so does a gradient with the wrong sign"
            ),
        },
    ),
)
