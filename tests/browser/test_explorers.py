"""Explorers as a learner meets them: in JupyterLab, with a keyboard."""

import pytest

from nnlib.course import explorers
from tests.helpers.seen import (
    ALERT,
    IMAGE,
    SHOWN,
    wait_for_other_words,
    wait_for_rest,
    wait_in_kernel,
    words,
)

NAMES = sorted(set(explorers.__all__))

SLIDER = {"Playground": "[role=slider][aria-label=noise]"}
"""What to move where the picture does not show what the first slider is for."""

CONTROLS = ", ".join(
    f"{SHOWN} {one}:visible"
    for one in ("button", "[role=slider]", "input", "select", "textarea", "[tabindex='0']")
)

# Focus a control, unless it is disabled, was focused before, or has gone with what it was for.
FOCUS = """node => {
    if (node.disabled || node.seen || !node.isConnected) return false;
    node.focus();
    return node.seen = true;
}"""

# One that was replaced meanwhile, as choices of layers are, has lost it for good.
FOCUSED = """node => !node.isConnected
    || document.activeElement === node || node.contains(document.activeElement)"""
COUNT = "() => jupyterapp.shell.currentWidget.content.widgets.length"


def picture(page):
    return page.evaluate("css => document.querySelector(css).toDataURL()", IMAGE)


def wait_for_another(page, old_picture, old_words=None):
    page.wait_for_function(
        "([css, old]) => document.querySelector(css).toDataURL() !== old",
        arg=[IMAGE, old_picture],
    )
    if old_words is not None:
        wait_for_other_words(page, old_words)
    assert page.locator(ALERT).count() == 0


def opened_sections(page):
    """Open each section of controls in turn; an explorer without sections is open as it is."""
    yield
    for i, section in enumerate(page.locator(f"{SHOWN} .nnlib-sections button").all()[1:], 1):
        section.focus()
        page.keyboard.press("Enter")
        page.wait_for_function(
            "([css, i]) => [...document.querySelectorAll(css)].findIndex(box => box.offsetParent)"
            " === i",
            arg=[f"{SHOWN} .nnlib-section", i],
        )
        yield


@pytest.mark.parametrize("name", NAMES)
def test_a_slider_moves_by_the_keyboard_the_picture_says_so_and_all_comes_to_rest(explorer, name):
    page = explorer(name)
    wait_for_rest(page)
    old, said = picture(page), words(page)
    page.locator(f"{SHOWN} {SLIDER.get(name, '[role=slider]')}").first.focus()
    page.keyboard.press("ArrowRight")
    wait_for_another(page, old, said)
    for key in ("ArrowRight", "ArrowLeft", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    wait_in_kernel(page, "shown.image.sharp and not shown.image.under_way")
    shown = picture(page)
    page.wait_for_timeout(500)
    assert picture(page) == shown


@pytest.mark.parametrize("name", NAMES)
def test_no_control_lets_a_key_change_the_notebook(explorer, name):
    """JupyterLab in command mode inserts a cell at `b`, and leaves the cell at ArrowDown."""
    page = explorer(name)
    cells = page.evaluate(COUNT)
    for _ in opened_sections(page):
        controls = page.query_selector_all(CONTROLS)
        assert len(controls) >= 2
        for control in controls:
            if not control.evaluate(FOCUS):
                continue
            for key in ("ArrowDown", "b"):
                page.keyboard.press(key)
            assert control.evaluate(FOCUSED), control.evaluate("node => node.outerHTML")
            assert page.evaluate(COUNT) == cells, control.evaluate("node => node.outerHTML")


OVERFLOW = """css => [...document.querySelectorAll(css + ', ' + css + ' *')]
    .filter(node => node.scrollWidth > node.clientWidth + 1
        && getComputedStyle(node).overflowX !== 'visible' && node.clientWidth > 0)
    .map(node => node.className + ' ' + node.scrollWidth + ' > ' + node.clientWidth)"""


@pytest.mark.parametrize("name", NAMES)
def test_it_fits_into_wide_and_narrow_pages(explorer, name):
    page = explorer(name)
    page.evaluate("() => jupyterapp.shell.collapseLeft()")
    for width in (1000, 640, 430):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(200)
        for _ in opened_sections(page):
            assert page.evaluate(OVERFLOW, SHOWN) == [], width
        room, image = (page.locator(css).bounding_box() for css in (SHOWN, IMAGE))
        assert 300 <= image["width"] <= room["width"], width
