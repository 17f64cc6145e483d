"""Lesson 11: other ways to write what is asked."""

import math

import numpy as np

import nnlib as nn

# 11.0, confusion matrix and four scores -----------------------------------------------------------


def scores_in_loops(y, predictions, k):
    C = np.zeros((k, k))
    for true, predicted in zip(y, predictions, strict=True):
        C[true, predicted] += 1
    accuracy = sum(C[c, c] for c in range(k)) / len(y)
    precision, recall, f1 = np.zeros(k), np.zeros(k), np.zeros(k)
    for c in range(k):
        if C[:, c].sum() > 0:
            precision[c] = C[c, c] / C[:, c].sum()
        recall[c] = C[c, c] / C[c].sum()
        if precision[c] + recall[c] > 0:
            f1[c] = 2 * precision[c] * recall[c] / (precision[c] + recall[c])
    return C, accuracy, precision, recall, f1


def scores_with_add_at(y, predictions, k):
    C = np.zeros((k, k), dtype=int)
    np.add.at(C, (y, predictions), 1)
    right, column, row = np.diag(C), C.sum(axis=0), C.sum(axis=1)
    precision = right / np.maximum(column, 1)
    return C, np.mean(y == predictions), precision, right / row, 2 * right / (column + row)


def scores_by_one_hot(y, predictions, k):
    C = np.eye(k)[y].T @ np.eye(k)[predictions]
    right = np.diagonal(C)
    precision = np.nan_to_num(right / C.sum(axis=0))
    recall = right / C.sum(axis=1)
    f1 = np.nan_to_num(2 / (1 / precision + 1 / recall))
    return C, np.trace(C) / C.sum(), precision, recall, f1


def scores_by_masks(y, predictions, k):
    C = np.array([[np.sum((y == i) & (predictions == j)) for j in range(k)] for i in range(k)])
    precision, recall, f1 = [], [], []
    for c in range(k):
        hits = np.sum((y == c) & (predictions == c))
        named, there = np.sum(predictions == c), np.sum(y == c)
        precision.append(hits / named if named else 0.0)
        recall.append(hits / there)
        f1.append(hits / (0.5 * (named + there)))
    return C, np.trace(C) / len(y), np.array(precision), np.array(recall), np.array(f1)


def scores_by_lists(y, predictions, k):
    pairs = list(zip(y.tolist(), predictions.tolist(), strict=True))
    C = [[pairs.count((i, j)) for j in range(k)] for i in range(k)]
    hits = [C[c][c] for c in range(k)]
    named = [sum(row[c] for row in C) for c in range(k)]
    there = [sum(row) for row in C]
    precision = [hits[c] / named[c] if named[c] else 0.0 for c in range(k)]
    recall = [hits[c] / there[c] for c in range(k)]
    f1 = [2.0 * hits[c] / (named[c] + there[c]) for c in range(k)]
    return C, sum(hits) / len(pairs), precision, recall, f1


def scores_from_nnlib(y, predictions, k):
    scores = [score(y, predictions, k=k) for score in (nn.precision, nn.recall, nn.f1)]
    return nn.confusion_matrix(y, predictions, k), nn.accuracy(y, predictions), *scores


# 11.0b, calibration error -------------------------------------------------------------------------


def error_bin_by_bin(y, P, bins):
    sure, right = P.max(axis=1), P.argmax(axis=1) == y
    total = 0.0
    for i in range(bins):
        here = (i / bins < sure) & (sure <= (i + 1) / bins)
        if here.any():
            total += here.mean() * abs(right[here].mean() - sure[here].mean())
    return total


def error_without_division(y, P, bins):
    sure, right = np.max(P, axis=1), np.argmax(P, axis=1) == y
    cell = -np.floor(-sure * bins).astype(int)
    gaps = np.bincount(cell, weights=right - sure)
    return np.abs(gaps).sum() / len(y)


def error_by_digitize(y, P, bins):
    sure, right = P.max(axis=1), (P.argmax(axis=1) == y) * 1.0
    cell = np.digitize(sure, np.linspace(0, 1, bins + 1), right=True)
    return sum(abs(np.sum(right[cell == i]) - np.sum(sure[cell == i])) for i in set(cell)) / len(y)


def error_in_dictionaries(y, P, bins):
    groups = {}
    for label, p in zip(y, P, strict=True):
        best = int(np.argmax(p))
        groups.setdefault(math.ceil(p[best] * bins), []).append((p[best], best == label))
    total = 0.0
    for members in groups.values():
        sure = sum(s for s, _ in members) / len(members)
        right = sum(hit for _, hit in members) / len(members)
        total += len(members) / len(y) * abs(right - sure)
    return total


def error_by_histograms(y, P, bins):
    sure, right = P.max(axis=1), (P.argmax(axis=1) == y).astype(float)
    edges = np.linspace(-1, 0, bins + 1)  # turned around, as a histogram's bins hold lower edges
    n_B, _ = np.histogram(-sure, edges)
    hits, _ = np.histogram(-sure, edges, weights=right)
    sums, _ = np.histogram(-sure, edges, weights=sure)
    some = n_B > 0
    return np.average(abs(hits[some] - sums[some]) / n_B[some], weights=n_B[some])


# 11.1, a threshold for a precision ----------------------------------------------------------------


def threshold_upwards(p, is_it, wanted):
    for threshold in np.unique(p):
        says = p >= threshold
        hits = np.sum(says & is_it)
        if hits / says.sum() >= wanted:
            return threshold, hits / is_it.sum()
    return None


def threshold_by_minimum(p, is_it, wanted):
    threshold = min(t for t in p if is_it[p >= t].mean() >= wanted)
    return threshold, (p[is_it] >= threshold).mean()


