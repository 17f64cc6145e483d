"""A button that copies a text."""

import ipywidgets as w
import traitlets

from nnlib.course.kit import Copy


def test_what_stands_in_a_box_is_what_is_sent_to_the_page_to_copy():
    area, copy = w.Textarea("before"), Copy("Copy it")
    traitlets.dlink((area, "value"), (copy, "text"))
    assert copy.get_state()["text"] == "before"
    area.value = "after"
    assert copy.get_state()["text"] == "after"
    assert copy.get_state()["label"] == "Copy it"
