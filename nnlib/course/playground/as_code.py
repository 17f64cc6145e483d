"""A run as code: a cell of plain nnlib that repeats it, with all that was changed on the way."""

import inspect
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import nnlib as nn
from nnlib.course.playground import network, recipe
from nnlib.course.playground.data import MAKERS, make_data, options
from nnlib.course.playground.experiment import Entry, Experiment
from nnlib.course.playground.reading import read_points
from nnlib.course.playground.settings import ENTAILED, KNOBS, OWN, Settings
from nnlib.course.playground.words import describe


def plain(function: Callable[..., Any]) -> str:
    """Return the source of a function without its annotations."""
    _, body = inspect.getsource(function).split(":\n", 1)
    parameters = inspect.signature(function).parameters.values()
    signature = inspect.Signature([p.replace(annotation=p.empty) for p in parameters])
    return f"def {function.__name__}{signature}:\n{body}".rstrip()


CELL = """\
# The playground's run: {steps} steps. {about}

import numpy as np
import nnlib as nn

{functions}


def train(steps):
    for _ in range(steps):
        index = next(stream)
        one_step(net, loss, opt, F_train[index], y_train[index], l1)


loss, rng = nn.{loss}, np.random.default_rng({seed})
{run}

print("train", nn.evaluate(net, loss, F_train, y_train))
print("test ", nn.evaluate(net, loss, F_test, y_test))
"""


def as_code(experiment: Experiment) -> str:
    """Write the cell: data, network, every step and every change; at the end, the scores."""
    first = experiment.log[0].settings
    return CELL.format(
        steps=experiment.steps,
        about=describe(first),
        functions="\n\n\n".join(map(plain, _functions(experiment))),
        loss=experiment.loss,
        seed=first.seed,
        run="\n".join([*_own_points(first), *_run(experiment)]),
    )


def _functions(experiment: Experiment) -> Iterator[Callable[..., Any]]:
    """Name the functions that the cell needs."""
    settings = [entry.settings for entry in experiment.log]
    yield from (MAKERS[settings[0].data], recipe.features, recipe.one_step, recipe.forever)
    if any("network" in old.entails(new) for old, new in pairwise(settings)):
        yield recipe.carry_over


def _own_points(s: Settings) -> Iterator[str]:
    """List the points that were typed, if these are the data."""
    if s.data == OWN:
        X, y, *_ = read_points(s.points)
        yield f"points = np.array({X.tolist()})\ntargets = np.array({y.tolist()})"


def _run(experiment: Experiment) -> Iterator[str]:
    """Make all, train, change, train: one stretch for each entry of the log."""
    log, outputs = experiment.log, experiment.data.outputs
    ends = [*(entry.step for entry in log[1:]), experiment.steps]
    yield from _made({*ENTAILED} - {"rates"}, log[0].settings, outputs)
    for before, entry, end in zip([log[0], *log], log, ends, strict=False):
        yield from _change(before.settings, entry, outputs)
        if end > entry.step:
            yield f"train({end - entry.step})"


def _change(old: Settings, entry: Entry, outputs: int) -> Iterator[str]:
    """Go over from old settings to an entry's, and set its weights, as `Experiment` does."""
    new = entry.settings
    change = old.entails(new)
    felt = sorted(name for name in old.differs(new) if KNOBS[name].entails)
    if what := [*felt, *["weights"] * bool(entry.weights)]:
        yield f"\n# changed: {', '.join(what)}"
    if "network" in change:
        yield "old = net"
    yield from _made(change, new, outputs)
    if "network" in change:
        yield f"carry_over(old, net, {network.shared_inputs(old, new)})"
    dense = network.dense_layers(network.make_layers(new, outputs))
    for layer, row, column, value in entry.weights:
        place = f"b[{column}]" if row < 0 else f"W[{row}, {column}]"
        yield f"net.layers[{dense[layer][0]}].{place} = {value!r}"


def _made(change: set[str], s: Settings, outputs: int) -> Iterator[str]:
    """Make what a change entails, with these settings."""
    if "data" in change:
        yield from _data(s)
    if "inputs" in change:
        yield f"names = {list(s.features)}"
        yield "F_train, F_test = features(X_train, names), features(X_test, names)"
    if "batches" in change:
        yield f"stream = forever(len(F_train), {s.batch_size or 'len(F_train)'}, rng)"
    if "network" in change:
        yield from _network(s, outputs)
    if "optimizer" in change:
        yield f"opt = nn.{network.make_optimizer(s)!r}"
    if "rates" in change:
        yield f"opt.lr, opt.weight_decay = {s.lr!r}, {s.l2!r}"
    if "l1" in change:
        yield f"l1 = {s.l1!r}"


def _data(s: Settings) -> Iterator[str]:
    """Make the data, and part them."""
    m = len(make_data(s).X_train)
    if s.data == OWN:
        yield f"X, y = own(points, targets, rng={s.data_seed})"
    else:
        some = ", ".join(f"{name}={value!r}" for name, value in options(s).items())
        yield f"X, y = {MAKERS[s.data].__name__}({s.n}, {some})"
    yield f"X_train, y_train, X_test, y_test = X[:{m}], y[:{m}], X[{m}:], y[{m}:]"


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
