"""What an error says to do is done here, and works: losses, targets, weights, activations."""

import numpy as np

import nnlib as nn
from nnlib.activations import gelu, leaky_relu, softmax
from tests.helpers.remedies import each, expect_rows, follow

Z = np.array([[2.0, 1.0], [0.5, -0.5], [-1.0, 1.0], [0.0, 3.0]])
P = softmax(Z)
Y = np.array([0, 0, 1, 1])
ONE = Z[:, :1]
NAMES = np.array(["no", "yes"])[Y]
SOFTMAX, SIGMOID, SQUARED = (
    nn.SoftmaxCrossEntropy(),
    nn.SigmoidCrossEntropy(),
    nn.MeanSquaredError(),
)
VALUE = SOFTMAX.value(Z, Y)


def softmax_loss(y, Z=Z, weights=None, **options):
    return nn.SoftmaxCrossEntropy(**options).value(Z, y, weights)


def numbered(y):
    """The line that errors propose."""
    _, y = np.unique(y, return_inverse=True)
    return y


def weighted(class_weight):
    return softmax_loss(Y, class_weight=class_weight)


MISSING = np.array([0.0, np.nan, 1.0, 1.0])
KNOWN = np.isfinite(MISSING)
HEAVY = softmax_loss(Y, weights=[1, 1, 5, 5])

# A call, the error, what it says (in the end: what to do), that done, and what it gives.
LABELS = [
    (
        lambda: softmax_loss(np.eye(2, dtype=int)[Y]),
        ValueError,
        "y: expected class labels of shape (n,), got shape (4, 2): turn one-hot rows into labels "
        "with numpy.argmax(y, axis=1)",
        lambda: softmax_loss(np.argmax(np.eye(2, dtype=int)[Y], axis=1)),
        VALUE,
    ),
    (
        lambda: softmax_loss(Y[:, np.newaxis]),
        ValueError,
        "a column into (n,) with numpy.ravel(y)",
        lambda: softmax_loss(np.ravel(Y[:, np.newaxis])),
        VALUE,
    ),
    (
        lambda: softmax_loss(Y[:3]),
        ValueError,
        "y and Z: expected one row each for every example, got 3 and 4 rows",
        lambda: softmax_loss(Y[:3], Z[:3]),
        SOFTMAX.value(Z[:3], Y[:3]),
    ),
    (
        lambda: softmax_loss(Y + 1),
        ValueError,
        "y: expected class labels from 0 to 1 for 2 outputs, got 2: number the classes from 0, "
        "names, y = numpy.unique(y, return_inverse=True)",
        lambda: softmax_loss(numbered(Y + 1)),
        VALUE,
    ),
    (
        lambda: softmax_loss(Y + 1),
        ValueError,
        "or give the last layer more outputs",
        lambda: softmax_loss(Y + 1, np.c_[np.full(4, -np.finfo(float).max), Z]),
        VALUE,
    ),
    (
        lambda: softmax_loss(NAMES),
        TypeError,
        "got dtype <U3: names, y = numpy.unique(y, return_inverse=True) numbers them",
        lambda: softmax_loss(numbered(NAMES)),
        VALUE,
    ),
    (
        lambda: softmax_loss(MISSING),
        ValueError,
        "got nan at y[1] (1 of 4 are missing): leave out the examples whose class is not known",
        lambda: softmax_loss(np.asarray(MISSING[KNOWN], int), Z[KNOWN]),
        SOFTMAX.value(Z[KNOWN], Y[KNOWN]),
    ),
    (
        lambda: softmax_loss(Y + 0.5),
        TypeError,
        "got 0.5 at y[0]: to learn numbers, use MeanSquaredError() with one output",
        lambda: nn.MeanSquaredError().value(ONE, Y + 0.5),
        np.mean((ONE[:, 0] - Y - 0.5) ** 2),
    ),
    (
        lambda: softmax_loss(Y > 0),
        TypeError,
        "got dtype bool: all are whole, so numpy.asarray(y, dtype=int) turns them into labels",
        lambda: softmax_loss(np.asarray(Y > 0, dtype=int)),
        VALUE,
    ),
]

SHARES = np.array([[0.25, 0.75], [1, 0], [0.5, 0.5], [0, 1]])
SOFT = float(-np.sum(SHARES * np.log(P)) / 4)
LOST = np.where(SHARES == 0.75, np.nan, SHARES)

