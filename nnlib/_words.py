"""What other libraries call the options of nnlib: who uses their word is told the one used here."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

Call = TypeVar("Call", bound=Callable[..., Any])

OTHER_WORDS = {
    "every_steps": "every step_size decay_steps transition_steps",
    "lr": "learning_rate eta eta0 base_lr initial_lr initial_learning_rate init_value step_size",
    "beta1": "beta_1 b1 momentum",
    "beta2": "beta_2 b2",
    "alpha": "rho beta decay_rate negative_slope",
    "eps": "epsilon",
    "momentum": "mu beta",
    "weight_decay": "decay wd l2 l2_reg lambda_",
    "clip_norm": "clipnorm global_clipnorm max_norm max_grad_norm clip gradient_clip_val",
    "clip_value": "clipvalue",
    "factor": "gamma decay_rate drop",
    "min_delta": "threshold",
    "min_lr": "eta_min",
    "steps": "T_max total_steps total_iters num_steps decay_steps warmup_steps transition_steps",
    "final": "eta_min min_lr end_value end_learning_rate",
    "max_lr": "lr learning_rate peak_lr peak_value max_learning_rate",
    "pct_start": "warmup_ratio warmup_fraction",
    "schedule": "lr learning_rate after_scheduler scheduler lr_scheduler after",
    "parts": "schedulers schedules",
    "d_in": "in_features input_dim input_size n_in",
    "d_out": "units out_features output_dim n_out hidden_size",
    "c_in": "in_channels",
    "c_out": "filters out_channels",
    "kernel_size": "pool_size kernel",
    "stride": "strides",
    "bias": "use_bias",
    "init": "kernel_initializer weight_init initializer",
    "p": "rate drop_prob dropout",
    "d": "num_features",
    "rng": "seed random_state generator key",
    "label_smoothing": "smoothing",
    "class_weight": "weight weights class_weights",
    "n": "n_samples num_samples",
    "X": "x",
    "y": "y_true targets",
    "predictions": "y_pred preds",
    "top": "k topk",
    "sample_weight": "sample_weights",
    "batch_size": "minibatch_size",
    "validation": "validation_data validation_split eval_set",
    "epochs": "n_epochs num_epochs max_epochs nb_epoch max_iter",
    "plateau": "reduce_lr reduce_lr_on_plateau lr_plateau",
    "classes": "n_classes num_classes",
    "target": "label label_column target_column class_column",
    "columns": "usecols feature_columns",
    "missing": "dropna",
}
"""For each word of nnlib's those of others; one that stands behind several means the first."""

METHODS = {"__init__", "fit", "evaluate", "score", "predict", "predict_proba"}
"""What is explained of a class."""

_SCHEDULER = (
    "hand a schedule to the optimizer: nnlib.SGD(lr=schedule); a plateau is plateau=plateau"
)

ADVICE = {
    "betas": "write beta1=0.9, beta2=0.999",
    "params": "parameters are handed to step(net.params, net.grads), not here",
    "optimizer": "hand the schedule to the optimizer: nnlib.SGD(lr=schedule)",
    "activation": "it is a layer of its own: put nnlib.ReLU() after this one",
    "normalized_shape": "write the sizes one by one: LayerNorm(3, 8, 8), or RMSNorm(3, 8, 8)",
    "shape": "write the sizes one by one: Reshape(1, 28, 28)",
    "target_shape": "write the sizes one by one: Reshape(1, 28, 28)",
    "keepdims": "put nnlib.Reshape(c, 1, 1) after it",
    "data_format": "images are (n, c, h, w): numpy.moveaxis(X, -1, 1) brings channels to the front",
    "scheduler": _SCHEDULER,
    "lr_scheduler": _SCHEDULER,
    "cooldown": "there is none: a greater patience waits longer, after each fall, too",
    "threshold_mode": "min_delta is always in the unit of what is monitored",
    "milestones": "parts=[(schedule, its steps), …]",
    "layers": "write the layers one by one: Sequential(nnlib.Dense(2, 1), nnlib.ReLU())",
    "from_logits": "this loss takes logits; on probabilities, CrossEntropy",
    "log_input": "the outputs are always logarithms of rates",
    "full": "the loss is half the deviance, 0 for a perfect fit",
    "restore_best_weights": "the best epoch is always brought back",
    "class_weight": "it belongs to the loss: SoftmaxCrossEntropy(class_weight=[…])",
    "callbacks": "loop over nnlib.epochs(…), and do between two epochs what you like",
    "verbose": "progress=True shows a bar",
    **dict.fromkeys(
        ("sep", "delimiter", "header", "encoding", "decimal", "thousands", "na_values", "skiprows"),
        "it goes into options, for pandas.read_csv: options={'sep': ';', 'header': None}",
    ),
    "reduction": "a loss is always the mean over the examples",
}
"""What to do about a word that is no other name of one option."""


