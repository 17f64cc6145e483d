"""The run, compared with nnlib used directly; changes while it trains; how it ends."""

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.log import Entry
from nnlib.course.playground.settings import ACTIVATIONS, FEATURES, OPTIMIZERS, Settings
from nnlib.optimizers import BY_NAME
from tests.playground.runs import dense, train, train_epochs, trained


def test_it_trains_as_nnlib_does_bit_for_bit():
    experiment = trained(2 * 15 + 4, hidden=(5,), activations=("ReLU",), seed=3, lr=0.02, l2=0.001)
    init = nn.initializers.xavier_normal
    net = nn.Sequential(nn.Dense(2, 5, init=init), nn.ReLU(), nn.Dense(5, 2, init=init), rng=3)
    opt = nn.Adam(0.02, weight_decay=0.001)
    data = experiment.data
    for step in nn.steps(
        net, nn.SoftmaxCrossEntropy(), opt, data.X_train, data.y_train, batch_size=10, rng=3
    ):
        if step.step == 34:
            break
    np.testing.assert_array_equal(experiment.net.params, net.params)
    assert (experiment.epoch, experiment.steps, len(experiment.batches)) == (2, 34, 11)


def test_the_scores_are_evaluates():
    experiment = trained(20)
    data = experiment.data
    test = nn.evaluate(experiment.net, experiment.loss, data.X_test, data.y_test)
    assert experiment.scores()["test_loss"] == test["loss"]
    assert experiment.scores()["test_accuracy"] == test["accuracy"]
    assert "accuracy" not in trained(1, data="plane").scores()


def test_l1_adds_its_slope_to_weights_and_not_to_biases():
    plain, sparse = (trained(0, optimizer="SGD", lr=0.1, l1=l1) for l1 in (0, 0.5))
    W = [layer.W.copy() for layer in dense(plain)]
    for experiment in (plain, sparse):
        for layer in dense(experiment):
            layer.b += 0.1
        experiment.step()
    for before, a, b in zip(W, dense(plain), dense(sparse), strict=True):
        np.testing.assert_allclose(b.W, a.W - 0.1 * 0.5 * np.sign(before), atol=1e-15)
        np.testing.assert_array_equal(a.b, b.b)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_gradient_is_that_of_the_loss_alone_and_the_step_is_along_both(name):
    sparse, plain = (trained(1, optimizer=name, l1=l1) for l1 in (0.01, 0.0))
    np.testing.assert_array_equal(sparse.net.grads, plain.net.grads)
    net = trained(0).net
    slope = plain.net.grads.copy()
    slope[net.matrices] += 0.01 * np.sign(net.params[net.matrices])
    BY_NAME[name.lower()](lr=0.01, weight_decay=0).step(net.params, slope)
    np.testing.assert_array_equal(sparse.net.params, net.params)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_brings_the_loss_down(name):
    experiment = Experiment(Settings(optimizer=name, lr=0.003 if name == "RMSProp" else 0.03))
    train_epochs(experiment, 20)
    loss = experiment.history.column("loss")
    assert loss[-1] < 0.9 * loss[0]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_trains(name):
    experiment = Experiment(Settings(data="XOR", hidden=(6,), activations=(name,), lr=0.03))
    train_epochs(experiment, 10)
    loss = experiment.history.column("loss")
    assert loss[-1] < loss[0]


@pytest.mark.parametrize(
    "changed",
    [{"lr": 0.003}, {"l2": 0.1}, {"l1": 0.1}, {"dropout": 0.3}, {"batch_size": 50}, {"noise": 0.4},
     {"optimizer": "SGD"}, {"train_share": 0.8}, {"data_seed": 5}, {"n": 100}],
)  # fmt: skip
def test_a_hyperparameter_changes_with_the_weights_as_they_are(changed):
    experiment, unchanged = trained(40), trained(40)
    before = experiment.net.params.copy()
    experiment.change(**changed)
    np.testing.assert_array_equal(experiment.net.params, before)
    assert (experiment.steps, experiment.epoch) == (40, 2)
    for run in (experiment, unchanged):
        for _ in range(20):
            run.step()
    assert (experiment.net.params != unchanged.net.params).any()
    assert experiment.steps == 60


