"""A run as code: a cell of plain nnlib that repeats it, with all that was changed on the way."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import nnlib as nn
from nnlib.course.playground import recipe
from nnlib.course.playground.data import MAKERS, make_data, options
from nnlib.course.playground.experiment import (
    Experiment,
    dense_layers,
    make_network,
    make_optimizer,
    shared_inputs,
    stretches,
)
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
    log = experiment.log
    first = log[0].settings
    functions = [MAKERS[first.data], recipe.features, recipe.one_step, recipe.forever]
    if any("network" in before.entails(entry.settings) for before, entry, _ in stretches(log, 0)):
        functions.append(recipe.carry_over)
    return CELL.format(
        steps=experiment.steps,
        about=describe(first),
        functions="\n\n\n".join(map(plain, functions)),
        loss=experiment.loss,
        seed=first.seed,
        run="\n".join(_run(experiment)),
    )


def _run(experiment: Experiment) -> Iterator[str]:
    """Make all, train, change, train: one stretch for each entry of the log."""
    log, outputs = experiment.log, experiment.data.outputs
    if log[0].settings.data == OWN:
        X, y, *_ = read_points(log[0].settings.points)
        yield f"points = np.array({X.tolist()})\ntargets = np.array({y.tolist()})"
    yield from _made({*ENTAILED} - {"rates"}, log[0].settings, outputs)
    for old, (_, new, weights), steps in stretches(log, experiment.steps):
        change = old.entails(new)
        felt = sorted(name for name in old.differs(new) if KNOBS[name].entails)
        if what := [*felt, *["weights"] * bool(weights)]:
            yield f"\n# changed: {', '.join(what)}"
        if "network" in change:
            yield "old = net"
        yield from _made(change, new, outputs)
        if "network" in change:
            yield f"carry_over(old, net, {shared_inputs(old, new)})"
        dense = dense_layers(make_network(new, outputs))
        for layer, row, column, value in weights:
            place = f"b[{column}]" if row < 0 else f"W[{row}, {column}]"
            yield f"net.layers[{dense[layer][0]}].{place} = {value!r}"
        if steps:
            yield f"train({steps})"


def _made(change: set[str], s: Settings, outputs: int) -> Iterator[str]:
    """Make what a change entails, with these settings, as `Experiment` does."""
    if "data" in change:
        m, first = len(make_data(s).X_train), "points, targets" if s.data == OWN else s.n
        some = ", ".join(f"{name}={value!r}" for name, value in options(s).items())
        yield f"X, y = {MAKERS[s.data].__name__}({first}, {some})"
        yield f"X_train, y_train, X_test, y_test = X[:{m}], y[:{m}], X[{m}:], y[{m}:]"
    if "inputs" in change:
        yield f"names = {list(s.features)}"
        yield "F_train, F_test = features(X_train, names), features(X_test, names)"
    if "batches" in change:
        yield f"stream = forever(len(F_train), {s.batch_size or 'len(F_train)'}, rng)"
    if "network" in change:
        yield "net = nn.Sequential("
        for layer in make_network(s, outputs).layers:
            call = repr(layer)
            if isinstance(layer, nn.Dense):
                init = f"nn.initializers.{getattr(layer.init, '__name__', '')}"
                call = f"Dense({layer.d_in}, {layer.d_out}, init={init})"
            yield f"    nn.{call},"
        yield f"    rng={s.seed},\n)"
    if "optimizer" in change:
        yield f"opt = nn.{make_optimizer(s)!r}"
    if "rates" in change:
        yield f"opt.lr, opt.weight_decay = {s.lr!r}, {s.l2!r}"
    if "l1" in change:
        yield f"l1 = {s.l1!r}"
