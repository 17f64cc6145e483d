"""An estimator whose worker dies while it trains: it must be importable where it is trained."""

import os
import signal
from multiprocessing import parent_process
from pathlib import Path

from nnlib.estimators import MLPClassifier


class Mortal(MLPClassifier):
    """Kills its process in epoch 5, as often as the folder of its runs holds a file ``die-…``.

    Each epoch leaves a line in ``log``: the process, the learning rate, the epoch.
    """

    def _note(self, loss, n, held):
        super()._note(loss, n, held)
        folder = Path(self.checkpoint).parent
        with open(folder / "log", "a") as log:
            log.write(f"{os.getpid()} {self.learning_rate_init:g} {self.n_iter_}\n")
        if self.n_iter_ == 5 and parent_process():  # pytest itself has none
            for death in sorted(folder.glob(f"die-{self.learning_rate_init:g}-*")):
                death.unlink()
                os.kill(os.getpid(), signal.SIGKILL)
