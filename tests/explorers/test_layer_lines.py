"""The explorer of a layer's lines: what it computes, says, draws, and lets be dragged."""

import math

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.explorers import layer_lines
from nnlib.course.explorers.layer_lines import (
    ACTIVATIONS,
    CORNERS,
    DATA,
    GRID,
    HIGH,
    LOW,
    OUTPUT,
    OUTPUT_SOLUTIONS,
    Experiment,
    LayerLines,
    Line,
    cells,
    plain,
    weighted,
)
from nnlib.course.kit.canvas import Canvas
from nnlib.course.kit.parts import hit
from tests.helpers.shaking import BLANK, control, shake, status

F = {
    "step": lambda Z: (Z > 0).astype(float),
    "ReLU": lambda Z: np.maximum(Z, 0),
    "tanh": np.tanh,
    "sigmoid": lambda Z: 1 / (1 + np.exp(-Z)),
    "none": lambda Z: Z,
}
"""The activations, by hand."""


@pytest.fixture
def explorer():
    with LayerLines() as explorer:
        yield explorer


@pytest.fixture
def quick(monkeypatch):
    """An explorer that knows where all is in its picture, and does not draw it."""
    monkeypatch.setattr(layer_lines, "shaded", lambda Z, edge=True: BLANK)
    monkeypatch.setattr(Canvas, "frame", lambda canvas: BLANK)
    with LayerLines() as explorer:
        yield explorer


def at_random(seed, **settings):
    experiment = Experiment()
    experiment.shuffle(seed)
    for name, value in settings.items():
        setattr(experiment, name, value)
    return experiment


def part(explorer, name):
    (found,) = (part for part in explorer.parts() if part.name == name)
    return found


# The experiment -----------------------------------------------------------------------------


def test_the_solution_of_xor_is_the_pencil_table_of_the_lesson():
    experiment = Experiment()
    experiment.solve()
    Z1, A1, Z2 = experiment.forward(CORNERS)
    assert Z1.tolist() == [[-3, -4], [3, -7], [-7, 2], [-1, -1]]
    assert A1.tolist() == [[0, 0], [3, 0], [0, 2], [0, 0]]
    assert Z2.tolist() == [-1, 2, 3, -1]
    assert experiment.right.all()


@pytest.mark.parametrize("h", [1, 2, 3])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_forward_is_two_products_and_the_activation_between_them(activation, h):
    for seed in range(20):
        e = at_random(seed, activation=activation, h=h)
        Z1, A1, Z2 = e.forward(e.X)
        assert np.allclose(Z1, e.X @ e.W1[:, :h] + e.b1[:h])
        assert np.allclose(A1, F[activation](Z1))
        assert np.allclose(Z2, A1 @ e.W2[:h] + e.b2)
        assert np.allclose(Z2, e.net.forward(e.X)[:, 0])
        assert np.array_equal(e.right, (Z2 > 0) == (e.y == 1))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("data", DATA)
def test_a_solution_gets_all_right_with_the_activation_if_that_can_and_else_with_relu(
    data, activation
):
    e = at_random(1, data=data, activation=activation)
    e.solve()
    assert e.right.all()
    assert e.activation == (activation if activation in OUTPUT_SOLUTIONS[data] else "ReLU")


@pytest.mark.parametrize("h", [1, 2, 3])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_it_is_called_impossible_exactly_where_a_search_finds_no_numbers(activation, h):
    rng, n = np.random.default_rng(0), 20_000
    W1, b1, W2 = (3 * rng.normal(size=(n, *shape)) for shape in ((2, h), (1, h), (h, 1)))
    Z2 = (F[activation](CORNERS @ W1 + b1) @ W2)[..., 0]
    scores = np.sort(Z2, axis=1)
    b2 = -(scores[:, 1:] + scores[:, :-1]) / 2  # every cut between two scores
    answers = Z2[:, np.newaxis] + b2[:, :, np.newaxis] > 1e-9
    for data, (X, y) in DATA.items():
        e = Experiment()
        e.data, e.activation, e.h = data, activation, h
        if X is CORNERS:
            found = (answers == (y == 1)).all(axis=2).any()
            assert found != e.impossible
        assert ("No numbers get all four right" in e.words()) == e.impossible
        assert not e.impossible or data == "XOR"


