"""Frames are sent as fast as a page draws them, and to nobody who does not look."""

import asyncio

import numpy as np
import pytest

from nnlib.course.explorers import OptimizerRace, Playground
from nnlib.course.kit.explorer import FRAME, SETTLED
from tests.helpers.page import looking_at


@pytest.fixture(autouse=True)
def all_looked_at_and_closed():
    """Here each test brings its own page."""


def in_a_loop(scenario):
    asyncio.run(scenario())


async def until(condition):
    """Wait, 10 seconds at the most, until something is so."""
    for _ in range(250):
        if condition():
            return
        await asyncio.sleep(FRAME)
    pytest.fail("it has not come to be")


async def trained(playground, frames):
    """Let it train for so many frames' time, on a slow machine until it has begun."""
    playground.run.value = True
    await asyncio.sleep(frames * FRAME)
    await until(lambda: playground.experiment.steps > 0)


def test_nothing_is_drawn_for_nobody():
    async def scenario():
        with Playground() as playground:
            drawn = playground.frames
            await trained(playground, 8)
            assert playground.experiment.steps > 0
            assert playground.frames == drawn
            assert playground.image.frames == 0

    in_a_loop(scenario)


def test_at_most_two_frames_are_under_way():
    async def scenario():
        with Playground() as playground:
            page = looking_at(playground, late=True)
            await trained(playground, 12)
            await until(lambda: playground.image.under_way == 2)
            steps = playground.experiment.steps
            page.answer()
            await asyncio.sleep(4 * FRAME)
            assert page.most_under_way == 2
            assert playground.experiment.steps > steps  # it never waits for the page

    in_a_loop(scenario)


def test_a_page_that_is_late_gets_the_last_picture_in_the_end():
    async def scenario():
        with OptimizerRace() as explorer:
            page = looking_at(explorer, late=True)
            slider = explorer.controls[0]
            for i in range(10):
                slider.index = i % 4
                await asyncio.sleep(FRAME)
            for _ in range(4):
                page.answer()
                await asyncio.sleep(SETTLED + 2 * FRAME)
            await until(lambda: explorer.image.sharp)
            np.testing.assert_array_equal(page.sharp[:, :, :3], explorer.picture()[:, :, :3])

    in_a_loop(scenario)


def test_out_of_view_nothing_is_sent_and_back_in_view_all_of_it():
    async def scenario():
        with Playground() as playground:
            page = looking_at(playground)
            await trained(playground, 5)
            page.say({"on": "view", "view": "page", "visible": False, "ratio": 1.0})
            await asyncio.sleep(2 * FRAME)
            sent, steps = playground.image.frames, playground.experiment.steps
            await asyncio.sleep(6 * FRAME)
            assert playground.image.frames == sent
            assert playground.experiment.steps > steps
            playground.run.value = False
            await asyncio.sleep(2 * FRAME)
            page.pixels = None
            page.say({"on": "view", "view": "page", "visible": True, "ratio": 1.0})
            await until(lambda: playground.image.sharp)
            picture = playground.picture()
            np.testing.assert_array_equal(np.asarray(page.pixels)[:, :, :3], picture[:, :, :3])

    in_a_loop(scenario)


def test_a_page_that_has_gone_is_no_view_any_more():
    async def scenario():
        with Playground() as playground:
            page = looking_at(playground)
            page.say({"on": "gone", "view": "page"})
            await trained(playground, 5)
            assert not playground.image.visible
            assert playground.image.frames <= 1

    in_a_loop(scenario)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_at_rest_the_picture_has_the_screens_own_resolution(ratio):
    async def scenario():
        with OptimizerRace() as explorer:
            page = looking_at(explorer, ratio=ratio)
            await until(lambda: explorer.image.sharp)
            height, width = explorer.picture().shape[:2]
            assert page.sharp.shape[:2] == (round(ratio * height), round(ratio * width))
            frames = explorer.image.frames
            await asyncio.sleep(SETTLED + 4 * FRAME)
            assert explorer.image.frames == frames  # once is enough

    in_a_loop(scenario)


def test_a_sharp_picture_leaves_the_next_one_as_it_is():
    with Playground() as playground:
        before = playground.picture()
        large = playground._enlarged(2.0)
        np.testing.assert_array_equal(playground.picture(), before)
        small = np.asarray(large[::2, ::2], int)[:, :, :3]
        assert np.abs(small - before[:, :, :3]).mean() < 6  # everything is at its place


def test_a_page_that_is_read_again_begins_anew():
    async def scenario():
        with Playground() as playground:
            page = looking_at(playground, late=True)
            await trained(playground, 6)
            await until(lambda: playground.image.under_way == 2)
            again = looking_at(playground)  # what was under way is lost
            page.say({"on": "view", "view": "other", "visible": True, "ratio": 1.0})
            await until(lambda: len(again.messages) > 2)

    in_a_loop(scenario)
