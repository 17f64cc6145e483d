import itertools
import tracemalloc

import numpy as np
import pytest

import nnlib as nn
from nnlib.examples import Batch, checked_examples, drawn
from nnlib.training import update


def small(dtype=np.float64, seed=0):
    """A network, a loss and an optimizer that learn XOR."""
    net = nn.Sequential(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, 2), rng=seed, dtype=dtype)
    return net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.05)


XOR = nn.make_xor(60, rng=0)


def test_one_step_is_forward_loss_backward_step():
    net, loss, _ = small()
    twin = small()[0]
    X, y = XOR
    (step,) = nn.steps(net, loss, nn.SGD(lr=0.1), X, y, epochs=1, batch_size=60)

    value, dZ = loss.value_and_grad(twin.forward(X, train=True), y)
    twin.backward(dZ)
    assert np.allclose(net.params, twin.params - 0.1 * twin.grads, rtol=0, atol=1e-15)
    assert step == (1, 1, pytest.approx(value), 60, 0.1)


def test_steps_count_epochs_batches_and_examples():
    found = list(nn.steps(*small(), *XOR, epochs=2, batch_size=25))
    assert [s.epoch for s in found] == [1, 1, 1, 2, 2, 2]
    assert [s.step for s in found] == [1, 2, 3, 4, 5, 6]
    assert [s.n for s in found] == [25, 25, 10, 25, 25, 10]


def test_the_caller_may_stop_and_change_anything_between_two_steps():
    net, loss, opt = small()
    for step in nn.steps(net, loss, opt, *XOR, epochs=99):
        opt.lr = 0.5 / step.step
        if step.step == 7:
            break
    assert opt.t == 7
    assert opt.rate == 0.5 / 7


def test_a_schedule_is_asked_once_for_each_step():
    lrs = [s.lr for s in nn.steps(*small()[:2], nn.SGD(lambda t: 1 / (t + 1)), *XOR, epochs=2)]
    assert lrs == [1, 1 / 2, 1 / 3, 1 / 4]


def test_an_epoch_reports_the_mean_loss_over_its_examples():
    steps = list(nn.steps(*small(), *XOR, epochs=1, batch_size=25))
    (epoch,) = nn.epochs(*small(), *XOR, epochs=1, batch_size=25)
    mean = sum(s.loss * s.n for s in steps) / 60
    assert epoch.loss == pytest.approx(mean, rel=1e-12)
    assert epoch.step == 3
    assert epoch.scores == {}


def test_validation_is_evaluated_after_each_epoch():
    net, loss, opt = small()
    data = nn.make_xor(40, rng=9)
    for epoch in nn.epochs(net, loss, opt, *XOR, epochs=3, validation=data):
        scores = nn.evaluate(net, loss, *data)
        assert epoch.scores == {f"val_{name}": value for name, value in scores.items()}
        assert set(scores) == {"loss", "accuracy"}


def test_the_same_seeds_give_the_same_training():
    runs = [[s.loss for s in nn.steps(*small(), *XOR, rng=3)] for _ in range(2)]
    assert runs[0] == runs[1]


def test_shuffling_does_not_depend_on_the_network_and_first_values_not_on_shuffling():
    order = [s.n for s in nn.steps(*small(seed=5), *XOR, rng=3, batch_size=7, epochs=1)]
    assert order == [s.n for s in nn.steps(*small(seed=6), *XOR, rng=3, batch_size=7, epochs=1)]
    assert np.array_equal(small(seed=5)[0].params, small(seed=5)[0].params)


def test_training_leaves_the_data_alone():
    X, y = XOR[0].copy(), XOR[1].copy()
    X.flags.writeable = y.flags.writeable = False
    list(nn.steps(*small(), X, y, epochs=1))
    assert np.array_equal(X, XOR[0])


def test_float32_stays_float32_to_the_end():
    net, loss, opt = small(np.float32)
    list(nn.steps(net, loss, opt, *XOR, epochs=1))
    assert net.params.dtype == net.grads.dtype == opt.state["M"].dtype == np.float32


def test_weight_decay_spares_the_biases():
    net, loss, _ = small()
    before = net.params.copy()
    X, y = np.zeros((4, 2)), np.array([0, 1, 0, 1])
    (_,) = nn.steps(net, loss, nn.SGD(lr=0.1, weight_decay=0.5), X, y, epochs=1)
    first = slice(0, 16)  # X = 0: the first matrix has no gradient, only decay moves it
    assert np.allclose(net.params[first], before[first] * (1 - 0.1 * 0.5), rtol=1e-12)
    assert not net.layers[0].b.any()


