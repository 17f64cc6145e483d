"""Every schedule against PyTorch's scheduler, over 100 steps, to 1e-12."""

import numpy as np
import pytest

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
