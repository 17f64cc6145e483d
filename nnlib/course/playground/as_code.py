"""A run as code: a cell of plain nnlib that repeats it, with all that was changed on the way."""

import ast
import inspect
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import nnlib as nn
from nnlib.course.playground import network, recipe
from nnlib.course.playground.data import MAKERS, options, train_size
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.log import Entry, stretches
from nnlib.course.playground.network import Change
from nnlib.course.playground.reading import read_points
from nnlib.course.playground.settings import OWN, Settings
from nnlib.course.playground.words import describe


def plain(function: Callable[..., Any]) -> str:
    """Return the source of a function without its annotations."""
    source = inspect.getsource(function)
    parsed = ast.parse(source).body[0]
    assert isinstance(parsed, ast.FunctionDef)
    parameters = inspect.signature(function).parameters.values()
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in parameters]
    signature = inspect.Signature(bare)
    body = source.splitlines()[parsed.body[0].lineno - 1 :]
    return "\n".join([f"def {function.__name__}{signature}:", *body])


def as_code(experiment: Experiment) -> str:
    """Write the cell: data, network, every step and every change; at the end, the scores."""
    first, outputs = experiment.log[0].settings, experiment.data.outputs
    blocks = [
        f"# The playground's run: {experiment.steps} steps. {describe(first)}",
        "import numpy as np\nimport nnlib as nn",
        "\n\n\n".join(["", *map(plain, _functions(experiment)), ""]).strip("\n"),
        "\n".join(_data(first)),
        "\n".join(_first_network(first, outputs, experiment.loss)),
        "\n".join(_training(experiment)),
        "\n".join(_scores(experiment)),
    ]
    return "\n\n".join(blocks) + "\n"


def _functions(experiment: Experiment) -> Iterator[Callable[..., Any]]:
    """Name the functions that the cell needs."""
    settings = [entry.settings for entry in experiment.log]
    if settings[0].data == OWN:
        yield recipe.spread
    else:
        yield MAKERS[settings[0].data]
    yield from (recipe.features, recipe.one_step, recipe.forever)
    if any(Change.between(old, new).network for old, new in pairwise(settings)):
        yield recipe.carry_over


def _data(s: Settings, again: bool = False) -> Iterator[str]:
    """Make the data, and part them."""
    if s.data == OWN:
        X, y, names, _ = read_points(s.points)
        n = len(X)
        if not again:
            yield f"points = np.array({X.tolist()})"
            yield f"targets = np.array({y.tolist()})"
        yield f"order = np.random.default_rng({s.data_seed}).permutation({n})"
        yield "X, y = spread(points)[order], targets[order]"
        if not names:
            yield "y = y / max(float(np.abs(y).max()), 1e-12)"
    else:
        n, make = s.n, MAKERS[s.data].__name__
        some = ", ".join(f"{name}={value!r}" for name, value in options(s).items())
        yield f"X, y = {make}({n}, {some})"
    m = train_size(s, n)
    yield f"X_train, y_train, X_test, y_test = X[:{m}], y[:{m}], X[{m}:], y[{m}:]"


def _inputs(s: Settings) -> Iterator[str]:
    """Compute the features."""
    yield f"names = {list(s.features)}"
    yield "F_train, F_test = features(X_train, names), features(X_test, names)"


def _batches(s: Settings) -> str:
    """Begin a new epoch; never more in a batch than there are examples."""
    size = f"min({s.batch_size}, len(F_train))" if s.batch_size else "len(F_train)"
    return f"stream = forever(len(F_train), {size}, rng)"


def _network(s: Settings, outputs: int) -> Iterator[str]:
    """Make the network."""
    yield "net = nn.Sequential("
    for layer in network.make_layers(s, outputs):
        call = repr(layer)
        if isinstance(layer, nn.Dense):
            name = getattr(layer.init, "__name__", "")
            call = f"Dense({layer.d_in}, {layer.d_out}, init=nn.initializers.{name})"
        yield f"    nn.{call},"
    yield f"    rng={s.seed},\n)"


def _first_network(s: Settings, outputs: int, loss: nn.Loss) -> Iterator[str]:
    yield from _inputs(s)
    yield from _network(s, outputs)
    yield f"loss = nn.{loss!r}"
    yield f"opt = nn.{network.make_optimizer(s)!r}"
    yield f"l1, rng = {s.l1!r}, np.random.default_rng({s.seed})"
    yield _batches(s)


def _training(experiment: Experiment) -> Iterator[str]:
    """Train, change, train: one stretch for each entry of the log."""
    yield "\ndef train(steps):"
    yield "    for _ in range(steps):"
    yield "        index = next(stream)"
    yield "        one_step(net, loss, opt, F_train[index], y_train[index], l1)\n\n"
    for before, entry, steps in stretches(experiment.log, experiment.steps):
        yield from _change(before.settings, entry, experiment.data.outputs)
        if steps:
            yield f"train({steps})"


def _change(old: Settings, entry: Entry, outputs: int) -> Iterator[str]:
    """Go over from old settings to an entry's, and set its weights, as `Experiment` does."""
    new = entry.settings
    change = Change.between(old, new)
    if what := [*change.logged, *["weights"] * bool(entry.weights)]:
        yield f"\n# changed: {', '.join(what)}"
    if change.data:
        yield from _data(new, again=True)
    if change.inputs:
        yield from _inputs(new)
    if change.batches:
        yield _batches(new)
    if change.network:
        yield "old = net"
        yield from _network(new, outputs)
        yield f"carry_over(old, net, {network.shared_inputs(old, new)})"
    if change.optimizer:
        yield f"opt = nn.{network.make_optimizer(new)!r}"
    if change.rates:
        yield f"opt.lr, opt.weight_decay = {new.lr!r}, {new.l2!r}"
    if change.l1:
        yield f"l1 = {new.l1!r}"
    dense = network.dense_layers(network.make_layers(new, outputs))
    for layer, row, column, value in entry.weights:
        place = f"b[{column}]" if row < 0 else f"W[{row}, {column}]"
        yield f"net.layers[{dense[layer][0]}].{place} = {value!r}"


def _scores(experiment: Experiment) -> Iterator[str]:
    """Print what the playground shows."""
    yield 'print("train", nn.evaluate(net, loss, F_train, y_train))'
    yield 'print("test ", nn.evaluate(net, loss, F_test, y_test))'
