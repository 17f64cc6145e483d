"""Lesson 06: other ways to write what is asked."""

import math

import numpy as np

import nnlib as nn

# 06.0, momentum -----------------------------------------------------------------------------------


def momentum_in_a_loop(θ, g, u, η, μ):
    u_new, θ_new = np.zeros(len(u)), np.zeros(len(u))
    for i in range(len(u)):
        u_new[i] = μ * u[i] + g[i]
        θ_new[i] = θ[i] - η * u_new[i]
    return u_new, θ_new


def momentum_in_place(θ, g, u, η, μ):
    u, θ = u.copy(), θ.copy()
    u *= μ
    u += g
    θ -= η * u
    return u, θ


def momentum_in_plain_python(θ, g, u, η, μ):
    u_new = [μ * a + b for a, b in zip(u.tolist(), g.tolist(), strict=True)]
    return u_new, [a - η * b for a, b in zip(θ.tolist(), u_new, strict=True)]


# 06.0b, Adam --------------------------------------------------------------------------------------


def adam_in_a_loop(θ, g, m, v, t, η, β1, β2, ε):
    rows = []
    for θi, gi, mi, vi in zip(θ, g, m, v, strict=True):
        first, second = β1 * mi + (1 - β1) * gi, β2 * vi + (1 - β2) * gi**2
        a, b = first / (1 - β1**t), second / (1 - β2**t)
        rows.append([first, second, a, b, θi - η * a / (b**0.5 + ε)])
    return tuple(np.array(rows).T)


def adam_by_differences(θ, g, m, v, t, η, β1, β2, ε):
    m_new = m + (1 - β1) * (g - m)
    v_new = v + (1 - β2) * (g * g - v)
    m_hat, v_hat = m_new / (1 - np.power(β1, t)), v_new / (1 - np.power(β2, t))
    return m_new, v_new, m_hat, v_hat, θ - η * m_hat / (v_hat**0.5 + ε)


def adam_in_place(θ, g, m, v, t, η, β1, β2, ε):
    m_new, v_new, θ_new = m * β1, v * β2, θ.copy()
    m_new += (1 - β1) * g
    v_new += (1 - β2) * np.square(g)
    m_hat, v_hat = m_new.copy(), v_new.copy()
    m_hat /= 1 - β1**t
    v_hat /= 1 - β2**t
    θ_new -= η * m_hat / (np.sqrt(v_hat) + ε)
    return m_new, v_new, m_hat, v_hat, θ_new


def adam_with_powers_in_a_loop(θ, g, m, v, t, η, β1, β2, ε):
    left1 = left2 = 1.0
    for _ in range(t):
        left1, left2 = left1 * β1, left2 * β2
    m, v = β1 * m + (1 - β1) * g, β2 * v + (1 - β2) * g**2
    steps = η * (m / (1 - left1)) / (np.sqrt(v / (1 - left2)) + ε)
    return [m, v, m / (1 - left1), v / (1 - left2), θ - steps]


def adam_both_means_at_once(θ, g, m, v, t, η, β1, β2, ε):
    β = np.array([[β1], [β2]])
    means = β * np.stack([m, v]) + (1 - β) * np.stack([g, g**2])
    hats = means / (1 - β**t)
    return *means, *hats, θ - η * hats[0] / (np.sqrt(hats[1]) + ε)


# 06.2, reading curves -----------------------------------------------------------------------------


def readings_line_by_line(too_small, good, too_large, diverged, schedule):
    curve1 = schedule
    curve2 = too_small
    curve3 = diverged
    curve4 = good
    curve5 = too_large
    return curve1, curve2, curve3, curve4, curve5


def readings_by_name(too_small, good, too_large, diverged, schedule):
    found = dict(enumerate([too_small, good, too_large, diverged, schedule]))
    return tuple(found[i] for i in (4, 0, 3, 1, 2))


# 06.3, a schedule ---------------------------------------------------------------------------------


def rates_one_by_one(t, η, warm, T):
    rates = []
    for step in t:
        if step < warm:
            rates.append(η * (step + 1) / warm)
        else:
            rates.append(0.5 * η * (1 + math.cos(math.pi * (step - warm) / (T - warm))))
    return rates


def rates_in_two_pieces(t, η, warm, T):
    up = η * np.arange(1, warm + 1) / warm
    down = η / 2 * (1 + np.cos(np.linspace(0, np.pi, T - warm, endpoint=False)))
    return np.concatenate([up, down])


def rates_by_a_mask(t, η, warm, T):
    rates = η * (t + 1) / warm
    late = t >= warm
    rates[late] = η * np.cos(np.pi * (t[late] - warm) / (T - warm) / 2) ** 2
    return rates


def rates_by_nnlib(t, η, warm, T):
    schedule = nn.schedules.Warmup(nn.schedules.Cosine(η, steps=T - warm), steps=warm)
    return np.array([schedule(int(step)) for step in t])


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


# 06.4, the largest rate ---------------------------------------------------------------------------


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


# 06.5, rates that are learned ---------------------------------------------------------------------


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
    "06.0": (
        momentum_in_a_loop,
        momentum_in_place,
        momentum_in_plain_python,
        lambda θ, g, u, η, μ: (g + μ * u, θ - η * g - η * μ * u),
        lambda θ, g, u, η, μ: [np.add(np.multiply(u, μ), g), np.subtract(θ, η * (μ * u + g))],
    ),
    "06.0b": (
        adam_in_a_loop,
        adam_by_differences,
        adam_in_place,
        adam_with_powers_in_a_loop,
        adam_both_means_at_once,
    ),
    "06.2": (
        readings_line_by_line,
        readings_by_name,
        lambda too_small, good, too_large, diverged, schedule: [
            schedule,
            too_small,
            diverged,
            good,
            too_large,
        ],
        lambda *names: (names[4], names[0], names[3], names[1], names[2]),
        lambda *names: np.array(names)[[4, 0, 3, 1, 2]],
    ),
    "06.3": (
        rates_one_by_one,
        rates_in_two_pieces,
        rates_by_a_mask,
        rates_by_nnlib,
        lambda t, η, warm, T: (
            η
            * np.where(
                t < warm, (1 + t) / warm, 0.5 + 0.5 * np.cos((t - warm) * np.pi / (T - warm))
            )
        ),
    ),
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
    "06.4": (
        largest_in_a_loop,
        largest_by_halving,
        lambda c, mu: 2 * (1 + mu) / max(c),
        lambda c, mu: float(np.min((2 + 2 * mu) / c)),
        lambda c, mu: np.max(c) ** -1 * (1 + mu) + (1 + mu) / np.max(c),
        lambda c, mu: 2 / np.linalg.norm(c, np.inf) * (1 + mu),
        lambda c, mu: np.asarray(2 + 2 * mu) / np.sort(c)[-1],
    ),
    "06.5": (
        rates_with_kept_points,
        rates_by_matrices,
        rates_in_the_directions_of_the_axes,
        rates_forward,
        rates_by_recursion,
    ),
}