ROWS_OF_SHARES = [
    (
        lambda: softmax_loss(SHARES[:3]),
        ValueError,
        "y: expected class labels of shape (4,), or a probability of each class, shape (4, 2), got "
        "(3, 2): give every example its row",
        lambda: softmax_loss(SHARES),
        SOFT,
    ),
    (
        lambda: softmax_loss(np.c_[np.zeros(4), SHARES]),
        ValueError,
        "got (4, 3): give every example its row, and the last layer one output for each class",
        lambda: softmax_loss(np.c_[np.zeros(4), SHARES], np.c_[np.full(4, -1e9), Z]),
        SOFT,
    ),
    (
        lambda: softmax_loss(LOST),
        ValueError,
        "y: expected finite numbers, got nan at y[0, 1] (1 of 8 entries are not finite): leave out "
        "the examples whose class is not known",
        lambda: softmax_loss(LOST[1:], Z[1:]),
        SOFTMAX.value(Z[1:], SHARES[1:]),
    ),
    (
        lambda: softmax_loss(np.log(SHARES + 1e-300) + 5),
        ValueError,
        "got an entry of -685.8 and row sums from -680.8 to 8.614: nnlib.softmax(y) makes such "
        "rows of logits",
        lambda: softmax_loss(nn.softmax(np.log(SHARES + 1e-300) + 5)),
        SOFT,
    ),
    (
        lambda: softmax_loss(4 * SHARES),
        ValueError,
        "y: expected rows of probabilities that sum to 1, got an entry of 0 and row sums from 4 to "
        "4: numpy.divide(y, numpy.sum(y, axis=1, keepdims=True)) makes shares of counts",
        lambda: softmax_loss(np.divide(4 * SHARES, np.sum(4 * SHARES, axis=1, keepdims=True))),
        SOFT,
    ),
    (
        lambda: softmax_loss([[1.0, 1.0], [0.0, 1.0], [0.0, 0.0], [1.0, 0.0]]),
        ValueError,
        "and row sums from 0 to 2: for labels that do not exclude each other, use "
        "SigmoidCrossEntropy()",
        lambda: SIGMOID.value(Z, [[1.0, 1.0], [0.0, 1.0], [0.0, 0.0], [1.0, 0.0]]),
        lambda value: value > 0,
    ),
    (
        lambda: nn.CrossEntropy().value(P, np.eye(2)[Y]),
        ValueError,
        "y: expected class labels of shape (n,), got real numbers of shape (4, 2): numpy.argmax(y, "
        "axis=1) turns one-hot rows into labels",
        lambda: nn.CrossEntropy().value(P, np.argmax(np.eye(2)[Y], axis=1)),
        VALUE,
    ),
    (
        lambda: nn.CrossEntropy().value(P, SHARES),
        ValueError,
        "other probabilities of classes need SoftmaxCrossEntropy(), on logits",
        lambda: softmax_loss(SHARES),
        SOFT,
    ),
]

TARGETS = [
    (
        lambda: SQUARED.value(ONE, Z),
        ValueError,
        "y: expected one target for each output, shape (4,) or (4, 1), got (4, 2): a broadcast "
        "would compare every output with every target",
        lambda: SQUARED.value(ONE, Z[:, 0]),
        0,
    ),
    (
        lambda: SQUARED.value(ONE, MISSING),
        ValueError,
        "y: expected finite numbers, got nan at y[1] (1 of 4 entries are not finite): clean the "
        "targets first",
        lambda: SQUARED.value(ONE, np.nan_to_num(MISSING)),
        np.mean((ONE[:, 0] - Y) ** 2),
    ),
    (
        lambda: SIGMOID.value(ONE, (Y + 1).tolist()),
        ValueError,
        "or a probability between, got 2: numpy.equal(y, 2).astype(int) is 1 for 2, 0 for 1",
        lambda: SIGMOID.value(ONE, np.equal((Y + 1).tolist(), 2).astype(int)),
        SIGMOID.value(ONE, Y),
    ),
    (
        lambda: SIGMOID.value(ONE, [0, 1, 2, 3]),
        ValueError,
        "got 2: for more than two classes use SoftmaxCrossEntropy",
        lambda: nn.SoftmaxCrossEntropy().value(np.eye(4), [0, 1, 2, 3]),
        np.log(3 + np.e) - 1,
    ),
    (
        lambda: SIGMOID.value(ONE, ONE + 7),
        ValueError,
        "for numbers MeanSquaredError",
        lambda: nn.MeanSquaredError().value(ONE, ONE + 7),
        49,
    ),
]

