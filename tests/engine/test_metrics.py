"""Metrics: worked by hand, then against scikit-learn on random labels."""

import tracemalloc
from datetime import date
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn

import nnlib as nn
from nnlib import _labels, accuracy, confusion_matrix, f1, precision, recall, top_k_accuracy
from tests.helpers.remedies import each, expect_rows, follow

SCORES = {
    precision: sklearn.precision_score,
    recall: sklearn.recall_score,
    f1: sklearn.f1_score,
}
each_score = pytest.mark.parametrize("score", SCORES, ids=lambda score: score.__name__)

# Cats 0, dogs 1, birds 2: one dog is called a cat, one bird a dog, one bird a cat.
Y = np.array([0, 0, 1, 1, 1, 2, 2, 2, 2])
GUESS = np.array([0, 0, 0, 1, 1, 0, 1, 2, 2])


@st.composite
def labels(draw):
    """True and predicted classes of at most 5, of which some may not occur; and a k above them."""
    n = draw(st.integers(1, 12))
    classes = st.lists(st.integers(0, 4), min_size=n, max_size=n)
    y, predictions = np.array(draw(classes)), np.array(draw(classes))
    return y, predictions, int(max(y.max(), predictions.max())) + 1 + draw(st.integers(0, 2))


def test_accuracy_is_the_share_of_right_predictions():
    assert accuracy(np.array([0, 1, 2, 3]), np.array([0, 1, 2, 0])) == 0.75
    assert accuracy([1], [1]) == 1
    assert isinstance(accuracy([1], [0]), float)


def test_a_confusion_matrix_has_a_row_for_each_true_class():
    np.testing.assert_array_equal(confusion_matrix(Y, GUESS), [[2, 0, 0], [1, 2, 0], [1, 1, 2]])


def test_precision_divides_by_columns_recall_by_rows_and_f1_by_both():
    np.testing.assert_allclose(precision(Y, GUESS), [2 / 4, 2 / 3, 2 / 2], rtol=1e-15)
    np.testing.assert_allclose(recall(Y, GUESS), [2 / 2, 2 / 3, 2 / 4], rtol=1e-15)
    np.testing.assert_allclose(f1(Y, GUESS), [4 / 6, 4 / 6, 4 / 6], rtol=1e-15)


def test_averages_weigh_classes_alike_or_by_examples_or_count_all_together():
    assert recall(Y, GUESS, average="macro") == pytest.approx((1 + 2 / 3 + 1 / 2) / 3)
    assert recall(Y, GUESS, average="weighted") == pytest.approx((2 * 1 + 3 * 2 / 3 + 4 / 2) / 9)
    assert recall(Y, GUESS, average="micro") == pytest.approx(6 / 9)


def test_one_number_a_class_comes_as_an_array_and_an_average_as_a_float():
    for score in SCORES:
        assert score(Y, GUESS, k=4).shape == (4,)
        assert score(Y, GUESS).dtype == np.float64
        for average in ("macro", "weighted", "micro"):
            assert type(score(Y, GUESS, average=average)) is float


def test_f1_is_the_harmonic_mean_of_precision_and_recall():
    p, r = precision(Y, GUESS), recall(Y, GUESS)
    np.testing.assert_allclose(f1(Y, GUESS), 2 * p * r / (p + r), rtol=1e-14)


def test_micro_averages_are_the_accuracy():
    for score in SCORES:
        assert score(Y, GUESS, average="micro") == accuracy(Y, GUESS)


@pytest.mark.parametrize("zero_division", [0, 1, np.nan])
def test_nothing_divided_by_nothing_is_what_was_asked_for(zero_division):
    y, predictions = [0, 0, 1], [0, 0, 0]
    options = {"k": 3, "zero_division": zero_division}
    np.testing.assert_array_equal(precision(y, predictions, **options)[1:], zero_division)
    np.testing.assert_array_equal(recall(y, predictions, **options), [1, 0, zero_division])
    np.testing.assert_array_equal(f1(y, predictions, **options)[1:], [0, zero_division])


def test_nothing_divided_by_nothing_is_0_unless_said_otherwise():
    assert precision([0, 0, 1], [0, 0, 0])[1] == 0
    assert recall([0, 0], [0, 1])[1] == 0
    assert f1([0, 2], [0, 2])[1] == 0


