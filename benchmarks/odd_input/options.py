"""Calls that are handed single values: constructors, schedules, initializers, names, data sets."""

from collections.abc import Callable
from typing import Any

import numpy as np

import nnlib as nn
from benchmarks.odd_input import inputs
from benchmarks.odd_input.verdict import Case

X, Y = np.eye(4), np.array([0, 1, 0, 1])
S = nn.schedules


def _model() -> nn.Model:
    net = nn.Sequential(nn.Dense(4, 2), rng=0)
    return nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD(lr=0.1))


def _plateau(**options: Any) -> nn.ReduceLROnPlateau:
    return nn.ReduceLROnPlateau(nn.SGD(), **options)


def _net(v: Any) -> nn.Sequential:
    return nn.Sequential(nn.Dense(1, 1), rng=v)


def _flat() -> nn.Sequential:
    return nn.Sequential(nn.Flatten())


def many(v: Any) -> bool:
    """Whether that is a number of epochs that would take too long."""
    return isinstance(v, int) and v > 100


OPTIONS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "Dense": (lambda v: nn.Dense(v, 2), "d_in"),
    "Dense, out": (lambda v: nn.Dense(2, v), "d_out"),
    "Dense, init": (lambda v: nn.Dense(2, 2, init=v), "init"),
    "Dense, bias": (lambda v: nn.Dense(2, 2, bias=v), "bias"),
    "Dropout": (nn.Dropout, "p"),
    "Reshape": (nn.Reshape, "shape"),
    "LeakyReLU": (nn.LeakyReLU, "alpha"),
    "ELU": (nn.ELU, "alpha"),
    "GELU": (nn.GELU, "approximate"),
    "BatchNorm": (lambda v: nn.BatchNorm(3, eps=v), "eps"),
    "BatchNorm, d": (nn.BatchNorm, "d"),
    "BatchNorm, momentum": (lambda v: nn.BatchNorm(3, momentum=v), "momentum"),
    "LayerNorm": (nn.LayerNorm, "shape"),
    "LayerNorm, eps": (lambda v: nn.LayerNorm(3, eps=v), "eps"),
    "RMSNorm": (nn.RMSNorm, "shape"),
    "RMSNorm, eps": (lambda v: nn.RMSNorm(3, eps=v), "eps"),
    "Conv2D": (lambda v: nn.Conv2D(1, 2, v), "kernel_size"),
    "Conv2D, c_in": (lambda v: nn.Conv2D(v, 2, 3), "c_in"),
    "Conv2D, stride": (lambda v: nn.Conv2D(1, 2, 3, stride=v), "stride"),
    "Conv2D, padding": (lambda v: nn.Conv2D(1, 2, 3, padding=v), "padding"),
    "Conv2D, bias": (lambda v: nn.Conv2D(1, 2, 3, bias=v), "bias"),
    "MaxPool2D": (nn.MaxPool2D, "kernel_size"),
    "AvgPool2D": (lambda v: nn.AvgPool2D(2, v), "stride"),
    "SGD": (lambda v: nn.SGD(lr=v), "lr"),
    "SGD, momentum": (lambda v: nn.SGD(momentum=v), "momentum"),
    "SGD, nesterov": (lambda v: nn.SGD(momentum=0.9, nesterov=v), "nesterov"),
    "Adam": (lambda v: nn.Adam(lr=0.1, weight_decay=v), "weight_decay"),
    "Adam, beta1": (lambda v: nn.Adam(beta1=v), "beta1"),
    "Adam, beta2": (lambda v: nn.Adam(beta2=v), "beta2"),
    "Adam, eps": (lambda v: nn.Adam(eps=v), "eps"),
    "AdamW": (lambda v: nn.AdamW(decay_biases=v), "decay_biases"),
    "RMSProp": (lambda v: nn.RMSProp(alpha=v), "alpha"),
    "Adagrad": (lambda v: nn.Adagrad(eps=v), "eps"),
    "clip_norm": (lambda v: nn.SGD(clip_norm=v), "clip_norm"),
    "clip_value": (lambda v: nn.SGD(clip_value=v), "clip_value"),
    "label_smoothing": (lambda v: nn.SoftmaxCrossEntropy(label_smoothing=v), "label_smoothing"),
    "class_weight": (lambda v: nn.SoftmaxCrossEntropy(class_weight=v), "class_weight"),
    "Huber": (nn.Huber, "delta"),
    "total": (lambda v: nn.Huber().value(X, X, total=v), "total"),
    "patience": (nn.EarlyStopping, "patience"),
    "monitor": (lambda v: nn.EarlyStopping(monitor=v, mode="min"), "monitor"),
    "min_delta": (lambda v: nn.EarlyStopping(min_delta=v), "min_delta"),
    "mode": (lambda v: nn.EarlyStopping(mode=v), "mode"),
    "plateau, optimizer": (nn.ReduceLROnPlateau, "optimizer"),
    "plateau, factor": (lambda v: _plateau(factor=v), "factor"),
    "plateau, patience": (lambda v: _plateau(patience=v), "patience"),
    "plateau, monitor": (lambda v: _plateau(monitor=v, mode="min"), "monitor"),
    "plateau, min_delta": (lambda v: _plateau(min_delta=v), "min_delta"),
    "plateau, mode": (lambda v: _plateau(mode=v), "mode"),
    "plateau, min_lr": (lambda v: _plateau(min_lr=v), "min_lr"),
    "plateau, value": (lambda v: _plateau().update(v), "value"),
    "rng": (_net, "rng"),
    "dtype": (lambda v: nn.Sequential(nn.Dense(1, 1), dtype=v), "dtype"),
    "layers": (nn.Sequential, "layers"),
    "n of batches": (lambda v: list(nn.batches(v, 2, rng=0)), "n"),
    "batch_size": (lambda v: list(nn.batches(4, v, rng=0)), "batch_size"),
    "smallest": (lambda v: list(nn.batches(4, 3, 0, v)), "smallest"),
    "rng of batches": (lambda v: list(nn.batches(4, 3, v)), "rng"),
    "shuffle of batches": (lambda v: list(nn.batches(4, 3, 0, shuffle=v)), "shuffle"),
    "fit, shuffle": (lambda v: _model().fit(X, Y, epochs=1, shuffle=v), "shuffle"),
    "fit, stratify": (
        lambda v: _model().fit(X, Y, epochs=1, validation=0.5, stratify=v), "stratify"
    ),
    "fit, epochs": (lambda v: _model().fit(X, Y, epochs=v if not many(v) else 2), "epochs"),
    "fit, batch_size": (lambda v: _model().fit(X, Y, epochs=1, batch_size=v), "batch_size"),
    "fit, rng": (lambda v: _model().fit(X, Y, epochs=1, rng=v), "rng"),
    "fit, validation": (lambda v: _model().fit(X, Y, epochs=1, validation=v), "validation"),
    "fit, metrics": (lambda v: _model().fit(X, Y, epochs=1, metrics=v, validation=0.5), "metrics"),
    "fit, early_stopping": (
        lambda v: _model().fit(X, Y, epochs=1, early_stopping=v), "early_stopping"
    ),
    "fit, plateau": (lambda v: _model().fit(X, Y, epochs=1, plateau=v), "plateau"),
    "prepare": (
        lambda v: nn.Model(_net(0), nn.Huber(), nn.SGD(), prepare=v), "prepare"
    ),
    "summary": (lambda v: nn.Model(_flat(), nn.Huber(), nn.SGD()).summary(v), "input_shape"),
    "astype": (lambda v: _net(0).astype(v), "dtype"),
    "k": (lambda v: nn.confusion_matrix([0, 0], [0, 0], v), "k"),
    "average": (lambda v: nn.f1([0, 1], [1, 1], average=v), "average"),
    "zero_division": (lambda v: nn.f1([0, 1], [1, 1], zero_division=v), "zero_division"),
    "top": (lambda v: nn.top_k_accuracy([0, 1], X[:2], v), "top"),
    "eps of a slope": (lambda v: nn.numerical_gradient(np.sum, X, v), "eps"),
    "f of a slope": (lambda v: nn.numerical_gradient(lambda x: 1 if many(v) else v, X), "f"),
    "samples": (lambda v: _check(samples=v), "samples"),
    "tolerance": (lambda v: _check(tolerance=v), "tolerance"),
    "eps of a check": (lambda v: _check(eps=v), "eps"),
    "rng of a check": (lambda v: _check(rng=v), "rng"),
    "leaky_relu": (lambda v: nn.activations.leaky_relu(X, v), "alpha"),
    "elu": (lambda v: nn.activations.elu(X, v), "alpha"),
    "load_digits": (nn.load_digits, "dtype"),
}  # fmt: skip


