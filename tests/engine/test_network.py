"""Sequential: one owner of all numbers, whatever is copied, assigned or misused."""

import copy
import pickle

import numpy as np
import pytest

import nnlib as nn
from nnlib.layers.layer import View

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5], [-1.0, 1.0, 1.0]])
y = np.array([0, 1, 1])

COPIES = [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
each_copy = pytest.mark.parametrize("copied", COPIES, ids=["copy", "deepcopy", "pickle"])


class Noisy(nn.Layer):
    """Test-only: A = c·Z ⊙ N, with random numbers N at every pass and the number c of passes."""

    passes = View()
    random = True

    def buffer_shapes(self):
        return {"passes": ()}

    def initialize(self, rng):
        self.rng = rng

    def forward(self, Z, *, train=False):
        if not train:
            return Z * self.passes
        self.passes += 1
        self.cache = self.passes * self.rng.normal(size=Z.shape).astype(Z.dtype)
        return Z * self.cache

    def backward(self, dA, *, input_grad=True):
        return dA * self.cached()


def network(dtype=np.float64, rng=0):
    return nn.Sequential(nn.Dense(3, 4), nn.ReLU(), nn.Dense(4, 2), rng=rng, dtype=dtype)


def noisy():
    return nn.Sequential(nn.Dense(3, 4), Noisy(), nn.Dense(4, 2), Noisy())


def train(net, X=X, y=y):
    """Fill the gradients; return that of the input."""
    _, dZ = nn.SoftmaxCrossEntropy().value_and_grad(net.forward(X, train=True), y)
    return net.backward(dZ, input_grad=True)


def bound(net):
    """Whether every array of every layer is a view into the network's vectors."""
    pairs = []
    for layer in net.layers:
        for name in layer.shapes():
            pairs.append((getattr(layer, name), net.params))
            pairs.append((getattr(layer, "d" + name), net.grads))
        pairs += [(getattr(layer, name), net.buffers) for name in layer.buffer_shapes()]
    assert pairs
    return all(np.shares_memory(array, vector) for array, vector in pairs)


def state(net):
    return [net.params.copy(), net.grads.copy(), net.buffers.copy()]


def same(before, after):
    return all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_the_forward_pass_by_hand():
    net = nn.Sequential(nn.Dense(2, 2), nn.ReLU(), nn.Dense(2, 1))
    first, _, last = net.layers
    first.W, first.b = [[1, -1], [2, 1]], [1, 0]
    last.W, last.b = [[2], [3]], [-1]
    # [3, 1]: Z = [3·1 + 1·2 + 1, 3·−1 + 1·1 + 0] = [6, −2], A = [6, 0], 2·6 + 3·0 − 1 = 11
    np.testing.assert_array_equal(net.forward(np.array([[3, 1]])), [[11]])


def test_the_backward_pass_by_hand():
    net = nn.Sequential(nn.Dense(2, 2), nn.ReLU(), nn.Dense(2, 1))
    first, _, last = net.layers
    first.W, first.b = [[1, -1], [2, 1]], [1, 0]
    last.W, last.b = [[2], [3]], [-1]
    net.forward(np.array([[3, 1]]), train=True)
    dX = net.backward(np.array([[5]]), input_grad=True)
    np.testing.assert_array_equal(last.dW, [[6 * 5], [0 * 5]])
    np.testing.assert_array_equal(last.db, [5])
    # dA = 5·[2, 3], and the second unit is off: dZ = [10, 0]
    np.testing.assert_array_equal(first.dW, [[3 * 10, 0], [1 * 10, 0]])
    np.testing.assert_array_equal(first.db, [10, 0])
    np.testing.assert_array_equal(dX, [[10 * 1, 10 * 2]])


def test_parameters_lie_matrices_first_in_the_order_of_the_layers():
    net = network()
    first, _, last = net.layers
    first.W, last.W, first.b, last.b = np.full((3, 4), 1), np.full((4, 2), 2), [3] * 4, [4] * 2
    np.testing.assert_array_equal(net.params, [1] * 12 + [2] * 8 + [3] * 4 + [4] * 2)
    assert net.matrices == slice(0, 20)


def test_gradients_lie_in_the_order_of_the_parameters():
    net = network()
    train(net)
    first, _, last = net.layers
    parts = [first.dW.ravel(), last.dW.ravel(), first.db, last.db]
    np.testing.assert_array_equal(net.grads, np.concatenate(parts))


def test_a_matrix_lies_row_by_row():
    net = nn.Sequential(nn.Dense(2, 3))
    net.params = np.arange(9.0)
    np.testing.assert_array_equal(net.layers[0].W, [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(net.layers[0].b, [6, 7, 8])


def test_a_network_without_parameters_has_empty_vectors():
    net = nn.Sequential(nn.ReLU(), nn.Tanh())
    assert net.params.shape == net.grads.shape == net.buffers.shape == (0,)
    assert net.matrices == slice(0, 0)


def test_views_are_bound_in_a_new_network():
    assert bound(network())
    assert bound(noisy())


@each_copy
@pytest.mark.parametrize("make", [network, noisy])
def test_a_copy_has_views_of_its_own(make, copied):
    net = make()
    train(net)
    twin = copied(net)
    assert bound(net)
    assert bound(twin)
    for name in ("params", "grads", "buffers"):
        assert not np.shares_memory(getattr(net, name), getattr(twin, name))


@each_copy
@pytest.mark.parametrize("make", [network, noisy])
def test_a_copy_computes_the_same_and_changes_without_the_original(make, copied):
    net = make()
    train(net)
    twin, before = copied(net), state(net)
    np.testing.assert_array_equal(twin.forward(X), net.forward(X))
    train(twin)
    twin.params += 1
    twin.layers[0].W = np.zeros((3, 4))
    assert same(before, state(net))
    assert (net.params != twin.params).all()


@each_copy
def test_a_copy_keeps_parameters_and_buffers_and_starts_without_gradients(copied):
    net = noisy()
    train(net)
    twin = copied(net)
    np.testing.assert_array_equal(twin.params, net.params)
    np.testing.assert_array_equal(twin.buffers, [1, 1])
    assert not twin.grads.any()
    assert repr(twin) == repr(net)
    with pytest.raises(RuntimeError, match="backward came before forward"):
        twin.backward(np.ones((3, 2)))


@each_copy
def test_a_copy_draws_the_random_numbers_that_the_original_will_draw(copied):
    net = noisy()
    train(net)
    twin = copied(net)
    np.testing.assert_array_equal(train(twin), train(net))
    np.testing.assert_array_equal(train(twin), train(net))


@each_copy
def test_the_layers_of_a_copy_belong_to_it(copied):
    twin = copied(network())
    with pytest.raises(ValueError, match=r"layers\[0\]: Dense\(3, 4\) already belongs"):
        nn.Sequential(twin.layers[0])


def test_a_pickle_leaves_gradients_and_caches_out():
    net = nn.Sequential(nn.Dense(100, 100), nn.ReLU())
    small = len(pickle.dumps(net))
    train(net, np.ones((500, 100)), np.zeros(500, int))
    assert len(pickle.dumps(net)) == small
    assert small < 1.1 * net.params.nbytes


def test_assigning_copies_and_never_detaches():
    net = network()
    layer, vector = net.layers[0], net.params
    mine = np.arange(12.0).reshape(3, 4)
    layer.W = mine
    layer.dW = mine
    layer.b = [1, 2, 3, 4]
    net.layers[2].db = (5, 6)
    assert bound(net)
    assert net.params is vector
    mine[:] = 0
    np.testing.assert_array_equal(net.params[:12], np.arange(12))
    np.testing.assert_array_equal(net.grads[:12], np.arange(12))
    np.testing.assert_array_equal(net.params[20:24], [1, 2, 3, 4])
    np.testing.assert_array_equal(net.grads[24:], [5, 6])


def test_assigning_to_the_flat_vectors_reaches_the_layers():
    net = network()
    theta = np.arange(26.0)
    net.params = theta
    net.grads = theta
    theta[:] = 0
    assert bound(net)
    np.testing.assert_array_equal(net.layers[0].W, np.arange(12).reshape(3, 4))
    np.testing.assert_array_equal(net.layers[0].db, [20, 21, 22, 23])
    net.params -= 1
    np.testing.assert_array_equal(net.layers[2].b, [23, 24])
    assert bound(net)


def test_assigning_does_not_change_the_dtype():
    net = network(np.float32)
    net.params = np.ones(26)
    net.layers[0].W = np.ones((3, 4))
    assert net.params.dtype == net.layers[0].W.dtype == np.float32


@pytest.mark.parametrize(
    ("wrong", "came"), [(np.ones(25), r"\(25,\)"), (np.ones((26, 1)), r"\(26, 1\)"), (0.0, r"\(\)")]
)
def test_a_vector_of_the_wrong_size_is_refused_and_changes_nothing(wrong, came):
    net = network()
    before = state(net)
    with pytest.raises(ValueError, match=rf"params: expected .* shape \(26,\), got {came}"):
        net.params = wrong
    with pytest.raises(ValueError, match=rf"grads: expected .* shape \(26,\), got {came}"):
        net.grads = wrong
    assert same(before, state(net))


def test_restore_brings_parameters_and_buffers_back():
    net = noisy()
    train(net)
    saved, before = net.snapshot(), state(net)
    train(net)
    net.params += 1
    net.restore(saved)
    np.testing.assert_array_equal(net.params, before[0])
    np.testing.assert_array_equal(net.buffers, [1, 1])
    assert bound(net)


def test_a_snapshot_is_a_copy_and_can_be_used_twice():
    net = network()
    saved, before = net.snapshot(), net.params.copy()
    for _ in range(2):
        net.params += 1
        np.testing.assert_array_equal(saved.params, before)
        net.restore(saved)
        np.testing.assert_array_equal(net.params, before)


def test_a_snapshot_of_another_network_is_refused_and_changes_nothing():
    net, before = noisy(), state(noisy())
    other = nn.Sequential(nn.Dense(2, 2)).snapshot()
    with pytest.raises(ValueError, match=r"snapshot: expected 26 params, got 6: pass what"):
        net.restore(other)
    with pytest.raises(ValueError, match=r"snapshot: expected 2 buffers, got 0: pass what"):
        net.restore(network(rng=3).snapshot())
    assert same(before, state(net))


def test_a_snapshot_of_a_float32_network_fits_its_float64_twin():
    single, exact = network(np.float32), network()
    single.params += np.float32(1.5)
    exact.restore(single.snapshot())
    assert exact.params.dtype == np.float64
    np.testing.assert_array_equal(exact.params, single.params.astype(np.float64))


@pytest.mark.parametrize("make", [network, noisy])
def test_astype_makes_a_network_of_its_own(make):
    net = make()
    train(net)
    before = state(net)
    single = net.astype(np.float32)
    assert single.dtype == single.params.dtype == single.grads.dtype == np.float32
    assert single.forward(X).dtype == np.float32
    np.testing.assert_array_equal(single.params, net.params.astype(np.float32))
    np.testing.assert_array_equal(single.buffers, net.buffers)
    train(single)
    single.params += 1
    assert bound(single)
    assert bound(net)
    assert same(before, state(net))


def test_astype_to_the_same_dtype_copies_too():
    net = network()
    twin = net.astype("float64")
    assert not np.shares_memory(twin.params, net.params)


def test_the_same_seed_gives_the_same_network():
    np.testing.assert_array_equal(network(rng=3).params, network(rng=3).params)
    np.testing.assert_array_equal(network(rng=np.int64(3)).params, network(rng=3).params)
    assert (network(rng=3).params[:20] != network(rng=4).params[:20]).all()


def test_a_generator_gives_the_network_of_its_seed():
    rng = np.random.default_rng(3)
    np.testing.assert_array_equal(network(rng=rng).params, network(rng=3).params)


def test_a_generator_gives_another_network_the_second_time():
    rng = np.random.default_rng(3)
    assert (network(rng=rng).params[:20] != network(rng=rng).params[:20]).all()


def test_a_layer_that_draws_nothing_does_not_shift_the_others():
    plain = nn.Sequential(nn.Dense(3, 4), nn.Dense(4, 2))
    deep = nn.Sequential(nn.Tanh(), nn.Dense(3, 4), nn.ReLU(), nn.Sigmoid(), nn.Dense(4, 2))
    np.testing.assert_array_equal(plain.params, deep.params)


def test_a_wider_layer_does_not_shift_the_others():
    narrow = nn.Sequential(nn.Dense(3, 4), nn.Dense(4, 2), nn.Dense(2, 2))
    wide = nn.Sequential(nn.Dense(3, 9), nn.Dense(9, 2), nn.Dense(2, 2))
    np.testing.assert_array_equal(narrow.layers[2].W, wide.layers[2].W)


def test_every_layer_draws_numbers_of_its_own():
    net = nn.Sequential(nn.Dense(3, 3), nn.Dense(3, 3))
    assert (net.layers[0].W != net.layers[1].W).all()


def test_float32_is_the_rounded_network():
    exact = network().params.astype(np.float32)
    np.testing.assert_array_equal(network(np.float32).params, exact)


def test_a_layer_is_used_once():
    layer = nn.Dense(3, 3)
    message = r"layers\[1\]: Dense\(3, 3\) already belongs to a network; .* new Dense\(3, 3\)"
    with pytest.raises(ValueError, match=message):
        nn.Sequential(layer, layer)
    relu = nn.ReLU()
    with pytest.raises(ValueError, match=r"layers\[2\]: ReLU\(\) already belongs"):
        nn.Sequential(relu, nn.Tanh(), relu)


def test_a_layer_belongs_to_one_network():
    net = network()
    before = state(net)
    with pytest.raises(ValueError, match=r"layers\[0\]: Dense\(3, 4\) already belongs"):
        nn.Sequential(net.layers[0])
    assert same(before, state(net))
    assert bound(net)


def test_layers_that_do_not_fit_are_named_with_their_place():
    message = r"layers\[2\]: Dense\(5, 2\) after ReLU\(\): expected 5 inputs, got .* shape \(4,\)"
    with pytest.raises(ValueError, match=message):
        nn.Sequential(nn.Dense(3, 4), nn.ReLU(), nn.Dense(5, 2))


def test_layers_are_still_free_after_an_error():
    first, misfit = nn.Dense(3, 4), nn.Dense(5, 2)
    with pytest.raises(ValueError, match=r"layers\[1\]"):
        nn.Sequential(first, misfit)
    with pytest.raises(TypeError, match="rng"):
        nn.Sequential(first, rng="seed")
    with pytest.raises(TypeError, match="dtype"):
        nn.Sequential(first, dtype=int)
    assert nn.Sequential(first, nn.Dense(4, 2)).params.shape == (26,)


def test_layers_are_still_free_after_an_initializer_failed():
    first = nn.Dense(3, 4)
    broken = nn.Dense(4, 2, init=lambda rng, shape, dtype: np.zeros(5))
    with pytest.raises(ValueError, match=r"W: expected an array of shape \(4, 2\), got \(5,\)"):
        nn.Sequential(first, broken)
    assert nn.Sequential(first, nn.Dense(4, 2)).params.shape == (26,)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: nn.Sequential(), ValueError, "layers: expected at least one layer, got none"),
        (
            lambda: nn.Sequential([nn.ReLU()]),
            TypeError,
            r"layers\[0\]: expected a layer, got \[ReLU",
        ),
        (
            lambda: nn.Sequential(nn.Tanh(), nn.ReLU),
            TypeError,
            r"layers\[1\]: .* call it: nnlib\.R",
        ),
        (lambda: nn.Sequential(np.tanh), TypeError, r"layers\[0\]: expected a layer, got <ufunc"),
        (lambda: network(rng=-1), TypeError, "rng: expected an int of 0 or more, .*, got -1"),
        (lambda: network(rng=1.0), TypeError, r"rng: expected .*, got 1\.0"),
        (lambda: network(rng=True), TypeError, "rng: expected .*, got True"),
        (
            lambda: network(np.float16),
            TypeError,
            "dtype: expected numpy.float64 .*, got <.*float16",
        ),
        (lambda: network(int), TypeError, "dtype: expected numpy.float64 .*, got <class 'int'>"),
        (lambda: network("fast"), TypeError, "dtype: expected numpy.float64 .*, got 'fast'"),
        (lambda: network(None), TypeError, "dtype: expected numpy.float64 .*, got None"),
        (lambda: network().astype(int), TypeError, "dtype: expected numpy.float64 .*'int'"),
    ],
)
def test_a_bad_argument_is_named_with_what_was_expected_and_what_came(make, kind, message):
    with pytest.raises(kind, match=message):
        make()


