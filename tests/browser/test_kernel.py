"""The convolution explorer in JupyterLab: its number boxes and presets."""

from tests.helpers.seen import ALERT, wait_for_other_words, wait_for_words, words


def test_a_number_is_typed_a_wrong_one_is_explained_and_a_preset_fills_the_boxes(explorer):
    page = explorer("Kernel")
    boxes = page.locator(".nnlib-explorer input[type=number]")
    assert boxes.count() == 9
    said = words(page)
    boxes.nth(0).fill("7")
    boxes.nth(0).press("Enter")
    wait_for_other_words(page, said)
    boxes.nth(0).fill("1e6")
    boxes.nth(0).press("Enter")
    page.wait_for_selector(ALERT)
    assert "expected a number from −100 to 100, got 1e+06" in page.inner_text(ALERT)
    page.get_by_role("button", name="identity").click()
    wait_for_words(page, "from 0.00 to 1.00")
    assert page.locator(ALERT).count() == 0
    assert [boxes.nth(i).input_value() for i in range(9)] == list("000010000")


def test_it_walks_from_place_to_place(explorer):
    page = explorer("Kernel")
    page.locator(".nnlib-reset").click()
    wait_for_words(page, "Row 1, column 1 of")
    page.locator(".nnlib-step").click()
    wait_for_words(page, "Row 1, column 2 of")
    page.locator(".nnlib-run").click()
    wait_for_words(page, "Row 6, column 6 of")  # the last one
    page.wait_for_function("() => document.querySelector('.nnlib-run').innerText.includes('Run')")
    assert page.locator(ALERT).count() == 0