COUNTS = [
    (
        lambda: nn.Poisson().value(ONE, [1, 0, -2, 3]),
        ValueError,
        "y: expected counts, or rates, of 0 or more, got -2: to learn numbers of both signs, use "
        "MeanSquaredError()",
        lambda: nn.MeanSquaredError().value(ONE, [1, 0, -2, 3]),
        np.mean((ONE[:, 0] - [1, 0, -2, 3]) ** 2),
    ),
]

OUTPUTS = [
    (
        lambda: SQUARED.value(ONE[:, 0], ONE[:, 0]),
        ValueError,
        "Z: expected one row for each example and one column for each output, shape (n, k) with "
        "n ≥ 1 and k ≥ 1, got (4,)",
        lambda: SQUARED.value(ONE, ONE[:, 0]),
        0,
    ),
    (
        lambda: softmax_loss(Y, np.where(Z == 3, np.nan, Z)),
        ValueError,
        "got nan at Z[3, 1] (1 of 8 entries are not finite): look for NaN in X, a learning rate "
        "that is too large, or a division by 0",
        lambda: softmax_loss(Y, Z),
        VALUE,
    ),
    (
        lambda: nn.CrossEntropy().value(Z, Y),
        ValueError,
        "P: expected rows of probabilities that sum to 1, got an entry of -1 and row sums from 0 "
        "to 3: end the network in Softmax()",
        lambda: nn.CrossEntropy().value(nn.Sequential(nn.Softmax()).forward(Z), Y),
        VALUE,
    ),
    (
        lambda: nn.CrossEntropy().value(Z, Y),
        ValueError,
        "or use SoftmaxCrossEntropy on the logits",
        lambda: nn.SoftmaxCrossEntropy().value(Z, Y),
        nn.CrossEntropy().value(P, Y),
    ),
    (
        lambda: SQUARED.probabilities(Z),
        TypeError,
        "MeanSquaredError() has no probabilities: it compares numbers; use predict",
        lambda: SQUARED.predictions(Z),
        Z,
    ),
    (
        lambda: SQUARED.value(Z + 1j, Z),
        TypeError,
        "Z: expected real numbers, got dtype complex128: numpy.real(Z) leaves the rest out",
        lambda: SQUARED.value(np.real(Z + 1j), Z),
        0,
    ),
]