def _check(**options: Any) -> Any:
    net = nn.Sequential(nn.Dense(1, 2))
    return nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X[:1, :1], Y[:1], **options)


def odd(rng: np.random.Generator) -> Any:
    """Draw an odd value."""
    return inputs.ODD[rng.integers(len(inputs.ODD))]


def option_case(rng: np.random.Generator) -> Case:
    """An odd option: it is taken, or refused by its name."""
    name = str(rng.choice(list(OPTIONS)))
    call, argument = OPTIONS[name]
    value = odd(rng)
    return Case(
        name, lambda: call(value), lambda: ..., {argument: value}, either=True,
        how={argument: f"{value!r:.60}"}, names=("Z", "validation X"),
    )  # fmt: skip


TABLES: dict[str, Callable[[Any], Any]] = {
    "optimizer": lambda v: nn.optimizers.BY_NAME[v],
    "metric": lambda v: nn.metrics.BY_NAME[v],
}
NAMES = ["Adam", "ADAMW", "adam ", "sdg", "rms_prop", "f1 macro", "F1_macro", "accurracy", ""]


def name_case(rng: np.random.Generator) -> Case:
    """An odd name: refused, with the names there are."""
    table = str(rng.choice(list(TABLES)))
    value = NAMES[rng.integers(len(NAMES))] if rng.random() < 0.6 else odd(rng)
    known = isinstance(value, str) and value in ("adam",)
    return Case(
        f"{table} by name", lambda: bool(TABLES[table](value)) and 1,
        (lambda: 1) if known and table == "optimizer" else None, {"name": value},
        how={"name": f"{value!r:.60}"},
    )  # fmt: skip


