"""A network as PyTorch's module, and back: the same outputs, gradients and running statistics."""

import doctest
import re
import sys

import numpy as np
import pytest

import nnlib as nn
from nnlib import torch_bridge
from nnlib.torch_bridge import from_torch, load_state_dict, state_dict, to_torch
from tests.helpers.parts import LAYERS
from tests.helpers.remedies import each, expect_rows, follow

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
torch.set_num_threads(1)
tnn = torch.nn

TWO_SIDED = [part for part in LAYERS if not isinstance(part.make(), nn.Chain)]
"""PyTorch has no module that equals a residual block."""

each_part = pytest.mark.parametrize("part", TWO_SIDED, ids=str)
each_seed = pytest.mark.parametrize("seed", range(25))
both_dtypes = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def numbers(tensor):
    return tensor.detach().numpy()


def close(ours, theirs, rtol=1e-12):
    """Equal to so many digits of the largest entry."""
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=rtol * max(1, np.abs(ours).max()))


def digits(dtype):
    return 1e-12 if dtype == np.float64 else 1e-5


def drawn(net, rng):
    """All parameters and running statistics drawn: no zeros and ones that hide a mistake."""
    net.params = rng.normal(size=net.params.size)
    net.buffers = rng.uniform(0.5, 2, net.buffers.size)
    return net


def same_predictions(net, module, X, dtype=np.float64):
    X = X.astype(dtype)
    close(net.forward(X), numbers(module.eval()(torch.tensor(X))), digits(dtype))


def same_training_step(net, module, X, rng):
    """One pass forward and back and a step of gradient descent; every number is compared."""
    X_torch = torch.tensor(X, requires_grad=True)
    Z, Z_torch = net.forward(X, train=True), module.train()(X_torch)
    dZ = rng.normal(size=Z.shape)
    dX = net.backward(dZ, input_grad=True)
    Z_torch.backward(torch.tensor(dZ))
    close(Z, numbers(Z_torch))
    close(dX, numbers(X_torch.grad), 1e-11)
    net.params = net.params - net.grads
    sgd = torch.optim.SGD([*module.parameters(), torch.zeros(1)], lr=1.0)
    sgd.step()
    sgd.zero_grad()
    theirs = module.state_dict()
    for name, tensor in state_dict(net).items():
        if not name.endswith("num_batches_tracked"):
            close(numbers(tensor), numbers(theirs[name]), 1e-11)


def row_layers(rng, d, depth):
    """Layers for rows of d numbers, with options drawn at random."""
    for _ in range(depth):
        width = int(rng.integers(2, 7))
        yield nn.Dense(d, width, bias=width > 2)
        d = width
        yield (
            nn.BatchNorm(d, momentum=float(rng.uniform(0, 0.9)), eps=float(rng.uniform(0.01, 1))),
            nn.LayerNorm(d, eps=float(rng.uniform(0.01, 1))),
            nn.Dropout(0.0),
        )[rng.integers(3)]
        yield (
            nn.ReLU(),
            nn.LeakyReLU(float(rng.uniform(0, 0.9))),
            nn.ELU(float(rng.uniform(0, 2))),
            nn.GELU(),
            nn.GELU("tanh"),
            nn.SELU(),
            nn.SiLU(),
            nn.Softplus(),
            nn.Sigmoid(),
            nn.Tanh(),
            nn.Softmax(),
        )[rng.integers(11)]


def random_network(rng):
    """A network for rows, or for images of (2, 9, 8), and the shape of an example."""
    d, depth = int(rng.integers(2, 6)), int(rng.integers(1, 4))
    if rng.random() < 0.5:
        return nn.Sequential(*row_layers(rng, d, depth), rng=rng), (d,)
    c, k, stride, padding = (int(i) for i in rng.integers([1, 1, 1, 0], [5, 4, 3, 3]))
    pool = (nn.MaxPool2D, nn.AvgPool2D)[rng.integers(2)](2, stride)
    bias = bool(rng.integers(2))
    conv = nn.Conv2D(2, c, k, stride=stride, padding=padding, bias=bias)
    front = [nn.Reshape(2, 9, 8), conv, nn.BatchNorm(c), nn.ReLU(), pool]
    d = int(np.prod(nn.Sequential(*front).shapes_after((144,))[-1]))
    front = [nn.Reshape(2, 9, 8), *(type(a)(**options(a)) for a in front[1:]), nn.Flatten()]
    return nn.Sequential(*front, *row_layers(rng, d, depth), rng=rng), (144,)


