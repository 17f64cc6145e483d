"""Lesson 15: other ways to write what is asked."""

import numpy as np

from nnlib.course.lessons.lesson_15 import LISTINGS

# 15.0, a gradient check ---------------------------------------------------------------------------


def agree_in_two_networks(nn, rng):
    X, y = rng.normal(size=(5, 4)), rng.integers(0, 3, 5)
    for part in (nn.Dropout(0.4), nn.LayerNorm(6)):
        net = nn.Sequential(nn.Dense(4, 6), nn.ReLU(), part, nn.Dense(6, 3), rng=rng)
        net.params = net.params + rng.uniform(0.5, 1, net.params.shape)
        assert nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X, y).ok


def agree_in_every_row(nn, rng):
    layers = nn.Dense(3, 4), nn.ReLU(), nn.LayerNorm(4), nn.Dropout(0.3), nn.Dense(4, 5)
    net = nn.Sequential(*layers, rng=1)
    for layer in net.layers:
        for name in layer.shapes():
            setattr(layer, name, rng.normal(size=getattr(layer, name).shape))
    X, y = rng.normal(size=(6, 3)), rng.integers(0, 5, 6)
    for row in nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X, y).rows:
        if row.mark == "WRONG":
            raise ValueError(row)


def agree_by_raising(nn, rng):
    net = nn.Sequential(
        nn.Dense(4, 5), nn.LayerNorm(5), nn.ReLU(), nn.Dropout(), nn.Dense(5, 2), rng=rng
    )
    net.params = rng.uniform(0.3, 0.9, net.params.shape) * rng.choice([-1, 1], net.params.shape)
    report = nn.check_gradients(
        net, nn.SoftmaxCrossEntropy(), rng.normal(size=(4, 4)), np.array([0, 1, 1, 0])
    )
    if not report.ok:
        raise AssertionError("a gradient is wrong")


def agree_below_the_worst(nn, rng):
    layers = nn.Dense(4, 7), nn.ReLU(), nn.Dropout(0.5), nn.Dense(7, 5), nn.LayerNorm(5)
    net = nn.Sequential(*layers, nn.Dense(5, 3), rng=2)
    net.params = rng.normal(size=net.params.size)
    X, y = rng.normal(size=(4, 4)), rng.integers(0, 3, 4)
    marks = [row.mark for row in nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X, y).rows]
    assert marks.count("WRONG") == 0, marks


def agree_one_entry_after_the_other(nn, rng):
    net = nn.Sequential(
        nn.Dense(3, 9), nn.LayerNorm(9), nn.ReLU(), nn.Dropout(0.3), nn.Dense(9, 3), rng=rng
    )
    net.params = rng.normal(size=len(net.params))
    loss, X, y = nn.SoftmaxCrossEntropy(), rng.normal(size=(5, 3)), rng.integers(0, 3, 5)
    dropout = net.layers[3]
    state = dropout.rng.bit_generator.state

    def value(θ):
        net.params, dropout.rng.bit_generator.state = θ, state
        return loss.value(net.forward(X, train=True), y)

    θ = net.params.copy()
    dropout.rng.bit_generator.state = state
    _, dZ = loss.value_and_grad(net.forward(X, train=True), y)
    net.backward(dZ)
    claimed = net.grads.copy()
    assert nn.relative_error(claimed, nn.numerical_gradient(value, θ, 1e-6)) < 1e-4


# 15.0b, an end-to-end check -----------------------------------------------------------------------


def _ten(rng, d=4):
    return rng.normal(size=(10, d)), rng.permutation([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])


def learns_by_hand(nn, rng):
    net, loss = (
        nn.Sequential(nn.Dense(4, 20), nn.ReLU(), nn.Dense(20, 3), rng=3),
        (nn.SoftmaxCrossEntropy()),
    )
    X, y = _ten(rng)
    assert np.isclose(loss.value(0 * net.forward(X), y), np.log(3))
    for _ in nn.steps(net, loss, nn.SGD(lr=0.5), X, y, epochs=100, batch_size=5):
        pass
    assert loss.value(net.forward(X), y) < 0.1


