"""Blocks and networks inside a network: one set of vectors, names that tell the place."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import nnlib as nn
from tests.helpers.remedies import each, expect_rows, follow

rng = np.random.default_rng(0)
X, y = rng.normal(size=(12, 4)), np.arange(12) % 3
LOSS = nn.SoftmaxCrossEntropy()


def body():
    return nn.Sequential(nn.Dense(4, 6), nn.BatchNorm(6), nn.Tanh(), rng=7)


def nested(**options):
    """A network in a network, and a block with another network in it."""
    inner = nn.Sequential(nn.Dense(6, 5), nn.Dropout(0.2), nn.Dense(5, 6), rng=8)
    return nn.Sequential(body(), nn.Residual(nn.ReLU(), inner), nn.Dense(6, 3), **options)


def flat():
    """The layers of `nested`, but for the sum, in one row."""
    return nn.Sequential(
        *(nn.Dense(4, 6), nn.BatchNorm(6), nn.Tanh(), nn.ReLU()),
        *(nn.Dense(6, 5), nn.Dropout(0.2), nn.Dense(5, 6), nn.Dense(6, 3)),
    )


def test_names_tell_the_place():
    names = [*nested().named_arrays()]
    assert names[:3] == ["0.0.W", "0.0.b", "0.1.gamma"]
    assert names[-6:] == ["1.1.0.W", "1.1.0.b", "1.1.2.W", "1.1.2.b", "2.W", "2.b"]
    assert [*nested().named_layers()] == [
        "0.0",
        "0.1",
        "0.2",
        "1.0",
        "1.1.0",
        "1.1.1",
        "1.1.2",
        "2",
    ]


def test_all_numbers_lie_in_the_vectors_of_the_outermost_network_matrices_first():
    net = nested()
    assert net.params.size == flat().params.size
    assert net.matrices == flat().matrices
    for name, view in net.named_arrays().items():
        home = net.buffers if "running" in name else net.params
        assert np.shares_memory(view, home)
        where, _, own = name.rpartition(".")
        if home is net.params:
            assert np.shares_memory(getattr(net.named_layers()[where], "d" + own), net.grads)
            in_front = np.shares_memory(view, net.params[net.matrices])
            assert in_front == (own == "W")


def test_nested_networks_compute_what_the_same_layers_do_in_one_row():
    one = nn.Sequential(nn.Dense(4, 6), nn.BatchNorm(6), nn.Tanh(), nn.Dense(6, 3), rng=7)
    two = nn.Sequential(body(), nn.Sequential(nn.Dense(6, 3), rng=9))
    one.layers[3].W = two.layers[1].layers[0].W
    for k in range(3):
        steps = [nn.steps(net, LOSS, nn.Adam(0.01), X, y, epochs=4, rng=k) for net in (one, two)]
        assert [s.loss for s in steps[0]] == [s.loss for s in steps[1]]
    np.testing.assert_array_equal(one(X), two(X))


def test_every_gradient_is_right_there():
    report = nn.check_gradients(nested(), LOSS, X, y)
    assert report.ok, report
    assert {row.layer.partition(" ")[0] for row in report.rows} >= {"0.0", "1.1.2", "2"}


def test_a_network_that_has_numbers_of_its_own_brings_them_along():
    def trained():
        inner = nn.Sequential(nn.Dense(4, 6), nn.BatchNorm(6), nn.Tanh())
        nn.Model(inner, nn.MeanSquaredError(), nn.SGD()).fit(X, rng.normal(size=(12, 6)), epochs=1)
        return inner

    def assigned():
        inner = nn.Sequential(nn.Dense(4, 6), nn.BatchNorm(6))
        inner.layers[0].b = np.ones(6)
        return inner

    def used():
        inner = nn.Sequential(nn.Dense(4, 6), nn.BatchNorm(6))
        inner.forward(X, train=True)
        return inner

    for inner in (trained(), assigned(), used(), body()):
        before = {name: a.copy() for name, a in inner.named_arrays().items()}
        block = nn.Residual(nn.Dense(6, 6))
        net = nn.Sequential(inner, block, rng=1, dtype=np.float32)
        for name, array in before.items():
            np.testing.assert_array_equal(net.named_arrays()[f"0.{name}"], np.float32(array))
        assert block.layers[0].W.std() > 0
        assert net(X).dtype == inner(X).dtype == np.float32


def test_a_network_without_an_rng_gets_first_values_of_the_one_around_it():
    def built(rng):
        inner = [nn.Sequential(nn.Dense(4, 4), nn.Dropout(0.5)) for _ in range(2)]
        return nn.Sequential(*inner, nn.Dense(4, 4), rng=rng)

    net, same, other = built(5), built(5), built(6)
    np.testing.assert_array_equal(net.params, same.params)
    assert (net.layers[0].layers[0].W != other.layers[0].layers[0].W).all()
    a, b, c = (net.named_layers()[where].W for where in ("0.0", "1.0", "2"))
    assert all((one != two).all() for one, two in ((a, b), (b, c), (a, c)))
    net.forward(np.ones((50, 4)), train=True)
    masks = [net.named_layers()[where].cache for where in ("0.1", "1.1")]
    assert not np.array_equal(*masks)


def test_two_blocks_start_from_numbers_of_their_own():
    net = nn.Sequential(nn.Residual(nn.Dense(4, 4)), nn.Residual(nn.Dense(4, 4)))
    assert (net.layers[0].layers[0].W != net.layers[1].layers[0].W).all()


def test_a_network_in_another_has_no_vectors_and_a_copy_of_it_has():
    net = nested()
    inner = net.layers[0]
    with pytest.raises(AttributeError, match="the network around it keeps all numbers"):
        inner.params  # noqa: B018
    twin = copy.deepcopy(inner)
    assert not twin.owned
    np.testing.assert_array_equal(twin(X), inner(X))
    twin.params += 1
    assert (twin(X) != inner(X)).any()


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))]
)
def test_a_copy_shares_nothing(copied):
    net = nested()
    net.layers[0].layers[1].frozen = True
    twin = copied(net)
    assert np.array_equal(twin(X), net(X))
    assert np.shares_memory(twin.layers[1].layers[1].layers[0].W, twin.params)
    assert np.shares_memory(twin.layers[0].layers[1].gamma, twin.buffers)
    assert not np.shares_memory(twin.params, net.params)
    for one in (net, twin):
        list(nn.steps(one, LOSS, nn.Adam(), X, y, epochs=2))
    np.testing.assert_array_equal(twin.params, net.params)


def test_a_copy_of_a_block_is_a_free_one_without_numbers():
    twin = copy.copy(nested().layers[1])
    assert not twin.owned
    assert nn.Sequential(twin, nn.Dense(6, 3)).forward(np.ones((1, 6))).shape == (1, 3)


def test_a_network_that_could_not_be_built_leaves_its_layers_as_they_were():
    inner, block = body(), nn.Residual(nn.Dense(6, 6))
    before = inner.params.copy()
    nan = nn.Dense(6, 3, init=lambda rng, shape, dtype: np.full(shape, np.nan, dtype))
    with pytest.raises(ValueError, match=r"layers\[2\].W: expected finite"):
        nn.Sequential(inner, block, nan, dtype=np.float32)
    assert inner.dtype == np.float64
    np.testing.assert_array_equal(inner.params, before)
    inner.params += 1
    assert inner.layers[0].W[0, 0] == inner.params[0]
    assert nn.Sequential(inner, block, nn.Dense(6, 3)).forward(X).shape == (12, 3)


def test_a_network_is_gone_once_nobody_holds_it():
    net = nested()
    gone = weakref.ref(net)
    gc.disable()
    try:
        del net
        assert gone() is None
    finally:
        gc.enable()


def test_a_block_asks_for_as_many_examples_as_its_layers_do():
    net = nn.Sequential(nn.Residual(nn.Dense(4, 4), nn.BatchNorm(4)), nn.Dense(4, 3))
    assert net.smallest_batch == 2
    losses = [s.n for s in nn.steps(net, LOSS, nn.SGD(), X[:9], y[:9], epochs=1, batch_size=4)]
    assert losses == [4, 5]


def test_no_gradient_is_computed_below_what_is_trained():
    net = nn.Sequential(nn.Reshape(2, 2), nn.Flatten(), nn.Residual(nn.ReLU(), nn.Dense(4, 4)))
    net(X, train=True)
    for layer in (*net.layers[:2], net.layers[2].layers[0]):
        layer.backward = None
    net.backward(X)
    assert net.grads.any()


def test_the_summary_shows_what_is_inside():
    table = repr(nn.Model(nested(), LOSS, nn.Adam()).summary())
    lines = [line.rstrip() for line in table.splitlines()]
    assert "Sequential        (n, 6)        42" in lines
    assert "  Dense(4, 6)     (n, 6)        30" in lines
    assert "    Dropout(0.2)  (n, 5)        0" in lines
    assert lines[-1].startswith("134 parameters, ")


def test_the_repr_is_indented_and_makes_the_network_again():
    text = repr(nested(dtype=np.float32))
    assert (
        "\n    Residual(\n        ReLU(),\n        Sequential(\n            Dense(6, 5),\n" in text
    )
    namespace = {**vars(nn), "numpy": np}
    assert repr(eval(text, namespace)) == text


def test_inner_networks_with_one_seed_are_warned_of():
    def two(second):
        layers = [nn.Sequential(nn.Dense(4, 4), rng=rng) for rng in (0, second)]
        return nn.Model(nn.Sequential(*layers), nn.MeanSquaredError(), nn.SGD())

    with pytest.warns(UserWarning, match=r"layers 0.0 and 1.0, Dense\(4, 4\), have the same"):
        two(0)
    two(1)


def test_a_link_is_found_at_the_end_of_a_network_inside():
    last = nn.Sequential(nn.Dense(4, 3), nn.Softmax())
    with pytest.raises(ValueError, match=r"expected logits for Soft.*outputs of Softmax\(\)"):
        nn.Model(nn.Sequential(last), LOSS, nn.SGD())
    net = nn.Sequential(nn.Residual(nn.Dense(4, 4), nn.Softmax()), nn.Dense(4, 3))
    with pytest.warns(UserWarning, match="Softmax in the middle"):
        nn.Model(net, LOSS, nn.SGD())


def test_divergence_names_the_place():
    net = nn.Sequential(nn.Residual(nn.Dense(4, 4)), nn.Dense(4, 3))
    net.layers[1].W *= 1e200
    with pytest.raises(
        FloatingPointError, match=r"largest gradient is in layers\[\d(\.\d)*\], Dense"
    ):
        list(nn.steps(net, LOSS, nn.SGD(), 1e200 * X, y))


class Gate(nn.Chain):
    """A block of one's own: A = X ⊙ F(X)."""

    def forward(self, X, *, train=False):
        F = super().forward(X, train=train)
        if train:
            self.both = (X, F)
        return X * F

    def backward(self, dA, *, input_grad=True):
        X, F = self.both
        return dA * F + super().backward(dA * X)


