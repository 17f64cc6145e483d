"""The playground's picture answers in JupyterLab: every gesture with the pointer and with keys."""

import pytest

from tests.helpers.seen import (
    ALERT,
    IMAGE,
    SHOWN,
    TIP,
    TYPED,
    go_to,
    in_kernel,
    place_of,
    point_at,
    wait_for_rest,
    wait_for_tip,
    wait_for_words,
    wait_in_kernel,
    words,
)

WEIGHT = "weight from unit 1.2 to unit 2.1"
BIAS = "bias of unit 1.3"
LEAD = {"pointer": point_at, "keys": go_to}
FOCUSED = "css => document.activeElement === document.querySelector(css)"


@pytest.fixture
def page(explorer):
    page = explorer("Playground")
    page.mouse.move(5, 5)
    wait_for_rest(page)
    return page


def pixels(page):
    return page.evaluate("css => document.querySelector(css).toDataURL()", IMAGE)


def click(page, way, name, along=0.5):
    """Click a part, or press Enter where the keys have led."""
    LEAD[way](page, name, *([along] if way == "pointer" else []))
    if way == "keys":
        page.keyboard.press("Enter")
    else:
        page.mouse.down()
        page.mouse.up()


def leave(page, way):
    if way == "keys":
        page.keyboard.press("Escape")
    else:
        page.mouse.move(5, 5)
    page.locator(TIP).wait_for(state="hidden")


def type_number(page, way, name, text, key="Enter"):
    """Type a number for a part; by then the focus is on the picture again."""
    click(page, way, name, 0.4)
    page.locator(TYPED).wait_for()
    page.keyboard.type(text)
    page.keyboard.press(key)
    page.locator(TYPED).wait_for(state="detached")
    assert page.evaluate(FOCUSED, IMAGE)


def wait_for_another_tip(page, tip):
    page.wait_for_function(
        "([css, tip]) => document.querySelector(css).innerText !== tip",
        arg=[f"{SHOWN} .nnlib-tip", tip],
    )


def run(page, label="Run"):
    page.locator(f"{SHOWN} .nnlib-run", has_text=label).click()


def test_the_plane_shows_the_unit_that_is_pointed_at_and_then_the_answer_again(page):
    for way in LEAD:
        before = pixels(page)
        LEAD[way](page, "unit 1.2")
        wait_for_tip(page, r"^unit 1\.2, tanh: bias 0\. Click: keep it in the plane\.$")
        wait_for_rest(page)
        assert in_kernel(page, "shown.drawing.view.seen") == [1, 1]
        assert pixels(page) != before
        leave(page, way)
        page.wait_for_function(
            "([css, old]) => document.querySelector(css).toDataURL() === old", arg=[IMAGE, before]
        )


def test_a_unit_is_kept_in_the_plane_until_it_is_clicked_again(page):
    for way in LEAD:
        click(page, way, "unit 1.2")
        wait_for_tip(page, "Click: back to the network's answer")
        leave(page, way)
        assert in_kernel(page, "shown.drawing.view.seen") == [1, 1]
        click(page, way, "unit 1.2")
        wait_for_tip(page, "Click: keep it in the plane")
        leave(page, way)
        wait_in_kernel(page, "shown.drawing.view.seen is None")


def test_a_weight_and_a_bias_are_typed_while_it_trains(page):
    in_kernel(page, "setattr(shown, 'speed', (1, False))")  # a step of 0.01 for each picture
    run(page)
    wait_in_kernel(page, "shown.experiment.steps > 5")
    for way, size in (("pointer", "1"), ("keys", "3")):
        for name, sign, point in ((WEIGHT, "", "."), (BIAS, "-", ",")):
            type_number(page, way, name, f"{sign}{size}{point}5")
            tip = wait_for_tip(page, rf"{name}: {sign}{size}\.\d+\. Click: type another\.")
            wait_for_another_tip(page, tip)  # it trains on
    assert page.locator(ALERT).count() == 0
    run(page, "Pause")


def test_what_is_no_number_is_explained_and_escape_leaves_all_as_it_was(page):
    for way in LEAD:
        old = in_kernel(page, "shown.experiment.net.params.tolist()")
        type_number(page, way, BIAS, "abc")
        page.wait_for_selector(ALERT)
        assert f"{BIAS}: expected a number such as 0.5, got 'abc'." in page.inner_text(ALERT)
        type_number(page, way, WEIGHT, "7", key="Escape")
        page.wait_for_timeout(100)
        assert in_kernel(page, "shown.experiment.net.params.tolist()") == old
        type_number(page, way, WEIGHT, "7")
        page.locator(ALERT).wait_for(state="detached")


def test_inputs_are_switched_on_and_off(page):
    for way in LEAD:
        click(page, way, "input x₁²")
        wait_for_words(page, "x₁, x₂, x₁²")
        wait_for_tip(page, "on. Click: switch it off")
        click(page, way, "input x₁²")
        wait_for_tip(page, "off. Click: switch it on")
        wait_for_words(page, "; x₁, x₂; ")


def test_layers_and_units_grow_and_shrink(page):
    for way, name, said in (
        ("pointer", "one unit in layer 1 more", "tanh 5 + 2;"),
        ("keys", "one hidden layer more", "tanh 5 + 2 + 2;"),
        ("keys", "one unit in layer 3 less", "tanh 5 + 2 + 1;"),
        ("pointer", "one hidden layer less", "tanh 5 + 2;"),
    ):
        click(page, way, name)
        wait_for_words(page, said)


def test_plane_and_charts_are_read_with_the_pointer(page):
    page.locator(f"{SHOWN} button", has_text="Epoch").click()
    wait_for_words(page, "Epoch 1,")
    for name, told in (
        ("the plane", r"x₁ = .*x₂ = "),
        ("the curves", r"^epoch \d+: loss [\d.]+, in the test [\d.]+$"),
        ("sizes of gradients", r"^(layer \d|output): [\d.]+% from "),
        ("activations", r"^(layer \d|output): [\d.]+% from "),
    ):
        point_at(page, name)
        wait_for_tip(page, told)


def test_shift_and_arrows_read_along_a_chart_and_arrows_leave_it(page):
    page.locator(f"{SHOWN} button", has_text="Epoch").click()
    wait_for_words(page, "Epoch 1,")
    go_to(page, "activations")
    tip = wait_for_tip(page, r"%")
    at = in_kernel(page, "shown.pointing.at")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    wait_in_kernel(page, f"shown.pointing.at == ({at[0]} + 24, {at[1]})")
    wait_for_another_tip(page, tip)
    page.keyboard.press("ArrowLeft")
    wait_in_kernel(page, "shown.pointing.name == 'sizes of gradients'")
    page.keyboard.press("Escape")
    page.locator(TIP).wait_for(state="hidden")


def test_a_press_that_slides_off_a_part_does_nothing(page):
    said = words(page)
    point_at(page, "one hidden layer more")
    page.mouse.down()
    page.mouse.move(*place_of(page, "the plane"))
    page.mouse.up()
    wait_for_tip(page, "x₁ = ")
    assert words(page) == said