def test_a_class_that_occurs_nowhere_counts_in_a_mean_only_when_k_says_so():
    assert f1([0, 2], [0, 2], average="macro") == 1
    assert f1([0, 2], [0, 2], k=3, average="macro") == pytest.approx(2 / 3)


def test_nan_is_left_out_of_means_and_the_mean_of_nothing_is_nan():
    options = {"average": "macro", "zero_division": np.nan}
    assert precision([0, 0, 1], [0, 0, 0], k=3, **options) == pytest.approx(2 / 3)
    only = precision([0], [1], average="weighted", zero_division=np.nan)
    assert only == 0  # class 0 has no precision, class 1 no weight: the rest counts alike


@given(labels())
def test_a_confusion_matrix_is_scikit_learns(drawn):
    y, predictions, k = drawn
    expected = sklearn.confusion_matrix(y, predictions, labels=range(9))
    np.testing.assert_array_equal(confusion_matrix(y, predictions, k), expected[:k, :k])
    smallest = int(max(y.max(), predictions.max())) + 1
    np.testing.assert_array_equal(confusion_matrix(y, predictions), expected[:smallest, :smallest])


@each_score
@given(
    drawn=labels(),
    average=st.sampled_from([None, "macro", "weighted", "micro"]),
    zero_division=st.sampled_from([0.0, 1.0, np.nan]),
)
def test_scores_are_scikit_learns(score, drawn, average, zero_division):
    y, predictions, k = drawn
    options = {"average": average, "zero_division": zero_division}
    expected = SCORES[score](y, predictions, labels=range(k), **options)
    np.testing.assert_allclose(score(y, predictions, k=k, **options), expected, rtol=1e-14)
    if average is not None:  # without k: as scikit-learn without labels
        expected = SCORES[score](y, predictions, **options)
        np.testing.assert_allclose(score(y, predictions, **options), expected, rtol=1e-14)


@given(
    rows=st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), min_size=1, max_size=8),
    top=st.integers(1, 3),
    data=st.data(),
)
def test_top_k_accuracy_is_scikit_learns_ties_included(rows, top, data):
    P = np.array(rows, dtype=float)
    y = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(P), max_size=len(P))))
    expected = sklearn.top_k_accuracy_score(y, P, k=top, labels=range(4))
    assert top_k_accuracy(y, P, top) == pytest.approx(expected, rel=1e-15)


def test_top_k_accuracy_looks_at_the_k_most_probable_classes():
    P = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.6, 0.3, 0.1]])
    y = np.array([0, 1, 2])
    assert [top_k_accuracy(y, P, top) for top in (1, 2, 3)] == [1 / 3, 2 / 3, 1]
    assert top_k_accuracy(y, np.log(P), 2) == 2 / 3
    assert type(top_k_accuracy(y, P, 2)) is float


def test_top_5_is_what_is_asked_for_by_default():
    P = np.arange(20.0)[np.newaxis]
    assert [top_k_accuracy([c], P) for c in (14, 15)] == [0, 1]


def test_small_integers_do_not_overflow():
    y = np.full(3, 200, np.uint8)
    assert confusion_matrix(y, y)[200, 200] == 3
    assert recall(y.astype(np.uint64), y, average="micro") == 1


def test_labels_are_not_modified():
    y, predictions, P = Y.copy(), GUESS.copy(), np.eye(3)[GUESS]
    for array in (y, predictions, P):
        array.flags.writeable = False
    confusion_matrix(y, predictions)
    f1(y, predictions, average="macro")
    top_k_accuracy(y, P, 2)
    np.testing.assert_array_equal(P, np.eye(3)[GUESS])


@pytest.mark.parametrize("metric", [accuracy, confusion_matrix, *SCORES])
def test_the_score_of_nothing_is_refused(metric):
    with pytest.raises(ValueError, match=r"y: expected at least one label, .* got shape \(0,\)"):
        metric([], [])
    with pytest.raises(ValueError, match=r"y: expected at least one label, .* got shape \(\)"):
        metric(1, 1)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"k": 2}, ValueError, "y: expected class labels from 0 to 1 for k = 2 classes, got 2"),
        ({"k": 2.0}, TypeError, r"k: expected a whole number, got 2\.0"),
        ({"k": 0}, ValueError, "k: expected at least 1, got 0"),
        ({"average": "mean"}, ValueError, "average: expected one of macro, weighted, micro, got"),
        ({"average": "binary"}, ValueError, "average: expected one of .*, got 'binary'"),
        ({"zero_division": 0.5}, ValueError, r"zero_division: expected 0, 1 or .*, got 0\.5"),
        ({"zero_division": "warn"}, ValueError, "zero_division: expected 0, 1 or .*, got 'warn'"),
    ],
)
@each_score
def test_a_bad_option_is_named(score, options, kind, message):
    with pytest.raises(kind, match=message):
        score(Y, GUESS, **options)


