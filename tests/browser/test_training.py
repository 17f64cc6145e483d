"""Explorers that train, in JupyterLab: run, pause, step, reset."""

import re

import pytest

from tests.helpers.seen import wait_for_match, wait_for_words, words


def number(page, pattern):
    return int(re.search(pattern, words(page)).group(1).replace(",", ""))


@pytest.mark.parametrize(
    ("name", "counted"),
    [("LearningRate", "after ([\\d,]+) steps?"), ("Regularization", "([\\d,]+) epochs")],
)
def test_it_runs_pauses_steps_and_starts_anew(explorer, name, counted):
    page = explorer(name)
    page.locator(".nnlib-step").click()
    wait_for_match(page, counted)
    page.locator(".nnlib-run").click()
    page.wait_for_function("() => document.querySelector('.nnlib-run').innerText.includes('Pause')")
    wait_for_match(page, counted.replace("[\\d,]+", "\\d{2,}|[\\d,]{5,}"))
    page.locator(".nnlib-run").click()
    page.wait_for_function("() => document.querySelector('.nnlib-run').innerText.includes('Run')")
    page.wait_for_timeout(500)
    steps = number(page, counted)
    page.wait_for_timeout(500)
    assert number(page, counted) == steps
    page.locator(".nnlib-reset").click()
    wait_for_words(page, "not trained yet")


def test_the_kernels_interrupt_pauses_an_explorer_that_runs(explorer):
    page = explorer("LearningRate")
    page.locator(".nnlib-run").click()
    wait_for_match(page, "after [\\d,]{2,} steps")
    page.evaluate("() => jupyterapp.commands.execute('notebook:interrupt-kernel')")
    page.wait_for_function("() => document.querySelector('.nnlib-run').innerText.includes('Run')")
    page.locator(".nnlib-alert [role=alert]", has_text="interrupted").wait_for()
    page.locator(".nnlib-run").click()
    page.wait_for_function("() => document.querySelector('.nnlib-run').innerText.includes('Pause')")
    page.locator(".nnlib-run").click()
