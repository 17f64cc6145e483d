"""The run, compared with nnlib used directly; changes while it trains; how it ends."""

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.playground.badge import Badge
from nnlib.course.playground.experiment import Entry, Experiment
from nnlib.course.playground.settings import ACTIVATIONS, FEATURES, OPTIMIZERS, Settings
from nnlib.optimizers import BY_NAME
from tests.playground.runs import dense, layers, train, train_epochs, trained


def test_it_trains_as_nnlib_does_bit_for_bit():
    experiment = trained(2 * 15 + 4, **layers((5,), "ReLU"), seed=3, lr=0.02, l2=0.001)
    init = nn.initializers.xavier_normal
    net = nn.Sequential(nn.Dense(2, 5, init=init), nn.ReLU(), nn.Dense(5, 2, init=init), rng=3)
    opt, data = nn.Adam(0.02, weight_decay=0.001), experiment.data
    about = (net, nn.SoftmaxCrossEntropy(), opt, data.X_train, data.y_train)
    steps = nn.steps(*about, batch_size=10, rng=3)
    for _ in range(34):
        next(steps)
    np.testing.assert_array_equal(experiment.net.params, net.params)
    assert (experiment.epoch, experiment.steps, len(experiment.batches)) == (2, 34, 11)
    assert trained(1, batch_size=1000).epoch == 1


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_is_along_the_losss_gradient_and_of_weights_alone_along_l1s_slope(name):
    plain, sparse = (trained(0, optimizer=name, l1=l1) for l1 in (0.0, 0.01))
    for run in (plain, sparse):
        run.set_weight(2, -1, 0, 0.5)
        params = run.net.params.copy()
        run.step()
    np.testing.assert_array_equal(sparse.net.grads, plain.net.grads)
    slope, weights = plain.net.grads.copy(), plain.net.matrices
    slope[weights] += 0.01 * np.sign(params[weights])
    BY_NAME[name.lower()](lr=0.01, weight_decay=0).step(params, slope)
    np.testing.assert_array_equal(sparse.net.params, params)


@pytest.mark.parametrize("name", [*OPTIMIZERS, *ACTIVATIONS])
def test_every_optimizer_and_every_activation_brings_the_loss_down(name):
    some = {"optimizer": name, "lr": 0.003 if name == "RMSProp" else 0.03}
    experiment = Experiment(Settings(**some if name in OPTIMIZERS else layers((6,), name)))
    train_epochs(experiment, 20)
    loss = experiment.history.column("loss")
    assert loss[-1] < 0.95 * loss[0]


# Changes ------------------------------------------------------------------------------------------

ALL = np.s_[:]


@pytest.mark.parametrize(
    ("features", "changed", "kept", "message"),
    [
        (2, {"hidden": (5, 2)}, [(ALL, np.s_[:, :4]), (ALL, np.s_[:4]), (ALL, ALL)],
         "28 of the network's 33 weights were kept, the other 5 are new."),
        (2, layers((4, 2, 3)), [(ALL, ALL)] * 2,
         "22 of the network's 39 weights were kept, the other 17 are new."),
        (3, {"features": ("x₁²", "x₂", "sin x₁")}, [([2, 1], np.s_[:2]), (ALL, ALL)],
         "28 of the network's 32 weights were kept, the other 4 are new."),
        (2, layers((4, 2), ("ReLU", "tanh")), [(ALL, ALL)] * 3, "all 28 weights were kept."),
        (2, {"dropout": 0.2}, [(ALL, ALL)] * 3, "all 28 weights were kept."),
    ],
)  # fmt: skip
def test_another_network_keeps_all_weights_that_have_a_place_in_it(
    features, changed, kept, message
):
    experiment = trained(30, features=("x₁", "x₂", "x₁²")[:features])
    before = dense(experiment)
    assert experiment.change(**changed) == f"The network has changed: {message}"
    for (old, new), a, b in zip(kept, before, dense(experiment), strict=False):
        np.testing.assert_array_equal(b.W[new], a.W[old])
        np.testing.assert_array_equal(b.b[: len(a.b)], a.b)


def diverged():
    experiment = trained(100, data="plane")
    experiment.change(lr=1000.0, optimizer="SGD")
    train(experiment, 50)
    assert experiment.diverged
    return experiment


def changed_before():
    experiment = trained(100, data="hills")
    experiment.change(noise=0.2)
    train(experiment, 30)
    return experiment


