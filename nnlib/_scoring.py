"""Metrics as people ask for them: by name, as functions, in a table; each returns one number."""

from collections.abc import Callable, Iterable, Mapping
from numbers import Real
from typing import Any

import numpy as np

from ._validation import one_of
from .metrics import BY_NAME

Metric = Callable[[Any, Any], Any]

Metrics = Mapping[str, Metric]
"""Functions of the true and the predicted values, by name."""

Asked = Mapping[str, Metric] | Iterable[str | Metric] | str | Metric | None
"""Metrics as one may ask for them: by name, as functions, several of them, or in a table."""


def named_metrics(metrics: Asked) -> Metrics:
    """Give every metric that is asked for its name."""
    if metrics is None:
        return {}
    if isinstance(metrics, str) or callable(metrics):
        metrics = [metrics]
    if isinstance(metrics, Mapping):
        table = dict(metrics)
    else:
        try:
            metrics = list(metrics)
        except TypeError:
            remedy = '["f1_macro"], or {"name": function}'
            raise TypeError(f"metrics: expected an Iterable, got {metrics!r}: {remedy}") from None
        table = {m if isinstance(m, str) else getattr(m, "__name__", repr(m)): m for m in metrics}
    return {name: _metric(name, metric) for name, metric in table.items()}


def _metric(name: str, metric: Any) -> Metric:
    """Find one metric by its name; a function is one already."""
    if isinstance(metric, str):
        one_of("metrics", metric, BY_NAME)
        metric = BY_NAME[metric]
    if not callable(metric):
        raise TypeError(
            f"metrics[{name!r}]: expected a function of true and predicted values, or a name "
            f"among {', '.join(BY_NAME)}, got {metric!r}"
        )
    return metric


def scored(metrics: Metrics, y: Any, predictions: Any) -> dict[str, float]:
    """Ask every metric for its number."""
    table = {}
    for name, metric in metrics.items():
        try:
            value = metric(y, predictions)
        except Exception as error:
            error.add_note(f"raised by metrics[{name!r}], on {len(y)} examples")
            raise
        if np.ndim(value) != 0 or not isinstance(value, (Real, np.bool_)):
            remedy = "for one of each class take their mean, such as nnlib.f1(…, average='macro')"
            raise TypeError(
                f"metrics[{name!r}]: expected a function that returns one number, got "
                f"{value!r}: {remedy}"
            )
        table[name] = float(value)
    return table
