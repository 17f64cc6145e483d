"""The exercises and questions of each lesson, as data."""

NOTEBOOKS = {
    "00": ("Start here", "00_start_here.ipynb"),
    "01": ("Forward pass", "01_forward_pass.ipynb"),
    "02": ("Activations", "02_activations.ipynb"),
    "03": ("Softmax and cross-entropy", "03_softmax_cross_entropy.ipynb"),
    "04": ("Backprop", "04_backprop.ipynb"),
    "05": ("Gradient checking", "05_gradient_checking.ipynb"),
    "06": ("Optimizers", "06_optimizers.ipynb"),
    "07": ("Initialization", "07_initialization.ipynb"),
    "16": ("How fast", "16_how_fast.ipynb"),
}
"""What each lesson is called, and the file it stands in, beside those of the others."""
