"""What a page tells of its controls: in tooltips, to screen readers, and where one may type."""

import pytest

from nnlib.course import explorers
from tests.helpers.seen import SHOWN, wait_for_other_words, words

NAMES = sorted(explorers.__all__)

CHOICES = """css => [...document.querySelectorAll(css + ' .nnlib-choice')].map(slider => {
    const handle = slider.querySelector('[role=slider]');
    const readout = slider.querySelector('.widget-readout');
    return {
        label: handle.ariaLabel, name: slider.querySelector('.widget-label').textContent,
        value: handle.ariaValueText, shown: readout.textContent, tip: handle.ariaDescription,
        typed: readout.isContentEditable, stop: readout.tabIndex >= 0,
    };
})"""


def choices(page):
    return page.evaluate(CHOICES, SHOWN)


def assert_all_told(page):
    assert page.locator(f"{SHOWN} [title=null]").count() == 0
    typed = page.locator(f"{SHOWN} .widget-slider:not(.nnlib-choice)").count()  # of numbers
    assert len(choices(page)) + typed == page.locator(f"{SHOWN} .widget-slider").count() > 0
    assert choices(page)
    for choice in choices(page):
        assert choice["label"] == choice["name"]
        assert choice["value"] == choice["shown"]
        assert not choice["typed"], choice
        assert not choice["stop"], choice


@pytest.mark.parametrize("name", NAMES)
def test_nothing_says_null_and_sliders_say_their_values_and_take_no_text(explorer, name):
    page = explorer(name)
    page.wait_for_selector(f"{SHOWN} [aria-valuetext]")
    page.wait_for_function(f"() => ({CHOICES})('{SHOWN}').every(c => c.value === c.shown)")
    assert_all_told(page)
    said, before = words(page), [choice["value"] for choice in choices(page)]
    page.locator(f"{SHOWN} .nnlib-choice [role=slider]").first.focus()
    page.keyboard.press("ArrowRight")
    wait_for_other_words(page, said)
    assert_all_told(page)
    assert [choice["value"] for choice in choices(page)] != before


def test_a_readout_is_quiet_after_its_slider_was_switched_off_and_on(run_cell):
    page = run_cell(
        "from nnlib.course import explorers\n"
        "shown = explorers.Softmax(name='shown')\n"
        "for disabled in (True, False):\n"
        "    for control in shown.controls: control.disabled = disabled\n"
        "shown"
    )
    page.wait_for_selector(f"{SHOWN} .nnlib-image")
    page.wait_for_timeout(300)
    assert_all_told(page)


def test_another_slider_takes_typed_numbers(run_cell):
    page = run_cell(
        "import ipywidgets as w\n"
        "from nnlib.course.kit.keys import keeping_keys\n"
        "slider = w.IntSlider(3, 0, 10)\n"
        "shown = keeping_keys(w.VBox([slider])).add_class('nnlib-explorer')\n"
        "shown"
    )
    readout = page.locator(f"{SHOWN} .widget-readout")
    readout.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "css => document.querySelector(css + ' [role=slider]').ariaValueNow === '7.0'", arg=SHOWN
    )
    assert readout.inner_text() == "7"


def test_after_a_restart_of_the_kernel_one_sentence_says_so_in_place_of_broken_links(explorer):
    page = explorer("Activations")
    page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    page.wait_for_selector(f"{SHOWN}.jupyter-widgets-disconnected")
    before = """css => [...document.querySelectorAll(css)]
        .map(node => getComputedStyle(node, '::before'))
        .filter(style => style.display !== 'none').map(style => style.content)"""
    (said,) = page.evaluate(before, SHOWN)
    assert "Run the cell to make it live" in said
    assert page.evaluate(before, f"{SHOWN} .jupyter-widgets-disconnected") == []
