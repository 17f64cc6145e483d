"""Weights are relative to the data set: what counts more does so at every batch size."""

import numpy as np
import pytest

import nnlib as nn

N, RARE = 200, 4
Y = np.r_[np.ones(RARE, int), np.zeros(N - RARE, int)]
NOTHING = np.zeros((N, 1))
"""Inputs that say nothing: all that can be learned is how often a class occurs."""

BALANCED = {
    "class weights": (nn.balanced_class_weight(Y), None),
    "sample weights": (None, nn.balanced_class_weight(Y)[Y]),
    "both, half and half": (
        nn.balanced_class_weight(Y) ** 0.5,
        nn.balanced_class_weight(Y)[Y] ** 0.5,
    ),
    "weights a thousand times as large": (1000 * nn.balanced_class_weight(Y), None),
}
balanced = pytest.mark.parametrize(("c", "s"), BALANCED.values(), ids=BALANCED)


def share_of_the_rare_class(c, s, batch_size):
    net = nn.Sequential(nn.Dense(1, 2))
    net.layers[0].b = [1.0, -1.0]
    loss, sgd = nn.SoftmaxCrossEntropy(class_weight=c), nn.SGD(lr=0.002 * batch_size)
    model = nn.Model(net, loss, sgd)
    model.fit(NOTHING, Y, sample_weight=s, epochs=40, batch_size=batch_size)
    return model.predict_proba(NOTHING[:1])[0, 1]


@balanced
@pytest.mark.parametrize("batch_size", [1, 2, 8, 32])
def test_balanced_classes_count_the_same_at_every_batch_size(c, s, batch_size):
    assert share_of_the_rare_class(c, s, batch_size) == pytest.approx(0.5, abs=0.06)


@balanced
@pytest.mark.parametrize("batch_size", [1, 3, 32, 200])
def test_the_loss_of_an_epoch_does_not_depend_on_the_batch_size(c, s, batch_size):
    net = nn.Sequential(nn.Dense(1, 2), rng=1)
    net.layers[0].b = [0.3, -0.2]
    loss = nn.SoftmaxCrossEntropy(class_weight=c)
    (epoch,) = nn.epochs(
        net, loss, nn.SGD(lr=0.0), NOTHING, Y, sample_weight=s, epochs=1, batch_size=batch_size,
        validation=(NOTHING, Y) if s is None else (NOTHING, Y, s),
    )  # fmt: skip
    assert epoch.loss == pytest.approx(loss.value(net.forward(NOTHING), Y, s), rel=1e-12)
    assert epoch.loss == pytest.approx(epoch.scores["val_loss"], rel=1e-12)


@pytest.mark.parametrize(
    "loss", [nn.MeanSquaredError(), nn.Huber(), nn.SigmoidCrossEntropy(), nn.Poisson()]
)
def test_a_weight_moves_a_batch_of_one(loss):
    X, y = np.ones((4, 1)), np.array([0.0, 1.0, 1.0, 1.0])
    moved = []
    for s in (None, [3.0, 1, 1, 1]):
        net = nn.Sequential(nn.Dense(1, 1))
        net.layers[0].W = [[0.4]]
        list(nn.steps(net, loss, nn.SGD(lr=0.1), X, y, sample_weight=s, epochs=1, batch_size=1))
        moved.append(net.params.copy())
    assert np.abs(moved[0] - moved[1]).max() > 1e-3


def test_the_sum_of_all_batches_is_the_gradient_of_the_whole():
    """With SGD at a tiny rate an epoch of any batches moves as one step on all data."""
    X, y = nn.make_xor(60, rng=0)
    s = np.random.default_rng(0).uniform(0, 4, 60)
    loss = nn.SoftmaxCrossEntropy(class_weight=[0.5, 3], label_smoothing=0.1)
    moved = {}
    for size in (1, 3, 12, 60):
        net = nn.Sequential(nn.Dense(2, 4), nn.Tanh(), nn.Dense(4, 2), rng=3)
        before = net.params.copy()
        list(nn.steps(net, loss, nn.SGD(lr=1e-6), X, y, sample_weight=s, epochs=1, batch_size=size))
        moved[size] = (net.params - before) * size / 60
    for size in (1, 3, 12):
        np.testing.assert_allclose(moved[size], moved[60], atol=1e-3 * np.abs(moved[60]).max())


