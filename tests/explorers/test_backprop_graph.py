"""The explorer of backprop: its small graph beside the engine's, its roads, words and parts."""

import asyncio
from functools import partial
from itertools import product

import numpy as np
import pytest
from matplotlib.colors import to_hex

import nnlib as nn
from nnlib.course.explorers import BackpropGraph
from nnlib.course.explorers.backprop_graph import (
    BLUE,
    CHART,
    GRAPHS,
    HEIGHT,
    LARGEST,
    NUDGES,
    PALE,
    WIDTH,
    Experiment,
    d,
    factor,
    signed,
    wires,
)
from nnlib.course.kit.canvas import _font
from tests.helpers.page import looking_at
from tests.helpers.shaking import control, shake, status


@pytest.fixture
def explorer():
    with BackpropGraph() as explorer:
        yield explorer


def experiment_of(graph, chosen="", **given):
    experiment = Experiment()
    experiment.choose_graph(graph)
    experiment.chosen = chosen or experiment.chosen
    for name, value in given.items():
        experiment.put(name, value)
    experiment.done = len(experiment.gates)
    return experiment


def given(experiment):
    return [node.name for node in experiment.nodes.values() if not node.gate]


def grads(experiment, *names):
    return [experiment.nodes[name].grad for name in names]


def randomised(graph, rng):
    experiment = experiment_of(graph)
    for name in given(experiment):
        experiment.put(name, rng.normal())
    return experiment, {name: node.value for name, node in experiment.nodes.items()}


def part(explorer, name):
    (found,) = (part for part in explorer.parts() if part.name == name)
    return found


# The experiment -----------------------------------------------------------------------------


def test_the_two_layers_are_those_of_the_lesson_with_its_gradients():
    experiment = experiment_of("two layers")
    value = {name: node.value for name, node in experiment.nodes.items()}
    assert [value[name] for name in ("z₁", "a₁", "z₂", "L")] == [5, 5, 1, 18]
    assert grads(experiment, "z₂", "w₂", "b₂", "a₁") == [-6, -30, -6, 3]
    assert grads(experiment, "z₁", "w₁", "b₁", "x") == [3, 12, 3, 6]


def test_the_fork_is_that_of_the_lesson_and_its_roads_add():
    experiment = experiment_of("a fork")
    assert grads(experiment, "u", "v", "a") == [5, 2, 23]
    assert experiment.roads("a") == [["a", "u", "5u", "L"], ["a", "v", "2v", "L"]]
    assert [np.prod(experiment.factors(road)) for road in experiment.roads("a")] == [15, 8]


def test_one_neuron_is_that_of_the_first_lesson_with_a_target():
    experiment = experiment_of("one neuron")
    assert experiment.nodes["z"].value == 1
    assert grads(experiment, "z", "w₁", "w₂", "b", "x₁", "x₂") == [-2, -4, -6, -2, -6, 2]


def test_one_neuron_has_the_values_and_gradients_of_the_engine():
    net, rng = nn.Sequential(nn.Dense(2, 1), nn.ReLU()), np.random.default_rng(1)
    for _ in range(200):
        experiment, v = randomised("one neuron", rng)
        net.layers[0].W, net.layers[0].b = [[v["w₁"]], [v["w₂"]]], [v["b"]]
        X = np.array([[v["x₁"], v["x₂"]]])
        value, dA = nn.MeanSquaredError().value_and_grad(net.forward(X, train=True), [v["y"]])
        dX = net.backward(dA / 2, input_grad=True)  # the engine's loss has no ½
        theirs = [value / 2, *net.layers[0].dW.ravel(), *net.layers[0].db, *dX.ravel()]
        ours = [v["L"], *grads(experiment, "w₁", "w₂", "b", "x₁", "x₂")]
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


