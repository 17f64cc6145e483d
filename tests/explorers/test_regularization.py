"""The explorer of overfitting: the experiment, its verdict, and each thing that helps."""

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.explorers.regularization import (
    EVERY,
    GRID,
    LIMIT,
    POINTS,
    SCALE,
    SEEDS,
    STOPPING,
    Experiment,
    Regularization,
    truth,
)
from tests.helpers.page import shown


@pytest.fixture
def lab():
    with Regularization() as explorer:
        yield explorer


def trained(epochs, **options):
    experiment = Experiment(**options)
    while experiment.epoch < epochs and experiment.advance():
        pass
    return experiment


# The experiment -----------------------------------------------------------------------------


def test_a_fit_is_what_nnlib_does_by_itself():
    experiment = trained(50, hidden=7, n=11, noise=0.2, seed=3, weight_decay=0.3, dropout=0.2)
    X, y = nn.make_sine(11, noise=0.2, rng=3)
    layers = [nn.Dense(1, 7), nn.Tanh(), nn.Dropout(0.2), nn.Dense(7, 7), nn.Tanh()]
    net = nn.Sequential(*layers, nn.Dropout(0.2), nn.Dense(7, 1), rng=3)
    loss, opt = nn.MeanSquaredError(), nn.AdamW(lr=0.01, weight_decay=0.3)
    for _ in nn.steps(net, loss, opt, SCALE * X, y, epochs=50, batch_size=11, rng=3):
        pass
    assert np.array_equal(experiment.net.params, net.params)
    assert experiment.losses[-1] == nn.evaluate(net, loss, SCALE * X, y)["loss"]
    assert experiment.epochs == [0, 10, 20, 30, 40, 50]
    assert np.array_equal(experiment.curve(), net.forward(SCALE * GRID[:, None])[:, 0])


def test_the_loss_of_the_true_curve_is_the_noise():
    train, val = Experiment(n=200, noise=0.5).floors
    assert train == pytest.approx(0.25, rel=0.25)
    assert val == pytest.approx(0.25, rel=0.25)
    assert Experiment(noise=0.0).floors == pytest.approx((0, 0))
    assert truth(np.array([0.5])) == pytest.approx(1)


def test_without_help_fifteen_points_are_overfitted():
    experiment = trained(1500)
    train, val = experiment.now
    assert train < experiment.floors[0] / 2
    assert val > 2 * experiment.floors[1]
    assert "overfits" in experiment.words()
    assert f"{val / train:.0f} times as large" in experiment.words()


def test_weight_decay_brings_the_validation_loss_down_to_the_noise():
    experiment = trained(1500, weight_decay=1)
    assert experiment.now[1] < 1.3 * experiment.floors[1]
    assert "about as close to the true curve as the noise allows" in experiment.words()


@pytest.mark.parametrize("options", [{"weight_decay": 10}, {"hidden": 2}])
def test_too_much_of_it_or_too_few_units_underfit(options):
    assert "underfits" in trained(1000, **options).words()


@pytest.mark.parametrize(
    ("options", "epochs", "verdict"),
    [
        ({"n": 8, "hidden": 20, "noise": 0.5, "seed": 1}, 1000, "it overfits"),
        ({"n": 5, "hidden": 2, "noise": 0.0, "seed": 1}, 1000, "it overfits"),
        ({"n": 100, "noise": 0.3}, 1500, "it overfits"),
        ({"n": 8, "noise": 0.6, "weight_decay": 10}, 1000, "it underfits"),
        ({"n": 15, "noise": 0.6, "weight_decay": 3}, 1500, "it is about as close"),
        ({"n": 30, "noise": 0.0}, 1500, "it is about as close"),
        ({"n": 15}, 10, "it underfits"),
    ],
)
def test_the_verdict_is_what_the_true_curve_says(options, epochs, verdict):
    experiment = trained(epochs, **options)
    off = np.mean((experiment.curve() - truth(GRID)) ** 2)
    train, val = experiment.now
    assert experiment.verdict.startswith(verdict)
    assert (off < 0.06) == ("close" in verdict or options.get("n") == 100)
    if "underfits" in verdict:
        assert val < 5 * train


def test_more_points_help():
    assert trained(1500, n=200).now[1] < 0.5 * trained(1500, n=15).now[1]


