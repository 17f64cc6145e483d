"""Lesson 05: other ways to write what is asked."""

import math

import numpy as np

import nnlib as nn

# 05.0, the check ----------------------------------------------------------------------------------


def checked_on_one_copy(f, θ, g, ε):
    here, g_hat = θ.copy(), []
    for i in range(len(θ)):
        here[i] = θ[i] + ε
        above = f(here)
        here[i] = θ[i] - ε
        below = f(here)
        here[i] = θ[i]
        g_hat.append((above - below) / (2 * ε))
    difference = np.linalg.norm(np.subtract(g, g_hat))
    return g_hat, difference / (np.linalg.norm(g) + np.linalg.norm(g_hat))


def checked_with_unit_vectors(f, θ, g, ε):
    E = np.eye(len(θ))
    g_hat = np.array([(f(θ + ε * e) - f(θ - ε * e)) / (2 * ε) for e in E])
    error = np.sqrt(np.sum((g - g_hat) ** 2))
    error /= np.sqrt(g @ g) + np.sqrt(g_hat @ g_hat)
    return g_hat, error


def checked_by_a_function_of_one_number(f, θ, g, ε):
    def slope(i):
        def along(t):
            moved = np.array(θ)
            moved[i] += t
            return f(moved)

        return (along(ε) - along(-ε)) / ε / 2

    g_hat = np.fromiter(map(slope, range(θ.size)), float)
    size = math.hypot(*g) + math.hypot(*g_hat)
    return g_hat, math.hypot(*(g - g_hat)) / size


def checked_in_two_sweeps(f, θ, g, ε):
    above, below = np.empty(len(θ)), np.empty(len(θ))
    for values, nudge in ((above, ε), (below, -ε)):
        for i, entry in enumerate(θ):
            values[i] = f(np.concatenate([θ[:i], [entry + nudge], θ[i + 1 :]]))
    g_hat = np.subtract(above, below) * 0.5 / ε
    lengths = [np.linalg.norm(a) for a in (g_hat - g, g, g_hat)]
    return g_hat, lengths[0] / sum(lengths[1:])


def checked_with_index_arrays(f, θ, g, ε):
    p = θ.shape[0]
    up, down = np.tile(θ, (p, 1)), np.tile(θ, (p, 1))
    up[range(p), range(p)] += ε
    down[range(p), range(p)] -= ε
    g_hat = (np.apply_along_axis(f, 1, up) - np.apply_along_axis(f, 1, down)) / (2 * ε)
    return [g_hat, np.float64(length(g - g_hat)) / (length(g) + length(g_hat))]


# 05.1, two slopes combined ------------------------------------------------------------------------


def combined_by_solving_two_equations(wide, narrow):
    A = np.array([[1.0, 1.0], [1.0, 0.25]])
    solved = np.linalg.solve(A, np.stack([wide.ravel(), narrow.ravel()]))
    return solved[0].reshape(wide.shape)


def combined_entry_by_entry(wide, narrow):
    better = np.zeros_like(wide)
    for index in np.ndindex(wide.shape):
        better[index] = narrow[index] * 4 / 3 - wide[index] / 3
    return better


# 05.4, how the gradient changes -------------------------------------------------------------------


def change_in_steps(gradient, θ, q, ε):
    above = gradient(θ + ε * q)
    below = gradient(θ - ε * q)
    return (above - below) / ε / 2


def change_along_a_line(gradient, θ, q, ε):
    def at(t):
        return gradient(θ + t * q)

    return (at(ε) - at(-ε)) / (2 * ε)


def change_entry_by_entry(gradient, θ, q, ε):
    up = [θ[i] + ε * q[i] for i in range(len(θ))]
    down = [θ[i] - ε * q[i] for i in range(len(θ))]
    g, h = gradient(np.array(up)), gradient(np.array(down))
    return [(g[i] - h[i]) / (2 * ε) for i in range(len(θ))]


def change_on_a_copy(gradient, θ, q, ε):
    here = θ.copy()
    here += ε * q
    result = gradient(here)
    here -= 2 * ε * q
    result = result - gradient(here)
    return 0.5 * result / ε


def change_by_the_library(gradient, θ, q, ε):
    slopes = [
        nn.numerical_gradient(lambda t, i=i: gradient(θ + t[0] * q)[i], [0.0], ε)[0]
        for i in range(len(θ))
    ]
    return np.array(slopes)


# 05.2, a gradient checker -------------------------------------------------------------------------


def length(a):
    return math.sqrt(sum(float(x) ** 2 for x in np.ravel(a)))


def errors_one_array_at_a_time(f, arrays, gradients, ε):
    errors = []
    for k in range(len(arrays)):
        arrays_now = [a.copy() for a in arrays]
        slopes = np.zeros(arrays[k].shape)
        for index in np.ndindex(slopes.shape):
            arrays_now[k][index] = arrays[k][index] + ε
            above = f(arrays_now)
            arrays_now[k][index] = arrays[k][index] - ε
            below = f(arrays_now)
            arrays_now[k][index] = arrays[k][index]
            slopes[index] = (above - below) / (2 * ε)
        g = gradients[k]
        errors.append(length(g - slopes) / (length(g) + length(slopes)))
    return errors