def test_two_layers_have_the_values_and_gradients_of_the_engine():
    net, rng = nn.Sequential(nn.Dense(1, 1), nn.ReLU(), nn.Dense(1, 1)), np.random.default_rng(2)
    first, _, last = net.layers
    for _ in range(200):
        experiment, v = randomised("two layers", rng)
        first.W, first.b, last.W, last.b = [[v["w₁"]]], [v["b₁"]], [[v["w₂"]]], [v["b₂"]]
        Z = net.forward(np.array([[v["x"]]]), train=True)
        value, dZ = nn.MeanSquaredError().value_and_grad(Z, [v["y"]])
        dX = net.backward(dZ / 2, input_grad=True)
        theirs = [value / 2, *(float(g.item()) for g in (first.dW, first.db, last.dW, last.db, dX))]
        ours = [v["L"], *grads(experiment, "w₁", "b₁", "w₂", "b₂", "x")]
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_gradient_is_the_measured_one_and_the_sum_over_its_roads(graph):
    rng = np.random.default_rng(1)
    for _ in range(200):
        experiment, v = randomised(graph, rng)
        near = abs(v.get("z", v.get("z₁", 1.0))) < 1e-3  # a nudge would cross the corner
        for name, node in experiment.nodes.items():
            roads = sum(np.prod(experiment.factors(road)) for road in experiment.roads(name))
            assert roads == pytest.approx(node.grad, abs=1e-9)
            if not near:
                slope = nn.numerical_gradient(
                    lambda x, f=experiment, n=name: float(f.values(n, float(x))["L"]), v[name]
                )
                assert experiment.measured(name) == pytest.approx(float(slope), abs=1e-9)
                assert node.grad == pytest.approx(float(slope), rel=1e-6, abs=1e-7)


def test_only_the_chosen_number_is_nudged_and_what_is_made_from_it():
    experiment = experiment_of("two layers", "z₁")
    experiment.eps = 1.0
    before = {name: node.value for name, node in experiment.nodes.items()}
    moved = {name: experiment.nudged[name] - value for name, value in before.items()}
    assert {name: change for name, change in moved.items() if change} == {
        "z₁": 1, "a₁": 1, "w₂a₁": -0.5, "z₂": -0.5, "L": 3.125
    }  # fmt: skip
    assert experiment.rate == 3.125
    assert before == {name: node.value for name, node in experiment.nodes.items()}


def test_the_smaller_the_nudge_the_nearer_its_rate_to_the_gradient():
    experiment, errors = experiment_of("one neuron"), []
    for experiment.eps in (1, 0.1, 0.01, 0.001):
        errors.append(abs(experiment.rate - experiment.nodes["w₁"].grad))
    assert errors == pytest.approx([2, 0.2, 0.02, 0.002])  # ε times half the curvature


def test_a_relu_that_is_off_stops_all_that_comes_back_and_words_say_so():
    experiment = experiment_of("one neuron", "w₁", b=-3.7)
    assert grads(experiment, "z", "w₁", "w₂", "b", "x₁", "x₂") == [0] * 6
    assert experiment.nodes["y"].grad == 3
    assert "The ReLU is off: z = −0.7 < 0, so nothing flows back to w₁." in experiment.words()
    experiment.chosen = "y"
    assert "The ReLU is off" not in experiment.words()
    experiment.chosen = "a"
    assert "The ReLU is off" not in experiment.words()


def test_at_the_corner_of_the_relu_zero_is_taken_and_half_the_slope_is_measured():
    experiment = experiment_of("one neuron", "b", **{"x₁": 0.1, "w₁": 3.0, "x₂": 0.0, "b": -0.3})
    assert 0 < experiment.nodes["z"].value < 1e-16  # by rounding
    assert experiment.nodes["b"].grad == 0
    assert experiment.measured("b") == pytest.approx(-3 / 2, abs=1e-4)
    assert "z = 0 is the corner of the ReLU: no slope there, we take 0." in experiment.words()


@pytest.mark.parametrize("graph", GRAPHS)
def test_a_gradient_is_known_once_all_that_uses_its_number_has_been_passed(graph):
    experiment = experiment_of(graph)
    experiment.done = 0
    assert [name for name in experiment.nodes if experiment.known(name)] == ["L"]
    for gate in experiment.gates:
        assert not any(experiment.known(parent) for parent in gate.parents)
        assert experiment.step()
        for parent in gate.parents:
            users = {user.name for user in experiment.users(parent)}
            assert experiment.known(parent) == (users <= set(experiment.passed))
    assert all(map(experiment.known, experiment.nodes))
    assert not experiment.step()
    assert experiment.done == 0


def test_words_tell_the_rule_of_each_gate_with_its_numbers():
    experiment, said = experiment_of("two layers"), []
    experiment.done = 0
    assert "backward begins at the right: dL = 1" in experiment.words()
    while experiment.step():
        said.append(experiment.flows())
    assert said == [
        "dz₂ = −6 · 1 = −6, dy = 6 · 1 = 6.",
        "d(w₂a₁) = 1 · (−6) = −6, db₂ = 1 · (−6) = −6.",
        "da₁ = −0.5 · (−6) = 3, dw₂ = 5 · (−6) = −30.",
        "dz₁ = 1 · 3 = 3.",
        "d(w₁x) = 1 · 3 = 3, db₁ = 1 · 3 = 3.",
        "dx = 2 · 3 = 6, dw₁ = 4 · 3 = 12.",
    ]
    experiment.done = 3
    assert experiment.rule() == (
        "Back through ×, which made w₂a₁: each side gets the other side's value times what comes "
        "back."
    )