SETS: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "make_xor": (nn.make_xor, ("n", "noise", "rng")),
    "make_spirals": (nn.make_spirals, ("n", "classes", "turns", "noise", "rng")),
    "make_sine": (nn.make_sine, ("n", "noise", "rng")),
}


def data_case(rng: np.random.Generator) -> Case:
    """A data set with odd options: n finite rows, a label of every class; or refused by name."""
    name = str(rng.choice(list(SETS)))
    make, words = SETS[name]
    chosen = rng.choice(words, size=rng.integers(1, 3), replace=False)
    options = {str(word): odd(rng) for word in chosen}

    def call() -> Any:
        X, y = make(**options)
        n = options.get("n", {"make_xor": 200, "make_spirals": 300, "make_sine": 100}[name])
        classes = len(set(y.tolist())) == options.get("classes", 2) or name != "make_spirals"
        return int(len(X) == len(y) == n and np.isfinite(X).all() and classes)

    return Case(
        name, call, lambda: 1, options, either=True,
        how={k: f"{v!r:.60}" for k, v in options.items()}, names=words,
    )  # fmt: skip


SCHEDULES: dict[str, tuple[Callable[..., S.Schedule], tuple[str, ...]]] = {
    "Constant": (lambda lr=0.1: S.Constant(lr), ("lr",)),
    "StepDecay": (
        lambda lr=0.1, every_steps=5, factor=0.5: S.StepDecay(lr, every_steps, factor),
        ("lr", "every_steps", "factor"),
    ),
    "Exponential": (lambda lr=0.1, factor=0.5: S.Exponential(lr, factor), ("lr", "factor")),
    "Cosine": (
        lambda lr=0.1, steps=9, final=0.0: S.Cosine(lr, steps, final), ("lr", "steps", "final")
    ),
    "Warmup": (lambda schedule=0.1, steps=9: S.Warmup(schedule, steps), ("schedule", "steps")),
    "OneCycle": (
        lambda max_lr=0.1, steps=9, **more: S.OneCycle(max_lr, steps, **more),
        ("max_lr", "steps", "pct_start", "div_factor", "final_div_factor"),
    ),
    "Sequence": (lambda parts=((0.1, 2), (0.2, 3)): S.Sequence(parts), ("parts",)),
}  # fmt: skip


