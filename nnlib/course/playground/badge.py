"""A gradient check now and then while a network trains: is backpropagation right, here and now?"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

import nnlib as nn
from nnlib.course.playground.experiment import Experiment

REST, SHARE = 2.0, 0.02
"""Seconds between two checks at the least, and the share of the time that they may take."""

EXAMPLES, SAMPLES = 4, 5
"""Examples in a check, and entries of each array."""

MOST_LOSS = 100.0
"""Differences of larger losses than this drown in rounding."""

TOLERANCE = 1e-6
"""The relative error up to which gradients agree; that of a mistake is far larger."""


@dataclass
class Badge:
    """The result of the last check, in words; `refresh` makes another when it is due."""

    words: str = "gradients: not checked yet"
    ok: bool | None = None
    checks: int = 0
    due: float = 0.0

    def refresh(self, experiment: Experiment, now: float | None = None) -> bool:
        """Check if it is time to; return whether there is news."""
        now = time.perf_counter() if now is None else now
        if now < self.due or experiment.diverged:
            return False
        start = time.perf_counter()
        self.look(experiment)
        self.due = now + max(REST, (time.perf_counter() - start) / SHARE)
        return True

    def look(self, experiment: Experiment) -> None:
        """Check a few examples; what disagrees is checked on others before it is called wrong.

        A kink of a ReLU can lie between the two points of a difference. That is rare, and does not
        happen again with other examples; a wrong gradient does.
        """
        if not experiment.scores()["loss"] < MOST_LOSS:
            self.ok, self.words = None, "gradients: the loss is too large to check them"
            return
        n = len(experiment.F_train)
        for _ in range(3):
            self.checks += 1
            rng = np.random.default_rng(self.checks)
            rows = rng.choice(n, min(EXAMPLES, n), replace=False)
            X, y = experiment.F_train[rows], experiment.data.y_train[rows]
            how: Any = {"tolerance": TOLERANCE, "samples": SAMPLES, "rng": rng}
            report = nn.check_gradients(experiment.net, experiment.loss, X, y, **how)
            wrong = [f"{row.name} of {row.layer}" for row in report.rows if row.mark == "WRONG"]
            if not wrong:
                break
        self.ok = not wrong
        worst = max((row.error for row in report.rows if row.mark == "ok"), default=0.0)
        right = "✓ gradients checked: right" + (f" to {worst:.0e}" if worst else "")
        self.words = right if self.ok else f"✗ wrong gradients: {', '.join(wrong)}"
