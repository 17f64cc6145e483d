"""A saved model at work: ``evaluate``, ``predict``, ``info``, and what its file tells."""

import argparse
import json
import math
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import _files
from .._describe import built
from .._table import Table
from ..datasets import Split, digit_image, load_digits, load_mnist
from ..layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, Reshape
from ..metrics import confusion_matrix
from ..model import Model
from ..optimizers import SGD, Optimizer
from ..preparation import Pixels, Standardize
from ..schedules import Cosine, Exponential, OneCycle, StepDecay, Warmup

BY_PIXELS = {64: "digits", 784: "mnist"}
"""The data set that a network has learned from, by the numbers that it takes."""

NAMES_OF_SCHEDULES = {
    StepDecay: "step",
    Exponential: "exponential",
    Cosine: "cosine",
    OneCycle: "onecycle",
    Warmup: "warmup-cosine",
}


def evaluate(options: argparse.Namespace) -> int:
    """Print the loss, the accuracy and the confusion matrix on the test set."""
    model = _classifier(options.file)
    dataset = dataset_of(model, options.dataset)
    data = load(dataset)
    X = shaped(model, data.X_test)
    scores: dict[str, Any] = model.evaluate(X, data.y_test)
    counts = confusion_matrix(data.y_test, model.predict(X), int(data.y_train.max()) + 1)
    if options.json:
        told = {"dataset": dataset, "n": len(X), **scores, "confusion_matrix": counts.tolist()}
        print(json.dumps(told, indent=2))
        return 0
    print(f"{len(X):,} test images of {dataset}")
    print("".join(f"{name:9} {value:.4f}\n" for name, value in scores.items()))
    print(confusion_table(counts))
    return 0


def predict(options: argparse.Namespace) -> int:
    """Print what each picture shows; one that cannot be read is named, and the others go on."""
    model = _classifier(options.file)
    like, told, status = dataset_of(model, options.dataset), [], 0
    for path in options.images:
        try:
            x = digit_image(path, like, model.net.dtype)
        except (OSError, ValueError, TypeError) as error:
            said = str(error)
            print(f"error: {said if path in said else f'{path}: {said}'}", file=sys.stderr)
            status = 1
            continue
        P = model.predict_proba(shaped(model, x[np.newaxis]))[0]
        names = [str(name) for name in (range(len(P)) if model.classes is None else model.classes)]
        told.append((path, dict(zip(names, P.tolist(), strict=True))))
    if options.json:
        print(json.dumps([_object(path, by_name) for path, by_name in told], indent=2))
    elif told:
        head = ("file", "prediction", "probability", "next best", "")
        print(Table(head, *(_row(path, by_name) for path, by_name in told)))
    return status


def _object(path: str, by_name: Mapping[str, float]) -> dict[str, Any]:
    best = max(by_name, key=lambda name: by_name[name])
    about = {"file": path, "prediction": best, "probability": by_name[best]}
    return {**about, "probabilities": dict(by_name)}


def _row(path: str, by_name: Mapping[str, float]) -> tuple[str, ...]:
    ranked = sorted(by_name, key=lambda name: -by_name[name])[:3]
    cells = [f"{by_name[name]:.1%}" for name in ranked]
    others = [f"{name} {cell}" for name, cell in zip(ranked[1:], cells[1:], strict=True)]
    return (path, ranked[0], cells[0], *others, *[""] * (2 - len(others)))


def info(options: argparse.Namespace) -> int:
    """Print what a saved model is, and whether its run has ended."""
    path = options.file
    about, model = _files.read(path)[0], Model.load(path)
    at, table, history = unfinished(about), model.summary(), model.history
    state = "finished" if about["fit"] is not None else "saved by itself"
    how = f"python -m nnlib train --save {path} --resume"
    if at is not None:
        state = f"stopped after step {at['step']}, in epoch {at['epoch']} of {at['epochs']}"
    told: dict[str, Any] = {
        "loss": repr(model.loss),
        "optimizer": repr(model.optimizer),
        "steps": model.optimizer.t,
        "epochs": history.epochs,
        "last epoch": {name: values[-1] for name, values in history.items()},
        "run": state,
        **({} if at is None else {"go on with": how}),
        "written by": f"nnlib {about['nnlib']}, format {about['format']}",
    }
    if options.json:
        head, *rows = table.rows
        layers = [dict(zip(head, row, strict=True)) for row in rows]
        told |= {"format": about["format"], "nnlib": about["nnlib"], "unfinished": at is not None}
        print(json.dumps({"layers": layers, **told}, indent=2))
        return 0
    print(f"{table}\n")
    told["last epoch"] = ", ".join(f"{k} {v:.4g}" for k, v in told["last epoch"].items()) or "none"
    print(Table(*((name, str(value)) for name, value in told.items())))
    return 0


def load(dataset: str) -> Split:
    """Load a data set in float32."""
    return (load_digits if dataset == "digits" else load_mnist)(dtype=np.float32)