def test_early_stopping_goes_back_to_the_best_epoch():
    experiment = trained(LIMIT, stopping=True)
    assert experiment.epoch == experiment.best + STOPPING.patience
    assert f"Stopped early, and back at epoch {experiment.best}" in experiment.words()
    X, y = SCALE * experiment.X_val, experiment.y_val
    loss = nn.evaluate(experiment.net, experiment.loss, X, y)["loss"]
    assert loss == min(experiment.val_losses) == experiment.now[1]
    assert np.array_equal(experiment.curve(), experiment.best_curve)
    assert not experiment.advance()


def test_the_caption_is_that_of_the_curves_and_the_words_tell_what_is_to_come():
    experiment = trained(0)
    experiment.weight_decay = 0.1
    assert experiment.caption == "λ = 0.1, p = 0"
    experiment = trained(LIMIT, stopping=True)
    experiment.weight_decay = 0.3
    assert experiment.caption == "λ = 0, p = 0"
    assert experiment.words().endswith("Now set: λ = 0.3, p = 0, from the next run on (Reset).")
    experiment = trained(10)
    experiment.weight_decay = 0.3
    assert experiment.caption == "λ = 0, p = 0"
    assert experiment.words().endswith("Now set: λ = 0.3, p = 0, from the next epochs on.")
    experiment.advance()
    assert experiment.caption == "λ = 0.3, p = 0"
    assert "Now set" not in experiment.words()


def test_decay_dropout_and_stopping_change_under_way():
    experiment, plain = trained(500), trained(500)
    experiment.weight_decay = 1
    experiment.advance()
    plain.advance()
    net = experiment.net
    W = slice(*net.matrices.indices(net.params.size))
    assert np.linalg.norm(net.params[W]) < np.linalg.norm(plain.net.params[W])
    experiment.dropout = 0.5
    assert [layer.p for layer in net.layers if isinstance(layer, nn.Dropout)] == [0.5, 0.5]
    experiment.stopping = True
    assert not experiment.advance()
    assert experiment.best < 100


def test_a_run_that_diverges_is_explained():
    experiment = trained(20)
    experiment.net.params = np.full(experiment.net.params.shape, 1e200)
    assert not experiment.advance()
    assert "diverged" in experiment.words()
    assert "nan" not in experiment.words()


def test_words_without_training_name_the_settings():
    assert Experiment().words().startswith("15 points, weight decay 0, dropout 0: not trained yet")


# The explorer -------------------------------------------------------------------------------


def help_for(experiment):
    return experiment.weight_decay, experiment.dropout, experiment.stopping


def test_every_control_does_what_it_says(lab):
    decay, dropout, hidden, n, noise, seed, stop = lab.controls[:7]
    lab.step_button.click()
    experiment, picture = lab.experiment, shown(lab)
    decay.value, dropout.value, stop.value = 0.01, 0.3, True
    assert lab.experiment is experiment
    assert help_for(experiment) == (0.01, 0.3, True)
    assert experiment.epoch == EVERY
    assert "Now set: λ = 0.01, p = 0.3, from the next epochs on." in lab.status.value
    lab.step_button.click()
    assert shown(lab) != picture
    hidden.value = 5
    assert lab.experiment.epoch == 0
    assert lab.experiment.net.layers[0].d_out == 5
    n.value = 30
    assert len(lab.experiment.y) == 30
    noise.value = 0.0
    assert np.allclose(lab.experiment.y, truth(lab.experiment.X[:, 0]))
    X = lab.experiment.X
    seed.value = 5
    assert not np.array_equal(lab.experiment.X, X)
    assert help_for(lab.experiment) == (0.01, 0.3, True)
    assert lab.alert.value == ""


def test_step_and_reset(lab):
    lab.step_button.click()
    assert "After 10 epochs" in lab.status.value
    trained_curve = lab._curve.get_ydata().copy()
    lab.reset_button.click()
    assert "not trained yet" in lab.status.value
    assert not np.allclose(lab._curve.get_ydata(), trained_curve)


def test_all_points_are_inside_the_picture(lab):
    low, high = lab._points.axes.get_ylim()
    for n in POINTS:
        for seed in SEEDS:
            y = nn.make_sine(n, noise=0.6, rng=seed)[1]
            assert low < y.min()
            assert y.max() < high


def test_a_run_with_early_stopping_ends_by_itself(lab):
    lab.controls[6].value = True
    for _ in range(1000):
        if not lab.advance(1.0):
            break
    assert "Stopped early" in lab.words()
    assert lab._best is not None
    lab.picture()
    assert lab._best.get_xdata()[0] == lab.experiment.best
