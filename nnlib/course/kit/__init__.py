"""What explorers are made of: `Explorer` says how to write one, `Canvas` draws its picture.

`numbers` are the values of a slider, `Pixels` what a picture is. For special wishes there are parts
of a picture that cost little (`Line`, `Stamp`, `Texts`, `ON_CURVES`), long curves (`thinned`,
`longer`), parts that answer to pointer and keys (`Part`), a pad to draw on (`Pad`), a button that
copies a text (`Copy`), and in `nnlib.course.kit.digits` what makes a drawing a network's input.
"""

from nnlib._optional import needed_by

with needed_by("nnlib.course.kit"):
    from nnlib.course.kit.canvas import ON_CURVES, Canvas, Line, Pixels, Stamp, Texts
    from nnlib.course.kit.controls import numbers
    from nnlib.course.kit.copy import Copy
    from nnlib.course.kit.curves import longer, thinned
    from nnlib.course.kit.explorer import Explorer
    from nnlib.course.kit.pad import Pad
    from nnlib.course.kit.parts import Part

__all__ = [
    "ON_CURVES",
    "Canvas",
    "Copy",
    "Explorer",
    "Line",
    "Pad",
    "Part",
    "Pixels",
    "Stamp",
    "Texts",
    "longer",
    "numbers",
    "thinned",
]
