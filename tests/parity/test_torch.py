"""Every layer, loss and optimizer against PyTorch, in float64, to 1e-12."""

import numpy as np
import pytest

import nnlib as nn
from tests.helpers.parts import ACTIVATIONS, LAYERS, LOSSES, OPTIMIZERS

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
torch.set_num_threads(1)

each_size = pytest.mark.parametrize("n", [1, 7])


def close(ours, theirs):
    theirs = theirs.detach().numpy()
    assert np.shape(ours) == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def tensor(array):
    return torch.tensor(np.asarray(array), requires_grad=np.asarray(array).dtype.kind == "f")


@pytest.mark.parametrize("part", ACTIVATIONS, ids=str)
def test_an_activation_function_and_its_derivative_equal_pytorch(part):
    rng = np.random.default_rng(0)
    Z = 5 * rng.normal(size=(7, 4))
    A, Z_torch = part.make(Z), tensor(Z)
    dA = rng.normal(size=A.shape)
    A_torch = part.torch(Z_torch)
    A_torch.backward(torch.tensor(dA))
    close(A, A_torch)
    close(part.backward(dA, Z, A), Z_torch.grad)


@each_size
@pytest.mark.parametrize("part", [part for part in LAYERS if part.torch], ids=str)
def test_a_layer_equals_pytorch(part, n):
    rng = np.random.default_rng(1)
    net, module = part.network(), part.torch().double()
    layer, parameters = net.layers[0], dict(module.named_parameters())
    assert layer.shapes().keys() == part.torch_names.keys()
    for name, (theirs, layout) in part.torch_names.items():
        view = net.named_arrays()[f"0.{name}"]
        parameters[theirs].data = torch.tensor(layout(view).copy())

    X = part.inputs(rng, max(n, part.smallest))
    X_torch = tensor(X)
    Z, Z_torch = net.forward(X, train=True), module(X_torch)
    dZ = rng.normal(size=Z.shape)
    dX = net.backward(dZ, input_grad=True)
    Z_torch.backward(torch.tensor(dZ))

    close(Z, Z_torch)
    close(dX, X_torch.grad)
    for name, (theirs, layout) in part.torch_names.items():
        where, _, own = f"0.{name}".rpartition(".")
        close(layout(getattr(net.named_layers()[where], "d" + own)), parameters[theirs].grad)


def same_loss(part, Z, y):
    Z_torch = tensor(Z)
    value_torch = part.torch()(Z_torch, torch.tensor(y))
    value_torch.backward()
    value, dZ = part.make().value_and_grad(Z, y)
    close(value, value_torch)
    close(dZ, Z_torch.grad)


@each_size
@pytest.mark.parametrize("part", LOSSES, ids=str)
def test_a_loss_equals_pytorch(part, n):
    rng = np.random.default_rng(2)
    same_loss(part, part.inputs(rng, n), part.targets(rng, n))


@each_size
@pytest.mark.parametrize("part", [part for part in LOSSES if part.on_logits], ids=str)
def test_a_loss_equals_pytorch_on_extreme_logits(part, n):
    rng = np.random.default_rng(3)
    Z = rng.choice([-1e4, 0.0, 1e4], size=part.inputs(rng, n).shape)
    same_loss(part, Z, part.targets(rng, n))


def test_logits_that_are_large_but_close_together_equal_pytorch():
    softmax = next(part for part in LOSSES if part.name == "SoftmaxCrossEntropy")
    Z = 1e4 - np.array([[0.0, 1, 2, 25, 40], [3, 0, 30, 2, 5]])
    same_loss(softmax, Z, np.array([0, 1]))


@pytest.mark.parametrize("part", [part for part in OPTIMIZERS if part.torch], ids=str)
def test_a_hundred_steps_of_an_optimizer_equal_pytorch(part):
    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(20, 4)), rng.integers(3, size=20)
    net = nn.Sequential(nn.Dense(4, 6), nn.Tanh(), nn.Dense(6, 3), rng=5)
    module = torch.nn.Sequential(
        torch.nn.Linear(4, 6), torch.nn.Tanh(), torch.nn.Linear(6, 3)
    ).double()
    for ours, theirs in ((net.layers[0], module[0]), (net.layers[2], module[2])):
        ours.b = rng.normal(size=ours.b.shape)
        theirs.weight.data = torch.tensor(ours.W.T.copy())
        theirs.bias.data = torch.tensor(ours.b.copy())

    opt = part.make()
    matrices = {"params": [module[0].weight, module[2].weight]}
    vectors = {"params": [module[0].bias, module[2].bias], "weight_decay": 0.0}
    opt_torch = part.torch()([matrices, vectors])
    schedule = part.schedule and torch.optim.lr_scheduler.LambdaLR(opt_torch, part.schedule)
    start = net.params.copy()

    for _ in range(100):
        _, dZ = nn.SoftmaxCrossEntropy().value_and_grad(net.forward(X, train=True), y)
        net.backward(dZ)
        opt.step(net.params, net.grads, decay=net.matrices)

        opt_torch.zero_grad()
        torch.nn.functional.cross_entropy(module(torch.tensor(X)), torch.tensor(y)).backward()
        opt_torch.step()
        if schedule:
            schedule.step()

    assert np.linalg.norm(net.params - start) > 0.1
    for ours, theirs in ((net.layers[0], module[0]), (net.layers[2], module[2])):
        close(ours.W, theirs.weight.T)
        close(ours.b, theirs.bias)
