"""The race of the optimizers in JupyterLab: it runs, pauses, resets, and takes clicks."""

import re

import pytest

from tests.helpers.seen import IMAGE, SHOWN, wait_for_match, wait_for_other_words, words


def step_number(page):
    return int(words(page).partition(",")[0].removeprefix("Step "))


def test_it_runs_pauses_steps_and_resets(explorer):
    page = explorer("OptimizerRace")
    said = words(page)
    page.locator(f"{SHOWN} .nnlib-run").click()
    wait_for_other_words(page, said)
    page.locator(f"{SHOWN} .nnlib-run", has_text="Pause").click()
    page.wait_for_selector(f"{SHOWN} .nnlib-run:has-text('Run')")
    page.wait_for_timeout(300)
    t = step_number(page)
    page.wait_for_timeout(300)
    assert step_number(page) == t > 0
    page.locator(f"{SHOWN} .nnlib-step").click()
    wait_for_match(page, "^" + re.escape(f"Step {t + 1},"))
    page.locator(f"{SHOWN} .nnlib-reset").click()
    wait_for_match(page, "^" + re.escape("All start at (-1, 1.4)"))


@pytest.mark.parametrize("width", [1300, 700])
def test_a_click_into_the_picture_moves_the_start_there(explorer, width):
    page = explorer("OptimizerRace")
    page.set_viewport_size({"width": width, "height": 900})  # a narrow page shrinks the picture
    page.evaluate("() => jupyterapp.shell.collapseLeft()")
    page.wait_for_timeout(300)
    image = page.locator(IMAGE)
    box, size = image.bounding_box(), image.evaluate("n => [n.width, n.height]")
    assert abs(box["width"] / box["height"] - size[0] / size[1]) < 0.02  # not stretched
    said = words(page)
    image.click(position={"x": 0.3 * box["width"], "y": 0.6 * box["height"]})
    wait_for_other_words(page, said)
    typed = page.locator(f"{SHOWN} input[type=text]").input_value()
    a, b = (float(part) for part in typed.split(","))
    assert f"All start at ({a:g}, {b:g})" in words(page)
    assert (a, b) != (-1.0, 1.4)
    assert 1 < a < 3  # 0.3 of the width is right of the middle of the map, which is half as wide
    assert 0.7 < b < 1.1


def test_a_start_is_typed_and_a_wrong_one_is_explained(explorer):
    page = explorer("OptimizerRace")
    field = page.locator(f"{SHOWN} input[type=text]")
    field.fill("2, 0.5")
    field.press("Enter")
    wait_for_match(page, "^" + re.escape("All start at (2, 0.5)"))
    field.fill("somewhere")
    field.press("Enter")
    page.wait_for_selector(f"{SHOWN} [role=alert]")
    assert "expected two numbers" in page.inner_text(f"{SHOWN} [role=alert]")
    assert "All start at (2, 0.5)" in words(page)