MADE = {
    "at the start": Experiment,
    "in an epoch": lambda: trained(25, data="hills"),
    "changed": changed_before,
    "diverged": diverged,
    "stopped": lambda: trained(30, stop_epochs=2),
}


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize(
    "changed",
    [{"hidden": (1, 1), "noise": 0.4}, {"features": ("x₁",)}, {"lr": 0.1, "stop_epochs": 9}, {}],
)
def test_there_and_back_again_between_two_steps_is_no_change(made, changed):
    experiment, other = MADE[made](), MADE[made]()
    experiment.change(**changed)
    experiment.set_weight(0, 0, 0, 2.0)
    experiment.set_weight(0, 0, 0, 2.0)
    assert "A weight was set by hand." in experiment.message
    assert experiment.trail != other.trail
    experiment.change(**other.settings.as_dict())
    experiment.set_weight(0, 0, 0, other.weight(0, 0, 0))
    for _ in range(2):
        assert experiment.trail == other.trail
        assert experiment.log == other.log
        assert experiment.ending == other.ending
        assert experiment.record == other.record
        assert experiment.history.rows == other.history.rows
        np.testing.assert_array_equal(experiment.net.params, other.net.params)
        np.testing.assert_array_equal(experiment.good.params, other.good.params)
        for run in (experiment, other):
            train(run, 40)


# How it ends --------------------------------------------------------------------------------------


def test_it_stops_at_a_loss_and_goes_on_when_the_rule_or_a_weight_changes():
    experiment = Experiment(Settings(lr=0.03, stop_loss=0.3))
    train_epochs(experiment, 500)
    assert experiment.scores()["loss"] <= 0.3 < experiment.history.rows[-2][1]
    assert "the training loss is 0." in experiment.message
    assert "the rule is to stop at 0.3. To go on, lower “at a loss of”" in experiment.message
    assert not experiment.step()
    assert experiment.set_weight(2, -1, 0, 50.0) == "A weight was set by hand."
    assert experiment.step()
    experiment = Experiment(Settings(stop_loss=5.0))  # low enough from the start
    assert not experiment.step()
    assert "the rule is to stop at 5." in experiment.message
    experiment.change(stop_loss=0.0)
    assert experiment.step()


def test_it_stops_after_epochs_and_a_change_says_so_where_it_does_not_train_on():
    experiment = Experiment(Settings(stop_epochs=5))
    train_epochs(experiment, 500)
    assert experiment.epoch == 5
    met = "Stopped after 5 epochs, {}. To go on, raise “after epochs” or switch it off."
    assert experiment.message == met.format("as asked for")
    experiment.change(stop_epochs=3)
    met = met.format("for the rule is to stop after 3")
    assert experiment.message == met
    message = experiment.change(hidden=(5, 2))
    assert message.startswith("The network has changed")
    assert message.endswith(met)
    assert not experiment.step()
    experiment.change(stop_epochs=6)
    train_epochs(experiment, 500)
    assert experiment.epoch == 6


def test_it_stops_early_and_patience_is_counted_from_the_last_change_at_the_earliest():
    spirals = Settings(data="spirals", noise=0.5, patience=10, lr=0.1, **layers((8, 8)))
    experiment = Experiment(spirals)
    train_epochs(experiment, 500)
    stopped, best = experiment.epoch, int(np.argmin(experiment.history.column("test_loss")))
    assert stopped - best == 10
    least = f"{experiment.record.test:.4f} in epoch {best}. Change a setting or reset to go on."
    early = f"the test loss has not come below its best, {least}"
    assert experiment.message == f"Stopped early: for 10 epochs {early}"
    experiment.change(lr=0.0)
    train_epochs(experiment, 500)
    assert experiment.epoch == stopped + 10
    assert f"for 10 epochs since the last change {early}" in experiment.message


def test_a_run_that_diverges_is_explained_and_goes_back_to_its_best_weights():
    experiment = Experiment(Settings(data="plane", optimizer="SGD", lr=0.003, **layers(())))
    train_epochs(experiment, 3)
    best, loss = experiment.net.params.copy(), experiment.scores()["loss"]
    assert loss == experiment.record.train
    experiment.change(lr=0.0)
    train_epochs(experiment, 2)  # as good, so the later ones count
    experiment.change(lr=0.5, batch_size=0)
    train_epochs(experiment, 4)
    assert len(experiment.history.rows) == 10
    train_epochs(experiment, 50)
    assert experiment.ended
    again = f"those of epoch 5 again, the best before (training loss {loss:.4f})"
    for part in ("diverged in epoch", "learning rate of 0.5", "try 0.05.", again):
        assert part in experiment.message
    np.testing.assert_array_equal(experiment.net.params, best)
    assert (experiment.settings.lr, experiment.epoch) == (0.5, 5)
    assert experiment.history.column("epoch").tolist() == [*range(6)]
    experiment.change(lr=0.1)
    assert experiment.step()


