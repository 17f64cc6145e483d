"""Riddles of curves in JupyterLab: run one, think, ask; then turn every knob."""

from tests.helpers.seen import ALERT, SHOWN, wait_for_match, wait_for_other_words, words


def test_a_riddle_runs_to_its_end_and_is_solved_when_one_asks(explorer):
    page = explorer("ReadingCurves")
    page.locator(f"{SHOWN} .nnlib-run").click()
    wait_for_match(page, "epoch 60 of 60")
    assert "The curves say" not in words(page)
    page.locator(f"{SHOWN} button", has_text="What is it?").click()
    wait_for_match(page, "The curves say “underfitting”")
    page.locator(f"{SHOWN} .nnlib-reset").click()
    wait_for_match(page, "not trained yet")


def test_every_knob_turns(explorer):
    page = explorer("ReadingCurves")
    for label in ("nothing", "leak", "learning rate too large", "bad initialization", "riddle"):
        said = words(page)
        page.locator(f"{SHOWN} button", has_text=label).first.click()
        wait_for_other_words(page, said)
    sliders = page.locator(f"{SHOWN} [role=slider]")
    assert sliders.count() == 6
    for i in range(6):
        sliders.nth(i).focus()
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
            page.keyboard.press(key)
        page.locator(f"{SHOWN} .nnlib-step").click()
        wait_for_match(page, "epoch 1 of 60")
    page.locator(f"{SHOWN} button", has_text="What is it?").click()
    wait_for_match(page, "Too early to tell")
    assert page.locator(ALERT).count() == 0