def options(layer):
    """What a layer was made of, to make a free one."""
    names = ("c_in", "c_out", "kernel_size", "stride", "padding", "bias", "d", "momentum", "eps")
    return {name: getattr(layer, name) for name in names if hasattr(layer, name)}


# Both directions -----------------------------------------------------------------------------


@each_part
@both_dtypes
def test_a_layer_becomes_its_equal_and_comes_back(part, dtype):
    rng = np.random.default_rng(0)
    net, X = drawn(part.network(dtype), rng), part.inputs(rng, 5)
    module = to_torch(net, X.shape[1:])
    same_predictions(net, module, X, dtype)
    back = from_torch(module).astype(dtype)
    same_predictions(back, module, X, dtype)
    np.testing.assert_array_equal(back.params, net.params)
    np.testing.assert_array_equal(back.buffers, net.buffers)
    if "Reshape" not in part.name:
        assert re.sub(", init=xavier\\w+", "", repr(net)) == repr(back)


@pytest.mark.parametrize("part", [part for part in TWO_SIDED if part.torch], ids=str)
def test_what_pytorch_calls_the_twin_of_a_layer_becomes_that_layer(part):
    module = tnn.Sequential(part.torch()).double()
    rng = np.random.default_rng(0)
    for tensor in module.state_dict().values():
        tensor.uniform_(0.5, 2) if tensor.is_floating_point() else None
    if "Softmax" in part.name:
        module = tnn.Sequential(tnn.Linear(3, 3).double(), *module)
    same_predictions(from_torch(module), module, part.inputs(rng, 5))


@each_seed
def test_a_random_network_trains_as_its_module_does(seed):
    rng = np.random.default_rng(seed)
    net, shape = random_network(rng)
    drawn(net, rng)
    module, X = to_torch(net), rng.normal(size=(7, *shape))
    for _ in range(2):
        same_predictions(net, module, X)
        same_training_step(net, module, X, rng)
    back = from_torch(module)
    assert repr(back) == repr(net)
    same_training_step(back, module, X, rng)


@each_seed
def test_in_float32_a_random_network_predicts_as_its_module_does(seed):
    rng = np.random.default_rng(seed)
    net, shape = random_network(rng)
    net = net.astype(np.float32)
    module, X = to_torch(net), rng.normal(size=(7, *shape))
    assert all(p.dtype == torch.float32 for p in module.parameters())
    same_predictions(net, module, X, np.float32)
    same_predictions(from_torch(module), module, X, np.float32)