def test_a_learning_rate_that_changes_leaves_order_and_memory_alone():
    experiment = trained(20)
    rest = trained(20)
    experiment.change(lr=0.02)
    rest.opt.lr = 0.02
    for run in (experiment, rest):
        for _ in range(30):
            run.step()
    np.testing.assert_array_equal(experiment.net.params, rest.net.params)


def test_another_unit_keeps_all_weights_that_were_there():
    experiment = trained(30)
    W, b = ([getattr(a, name).copy() for a in dense(experiment)] for name in ("W", "b"))
    message = experiment.change(hidden=(5, 2))
    new = dense(experiment)
    np.testing.assert_array_equal(new[0].W[:, :4], W[0])
    np.testing.assert_array_equal(new[1].W[:4], W[1])
    np.testing.assert_array_equal(new[2].W, W[2])
    for before, after in zip(b, new, strict=True):
        np.testing.assert_array_equal(after.b[: len(before)], before)
    assert message == (
        "The network has changed: 28 of the network's 33 weights were kept, the other 5 are new."
    )


def test_another_layer_keeps_those_before_it():
    experiment = trained(30)
    W = [layer.W.copy() for layer in dense(experiment)]
    experiment.change(hidden=(4, 2, 3), activations=("tanh",) * 3)
    new = dense(experiment)
    np.testing.assert_array_equal(new[0].W, W[0])
    np.testing.assert_array_equal(new[1].W, W[1])
    assert new[3].W.shape == (3, 2)


def test_a_feature_that_goes_leaves_the_weights_of_the_others():
    experiment = trained(30, features=("x₁", "x₂", "x₁²"))
    W = dense(experiment)[0].W.copy()
    experiment.change(features=("x₁²", "x₂", "sin x₁"))
    np.testing.assert_array_equal(dense(experiment)[0].W[:2], W[[2, 1]])


def test_another_activation_and_dropout_keep_everything_and_the_optimizers_memory():
    experiment = trained(30)
    before, memory = experiment.net.params.copy(), experiment.opt
    assert "all 28 weights were kept" in experiment.change(activations=("ReLU", "tanh"))
    assert "all 28 weights were kept" in experiment.change(dropout=0.2)
    np.testing.assert_array_equal(experiment.net.params, before)
    assert experiment.opt.t == memory.t == 30


def test_there_and_back_again_between_two_steps_is_no_change():
    experiment, other = trained(25), trained(25)
    experiment.change(hidden=(1, 1), optimizer="SGD", noise=0.4)
    experiment.change(hidden=(4, 2), optimizer="Adam", noise=0.1)
    assert experiment.log == other.log
    for run in (experiment, other):
        for _ in range(40):
            run.step()
    np.testing.assert_array_equal(experiment.net.params, other.net.params)
    assert experiment.history.rows == other.history.rows


def test_there_and_back_again_keeps_the_best_weights_and_losses():
    experiment = trained(300, data="hills", activations=("ReLU", "ReLU"))
    record, good = experiment.record, experiment.good
    experiment.change(features=("x₁",))
    assert experiment.record.train > record.train
    experiment.change(features=("x₁", "x₂"))
    assert experiment.record == record
    assert experiment.good is good
    experiment.change(lr=100.0, optimizer="SGD")
    train_epochs(experiment, 50)
    assert experiment.diverged
    assert f"of epoch {good.epoch} again" in experiment.message
    assert f"(training loss {record.train:.4f})" in experiment.message
    np.testing.assert_array_equal(experiment.net.params, good.params)
    assert experiment.scores()["loss"] == record.train


