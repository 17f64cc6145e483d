"""The functions of which a run is made."""

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.playground import recipe


def test_features_are_what_they_are_called():
    X = np.array([[2.0, 3.0], [0.5, -1.0]])
    F = recipe.features(X, ["x₁", "x₂", "x₁²", "x₂²", "x₁x₂", "sin x₁", "sin x₂"])
    np.testing.assert_allclose(F[0], [2, 3, 4, 9, 6, np.sin(2), np.sin(3)])
    assert recipe.features(X, ["x₂"]).tolist() == [[3], [-1]]


def test_one_step_is_the_published_one():
    net, twin = (nn.Sequential(nn.Dense(2, 3), nn.Tanh(), nn.Dense(3, 2)) for _ in range(2))
    X, y = nn.make_xor(20)
    value = recipe.one_step(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1), X, y, 0.0)
    step = next(nn.steps(twin, nn.SoftmaxCrossEntropy(), nn.SGD(0.1), X, y, batch_size=20))
    assert value == pytest.approx(step.loss, abs=1e-15)
    np.testing.assert_allclose(net.params, twin.params, atol=1e-15)
