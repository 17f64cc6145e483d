"""What `Model.fit` does: train, record each epoch, slow down, stop early, keep a checkpoint."""

import math
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from ._optional import needed_by
from ._validation import any_number, instance, number, one_of, whole
from .losses import Loss
from .network import Snapshot
from .optimizers import Optimizer
from .training import Epoch, Run, Step

Shown = bool | Callable[[Epoch], object]
"""How progress is shown: not, by a bar, or by a function that is called with each epoch."""


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

    def append(self, epoch: Epoch) -> None:
        """Add one epoch's numbers."""
        for name, value in {"loss": epoch.loss, "lr": epoch.lr, **epoch.scores}.items():
            self.setdefault(name, []).append(value)

    @property
    def epochs(self) -> int:
        """How many epochs are recorded."""
        return len(self.get("loss", ()))

    @property
    def unmoved(self) -> bool:
        """Whether the loss is where it began, within 2 %, though there was more than one epoch."""
        losses = self.get("loss", [])
        return len(losses) > 1 and not self.steps_before and losses[-1] >= 0.98 * losses[0] > 0

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.items() if values)
        best = f", best epoch {self.best_epoch}" if self.best_epoch else ""
        after = f" after {self.steps_before} steps" if self.steps_before else ""
        why = ", hardly moved: nnlib.diagnose(model, X, y) looks for the cause" * self.unmoved
        return f"History({self.epochs} epochs{after}{': ' if self else ''}{last}{best}{why})"


_MONITORED = ": pass what is monitored, such as epoch.scores['val_loss']"


class Watching:
    """What early stopping and a plateau share: the quantity that should improve, and what that is.

    NaN is never an improvement.
    """

    patience: int
    monitor: str
    min_delta: float
    mode: str

    def _check_options(self, least_patience: int) -> None:
        """Check the arguments."""
        whole("patience", self.patience, minimum=least_patience)
        instance("monitor", self.monitor, str, "monitor='val_loss'")
        number("min_delta", self.min_delta)
        one_of("mode", self.mode, ("auto", "min", "max"))
        if self.mode == "auto" and not self.monitor.endswith(("loss", "accuracy")):
            raise ValueError(
                f"mode: expected 'min' or 'max' for {self.monitor!r}, got 'auto': say mode='min' "
                "if it should fall, as errors do, mode='max' if it should rise, as scores do"
            )

    @property
    def falls(self) -> bool:
        """Whether a smaller value is a better one."""
        return self.mode == "min" or (self.mode == "auto" and self.monitor.endswith("loss"))

    def options(self) -> dict[str, Any]:
        """Return what it was made with, but for the optimizer."""
        state = ("optimizer", "best", "waited")
        return {name: value for name, value in vars(self).items() if name not in state}

    def improved(self, value: float, best: float | None) -> bool:
        """Say whether a value is a new best."""
        if math.isnan(value) or best is None:
            return not math.isnan(value)
        return (best - value if self.falls else value - best) > self.min_delta

    def check(self, name: str, loss: Loss, validated: bool, metrics: Iterable[str]) -> None:
        """Make sure, before training, that what is monitored will be recorded."""
        names = ["loss", *(["accuracy"] if loss.classification else []), *metrics]
        recorded = ["loss", "lr", *(f"val_{name}" for name in names if validated)]
        if self.monitor not in recorded:
            remedy = "validation=(X_val, y_val) or validation=0.1 adds scores"
            if validated:
                remedy = 'metrics="f1_macro" adds val_f1_macro'
            raise ValueError(
                f"{name}: expected a monitor among {', '.join(recorded)}, "
                f"got {self.monitor!r}; {remedy}"
            )


@dataclass(frozen=True)
class EarlyStopping(Watching):
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
        self._check_options(least_patience=1)


