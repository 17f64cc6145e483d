"""The residual block: layers that learn what is to be added to their input."""

from .._typing import Array, Shape
from .chain import Chain


class Residual(Chain):
    """A = X + F(X), dX = dA + the gradient that comes back through F, the layers in a row.

    The sum sends dA on as it is, past F: so a gradient gets through a hundred blocks.

    Parameters
    ----------
    *layers : Layer
        F: new layers, the last of which gives back the shape of the first one's input.

    Raises
    ------
    ValueError
        If F changes the shape of an example.

    Source: He, Zhang, Ren and Sun (2016), *Deep residual learning for image recognition*.

    Examples
    --------
    >>> import numpy as np, nnlib as nn
    >>> block = nn.Residual(nn.Dense(2, 3), nn.ReLU(), nn.Dense(3, 2))
    >>> net = nn.Sequential(block, nn.Dense(2, 1))
    >>> [*net.named_arrays()]
    ['0.0.W', '0.0.b', '0.2.W', '0.2.b', '1.W', '1.b']
    >>> block.layers[2].W = np.zeros((3, 2))             # F = 0
    >>> block.forward(np.array([[1.0, -2.0]]))
    array([[ 1., -2.]])
    """

    def output_shape(self, shape: Shape | None) -> Shape | None:
        """Shape of one example, which stays what it is."""
        before = self.input_shape if shape is None else shape
        after = super().output_shape(shape)
        if before is not None and after not in (None, before):
            raise ValueError(
                f"expected layers that give back the shape of their input, {before}, got {after}: "
                "let the last of them do so"
            )
        return after if before is None else before

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """A = X + F(X), shape of X."""
        return X + super().forward(X, train=train)

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array | None:
        """dX = dA + dF, with dF what comes back through the layers."""
        dF = super().backward(dA, input_grad=input_grad)
        return None if dF is None else dA + dF
