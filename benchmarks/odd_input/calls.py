"""Calls that are handed arrays: functions, networks, losses, metrics, gradient checks, updates."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special as sp

import nnlib as nn
from benchmarks.odd_input import inputs
from benchmarks.odd_input.figures import figure_case, figure_option_case
from benchmarks.odd_input.inputs import Given
from benchmarks.odd_input.options import (
    data_case,
    init_case,
    initializer_case,
    name_case,
    option_case,
    schedule_case,
)
from benchmarks.odd_input.updates import assign_case, state_case, step_case
from benchmarks.odd_input.verdict import Case

K, D = 3, 4

FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "sigmoid": (nn.sigmoid, sp.expit),
    "tanh": (nn.tanh, np.tanh),
    "relu": (nn.relu, lambda Z: np.maximum(Z, 0)),
    "softplus": (nn.activations.softplus, lambda Z: np.logaddexp(0, Z)),
    "silu": (nn.activations.silu, lambda Z: Z * sp.expit(Z)),
    "gelu": (nn.activations.gelu, lambda Z: Z * sp.ndtr(Z)),
    "elu": (nn.activations.elu, lambda Z: np.where(Z > 0, Z, np.expm1(np.minimum(Z, 0)))),
    "logsumexp": (nn.logsumexp, lambda Z: sp.logsumexp(Z, axis=1, keepdims=True)),
    "softmax": (nn.softmax, lambda Z: sp.softmax(Z, axis=1)),
    "log_softmax": (nn.log_softmax, lambda Z: sp.log_softmax(Z, axis=1)),
}


def pick(rng: np.random.Generator, table: Any) -> str:
    """Choose a name."""
    return str(rng.choice(list(table)))


def flat(*parts: Any) -> np.ndarray:
    """Put all numbers of several results in a row."""
    return np.concatenate([np.ravel(part) for part in parts])


def case(
    name: str, call: Callable[..., Any], given: dict[str, Given], expected: Any = None, **more: Any
) -> Case:
    """Call with odd arguments; expect what plain arrays give, or what ``expected`` says of them."""
    means = [g.means for g in given.values()]
    known = all(m is not None for m in means)
    more["either"] = more.get("either", False) or any(g.huge for g in given.values())
    return Case(
        name, lambda: call(*(g.value for g in given.values())),
        (lambda: (expected or call)(*means)) if known else None,
        {k: g.value for k, g in given.items()}, how={k: g.how for k, g in given.items()}, **more,
    )  # fmt: skip


def _loose(given: Given) -> bool:
    """Whether it is an array that may be taken, with NaN in it or nothing at all."""
    return given.means is None and (not given.unusable or given.how == "empty")


def function_case(rng: np.random.Generator) -> Case:
    """A function of numbers; those that are not finite have limits, and are taken."""
    name, Z = pick(rng, FUNCTIONS), inputs.array(rng, int(rng.integers(1, 6)), D)
    mine, true = FUNCTIONS[name]
    return case(name, mine, {"Z": Z}, true, either=_loose(Z))


# Networks ---------------------------------------------------------------------------------------


def network() -> nn.Sequential:
    """A small network, the same every time."""
    return nn.Sequential(nn.Dense(D, 5), nn.Tanh(), nn.Dense(5, K), rng=0)


def logits(X: np.ndarray) -> np.ndarray:
    """What it gives, written out."""
    first, _, last = network().layers
    return np.tanh(X @ first.W + first.b) @ last.W + last.b


IMAGE = (2, 4, 4)
NETWORKS: dict[str, tuple[tuple[int, ...], Callable[[], list[nn.Layer]]]] = {
    "dense": ((D,), lambda: [nn.Dense(D, 5), nn.ReLU(), nn.Dense(5, K)]),
    "batch norm": ((D,), lambda: [nn.BatchNorm(D), nn.LeakyReLU(), nn.Dense(D, K)]),
    "layer norm": ((D,), lambda: [nn.LayerNorm(D), nn.SiLU(), nn.Dropout(0.5), nn.Dense(D, K)]),
    "root mean square": ((D,), lambda: [nn.RMSNorm(D), nn.Tanh(), nn.Dense(D, K, bias=False)]),
    "dropout": ((D,), lambda: [nn.Dropout(0.5), nn.Dense(D, K)]),
    "convolution": (
        IMAGE,
        lambda: [nn.Conv2D(2, 2, 3, padding=1), nn.ELU(), nn.MaxPool2D(2), nn.Flatten()],
    ),
    "pooling": (IMAGE, lambda: [nn.AvgPool2D(2), nn.BatchNorm(2), nn.Softplus(), nn.Flatten()]),
    "maxima": (IMAGE, lambda: [nn.MaxPool2D(3, stride=1), nn.LayerNorm(2, 2, 2), nn.Flatten()]),
    "means": (IMAGE, lambda: [nn.Conv2D(2, 3, 3), nn.GlobalAvgPool2D(), nn.Dense(3, K)]),
    "reshape": ((8,), lambda: [nn.Reshape(2, 2, 2), nn.Conv2D(2, 3, 2), nn.Flatten()]),
    "blocks": (
        (D,),
        lambda: [
            nn.Sequential(nn.Dense(D, 5), nn.BatchNorm(5), rng=1),
            nn.Residual(nn.Tanh(), nn.Sequential(nn.Dense(5, 5), nn.Dropout(0.2), rng=2)),
            nn.Dense(5, K),
        ],
    ),
    "frozen": ((D,), lambda: [frozen(nn.Dense(D, 5)), frozen(nn.BatchNorm(5)), nn.Dense(5, K)]),
    "gates": ((D,), lambda: [nn.Sigmoid(), nn.GELU(), nn.SELU(), nn.Tanh(), nn.Softmax()]),
}


def frozen(layer: nn.Layer) -> nn.Layer:
    """A layer that training leaves as it is."""
    layer.frozen = True
    return layer


def network_case(rng: np.random.Generator) -> Case:
    """Forward in test mode; or forward, backward and all gradients, as with plain arrays."""
    name, train = pick(rng, NETWORKS), rng.random() < 0.5
    dtype = [np.float64, np.float32][rng.integers(2)]
    shape, layers = NETWORKS[name]

    def run(X: Any) -> np.ndarray:
        net = nn.Sequential(*layers(), rng=0, dtype=dtype)
        Z = net.forward(X, train=train)
        if not train:
            return flat(Z)
        return flat(Z, net.backward(np.ones_like(Z), input_grad=True), net.grads, net.buffers)

    X = inputs.array(rng, int(rng.integers(2, 6)), *shape)
    name = f"{name}, {'train' if train else 'test'}, {dtype.__name__}"
    return case(name, run, {"X": X}, names=("BatchNorm", "LayerNorm", "RMSNorm"))


def backward_case(rng: np.random.Generator) -> Case:
    """An odd gradient handed to a network."""
    name = pick(rng, NETWORKS)
    shape, layers = NETWORKS[name]

    def run(dZ: Any) -> np.ndarray:
        net = nn.Sequential(*layers(), rng=0)
        net.forward(np.sin(np.arange(3.0 * np.prod(shape))).reshape(3, *shape), train=True)
        return flat(net.backward(dZ, input_grad=True), net.grads)

    outputs = nn.Sequential(*layers()).shapes_after(shape)[-1]
    dZ = inputs.array(rng, 3, *outputs)
    return case(f"backward, {name}", run, {"dZ": dZ}, either=_loose(dZ))


def prediction_case(rng: np.random.Generator) -> Case:
    """Forward, predict, predict_proba."""
    net, X = network(), inputs.array(rng, int(rng.integers(1, 9)), D)
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD())
    ways: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
        "forward": (net.forward, logits),
        "predict": (model.predict, lambda X: logits(X).argmax(axis=1)),
        "predict_proba": (model.predict_proba, lambda X: sp.softmax(logits(X), axis=1)),
    }
    name = pick(rng, ways)
    return case(name, ways[name][0], {"X": X}, ways[name][1])


def training_case(rng: np.random.Generator) -> Case:
    """One epoch of training, or the scores after it, as with plain arrays."""
    n = int(rng.integers(3, 9))
    given = {"X": inputs.array(rng, n, D), "y": inputs.labels(rng, n, K)}
    if rng.random() < 0.3:
        given |= {"sample_weight": inputs.weights(rng, n)}

    def parts() -> tuple[nn.Sequential, nn.Loss, nn.Optimizer]:
        return network(), nn.SoftmaxCrossEntropy(), nn.SGD(lr=0.01)

    def fit(X: Any, y: Any, s: Any = None) -> Any:
        model = nn.Model(*parts())
        model.fit(X, y, sample_weight=s, epochs=1, batch_size=2)
        return model.net.params

    def steps(X: Any, y: Any, s: Any = None) -> Any:
        return [step.loss for step in nn.steps(*parts(), X, y, sample_weight=s, epochs=1)]

    def epochs(X: Any, y: Any, s: Any = None) -> Any:
        every = nn.epochs(*parts(), X, y, sample_weight=s, epochs=1, validation=0.3)
        return [epoch.scores["val_loss"] for epoch in every]

    def validated(X: Any, y: Any, s: Any = None) -> Any:
        A, b = np.eye(4), np.array([0, 1, 2, 2])
        held = (X, y) if s is None else (X, y, s)
        return nn.Model(*parts()).fit(A, b, epochs=1, validation=held)["val_loss"]

    ways = {
        "fit": fit, "steps": steps, "epochs": epochs, "validation": validated,
        "evaluate": lambda X, y, s=None: nn.Model(*parts()).evaluate(X, y, s)["loss"],
        "score": lambda X, y, s=None: nn.Model(*parts()).score(X, y, s),
        "saliency": lambda X, y, _=None: nn.input_gradient(nn.Model(*parts()), X, y),
    }  # fmt: skip
    name = pick(rng, ways)
    return case(name, ways[name], given, either=True, names=("validation",))


# Losses, metrics, gradient checks ---------------------------------------------------------------


def per_label(f: Callable[..., Any]) -> Callable[..., Any]:
    """A loss of each example from one of each entry."""
    return lambda Z, y: f(Z, y).mean(axis=1)


LOSSES: dict[str, tuple[nn.Loss, str, Callable[..., Any]]] = {
    "SoftmaxCrossEntropy": (
        nn.SoftmaxCrossEntropy(), "labels",
        lambda Z, y: -sp.log_softmax(Z, axis=1)[np.arange(len(y)), y],
    ),
    "smoothed": (
        nn.SoftmaxCrossEntropy(label_smoothing=0.1), "labels",
        lambda Z, y: -(sp.log_softmax(Z, axis=1) * (0.9 * np.eye(K)[y] + 0.1 / K)).sum(axis=1),
    ),
    "rows of probabilities": (
        nn.SoftmaxCrossEntropy(), "shares",
        lambda Z, y: -(sp.log_softmax(Z, axis=1) * y).sum(axis=1),
    ),
    "CrossEntropy": (
        nn.CrossEntropy(), "chances", lambda P, y: -np.log(P[np.arange(len(y)), y])
    ),
    "SigmoidCrossEntropy": (
        nn.SigmoidCrossEntropy(), "yes", per_label(lambda Z, y: np.logaddexp(0, Z) - Z * y)
    ),
    "MeanSquaredError": (nn.MeanSquaredError(), "numbers", per_label(lambda Z, y: (Z - y) ** 2)),
    "MeanAbsoluteError": (nn.MeanAbsoluteError(), "numbers", per_label(lambda Z, y: abs(Z - y))),
    "Poisson": (
        nn.Poisson(), "counts", per_label(lambda Z, y: np.exp(Z) - y - (y * Z - sp.xlogy(y, y)))
    ),
    "Huber": (
        nn.Huber(0.5), "numbers",
        per_label(lambda Z, y: np.where(
            abs(Z - y) <= 0.5, (Z - y) ** 2 / 2, 0.5 * (abs(Z - y) - 0.25)
        )),
    ),
}  # fmt: skip


def loss_case(rng: np.random.Generator) -> Case:
    """A loss of odd outputs and odd targets, in half of all cases with odd weights."""
    n, name = int(rng.integers(2, 7)), pick(rng, LOSSES)
    loss, kind, true = LOSSES[name]
    letter = "P" if kind == "chances" else "Z"
    Z = inputs.chances(rng, n, K) if kind == "chances" else inputs.array(rng, n, K)
    draws = {"labels": inputs.labels, "chances": inputs.labels, "shares": inputs.chances}
    y = draws.get(kind, inputs.array)(rng, n, K)
    if kind == "yes" and y.means is not None and not ((y.means >= 0) & (y.means <= 1)).all():
        y = Given(y.value, None, y.how)
    if kind == "counts":
        y = inputs.positive(rng, y)
    given = {letter: Z, "y": y} | (
        {"weights": inputs.weights(rng, n)} if rng.random() < 0.5 else {}
    )

    def expected(Z: Any, y: Any, s: Any = None) -> Any:
        return np.average(true(Z, y), weights=s) if s is None or s.any() else 0.0

    rtol = 1e-3 if "float16" in Z.how else 1e-4 if "float32" in Z.how else 1e-9
    steep = name == "Poisson" and Z.means is not None and Z.means.max() > 80  # e^Z overflows
    return case(name, loss.value, given, expected, rtol=rtol, either=steep)


def gradient_case(rng: np.random.Generator) -> Case:
    """The gradient of a loss, as with plain arrays."""
    n, name = int(rng.integers(2, 7)), pick(rng, LOSSES)
    loss, kind, _ = LOSSES[name]
    Z = inputs.chances(rng, n, K) if kind == "chances" else inputs.array(rng, n, K)
    y = np.arange(n) % K if kind in ("labels", "chances") else np.ones((n, K))
    y = y / K if kind == "shares" else y
    rtol = 1e-3 if "float16" in Z.how else 1e-4 if "float32" in Z.how else 1e-9
    call = lambda Z: loss.value_and_grad(Z, y)[1]  # noqa: E731
    return case(f"gradient of {name}", call, {"P" if kind == "chances" else "Z": Z}, rtol=rtol)


def counts(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """A confusion matrix."""
    C = np.zeros((K, K), int)
    np.add.at(C, (y, p), 1)
    return C


def shares(a: Any, b: Any) -> Any:
    """a/b, where 0/0 is 0."""
    return a / np.maximum(b, 1)


METRICS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "accuracy": (nn.accuracy, lambda C: C.trace() / C.sum()),
    "confusion_matrix": (lambda a, b: nn.confusion_matrix(a, b, k=K), lambda C: C),
    "precision": (
        lambda a, b: nn.precision(a, b, k=K), lambda C: shares(C.diagonal(), C.sum(axis=0))
    ),
    "recall": (lambda a, b: nn.recall(a, b, k=K), lambda C: shares(C.diagonal(), C.sum(axis=1))),
    "f1": (
        lambda a, b: nn.f1(a, b, k=K),
        lambda C: shares(2 * C.diagonal(), C.sum(axis=0) + C.sum(axis=1)),
    ),
    "recall, weighted": (
        lambda a, b: nn.recall(a, b, average="weighted"), lambda C: C.trace() / C.sum()
    ),
    "f1, micro": (lambda a, b: nn.f1(a, b, average="micro"), lambda C: C.trace() / C.sum()),
}  # fmt: skip


def metric_case(rng: np.random.Generator) -> Case:
    """A metric of two odd lists of labels."""
    n, name = int(rng.integers(2, 30)), pick(rng, METRICS)
    y, p = (inputs.labels(rng, n, K, counted=True) for _ in range(2))
    mine, true = METRICS[name]
    loose = name in ("accuracy", "recall, weighted", "f1, micro")
    return case(
        name, mine, {"y": y, "predictions": p}, lambda y, p: true(counts(y, p)),
        either=loose or y.how == p.how == "short",
    )  # fmt: skip


def top_case(rng: np.random.Generator) -> Case:
    """top_k_accuracy of odd labels and odd probabilities."""
    n = int(rng.integers(2, 9))

    def expected(y: Any, P: Any) -> Any:
        return np.mean([c in np.argsort(row, kind="stable")[-2:] for c, row in zip(y, P)])  # noqa: B905

    y, P = inputs.labels(rng, n, K, counted=True), inputs.array(rng, n, K)
    call = lambda y, P: nn.top_k_accuracy(y, P, top=2)  # noqa: E731
    return case("top_k_accuracy", call, {"y": y, "P": P}, expected, either=_loose(P))


def balance_case(rng: np.random.Generator) -> Case:
    """balanced_class_weight of odd labels."""
    y = inputs.labels(rng, 12, 2)
    expected = lambda y: len(y) / (2 * np.bincount(y))  # noqa: E731
    loose = "objects" in y.how or y.how in ("from 1", "short", "negative")
    return case("balanced_class_weight", nn.balanced_class_weight, {"y": y}, expected, either=loose)


def error_case(rng: np.random.Generator) -> Case:
    """relative_error of two odd arrays; what is not finite has no error, or NaN."""
    shape = tuple(rng.integers(1, 5, size=rng.integers(1, 4)).tolist())
    given = {"a": inputs.array(rng, *shape), "n": inputs.array(rng, *shape)}

    def expected(a: Any, n: Any) -> Any:
        a, n = a.astype(np.longdouble).ravel(), n.astype(np.longdouble).ravel()
        size = np.sqrt(a @ a) + np.sqrt(n @ n)
        return float(np.sqrt((a - n) @ (a - n)) / size) if size else 0.0

    loose = any(map(_loose, given.values()))
    return case("relative_error", nn.relative_error, given, expected, either=loose)


def slope_case(rng: np.random.Generator) -> Case:
    """numerical_gradient of a sum of squares."""
    x = inputs.array(rng, *rng.integers(1, 4, size=rng.integers(1, 4)).tolist())
    call = lambda x: nn.numerical_gradient(lambda a: (a * a).sum(), x)  # noqa: E731
    far = x.how == "empty" or (x.means is not None and np.abs(x.means).max() > 1e3)
    return case("numerical_gradient", call, {"x": x}, lambda x: 2 * x, rtol=1e-4, either=far,
                names=("eps",))  # fmt: skip


def check_case(rng: np.random.Generator) -> Case:
    """check_gradients on odd examples: the same report as on plain arrays."""

    def run(X: Any, y: Any) -> Any:
        report = nn.check_gradients(network(), nn.SoftmaxCrossEntropy(), X, y, samples=4)
        return [row.error for row in report.rows] + [report.ok]

    given = {"X": inputs.array(rng, 3, D), "y": inputs.labels(rng, 3, K)}
    return case("check_gradients", run, given, names=("eps",))


CASES: dict[Callable[[np.random.Generator], Case], float] = {
    function_case: 8, prediction_case: 8, network_case: 14, backward_case: 4, training_case: 14,
    loss_case: 14, gradient_case: 5, metric_case: 10, top_case: 2, balance_case: 2, error_case: 4,
    slope_case: 4, check_case: 2, step_case: 10, state_case: 4, assign_case: 8, option_case: 14,
    name_case: 3, data_case: 4, schedule_case: 4, init_case: 4, initializer_case: 4,
    figure_case: 0.5, figure_option_case: 0.5,
}  # fmt: skip
"""What is drawn, and how often; figures are slow."""
