"""What the tests of small explorers share: a learner who turns all knobs at random."""

import ipywidgets as w
import numpy as np


def shake(explorer, changes=1000, seed=0, texts=("",)):
    """Change controls at random, without a loop; every 50th picture is really drawn.

    No error may be shown on the way.
    """
    rng = np.random.default_rng(seed)
    canvas = explorer._canvas
    draw, cheap = canvas.frame, lambda: b"not drawn"
    for i in range(changes):
        canvas.frame = draw if i % 50 == 0 else cheap
        control = explorer.controls[rng.integers(len(explorer.controls))]
        if isinstance(control, w.Button):
            control.click()
        elif isinstance(control, w.ToggleButton):
            control.value = not control.value
        elif isinstance(control, w.Text):
            control.value = texts[rng.integers(len(texts))]
        else:
            values = [
                option[1] if isinstance(option, tuple) else option for option in control.options
            ]
            control.value = values[rng.integers(len(values))]
        assert "Something went wrong" not in explorer.alert.value, explorer.alert.value
        said = explorer.status.value
        assert said
        assert "nan" not in said
    canvas.frame = draw
    explorer.post(lambda: None)
    assert explorer._task is None


def control(explorer, label):
    """Return the control of this description."""
    found = [c for c in explorer.controls if c.description == label]
    assert len(found) == 1, [c.description for c in explorer.controls]
    return found[0]


def said(explorer):
    return explorer.status.value.removeprefix('<div role="status">').removesuffix("</div>")
