"""Views into flat vectors: how a layer's ``W`` is also a part of its network's ``params``."""

import math
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, Self, overload

import numpy as np

from nnlib._typing import Array, Shape


class HasViews(Protocol):
    """Whatever keeps arrays by name."""

    _views: dict[str, Array] | None


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
            raise AttributeError(f"{owner!r} has no {self.name}") from None

    def __set__(self, owner: HasViews, value: Any) -> None:
        view = self.__get__(owner, type(owner))
        if np.shape(value) != view.shape:
            raise ValueError(
                f"{self.name}: expected an array of shape {view.shape}, got {np.shape(value)}: "
                "assigning copies the values in, it cannot change the shape"
            )
        view[...] = value


def split(vector: Array, shapes: Iterable[Shape]) -> Iterator[Array]:
    """Cut a flat vector into views of these shapes, one after the other."""
    start = 0
    for shape in shapes:
        stop = start + math.prod(shape)
        yield vector[start:stop].reshape(shape)
        start = stop