NAN = np.where(np.arange(9).reshape(3, 3) == 5, np.nan, X)


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (X[:, :2], ValueError, r"X: expected shape \(n, 3\), got \(3, 2\): one row for each"),
        (X[0], ValueError, r"X: expected shape \(n, 3\), got \(3,\): .* X\[np\.newaxis\]"),
        (X[np.newaxis], ValueError, r"X: expected shape \(n, 3\), got \(1, 3, 3\)"),
        (1.0, ValueError, r"X: expected shape \(n, 3\), got \(\)"),
        (X[:0], ValueError, "X: expected at least one example, got an empty batch"),
        (NAN, ValueError, r"X: expected finite numbers, got nan at X\[1, 2\] \(1 of 9 entries"),
        (X * [1, np.inf, 1], ValueError, r"X: expected finite .*, got -inf at X\[0, 1\] \(3 of 9"),
        ([["a", "b", "c"]], TypeError, "X: expected real numbers, got dtype <U1: encode text"),
        (X + 1j, TypeError, "X: expected real numbers, got dtype complex128"),
        ([[None, 1, 2]], TypeError, r"X: expected real numbers, got None at X\[0, 0\]: fill in"),
    ],
    ids=["columns", "one", "3-d", "number", "empty", "nan", "inf", "text", "complex", "object"],
)
def test_wrong_inputs_are_named_and_change_nothing(wrong, kind, message):
    net = noisy()
    train(net)
    before = state(net)
    with pytest.raises(kind, match=message):
        net.forward(wrong, train=True)
    assert same(before, state(net))


