"""Lesson 06: other ways to write what is asked."""

import numpy as np

# 06.1, clipping -----------------------------------------------------------------------------------


def clipped_in_a_loop(G, limit):
    total = np.zeros(G.shape[1])
    for g in G:
        size = np.sqrt(np.sum(g**2))
        total += g if size <= limit else g * limit / size
    return total / len(G)


def clipped_by_a_mask(G, limit):
    G = G.copy()
    sizes = np.linalg.norm(G, axis=1)
    long = sizes > limit
    G[long] *= (limit / sizes[long])[:, None]
    return np.mean(G, axis=0)


def clipped_in_plain_python(G, limit):
    rows = []
    for g in G.tolist():
        size = sum(x * x for x in g) ** 0.5
        rows.append([x * min(1, limit / size) for x in g])
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


# 06.2, the largest rate ---------------------------------------------------------------------------


def largest_in_a_loop(c, mu):
    limits = []
    for curvature in c:
        limits.append((2 + 2 * mu) / curvature)
    return min(limits)


def largest_by_halving(c, mu):
    def stable(η):
        return all(max(abs(np.roots([1, -(1 + mu - η * ci), mu]))) < 1 for ci in c)

    low, high = 0.0, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if stable(middle) else (low, middle)
    return low


# 06.3, rates that are learned ---------------------------------------------------------------------


def rates_with_kept_points(H, θ, rates):
    points = [θ]
    for η in rates:
        points.append(points[-1] - η * (H @ points[-1]))
    dη = np.zeros(len(rates))
    dθ = H @ points[-1]
    for t in range(len(rates) - 1, -1, -1):
        dη[t] = -np.dot(H @ points[t], dθ)
        dθ = dθ - rates[t] * (H @ dθ)
    return dη


def rates_by_matrices(H, θ, rates):
    eye = np.eye(len(θ))
    answer = []
    for t in range(len(rates)):
        end, change = θ, None
        for s, η in enumerate(rates):
            change = -H @ end if s == t else change if change is None else (eye - η * H) @ change
            end = (eye - η * H) @ end
        answer.append(end @ H @ change)
    return np.array(answer)


def rates_in_the_directions_of_the_axes(H, θ, rates):
    c, Q = np.linalg.eigh(H)
    start = Q.T @ θ
    factors = 1 - np.outer(rates, c)
    end = start * np.prod(factors, axis=0)
    others = np.array([np.prod(np.delete(factors, t, axis=0), axis=0) for t in range(len(rates))])
    return (-c * others * start) @ (c * end)


def rates_forward(H, θ, rates):
    end, J = θ, np.zeros((len(θ), len(rates)))
    for t, η in enumerate(rates):
        J = J - η * H @ J
        J[:, t] = -H @ end
        end = end - η * H @ end
    return J.T @ (H @ end)


def rates_by_recursion(H, θ, rates):
    def back(θ, t):
        if t == len(rates):
            return H @ θ, []
        dθ, later = back(θ - rates[t] * H @ θ, t + 1)
        return dθ - rates[t] * H @ dθ, [-(θ @ H @ dθ), *later]

    return back(θ, 0)[1]


EQUAL = {
    "06.1": (
        clipped_in_a_loop,
        clipped_by_a_mask,
        clipped_in_plain_python,
        lambda G, limit: np.minimum(1, limit / np.sqrt((G**2).sum(1))) @ G / len(G),
        lambda G, limit: np.mean(
            G / np.maximum(np.linalg.norm(G, axis=1, keepdims=True) / limit, 1), axis=0
        ),
        lambda G, limit: np.mean(
            [g * min(limit, np.linalg.norm(g)) / np.linalg.norm(g) for g in G], axis=0
        ),
        lambda G, limit: (
            np.einsum(
                "rp,r->p",
                G,
                np.where((G * G).sum(1) > limit**2, limit / np.hypot.reduce(G, axis=1), 1),
            )
            / G.shape[0]
        ),
    ),
    "06.2": (
        largest_in_a_loop,
        largest_by_halving,
        lambda c, mu: 2 * (1 + mu) / max(c),
        lambda c, mu: float(np.min((2 + 2 * mu) / c)),
        lambda c, mu: np.max(c) ** -1 * (1 + mu) + (1 + mu) / np.max(c),
        lambda c, mu: 2 / np.linalg.norm(c, np.inf) * (1 + mu),
        lambda c, mu: np.asarray(2 + 2 * mu) / np.sort(c)[-1],
    ),
    "06.3": (
        rates_with_kept_points,
        rates_by_matrices,
        rates_in_the_directions_of_the_axes,
        rates_forward,
        rates_by_recursion,
    ),
}
