"""The playground in JupyterLab: run and pause, sections by keyboard, points, files, code."""

import pytest

from tests.helpers.seen import SHOWN, WORDS, wait_for_words, words


@pytest.fixture
def page(explorer):
    return explorer("Playground")


def press(page, label):
    button = page.locator(f"{SHOWN} button:visible", has_text=label).first
    button.focus()
    page.keyboard.press("Enter")


def slider(page, label):
    return page.locator(f"{SHOWN} [role=slider][aria-label='{label}']")


def test_it_runs_pauses_steps_and_starts_again_by_keyboard(page):
    press(page, "Run")
    page.wait_for_function(
        "css => /Epoch [1-9]/.test(document.querySelector(css).innerText)", arg=WORDS
    )
    press(page, "Pause")
    page.locator(f"{SHOWN} .nnlib-run", has_text="Run").wait_for()
    page.wait_for_timeout(300)
    said = words(page)
    page.wait_for_timeout(300)
    assert words(page) == said
    press(page, "Reset")
    wait_for_words(page, "Epoch 0, step 0:")
    press(page, "Step")
    wait_for_words(page, "Epoch 0, step 1:")
    press(page, "Epoch")
    wait_for_words(page, "Epoch 1, step 15:")
    assert page.locator(f"{SHOWN} .nnlib-badge").inner_text().startswith("✓")


def test_a_slider_moves_while_it_trains_and_stays_where_it_is(page):
    press(page, "Run")
    slider(page, "learning rate").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    wait_for_words(page, "η = 0.3")
    page.wait_for_timeout(300)
    assert "η = 0.3" in words(page)
    assert slider(page, "learning rate").get_attribute("aria-valuetext") is not None
    assert page.locator(f"{SHOWN} .widget-readout").first.inner_text() == "0.3"
    press(page, "Pause")


def test_a_section_is_opened_by_keyboard_and_the_network_grows(page):
    assert not slider(page, "hidden layers").is_visible()
    press(page, "network")
    slider(page, "hidden layers").wait_for()
    slider(page, "hidden layers").focus()
    page.keyboard.press("ArrowRight")
    wait_for_words(page, "tanh 4 + 2 + 2")
    press(page, "x₁x₂")
    wait_for_words(page, "x₁, x₂, x₁x₂")


def test_pasted_points_are_learned_and_wrong_ones_explained(page):
    box = page.locator(f"{SHOWN} .nnlib-points textarea")
    assert not box.is_visible()
    press(page, "own points")
    box.fill("1, 2\n3, 4")
    box.blur()
    press(page, "Use these points")
    alert = page.locator(f"{SHOWN} [role=alert]")
    alert.wait_for()
    assert "line 1: expected x₁, x₂ and a label" in alert.inner_text()
    box.fill("0 0 a\n1 0 b\n2 0 a\n0 1 b\n1 1 a\n2 1 b")
    box.blur()
    press(page, "Use these points")
    wait_for_words(page, "(own points; 3 of 6 points")
    assert alert.count() == 0


def test_a_run_is_downloaded_and_loaded_again(page, tmp_path):
    press(page, "Epoch")
    wait_for_words(page, "Epoch 1, step 15:")
    said = words(page)
    press(page, "save")
    press(page, "Save as a line")
    link = page.locator(f"{SHOWN} .nnlib-download a")
    link.wait_for()
    with page.expect_download() as download:
        link.click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.read_text("utf8") == "nnlib-playground?#15"
    press(page, "Reset")
    wait_for_words(page, "Epoch 0, step 0:")
    with page.expect_file_chooser() as chooser:
        press(page, "Load a file")
    chooser.value.set_files(path)
    wait_for_words(page, "Epoch 1, step 15:")
    assert words(page) == said
    press(page, "Reset")
    wait_for_words(page, "Epoch 0, step 0:")
    press(page, "Load the line")
    wait_for_words(page, "Epoch 1, step 15:")


def test_each_data_set_has_its_picture_and_its_tip(page):
    seen = page.locator(f"{SHOWN} .nnlib-pictured button").evaluate_all(
        "all => all.map(b => [getComputedStyle(b).backgroundImage, b.title, b.offsetHeight])"
    )
    pictures, tips, heights = zip(*seen, strict=True)
    assert len(set(pictures)) == len(seen) == 8
    assert [picture.startswith('url("data:image/png') for picture in pictures].count(False) == 1
    assert len(set(tips)) == 8
    assert min(heights) > 60


def test_the_code_is_there_to_copy(page):
    press(page, "Step")
    wait_for_words(page, "step 1:")
    press(page, "code")
    page.wait_for_function(
        "css => document.querySelector(css).value.includes('train(1)')",
        arg=f"{SHOWN} .nnlib-code textarea",
    )
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(page, "Copy the code")
    said = page.locator(f"{SHOWN} [role=status]", has_text="Copied")
    said.wait_for()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied == page.locator(f"{SHOWN} .nnlib-code textarea").input_value()
    said.wait_for(state="detached", timeout=4000)