def test_a_network_without_dense_layers_takes_any_width_but_wants_rows():
    net = nn.Sequential(nn.ReLU())
    assert net.forward(np.ones((2, 5))).shape == (2, 5)
    with pytest.raises(ValueError, match=r"X: expected shape \(n, d\), got \(5,\)"):
        net.forward(np.ones(5))


def test_a_width_that_does_not_fit_behind_an_activation_names_the_layer():
    net = nn.Sequential(nn.Tanh(), nn.Dense(3, 2))
    assert (net.input_shape, net.output_shape(None)) == (None, (2,))
    assert net.forward(np.ones((1, 3))).shape == (1, 2)
    message = r"layers\[1\]: Dense\(3, 2\) after Tanh\(\): expected 3 inputs, got .*\(4,\)"
    with pytest.raises(ValueError, match=message):
        net.forward(np.ones((1, 4)))


@pytest.mark.parametrize("kind", [int, bool, np.uint8, np.float16, list])
def test_other_numbers_are_converted(kind):
    whole = np.array([[0, 1, 1], [1, 1, 0]])
    given = whole.tolist() if kind is list else whole.astype(kind)
    for dtype in (np.float32, np.float64):
        net = network(dtype)
        Z = net.forward(given)
        assert Z.dtype == dtype
        np.testing.assert_array_equal(Z, net.forward(whole.astype(float)))