class Exploding(nn.Layer):
    """Counts passes in a buffer, and puts out infinity in pass number `bad`."""

    def __init__(self, bad):
        super().__init__()
        self.bad = bad

    def buffer_shapes(self):
        return {"passes": (1,)}

    def forward(self, X, *, train=False):
        self._views["passes"][0] += 1
        return X * (np.inf if self._views["passes"][0] == self.bad else 1.0)

    def backward(self, dZ, *, input_grad=True):
        return dZ


def test_a_diverged_run_keeps_the_last_completed_step():
    def network(bad):
        return nn.Sequential(nn.Dense(2, 4), nn.Tanh(), Exploding(bad), nn.Dense(4, 2))

    net, twin = network(bad=4), network(bad=-1)
    loss = nn.SoftmaxCrossEntropy()
    opt, other = nn.Adam(), nn.Adam()
    for _ in itertools.islice(nn.steps(twin, loss, other, *XOR, batch_size=30), 3):
        pass
    with pytest.raises(FloatingPointError, match="training diverged in epoch 2, step 4"):
        list(nn.steps(net, loss, opt, *XOR, batch_size=30))
    assert np.array_equal(net.params, twin.params)
    assert np.array_equal(net.buffers, [3.0])
    assert opt.t == 3
    assert np.array_equal(opt.state["M"], other.state["M"])


def test_a_learning_rate_far_too_large_is_named_as_the_likely_cause():
    X, y = nn.make_sine(50, rng=0)
    net = nn.Sequential(nn.Dense(1, 8), nn.ReLU(), nn.Dense(8, 1))
    with pytest.raises(FloatingPointError, match="no longer a finite") as error:
        list(nn.steps(net, nn.MeanSquaredError(), nn.SGD(lr=1e6), X, y, epochs=100))
    assert "learning rate" in str(error.value)
    assert "SGD(lr=1000000.0)" in str(error.value)
    assert np.isfinite(net.params).all()


class WildGradient(nn.MeanSquaredError):
    """A finite loss with a gradient that is not."""

    def per_example(self, Z, y):
        return np.ones(len(Z)), np.full_like(Z, np.nan)


def test_a_gradient_that_is_not_finite_stops_before_the_update():
    net = nn.Sequential(nn.Dense(1, 1))
    before = net.params.copy()
    with pytest.raises(FloatingPointError, match="the gradient is no longer"):
        update(net, WildGradient(), nn.SGD(), Batch(np.ones((2, 1)), np.ones((2, 1))))
    assert np.array_equal(net.params, before)


def test_huge_but_finite_gradients_are_no_divergence():
    net = nn.Sequential(nn.Dense(1, 1), dtype=np.float32)
    batch = Batch(np.full((2, 1), 1e15, np.float32), np.full((2, 1), 1e5))
    value = update(net, nn.MeanSquaredError(), nn.SGD(lr=0.0), batch)
    assert np.isfinite(value)
    assert abs(net.grads).max() > 1e19  # its square overflows float32


BAD_DATA = {
    "flat X": ({"X": XOR[0].ravel()}, ValueError, r"X: expected shape \(n, d\).*got \(120,\)"),
    "narrow X": ({"X": XOR[0][:, :1]}, ValueError, r"X: expected shape \(n, 2\).*\(60, 1\)"),
    "no X": ({"X": XOR[0][:0], "y": XOR[1][:0]}, ValueError, "at least one example"),
    "NaN": ({"X": np.where(XOR[0] == XOR[0][7, 1], np.nan, XOR[0])}, ValueError, r"X\[7, 1\]"),
    "text": ({"X": XOR[0].astype(str)}, TypeError, "X: expected real numbers"),
    "short y": ({"y": XOR[1][:-1]}, ValueError, "X and y: expected one row each.*60 and 59"),
    "one y": ({"y": 1}, ValueError, "y: expected one target for each example"),
    "one-hot y": ({"y": np.eye(2, dtype=int)[XOR[1]]}, ValueError, r"y: .*argmax"),
    "real y": ({"y": XOR[1] * 1.0}, TypeError, "y: expected integer.*dtype=int"),
    "text y": ({"y": XOR[1].astype(str)}, TypeError, "y: expected integer.*numpy.unique"),
    "y too large": ({"y": XOR[1] + 1}, ValueError, "from 0 to 1 for 2 outputs, got 2"),
    "y negative": ({"y": XOR[1] - 1}, ValueError, "from 0 to 1 for 2 outputs, got -1"),
    "no batch": ({"batch_size": 0}, ValueError, "batch_size: expected at least 1, got 0"),
    "half a batch": ({"batch_size": 0.5}, TypeError, "batch_size: expected a whole number"),
    "no epoch": ({"epochs": 0}, ValueError, "epochs: expected at least 1, got 0"),
    "no seed": ({"rng": "0"}, TypeError, "rng: expected an int"),
}


