"""Frozen layers: as they are, whatever the optimizer remembers, and gradients pass through."""

import copy

import numpy as np
import pytest

import nnlib as nn
from tests.helpers.parts import LAYERS, OPTIMIZERS

rng = np.random.default_rng(0)
X, y = rng.normal(size=(24, 4)), np.arange(24) % 3
LOSS = nn.SoftmaxCrossEntropy()


def network():
    """All that training changes, in a layer that is about to be frozen and in one that is not."""
    return nn.Sequential(
        *(nn.Dense(4, 6), nn.BatchNorm(6), nn.ReLU(), nn.Dropout(0.3)),
        *(nn.Dense(6, 5), nn.BatchNorm(5), nn.Tanh(), nn.Dense(5, 3)),
    )


def numbers(net, layers):
    return {k: a.tobytes() for k, a in net.named_arrays().items() if int(k[0]) in layers}


@pytest.mark.parametrize("part", OPTIMIZERS, ids=str)
def test_frozen_layers_are_the_same_in_every_bit_after_100_steps(part):
    net = network()
    list(nn.steps(net, LOSS, nn.Adam(), X, y, epochs=1))
    for i in (0, 1, 4):
        net.layers[i].frozen = True
    before, others = numbers(net, (0, 1, 4)), numbers(net, (5, 7))
    opt = part.make()
    opt.decay_biases = True
    list(nn.steps(net, LOSS, opt, X, y, epochs=50, batch_size=12))
    assert opt.t == 100
    assert numbers(net, (0, 1, 4)) == before
    after = numbers(net, (5, 7))
    assert all(after[name] != others[name] for name in others)


@pytest.mark.parametrize("part", LAYERS, ids=str)
def test_a_frozen_layer_is_in_test_mode_and_its_gradient_is_right_there(part):
    net = part.network()
    X = part.inputs(np.random.default_rng(3), max(5, part.smallest))
    if net.buffers.size:
        net.forward(X, train=True)  # running means of their own
    before = net.forward(X)
    net.frozen = True
    buffers = net.buffers.copy()
    Z = net.forward(X, train=True)
    np.testing.assert_array_equal(Z, before)
    np.testing.assert_array_equal(net.buffers, buffers)
    C = np.random.default_rng(4).normal(size=Z.shape)
    dX = net.backward(C, input_grad=True)
    measured = nn.numerical_gradient(lambda X: float((C * net.forward(X)).sum()), X)
    assert nn.relative_error(dX, measured) < 1e-7


def test_frozen_parameters_move_from_params_to_buffers_and_back():
    net = network()
    sizes, Z = (net.params.size, net.buffers.size), net(X)
    net.layers[0].frozen = True
    assert (net.params.size, net.buffers.size) == (sizes[0] - 30, sizes[1] + 30)
    assert np.shares_memory(net.layers[0].W, net.buffers)
    assert net.params[net.matrices].size == 30 + 15
    np.testing.assert_array_equal(net(X), Z)
    net.layers[0].frozen = False
    assert (net.params.size, net.buffers.size) == sizes
    np.testing.assert_array_equal(net(X), Z)


def test_freezing_a_network_freezes_all_and_one_layer_may_be_thawed():
    net = network()
    net.frozen = True
    assert net.frozen
    assert net.params.size == 0
    net.layers[7].frozen = False
    assert not net.frozen
    assert net.params.size == 18
    assert net.trainable


def test_a_body_inside_is_frozen_as_one():
    body = nn.Sequential(nn.Dense(4, 6), nn.BatchNorm(6), rng=1)
    net = nn.Sequential(body, nn.Residual(nn.Dense(6, 6)), nn.Dense(6, 3))
    body.frozen = True
    assert net.params.size == 42 + 21
    net.layers[1].frozen = True
    assert net.params.size == 21
    before = numbers(net, (0, 1))
    list(nn.steps(net, LOSS, nn.SGD(0.1, momentum=0.9, weight_decay=0.1), X, y, epochs=2))
    assert numbers(net, (0, 1)) == before


def test_a_layer_may_be_frozen_before_it_has_a_network():
    layer = nn.Dense(4, 3)
    layer.frozen = True
    net = nn.Sequential(layer, nn.Dense(3, 3))
    assert net.params.size == 12
    assert layer.W.std() > 0


def test_nothing_is_computed_below_the_lowest_layer_that_is_trained():
    net = network()
    for layer in net.layers[:6]:
        layer.frozen = True
    net(X, train=True)
    for layer in net.layers[:7]:
        layer.backward = None
    net.backward(np.ones((24, 3)))
    assert net.grads.all()


def test_a_gradient_check_leaves_frozen_layers_out_and_goes_through_them():
    net = network()
    for i in (1, 4, 5):
        net.layers[i].frozen = True
    report = nn.check_gradients(net, LOSS, X, y)
    assert report.ok, report
    assert [row.layer[0] for row in report.rows] == ["i", "0", "0", "7", "7"]


def test_copies_and_dtypes_keep_what_is_frozen():
    net = network()
    net.layers[0].frozen = net.layers[1].frozen = True
    for twin in (copy.deepcopy(net), net.astype(np.float32)):
        assert [layer.frozen for layer in twin.layers] == [True] * 2 + [False] * 6
        assert np.shares_memory(twin.layers[0].W, twin.buffers)
        np.testing.assert_allclose(twin(X), net(X), rtol=1e-4, atol=1e-5)


def test_snapshots_hold_what_is_frozen_too():
    net = network()
    net.layers[0].frozen = True
    snapshot, W = net.snapshot(), net.layers[0].W.copy()
    net.layers[0].W = np.zeros((4, 6))
    net.restore(snapshot)
    np.testing.assert_array_equal(net.layers[0].W, W)


def test_an_optimizer_with_a_memory_is_told_that_it_no_longer_fits():
    net, opt = network(), nn.Adam()
    list(nn.steps(net, LOSS, opt, X, y, epochs=1))
    net.layers[0].frozen = True
    with pytest.raises(ValueError, match="make a new optimizer"):
        list(nn.steps(net, LOSS, opt, X, y, epochs=1))
    list(nn.steps(net, LOSS, nn.Adam(), X, y, epochs=1))


@pytest.mark.parametrize("wrong", [1, "False", None])
def test_frozen_is_true_or_false(wrong):
    net = network()
    for layer in (net, net.layers[0]):
        with pytest.raises(TypeError, match="frozen: expected True or False"):
            layer.frozen = wrong
    assert not net.layers[0].frozen


def test_a_divergence_leaves_frozen_numbers_alone():
    net = network()
    net.layers[0].frozen = True
    before = numbers(net, range(8))
    with pytest.raises(FloatingPointError):
        list(nn.steps(net, LOSS, nn.SGD(), 1e300 * X, y))
    assert numbers(net, range(8)) == before


def test_the_summary_counts_what_is_frozen():
    net = network()
    net.layers[0].frozen = net.layers[2].frozen = net.layers[3].frozen = True
    lines = repr(nn.Model(net, LOSS, nn.Adam()).summary()).splitlines()
    assert lines[1].startswith("Dense(4, 6), frozen")
    assert lines[3].startswith("ReLU() ")
    assert lines[4].startswith("Dropout(0.3), frozen")
    assert lines[-1] == "105 parameters, 30 of them frozen, 0.00 MB (float64)"
