"""What a learner sees of an explorer in JupyterLab: its words, its alert; and waiting for them."""

import ast
import json
import re
from contextlib import contextmanager

SHOWN = ".nnlib-explorer"
IMAGE = f"{SHOWN} .nnlib-image"
WORDS = f"{SHOWN} .nnlib-status [role=status]"
ALERT = f"{SHOWN} [role=alert]"
TIP = f"{SHOWN} .nnlib-tip:visible"
TYPED = f"{SHOWN} .nnlib-typed"
AT_REST = f"{IMAGE}[data-sharp]:not([data-sharp=''])"


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


def wait_for_rest(page):
    """Wait until the picture is the sharp one of something at rest."""
    page.wait_for_selector(AT_REST)


def scale_of(page, width):
    """Return pixels of the page for each of a picture so wide, once the page has come to rest."""
    page.wait_for_selector(f"{IMAGE}[data-frame]")
    page.wait_for_function(
        "css => [window.before, window.before = document.querySelector(css).clientWidth]"
        ".every(width => width === window.before)",
        arg=IMAGE,
        polling=200,
    )
    return page.locator(IMAGE).bounding_box()["width"] / width


def wait_for_tip(page, pattern):
    """Wait until what is told of the part pointed at matches a regular expression; return it."""
    tip = page.locator(TIP, has_text=re.compile(pattern))
    tip.wait_for()
    return tip.inner_text()


def in_kernel(page, expression):
    """Return the value of an expression in the kernel, where `shown` is the explorer."""
    reply = page.evaluate(
        """async code => {
            const {kernel} = jupyterapp.shell.currentWidget.sessionContext.session;
            const user_expressions = {value: `__import__('json').dumps(${code})`};
            const content = {code: '', silent: true, store_history: false, user_expressions};
            return (await kernel.requestExecute(content).done).content.user_expressions.value;
        }""",
        expression,
    )
    assert reply["status"] == "ok", reply
    return json.loads(ast.literal_eval(reply["data"]["text/plain"]))


def place_of(page, name, along=0.5):
    """Return where a part of the picture is on the page; of a line, so far along it."""
    left, top, right, bottom = in_kernel(
        page, f"next(part.place for part in shown.parts() if part.name == {name!r})"
    )
    page.locator(IMAGE).scroll_into_view_if_needed()
    box, width = page.locator(IMAGE).bounding_box(), in_kernel(page, "shown.image.size[0]")
    scale = box["width"] / width
    x, y = left + along * (right - left), top + along * (bottom - top)
    return box["x"] + scale * x, box["y"] + scale * y


def wait_in_kernel(page, condition):
    """Wait until something is true in the kernel."""
    for _ in range(200):
        if in_kernel(page, f"bool({condition})"):
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"never true: {condition}")


def go_to(page, name):
    """Lead to a part of the picture by the keyboard alone."""
    names = in_kernel(page, "[part.name for part in shown.parts()]")
    page.locator(IMAGE).focus()
    for key in ("Home", "Home", *["PageDown"] * names.index(name)):
        page.keyboard.press(key)  # from nowhere, any key leads to the first part
    wait_in_kernel(page, f"shown.pointing.name == {name!r}")


def point_at(page, name, along=0.5):
    """Lead to a part of the picture with the pointer."""
    page.mouse.move(*place_of(page, name, along))
    wait_in_kernel(page, f"shown.pointing.name == {name!r}")


@contextmanager
def in_the_dark(page):
    """Let JupyterLab have its dark theme for a while."""
    _set_theme(page, "JupyterLab Dark")
    try:
        yield
    finally:
        _set_theme(page, "JupyterLab Light")


def _set_theme(page, theme):
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
    page.wait_for_timeout(200)
