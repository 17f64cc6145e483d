"""The explorer of learning rate and batch size: its runs, what it measures, its controls."""

import asyncio

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.explorers.learning_rate import (
    GUESSING,
    MEMORY,
    OPTIMIZERS,
    Experiment,
    LearningRate,
)
from nnlib.course.kit.explorer import FRAME
from tests.helpers.page import shown
from tests.helpers.shaking import shake


@pytest.fixture
def lab():
    with LearningRate() as explorer:
        yield explorer


def trained(steps, **options):
    experiment = Experiment(**options)
    for _ in range(steps):
        experiment.advance()
    return experiment


def training_loss(experiment):
    net, data = experiment.net, experiment.data
    return nn.evaluate(net, nn.SoftmaxCrossEntropy(), data.X_train, data.y_train)["loss"]


def accuracy_on_test_digits(experiment):
    answers = experiment.net.forward(experiment.data.X_test).argmax(axis=1)
    return np.mean(answers == experiment.data.y_test)


# The experiment -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_run_is_what_nnlib_does_by_itself(name):
    data = nn.load_digits()
    net = nn.Sequential(nn.Dense(64, 32), nn.ReLU(), nn.Dense(32, 10), rng=3)
    experiment = trained(60, optimizer=name, lr=0.01, batch_size=64, seed=3)
    alone = nn.steps(
        net,
        nn.SoftmaxCrossEntropy(),
        nn.optimizers.BY_NAME[name.lower()](lr=0.01),
        data.X_train,
        data.y_train,
        epochs=3,
        batch_size=64,
        rng=np.random.default_rng([3, 1]),
    )
    losses = [step.loss for _, step in zip(range(60), alone, strict=False)]
    assert experiment.losses == losses
    assert np.array_equal(experiment.net.params, net.params)
    assert experiment.accuracies[0] != experiment.accuracies[-1]
    assert experiment.step == 60
    assert experiment.epoch == pytest.approx((2 * 1437 + (60 - 46) * 64) / 1437)


def test_the_running_mean_of_three_losses_by_hand():
    experiment = trained(3)
    a, b, c = experiment.losses
    assert experiment.means[0] == pytest.approx(a)
    κ = MEMORY
    assert experiment.means[1] == pytest.approx((κ * a + b) / (κ + 1))
    assert experiment.means[2] == pytest.approx((κ**2 * a + κ * b + c) / (κ**2 + κ + 1))


def test_accuracy_is_scored_once_an_epoch():
    experiment = trained(46, batch_size=64)  # 22 or 23 batches an epoch
    assert len(experiment.scored) == 3
    assert experiment.scored == [0, 1, 2]
    assert experiment.accuracies[-1] == accuracy_on_test_digits(experiment)


def test_learning_rate_and_batch_size_change_under_way():
    experiment = trained(10)
    experiment.lr = 0.0
    before = experiment.net.params.copy()
    experiment.advance()
    assert np.array_equal(experiment.net.params, before)
    experiment.lr, experiment.batch_size = 0.1, 1437
    epoch, loss = experiment.epoch, training_loss(experiment)
    experiment.advance()
    assert experiment.losses[-1] == pytest.approx(loss)
    assert experiment.epoch - epoch == pytest.approx(1)
    assert not np.array_equal(experiment.net.params, before)


def test_momentum_survives_a_change_of_the_batch_size():
    experiment = trained(10, optimizer="momentum")
    velocity = experiment.optimizer.state["velocity"].copy()
    assert np.abs(velocity).max() > 0
    experiment.batch_size = 8
    assert np.array_equal(experiment.optimizer.state["velocity"], velocity)
    assert experiment.optimizer.t == 10


def test_the_noise_falls_as_one_over_the_root_of_the_batch_size():
    noises = {size: np.mean([Experiment(batch_size=size, seed=s).noise for s in range(4)])
              for size in (4, 16, 64)}  # fmt: skip
    assert noises[4] / noises[16] == pytest.approx(2, rel=0.2)
    assert noises[16] / noises[64] == pytest.approx(2, rel=0.25)
    assert Experiment(batch_size=1437).noise == 0


def test_measuring_the_noise_changes_no_run():
    experiment, other = trained(30), trained(30)
    assert other.noise > 0
    experiment.advance()
    other.advance()
    assert experiment.losses == other.losses


def test_a_diverged_run_stops_and_is_explained():
    experiment = Experiment("SGD", 30.0, 8)
    while experiment.advance():
        pass
    assert experiment.diverged
    assert experiment.step < 50
    assert "diverged at step" in experiment.words()
    assert "divide it by ten until it learns" in experiment.words()
    steps = experiment.step
    assert not experiment.advance()
    assert experiment.step == steps


def test_a_loss_that_is_not_finite_is_a_divergence_too():
    experiment = trained(2)
    experiment.net.params = np.full(experiment.net.params.shape, 1e200)
    assert not experiment.advance()
    assert "no longer finite" in experiment.words()
    assert "nan" not in experiment.words()


def test_dead_units_are_told():
    experiment = trained(300, lr=3.0)
    assert experiment.dead > 0.9
    assert "of the hidden units are dead" in experiment.words()
    assert experiment.means[-1] == pytest.approx(GUESSING, rel=0.1)


def test_a_small_rate_is_told_to_be_patient():
    assert "η may be too small" in trained(30, lr=0.0001).words()


