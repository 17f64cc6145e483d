"""The command line: ``python -m nnlib train --dataset digits``."""

import argparse
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ._optional import needed_by
from .datasets import Split, load_digits, load_mnist
from .fitting import History
from .layers import Dense, Layer, ReLU
from .losses import SoftmaxCrossEntropy
from .metrics import accuracy, confusion_matrix
from .model import Model
from .network import Sequential
from .optimizers import BY_NAME
from .training import Epoch, epochs


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return train(options)
    except (ImportError, OSError, FloatingPointError) as error:
        print(f"error: {error}", file=sys.stderr)
    return 1


def train(options: argparse.Namespace) -> int:
    """Train a network as the options say, and print how it does."""
    with needed_by("python -m nnlib train"):
        from sklearn.model_selection import train_test_split
        from tqdm import tqdm

        if options.plot:
            import matplotlib  # noqa: F401

    data = _load(options.dataset)
    X, X_val, y, y_val = train_test_split(
        data.X_train, data.y_train, test_size=0.1, stratify=data.y_train, random_state=options.seed
    )
    k = int(y.max()) + 1
    net = _network([X.shape[1], *options.hidden, k], options.seed)
    model = Model(net, SoftmaxCrossEntropy(), BY_NAME[options.optimizer](options.lr))
    print(f"{net!r}\n{net.params.size:,} parameters, {len(X):,} examples, {model.optimizer!r}")

    every_epoch = epochs(
        net,
        model.loss,
        model.optimizer,
        X,
        y,
        epochs=options.epochs,
        batch_size=options.batch_size,
        validation=(X_val, y_val),
        rng=options.seed,
    )
    with tqdm(total=options.epochs, unit="epoch", file=sys.stderr) as bar:
        for epoch in every_epoch:
            model.history.append(epoch)
            bar.write(_line(epoch, options.epochs), file=sys.stdout)
            bar.update()

    predictions: Any = model.predict(data.X_test)
    print(f"\ntest accuracy {accuracy(data.y_test, predictions):.2%}")
    print(_table(confusion_matrix(data.y_test, predictions, k)))
    if options.plot:
        _save_curves(model.history, options.plot)
    return 0


def _load(dataset: str) -> Split:
    """Load a data set in float32."""
    return (load_digits if dataset == "digits" else load_mnist)(dtype=np.float32)


def _network(sizes: list[int], seed: int) -> Sequential:
    """Dense layers of these sizes with ReLU between them."""
    layers: list[Layer] = []
    for d_in, d_out in pairwise(sizes):
        layers += [Dense(d_in, d_out), ReLU()]
    return Sequential(*layers[:-1], rng=seed, dtype=np.float32)


def _line(epoch: Epoch, epochs: int) -> str:
    """Write how an epoch went."""
    return (
        f"epoch {epoch.epoch:3d}/{epochs}  loss {epoch.loss:.4f}  "
        f"val_loss {epoch.scores['val_loss']:.4f}  "
        f"val_accuracy {epoch.scores['val_accuracy']:.2%}"
    )


def _table(counts: Any) -> str:
    """Write a confusion matrix: a row for each true class, a column for each prediction."""
    width = max(len(str(counts.max())), 3)
    head = "true \\ predicted"
    lines = [head + "".join(f" {c:{width}d}" for c in range(len(counts)))]
    for c, row in enumerate(counts):
        lines.append(f"{c:>{len(head)}}" + "".join(f" {count:{width}d}" for count in row))
    return "\n".join(lines)


def _save_curves(history: History, path: str) -> None:
    """Save the training curves as a picture."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from .plots import training_curves

    with plt.style.context("nnlib.course"):
        figure, ax = plt.subplots()
        training_curves(history, ax)
        figure.savefig(path)
    print(f"training curves: {path}")


def _parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(
        prog="python -m nnlib", description="Neural networks in plain NumPy."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser(
        "train", help="train a classifier on handwritten digits", allow_abbrev=False
    )
    add = command.add_argument
    add("--dataset", choices=["digits", "mnist"], default="digits", help="default: digits")
    add(
        "--hidden",
        nargs="*",
        type=_whole,
        default=[128, 64],
        metavar="UNITS",
        help="units of each hidden layer (default: 128 64; none: a linear classifier)",
    )
    add("--epochs", type=_whole, default=20, metavar="N", help="passes (default: 20)")
    add("--lr", type=_rate, default=0.001, metavar="ETA", help="learning rate (default: 0.001)")
    add("--batch-size", type=_whole, default=128, metavar="N", help="default: 128")
    add("--optimizer", choices=list(BY_NAME), default="adam", help="default: adam")
    add("--seed", type=_seed, default=0, metavar="N", help="of all random numbers (default: 0)")
    add(
        "--plot",
        metavar="FILE",
        type=_picture,
        help="save the training curves as a PNG, PDF or SVG",
    )
    return parser


def _whole(text: str) -> int:
    return _number(text, int, lambda x: x >= 1, "a whole number of 1 or more")


def _seed(text: str) -> int:
    return _number(text, int, lambda x: x >= 0, "a whole number of 0 or more")


def _rate(text: str) -> float:
    return _number(text, float, lambda x: 0 < x < np.inf, "a number above 0")


def _number(text: str, kind: type, fits: Callable[[Any], bool], expected: str) -> Any:
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not fits(value):
        raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
    return value


def _picture(text: str) -> str:
    """Check, before hours of training, that the picture can be saved."""
    path = Path(text)
    if path.suffix.lower() not in (".png", ".pdf", ".svg"):
        raise argparse.ArgumentTypeError(
            f"expected a name that ends in .png, .pdf or .svg, got {text!r}"
        )
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(
            f"the folder {path.parent} does not exist: create it first"
        )
    return text


if __name__ == "__main__":
    sys.exit(main())
