"""Frames in JupyterLab: only as fast as the page draws them, and none that nobody sees."""

import base64
import io
import zlib

import pytest
from PIL import Image

from tests.helpers.seen import (
    IMAGE,
    SHOWN,
    WORDS,
    in_kernel,
    wait_for_rest,
    wait_in_kernel,
    words,
)

# What the page sends to the kernel goes out so many milliseconds late.
LATE = """late => {
    const send = WebSocket.prototype.sendAtOnce ?? WebSocket.prototype.send;
    WebSocket.prototype.sendAtOnce = send;
    WebSocket.prototype.send = !late ? send : function (data) {
        if (this.url.includes('/channels')) setTimeout(() => send.call(this, data), late);
        else send.call(this, data);
    };
}"""

# A tab in the background, as far as a page can tell.
HIDE = """hidden => {
    Object.defineProperty(document, 'hidden', {get: () => hidden, configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
}"""

WATCHED = """
from IPython.display import HTML, display
most, send = 0, shown.image.send
def counting(*message):
    global most
    send(*message)
    most = max(most, shown.image.under_way)
shown.image.send = counting
"""


@pytest.fixture
def training(run_cell):
    """The playground in training, with room below; it counts the frames under way."""
    page = run_cell(
        "from nnlib.course import explorers\n"
        "shown = explorers.Playground(name='shown')\n"
        f"{WATCHED}\n"
        "display(shown)\n"
        "display(HTML('<div style=\"height: 3000px\"></div>'))"
    )
    page.wait_for_selector(f"{IMAGE}[data-frame]")
    page.locator(f"{SHOWN} .nnlib-run").click()
    wait_in_kernel(page, "shown.image.frames > 10")
    yield page
    page.evaluate(LATE, 0)
    page.evaluate(HIDE, False)
    in_kernel(page, "shown.post(lambda: shown.set_running(False))")


def sent_in_half_a_second(page):
    """Count the frames, and the steps of training, of the next half second."""
    now = "[shown.image.frames, shown.experiment.ticks]"
    before = in_kernel(page, now)
    page.wait_for_timeout(500)
    after = in_kernel(page, now)
    return [b - a for a, b in zip(before, after, strict=True)]


def assert_whole(page):
    """The page shows just what the kernel has drawn, once it is at rest."""
    wait_in_kernel(page, "shown.image.sharp and not shown.image.under_way")
    wait_for_rest(page)
    data = page.evaluate("css => document.querySelector(css).toDataURL()", IMAGE).split(",")[1]
    image = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
    drawn = "__import__('zlib').crc32(shown.image.pixels[:, :, :3].tobytes())"
    assert zlib.crc32(image.tobytes()) == in_kernel(page, drawn)


def test_on_a_slow_line_two_frames_are_under_way_at_most_and_a_slider_answers(training):
    page = training
    page.evaluate(LATE, 300)
    page.wait_for_timeout(700)
    before = int(page.get_attribute(IMAGE, "data-frame"))
    page.wait_for_timeout(1000)
    shown = int(page.get_attribute(IMAGE, "data-frame")) - before
    assert 2 <= shown <= 7  # two for each 0.3 seconds
    page.locator(f"{SHOWN} [role=slider][aria-label='learning rate']").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "css => document.querySelector(css).innerText.includes('η = 0.03')",
        arg=WORDS,
        timeout=1500,
    )
    assert in_kernel(page, "most") == 2


def test_out_of_view_no_frame_is_sent_and_back_in_view_all_is_there(training):
    page = training
    page.evaluate(
        """css => {
            let node = document.querySelector(css);
            while (node.scrollHeight <= node.clientHeight + 500) node = node.parentElement;
            node.scrollTop = node.scrollHeight;
        }""",
        SHOWN,
    )
    wait_in_kernel(page, "not shown.image.visible")
    frames, steps = sent_in_half_a_second(page)
    assert frames == 0 < steps
    page.locator(IMAGE).scroll_into_view_if_needed()
    wait_in_kernel(page, "shown.image.visible")
    assert sent_in_half_a_second(page)[0] > 3
    page.locator(f"{SHOWN} .nnlib-run").click()
    assert_whole(page)


def test_in_a_hidden_tab_no_frame_is_sent_and_what_it_comes_back_to_is_whole(training):
    page = training
    page.evaluate(HIDE, True)
    wait_in_kernel(page, "not shown.image.visible")
    frames, steps = sent_in_half_a_second(page)
    assert frames == 0 < steps
    in_kernel(page, "shown.post(lambda: shown.set_running(False))")
    said = words(page)
    page.evaluate(HIDE, False)
    assert_whole(page)
    assert words(page) != said
    assert words(page) == in_kernel(page, "shown.words()")


def test_after_a_broken_line_frames_go_on(training):
    page = training
    page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.reconnect()")
    before = int(page.get_attribute(IMAGE, "data-frame"))
    page.wait_for_function(
        "([css, before]) => Number(document.querySelector(css).dataset.frame) > before + 10",
        arg=[IMAGE, before],
        timeout=10_000,
    )
    page.locator(f"{SHOWN} .nnlib-run").click()
    assert_whole(page)


def test_two_explorers_of_a_notebook_run_side_by_side(run_cell):
    page = run_cell(
        "from nnlib.course import explorers\n"
        "shown = explorers.LearningRate(name='shown')\n"
        "shown.experiment.batch_size = 1437  # all: else its run is over within a second\n"
        "other = explorers.OptimizerRace(name='other')\n"
        "display(shown, other)"
    )
    page.set_viewport_size({"width": 1300, "height": 1900})
    page.wait_for_function(
        "css => document.querySelectorAll(css).length === 2", arg=f"{IMAGE}[data-frame]"
    )
    for run in page.locator(f"{SHOWN} .nnlib-run").all():
        run.click()
    both = "[shown.running, other.running, shown.image.frames > 20, other.image.frames > 20]"
    wait_in_kernel(page, f"all({both})")
    frames = page.locator(IMAGE).evaluate_all("all => all.map(node => Number(node.dataset.frame))")
    assert min(frames) > 15
    for run in page.locator(f"{SHOWN} .nnlib-run").all():
        run.click()
    page.wait_for_function(
        """css => [...document.querySelectorAll(css)].every(node => node.dataset.sharp)""",
        arg=IMAGE,
    )
    said = page.locator(WORDS).all_inner_texts()
    assert said == in_kernel(page, "[shown.words(), other.words()]")
    in_kernel(page, "other.close()")
