"""Lesson 13, convolution: its exercises and questions."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]

KINDS = ((3, 2, 0), (3, 1, 1), (4, 3, 2), (5, 2, 1), (5, 3, 0))
"""Side of a kernel, stride and padding; windows overlap. The five cases of a check are of these."""

_turns = cycle(KINDS)


def _kind(rng: np.random.Generator) -> tuple[int, ...]:
    """Return k, stride, padding, oh, ow, h and w, with the padding in h and w.

    Each call takes the next kind, so that a check meets them all. One way the windows end at the
    border, the other way before. As oh < ow, who counts with the wrong one of them stays inside
    the array, and is told so, in place of an index out of bounds.
    """
    k, stride, padding = next(_turns)
    oh, ow = 2, 4
    left = rng.permutation([0, stride - 1])
    h, w = (k + stride * (size - 1) + int(rest) for size, rest in zip((oh, ow), left, strict=True))
    return k, stride, padding, oh, ow, h, w


def _cut(X: Array, k: int, stride: int) -> Array:
    """Cut all windows out, (n, c, k, k, oh, ow)."""
    n, c, h, w = X.shape
    oh, ow = (h - k) // stride + 1, (w - k) // stride + 1
    V = np.empty((n, c, k, k, oh, ow), X.dtype)
    for r, s in np.ndindex(oh, ow):
        V[..., r, s] = X[:, :, stride * r : stride * r + k, stride * s : stride * s + k]
    return V


def _flat(V: Array) -> Array:
    """Lay windows as columns."""
    n, c, k, _, oh, ow = V.shape
    return V.reshape(n, c * k * k, oh * ow)


# 13.0, windows as columns ---------------------------------------------------------------------


def _im2col_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, c = sizes[:2]
    k, stride, *_, h, w = _kind(rng)
    return rng.normal(size=(n, c, h, w)), k, stride


def _im2col(X: Array, k: int, stride: int) -> Array:
    return _flat(_cut(X, k, stride))


def _with_windows(change: Callable[[Array], Array]) -> Callable[[Array, int, int], Array]:
    """Cut the windows as one should, and then do something to them."""
    return lambda X, k, stride: change(_cut(X, k, stride))


def _reshaped(*axes: int) -> Callable[[Array, int, int], Array]:
    """Reshape windows whose axes stand in another order as if they did not."""

    def wrong(X: Array, k: int, stride: int) -> Array:
        V = _cut(X, k, stride)
        return V.transpose(axes).reshape(_flat(V).shape)

    return wrong


IM2COL = Exercise(
    title="windows as columns",
    case=_im2col_case,
    solution=_im2col,
    mistakes={
        "the stride is forgotten: windows begin `stride` pixels apart, and yours at every pixel": (
            lambda X, k, stride: _im2col(X, k, 1)
        ),
        "your windows touch: they begin `stride` pixels apart, not k": (
            lambda X, k, stride: _im2col(X, k, k)
        ),
        "a window is a column here, and you made it a row: (n, c·k·k, oh·ow) is asked": (
            lambda X, k, stride: _im2col(X, k, stride).transpose(0, 2, 1)
        ),
        "each example has a matrix of its own: you put the windows of all of them into one": (
            _with_windows(lambda V: V.transpose(1, 2, 3, 0, 4, 5).reshape(len(_flat(V)[0]), -1))
        ),
        "window r, s is column r · ow + s, for a row of places has ow of them: you counted with "
        "oh": lambda X, k, stride: _counted_with_oh(X, k, stride),
        "the images are not square: oh comes from h, and ow from w; you took oh for both": (
            _with_windows(lambda V: _flat(V[..., : V.shape[4]]))
        ),
        "the windows are all there: the last step is to reshape them to (n, c·k·k, oh·ow)": (
            _with_windows(lambda V: V)
        ),
        "your axes n, c, i, j, r, s stand in the right order, and a reshape to (n, oh·ow, …) takes "
        "other numbers together: reshape to (n, c·k·k, oh·ow) at once, without a transpose": (
            lambda X, k, stride: _columns_by_reshape(_cut(X, k, stride))
        ),
        "channels last: in a column the k·k pixels of channel 0 come first, then those of "
        "channel 1": _with_windows(lambda V: V.transpose(0, 2, 3, 1, 4, 5).reshape(_flat(V).shape)),
        "i and j are exchanged: a window is read row by row, so that j changes fastest": (
            _reshaped(0, 1, 3, 2, 4, 5)
        ),
        "the windows come column by column: take them as one reads, so that s changes fastest": (
            _reshaped(0, 1, 2, 3, 5, 4)
        ),
        "`reshape` reads an array in the order of its axes and moves nothing: bring the axes into "
        "the order n, c, i, j, r, s first": _reshaped(0, 4, 5, 1, 2, 3),
        "your axes are n, c, r, s, i, j, as `sliding_window_view` gives them, and `reshape` moves "
        "none: a transpose to n, c, i, j, r, s comes first": (_reshaped(0, 1, 4, 5, 2, 3)),
        "a reshape to (n, oh·ow, c·k·k) moves no number: with axes n, c, r, s, i, j, as "
        "`sliding_window_view` gives them, a transpose that brings r, s before c comes first": (
            lambda X, k, stride: _rows_of_a_view(_cut(X, k, stride))
        ),
        "X has been padded already: nothing is to be padded here": (
            lambda X, k, stride: _im2col(_padded(X, 1), k, stride)
        ),
        "a column is upside down: it begins with the upper left pixel of channel 0": (
            lambda X, k, stride: _im2col(X, k, stride)[:, ::-1]
        ),
        "that is the matrix of the first example: n of them are asked, (n, c·k·k, oh·ow)": (
            lambda X, k, stride: _im2col(X, k, stride)[0]
        ),
        "that is the matrix of the last example: n of them are asked, (n, c·k·k, oh·ow)": (
            lambda X, k, stride: _im2col(X, k, stride)[-1]
        ),
        "examples and windows are mixed: n is the first axis when you reshape, or the numbers of "
        "one example land in another": _reshaped(1, 2, 3, 0, 4, 5),
        "the windows are flipped: nothing is turned around here": (
            _with_windows(lambda V: _flat(V[:, :, ::-1, ::-1]))
        ),
        "the channels are added up too early: the kernel has a weight for each of them, so each "
        "needs its own rows": _with_windows(
            lambda V: V.sum(axis=1).reshape(len(V), V.shape[2] ** 2, -1)
        ),
        "only the first channel is there: a column holds the window of each channel": (
            lambda X, k, stride: _im2col(X[:, :1], k, stride)
        ),
        "the last row and column of windows are missing: (h − k)//stride counts the steps, and "
        "there is one window more than steps": _with_windows(lambda V: _flat(V[..., :-1, :-1])),
        "a window is missing where the last one ends exactly at the border: it may begin at h − k, "
        "and `range` stops one before its end": lambda X, k, stride: _flat(_early(X, k, stride)),
        "the windows became the first axis: n comes first, and the windows last": (
            lambda X, k, stride: _im2col(X, k, stride).transpose(2, 0, 1)
        ),
        "your windows begin side by side: window r begins at stride · r, so a slice over all "
        "windows has a step, `i : i + stride * oh : stride`": (
            lambda X, k, stride: _flat(_side_by_side(X, k, stride))
        ),
        "only the first window is filled, the rest is 0: is `return` inside the loop? It stands "
        "behind it": _with_windows(lambda V: _flat(_left((..., 0, 0), V))),
        "only the first row of windows is filled, the rest is 0: is `return` inside the outer "
        "loop? It stands behind both": _with_windows(
            lambda V: _flat(_left((..., 0, slice(None)), V))
        ),
        "only the pixel at offset 0, 0 of each window is there, the rest is 0: is `return` inside "
        "the loop over i and j? It stands behind it": (
            _with_windows(lambda V: _flat(_left(np.s_[:, :, 0, 0], V)))
        ),
        "only the first example is filled, the others are 0: `X[:, …]` takes the windows of all": (
            _with_windows(lambda V: _flat(_left(0, V)))
        ),
        "i and r are exchanged: window r begins at stride · r, and i counts inside it; you began "
        "at r and took steps of the stride inside it": lambda X, k, stride: _dilated(X, k, stride),
    },
    hints=(
        "How many windows are there, and where does window r, s begin and end in X? Print one of "
        "them, for all examples, and its shape. Which axes of it become a column?",
        "Window r, s is `X[:, :, stride * r : stride * r + k, stride * s : stride * s + k]`, of "
        "shape (n, c, k, k); fill zeros with six axes, (n, c, k, k, oh, ow), and reshape at the "
        "end. Or loop over i, j: offset i, j of all windows at once is a slice with steps.",
        "For all i and j: `V[:, :, i, j] = X[:, :, i : i + stride * oh : stride, …]`, the same "
        "for j and ow; then `V.reshape(n, c * k * k, oh * ow)`.",
    ),
)


def _left(where: Any, A: Array) -> Array:
    """Keep what has been filled when a loop ends too early; the rest is 0."""
    kept = np.zeros_like(A)
    kept[where] = A[where]
    return kept


def _counted_with_oh(X: Array, k: int, stride: int) -> Array:
    """Write window r, s to column r · oh + s, where oh < ow; the last to come stays."""
    V = _cut(X, k, stride)
    cols = np.zeros_like(_flat(V))
    for r, s in np.ndindex(V.shape[4:]):
        cols[:, :, r * V.shape[4] + s] = V[..., r, s].reshape(cols.shape[:2])
    return cols


def _rows_of_a_view(V: Array) -> Array:
    """Make rows of windows, from axes n, c, r, s, i, j, by a reshape alone; then turn them."""
    n, rows, places = _flat(V).shape
    return V.transpose(0, 1, 4, 5, 2, 3).reshape(n, places, rows).transpose(0, 2, 1)


def _columns_by_reshape(V: Array) -> Array:
    """Make rows of windows, from axes n, c, i, j, r, s, by a reshape alone; then turn them."""
    n, rows, places = _flat(V).shape
    return V.reshape(n, places, rows).transpose(0, 2, 1)


def _early(X: Array, k: int, stride: int) -> Array:
    """Stop before a window that ends at the border, as ``range(0, h - k, stride)`` does."""
    h, w = X.shape[2:]
    return _cut(X, k, stride)[..., : -(-(h - k) // stride), : -(-(w - k) // stride)]


def _side_by_side(X: Array, k: int, stride: int) -> Array:
    """Make the right number of windows, which begin at pixels 0, 1, 2 …."""
    oh, ow = _cut(X, k, stride).shape[4:]
    return _cut(X, k, 1)[..., :oh, :ow]


def _dilated(X: Array, k: int, stride: int) -> Array:
    """Begin at every pixel, with steps of the stride inside; what lies outside is left as 0."""
    n, c, h, w = X.shape
    oh, ow = (h - k) // stride + 1, (w - k) // stride + 1
    room = np.zeros((n, c, h + stride * k, w + stride * k))
    room[:, :, :h, :w] = X
    V = np.empty((n, c, k, k, oh, ow))
    for i, j in np.ndindex(k, k):
        V[:, :, i, j] = room[:, :, stride * i : stride * i + oh, stride * j : stride * j + ow]
    return _flat(V)


# 13.0b, the way back --------------------------------------------------------------------------


def _layer_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, c, c_out = sizes[:3]
    k, stride, padding, oh, ow, h, w = _kind(rng)
    X = rng.normal(size=(n, c, h - 2 * padding, w - 2 * padding))
    return (
        rng.normal(size=(n, c_out, oh, ow)),
        X,
        rng.normal(size=(c_out, c, k, k)),
        stride,
        padding,
    )


def _padded(X: Array, p: int) -> Array:
    return np.pad(X, [(0, 0), (0, 0), (p, p), (p, p)])


def _added(V: Array, shape: tuple[int, ...], stride: int) -> Array:
    """Add windows to the pixels they came from."""
    dX = np.zeros(shape)
    k, (oh, ow) = V.shape[2], V.shape[4:]
    for r, s in np.ndindex(oh, ow):
        dX[:, :, stride * r : stride * r + k, stride * s : stride * s + k] += V[..., r, s]
    return dX


def _put(V: Array, shape: tuple[int, ...], stride: int) -> Array:
    """Let the last window that sees a pixel win, as a loop over windows with ``=`` does."""
    dX = np.zeros(shape)
    k, (oh, ow) = V.shape[2], V.shape[4:]
    for r, s in np.ndindex(oh, ow):
        dX[:, :, stride * r : stride * r + k, stride * s : stride * s + k] = V[..., r, s]
    return dX


def _put_by_offset(V: Array, shape: tuple[int, ...], stride: int) -> Array:
    """Let the last offset win, as a loop over offsets with ``=`` does."""
    dX = np.zeros(shape)
    k, (oh, ow) = V.shape[2], V.shape[4:]
    for i, j in np.ndindex(k, k):
        dX[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride] = V[:, :, i, j]
    return dX


def _seen(V: Array, shape: tuple[int, ...], stride: int) -> Array:
    """Divide each sum by the number of windows that see the pixel."""
    return _added(V, shape, stride) / np.maximum(_added(np.ones_like(V), shape, stride), 1)


def _added_side_by_side(V: Array, shape: tuple[int, ...], stride: int) -> Array:
    """Forget the stride."""
    return _added(V, shape, 1)


def _mixed(V: Array, shape: tuple[int, ...], stride: int) -> Array:
    """Read dcols as if the place stood before the offset."""
    n, c, k, _, oh, ow = V.shape
    return _added(V.reshape(n, oh, ow, c, k, k).transpose(0, 3, 4, 5, 1, 2), shape, stride)


def _places_first(V: Array, shape: tuple[int, ...], stride: int) -> Array:
    """Read dcols as if the place stood between channel and offset."""
    n, c, k, _, oh, ow = V.shape
    return _added(V.reshape(n, c, oh, ow, k, k).transpose(0, 1, 4, 5, 2, 3), shape, stride)


def _inside(dX: Array, p: int, h: int, w: int) -> Array:
    return dX[:, :, p : p + h, p : p + w]


Gradients = tuple[Array, ...]


def _of_weights(dZ: Array, cols: Array, shape: tuple[int, ...]) -> Array:
    """Sum dZ colsᵀ over the examples; dZ is (n, c_out, oh·ow)."""
    result: Array = (dZ @ cols.transpose(0, 2, 1)).sum(axis=0).reshape(shape)
    return result


def _of_columns(dZ: Array, W: Array) -> Array:
    return W.reshape(len(W), -1).T @ dZ


def _way_back(
    of_weights: Callable[[Array, Array, tuple[int, ...]], Array] = _of_weights,
    of_bias: Callable[[Array, Array], Array] = lambda dZ, W: dZ.sum(axis=(0, 2)),
    of_columns: Callable[[Array, Array], Array] = _of_columns,
    onto: Callable[[Array, tuple[int, ...], int], Array] = _added,
    inside: Callable[[Array, int, int, int], Array] = _inside,
) -> Callable[..., Gradients]:
    """Make the backward, with one of its steps as somebody may write it."""

    def backward(dZ: Array, X: Array, W: Array, stride: int, padding: int) -> Gradients:
        n, c_out, oh, ow = dZ.shape
        _, c, h, w = X.shape
        k = W.shape[2]
        around = _padded(X, padding)
        cols, dZ = _im2col(around, k, stride), dZ.reshape(n, c_out, oh * ow)
        dV = of_columns(dZ, W).reshape(n, c, k, k, oh, ow)
        dX = inside(onto(dV, around.shape, stride), padding, h, w)
        return of_weights(dZ, cols, W.shape), of_bias(dZ, W), dX

    return backward


def _dcols(dZ: Array, X: Array, W: Array, stride: int, padding: int) -> Gradients:
    dW, db, _ = _way_back()(dZ, X, W, stride, padding)
    return dW, db, _of_columns(dZ.reshape(*dZ.shape[:2], -1), W)


def _bias_maps(dZ: Array, X: Array, W: Array, stride: int, padding: int) -> Gradients:
    dW, _, dX = _way_back()(dZ, X, W, stride, padding)
    return dW, dZ.sum(axis=0), dX


def _channels_last(dZ: Array, cols: Array, shape: tuple[int, ...]) -> Array:
    c_out, c, k, _ = shape
    return _of_weights(dZ, cols, shape).transpose(0, 2, 3, 1).reshape(c_out, c, k, k)


def _product_of_sums(dZ: Array, cols: Array, shape: tuple[int, ...]) -> Array:
    result: Array = (dZ.sum(axis=0) @ cols.sum(axis=0).T).reshape(shape)
    return result


def _onto_pixels(dZ: Array, X: Array, W: Array, stride: int, padding: int) -> Gradients:
    dW, db, dX = _way_back()(dZ, X, W, stride, padding)
    return dW, db, X + dX


BACKWARD = Exercise(
    title="the backward of a convolution",
    case=_layer_case,
    solution=_way_back(),
    derived=True,
    mistakes={
        "dW: a mean over the examples, but roads add: a sum. The 1/n is in dZ already": (
            _way_back(of_weights=lambda dZ, cols, s: _of_weights(dZ, cols, s) / len(dZ))
        ),
        "dW: a mean over the windows, but each of them is a road, and roads add: a sum": (
            _way_back(of_weights=lambda dZ, cols, s: _of_weights(dZ, cols, s) / dZ.shape[2])
        ),
        "dW: each example overwrote the one before, or only the last was asked: add them up": (
            _way_back(of_weights=lambda dZ, cols, s: _of_weights(dZ[-1:], cols[-1:], s))
        ),
        "dW: there is one for each example: all of them used the same W, so add them up": (
            _way_back(of_weights=lambda dZ, cols, s: (dZ @ cols.transpose(0, 2, 1)).reshape(-1, *s))
        ),
        "dW: there is a matrix for each example: all of them used the same W, so add them up, and "
        "reshape the sum to the shape of W": (
            _way_back(of_weights=lambda dZ, cols, s: dZ @ cols.transpose(0, 2, 1))
        ),
        "dW: a product of two sums over the examples: each dZ belongs to the windows of its own "
        "example, so first the products, then their sum": _way_back(of_weights=_product_of_sums),
        "dW: right numbers, as the matrix of the product: reshape it to the shape of W": (
            _way_back(of_weights=lambda dZ, cols, s: _of_weights(dZ, cols, s).reshape(s[0], -1))
        ),
        "dW: the kernels are flipped: the pixel at offset i, j met the weight at i, j": (
            _way_back(of_weights=lambda dZ, cols, s: _of_weights(dZ, cols, s)[:, :, ::-1, ::-1])
        ),
        "dW: i and j are exchanged: each kernel came out transposed": (
            _way_back(of_weights=lambda dZ, cols, s: _of_weights(dZ, cols, s).transpose(0, 1, 3, 2))
        ),
        "dW: channels and pixels are mixed: a column lists c first, then i, then j, and the "
        "reshape must do so, too": _way_back(of_weights=_channels_last),
        "dW: that is cols dZᵀ, the transposed one, in the shape of W: dZ comes first": (
            _way_back(
                of_weights=lambda dZ, cols, s: (cols @ dZ.transpose(0, 2, 1)).sum(axis=0).reshape(s)
            )
        ),
        "dW: a reshape of cols moves no number, so a row of yours is no window: exchange its last "
        "two axes, `cols.transpose(0, 2, 1)`": (
            _way_back(
                of_weights=lambda dZ, cols, s: (
                    (dZ @ cols.reshape(len(cols), cols.shape[2], -1)).sum(axis=0).reshape(s)
                )
            )
        ),
        "dW: to join the examples by a reshape alone mixes them up: n is the first axis of dZ and "
        "of cols. One product for each example, `dZ @ cols.transpose(0, 2, 1)`, then their sum": (
            _way_back(
                of_weights=lambda dZ, cols, s: (
                    dZ.reshape(s[0], -1) @ cols.reshape(cols.shape[1], -1).T
                ).reshape(s)
            )
        ),
        "dW right; db: a mean over the windows, but each of them has got the bias, and roads add: "
        "a sum": _way_back(of_bias=lambda dZ, W: dZ.mean(axis=2).sum(axis=0)),
        "dW right; db: a mean over the examples, but roads add: a sum. The 1/n is in dZ already": (
            _way_back(of_bias=lambda dZ, W: dZ.sum(axis=2).mean(axis=0))
        ),
        "dW right; db: a mean over examples and windows, but roads add: a sum": (
            _way_back(of_bias=lambda dZ, W: dZ.mean(axis=(0, 2)))
        ),
        "dW right; db: k·k·c times too large: the bias is added once to a window, not once to each "
        "of its products": _way_back(of_bias=lambda dZ, W: dZ.sum(axis=(0, 2)) * W[0].size),
        "dW right; db: summed over the examples alone: one bias serves all windows, so sum over "
        "them, too": _way_back(of_bias=lambda dZ, W: dZ.sum(axis=0)),
        "dW right; db: summed over the examples alone, and a map is left for each kernel: one bias "
        "serves all places, so sum over r and s, too": _bias_maps,
        "dW right; db: one number for all kernels: each has a bias of its own, so the axis of the "
        "kernels stays": _way_back(of_bias=lambda dZ, W: dZ.sum()),
        "dW right; db: summed over the windows alone: one bias serves all examples, so sum over "
        "them, too": _way_back(of_bias=lambda dZ, W: dZ.sum(axis=2)),
        "dW right; db: summed over the kernels: each has a bias of its own, so that axis stays": (
            _way_back(of_bias=lambda dZ, W: dZ.sum(axis=(1, 2)))
        ),
        "dW, db right; dX: a window overwrote what others had brought to the same pixel: `+=`, not "
        "`=`, for roads add": _way_back(onto=_put),
        "dW, db right; dX: an offset overwrote what others had brought to the same pixel: `+=`, "
        "not `=`, for roads add": _way_back(onto=_put_by_offset),
        "dW, db right; dX: it begins as a copy of X, and the pixels are still in it: begin with "
        "zeros": _onto_pixels,
        "dW, db right; dX: summed over the examples: each image has a gradient of its own, so dX "
        "has the shape of X": (
            _way_back(inside=lambda dX, p, h, w: _inside(dX, p, h, w).sum(axis=0))
        ),
        "dW, db right; dX: divided by how many windows see a pixel, but roads add: a sum": (
            _way_back(onto=_seen)
        ),
        "dW, db right; dX: the padding is still around it: X had none, so cut it off": (
            _way_back(inside=lambda dX, p, h, w: dX)
        ),
        "dW, db right; dX: with a padding of 0, `p:-p` is `0:0`, and nothing is left: write "
        "`p : p + h` and `p : p + w`": (_way_back(inside=lambda dX, p, h, w: dX[:, :, p:-p, p:-p])),
        "dW, db right; dX: one row and column are cut off at each side, whatever the padding is: "
        "cut off `padding` of them": _way_back(inside=lambda dX, p, h, w: dX[:, :, 1:-1, 1:-1]),
        "dW, db right; dX: the padding is cut off at one side only: it stands on all four": (
            _way_back(inside=lambda dX, p, h, w: dX[:, :, p:, p:])
        ),
        "dW, db right; dX: cut to the right size, but at the wrong sides: the padding's first rows "
        "are still there": _way_back(inside=lambda dX, p, h, w: dX[:, :, :h, :w]),
        "dW, db right; dX: the kernels are flipped before the product; col2im brings each weight "
        "back to its own pixel, and nothing need be turned around": _way_back(
            of_columns=lambda dZ, W: _of_columns(dZ, W[:, :, ::-1, ::-1])
        ),
        "dW, db right; dX: the kernels are transposed: a row of dcols is c, i, j, in that order": (
            _way_back(of_columns=lambda dZ, W: _of_columns(dZ, W.transpose(0, 1, 3, 2)))
        ),
        "dW, db right; dX: `W.reshape(-1, c_out)` has the shape of Wᵀ, but moves no number: first "
        "`W.reshape(c_out, -1)`, then `.T`": _way_back(
            of_columns=lambda dZ, W: W.reshape(-1, len(W)) @ dZ
        ),
        "dW, db right; dX: you read dcols as (n, c, oh, ow, k, k), and it is c, i, j, then r, s: "
        "reshape to (n, c, k, k, oh, ow)": _way_back(onto=_places_first),
        "dW, db right; dX: those are dcols, a column for each window: add each of its numbers to "
        "the pixel it was copied from": _dcols,
        "dW, db right; dX: a row of dcols is c, i, j, a column r, s: reshape to (n, c, k, k, oh, "
        "ow), in this order": _way_back(onto=_mixed),
        "dW, db right; dX: your windows begin side by side: the slice that is added to has a step, "
        "`i : i + stride * oh : stride`": _way_back(onto=_added_side_by_side),
        "dW, db right; dX: that is dZ without its kernels: each window gets dZ times the weight on "
        "that pixel": _way_back(of_columns=lambda dZ, W: _of_columns(dZ, np.ones_like(W))),
    },
    hints=(
        "X is padded first, or cols has too few columns for dZ. Z = W cols + b is 04's layer lying "
        "on its side, as in 04.2. With windows in columns, dW is dZ times colsᵀ: one product for "
        "each example, and then their sum.",
        "db has one number for each kernel: every example and every window got the same bias, so "
        "sum over both. dcols is Wᵀ dZ, with W as a matrix (c_out, c·k·k).",
        "Reshape dcols to (n, c, k, k, oh, ow). Begin with zeros in the shape of the padded X; for "
        "all i and j add `dcols[:, :, i, j]` to the slice that im2col took. Then cut off p rows "
        "and columns at each side.",
    ),
    parts=("dW", "db", "dX"),
)


# 13.1, 1×1 ------------------------------------------------------------------------------------


def _pixels_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, c, c_out, h = sizes
    return rng.normal(size=(n, c, h, 4)), rng.normal(size=(c, c_out)), rng.normal(size=c_out)


def _pixelwise(X: Array, W: Array, b: Array) -> Array:
    result: Array = (X.transpose(0, 2, 3, 1) @ W + b).transpose(0, 3, 1, 2)
    return result


def _pixels_mixed(X: Array, W: Array, b: Array) -> Array:
    """Reshape instead of moving axes, at the front."""
    n, c, h, w = X.shape
    Z = X.reshape(-1, c) @ W + b
    return Z.reshape(n, h, w, -1).transpose(0, 3, 1, 2)


def _pixels_mixed_back(X: Array, W: Array, b: Array) -> Array:
    """Reshape instead of moving axes, at the end."""
    n, c, h, w = X.shape
    Z = X.transpose(0, 2, 3, 1).reshape(-1, c) @ W + b
    return Z.reshape(n, -1, h, w)


def _pixels_mixed_twice(X: Array, W: Array, b: Array) -> Array:
    n, c, h, w = X.shape
    return (X.reshape(-1, c) @ W + b).reshape(n, -1, h, w)


def _columns_first(X: Array, W: Array, b: Array) -> Array:
    """Take w for the number of rows when the pixels become an image again."""
    n, _, h, w = X.shape
    Z = X.transpose(0, 2, 3, 1) @ W + b
    return Z.reshape(n, w, h, -1).transpose(0, 3, 1, 2)


PIXELWISE = Exercise(
    title="a dense layer for every pixel",
    case=_pixels_case,
    solution=_pixelwise,
    mistakes={
        "the pixels are mixed on the way in: `reshape` moves no axis, so `reshape(-1, c)` takes "
        "neighbours for channels; move the channels to the end first": _pixels_mixed,
        "the pixels are mixed on the way out: `reshape` moves no axis; make the channels the last "
        "axis again, then move them": _pixels_mixed_back,
        "`reshape` moves no axis, neither on the way in nor on the way out: move the channels to "
        "the end first, and back after the product": _pixels_mixed_twice,
        "right numbers, channels last: move the new channels back to where the old ones were": (
            lambda X, W, b: X.transpose(0, 2, 3, 1) @ W + b
        ),
        "rows and columns are exchanged: `Z.T` or a transpose of the last two axes is one too "
        "many": lambda X, W, b: _pixelwise(X, W, b).transpose(0, 1, 3, 2),
        "the last reshape is to (n, w, h, c_out): the rows come first, (n, h, w, c_out)": (
            lambda X, W, b: _columns_first(X, W, b)
        ),
        "the bias is missing": lambda X, W, b: _pixelwise(X, W, 0 * b),
        "the bias is added once for each input channel; it comes after the sum over them, once": (
            lambda X, W, b: _pixelwise(X, W, X.shape[1] * b)
        ),
        "the pixels are added up: each has its own answer, as an example has in a dense layer": (
            lambda X, W, b: X.sum(axis=(2, 3)) @ W + b
        ),
        "`W.reshape(-1, c)` has the shape of Wᵀ, but moves no number: `W.T` does": (
            lambda X, W, b: _pixelwise(X, W.reshape(W.shape[::-1]).T, b)
        ),
        "that is the layer of a mean pixel: each pixel has its own answer": (
            lambda X, W, b: X.mean(axis=(2, 3)) @ W + b
        ),
        "right numbers, but the pixels are still in one row: the image has h rows and w columns": (
            lambda X, W, b: _pixelwise(X, W, b).reshape(len(X), len(b), -1)
        ),
        "a ReLU is in it; Z is asked, before any nonlinearity": (
            lambda X, W, b: np.maximum(_pixelwise(X, W, b), 0)
        ),
    },
    hints=(
        "A pixel has c numbers, one in each channel. To a dense layer it is an example.",
        "`@` multiplies along the last axis: with the channels there, one product does all pixels. "
        "(`X.T` turns all four axes round, not only two.)",
        "`X.transpose(0, 2, 3, 1)` puts the channels last. After `@ W + b` bring the new channels "
        "back to the second place.",
    ),
)


# 13.2, max pooling ----------------------------------------------------------------------------


_sides = cycle((2, 3))


def _pool_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """In the first window of each channel three pixels share the maximum.

    Windows of 2×2 and of 3×3 take turns, so that a check meets both.
    """
    n, c, oh = sizes[:3]
    k, ow = next(_sides), 4
    X = rng.normal(size=(n, c, k * oh, k * ow))
    largest = X[:, :, :k, :k].max(axis=(2, 3)) + 1
    X[:, :, 0, 1] = X[:, :, 1, 0] = X[:, :, 1, 1] = largest
    return rng.normal(size=(n, c, oh, ow)), X, k


def _tiles(X: Array, k: int) -> Array:
    """Lay out windows that touch, (n, c, oh, ow, k·k)."""
    n, c, h, w = X.shape
    V = X.reshape(n, c, h // k, k, w // k, k).transpose(0, 1, 2, 4, 3, 5)
    return V.reshape(n, c, h // k, w // k, k * k)


def _untiled(V: Array, k: int) -> Array:
    n, c, oh, ow, _ = V.shape
    return V.reshape(n, c, oh, ow, k, k).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, k * oh, k * ow)


def _only(places: Array, k: int) -> Array:
    """Return ones at one place of each window."""
    return np.eye(k * k)[places]


def _first_largest(V: Array, k: int) -> Array:
    return _only(V.argmax(axis=-1), k)


def _last_largest(V: Array, k: int) -> Array:
    return _only(k * k - 1 - V[..., ::-1].argmax(axis=-1), k)


def _by_columns(V: Array, k: int) -> Array:
    """Of equals take the first, column by column."""
    turned = V.reshape(*V.shape[:-1], k, k).swapaxes(-1, -2).reshape(V.shape)
    places = turned.argmax(axis=-1)
    return _only(places % k * k + places // k, k)


def _rows_and_columns(V: Array, k: int) -> Array:
    """Take the first row, and the first column, that hold the maximum."""
    windows = V.reshape(*V.shape[:-1], k, k)
    places = windows.max(axis=-1).argmax(axis=-1) * k + windows.max(axis=-2).argmax(axis=-1)
    return _only(places, k)


def _equals(V: Array, k: int) -> Array:
    mask: Array = 1.0 * (V.max(axis=-1, keepdims=True) == V)
    return mask


def _pool_backward(
    mask: Callable[[Array, int], Array] = _first_largest,
) -> Callable[[Array, Array, int], Array]:
    # A mask of 0 times a negative number is −0: + 0.0 takes the minus away.
    return lambda dA, X, k: _untiled(mask(_tiles(X, k), k) * dA[..., np.newaxis], k) + 0.0


def _unpooled(dA: Array, X: Array, k: int) -> Array:
    """Put the maxima back in place of what came."""
    V = _tiles(X, k)
    return _untiled(_first_largest(V, k) * V, k)


POOLING = Exercise(
    title="the backward of max pooling",
    case=_pool_case,
    solution=_pool_backward(),
    derived=True,
    mistakes={
        "where pixels share the maximum, each gets all of dA, more than what came; of equals, the "
        "first gets it": _pool_backward(_equals),
        "where pixels share the maximum, each gets a share; here the first of equals gets "
        "all": _pool_backward(lambda V, k: _equals(V, k) / _equals(V, k).sum(-1, keepdims=True)),
        "of equals, the last one gets it; the first was asked for": _pool_backward(_last_largest),
        "of equals, the first gets it as one reads, row by row; you went column by column": (
            _pool_backward(_by_columns)
        ),
        "every pixel of a window gets dA: the mask is missing. Only the largest has moved the "
        "output": _pool_backward(lambda V, k: np.ones_like(V)),
        "that is the backward of the mean; the maximum routes: the largest gets all, the others "
        "nothing": _pool_backward(lambda V, k: np.ones_like(V) / (k * k)),
        "the smallest pixel gets it: the output was the largest": (
            _pool_backward(lambda V, k: _only(V.argmin(axis=-1), k))
        ),
        "the first pixel of every window gets it: find the largest": (
            _pool_backward(lambda V, k: _only(0 * V.argmax(axis=-1), k))
        ),
        "that is the mask alone: multiply it by what comes back, dA": (
            lambda dA, X, k: _pool_backward()(np.ones_like(dA), X, k)
        ),
        "the maxima came back, in place of dA: the largest pixel's slope is 1": _unpooled,
        "multiplied by the pixel: its slope is 1, however large it is": (
            lambda dA, X, k: _pool_backward()(dA, X, k) * X
        ),
        "only one pixel of each channel gets something: each window has a largest pixel of its "
        "own": lambda dA, X, k: _one_of_all(dA, X, k),
        "the shape is that of dA; dX has the shape of X": lambda dA, X, k: 1.0 * dA,
        "your windows begin side by side, and they touch: window r begins at row k · r": (
            lambda dA, X, k: _overlapping(dA, X, k)
        ),
        "a reshape to (n, c, h//k, w//k, k·k) moves no number: a window of yours is a piece of one "
        "row. Split both axes, (n, c, h//k, k, w//k, k), then move the two k side by side": (
            lambda dA, X, k: _by_reshape(X.reshape(*dA.shape, k * k), dA, X, k)
        ),
        "the windows are right on the way in; on the way back `reshape` moves no number: undo the "
        "transpose, too": lambda dA, X, k: _by_reshape(_tiles(X, k), dA, X, k),
        "the pixel farthest from 0 gets it: the largest is meant, with its sign": (
            _pool_backward(lambda V, k: _first_largest(np.abs(V), k))
        ),
        "the search begins at 0, and a window of negative pixels has its maximum below: begin with "
        "the window's first pixel, or with −∞": (
            _pool_backward(lambda V, k: _first_largest(np.maximum(V, 0), k))
        ),
        "row and column are exchanged: `divmod(argmax, k)` gives the row first": (
            _pool_backward(lambda V, k: _turned(_first_largest(V, k), k))
        ),
        "row and column of the maximum are sought apart, and where several share it they can meet "
        "at a pixel that is none of them: one `argmax` of the window gives both": (
            _pool_backward(_rows_and_columns)
        ),
        "each window's row i and column j are counted from the window's corner: in dX the pixel is "
        "at k · r + i, k · s + j": lambda dA, X, k: _near_the_corner(dA, X, k),
        "only the first window gets something: is `return` inside the loop? It stands behind it": (
            lambda dA, X, k: _pool_backward()(_left((0, 0, 0, 0), dA), X, k)
        ),
        "dX begins as a copy of X, and where nothing comes X is left: begin with zeros": (
            lambda dA, X, k: np.where(
                _pool_backward()(np.ones_like(dA), X, k), _pool_backward()(dA, X, k), X
            )
        ),
        "your maximum is that of all channels: each channel is pooled alone": (
            _pool_backward(lambda V, k: V.max(axis=(1, -1), keepdims=True) == V)
        ),
        "X came back in place of dA: what the largest pixel of window r, s gets is dA at r, s": (
            lambda dA, X, k: _pool_backward()(X[:, :, : dA.shape[2], : dA.shape[3]], X, k)
        ),
        "your windows are 2×2, whatever k is: they are k×k": (lambda dA, X, k: _always_two(dA, X)),
        "windows without a pixel above 0 get nothing: does your maximum begin at 0, or is there a "
        "mask X > 0, as for a ReLU? The largest gets it, even below 0": (
            lambda dA, X, k: _pool_backward()(dA, X, k) * (X > 0)
        ),
    },
    hints=(
        "Max routes (04): the pixel that was the maximum gets all of dA, the others 0. Loop over "
        "the windows first, and make it fast later, if at all.",
        "For an array `window`, `np.argmax(window)` is the position of its first largest entry, "
        "counted as one reads; `np.unravel_index` turns it into a row and a column.",
        "For all n, c, r, s: `i, j = divmod(np.argmax(X[n, c, k*r : k*r + k, k*s : k*s + k]), k)`; "
        "then dX at row k·r + i and column k·s + j is dA at n, c, r, s.",
    ),
)


def _by_reshape(V: Array, dA: Array, X: Array, k: int) -> Array:
    """Bring windows into the shape of X without moving axes."""
    return (_first_largest(V, k) * dA[..., np.newaxis]).reshape(X.shape)


def _turned(mask: Array, k: int) -> Array:
    """Exchange rows and columns inside each window."""
    return mask.reshape(*mask.shape[:-1], k, k).swapaxes(-1, -2).reshape(mask.shape)


def _overlapping(dA: Array, X: Array, k: int) -> Array:
    dX = np.zeros_like(X)
    for n, c, r, s in np.ndindex(dA.shape):
        i, j = divmod(int(np.argmax(X[n, c, r : r + k, s : s + k])), k)
        dX[n, c, r + i, s + j] += dA[n, c, r, s]
    return dX


def _near_the_corner(dA: Array, X: Array, k: int) -> Array:
    """Put what comes at row r + i, column s + j; the last to come stays."""
    dX = np.zeros_like(X)
    for n, c, r, s in np.ndindex(dA.shape):
        window = X[n, c, k * r : k * r + k, k * s : k * s + k]
        i, j = divmod(int(np.argmax(window)), k)
        dX[n, c, r + i, s + j] = dA[n, c, r, s]
    return dX


def _always_two(dA: Array, X: Array) -> Array:
    """Lay windows of 2×2 side by side; what they do not reach is left as 0."""
    dX = np.zeros_like(X)
    h, w = 2 * dA.shape[2], 2 * dA.shape[3]
    dX[:, :, :h, :w] = _pool_backward()(dA, X[:, :, :h, :w], 2)
    return dX


def _one_of_all(dA: Array, X: Array, k: int) -> Array:
    """Compare each pixel with the largest of its whole channel."""
    mask = X.max(axis=(2, 3), keepdims=True) == X
    return mask * np.repeat(np.repeat(dA, k, axis=2), k, axis=3)


# 13.3, depthwise ------------------------------------------------------------------------------


def _depthwise_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, c = sizes[:2]
    k, stride, *_, h, w = _kind(rng)
    return rng.normal(size=(n, c, h, w)), rng.normal(size=(c, k, k)), rng.normal(size=c), stride


def _depthwise(X: Array, W: Array, b: Array, stride: int) -> Array:
    V = _cut(X, W.shape[1], stride)
    result: Array = np.einsum("ncijrs,cij->ncrs", V, W) + b[:, np.newaxis, np.newaxis]
    return result


def _near(X: Array, W: Array, b: Array, stride: int) -> Array:
    """Make the right number of windows, which begin at pixels 0, 1, 2 …."""
    oh, ow = _depthwise(X, W, b, stride).shape[2:]
    return _depthwise(X, W, b, 1)[:, :, :oh, :ow]


def _all_to_all(X: Array, W: Array, b: Array, stride: int) -> Array:
    """Let every kernel see every channel, and add the channels up."""
    V = _cut(X, W.shape[1], stride).sum(axis=1)
    result: Array = np.einsum("nijrs,oij->nors", V, W) + b[:, np.newaxis, np.newaxis]
    return result


DEPTHWISE = Exercise(
    title="a kernel for each channel",
    case=_depthwise_case,
    solution=_depthwise,
    mistakes={
        "every kernel has seen every channel: here kernel c sees channel c alone": _all_to_all,
        "the channels are added up into one map: each stays a map of its own": (
            lambda X, W, b, stride: _depthwise(X, W, b, stride).sum(axis=1)
        ),
        "the channels are added up into one map, with an axis left of it: each stays a map of its "
        "own": lambda X, W, b, stride: _depthwise(X, W, b, stride).sum(axis=1, keepdims=True),
        "the channels are added up, as a convolution does it; then one map with the first bias is "
        "left. Each channel stays a map of its own": lambda X, W, b, stride: (
            _depthwise(X, W, 0 * b, stride).sum(axis=1, keepdims=True) + b[0]
        ),
        "the channels are added up, as a convolution does it, and every map holds that sum: sum "
        "over i and j alone": lambda X, W, b, stride: (
            _depthwise(X, W, 0 * b, stride).sum(axis=1, keepdims=True) + b[:, None, None]
        ),
        "padded with 1, and no padding is asked for": (
            lambda X, W, b, stride: _depthwise(_padded(X, 1), W, b, stride)
        ),
        "padded with k // 2, and no padding is asked for": (
            lambda X, W, b, stride: _depthwise(_padded(X, W.shape[1] // 2), W, b, stride)
        ),
        "all channels are seen through the first kernel: each has its own": (
            lambda X, W, b, stride: _depthwise(X, np.repeat(W[:1], len(W), axis=0), b, stride)
        ),
        "the kernels see the first channel only: kernel c sees channel c": (
            lambda X, W, b, stride: _depthwise(np.repeat(X[:, :1], len(W), axis=1), W, b, stride)
        ),
        "the stride is forgotten: windows begin `stride` pixels apart": (
            lambda X, W, b, stride: _depthwise(X, W, b, 1)
        ),
        "your windows touch: they begin `stride` pixels apart, not k": (
            lambda X, W, b, stride: _depthwise(X, W, b, W.shape[1])
        ),
        "the bias is missing": lambda X, W, b, stride: _depthwise(X, W, 0 * b, stride),
        "your windows begin side by side: window r begins at stride · r": (
            lambda X, W, b, stride: _near(X, W, b, stride)
        ),
        "the places became the first axes: bring them to the end, (n, c, oh, ow)": (
            lambda X, W, b, stride: _depthwise(X, W, b, stride).transpose(2, 3, 0, 1)
        ),
        "the bias is added to each of the k·k products: it comes after their sum, once": (
            lambda X, W, b, stride: _depthwise(X, W, W[0].size * b, stride)
        ),
        "all maps got the first bias: each has its own": (
            lambda X, W, b, stride: _depthwise(X, W, b[:1].repeat(len(b)), stride)
        ),
        "all maps got the sum of all biases: map c gets b at c": (
            lambda X, W, b, stride: _depthwise(X, W, b.sum() + 0 * b, stride)
        ),
        "the kernels are flipped: the weight at i, j meets the pixel at offset i, j": (
            lambda X, W, b, stride: _depthwise(X, W[:, ::-1, ::-1], b, stride)
        ),
        "i and j are exchanged: each kernel is transposed": (
            lambda X, W, b, stride: _depthwise(X, W.transpose(0, 2, 1), b, stride)
        ),
        "only the first place is filled, the rest is 0: is `return` inside the loop? It stands "
        "behind it": lambda X, W, b, stride: _left((..., 0, 0), _depthwise(X, W, b, stride)),
        "only the first row of places is filled, the rest is 0: is `return` inside the outer loop? "
        "It stands behind both": (
            lambda X, W, b, stride: _left((..., 0, slice(None)), _depthwise(X, W, b, stride))
        ),
        "a mean over the window; its k·k products are added": (
            lambda X, W, b, stride: _depthwise(X, W / W[0].size, b, stride)
        ),
        "the last row and column of windows are missing: (h − k)//stride counts the steps, and "
        "there is one window more than steps": (
            lambda X, W, b, stride: _depthwise(X, W, b, stride)[:, :, :-1, :-1]
        ),
        "a ReLU is in it; Z is asked, before any nonlinearity": (
            lambda X, W, b, stride: np.maximum(_depthwise(X, W, b, stride), 0)
        ),
    },
    hints=(
        "The convolution of the lesson, without the sum over c. What shape does the result have?",
        "A loop over r and s is enough: cut the window (n, c, k, k) out of X, multiply it by W, "
        "which is (c, k, k), and add up. Which axes go?",
        "`Z[:, :, r, s] = (window * W).sum(axis=(2, 3)) + b`, for window r, s, which begins at "
        "row stride · r and column stride · s.",
    ),
)


EXERCISES = {
    "13.0": IM2COL,
    "13.0b": BACKWARD,
    "13.1": PIXELWISE,
    "13.2": POOLING,
    "13.3": DEPTHWISE,
}


QUESTIONS = (
    Question(
        "A convolution from 8 to 16 channels with kernels of 3×3 gets images of 56×56 pixels, "
        "where they had 28×28 before. What happens to its parameters and to its work?",
        {
            "Both grow four times, as the image has four times as many pixels.": (
                "the work does: it is done at each place. But which of the 1,168 numbers knows "
                "how many places there are?"
            ),
            "The parameters double with the sides, the work grows four times.": (
                "the sides doubled, but a kernel has 3×3 weights for each channel, whatever the "
                "image's sides are"
            ),
            "Neither changes: the same kernels do the same work.": (
                "the same kernels, yes. But count their places: 56 · 56 in place of 28 · 28"
            ),
            "The parameters stay, the work grows four times.": Right(
                "the same kernels at four times as many places. A dense layer would need new "
                "weights for each new pixel, and could not take these images at all"
            ),
        },
    ),
    Question(
        "Somebody writes col2im with = in place of +=. When does nothing go wrong?",
        {
            "When the stride is k or more.": Right(
                "then no pixel lies in two windows, so each has one road at most, and there is "
                "nothing to add. That is why a test with stride = k misses the mistake"
            ),
            "Never: a gradient that is overwritten is lost.": (
                "lost is what stood there before. Is there always something? Think of windows of "
                "2×2 at a stride of 2"
            ),
            "When there is only one channel.": (
                "channels do not share pixels, so their number does not matter. Who does share "
                "them?"
            ),
            "When there is no padding to be cut off.": (
                "the padding decides where windows begin. With a stride of 1, do two windows side "
                "by side share pixels, with or without it?"
            ),
        },
    ),
    Question(
        "A network: convolution, ReLU, max pooling 2×2, Flatten, Dense. The image moves right by "
        "two pixels, away from all borders. What happens to the logits?",
        {
            "They stay the same, since convolution does not mind where things are.": (
                "it does mind: its maps move with the image. What does the dense layer after "
                "Flatten do with a map that has moved?"
            ),
            "They change, since a convolution sees something else at each place.": (
                "they change, but not for that reason: it sees the same thing at another place. "
                "Which layer has weights of its own for each place?"
            ),
            "They change, since the dense layer has other weights there.": Right(
                "the pooled maps move by one pixel: equivariant up to Flatten, and then a weight "
                "for each place. A pooling over the whole map would have made them the same"
            ),
            "They stay the same, since max pooling makes up for small shifts.": (
                "a 2×2 pooling may swallow a part of a shift by one pixel; by two pixels its "
                "result moves as a whole"
            ),
        },
    ),
)
