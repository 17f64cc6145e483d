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


def test_a_snapshot_goes_back_to_its_layers_whatever_is_frozen_now():
    net = nn.Sequential(nn.Dense(4, 4), nn.BatchNorm(4), nn.Dense(4, 4))
    net.layers[2].frozen = True
    snapshot, before = net.snapshot(), numbers(net, range(3))
    net.layers[0].frozen, net.layers[2].frozen = True, False
    net.params += 1
    net.restore(snapshot)
    assert numbers(net, range(3)) == before


def test_what_an_optimizer_remembers_is_not_taken_for_other_layers_of_the_same_size():
    net = nn.Sequential(nn.Dense(4, 4), nn.Tanh(), nn.Dense(4, 4), nn.Dense(4, 3))
    net.layers[2].frozen = True
    opt = nn.SGD(0.1, momentum=0.9)
    list(nn.steps(net, LOSS, opt, X, y, epochs=1))
    net.layers[0].frozen, net.layers[2].frozen = True, False
    before = numbers(net, range(4))
    with pytest.raises(ValueError, match="on this one when other layers were frozen"):
        nn.steps(net, LOSS, opt, X, y)
    assert numbers(net, range(4)) == before


def test_freezing_amid_a_run_is_told_at_the_next_step():
    net, opt = nn.Sequential(nn.Dense(4, 4), nn.Tanh(), nn.Dense(4, 4), nn.Dense(4, 3)), nn.Adam()
    net.layers[0].frozen = True
    run = nn.steps(net, LOSS, opt, X, y)
    next(run)
    net.layers[0].frozen, net.layers[2].frozen = False, True
    with pytest.raises(ValueError, match="on this one when other layers were frozen"):
        next(run)
    run = nn.steps(net, LOSS, nn.SGD(0.1), X, y)
    next(run)
    net.layers[2].frozen = False
    next(run)  # nothing is remembered


def test_a_fit_that_is_refused_leaves_everything_as_it_was(tmp_path):
    model = nn.Model(network(), LOSS, nn.Adam())
    model.fit(X, y, epochs=1)
    model.net.layers[0].frozen = True
    history, before = model.history, numbers(model.net, range(8))
    state = model._rng.bit_generator.state
    with pytest.raises(ValueError, match="make a new optimizer"):
        model.fit(X, y, checkpoint=tmp_path / "run.safetensors")
    assert model.history is history
    assert numbers(model.net, range(8)) == before
    assert model._rng.bit_generator.state == state
    assert not list(tmp_path.iterdir())
    model.optimizer = nn.Adam()
    model.fit(X, y, epochs=1, checkpoint=tmp_path / "run.safetensors")


def test_the_best_epoch_comes_back_although_layers_have_been_frozen_since():
    model = nn.Model(nn.Sequential(nn.Dense(4, 4), nn.Dense(4, 3)), LOSS, nn.SGD(0.0))
    before = numbers(model.net, range(2))

    def freeze(epoch):
        if epoch.epoch == 2:
            model.net.layers[0].frozen = True
            model.net.layers[1].W = np.ones((4, 3))
            raise RuntimeError("mine")

    stopping = nn.EarlyStopping()
    with pytest.raises(RuntimeError, match="mine"):
        model.fit(X, y, validation=0.25, early_stopping=stopping, progress=freeze)
    assert numbers(model.net, range(2)) == before


def test_a_network_that_is_all_frozen_is_warned_of():
    net = network()
    net.frozen = True
    with pytest.warns(UserWarning, match="all layers are frozen, so nothing is trained"):
        nn.steps(net, LOSS, nn.Adam(), X, y)


def test_numbers_are_never_gone_while_layers_are_frozen():
    net = network()
    seen, bound = [], nn.Dense.bind

    def watched(layer, views):
        bound(layer, views)
        seen.append(bool(views["W"].all()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nn.Dense, "bind", watched)
        net.layers[0].frozen = True
    assert seen == [True] * 3


def test_nothing_moves_where_nothing_is_frozen_anew():
    net = network()
    params = net.params
    net.frozen = net.layers[0].frozen = False
    assert net.params is params


def test_many_frozen_layers_are_loaded_at_once(tmp_path):
    layers = [nn.Dense(3, 3) for _ in range(30)]
    model = nn.Model(nn.Sequential(*layers, nn.Dense(3, 3)), LOSS, nn.Adam())
    model.net.frozen, layers[3].frozen = True, False
    model.save(tmp_path / "m.safetensors")
    made = []
    with pytest.MonkeyPatch.context() as patch:
        allocate = nn.Sequential._allocate
        patch.setattr(nn.Sequential, "_allocate", lambda net: [made.append(1), allocate(net)])
        loaded = nn.Model.load(tmp_path / "m.safetensors")
    assert len(made) == 2
    assert loaded.net.params.size == 12