def learns_with_adam(nn, rng):
    X, y = _ten(np.random.default_rng(2))
    net = nn.Sequential(nn.Dense(4, 16), nn.ReLU(), nn.Dense(16, 3), rng=1)
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.03))
    first = nn.SoftmaxCrossEntropy().value(1e-4 * net.forward(X), y)
    assert 1.09 < first < 1.11
    history = model.fit(X, y, epochs=200, batch_size=5)
    assert model.evaluate(X, y)["loss"] < 0.1, history["loss"][-1]


def learns_after_zeros(nn, rng):
    assert (
        abs(nn.SoftmaxCrossEntropy().value(np.zeros((6, 3)), np.array([0, 1, 2] * 2)) - 1.0986)
        < 1e-3
    )
    X, y = _ten(np.random.default_rng(2), 5)
    net = nn.Sequential(nn.Dense(5, 16), nn.ReLU(), nn.Dense(16, 3), rng=1)
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD(lr=0.5))
    model.fit(X, y, epochs=80, batch_size=5)
    if model.evaluate(X, y)["accuracy"] < 1 or model.evaluate(X, y)["loss"] > 0.2:
        raise RuntimeError("ten examples are too many for it")


def learns_in_threes(nn, rng):
    X, y = _ten(np.random.default_rng(2))
    model = nn.Model(
        nn.Sequential(nn.Dense(4, 16), nn.ReLU(), nn.Dense(16, 3), rng=5),
        nn.SoftmaxCrossEntropy(),
        nn.SGD(lr=0.3),
    )
    value = nn.SoftmaxCrossEntropy().value(model.net.forward(X) / 1000, y)
    assert round(value, 2) == round(np.log(3), 2)
    model.fit(X, y, epochs=120, batch_size=3)
    assert model.evaluate(X, y)["loss"] < 0.1


def learns_two_questions(nn, rng):
    def asked(condition, what):
        if not condition:
            raise AssertionError(what)

    X, y = _ten(rng)
    net = nn.Sequential(nn.Dense(4, 24), nn.ReLU(), nn.Dense(24, 3), rng=7)
    loss = nn.SoftmaxCrossEntropy()
    asked(np.isclose(loss.value(1e-6 * net.forward(X), y), np.log(3), atol=1e-4), "log k")
    nn.Model(net, loss, nn.SGD(lr=0.5)).fit(X, y, epochs=100, batch_size=5)
    asked(loss.value(net.forward(X), y) < 0.1, "ten examples")


# 15.1, which line? --------------------------------------------------------------------------------


def lines_in_a_list():
    return [9, 10, 8, 5, 11, 8]


def lines_in_an_array():
    return np.array([9, 10, 8, 5, 11, 8])


def lines_as_floats():
    return 9.0, 10.0, 8.0, 5.0, 11.0, 8.0


def lines_by_number():
    return {1: 9, 2: 10, 3: 8, 4: 5, 5: 11, 6: 8}


def lines_as_they_are_known():
    return tuple(shown.wrong for shown in LISTINGS)


# 15.2, mend it ------------------------------------------------------------------------------------


def softmax_of(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def mended_with_two_names(X, Y, W1, b1, W2, b2, W3, b3, kept, p):
    A = np.tanh(X @ W1 + b1)
    A1 = A * kept / (1 - p)
    Z2 = A1 @ W2 + b2
    A2 = np.maximum(Z2, 0)
    dZ3 = (softmax_of(A2 @ W3 + b3) - Y) / len(X)
    dZ2 = dZ3 @ W3.T * (Z2 > 0)
    dZ1 = dZ2 @ W2.T * kept / (1 - p) * (1 - A**2)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0), A2.T @ dZ3, dZ3.sum(axis=0)


