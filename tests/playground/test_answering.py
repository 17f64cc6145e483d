"""The picture of a playground answers: to a pointer, to keys, and to numbers that are typed."""

import json
import re
from collections import Counter

import numpy as np
import pytest

from nnlib.course.explorers import Playground
from nnlib.course.kit.canvas import Canvas
from nnlib.course.playground.drawing import BINS, SPREAD
from nnlib.course.playground.layout import short_names
from nnlib.course.playground.settings import FEATURES, MOST_LAYERS, MOST_UNITS, OWN
from tests.helpers.page import click, looking_at, part, shown, type_over
from tests.helpers.shaking import BLANK, control
from tests.playground.runs import dense, layers, settings


@pytest.fixture
def quick(monkeypatch):
    """A playground whose picture has all its places, and is white."""
    monkeypatch.setattr(Canvas, "frame", lambda _: BLANK)
    return Playground()


def say(playground, on, **about):
    """Say something as a page would; return what is told then."""
    playground.image._handle_custom_msg({"on": on, **about}, [])
    return playground.image.told.get("text", "")


def key(playground, name, shift=False):
    return say(playground, "key", key=name, shift=shift)


def point(playground, name):
    x, y = part(playground, name).centre
    return say(playground, "point", x=x, y=y)


def press(playground, name):
    click(playground, *part(playground, name).centre)


def enter(playground, name):
    """Press a part with a key, after a key has led there."""
    names = [part.name for part in playground.parts()]
    point(playground, names[names.index(name) + 1])
    key(playground, "PageUp")
    assert playground.pointing.name == name
    key(playground, "Enter")


def numbers(playground):
    """Return the weights and biases by the names that their parts should have."""
    s, found = settings(playground), {}
    columns = [[f"input {name}" for name in s.features]]
    columns += [[f"unit {i}.{j + 1}" for j in range(n)] for i, n in enumerate(s.hidden, start=1)]
    names = short_names(playground.experiment.data.names)
    columns += [[f"output {name}" for name in names] or ["the output"]]
    for i, layer in enumerate(dense(playground.experiment)):
        for unit, w, b in zip(columns[i + 1], layer.W.T, layer.b, strict=True):
            found |= {f"weight from {a} to {unit}": v for a, v in zip(columns[i], w, strict=True)}
            found[f"bias of {unit}"] = b
    return found


LARGE = layers((16,) * 6) | {"features": FEATURES, "data": "spirals", "classes": 5}
ALIKE = {"data": OWN, "points": "".join(f"{i} {i} {'a' * 20 + 'b' * (i % 2)}\n" for i in range(4))}


@pytest.mark.parametrize("some", [{}, layers(()) | {"data": "plane"}, LARGE, ALIKE])
def test_every_part_lies_in_the_picture_and_tells_its_number(quick, some):
    quick.post(lambda: quick.change(**some))
    parts = quick.parts()
    assert quick.parts() is parts
    json.dumps([one.place for one in parts])  # they go to the page
    for one in parts:
        (left, right), (top, bottom) = sorted(one.place[::2]), sorted(one.place[1::2])
        assert 0 <= left <= right <= 980
        assert 0 <= top <= bottom <= 576
    assert {one.name: one.number() for one in parts if one.number} == numbers(quick)
    for one, digits in ((one, f"{one.number():.4g}") for one in parts if one.number):
        assert one.tells(0, 0) == f"{one.name}: {digits}. Click: type another."
    names = Counter(one.name for one in parts)
    assert max(names.values()) == 1
    kinds = Counter(name.split()[0] for name in names)
    assert kinds["input"] == len(FEATURES)
    assert kinds["one"] == 2 + 2 * len(settings(quick).hidden)


def test_keys_lead_from_part_to_part(quick):
    parts = quick.parts()
    key(quick, "Home")
    for one in parts:
        assert (quick.pointing.name, quick.image.told["name"]) == (one.name, one.name)
        key(quick, "PageDown")
    assert quick.pointing.name == parts[-1].name


