"""``python -m nnlib train``: a network, its training from epoch to epoch, and how it does."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .. import _files
from .._optional import needed_by
from ..datasets import Split
from ..examples import batches
from ..fitting import History
from ..layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, Layer, MaxPool2D, ReLU, Reshape
from ..losses import SoftmaxCrossEntropy
from ..metrics import accuracy, confusion_matrix
from ..model import Model
from ..network import Sequential
from ..optimizers import BY_NAME
from ..schedules import Cosine, Exponential, OneCycle, StepDecay, Warmup
from ..training import Epoch
from .saved import about_run, confusion_table, dataset_of, differences, load, unfinished

MODELS = ("mlp", "cnn")

IN_PYTHON = "in Python, nnlib.diagnose(model, data.X_train, data.y_train) looks for the cause"

HELD_OUT = 0.1
"""The share of the training data that is validated on."""

SCHEDULES: dict[str, Callable[[float, int], Any]] = {
    "constant": lambda lr, steps: lr,
    "step": lambda lr, steps: StepDecay(lr, every_steps=-(-steps // 3)),
    "exponential": lambda lr, steps: Exponential(lr, factor=0.01 ** (1 / steps)),
    "cosine": lambda lr, steps: Cosine(lr, steps=steps),
    "onecycle": lambda lr, steps: OneCycle(lr, steps=steps),
    "warmup-cosine": lambda lr, steps: _warmup_cosine(lr, steps, max(1, steps // 10)),
}
"""What a learning rate and the steps of all epochs make of it."""

DEFAULTS: dict[str, Any] = {
    "dataset": "digits",
    "model": "mlp",
    "dropout": 0.0,
    "batch_norm": False,
    "epochs": 20,
    "batch_size": 128,
    "optimizer": "adam",
    "lr": 0.001,
    "schedule": "constant",
    "seed": 0,
}


def train(options: argparse.Namespace) -> int:
    """Train a network as the options say, and print how it does."""
    with needed_by("python -m nnlib train"):
        import sklearn  # noqa: F401
        import tqdm  # noqa: F401

        if options.plot:
            import matplotlib  # noqa: F401
    if options.resume and not options.save:
        options.refuse("--resume: name the run's file, too: --save FILE --resume")
    model, data = (_resumed if options.resume else _begun)(options)
    k = int(data.y_train.max()) + 1
    predictions: Any = model.predict(data.X_test)
    print(f"\ntest accuracy {accuracy(data.y_test, predictions):.2%}")
    print(confusion_table(confusion_matrix(data.y_test, predictions, k)))
    if options.save:
        print(f"model: {options.save}")
    if options.plot:
        _save_curves(model.history, options.plot)
    return _worse_than_guessing(model, k)


def _begun(options: argparse.Namespace) -> tuple[Model, Split]:
    """Begin a run."""
    path = options.save
    if path and os.path.exists(path) and (at := unfinished(_files.read(path)[0])):
        options.refuse(
            f"--save: {path} holds a run that stopped after step {at['step']}: add --resume to go "
            "on with it; to begin another, name another file or remove this one"
        )
    for name, value in DEFAULTS.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    data = load(options.dataset)
    n = len(data.X_train) - round(HELD_OUT * len(data.X_train))
    net = _network(options, data.X_train.shape[1], int(data.y_train.max()) + 1)
    smallest = net.smallest_batch
    steps = len(list(batches(n, options.batch_size, 0, smallest)))  # of an epoch
    optimizer = _optimizer(options, options.epochs * steps)
    model = Model(net, SoftmaxCrossEntropy(), optimizer)
    print(f"{net!r}\n{net.params.size:,} parameters, {n:,} examples, {model.optimizer!r}")
    keep = {"checkpoint": path, "every": steps} if path else {}
    with _lines(options.epochs, 0, path) as line:
        model.fit(
            data.X_train,
            data.y_train,
            epochs=options.epochs,
            batch_size=options.batch_size,
            validation=HELD_OUT,
            rng=options.seed,
            progress=line,
            **keep,
        )
    return model, data


def _resumed(options: argparse.Namespace) -> tuple[Model, Split]:
    """Go on with a run, which knows its own options; others are refused by name."""
    path = options.save
    about, model = _files.read(path)[0], Model.load(path)
    asked = {name: getattr(options, name) for name in about_run(about, model)}
    if wrong := differences(asked, about_run(about, model)):
        options.refuse(
            f"{wrong}, as the run in {path} began: leave it out to go on with that run, or name "
            "another file to begin one"
        )
    data, at = load(dataset_of(model)), unfinished(about)
    if at is None:
        print(f"the run in {path} has ended, after {model.history.epochs} epochs")
        return model, data
    print(f"going on after step {at['step']}, in epoch {at['epoch']} of {at['epochs']}")
    with _lines(at["epochs"], model.history.epochs, path) as line:
        return Model.resume(path, data.X_train, data.y_train, progress=line), data


@contextmanager
def _lines(epochs: int, done: int, path: str | None) -> Iterator[Callable[[Epoch], None]]:
    """Print a line an epoch above a bar; on Ctrl-C, and in the end, say how to go on."""
    from tqdm import tqdm

    try:
        with tqdm(total=epochs, initial=done, unit="epoch", file=sys.stderr) as bar:

            def line(epoch: Epoch) -> None:
                bar.write(_line(epoch, epochs), file=sys.stdout)
                bar.update()

            yield line
    except FloatingPointError as error:
        raise FloatingPointError(f"{str(error).partition('. ')[0]}: try a smaller --lr") from None
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(_how_to_go_on(str(stop).partition(": ")[0], path)) from None


def _how_to_go_on(where: str, path: str | None) -> str:
    """Say what to write in order to go on after Ctrl-C."""
    how = "nothing is kept: --save FILE keeps a run, and --resume then goes on with it"
    if path:
        how = f"python -m nnlib train --save {path} --resume goes on exactly there"
        if not where:
            how = f"python -m nnlib train --save {path} --resume goes on from the last checkpoint"
    return f"{where or 'stopped within a step'}: {how}"


def _worse_than_guessing(model: Model, k: int) -> int:
    """Say so, with status 1, where training has ended beyond the loss ln k of a blind guess."""
    loss = model.history["loss"][-1]
    if loss <= 2 * np.log(k):
        if model.history["val_loss"][-1] >= 0.98 * np.log(k):
            print(f"no better than guessing ({np.log(k):.2f}): {IN_PYTHON}")
        return 0
    print(
        f"error: nothing was learned: a loss of {loss:.4g} is worse than the {np.log(k):.2f} of "
        f"guessing; the learning rate, {model.optimizer!r}, is likely too large: try --lr "
        f"{model.history['lr'][0] / 100:g}",
        file=sys.stderr,
    )
    return 1


def _network(options: argparse.Namespace, d: int, k: int) -> Sequential:
    """Make the layers that the options describe, for images of d pixels and k classes."""
    cnn, side = options.model == "cnn", round(d**0.5)
    layers: list[Layer] = []
    if cnn:
        layers.append(Reshape(1, side, side))
        for c_in, c_out in ((1, 8), (8, 16)):
            layers.append(Conv2D(c_in, c_out, 3, padding=1))
            layers += [BatchNorm(c_out)] * bool(options.batch_norm)
            layers += [ReLU(), MaxPool2D(2)]
        layers.append(Flatten())
        d = 16 * (side // 4) ** 2
    hidden = options.hidden
    for units in ([64] if cnn else [128, 64]) if hidden is None else hidden:
        layers.append(Dense(d, units))
        layers += [BatchNorm(units)] * bool(options.batch_norm)
        layers.append(ReLU())
        layers += [Dropout(options.dropout)] * (options.dropout > 0)
        d = units
    return Sequential(*layers, Dense(d, k), rng=options.seed, dtype=np.float32)


def _optimizer(options: argparse.Namespace, steps: int) -> Any:
    """Make the optimizer; a schedule counts the steps of all epochs."""
    decay = {} if options.weight_decay is None else {"weight_decay": options.weight_decay}
    return BY_NAME[options.optimizer](lr=SCHEDULES[options.schedule](options.lr, steps), **decay)


def _warmup_cosine(lr: float, steps: int, rise: int) -> Warmup:
    """Rise for so many of the steps, then fall along a half wave."""
    return Warmup(Cosine(lr, steps=max(1, steps - rise)), steps=rise)


def _line(epoch: Epoch, epochs: int) -> str:
    """Write how an epoch went."""
    return (
        f"epoch {epoch.epoch:3d}/{epochs}  loss {epoch.loss:.4f}  "
        f"val_loss {epoch.scores['val_loss']:.4f}  "
        f"val_accuracy {epoch.scores['val_accuracy']:.2%}"
    )


def _save_curves(history: History, path: str) -> None:
    """Save the training curves as a picture."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from ..plots import training_curves

    with plt.style.context("nnlib.course"):
        figure, ax = plt.subplots()
        training_curves(history, ax)
        figure.savefig(path)
    print(f"training curves: {path}")
