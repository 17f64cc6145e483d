"""Explorers: turn the knobs of the very functions that the lessons derive, and see what happens."""

from nnlib.explorers.activations import Activations

__all__ = ["Activations"]