def test_predictions_above_k_are_refused():
    with pytest.raises(
        ValueError, match="predictions: expected class labels from 0 to 1 for k = 2"
    ):
        confusion_matrix([0, 1], [0, 2], 2)


P = np.eye(3)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (([0, 1, 2], P), ValueError, "top: expected at most 3, the number of classes in P, got 5"),
        (
            ([0, 1, 2], P, 4),
            ValueError,
            "top: expected at most 3, the number of classes in P, got 4",
        ),
        (([0, 1, 2], P, 0), ValueError, "top: expected at least 1, got 0"),
        (([0, 1, 2], P, 1.0), TypeError, r"top: expected a whole number, got 1\.0"),
        (([0, 1, 3], P, 1), ValueError, "y: expected class labels from 0 to 2 .*, got 3"),
        (([0, 1], P, 1), ValueError, "y and P: expected one row each .*, got 2 and 3 rows"),
        (([], P, 1), ValueError, r"y: expected class labels of shape \(n,\), got shape \(0,\)"),
        (([0.5, 1.0, 2.0], P, 1), ValueError, r"y: expected class labels, .* got 0.5 at y\[0\]"),
        (([0, 1, 2], P[0], 1), ValueError, r"P: .* shape \(n, k\), got \(3,\): pass model.predict"),
        (([0, 1, 2], P[:0], 1), ValueError, r"P: .* got \(0, 3\)"),
        (([0, 1, 2], P * np.nan, 1), ValueError, r"P: expected finite numbers, got nan at P\[0, 0"),
        (([0], [["a", "b"]], 1), TypeError, "P: expected real numbers, got dtype <U1"),
    ],
)
def test_what_has_no_top_k_accuracy_is_refused(arguments, kind, message):
    with pytest.raises(kind, match=message):
        top_k_accuracy(*arguments)


# What people hand in: each kind is scored as what it is, or refused with what helps.

WHOLE = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "longdouble", "object"),
)
each_dtype = pytest.mark.parametrize("dtype", WHOLE)
TEXTS = ("U3", "S3", "object", np.dtypes.StringDType())

YES = np.array([0, 1, 1, 0, 1])
GUESSED = np.array([0, 1, 0, 0, 0])


@each_dtype
@pytest.mark.parametrize("other", WHOLE)
def test_whole_numbers_of_every_type_are_labels(dtype, other):
    y, predictions = YES.astype(dtype), GUESSED.astype(other)
    assert accuracy(y, predictions) == 3 / 5
    np.testing.assert_array_equal(confusion_matrix(y, predictions), [[2, 0], [2, 1]])
    assert f1(y, predictions)[1] == 0.5


@each_dtype
def test_the_largest_labels_of_a_type_are_counted_without_overflow(dtype):
    largest = {"bool": 1, "int8": 127, "uint8": 255, "float16": 2048}.get(dtype, 3000)
    y = np.array([largest, largest, 0]).astype(dtype)
    C = confusion_matrix(y, y)
    assert C.shape == (largest + 1, largest + 1)
    assert (C[0, 0], C[largest, largest], C.sum()) == (1, 2, 3)


@pytest.mark.parametrize("dtype", TEXTS, ids=str)
@pytest.mark.parametrize("other", TEXTS, ids=str)
def test_text_is_compared_with_text_however_it_is_stored(dtype, other):
    y, predictions = np.array(["cat", "dog", "cat"]), np.array(["cat", "dog", "dog"])
    assert accuracy(y.astype(dtype), predictions.astype(other)) == 2 / 3
    assert accuracy(y.astype("S3").astype(object), predictions) == 2 / 3


@given(
    classes=st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=9),
    dtypes=st.tuples(st.sampled_from(WHOLE[1:5]), st.sampled_from(("float32", "int64", "object"))),
)
def test_accuracy_is_scikit_learns_for_any_whole_numbers(classes, dtypes):
    y, predictions = np.array(classes).T
    expected = sklearn.accuracy_score(y, predictions)
    assert accuracy(y.astype(dtypes[0]), predictions.astype(dtypes[1])) == expected


