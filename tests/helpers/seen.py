"""What a learner sees of an explorer in JupyterLab: its words, its alert; and waiting for them."""

import re

SHOWN = ".nnlib-explorer"
IMAGE = f"{SHOWN} .nnlib-image"
WORDS = f"{SHOWN} .nnlib-status [role=status]"
ALERT = f"{SHOWN} [role=alert]"


def words(page):
    return page.inner_text(WORDS)


def wait_for_match(page, pattern):
    """Wait until the words match a regular expression; by then no alert stands there."""
    page.wait_for_function(
        "([css, pattern]) => new RegExp(pattern).test(document.querySelector(css).innerText)",
        arg=[WORDS, pattern],
    )
    assert page.locator(ALERT).count() == 0


def wait_for_words(page, part):
    """Wait until this is a part of the words."""
    wait_for_match(page, re.escape(part))


def wait_for_other_words(page, said):
    page.wait_for_function(
        "([css, said]) => document.querySelector(css).innerText !== said", arg=[WORDS, said]
    )
