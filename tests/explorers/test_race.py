"""The explorer in which optimizers race: their steps, the controls, the words, the picture."""

import asyncio

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.explorers import OptimizerRace
from nnlib.course.explorers.race import OPTIMIZERS, RATES, STEPS, SURFACES, Experiment, parsed
from tests.helpers.page import click, shown
from tests.helpers.shaking import BLANK, control, status

PLAIN = {
    "SGD": lambda lr: nn.SGD(lr),
    "momentum": lambda lr: nn.SGD(lr, momentum=0.9),
    "RMSProp": lambda lr: nn.RMSProp(lr),
    "Adam": lambda lr: nn.Adam(lr),
}


@pytest.fixture
def explorer():
    with OptimizerRace() as explorer:
        yield explorer


def racer(experiment, name):
    return next(r for r in experiment.racers if r.name == name)


@pytest.mark.parametrize("name", SURFACES)
def test_gradients_of_surfaces_are_the_measured_ones(name):
    surface = SURFACES[name]
    θ = np.array([0.7, -0.2])
    claimed = surface.gradient()(θ)
    if "noisy" in name:
        claimed = claimed - np.random.default_rng(3).normal(0, 2, size=2)
    measured = nn.numerical_gradient(lambda θ: float(surface.loss(θ[0], θ[1])), θ)
    assert nn.relative_error(claimed, measured) < 1e-7


@pytest.mark.parametrize("name", SURFACES)
def test_a_bottom_is_the_lowest_place_and_the_start_is_in_the_picture(name):
    surface = SURFACES[name]
    left, right, low, high = surface.frame
    grid = np.meshgrid(np.linspace(left, right, 101), np.linspace(low, high, 101))
    assert surface.loss(*grid).min() >= surface.lowest - 1e-12
    for bottom in surface.bottoms:
        assert np.isclose(surface.loss(*bottom), surface.lowest)
        assert left < bottom[0] < right
    assert left < surface.start[0] < right
    assert low < surface.start[1] < high


def test_the_surfaces_are_those_of_the_lesson():
    assert np.isclose(SURFACES["ravine"].loss(-1.0, 1.4), 16)
    assert np.isclose(SURFACES["ravine, askew"].loss(-0.44, -1.08), 16)  # turned with its start
    assert np.isclose(SURFACES["Rosenbrock"].loss(-1.2, 1.0), 24.2)
    assert np.isclose(SURFACES["saddle"].loss(0.0, 0.5), 2.5)
    assert np.isclose(SURFACES["saddle"].loss(2.0, 0.0), 2.0)


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_racer_walks_exactly_as_nnlibs_optimizer_does(surface, name):
    experiment = Experiment()
    experiment.choose(surface)
    for _ in range(40):
        experiment.step()
    opt, gradient = PLAIN[name](experiment.rates[name]), SURFACES[surface].gradient()
    θ = np.array(SURFACES[surface].start)
    for _ in range(40):
        opt.step(θ, gradient(θ))
    assert racer(experiment, name).path.shape == (41, 2)
    assert np.array_equal(racer(experiment, name).path[-1], θ)
    lowest = SURFACES[surface].lowest
    assert racer(experiment, name).losses[-1] == SURFACES[surface].loss(*θ) - lowest


def test_plain_gradient_descent_is_what_a_pencil_says():
    experiment = Experiment()
    experiment.set_rate("SGD", 0.01)
    experiment.step()
    # g = (1 · (−4), 100 · 0.4) = (−4, 40)
    assert np.allclose(racer(experiment, "SGD").path, [(-1, 1.4), (-0.96, 1.0)])


@pytest.mark.parametrize("name", SURFACES)
def test_the_rates_at_first_are_the_best_of_the_lessons_grid(name):
    surface, steps = SURFACES[name], 200 if name == "Rosenbrock" else 60

    def score(optimizer, rate):
        opt, gradient = PLAIN[optimizer](rate), surface.gradient()
        θ, losses = np.array(surface.start), []
        with np.errstate(all="ignore"):
            for _ in range(steps):
                opt.step(θ, gradient(θ))
                losses.append(surface.loss(*θ))
        return np.mean(losses)

    for optimizer, i in zip(OPTIMIZERS, surface.rates, strict=True):
        best, *others = (score(optimizer, RATES[j]) for j in (i, i - 1, i + 1))
        assert not best > min(others)