def schedule_case(rng: np.random.Generator) -> Case:
    """A schedule with an odd option, asked at an odd step: a rate of 0 or more, or refused."""
    name = str(rng.choice(list(SCHEDULES)))
    make, words = SCHEDULES[name]
    options: dict[str, Any] = {str(rng.choice(words)): odd(rng)} if rng.random() < 0.5 else {}
    if options.get("schedule") is len:
        del options["schedule"]  # it is a function, and has its own errors
    step = odd(rng) if rng.random() < 0.7 else int(rng.integers(0, 30))

    def call() -> Any:
        rate = make(**options)(step)
        return int(type(rate) is float and 0 <= rate < np.inf)

    return Case(
        f"schedules.{name}", call, lambda: 1, options | {"step": step}, either=True,
        how={k: f"{v!r:.60}" for k, v in (options | {"step": step}).items()}, names=words,
    )  # fmt: skip


def init_case(rng: np.random.Generator) -> Case:
    """An init= that returns odd numbers: taken where they fill W, refused where they cannot."""
    image = rng.random() < 0.5
    shape = (2, 1, 2, 2) if image else (3, 2)
    dtype = [np.float64, np.float32][rng.integers(2)]
    given = inputs.array(rng, *shape)
    if rng.random() < 0.1:
        given = inputs.array(rng, 3, 3)
        given = inputs.Given(given.value, None, f"other shape {given.how}")

    def call() -> Any:
        init = lambda rng, shape, dtype: given.value  # noqa: E731
        layer = nn.Conv2D(1, 2, 2, init=init) if image else nn.Dense(3, 2, init=init)
        return nn.Sequential(layer, dtype=dtype).layers[0].W

    known = given.means is not None
    return Case(
        "init=", call, (lambda: given.means) if known else None, {"init": given.value},
        either=given.huge, how={"init": given.how}, names=("W", "layers"), rtol=1e-6,
    )  # fmt: skip


INITIALIZERS = "he_normal he_uniform xavier_normal xavier_uniform lecun_normal orthogonal zeros"


def initializer_case(rng: np.random.Generator) -> Case:
    """An initializer asked for an odd shape, an odd dtype, or with an odd rng."""
    name = str(rng.choice(INITIALIZERS.split()))
    shapes = [
        *((3, 2), [3, 2], (3, 2, 2, 2), (1, 1), np.array([3, 2]), (), (3,), (3, 2, 1), (0, 2)),
        *((-1, 2), (2.0, 3), (np.int64(3), 2), "ab", 5, None, (True, 2), (10**30, 2), ("3", 2)),
    ]
    arguments = {"rng": 0, "shape": shapes[rng.integers(len(shapes))], "dtype": np.float64}
    if rng.random() < 0.5:
        arguments |= {"shape": (3, 2), str(rng.choice(["rng", "dtype", "shape"])): odd(rng)}

    def call() -> Any:
        W = getattr(nn.initializers, name)(*arguments.values())
        return int(np.isfinite(W).all() and W.shape == tuple(arguments["shape"]))

    return Case(
        f"initializers.{name}", call, lambda: 1, arguments, either=True,
        how={k: f"{v!r:.60}" for k, v in arguments.items()},
    )  # fmt: skip
