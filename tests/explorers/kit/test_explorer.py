"""The base of all explorers: posting from any thread, one task, errors on the page, bundles."""

import asyncio
import os
import signal
import threading

import numpy as np
import pytest

from nnlib.course.kit.controls import numbers
from nnlib.course.kit.explorer import FRAME, Explorer
from tests.helpers.shaking import pixels, tasks


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


def test_without_a_loop_everything_happens_at_once():
    counter = Counter()
    counter.controls[0].value = 2
    assert counter.image.pixels[0, 0, 0] == 2
    counter.step_button.click()
    assert counter.image.pixels[0, 0, 0] == 3
    counter.reset_button.click()
    assert counter.image.pixels[0, 0, 0] == 0


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


def test_the_kernels_interrupt_pauses_what_runs_and_leaves_it_alive():
    async def scenario():
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a kernel does between cells
        counter = Counter("interrupted")
        try:
            counter.run.value = True
            await asyncio.sleep(3 * FRAME)
            assert counter.running
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(3 * FRAME)
            assert not counter.running
            assert "interrupted" in counter.alert.value
            n = counter.n
            counter.run.value = True
            await asyncio.sleep(3 * FRAME)
            assert counter.n > n
            assert counter.alert.value == ""
        finally:
            counter.close()
            signal.signal(signal.SIGINT, before)

    asyncio.run(scenario())


def test_an_interrupt_amid_the_work_pauses_too():
    class Interrupted(Counter):
        def advance(self, seconds):
            raise KeyboardInterrupt

    counter = Interrupted("amid")
    counter.set_running(True)
    counter.post(counter._advance)
    assert not counter.running
    assert "Run goes on" in counter.alert.value
    counter.close()


def test_the_layout_of_one_picture_is_not_that_of_another():
    one, other = Counter("one"), Counter("other")
    assert one.image.layout is not other.image.layout
