"""The controls of the playground and its sections, without a browser."""

import io
from collections import Counter

import numpy as np
from PIL import Image

from nnlib.course.explorers import Playground
from nnlib.course.playground.maps import SIDE, small_picture
from nnlib.course.playground.settings import CLASSES, FEATURES, KNOBS, OWN, VALUES
from tests.helpers.shaking import control, shake
from tests.playground.runs import layers, settings

STRUCTURE = {"points", "features", "hidden", "activations"}
"""Settings with more than one control, each with a test of its own below."""

FOUR = "0 0 a\n1 1 b\n0 1 a\n1 0 b"


def inside(box):
    """List the widgets of a box, from all levels."""
    children = getattr(box, "children", ())
    return [box, *(one for child in children for one in inside(child))]


def test_each_control_stands_under_its_label_and_changes_its_setting_and_no_other(playground):
    assert playground.panel.knobs.keys() == KNOBS.keys() - STRUCTURE
    playground.change(data="spirals")
    for name, knob in playground.panel.knobs.items():
        assert control(playground, KNOBS[name].label) is knob
        playground.step_button.click()
        values = [value for _, value in getattr(knob, "_options_full", [("", 7)])]
        for value in [value for value in values if value not in (knob.value, OWN)][::3]:
            before = settings(playground)
            knob.value = value
            assert getattr(settings(playground), name) == value
            assert settings(playground).differs(before) == {name}
            assert playground.alert.value == ""


def test_a_control_that_would_do_nothing_is_off(playground):
    for changed, idle in (
        ({"data": "circle"}, {"classes"}),
        ({"data": "Gaussians"}, set()),
        ({"data": OWN, "points": FOUR}, {"classes", "n", "noise"}),
        ({"data": "plane"} | layers(()), {"classes", "dropout"}),
        (layers((2,)), {"classes"}),
    ):
        playground.change(**changed)
        assert {name for name, knob in playground.panel.knobs.items() if knob.disabled} == idle


def test_every_control_is_shown_once_under_a_name_of_its_own(playground):
    names = [one.description for one in playground.controls if one.description]
    names += [*playground.panel.tabs.options, *control(playground, "data set").options]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    shown = [one for one in inside(playground.view) if one in playground.controls]
    assert len(shown) == len(playground.controls)
    for name in ("data set", "activation", "optimizer"):
        tips = control(playground, name).tooltips
        assert len(set(tips)) == len(tips)


def test_features_are_switched_on_and_off_and_the_last_one_stays(playground):
    control(playground, "x₁x₂").value = True
    control(playground, "x₁").value = False
    assert settings(playground).features == ("x₂", "x₁x₂")
    control(playground, "x₂").value = False
    control(playground, "x₁x₂").value = False
    assert settings(playground).features == ("x₁x₂",)
    assert control(playground, "x₁x₂").value
    assert "one has to stay" in playground.alert.value


def test_layers_units_and_activations_by_layer_or_for_all(playground):
    names = ("hidden layers", "change layer", "units", "activation")
    count, which, units, kind = (control(playground, name) for name in names)
    count.value = 4
    assert settings(playground).hidden == (4, 2, 2, 2)
    playground.step_button.click()
    units.value = 6
    assert settings(playground).hidden == (6,) * 4
    assert "weights were kept" in playground.status.value
    which.value = 3
    units.value, kind.value = 9, "ReLU"
    assert settings(playground).hidden == (6, 6, 9, 6)
    assert settings(playground).activations == ("tanh", "tanh", "ReLU", "tanh")
    which.value = 1
    assert (units.value, kind.value) == (6, "tanh")
    which.value = 3
    count.value = 3  # only layers that there are can be changed
    assert (which.value, [value for _, value in which.options]) == (3, [0, 1, 2, 3])
    count.value = 1
    assert (which.value, [value for _, value in which.options]) == (0, [0, 1])
    assert (units.value, settings(playground).hidden) == (6, (6,))
    which.value = 1
    playground.load("nnlib-playground?hidden=&activations=#0")
    assert (playground.alert.value, which.value, count.value) == ("", 0, 0)
    assert (units.disabled, kind.disabled) == (True, True)
    units.value = 9  # from a browser that has not heard of it yet
    assert settings(playground).hidden == ()