def test_words_add_the_roads_of_a_fork_when_the_last_one_comes():
    experiment = experiment_of("a fork")
    assert experiment.flows() == "da gets 3 · 5 = 15. Roads add: da = 15 + 8 = 23."
    experiment.done -= 1
    assert experiment.flows() == "da gets 4 · 2 = 8."
    assert "derived: still to come" in experiment.words()


def test_words_compare_the_nudge_the_measured_and_the_derived_slope():
    experiment = experiment_of("one neuron")
    assert (
        "w₁ = 3: a nudge of 0.5 takes L from 2 to 0.5, −3 per unit; measured with a tiny nudge: "
        "−4; derived: −4." in experiment.words()
    )


def test_numbers_are_short_with_a_true_minus_and_zero_has_none():
    values = (-0.5, 1 / 3, -1e-12, 999.7, -12345.6, 1e-5)
    assert [signed(x) for x in values] == ["−0.5", "0.333", "0", "1,000", "−12,346", "1e-05"]
    assert [factor(-2), factor(-2, first=True), factor(2)] == ["(−2)", "−2", "2"]
    assert [d(name) for name in ("w₁", "L", "w₁x", "5u")] == ["dw₁", "dL", "d(w₁x)", "d(5u)"]


# The explorer -------------------------------------------------------------------------------


def test_steps_show_the_gradients_from_right_to_left_all_shows_all_and_reset_none(explorer):
    reds = []
    for button in (None, explorer.step_button, control(explorer, "All"), explorer.reset_button):
        if button:
            button.click()
        reds.append([t for t in written(explorer) if t[3] == "#B34700" and t[1] < 280])
    assert [len(texts) for texts in reds] == [1, 3, 11, 1]
    assert [text[2] for text in reds[2][:3]] == ["−6", "−4", "−2"]


def written(explorer):
    return explorer.drawing.texts._places


def test_run_goes_back_gate_by_gate_to_the_last(monkeypatch):
    monkeypatch.setattr("nnlib.course.explorers.backprop_graph.PACE", 0.0)

    async def main():
        with BackpropGraph() as explorer:
            explorer.run.value = True
            for _ in range(200):
                await asyncio.sleep(0.02)
                if explorer.frames > 3 and not explorer.run.value:
                    break
            assert explorer.experiment.done == len(explorer.experiment.gates)
            assert "derived: −4" in status(explorer)
            explorer.run.value = True  # once more, from the right
            await asyncio.sleep(0.1)
            assert explorer.experiment.done < len(explorer.experiment.gates)

    asyncio.run(main())


def test_the_slider_moves_the_number_that_is_chosen_and_bears_its_name(explorer):
    explorer.value.value = 2.0
    assert explorer.experiment.nodes["w₁"].value == 2
    assert explorer.value.description == "w₁ = 2"
    explorer.number.value = "b"
    assert (explorer.value.value, explorer.value.description) == (-2, "b = −2")
    explorer.value.value = -5.0
    assert [explorer.experiment.nodes[n].value for n in ("w₁", "b", "z")] == [2, -5, -4]
    assert "b = −5: a nudge of 0.5" in status(explorer)


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_slider_begins_at_the_chosen_number_of_each_graph(graph):
    with BackpropGraph(graph=graph) as explorer:
        node = explorer.experiment.nodes[explorer.experiment.chosen]
        assert explorer.value.value == node.value == GRAPHS[graph][node.name]
        assert explorer.value.description == f"{node.name} = {signed(node.value)}"
        explorer.value.value += 0.1
        assert node.value == pytest.approx(GRAPHS[graph][node.name] + 0.1)


def test_what_a_gate_makes_can_be_nudged_but_not_moved(explorer):
    explorer.number.value = "z"
    assert explorer.value.disabled
    assert explorer.value.description == "z = 1"
    explorer.nudge.value = -1
    assert "z = 1: a nudge of −1 takes L from 2 to 4.5" in status(explorer)
    explorer.number.value = "w₂"
    assert not explorer.value.disabled


def test_another_graph_has_other_numbers_and_begins_before_its_backward_pass(explorer):
    explorer.number.value = "y"
    control(explorer, "All").click()
    control(explorer, "graph").value = "a fork"
    assert explorer.number.options == ("a", "u", "v", "5u", "2v", "L")
    assert (explorer.number.value, explorer.experiment.chosen) == ("a", "a")
    assert explorer.value.description == "a = 2"
    assert explorer.experiment.done == 0
    assert explorer.experiment.nodes["a"].value == 2