def test_backward_needs_a_forward_pass_in_training():
    net = network()
    for forward in (lambda: None, lambda: net.forward(X)):
        forward()
        with pytest.raises(RuntimeError, match=r"before forward: call net\.forward\(X, train=True"):
            net.backward(np.ones((3, 2)))
    assert not net.grads.any()


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (np.ones((2, 2)), ValueError, r"dZ: expected .* last output, \(3, 2\), got \(2, 2\)"),
        (np.ones(2), ValueError, r"dZ: expected .* last output, \(3, 2\), got \(2,\)"),
        (1.0, ValueError, r"dZ: expected .* last output, \(3, 2\), got \(\)"),
        ([["a", "b"]] * 3, TypeError, "dZ: expected real numbers, got dtype <U1"),
    ],
)
def test_wrong_output_gradients_are_named_and_change_nothing(wrong, kind, message):
    net = network()
    train(net)
    before = state(net)
    with pytest.raises(kind, match=message):
        net.backward(wrong)
    assert same(before, state(net))


def test_gradients_are_overwritten_not_added_up():
    net = network()
    train(net)
    once = net.grads.copy()
    train(net)
    np.testing.assert_array_equal(net.grads, once)
    net.backward(np.zeros((3, 2)))
    assert not net.grads.any()


def test_the_gradient_of_a_batch_twice_over_is_the_same():
    net = network()
    train(net)
    once = net.grads.copy()
    train(net, np.concatenate([X, X]), np.concatenate([y, y]))
    np.testing.assert_allclose(net.grads, once, rtol=1e-13, atol=1e-16)