def test_own_points_are_typed_while_they_are_the_data_and_wrong_ones_explained(playground):
    points, data = playground.panel.points, control(playground, "data set")
    use = control(playground, "Use these points")
    assert points.box.layout.display == "none"
    data.value = OWN
    assert points.box.layout.display is None
    assert playground.experiment.data.names == ("a", "b", "c")
    before, typed = settings(playground), "1, 2, a\n1, 3"
    points.area.value = typed
    use.click()
    assert 'role="alert"' in playground.alert.value
    assert "line 2: expected x₁, x₂ and a label" in playground.alert.value
    assert settings(playground) == before
    control(playground, "New data").click()
    control(playground, "change layer").value = 2
    data.value = "circle"
    assert points.box.layout.display == "none"
    data.value = OWN  # those that were used, and what was typed stays in the box
    assert (settings(playground).data, settings(playground).points) == (OWN, before.points)
    assert (playground.alert.value, points.area.value) == ("", typed)
    points.area.value = "0 0 0.1\n1 1 0.9\n0 1 0.5\n1 0 0.45"
    use.click()
    assert (playground.experiment.data.k, playground.alert.value) == (0, "")
    assert "Read as values from 0.1 to 0.9: a regression." in playground.note.value
    data.value = "circle"
    assert playground.note.value == ""
    data.value = OWN
    assert settings(playground).points == points.area.value


def test_each_data_set_has_a_picture_of_its_own_in_its_colours(playground):
    for name in [*CLASSES, *VALUES]:
        pixels = np.asarray(Image.open(io.BytesIO(small_picture(name))))
        assert pixels.shape == (2 * SIDE, 2 * SIDE, 4)
        seen = pixels[pixels[..., 3] == 255][:, :3]
        assert 0.05 < len(seen) / pixels[..., 0].size < 0.6
        assert len(np.unique(seen // 64, axis=0)) >= 2
    buttons = control(playground, "data set")
    (style,) = (one.value for one in inside(playground.panel.sections["data"])
                if "<style>" in str(getattr(one, "value", "")))  # fmt: skip
    drawn = [rule.split("base64,")[1] for rule in style.split("}") if "url(" in rule]
    assert len(set(drawn)) == len(drawn) == len(CLASSES) + len(VALUES)
    pencils = [name for name, icon in zip(buttons.options, buttons.icons, strict=True) if icon]
    assert pencils == [OWN]


def test_a_value_between_those_of_a_slider_is_shown_as_it_is():
    values = {"batch_size": 15, "lr": 0.0123, "train_share": 0.33}
    playground, places = Playground(**values), ((4, "15"), (5, "0.0123"), (3, "33%"))
    for (name, value), place in zip(values.items(), places, strict=True):
        slider = playground.panel.knobs[name]
        assert slider.value == getattr(settings(playground), name) == value
        assert place in enumerate(label for label, _ in slider.options)
    playground.change(batch_size=200)
    playground.sync()
    assert control(playground, "batch size").options[-2:] == (("200", 200), ("all", 0))


def test_one_section_is_shown_at_a_time_and_that_of_the_code_writes_it(playground):
    panel = playground.panel
    for name in panel.sections:
        playground.step_button.click()
        panel.tabs.value = name
        names = [n for n, box in panel.sections.items() if box.layout.display != "none"]
        assert names == [name]
    assert all(row.layout.display is None for row in panel.rows[:3])
    assert "train(7)" in panel.code.area.value
    playground.step_button.click()
    control(playground, "Write it anew").click()
    assert "train(8)" in panel.code.area.value
    assert panel.code.copy.text == panel.code.area.value


def test_random_changes_leave_the_controls_in_step(drawn):
    shake(drawn, seed=3, changes=100)
    now = settings(drawn)
    for name, moved in drawn.panel.knobs.items():
        assert moved.value == getattr(now, name), name
    assert control(drawn, "hidden layers").value == len(now.hidden)
    assert {f for f in FEATURES if drawn.panel.knobs.features[f].value} == set(now.features)
    assert drawn._task is None
