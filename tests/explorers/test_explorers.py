"""What all explorers share: posting from any thread, one task, errors on the page, bundles."""

import asyncio
import ctypes
import gc
import html
import io
import sys
import threading
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.lines import Line2D
from PIL import Image

from nnlib.course import explorers
from nnlib.course.kit.canvas import Canvas
from nnlib.course.kit.explorer import FRAME, Explorer, numbers
from tests.helpers.shaking import shake, turn

ALL = [getattr(explorers, name) for name in explorers.__all__]
RUNNING = [make for make in ALL if make.advance is not Explorer.advance]


class Counter(Explorer):
    """Counts; its picture is the number, as text."""

    title = "a counter"

    def __init__(self, name=""):
        super().__init__(name)
        self.n, self.threads, self.limit = 0, set(), 10**9
        knob = self.slider("number", [0, 1, 2, 3], 0, self.set)
        kind = self.buttons("kind", ["up", "boom"], "up", self.kind)
        self.arrange(self.run_buttons(self.one, self.zero), knob, kind)

    def set(self, n):
        self.threads.add(threading.current_thread())
        self.n = n

    def kind(self, value):
        if value == "boom":
            raise ValueError("kind: expected <up>, got boom")

    def one(self):
        self.n += 1

    def zero(self):
        self.n = 0

    def advance(self, seconds):
        self.n += 1
        return self.n < self.limit

    def picture(self):
        return np.full((3, 4, 4), self.n % 256, np.uint8)

    def words(self):
        return f"n is {self.n} & counting"


@pytest.fixture(autouse=True)
def all_closed():
    yield
    for explorer in list(Explorer._open.values()):
        explorer.close()


def test_without_a_loop_everything_happens_at_once():
    counter = Counter()
    counter.controls[0].value = 2
    assert pixels(counter.image.value)[0, 0, 0] == 2
    counter.step_button.click()
    assert pixels(counter.image.value)[0, 0, 0] == 3
    counter.reset_button.click()
    assert pixels(counter.image.value)[0, 0, 0] == 0


def test_the_state_is_told_in_words_to_screen_readers_too():
    assert Counter().status.value == '<div role="status">n is 0 &amp; counting</div>'


def test_callbacks_from_another_thread_are_applied_on_the_loops_own():
    async def main():
        counter = Counter()
        thread = threading.Thread(target=lambda: setattr(counter.controls[0], "value", 3))
        thread.start()
        thread.join()
        assert counter.n == 0
        await asyncio.sleep(3 * FRAME)
        assert counter.n == 3
        assert counter.threads == {threading.main_thread()}

    asyncio.run(main())


def test_many_changes_between_two_frames_are_drawn_once():
    async def main():
        counter = Counter()
        drawn = counter.frames
        for i in range(100):
            counter.controls[0].value = i % 4
        await asyncio.sleep(4 * FRAME)
        assert counter.n == 3
        assert counter.frames - drawn <= 3

    asyncio.run(main())


def tasks():
    return [t for t in asyncio.all_tasks() if t.get_name().startswith("nnlib")]


def test_it_runs_pauses_and_steps_in_one_task():
    async def main():
        counter = Counter()
        counter.run.value = True
        await asyncio.sleep(5 * FRAME)
        assert counter.n >= 2
        assert counter.run.description == "Pause"
        assert len(tasks()) == 1
        counter.run.value = False
        await asyncio.sleep(2 * FRAME)
        n = counter.n
        await asyncio.sleep(3 * FRAME)
        assert counter.n == n
        assert tasks() == []
        counter.step_button.click()
        await asyncio.sleep(2 * FRAME)
        assert counter.n == n + 1

    asyncio.run(main())


def test_a_run_that_is_done_ends_by_itself():
    async def main():
        counter = Counter()
        counter.limit = 3
        counter.run.value = True
        await asyncio.sleep(8 * FRAME)
        assert counter.n == 3
        assert not counter.run.value
        assert counter.run.description == "Run"

    asyncio.run(main())


