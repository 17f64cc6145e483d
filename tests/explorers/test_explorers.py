"""What holds for every explorer that the course offers, and for one that a teacher writes."""

import asyncio
import ctypes
import gc
import html
import importlib
import inspect
import pkgutil
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from nnlib.course import explorers
from nnlib.course.kit.explorer import FRAME, Explorer
from tests.helpers.shaking import control, pixels, shake, status, tasks, turn


def example():
    """Run the example in the docstring of Explorer; return its class."""
    _, code = inspect.getdoc(Explorer).split("In a notebook::\n", 1)
    code, _ = code.split("A subclass writes", 1)
    names = {}
    exec(textwrap.dedent(code), names)
    return names["Neuron"]


Neuron = example()
ALL = [*(getattr(explorers, name) for name in explorers.__all__), Neuron]
RUNNING = [make for make in ALL if make.advance is not Explorer.advance]


def explorers_in_files():
    """All subclasses of Explorer that stand in a file of nnlib/course/explorers."""
    for module in pkgutil.iter_modules(explorers.__path__, f"{explorers.__name__}."):
        for thing in vars(importlib.import_module(module.name)).values():
            here = inspect.isclass(thing) and thing.__module__ == module.name
            if here and issubclass(thing, Explorer):
                yield thing


def test_every_explorer_in_a_file_is_offered_and_so_tested():
    for make in explorers_in_files():
        assert make in ALL, (
            f"{make.__module__}.{make.__name__}: import it in nnlib/course/explorers/__init__.py "
            "and name it in __all__ there, so that learners find it, and these tests"
        )


def test_the_example_of_how_to_write_an_explorer_works():
    with Neuron() as neuron:
        picture = neuron.image.pixels
        assert status(neuron) == "At x = 1 this neuron says 0.76."
        control(neuron, "weight w").value = -2.0
        assert neuron.experiment.w == -2.0
        assert status(neuron) == "At x = 1 this neuron says -0.96."
        assert (neuron.image.pixels != picture).any()
        assert neuron.alert.value == ""


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
    for knob in explorer.controls:
        assert knob.description or getattr(knob, "tooltip", ""), knob


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
        explorer, changes = make(), []
        for knob in explorer.controls:
            knob.observe(changes.append, "value")
            if hasattr(knob, "options") and not knob.disabled:
                last = len(knob.options) - 1
                for i in (last // 3, last // 2, last):
                    knob.index = i
                await asyncio.sleep(FRAME)
                assert knob.index == min(last, len(knob.options) - 1)
        if explorer.run is not None:
            for button in (explorer.step_button, explorer.step_button, explorer.reset_button):
                button.click()
            explorer.run.value = True
            explorer.run.value = False
        deadline = time.perf_counter() + 20
        while tasks() and time.perf_counter() < deadline:
            await asyncio.sleep(FRAME)
        assert tasks() == []
        changes.clear()
        await asyncio.sleep(3 * FRAME)
        assert changes == []
        assert explorer.alert.value == ""
        assert html.escape(explorer.words()) in explorer.status.value

    asyncio.run(main())


KEYS = ("Home", "End", "PageUp", "PageDown", "Enter", "Escape")
KEYS += ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown")
TEXTS = ("0.5", "−2,5", "1e9", "abc", "")


def act(explorer, rng):
    """Turn a control at random, or point, pull, press a key or type somewhere in the picture."""
    parts, kind = explorer.parts(), rng.integers(4)
    if kind == 0 or not parts:
        turn(explorer.controls[rng.integers(len(explorer.controls))], rng)
        return
    part = parts[rng.integers(len(parts))]
    x, y = rng.uniform(0, explorer.image.size) if rng.random() < 0.3 else part.centre
    message = (
        {"on": rng.choice(["point", "down", "drag", "up", "leave"]), "x": x, "y": y},
        {"on": "key", "key": rng.choice(KEYS), "shift": bool(rng.integers(2))},
        {"on": "type", "name": part.name, "text": rng.choice(TEXTS)},
    )[kind - 1]
    explorer.image._handle_custom_msg(message, [])


async def acted(explorer, rng, actions):
    """Act so often while it runs, come to rest, and return the memory in use."""
    for i in range(actions):
        if explorer.run is not None and i % 10 == 0:
            explorer.run.value = True
        act(explorer, rng)
        assert len(tasks()) <= 1
        await asyncio.sleep(2 * FRAME if i % 50 == 49 else 0)
        assert "Something went wrong" not in explorer.alert.value  # wrong input may be told
    if explorer.run is not None:
        explorer.run.value = False
        explorer.reset_button.click()
    while tasks():
        await asyncio.sleep(FRAME)
    return memory_in_use()


def memory_in_use():
    """Return the bytes in use, where they can be read; elsewhere always the same."""
    if not sys.platform.startswith("linux"):
        return 1
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)  # what is free counts as free
    import resource  # Windows has none

    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize("make", ALL, ids=lambda c: c.__name__)
def test_a_thousand_random_actions_while_it_runs_leave_no_error_no_task_and_memory_as_it_was(make):
    async def main():
        explorer, rng = make(), np.random.default_rng(1)
        before = await acted(explorer, rng, 300)  # caches fill up
        after = await acted(explorer, rng, 700)
        explorer.close()
        await asyncio.sleep(FRAME)
        assert tasks() == []
        return before, after

    before, after = asyncio.run(main())
    assert after < 1.05 * before
