"""What must hold for every part. The rows are in parts.py; a new part needs no new test here."""

import copy
import importlib
import inspect
import pickle
import pkgutil

import numpy as np
import pytest

import nnlib as nn
from nnlib._validation import trusted_data
from tests.helpers.parts import ACTIVATIONS, LAYERS, LOSSES, OPTIMIZERS, halving

DTYPES = [np.float32, np.float64]
COPIES = [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
COPY_NAMES = ["copy", "deepcopy", "pickle"]
NAMESPACE = {**vars(nn.initializers), **vars(nn.schedules), **vars(nn), "halving": halving}

each_layer = pytest.mark.parametrize("part", LAYERS, ids=str)
each_loss = pytest.mark.parametrize("part", LOSSES, ids=str)
each_optimizer = pytest.mark.parametrize("part", OPTIMIZERS, ids=str)
each_activation = pytest.mark.parametrize("part", ACTIVATIONS, ids=str)
each_part = pytest.mark.parametrize("part", LAYERS + LOSSES + OPTIMIZERS, ids=str)
each_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=["float32", "float64"])
each_size = pytest.mark.parametrize("n", [1, 7])
each_copy = pytest.mark.parametrize("copied", COPIES, ids=COPY_NAMES)


class Projection(nn.Loss):
    """L = Σ C ⊙ Z for a random C: takes outputs of any shape, no two entries of dZ are alike."""

    def value_and_grad(self, Z, y):
        C = np.random.default_rng(2).normal(size=Z.shape)
        return float((C * Z).sum()), C.astype(Z.dtype)


def read_only(array):
    array = np.array(array)
    array.flags.writeable = False
    return array


def layer_batch(part, n=5, dtype=np.float64):
    """Inputs and output gradients for a layer."""
    X = part.inputs(np.random.default_rng(3), max(n, part.smallest)).astype(dtype)
    Z = part.network(dtype).forward(X)
    return read_only(X), read_only(Projection().value_and_grad(Z, None)[1])


def loss_batch(part, n=5, dtype=np.float64):
    rng = np.random.default_rng(4)
    return read_only(part.inputs(rng, n).astype(dtype)), read_only(part.targets(rng, n))


def vectors(dtype=np.float64):
    """Parameters and a read-only gradient for an optimizer."""
    rng = np.random.default_rng(5)
    return rng.normal(size=6).astype(dtype), read_only(rng.normal(size=6).astype(dtype))


def path(opt, steps=3, dtype=np.float64):
    """Where an optimizer gets to on L = ‖θ‖²/2, all θ shrunk by weight decay."""
    params, _ = vectors(dtype)
    for _ in range(steps):
        opt.step(params, params.copy(), decay=slice(None))
    return params


def written_parts():
    """Every layer, loss and optimizer that stands in a file of the engine, exported or not."""
    names = [f"layers.{module.name}" for module in pkgutil.iter_modules(nn.layers.__path__)]
    for name in [*names, "losses", "optimizers"]:
        module = importlib.import_module(f"nnlib.{name}")
        for kind in vars(module).values():
            own = isinstance(kind, type) and kind.__module__ == module.__name__
            if (
                own
                and issubclass(kind, (nn.Layer, nn.Loss, nn.Optimizer))
                and kind.__name__[0] != "_"
            ):
                yield kind


def test_every_part_is_public():
    hidden = [kind.__name__ for kind in written_parts() if kind.__name__ not in nn.__all__]
    assert not hidden, (
        f"{', '.join(hidden)}: import it in nnlib/__init__.py and name it in __all__ there "
        "(a layer in nnlib/layers/__init__.py, too)"
    )
    assert set(nn.layers.__all__) <= set(nn.__all__)


def test_every_part_has_a_row_in_the_table():
    rows = {type(part.make()) for part in LAYERS + LOSSES + OPTIMIZERS}
    unproven = {*written_parts()} - {nn.Layer, nn.Chain, nn.Loss, nn.Optimizer} - rows
    assert not unproven, (
        f"{', '.join(kind.__name__ for kind in unproven)}: nothing is proven of it yet; give it a "
        "row in tests/helpers/parts.py, and gradient check, PyTorch, dtypes, copies follow"
    )


def test_every_optimizer_has_a_name():
    named = {type(make(lr=0.1)) for make in nn.optimizers.BY_NAME.values()}
    written = {kind for kind in written_parts() if issubclass(kind, nn.Optimizer)}
    unnamed = [kind.__name__ for kind in written - {nn.Optimizer} - named]
    assert not unnamed, (
        f"{', '.join(unnamed)}: name it in BY_NAME in nnlib/optimizers.py, from which the command "
        "line, the explorers and the playground choose"
    )


