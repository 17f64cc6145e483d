"""Lesson 08: other ways to write what is asked."""

import math

import numpy as np

from nnlib.examples import batches
from tests.exercises.equal.reading_curves import WAYS

# 08.0, the training loop --------------------------------------------------------------------------


def train_by_slices(net, loss, optimizer, X, y, epochs, batch_size, rng):
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        total = 0
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            Z = net.forward(X[rows], train=True)
            L, dZ = loss.value_and_grad(Z, y[rows])
            net.backward(dZ)
            optimizer.step(net.params, net.grads)
            total += L * len(rows)
        losses.append(total / len(X))
    return net.params, losses


def train_on_shuffled_copies(net, loss, optimizer, X, y, epochs, batch_size, rng):
    n, losses = len(y), np.zeros(epochs)
    for epoch in range(epochs):
        order = rng.permutation(n)
        X_new, y_new = X[order], y[order]
        i = 0
        while i < n:
            j = min(i + batch_size, n)
            L, dZ = loss.value_and_grad(net.forward(X_new[i:j], train=True), y_new[i:j])
            net.backward(dZ)
            optimizer.step(net.params, net.grads)
            losses[epoch] += L * (j - i) / n
            i = j
    return net.params.copy(), losses


def train_with_array_split(net, loss, optimizer, X, y, epochs, batch_size, rng):
    losses = []
    for _ in range(epochs):
        order = np.arange(len(X))
        rng.shuffle(order)
        parts = np.split(order, range(batch_size, len(X), batch_size))
        values = []
        for rows in parts:
            L, dZ = loss.value_and_grad(net.forward(X[rows], train=True), y[rows])
            net.backward(dZ)
            optimizer.step(net.params, net.grads)
            values.append(L)
        losses.append(np.average(values, weights=[len(rows) for rows in parts]))
    return net.params, np.array(losses)


def train_one_step_after_the_other(net, loss, optimizer, X, y, epochs, batch_size, rng):
    losses, order, total, done = [], [], 0.0, 0
    while len(losses) < epochs:
        if not len(order):
            order = list(rng.permutation(len(X)))
        rows, order = order[:batch_size], order[batch_size:]
        Z = net.forward(X[rows], train=True)
        L, dZ = loss.value_and_grad(Z, y[rows])
        net.backward(dZ)
        optimizer.step(net.params, net.grads)
        total, done = total + L * len(rows), done + len(rows)
        if done == len(X):
            losses.append(total / done)
            total, done = 0.0, 0
    return [net.params, losses]


def train_with_the_librarys_batches(net, loss, optimizer, X, y, epochs, batch_size, rng):
    def one_epoch():
        for rows in batches(len(X), batch_size, rng):
            value, dZ = loss.value_and_grad(net.forward(X[rows], train=True), y[rows])
            net.backward(dZ)
            optimizer.step(net.params, net.grads)
            yield value * rows.size

    losses = [math.fsum(one_epoch()) / len(X) for _ in range(epochs)]
    return net.params, losses


def train_with_the_loss_of_each_example(net, loss, optimizer, X, y, epochs, batch_size, rng):
    losses = []
    for _ in range(epochs):
        order, each = rng.permutation(len(X)), np.empty(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            Z = net.forward(X[rows], train=True)
            each[rows] = [loss.value(Z[r : r + 1], y[[row]]) for r, row in enumerate(rows)]
            net.backward(loss.value_and_grad(Z, y[rows])[1])
            optimizer.step(net.params, net.grads)
        losses.append(each.mean())
    return net.params, losses


# 08.1, early stopping -----------------------------------------------------------------------------


def stop_by_counting(losses, patience, min_delta):
    best, best_epoch, waited = np.inf, 0, 0
    for epoch, value in enumerate(losses, 1):
        if best - value > min_delta:
            best, best_epoch, waited = value, epoch, 0
        else:
            waited += 1
        if waited == patience:
            return epoch, best_epoch
    return len(losses), best_epoch


def stop_by_distance(losses, patience, min_delta):
    best = next(i for i, value in enumerate(losses) if value == value)
    for i in range(best + 1, len(losses)):
        if losses[i] < losses[best] - min_delta:
            best = i
        elif i - best >= patience:
            return i + 1, best + 1
    return len(losses), best + 1


def stop_from_the_best(losses, patience, min_delta):
    best = int(np.argmax(np.isfinite(losses)))
    while True:
        ahead = range(best + 1, min(best + patience + 1, len(losses)))
        better = [i for i in ahead if losses[best] - losses[i] > min_delta]
        if not better:
            return min(best + patience + 1, len(losses)), best + 1
        best = better[0]


def stop_with_nan_as_infinity(losses, patience, min_delta):
    losses = [math.inf if math.isnan(value) else value for value in losses]
    best, epoch, left = losses[0], 1, patience
    best_epoch = 1
    while left and epoch < len(losses):
        epoch += 1
        left -= 1
        if not losses[epoch - 1] >= best - min_delta:
            best, best_epoch, left = losses[epoch - 1], epoch, patience
    return np.array([epoch, best_epoch])


def stop_with_a_floor(losses, patience, min_delta):
    goal, waited = float("inf"), 0
    for epoch in range(len(losses)):
        waited += 1
        if losses[epoch] < goal:
            goal, waited, best_epoch = losses[epoch] - min_delta, 0, epoch + 1
        if waited >= patience:
            break
    return epoch + 1, best_epoch


# 08.2, a split without a leak ---------------------------------------------------------------------


def split_with_isin(X, groups, held):
    out = np.isin(groups, held)
    train, val = X[~out], X[out]
    mean, std = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / std, (val - mean) / std


def split_by_rows(X, groups, held):
    held = set(held)
    train = np.array([row for row, group in zip(X, groups, strict=True) if group not in held])
    val = np.array([row for row, group in zip(X, groups, strict=True) if group in held])
    mean = sum(train) / len(train)
    std = np.sqrt(sum((train - mean) ** 2) / len(train))
    return (train - mean) / std, (val - mean) / std


def split_after_scaling_with_the_right_numbers(X, groups, held):
    kept = ~np.any([groups == group for group in held], axis=0)
    scaled = (X - X[kept].mean(0)) / X[kept].std(0)
    return scaled[kept], scaled[~kept]


def split_by_index(X, groups, held):
    inside = [i for i in range(len(X)) if groups[i] in held]
    train, val = np.delete(X, inside, axis=0), X[inside]
    mean = np.mean(train, axis=0)
    std = np.mean(np.square(train - mean), axis=0) ** 0.5
    return [(part - mean) / std for part in (train, val)]


def split_column_by_column(X, groups, held):
    out = (groups[:, np.newaxis] == np.asarray(held)).any(axis=1)
    scaled = np.empty_like(X)
    for j in range(X.shape[1]):
        column = X[~out, j]
        scaled[:, j] = (X[:, j] - np.mean(column)) / np.std(column)
    return scaled[np.logical_not(out)], scaled[out]


EQUAL = {
    "08.0": (
        train_by_slices,
        train_on_shuffled_copies,
        train_with_array_split,
        train_one_step_after_the_other,
        train_with_the_librarys_batches,
        train_with_the_loss_of_each_example,
    ),
    "08.1": (
        stop_by_counting,
        stop_by_distance,
        stop_from_the_best,
        stop_with_nan_as_infinity,
        stop_with_a_floor,
    ),
    "08.2": (
        split_with_isin,
        split_by_rows,
        split_after_scaling_with_the_right_numbers,
        split_by_index,
        split_column_by_column,
    ),
    "08.3": WAYS,
}