def test_a_unit_says_0_along_its_line_and_more_where_its_arrow_points():
    for seed in range(50):
        e = at_random(seed, h=3)
        for unit in range(3):
            line = e.line(unit)
            ends, hold = line.ends(LOW, HIGH), e.handle(unit)
            on = np.vstack([ends, hold])
            assert np.allclose(e.forward(on).Z1[:, unit], 0)
            assert np.all((on > LOW - 1e-9) & (on < HIGH + 1e-9))
            assert np.allclose(np.abs(ends - 0.5).max(axis=1), 1.5)  # on the square's border
            assert e.forward((hold + 0.1 * line.w)[np.newaxis]).Z1[0, unit] > 0


def test_the_line_of_the_output_is_where_its_score_is_0_in_the_hidden_plane():
    for seed in range(50):
        e = at_random(seed, h=2)
        ends = e.line(OUTPUT).ends(*e.hidden_reach)
        if ends is not None:
            assert np.allclose(ends @ e.W2[:2] + e.b2, 0)


def test_lines_along_the_axes_and_beside_the_square_are_drawn_or_left_out():
    assert Line(np.array([0.0, 2.0]), -1.0).ends(-1, 2).tolist() == [[2, 0.5], [-1, 0.5]]
    assert Line(np.array([2.0, 0.0]), -1.0).ends(-1, 2).tolist() == [[0.5, -1], [0.5, 2]]
    assert Line(np.array([1.0, 0.0]), 5.0).ends(-1, 2) is None
    assert Line(np.array([1.0, 1.0]), 5.0).ends(-1, 2) is None
    assert Line(np.zeros(2), 1.0).handle(np.zeros(2), -1, 2) is None


def test_a_line_pulled_through_a_point_keeps_its_weights_and_a_turned_one_its_pivot():
    rng = np.random.default_rng(0)
    for _ in range(100):
        line = Line(rng.normal(size=2) * 3, rng.normal())
        x, towards = rng.normal(size=(2, 2))
        pulled = line.through(x)
        assert abs(pulled.score(x)) <= 0.005 + 1e-9  # b has two decimals
        assert pulled.w is line.w
        turned = line.turned(x, towards)
        assert abs(turned.score(x)) <= 0.005 + 1e-9
        assert np.isclose(np.hypot(*turned.w), np.hypot(*line.w), atol=0.01)
        way = towards - x
        assert np.allclose(turned.w / np.hypot(*turned.w), way / np.hypot(*way), atol=0.05)
    assert line.turned(x, x) is line


@pytest.mark.parametrize("h", [1, 2, 3])
def test_two_layers_without_an_activation_are_their_product(h):
    for seed in range(20):
        e = at_random(seed, activation="none", h=h)
        assert np.allclose(e.X @ e.product.w + e.product.b, e.forward(e.X).Z2)
        assert f"both layers are one: z = {weighted(*e.product, 'x')}." in e.words()


def test_the_paper_folds_from_z_to_a_and_relu_leaves_it_in_one_quadrant():
    e = at_random(3, h=2)
    Z1, A1, _ = e.forward(GRID.reshape(-1, 2))
    for e.fold, places in ((0.0, Z1), (1.0, A1), (0.5, (Z1 + A1) / 2)):
        assert np.allclose(e.in_hidden_plane(Z1, A1), places)
    regions = e.regions(Z1)
    assert set(regions) == {0, 1, 2, 3}
    assert not A1[regions == 0].any()
    assert not A1[regions == 1, 1].any()
    assert (A1[regions == 3] > 0).all()
    e.h, e.fold = 1, 1.0
    Z1, A1, _ = e.forward(GRID.reshape(-1, 2))
    assert not e.in_hidden_plane(Z1, A1)[:, 1].any()
    assert set(e.regions(Z1)) == {0, 1}


def test_every_point_is_inside_the_hidden_plane():
    for seed in range(100):
        e = at_random(seed, data="ring", activation=list(ACTIVATIONS)[seed % 5], h=1 + seed % 3)
        e.fold = seed % 2
        step, (low, high) = e.forward(e.X), e.hidden_reach
        places = e.in_hidden_plane(step.Z1, step.A1)
        assert np.all((low < places) & (places < high))


def test_a_step_of_gradient_descent_is_one_of_nnlib_from_where_you_are():
    e = at_random(5, activation="tanh", h=3)
    net = nn.Sequential(nn.Dense(2, 3), nn.Tanh(), nn.Dense(3, 1))
    net.params = e.net.params
    loss = nn.SigmoidCrossEntropy()
    value, dZ = loss.value_and_grad(net.forward(e.X, train=True), e.y)
    net.backward(dZ)
    assert np.linalg.norm(net.grads) < 1  # nothing is clipped
    e.descend(1)
    assert e.loss == pytest.approx(value)
    assert np.allclose(e.net.params, net.params - 0.2 * net.grads)


