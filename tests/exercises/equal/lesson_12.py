"""Lesson 12: other ways to write what is asked."""

import itertools

import numpy as np

# 12.0, shifted copies -----------------------------------------------------------------------------


def shifted_pixel_by_pixel(images, dx, dy):
    n, h, w = images.shape
    out = np.zeros((n, h, w), dtype=images.dtype)
    for r, i, j in itertools.product(range(n), range(h), range(w)):
        if 0 <= i - dy[r] < h and 0 <= j - dx[r] < w:
            out[r, i, j] = images[r, i - dy[r], j - dx[r]]
    return out


def shifted_by_windows(images, dx, dy):
    m = max(abs(dx).max(), abs(dy).max())
    n, h, w = images.shape
    padded = np.pad(images, ((0, 0), (m, m), (m, m)))
    out = []
    for r in range(n):
        top, left = m - dy[r], m - dx[r]
        out.append(padded[r, top : top + h, left : left + w])
    return np.array(out)


def shifted_by_slices(images, dx, dy):
    _, h, w = images.shape
    out = np.zeros_like(images)
    for new, old, right, down in zip(out, images, dx, dy, strict=True):
        new[max(down, 0) : h + min(down, 0), max(right, 0) : w + min(right, 0)] = old[
            max(-down, 0) : h + min(-down, 0), max(-right, 0) : w + min(-right, 0)
        ]
    return out


def shifted_by_roll_and_erase(images, dx, dy):
    out = []
    for image, right, down in zip(images, dx, dy, strict=True):
        moved = np.roll(image, (down, right), axis=(0, 1))
        if down > 0:
            moved[:down] = 0
        if down < 0:
            moved[down:] = 0
        if right > 0:
            moved[:, :right] = 0
        if right < 0:
            moved[:, right:] = 0
        out.append(moved)
    return np.stack(out)


def shifted_by_matrices(images, dx, dy):
    _, h, w = images.shape
    eyes = [(np.eye(h, k=-down), np.eye(w, k=right)) for right, down in zip(dx, dy, strict=True)]
    moved = [D @ image @ R for image, (D, R) in zip(images, eyes, strict=True)]
    return np.array(moved, images.dtype)


def shifted_group_by_group(images, dx, dy):
    out = np.empty_like(images)
    padded = np.pad(images, ((0, 0), (9, 9), (9, 9)))
    for right, down in set(zip(dx.tolist(), dy.tolist(), strict=True)):
        those = (dx == right) & (dy == down)
        window = padded[those, 9 - down :, 9 - right :]
        out[those] = window[:, : images.shape[1], : images.shape[2]]
    return out


# 12.1, the plan -----------------------------------------------------------------------------------


