"""The model: a network, its loss and its optimizer, with fit, evaluate and predict."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from . import evaluation, training
from ._optional import needed_by
from ._parts import check_parts
from ._scoring import Asked, named_metrics
from ._table import Table
from ._typing import Array, Labels, Seed, Shape
from ._validation import generator, instance, number, one_of, shape_text, whole
from .losses import Loss
from .network import Sequential
from .optimizers import Optimizer


class History(dict[str, list[float]]):
    """What `Model.fit` records: for each quantity a list with one number an epoch.

    Keys: ``loss``, ``lr`` and, with validation, ``val_loss``, for classes ``val_accuracy``, and
    ``val_`` before the name of each metric.
    """

    best_epoch: int | None = None
    """The epoch (from 1) whose parameters early stopping brought back."""

    steps_before: int = 0
    """Steps that the optimizer had made before: more than 0 where training went on."""

    unit: str = ""
    """What the losses are counted in, such as nats per example."""

    def append(self, epoch: training.Epoch) -> None:
        """Add one epoch's numbers."""
        for name, value in {"loss": epoch.loss, "lr": epoch.lr, **epoch.scores}.items():
            self.setdefault(name, []).append(value)

    @property
    def epochs(self) -> int:
        """How many epochs are recorded."""
        return len(self.get("loss", ()))

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.items())
        best = f", best epoch {self.best_epoch}" if self.best_epoch else ""
        after = f" after {self.steps_before} steps" if self.steps_before else ""
        return f"History({self.epochs} epochs{after}{': ' if self else ''}{last}{best})"


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when a quantity has not improved for a while, and go back to the best epoch.

    However training ends (by patience, at the last epoch, by divergence, by Ctrl-C), the parameters
    are afterwards those of ``history.best_epoch``. NaN is never an improvement.

    Parameters
    ----------
    patience : int
        Epochs without a new best before training stops.
    monitor : str
        What should improve: any key of the `History`.
    min_delta : float
        The least change that counts, in the unit of what is monitored.
    mode : {"auto", "min", "max"}
        Whether it should fall or rise; auto: names that end in loss fall, in accuracy rise; for any
        other it has to be said.
    """

    patience: int = 5
    monitor: str = "val_loss"
    min_delta: float = 0.0
    mode: str = "auto"

    def __post_init__(self) -> None:
        """Check the arguments."""
        whole("patience", self.patience)
        instance("monitor", self.monitor, str, "monitor='val_loss'")
        number("min_delta", self.min_delta)
        one_of("mode", self.mode, ("auto", "min", "max"))
        if self.mode == "auto" and not self.monitor.endswith(("loss", "accuracy")):
            raise ValueError(
                f"mode: expected 'min' or 'max' for {self.monitor!r}, got 'auto': say mode='min' "
                "if it should fall, as errors do, mode='max' if it should rise, as scores do"
            )

    def improved(self, value: float, best: float | None) -> bool:
        """Say whether a value is a new best."""
        if math.isnan(value) or best is None:
            return not math.isnan(value)
        falls = self.mode == "min" or (self.mode == "auto" and self.monitor.endswith("loss"))
        return (best - value if falls else value - best) > self.min_delta


class Model:
    """A network, its loss and its optimizer: fit, evaluate, predict.

    Examples
    --------
    >>> import nnlib as nn
    >>> X, y = nn.make_xor(200, rng=0)
    >>> net = nn.Sequential(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, 2))
    >>> model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.05))
    >>> history = model.fit(X, y, epochs=40)
    >>> model.evaluate(X, y)["accuracy"] > 0.95
    True
    """

    def __init__(self, net: Sequential, loss: Loss, optimizer: Optimizer) -> None:
        check_parts(net, loss, optimizer)
        self.net, self.loss, self.optimizer = net, loss, optimizer
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
        validation: training.Validation | None = None,
        metrics: Asked = None,
        early_stopping: EarlyStopping | None = None,
        rng: Seed | None = None,
        progress: bool = False,
    ) -> History:
        """Train, and record each epoch in ``model.history``, which is returned.

        A second call goes on: with the parameters, the optimizer's memory and step (and so its
        schedule) and, by default, the random numbers. Five calls of one epoch are one call of five,
        bit for bit. New in each call are the history, its count of epochs, and early stopping. To
        start anew make a new model, as for each fold of a cross-validation.

        Parameters
        ----------
        X, y, sample_weight, epochs, batch_size, validation, metrics
            As in `nnlib.epochs`.
        early_stopping : EarlyStopping
            When to stop; brings the best epoch's parameters back.
        rng : int or numpy.random.Generator, optional
            For shuffling, and for what is held out. None goes on where the last call has stopped,
            and begins with 0; an int starts anew: with the same int in every call, every call sees
            the same batches in the same order.
        progress : bool
            Whether to show a bar.
        """
        rng = self._rng if rng is None else generator(rng)
        every_epoch = training.epochs(
            self.net,
            self.loss,
            self.optimizer,
            X,
            y,
            sample_weight=sample_weight,
            epochs=epochs,
            batch_size=batch_size,
            validation=validation,
            metrics=metrics,
            rng=rng,
        )
        if early_stopping is not None:
            names = named_metrics(metrics)
            self._check_early_stopping(early_stopping, validation is not None, names)
        if progress:
            every_epoch = _with_progress(every_epoch, epochs)
        self._rng, self.history = rng, History()
        self.history.steps_before, self.history.unit = self.optimizer.t, self.loss.unit
        self._record(every_epoch, early_stopping)
        return self.history

    def evaluate(
        self, X: Any, y: Any, sample_weight: Any = None, metrics: Asked = None
    ) -> dict[str, float]:
        """Return the ``"loss"``, where it is about classes the ``"accuracy"``, and the metrics."""
        return evaluation.evaluate(self.net, self.loss, X, y, sample_weight, metrics)

    def summary(self, input_shape: Shape | None = None) -> Table:
        """Tabulate layers, output shapes and numbers of parameters; prints as a table.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one example, where the layers do not tell: ``(1, 28, 28)`` for images.
        """
        net = self.net
        after = net.shapes_after(net.input_shape if input_shape is None else input_shape)
        rows = [
            (repr(layer), "?" if shape is None else shape_text(shape), f"{layer.size:,}")
            for layer, shape in zip(net.layers, after, strict=True)
        ]
        total = f"{net.params.size:,} parameters, {net.params.nbytes / 1e6:.2f} MB ({net.dtype})"
        return Table(("layer", "output shape", "parameters"), *rows, below=[total])

    def predict(self, X: Any) -> Array | Labels:
        """Return the best guess for each example: a class, or for a regression a number."""
        return self.loss.predictions(evaluation.outputs(self.net, X))

    def predict_proba(self, X: Any) -> Array:
        """Return the probabilities that the loss reads from the outputs, shape (n, k)."""
        return self.loss.probabilities(evaluation.outputs(self.net, X))

    def _record(
        self, every_epoch: Iterator[training.Epoch], stopping: EarlyStopping | None
    ) -> None:
        """Record epochs until there has been no new best for too long, and go back to the best."""
        history, best, snapshot = self.history, None, None
        try:
            for epoch in every_epoch:
                history.append(epoch)
                if stopping is None:
                    continue
                value = history[stopping.monitor][-1]
                if stopping.improved(value, best):
                    best, snapshot, history.best_epoch = value, self.net.snapshot(), epoch.epoch
                elif epoch.epoch - (history.best_epoch or 0) >= stopping.patience:
                    break
        except FloatingPointError as error:
            if snapshot is not None:
                error.add_note(f"Early stopping has brought back epoch {history.best_epoch}.")
            raise
        finally:  # Ctrl-C and divergence, too, leave the best epoch behind
            if snapshot is not None:
                self.net.restore(snapshot)

    def _check_early_stopping(
        self, stopping: EarlyStopping, validated: bool, metrics: Iterable[str]
    ) -> None:
        """Make sure, before training, that what is monitored will be recorded."""
        instance("early_stopping", stopping, EarlyStopping, "nnlib.EarlyStopping(patience=5)")
        names = ["loss", *(["accuracy"] if self.loss.classification else []), *metrics]
        recorded = ["loss", "lr", *(f"val_{name}" for name in names if validated)]
        if stopping.monitor not in recorded:
            remedy = (
                "" if validated else "; validation=(X_val, y_val) or validation=0.1 adds scores"
            )
            raise ValueError(
                f"early_stopping: expected a monitor among {', '.join(recorded)}, "
                f"got {stopping.monitor!r}{remedy}"
            )

    def __repr__(self) -> str:
        return f"Model({self.net!r}, {self.loss!r}, {self.optimizer!r})"


def _with_progress(every_epoch: Iterator[training.Epoch], total: int) -> Iterator[training.Epoch]:
    """Show a bar with the latest numbers."""
    with needed_by("fit(progress=True)", otherwise="progress=False"):
        from tqdm.auto import tqdm

    def shown() -> Iterator[training.Epoch]:
        with tqdm(every_epoch, total=total, unit="epoch") as bar:
            for epoch in bar:
                numbers = {"loss": epoch.loss, **epoch.scores}
                bar.set_postfix({name: f"{value:.4g}" for name, value in numbers.items()})
                yield epoch

    return shown()