def test_the_road_is_blue_as_far_as_the_nudge_goes(explorer):
    control(explorer, "graph").value = "two layers"
    experiment = explorer.experiment
    assert [step[0] for step in experiment.steps] == ["w₁", "w₁x", "z₁", "a₁", "w₂a₁", "z₂", "L"]
    assert len(explorer.drawing.road.get_segments()) == 7
    assert len({tuple(c) for c in explorer.drawing.road.get_colors()}) == 1
    explorer.number.value = "b₁"
    explorer.value.value = -9.0
    colors = [tuple(c) for c in explorer.drawing.road.get_colors()]
    assert len(colors) == 6
    assert [to_hex(color).upper() for color in colors] == [BLUE] * 2 + [PALE] * 4
    assert explorer.drawing.off.get_xydata().tolist() == [[434, 120]]


def test_the_chart_shows_the_loss_its_tangent_once_derived_and_the_nudge(explorer):
    drawing = explorer.drawing
    assert drawing.here.get_xydata().tolist() == [[3, 2]]
    assert drawing.there.get_xydata().tolist() == [[3.5, 0.5]]
    x, loss = drawing.curve.get_data()
    assert np.allclose(loss, (np.maximum(2 * x - 5, 0) - 3) ** 2 / 2)
    assert not drawing.tangent.get_visible()
    control(explorer, "All").click()
    assert drawing.tangent.get_visible()
    (x0, y0), (x1, y1) = drawing.tangent.get_xydata()
    assert (y1 - y0) / (x1 - x0) == pytest.approx(-4)
    (x0, y0), (x1, y1) = drawing.secant.get_xydata()
    assert (y1 - y0) / (x1 - x0) == pytest.approx(-3)


def test_a_flat_curve_is_drawn_in_the_middle_of_its_chart(explorer):
    explorer.number.value = "w₂"
    explorer.value.value = -9.0
    low, high = explorer.drawing.chart.get_ylim()
    assert (low + high) / 2 == explorer.experiment.nodes["L"].value == 4.5


def boxes_of_texts(explorer):
    for x, y, text, _, size in [*written(explorer), *explorer.drawing.signs._places]:
        half = _font(size).getlength(text) / 2
        if text:
            yield x - half, y - 0.5 * size, x + half, y + 0.5 * size, text


@pytest.mark.parametrize("graph", GRAPHS)
def test_no_text_leaves_the_picture_and_none_covers_another(explorer, graph):
    control(explorer, "graph").value = graph
    explorer.finish()
    experiment = explorer.experiment
    for value in (None, -9.9, 9.9, -0.123, 0.0):
        for name in given(experiment) if value is not None else []:
            experiment.put(name, value)
        for name, eps in product(experiment.nodes, (-1, 0.5, 1)):
            experiment.chosen, experiment.eps = name, eps
            explorer.drawing.show(experiment)
            no_two_meet(list(boxes_of_texts(explorer)))


def no_two_meet(boxes):
    """Each box of a text is inside the picture, and apart from all others."""
    for i, (left, top, right, bottom, text) in enumerate(boxes):
        assert min(left, top, WIDTH - right, HEIGHT - bottom) >= 0, text
        for other in boxes[:i]:
            apart = other[0] > right or left > other[2] or other[1] > bottom or top > other[3]
            assert apart, (text, other[4])


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_wire_leads_from_its_number_to_the_gate(graph):
    ends = {}
    for (source, target), line in wires(graph).items():
        assert line.shape[1] == 2
        assert np.isfinite(line).all()
        ends.setdefault(target, set()).add(tuple(line[-1]))
        assert ends.setdefault(("from", source), {tuple(line[0])}) == {tuple(line[0])}
    assert all(len(points) == 1 for points in ends.values())


def test_the_still_picture_shows_all_gradients_and_leaves_the_explorer_as_it_is(explorer):
    explorer.still()
    reds = [text for text in written(explorer) if text[3] == "#B34700" and text[1] < 280]
    assert len(reds) == 11
    assert explorer.experiment.done == 0
    assert explorer.image.pixels.shape[:2] == (HEIGHT, WIDTH)


def test_random_changes_keep_words_short_and_the_controls_in_step(explorer):
    def look(_):
        experiment = explorer.experiment
        assert experiment.chosen == explorer.number.value
        assert explorer.value.disabled == bool(experiment.nodes[experiment.chosen].gate)
        assert 20 < len(experiment.words()) < 500

    shake(explorer, changes=200, after=look)


