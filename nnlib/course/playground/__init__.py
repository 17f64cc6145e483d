"""The playground: a small network that trains under one's eyes, and all its knobs."""

from nnlib._optional import needed_by

with needed_by("nnlib.course.playground"):
    from nnlib.course.playground.playground import Playground

__all__ = ["Playground"]
