"""The options of each command."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from ..optimizers import BY_NAME
from . import doctor, saved, train
from .words import Parser, amount, nearest, one_among, picture, place, rate, seed, share, whole

DATASETS = ("digits", "mnist")


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the words of a command line; what is wrong ends the program with status 2."""
    parser, commands = parsers()
    word = next((word for word in arguments if not word.startswith("-")), None)
    if word is not None and word not in commands:
        expected = f"expected one of {', '.join(commands)}, got {word!r}"
        parser.error(expected + nearest(word, commands))
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        flags = [word for word in unknown if word.startswith("-")]
        (commands[word] if word is not None else parser).refuse((flags or unknown)[0])
    options.refuse = commands[options.command].error
    return options


def parsers() -> tuple[Parser, dict[str, Parser]]:
    """Make the parser, and those of its commands."""
    parser = Parser(prog="python -m nnlib", description="Neural networks in plain NumPy.")
    adding = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=Parser
    )
    commands: dict[str, Parser] = {}

    def command(run: Callable[[argparse.Namespace], int], about: str) -> Callable[..., Any]:
        name = run.__name__
        commands[name] = adding.add_parser(name, help=about, description=f"{about}.")
        commands[name].set_defaults(run=run)
        return commands[name].add_argument

    _data_and_network(command(train.train, "train a classifier of handwritten digits"))
    add = commands["train"].add_argument
    _training(add)
    _files(add)
    add = command(saved.evaluate, "score a saved model on the test set")
    add("file", metavar="FILE", help="what --save, or model.save, wrote")
    _dataset(add, "that of the network's input size")
    _common(add)
    add = command(saved.predict, "read digits in pictures with a saved model")
    add("file", metavar="FILE", help="what --save, or model.save, wrote")
    add("images", metavar="IMAGE", nargs="+", help="photographs or drawings of one digit each")
    _dataset(add, "that of the network's input size")
    _common(add)
    add = command(saved.info, "say what a saved model is")
    add("file", metavar="FILE", help="what --save, or model.save, wrote")
    _json(add)
    _json(command(doctor.doctor, "say what is installed here, and what is missing"))
    return parser, commands


def _dataset(add: Callable[..., Any], default: str) -> None:
    add("--dataset", type=one_among(DATASETS), metavar="{digits,mnist}", help=f"default: {default}")


def _json(add: Callable[..., Any]) -> None:
    add("--json", action="store_true", help="print JSON, for programs")


def _common(add: Callable[..., Any]) -> None:
    _json(add)
    _threads(add)


def _threads(add: Callable[..., Any]) -> None:
    add(
        "--threads",
        type=whole,
        metavar="N",
        help="threads of BLAS (default: 1); OPENBLAS_NUM_THREADS, MKL_NUM_THREADS or "
        "OMP_NUM_THREADS, where you have set one, wins",
    )


def _data_and_network(add: Callable[..., Any]) -> None:
    """Add what is learned, and by what. What is not given stays out: a resumed run has its own."""
    _dataset(add, "digits")
    add(
        "--model",
        type=one_among(train.MODELS),
        metavar="{mlp,cnn}",
        help="dense layers, or two convolutions before them (default: mlp)",
    )
    add(
        "--hidden",
        nargs="*",
        type=whole,
        metavar="UNITS",
        help="units of each hidden dense layer (default: 128 64, of a cnn 64; none: a linear "
        "classifier)",
    )
    add("--dropout", type=share, metavar="P", help="after each hidden dense layer (default: 0)")
    add(
        "--batch-norm",
        action="store_true",
        default=None,
        help="normalize before each ReLU",
    )


def _training(add: Callable[..., Any]) -> None:
    """Add how it is learned."""
    add("--epochs", type=whole, metavar="N", help="passes (default: 20)")
    add("--batch-size", type=whole, metavar="N", help="default: 128")
    add(
        "--optimizer",
        type=one_among(BY_NAME),
        metavar="NAME",
        help=f"{', '.join(BY_NAME)} (default: adam)",
    )
    add("--lr", type=rate, metavar="ETA", help="learning rate (default: 0.001)")
    add(
        "--schedule",
        type=one_among(train.SCHEDULES),
        metavar="NAME",
        help="how the rate goes on from --lr: constant; step: a tenth after each third; "
        "exponential: down to a hundredth; cosine: down to 0; onecycle: up to it and down; "
        "warmup-cosine: a tenth of the steps up, then cosine (default: constant)",
    )
    add(
        "--weight-decay",
        type=amount,
        metavar="LAMBDA",
        help="adds LAMBDA·W to the gradient of each matrix W; adamw instead shrinks W itself, by "
        "ETA·LAMBDA·W (default: 0, of adamw 0.01)",
    )
    add("--seed", type=seed, metavar="N", help="of all random numbers (default: 0)")


def _files(add: Callable[..., Any]) -> None:
    """Add where things are kept."""
    add("--save", type=place, metavar="FILE", help="keep the model here, from epoch to epoch")
    add("--resume", action="store_true", help="go on with the run in --save FILE")
    add("--plot", type=picture, metavar="FILE", help="save the curves as a PNG, PDF or SVG")
    _threads(add)
