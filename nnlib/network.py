"""The network: layers in a row, and the one owner of all their numbers."""

import copy
import math
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, Self
from zlib import crc32

import numpy as np
import numpy.typing as npt

from ._files import StrPath, opened
from ._typing import Array, Seed, Shape
from ._validation import (
    finite,
    float_type,
    generator,
    instance,
    real,
    shape_text,
)
from ._watch import new_mark
from .layers import Layer
from .layers.chain import Chain
from .layers.layer import View, split

Entry = tuple[str, str, Shape]
"""Where a layer stands, what its array is called, and how large it is."""


class _Copies(NamedTuple):
    params: Array
    buffers: Array


class Snapshot(_Copies):
    """Copies of a network's parameters and buffers."""

    frozen: tuple[str, ...] = ()
    """The layers that were frozen: their parameters lie in the buffers."""


class Sequential(Chain):
    """Layers in a row: the output of each is the input of the next.

    All parameters lie in one flat vector θ, `params`, all gradients in another, `grads`, in the
    same order: matrices first, then vectors. ``layer.W`` and ``layer.dW`` are views into them, so
    an optimizer moves the whole network in one go.

    A network may stand inside another, as one of its layers: its numbers lie in the vectors of the
    network around it from then on. One that was given an rng, or that was trained, loaded or
    assigned to since it was made, brings its numbers along; any other gets first values from the
    network around it. ``copy.copy(net)`` takes one with its numbers out of another.

    Parameters
    ----------
    *layers : Layer
        New layers, each used once; blocks and networks among them, too.
    rng : int or numpy.random.Generator, optional
        Where first values come from, and the layers' own random numbers; None is 0. The same int
        gives the same network, so that networks to be compared or averaged need ints of their own.
    dtype : numpy.float64 or numpy.float32
        The dtype of all numbers of the network, its outputs included.

    Attributes
    ----------
    params, grads : ndarray of shape (p,)
        All parameters, and the gradient of the loss with respect to them.
    buffers : ndarray
        What layers remember between batches but do not train, such as running means, and the
        parameters of layers that are `frozen`.
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
    >>> net(np.ones((5, 2))).shape, net.params.shape       # net(X) is net.forward(X)
    ((5, 1), (13,))
    >>> net.layers[0].frozen = True
    >>> net.params.shape, net.buffers.shape
    ((4,), (9,))
    """

    params, grads, buffers = View(), View(), View()

    may_overflow = True

    _anew = False
    """Whether `initialize` draws numbers, inside another network."""

    unsaved = ("rng", "dtype")
    """Options of which a file tells elsewhere."""

    _fitting: Shape | None = None
    """Shape of an example that is known to fit all layers."""

    _made: int | None = None
    """Checksum of the numbers that it was made with, if no rng was given."""

    def __init__(
        self, *layers: Layer, rng: Seed | None = None, dtype: npt.DTypeLike = np.float64
    ) -> None:
        self.dtype, source = float_type(dtype), generator(0 if rng is None else rng)
        super().__init__(*layers)
        self.mark = new_mark()
        own = [a for a in self.blocks() if isinstance(a, Sequential) and not a.inside]
        brought = [(a, a.dtype, a._numbers(), a._made == a._checksum()) for a in own]
        try:
            for network, *_, as_made in brought:
                network._anew = as_made
            self._allocate()
            super().initialize(source)
            self._check_first_values()
        except BaseException:
            self._release()
            for network, network.dtype, numbers, _ in brought:
                network._allocate()
                network._fill(numbers)
            raise
        self._made = self._checksum() if rng is None else None

    def initialize(self, rng: np.random.Generator) -> None:
        """Inside another network: keep the numbers that are there, if they are of its own."""
        if self._anew:
            super().initialize(rng)

    def _checksum(self) -> int:
        """Tell numbers from others."""
        return crc32(self.buffers.data, crc32(self.params.data))

    @property
    def inside(self) -> bool:
        """Whether the numbers lie in the vectors of a network around this one."""
        return self._views == {}

    def checked_input(self, X: Any, /, **options: Any) -> tuple[Any, dict[str, Any]]:
        """Check a batch."""
        return (self.check_input(X),), options

    def checked_gradient(self, dZ: Any, /, **options: Any) -> tuple[Any, dict[str, Any]]:
        """Check what comes back from the loss."""
        if self.cache is None:
            raise RuntimeError(
                "backward came before forward: call net.forward(X, train=True) first "
                "(one with train=False keeps nothing for backward)"
            )
        dZ = real("dZ", dZ, self.dtype)
        if dZ.shape != self.cache:
            raise ValueError(
                f"dZ: expected the shape of the last output, {self.cache}, "
                f"got {dZ.shape}: dZ is one number for each output"
            )
        return (dZ,), options

    def backward(self, dZ: Array, *, input_grad: bool = False) -> Array | None:
        """Pass ∂L/∂output back through all layers, last to first, and fill `grads`.

        Gradients are overwritten, not added up. ∂L/∂X of the data is computed, and returned, only
        with ``input_grad=True``: nobody trains the data.

        Parameters
        ----------
        dZ : ndarray of the output's shape
            From the loss: ``value, dZ = loss.value_and_grad(Z, y)``.
        """
        return super().backward(dZ, input_grad=input_grad)

    def snapshot(self) -> Snapshot:
        """Copy parameters and buffers, to come back to with `restore`."""
        made = Snapshot(self.params.copy(), self.buffers.copy())
        made.frozen = tuple(where for where, a in self.named_layers().items() if a.frozen)
        return made

    def restore(self, snapshot: Snapshot) -> None:
        """Bring back the parameters and buffers of a snapshot; what is frozen stays as it is."""
        instance("snapshot", snapshot, Snapshot, "pass what net.snapshot() returned")
        trained, others = self._entries(snapshot.frozen)
        parts: list[tuple[Entry, Array]] = []
        for name, entries in (("params", trained), ("buffers", others)):
            theirs = real(f"snapshot.{name}", getattr(snapshot, name))
            size = sum(math.prod(shape) for *_, shape in entries)
            if theirs.shape != (size,):
                raise ValueError(
                    f"snapshot: expected {size} {name}, got {theirs.size}: "
                    "pass what this network's snapshot() returned"
                )
            parts += zip(entries, split(theirs, [shape for *_, shape in entries]), strict=True)
        layers = self.named_layers()
        for (where, name, _), numbers in parts:
            getattr(layers[where], name)[...] = numbers

    def named_arrays(self) -> dict[str, Array]:
        """Name all parameters and buffers: ``0.W``, ``0.b``, …; they are views."""
        return {
            f"{where}.{name}": getattr(layer, name)
            for where, layer in self.named_layers().items()
            for name in (*layer.shapes(), *layer.buffer_shapes())
        }

    def _numbers(self) -> list[Array]:
        """Copy all parameters and buffers, whatever vectors they lie in."""
        return [view.copy() for view in self.named_arrays().values()]

    def _fill(self, numbers: list[Array]) -> None:
        """Bring back what `_numbers` has copied, of this network or of its twin."""
        for view, copied in zip(self.named_arrays().values(), numbers, strict=True):
            view[...] = copied

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
        twin = copy.deepcopy(self)
        twin.dtype = float_type(dtype)
        twin._allocate()
        return twin

    def rearrange(self) -> None:
        """Sort all numbers anew: those that are trained into `params`, others into `buffers`."""
        if self.inside:
            super().rearrange()
        else:
            self.mark = new_mark()  # what optimizers remember is about other vectors
            self._allocate()

    def _check_first_values(self) -> None:
        """Make sure that training can begin there: of NaN nothing is learned."""
        for where, layer in self.named_layers().items():
            remedy = f"{layer!r} starts from these, so let its init give finite ones"
            for name in layer.shapes():
                finite(f"layers[{where}].{name}", getattr(layer, name), remedy)

    def _release(self) -> None:
        """Set the layers free."""
        for layer in self.layers:
            layer.owner = None
        for layer in self.named_layers().values():
            layer.bind(None)

    def _entries(self, frozen: Collection[str]) -> tuple[list[Entry], list[Entry]]:
        """List what lies in `params`, matrices first, and in `buffers`: layer, name and shape."""
        layers = self.named_layers().items()
        weights = [(i, name, shape) for i, a in layers for name, shape in a.shapes().items()]
        weights.sort(key=lambda entry: len(entry[2]) < 2)  # stable: matrices first, then vectors
        extras = [(i, name, shape) for i, a in layers for name, shape in a.buffer_shapes().items()]
        trained = [entry for entry in weights if entry[0] not in frozen]
        return trained, [entry for entry in weights if entry[0] in frozen] + extras

    def _allocate(self) -> None:
        """Make the flat vectors, and hand each layer the views of its numbers, which it keeps."""
        layers = self.named_layers()
        views: dict[str, dict[str, Array]] = {where: {} for where in layers}

        def vector(entries: list[Entry], prefix: str = "") -> Array:
            shapes = [shape for *_, shape in entries]
            flat = np.zeros(sum(map(math.prod, shapes)), self.dtype)
            for (where, name, _), view in zip(entries, split(flat, shapes), strict=True):
                views[where][prefix + name] = view
                if not prefix and (before := layers[where]._views):
                    view[...] = before[name]
            return flat

        trained, others = self._entries([where for where, a in layers.items() if a.frozen])
        vector([entry for entry in others if entry[1] in layers[entry[0]].shapes()], "d")
        self.matrices = slice(0, sum(math.prod(s) for *_, s in trained if len(s) > 1))
        vectors = {"params": vector(trained), "grads": vector(trained, "d")}
        self._views = vectors | {"buffers": vector(others)}
        self.cache = None
        for where, layer in layers.items():
            layer.bind(views[where])
        for block in (self, *self.blocks()):
            block.lowest = next((i for i, a in enumerate(block.layers) if a.trainable), 0)
            if isinstance(block, Sequential) and block is not self:
                block.dtype = self.dtype
                block.bind({})

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

    def __getstate__(self) -> dict[str, Any]:
        """Keep layers, parameters and buffers; leave out gradients and the pass under way."""
        return super().__getstate__() | {"_fitting": None, "numbers": self._numbers()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make new vectors, bind the layers to them, and copy the values in."""
        numbers = state.pop("numbers")
        super().__setstate__(state)
        self._allocate()
        self._fill(numbers)

    def __repr__(self) -> str:
        dtype = "" if self.dtype == np.float64 else f"    dtype=numpy.{self.dtype},\n"
        return super().__repr__()[:-1] + dtype + ")"