def test_the_gradient_of_a_batch_is_the_mean_of_those_of_its_examples():
    net = network()
    single = []
    for i in range(len(X)):
        train(net, X[[i]], y[[i]])
        single.append(net.grads.copy())
    train(net)
    np.testing.assert_allclose(net.grads, np.mean(single, axis=0), rtol=1e-13, atol=1e-16)


def test_the_gradient_of_the_input_comes_on_request():
    net = network()
    net.forward(X, train=True)
    dX = net.backward(np.ones((3, 2)), input_grad=True)
    measured = nn.numerical_gradient(lambda X: net.forward(X).sum(), X)
    assert nn.relative_error(dX, measured) < 1e-7


def test_the_gradient_of_the_input_is_not_returned_unasked():
    for net in (network(), nn.Sequential(nn.ReLU(), nn.Dense(3, 2)), nn.Sequential(nn.Tanh())):
        Z = net.forward(X, train=True)
        assert net.backward(Z) is None
        assert net.backward(Z, input_grad=True).shape == X.shape


def test_the_gradient_of_the_data_is_not_computed_unasked():
    asked = []

    class Spy(nn.Dense):
        def backward(self, dZ, *, input_grad=True):
            asked.append(input_grad)
            return super().backward(dZ, input_grad=input_grad)

    net = nn.Sequential(Spy(3, 4), nn.ReLU(), Spy(4, 2))
    net.forward(X, train=True)
    net.backward(np.ones((3, 2)))
    assert asked == [True, False]
    net.backward(np.ones((3, 2)), input_grad=True)
    assert asked == [True, False, True, True]


