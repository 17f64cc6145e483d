"""The explorer of a layer's lines in JupyterLab: lines are pulled and numbers typed."""

from tests.helpers.seen import ALERT, IMAGE, SHOWN, scale_of, wait_for_match, wait_for_words

TYPED = f"{SHOWN} .nnlib-typed"
WIDTH = 980


def at(page, x, y):
    """Return where a pixel of the picture is in its place on the page, once it is drawn there."""
    scale = scale_of(page, WIDTH)
    return {"x": scale * x, "y": scale * y}


def click_until_asked(page, x, y):
    """Click at a number, and once more if the page has moved under the click."""
    for _ in range(4):
        page.locator(IMAGE).click(position=at(page, x, y))
        page.wait_for_timeout(1500)
        if page.locator(TYPED).count():
            return


def test_a_line_follows_the_pointer(explorer):
    page = explorer("LayerLines")
    wait_for_words(page, "unit 2: x₁ + 2x₂ − 1.5 = 0")
    image = page.locator(IMAGE)
    image.hover(position=at(page, 250, 209))  # x = (1, 0.25), which is on this line
    page.wait_for_function(
        "css => document.querySelector(css).innerText.startsWith('Unit 2 has z = x₁')",
        arg=f"{SHOWN} .nnlib-tip",
    )
    page.mouse.down()
    for y in (199, 189, 179):  # up to x = (1, 0.55)
        image.hover(position=at(page, 250, y))
    page.mouse.up()
    wait_for_match(page, r"unit 2: x₁ \+ 2x₂ − 2(\.[01]\d*)? = 0")


def type_into_the_last_cell(page, number):
    """Go there with the keyboard, and type a number."""
    page.locator(IMAGE).focus()
    for key in ("End", "End", "Enter"):  # from nowhere, any key leads to the first part
        page.keyboard.press(key)
    page.wait_for_selector(TYPED)
    page.keyboard.type(number)
    page.keyboard.press("Enter")


def test_a_number_is_typed_after_a_click_and_with_the_keyboard_alone(explorer):
    page = explorer("LayerLines")
    wait_for_words(page, "output: a₁ − a₂ − 0.3 = 0")
    click_until_asked(page, 797, 214)  # b₂
    page.locator(TYPED).fill("-0.5")
    page.keyboard.press("Enter")
    wait_for_words(page, "output: a₁ − a₂ − 0.5 = 0")
    type_into_the_last_cell(page, "500")
    page.wait_for_selector(ALERT)
    assert "expected a number from −100 to 100, got 500" in page.inner_text(ALERT)
    type_into_the_last_cell(page, "1")
    wait_for_words(page, "output: a₁ − a₂ + 1 = 0")


def test_gradient_descent_goes_on_from_where_one_has_left_it(explorer):
    page = explorer("LayerLines")
    page.locator(".nnlib-run").click()
    wait_for_match(page, r"after [1-9]\d+ steps of gradient descent")
    page.locator(".nnlib-run").click()
    page.get_by_role("button", name="Show a solution").click()
    wait_for_words(page, "4 of 4 points are right: XOR solved by hand")