def test_there_and_back_again_also_from_the_second_change_on():
    experiment = trained(100, data="hills")
    experiment.change(noise=0.2)
    for _ in range(30):
        experiment.step()
    record = experiment.record
    experiment.change(hidden=(3, 2), noise=0.3)
    experiment.change(hidden=(4, 2), noise=0.2)
    assert experiment.record == record


@pytest.mark.parametrize("changed", [{"data": "XOR"}, {"seed": 1}, {"init": "He"}])
def test_another_problem_or_other_first_weights_begin_a_new_run(changed):
    experiment = trained(30)
    assert experiment.change(**changed) == "A new run begins."
    assert experiment.steps == 0
    fresh = Experiment(Settings(**changed))
    np.testing.assert_array_equal(experiment.net.params, fresh.net.params)


def test_what_cannot_be_changes_nothing():
    experiment = trained(30)
    before, settings = experiment.net.params.copy(), experiment.settings
    for changed in ({"data": "own points", "points": "1 2"}, {"lr": -1}, {"hidden": (0, 1)}):
        with pytest.raises(ValueError, match="expected"):
            experiment.change(**changed)
    assert experiment.settings is settings
    np.testing.assert_array_equal(experiment.net.params, before)


def test_it_stops_at_a_loss_or_after_epochs_and_goes_on_when_the_rule_changes():
    experiment = Experiment(Settings(lr=0.03, stop_loss=0.3))
    train_epochs(experiment, 500)
    assert experiment.ended
    assert experiment.scores()["loss"] <= 0.3 < experiment.history.rows[-2][1]
    assert "the training loss is 0." in experiment.message
    assert "the rule is to stop at 0.3. To go on, lower “at a loss of”" in experiment.message
    assert not experiment.step()
    experiment.change(stop_loss=0.0, stop_epochs=experiment.epoch + 5)
    end = experiment.epoch + 5
    train_epochs(experiment, 500)
    assert experiment.epoch == end
    assert experiment.message == (
        f"Stopped after {end} epochs, as asked for. "
        "To go on, raise “after epochs” or switch it off."
    )


def test_a_rule_that_is_met_when_something_is_changed_says_so_and_does_not_train_on():
    experiment = Experiment()
    train_epochs(experiment, 60)
    experiment.change(stop_epochs=50)
    met = (
        "Stopped after 60 epochs, for the rule is to stop after 50. To go on, raise “after epochs”"
    )
    assert met in experiment.message
    experiment.change(lr=0.03)
    assert met in experiment.message
    assert not experiment.step()
    assert experiment.epoch == 60
    message = experiment.change(hidden=(5, 2))
    assert message.startswith("The network has changed")
    assert met in message
    experiment.change(stop_epochs=61)
    assert not experiment.ended
    train_epochs(experiment, 5)
    assert experiment.epoch == 61


def test_a_loss_that_is_low_enough_from_the_start_ends_the_run_there():
    experiment = Experiment(Settings(stop_loss=5.0))
    assert not experiment.step()
    assert experiment.steps == 0
    assert "the rule is to stop at 5." in experiment.message
    experiment.change(stop_loss=0.0)
    assert experiment.step()


def test_patience_is_counted_from_the_last_change_at_the_earliest():
    layers = {"hidden": (8, 8), "activations": ("tanh", "tanh")}
    experiment = Experiment(Settings(data="spirals", noise=0.5, patience=10, lr=0.1, **layers))
    train_epochs(experiment, 500)
    stopped, best = experiment.epoch, experiment.record.epoch
    assert stopped - best == 10
    message = experiment.message
    experiment.change(lr=1e-4)
    experiment.change(lr=0.1)
    assert experiment.ended  # there and back again is no change
    assert experiment.message == message
    experiment.change(lr=0.0)
    train_epochs(experiment, 500)
    assert experiment.epoch == stopped + 10
    assert (
        "for 10 epochs since the last change the test loss has not come below" in experiment.message
    )
    assert f"in epoch {best}. Change a setting or reset to go on." in experiment.message


