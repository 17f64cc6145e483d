"""The explorer of a run that may be broken: what is done to it, what is said of it, and when."""

import math

import pytest

from nnlib.course import drill
from nnlib.course.explorers.reading_curves import (
    BREAKING,
    EPOCHS,
    LABELS,
    RIDDLE,
    SEEDS,
    TIPS,
    YOUNG,
    Experiment,
    ReadingCurves,
)
from tests.helpers.page import shown
from tests.helpers.shaking import control, status


@pytest.fixture
def lab():
    with ReadingCurves() as explorer:
        yield explorer


def trained(*args, epochs=EPOCHS, **options):
    experiment = Experiment(*args, **options)
    while experiment.epoch < epochs and experiment.advance():
        pass
    return experiment


# The experiment -----------------------------------------------------------------------------


def test_every_name_has_its_way_of_breaking_and_its_button():
    assert list(BREAKING) == list(drill.NAMES)
    assert set(TIPS) == {*drill.NAMES, RIDDLE} == set(LABELS.values())


@pytest.mark.parametrize("much", [3, 5])
@pytest.mark.parametrize("name", drill.NAMES)
def test_what_is_broken_is_what_the_curves_say(name, much):
    for seed in range(3):
        experiment = trained(name, much, seed=seed)
        assert experiment.read == name, seed
        said = experiment.answer()
        assert said.startswith(f"The curves say “{drill.NAMES[name]}”: ")
        assert drill.evidence(experiment.training, name) in said
        assert experiment.how in said or name == "healthy"


@pytest.mark.parametrize("seed", SEEDS)
def test_every_riddle_can_be_solved(seed):
    experiment = trained(RIDDLE, seed=seed)
    assert experiment.caption == f"Riddle {seed}"
    assert experiment.read == experiment.cause
    for word in (*drill.NAMES.values(), experiment.how):
        assert word not in f"{experiment.words()} {experiment.caption}"


def test_riddles_are_of_all_kinds():
    for first in (0, 8):
        assert {Experiment(RIDDLE, seed=first + i).cause for i in range(8)} == set(drill.NAMES)


def test_a_little_leak_hides_behind_overfitting_and_both_are_told():
    said = trained("leak", 1).answer()
    assert said.startswith("The curves say “overfitting”: ")
    assert "What was done to it: 20% of the validation examples are training examples, too" in said
    assert "Why you cannot see “leak” here: training ends at " in said


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"hidden": 1}, "underfitting"),
        ({"lr": 3.0}, "learning rate too large"),
        ({"lr": 0.0001}, "learning rate too small"),
        ({"n": 50, "noise": 0.2}, "overfitting"),
        ({"noise": 1.0, "n": 200}, "shuffled labels"),
    ],
)
def test_what_comes_from_the_settings_is_told_as_such(options, name):
    said = trained(**options).answer()
    assert said.startswith(f"The curves say “{name}”: ")
    assert said.endswith("Nothing was broken on purpose. So the settings are the cause.")


def test_too_early_there_is_no_answer():
    experiment = trained(epochs=YOUNG - 1)
    assert experiment.read == ""
    assert experiment.answer() == f"Too early to tell: let it run to epoch {YOUNG} at least."
    experiment.advance()
    assert experiment.read == "healthy"


def test_curves_that_fit_no_name_are_told():
    experiment = trained("healthy", lr=0.3)
    experiment.training.val = [1.2] * 61
    experiment.training.train = [1.0, *[1.0 + 0.1 * (i % 2) for i in range(60)]]
    experiment.training.later = [1.2] * 61
    said = experiment.answer()
    assert said.startswith("None of the eight fits these curves. Nothing was broken on purpose. ")
    assert "Why not “healthy”: its training loss never falls below 1.00" in said


def test_words_give_the_losses_as_shares_of_a_guess():
    experiment = trained(epochs=20)
    run = experiment.training
    loss = run.model.loss.value(run.model.net.forward(run.examples[1][0]), run.examples[1][1])
    assert f"validation {loss / math.log(10):.2f}, " in experiment.words()
    assert experiment.words().startswith("Nothing broken, epoch 20 of 60. ")
    assert Experiment().words().startswith("Nothing broken, not trained yet: the loss is 1.")
    assert trained().words().endswith("The run ends here.")
    assert not trained().advance()


def test_huge_losses_and_a_run_that_breaks_off_are_said_in_few_digits():
    experiment = Experiment("bad_initialization", 5)
    experiment.training.train[0] = 2.5e7
    assert "the loss is 10^7 times" in experiment.words()
    assert "the loss is 656" not in Experiment("bad_initialization", 4).words()
    experiment.training.broken_off = True
    assert "no longer a finite number" in experiment.words()
    assert experiment.read in ("rate_too_large", "")
    assert not experiment.advance()


# The explorer -------------------------------------------------------------------------------


def test_the_answer_is_hidden_until_it_is_asked_for(lab):
    for _ in range(EPOCHS):
        lab.step_button.click()
    cause = drill.NAMES[lab.experiment.cause]
    assert cause not in status(lab)
    control(lab, "What is it?").click()
    assert f"The curves say “{cause}”" in status(lab).replace("&#x27;", "'")
    control(lab, "What is it?").click()
    assert "The curves say" not in status(lab)


def test_another_run_hides_the_answer_again(lab):
    control(lab, "What is it?").click()
    assert "Too early to tell" in status(lab)
    control(lab, "seed").value = 3
    assert "Too early" not in status(lab)
    assert lab.experiment.seed == 3
    control(lab, "What is it?").click()
    lab.reset_button.click()
    assert "Too early" not in status(lab)


def test_every_control_does_what_it_says(lab):
    assert lab.experiment.riddle
    kinds = control(lab, "what is broken")
    for label, name in LABELS.items():
        kinds.value = label
        assert (lab.experiment.cause == name) != (name == RIDDLE)
    kinds.value = "nothing"
    for label, value, setting in (
        ("learning rate η", 0.1, "lr"),
        ("examples", 100, "n"),
        ("label noise", 0.3, "noise"),
    ):
        control(lab, label).value = value
        assert getattr(lab.experiment.training.run, setting) == value
    control(lab, "hidden units").value = 8
    assert lab.experiment.training.run.hidden == (8,)
    kinds.value = "leak"
    control(lab, "how much").value = 5
    assert lab.experiment.training.run.share == 1
    assert lab.alert.value == ""


def test_curves_come_as_the_run_goes(lab):
    before = shown(lab)
    lab.step_button.click()
    assert shown(lab) != before
    assert lab._lines["val"].get_ydata().tolist() == lab.experiment.training.val
    assert len(lab._lines["train"].get_xdata()) == 2
    lab.experiment.training.broken_off = True
    lab.picture()
    assert lab._end.get_xdata() == [1]


def test_it_runs_an_epoch_a_picture_to_the_end(lab):
    for epoch in range(1, EPOCHS + 1):
        assert lab.advance(1.0) == (epoch < EPOCHS)
        assert lab.experiment.epoch == epoch
