"""What the times say: medians, ratios, costs beyond the products, slopes. Pure functions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the first quartile, the median and the third quartile."""
    first, median, third = np.percentile(values, [25, 50, 75]).tolist()
    return first, median, third


def beyond(taken: float, ours: float, bound: float) -> float | None:
    """(taken − bound) / (ours − bound); None where nothing of ours lies beyond the bound."""
    return (taken - bound) / (ours - bound) if ours > bound else None


def compare(
    seconds: Mapping[str, Sequence[float]], ours: str, bound: str | None = None
) -> dict[str, dict[str, Any]]:
    """Set each contender against ours.

    Returns
    -------
    dict
        For each name: all ``seconds``, their ``quartiles`` and ``median``; ``ratio``, the median
        over that of ours, and ``ratio_quartiles`` of the ratios round by round; with a bound also
        ``beyond``, the median without the bound's, over that of ours.
    """
    medians = {name: quartiles(times)[1] for name, times in seconds.items()}
    compared: dict[str, dict[str, Any]] = {}
    for name, times in seconds.items():
        first, median, third = quartiles(times)
        by_round = [t / t_ours for t, t_ours in zip(times, seconds[ours], strict=True)]
        compared[name] = {
            "seconds": list(times),
            "quartiles": [first, third],
            "median": median,
            "ratio": median / medians[ours],
            "ratio_quartiles": [quartiles(by_round)[0], quartiles(by_round)[2]],
        }
        if bound is not None:
            compared[name]["beyond"] = beyond(median, medians[ours], medians[bound])
    return compared


def slope(x: Sequence[float], y: Sequence[float], last: int = 3) -> float:
    """Return p of y ≈ c·xᵖ, by least squares on log–log axes, over the last few points."""
    return float(np.polyfit(np.log(x[-last:]), np.log(y[-last:]), 1)[0])
