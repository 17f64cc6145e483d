"""The measurement of how smooth the explorers are."""

import asyncio

from benchmarks import explorers


def test_frames_drawing_and_a_sliders_answer_are_measured_while_it_trains():
    name, *numbers = asyncio.run(explorers.watch("circle, tanh 4 + 2", 0.8))
    frames, bits, bits_at_24, *others = map(float, numbers)
    assert name == "circle, tanh 4 + 2"
    assert 0 < frames <= 26
    assert 0 < min(bits, bits_at_24) <= max(bits, bits_at_24) < 10
    assert len(others) == 3  # drawing, the answer, steps
    assert min(others) > 0


def test_the_time_for_a_picture_is_a_median():
    times = iter([0, 0, 0, 0, *range(100)])
    assert explorers.median_time(lambda: next(times), rounds=5) < 0.01
    name, drawing = explorers.drawing("Softmax")
    assert name == "Softmax"
    assert float(drawing) > 0