def dataset_of(model: Model, asked: str | None = None) -> str:
    """Tell the data set from the size of the network's inputs, or take what was asked for.

    Raises
    ------
    ValueError
        If the network takes images of neither size, or of another than was asked for.
    """
    layers = [a for a in model.net.named_layers().values() if not isinstance(a, Flatten)]
    first = layers[0] if layers else None
    shape = first.shape if isinstance(first, Reshape) else getattr(first, "input_shape", None)
    if shape is None and asked is not None:
        return asked
    pixels = 0 if shape is None else math.prod(shape)
    if pixels not in BY_PIXELS:
        remedy = "nnlib.Model.load(…) uses it from Python" if pixels else "add --dataset mnist"
        raise ValueError(
            "expected a network that takes 64 pixels (digits) or 784 (mnist), got one that takes "
            f"{pixels or 'any number'}: {remedy}"
        )
    if asked not in (None, BY_PIXELS[pixels]):
        raise ValueError(
            f"--dataset: expected {BY_PIXELS[pixels]}, whose images the network takes, got "
            f"{asked}: leave it out"
        )
    return BY_PIXELS[pixels]


def shaped(model: Model, X: Any) -> Any:
    """Give rows of pixels in [0, 1] the shape and the scale that the model was trained on."""
    (first, *_), side = model.net.named_layers().values(), round(X.shape[1] ** 0.5)
    X = X.reshape(len(X), 1, side, side) if isinstance(first, Conv2D) else X
    if isinstance(model.prepare, Standardize) and model.prepare.mean.max() > 1:
        raise ValueError(
            "expected a model of pixels in [0, 1], got one that standardizes pixels with means up "
            f"to {model.prepare.mean.max():.4g}, and does not know what white is: train it with "
            "prepare=nnlib.Pixels(…, white=255)"
        )
    return X * model.prepare.white if isinstance(model.prepare, Pixels) else X


def _classifier(path: str) -> Model:
    """Load a model that tells classes apart."""
    model = Model.load(path)
    if not model.loss.classification:
        raise ValueError(f"{path}: expected a classifier, got a model with {model.loss!r}")
    return model


def confusion_table(counts: Any) -> str:
    """Write a confusion matrix: a row for each true class, a column for each prediction."""
    width = max(len(str(counts.max())), 3)
    head = "true \\ predicted"
    lines = [head + "".join(f" {c:{width}d}" for c in range(len(counts)))]
    for c, row in enumerate(counts):
        lines.append(f"{c:>{len(head)}}" + "".join(f" {count:{width}d}" for count in row))
    return "\n".join(lines)


# A run in a file ----------------------------------------------------------------------------------


def unfinished(about: Mapping[str, Any]) -> dict[str, int] | None:
    """Return where a run that can go on has come to, and its epochs; None: there is none."""
    fit = about["fit"]
    if fit is None or "finished" in fit:
        return None
    return {**fit["at"], "epochs": built("fit", fit["asked"], {})["epochs"]}


def about_run(about: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """Tell the options of ``train`` from what they have made."""
    layers, optimizer = model.net.layers, model.optimizer
    found: dict[str, Any] = {
        "dataset": dataset_of(model),
        "model": "cnn" if any(isinstance(a, Conv2D) for a in layers) else "mlp",
        "hidden": [a.d_out for a in layers if isinstance(a, Dense)][:-1],
        "dropout": max((a.p for a in layers if isinstance(a, Dropout)), default=0.0),
        "batch_norm": any(isinstance(a, BatchNorm) for a in layers),
        "optimizer": _name(optimizer),
        "lr": _first_rate(optimizer.lr),
        "schedule": NAMES_OF_SCHEDULES.get(type(optimizer.lr), "constant"),
        "weight_decay": optimizer.weight_decay,
        "seed": model._rng.bit_generator.seed_seq.entropy,  # type: ignore[attr-defined]
    }
    if unfinished(about):
        asked = built("fit", about["fit"]["asked"], {})
        return found | {"epochs": asked["epochs"], "batch_size": asked["batch_size"]}
    return found | {"epochs": model.history.epochs}


def _name(optimizer: Optimizer) -> str:
    if isinstance(optimizer, SGD) and optimizer.momentum:
        return "nesterov" if optimizer.nesterov else "momentum"
    return type(optimizer).__name__.lower()


def _first_rate(lr: Any) -> Any:
    lr = lr.schedule if isinstance(lr, Warmup) else lr
    return lr.max_lr if isinstance(lr, OneCycle) else getattr(lr, "lr", lr)


def differences(asked: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Name the first option that was asked for and is other than that of a run."""
    for name, value in asked.items():
        if value is not None and name in found and value != found[name]:
            flag = f"--{name.replace('_', '-')}"
            return f"{flag}: expected {_text(found[name])}, got {_text(value)}"
    return ""


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