def test_every_activation_function_has_a_row():
    functions = inspect.getmembers(nn.activations, inspect.isfunction)
    public = [f for name, f in functions if f.__module__ == "nnlib.activations" and name[0] != "_"]
    forward = {f for f in public if not f.__name__.endswith(("_derivative", "_backward"))}
    assert forward
    assert forward <= {part.make for part in ACTIVATIONS}


@each_size
@each_layer
def test_a_layer_alone_passes_the_gradient_check(part, n):
    X, _ = layer_batch(part, n)
    report = nn.check_gradients(part.network(), Projection(), X, None)
    assert report.ok, report
    assert report.worst < 1e-7


@pytest.mark.parametrize("part", [part for part in LAYERS if part.flat], ids=str)
def test_a_layer_between_others_passes_the_gradient_check(part):
    inside = part.make()
    d_in = part.inputs(np.random.default_rng(0), 1).shape[1]
    (d_out,) = part.make().output_shape((d_in,))
    net = nn.Sequential(nn.Dense(4, d_in), inside, nn.Dense(d_out, 3), rng=6)
    net.params = np.random.default_rng(7).normal(size=net.params.size)
    X = np.random.default_rng(8).normal(size=(5, 4))
    report = nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X, [0, 1, 2, 1, 0])
    assert report.ok, report
    # A bias in front of BatchNorm has no gradient: the mean takes it out again.
    gone = [("0 Dense", "b")] if isinstance(inside, nn.BatchNorm) else []
    rows = [row for row in report.rows if (row.layer[:7], row.name) not in gone]
    assert max(row.error for row in rows) < 1e-7


@each_size
@each_loss
def test_a_loss_has_the_slope_that_its_gradient_says(part, n):
    loss, (Z, y) = part.make(), loss_batch(part, n)
    measured = nn.numerical_gradient(lambda Z: loss.value(Z, y), Z)
    assert nn.relative_error(loss.value_and_grad(Z, y)[1], measured) < 1e-7


@each_size
@each_loss
def test_a_network_under_a_loss_passes_the_gradient_check(part, n):
    Z, y = loss_batch(part, n)
    last = [nn.Softmax()] if isinstance(part.make(), nn.CrossEntropy) else []
    net = nn.Sequential(nn.Dense(3, Z.shape[1]), *last, rng=9)
    X = np.random.default_rng(10).normal(size=(n, 3))
    report = nn.check_gradients(net, part.make(), X, y)
    assert report.ok, report
    assert report.worst < 1e-7


@each_loss
def test_value_and_value_and_grad_tell_one_value(part):
    Z, y = loss_batch(part)
    value, _ = part.make().value_and_grad(Z, y)
    assert type(value) is float
    assert part.make().value(Z, y) == value


@each_loss
def test_data_that_are_trusted_are_not_looked_at_again_and_cost_the_same(part, monkeypatch):
    loss, (Z, y) = part.make(), loss_batch(part)
    y = loss.check_targets(Z.shape, y)
    value, dZ = loss.value_and_grad(Z, y)
    monkeypatch.delattr(nn.losses.Loss, "_checked")
    with trusted_data():
        again, dZ_again = loss.value_and_grad(Z, y)
    assert again == value
    np.testing.assert_array_equal(dZ_again, dZ)


@each_loss
def test_outputs_beyond_all_bounds_are_a_divergence_and_no_other_error(part):
    Z, y = loss_batch(part)
    last = [nn.Softmax()] if isinstance(part.make(), nn.CrossEntropy) else []
    net = nn.Sequential(nn.Dense(Z.shape[1], Z.shape[1]), *last, rng=9)
    net.params *= 1e200
    before = net.params.copy()
    with pytest.raises(FloatingPointError, match="training diverged in epoch 1, step 1: the loss"):
        list(nn.steps(net, part.make(), nn.SGD(), 1e200 * (1 + np.abs(Z)), y))
    np.testing.assert_array_equal(net.params, before)


@each_loss
def test_a_total_divides_in_place_of_the_sum_of_the_weights(part):
    loss, (Z, y), s = part.make(), loss_batch(part), np.array([1.0, 2, 0, 1, 3])
    value, dZ = loss.value_and_grad(Z, y, s)
    own = loss.total_weight(y, s)
    other, dZ_other = loss.value_and_grad(Z, y, s, 2 * own)
    assert other == loss.value(Z, y, s, 2 * own) == pytest.approx(value / 2, rel=1e-14)
    np.testing.assert_allclose(dZ_other, dZ / 2, rtol=1e-14)


@each_loss
def test_the_gradient_of_a_batch_twice_over_is_half_as_large_in_every_row(part):
    Z, y = loss_batch(part, 3)
    value, dZ = part.make().value_and_grad(Z, y)
    twice, dZ_twice = part.make().value_and_grad(np.concatenate([Z, Z]), np.concatenate([y, y]))
    assert twice == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(dZ_twice, np.concatenate([dZ, dZ]) / 2, rtol=1e-14)


