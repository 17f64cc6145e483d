"""The network: layers in a row, and the one owner of all their numbers."""

import copy
import math
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from ._files import StrPath, opened
from ._typing import Array, Seed, Shape
from ._validation import (
    by_hand,
    finite,
    float_type,
    generator,
    instance,
    real,
    shape_text,
)
from ._watch import new_mark
from .layers import Layer
from .layers.layer import View, split


class Snapshot(NamedTuple):
    """Copies of a network's parameters and buffers."""

    params: Array
    buffers: Array


class Sequential:
    """Layers in a row: the output of each is the input of the next.

    All parameters lie in one flat vector θ, `params`, all gradients in another, `grads`, in the
    same order: matrices first, then vectors. ``layer.W`` and ``layer.dW`` are views into them, so
    an optimizer moves the whole network in one go.

    Parameters
    ----------
    *layers : Layer
        New layers, each used once.
    rng : int or numpy.random.Generator
        Where first values come from, and the layers' own random numbers. The same int gives the
        same network, so that networks to be compared or averaged need ints of their own.
    dtype : numpy.float64 or numpy.float32
        The dtype of all numbers of the network, its outputs included.

    Attributes
    ----------
    params, grads : ndarray of shape (p,)
        All parameters, and the gradient of the loss with respect to them.
    buffers : ndarray
        What layers remember between batches but do not train, such as running means.
    matrices : slice
        Where the weight matrices lie in `params`: all weights, no biases.

    Raises
    ------
    ValueError
        If there is no layer, a layer already belongs to a network, or two layers do not fit.
    TypeError
        If something is not a layer, or rng or dtype is of another kind.

    Examples
    --------
    >>> import numpy as np, nnlib as nn
    >>> net = nn.Sequential(nn.Dense(2, 3), nn.ReLU(), nn.Dense(3, 1), rng=0)
    >>> net.forward(np.ones((5, 2))).shape, net.params.shape
    ((5, 1), (13,))
    """

    params, grads, buffers = View(), View(), View()

    may_overflow = True

    _backward_shape: Shape | None = None
    """Shape of the output that `backward` may follow; None: there is none."""

    _fitting: Shape | None = None
    """Shape of an example that is known to fit all layers."""

    def __init__(self, *layers: Layer, rng: Seed = 0, dtype: npt.DTypeLike = np.float64) -> None:
        self.dtype = float_type(dtype)
        self.layers = layers
        self._check_layers()
        self.input_shape, self.output_shape = layers[0].input_shape, self.shapes_after(None)[-1]
        rng = generator(rng)
        self._allocate()
        self.mark = new_mark()
        # Those without parameters, such as Dropout, come last and shift nobody's first values.
        random = sorted((a for a in layers if a.random), key=lambda a: not a.shapes())
        own = dict(zip(random, rng.spawn(len(random)), strict=True))
        try:
            for i, layer in enumerate(layers):
                layer.initialize(own.get(layer, rng))
                self._check_first_values(i)
        except BaseException:
            for layer in layers:
                layer.bind(None)
            raise

    def _checked_input(self, X: Any, **options: Any) -> tuple[Any, dict[str, Any]]:
        """Check a batch."""
        return (self.check_input(X),), options

    def _checked_gradient(self, dZ: Any, **options: Any) -> tuple[Any, dict[str, Any]]:
        """Check what comes back from the loss."""
        if self._backward_shape is None:
            raise RuntimeError(
                "backward came before forward: call net.forward(X, train=True) first "
                "(one with train=False keeps nothing for backward)"
            )
        dZ = real("dZ", dZ, self.dtype)
        if dZ.shape != self._backward_shape:
            raise ValueError(
                f"dZ: expected the shape of the last output, {self._backward_shape}, "
                f"got {dZ.shape}: dZ is one number for each output"
            )
        return (dZ,), options

    @by_hand(_checked_input)
    def forward(self, X: Array, *, train: bool = False) -> Array:
        """Pass a batch through all layers, first to last.

        Parameters
        ----------
        X : ndarray of shape (n, d_in)
            A batch, converted to the network's dtype.
        train : bool
            Whether `backward` will follow; layers that behave differently in training do so.

        Returns
        -------
        ndarray of shape (n, d_out)
        """
        A = X
        for layer in self.layers:
            A = layer.forward(A, train=train)
        if train:
            self._backward_shape = A.shape
        return A

    @by_hand(_checked_gradient)
    def backward(self, dZ: Any, *, input_grad: bool = False) -> Array | None:
        """Pass ∂L/∂output back through all layers, last to first, and fill `grads`.

        Gradients are overwritten, not added up. ∂L/∂X of the data is computed, and returned, only
        with ``input_grad=True``: nobody trains the data.

        Parameters
        ----------
        dZ : ndarray of the output's shape
            From the loss: ``value, dZ = loss.value_and_grad(Z, y)``.
        """
        dA = dZ
        for i in reversed(range(len(self.layers))):
            dA = self.layers[i].backward(dA, input_grad=i > 0 or input_grad)
        return dA if input_grad else None

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

    def snapshot(self) -> Snapshot:
        """Copy parameters and buffers, to come back to with `restore`."""
        return Snapshot(self.params.copy(), self.buffers.copy())

    def restore(self, snapshot: Snapshot) -> None:
        """Bring back the parameters and buffers of a snapshot."""
        instance("snapshot", snapshot, Snapshot, "pass what net.snapshot() returned")
        for name, copied in snapshot._asdict().items():
            ours, theirs = getattr(self, name), real(f"snapshot.{name}", copied)
            if theirs.shape != ours.shape:
                raise ValueError(
                    f"snapshot: expected {ours.size} {name}, got {theirs.size}: "
                    "pass what this network's snapshot() returned"
                )
        self.params, self.buffers = snapshot

    def named_arrays(self) -> dict[str, Array]:
        """Name all parameters and buffers: ``0.W``, ``0.b``, …; they are views."""
        return {
            f"{i}.{name}": getattr(layer, name)
            for i, layer in enumerate(self.layers)
            for name in (*layer.shapes(), *layer.buffer_shapes())
        }

    def load_weights(self, path: StrPath) -> None:
        """Copy parameters and buffers out of a safetensors file that has them by their names.

        The file may come from anywhere: what it holds is not checked against a checksum, as
        `nnlib.Model.load` does; names and shapes must fit, and the numbers are taken as they are.

        Raises
        ------
        ValueError
            If a name is missing or left over, or a shape is another. The network is then as before.
        """
        self.take_arrays(path, opened(path)[1])

    def take_arrays(
        self, path: StrPath, arrays: Mapping[str, Array], ours: dict[str, Array] | None = None
    ) -> None:
        """Copy arrays that came from a file into views of the same names; all of them fit.

        ours : dict of views, or None for `named_arrays`.
        """
        fit = "build the network of which these are the parameters"
        ours = self.named_arrays() if ours is None else ours
        theirs = {k: a for k, a in arrays.items() if k.partition(".")[0].isdigit()}
        if ours and not theirs:  # none has a name of ours: list them all
            theirs = dict(arrays)
        for name in (*ours, *theirs):
            if name not in ours or name not in theirs:
                raise ValueError(
                    f"{path}: expected {', '.join(ours)}, got {', '.join(theirs) or 'nothing'}; "
                    f"{name} is {'missing' if name in ours else 'left over'}: {fit}, or write them "
                    "under the names expected"
                )
            if ours[name].shape != theirs[name].shape:
                raise ValueError(
                    f"{path}: expected {name} of shape {ours[name].shape}, "
                    f"got {theirs[name].shape}: {fit}"
                )
        for name, view in ours.items():
            view[...] = theirs[name]

    def astype(self, dtype: npt.DTypeLike) -> Self:
        """Copy the network into another dtype: float64 for exact checks, float32 for speed."""
        twin, snapshot = copy.deepcopy(self), self.snapshot()
        twin.dtype = float_type(dtype)
        twin._allocate()
        twin.restore(snapshot)
        return twin

    def _check_layers(self) -> None:
        """Make sure these are new layers."""
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

    def _check_first_values(self, i: int) -> None:
        """Make sure that training can begin there: of NaN nothing is learned."""
        layer = self.layers[i]
        remedy = f"{layer!r} starts from these, so let its init give finite ones"
        for name in layer.shapes():
            finite(f"layers[{i}].{name}", getattr(layer, name), remedy)

    def _allocate(self) -> None:
        """Make the flat vectors, and hand each layer the views of its own numbers."""
        views: list[dict[str, Array]] = [{} for _ in self.layers]

        def vector(entries: list[tuple[int, str, Shape]], prefix: str = "") -> Array:
            shapes = [shape for _, _, shape in entries]
            flat = np.zeros(sum(map(math.prod, shapes)), self.dtype)
            for (i, name, _), view in zip(entries, split(flat, shapes), strict=True):
                views[i][prefix + name] = view
            return flat

        layers = list(enumerate(self.layers))
        weights = [(i, name, shape) for i, a in layers for name, shape in a.shapes().items()]
        weights.sort(key=lambda entry: len(entry[2]) < 2)  # stable: matrices first, then vectors
        extras = [(i, name, shape) for i, a in layers for name, shape in a.buffer_shapes().items()]
        self.matrices = slice(0, sum(math.prod(s) for _, _, s in weights if len(s) > 1))
        self._views: dict[str, Array] | None = {
            "params": vector(weights),
            "grads": vector(weights, "d"),
            "buffers": vector(extras),
        }
        for layer, layer_views in zip(self.layers, views, strict=True):
            layer.bind(layer_views)
        self._backward_shape = None

    def check_input(self, X: Any) -> Array:
        """Check a batch and convert it to the network's dtype."""
        X = real("X", X, self.dtype)
        expected = self.input_shape
        if X.ndim < 2 or (expected is not None and X.shape[1:] != expected):
            wanted = "(n, d)" if expected is None else shape_text(expected)
            remedy = "one row for each example"
            if X.shape == expected:
                remedy = "for a single example use X[np.newaxis]"
            raise ValueError(f"X: expected shape {wanted}, got {X.shape}: {remedy}")
        if len(X) == 0:
            raise ValueError("X: expected at least one example, got an empty batch")
        if X.shape[1:] != self._fitting:
            self.shapes_after(X.shape[1:])
            self._fitting = X.shape[1:]
        finite("X", X, "fill in or leave out what is missing before training")
        return X

    def __copy__(self) -> Self:
        """Copy the whole network: two networks cannot share a layer."""
        return copy.deepcopy(self)

    def __getstate__(self) -> dict[str, Any]:
        """Keep layers, parameters and buffers; leave out gradients and the pass under way."""
        left_out = ("_views", "_backward_shape", "_fitting")
        state = {k: v for k, v in self.__dict__.items() if k not in left_out}
        return state | {"snapshot": self.snapshot()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make new vectors, bind the layers to them, and copy the values in."""
        snapshot = state.pop("snapshot")
        self.__dict__.update(state)
        self._allocate()
        self.restore(snapshot)

    def __repr__(self) -> str:
        dtype = "" if self.dtype == np.float64 else f"    dtype=numpy.{self.dtype},\n"
        return "Sequential(\n" + "".join(f"    {layer!r},\n" for layer in self.layers) + dtype + ")"