@pytest.mark.parametrize("do", [press, enter])
def test_an_input_is_switched_and_a_unit_is_kept_in_the_plane_until_it_is_pressed_again(quick, do):
    assert point(quick, "input x₁²") == "input x₁²: off. Click: switch it on."
    do(quick, "input x₁²")
    assert settings(quick).features == ("x₁", "x₂", "x₁²")
    assert control(quick, "x₁²").value
    assert quick.image.told["text"] == "input x₁²: on. Click: switch it off."
    for name in ("x₁²", "x₁", "x₂"):
        do(quick, f"input {name}")
    assert "one has to stay" in quick.alert.value
    assert settings(quick).features == ("x₂",)
    do(quick, "unit 1.3")
    assert quick.drawing.view.unit == (1, 2)
    said = "unit 1.3, tanh: bias 0. Click: back to the network's answer."
    assert quick.image.told["text"] == said
    do(quick, "unit 1.3")
    assert quick.drawing.view.unit is None
    type_over(quick, "bias of output 1", "0.25")
    assert point(quick, "output 1") == "output 1: bias 0.25. Click: keep it in the plane."


def test_the_plane_shows_the_unit_that_is_pointed_at_and_then_the_answer_again(drawn):
    answer = shown(drawn)
    point(drawn, "unit 2.1")
    unit = shown(drawn)
    say(drawn, "leave")
    assert shown(drawn) == answer != unit
    press(drawn, "unit 2.1")
    point(drawn, "unit 1.1")
    assert drawn.drawing.view.seen == (1, 0)
    key(drawn, "Escape")
    assert shown(drawn) == unit
    press(drawn, "unit 1.1")  # another one is kept instead
    assert drawn.drawing.view.unit == (1, 0)


@pytest.mark.parametrize("do", [press, enter])
def test_plus_and_minus_change_layers_and_units_as_far_as_may_be(quick, do):
    for count in [*range(3, MOST_LAYERS + 1), MOST_LAYERS]:
        do(quick, "one hidden layer more")
        assert settings(quick).hidden == (4, *[2] * (count - 1))
    for count in range(MOST_LAYERS - 1, 0, -1):
        assert control(quick, "hidden layers").value == count + 1
        do(quick, "one hidden layer less")
        assert settings(quick).hidden == (4, *[2] * (count - 1))
    for word, counts in (("less", [3, 2, 1, 1]), ("more", [*range(2, MOST_UNITS + 1), MOST_UNITS])):
        for count in counts:
            do(quick, f"one unit in layer 1 {word}")
            assert settings(quick).hidden == (count,)
            assert (control(quick, "units").value, quick.alert.value) == (count, "")
    for _ in range(2):  # there are no fewer than none
        do(quick, "one hidden layer less")
        assert (settings(quick).hidden, quick.alert.value) == ((), "")


@pytest.mark.parametrize("changed", [{"hidden": (3, 2)}, {"data": "plane"}])
def test_a_part_that_is_no_more_is_not_asked_before_the_next_frame(quick, changed):
    name = "output 1" if "data" in changed else "unit 1.4"
    x, y = part(quick, name).centre
    quick.change(**changed)
    say(quick, "point", x=x, y=y)
    assert "Something went wrong" not in quick.alert.value


