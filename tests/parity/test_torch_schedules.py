"""Every schedule against PyTorch's scheduler, over 100 steps, to 1e-12; a plateau exactly."""

import numpy as np
import pytest

import nnlib as nn
from tests.helpers.parts import SCHEDULES

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")


@pytest.mark.parametrize("part", SCHEDULES, ids=str)
def test_a_hundred_rates_of_a_schedule_equal_pytorch(part):
    opt = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler, theirs = part.torch(opt), []
    for _ in range(100):
        theirs.append(opt.param_groups[0]["lr"])
        opt.step()
        scheduler.step()

    schedule = part.make()
    ours = [schedule(step) for step in range(100)]
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-15)


def values(rng):
    """A loss that falls and stays, with ties, NaN and infinite ones."""
    drawn = np.round(np.cumsum(rng.normal(-0.05, 0.4, 60)), int(rng.integers(3)))
    odd = rng.random(60) < 0.15
    drawn[odd] = rng.choice([np.nan, np.inf, -np.inf, 0.0], odd.sum(), p=[0.7, 0.1, 0.05, 0.15])
    return drawn.tolist()


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("min_delta", [0.0, 0.25])
def test_the_rates_on_a_plateau_equal_pytorch(mode, min_delta):
    falls = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        options = {
            "factor": float(rng.uniform(0.1, 0.9)),
            "patience": int(rng.integers(5)),
            "min_lr": float(rng.choice([0.0, 0.01, 0.2])),
        }
        ours = nn.SGD(lr=0.1)
        plateau = nn.ReduceLROnPlateau(ours, mode=mode, min_delta=min_delta, **options)
        theirs = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
            theirs, mode=mode, threshold=min_delta, threshold_mode="abs", eps=0, **options
        )
        for value in values(rng):
            before = ours.lr
            assert plateau.update(value) == (ours.lr < before)
            scheduler.step(value)
            assert ours.lr == theirs.param_groups[0]["lr"]
            falls += ours.lr < before
    assert falls > 100
