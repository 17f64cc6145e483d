"""Explorers: turn the knobs of the very functions that the lessons derive, and see what happens."""

from nnlib.explorers.activations import Activations
from nnlib.explorers.softmax import Softmax

__all__ = ["Activations", "Softmax"]
