"""Metrics: worked by hand, then against scikit-learn on random labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn

from nnlib import accuracy, confusion_matrix, f1, precision, recall, top_k_accuracy

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
@pytest.mark.parametrize(
    ("predictions", "remedy"),
    [
        ([0, 1], r"got \(2,\): pass P.argmax"),
        ([[0], [1], [2]], r"got \(3, 1\): pass predictions\[:, 0\]"),
        ([[0.9, 0.1]] * 3, r"got \(3, 2\): pass P.argmax\(axis=1\) of probabilities"),
    ],
)
def test_predictions_of_another_shape_are_refused(metric, predictions, remedy):
    with pytest.raises(ValueError, match=r"expected one for each label, shape \(3,\), " + remedy):
        metric([0, 1, 2], predictions)


@pytest.mark.parametrize("metric", [accuracy, confusion_matrix, *SCORES])
def test_the_score_of_nothing_is_refused(metric):
    with pytest.raises(ValueError, match="y: expected at least one label"):
        metric([], [])


@pytest.mark.parametrize("metric", [confusion_matrix, *SCORES])
@pytest.mark.parametrize(
    ("y", "predictions", "kind", "message"),
    [
        (
            [-1, 0],
            [0, 0],
            ValueError,
            "y: expected class labels from 0, got -1: number the classes",
        ),
        ([0, 0], [0, -2], ValueError, "predictions: expected class labels from 0, got -2"),
        ([0.0, 1.0], [0, 1], TypeError, r"y: .* got float64: use y.astype\(int\)"),
        ([0, 1], [False, True], TypeError, r"got bool: use predictions.astype\(int\)"),
        (["cat"], ["dog"], TypeError, r"y: .*names, y = numpy.unique\(y, return_inverse=True\)"),
        ([[1, 0]], [[1, 0]], ValueError, r"y: .*n ≥ 1, got shape \(1, 2\): .*Y.argmax\(axis=1\)"),
    ],
)
def test_labels_that_are_no_class_numbers_are_refused(metric, y, predictions, kind, message):
    with pytest.raises(kind, match=message):
        metric(y, predictions)


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
        (([], P, 1), ValueError, r"y: expected class labels of shape \(n,\), n ≥ 1, got"),
        (([0.0, 1.0, 2.0], P, 1), TypeError, r"y: .*use y.astype\(int\)"),
        (([0, 1, 2], P[0], 1), ValueError, r"P: .* shape \(n, k\), got \(3,\): pass model.predict"),
        (([0, 1, 2], P[:0], 1), ValueError, r"P: .* got \(0, 3\)"),
        (([0, 1, 2], P * np.nan, 1), ValueError, r"P: expected finite numbers, got nan at P\[0, 0"),
        (([0], [["a", "b"]], 1), TypeError, "P: expected real numbers, got dtype <U1"),
    ],
)
def test_what_has_no_top_k_accuracy_is_refused(arguments, kind, message):
    with pytest.raises(kind, match=message):
        top_k_accuracy(*arguments)