@pytest.mark.parametrize(("change", "error", "message"), BAD_DATA.values(), ids=BAD_DATA)
@pytest.mark.parametrize("train", [nn.steps, nn.epochs])
def test_bad_arguments_are_refused_at_the_call_and_change_nothing(train, change, error, message):
    net, loss, opt = small()
    before = net.params.copy()
    with pytest.raises(error, match=message):
        train(net, loss, opt, **({"X": XOR[0], "y": XOR[1]} | change))
    assert np.array_equal(net.params, before)
    assert opt.t == 0


@pytest.mark.parametrize("train", [nn.steps, nn.epochs])
@pytest.mark.parametrize(
    ("place", "message"), [(0, "net: expected a Seq"), (1, "loss: exp"), (2, "optimizer: exp")]
)
def test_parts_in_the_wrong_place_are_named(train, place, message):
    parts = list(small())
    parts[place] = 0.1
    with pytest.raises(TypeError, match=f"{message}.*got 0.1: nnlib"):
        train(*parts, *XOR)


def test_rows_of_different_lengths_are_no_array():
    with pytest.raises(ValueError, match="X: expected an array, got rows of different lengths"):
        nn.steps(*small(), [[1, 2], [3]], [0, 1])


def test_bad_validation_data_is_named_as_such():
    with pytest.raises(ValueError, match="validation X: expected shape"):
        nn.epochs(*small(), *XOR, validation=(XOR[0].T, XOR[1]))
    with pytest.raises(TypeError, match=r"validation: expected a pair \(X, y\), .* got ndarray"):
        nn.epochs(*small(), *XOR, validation=XOR[0])


def test_a_network_of_784_128_64_10_learns_100_digits_by_heart(mnist):
    X, y = mnist.X_train[:100], mnist.y_train[:100]
    net = nn.Sequential(
        nn.Dense(784, 128),
        nn.ReLU(),
        nn.Dense(128, 64),
        nn.ReLU(),
        nn.Dense(64, 10),
        dtype=np.float32,
    )
    loss = nn.SoftmaxCrossEntropy()
    list(nn.steps(net, loss, nn.Adam(lr=0.001), X, y, epochs=60, batch_size=20))
    assert nn.evaluate(net, loss, X, y)["accuracy"] == 1


# Memory.


def test_every_batch_lies_in_the_same_memory():
    net, loss, opt = small()
    places = set()
    for step in nn.steps(net, loss, opt, *XOR, epochs=2, batch_size=25):
        kept = net.layers[0].cached()
        places.add(kept.__array_interface__["data"][0])
        assert len(kept) == step.n
    assert len(places) == 1


def dense(*sizes):
    pairs = itertools.pairwise(sizes)
    layers = [layer for pair in pairs for layer in (nn.Dense(*pair), nn.ReLU())]
    return nn.Sequential(*layers[:-1], dtype=np.float32)


def convolutional():
    return nn.Sequential(
        nn.Reshape(1, 28, 28),
        nn.Conv2D(1, 8, 3),
        nn.ReLU(),
        nn.MaxPool2D(2),
        nn.Conv2D(8, 16, 3),
        nn.ReLU(),
        nn.MaxPool2D(2),
        nn.Flatten(),
        nn.Dense(400, 10),
        dtype=np.float32,
    )


@pytest.mark.parametrize("net", [dense(784, 128, 64, 10), convolutional()])
def test_a_step_takes_memory_for_three_times_its_pre_activations_at_most(net):
    X = np.random.default_rng(0).random((256, 784), np.float32)
    y, A, pre_activations = np.arange(256) % 10, X[:64], 0
    for layer in net.layers:
        A = layer.forward(A)
        pre_activations += A.nbytes if isinstance(layer, (nn.Dense, nn.Conv2D)) else 0
    every_step = nn.steps(net, nn.SoftmaxCrossEntropy(), nn.Adam(), X, y, batch_size=64)
    next(every_step)
    tracemalloc.start()
    next(every_step)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak <= 3 * pre_activations


# Data that does not lie in memory.