@each_activation
def test_an_activation_function_has_the_slope_that_its_derivative_says(part):
    rng = np.random.default_rng(11)
    Z = rng.normal(size=(4, 3))
    Z += 0.1 * np.sign(Z)
    A = part.make(Z)
    dA = rng.normal(size=A.shape)
    measured = nn.numerical_gradient(lambda Z: (dA * part.make(Z)).sum(), Z)
    assert nn.relative_error(part.backward(dA, Z, A), measured) < 1e-7


@each_dtype
@each_layer
def test_a_layer_keeps_the_dtype(part, dtype):
    net, (X, dZ) = part.network(dtype), layer_batch(part, dtype=dtype)
    assert net.layers[0].forward(X).dtype == dtype
    assert net.layers[0].forward(X, train=True).dtype == dtype
    assert net.layers[0].backward(dZ).dtype == dtype
    assert {net.params.dtype, net.grads.dtype, net.buffers.dtype} == {np.dtype(dtype)}


@each_dtype
@each_loss
def test_a_loss_keeps_the_dtype_of_the_outputs(part, dtype):
    Z, y = loss_batch(part, dtype=dtype)
    assert part.make().value_and_grad(Z, y)[1].dtype == dtype


@each_dtype
@each_activation
def test_an_activation_function_keeps_the_dtype(part, dtype):
    Z = np.array([[1.0, -2.0, 0.0]], dtype)
    A = part.make(Z)
    assert A.dtype == dtype
    assert part.backward(np.ones_like(A), Z, A).dtype == dtype


@each_dtype
@pytest.mark.parametrize(
    "lr",
    [0.1, np.float64(0.1), np.array(0.1), lambda step: np.float64(0.1 / (step + 1))],
    ids=["float", "float64", "0-d array", "schedule"],
)
@each_optimizer
def test_an_optimizer_keeps_the_dtype_whatever_the_learning_rate_is(part, lr, dtype):
    opt = part.make(lr=lr)
    assert path(opt, dtype=dtype).dtype == dtype
    assert {vector.dtype for vector in opt.state.values()} == {np.dtype(dtype)}


@each_optimizer
def test_an_optimizer_takes_the_same_path_in_float32_up_to_rounding(part):
    exact, single = path(part.make(), 20), path(part.make(), 20, np.float32)
    np.testing.assert_allclose(single, exact, rtol=1e-4, atol=1e-5)


@each_layer
def test_a_layer_modifies_neither_input_nor_gradient_nor_parameters(part):
    net, (X, dZ) = part.network(), layer_batch(part)
    before = X.copy(), dZ.copy(), net.params.copy()
    net.layers[0].forward(X, train=True)
    net.layers[0].backward(dZ)
    for array, copied in zip((X, dZ, net.params), before, strict=True):
        np.testing.assert_array_equal(array, copied)


@each_loss
def test_a_loss_modifies_neither_outputs_nor_targets(part):
    Z, y = loss_batch(part)
    before = Z.copy(), y.copy()
    dZ = part.make().value_and_grad(Z, y)[1]
    part.make().value(Z, y)
    dZ[:] = 7
    np.testing.assert_array_equal(Z, before[0])
    np.testing.assert_array_equal(y, before[1])


@each_activation
def test_an_activation_function_does_not_modify_its_argument(part):
    Z = read_only([[1.0, -2.0, 0.0]])
    A = read_only(part.make(Z))
    dA = read_only(np.ones_like(A))
    part.backward(dA, Z, A)
    np.testing.assert_array_equal(Z, [[1.0, -2.0, 0.0]])
    np.testing.assert_array_equal(A, part.make(Z))
    np.testing.assert_array_equal(dA, np.ones_like(A))


@each_optimizer
def test_an_optimizer_moves_the_parameters_and_only_reads_the_gradient(part):
    params, grads = vectors()
    before, gradient = params.copy(), grads.copy()
    part.make().step(params, grads, decay=slice(0, 3))
    np.testing.assert_array_equal(grads, gradient)
    assert (params != before).all()


@each_optimizer
def test_an_optimizer_keeps_no_reference_to_parameters_or_gradients(part):
    opt, (params, grads) = part.make(), vectors()
    opt.step(params, grads, decay=slice(None))
    kept = [*opt.state.values(), *(v for v in vars(opt).values() if isinstance(v, np.ndarray))]
    assert not any(np.shares_memory(a, b) for a in kept for b in (params, grads))


@each_copy
@each_layer
def test_a_copied_layer_does_the_same_in_a_copied_network(part, copied):
    net, (X, dZ) = part.network(), layer_batch(part)
    twin = copied(net)
    np.testing.assert_array_equal(twin.forward(X, train=True), net.forward(X, train=True))
    np.testing.assert_array_equal(
        twin.backward(dZ, input_grad=True), net.backward(dZ, input_grad=True)
    )
    np.testing.assert_array_equal(twin.grads, net.grads)


