"""The controls of the playground and its sections, without a browser."""

import io
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from nnlib.course.explorers import Playground
from nnlib.course.playground.pictures import SIDE, picture
from nnlib.course.playground.settings import CLASSES, FEATURES, KNOBS, OWN, VALUES
from tests.helpers.shaking import control, shake
from tests.playground.runs import settings

STRUCTURE = {"points", "features", "hidden", "activations"}
"""Settings with more than one control, each with a test of its own below."""


def other_values(control):
    """Offer some values that a control does not show now."""
    values = [value for _, value in getattr(control, "_options_full", [("", 7)])]
    return [value for value in values if value not in (control.value, OWN)]


def inside(box):
    """List the widgets of a box, from all levels."""
    children = getattr(box, "children", ())
    return [box, *(one for child in children for one in inside(child))]


@pytest.mark.parametrize("name", sorted(KNOBS.keys() - STRUCTURE))
def test_each_control_changes_its_setting_and_no_other(playground, name):
    playground.change(data="spirals")
    knob = playground.panel.knobs[name]
    for value in other_values(knob)[::3]:
        playground.step_button.click()
        before = settings(playground)
        knob.value = value
        assert getattr(settings(playground), name) == value
        assert settings(playground).differs(before) == {name}
        assert playground.alert.value == ""


def test_every_setting_of_the_table_has_its_control_under_its_label(playground):
    assert playground.panel.knobs.keys() == KNOBS.keys() - STRUCTURE
    for name in playground.panel.knobs:
        assert control(playground, KNOBS[name].label) is playground.panel.knobs[name]


@pytest.mark.parametrize(
    ("name", "changed", "idle"),
    [
        ("classes", {"data": "circle"}, True),
        ("classes", {"data": "Gaussians"}, False),
        ("noise", {"data": OWN, "points": "0 0 a\n1 1 b\n0 1 a\n1 0 b"}, True),
        ("n", {"data": OWN, "points": "0 0 a\n1 1 b\n0 1 a\n1 0 b"}, True),
        ("n", {"data": "plane"}, False),
        ("dropout", {"hidden": (), "activations": ()}, True),
        ("dropout", {"hidden": (2,), "activations": ("tanh",)}, False),
    ],
)
def test_a_control_that_would_do_nothing_is_off(playground, name, changed, idle):
    playground.change(**changed)
    assert playground.panel.knobs[name].disabled == idle
    others = playground.panel.knobs.keys() - {"classes", "noise", "n", "dropout"}
    assert not any(playground.panel.knobs[other].disabled for other in others)


def test_every_control_says_in_a_sentence_what_it_does(playground):
    saving = inside(playground.panel.sections["save"])
    for one in playground.controls:
        if one in saving:
            continue
        tips = [one.tooltip, *(getattr(one, "tooltips", None) or [])]
        for tip in tips:
            assert 15 <= len(tip) <= 120, (one.description, tip)
            assert tip.endswith("."), tip
            assert tip.strip(".").lower() != one.description.lower()


def test_no_name_is_there_twice(playground):
    names = [one.description for one in playground.controls if one.description]
    names += playground.panel.tabs.options
    names += control(playground, "data set").options
    shown = [one for one in inside(playground.view) if one in playground.controls]
    assert len(shown) == len(playground.controls)
    twice = [name for name, count in Counter(names).items() if count > 1]
    assert twice == []


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
    control(playground, "hidden layers").value = 4
    assert settings(playground).hidden == (4, 2, 2, 2)
    control(playground, "units").value = 6
    assert settings(playground).hidden == (6,) * 4
    control(playground, "change layer").value = 3
    control(playground, "units").value = 9
    control(playground, "activation").value = "ReLU"
    assert settings(playground).hidden == (6, 6, 9, 6)
    assert settings(playground).activations == ("tanh", "tanh", "ReLU", "tanh")
    control(playground, "change layer").value = 1
    assert control(playground, "units").value == 6
    assert control(playground, "activation").value == "tanh"
    assert settings(playground).hidden == (6, 6, 9, 6)
    control(playground, "hidden layers").value = 0
    assert settings(playground).hidden == ()


def test_only_layers_that_there_are_can_be_changed(playground):
    which, units = control(playground, "change layer"), control(playground, "units")
    which.value = 2
    control(playground, "hidden layers").value = 3
    assert (which.value, [value for _, value in which.options]) == (2, [0, 1, 2, 3])
    assert units.value == 2
    control(playground, "hidden layers").value = 1
    assert (which.value, [value for _, value in which.options]) == (0, [0, 1])
    assert units.value == 4
    assert settings(playground).hidden == (4,)
    control(playground, "hidden layers").value = 0
    assert units.disabled
    assert control(playground, "activation").disabled
    units.value = 9  # from a browser that has not heard of it yet
    assert settings(playground).hidden == ()


def test_a_run_with_fewer_layers_is_loaded_while_one_that_it_lacks_is_chosen(playground):
    other = Playground("other", hidden=(7,), activations=("ReLU",))
    control(playground, "change layer").value = 2
    playground.load(other.save())
    assert playground.alert.value == ""
    assert control(playground, "change layer").value == 0
    assert control(playground, "units").value == 7
    assert control(playground, "activation").value == "ReLU"