def test_a_block_of_ones_own_is_trained_checked_and_saved(tmp_path):
    net = nn.Sequential(nn.Dense(4, 5), Gate(nn.Dense(5, 5), nn.Sigmoid()), nn.Dense(5, 3))
    assert nn.check_gradients(net, LOSS, X, y).ok
    model = nn.Model(net, LOSS, nn.Adam())
    model.fit(X, y, epochs=2)
    model.save(tmp_path / "gate.safetensors")
    loaded = nn.Model.load(tmp_path / "gate.safetensors", custom={"Gate": Gate})
    np.testing.assert_array_equal(loaded.net(X), net(X))


def test_a_chain_is_its_layers_in_a_row():
    layers = [nn.Dense(4, 5), nn.Tanh()]
    net = nn.Sequential(nn.Chain(*layers), nn.Dense(5, 3))
    one = nn.Sequential(nn.Dense(4, 5), nn.Tanh(), nn.Dense(5, 3))
    one.params = net.params
    np.testing.assert_array_equal(net(X), one(X))
    assert nn.check_gradients(net, LOSS, X, y).ok
    with pytest.raises(RuntimeError, match="came before forward"):
        nn.Sequential(nn.Chain(nn.Dense(4, 4))).layers[0].backward(X)


def test_the_shape_behind_a_block_is_known_where_a_layer_in_it_tells():
    block = nn.Residual(nn.ReLU(), nn.Dense(4, 4))
    assert block.output_shape(None) == (4,)
    with pytest.raises(ValueError, match="classes: expected one name for each of 4 classes"):
        nn.Model(nn.Sequential(block), LOSS, nn.SGD(), classes=["a", "b"])
    inner = nn.Residual(nn.ReLU(), nn.Dense(4, 4))
    with pytest.raises(ValueError, match=r"layers\[1\]: Dense\(5, 2\) after Residual"):
        nn.Sequential(inner, nn.Dense(5, 2))