def test_a_class_of_weight_0_is_left_out():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(90, 2)), rng.integers(3, size=90)
    c = np.array([1.0, 1.0, 0.0])
    nets = [nn.Sequential(nn.Dense(2, 3), rng=1) for _ in range(2)]
    loss = nn.SoftmaxCrossEntropy(class_weight=c)
    value, dZ = loss.value_and_grad(nets[0].forward(X), y)
    kept = y < 2
    assert value == pytest.approx(nn.SoftmaxCrossEntropy().value(nets[0].forward(X[kept]), y[kept]))
    assert not dZ[~kept].any()
    list(nn.steps(nets[0], loss, nn.Adam(), X, y, epochs=2, batch_size=1))
    assert np.isfinite(nets[0].params).all()


def test_data_of_which_no_example_counts_are_refused():
    net, X = nn.Sequential(nn.Dense(1, 2)), np.ones((3, 1))
    loss = nn.SoftmaxCrossEntropy(class_weight=[1, 0])
    with pytest.raises(
        ValueError, match="class_weight: expected a weight above 0 for at least one"
    ):
        nn.steps(net, loss, nn.SGD(), X, [1, 1, 1])


@pytest.mark.parametrize("k", [2, 3])
def test_smoothed_and_weighted_is_as_the_docstring_says(k):
    rng = np.random.default_rng(k)
    Z, y, c, ε = rng.normal(size=(5, k)), rng.integers(k, size=5), rng.uniform(0.5, 3, k), 0.2
    T = (1 - ε) * np.eye(k)[y] + ε / k
    L = -(c * T * nn.log_softmax(Z)).sum(axis=1) / c[y]
    loss = nn.SoftmaxCrossEntropy(class_weight=c, label_smoothing=ε)
    assert loss.value(Z, y) == pytest.approx((c[y] * L).sum() / c[y].sum(), rel=1e-12)


def test_weights_of_half_precision_are_summed_in_full():
    y, s = np.arange(6) % 3, np.array([0.1, 3, 20, 0.7, 5, 90])
    Z = np.sin(np.arange(18.0)).reshape(6, 3)
    loss, half = nn.SoftmaxCrossEntropy(), s.astype(np.float16)
    assert loss.value(Z, y, half) == pytest.approx(loss.value(Z, y, half.astype(float)), rel=1e-12)


@pytest.mark.parametrize("size", [1e-300, 1e-31, 1e31, 1e308])
def test_weights_that_float32_has_no_room_for_are_refused(size):
    Z, y, s = np.ones((2, 1)), np.zeros(2), np.array([size, size])
    remedy = r" expected weights that sum to .*, got .*ratios count, so {0} / numpy\.max\({0}\)"
    with pytest.raises(ValueError, match=r"^weights:" + remedy.format("weights")):
        nn.MeanSquaredError().value(Z, y, s)
    model = nn.Model(nn.Sequential(nn.Dense(1, 1)), nn.MeanSquaredError(), nn.SGD())
    with pytest.raises(ValueError, match=r"^sample_weight:" + remedy.format("sample_weight")):
        model.fit(Z, y, sample_weight=s)
    with pytest.raises(ValueError, match=r"^class_weight:" + remedy.format("class_weight")):
        nn.SoftmaxCrossEntropy(class_weight=s)


def test_a_tiny_weight_may_be_alone_in_its_batch():
    model = nn.Model(nn.Sequential(nn.Dense(1, 1)), nn.MeanSquaredError(), nn.SGD())
    model.fit(np.ones((2, 1)), np.zeros(2), sample_weight=[1e-40, 1.0], epochs=1, batch_size=1)


@pytest.mark.parametrize("total", ["2", -1, np.nan, [2.0], 2j])
def test_a_total_that_is_no_number_is_refused(total):
    with pytest.raises((TypeError, ValueError), match=r"^total: expected a number"):
        nn.MeanSquaredError().value(np.ones((2, 1)), np.zeros(2), total=total)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_loss_beyond_the_largest_number_is_infinite_without_a_warning(dtype):
    Z = np.full((2, 1), np.finfo(dtype).max / 4)
    assert nn.MeanSquaredError().value(Z.astype(dtype), np.zeros(2)) == np.inf