def test_an_error_is_shown_on_the_page_ends_the_run_and_goes_with_the_next_change():
    async def main():
        counter = Counter()
        counter.run.value = True
        counter.controls[1].value = "boom"
        await asyncio.sleep(3 * FRAME)
        assert 'role="alert"' in counter.alert.value
        assert "kind: expected &lt;up&gt;, got boom" in counter.alert.value
        assert not counter.running
        assert not counter.run.value
        counter.controls[1].value = "up"
        await asyncio.sleep(2 * FRAME)
        assert counter.alert.value == ""

    asyncio.run(main())


def test_running_a_cell_again_closes_the_old_one():
    async def main():
        old = Counter()
        old.run.value = True
        await asyncio.sleep(2 * FRAME)
        new = Counter()
        await asyncio.sleep(2 * FRAME)
        assert old.closed
        assert all(control.disabled for control in old.controls)
        assert tasks() == []
        other = Counter("another")
        assert not new.closed
        assert not other.closed

    asyncio.run(main())


def test_a_closed_one_takes_nothing_any_more():
    counter = Counter()
    with counter:
        pass
    counter.post(counter.one)
    assert counter.n == 0


def test_the_bundle_has_the_widget_a_picture_and_text():
    bundle = Counter()._repr_mimebundle_()
    assert bundle["text/plain"] == "Counter: a counter"
    assert pixels(bundle["image/png"]).shape == (3, 4, 3)
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_what_a_subclass_has_not_written_is_named():
    class Unwritten(Explorer):
        pass

    for method in ("picture", "words"):
        with pytest.raises(NotImplementedError, match=f"Unwritten.{method} is not written"):
            getattr(Unwritten(), method)()


def test_the_values_of_a_slider_have_labels():
    assert numbers(0, 0.3, 0.1, ".1f") == [("0.0", 0), ("0.1", 0.1), ("0.2", 0.2), ("0.3", 0.3)]


def pixels(file):
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))


def build(figure):
    global line
    ax = figure.subplots()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    (line,) = ax.plot([0, 1], [0, 1])
    return [line]


def test_a_frame_shows_what_has_moved_and_nothing_of_before():
    canvas = Canvas(3, 2, build)
    first = canvas.frame()
    assert first.shape == (200, 300, 4)
    line.set_data([0, 1], [1, 0])
    second = canvas.frame()
    assert (first != second).any()
    line.set_data([0, 1], [0, 1])
    np.testing.assert_array_equal(canvas.frame(), first)
    line.set_visible(False)
    assert (canvas.frame() != first).any()


def test_what_stays_is_drawn_again_only_when_told():
    canvas = Canvas(3, 2, build)
    first = canvas.frame()
    canvas.figure.axes[0].set_title("new")
    np.testing.assert_array_equal(canvas.frame(), first)
    canvas.stale = True
    assert (canvas.frame() != first).any()


def test_a_canvas_is_no_business_of_pyplots():
    before = plt.get_fignums()
    Canvas(3, 2, lambda figure: [figure.add_artist(Line2D([0, 1], [0, 1]))]).frame()
    assert plt.get_fignums() == before


@pytest.mark.parametrize("make", ALL, ids=lambda c: c.__name__)
def test_the_bundle_of_a_fresh_one_is_the_same_every_time(make):
    first, second = make()._repr_mimebundle_(), make()._repr_mimebundle_()
    assert first["image/png"] == second["image/png"]
    assert first["text/plain"] == second["text/plain"] == f"{make.__name__}: {make.title}"
    height, width, _ = pixels(first["image/png"]).shape
    assert width <= 980
    assert height <= 900
    assert make.title


@pytest.mark.parametrize("make", ALL, ids=lambda c: c.__name__)
def test_a_thousand_random_changes_do_no_harm(make):
    texts = ("0, 1", "abc", "", "1.5, 0.5", "1e9, 0", "0.5 0.6")
    shake(make(), seed=1, texts=texts)


@pytest.mark.parametrize("make", ALL, ids=lambda c: c.__name__)
def test_the_still_picture_is_the_same_after_any_changes_and_changes_nothing(make):
    explorer = make()
    shake(explorer, seed=2, changes=30)
    picture, words = explorer.picture(), explorer.words()
    still, fresh = explorer.still(), make(name="another")
    if make.still is Explorer.still:
        np.testing.assert_array_equal(still, picture)
    else:
        np.testing.assert_array_equal(still, fresh.still())
        assert not np.array_equal(still, fresh.picture())
    np.testing.assert_array_equal(explorer.picture(), picture)
    assert explorer.words() == words


