"""Every control of an explorer says in one sentence what it does."""

import pytest

from nnlib.course import explorers


def tip_of(control):
    """The sentence that a control shows to those who point at it."""
    return next(iter(getattr(control, "tooltips", ())), None) or control.tooltip or ""


@pytest.mark.parametrize("name", explorers.__all__)
def test_every_control_explains_itself_in_one_sentence(name):
    with getattr(explorers, name)() as explorer:
        for control in explorer.controls:
            tip, label = tip_of(control), control.description
            assert 12 <= len(tip) <= 120, (label, tip)
            assert tip[0].isupper(), (label, tip)
            assert tip.endswith("."), (label, tip)
            assert not any(mark in tip[:-1] for mark in ".!?"), f"one sentence: {tip}"
            assert tip[:-1].lower() != label.lower(), f"a tip says more than the label: {tip}"
            assert not label or not tip.lower().startswith(label.lower()), (label, tip)