class OnlyRows:
    """Nothing but a length and a row for an index, and a count of the rows asked for."""

    def __init__(self, X):
        self.X, self.asked = X, []

    def __len__(self):
        return len(self.X)

    def __getitem__(self, row):
        assert isinstance(row, int)
        self.asked.append(row)
        return self.X[row]


def on_disk(X, folder):
    """X as a memmap that can only be read."""
    np.asarray(X).tofile(folder / "X.bin")
    return np.memmap(folder / "X.bin", X.dtype, "r", shape=X.shape)


def losses_of(X, y, **options):
    return [s.loss for s in nn.steps(*small(), X, y, epochs=2, **options)]


def test_training_on_a_memmap_is_the_same_as_in_memory(tmp_path):
    assert losses_of(on_disk(XOR[0], tmp_path), XOR[1]) == losses_of(*XOR)


def test_training_on_whatever_gives_rows_is_the_same_as_in_memory():
    X = OnlyRows(XOR[0])
    assert losses_of(X, XOR[1]) == losses_of(*XOR)
    assert len(X.asked) == 1 + 2 * 60  # one to see the shape, then each row once an epoch


def test_training_on_lists_is_the_same_as_on_arrays():
    assert losses_of(XOR[0].tolist(), XOR[1].tolist()) == losses_of(*XOR)


def test_integer_images_are_converted_batch_by_batch():
    X = (np.abs(XOR[0]) * 100).astype(np.uint8)
    assert losses_of(X, XOR[1]) == losses_of(X.astype(float), XOR[1])


def test_evaluation_streams_too(tmp_path):
    X, y = nn.make_xor(2500, rng=4)
    net, loss, _ = small()
    expected = nn.evaluate(net, loss, X, y)
    assert nn.evaluate(net, loss, on_disk(X, tmp_path), y) == expected
    assert nn.evaluate(net, loss, OnlyRows(X), y) == expected
    model = nn.Model(net, loss, nn.SGD())
    assert np.array_equal(model.predict(OnlyRows(X)), model.predict(X))


def test_a_nan_on_disk_is_found_in_its_batch_and_the_step_is_named(tmp_path):
    X = XOR[0].copy()
    X[7, 1] = np.nan
    net, loss, opt = small()
    with pytest.raises(ValueError, match=r"in epoch 1, step \d+: X: expected finite numbers"):
        list(nn.steps(net, loss, opt, on_disk(X, tmp_path), XOR[1], batch_size=10))
    assert np.isfinite(net.params).all()


def test_nothing_is_read_before_it_is_needed(tmp_path):
    X = OnlyRows(XOR[0])
    steps = nn.steps(*small(), X, XOR[1], batch_size=10)
    assert len(X.asked) == 1
    next(steps)
    assert len(X.asked) == 11


@pytest.mark.parametrize("X", [3, None, np.float64(1), {"x1": [1.0], "x2": [2.0]}])
def test_what_has_no_rows_is_refused(X):
    with pytest.raises((TypeError, ValueError), match="X: expected"):
        nn.steps(*small(), X, [0])


# Weights, fractions, metrics.


def test_whole_weights_are_repeated_examples():
    X, y = XOR[0][:6], XOR[1][:6]
    rows = [0, 1, 1, 3, 3, 3, 4, 5]
    net, loss, _ = small()
    twin = small()[0]
    list(nn.steps(net, loss, nn.SGD(lr=0.5), X, y, sample_weight=[1, 2, 0, 3, 1, 1], epochs=3))
    list(nn.steps(twin, loss, nn.SGD(lr=0.5), X[rows], y[rows], epochs=3))
    assert np.allclose(net.params, twin.params, rtol=1e-12)


def test_a_batch_without_any_weight_changes_nothing():
    X, y = XOR[0][:4], XOR[1][:4]
    net, loss, _ = small()
    before = net.params.copy()
    list(nn.steps(net, loss, nn.SGD(lr=0.5), X, y, sample_weight=[0, 0, 0, 1], batch_size=1))
    assert np.isfinite(net.params).all()
    assert not np.array_equal(net.params, before)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.ones(59), r"shape \(60,\)"),
        (np.zeros(60), "above 0 .* got only zeros"),
        (-XOR[1], "got -1"),
    ],
)
def test_impossible_weights_are_refused_at_the_call(weight, message):
    with pytest.raises(ValueError, match=message):
        nn.steps(*small(), *XOR, sample_weight=weight)