def test_passes_modify_no_argument():
    net = network()
    X_read, dZ = X.copy(), np.ones((3, 2))
    X_read.flags.writeable = dZ.flags.writeable = False
    net.forward(X_read, train=True)
    net.backward(dZ, input_grad=True)
    np.testing.assert_array_equal(X_read, X)
    np.testing.assert_array_equal(dZ, np.ones((3, 2)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_repr_builds_a_network_of_the_same_kind(dtype):
    net = nn.Sequential(
        nn.Dense(3, 4), nn.LeakyReLU(0.2), nn.Dense(4, 2), nn.Softmax(), dtype=dtype
    )
    twin = eval(repr(net), {**vars(nn), "numpy": np})
    assert repr(twin) == repr(net)
    assert twin.dtype == dtype
    np.testing.assert_array_equal(twin.params, net.params)


def test_a_repr_shows_the_layers_one_by_one():
    assert repr(network()) == ("Sequential(\n    Dense(3, 4),\n    ReLU(),\n    Dense(4, 2),\n)")
    assert repr(nn.Sequential(nn.ReLU(), dtype=np.float32)) == (
        "Sequential(\n    ReLU(),\n    dtype=numpy.float32,\n)"
    )


def test_buffers_lie_one_after_the_other_and_are_not_parameters():
    net = noisy()
    assert net.params.size == network().params.size
    net.buffers = [2, 5]
    assert [net.layers[1].passes, net.layers[3].passes] == [2, 5]
    train(net)
    np.testing.assert_array_equal(net.buffers, [3, 6])
    net.forward(X)
    np.testing.assert_array_equal(net.buffers, [3, 6])


def test_random_layers_draw_from_generators_of_their_own():
    net = noisy()
    first, second = net.layers[1].rng, net.layers[3].rng
    assert first is not second
    assert first.normal() != second.normal()
    # Dense draws from its own, so the weights are those of a network without noise.
    np.testing.assert_array_equal(
        nn.Sequential(nn.Dense(3, 4), Noisy()).layers[0].W, network().layers[0].W
    )


def test_a_gradient_check_sets_noise_and_buffers_back_and_leaves_the_network_alone():
    net = noisy()
    train(net)
    before, generators = state(net), [net.layers[i].rng.bit_generator.state for i in (1, 3)]
    report = nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X, y)
    assert report.ok, report
    assert report.worst < 1e-7
    assert [row.checked for row in report.rows] == [9, 12, 4, 8, 2]
    assert same(before, state(net))
    assert generators == [net.layers[i].rng.bit_generator.state for i in (1, 3)]
    assert bound(net)


def test_a_gradient_check_leaves_the_pass_under_way_alone():
    net = network()
    net.forward(X, train=True)
    nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X[:2], y[:2])
    net.backward(np.ones((3, 2)))
    np.testing.assert_array_equal(net.layers[2].db, [3, 3])