@dataclass(eq=False)
class ReduceLROnPlateau(Watching):
    """η ← max(factor · η, min_lr) once a quantity has not improved for a while.

    A plain object, for a loop of one's own or for ``model.fit(…, plateau=plateau)``, which updates
    it after each epoch. It goes on in the next call; parameters and the optimizer's memory stay.

    Parameters
    ----------
    optimizer : Optimizer
        Whose lr falls: a number, not a schedule.
    factor : float
        In (0, 1): what is left after a fall.
    patience : int
        Updates in a row without a new best that are borne; the rate falls at the next one. So
        PyTorch counts; in Keras it falls at the last of them.
    monitor, min_delta, mode
        As in `EarlyStopping`; the monitor is for ``fit``, and says which way is better.
    min_lr : float
        The rate falls no further than to this.

    Source: PyTorch's ``torch.optim.lr_scheduler.ReduceLROnPlateau``, here with its threshold_mode
    "abs" and no cooldown. The practice: He et al. (2016), *Deep residual learning for image
    recognition*, 3.4: "divided by 10 when the error plateaus".

    Examples
    --------
    >>> import nnlib as nn
    >>> optimizer = nn.SGD(lr=0.5)
    >>> plateau = nn.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> [plateau.update(val_loss) for val_loss in (1.0, 0.8, 0.9, 0.8)]
    [False, False, False, True]
    >>> optimizer.lr
    0.25
    """

    optimizer: Optimizer
    _: KW_ONLY
    factor: float = 0.1
    patience: int = 3
    monitor: str = "val_loss"
    min_delta: float = 0.0
    mode: str = "auto"
    min_lr: float = 0.0
    best: float = field(init=False, repr=False)
    """The best value so far; before the first, the worst there is."""
    waited: int = field(default=0, init=False, repr=False)
    """Updates since then, or since the rate fell."""

    def __post_init__(self) -> None:
        """Check the arguments."""
        instance("optimizer", self.optimizer, Optimizer, "ReduceLROnPlateau(nnlib.SGD(lr=0.1))")
        number("factor", self.factor, below=1, strict=True)
        number("min_lr", self.min_lr)
        self._check_options(least_patience=0)
        self.rate()
        self.best = math.inf if self.falls else -math.inf

    def rate(self) -> float:
        """Return the optimizer's rate, which is a number."""
        lr = self.optimizer.lr
        if callable(lr):
            raise ValueError(
                f"optimizer: expected one whose lr is a number, got {self.optimizer!r}: a schedule "
                "sets every rate itself, so give the optimizer a number, such as lr=0.1, or leave "
                "the plateau out"
            )
        return float(lr)

    def update(self, value: float) -> bool:
        """Take note of a new value, let the rate fall if it is time, and say whether it fell."""
        lr, value = self.rate(), any_number("value", value, _MONITORED)
        self.waited += 1
        if self.improved(value, self.best):
            self.best, self.waited = value, 0
        if self.waited <= self.patience:
            return False
        self.waited, self.optimizer.lr = 0, min(lr, max(self.factor * lr, self.min_lr))
        return self.optimizer.lr < lr

    def __getattr__(self, name: str) -> Any:
        """Tell who knows PyTorch's word."""
        more = ": it is called update here" if name == "step" else ""
        raise AttributeError(f"ReduceLROnPlateau has no attribute {name!r}{more}")


@dataclass
class Best:
    """What early stopping remembers: the best value so far, and the network that had it."""

    value: float | None = None
    snapshot: Snapshot | None = None