class Frame:
    """Like a table of another library: an array for whoever asks, and nothing else."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)


CONTAINERS = (np.array, lambda values: np.array(values).tolist(), Frame)
in_each_container = pytest.mark.parametrize("container", CONTAINERS, ids=("array", "list", "frame"))

CLASSES, RIGHT_BUT_ONE = [0, 2, 1, 2], [0, 2, 1, 1]
ROWS, GUESSED_ROWS = np.eye(3, dtype=int)[CLASSES], np.eye(3, dtype=int)[RIGHT_BUT_ONE]
NAMES = np.array(["ant", "bee", "cat"])

IMPOSSIBLE = {
    "rows of probabilities": (CLASSES, GUESSED_ROWS * 0.9, ["predictions: argmax"]),
    "rows of logits": (CLASSES, GUESSED_ROWS * 9.0 - 5, ["predictions: argmax"]),
    "one-hot predictions": (CLASSES, GUESSED_ROWS, ["predictions: argmax"]),
    "one-hot labels": (ROWS, RIGHT_BUT_ONE, ["y: argmax"]),
    "one-hot both": (ROWS, GUESSED_ROWS, ["both: argmax"]),
    "one-hot both, as floats": (ROWS * 1.0, GUESSED_ROWS * 1.0, ["both: argmax"]),
    "one-hot both, as booleans": (ROWS > 0, GUESSED_ROWS > 0, ["both: argmax"]),
    "one-hot and probabilities": (ROWS, GUESSED_ROWS * 0.9, ["predictions: argmax", "y: argmax"]),
    "predictions in a column": (CLASSES, np.c_[RIGHT_BUT_ONE], ["predictions: ravel"]),
    "labels in a column": (np.c_[CLASSES], RIGHT_BUT_ONE, ["y: ravel"]),
    "predictions in a row": (CLASSES, [RIGHT_BUT_ONE], ["predictions: ravel"]),
    "probabilities of yes": ([0, 1, 1, 0], [0.2, 0.7, 0.9, 0.6], ["predictions: greater"]),
    "logits of yes": ([0, 1, 1, 0], [-1.5, 0.25, 3.0, 0.5], ["predictions: positive"]),
    "probabilities in columns": (
        [[0], [1], [1], [0]],
        [[0.2], [0.7], [0.9], [0.6]],
        ["predictions: greater"],
    ),
    "labels that are probabilities": ([0.1, 0.8, 1.0, 0.3], [0, 1, 1, 1], ["y: greater"]),
    "text and numbers": (NAMES[CLASSES], RIGHT_BUT_ONE, ["predictions: names"]),
    "numbers and text": (CLASSES, NAMES[RIGHT_BUT_ONE], ["y: names"]),
    "text and booleans": (
        ["ant", "bee", "bee", "ant"],
        [False, True, True, True],
        ["predictions: names"],
    ),
    "digits in text": (["3", "8", "8", "3"], [3, 8, 8, 8], ["y: digits"]),
    "yes or no and 3 or 8": ([3, 8, 8, 3], [False, True, True, True], ["predictions: where 8 3"]),
    "yes or no and 1 or -1": (
        [-1, 1, 1, -1],
        [False, True, True, True],
        ["predictions: where 1 -1"],
    ),
    "1 or -1 and yes or no": ([True, True, False, False], [1, 1, -1, 1], ["y: where 1 -1"]),
}
REMEDIES = {
    "argmax": "numpy.argmax({}, axis=1)",
    "ravel": "numpy.ravel({})",
    "greater": "numpy.greater({}, 0.5)",
    "positive": "numpy.greater({}, 0)",
    "names": "numpy.take(names, {})",
    "digits": "numpy.asarray({}, int)",
    "where": "numpy.where({}, a, b)",
}


@pytest.mark.parametrize("kind", IMPOSSIBLE)
@in_each_container
def test_what_cannot_be_equal_is_refused_and_the_remedy_works(kind, container):
    y, predictions, steps = IMPOSSIBLE[kind]
    given = {"y": container(y), "predictions": container(predictions)}
    for step in steps:
        who, _, what = step.partition(": ")
        what, *classes = what.split()
        with pytest.raises((TypeError, ValueError)) as caught:
            accuracy(**given)
        message = str(caught.value)
        refused = {"both": "y", "y": "predictions" if what == "digits" else "y"}.get(who, who)
        assert message.startswith(f"{refused}: expected")
        room = {"numpy": np, "names": NAMES, **dict(zip("ab", map(int, classes), strict=False))}
        for name in ("y", "predictions") if who == "both" else (who,):
            remedy = REMEDIES[what].format(name)
            assert remedy in message
            given[name] = eval(remedy, room | given)
    assert accuracy(**given) == 3 / 4


@pytest.mark.parametrize("metric", [accuracy, confusion_matrix, *SCORES])
def test_predictions_for_other_rows_are_refused(metric):
    with pytest.raises(ValueError, match=r"shape \(3,\), got \(2,\): predict the rows that the"):
        metric([0, 1, 2], [0, 1])
    with pytest.raises(ValueError, match=r"shape \(3, 2\), got \(2, 3\): predict the rows"):
        metric([[0, 1]] * 3, [[0, 1, 1]] * 2)


@pytest.mark.parametrize("metric", [accuracy, confusion_matrix, *SCORES])
@pytest.mark.parametrize("missing", [np.nan, np.inf])
@in_each_container
def test_a_label_that_is_missing_is_found_and_can_be_left_out(metric, missing, container):
    y, predictions = container([0.0, 1.0, missing, 1.0]), [0, 1, 1, 0]
    with pytest.raises(ValueError, match=rf"y: .* got {missing} at y\[2\] .*numpy.isfinite\(y\)"):
        metric(y, predictions)
    rows = np.isfinite(y)
    metric(np.asarray(y)[rows], np.asarray(predictions)[rows])


@pytest.mark.parametrize("odd", [None, np.nan, 3, b"x", ("x",)], ids=repr)
def test_a_label_of_another_type_among_text_is_found_and_can_be_left_out(odd):
    y = np.empty(4, object)
    y[:] = ["cat", "dog", odd, "cat"]
    with pytest.raises(TypeError, match=r"y: .*all text or all numbers, got .* at y\[2\]: leave"):
        accuracy(y, ["cat", "dog", "dog", "dog"])
    assert accuracy(y[[0, 1, 3]], ["cat", "dog", "dog"]) == 2 / 3


@pytest.mark.parametrize(
    ("y", "predictions"),
    [
        ([1.5, 2.0, 2.5], [1.0, 2.25, 2.0]),
        (np.float32([150, 172.5, 160]), np.float32([151, 170, 161])),
        ([[0.5, 1.0]], [[0.25, 1.0]]),
        ([1e300, 2.0], [1e300, 3.0]),
    ],
)
def test_real_numbers_are_scored_by_their_mean_squared_error(y, predictions):
    with pytest.raises(ValueError, match=r"y: expected class labels, .*MeanSquaredError") as caught:
        accuracy(y, predictions)
    remedy = "numpy.mean(numpy.subtract(y, predictions) ** 2)"
    assert remedy in str(caught.value)
    error = eval(remedy, {"numpy": np, "y": y, "predictions": predictions})
    loss = nn.MeanSquaredError()
    assert error == pytest.approx(loss.value(np.c_[np.asarray(predictions)], np.c_[np.asarray(y)]))


NO_CLASS_NUMBERS = {
    "text": (["cat", "dog", "dog"], ["dog", "dog", "dog"]),
    "bytes": ([b"cat", b"dog", b"dog"], [b"dog", b"dog", b"dog"]),
    "-1 and 1": ([-1, 1, 1], [1, 1, 1]),
    "numbers far apart": ([0, 10**6, 10**6], [10**6] * 3),
    "numbers too large for int64": (
        np.array([0, 2**64 - 1, 2**64 - 1], np.uint64),
        [2**64 - 1] * 3,
    ),
    "numbers too large for anything": ([0, 2**70, 2**70], [2**70] * 3),
    "dates": (np.array([0, 1, 1], "M8[D]"), np.array([1, 1, 1], "M8[D]")),
    "dates as objects": ([date(2026, 1, 1), *[date(2026, 1, 2)] * 2], [date(2026, 1, 2)] * 3),
    "complex numbers": ([0j, 1j, 1j], [1j, 1j, 1j]),
}


@pytest.mark.parametrize("kind", NO_CLASS_NUMBERS)
@pytest.mark.parametrize("metric", [confusion_matrix, *SCORES])
def test_labels_that_are_no_class_numbers_can_be_numbered(kind, metric):
    y, predictions = NO_CLASS_NUMBERS[kind]
    with pytest.raises((TypeError, ValueError), match="y: expected class") as caught:
        metric(y, predictions)
    remedy = "names, (y, predictions) = numpy.unique([y, predictions], return_inverse=True)"
    assert remedy in str(caught.value)
    room = {"numpy": np, "y": y, "predictions": predictions}
    exec(remedy, room)
    C = confusion_matrix(room["y"], room["predictions"])
    np.testing.assert_array_equal(C, [[0, 1], [0, 2]])
    metric(room["y"], room["predictions"])


@pytest.mark.parametrize("metric", [confusion_matrix, *SCORES])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r"y: expected .* from 0 to 11584 \(k = 1000001 .* 7,450.6 GiB\), got 1000000: names"),
        ({"k": 10**6 + 1}, r"k: expected at most 11585 classes, whose k² .* got 1000001: leave k"),
        ({"k": 3}, r"y: expected class labels from 0 to 2 for k = 3 classes, got 1000000: leave"),
    ],
)
def test_a_matrix_that_fills_the_memory_is_refused_before_it_is_made(metric, options, message):
    tracemalloc.start()
    with pytest.raises(ValueError, match=message):
        metric([0, 10**6], [0, 0], **options)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_the_largest_matrix_takes_a_gibibyte():
    most = nn._labels.MOST_CLASSES
    assert 8 * most**2 <= 2**30 < 8 * (most + 1) ** 2


def several_labels(n=40, k=3):
    """Labels that do not exclude each other, and predictions of them."""
    rng = np.random.default_rng(3)
    Y = rng.integers(2, size=(n, k))
    return Y, np.where(rng.uniform(size=Y.shape) < 0.2, 1 - Y, Y)


@each_dtype
def test_several_labels_of_an_example_are_scored_label_by_label(dtype):
    Y, P = several_labels()
    mean = np.mean([accuracy(Y[:, j], P[:, j]) for j in range(3)])
    assert accuracy(Y.astype(dtype), P) == pytest.approx(mean, rel=1e-15)
    assert accuracy(Y, P) > sklearn.accuracy_score(Y, P) == (Y == P).all(axis=1).mean()
    for score, theirs in SCORES.items():
        with pytest.raises(ValueError, match=r"got shape \(40, 3\): .* f1\(Y\[:, j\], P\[:, j\]\)"):
            score(Y.astype(dtype), P)
        ours = [score(Y[:, j], P[:, j])[1] for j in range(3)]
        np.testing.assert_allclose(ours, theirs(Y, P, average=None), rtol=1e-15)


def network(loss, k):
    layers = (nn.Softmax(),) if isinstance(loss, nn.CrossEntropy) else ()
    return nn.Model(nn.Sequential(nn.Dense(2, k), *layers, rng=1), loss, nn.Adam(lr=0.01))


@each_dtype
@pytest.mark.parametrize(
    ("loss", "k", "shape"),
    [
        (nn.SigmoidCrossEntropy(), 1, (60,)),
        (nn.SigmoidCrossEntropy(), 1, (60, 1)),
        (nn.SoftmaxCrossEntropy(), 2, (60,)),
        (nn.CrossEntropy(), 2, (60,)),
    ],
)
def test_our_metrics_score_every_classifier(dtype, loss, k, shape):
    X, y = nn.make_xor(60, rng=0)
    y = y.reshape(shape)
    if isinstance(loss, nn.SigmoidCrossEntropy) and dtype not in ("object", "longdouble"):
        y = y.astype(dtype)
    metrics = {"hits": accuracy} | {
        score.__name__: partial(score, k=2, average="macro") for score in SCORES
    }
    model = network(loss, k)
    scores = model.evaluate(X, y, metrics=metrics)
    assert scores["hits"] == scores["accuracy"]
    for score, theirs in SCORES.items():
        expected = theirs(y.ravel(), model.predict(X), average="macro", zero_division=0)
        assert scores[score.__name__] == pytest.approx(expected, rel=1e-14)
    history = model.fit(X, y, validation=(X, y), metrics=metrics, epochs=2)
    assert history["val_hits"] == history["val_accuracy"]


def test_the_accuracy_of_several_labels_is_that_of_evaluate():
    X, (Y, _) = nn.make_xor(40, rng=0)[0], several_labels()
    model = network(nn.SigmoidCrossEntropy(), 3)
    scores = model.evaluate(X, Y, metrics={"hits": accuracy})
    assert scores["hits"] == pytest.approx(scores["accuracy"], rel=1e-15)
    assert scores["hits"] == accuracy(Y, model.predict(X))


@each_dtype
@in_each_container
def test_top_k_accuracy_takes_whole_labels_and_real_scores(dtype, container):
    y, P = np.array([0, 1, 1, 0]), np.array([[3, 1, 2], [1, 3, 2], [3, 2, 1], [1, 2, 3]])
    expected = top_k_accuracy(y, P, 2)
    assert top_k_accuracy(container(y.astype(dtype)), P, 2) == expected == 3 / 4
    if dtype not in ("bool", "object"):
        assert top_k_accuracy(y, container(P.astype(dtype)), 2) == expected


def test_top_k_accuracy_takes_logarithms_of_0():
    with np.errstate(divide="ignore"):
        assert top_k_accuracy([0, 1], np.log([[1.0, 0, 0], [1, 0, 0]]), 1) == 0.5


NO_TOP_K = {
    "text": (NAMES[CLASSES], GUESSED_ROWS, "names, y = numpy.unique(y, return_inverse=True)"),
    "one-hot rows": (ROWS, GUESSED_ROWS, "y = numpy.argmax(y, axis=1)"),
    "a column": (np.c_[CLASSES], GUESSED_ROWS, "y = numpy.ravel(y)"),
    "labels from 1": (
        [1, 3, 2, 3],
        GUESSED_ROWS,
        "names, y = numpy.unique(y, return_inverse=True)",
    ),
    "probabilities of yes": (
        [0, 1, 1, 0],
        np.array([0.2, 0.7, 0.9, 0.6]),
        "P = numpy.column_stack([1 - P, P])",
    ),
    "a column of them": (
        [0, 1, 1, 0],
        np.c_[[0.2, 0.7, 0.9, 0.6]],
        "P = numpy.column_stack([1 - P, P])",
    ),
}


@pytest.mark.parametrize("kind", NO_TOP_K)
def test_a_top_k_accuracy_that_is_refused_is_there_after_the_remedy(kind):
    y, P, remedy = NO_TOP_K[kind]
    with pytest.raises((TypeError, ValueError)) as caught:
        top_k_accuracy(y, P, 1)
    assert remedy.removeprefix("y = ").removeprefix("P = ") in str(caught.value)
    room = {"numpy": np, "y": y, "P": P}
    exec(remedy, room)
    assert top_k_accuracy(room["y"], room["P"], 1) == 3 / 4


SEVERAL = np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]])

# A call, the error, what it says (in the end: what to do), that done, and what it gives.
REMEDIED = [
    (
        lambda: confusion_matrix([], []),
        ValueError,
        "y: expected at least one label, shape (n,), got shape (0,): pass a list or an array with "
        "the label of each example",
        lambda: confusion_matrix([0], [0]),
        [[1]],
    ),
    (
        lambda: accuracy([0, 1, 2], [0, 1]),
        ValueError,
        "predictions: expected one prediction for each label, shape (3,), got (2,): predict the "
        "rows that the labels belong to",
        lambda: accuracy([0, 1], [0, 1]),
        1,
    ),
    (
        lambda: accuracy(ROWS, ROWS),
        ValueError,
        "y: expected classes, got one-hot rows of shape (4, 3): compare numpy.argmax(y, axis=1) "
        "with numpy.argmax(predictions, axis=1)",
        lambda: accuracy(ROWS.argmax(axis=1), ROWS.argmax(axis=1)),
        1,
    ),
    (
        lambda: f1(SEVERAL, SEVERAL),
        ValueError,
        "Labels that do not exclude each other are scored column by column: f1(Y[:, j], P[:, j])",
        lambda: [f1(SEVERAL[:, j], SEVERAL[:, j], average="micro") for j in range(3)],
        [1, 1, 1],
    ),
    (
        lambda: f1([], [[]]),
        ValueError,
        "pass a list or an array with the label of each example",
        lambda: f1([0], [0]),
        [1],
    ),
    (
        lambda: confusion_matrix([[0], [1]], [[0], [1]]),
        ValueError,
        "y: expected class labels of shape (n,), got shape (2, 1): pass numpy.ravel(y)",
        lambda: confusion_matrix(np.ravel([[0], [1]]), np.ravel([[0], [1]])),
        np.eye(2),
    ),
    (
        lambda: confusion_matrix([0, 1, 3], [0, 1, 3], k=3),
        ValueError,
        "y: expected class labels from 0 to 2 for k = 3 classes, got 3: leave k out",
        lambda: confusion_matrix([0, 1, 3], [0, 1, 3]),
        np.diag([1, 1, 0, 1]),
    ),
    (
        lambda: confusion_matrix([0, 1], [0, 1], k=10**6),
        ValueError,
        "k: expected at most 11585 classes, whose k² counts take 1 GiB, got 1000000: leave k out",
        lambda: confusion_matrix([0, 1], [0, 1]),
        np.eye(2),
    ),
    (
        lambda: top_k_accuracy([0, 1], GUESSED_ROWS[:2], top=4),
        ValueError,
        "top: expected at most 3, the number of classes in P, got 4",
        lambda: top_k_accuracy([0, 1], GUESSED_ROWS[:2], top=3),
        1,
    ),
    (
        lambda: top_k_accuracy([0, 1], [[0.5, np.nan], [0.5, 0.5]], top=1),
        ValueError,
        "got nan at P[0, 1] (1 of 4 entries are not finite): look for NaN in X, or a network that "
        "diverged",
        lambda: top_k_accuracy([0, 1], [[0.5, 0.4], [0.5, 0.5]], top=1),
        1,
    ),
    (
        lambda: f1(Y, GUESS, zero_division=0.5),
        ValueError,
        "zero_division: expected 0, 1 or numpy.nan, got 0.5",
        lambda: [f1([0], [0], k=2, zero_division=z)[1] for z in (0, 1, np.nan)],
        [0, 1, np.nan],
    ),
    (
        lambda: f1(Y, GUESS, average="mean"),
        ValueError,
        "average: expected one of macro, weighted, micro, got 'mean'",
        lambda: [f1(Y, Y, average=average) for average in ("macro", "weighted", "micro")],
        [1, 1, 1],
    ),
    (
        lambda: accuracy(np.array(["a", None], object), ["a", "b"]),
        TypeError,
        "all text or all numbers, got None at y[1]: leave out rows without a label",
        lambda: accuracy(np.array(["a"], object), ["a"]),
        1,
    ),
    (
        lambda: accuracy([0, np.nan], [0, 1]),
        ValueError,
        "keep only the rows numpy.isfinite(y), in every argument",
        lambda: accuracy(np.array([0, np.nan])[[True, False]], np.array([0, 1])[[True, False]]),
        1,
    ),
    (
        lambda: accuracy([0, 1], [0.25, 7.5]),
        ValueError,
        "pass numpy.greater(predictions, 0) of logits of yes",
        lambda: accuracy([1, 1], np.greater([0.25, 7.5], 0)),
        1,
    ),
]


@each(REMEDIED)
def test_what_an_error_says_to_do_works(row):
    follow(*row)


def test_every_error_about_labels_is_followed():
    calls = [row[0] for row in REMEDIED]
    calls += [partial(accuracy, y, p) for y, p, _ in IMPOSSIBLE.values()]
    calls += [partial(confusion_matrix, *pair) for pair in NO_CLASS_NUMBERS.values()]
    calls += [partial(top_k_accuracy, y, P, 1) for y, P, _ in NO_TOP_K.values()]
    of_models = {"class_names", "classes_of", "numbered"}  # followed in test_remedies_of_….py
    expect_rows(calls, {"_labels.py": {*vars(_labels)} - of_models, "metrics.py": None})


@pytest.mark.parametrize("name", ["F1_macro", "f1 macro", "accurracy"])
def test_a_misspelled_metric_is_told_the_word(name):
    near = "accuracy" if name[0] == "a" else "f1_macro"
    for call in (
        lambda: nn.metrics.BY_NAME[name],
        lambda: nn.evaluate(nn.Sequential(nn.Dense(1, 1)), nn.Huber(), [[1]], [1], metrics=name),
    ):
        with pytest.raises(
            ValueError, match=rf"expected one of accuracy, .*did you mean '{near}'\?"
        ):
            call()


def test_the_number_of_classes_may_be_a_number_of_numpy():
    assert nn.confusion_matrix([0, 1], [1, 1], np.uint64(2)).tolist() == [[0, 1], [0, 1]]
