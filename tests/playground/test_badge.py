"""The gradient check of a network in training."""

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.playground.badge import Badge
from tests.playground.runs import dense, layers, train_epochs, trained


@pytest.mark.parametrize("name", ["ReLU", "leaky ReLU", "tanh"])
def test_the_gradient_check_does_not_cry_wolf(name):
    experiment, badge = trained(5, data="spirals", dropout=0.1, **layers((8, 8, 8), name)), Badge()
    for _ in range(15):
        train_epochs(experiment, 2)
        badge.look(experiment)
        assert badge.ok, badge.words
        assert "✓" in badge.words


def test_the_gradient_check_finds_a_wrong_gradient_and_touches_nothing(monkeypatch):
    experiment, badge = trained(5, dropout=0.2), Badge()
    before = experiment.checkpoint()
    with monkeypatch.context() as patch:
        backward = nn.Tanh.backward
        patch.setattr(nn.Tanh, "backward", lambda *a, **k: 1.01 * backward(*a, **k))
        badge.look(experiment)
    assert badge.ok is False
    assert "wrong gradients: " in badge.words
    badge.look(experiment)
    assert badge.ok
    after = experiment.checkpoint()
    np.testing.assert_array_equal(before.params, after.params)
    assert before.random == after.random


def test_the_gradient_check_does_not_judge_a_run_that_is_about_to_diverge():
    experiment, badge = trained(5, data="plane"), Badge()
    dense(experiment)[-1].W = [[1e4], [-1e5]]
    badge.look(experiment)
    assert badge.ok is None
    assert "too large to check" in badge.words


def test_the_gradient_check_comes_at_a_modest_rate():
    experiment, badge = trained(5), Badge()
    news = [badge.refresh(experiment, now) for now in np.arange(100.0, 110.0, 0.04)]
    assert 1 <= sum(news) <= 5
    assert news[0]