def test_a_divergence_that_the_end_of_an_epoch_reveals_is_in_that_epoch_with_its_causes():
    linear = layers((4, 2), "linear")
    experiment = trained(
        1, data="hills", batch_size=0, lr=0.3, optimizer="SGD", l1=3.0, features=FEATURES, **linear
    )
    assert experiment.diverged
    assert "The run diverged in epoch 1, step 1: the loss" in experiment.message
    assert "the regularization is so strong that its steps overshoot" in experiment.message
    assert "squared features are large inputs" in experiment.message


def test_a_wrong_shape_is_not_taken_for_divergence():
    experiment = Experiment()
    experiment.F_train = experiment.F_train[:, :1]
    with pytest.raises(ValueError, match="expected"):
        experiment.step()


# Weights set by hand ------------------------------------------------------------------------------


def test_weights_set_in_another_order_are_the_same_change():
    weights = [(2, -1, 1, 1.0), (0, 1, 0, 1.5), (2, 1, 1, 2.0)]
    one, other = trained(10), trained(10)
    for a, b in zip(weights, reversed(weights), strict=True):
        one.set_weight(*a)
        other.set_weight(*b)
    assert one.message == "3 weights were set by hand."
    assert one.log == one.trail == other.trail
    assert one.trail[1:] == [Entry(10, Settings(), tuple(sorted(weights)))]


@pytest.mark.parametrize("steps", [0, 25])
@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({"noise": 0.3, "optimizer": "SGD"}, ((0, 1, 2, 9.0), (2, 1, 0, 8.0))),
        ({"features": ("x₂", "x₁²")}, ((0, 0, 2, 9.0), (2, 1, 0, 8.0))),
        ({"features": ("x₁",)}, ((2, 1, 0, 8.0),)),
        ({"hidden": (2, 2)}, ((2, 1, 0, 8.0),)),
        ({"hidden": (4, 1)}, ((0, 1, 2, 9.0),)),
        (layers((4,)), ((0, 1, 2, 9.0),)),
        (layers((4, 2, 2)), ((0, 1, 2, 9.0),)),
        (layers(()), ()),
    ],
)
def test_a_change_keeps_those_weights_set_by_hand_that_the_network_keeps(steps, changed, kept):
    experiment = trained(steps)
    experiment.set_weight(0, 1, 2, 9.0)
    experiment.set_weight(2, 1, 0, 8.0)
    experiment.change(**changed)
    assert experiment.trail[-1].weights == kept
    for *place, value in kept:
        assert experiment.weight(*place) == value


def test_a_divergence_does_not_go_back_behind_a_weight_set_by_hand():
    experiment = trained(100, data="plane")
    experiment.set_weight(0, 0, 0, 5.0)
    edited, record = experiment.net.params.copy(), experiment.record
    assert (record.train, record.since) == (experiment.scores()["loss"], experiment.epoch)
    experiment.change(lr=1000.0, optimizer="SGD")
    train(experiment, 50)
    assert experiment.diverged
    np.testing.assert_array_equal(experiment.net.params, edited)
    assert (experiment.steps, experiment.ticks > 100) == (100, True)


@pytest.mark.parametrize(
    ("weight", "message", "right"),
    [
        ((3, 0, 0, 1.0), "expected a layer from 0 to 2, got 3", (2, 0, 0, 1.0)),
        ((-1, 0, 0, 1.0), "expected a layer from 0 to 2, got -1", (0, 0, 0, 1.0)),
        ((0, 2, 0, 1.0), "in layer 0 a row from 0 to 1, or -1 for the biases", (0, -1, 0, 1.0)),
        ((0, 0, 4, 1.0), "a column from 0 to 3, got 0 and 4", (0, 0, 3, 1.0)),
        ((0, 0, 0, np.nan), "a number below 100000 in size, got nan", (0, 0, 0, -99999.0)),
        ((0, 0, 0, -1e5), "a number below 100000 in size", (0, 0, 0, 0)),
        ((0, 0, 0, "1"), "a number below 100000 in size, got '1'", (0, 0, 0, np.float64(1))),
    ],
)
def test_a_weight_that_cannot_be_set_is_refused(weight, message, right):
    experiment = trained(5)
    before = experiment.net.params.copy()
    with pytest.raises(ValueError, match=f"weight: .*{message}"):
        experiment.set_weight(*weight)
    np.testing.assert_array_equal(experiment.net.params, before)
    experiment.set_weight(*right)
    assert (experiment.net.params != before).sum() == 1


# Its gradients are checked -----------------------------------------------------------------------


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