def test_a_fraction_in_which_nothing_counts_is_refused():
    s = np.r_[1.0, np.zeros(59)]
    with pytest.raises(
        ValueError, match=r"(training|validation) data: sample_weight: .* only zeros"
    ):
        nn.epochs(*small(), *XOR, sample_weight=s, validation=0.5)


def test_weights_count_in_the_scores():
    net, loss, _ = small()
    s = np.r_[np.ones(30), np.zeros(30)]
    assert nn.evaluate(net, loss, *XOR, s) == pytest.approx(
        nn.evaluate(net, loss, XOR[0][:30], XOR[1][:30]), rel=1e-12
    )


def test_class_weights_count_in_the_loss_of_all_batches_as_in_one():
    X, y = nn.make_xor(2500, rng=5)
    loss = nn.SoftmaxCrossEntropy(class_weight=[1, 9])
    net = small()[0]
    assert nn.evaluate(net, loss, X, y)["loss"] == pytest.approx(
        loss.value(net.forward(X), y), rel=1e-12
    )


def test_a_fraction_is_held_out_at_random_and_never_trained_on():
    X = OnlyRows(XOR[0])
    epochs = nn.epochs(*small(), X, XOR[1], epochs=3, validation=0.25, rng=8)
    seen = [set() for _ in range(3)]
    for i, epoch in enumerate(epochs):
        assert set(epoch.scores) == {"val_loss", "val_accuracy"}
        seen[i] = X.asked[1:][i * 60 : (i + 1) * 60]
    trained = [set(rows[:45]) for rows in seen]
    held = [set(rows[45:]) for rows in seen]
    assert trained[0] == trained[1] == trained[2]
    assert held[0] == held[1]
    assert len(trained[0]) == 45
    assert trained[0] | held[0] == set(range(60))
    assert max(held[0]) - min(held[0]) > 15


def split(y, fraction, rng, loss=None, **options):
    loss = loss or nn.SoftmaxCrossEntropy()
    k = 1 if isinstance(loss, nn.SigmoidCrossEntropy) else int(np.max(y)) + 1
    net = nn.Sequential(nn.Dense(1, k))
    data = checked_examples(net, loss, np.zeros((len(y), 1)), y)
    return [part.rows for part in data.split(fraction, np.random.default_rng(rng), **options)]


def test_the_rows_that_a_seed_holds_out_stay_what_they_were():
    trained, held = split(np.arange(12) % 2, 0.25, 8)
    assert trained.tolist() == [5, 2, 11, 0, 3, 8, 6, 9, 7]
    assert held.tolist() == [10, 1, 4]


def test_examples_that_are_not_shuffled_are_trained_on_in_their_order():
    X = OnlyRows(XOR[0])
    list(nn.steps(*small(), X, XOR[1], epochs=2, batch_size=16, shuffle=False))
    assert X.asked[1:] == [*range(60)] * 2


def test_without_shuffling_a_fraction_held_out_leaves_the_others_in_order():
    X = OnlyRows(XOR[0])
    list(nn.epochs(*small(), X, XOR[1], epochs=2, validation=0.25, shuffle=False, rng=8))
    first, second = X.asked[1:46], X.asked[61:106]
    assert first == second == sorted(first)
    assert sorted([*first, *X.asked[46:61]]) == list(range(60))
    trained, held = split(XOR[1], 0.25, 8)
    assert first == sorted(trained)
    assert set(X.asked[46:61]) == set(held)


@pytest.mark.parametrize("seed", range(30))
def test_every_class_has_its_share_on_both_sides(seed):
    rng = np.random.default_rng(seed)
    n, fraction = int(rng.integers(20, 300)), float(rng.uniform(0.1, 0.9))
    y = rng.permutation(np.r_[np.arange(6), np.arange(6), 5 * rng.random(n) ** 2]).astype(int)
    trained, held = split(y, fraction, seed, stratify=True)
    assert sorted([*trained, *held]) == list(range(len(y)))
    assert len(held) == round(fraction * len(y))
    share = len(held) / len(y) * np.bincount(y, minlength=6)
    assert (np.abs(np.bincount(y[held], minlength=6) - share) < 1).all()


def test_stratified_rows_depend_on_the_seed_alone_and_differ_between_seeds():
    y, rng = np.arange(60) % 3, np.random.default_rng(5)
    rng.random(100)
    first, again = split(y, 0.2, 5, stratify=True), split(y, 0.2, rng, stratify=True)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert len({frozenset(split(y, 0.2, s, stratify=True)[1].tolist()) for s in range(9)}) == 9


