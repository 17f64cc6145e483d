"""What a lesson imports beside the package: exercises that are checked at once, and `source`.

In a notebook, to import it makes figures sharp, too.
"""

from nnlib.course.exercises.check import case, check, hint
from nnlib.course.exercises.progress import progress
from nnlib.course.exercises.quiz import quiz
from nnlib.course.exercises.source import source
from nnlib.course.sharp import sharp_figures

__all__ = ["case", "check", "hint", "progress", "quiz", "source"]

sharp_figures()
