"""The layer: the protocol that every one follows, and how its numbers lie in flat vectors.

A layer owns no numbers. Its network keeps all parameters in one flat vector and all gradients in
another; ``layer.W`` and ``layer.dW`` are views into them.
"""

import math
import weakref
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, Self, overload

import numpy as np

from .._typing import Array, Shape
from .._validation import flag, kind_of, real, whole


class Layer:
    """One step of a network: the protocol that every layer follows.

    A subclass writes `forward` and `backward`: in training, forward puts what backward needs into
    ``self.cache``, and backward takes it out with `cached`. One with parameters also writes
    `shapes` and `initialize`, and names each parameter and its gradient as a `View`. A layer whose
    forward is another in training does as in test mode while it is `frozen`.

    A copy of a layer is a new one, of the same options and without numbers: they are the network's.
    Who wants those, too, copies the network.
    """

    input_shape: Shape | None = None
    """Shape of one example that the layer asks for; None: any."""

    random = False
    """Whether the layer draws random numbers, at first or at every pass."""

    smallest_batch = 1
    """Examples that a training batch needs at the least: 2 where the layer compares them."""

    rng: np.random.Generator | None = None
    """Source of random numbers for a layer that draws some at every pass."""

    cache: Any = None
    """What `backward` needs of the last forward pass in training; no other pass touches it."""

    owner: weakref.ref["Layer"] | None = None
    """The network or block that the layer belongs to."""

    _frozen = False

    def __init__(self) -> None:
        self._views: dict[str, Array] | None = None

    @property
    def size(self) -> int:
        """Number of parameters."""
        return sum(math.prod(shape) for shape in self.shapes().values())

    @property
    def owned(self) -> bool:
        """Whether the layer belongs to a network, or to a block."""
        return self.owner is not None

    @property
    def frozen(self) -> bool:
        """Whether training leaves the layer as it is; may be assigned before a training run.

        A frozen layer is in test mode also with ``train=True``, and gradients pass through it. Its
        parameters lie in the network's buffers, where no optimizer touches them; the vectors are
        new ones, and an optimizer that remembers steps does not fit them any more.
        """
        return self._frozen

    @frozen.setter
    def frozen(self, frozen: bool) -> None:
        if flag("frozen", frozen) != self._frozen:
            self._frozen = frozen
            self.rearrange()

    @property
    def trainable(self) -> bool:
        """Whether there are parameters that training moves."""
        return bool(self.shapes()) and not self.frozen

    def rearrange(self) -> None:
        """Let the network around sort its numbers anew, into those that are trained and others."""
        if owner := self.owner and self.owner():
            owner.rearrange()

    def bind(self, views: dict[str, Array] | None) -> None:
        """Take the views of the layer's numbers, which the network keeps; None: set it free."""
        self._views, self.cache = views, None

    def shapes(self) -> dict[str, Shape]:
        """Name the parameters and their shapes; the gradient of ``W`` is called ``dW``."""
        return {}

    def buffer_shapes(self) -> dict[str, Shape]:
        """Name what is remembered between batches but not trained, such as running means."""
        return {}

    def initialize(self, rng: np.random.Generator) -> None:
        """Give parameters and buffers first values; only a `random` layer draws from rng."""

    def output_shape(self, shape: Shape | None) -> Shape | None:
        """Shape of one example after the layer, from the one before it (None: not known)."""
        return shape

    def footprint(self, shape: Shape | None) -> int:
        """Count the numbers in the largest array that forward makes of one example."""
        return max(math.prod(shape or (1,)), math.prod(self.output_shape(shape) or (1,)))

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """Compute the output; with ``train=True``, and only then, keep what `backward` needs."""
        raise NotImplementedError(f"{type(self).__name__}.forward is not written")

    def backward(self, dZ: Array, *, input_grad: bool = True) -> Array | None:
        """Fill the layer's gradients and return the gradient of its input."""
        raise NotImplementedError(f"{type(self).__name__}.backward is not written")

    def __call__(self, X: Array, *, train: bool = False) -> Array:
        """Compute the output, as `forward` does."""
        return self.forward(X, train=train)

    def cached(self) -> Any:
        """Return what the last ``forward(train=True)`` kept."""
        if self.cache is None:
            raise RuntimeError(
                f"backward of {self!r} came before forward: call forward(X, train=True) first "
                "(one with train=False keeps nothing for backward)"
            )
        return self.cache

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the network's views and the cache: a copy is a new, free layer."""
        return self.__dict__ | {"cache": None, "_views": None, "owner": None}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class HasViews(Protocol):
    """Whatever keeps arrays by name."""

    _views: dict[str, Array] | None


_ELSEWHERE = (
    ": the network around it keeps all numbers in its own; a copy, copy.deepcopy(…), has vectors"
)


class View:
    """An attribute that is a view into a flat vector.

    Reading gives the view. Assigning copies into it, so no assignment can detach a layer from its
    network by accident.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...

    @overload
    def __get__(self, owner: HasViews, kind: type) -> Array: ...

    def __get__(self, owner: HasViews | None, kind: type) -> Array | Self:
        if owner is None:
            return self
        try:
            return owner._views[self.name]  # type: ignore[index]
        except TypeError:
            raise RuntimeError(
                f"{owner!r} has no {self.name} yet: its numbers live in a network, "
                f"so put it into one first: net = nnlib.Sequential({owner!r})"
            ) from None
        except KeyError:
            elsewhere = "" if owner._views else _ELSEWHERE
            raise AttributeError(f"{owner!r} has no {self.name}{elsewhere}") from None

    def __set__(self, owner: HasViews, value: Any) -> None:
        view = self.__get__(owner, type(owner))
        numbers = real(self.name, value, view.dtype)
        if numbers.shape != view.shape:
            raise ValueError(
                f"{self.name}: expected an array of shape {view.shape}, got {numbers.shape}: "
                "assigning copies the values in, it cannot change the shape"
            )
        view[...] = numbers


def split(vector: Array, shapes: Iterable[Shape]) -> Iterator[Array]:
    """Cut a flat vector into views of these shapes, one after the other."""
    start = 0
    for shape in shapes:
        stop = start + math.prod(shape)
        yield vector[start:stop].reshape(shape)
        start = stop


def sizes(shape: Shape) -> Shape:
    """Check the shape of one example, given as one argument for each axis."""
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        raise TypeError(
            f"shape[0]: expected a whole number, got {shape[0]} ({kind_of(shape[0])}): "
            "write the sizes one by one, or put a * before them"
        )
    if not shape:
        raise ValueError("shape: expected the size of at least one axis, got none: for example 3")
    return tuple(whole(f"shape[{i}]", size) for i, size in enumerate(shape))