WEIGHTS = [
    (
        lambda: softmax_loss(Y, weights=[[1, 1, 5, 5]]),
        ValueError,
        "weights: expected one weight for each example, shape (4,), got (1, 4)",
        lambda: softmax_loss(Y, weights=[1, 1, 5, 5]),
        HEAVY,
    ),
    (
        lambda: softmax_loss(Y, weights=[1, 1, np.nan, np.nan]),
        ValueError,
        "weights: expected finite numbers, got nan at weights[2] (2 of 4 entries are not finite): "
        "0 leaves an example out",
        lambda: softmax_loss(Y, weights=[1, 1, 0, 0]),
        SOFTMAX.value(Z[:2], Y[:2]),
    ),
    (
        lambda: softmax_loss(Y, weights=[1, 1, -1, -1]),
        ValueError,
        "weights: expected weights of 0 or more, got -1: 0 leaves an example out",
        lambda: softmax_loss(Y, weights=[1, 1, 0, 0]),
        SOFTMAX.value(Z[:2], Y[:2]),
    ),
    (
        lambda: softmax_loss(Y, weights=[1e308, 1e308, 0, 0]),
        ValueError,
        "weights: expected weights that sum to between 1e-30 and 1e30, got inf: only their ratios "
        "count, so weights / numpy.max(weights) does the same",
        lambda: softmax_loss(Y, weights=np.divide([1e308, 1e308, 0, 0], 1e308)),
        SOFTMAX.value(Z[:2], Y[:2]),
    ),
    (
        lambda: weighted([1e-40, 5e-40]),
        ValueError,
        "so class_weight / numpy.max(class_weight) does the same",
        lambda: weighted(np.array([1e-40, 5e-40]) / np.max([1e-40, 5e-40])),
        HEAVY,
    ),
    (
        lambda: weighted({0: 1, 1: 5}),
        TypeError,
        "in their order, got {0: 1, 1: 5}: a list such as [1.0, 5.0]",
        lambda: weighted([1.0, 5.0]),
        HEAVY,
    ),
    (
        lambda: weighted("balanced"),
        TypeError,
        "got 'balanced': a list such as [1.0, 5.0], or nnlib.balanced_class_weight(y)",
        lambda: weighted(nn.balanced_class_weight(Y)),
        VALUE,
    ),
    (
        lambda: weighted(5.0),
        ValueError,
        "class_weight: expected one weight for each class, got shape (): a list such as [1.0, 5.0]",
        lambda: weighted([1.0, 5.0]),
        HEAVY,
    ),
    (
        lambda: weighted([1, np.inf]),
        ValueError,
        "class_weight: expected finite numbers, got inf at class_weight[1] (1 of 2 entries are not "
        "finite): give every class a number",
        lambda: weighted([1, 5]),
        HEAVY,
    ),
    (
        lambda: weighted([1, -1]),
        ValueError,
        "weights of 0 or more, not all of them 0, got [1.0, -1.0]: 0 leaves a class out",
        lambda: weighted([1, 0]),
        SOFTMAX.value(Z[:2], Y[:2]),
    ),
    (
        lambda: weighted([1, 5, 5]),
        ValueError,
        "class_weight: expected one weight for each of 2 outputs, got 3",
        lambda: weighted([1, 5]),
        HEAVY,
    ),
    (
        lambda: nn.balanced_class_weight([3, 3, 3, 8]),
        ValueError,
        "y: expected class labels from 0, every class at least once, got array([3, 3, 3, 8]): "
        "names, y = numpy.unique(y, return_inverse=True) makes such labels",
        lambda: nn.balanced_class_weight(numbered([3, 3, 3, 8])),
        [2 / 3, 2],
    ),
    (
        lambda: nn.balanced_class_weight(np.eye(2)[[0, 0, 0, 1]]),
        ValueError,
        "y: expected class labels of shape (n,), got shape (4, 2): turn one-hot rows into labels",
        lambda: nn.balanced_class_weight(np.argmax(np.eye(2)[[0, 0, 0, 1]], axis=1)),
        [2 / 3, 2],
    ),
    (
        lambda: nn.balanced_class_weight(["no", "no", "no", "yes"]),
        TypeError,
        "names, y = numpy.unique(y, return_inverse=True) numbers them",
        lambda: nn.balanced_class_weight(numbered(["no", "no", "no", "yes"])),
        [2 / 3, 2],
    ),
]

OPTIONS = [
    (
        lambda: nn.SoftmaxCrossEntropy(label_smoothing=1),
        ValueError,
        "label_smoothing: expected a number in [0, 1), got 1",
        lambda: softmax_loss(Y, label_smoothing=0),
        VALUE,
    ),
    (
        lambda: nn.Huber(0),
        ValueError,
        "delta: expected a number in (0, inf), got 0",
        lambda: nn.Huber(1e9).value(Z, Z + 4),
        8,
    ),
    (
        lambda: gelu(Z, "erf"),
        ValueError,
        "approximate: expected one of none, tanh, got 'erf'",
        lambda: gelu(Z, "tanh"),
        lambda A: np.abs(A - gelu(Z, "none")).max() < 1e-3,
    ),
    (
        lambda: leaky_relu(Z, 1),
        ValueError,
        "alpha: expected a number in [0, 1), got 1",
        lambda: leaky_relu(Z, 0),
        np.maximum(Z, 0),
    ),
    (
        lambda: softmax(list("abc")),
        TypeError,
        "Z: expected real numbers, got dtype <U1: encode text and categories as numbers first",
        lambda: softmax(np.array(["2", "1"]).astype(float)),
        P[0],
    ),
]

ROWS = LABELS + ROWS_OF_SHARES + TARGETS + COUNTS + OUTPUTS + WEIGHTS + OPTIONS
PLACES = {
    "losses.py": None,
    "_targets.py": None,
    "activations.py": None,
    "_validation.py": ["real", "same_length", "finite", "one_of"],
}


@each(ROWS)
def test_what_an_error_says_to_do_works(row):
    follow(*row)


def test_every_error_of_these_files_has_its_row():
    expect_rows([row[0] for row in ROWS], PLACES)