def returns(value):
    return lambda rng, shape, dtype: value


@pytest.mark.parametrize("layer", [nn.Dense, lambda a, b, **o: nn.Conv2D(a, b, 1, **o)])
@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_first_values_that_are_not_finite_are_refused(layer, value):
    made = layer(2, 3, init=lambda rng, shape, dtype: np.full(shape, value))
    with pytest.raises(
        ValueError, match=rf"^layers\[1\]\.W: expected finite .* {value} at .*starts"
    ):
        nn.Sequential(nn.Tanh(), made)
    assert not made.owned


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (np.ones((3, 3)), ValueError, r"W: expected an array of shape \(2, 3\), got \(3, 3\)"),
        (None, TypeError, "W: expected an array, got None"),
        (np.full((2, 3), "1"), TypeError, "W: expected real numbers, got dtype <U1"),
        (np.ones((2, 3)) + 1j, TypeError, "W: expected real numbers, got dtype complex128"),
        (np.ma.masked_equal([[1, 2, 3], [4, 5, 6]], 4), TypeError, "W: .* without holes"),
        ([[1, 2, 3], [4, 5, None]], TypeError, r"W: .*None at W\[1, 2\]"),
        ([[1, 2, 3], [4, 5]], ValueError, "W: .* rows of different lengths"),
    ],
)
def test_what_is_no_array_of_numbers_can_neither_be_drawn_nor_assigned(value, error, message):
    with pytest.raises(error, match=message):
        nn.Sequential(nn.Dense(2, 3, init=returns(value)))
    net = nn.Sequential(nn.Dense(2, 3))
    before = net.params.copy()
    with pytest.raises(error, match=message):
        net.layers[0].W = value
    assert np.array_equal(net.params, before)


def test_lists_and_tables_are_assigned_as_arrays_are():
    net = nn.Sequential(nn.Dense(2, 1, init=returns([[1], [2]])))
    assert net.layers[0].W.tolist() == [[1.0], [2.0]]
    net.params = (3, 4, 5)
    assert net.layers[0].b.tolist() == [5.0]


@pytest.mark.parametrize("snapshot", [None, (np.zeros(3), np.zeros(0)), {"params": np.zeros(3)}])
def test_only_a_snapshot_is_restored(snapshot):
    with pytest.raises(TypeError, match=r"^snapshot: expected a Snapshot, got .*net\.snapshot\(\)"):
        nn.Sequential(nn.Dense(2, 1)).restore(snapshot)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_beyond_the_largest_number_forward_and_backward_go_on_with_infinity(dtype):
    net = nn.Sequential(nn.Dense(2, 2), nn.Dense(2, 2), dtype=dtype)
    largest = np.finfo(dtype).max / 2
    net.params = np.full(net.params.shape, 10)
    Z = net.forward(np.full((3, 2), largest), train=True)  # a warning would be an error here
    assert not np.isfinite(Z).any()
    net.backward(np.full((3, 2), largest))
    assert not np.isfinite(net.grads).all()
    with pytest.raises(ValueError, match=r"^Z: expected finite numbers"):
        nn.MeanSquaredError().value(Z, np.zeros((3, 2)))