def test_every_example_is_as_likely_to_be_held_out_as_any_other():
    y = np.repeat([0, 1, 2], [3, 7, 30])
    counts = np.zeros(40)
    for seed in range(1600):
        counts[drawn(40, 0.25, np.random.default_rng(seed), y)[1]] += 1
    assert (np.abs(counts - 400) < 5 * np.sqrt(1600 * 0.25 * 0.75)).all()


def test_stratified_rows_are_in_no_order():
    trained, held = split(np.repeat([0, 1], 50), 0.3, 0, stratify=True)
    assert (np.diff(trained) < 0).sum() > 20
    assert (np.diff(held) < 0).sum() > 5
    assert split(np.repeat([0, 1], 50), 0.3, 0, stratify=True, shuffle=False)[0].tolist() == sorted(
        trained
    )


def test_yes_and_no_are_classes_too():
    y = np.r_[np.zeros(90), np.ones(10)]
    for targets in (y, y[:, np.newaxis]):
        held = split(targets, 0.2, 0, nn.SigmoidCrossEntropy(), stratify=True)[1]
        assert y[held].sum() == 2


def test_rare_classes_are_scored_in_every_epoch_if_they_have_their_share():
    X, y = np.zeros((100, 2)), np.r_[np.zeros(90, int), np.ones(10, int)]

    def rare(y, predictions):
        return (y == 1).sum()

    options = {"epochs": 1, "validation": 0.1, "metrics": {"rare": rare}}
    for seed in range(9):
        (epoch,) = nn.epochs(*small(), X, y, stratify=True, rng=seed, **options)
        assert epoch.scores["val_rare"] == 1


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, 1.5, 0.001, 0.999])
def test_a_fraction_that_leaves_nothing_on_one_side_is_refused(fraction):
    with pytest.raises(ValueError, match="validation: expected"):
        nn.epochs(*small(), *XOR, validation=fraction)


def test_validation_data_may_have_weights():
    s = np.r_[np.ones(30), np.zeros(30)]
    (epoch,) = nn.epochs(*small(), *XOR, epochs=1, validation=(*XOR, s))
    (other,) = nn.epochs(*small(), *XOR, epochs=1, validation=(XOR[0][:30], XOR[1][:30]))
    assert epoch.scores == pytest.approx(other.scores, rel=1e-12)


def test_metrics_see_all_true_and_predicted_values():
    def count_wrong(y, predictions):
        assert y.shape == predictions.shape == (2500,)
        return (y != predictions).sum()

    X, y = nn.make_xor(2500, rng=4)
    net, loss, _ = small()
    scores = nn.evaluate(net, loss, X, y, metrics={"wrong": count_wrong})
    assert scores["wrong"] == round(2500 * (1 - scores["accuracy"]))


class NeedsTwo(nn.Layer):
    """Stands for batch normalization: refuses a batch of one in training."""

    smallest_batch = 2

    def forward(self, X, *, train=False):
        if train and len(X) < 2:
            raise ValueError("X: expected at least two examples")
        return X

    def backward(self, dZ, *, input_grad=True):
        return dZ


def test_a_trailing_batch_of_one_joins_the_one_before_where_a_layer_needs_two():
    def sizes(*layers):
        net = nn.Sequential(nn.Dense(2, 4), *layers, nn.Dense(4, 2))
        found = nn.steps(
            net,
            nn.SoftmaxCrossEntropy(),
            nn.SGD(),
            XOR[0][:21],
            XOR[1][:21],
            batch_size=5,
            epochs=1,
        )
        return [step.n for step in found]

    assert sizes() == [5, 5, 5, 5, 1]
    assert sizes(NeedsTwo()) == [5, 5, 5, 6]


class Silent(nn.Dense):
    """A layer that does not tell the shape of its output."""

    def output_shape(self, shape):
        return None


def test_a_layer_that_tells_no_shape_trains_as_one_that_does_and_targets_are_checked():
    X, y = XOR
    nets = [nn.Sequential(nn.Dense(2, 4), nn.Tanh(), last(4, 2)) for last in (nn.Dense, Silent)]
    for net in nets:
        list(nn.steps(net, nn.SoftmaxCrossEntropy(), nn.SGD(lr=0.1), X, y, epochs=2))
    assert np.array_equal(nets[0].params, nets[1].params)
    with pytest.raises(ValueError, match=r"^y: expected class labels from 0 to 1"):
        nn.steps(nets[1], nn.SoftmaxCrossEntropy(), nn.SGD(), X, y + 1)