def test_dropout_keeps_its_share_and_takes_its_masks_from_rng():
    module = to_torch(nn.Sequential(nn.Dropout(0.3)))
    assert module[0].p == 0.3
    X = np.ones((4, 50))
    masks = [from_torch(module, rng=seed).forward(X, train=True) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(masks[0], masks[1])
    assert (masks[0] != masks[2]).any()


def test_a_module_in_use_is_in_eval_mode_and_can_be_trained():
    module = to_torch(nn.Sequential(nn.Dense(3, 2), nn.BatchNorm(2)))
    assert not any(m.training for m in module.modules())
    assert all(p.requires_grad for p in module.parameters())


def test_neither_side_moves_the_numbers_of_the_other():
    net = nn.Sequential(nn.Dense(3, 1), nn.BatchNorm(1))
    module = to_torch(net)
    back, before = from_torch(module), net.params.copy()
    with torch.no_grad():
        for tensor in module.state_dict().values():
            tensor.fill_(7)
    np.testing.assert_array_equal(net.params, before)
    np.testing.assert_array_equal(back.params, before)
    assert not net.buffers[0]


def test_random_numbers_of_pytorch_stay_where_they_are():
    before = torch.get_rng_state()
    to_torch(nn.Sequential(nn.Conv2D(1, 2, 3), nn.Flatten(), nn.Dense(8, 2)))
    assert torch.equal(torch.get_rng_state(), before)


def test_networks_inside_become_modules_inside_under_the_same_names():
    inner = nn.Sequential(nn.Conv2D(1, 2, 3), nn.Sequential(nn.BatchNorm(2), nn.ReLU()), rng=1)
    net = nn.Sequential(inner, nn.Sequential(nn.Flatten(), nn.BatchNorm(18)), nn.Dense(18, 3))
    drawn(net, rng := np.random.default_rng(0))
    module = to_torch(net)
    assert isinstance(module[0][1][0], tnn.BatchNorm2d)
    assert isinstance(module[1][1], tnn.BatchNorm1d)
    assert [*state_dict(net)] == [*module.state_dict()]
    same_predictions(net, module, rng.normal(size=(4, 1, 5, 5)))
    same_training_step(net, module, rng.normal(size=(4, 1, 5, 5)), rng)
    back = from_torch(module)
    np.testing.assert_array_equal(back.params.size, net.params.size)
    same_predictions(back, module, rng.normal(size=(4, 1, 5, 5)))


def test_what_is_frozen_asks_for_no_gradient():
    net = nn.Sequential(nn.Dense(3, 4), nn.Sequential(nn.Dense(4, 4), nn.Dense(4, 2)))
    net.layers[0].frozen = net.layers[1].layers[0].frozen = True
    asked = {name: p.requires_grad for name, p in to_torch(net).named_parameters()}
    assert [name for name, wanted in asked.items() if wanted] == ["1.1.weight", "1.1.bias"]


def test_a_sequential_inside_is_taken_apart_and_an_identity_left_out():
    torch.manual_seed(0)
    inner = tnn.Sequential(tnn.Linear(3, 4), tnn.Identity(), tnn.Sequential(tnn.Tanh()))
    module = tnn.Sequential(inner, tnn.Linear(4, 2)).double()
    net = from_torch(module)
    same_predictions(net, module, np.random.default_rng(0).normal(size=(5, 3)))
    assert [type(a) for a in net.layers] == [nn.Dense, nn.Tanh, nn.Dense]


def test_a_reshape_of_images_becomes_two_modules_under_one_number():
    net = nn.Sequential(nn.LayerNorm(2, 3), nn.Reshape(3, 2), nn.Flatten(), nn.Dense(6, 1))
    module, X = to_torch(net), np.random.default_rng(0).normal(size=(5, 2, 3))
    same_predictions(net, module, X)
    same_predictions(from_torch(module), module, X)
    assert state_dict(net).keys() == module.state_dict().keys()


@both_dtypes
def test_rms_norm_of_pytorch_brings_the_eps_that_it_takes_where_none_is_given(dtype):
    module = tnn.Sequential(tnn.RMSNorm(2)).to(getattr(torch, np.dtype(dtype).name))
    net = from_torch(module)
    assert net.layers[0].eps == np.finfo(dtype).eps
    X = np.array([[1e-4, -3e-4]], dtype)
    close(net.forward(X), numbers(module(torch.tensor(X))), 1e-6)


@pytest.mark.parametrize("far", [15.0, 21.0, 39.0, 41.0, 90.0, 800.0])
def test_softplus_is_equal_also_far_from_zero(far):
    net, X = nn.Sequential(nn.Softplus()), np.array([[far, -far]])
    same_predictions(net, to_torch(net), X)
    theirs = numbers(tnn.Softplus()(torch.tensor(X)))
    np.testing.assert_allclose(from_torch(tnn.Sequential(tnn.Softplus())).forward(X), theirs, 1e-9)


@pytest.mark.parametrize("shape", [(3,), (3, 5), (3, 2, 4), (3, 2, 4, 5)])
def test_batch_norm_becomes_the_module_for_its_inputs(shape):
    rng = np.random.default_rng(0)
    net = drawn(nn.Sequential(nn.BatchNorm(3)), rng)
    module, X = to_torch(net, shape), rng.normal(size=(4, *shape))
    same_predictions(net, module, X)
    same_predictions(from_torch(module), module, X)


def test_global_pooling_becomes_two_modules_under_one_number_and_one_layer_again():
    front = (nn.Conv2D(1, 3, 2), nn.BatchNorm(3), nn.GlobalAvgPool2D())
    net = nn.Sequential(*front, nn.BatchNorm(3), nn.Dense(3, 2))
    drawn(net, np.random.default_rng(0))
    module, X = to_torch(net), np.random.default_rng(0).normal(size=(5, 1, 4, 6))
    kinds = [type(m).__name__ for m in module]
    assert kinds == ["Conv2d", "BatchNorm2d", "Sequential", "BatchNorm1d", "Linear"]
    same_predictions(net, module, X)
    assert state_dict(net).keys() == module.state_dict().keys()
    assert repr(from_torch(module)) == repr(net)


def test_global_pooling_written_for_pytorch_is_one_layer():
    torch.manual_seed(0)
    pool = tnn.AdaptiveAvgPool2d((1, 1)), tnn.Flatten()
    module = tnn.Sequential(tnn.Conv2d(1, 3, 2), *pool, tnn.Linear(3, 2), tnn.Flatten()).double()
    net = from_torch(module)
    assert [type(a) for a in net.layers] == [nn.Conv2D, nn.GlobalAvgPool2D, nn.Dense, nn.Flatten]
    same_predictions(net, module, np.random.default_rng(0).normal(size=(5, 1, 4, 6)))


def test_behind_a_convolution_batch_norm_needs_no_shape():
    net = nn.Sequential(
        nn.Conv2D(1, 2, 3), nn.ReLU(), nn.BatchNorm(2), nn.Flatten(), nn.BatchNorm(8)
    )
    kinds = [type(m).__name__ for m in to_torch(net)]
    assert kinds == ["Conv2d", "ReLU", "BatchNorm2d", "Flatten", "BatchNorm1d"]
    assert isinstance(to_torch(nn.Sequential(nn.BatchNorm(3)), 3)[0], tnn.BatchNorm1d)


# Files ---------------------------------------------------------------------------------------


def network(rng=1, dtype=np.float64):
    """One with every kind of number: matrices, kernels, shaped scales, running statistics."""
    front = (nn.Conv2D(1, 2, 3), nn.BatchNorm(2), nn.LayerNorm(2, 2, 2), nn.Flatten())
    net = nn.Sequential(*front, nn.Dense(8, 3), rng=rng, dtype=dtype)
    return drawn(net, np.random.default_rng(rng))


def same_numbers(net, other):
    np.testing.assert_array_equal(net.params, other.params)
    np.testing.assert_array_equal(net.buffers, other.buffers)


@both_dtypes
def test_what_torch_save_writes_goes_into_the_network_and_into_the_module(tmp_path, dtype):
    path, net = tmp_path / "net.pt", network(dtype=dtype)
    torch.save(state_dict(net), path)
    other = network(rng=2, dtype=dtype)
    load_state_dict(other, torch.load(path))
    same_numbers(other, net)
    module = to_torch(network(rng=2, dtype=dtype))
    assert module.load_state_dict(torch.load(path)).missing_keys == []
    same_numbers(from_torch(module), net)


@both_dtypes
def test_safetensors_of_a_module_go_into_the_network_and_back(tmp_path, dtype):
    files = pytest.importorskip("safetensors.torch")
    path, net = tmp_path / "net.safetensors", network(dtype=dtype)
    files.save_file(to_torch(net).state_dict(), path)
    other = network(rng=2, dtype=dtype)
    load_state_dict(other, files.load_file(path))
    same_numbers(other, net)
    files.save_file(state_dict(net), path)
    module = to_torch(network(rng=2, dtype=dtype))
    files.load_model(module, path)
    same_numbers(from_torch(module), net)


def test_a_model_of_ours_in_a_file_becomes_a_module(tmp_path):
    pytest.importorskip("safetensors")
    model = nn.Model(network(), nn.SoftmaxCrossEntropy(), nn.Adam())
    model.save(tmp_path / "ours.safetensors")
    net = nn.Model.load(tmp_path / "ours.safetensors").net
    same_predictions(model.net, to_torch(net), np.random.default_rng(0).normal(size=(3, 1, 4, 4)))


def test_safetensors_of_a_module_are_read_without_pytorch(tmp_path, monkeypatch):
    files = pytest.importorskip("safetensors.numpy")
    pytest.importorskip("safetensors.torch").save_file(
        to_torch(network()).state_dict(), tmp_path / "theirs.safetensors"
    )
    net = network(rng=2)
    monkeypatch.setitem(sys.modules, "torch", None)
    load_state_dict(net, files.load_file(tmp_path / "theirs.safetensors"))
    same_numbers(net, network())


def test_half_of_the_digits_are_taken_as_they_are():
    net = nn.Sequential(nn.Dense(3, 2))
    half = {name: tensor.bfloat16() for name, tensor in state_dict(net).items()}
    load_state_dict(net, half)
    np.testing.assert_array_equal(net.layers[0].W.T, half["0.weight"].float().numpy())


def test_what_does_not_fit_leaves_the_network_as_it_was():
    net, theirs = network(), state_dict(network(rng=2))
    theirs["4.bias"] = theirs["4.bias"][:2]
    with pytest.raises(ValueError, match=r"4.bias of shape \(3,\), got \(2,\)"):
        load_state_dict(net, theirs)
    same_numbers(net, network())


def test_the_example_of_the_module_is_right():
    result = doctest.testmod(torch_bridge, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 5
    assert not result.failed


# What has no equal ---------------------------------------------------------------------------


class Doubled(nn.Layer):
    def forward(self, Z, *, train=False):
        return 2 * Z

    def __repr__(self):
        return "Doubled()"


class Residual(tnn.Sequential):
    def forward(self, X):
        return X + super().forward(X)


class Halved(tnn.Linear):
    def forward(self, X):
        return super().forward(X) / 2


def with_zero_bias(layer):
    module = tnn.Sequential(layer)
    module[0].bias = tnn.Parameter(module[0].weight.new_zeros(tuple(module[0].weight.shape[:1])))
    return module


def with_inserted(net, i, module):
    made = to_torch(net)
    made.insert(i, module)
    return len(made)


def refused(layer):
    return lambda: from_torch(tnn.Sequential(layer))


def converts(layer):
    return lambda: repr(from_torch(tnn.Sequential(layer)).layers[0])


LINEAR, POOL = tnn.Linear(3, 2), tnn.AdaptiveAvgPool2d(1)

ROWS = [
    (
        lambda: to_torch(nn.Model(nn.Sequential(nn.Dense(1, 1)), nn.Huber(), nn.SGD())),
        TypeError, "pass a network, model.net",
        lambda: to_torch(nn.Model(nn.Sequential(nn.Dense(1, 1)), nn.Huber(), nn.SGD()).net), len,
    ),
    (
        lambda: to_torch(nn.Sequential(nn.ReLU(), Doubled())),
        ValueError, "layers[1]: expected a layer of nnlib, got Doubled(), which has no equal",
        lambda: with_inserted(nn.Sequential(nn.ReLU()), 1, tnn.Threshold(0.1, 0.0)), 2,
    ),
    (
        lambda: to_torch(nn.Sequential(nn.BatchNorm(3))),
        ValueError, "layers[0]: BatchNorm(3) takes rows or images",
        lambda: to_torch(nn.Sequential(nn.BatchNorm(3)), input_shape=(3,)), len,
    ),
    (
        lambda: from_torch(LINEAR),
        TypeError, "module: expected a torch.nn.Sequential, got Linear: put",
        lambda: from_torch(tnn.Sequential(LINEAR)).params.size, 8,
    ),
    (
        lambda: from_torch(tnn.Sequential(tnn.ReLU(), Residual(LINEAR))),
        TypeError, "module[1]: expected a torch.nn.Sequential, got Residual: put",
        lambda: from_torch(tnn.Sequential(tnn.ReLU(), tnn.Sequential(LINEAR))).params.size, 8,
    ),
    (
        lambda: from_torch(tnn.Sequential(LINEAR, tnn.ReLU(), tnn.Dropout2d())),
        ValueError, "module[2]: expected one of Linear, Conv2d, MaxPool2d",
        lambda: from_torch(tnn.Sequential(LINEAR, tnn.ReLU(), tnn.Dropout2d())[:2]).params.size, 8,
    ),
    (
        refused(Halved(3, 2)),
        ValueError, "got Halved(in_features=3, out_features=2, bias=True)",
        lambda: from_torch(tnn.Sequential(LINEAR)).params.size, 8,
    ),
    (
        lambda: from_torch(tnn.Sequential(tnn.Linear(2, 2), tnn.Linear(2, 2).double())),
        TypeError, "got float32 and float64: module.float()",
        lambda: from_torch(tnn.Sequential(tnn.Linear(2, 2), tnn.Linear(2, 2).double()).float()),
        lambda net: net.dtype == np.float32,
    ),
    (
        lambda: from_torch(tnn.Sequential(tnn.Linear(2, 2)).bfloat16()),
        TypeError, "got bfloat16: module.float()",
        lambda: from_torch(tnn.Sequential(tnn.Linear(2, 2)).bfloat16().float()),
        lambda net: net.dtype == np.float32,
    ),
    (
        lambda: from_torch(tnn.Sequential(*[tnn.Linear(2, 2)] * 2)),
        ValueError, "some that two layers share",
        lambda: from_torch(tnn.Sequential(tnn.Linear(2, 2), tnn.Linear(2, 2))).params.size, 12,
    ),
    (
        refused(tnn.LayerNorm(4, bias=False)),
        ValueError, "module[0].bias = torch.nn.Parameter(module[0].weight.new_zeros((4,)))",
        lambda: from_torch(with_zero_bias(tnn.LayerNorm(4, bias=False))).params.size, 8,
    ),
    (
        refused(tnn.AdaptiveAvgPool2d(1)),
        ValueError, "module[0]: expected a Flatten() after AdaptiveAvgPool2d(output_size=1), got "
        "None: put torch.nn.Flatten() there, for the two are GlobalAvgPool2D() in nnlib",
        lambda: repr(from_torch(tnn.Sequential(POOL, tnn.Flatten())).layers),
        lambda text: text == "(GlobalAvgPool2D(),)",
    ),
    (
        lambda: from_torch(tnn.Sequential(tnn.Tanh(), POOL, tnn.Flatten(0))),
        ValueError, "module[1]: expected a Flatten() after AdaptiveAvgPool2d(output_size=1), got "
        "Flatten(start_dim=0, end_dim=-1)",
        lambda: from_torch(tnn.Sequential(tnn.Tanh(), POOL, tnn.Flatten())).layers, len,
    ),
    (
        lambda: from_torch(tnn.Sequential(tnn.AdaptiveAvgPool2d(2), tnn.Flatten())),
        ValueError, "expected output_size=1, got 2: build it with output_size=1",
        lambda: from_torch(tnn.Sequential(tnn.AdaptiveAvgPool2d(1), tnn.Flatten())).layers, len,
    ),
    (
        refused(tnn.Softmax(dim=1)),
        ValueError, "expected dim=-1, got 1: build it with dim=-1",
        converts(tnn.Softmax(dim=-1)), lambda text: text == "Softmax()",
    ),
    (
        lambda: load_state_dict(nn.Sequential(nn.Dense(3, 2)), LINEAR),
        TypeError, "got Linear: pass module.state_dict()",
        lambda: load_state_dict(nn.Sequential(nn.Dense(3, 2)), tnn.Sequential(LINEAR).state_dict()),
        lambda nothing: nothing is None,
    ),
]  # fmt: skip


@each(ROWS)
def test_what_is_refused_says_what_to_do(row):
    follow(*row)


def test_every_error_has_a_row():
    expect_rows([row[0] for row in ROWS], {"torch_bridge.py": None})


OTHERS = {
    "dilation": (tnn.Conv2d(1, 2, 3, dilation=2), tnn.Conv2d(1, 2, 3, dilation=1)),
    "groups": (tnn.Conv2d(2, 2, 3, groups=2), tnn.Conv2d(2, 2, 3, groups=1)),
    "padding_mode": (
        tnn.Conv2d(1, 2, 3, padding=1, padding_mode="reflect"),
        tnn.Conv2d(1, 2, 3, padding=1, padding_mode="zeros"),
    ),
    "padding": (tnn.MaxPool2d(2, padding=1), tnn.MaxPool2d(2, padding=0)),
    "ceil_mode": (tnn.MaxPool2d(2, ceil_mode=True), tnn.MaxPool2d(2, ceil_mode=False)),
    "dilation, pool": (tnn.MaxPool2d(2, dilation=2), tnn.MaxPool2d(2, dilation=1)),
    "padding, mean": (tnn.AvgPool2d(2, padding=1), tnn.AvgPool2d(2, padding=0)),
    "divisor_override": (tnn.AvgPool2d(2, divisor_override=3), tnn.AvgPool2d(2)),
    "affine": (tnn.BatchNorm1d(2, affine=False), tnn.BatchNorm1d(2, affine=True)),
    "track_running_stats": (tnn.BatchNorm2d(2, track_running_stats=False), tnn.BatchNorm2d(2)),
    "elementwise_affine, root": (tnn.RMSNorm(2, elementwise_affine=False), tnn.RMSNorm(2)),
    "elementwise_affine": (tnn.LayerNorm(2, elementwise_affine=False), tnn.LayerNorm(2)),
    "start_dim": (tnn.Flatten(0), tnn.Flatten(1)),
    "end_dim": (tnn.Flatten(1, 2), tnn.Flatten(1, -1)),
    "dim": (tnn.Unflatten(2, (2, 3)), tnn.Unflatten(1, (2, 3))),
    "beta": (tnn.Softplus(beta=2), tnn.Softplus(beta=1)),
    "threshold": (tnn.Softplus(threshold=5), tnn.Softplus(threshold=40)),
    "dim, softmax": (tnn.Softmax(dim=0), tnn.Softmax(dim=-1)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_an_option_that_nnlib_has_not_is_named_with_the_value_that_it_has(name):
    option = name.partition(",")[0]
    other, ours = OTHERS[name]
    with pytest.raises(ValueError, match=rf"^module\[0\]: .* got .*: build it with {option}="):
        from_torch(tnn.Sequential(other))
    from_torch(tnn.Sequential(ours))


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (tnn.Conv2d(1, 2, (3, 5)), "kernel_size: expected a whole number, got (3, 5)"),
        (tnn.Conv2d(1, 2, 3, stride=(1, 2)), "stride: expected a whole number, got (1, 2)"),
        (tnn.Conv2d(1, 2, 3, padding="same"), "padding: expected a whole number, got 'same'"),
        (tnn.BatchNorm1d(2, momentum=None), "momentum: expected a number, got None"),
        (tnn.LeakyReLU(2.0), "alpha: expected a number in [0, 1), got 2.0"),
        (tnn.Dropout(1.0), "p: expected a number in [0, 1), got 1.0"),
        (tnn.Unflatten(1, (2, -1)), "shape[1]: expected at least 1, got -1"),
    ],
    ids=repr,
)
def test_a_value_that_nnlib_has_not_is_named(layer, said):
    with pytest.raises(ValueError, match=f"has no equal in nnlib: {re.escape(said)}"):
        from_torch(tnn.Sequential(layer))


def test_softmax_over_channels_is_told_from_softmax_over_rows():
    torch.manual_seed(0)
    rows = tnn.Sequential(tnn.Linear(3, 3), tnn.Softmax(dim=1)).double()
    same_predictions(from_torch(rows), rows, np.eye(3))
    with pytest.raises(ValueError, match=r"module\[1\]: Softmax\(dim=1\) has no equal"):
        from_torch(tnn.Sequential(tnn.Conv2d(1, 2, 3), tnn.Softmax(dim=1)))
