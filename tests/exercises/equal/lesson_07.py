"""Lesson 07: other ways to write what is asked."""

import math

import numpy as np

# 07.0, four scales --------------------------------------------------------------------------------


def scales_by_powers(d_in, d_out):
    return d_in**-0.5, (d_in / 2) ** -0.5, (d_out / 2) ** -0.5, ((d_in + d_out) / 2) ** -0.5


def scales_by_variances(d_in, d_out):
    variances = np.array([1 / d_in, 2 / d_in, 2 / d_out, 2 / (d_in + d_out)])
    return np.sqrt(variances)


def scales_from_the_first(d_in, d_out):
    linear = 1 / math.sqrt(d_in)
    relu = math.sqrt(2) * linear
    back = relu * math.sqrt(d_in / d_out)
    return [linear, relu, back, 1 / math.sqrt((d_in + d_out) / 2)]


def scales_by_factors(d_in, d_out):
    factors = d_in, d_in / 2, d_out / 2, (d_in + d_out) / 2
    return tuple(np.sqrt(1 / factor) for factor in factors)


def scales_by_logarithms(d_in, d_out):
    return tuple(
        math.exp(-math.log(f) / 2) for f in (d_in, d_in / 2, d_out / 2, d_in / 2 + d_out / 2)
    )


# 07.1, leaky ReLU ---------------------------------------------------------------------------------


def leaky_by_halves(d_in, alpha):
    passes = (1**2 + alpha**2) / 2
    return (1 / d_in) / passes


# 07.2, scaled to a signal of 1 --------------------------------------------------------------------


def signal_line_by_line(X, W1, W2, W3):
    Z1 = X @ W1
    W1 = W1 / np.sqrt((Z1**2).mean())
    Z2 = np.maximum(X @ W1, 0) @ W2
    W2 = W2 / np.sqrt((Z2**2).mean())
    Z3 = np.maximum(np.maximum(X @ W1, 0) @ W2, 0) @ W3
    return W1, W2, W3 / np.sqrt((Z3**2).mean())


def signal_in_a_loop(X, W1, W2, W3):
    A, scaled = X, []
    for W in [W1, W2, W3]:
        Z = A @ W
        c = np.linalg.norm(Z) / np.sqrt(Z.size)
        scaled.append(W / c)
        A = np.where(Z > 0, Z / c, 0)
    return scaled


def signal_with_the_factors_kept(X, W1, W2, W3):
    Z1 = X @ W1
    c1 = math.sqrt(np.vdot(Z1, Z1) / Z1.size)
    Z2 = (Z1 * (Z1 > 0)) @ W2
    c2 = math.sqrt(np.vdot(Z2, Z2) / Z2.size)
    Z3 = (Z2 * (Z2 > 0)) @ W3
    c3 = math.sqrt(np.vdot(Z3, Z3) / Z3.size)
    return W1 / c1, W2 * c1 / c2, W3 * (c2 / c3)


def signal_by_standard_deviation_and_mean(X, W1, W2, W3):
    def scale(A, W):
        Z = A @ W
        return W / np.sqrt(Z.var() + Z.mean() ** 2)

    V1 = scale(X, W1)
    A1 = np.clip(X @ V1, 0, None)
    V2 = scale(A1, W2)
    V3 = scale(np.clip(A1 @ V2, 0, None), W3)
    return V1, V2, V3


def signal_by_recursion(X, *weights):
    if not weights:
        return ()
    W, *others = weights
    W = W * np.mean(np.square(X @ W)) ** -0.5
    return (W, *signal_by_recursion(np.fmax(X @ W, 0), *others))


def signal_when_relu_comes_first(X, W1, W2, W3):
    matrices = [W1.copy(), W2.copy(), W3.copy()]
    for i in range(3):
        A = X
        for W in matrices[:i]:
            A = (A @ W + abs(A @ W)) / 2
        matrices[i] /= np.sqrt(np.mean((A @ matrices[i]) ** 2))
    return tuple(matrices)


# 07.3, residual blocks ----------------------------------------------------------------------------


def residual_by_halving(d, h, depth, growth):
    low, high = 0.0, growth
    for _ in range(80):
        v = (low + high) / 2
        low, high = (low, v) if (1 + h * v) ** depth > growth else (v, high)
    return low


# 07.4, cosines ------------------------------------------------------------------------------------


def cosine_in_a_loop(c, depth):
    for _ in range(depth):
        ω = np.arccos(c)
        c = (np.sin(ω) + (np.pi - ω) * np.cos(ω)) / np.pi
    return c


def cosine_number_by_number(c, depth):
    def layer(x):
        return (math.sqrt(1 - x * x) + (math.pi - math.acos(x)) * x) / math.pi

    result = []
    for x in c:
        for _ in range(depth):
            x = layer(min(x, 1.0))
        result.append(x)
    return result


def cosine_by_recursion(c, depth):
    if depth == 0:
        return c
    before = cosine_by_recursion(c, depth - 1)
    ω = np.arccos(before)
    return np.sin(ω) / np.pi + before * (1 - ω / np.pi)


def cosine_by_the_arcsine(c, depth):
    rho = c.copy()
    while depth:
        rho = np.sqrt(1 - rho**2) / np.pi + rho * (0.5 + np.arcsin(rho) / np.pi)
        depth -= 1
    return rho


def cosine_by_angles(c, depth):
    ω = np.arccos(c)
    for _ in range(depth):
        ω = np.arccos(((np.pi - ω) * np.cos(ω) + np.sin(ω)) / np.pi)
    return np.cos(ω)


EQUAL = {
    "07.0": (
        scales_by_powers,
        scales_by_variances,
        scales_from_the_first,
        scales_by_factors,
        scales_by_logarithms,
    ),
    "07.1": (
        leaky_by_halves,
        lambda d_in, alpha: 1 / (d_in * (0.5 + 0.5 * alpha**2)),
        lambda d_in, alpha: 2 / d_in / (1 + alpha * alpha),
        lambda d_in, alpha: np.sqrt(2 / (d_in * (1 + alpha**2))) ** 2,
        lambda d_in, alpha: (2 / d_in) * (1 / (1 + np.square(alpha))),
        lambda d_in, alpha: np.array(2.0) / (d_in + d_in * alpha**2),
        lambda d_in, alpha: 1 / sum([(1 + alpha**2) / 2] * d_in),
    ),
    "07.2": (
        signal_line_by_line,
        signal_in_a_loop,
        signal_with_the_factors_kept,
        signal_by_standard_deviation_and_mean,
        signal_by_recursion,
        signal_when_relu_comes_first,
    ),
    "07.3": (
        residual_by_halving,
        lambda d, h, depth, growth: (growth ** (1 / depth) - 1) / h,
        lambda d, h, depth, growth: (np.exp(np.log(growth) / depth) - 1) / h,
        lambda d, h, depth, growth: math.expm1(math.log(growth) / depth) / h,
        lambda d, h, depth, growth: np.power(growth, 1 / depth) / h - 1 / h,
        lambda d, h, depth, growth: (
            max(np.roots([*[1], *[0] * (depth - 1), -growth]).real) / h - 1 / h
        ),
    ),
    "07.4": (
        cosine_in_a_loop,
        cosine_number_by_number,
        cosine_by_recursion,
        cosine_by_the_arcsine,
        cosine_by_angles,
    ),
}
