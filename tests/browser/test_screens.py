"""Pictures on sharp screens, in the dark theme, and on narrow pages."""

import io
from functools import partial

import pytest
from PIL import Image

from tests.browser.conftest import (
    new_page,
    open_notebook,
    run_only_cell,
    show_explorer,
    write_notebook,
)
from tests.helpers.seen import AT_REST, IMAGE, SHOWN, in_the_dark, wait_for_rest

PIXELS = "css => (({width, clientWidth, dataset}) => ({width, clientWidth, ...dataset}))"
PIXELS += "(document.querySelector(css))"


@pytest.fixture(scope="module")
def sharp_page(chromium, lab, lab_folder):
    """A notebook of one cell on a screen of two pixels for each of the page."""
    write_notebook(lab_folder / "sharp.ipynb", "")
    with new_page(chromium, device_scale_factor=2) as (page, errors):
        open_notebook(page, lab, "sharp.ipynb")
        yield page
        assert errors == []


def frame(page):
    return int(page.get_attribute(IMAGE, "data-frame"))


def test_at_rest_a_picture_has_all_pixels_of_a_sharp_screen(sharp_page):
    page = show_explorer(partial(run_only_cell, sharp_page), "Activations")
    page.evaluate("() => jupyterapp.shell.collapseLeft()")  # makes room for all of the picture
    wait_for_rest(page)
    pixels = page.evaluate(PIXELS, IMAGE)
    assert pixels["width"] == 2 * pixels["clientWidth"] == int(pixels["sharp"])
    shot = Image.open(io.BytesIO(page.locator(IMAGE).screenshot()))
    assert shot.width == pixels["width"]
    before = frame(page)
    page.locator(f"{SHOWN} [role=slider]").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([css, before]) => Number(document.querySelector(css).dataset.frame) > before",
        arg=[IMAGE, before],
    )
    wait_for_rest(page)
    assert page.evaluate(PIXELS, IMAGE)["width"] == 2 * pixels["clientWidth"]


def test_in_training_frames_come_and_at_rest_it_is_sharp_again(sharp_page):
    page = show_explorer(partial(run_only_cell, sharp_page), "Playground")
    wait_for_rest(page)
    before = frame(page)
    page.locator(f"{SHOWN} .nnlib-run").click()
    page.wait_for_selector(f"{IMAGE}[data-sharp='']")
    page.wait_for_function(
        "([css, before]) => Number(document.querySelector(css).dataset.frame) > before + 10",
        arg=[IMAGE, before],
    )
    assert page.locator(AT_REST).count() == 0
    page.locator(f"{SHOWN} .nnlib-run").click()
    wait_for_rest(page)


def corner(page, drawn=IMAGE):
    """One of the first pixels of what is drawn, as it is on the screen."""
    return Image.open(io.BytesIO(page.locator(drawn).screenshot())).getpixel((3, 3))


def test_in_the_dark_theme_the_paper_is_dark_and_in_the_light_one_white(explorer):
    page = explorer("Activations")
    wait_for_rest(page)
    assert corner(page)[:3] == (255, 255, 255)
    with in_the_dark(page):
        assert max(corner(page)[:3]) < 40
        page.locator(f"{SHOWN} [role=slider]").first.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(100)
        wait_for_rest(page)
        assert max(corner(page)[:3]) < 40
    assert corner(page)[:3] == (255, 255, 255)


def test_the_drawing_pad_follows_the_theme_too(explorer):
    page = explorer("DigitPad")
    with in_the_dark(page):
        assert max(corner(page, ".nnlib-pad")[:3]) < 40
    assert corner(page, ".nnlib-pad")[:3] == (255, 255, 255)
    with in_the_dark(page):  # and where it is dark from the beginning
        explorer("DigitPad")
        page.wait_for_selector(".nnlib-dark .nnlib-pad")
        assert max(corner(page, ".nnlib-pad")[:3]) < 40