def test_a_rate_changes_while_it_runs_and_nothing_else(explorer):
    for _ in range(5):
        explorer.step_button.click()
    experiment = explorer.experiment
    before, path = experiment.racers, racer(experiment, "Adam").path.copy()
    control(explorer, "η of Adam").value = RATES[8]
    assert racer(experiment, "Adam").optimizer.lr == 0.001
    assert experiment.racers is before
    explorer.step_button.click()
    moved = racer(experiment, "Adam").path
    assert np.array_equal(moved[:6], path)
    assert abs(moved[6] - moved[5]).max() < 0.002
    assert racer(experiment, "SGD").optimizer.lr == RATES[18]


def test_a_chosen_rate_outlives_a_reset_and_another_start(explorer):
    control(explorer, "η of RMSProp").value = RATES[5]
    explorer.reset_button.click()
    assert racer(explorer.experiment, "RMSProp").optimizer.lr == RATES[5]
    explorer._text.value = "1, 1"
    assert racer(explorer.experiment, "RMSProp").optimizer.lr == RATES[5]
    assert f"{RATES[5]:.2g} (RMSProp)" in status(explorer)


def test_step_and_reset(explorer):
    first = shown(explorer)
    explorer.step_button.click()
    assert explorer.experiment.t == 1
    assert status(explorer).startswith("Step 1, ravine")
    assert shown(explorer) != first
    explorer.reset_button.click()
    assert explorer.experiment.t == 0
    assert shown(explorer) == first
    assert "All start at (-1, 1.4), 16 above the lowest loss" in status(explorer)


def test_another_surface_brings_its_own_start_and_rates(explorer):
    control(explorer, "surface").value = "Rosenbrock"
    assert explorer.experiment.start == (-1.2, 1.0)
    assert explorer._text.value == "-1.2, 1"
    assert control(explorer, "η of SGD").value == RATES[13]
    assert explorer.experiment.rates["SGD"] == RATES[13]
    assert "All start at (-1.2, 1), 24.2 above" in status(explorer)
    assert explorer._map.get_xlim() == (-1.8, 1.8)


def test_a_start_is_typed(explorer):
    explorer.step_button.click()
    explorer._text.value = "2, 0.5"
    assert explorer.experiment.start == (2.0, 0.5)
    assert explorer.experiment.t == 0
    assert all(r.path.tolist() == [[2.0, 0.5]] for r in explorer.experiment.racers)
    assert explorer.alert.value == ""
    explorer._text.value = "−1.5 0.9"  # a real minus, no comma
    assert explorer.experiment.start == (-1.5, 0.9)


def test_a_wrong_start_is_explained_and_nothing_is_lost(explorer):
    for _ in range(3):
        explorer.step_button.click()
    for text in ("", "abc", "1", "1, 2, 3", "9, 1", "1, 9", "nan, 1", "1, inf"):
        explain(explorer, text)
    explorer._text.value = "1, 1"
    assert explorer.alert.value == ""


def explain(explorer, text):
    explorer._text.value = text
    alert = explorer.alert.value
    assert "expected two numbers, θ₁ from -2 to 5 and θ₂ from 0.3 to 1.7" in alert
    assert f"got &#x27;{text}&#x27;" in alert
    assert "correct the numbers and press Enter" in alert
    assert explorer.experiment.t == 3
    assert explorer._text.value == text


def test_typed_text_is_shown_as_text():
    with pytest.raises(ValueError, match="got '<b>'"):
        parsed("<b>", SURFACES["ravine"])
    with OptimizerRace() as explorer:
        explorer._text.value = "<script>"
        assert "<script>" not in explorer.alert.value


def test_a_click_into_the_picture_is_the_new_start(explorer):
    explorer.step_button.click()
    before = shown(explorer)
    click(explorer, *explorer.canvas.at(explorer._map, 1.25, 0.75))
    assert np.allclose(explorer.experiment.start, (1.25, 0.75), atol=1e-3)
    assert explorer._text.value == "{:g}, {:g}".format(*explorer.experiment.start)
    assert explorer.experiment.t == 0
    assert shown(explorer) != before


def test_a_click_outside_of_the_surface_changes_nothing(explorer):
    explorer.step_button.click()
    click(explorer, 900, 200)
    click(explorer, 0, 0)
    assert explorer.experiment.start == (-1.0, 1.4)
    assert explorer.experiment.t == 1


def test_words_tell_who_leads_and_who_diverged(explorer):
    control(explorer, "η of SGD").value = RATES[24]
    for _ in range(30):
        explorer.step_button.click()
    words = status(explorer)
    sgd = racer(explorer.experiment, "SGD")
    assert sgd.diverged
    rate = sgd.optimizer.lr
    explorer.experiment.set_rate("SGD", 0.001)
    assert f"SGD at step {sgd.t + 1} (η = {rate:.2g})" in explorer.experiment.words()
    assert f"Diverged: SGD at step {sgd.t + 1} (η = 0.1)" in words
    assert "a parameter has grown beyond 1,000" in words
    assert "Take a smaller η" in words
    order = words.partition("best first: ")[2]
    assert order.startswith("RMSProp")
    assert "SGD" not in order.partition(".  ")[0].partition("Diverged")[0]
    assert "SGD diverged" in explorer._rates.get_text()
    assert np.isfinite(sgd.path).all()


