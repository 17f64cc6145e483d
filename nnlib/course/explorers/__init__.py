"""Explorers: turn the knobs of the very functions that the lessons derive, and see what happens.

A new one is a file here: a class `Experiment`, which knows no widgets, and below it a subclass of
`nnlib.course.kit.Explorer`, whose name is then written twice in this file. The tests that hold for
all explorers find it here.
"""

from nnlib._optional import needed_by

with needed_by("nnlib.course.explorers"):
    from nnlib.course.explorers.activations import Activations
    from nnlib.course.explorers.backprop_graph import BackpropGraph
    from nnlib.course.explorers.digit_pad import DigitPad
    from nnlib.course.explorers.gradient_check import GradientCheck
    from nnlib.course.explorers.kernel import Kernel
    from nnlib.course.explorers.layer_lines import LayerLines
    from nnlib.course.explorers.learning_rate import LearningRate
    from nnlib.course.explorers.normalization import Normalization
    from nnlib.course.explorers.race import OptimizerRace
    from nnlib.course.explorers.reading_curves import ReadingCurves
    from nnlib.course.explorers.regularization import Regularization
    from nnlib.course.explorers.signal import SignalPropagation
    from nnlib.course.explorers.softmax import Softmax
    from nnlib.course.playground import Playground

__all__ = [
    "Activations",
    "BackpropGraph",
    "DigitPad",
    "GradientCheck",
    "Kernel",
    "LayerLines",
    "LearningRate",
    "Normalization",
    "OptimizerRace",
    "Playground",
    "ReadingCurves",
    "Regularization",
    "SignalPropagation",
    "Softmax",
]