def test_it_stops_early_when_the_test_loss_no_longer_improves():
    experiment = Experiment(Settings(noise=0.5, train_share=0.1, lr=0.1, patience=7))
    train_epochs(experiment, 500)
    test = experiment.history.column("test_loss")
    assert experiment.ended
    assert experiment.epoch - np.argmin(test) == 7
    assert f"in epoch {np.argmin(test)}" in experiment.message


def test_a_run_that_diverges_is_explained_and_goes_back_to_its_best_weights():
    experiment = Experiment(
        Settings(data="plane", optimizer="SGD", lr=0.003, hidden=(), activations=())
    )
    train_epochs(experiment, 3)
    best, loss = experiment.net.params.copy(), experiment.scores()["loss"]
    assert loss == experiment.record.train
    experiment.change(lr=10.0)
    train_epochs(experiment, 50)
    assert experiment.ended
    assert experiment.diverged
    for part in ("diverged in epoch", "learning rate of 10", "try 1", "epoch 3 again"):
        assert part in experiment.message
    np.testing.assert_array_equal(experiment.net.params, best)
    assert experiment.settings.lr == 10
    assert experiment.epoch == 3
    assert np.isfinite(experiment.history.column("loss")).all()
    experiment.change(lr=0.1)
    assert experiment.step()


def test_a_divergence_that_the_end_of_an_epoch_reveals_is_in_that_epoch():
    experiment = trained(
        1,
        data="hills",
        batch_size=0,
        activations=("linear", "linear"),
        lr=0.3,
        optimizer="SGD",
        features=FEATURES,
    )
    assert experiment.diverged
    assert "The run diverged in epoch 1, step 1: the loss" in experiment.message


def test_a_number_that_is_too_large_for_floats_is_no_traceback():
    experiment = Experiment(
        Settings(data="hills", optimizer="SGD", lr=1000.0, activations=("linear", "linear"))
    )
    train_epochs(experiment, 50)
    assert experiment.diverged
    assert np.isfinite(experiment.net.params).all()


def test_a_wrong_shape_is_not_taken_for_divergence(monkeypatch):
    experiment = Experiment()
    experiment.F_train = experiment.F_train[:, :1]
    with pytest.raises(ValueError, match="expected"):
        experiment.step()


# Weights set by hand ------------------------------------------------------------------------------


def test_a_weight_and_a_bias_are_set_and_nothing_else():
    experiment, other = trained(20), trained(20)
    experiment.set_weight(0, 1, 2, 0.5)
    assert experiment.set_weight(2, -1, 1, -3) == "2 weights were set by hand."
    dense(other)[0].W[1, 2], dense(other)[2].b[1] = 0.5, -3
    np.testing.assert_array_equal(experiment.net.params, other.net.params)
    assert experiment.log[1:] == [Entry(20, Settings(), ((0, 1, 2, 0.5), (2, -1, 1, -3.0)))]
    assert experiment.history.rows == other.history.rows
    for run in (experiment, other):  # the optimizer remembers what it did
        train(run, 30)
    np.testing.assert_array_equal(experiment.net.params, other.net.params)


@pytest.mark.parametrize("steps", [0, 25])
def test_a_weight_that_is_set_and_set_back_is_no_change(steps):
    experiment, other = trained(steps), trained(steps)
    before = float(dense(experiment)[1].W[0, 1])
    assert experiment.set_weight(1, 0, 1, 2.0) == "A weight was set by hand."
    assert experiment.set_weight(1, 0, 1, 2.0) == ""
    experiment.set_weight(1, 0, 1, before)
    assert experiment.trail == other.trail
    assert experiment.message == ""
    for run in (experiment, other):
        train(run, 20)
    np.testing.assert_array_equal(experiment.net.params, other.net.params)
    assert experiment.record == other.record


def test_weights_set_in_another_order_are_the_same_change():
    weights = [(2, -1, 1, 1.0), (0, 1, 0, 1.5), (2, 1, 1, 2.0)]
    one, other = trained(10), trained(10)
    for a, b in zip(weights, reversed(weights), strict=True):
        one.set_weight(*a)
        other.set_weight(*b)
    assert one.trail == other.trail
    assert len(one.trail) == 2