# Its parts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_number_and_every_gate_is_a_part_of_the_picture(explorer, graph):
    control(explorer, "graph").value = graph
    parts = explorer.parts()
    names = [part.name for part in parts]
    assert len(set(names)) == len(names)
    for name, node in explorer.experiment.nodes.items():
        assert name in names
        assert not node.gate or f"the gate of {name}" in names
    for part in parts:
        left, top, right, bottom = part.place
        assert 0 <= left < right <= WIDTH
        assert 0 <= top < bottom <= HEIGHT
        assert len(part.tells(left, top)) > 5


def test_a_number_says_its_value_its_gradient_and_what_is_measured(explorer):
    says = part(explorer, "w₁").says
    assert says() == "w₁ = 3; dw₁ = ∂L/∂w₁ = still to come; measured −4. Click: type another."
    explorer.finish()
    assert says() == "w₁ = 3; dw₁ = ∂L/∂w₁ = −4; measured −4. Click: type another."
    assert part(explorer, "z").says() == "z = 1; dz = ∂L/∂z = −2; measured −2. Click: nudge it."
    explorer.choose("z")
    assert part(explorer, "z").says() == "z = 1; dz = ∂L/∂z = −2; measured −2."


def test_a_click_chooses_a_number_and_one_more_asks_for_another_if_it_is_given(explorer):
    page = looking_at(explorer)
    for name in ("w₂", "z", "L", "b"):
        x, y = part(explorer, name).centre
        for _ in range(2):
            page.say({"on": "down", "x": x, "y": y})
            page.say({"on": "up", "x": x, "y": y})
        assert explorer.experiment.chosen == explorer.number.value == name
    asked = [(m["ask"], m["value"]) for m in page.messages if "ask" in m]
    assert asked == [("w₂", "-1"), ("b", "-2")]
    page.say({"on": "type", "name": "b", "text": "−4"})
    assert explorer.experiment.nodes["z"].value == -1
    assert "The ReLU is off" in status(explorer)


def test_keys_lead_along_the_road(explorer):
    page = looking_at(explorer)
    for key in ("Home", *["ArrowRight"] * 12, "Enter"):
        page.say({"on": "key", "key": key, "shift": False})
    assert explorer.pointing.name == explorer.experiment.chosen == "L"


def test_a_given_number_can_be_typed_and_is_chosen_then(explorer):
    b = part(explorer, "b")
    assert b.number() == -2
    explorer.post(lambda: b.put(-3.123))
    assert b.number() == explorer.value.value == -3.123
    assert explorer.experiment.nodes["z"].value == pytest.approx(-0.123)
    assert explorer.experiment.chosen == "b"
    assert part(explorer, "z").number is None


@pytest.mark.parametrize("value", [10.5, -1e9, float("nan"), float("inf")])
def test_a_typed_number_out_of_range_is_refused_and_one_in_range_is_taken_after(explorer, value):
    b = part(explorer, "b")
    explorer.post(lambda: b.put(value))
    assert "b: expected a number from −10 to 10" in explorer.alert.value
    assert "It stays −2." in explorer.alert.value
    assert b.number() == -2
    explorer.post(lambda: b.put(-LARGEST))
    assert explorer.alert.value == ""
    assert b.number() == -10


def test_a_gate_says_its_rule(explorer):
    assert part(explorer, "the gate of x₁w₁").says() == (
        "× makes x₁w₁; backward, each side gets the other side's value times what comes back."
    )


def test_the_branches_of_a_fork_say_what_comes_back_on_each(explorer):
    control(explorer, "graph").value = "a fork"
    assert part(explorer, "a through v").says() == (
        "a on its road through v: what comes back is still to come."
    )
    explorer.finish()
    assert part(explorer, "a through v").says() == (
        "a on its road through v: 4 · 2 = 8 of da comes back."
    )
    explorer.number.value = "L"
    explorer.post(part(explorer, "a through u").press)
    assert explorer.experiment.chosen == "a"


def test_the_chart_is_read_at_a_place_and_its_nudge_is_dragged(explorer):
    left, top, right, _ = CHART
    middle = (left + right) / 2
    loss = part(explorer, "the loss")
    assert loss.place == pytest.approx(CHART)
    assert loss.reads(middle, top) == "w₁ = 3 would make L = 2."
    assert loss.reads(right, top) == "w₁ = 4.5 would make L = 0.5."
    for x, eps in ((left, -1), (middle + 22, 0.2), (middle, 0.001), (right, 1)):
        explorer.post(partial(loss.drag, x, top))
        assert abs(explorer.experiment.eps) == abs(explorer.nudge.value) == abs(eps)
    assert min(NUDGES) == -1
    assert "a nudge of 1 takes L from 2 to 0, −2 per unit" in status(explorer)