@each_copy
@each_layer
def test_a_copied_layer_is_free_and_behaves_the_same_in_a_network_of_its_own(part, copied):
    net, (X, _) = part.network(), layer_batch(part)
    net.forward(X, train=True)
    layer = copied(net.layers[0])
    assert repr(layer) == repr(net.layers[0])
    twin = nn.Sequential(layer, rng=3)
    twin.restore(net.snapshot())
    np.testing.assert_array_equal(twin.forward(X), net.forward(X))
    assert not np.shares_memory(twin.params, net.params)


@each_copy
@each_loss
def test_a_copied_loss_measures_the_same(part, copied):
    Z, y = loss_batch(part)
    loss = part.make()
    assert copied(loss).value(Z, y) == loss.value(Z, y)
    assert repr(copied(loss)) == repr(loss)


@pytest.mark.parametrize("copied", COPIES[1:], ids=COPY_NAMES[1:])
@each_optimizer
def test_a_copied_optimizer_goes_on_the_same_way_and_leaves_the_original_alone(part, copied):
    opt = part.make()
    path(opt)
    twin, untouched = copied(opt), copied(opt)
    ahead = path(twin)
    np.testing.assert_array_equal(ahead, path(untouched))
    np.testing.assert_array_equal(ahead, path(opt))
    assert (twin.t, repr(twin)) == (opt.t, repr(opt))


@each_part
def test_a_repr_has_no_address_and_builds_the_part_again(part):
    text = repr(part.make())
    assert " at 0x" not in text
    assert repr(eval(text, NAMESPACE)) == text


@each_optimizer
def test_an_optimizer_built_from_a_repr_takes_the_same_steps(part):
    opt = part.make()
    twin = eval(repr(opt), NAMESPACE)
    np.testing.assert_array_equal(path(twin), path(opt))


@each_layer
def test_a_layer_built_from_a_repr_behaves_the_same(part):
    net, (X, _) = nn.Sequential(part.make(), rng=5), layer_batch(part)
    twin = nn.Sequential(eval(repr(net.layers[0]), NAMESPACE), rng=5)
    np.testing.assert_array_equal(twin.forward(X), net.forward(X))


@each_layer
def test_backward_needs_a_forward_pass(part):
    net, (_, dZ) = part.network(), layer_batch(part)
    with pytest.raises(RuntimeError, match=r"came before forward: call forward\(X, train=True\)"):
        net.layers[0].backward(dZ)
    assert not net.grads.any()


@each_layer
def test_a_forward_pass_outside_of_training_changes_nothing_that_training_reads(part):
    net, twin, (X, dZ) = part.network(), part.network(), layer_batch(part)
    for one in (net, twin):
        one.forward(X, train=True)
    net.forward(2 * X[:1])  # somebody predicts before the backward pass
    assert np.array_equal(net.buffers, twin.buffers)
    dX, true = (one.backward(dZ, input_grad=True) for one in (net, twin))
    assert np.array_equal(dX, true)
    assert np.array_equal(net.grads, twin.grads)


@each_layer
def test_a_layer_that_has_only_predicted_has_no_backward_pass(part):
    net, (X, dZ) = part.network(), layer_batch(part)
    net.layers[0].forward(X)
    with pytest.raises(RuntimeError, match="came before forward"):
        net.layers[0].backward(dZ)


@pytest.mark.parametrize("part", [part for part in LAYERS if not part.mixes], ids=str)
def test_a_layer_treats_every_example_alone(part):
    net, (X, dZ) = part.network(), layer_batch(part)
    together = net.forward(X, train=True)
    dX = net.backward(dZ, input_grad=True)
    for i in range(len(X)):
        np.testing.assert_allclose(net.forward(X[[i]], train=True), together[[i]], rtol=1e-14)
        alone = net.backward(dZ[[i]], input_grad=True)
        rounding = 1e-15 * np.abs(dX[i]).max()  # of which a difference may be left
        np.testing.assert_allclose(alone, dX[[i]], rtol=1e-14, atol=rounding)


@each_loss
def test_a_perfect_or_terrible_output_has_a_finite_loss(part):
    Z, y = loss_batch(part, 4)
    Z = Z * part.far if not isinstance(part.make(), nn.CrossEntropy) else np.eye(5)[[0, 1, 2, 3]]
    value, dZ = part.make().value_and_grad(Z, y)
    assert np.isfinite(value)
    assert np.isfinite(dZ).all()


@each_loss
def test_a_loss_built_from_a_repr_measures_the_same(part):
    Z, y = loss_batch(part)
    loss = part.make()
    assert eval(repr(loss), NAMESPACE).value(Z, y) == loss.value(Z, y)
