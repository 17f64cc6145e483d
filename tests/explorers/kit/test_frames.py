"""Frames in motion: little is sent, and what is seen comes as near as the bytes allow."""

import io

import numpy as np
from PIL import Image

from nnlib.course.explorers import Playground
from nnlib.course.kit.frames import BUDGET, LEAST, MOST, Motion, whole


def colors(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


def seen(page, data):
    """Let a page add a frame to what it shows."""
    if data:
        page.alpha_composite(Image.open(io.BytesIO(data)).convert("RGBA"))
    return np.asarray(page)


def pictures(count, **settings):
    with Playground(**settings) as playground:
        for _ in range(count):
            playground._train(2, True, np.inf)
            yield playground.picture()


def test_a_whole_picture_comes_without_loss():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (7, 5, 4), np.uint8)
    np.testing.assert_array_equal(colors(whole(pixels))[:, :, :3], pixels[:, :, :3])


def test_the_page_shows_what_is_kept_here_and_that_is_near_to_the_picture():
    motion, page = Motion(), Image.new("RGBA", (980, 576))
    for pixels in pictures(8):
        shown = seen(page, motion.frame(pixels))
        np.testing.assert_array_equal(shown[:, :, :3], motion.shown[:, :, :3])
        off = np.abs(shown[:, :, :3].astype(int) - pixels[:, :, :3])
        assert off.mean() < 2
        assert np.quantile(off, 0.99) <= MOST


def test_nothing_is_sent_of_what_stays():
    motion = Motion()
    pixels = np.full((20, 30, 4), 255, np.uint8)
    motion.frame(pixels)
    assert motion.frame(pixels.copy()) == b""
    changed = pixels.copy()
    changed[3:5, 7:9, :3] = 0
    sent = colors(motion.frame(changed))
    assert (sent[:, :, 3] > 0).sum() == 4
    assert (sent[3:5, 7:9] == (0, 0, 0, 255)).all()


def test_a_difference_that_was_let_pass_is_made_good_soon():
    motion = Motion()
    pixels = np.full((24, 24, 4), 255, np.uint8)
    motion.frame(pixels)
    motion.passed = MOST
    slight = pixels.copy()
    slight[:, :, :3] -= 20
    motion.frame(slight)
    assert (motion.shown != slight).any()
    for _ in range(24):
        motion.passed = MOST
        motion.frame(slight.copy())
    assert np.abs(motion.shown.astype(int) - slight).max() <= LEAST + 4


def test_more_is_let_pass_where_the_bytes_are_many_and_less_where_they_are_few():
    motion, rng = Motion(), np.random.default_rng(0)
    for _ in range(20):
        motion.frame(rng.integers(0, 256, (300, 300, 4), np.uint8) | np.uint8([0, 0, 0, 255]))
    assert motion.passed == MOST
    calm = motion._last
    for _ in range(40):
        motion.frame(calm.copy())
    assert motion.passed == LEAST


def test_a_playground_in_training_keeps_to_its_budget():
    motion, sizes = Motion(), []
    for pixels in pictures(60, data="spirals", classes=3, hidden=(8,), activations=("tanh",)):
        sizes.append(len(motion.frame(pixels)))
    assert np.mean(sizes[20:]) < 1.2 * BUDGET


def test_another_size_begins_anew():
    motion = Motion()
    motion.frame(np.zeros((4, 4, 4), np.uint8))
    larger = np.full((6, 4, 4), 200, np.uint8)
    np.testing.assert_array_equal(colors(motion.frame(larger))[:, :, :3], larger[:, :, :3])
