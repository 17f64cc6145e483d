"""Lesson 13: other ways to write what is asked."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# 13.0, windows as columns -------------------------------------------------------------------------


def im2col_window_by_window(X, k, stride):
    n, c, h, w = X.shape
    oh, ow = (h - k) // stride + 1, (w - k) // stride + 1
    cols = np.zeros((n, c * k * k, oh * ow))
    m = 0
    for r in range(oh):
        for s in range(ow):
            window = X[:, :, stride * r : stride * r + k, stride * s : stride * s + k]
            cols[:, :, m] = window.reshape(n, -1)
            m += 1
    return cols


def im2col_offset_by_offset(X, k, stride):
    n, c, h, w = X.shape
    oh, ow = (h - k) // stride + 1, (w - k) // stride + 1
    V = np.zeros((n, c, k, k, oh, ow))
    for i in range(k):
        for j in range(k):
            V[:, :, i, j] = X[:, :, i::stride, j::stride][:, :, :oh, :ow]
    return V.reshape(n, c * k * k, oh * ow)


def im2col_by_a_view(X, k, stride):
    V = sliding_window_view(X, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    n, c, oh, ow = V.shape[:4]
    return V.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * k * k, oh * ow)


def im2col_by_indices(X, k, stride):
    n, c, h, w = X.shape
    rows = np.arange(k)[:, None] + stride * np.arange((h - k) // stride + 1)
    columns = np.arange(k)[:, None] + stride * np.arange((w - k) // stride + 1)
    V = X[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    return V.reshape(n, c * k * k, -1)


def im2col_stacked(X, k, stride):
    n, _, h, w = X.shape
    columns = [
        X[:, :, r : r + k, s : s + k].reshape(n, -1)
        for r in range(0, h - k + 1, stride)
        for s in range(0, w - k + 1, stride)
    ]
    return np.stack(columns, axis=-1)


def im2col_as_lists(X, k, stride):
    return [
        [
            [
                x[i + r, j + s]
                for r in range(0, x.shape[0] - k + 1, stride)
                for s in range(0, x.shape[1] - k + 1, stride)
            ]
            for x in image
            for i in range(k)
            for j in range(k)
        ]
        for image in X
    ]


# 13.0b, the way back ------------------------------------------------------------------------------


def padded(X, p):
    return np.pad(X, [(0, 0), (0, 0), (p, p), (p, p)])


def backward_by_columns(dZ, X, W, stride, padding):
    n, c_out, oh, ow = dZ.shape
    _, c, h, w = X.shape
    k, p = W.shape[2], padding
    around = padded(X, p)
    cols = im2col_offset_by_offset(around, k, stride)
    dZ = dZ.reshape(n, c_out, oh * ow)
    dW = sum(dZ[r] @ cols[r].T for r in range(n)).reshape(W.shape)
    dcols = (W.reshape(c_out, -1).T @ dZ).reshape(n, c, k, k, oh, ow)
    dX = np.zeros(around.shape)
    for i in range(k):
        for j in range(k):
            dX[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride] += dcols[
                :, :, i, j
            ]
    return dW, dZ.sum(axis=2).sum(axis=0), dX[:, :, p : p + h, p : p + w]


def backward_window_by_window(dZ, X, W, stride, padding):
    k, p = W.shape[2], padding
    around = padded(X, p)
    dW, dX = np.zeros_like(W), np.zeros_like(around)
    for r in range(dZ.shape[2]):
        for s in range(dZ.shape[3]):
            rows, columns = slice(stride * r, stride * r + k), slice(stride * s, stride * s + k)
            dW += np.tensordot(dZ[:, :, r, s], around[:, :, rows, columns], axes=(0, 0))
            dX[:, :, rows, columns] += np.tensordot(dZ[:, :, r, s], W, axes=(1, 0))
    inside = slice(p, -p or None)
    return dW, dZ.sum(axis=(0, 2, 3)), dX[:, :, inside, inside]


def backward_by_einsum(dZ, X, W, stride, padding):
    k, around = W.shape[2], padded(X, padding)
    V = sliding_window_view(around, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    dW = np.einsum("nors,ncrsij->ocij", dZ, V)
    dX = np.zeros(around.shape)
    for i, j in np.ndindex(k, k):
        part = np.einsum("nors,oc->ncrs", dZ, W[:, :, i, j])
        dX[:, :, i::stride, j::stride][:, :, : dZ.shape[2], : dZ.shape[3]] += part
    rows, columns = X.shape[2:]
    return dW, np.einsum("nors->o", dZ), dX[:, :, padding:, padding:][:, :, :rows, :columns]


def backward_example_by_example(dZ, X, W, stride, padding):
    k, c_out = W.shape[2], len(W)
    dW, db, dX = np.zeros(W.shape), np.zeros(c_out), []
    for image, dz in zip(X, dZ, strict=True):
        around = padded(image[None], padding)
        dx = np.zeros_like(around[0])
        for o, r, s in np.ndindex(dz.shape):
            window = (slice(None), *(slice(stride * t, stride * t + k) for t in (r, s)))
            dW[o] += dz[o, r, s] * around[0][window]
            dx[window] += dz[o, r, s] * W[o]
            db[o] += dz[o, r, s]
        h, w = image.shape[1:]
        dX.append(dx[:, padding : padding + h, padding : padding + w])
    return [dW, db, np.array(dX)]


def backward_by_flipped_kernels(dZ, X, W, stride, padding):
    """DX as a convolution of dZ, thinned out and padded, with the flipped kernels."""
    n, c_out, oh, ow = dZ.shape
    c, h, w = X.shape[1:]
    k, around = W.shape[2], padded(X, padding)
    spread = np.zeros((n, c_out, around.shape[2] + k - 1, around.shape[3] + k - 1))
    spread[:, :, k - 1 :: stride, k - 1 :: stride][:, :, :oh, :ow] = dZ
    flipped = W[:, :, ::-1, ::-1].transpose(1, 0, 2, 3).reshape(c, -1)
    dX = (flipped @ im2col_by_indices(spread, k, 1)).reshape(around.shape)
    cols = im2col_stacked(around, k, stride)
    dW = np.tensordot(dZ.reshape(n, c_out, -1), cols, axes=((0, 2), (0, 2))).reshape(W.shape)
    return dW, np.sum(dZ, axis=(0, 2, 3)), dX[:, :, padding : padding + h, padding : padding + w]


# 13.1, 1×1 ----------------------------------------------------------------------------------------


def pixels_by_einsum(X, W, b):
    return np.einsum("nchw,co->nohw", X, W) + b[None, :, None, None]


def pixels_as_columns(X, W, b):
    n, c, h, w = X.shape
    return (W.T @ X.reshape(n, c, h * w) + b[:, None]).reshape(n, -1, h, w)


def pixels_one_by_one(X, W, b):
    n, _, h, w = X.shape
    Z = np.zeros((n, len(b), h, w))
    for r in range(h):
        for s in range(w):
            Z[:, :, r, s] = X[:, :, r, s] @ W + b
    return Z


def pixels_as_rows(X, W, b):
    n, c, h, w = X.shape
    rows = np.moveaxis(X, 1, -1).reshape(-1, c)
    return np.moveaxis((rows @ W + b).reshape(n, h, w, -1), -1, 1)


def pixels_by_tensordot(X, W, b):
    return np.rollaxis(np.tensordot(X, W, axes=(1, 0)) + b, 3, 1)


# 13.2, max pooling --------------------------------------------------------------------------------


def pool_window_by_window(dA, X, k):
    dX = np.zeros_like(X)
    for n, c, r, s in np.ndindex(dA.shape):
        window = X[n, c, k * r : k * r + k, k * s : k * s + k]
        i, j = divmod(np.argmax(window), k)
        dX[n, c, k * r + i, k * s + j] = dA[n, c, r, s]
    return dX


def pool_offset_by_offset(dA, X, k):
    A = np.max([X[:, :, i::k, j::k] for i in range(k) for j in range(k)], axis=0)
    dX, left = np.zeros(X.shape), dA.copy()
    for i in range(k):
        for j in range(k):
            mine = X[:, :, i::k, j::k] == A
            dX[:, :, i::k, j::k] = np.where(mine, left, 0)
            left = np.where(mine, 0, left)
    return dX


def pool_with_plain_loops(dA, X, k):
    dX = np.zeros(X.shape)
    for n in range(len(X)):
        for c in range(X.shape[1]):
            for r in range(dA.shape[2]):
                for s in range(dA.shape[3]):
                    best = None
                    for i in range(k * r, k * r + k):
                        for j in range(k * s, k * s + k):
                            if best is None or X[n, c, i, j] > X[n, c][best]:
                                best = i, j
                    dX[n, c][best] += dA[n, c, r, s]
    return dX


def pool_by_put_along_axis(dA, X, k):
    n, c, oh, ow = dA.shape
    V = X.reshape(n, c, oh, k, ow, k).swapaxes(3, 4).reshape(n, c, oh, ow, k * k)
    dV = np.zeros_like(V)
    np.put_along_axis(dV, V.argmax(-1)[..., None], dA[..., None], axis=-1)
    return dV.reshape(n, c, oh, ow, k, k).swapaxes(3, 4).reshape(X.shape)


def pool_by_unravelling(dA, X, k):
    dX = np.zeros(X.shape)
    for r, s in np.ndindex(dA.shape[2:]):
        window = X[:, :, k * r : k * (r + 1), k * s : k * (s + 1)]
        flat = window.reshape(*window.shape[:2], -1)
        mask = np.arange(k * k) == flat.argmax(axis=2, keepdims=True)
        into = dX[:, :, k * r : k * (r + 1), k * s : k * (s + 1)]
        into += (mask * dA[:, :, r, s][:, :, None]).reshape(window.shape)
    return dX


# 13.3, depthwise ----------------------------------------------------------------------------------


def depthwise_place_by_place(X, W, b, stride):
    n, c, h, w = X.shape
    k = W.shape[1]
    Z = np.zeros((n, c, (h - k) // stride + 1, (w - k) // stride + 1))
    for r in range(Z.shape[2]):
        for s in range(Z.shape[3]):
            window = X[:, :, stride * r : stride * r + k, stride * s : stride * s + k]
            Z[:, :, r, s] = (window * W).sum(axis=(2, 3)) + b
    return Z


def depthwise_channel_by_channel(X, W, b, stride):
    k, maps = W.shape[1], []
    for c in range(X.shape[1]):
        cols = im2col_offset_by_offset(X[:, c : c + 1], k, stride)
        maps.append(W[c].reshape(1, -1) @ cols + b[c])
    Z = np.concatenate(maps, axis=1)
    return Z.reshape(*Z.shape[:2], (X.shape[2] - k) // stride + 1, -1)


def depthwise_offset_by_offset(X, W, b, stride):
    k = W.shape[1]
    oh, ow = ((size - k) // stride + 1 for size in X.shape[2:])
    Z = np.broadcast_to(b[:, None, None], (len(X), len(b), oh, ow)).copy()
    for i, j in np.ndindex(k, k):
        Z += X[:, :, i::stride, j::stride][:, :, :oh, :ow] * W[:, i, j, None, None]
    return Z


def depthwise_by_a_full_convolution(X, W, b, stride):
    c, k = W.shape[:2]
    full = np.zeros((c, c, k, k))
    full[np.arange(c), np.arange(c)] = W
    cols = im2col_stacked(X, k, stride)
    Z = full.reshape(c, -1) @ cols + b[:, None]
    return Z.reshape(len(X), c, (X.shape[2] - k) // stride + 1, -1)


def depthwise_by_einsum(X, W, b, stride):
    V = sliding_window_view(X, W.shape[1:], axis=(2, 3))[:, :, ::stride, ::stride]
    return (np.einsum("ncrsij,cij->nrsc", V, W) + b).transpose(0, 3, 1, 2)


EQUAL = {
    "13.0": [
        im2col_window_by_window,
        im2col_offset_by_offset,
        im2col_by_a_view,
        im2col_by_indices,
        im2col_stacked,
        im2col_as_lists,
    ],
    "13.0b": [
        backward_by_columns,
        backward_window_by_window,
        backward_by_einsum,
        backward_example_by_example,
        backward_by_flipped_kernels,
    ],
    "13.1": [
        pixels_by_einsum,
        pixels_as_columns,
        pixels_one_by_one,
        pixels_as_rows,
        pixels_by_tensordot,
    ],
    "13.2": [
        pool_window_by_window,
        pool_offset_by_offset,
        pool_with_plain_loops,
        pool_by_put_along_axis,
        pool_by_unravelling,
    ],
    "13.3": [
        depthwise_place_by_place,
        depthwise_channel_by_channel,
        depthwise_offset_by_offset,
        depthwise_by_a_full_convolution,
        depthwise_by_einsum,
    ],
}