def test_a_changed_network_says_what_it_has_kept(playground):
    playground.step_button.click()
    control(playground, "units").value = 5
    assert "weights were kept" in playground.status.value


def test_own_points_are_typed_while_they_are_the_data_and_wrong_ones_explained(playground):
    points = playground.panel.points
    assert points.box.layout.display == "none"
    control(playground, "data set").value = OWN
    assert points.box.layout.display is None
    assert playground.experiment.data.names == ("a", "b", "c")
    before = settings(playground)
    points.area.value = "1, 2, a\n1, 3"
    control(playground, "Use these points").click()
    assert 'role="alert"' in playground.alert.value
    assert "line 2: expected x₁, x₂ and a label" in playground.alert.value
    assert settings(playground) == before
    points.area.value = "0 0 0.1\n1 1 0.9\n0 1 0.5\n1 0 0.45"
    control(playground, "Use these points").click()
    assert playground.experiment.data.k == 0
    assert playground.alert.value == ""
    assert "Read as values from 0.1 to 0.9: a regression." in playground.note.value
    control(playground, "data set").value = "circle"
    assert playground.note.value == ""
    assert points.box.layout.display == "none"


def test_points_with_a_typo_stay_in_the_box_and_those_before_are_learned(playground):
    used = "0 0 a\n1 1 b\n0 1 a\n1 0 b"
    playground.use_points(used)
    typed = "0 0 a\n1 1 b\n0 1\n1 0 b\n2 2 b"
    area = playground.panel.points.area
    area.value = typed
    control(playground, "Use these points").click()
    assert "line 3" in playground.alert.value
    control(playground, "New data").click()
    control(playground, "change layer").value = 2
    control(playground, "data set").value = "circle"
    control(playground, "data set").value = OWN
    assert (settings(playground).data, settings(playground).points) == (OWN, used)
    assert playground.alert.value == ""
    assert area.value == typed


@pytest.mark.parametrize("name", [*CLASSES, *VALUES])
def test_a_data_set_has_a_picture_in_its_colours(name):
    pixels = np.asarray(Image.open(io.BytesIO(picture(name))))
    assert pixels.shape == (2 * SIDE, 2 * SIDE, 4)
    seen = pixels[pixels[..., 3] == 255][:, :3]
    assert 0.05 < len(seen) / pixels[..., 0].size < 0.6
    assert len(np.unique(seen // 64, axis=0)) >= 2


def test_each_button_of_a_data_set_has_its_own_picture(playground):
    buttons = control(playground, "data set")
    (style,) = (one.value for one in inside(playground.panel.sections["data"])
                if "<style>" in str(getattr(one, "value", "")))  # fmt: skip
    rules = [rule for rule in style.split("}") if "url(" in rule]
    drawn = [rule.split("base64,")[1] for rule in rules]
    assert len(set(drawn)) == len(drawn) == len(CLASSES) + len(VALUES)
    pencils = [name for name, icon in zip(buttons.options, buttons.icons, strict=True) if icon]
    assert pencils == [OWN]


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("batch_size", 15, ("15", 4)),
        ("lr", 0.0123, ("0.0123", 5)),
        ("train_share", 0.33, ("33%", 3)),
    ],
)
def test_a_value_between_those_of_a_slider_is_shown_as_it_is(name, value, where):
    playground = Playground(**{name: value})
    slider = playground.panel.knobs[name]
    assert slider.value == getattr(settings(playground), name) == value
    assert [label for label, _ in slider.options].index(where[0]) == where[1]


def test_all_examples_is_the_last_batch_size_of_the_slider(playground):
    playground.change(batch_size=200)
    playground.sync()
    assert control(playground, "batch size").options[-2:] == (("200", 200), ("all", 0))


def test_the_code_is_written_when_its_section_is_opened(playground):
    playground.step_button.click()
    playground.panel.tabs.value = "code"
    assert "train(1)" in playground.panel.code.area.value
    playground.step_button.click()
    control(playground, "Write it anew").click()
    assert "train(2)" in playground.panel.code.area.value
    assert playground.panel.code.copy.text == playground.panel.code.area.value


def test_one_section_is_shown_at_a_time(playground):
    for name in playground.panel.sections:
        playground.panel.tabs.value = name
        names = [n for n, box in playground.panel.sections.items() if box.layout.display != "none"]
        assert names == [name]
    assert all(row.layout.display is None for row in playground.panel.rows[:3])


def test_the_badge_shows_that_gradients_are_right(playground):
    playground.step_button.click()
    assert "✓ gradients checked: right" in playground.panel.badge.value


def test_random_changes_leave_the_controls_in_step(drawn):
    shake(drawn, seed=3, changes=300)
    now = settings(drawn)
    for name, moved in drawn.panel.knobs.items():
        assert moved.value == getattr(now, name), name
    assert control(drawn, "hidden layers").value == len(now.hidden)
    assert {f for f in FEATURES if drawn.panel.network.features[f].value} == set(now.features)
    assert drawn._task is None
