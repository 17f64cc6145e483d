"""Pointing at parts, by pointer and by keys: they tell, are pressed, typed over, and pulled."""

import pytest

from nnlib.course.kit.parts import Part
from nnlib.course.kit.picture import Picture
from nnlib.course.kit.pointing import Pointing
from tests.helpers.page import Page


class Desk:
    """A switch, a number, a handle that can be pulled, and a chart."""

    def __init__(self):
        self.on, self.weight, self.handle, self.refused = False, 0.25, (150.0, 20.0), ""
        picture = Picture(lambda message: self.pointing.hear(message))
        self.page = Page(picture)
        picture.send = self.page.send
        self.picture = picture
        self.pointing = Pointing(picture, self.parts, lambda words: setattr(self, "refused", words))

    def parts(self):
        x, y = self.handle
        return [
            Part("switch", (0, 0, 20, 20), lambda: f"on: {self.on}", press=self.press),
            Part("w", (20, 10, 100, 60), lambda: f"w = {self.weight:g}", number=lambda: self.weight,
                 put=lambda value: setattr(self, "weight", value), line=True),
            Part("handle", (x - 5, y - 5, x + 5, y + 5),
                 drag=lambda x, y: setattr(self, "handle", (x, y))),
            Part("chart", (0, 100, 200, 200), reads=lambda x, y: f"{x:g} and {y:g}"),
        ]  # fmt: skip

    def press(self):
        self.on = not self.on

    def key(self, key, shift=False):
        self.page.say({"on": "key", "key": key, "shift": shift})

    def click(self, x, y):
        for kind in ("point", "down", "up"):
            self.page.say({"on": kind, "x": x, "y": y})

    @property
    def told(self):
        return self.picture.told.get("text", "")


@pytest.fixture
def desk():
    return Desk()


def test_a_pointer_is_told_what_it_points_at(desk):
    desk.page.say({"on": "point", "x": 10, "y": 10})
    assert desk.told == "on: False"
    assert desk.picture.told["can"] == ["press"]
    desk.page.say({"on": "point", "x": 30, "y": 120})
    assert desk.told == "30 and 120"
    assert desk.picture.told["place"] == [30, 120, 30, 120]
    desk.page.say({"on": "leave"})
    assert desk.told == ""


def test_what_is_told_follows_what_changes(desk):
    desk.page.say({"on": "point", "x": 60, "y": 35})
    assert desk.told == "w = 0.25"
    desk.weight = -1.0
    desk.pointing.tell()
    assert desk.told == "w = -1"


def test_a_click_presses(desk):
    desk.click(10, 10)
    assert desk.on
    assert desk.told == "on: True"


def test_what_is_pressed_elsewhere_and_let_go_here_is_no_click(desk):
    desk.page.say({"on": "down", "x": 60, "y": 35})
    desk.page.say({"on": "up", "x": 10, "y": 10})
    assert not desk.on


def test_a_click_on_a_number_asks_for_another(desk):
    desk.click(60, 35)
    ask = desk.page.messages[-1]
    assert (ask["ask"], ask["value"]) == ("w", "0.25")
    desk.page.say({"on": "type", "name": "w", "text": " −1,5 "})
    assert desk.weight == -1.5
    assert desk.refused == ""


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", "1e999", "1 2"])
def test_what_is_no_number_is_refused_with_an_example(desk, text):
    desk.page.say({"on": "type", "name": "w", "text": text})
    assert desk.weight == 0.25
    assert desk.refused == f"w: expected a number such as 0.5, got {text!r}."
    desk.page.say({"on": "type", "name": "w", "text": "0.5"})
    assert desk.weight == 0.5


def test_a_number_for_a_part_that_is_gone_is_refused(desk):
    desk.page.say({"on": "type", "name": "v", "text": "1"})
    assert desk.refused == "v: it is no longer there."


def test_a_handle_is_pulled(desk):
    desk.page.say({"on": "down", "x": 150, "y": 20})
    for x in (152, 160, 170):
        desk.page.say({"on": "drag", "x": x, "y": 30})
    desk.page.say({"on": "up", "x": 170, "y": 30})
    assert desk.handle == (170, 30)
    assert desk.picture.told["name"] == "handle"


def test_with_keys_all_of_it_can_be_done(desk):
    desk.key("ArrowRight")
    assert desk.told == "on: False"
    assert desk.picture.told["key"]
    desk.key("Enter")
    assert desk.on
    desk.key("PageDown")
    desk.key("Enter")
    assert desk.page.messages[-1]["ask"] == "w"
    desk.key("PageDown")
    desk.key("ArrowRight", shift=True)
    desk.key("ArrowDown", shift=True)
    assert desk.handle == (158, 28)
    desk.key("End")
    assert desk.told == "100 and 150"
    desk.key("ArrowRight", shift=True)
    assert desk.told == "108 and 150"
    for _ in range(100):
        desk.key("ArrowRight", shift=True)
    assert desk.told == "200 and 150"
    desk.key("Escape")
    assert desk.told == ""


def test_a_picture_without_parts_has_nothing_to_tell(desk):
    desk.parts = list
    desk.pointing = Pointing(desk.picture, lambda: [], lambda words: None)
    desk.key("ArrowRight")
    desk.key("Enter")
    desk.click(10, 10)
    assert desk.told == ""
