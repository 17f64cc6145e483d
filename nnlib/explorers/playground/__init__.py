"""The playground: a small network that trains under one's eyes, and all its knobs."""

from nnlib.explorers.playground.panel import Playground

__all__ = ["Playground"]
