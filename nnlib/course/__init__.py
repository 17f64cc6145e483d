"""What a lesson imports beside the package: exercises that are checked at once, and `source`."""

from nnlib.course.exercises.check import case, check, hint
from nnlib.course.exercises.progress import progress
from nnlib.course.exercises.quiz import quiz
from nnlib.course.exercises.source import source

__all__ = ["case", "check", "hint", "progress", "quiz", "source"]
