"""Parts of a picture: which one is meant by a place, and which one comes next."""

import pytest

from nnlib.course.kit.parts import Part, hit, neighbour

UNIT = Part("unit", (10, 10, 30, 30))
MARK = Part("bias", (12, 24, 18, 30), says=lambda: "b = 0.5")
LINK = Part("link", (30, 20, 90, 80), line=True)
OTHER = Part("other unit", (90, 70, 110, 90))
CHART = Part("chart", (0, 0, 200, 100), reads=lambda x, y: f"at {x:g}, {y:g}")
ALL = [UNIT, MARK, LINK, OTHER, CHART]


@pytest.mark.parametrize(
    ("place", "meant"),
    [
        ((25, 15), UNIT),
        ((15, 27), MARK),  # the smaller of two boxes
        ((60, 52), LINK),  # near a line, and above the chart
        ((95, 80), OTHER),  # in a box, though near a line's end
        ((180, 20), CHART),
        ((250, 20), None),
    ],
)
def test_the_part_at_a_place(place, meant):
    assert hit(ALL, *place) is meant


def test_a_line_ends_where_its_ends_are():
    assert LINK.distance(30, 20) == 0
    assert LINK.distance(90, 90) == pytest.approx(10)
    assert LINK.distance(60 - 3, 50 + 3) == pytest.approx(3 * 2**0.5)
    assert Part("a point", (5, 5, 5, 5), line=True).distance(8, 9) == 5


def test_what_is_told_depends_on_the_part():
    assert UNIT.tells(0, 0) == "unit"
    assert MARK.tells(0, 0) == "b = 0.5"
    assert CHART.tells(3, 4) == "at 3, 4"


def test_arrows_go_to_what_is_near_and_straight_ahead():
    grid = [
        Part(f"{x}{y}", (20.0 * x, 20.0 * y, 20.0 * x + 10, 20.0 * y + 10))
        for y in range(3)
        for x in range(3)
    ]
    now = neighbour(grid, None, "ArrowRight")
    assert now.name == "00"
    walk = ["ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowUp"]
    names = []
    for key in walk:
        now = neighbour(grid, now, key)
        names.append(now.name)
    assert names == ["10", "11", "12", "02", "01", "00"]
    assert neighbour(grid, now, "ArrowLeft") is now
    assert neighbour([], None, "ArrowUp") is None


def test_every_part_can_be_reached_by_the_keys_of_order():
    names, now = [], neighbour(ALL, None, "PageDown")
    for _ in ALL:
        names.append(now.name)
        now = neighbour(ALL, now, "PageDown")
    assert names == [part.name for part in ALL]
    assert now is CHART
    assert neighbour(ALL, now, "PageUp") is OTHER
    assert neighbour(ALL, now, "Home") is UNIT
    assert neighbour(ALL, UNIT, "PageUp") is UNIT
    assert neighbour(ALL, UNIT, "End") is CHART