def plan_in_a_loop(widths, n, batch_size, epochs):
    parameters = multiplications = 0
    for i in range(len(widths) - 1):
        parameters += (widths[i] + 1) * widths[i + 1]
        multiplications += (2 if i == 0 else 3) * n * widths[i] * widths[i + 1]
    return parameters, epochs * -(-n // batch_size), epochs * multiplications


def plan_with_numpy(widths, n, batch_size, epochs):
    a, b = np.array(widths[:-1]), np.array(widths[1:])
    each = np.full(len(a), 3)
    each[0] = 2
    return a @ b + b.sum(), epochs * int(np.ceil(n / batch_size)), epochs * n * (each * a) @ b


def plan_batch_by_batch(widths, n, batch_size, epochs):
    parameters = sum(a * b + b for a, b in itertools.pairwise(widths))
    updates = multiplications = 0
    for _ in range(epochs):
        for start in range(0, n, batch_size):
            size = min(batch_size, n - start)
            updates += 1
            for layer, (a, b) in enumerate(itertools.pairwise(widths)):
                multiplications += size * a * b * (3 if layer else 2)
    return parameters, updates, multiplications


def plan_as_floats(widths, n, batch_size, epochs):
    W = float(np.dot(widths[:-1], widths[1:]))
    return (
        W + sum(widths) - widths[0],
        epochs * ((n + batch_size - 1) // batch_size),
        n * epochs * (3 * W - widths[0] * widths[1]),
    )


def plan_by_passes(widths, n, batch_size, epochs):
    pairs = list(itertools.pairwise(widths))
    forward = sum(a * b for a, b in pairs)
    backward = forward + sum(a * b for a, b in pairs[1:])
    batches = len(range(0, n, batch_size))
    return forward + sum(b for _, b in pairs), batches * epochs, (forward + backward) * n * epochs


# 12.2, the centre of mass -------------------------------------------------------------------------


def centre_by_loops(images):
    x, y = [], []
    for image in images:
        mass = sx = sy = 0.0
        for i, row in enumerate(image):
            for j, ink in enumerate(row):
                mass += ink
                sx += j * ink
                sy += i * ink
        x.append(sx / mass)
        y.append(sy / mass)
    return x, y


def centre_by_average(images):
    _, h, w = images.shape
    x = [np.average(np.arange(w), weights=image.sum(axis=0)) for image in images]
    y = [np.average(np.arange(h), weights=image.sum(axis=1)) for image in images]
    return np.array(x), np.array(y)


def centre_by_grids(images):
    rows, columns = np.indices(images.shape[1:])
    mass = np.sum(images, axis=(1, 2))
    return (images * columns).sum(axis=(1, 2)) / mass, (images * rows).sum(axis=(1, 2)) / mass


def centre_by_einsum(images):
    _, h, w = images.shape
    share = images / np.einsum("rij->r", images)[:, None, None]
    return np.einsum("rij,j->r", share, np.arange(w)), np.einsum("rij,i->r", share, np.arange(h))


def centre_as_rows(images):
    n, h, w = images.shape
    X = images.reshape(n, h * w)
    places = np.arange(h * w)
    mass = X.sum(axis=1)
    return np.array([X @ (places % w) / mass, X @ (places // w) / mass])


# 12.3, a committee --------------------------------------------------------------------------------


def committee_by_loops(P):
    m, n, k = P.shape
    mean, vote = [], []
    for r in range(n):
        sums, counts = [0.0] * k, [0] * k
        for member in range(m):
            for c in range(k):
                sums[c] += P[member, r, c]
            counts[int(np.argmax(P[member, r]))] += 1
        mean.append(sums.index(max(sums)))
        vote.append(counts.index(max(counts)))
    return np.array(mean), np.array(vote)


def committee_by_bincount(P):
    labels, k = P.argmax(axis=-1), P.shape[-1]
    vote = [np.bincount(column, minlength=k).argmax() for column in labels.T]
    return P.sum(axis=0).argmax(axis=-1), np.array(vote)


def committee_class_by_class(P):
    named = np.argmax(P, axis=2)
    counts = np.array([(named == c).sum(axis=0) for c in range(P.shape[2])])
    return np.argmax(np.mean(P, axis=0), axis=1), np.argmax(counts, axis=0)


def committee_by_one_hot(P):
    Y = np.eye(P.shape[2])[P.argmax(axis=2)]
    return np.average(P, axis=0).argmax(1), Y.sum(axis=0).argmax(1)


def committee_by_unique(P):
    vote = []
    for column in P.argmax(axis=2).T.tolist():
        vote.append(max(sorted(set(column)), key=column.count))
    mean = np.einsum("mnk->nk", P)
    return mean.argmax(axis=1), np.array(vote)


EQUAL = {
    "12.0": [
        shifted_pixel_by_pixel,
        shifted_by_windows,
        shifted_by_slices,
        shifted_by_roll_and_erase,
        shifted_by_matrices,
        shifted_group_by_group,
    ],
    "12.1": [plan_in_a_loop, plan_with_numpy, plan_batch_by_batch, plan_as_floats, plan_by_passes],
    "12.2": [
        centre_by_loops,
        centre_by_average,
        centre_by_grids,
        centre_by_einsum,
        centre_as_rows,
    ],
    "12.3": [
        committee_by_loops,
        committee_by_bincount,
        committee_class_by_class,
        committee_by_one_hot,
        committee_by_unique,
    ],
}