@pytest.mark.parametrize("make", ALL, ids=lambda c: c.__name__)
def test_it_is_described_in_words_and_every_control_has_a_name(make):
    explorer = make()
    assert 20 < len(explorer.words()) < 500
    assert explorer.alert.value == ""
    for control in explorer.controls:
        assert control.description or getattr(control, "tooltip", ""), control


@pytest.mark.parametrize("make", RUNNING, ids=lambda c: c.__name__)
def test_it_goes_on_while_it_runs_and_stays_when_it_pauses(make):
    async def main():
        explorer = make()
        words, pictures = explorer.words(), explorer.frames
        explorer.run.value = True
        await asyncio.sleep(10 * FRAME)
        assert len(tasks()) == 1
        explorer.run.value = False
        await asyncio.sleep(3 * FRAME)
        paused = explorer.words()
        assert paused != words
        assert explorer.frames > pictures + 1
        await asyncio.sleep(3 * FRAME)
        assert explorer.words() == paused
        assert tasks() == []
        assert explorer.alert.value == ""

    asyncio.run(main())


@pytest.mark.parametrize("make", ALL, ids=lambda c: c.__name__)
def test_changes_faster_than_the_pictures_come_to_rest_at_the_last_one(make):
    async def main():
        explorer, seen = make(), []
        for control in explorer.controls:
            control.observe(seen.append, "value")
            if hasattr(control, "options") and not control.disabled:
                last = len(control.options) - 1
                for i in (last // 3, last // 2, last):
                    control.index = i
                await asyncio.sleep(FRAME)
                assert control.index == min(last, len(control.options) - 1)
        if hasattr(explorer, "run"):
            for button in (explorer.step_button, explorer.step_button, explorer.reset_button):
                button.click()
            explorer.run.value = True
            explorer.run.value = False
        await asyncio.sleep(10 * FRAME)
        assert tasks() == []
        seen.clear()
        await asyncio.sleep(3 * FRAME)
        assert seen == []
        assert explorer.alert.value == ""
        assert html.escape(explorer.words()) in explorer.status.value

    asyncio.run(main())


@pytest.mark.parametrize("make", ALL, ids=lambda c: c.__name__)
def test_a_hundred_random_changes_while_it_runs_leave_no_error_and_no_second_task(make):
    async def main():
        explorer = make()
        rng = np.random.default_rng(1)
        for i in range(100):
            if hasattr(explorer, "run") and i % 10 == 0:
                explorer.run.value = True
            turn(explorer.controls[rng.integers(len(explorer.controls))], rng)
            assert len(tasks()) <= 1
            await asyncio.sleep(0)
            if i % 25 == 24:
                await asyncio.sleep(FRAME)
            assert explorer.alert.value == ""
        explorer.close()
        await asyncio.sleep(FRAME)
        assert tasks() == []

    start = time.perf_counter()
    asyncio.run(main())
    assert time.perf_counter() - start < 60


async def changed_in_training(playground, rng, changes):
    """Turn knobs at random while it trains; come to rest; return the memory in use."""
    knobs = [control for control in playground.controls if hasattr(control, "options")]
    for i in range(changes):
        if i % 10 == 0:
            playground.run.value = True
        turn(knobs[rng.integers(len(knobs))], rng)
        assert len(tasks()) <= 1
        await asyncio.sleep(2 * FRAME if i % 50 == 49 else 0)
    playground.run.value = False
    await asyncio.sleep(3 * FRAME)
    playground.reset_button.click()
    await asyncio.sleep(3 * FRAME)
    assert playground.alert.value == ""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)  # what is free counts as free
    import resource  # Windows has none

    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_a_thousand_changes_in_training_leave_memory_as_it_was():
    async def main():
        playground, rng = explorers.Playground(), np.random.default_rng(2)
        before = await changed_in_training(playground, rng, 1000)  # caches fill up
        return before, await changed_in_training(playground, rng, 1000)

    before, after = asyncio.run(main())
    assert after < 1.05 * before