def test_gradient_descent_solves_xor_with_tanh_and_says_so_until_a_number_is_changed():
    e = at_random(2, activation="tanh", h=3)
    assert not e.right.all()
    while e.descend(100):
        assert e.steps < 20_000
    assert "XOR solved by gradient descent. Loss 0.0" in e.words()
    assert f"after {e.steps} steps" in e.words()
    e.put("b2", 0, round(float(e.b2[0]), 2))
    assert "XOR solved by hand. Lines" in e.words()


def test_gradient_descent_leaves_the_lines_of_a_step_as_they_are():
    e = at_random(2, activation="step")
    W1, b1, W2 = e.W1.copy(), e.b1.copy(), e.W2.copy()
    e.descend(10)
    assert np.array_equal(e.W1, W1)
    assert np.array_equal(e.b1, b1)
    assert not np.array_equal(e.W2, W2)
    assert "a step has no slope, W₁ and b₁ stay" in e.words()


def test_the_start_is_wrong_and_words_tell_its_lines():
    words = Experiment().words()
    assert words.startswith("3 of 4 points are right. Lines: unit 1: 2x₁ + 2x₂ − 1 = 0;")
    assert words.endswith("output: a₁ − a₂ − 0.3 = 0.")


def test_words_stay_short_whatever_there_is_to_say():
    e = at_random(0, activation="none", h=3, fold=0.5)
    for name in ("W1", "b1", "W2", "b2"):
        getattr(e, name)[:] = -12.34
    e.steps, e.loss = 10_000, 12.3456
    assert len(e.words()) < 500


def test_sums_are_written_as_on_paper():
    assert weighted([6.0, -4.0], -3.0, "x") == "6x₁ − 4x₂ − 3"
    assert weighted([-1.0, 0.001], 0.25, "x") == "−x₁ + 0.25"
    assert weighted([0.0, 1.0, -1.0], 0.0, "a") == "a₂ − a₃"
    assert weighted([0.0, 0.0], 0.0, "x") == "0"
    assert [plain(v) for v in (0.0, -0.001, 1.5, -20.0)] == ["0", "0", "1.5", "−20"]


# The explorer -------------------------------------------------------------------------------


def test_sliders_hold_the_numbers_of_the_chosen_unit(quick):
    e = quick.experiment
    control(quick, "w₁").value, control(quick, "b").value = -3.0, 0.5
    assert (e.W1[0, 0], e.b1[0]) == (-3, 0.5)
    quick.unit.value = 1
    assert [slider.value for slider in quick.sliders] == [1, 2, 0, -1.5]
    assert [slider.disabled for slider in quick.sliders] == [False, False, True, False]
    control(quick, "w₂").value = 4.0
    assert e.W1[1].tolist() == [2, 4, 0]
    quick.unit.value = OUTPUT
    assert [slider.value for slider in quick.sliders] == [1, -1, 0, -0.3]
    control(quick, "b").value = -0.5
    assert e.b2[0] == -0.5
    assert "output: a₁ − a₂ − 0.5 = 0" in status(quick)


def test_a_typed_number_counts_as_it_is_though_no_slider_can_show_it(quick):
    e = quick.experiment
    for value, shown in ((25.0, 10.0), (0.123, 0.1), (-100.0, -10.0)):
        part(quick, "the weight from x₁ to unit 2").put(value)
        assert e.W1[0, 1] == value
        assert quick.unit.value == 1
        assert control(quick, "w₁").value == shown
    assert part(quick, "the weight from x₁ to unit 2").number() == -100


@pytest.mark.parametrize("value", [math.nan, math.inf, 101.0])
def test_a_wrong_number_is_refused_and_the_next_right_one_taken(quick, value):
    cell = part(quick, "the bias of the output")
    cell.put(value)
    assert "the bias of the output: expected a number from −100 to 100" in quick.alert.value
    assert "It stays −0.3 until" in quick.alert.value
    assert quick.experiment.b2[0] == -0.3
    cell.put(100.0)
    assert quick.alert.value == ""
    assert cell.says() == "The bias of the output is 100."


def test_every_number_of_the_network_has_a_cell_that_takes_another(quick):
    quick.units.value = 3
    names = [part.name for part in quick.parts() if part.put is not None]
    assert len(names) == len(cells(3)) == quick.experiment.net.params.size == 13
    for i, name in enumerate(names):
        part(quick, name).put(float(i))
    assert sorted(quick.experiment.net.params) == list(range(13))