def test_a_network_inside_tells_its_layers():
    inner = body()
    model = nn.Model(inner, nn.MeanSquaredError(), nn.SGD())
    nn.Sequential(inner)
    assert repr(model.summary()).endswith("42 parameters, 0.00 MB (float64)")


def fits(*layers):
    return nn.Sequential(nn.Residual(*layers)).forward(np.ones((2, 4)))


SHARED = nn.Dense(4, 4)
HELD = nn.Residual(SHARED)

ROWS = [
    (
        lambda: fits(nn.Dense(4, 3)),
        ValueError,
        "expected layers that give back the shape of their input, (4,), got (3,): let the last",
        lambda: fits(nn.Dense(4, 3), nn.Dense(3, 4)).shape,
        (2, 4),
    ),
    (
        fits,
        ValueError,
        "layers: expected at least one layer, got none: add nnlib.Dense(…)",
        lambda: fits(nn.Dense(4, 4)).shape,
        (2, 4),
    ),
    (
        lambda: fits(nn.Dense(4, 4), nn.ReLU),
        TypeError,
        "layers[1]: expected a layer, got <class 'nnlib.layers.activation.ReLU'>: call it: "
        "nnlib.ReLU()",
        lambda: fits(nn.Dense(4, 4), nn.ReLU()).shape,
        (2, 4),
    ),
    (
        lambda: fits(SHARED),
        ValueError,
        "layers[0]: Dense(4, 4) already belongs to a network; a layer is used once: make a new",
        lambda: fits(nn.Dense(4, 4)).shape,
        (2, 4),
    ),
    (
        lambda: fits(nn.Dense(4, 3), nn.Dense(4, 4)),
        ValueError,
        "layers[1]: Dense(4, 4) after Dense(4, 3): expected 4 inputs, got examples of shape (3,)",
        lambda: fits(nn.Dense(4, 4), nn.Dense(4, 4)).shape,
        (2, 4),
    ),
]


@each(ROWS)
def test_what_an_error_says_to_do_works(row):
    follow(*row)


def test_every_error_of_these_files_has_its_row():
    places = {"layers/chain.py": None, "layers/residual.py": None}
    expect_rows([row[0] for row in ROWS], places)