def test_a_new_rate_does_not_rewrite_the_race_so_far(explorer):
    control(explorer, "η of SGD").value = RATES[24]
    for _ in range(30):
        explorer.step_button.click()
    shown = explorer._rates.get_text()
    adam = racer(explorer.experiment, "Adam").rate
    control(explorer, "η of Adam").value = RATES[8]
    assert explorer._rates.get_text() == shown
    assert status(explorer).endswith("Now set: η = 0.001 (Adam), from the next step on.")
    control(explorer, "η of SGD").value = RATES[8]  # it has diverged
    assert "Now set: η = 0.001 (SGD), from the next race on (Reset)." in status(explorer)
    explorer.step_button.click()
    assert racer(explorer.experiment, "Adam").rate == 0.001 != adam
    assert "(Adam), from" not in status(explorer)
    for _ in range(STEPS):
        explorer.experiment.step()
    control(explorer, "η of RMSProp").value = RATES[8]
    assert "0.001 (RMSProp), from the next race on (Reset)." in status(explorer)
    explorer.reset_button.click()
    assert "Now set" not in status(explorer)
    assert "0.001 (SGD)" in status(explorer)


def test_whoever_runs_away_far_enough_ends_the_race(explorer):
    experiment = explorer.experiment
    for name in OPTIMIZERS:
        experiment.set_rate(name, 1e4)
    for _ in range(60):
        experiment.step()
    assert all(r.diverged for r in experiment.racers)
    assert experiment.over
    assert "best first: nobody" in experiment.words()
    assert "The race is over" in experiment.words()


def test_the_race_ends_and_starts_again():
    experiment = Experiment()
    for _ in range(STEPS + 5):
        experiment.step()
    assert experiment.t == STEPS
    assert experiment.over
    with OptimizerRace() as explorer:
        explorer.experiment = experiment
        explorer.advance(0.0)
        assert explorer.experiment.t == 1


def test_noise_is_the_same_for_all_and_in_every_race():
    experiment = Experiment()
    experiment.choose("noisy ravine")
    ends = []
    for _ in range(2):
        experiment.reset()
        for _ in range(20):
            experiment.step()
        ends.append([r.path[-1].tolist() for r in experiment.racers])
    assert ends[0] == ends[1]


def test_the_picture_shows_the_paths(explorer):
    for _ in range(70):
        explorer.experiment.step()
    explorer.picture()
    for r, path, curve in zip(
        explorer.experiment.racers, explorer._paths, explorer._curves, strict=True
    ):
        assert np.array_equal(np.transpose(path.get_data()), r.path)
        assert np.array_equal(curve.get_ydata(), np.maximum(r.losses, 1e-9))
    assert explorer._loss.get_xlim() == (0, 125)
    assert len({p.get_marker() for p in explorer._paths}) == 4
    assert len({p.get_linestyle() for p in explorer._paths}) == 4


def test_in_a_kernel_it_runs_pauses_and_resets_in_one_task():
    async def go():
        with OptimizerRace() as explorer:
            explorer.run.value = True
            await asyncio.sleep(0.5)
            assert explorer.experiment.t > 1
            assert explorer.run.description == "Pause"
            control(explorer, "η of SGD").value = RATES[0]
            await asyncio.sleep(0.2)
            assert explorer.running
            assert racer(explorer.experiment, "SGD").optimizer.lr == RATES[0]
            task = explorer._task
            explorer.run.value = False
            await task
            t = explorer.experiment.t
            await asyncio.sleep(0.1)
            assert explorer.experiment.t == t
            explorer.run.value = True
            await asyncio.sleep(0.1)
            explorer.reset_button.click()
            await asyncio.sleep(0.3)
            assert not explorer.running
            assert explorer.experiment.t == 0
            assert explorer.alert.value == ""

    asyncio.run(go())


def test_in_a_kernel_it_stops_by_itself_at_the_end():
    async def go():
        with OptimizerRace() as explorer:
            explorer._pace.value = 20
            explorer.canvas.frame = lambda: BLANK
            explorer.run.value = True
            await asyncio.sleep(0)
            await asyncio.wait_for(explorer._task, 20)
            assert explorer.experiment.t == STEPS
            assert explorer.run.description == "Run"
            assert "The race is over" in status(explorer)

    asyncio.run(go())
