"""A network fitted to a few noisy points of a sine: when does it learn the noise as well?"""

import numpy as np

import nnlib as nn
from nnlib._typing import Array
from nnlib._validation import whole

SCALE = 3.0
"""x in [−1, 1] is shown to the network as 3x: its tanh units can then bend more sharply."""

EVERY = 10
"""Epochs from one score to the next."""

LIMIT = 4000
"""Epochs after which a run ends."""

STOPPING = nn.EarlyStopping(patience=400)
"""Its patience is in epochs, as in `Model.fit`."""

NEAR, SHARE = 0.02, 0.1
"""A curve is good if its mean square distance from the true one is below NEAR + SHARE · noise."""

LUCK, APART = 1.2, 5.0
"""On n points, a training loss below 1 − LUCK / √n of the true curve's is no luck; nor is a
validation loss of APART times the training loss."""

DIVERGED = "It diverged: take less weight decay, and Reset."

GRID = np.linspace(-1, 1, 161)


def truth(x: Array) -> Array:
    """Return what the points lie around: y = sin(πx)."""
    return np.sin(np.pi * x)


class Fit:
    """A network 1-h-h-1 in training on n points, all of them in every step.

    Attributes
    ----------
    X, y, X_val, y_val : ndarray
        Points to train on, and 200 others to validate on, with the same noise.
    epochs, losses, val_losses : list
        Epoch by epoch, one in ten: the mean squared error on both, in test mode.
    best : int
        The epoch with the lowest validation loss so far.
    """

    def __init__(
        self,
        *,
        hidden: int = 50,
        n: int = 15,
        noise: float = 0.3,
        seed: int = 0,
        weight_decay: float = 0.0,
        dropout: float = 0.0,
        stopping: bool = False,
    ) -> None:
        self.X, self.y = nn.make_sine(whole("n", n), noise=noise, rng=seed)
        self.X_val, self.y_val = nn.make_sine(200, noise=noise, rng=1000 + seed)
        layers = [nn.Dense(1, hidden), nn.Tanh(), nn.Dropout(), nn.Dense(hidden, hidden)]
        layers += [nn.Tanh(), nn.Dropout(), nn.Dense(hidden, 1)]
        self.net, self.loss = nn.Sequential(*layers, rng=seed), nn.MeanSquaredError()
        self.optimizer = nn.Adam(lr=0.01)
        self.weight_decay, self.dropout, self.stopping = weight_decay, dropout, stopping
        self._steps = nn.steps(
            self.net, self.loss, self.optimizer, SCALE * self.X, self.y,
            epochs=LIMIT, batch_size=n, rng=seed,
        )  # fmt: skip
        self.epoch, self.ended = 0, ""
        self._at = -1  # the score of the present parameters: the last, unless an earlier was best
        self.epochs: list[int] = []
        self.losses: list[float] = []
        self.val_losses: list[float] = []
        self._score()

    @property
    def weight_decay(self) -> float:
        """λ of λ‖W‖²/2, beside the loss."""
        return self.optimizer.weight_decay

    @weight_decay.setter
    def weight_decay(self, value: float) -> None:
        self.optimizer.weight_decay = value

    @property
    def dropout(self) -> float:
        """p, the share of hidden units that are missing in a step."""
        return self._dropouts[0].p

    @dropout.setter
    def dropout(self, p: float) -> None:
        for layer in self._dropouts:
            layer.p = p

    @property
    def _dropouts(self) -> list[nn.Dropout]:
        return [layer for layer in self.net.layers if isinstance(layer, nn.Dropout)]

    @property
    def floors(self) -> tuple[float, float]:
        """Losses of the true curve itself, on training and validation points: the noise."""
        return tuple(
            float(np.mean((y - truth(X[:, 0])) ** 2))
            for X, y in ((self.X, self.y), (self.X_val, self.y_val))
        )  # type: ignore[return-value]

    def advance(self) -> bool:
        """Train for ten epochs and score; return whether there may be more."""
        if self.ended:
            return False
        self._trained_with = self.weight_decay, self.dropout
        try:
            for _ in range(EVERY):
                next(self._steps)
                self.epoch += 1
        except FloatingPointError:
            self.ended = DIVERGED
            return False
        self._score()
        if self.epoch >= LIMIT:
            self.ended = "The run ends here: Reset starts another."
        elif self.stopping and self.epoch - self.best >= STOPPING.patience:
            self.net.restore(self._kept)
            self._at = self.epochs.index(self.best)
            self.ended = f"Stopped early, and back at epoch {self.best}: Reset starts another run."
        return not self.ended

    def _score(self) -> None:
        """Score both sets; keep the best parameters."""
        self.epochs.append(self.epoch)
        for losses, X, y in (
            (self.losses, self.X, self.y),
            (self.val_losses, self.X_val, self.y_val),
        ):
            losses.append(nn.evaluate(self.net, self.loss, SCALE * X, y)["loss"])
        so_far = min(self.val_losses[:-1], default=None)
        if STOPPING.improved(self.val_losses[-1], so_far):
            self.best, self._kept, self.best_curve = self.epoch, self.net.snapshot(), self.curve()

    def curve(self) -> Array:
        """Return what the network says on a grid over [−1, 1]."""
        return self.net.forward(SCALE * GRID[:, np.newaxis])[:, 0]

    @property
    def now(self) -> tuple[float, float]:
        """Training and validation loss of the present parameters."""
        return self.losses[self._at], self.val_losses[self._at]

    @property
    def caption(self) -> str:
        """The settings of what is to come, or of the last epochs if there is nothing to come."""
        now = self.weight_decay, self.dropout
        weight_decay, dropout = self._trained_with if self.ended else now
        return f"λ = {weight_decay:g}, p = {dropout:g}"

    @property
    def verdict(self) -> str:
        """Say whether the present fit is good, too stiff, or has learned the noise."""
        train, val = self.now
        train_floor, val_floor = self.floors
        off = float(np.mean((self.curve() - truth(GRID)) ** 2))
        if off < NEAR + SHARE * val_floor:
            return "it is about as close to the true curve as the noise allows"
        if train < (1 - LUCK / np.sqrt(len(self.y))) * train_floor or val > APART * train:
            return "it overfits, better on its points than between them"
        return "it underfits, missing its own points"

    def words(self) -> str:
        """Say it."""
        train, val = self.now
        if not self.epoch:
            how = f"weight decay {self.weight_decay:g}, dropout {self.dropout:g}"
            return f"{len(self.y)} points, {how}: not trained yet. Press Run."
        if self.ended == DIVERGED:
            return f"After {self.epoch:,} epochs. {self.ended}"
        ratio = val / max(train, 1e-12)
        times = f"{ratio:,.0f}" if ratio < 10_000 else "over 10,000"
        times = f"{ratio:.1f}" if ratio < 10 else times
        floors = "the true curve: {:.2g} and {:.2g}".format(*self.floors)
        return (
            f"After {self.epoch:,} epochs: training loss {train:.2g}, validation loss {val:.2g}, "
            f"{times} times as large ({floors}): {self.verdict}. "
            f"Validation was best at epoch {self.best:,}. {self.ended}"
        ).strip()
