"""Calls that write into a network or an optimizer: steps, states, assignments."""

from collections.abc import Callable
from typing import Any

import numpy as np

import nnlib as nn
from benchmarks.odd_input import inputs
from benchmarks.odd_input.inputs import Given
from benchmarks.odd_input.verdict import Case

P = 6
LR = 0.1
RULES: dict[str, tuple[Callable[[], nn.Optimizer], Callable[..., Any]]] = {
    "SGD": (lambda: nn.SGD(LR), lambda w, g: w - LR * g),
    "momentum": (lambda: nn.SGD(LR, momentum=0.9), lambda w, g: w - LR * g),
    "Nesterov": (
        lambda: nn.SGD(LR, momentum=0.9, nesterov=True), lambda w, g: w - LR * (g + 0.9 * g)
    ),
    "Adagrad": (lambda: nn.Adagrad(LR), lambda w, g: w - LR * g / (abs(g) + 1e-10)),
    "RMSProp": (
        lambda: nn.RMSProp(LR), lambda w, g: w - LR * g / (0.1 * abs(g) + 1e-8)
    ),
    "Adam": (lambda: nn.Adam(LR), lambda w, g: w - LR * g / (abs(g) + 1e-8)),
    "AdamW": (lambda: nn.AdamW(LR), lambda w, g: w * (1 - LR * 0.01) - LR * g / (abs(g) + 1e-8)),
    "clip_value": (lambda: nn.SGD(LR, clip_value=0.5), lambda w, g: w - LR * g.clip(-0.5, 0.5)),
    "clip_norm": (
        lambda: nn.SGD(LR, clip_norm=0.5),
        lambda w, g: w - LR * g * min(1, 0.5 / (np.sqrt(float(g @ g)) + 1e-6)),
    ),
    "decay": (lambda: nn.SGD(LR, weight_decay=0.5), lambda w, g: w - LR * (g + 0.5 * w)),
}  # fmt: skip
"""The first step of each, written out."""

DECAYS = [slice(None), slice(None), slice(0, 3), None, 5, "all", True, [0, 1], len]


def step_case(rng: np.random.Generator) -> Case:
    """A first step with odd parameters and odd gradients: flat floats move, all else is refused."""
    name = str(rng.choice(list(RULES)))
    make, rule = RULES[name]
    params, grads = inputs.array(rng, P), inputs.array(rng, P)
    if rng.random() < 0.3:
        params = Given(np.ones(P), np.ones(P), "plain float64")
    decay = DECAYS[rng.integers(len(DECAYS))]

    def call() -> Any:
        with np.errstate(all="ignore"):  # by hand, NumPy tells where a step overflows
            make().step(params.value, grads.value, decay=decay)
        return np.asarray(params.value, np.float64)

    w, g = params.means, grads.means
    exact = w is not None and g is not None and _flat(params) and _flat(grads)
    exact = exact and "read-only" not in params.how and params.value.dtype.kind == "f"
    exact = exact and params.value.dtype.itemsize >= 8 and not params.huge and not grads.huge
    exact = exact and (decay == slice(None) or name not in ("AdamW", "decay"))
    expected = (lambda: rule(w, g)) if exact else (lambda: ...)
    return Case(
        name, call, expected, {"params": params.value, "grads": grads.value, "decay": decay},
        either=not exact, moved=("params",),
        how={"params": params.how, "grads": grads.how, "decay": repr(decay)},
    )  # fmt: skip


def _flat(given: Given) -> bool:
    """Whether this is a vector as an optimizer takes them."""
    plain = type(given.value) in (np.ndarray, np.memmap)
    return plain and given.value.ndim == 1 and given.value.dtype.kind in "fiu"


def state_case(rng: np.random.Generator) -> Case:
    """load_state_dict of odd vectors, and one step after it."""
    M, V = inputs.array(rng, P), inputs.array(rng, P)
    if V.means is not None:
        V = Given(np.abs(V.means), np.abs(V.means), "float64")
    t = inputs.ODD[rng.integers(len(inputs.ODD))] if rng.random() < 0.2 else 1

    def run(M: Any, V: Any) -> Any:
        optimizer, params = nn.Adam(LR), np.ones(P)
        optimizer.load_state_dict({"t": t, "M": M, "V": V})
        with np.errstate(all="ignore"):
            optimizer.step(params, np.ones(P))
        return params

    known = M.means is not None and V.means is not None and t == 1 and type(t) is int
    single = any("float32" in given.how for given in (M, V))
    return Case(
        "load_state_dict", lambda: run(M.value, V.value),
        (lambda: run(M.means, V.means)) if known else (lambda: ...),
        {"M": M.value, "V": V.value}, either=not known or M.huge or V.huge or single,
        how={"M": M.how, "V": V.how, "t": repr(t)}, names=("state", "state['t']", "params"),
    )  # fmt: skip


def _net() -> nn.Sequential:
    return nn.Sequential(nn.Dense(2, 2), nn.BatchNorm(2), rng=0)


def _assigned(name: str, value: Any, dtype: Any) -> Any:
    net = _net().astype(dtype)
    owner = net.layers[0] if name in ("W", "b", "dW", "db") else net
    setattr(owner, name, value)
    return getattr(owner, name)


SHAPES = {
    "W": (2, 2), "b": (2,), "dW": (2, 2), "db": (2,), "params": (10,), "grads": (10,),
    "buffers": (4,),
}  # fmt: skip


def assign_case(rng: np.random.Generator) -> Case:
    """Numbers assigned to a network or a layer, or brought back: NaN, too, is a number."""
    dtype = [np.float64, np.float32][rng.integers(2)]
    if rng.random() < 0.2:
        return _restore_case(rng)
    name = str(rng.choice(list(SHAPES)))
    given = inputs.array(rng, *SHAPES[name])
    return Case(
        f"{name} =", lambda: _assigned(name, given.value, dtype),
        None if given.unusable else (lambda: ...) if given.means is None else (lambda: given.means),
        {name: given.value}, either=given.huge or (not given.unusable and given.means is None),
        how={name: given.how}, rtol=1e-6,
    )  # fmt: skip


def _restore_case(rng: np.random.Generator) -> Case:
    """A snapshot with odd numbers, or what is no snapshot at all."""
    given = inputs.array(rng, 10)
    snapshot: Any = nn.network.Snapshot(given.value, np.ones(4))
    if rng.random() < 0.3:
        snapshot = inputs.ODD[rng.integers(len(inputs.ODD))]

    def call() -> Any:
        net = _net()
        net.restore(snapshot)
        return net.params

    known = given.means is not None and isinstance(snapshot, nn.network.Snapshot)
    return Case(
        "restore", call, (lambda: given.means) if known else None, {"snapshot": snapshot},
        either=given.huge or (not given.unusable and not known),
        how={"snapshot": given.how if known else f"{snapshot!r:.60}"},
        names=("snapshot.params", "params"),
    )  # fmt: skip
