"""The digit pad in JupyterLab: drawn on with the mouse, with a finger, and with the keyboard."""

import math

import pytest

from tests.helpers.seen import IMAGE, SHOWN, wait_for_words

PAD = ".nnlib-pad"
INK = """() => {
    const pad = document.querySelector('.nnlib-pad');
    const {data} = pad.getContext('2d').getImageData(0, 0, pad.width, pad.height);
    let ink = 0;
    for (let i = 0; i < data.length; i += 4) ink += data[i] + data[i + 1] + data[i + 2] < 90;
    return ink;
}"""


MIDDLE = """() => {
    const pad = document.querySelector('.nnlib-pad');
    const {data} = pad.getContext('2d').getImageData(0, 0, pad.width, pad.height);
    let ink = 0, x = 0, y = 0;
    for (let i = 0; i < data.length; i += 4) {
        if (data[i] + data[i + 1] + data[i + 2] >= 90) continue;
        ink += 1; x += (i / 4) % pad.width; y += Math.floor(i / 4 / pad.width);
    }
    return [x / ink / pad.width, y / ink / pad.height];
}"""


@pytest.fixture
def pad(explorer):
    page = explorer("DigitPad")
    page.wait_for_selector(PAD)
    return page


def draw(page, *points):
    page.locator(PAD).scroll_into_view_if_needed()
    box = page.locator(PAD).bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


def test_a_seven_drawn_with_the_mouse_is_seen_taken_back_and_cleared(pad):
    wait_for_words(pad, "The pad is empty")
    draw(pad, (0.3, 0.2), (0.7, 0.2), (0.45, 0.85))
    wait_for_words(pad, "It sees a 7")
    seven = pad.evaluate(INK)
    draw(pad, (0.1, 0.9), (0.9, 0.9))
    pad.wait_for_function(f"({INK})() > {seven} + 100")
    ink = pad.evaluate(INK)
    pad.get_by_role("button", name="Undo").click()
    wait_for_words(pad, "It sees a 7")
    pad.wait_for_function(f"({INK})() < {ink} - 50")
    pad.get_by_role("button", name="Clear").click()
    wait_for_words(pad, "The pad is empty")
    pad.wait_for_function(f"({INK})() === 0")


def test_one_click_draws_a_dot_that_is_seen(pad):
    draw(pad, (0.5, 0.5))
    wait_for_words(pad, "It sees")
    pad.locator(PAD).evaluate("pad => pad.blur()")  # takes the cross away
    ink, side = pad.evaluate(INK), pad.locator(PAD).bounding_box()["width"]
    scale = pad.evaluate("() => window.devicePixelRatio")
    assert abs(ink / (math.pi * (0.05 * side * scale) ** 2) - 1) < 0.1


def test_a_new_sheet_puts_the_cross_back(pad):
    draw(pad, (0.1, 0.9), (0.95, 0.95))
    pad.get_by_role("button", name="Clear").click()
    pad.wait_for_function(f"({INK})() === 0")
    pad.locator(PAD).focus()
    pad.keyboard.press("Space")
    pad.keyboard.press("Space")
    pad.locator(PAD).evaluate("pad => pad.blur()")
    pad.wait_for_function(f"({INK})() > 0")
    assert pad.evaluate(MIDDLE) == pytest.approx([0.5, 0.3], abs=0.01)


@pytest.mark.parametrize(("width", "beside"), [(1000, True), (640, False), (430, False)])
def test_where_the_page_is_narrow_the_charts_stand_below_the_pad_and_stay_legible(
    pad, width, beside
):
    pad.set_viewport_size({"width": width, "height": 900})
    pad.evaluate("() => jupyterapp.shell.collapseLeft()")
    pad.wait_for_timeout(300)
    paper, chart = pad.locator(PAD).bounding_box(), pad.locator(IMAGE).bounding_box()
    room = pad.locator(SHOWN).bounding_box()["width"]
    assert (chart["x"] > paper["x"] + paper["width"]) == beside
    assert beside or chart["y"] > paper["y"] + paper["height"]
    assert chart["width"] > min(410, room - 20)
    assert chart["width"] / chart["height"] == pytest.approx(620 / 360, rel=0.03)


def test_a_one_is_drawn_with_the_keyboard_alone(pad):
    pad.locator(PAD).focus()
    pad.keyboard.press("Space")
    for _ in range(14):
        pad.keyboard.press("ArrowDown")
    pad.keyboard.press("Space")
    wait_for_words(pad, "It sees a 1")
    ink, cross = pad.evaluate(INK), 260  # so much may the cross hide
    for _ in range(6):
        pad.keyboard.press("ArrowRight")  # the pen is up
    assert abs(pad.evaluate(INK) - ink) < cross
    pad.keyboard.down("Shift")  # a held key draws, too
    for _ in range(6):
        pad.keyboard.press("ArrowRight")
    pad.keyboard.up("Shift")
    pad.wait_for_function(f"({INK})() > {ink} + {cross}")
    pad.keyboard.press("Backspace")
    pad.wait_for_function(f"Math.abs(({INK})() - {ink}) < {cross}")
    wait_for_words(pad, "It sees a 1")
    pad.keyboard.press("c")
    wait_for_words(pad, "The pad is empty")


def test_the_pad_says_what_it_is_and_shows_a_test_digit(pad):
    label = pad.locator(PAD).get_attribute("aria-label")
    assert "arrows move the cross" in label
    assert pad.evaluate(INK) == 0
    pad.locator(".nnlib-explorer [role=slider]").first.focus()
    pad.keyboard.press("ArrowRight")
    wait_for_words(pad, "The writer of this test digit meant")
    pad.wait_for_function(f"({INK})() > 500")


def test_a_second_finger_does_not_confuse_the_pad(pad):
    """A second pointer that goes down while one draws is ignored; a lost one ends the line."""
    pad.evaluate(
        """() => {
            const pad = document.querySelector('.nnlib-pad'), box = pad.getBoundingClientRect();
            pad.setPointerCapture = () => {};
            const send = (type, id, x, y) => pad.dispatchEvent(new PointerEvent(type, {
                pointerId: id, pointerType: 'touch', button: type === 'pointermove' ? -1 : 0,
                clientX: box.x + x * box.width, clientY: box.y + y * box.height, bubbles: true }));
            send('pointerdown', 11, 0.5, 0.1);
            send('pointerdown', 12, 0.1, 0.1);
            send('pointermove', 12, 0.1, 0.9);
            send('pointermove', 11, 0.5, 0.5);
            send('pointermove', 11, 0.5, 0.9);
            send('pointercancel', 11, 0.5, 0.9);
            send('pointermove', 11, 0.9, 0.9);
        }"""
    )
    wait_for_words(pad, "It sees a 1")
