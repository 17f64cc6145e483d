"""Figures of the course: each function draws into matplotlib Axes and returns them.

``matplotlib.style.use("nnlib.course")`` gives them the course's look.
"""

from nnlib._optional import needed_by

with needed_by("nnlib.plots"):
    from nnlib.plots.calibration import calibration
    from nnlib.plots.curves import learning_curve, schedule, training_curves
    from nnlib.plots.filters import feature_maps, filters, first_layer_weights
    from nnlib.plots.inside import activation_histograms, gradient_histograms
    from nnlib.plots.predictions import confusion_matrix, decision_boundary, sample_predictions
    from nnlib.plots.saliency import saliency
    from nnlib.plots.style import MARKERS, PALETTE
    from nnlib.plots.surface import loss_surface

__all__ = [
    "MARKERS",
    "PALETTE",
    "activation_histograms",
    "calibration",
    "confusion_matrix",
    "decision_boundary",
    "feature_maps",
    "filters",
    "first_layer_weights",
    "gradient_histograms",
    "learning_curve",
    "loss_surface",
    "saliency",
    "sample_predictions",
    "schedule",
    "training_curves",
]