@dataclass
class Fit:
    """A run that is recorded, stopped early, and saved between two steps."""

    run: Run
    history: History
    stopping: EarlyStopping | None = None
    plateau: ReduceLROnPlateau | None = None
    best: Best = field(default_factory=Best)
    every: int = 0
    """Updates from one checkpoint to the next; 0: none is kept."""
    save: Callable[["Fit"], None] = lambda fit: None
    tell: Callable[[Epoch], object] = lambda epoch: None
    """Called with each epoch once it is recorded."""

    data: dict[str, str] = field(default_factory=dict)
    """What tells the data from others, for a checkpoint."""

    def check(self, loss: Loss, validated: bool, metrics: Iterable[str]) -> None:
        """Make sure, before training, that what is watched is recorded, and is this run's."""
        stopping, plateau = self.stopping, self.plateau
        if stopping is not None:
            instance("early_stopping", stopping, EarlyStopping, "nnlib.EarlyStopping(patience=5)")
            stopping.check("early_stopping", loss, validated, metrics)
        if plateau is not None:
            instance("plateau", plateau, ReduceLROnPlateau, "nnlib.ReduceLROnPlateau(optimizer)")
            if plateau.optimizer is not self.run.optimizer:
                raise ValueError(
                    f"plateau: expected one of this model's optimizer, {self.run.optimizer!r}, got "
                    f"one of another, {plateau.optimizer!r}: make it anew, "
                    "nnlib.ReduceLROnPlateau(model.optimizer)"
                )
            plateau.rate()
            plateau.check("plateau", loss, validated, metrics)

    def options(self) -> dict[str, Any]:
        """Return what early stopping and the plateau were made with, for a checkpoint."""
        both = {"early_stopping": self.stopping, "plateau": self.plateau}
        return {name: part and part.options() for name, part in both.items()}

    def epochs(self, progress: Shown = False) -> Generator[Epoch]:
        """Train epoch by epoch, if it is wanted with a bar, or with a function that is told."""
        every_epoch = self.run.by_epoch(self._steps())
        if callable(progress):
            self.tell = progress
            return every_epoch
        return _with_progress(every_epoch, self.run) if progress else every_epoch

    def go(self, every_epoch: Generator[Epoch], how_to_go_on: str) -> None:
        """Train to the end; however training ends, the best epoch's parameters come back."""
        best = self.best
        try:
            with closing(every_epoch):
                self._record(every_epoch)
        except KeyboardInterrupt as stop:
            if not stop.args:  # it was not held back until a step was complete
                raise
            self.save(self)
            back = f"; epoch {self.history.best_epoch} is back, the best" if best.snapshot else ""
            raise KeyboardInterrupt(f"{stop}{back}: {how_to_go_on}") from None
        except FloatingPointError as error:
            if best.snapshot is not None:
                error.add_note(f"Early stopping has brought back epoch {self.history.best_epoch}.")
            raise
        finally:
            if best.snapshot is not None:
                self.run.net.restore(best.snapshot)

    def _steps(self) -> Generator[Step]:
        """Save every so many steps, once all that follows a step is done."""
        for step in self.run.steps():
            yield step
            if self.every and step.step % self.every == 0:
                self.save(self)

    def _record(self, every_epoch: Iterator[Epoch]) -> None:
        """Record epochs until there has been no new best for too long."""
        history, stopping, best = self.history, self.stopping, self.best
        for epoch in every_epoch:
            history.append(epoch)
            if self.plateau is not None:
                self.plateau.update(history[self.plateau.monitor][-1])
            self.tell(epoch)
            if stopping is None:
                continue
            value = history[stopping.monitor][-1]
            if stopping.improved(value, best.value):
                best.value, best.snapshot = value, self.run.net.snapshot()
                history.best_epoch = epoch.epoch
            elif epoch.epoch - (history.best_epoch or 0) >= stopping.patience:
                break


def _with_progress(every_epoch: Generator[Epoch], run: Run) -> Generator[Epoch]:
    """Show a bar with the latest numbers."""
    with needed_by("fit(progress=True)", otherwise="progress=False"):
        from tqdm.auto import tqdm

    def shown() -> Generator[Epoch]:
        done = run.at.epoch - 1
        with tqdm(every_epoch, initial=done, total=run.epochs, unit="epoch") as bar:
            for epoch in bar:
                numbers = {"loss": epoch.loss, **epoch.scores}
                bar.set_postfix({name: f"{value:.4g}" for name, value in numbers.items()})
                yield epoch

    return shown()
