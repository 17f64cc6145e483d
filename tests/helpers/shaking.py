"""What the tests of explorers share: finding a control, reading, turning all knobs at random."""

import asyncio
import io
from unittest.mock import patch

import ipywidgets as w
import numpy as np
from PIL import Image

from nnlib.course.kit.canvas import Canvas

BLANK = np.full((1, 1, 4), 255, np.uint8)
"""A picture that costs nothing."""


def turn(control, rng, texts=("",)):
    """Change a control at random, as far as it is one for fingers."""
    if control.disabled or isinstance(control, (w.Textarea, w.FileUpload)):
        return
    if isinstance(control, w.Button):
        control.click()
    elif isinstance(control, w.ToggleButton):
        control.value = not control.value
    elif isinstance(control, w.Text):
        control.value = texts[rng.integers(len(texts))]
    elif hasattr(control, "options"):
        control.index = int(rng.integers(len(control.options)))
    else:  # a box for a number
        low, high = getattr(control, "min", -6), getattr(control, "max", 6)
        control.value = type(control.value)(rng.uniform(low, high))


def shake(explorer, seed=0, changes=1000, texts=("",), after=lambda i: None):
    """Change controls at random, without a loop, every third time Step; call after(i) each time.

    No error may be shown on the way. Every 50th picture is really drawn.
    """
    rng = np.random.default_rng(seed)
    draw, i = Canvas.frame, 0

    def frame(canvas):
        return draw(canvas) if i % 50 == 0 else BLANK

    with patch.object(Canvas, "frame", frame):
        for i in range(changes):
            step = getattr(explorer, "step_button", None)
            if step is not None and i % 3 == 0:
                step.click()
            else:
                turn(explorer.controls[rng.integers(len(explorer.controls))], rng, texts)
            after(i)
            alert, status = explorer.alert.value, explorer.status.value
            assert "Something went wrong" not in alert, alert
            assert status
            assert "nan" not in status, status
    explorer.post(lambda: None)
    assert explorer._task is None


def control(explorer, label):
    """Return the control of this description."""
    controls = [c for c in explorer.controls if c.description == label]
    assert len(controls) == 1, [c.description for c in explorer.controls]
    return controls[0]


def status(explorer):
    """Return what is said of the present state, without its markup."""
    return explorer.status.value.removeprefix('<div role="status">').removesuffix("</div>")


def pixels(file):
    """Return the colours of a picture file, (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))


def tasks():
    """Return the tasks of explorers that are at work."""
    return [task for task in asyncio.all_tasks() if task.get_name().startswith("nnlib")]