def test_every_weight_and_bias_is_typed_over_and_nonsense_is_refused_in_words(quick):
    quick.post(lambda: quick.change(features=("x₂", "x₁²"), hidden=(3, 2)))
    page, expected = looking_at(quick), numbers(quick)
    for i, name in enumerate(expected):
        type_over(quick, name, f"{i / 7:.3f}".replace(".", ","))
        expected[name] = round(i / 7, 3)
        assert numbers(quick) == expected
    enter(quick, name := "bias of unit 2.2")
    (asked,) = (message for message in page.messages if "ask" in message)
    assert (asked["ask"], float(asked["value"])) == (name, expected[name])
    for part_, text, why in (
        (name, "a lot", f"{name}: expected a number such as 0.5, got &#x27;a lot&#x27;."),
        (name, "1e9", "weight: expected a number below 100000 in size, got 1000000000.0"),
        ("bias of unit 9.9", "1", "bias of unit 9.9: it is no longer there."),
    ):
        type_over(quick, part_, text)
        assert why in quick.alert.value
        assert numbers(quick) == expected
    type_over(quick, name, "−0.5")
    assert (quick.alert.value, numbers(quick)[name]) == ("", -0.5)


def at(playground, ax, x, y):
    """Point at a place of a chart; return what is told."""
    left, top = playground.canvas.at(ax, x, y)
    return say(playground, "point", x=left, y=top)


@pytest.mark.parametrize("data", ["circle", "plane"])
def test_the_plane_tells_what_the_network_or_a_unit_says_of_a_point(quick, data):
    quick.post(lambda: quick.change(data=data))
    control(quick, "Epoch").click()
    net, loss, ax = quick.experiment.net, quick.experiment.loss, quick.drawing.plane.ax
    where, X = "x₁ = 1.20, x₂ = -2.00: ", np.array([[1.2, -2.0]])
    said = f"the network says {net.forward(X)[0, 0]:.3g}"
    if data == "circle":
        p = loss.probabilities(net.forward(X))[0]
        said = ", ".join(f"{j} {p[j]:.0%}" for j in np.argsort(-p))
    assert at(quick, ax, 1.2, -2.0) == where + said
    press(quick, "unit 1.2")
    layer = dense(quick.experiment)[0]
    said = f"{where}unit 1.2 says {np.tanh(X @ layer.W + layer.b)[0, 1]:.3g}"
    assert at(quick, ax, 1.2, -2.0) == said
    x, y = quick.pointing.at
    assert key(quick, "ArrowRight", shift=True).startswith("x₁ = 1.39, x₂ = -2.00: unit 1.2 says")
    assert quick.pointing.at == (x + 8, y)


def test_curves_and_histograms_tell_true_numbers(quick):
    drawing, experiment = quick.drawing, quick.experiment
    assert at(quick, drawing.gradients.ax, -2, 1.5) == "layer 2: no step yet"
    for _ in range(3):
        control(quick, "Epoch").click()
    for measure, y, form in (("loss", 0.7, "{:.4g}"), ("accuracy", 0.5, "{:.1%}")):
        control(quick, "curves").value = measure
        columns = (experiment.history.column(f"{part}{measure}") for part in ("", "test_"))
        train, test = (form.format(column[2]) for column in columns)
        told = at(quick, drawing.curves.ax, 2.3, y)
        assert told == f"epoch 2: {measure} {train}, in the test {test}"
    A, rows = experiment.F_train, []
    for layer in dense(experiment):
        Z = layer.forward(A)
        A = np.tanh(Z) if len(rows) < 2 else Z
        rows.append((np.log10(np.abs(layer.dW)), A))
    for i, row in enumerate(rows):
        name = ("layer 1", "layer 2", "output")[i]
        for chart, values, edges in zip((drawing.gradients, drawing.activations), row,
                                        (BINS, SPREAD), strict=True):  # fmt: skip
            k = np.searchsorted(edges, values.max()) - 1
            low, high = edges[k : k + 2]
            share = np.mean((values >= low) & (values < high))
            told = at(quick, chart.ax, (low + high) / 2, 2.5 - i)
            ends = [float(number) for number in re.findall(r"-?[\d.]+(?:e-\d+)?", told)[-2:]]
            assert told.startswith(f"{name}: {share:.1%} from ")
            tens = 10.0 ** edges[k : k + 2] if chart is drawing.gradients else edges[k : k + 2]
            np.testing.assert_allclose(ends, tens, rtol=0.06, atol=1e-9)
