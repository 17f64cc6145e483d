"""What holds for every test of a figure: it is drawn in the course's style, and closed."""

import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def no_figure_stays_open():
    plt.close("all")  # a doctest may have left one
    with plt.style.context("nnlib.course"):
        yield
    plt.close("all")
