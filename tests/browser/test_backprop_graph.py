"""Backprop on a small graph in JupyterLab: its steps, and its numbers under pointer and keys."""

from tests.helpers.seen import ALERT, IMAGE, SHOWN, scale_of, wait_for_words

SIZE = (980, 480)


def click(page, x, y):
    """Click at a place of the picture."""
    scale = scale_of(page, SIZE[0])
    page.locator(IMAGE).click(position={"x": x * scale, "y": y * scale})


def test_it_goes_back_gate_by_gate_or_through_all(explorer):
    page = explorer("BackpropGraph")
    wait_for_words(page, "backward begins at the right: dL = 1")
    page.locator(f"{SHOWN} .nnlib-step").click()
    wait_for_words(page, "Back through loss, which made L")
    page.locator(f'{SHOWN} button:text("All")').click()
    wait_for_words(page, "derived: −4.")
    page.locator(f"{SHOWN} .nnlib-reset").click()
    wait_for_words(page, "derived: still to come.")


def test_a_number_is_clicked_chosen_and_typed_until_the_relu_is_off(explorer):
    page = explorer("BackpropGraph")
    click(page, 400, 133)
    wait_for_words(page, "b = −2: a nudge of 0.5")
    click(page, 400, 133)
    field = page.locator(f"{SHOWN} .nnlib-typed")
    field.fill("−4")
    field.press("Enter")
    wait_for_words(page, "The ReLU is off: z = −1 < 0, so nothing flows back to b.")
    click(page, 400, 133)
    field.fill("99")
    field.press("Enter")
    page.wait_for_selector(ALERT)
    assert "b: expected a number from −10 to 10, got 99" in page.inner_text(ALERT)


def test_keys_lead_from_number_to_number_and_choose_one(explorer):
    page = explorer("BackpropGraph")
    page.locator(IMAGE).focus()
    for key in ("Home", "PageDown", "PageDown", "Enter"):
        page.keyboard.press(key)
    wait_for_words(page, "x₁w₁ = 6: a nudge of 0.5")
    assert "x₁w₁ = 6; d(x₁w₁) = ∂L/∂x₁w₁" in page.inner_text(f"{SHOWN} .nnlib-tip")


def test_another_graph_has_buttons_for_its_numbers(explorer):
    page = explorer("BackpropGraph")
    page.get_by_role("button", name="a fork").click()
    wait_for_words(page, "a = 2: a nudge of 0.5 takes L from 38 to 50")
    page.get_by_role("button", name="5u").click()
    wait_for_words(page, "5u = 30: a nudge of 0.5")
