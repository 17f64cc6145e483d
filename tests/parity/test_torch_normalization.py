"""BatchNorm's memory against PyTorch's: running statistics, and what is predicted with them."""

import numpy as np
import pytest

import nnlib as nn
from tests.helpers.parts import LAYERS

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
torch.set_num_threads(1)

with_memory = pytest.mark.parametrize(
    "part", [part for part in LAYERS if isinstance(part.make(), nn.BatchNorm)], ids=str
)


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-12, atol=1e-12)


def after_batches(part, batches):
    """Return our network and PyTorch's module, both trained on the same batches."""
    rng = np.random.default_rng(0)
    net, module = part.network(), part.torch().double()
    module.weight.data = torch.tensor(net.layers[0].gamma.copy())
    module.bias.data = torch.tensor(net.layers[0].beta.copy())
    for _ in range(batches):
        X = rng.normal(2.0, 3.0, part.inputs(rng, int(rng.integers(2, 9))).shape)
        close(net.forward(X, train=True), module(torch.tensor(X)))
    return net, module.eval()


@with_memory
@pytest.mark.parametrize("batches", [0, 1, 20])
def test_running_statistics_and_predictions_equal_pytorch(part, batches):
    net, module = after_batches(part, batches)
    close(net.layers[0].running_mean, module.running_mean)
    close(net.layers[0].running_var, module.running_var)
    X = part.inputs(np.random.default_rng(1), 1)
    close(net.forward(X), module(torch.tensor(X)))