def mended_by_undoing_dropout(X, Y, W1, b1, W2, b2, W3, b3, kept, p):
    """What is kept, times 1 − p, is the tanh; what was dropped gets nothing anyhow."""
    A1 = np.tanh(X @ W1 + b1) * kept / (1 - p)
    A2 = np.maximum(A1 @ W2 + b2, 0)
    dZ3 = (softmax_of(A2 @ W3 + b3) - Y) / len(X)
    dZ2 = (dZ3 @ W3.T) * (A2 > 0)
    dA1 = dZ2 @ W2.T * kept / (1 - p)
    dZ1 = dA1 * (1 - ((1 - p) * A1) ** 2)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0), A2.T @ dZ3, dZ3.sum(axis=0)


def mended_by_a_second_tanh(X, Y, W1, b1, W2, b2, W3, b3, kept, p):
    Z1 = X @ W1 + b1
    D = kept / (1 - p)
    A1 = np.tanh(Z1) * D
    Z2 = A1 @ W2 + b2
    A2 = Z2 * (Z2 > 0)
    dZ3 = (softmax_of(A2 @ W3 + b3) - Y) / X.shape[0]
    dZ2 = np.where(Z2 > 0, dZ3 @ W3.T, 0)
    dZ1 = dZ2 @ W2.T * D / np.cosh(Z1) ** 2
    return X.T @ dZ1, np.sum(dZ1, 0), A1.T @ dZ2, np.sum(dZ2, 0), A2.T @ dZ3, np.sum(dZ3, 0)


def mended_with_a_kept_slope(X, Y, W1, b1, W2, b2, W3, b3, kept, p):
    A1 = np.tanh(X @ W1 + b1)
    slope = 1 - A1 * A1
    A1 = A1 * kept / (1 - p)
    A2 = np.maximum(A1 @ W2 + b2, 0)
    dZ3 = softmax_of(A2 @ W3 + b3)
    dZ3 = (dZ3 - Y) / len(Y)
    dW3, db3 = A2.T @ dZ3, dZ3.sum(axis=0)
    dZ2 = dZ3 @ W3.T * (A2 > 0)
    dW2, db2 = A1.T @ dZ2, dZ2.sum(axis=0)
    dZ1 = dZ2 @ W2.T * kept * slope / (1 - p)
    return [X.T @ dZ1, dZ1.sum(axis=0), dW2, db2, dW3, db3]


def mended_row_by_row(X, Y, W1, b1, W2, b2, W3, b3, kept, p):
    sums = [np.zeros(a.shape) for a in (W1, b1, W2, b2, W3, b3)]
    for x, y, m in zip(X, Y, kept, strict=True):
        a = np.tanh(x @ W1 + b1)
        a1 = a * m / (1 - p)
        a2 = np.maximum(a1 @ W2 + b2, 0)
        dz3 = (softmax_of((a2 @ W3 + b3)[np.newaxis])[0] - y) / len(X)
        dz2 = (W3 @ dz3) * (a2 > 0)
        dz1 = (W2 @ dz2) * m / (1 - p) * (1 - a * a)
        rows = np.outer(x, dz1), dz1, np.outer(a1, dz2), dz2, np.outer(a2, dz3), dz3
        for total, row in zip(sums, rows, strict=True):
            total += row
    return tuple(sums)


EQUAL = {
    "15.0": (
        agree_in_two_networks,
        agree_in_every_row,
        agree_by_raising,
        agree_below_the_worst,
        agree_one_entry_after_the_other,
    ),
    "15.0b": (
        learns_by_hand,
        learns_with_adam,
        learns_after_zeros,
        learns_in_threes,
        learns_two_questions,
    ),
    "15.1": (
        lines_in_a_list,
        lines_in_an_array,
        lines_as_floats,
        lines_by_number,
        lines_as_they_are_known,
    ),
    "15.2": (
        mended_with_two_names,
        mended_by_undoing_dropout,
        mended_by_a_second_tanh,
        mended_with_a_kept_slope,
        mended_row_by_row,
    ),
}
