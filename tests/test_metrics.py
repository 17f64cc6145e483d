import numpy as np
import pytest

from nnlib import accuracy


def test_accuracy_is_the_share_of_right_predictions():
    assert accuracy(np.array([0, 1, 2, 3]), np.array([0, 1, 2, 0])) == 0.75
    assert accuracy([1], [1]) == 1
    assert isinstance(accuracy([1], [0]), float)


@pytest.mark.parametrize(
    ("predictions", "remedy"),
    [
        ([0, 1], r"got \(2,\): pass P.argmax"),
        ([[0], [1], [2]], r"got \(3, 1\): pass predictions\[:, 0\]"),
        ([[0.9, 0.1]] * 3, r"got \(3, 2\): pass P.argmax\(axis=1\) of probabilities"),
    ],
)
def test_predictions_of_another_shape_are_refused(predictions, remedy):
    with pytest.raises(ValueError, match=r"expected one for each label, shape \(3,\), " + remedy):
        accuracy([0, 1, 2], predictions)


def test_the_accuracy_of_nothing_is_refused():
    with pytest.raises(ValueError, match="y: expected at least one label"):
        accuracy([], [])