def errors_with_fresh_copies(f, arrays, gradients, ε):
    def nudged(k, i, amount):
        copies = [a.copy() for a in arrays]
        copies[k].flat[i] += amount
        return f(copies)

    errors = np.zeros(len(arrays))
    for k, g in enumerate(gradients):
        slopes = [(nudged(k, i, ε) - nudged(k, i, -ε)) / (2 * ε) for i in range(g.size)]
        slopes = np.array(slopes).reshape(g.shape)
        errors[k] = np.linalg.norm(g - slopes) / (np.linalg.norm(g) + np.linalg.norm(slopes))
    return errors


def errors_with_unit_arrays(f, arrays, gradients, ε):
    def slope(k, index):
        e = np.zeros_like(arrays[k])
        e[index] = ε
        above = [a + e if j == k else a for j, a in enumerate(arrays)]
        below = [a - e if j == k else a for j, a in enumerate(arrays)]
        return (f(above) - f(below)) / (2 * ε)

    result = []
    for k, g in enumerate(gradients):
        s = np.reshape([slope(k, index) for index in np.ndindex(g.shape)], g.shape)
        result.append(
            np.sqrt(np.sum((g - s) ** 2)) / (np.sqrt(np.sum(g**2)) + np.sqrt(np.sum(s**2)))
        )
    return np.array(result)


def errors_from_one_long_vector(f, arrays, gradients, ε):
    ends = np.cumsum([a.size for a in arrays])
    flat = np.concatenate([a.ravel() for a in arrays])

    def loss(vector):
        pieces = np.split(vector, ends[:-1])
        return f([piece.reshape(a.shape) for piece, a in zip(pieces, arrays, strict=True)])

    slopes = [(loss(flat + e) - loss(flat - e)) / (2 * ε) for e in ε * np.eye(len(flat))]
    errors = []
    for measured, g in zip(np.split(np.array(slopes), ends[:-1]), gradients, strict=True):
        g = g.ravel()
        errors.append(np.linalg.norm(measured - g) / (np.linalg.norm(measured) + np.linalg.norm(g)))
    return np.asarray(errors)


def errors_by_the_library(f, arrays, gradients, ε):
    errors = []
    for k, g in enumerate(gradients):
        slopes = nn.numerical_gradient(
            lambda a, k=k: f([*arrays[:k], a, *arrays[k + 1 :]]), arrays[k], ε
        )
        errors.append(nn.relative_error(g, slopes))
    return np.array(errors)


# 05.3, 1/n twice ----------------------------------------------------------------------------------


def twice_from_the_end(n, depth):
    errors, too_small = [], 1.0
    for _ in range(depth):
        too_small *= n
        errors.insert(0, (too_small - 1) / (too_small + 1))
    return np.array(errors)


def twice_with_real_gradients(n, depth):
    true = np.ones(3)
    claims = [true / n**k for k in range(1, depth + 1)]
    return [nn.relative_error(claim, true) for claim in reversed(claims)]


def twice_measured_on_a_network(n, depth):
    class Divides(nn.Dense):
        def backward(self, dZ, *, input_grad=True):
            return super().backward(dZ / len(dZ), input_grad=input_grad)

    X, y = np.random.default_rng(0).normal(size=(n, 2)), np.arange(n) % 2
    layers = [Divides(2, 2) for _ in range(depth)], [nn.Dense(2, 2) for _ in range(depth)]
    nets = [nn.Sequential(*some, rng=0) for some in layers]
    for net in nets:
        net.backward(nn.SoftmaxCrossEntropy().value_and_grad(net.forward(X, train=True), y)[1])
    pairs = zip(nets[0].layers, nets[1].layers, strict=True)
    return np.array([nn.relative_error(wrong.dW, right.dW) for wrong, right in pairs])


EQUAL = {
    "05.0": (
        checked_on_one_copy,
        checked_with_unit_vectors,
        checked_by_a_function_of_one_number,
        checked_in_two_sweeps,
        checked_with_index_arrays,
    ),
    "05.1": (
        combined_by_solving_two_equations,
        combined_entry_by_entry,
        lambda wide, narrow: narrow + (narrow - wide) / 3,
        lambda wide, narrow: wide - 4 / 3 * (wide - narrow),
        lambda wide, narrow: np.average([wide, narrow], axis=0, weights=[-1, 4]),
        lambda wide, narrow: np.tensordot([-1 / 3, 4 / 3], np.stack([wide, narrow]), axes=1),
    ),
    "05.4": (
        change_in_steps,
        change_along_a_line,
        change_entry_by_entry,
        change_on_a_copy,
        change_by_the_library,
    ),
    "05.2": (
        errors_one_array_at_a_time,
        errors_with_fresh_copies,
        errors_with_unit_arrays,
        errors_from_one_long_vector,
        errors_by_the_library,
    ),
    "05.3": (
        twice_from_the_end,
        twice_with_real_gradients,
        twice_measured_on_a_network,
        lambda n, depth: np.tanh(np.log(n) * np.arange(depth, 0, -1) / 2),
        lambda n, depth: np.array([(n**m - 1) / (n**m + 1) for m in range(depth, 0, -1)]),
        lambda n, depth: (
            (1 - n ** -np.arange(1.0, depth + 1))[::-1]
            / (1 + n ** -np.arange(1.0, depth + 1))[::-1]
        ),
    ),
}
