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
from .layers.chain import Chain
from .layers.layer import View, split


class Snapshot(NamedTuple):
    """Copies of a network's parameters and buffers."""

    params: Array
    buffers: Array


class Sequential(Chain):
    """Layers in a row: the output of each is the input of the next.

    All parameters lie in one flat vector θ, `params`, all gradients in another, `grads`, in the
    same order: matrices first, then vectors. ``layer.W`` and ``layer.dW`` are views into them, so
    an optimizer moves the whole network in one go.

    A network may stand inside another, as one of its layers. It brings its numbers along, and they
    lie in the vectors of the network around it from then on.

    Parameters
    ----------
    *layers : Layer
        New layers, each used once; blocks and networks among them, too.
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
    >>> net.forward(np.ones((5, 2))).shape, net.params.shape
    ((5, 1), (13,))
    """

    params, grads, buffers = View(), View(), View()

    may_overflow = True

    unsaved = ("rng", "dtype")
    """Options of which a file tells elsewhere."""

    _fitting: Shape | None = None
    """Shape of an example that is known to fit all layers."""

    def __init__(self, *layers: Layer, rng: Seed = 0, dtype: npt.DTypeLike = np.float64) -> None:
        self.dtype, rng = float_type(dtype), generator(rng)
        super().__init__(*layers)
        self.mark = new_mark()
        inside = [a for a in self.blocks() if isinstance(a, Sequential) and not a.inside]
        brought = [(a, a._numbers()) for a in inside]
        try:
            self._allocate()
            super().initialize(rng)
            for network, numbers in brought:
                network._fill(numbers)
            self._check_first_values()
        except BaseException:
            self._release()
            for network, numbers in brought:
                network._allocate()
                network._fill(numbers)
            raise

    def initialize(self, rng: np.random.Generator) -> None:
        """Inside another network: keep the numbers that are there."""

    @property
    def inside(self) -> bool:
        """Whether the numbers lie in the vectors of a network around this one."""
        return self._views == {}

    def _checked_input(self, X: Any, **options: Any) -> tuple[Any, dict[str, Any]]:
        """Check a batch."""
        return (self.check_input(X),), options

    def _checked_gradient(self, dZ: Any, **options: Any) -> tuple[Any, dict[str, Any]]:
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
            self.cache = A.shape
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
        lowest = 0 if input_grad else self.lowest  # nothing below it is trained
        dA = dZ
        for i in reversed(range(lowest, len(self.layers))):
            dA = self.layers[i].backward(dA, input_grad=i > lowest or input_grad)
        return dA if input_grad else None

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
        twin._fill(self._numbers())
        return twin

    def rearrange(self) -> None:
        """Sort all numbers anew: those that are trained into `params`, others into `buffers`."""
        if self.inside:
            super().rearrange()
        else:
            numbers = self._numbers()
            self._allocate()
            self._fill(numbers)

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

    def _allocate(self) -> None:
        """Make the flat vectors, and hand each layer the views of its own numbers."""
        layers = self.named_layers()
        views: dict[str, dict[str, Array]] = {where: {} for where in layers}

        def vector(entries: list[tuple[str, str, Shape]], prefix: str = "") -> Array:
            shapes = [shape for _, _, shape in entries]
            flat = np.zeros(sum(map(math.prod, shapes)), self.dtype)
            for (where, name, _), view in zip(entries, split(flat, shapes), strict=True):
                views[where][prefix + name] = view
            return flat

        weights = [
            (i, name, shape) for i, a in layers.items() for name, shape in a.shapes().items()
        ]
        weights.sort(key=lambda entry: len(entry[2]) < 2)  # stable: matrices first, then vectors
        trained = [entry for entry in weights if not layers[entry[0]].frozen]
        frozen = [entry for entry in weights if layers[entry[0]].frozen]
        vector(frozen, "d")  # of no use to an optimizer
        for i, a in layers.items():
            frozen += [(i, name, shape) for name, shape in a.buffer_shapes().items()]
        self.matrices = slice(0, sum(math.prod(s) for _, _, s in trained if len(s) > 1))
        self._views = {
            "params": vector(trained),
            "grads": vector(trained, "d"),
            "buffers": vector(frozen),
        }
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
