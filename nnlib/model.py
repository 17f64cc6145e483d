"""The model: a network, its loss and its optimizer, with fit, evaluate and predict."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nnlib import training
from nnlib._typing import Array, Labels, Seed, Targets
from nnlib._validation import instance, number, one_of, whole
from nnlib.losses import Loss
from nnlib.network import Sequential
from nnlib.optimizers import Optimizer


class History(dict[str, list[float]]):
    """What `Model.fit` records: for each quantity a list with one number an epoch.

    Keys: ``loss``, ``lr`` and, with validation, ``val_loss`` and ``val_accuracy``.
    """

    best_epoch: int | None = None
    """The epoch (from 1) whose parameters early stopping brought back."""

    def append(self, epoch: training.Epoch) -> None:
        """Add one epoch's numbers."""
        for name, value in epoch._asdict().items():
            if name not in ("epoch", "step") and value is not None:
                self.setdefault(name, []).append(value)

    @property
    def epochs(self) -> int:
        """How many epochs are recorded."""
        return len(self.get("loss", ()))

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.items())
        best = f", best epoch {self.best_epoch}" if self.best_epoch else ""
        return f"History({self.epochs} epochs: {last}{best})" if self else "History(0 epochs)"


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when a validation score has not improved for a while, and go back to the best epoch.

    Parameters
    ----------
    patience : int
        Epochs without a new best before training stops.
    monitor : {"val_loss", "val_accuracy"}
        What should improve: a loss falls, an accuracy rises.
    min_delta : float
        The least change that counts, in the unit of what is monitored.
    """

    patience: int = 5
    monitor: str = "val_loss"
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        """Check the arguments."""
        whole("patience", self.patience)
        one_of("monitor", self.monitor, ("val_loss", "val_accuracy"))
        number("min_delta", self.min_delta)

    def improved(self, value: float, best: float | None) -> bool:
        """Say whether a value is a new best."""
        if best is None:
            return True
        gain = best - value if self.monitor == "val_loss" else value - best
        return gain > self.min_delta


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
        training.check_parts(net, loss, optimizer)
        self.net, self.loss, self.optimizer = net, loss, optimizer
        self.history = History()

    def fit(
        self,
        X: Array,
        y: Targets,
        *,
        epochs: int = 10,
        batch_size: int = 32,
        validation: training.Data | None = None,
        early_stopping: EarlyStopping | None = None,
        rng: Seed = 0,
        progress: bool = False,
    ) -> History:
        """Train, and record each epoch in ``model.history``, which is returned.

        Parameters are those of `nnlib.epochs`; ``early_stopping`` needs ``validation=(Xv, yv)`` and
        brings the best epoch's parameters back; ``progress=True`` shows a bar.
        """
        every_epoch = training.epochs(
            self.net,
            self.loss,
            self.optimizer,
            X,
            y,
            epochs=epochs,
            batch_size=batch_size,
            validation=validation,
            rng=rng,
        )
        self._check_early_stopping(early_stopping, validation)
        self.history = history = History()
        best, kept = None, None
        for epoch in _with_progress(every_epoch, epochs) if progress else every_epoch:
            history.append(epoch)
            if early_stopping is None:
                continue
            value = history[early_stopping.monitor][-1]
            if early_stopping.improved(value, best):
                best, kept, history.best_epoch = value, self.net.snapshot(), epoch.epoch
            elif epoch.epoch - (history.best_epoch or 0) >= early_stopping.patience:
                break
        if kept is not None:
            self.net.restore(kept)
        return history

    def evaluate(self, X: Array, y: Targets) -> dict[str, float]:
        """Return ``{"loss": …}`` and, where the loss is about classes, also ``"accuracy"``."""
        return training.evaluate(self.net, self.loss, X, y)

    def predict(self, X: Array) -> Array | Labels:
        """Return the best guess for each example: a class, or for a regression a number."""
        return self.loss.predictions(training.outputs(self.net, X))

    def predict_proba(self, X: Array) -> Array:
        """Return the probabilities that the loss reads from the outputs, shape (n, k)."""
        return self.loss.probabilities(training.outputs(self.net, X))

    def _check_early_stopping(self, stopping: EarlyStopping | None, validation: Any) -> None:
        if stopping is None:
            return
        instance("early_stopping", stopping, EarlyStopping, "nnlib.EarlyStopping(patience=5)")
        if validation is None:
            raise ValueError(
                f"early_stopping: {stopping.monitor} needs validation data: "
                "give validation=(X_val, y_val)"
            )
        if stopping.monitor == "val_accuracy" and not self.loss.classification:
            raise ValueError(f"early_stopping: {self.loss!r} has no accuracy: use 'val_loss'")

    def __repr__(self) -> str:
        return f"Model({self.net!r}, {self.loss!r}, {self.optimizer!r})"


def _with_progress(every_epoch: Iterator[training.Epoch], total: int) -> Iterator[training.Epoch]:
    """Show a bar with the latest numbers."""
    from tqdm.auto import tqdm

    with tqdm(every_epoch, total=total, unit="epoch") as bar:
        for epoch in bar:
            shown = {k: f"{v:.4g}" for k, v in epoch._asdict().items() if v is not None}
            bar.set_postfix({k: shown[k] for k in shown if k not in ("epoch", "step", "lr")})
            yield epoch
