"""A drawing, and a network that looks at it: the digit pad without its widgets."""

import functools
from typing import Any

import numpy as np

import nnlib as nn
from nnlib._typing import Array, Shape
from nnlib.explorers._drawing import (
    SIDE,
    Strokes,
    digits,
    digits_like,
    mnist_like,
    paper,
    rendered,
    shrunk,
    slanted,
)

LIKE = {8: digits_like, 28: mnist_like}
"""How a drawing is prepared, by the side of the images that the network has learned from."""

WIDTHS = {"thin": 0.06, "medium": 0.1, "thick": 0.14, "brush": 0.2}

THICKEST = 3.0
"""A drawing has to be so many times as large as its lines are thick."""


@functools.cache
def trained() -> nn.Model:
    """Train a small network on the 8×8 digits, in a second.

    Each digit is there three times, twice redrawn with another slant: those who draw here have
    other hands, and another pen, than the writers of the data set.
    """
    data, rng = digits(), np.random.default_rng(0)
    papers = [paper(x.reshape(8, 8)) for x in data.X_train]
    redrawn = [digits_like(slanted(pixels, rng)) for _ in range(2) for pixels in papers]
    layers = [nn.Dense(64, 64), nn.ReLU(), nn.Dense(64, 32), nn.ReLU(), nn.Dense(32, 10)]
    model = nn.Model(nn.Sequential(*layers, rng=0), nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.003))
    X, y = np.concatenate([data.X_train, redrawn]), np.tile(data.y_train, 3)
    model.fit(X, y, epochs=15, rng=0)
    return model


def example_shape(net: nn.Sequential) -> Shape:
    """Find out which images a network takes, (64,), (784,), (1, 8, 8) or (1, 28, 28)."""
    for side in LIKE:
        for shape in ((side * side,), (1, side, side)):
            try:
                after = net.shapes_after(shape)[-1]
            except ValueError:
                continue
            if after == (10,):
                return shape
    raise ValueError(
        "model: expected a network from 64 (8×8) or 784 (28×28) pixels to 10 classes, got one from "
        f"{net.input_shape or 'any shape'} to {net.output_shape or 'any shape'}: "
        "train one on nn.load_digits() or nn.load_mnist(), or call DigitPad() for a trained one"
    )


class Model:
    """A drawing, and a network that looks at it.

    Parameters
    ----------
    source : nnlib.Model or nnlib.Sequential
        The network; None: a small one, trained on the 8×8 digits.
    """

    def __init__(self, source: nn.Model | nn.Sequential | None = None) -> None:
        source = trained() if source is None else source
        if not isinstance(source, (nn.Model, nn.Sequential)):
            raise TypeError(
                "model: expected an nnlib.Model or nnlib.Sequential, "
                f"got {type(source).__name__}: call DigitPad() for a trained one"
            )
        self.source = source
        self.net = source.net if isinstance(source, nn.Model) else source
        self._shape = example_shape(self.net)
        self.side = self._shape[-1] if len(self._shape) > 1 else int(self._shape[0] ** 0.5)
        self.strokes: Strokes = []
        self.width, self.prepared, self.example = WIDTHS["medium"], True, -1
        self._drawn: tuple[Any, Array] = (None, np.zeros(0))

    @property
    def base(self) -> Array:
        """The test digit that lies below the strokes, or nothing."""
        if self.example < 0:
            return np.zeros((SIDE, SIDE))
        return paper(digits().X_test[self.example].reshape(8, 8))

    @property
    def meant(self) -> int | None:
        """The label of the test digit."""
        return None if self.example < 0 else int(digits().y_test[self.example])

    @property
    def pixels(self) -> Array:
        """The whole drawing."""
        what = (self.strokes, self.width, self.example)
        if self._drawn[0] != what:  # words and picture ask for the same
            self._drawn = what, np.maximum(self.base, rendered(self.strokes, self.width))
        return self._drawn[1]

    @property
    def empty(self) -> bool:
        """Whether nothing is drawn."""
        return not self.strokes and self.example < 0

    def look(self) -> tuple[Array, Array, list[Array]]:
        """Return the network's input x, the probabilities P, and the outputs of hidden layers."""
        pixels = self.pixels
        x = LIKE[self.side](pixels) if self.prepared else shrunk(pixels, self.side)
        A = x.reshape(1, *self._shape).astype(self.net.dtype)
        hidden = []
        for layer in self.net.layers:
            A = layer.forward(A)
            if not layer.shapes() and type(layer) not in _UNSEEN:
                hidden.append(A.ravel())
        last = self.net.layers[-1]
        if not last.shapes() and type(last) not in _UNSEEN:
            del hidden[-1]  # it is the answer
        return x, self._probabilities(A).ravel().astype(float), hidden[-2:]

    def _probabilities(self, Z: Array) -> Array:
        if isinstance(self.source, nn.Model):
            return self.source.loss.probabilities(Z)
        return Z if isinstance(self.net.layers[-1], nn.Softmax) else nn.softmax(Z)

    def undo(self) -> None:
        """Take back the last line; where there is none, the test digit."""
        if self.strokes:
            self.strokes = self.strokes[:-1]
        else:
            self.example = -1

    def clear(self) -> None:
        """Take a new sheet."""
        self.strokes, self.example = [], -1

    def words(self) -> str:
        """Say it."""
        if self.empty:
            return "The pad is empty: draw a digit from 0 to 9, large, with one or more lines."
        P = self.look()[1]
        first, second = np.argsort(P)[:-3:-1]
        guesses = (
            f"{article(first)} ({percent(P[first])}), then {article(second)} ({percent(P[second])})"
        )
        said = f"It sees {guesses}."
        if self.meant is not None:
            said += f" The writer of this test digit meant {article(self.meant)}."
        if not self.prepared:
            said += " The drawing is not centred and scaled: the network gets the paper as it is."
        elif self.blurred:
            said += " For so small a drawing the pen is thick, and its lines run together."
        return said

    @property
    def blurred(self) -> bool:
        """Whether the lines are so thick, for the size of the drawing, that they fill it."""
        points = [point for line in self.strokes for point in line]
        if not points or self.example >= 0:
            return False
        return bool(np.ptp(points, axis=0).max() < THICKEST * self.width)


_UNSEEN = (nn.Flatten, nn.Reshape, nn.Dropout)
"""Layers that hand on what they get."""


def article(digit: int) -> str:
    """Name a digit."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


def percent(p: float) -> str:
    """Round, but call nothing certain."""
    return "> 99 %" if p >= 0.995 else "< 1 %" if p < 0.005 else f"{100 * p:.0f} %"