@pytest.mark.parametrize("unit", ["unit 1", "unit 2", "the output"])
def test_a_dragged_line_goes_through_the_pointer_and_its_arrow_turns_it_there(quick, unit):
    j = {"unit 1": 0, "unit 2": 1, "the output": OUTPUT}[unit]
    canvas, drawing = quick.canvas, quick.drawing
    plane = drawing.middle if j == OUTPUT else drawing.left
    low, _, right, bottom = canvas.box(plane.ax)
    w, goal = quick.experiment.line(j).w.copy(), (low + 200.0, bottom - 120.0)
    quick.post(lambda: part(quick, f"line of {unit}").drag(*goal))
    assert np.array_equal(quick.experiment.line(j).w, w)
    assert quick.unit.value == j
    assert hit([part(quick, f"line of {unit}")], *goal) is not None
    hold = quick.experiment.handle(j)
    assert np.allclose(canvas.at(plane.ax, *hold), goal, atol=1)
    quick.post(lambda: part(quick, f"arrow of {unit}").drag(goal[0] - 50, goal[1]))
    w = quick.experiment.line(j).w
    assert w[0] < 0
    assert abs(w[1]) < 0.02 * abs(w[0])
    assert np.allclose(canvas.at(plane.ax, *quick.experiment.handle(j)), goal, atol=1)
    quick.post(lambda: part(quick, f"line of {unit}").drag(right + 500, bottom + 500))
    assert part(quick, f"line of {unit}").says().endswith("which is 0 on this line.")


def test_keys_find_a_line_shift_it_and_type_a_number(quick):
    def key(key, shift=False):
        quick.image._handle_custom_msg({"on": "key", "key": key, "shift": shift}, [])

    key("Home")
    while quick.pointing.name != "line of unit 1":
        key("PageDown")
    b = quick.experiment.b1[0]
    key("ArrowUp", shift=True)
    assert quick.experiment.b1[0] < b  # the line of 2x₁ + 2x₂ − 1 went up
    while quick.pointing.name != "the bias of unit 1":
        key("PageDown")
    message = {"on": "type", "name": "the bias of unit 1", "text": "−1,5"}
    quick.image._handle_custom_msg(message, [])
    assert quick.experiment.b1[0] == -1.5
    assert quick.image.told["text"] == "The bias of unit 1 is −1.5."


def test_points_and_places_say_what_the_network_makes_of_them(quick):
    quick.post(quick.experiment.solve)
    text = part(quick, "point 3").says()
    assert text == part(quick, "point 3, folded").says()
    assert text == (
        "x = (0, 1): z of the hidden units (−7, 2), a = (0, 2); the output z = 3 says class 1, "
        "p(class 1) = 0.95. It is of class 1, right."
    )
    place = quick.canvas.at(quick.drawing.left.ax, 0, 1)
    assert part(quick, "input plane").tells(*place) == text.removesuffix(
        " It is of class 1, right."
    )
    place = quick.canvas.at(quick.drawing.middle.ax, 0, 2)
    hidden = part(quick, "hidden plane")
    assert hidden.tells(*place) == "a = (0, 2): the output z = 3 says class 1."
    control(quick, "fold").value = 0.5
    assert part(quick, "hidden plane").tells(*place).startswith("A place between z and a")
    assert "Folded by 50 %." in status(quick)


def test_the_buttons_solve_reset_and_shuffle(quick):
    quick.activation.value = "none"
    control(quick, "Show a solution").click()
    assert quick.activation.value == "ReLU"
    assert status(quick).startswith("4 of 4 points are right: XOR solved by hand.")
    control(quick, "points").value = "ring"
    control(quick, "Show a solution").click()
    assert (quick.units.value, quick.experiment.h) == (3, 3)
    assert status(quick).startswith("15 of 15 points are right: the ring solved by hand.")
    quick.reset_button.click()
    assert quick.experiment.W1.tolist() == Experiment().W1.tolist()
    control(quick, "Shuffle").click()
    first = quick.experiment.W1.copy()
    assert [slider.value for slider in quick.sliders[:2]] == first[:, 0].tolist()
    control(quick, "Shuffle").click()
    assert not np.array_equal(quick.experiment.W1, first)
    quick.step_button.click()
    assert "after 1 steps of gradient descent" in status(quick)


