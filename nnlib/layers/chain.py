"""What a network and a block share: layers in a row, whose numbers bear the names of their places.

``2.0.W`` is the W of the first layer in the block that is the third layer of a network.
"""

import copy
import weakref
from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from .._typing import Array, Shape
from .._validation import by_hand, flag
from .layer import Layer


class Chain(Layer):
    """Layers in a row, as one layer: the output of each is the input of the next.

    A block of your own is a subclass that changes `forward` and `backward`, as `Residual` does, and
    `output_shape`, if that is another than the last layer's.

    Parameters
    ----------
    *layers : Layer
        New layers, each used once. Their numbers come from the network around them; only a
        `Sequential` that was given an rng, or whose numbers have changed since, keeps its own.

    Raises
    ------
    ValueError
        If there is no layer, a layer already belongs to a network or block, or two do not fit.
    TypeError
        If something is not a layer.

    Examples
    --------
    >>> import nnlib as nn
    >>> class Gate(nn.Chain):                # A = X ⊙ F(X)
    ...     def forward(self, X, *, train=False):
    ...         F = super().forward(X, train=train)
    ...         if train:
    ...             self.both = X, F
    ...         return X * F
    ...
    ...     def backward(self, dA, *, input_grad=True):
    ...         X, F = self.both
    ...         return dA * F + super().backward(dA * X)
    >>> net = nn.Sequential(nn.Dense(2, 3), Gate(nn.Dense(3, 3), nn.Sigmoid()), nn.Dense(3, 1))
    >>> nn.check_gradients(net, nn.MeanSquaredError(), np.ones((4, 2)), np.zeros(4)).ok
    True
    """

    may_overflow = True

    lowest = 0
    """Place of the first layer with parameters that are trained: no gradient is needed before."""

    def __init__(self, *layers: Layer) -> None:
        super().__init__()
        self.layers = layers
        self._check_layers()
        self.input_shape = layers[0].input_shape
        self.random = any(layer.random for layer in layers)
        self.smallest_batch = max(layer.smallest_batch for layer in layers)
        self.output_shape(None)
        self._claim()

    def _check_layers(self) -> None:
        """Make sure that these are new layers."""
        if not self.layers:
            raise ValueError("layers: expected at least one layer, got none: add nnlib.Dense(…)")
        for i, layer in enumerate(self.layers):
            if not isinstance(layer, Layer):
                hint = "call it: " if isinstance(layer, type) else "layers go in one by one, e.g. "
                raise TypeError(f"layers[{i}]: expected a layer, got {layer!r}: {hint}nnlib.ReLU()")
            if layer.owned or any(layer is other for other in self.layers[:i]):
                raise ValueError(
                    f"layers[{i}]: {layer!r} already belongs to a network; a layer is used once: "
                    f"make a new {layer!r}"
                )

    def _claim(self) -> None:
        """Become the owner of the layers."""
        for layer in self.layers:
            layer.owner = weakref.ref(self)

    def named_layers(self) -> dict[str, Layer]:
        """Name all layers by their places, ``0``, ``2.0``, …: those inside of blocks, not these."""
        found: dict[str, Layer] = {}
        for i, layer in enumerate(self.layers):
            inside = layer.named_layers() if isinstance(layer, Chain) else {"": layer}
            found |= {f"{i}.{name}".rstrip("."): a for name, a in inside.items()}
        return found

    def blocks(self) -> Iterator["Chain"]:
        """List the chains among the layers, and those within these."""
        for layer in self.layers:
            if isinstance(layer, Chain):
                yield layer
                yield from layer.blocks()

    @property
    def frozen(self) -> bool:
        """Whether all layers are frozen; assigning freezes all of them, or none."""
        return all(layer.frozen for layer in self.layers)

    @frozen.setter
    def frozen(self, frozen: bool) -> None:
        frozen, layers = flag("frozen", frozen), self.named_layers().values()
        if any(layer.frozen != frozen for layer in layers):
            for layer in layers:
                layer._frozen = frozen
            self.rearrange()

    def shapes(self) -> dict[str, Shape]:
        """Name the parameters of all layers and their shapes: ``0.W``, ``0.b``, …"""
        layers = self.named_layers().items()
        return {f"{i}.{name}": shape for i, a in layers for name, shape in a.shapes().items()}

    def buffer_shapes(self) -> dict[str, Shape]:
        """Name what the layers remember between batches but do not train."""
        layers = self.named_layers().items()
        return {
            f"{i}.{name}": shape for i, a in layers for name, shape in a.buffer_shapes().items()
        }

    def initialize(self, rng: np.random.Generator) -> None:
        """Give all layers first values, each from random numbers of its own."""
        # Those without parameters, such as Dropout, come last and shift nobody's first values.
        random = sorted((a for a in self.layers if a.random), key=lambda a: not a.shapes())
        own = dict(zip(random, rng.spawn(len(random)), strict=True))
        for layer in self.layers:
            layer.initialize(own.get(layer, rng))

    @by_hand(lambda chain, *args, **options: chain.checked_input(*args, **options))
    def forward(self, X: Array, *, train: bool = False) -> Array:
        """Pass a batch through all layers, first to last."""
        A = X
        for layer in self.layers:
            A = layer.forward(A, train=train)
        if train:
            self.cache = A.shape
        return A

    @by_hand(lambda chain, *args, **options: chain.checked_gradient(*args, **options))
    def backward(self, dZ: Any, *, input_grad: bool = True) -> Array | None:
        """Pass ∂L/∂output back through all layers, last to first."""
        lowest = 0 if input_grad else self.lowest  # nothing below it is trained
        dA = dZ
        for i in reversed(range(lowest, len(self.layers))):
            dA = self.layers[i].backward(dA, input_grad=i > lowest or input_grad)
        return dA if input_grad else None

    def checked_input(self, X: Any, /, **options: Any) -> tuple[Any, dict[str, Any]]:
        """Check what is handed to `forward` by hand; a network does, a block takes it as it is."""
        return (X,), options

    checked_gradient = checked_input

    def output_shape(self, shape: Shape | None) -> Shape | None:
        """Shape of one example after the last layer."""
        return self.shapes_after(shape)[-1]

    def shapes_after(self, shape: Shape | None) -> list[Shape | None]:
        """Follow the shape of one example (None: not known yet) through the layers.

        Raises
        ------
        ValueError
            Where two layers do not fit, or the first does not fit the example.
        """
        shapes: list[Shape | None] = []
        for i, layer in enumerate(self.layers):
            try:
                shape = layer.output_shape(shape)
            except ValueError as error:
                before = f" after {self.layers[i - 1]!r}" if i else ""
                raise ValueError(f"layers[{i}]: {layer!r}{before}: {error}") from None
            shapes.append(shape)
        return shapes

    def footprint(self, shape: Shape | None) -> int:
        """Count the numbers in the largest array that forward makes of one example."""
        before = [shape, *self.shapes_after(shape)[:-1]]
        return max(a.footprint(s) for a, s in zip(self.layers, before, strict=True))

    def __copy__(self) -> Self:
        """Copy the layers, too: two chains cannot share one."""
        return copy.deepcopy(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._claim()

    def __repr__(self) -> str:
        inside = "".join(f"{layer!r},\n" for layer in self.layers).replace("\n", "\n    ")
        return f"{type(self).__name__}(\n    {inside[:-4]})"