def explained(call: Call) -> Call:
    """Let a function or a method say what its options are called.

    Raises
    ------
    TypeError
        Where Python would say "unexpected keyword argument", and little else.
    """
    function: Any = call

    @functools.wraps(function)
    def checked(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except TypeError:
            trouble = _trouble(function, args, options)
            if not trouble:
                raise
            raise TypeError(trouble) from None

    return cast(Call, checked)


def explain(parts: Iterable[Any]) -> None:
    """Do so for the `METHODS` of all classes of nnlib among these, and of their bases."""
    package = __name__.partition(".")[0]
    classes = {base for part in parts if isinstance(part, type) for base in part.__mro__}
    for own in (c for c in classes if c.__module__.partition(".")[0] == package):
        if own.__init__ is object.__init__ and not issubclass(own, tuple):  # type: ignore[misc]
            setattr(own, "__init__", _init_of_nothing)  # noqa: B010
        for name in filter(vars(own).__contains__, METHODS):
            if inspect.isfunction(vars(own)[name]):
                setattr(own, name, explained(vars(own)[name]))


def _init_of_nothing(self: Any) -> None:
    """Take no options."""


_init_of_nothing.__name__ = "__init__"


def _trouble(function: Any, args: tuple[Any, ...], options: dict[str, Any]) -> str:
    """Say what is wrong with a call; nothing where the names and the number of arguments fit."""
    own = function.__name__ in METHODS and "." in function.__qualname__
    name = type(args[0]).__name__ if function.__name__ == "__init__" else function.__name__
    known = _options(function, type(args[0]).__mro__ if own else ())
    rows = [k for k, p in known.items() if p.kind is p.VAR_POSITIONAL]
    wrong = [word for word in options if word not in known or word in rows]
    if wrong:
        return "; ".join(f"{name}({word}=…): {_remedy(word, known)}" for word in wrong)
    try:
        inspect.signature(function).bind(*args, **options)
    except TypeError as error:
        twice = "values for argument 'lr'" in str(error)
        return f"{name}: {error}: {ADVICE['params'] if twice else f'write {_usage(name, known)}'}"
    return ""


def _options(function: Any, mro: tuple[type, ...]) -> dict[str, inspect.Parameter]:
    """List what a function takes, and where a method hands on the rest, who gets it."""
    name = function.__name__
    written = [inspect.unwrap(vars(base)[name]) for base in mro if name in vars(base)]
    found: dict[str, inspect.Parameter] = {}
    for init in written[written.index(function) :] if mro else [function]:
        own = inspect.signature(init).parameters
        found = found | {k: p for k, p in own.items() if k not in ("self", *found)}
        rest = [k for k, p in found.items() if p.kind is p.VAR_KEYWORD]
        if not rest:
            break
        del found[rest[0]]
    return found


def options_of(kind: Any) -> dict[str, inspect.Parameter]:
    """List the options of a class, with those that its ``__init__`` hands on to a base.

    Of a function that makes something they are its arguments.
    """
    if not isinstance(kind, type):
        return dict(inspect.signature(kind).parameters)
    inits = [vars(base).get("__init__") for base in kind.__mro__]
    own = next(init for init in inits if init is not None)
    return _options(inspect.unwrap(own), kind.__mro__) if own is not object.__init__ else {}


def _remedy(word: str, known: Iterable[str]) -> str:
    """Say what to write in place of a word."""
    for ours, theirs in OTHER_WORDS.items():
        if ours in known and word in theirs.split():
            unit = ", and counts updates, not epochs" if ours in ("steps", "every_steps") else ""
            return f"it is called {ours} here{unit}"
    return ADVICE.get(word, f"no such option: it takes {', '.join(known) or 'none'}")


def _usage(name: str, known: dict[str, inspect.Parameter]) -> str:
    """Write a call with all options."""
    words = (
        f"*{k}" if p.kind is p.VAR_POSITIONAL else k if p.default is p.empty else f"{k}=…"
        for k, p in known.items()
    )
    return f"{name}({', '.join(words)})"