def test_fewer_units_take_their_controls_along_and_their_numbers_wait(quick):
    W1 = quick.experiment.W1.copy()
    quick.unit.value = 1
    quick.units.value = 1
    assert quick.unit.value == 0
    assert [name for name, _ in quick.unit.options] == ["unit 1", "output"]
    assert "line of unit 2" not in [part.name for part in quick.parts()]
    assert "No numbers get all four right" in status(quick)
    quick.units.value = 3
    assert np.array_equal(quick.experiment.W1, W1)


def test_the_picture_shows_the_lines_the_points_and_the_numbers(explorer):
    explorer.post(explorer.experiment.solve)
    left, middle = explorer.drawing.left, explorer.drawing.middle
    for unit in (0, 1):
        ends = left.lines[unit].get_xydata()
        assert np.allclose(explorer.experiment.forward(ends).Z1[:, unit], 0)
    assert not left.lines[2].get_visible()
    circles, squares, crosses = middle.points
    assert circles.get_xydata().tolist() == [[0, 0], [0, 0]]
    assert squares.get_xydata().tolist() == [[3, 0], [0, 2]]
    assert crosses.get_xydata().size == 0
    assert "0,0  1,1" in middle.texts.texts  # both have folded onto one spot
    assert {"4 of 4 right ✓", "6", "−4", "−3", "−1"} <= set(explorer.drawing.texts.texts)
    explorer.units.value = 3
    assert middle.ax.get_title() == "hidden plane, shaded for a₃ = 0"
    explorer.units.value = 1
    assert middle.ax.get_title() == "hidden plane: a = ReLU(z)"
    assert left.points[2].get_xydata().tolist() == [[0, 1]]


def test_the_still_picture_is_the_start_and_gives_no_solution_away(explorer):
    assert not explorer.experiment.right.all()
    assert np.array_equal(explorer.still(), explorer.picture())
    assert "3 of 4 right" in explorer.drawing.texts.texts


@pytest.mark.parametrize("solved", [False, True])
def test_the_name_of_a_point_lies_beside_lines_handles_and_tips_of_arrows(
    explorer, monkeypatch, solved
):
    if solved:
        explorer.post(explorer.experiment.solve)
    plane, written = explorer.drawing.left, []
    monkeypatch.setattr(plane.texts, "set_texts", written.extend)
    explorer.picture()
    marks = [m.get_xydata()[0] for kind in (plane.holds, plane.tips) for m in (kind[0], kind[1])]
    names = {text: (x, y) for x, y, text, *_ in written if "," in text}
    assert sorted(names) == ["0,0", "0,1", "1,0", "1,1"]
    lines = [np.linspace(*plane.lines[j].get_xydata(), 1000) for j in (0, 1)]
    for place in names.values():
        away = np.abs(np.array(marks) - place) / (HIGH - LOW)
        assert not np.any((away[:, 0] < 0.065) & (away[:, 1] < 0.05))
        away = np.abs(np.concatenate(lines) - place) / (HIGH - LOW)
        assert not np.any((away[:, 0] < 0.06) & (away[:, 1] < 0.025))


def test_the_ground_is_black_where_the_score_is_0_and_takes_the_class_colours_around(explorer):
    explorer.post(explorer.experiment.solve)
    pixels, canvas = explorer.picture(), explorer.canvas
    border = [[-0.75, 0.375], [-0.35, 0.575]]  # from lesson 01
    assert np.allclose(explorer.experiment.forward(np.array(border)).Z2, 0)
    for x, dark, blue in ((border[0], True, None), ((0.4, -0.3), False, True),
                          ((1.9, -0.6), False, False), ((-0.6, 1.6), False, False)):  # fmt: skip
        column, line = canvas.at(explorer.drawing.left.ax, *x)
        red, _, b, _ = pixels[round(line), round(column)].astype(int)
        assert (max(red, b) < 110) == dark
        if blue is not None:
            assert (b > red) == blue


def test_after_any_changes_every_part_has_a_name_of_its_own_a_place_and_something_to_say(quick):
    rng = np.random.default_rng(0)

    def look(i):
        if i % 10:
            return
        parts = quick.parts()
        assert len({part.name for part in parts}) == len(parts)
        for one in parts:
            assert len(one.tells(*one.centre)) > 10
            assert "nan" not in one.tells(*one.centre)
            if one.drag is not None:
                quick.post(lambda one=one: one.drag(*rng.uniform(0, 400, 2)))
        assert "Something went wrong" not in quick.alert.value

    shake(quick, changes=200, after=look)
