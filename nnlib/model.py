"""The model: a network, its loss and its optimizer, with fit, evaluate and predict."""

from collections.abc import Iterator
from numbers import Real
from typing import Any, Self

import numpy as np

from . import checkpoints, evaluation, training
from ._describe import Custom
from ._files import StrPath
from ._labels import class_names, classes_of, numbered
from ._parts import check_fitted, check_parts, check_preparation, fitted, rows_in_memory
from ._scoring import Asked, named_metrics
from ._table import Table
from ._targets import are_shares
from ._typing import Array, Seed, Shape
from ._validation import all_finite, flag, generator, instance, same_length, shape_text, whole
from .examples import drawn
from .fitting import EarlyStopping, Fit, History, ReduceLROnPlateau, Shown
from .layers import Chain
from .losses import Loss
from .network import Sequential
from .optimizers import Optimizer
from .preparation import Preparation, prepared_inputs


class Model:
    """A network, its loss and its optimizer: fit, evaluate, predict, save.

    Parameters
    ----------
    net, loss, optimizer : Sequential, Loss, Optimizer
        What is trained, towards what, and how.
    classes : array_like of shape (k,), optional
        The classes that the outputs 0 … k − 1 stand for: names, or numbers such as −1 and 1. Then
        `fit` and `evaluate` take targets of these, and `predict` gives these; numbers stand for
        names in their order. With one output and `SigmoidCrossEntropy`: no and yes. Targets that
        are probabilities have a column for each.
    prepare : Preparation, or a class of it, optional
        What is done to all inputs first, here and in a loaded model: ``Pixels(784, white=255)``. Of
        a class such as `Standardize` the first `fit` makes one, by the class's own ``fit``, of the
        examples that are trained on: what is held out stays unseen. Later fits keep it.

    Examples
    --------
    >>> import nnlib as nn
    >>> X, y = nn.make_xor(200, rng=0)
    >>> net = nn.Sequential(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, 2))
    >>> model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.05))
    >>> history = model.fit(X, y, epochs=40)
    >>> model.evaluate(X, y)["accuracy"] == model.score(X, y) > 0.95
    True
    """

    def __init__(
        self,
        net: Sequential,
        loss: Loss,
        optimizer: Optimizer,
        classes: Any = None,
        prepare: Preparation | type[Preparation] | None = None,
    ) -> None:
        check_parts(net, loss, optimizer)
        check_preparation(prepare)
        self.net, self.loss, self.optimizer, self.prepare = net, loss, optimizer, prepare
        self.classes = (
            None if classes is None else class_names(classes, net.output_shape(None), loss)
        )
        self.history = History()
        self._rng = generator(0)

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        sample_weight: Any = None,
        epochs: int = 10,
        batch_size: int = 32,
        shuffle: bool = True,
        validation: training.Validation | None = None,
        stratify: bool = False,
        metrics: Asked = None,
        early_stopping: EarlyStopping | None = None,
        plateau: ReduceLROnPlateau | None = None,
        checkpoint: StrPath | None = None,
        every: int = 500,
        rng: Seed | None = None,
        progress: Shown = False,
    ) -> History:
        """Train, and record each epoch in ``model.history``, which is returned.

        A second call goes on: with the parameters, the optimizer's memory and step (and so its
        schedule) and, by default, the random numbers. Five calls of one epoch are one call of five,
        bit for bit. New in each call are the history, its count of epochs, and early stopping. To
        start anew make a new model, as for each fold of a cross-validation.

        Parameters
        ----------
        X, y, sample_weight, epochs, batch_size, shuffle, validation, stratify, metrics
            As in `nnlib.epochs`.
        early_stopping : EarlyStopping
            When to stop; brings the best epoch's parameters back.
        plateau : ReduceLROnPlateau
            When this model's optimizer slows down: updated after each epoch, with the last of
            ``history[plateau.monitor]``.
        rng : int or numpy.random.Generator, optional
            For shuffling, and for what is held out. None goes on where the last call has stopped,
            and begins with 0; an int starts anew: with the same int in every call, every call sees
            the same batches in the same order.
        checkpoint : path-like, optional
            Where the run is kept, so that `resume` goes on with it exactly, whatever happens to
            this process; at the end the trained model is in it.
        every : int
            Updates from one checkpoint to the next.
        progress : bool or callable
            Whether to show a bar; or a function, called with each `Epoch` once it is recorded.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C, once the step under way is complete; it says how to go on.
        """
        how = {"epochs": epochs, "batch_size": batch_size, "shuffle": shuffle, "stratify": stratify}
        rng = self._rng if rng is None else rng
        run = self._run(X, y, validation, sample_weight, metrics, rng, **how)
        every = whole("every", every)
        fit = Fit(run, History(), early_stopping, plateau)
        fit.check(self.loss, validation is not None, named_metrics(metrics))
        fit.history.steps_before, fit.history.unit = self.optimizer.t, self.loss.unit
        if checkpoint is None:
            return self._go(fit, progress)
        fraction = float(validation) if isinstance(validation, Real) else None
        asked = {**how, "validation": fraction, **fit.options(), "every": every}
        checkpoints.check_place(checkpoint, self.net)
        return self._go(fit, progress, checkpoint, asked)

    def _go(
        self, fit: Fit, progress: Shown, path: StrPath | None = None, asked: Any = None
    ) -> History:
        """Train, and keep a checkpoint if there is a path."""
        every_epoch, how = fit.epochs(progress), "fit(…) goes on from there"
        before = self._rng, self.history, self.prepare
        self._rng, self.history, self.prepare = fit.run.rng, fit.history, fit.run.prepare
        if path is not None:
            try:
                checkpoints.keep(fit, self, path, asked)
            except BaseException:
                self._rng, self.history, self.prepare = before
                raise
            how = f"{checkpoints.how_to_resume(path, fit.data)} goes on exactly there"
        fit.go(every_epoch, how)
        if path is not None:
            checkpoints.save(path, self, {"finished": True})
        if fit.run.ctrl_c.pending:
            fit.run.ctrl_c.let_through("training had just ended by itself")
        return fit.history

    def evaluate(
        self, X: Any, y: Any, sample_weight: Any = None, metrics: Asked = None
    ) -> dict[str, float]:
        """Score as `nnlib.evaluate` does: ``"loss"``, for classes ``"accuracy"``, and metrics."""
        X, y = self._inputs(X), self._answers("y", y)
        return evaluation.evaluate(self.net, self.loss, X, y, sample_weight, metrics)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return one number, the greater the better: for classes the accuracy, for numbers R².

        The accuracy is that of `evaluate`. R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)², the mean over the
        outputs, is 1 for exact predictions and 0 for those of the mean ȳ, whatever the unit of y.
        """
        X, y = self._inputs(X), self._answers("y", y)
        return evaluation.score(self.net, self.loss, X, y, sample_weight)

    def summary(self, input_shape: Shape | None = None) -> Table:
        """Tabulate layers, output shapes and numbers of parameters; prints as a table.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one example, where the layers do not tell: ``(1, 28, 28)`` for images.
        """
        if input_shape is not None:
            instance("input_shape", input_shape, tuple, "such as (1, 28, 28)")
        net = self.net
        shape = net.input_shape if input_shape is None else input_shape
        rows = [
            (indent + name, "?" if after is None else shape_text(after), f"{layer.size:,}")
            for layer, indent, name, after in _rows(net, shape)
        ]
        fixed = sum(a.size for a in net.named_layers().values() if a.frozen)
        frozen, megabytes = f", {fixed:,} of them frozen", net.size * net.dtype.itemsize / 1e6
        total = f"{net.size:,} parameters{frozen * bool(fixed)}, {megabytes:.2f} MB ({net.dtype})"
        return Table(("layer", "output shape", "parameters"), *rows, below=[total])

    def predict(self, X: Any) -> Any:
        """Return the best guess for each example: a class, or for a regression a number."""
        found: Any = self.loss.predictions(evaluation.outputs(self.net, self._inputs(X)))
        if found.dtype.kind == "f" and not all_finite(found):
            raise FloatingPointError(evaluation.exploded("predictions", self.net))
        return found if self.classes is None else self.classes[found]

    def predict_proba(self, X: Any) -> Array:
        """Return the probabilities that the loss reads from the outputs, shape (n, k)."""
        return self.loss.probabilities(evaluation.outputs(self.net, self._inputs(X)))

    def save(self, path: StrPath) -> None:
        """Write the model into one file; until it is whole, what lay there before stays.

        All of it is kept: layers, parameters, running statistics, loss, optimizer and its memory,
        classes, preparation, history, the states of all random numbers. Training goes on with
        `load` as if nothing had been, bit for bit. The format is safetensors, which holds no code.

        Raises
        ------
        TypeError
            For a part that has no name under which it could be found again, such as a lambda.
        RuntimeError
            If the preparation is a class that has not been fitted yet.
        OSError
            If there is no room, no permission or no such folder.
        """
        checkpoints.save(path, self)

    @classmethod
    def load(cls, path: StrPath, custom: Custom | None = None) -> Self:
        """Read a model that `save` wrote, or `fit` as its checkpoint.

        Parameters
        ----------
        path : path-like
            The file.
        custom : dict
            Classes and functions of one's own that the model is made of, by their names:
            ``{"MyLayer": MyLayer}``.

        Raises
        ------
        ValueError
            If the file is damaged or of another kind, or if custom lacks a name.
        """
        return cls._made(checkpoints.load(path, custom or {}))

    @classmethod
    def resume(
        cls,
        path: StrPath,
        X: Any,
        y: Any,
        *,
        validation: training.Validation | None = None,
        sample_weight: Any = None,
        metrics: Asked = None,
        custom: Custom | None = None,
        progress: Shown = False,
    ) -> Self:
        """Go on with the run that ``fit(checkpoint=path)`` was stopped in, and return the model.

        The run ends as if it had never been stopped: with the same parameters, history and random
        numbers, bit for bit, on a machine with the same processor and libraries. All options are
        those of that fit; a run that has ended is returned as it is.

        Parameters
        ----------
        path : path-like
            The checkpoint, which is kept up to date.
        X, y, validation, sample_weight, metrics
            As in that fit; validation may be left out if it was a fraction, metrics if they were
            names.
        custom, progress
            As in `load` and in `fit`.

        Raises
        ------
        ValueError
            If the data are others than those that the run began with.
        """
        saved = checkpoints.load(path, custom or {})
        model, asked = cls._made(saved), checkpoints.asked(path, saved, validation)
        if asked is None:
            return model
        validation = asked["validation"] if validation is None else validation
        if metrics is None:  # own functions are missed by `resumed`
            metrics = [name for name in asked["metrics"] if name not in asked["own"]]
        how = {name: asked[name] for name in ("epochs", "batch_size", "shuffle", "stratify")}
        run = model._run(X, y, validation, sample_weight, metrics, saved.run_rng, **how)
        fit = checkpoints.resumed(path, saved, run, asked)
        model._go(fit, progress, path, asked)
        return model

    @classmethod
    def _made(cls, saved: checkpoints.Saved) -> Self:
        """Make a model of its parts."""
        model = cls(saved.net, saved.loss, saved.optimizer, saved.classes, saved.prepare)
        model._rng, model.history = saved.rng, saved.history
        return model

    def _run(
        self,
        X: Any,
        y: Any,
        validation: Any,
        sample_weight: Any,
        metrics: Asked,
        rng: Seed,
        **how: Any,
    ) -> training.Run:
        """Check all there is to check, and prepare the data."""
        net, loss, optimizer, rng = self.net, self.loss, self.optimizer, generator(rng)
        y = self._answers("y", y)
        prepare = self._fitted(X, y, validation, rng, how["stratify"])
        X, held = prepared_inputs(prepare, X), self._held(validation, prepare)
        more = {"sample_weight": sample_weight, "validation": held, "metrics": metrics, "rng": rng}
        run = training.prepared_run(net, loss, optimizer, X, y, **more, **how)
        run.prepare = prepare
        return run

    def _fitted(
        self, X: Any, y: Any, validation: Any, rng: Any, stratify: bool
    ) -> Preparation | None:
        """Return what prepares inputs; of a class one is made of the rows that are trained on."""
        kind = self.prepare
        if not isinstance(kind, type):
            return kind
        X = rows_in_memory(kind, X)
        if training.is_fraction(validation):
            classes = None
            if flag("stratify", stratify):
                classes = classes_of(self.loss, y)
                same_length(X=X, y=classes)
            X = X[np.sort(drawn(len(X), validation, rng, classes)[0])]
        return fitted(kind, X)

    def _inputs(self, X: Any) -> Any:
        """Prepare inputs, if the preparation has its numbers."""
        return prepared_inputs(check_fitted(self.prepare), X)

    def _answers(self, name: str, y: Any) -> Any:
        """Number the classes of targets, if they have names; rows of probabilities have none."""
        if self.classes is None or (self.loss.link == "softmax" and are_shares(name, y)):
            return y
        return numbered(name, y, self.classes)

    def _held(self, validation: Any, prepare: Preparation | None) -> Any:
        """Prepare inputs, and number targets, of what is held out."""
        if not isinstance(validation, (tuple, list)) or len(validation) not in (2, 3):
            return validation
        X, y, *weights = validation
        return (prepared_inputs(prepare, X), self._answers("validation y", y), *weights)

    def __repr__(self) -> str:
        own = {"classes": getattr(self.classes, "tolist", lambda: None)(), "prepare": self.prepare}
        more = "".join(f", {name}={value!r}" for name, value in own.items() if value is not None)
        return f"Model({self.net!r}, {self.loss!r}, {self.optimizer!r}{more})"


def _rows(chain: Chain, shape: Shape | None, indent: str = "") -> Iterator[tuple[Any, ...]]:
    """List layers, those of a block below it: how each is written, the shape of its output."""
    before = [shape, *(after := chain.shapes_after(shape))]
    for i, layer in enumerate(chain.layers):
        if not isinstance(layer, Chain):
            fixed = layer.frozen and (layer.random or layer.shapes())
            yield layer, indent, repr(layer) + ", frozen" * bool(fixed), after[i]
        else:
            yield layer, indent, type(layer).__name__, after[i]
            yield from _rows(layer, before[i], indent + "  ")
