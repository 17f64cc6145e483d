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
    "08": ("Training loop", "08_training_loop.ipynb"),
    "09": ("Regularization", "09_regularization.ipynb"),
    "10": ("Normalization", "10_normalization.ipynb"),
    "11": ("Digits, end to end", "11_digits.ipynb"),
    "12": ("MNIST", "12_mnist.ipynb"),
    "13": ("Convolution", "13_convolution.ipynb"),
    "14": ("Hyperparameters", "14_hyperparameters.ipynb"),
    "15": ("Bugs in the wild", "15_bugs_in_the_wild.ipynb"),
    "16": ("How fast", "16_how_fast.ipynb"),
}
"""What each lesson is called, and the file it stands in, beside those of the others."""