def test_a_weight_set_at_the_start_is_one_of_the_first_weights():
    experiment = Experiment()
    experiment.set_weight(0, 0, 0, 3.0)
    experiment.change(lr=0.1)
    assert experiment.log == [Entry(0, Settings(lr=0.1), ((0, 0, 0, 3.0),))]
    assert dense(experiment)[0].W[0, 0] == 3
    assert experiment.history.column("loss") == [experiment.scores()["loss"]]
    experiment.change(data="XOR")
    assert experiment.log[0].weights == ()


@pytest.mark.parametrize("steps", [0, 25])
@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({"noise": 0.3, "optimizer": "SGD"}, ((0, 1, 2, 9.0), (2, 1, 0, 8.0))),
        ({"features": ("x₂", "x₁²")}, ((0, 0, 2, 9.0), (2, 1, 0, 8.0))),
        ({"features": ("x₁",)}, ((2, 1, 0, 8.0),)),
        ({"hidden": (2, 2)}, ((2, 1, 0, 8.0),)),
        ({"hidden": (4, 1)}, ((0, 1, 2, 9.0),)),
        ({"hidden": (4,), "activations": ("tanh",)}, ((0, 1, 2, 9.0),)),
        ({"hidden": (4, 2, 2), "activations": ("tanh",) * 3}, ((0, 1, 2, 9.0),)),
        ({"hidden": (), "activations": ()}, ()),
    ],
)
def test_a_change_keeps_those_weights_set_by_hand_that_the_network_keeps(steps, changed, kept):
    experiment = trained(steps)
    experiment.set_weight(0, 1, 2, 9.0)
    experiment.set_weight(2, 1, 0, 8.0)
    experiment.change(**changed)
    assert experiment.trail[-1].weights == kept
    for layer, row, column, value in kept:
        assert dense(experiment)[layer].W[row, column] == value


def test_a_divergence_does_not_go_back_behind_a_weight_set_by_hand():
    experiment = trained(100, data="plane")
    experiment.set_weight(0, 0, 0, 5.0)
    edited, record = experiment.net.params.copy(), experiment.record
    assert record.train == experiment.scores()["loss"]
    assert record.since == experiment.epoch
    experiment.change(lr=1000.0, optimizer="SGD")
    train(experiment, 50)
    assert experiment.diverged
    np.testing.assert_array_equal(experiment.net.params, edited)
    assert (experiment.steps, experiment.ticks > 100) == (100, True)


def test_there_and_back_again_after_a_divergence_leaves_it_as_it_was():
    experiment = trained(100, data="plane")
    experiment.change(lr=1000.0, optimizer="SGD")
    train(experiment, 50)
    message, trail = experiment.message, experiment.trail
    experiment.change(lr=0.1)
    assert not experiment.ended
    experiment.change(lr=1000.0)
    assert experiment.diverged
    assert experiment.message == message
    assert experiment.trail == trail


def test_a_weight_that_ends_the_rule_to_stop_lets_the_run_go_on():
    experiment = Experiment(Settings(lr=0.03, stop_loss=0.3))
    train_epochs(experiment, 500)
    assert experiment.ended
    message = experiment.set_weight(2, -1, 0, 50.0)
    assert message == "A weight was set by hand."
    assert not experiment.ended


@pytest.mark.parametrize(
    ("weight", "message", "right"),
    [
        ((3, 0, 0, 1.0), "a layer from 0 to 2, got 3", (2, 0, 0, 1.0)),
        ((-1, 0, 0, 1.0), "a layer from 0 to 2, got -1", (0, 0, 0, 1.0)),
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
    with pytest.raises(ValueError, match=f"weight: expected {message}|weight: .* {message}"):
        experiment.set_weight(*weight)
    np.testing.assert_array_equal(experiment.net.params, before)
    experiment.set_weight(*right)
    assert (experiment.net.params != before).sum() == 1