def threshold_all_at_once(p, is_it, wanted):
    says = p >= p[:, np.newaxis]  # a row for each threshold
    hits = says @ is_it.astype(int)
    enough = hits >= wanted * says.sum(axis=1)
    threshold = np.where(enough, p, np.inf).min()
    return threshold, hits[p == threshold][0] / np.sum(is_it)


def threshold_by_sums(p, is_it, wanted):
    order = np.argsort(p)[::-1]
    p, hits = p[order], np.cumsum(is_it[order])
    last = np.append(p[1:] != p[:-1], True)  # of the rows that share a value
    precision = hits / np.arange(1, len(p) + 1)
    i = np.flatnonzero(last & (precision >= wanted)).max()
    return p[i], hits[i] / hits[-1]


def threshold_by_lists(p, is_it, wanted):
    pairs, best = list(zip(p.tolist(), is_it.tolist(), strict=True)), None
    for threshold in sorted(set(p.tolist()), reverse=True):
        yes = [truth for value, truth in pairs if value >= threshold]
        if sum(yes) / len(yes) >= wanted:
            best = [threshold, sum(yes) / sum(truth for _, truth in pairs)]
    return best


def threshold_with_nnlib(p, is_it, wanted):
    y = is_it.astype(int)
    values = np.sort(p)
    enough = [nn.precision(y, (p >= t).astype(int), k=2)[1] >= wanted for t in values]
    threshold = values[np.argmax(enough)]
    return threshold, nn.recall(y, (p >= threshold).astype(int), k=2)[1]


# 11.2, an interval --------------------------------------------------------------------------------


def interval_by_abc(right, n, times):
    share = right / n
    a, b, c = 1 + times**2 / n, -(2 * share + times**2 / n), share**2
    root = math.sqrt(b**2 - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def interval_by_roots(right, n, times):
    share = right / n
    return np.sort(np.roots([1 + times**2 / n, -2 * share - times**2 / n, share**2]))


def interval_in_counts(right, n, times):
    wrong = n - right
    middle = (right + times**2 / 2) / (n + times**2)
    half = times / (n + times**2) * np.sqrt(right * wrong / n + times**2 / 4)
    return middle - half, middle + half


def interval_by_halving(right, n, times):
    share = right / n

    def zero(inside, outside):
        for _ in range(80):
            p = (inside + outside) / 2
            within = abs(share - p) <= times * math.sqrt(p * (1 - p) / n)
            inside, outside = (p, outside) if within else (inside, p)
        return inside

    return zero(share, 0.0), zero(share, 1.0)


def interval_as_a_list(right, n, times):
    share, q = right / n, times**2 / n
    root = np.sqrt(q * (share - share**2) + q**2 / 4)
    return [(share + q / 2 + sign * root) / (1 + q) for sign in (-1, 1)]


# 11.3, slope and curvature ------------------------------------------------------------------------


def curvature_centred(Z, y, s):
    P = nn.softmax(s * Z)
    mean = np.sum(P * Z, axis=1, keepdims=True)
    slope = np.mean(mean[:, 0] - Z[np.arange(len(Z)), y])
    return slope, np.mean(np.sum(P * (Z - mean) ** 2, axis=1))


def curvature_by_one_hot(Z, y, s):
    E = np.exp(s * Z)
    P = E / E.sum(axis=1, keepdims=True)
    Y = np.eye(Z.shape[1])[y]
    dP = P * (Z - (P * Z).sum(axis=1)[:, None])
    return ((P - Y) * Z).sum() / len(Z), (dP * Z).sum() / len(Z)


def curvature_by_jacobians(Z, y, s):
    slope = curvature = 0.0
    for z, label in zip(Z, y, strict=True):
        p = np.exp(s * z - np.max(s * z))
        p /= p.sum()
        slope += (p @ z - z[label]) / len(Z)
        curvature += z @ (np.diag(p) - np.outer(p, p)) @ z / len(Z)
    return slope, curvature


def curvature_by_pairs(Z, y, s):
    P, k = nn.softmax(s * Z), Z.shape[1]
    slope = np.mean((P * Z).sum(axis=1) - Z[range(len(y)), y])
    pairs = [P[:, i] * P[:, j] * (Z[:, i] - Z[:, j]) ** 2 for i in range(k) for j in range(i)]
    return slope, np.mean(sum(pairs))


def curvature_shifted(Z, y, s):
    Z = Z - Z[np.arange(len(y)), y][:, np.newaxis]
    P = nn.softmax(s * Z)
    mean = np.einsum("rj,rj->r", P, Z)
    return np.array([mean.mean(), np.mean(np.einsum("rj,rj->r", P, Z**2) - mean**2)])


EQUAL = {
    "11.0": (
        scores_in_loops,
        scores_with_add_at,
        scores_by_one_hot,
        scores_by_masks,
        scores_by_lists,
        scores_from_nnlib,
    ),
    "11.0b": (
        error_bin_by_bin,
        error_without_division,
        error_by_digitize,
        error_in_dictionaries,
        error_by_histograms,
    ),
    "11.1": (
        threshold_upwards,
        threshold_by_minimum,
        threshold_all_at_once,
        threshold_by_sums,
        threshold_by_lists,
        threshold_with_nnlib,
    ),
    "11.2": (
        interval_by_abc,
        interval_by_roots,
        interval_in_counts,
        interval_by_halving,
        interval_as_a_list,
    ),
    "11.3": (
        curvature_centred,
        curvature_by_one_hot,
        curvature_by_jacobians,
        curvature_by_pairs,
        curvature_shifted,
    ),
}