def test_words_give_the_numbers():
    experiment = trained(200, lr=0.3)
    words = experiment.words()
    assert "SGD, η = 0.3, batches of 32: after 200 steps (4.4 epochs)" in words
    assert f"test accuracy {experiment.accuracy:.1%}" in words
    noise = f"of a batch of 32 is off by {experiment.noise:.1f} times the length of the full one"
    assert noise in words
    assert "off by 0% of the length" in trained(2, batch_size=1437).words()


def test_accuracy_and_noise_are_those_of_now_and_not_of_the_last_epoch():
    experiment = trained(40, batch_size=32)  # 45 steps an epoch
    now = accuracy_on_test_digits(experiment)
    assert now > experiment.accuracies[-1] + 0.3
    assert f"test accuracy {now:.1%}" in experiment.words()
    noise = experiment.noise
    assert noise > 1.5 * Experiment(batch_size=32).noise
    experiment.batch_size = 512
    assert experiment.noise < noise / 2


def test_the_first_words_give_the_loss_of_the_first_weights():
    experiment = Experiment(seed=1)
    loss = training_loss(experiment)
    assert loss > GUESSING + 0.1
    assert f"The loss is {loss:.2f}; guessing costs 2.30. Press Run." in experiment.words()


def test_a_divergence_names_the_rate_that_did_it():
    experiment = Experiment("SGD", 30.0, 8)
    while experiment.advance():
        pass
    experiment.lr = 0.1
    assert experiment.words().startswith("SGD, η = 30, batches of 8: diverged at step")
    assert experiment.words().endswith("Reset begins again, with η = 0.1.")
    assert experiment.caption == "SGD, η = 30, B = 8"
    assert Experiment("SGD", 0.1, 8).caption == "SGD, η = 0.1, B = 8"


@pytest.mark.parametrize(("name", "lr"), [("SGD", 0.1), ("momentum", 0.01), ("Adam", 0.01)])
def test_the_rate_that_is_recommended_learns(name, lr):
    experiment = trained(400, optimizer=name, lr=lr, batch_size=32)
    assert experiment.accuracy > 0.9


def test_a_run_that_has_ended_says_so_even_if_it_learned_nothing():
    experiment = trained(3000, lr=0.0001, batch_size=32)
    assert experiment.done
    assert "No better than guessing" in experiment.words()
    assert experiment.words().endswith("The run ends here: Reset starts another.")


def test_what_is_set_after_a_run_does_not_rewrite_how_it_was_made():
    experiment = trained(3000, lr=0.1, batch_size=64)
    assert experiment.done
    before = experiment.caption
    assert "Now set" not in experiment.words()
    experiment.lr, experiment.batch_size = 30.0, 8
    assert experiment.words().startswith("SGD, η = 0.1, batches of 64: after 3,000 steps")
    assert experiment.words().endswith(
        "Now set: η = 30, batches of 8, from the next run on (Reset)."
    )
    assert "The gradient of a batch of 8 is off by" in experiment.words()
    assert experiment.caption == before
    experiment.lr, experiment.batch_size = 0.1, 64
    assert "Now set" not in experiment.words()


def test_what_is_set_in_a_pause_counts_from_the_next_step_on():
    experiment = trained(10, lr=0.1)
    experiment.lr = 0.3
    assert experiment.words().startswith("SGD, η = 0.1, batches of 32: after 10 steps")
    assert experiment.words().endswith("Now set: η = 0.3, batches of 32, from the next step on.")
    assert experiment.caption == "SGD, η = 0.1, B = 32"
    experiment.advance()
    assert experiment.words().startswith("SGD, at last η = 0.3, batches of 32: after 11 steps")
    assert "Now set" not in experiment.words()
    assert experiment.caption == "SGD, η = 0.3, B = 32"


# The explorer -------------------------------------------------------------------------------


def test_every_control_does_what_it_says(lab):
    eta, size, kind, seed = lab.controls[:4]
    lab.step_button.click()
    experiment, picture = lab.experiment, shown(lab)
    eta.value = 0.3
    size.value = 128
    assert (lab.experiment, experiment.lr, experiment.batch_size) == (experiment, 0.3, 128)
    lab.step_button.click()
    assert experiment.step == 2
    assert shown(lab) != picture
    kind.value = "Adam"
    assert lab.experiment is not experiment
    assert (lab.experiment.name, lab.experiment.lr, lab.experiment.batch_size) == ("Adam", 0.3, 128)
    params = lab.experiment.net.params.copy()
    seed.value = 4
    assert not np.array_equal(lab.experiment.net.params, params)
    assert lab.experiment.step == 0
    assert lab.alert.value == ""


def test_the_run_before_stays_on_the_picture_after_reset(lab):
    for _ in range(3):
        lab.step_button.click()
    means = list(lab.experiment.means)
    lab.reset_button.click()
    assert lab.experiment.step == 0
    assert np.allclose(lab._old.get_ydata(), means)
    assert lab._mean.get_ydata().size == 0


def test_a_run_that_diverges_ends_by_itself():
    async def main():
        with LearningRate() as lab:
            lab.controls[0].value, lab.controls[1].value = 30.0, 8
            lab.run.value = True
            for _ in range(100):
                await asyncio.sleep(FRAME)
                if not lab.run.value and lab.experiment.diverged:
                    break
            assert lab.experiment.diverged
            assert not lab.run.value
            assert "diverged" in lab.status.value
            assert lab.alert.value == ""

    asyncio.run(main())


def test_random_changes_leave_the_noise_a_number(lab):
    noise = []
    shake(lab, changes=300, after=lambda _: noise.append(lab.experiment.noise))
    assert np.isfinite(noise).all()
