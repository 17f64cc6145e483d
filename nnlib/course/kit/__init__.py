"""What an explorer is made of: controls and a loop, a canvas, digits to look at, a pad, clicks."""

from nnlib.course.kit.canvas import ON_CURVES, Canvas, Line, Pixels, Stamp, Texts
from nnlib.course.kit.clicks import Clicks
from nnlib.course.kit.curves import longer, thinned
from nnlib.course.kit.explorer import Explorer, numbers
from nnlib.course.kit.pad import Pad

__all__ = [
    "ON_CURVES",
    "Canvas",
    "Clicks",
    "Explorer",
    "Line",
    "Pad",
    "Pixels",
    "Stamp",
    "Texts",
    "longer",
    "numbers",
    "thinned",
]
