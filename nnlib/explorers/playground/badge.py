"""A gradient check now and then while a network trains: is backpropagation right, here and now?"""

import time
from dataclasses import dataclass

import numpy as np

import nnlib as nn
from nnlib._report import GradientReport
from nnlib.explorers.playground.session import Session

REST, SHARE = 2.0, 0.02
"""Seconds between two checks at the least, and the share of the time that they may take."""

EXAMPLES, SAMPLES = 4, 5
"""Examples in a check, and entries of each array."""

MOST = 100.0
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

    def refresh(self, session: Session, now: float | None = None) -> bool:
        """Check if it is time to; return whether there is news."""
        now = time.perf_counter() if now is None else now
        if now < self.due or session.diverged:
            return False
        start = time.perf_counter()
        self.look(session)
        cost = time.perf_counter() - start
        self.due = now + max(REST, cost / SHARE)
        return True

    def look(self, session: Session) -> None:
        """Check a few examples; what disagrees is checked on others before it is called wrong.

        A kink of a ReLU can lie between the two points of a difference. That is rare, and does not
        happen again with other examples; a wrong gradient does.
        """
        if not session.scores()["loss"] < MOST:
            self.ok, self.words = None, "gradients: the loss is too large to check them"
            return
        for _ in range(3):
            report = self._report(session)
            wrong = [f"{row.name} of {row.layer}" for row in report.rows if row.mark == "WRONG"]
            if not wrong:
                break
        self.ok = not wrong
        if self.ok:
            seen = [row.error for row in report.rows if row.mark == "ok"]
            worst = f" to {max(seen):.0e}" if seen else ""
            self.words = f"✓ gradients checked: right{worst}"
        else:
            self.words = f"✗ wrong gradients: {', '.join(wrong)}"

    def _report(self, session: Session) -> GradientReport:
        self.checks += 1
        rng = np.random.default_rng(self.checks)
        n = len(session.F_train)
        rows = rng.choice(n, min(EXAMPLES, n), replace=False)
        X, y = session.F_train[rows], session.data.y_train[rows]
        return nn.check_gradients(
            session.net, session.loss, X, y, tolerance=TOLERANCE, samples=SAMPLES, rng=rng
        )
