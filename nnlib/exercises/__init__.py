"""What a lesson imports beside the package: exercises that are checked at once, and `source`."""

from nnlib.exercises._check import check, hint
from nnlib.exercises._progress import progress
from nnlib.exercises._quiz import quiz
from nnlib.exercises._source import source

__all__ = ["check", "hint", "progress", "quiz", "source"]
