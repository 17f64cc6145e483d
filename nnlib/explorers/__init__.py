"""Explorers: turn the knobs of the very functions that the lessons derive, and see what happens."""

from nnlib.explorers.activations import Activations
from nnlib.explorers.digit_pad import DigitPad
from nnlib.explorers.gradient_check import GradientCheck
from nnlib.explorers.kernel import Kernel
from nnlib.explorers.learning_rate import LearningRate
from nnlib.explorers.playground import Playground
from nnlib.explorers.race import OptimizerRace
from nnlib.explorers.regularization import Regularization
from nnlib.explorers.signal import SignalPropagation
from nnlib.explorers.softmax import Softmax

__all__ = [
    "Activations",
    "DigitPad",
    "GradientCheck",
    "Kernel",
    "LearningRate",
    "OptimizerRace",
    "Playground",
    "Regularization",
    "SignalPropagation",
    "Softmax",
]
