"""Checks that find every mutant: short ones, to be read, and to be taken along to other networks.

A check is a function of an engine and a random generator. It builds something small, says what must
hold, and accuses by an exception. Those of a family come in one list: `SEEN_BY`.
"""

import copy
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.hunt.mutants import ANSWERS, BEHAVIOUR, GRADIENTS

Check = Callable[[Any, np.random.Generator], None]


def _agree(nn: Any, rng: np.random.Generator, net: Any, loss: Any, X: Any, y: Any) -> None:
    """Check all gradients of a network whose parameters are not the first ones."""
    net.params = rng.uniform(0.3, 0.9, net.params.shape) * rng.choice([-1, 1], net.params.shape)
    report = nn.check_gradients(net, loss, X, y)
    assert report.ok, report


def activations_agree(nn: Any, rng: np.random.Generator) -> None:
    """One activation between two dense layers, each in turn; α is not what it is by default."""
    X, y = rng.normal(size=(5, 3)), rng.integers(0, 3, 5)
    elu, all_classes = nn.ELU(0.4), nn.SoftmaxCrossEntropy()
    for bend in (nn.ReLU(), nn.Sigmoid(), nn.Tanh(), nn.LeakyReLU(0.2), elu, nn.GELU()):
        net = nn.Sequential(nn.Dense(3, 2), bend, nn.Dense(2, 3))
        _agree(nn, rng, net, all_classes, X, y)
    _agree(nn, rng, nn.Sequential(nn.Dense(3, 3), nn.Softmax()), nn.CrossEntropy(), X, y)


def layers_agree(nn: Any, rng: np.random.Generator) -> None:
    """Dropout, blocks and normalizations, one of them frozen."""
    X, y = rng.normal(size=(5, 3)), rng.normal(size=5)
    frozen = nn.BatchNorm(3)
    block = nn.Residual(nn.Dense(3, 3), nn.Tanh())
    parts = [nn.Dropout(0.3), block, nn.BatchNorm(3), nn.LayerNorm(3), nn.RMSNorm(3), frozen]
    for part in parts:
        net = nn.Sequential(nn.Dense(3, 3), part, nn.Dense(3, 1))
        frozen.frozen = True
        _agree(nn, rng, net, nn.MeanSquaredError(), X, y)


def images_agree(nn: Any, rng: np.random.Generator) -> None:
    """Windows that overlap, over a border of zeros, on images that are not square."""
    X, y = rng.normal(size=(2, 2, 4, 3)), rng.normal(size=(2, 2))
    pools = nn.MaxPool2D(2, stride=1), nn.AvgPool2D(2)
    net = nn.Sequential(nn.BatchNorm(2), nn.Conv2D(2, 2, 3, padding=1), *pools, nn.Flatten())
    _agree(nn, rng, net, nn.MeanSquaredError(), X, y)


def losses_agree(nn: Any, rng: np.random.Generator) -> None:
    """Measure each loss's own slope, with several outputs, and with weights of all kinds."""
    Z, s = rng.normal(size=(4, 3)), rng.uniform(0.5, 2, 4)
    labels, reals, yes = rng.integers(0, 3, 4), rng.normal(size=(4, 3)), rng.random((4, 3))
    softmax, weighted = nn.SoftmaxCrossEntropy(), nn.SoftmaxCrossEntropy(class_weight=[1, 2, 3])
    smooth = nn.SoftmaxCrossEntropy(label_smoothing=0.2)
    pairs = [(softmax, labels), (weighted, labels), (smooth, labels), (nn.Huber(0.5), reals)]
    pairs += [(nn.MeanSquaredError(), reals), (nn.SigmoidCrossEntropy(), yes)]
    for (loss, y), weights in product(pairs, (None, s)):
        measured = nn.numerical_gradient(partial(loss.value, y=y, weights=weights), Z)
        error = nn.relative_error(loss.value_and_grad(Z, y, weights)[1], measured)
        assert error < 1e-7, (loss, error)


def _small(nn: Any, rng: np.random.Generator, **options: Any) -> tuple[Any, Array, Any]:
    """A small network for three classes, and ten examples with random labels."""
    net = nn.Sequential(nn.Dense(4, 16), nn.ReLU(), nn.Dense(16, 3), rng=1, **options)
    return net, rng.normal(size=(10, 4)), rng.permutation([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])


def loss_begins_at_log_k(nn: Any, rng: np.random.Generator) -> None:
    """Logits of nearly 0 say that all k classes are alike, which costs log k."""
    net, X, y = _small(nn, rng)
    value = nn.SoftmaxCrossEntropy().value(1e-3 * net.forward(X), y)
    assert abs(value - np.log(3)) < 0.01, value


def ten_examples_are_learnt(nn: Any, rng: np.random.Generator) -> None:
    """Ten examples with random labels: if the loss does not go to 0, something is broken."""
    net, X, y = _small(nn, rng)
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD(lr=0.5))
    model.fit(X, y, epochs=100, batch_size=5)
    assert model.evaluate(X, y)["loss"] < 0.1, model.evaluate(X, y)


def signals_keep_their_size(nn: Any, rng: np.random.Generator) -> None:
    """Through eight layers of ReLUs, a signal stays within a factor of ten."""
    pairs = [layer for _ in range(8) for layer in (nn.Dense(60, 60), nn.ReLU())]
    A = nn.Sequential(*pairs, rng=int(rng.integers(1000))).forward(rng.normal(size=(20, 60)))
    assert 0.1 < np.sqrt((A * A).mean()) < 10, np.sqrt((A * A).mean())


def layers_begin_different(nn: Any, rng: np.random.Generator) -> None:
    """No two layers have the same weights, nor have two networks of different seeds."""
    first, second = (nn.Sequential(nn.Dense(3, 3), nn.Dense(3, 3), rng=seed) for seed in (1, 2))
    weights = [layer.W for net in (first, second) for layer in net.layers]
    assert all(not np.array_equal(A, B) for i, A in enumerate(weights) for B in weights[:i])


def epochs_are_honest(nn: Any, rng: np.random.Generator) -> None:
    """With η = 0 nothing moves: an epoch's loss is that of all the data, in batches of its own."""
    net, X, y = _small(nn, rng)
    loss = nn.SoftmaxCrossEntropy()
    true = nn.evaluate(net, loss, X, y)["loss"]
    seed = int(rng.integers(1000))
    steps = [*nn.steps(net, loss, nn.SGD(lr=0), X, y, epochs=3, batch_size=4, rng=seed)]
    values = [[step.loss for step in steps if step.epoch == epoch] for epoch in (1, 2, 3)]
    assert not all(np.allclose(np.sort(values[0]), np.sort(other)) for other in values[1:])
    for epoch in nn.epochs(net, loss, nn.SGD(lr=0), X, y, epochs=2, batch_size=4):
        assert abs(epoch.loss - true) < 1e-12, (epoch.loss, true)


def noise_is_not_predicted(nn: Any, rng: np.random.Generator) -> None:
    """Random labels can be learnt by heart, but not foretold: what is held out stays at chance."""
    X, y = rng.normal(size=(60, 20)), rng.permutation(np.arange(60) % 2)
    net = nn.Sequential(nn.Dense(20, 60), nn.ReLU(), nn.Dense(60, 2))
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.02))
    history = model.fit(X, y, epochs=25, validation=0.5, batch_size=15)
    assert history["val_accuracy"][-1] < 0.93, history["val_accuracy"][-1]


def use_differs_from_training(nn: Any, rng: np.random.Generator) -> None:
    """In use dropout lets all pass, in training it keeps the mean, with a mask for each example."""
    net, X = nn.Sequential(nn.Dropout(0.5), rng=int(rng.integers(1000))), np.ones((400, 50))
    assert np.array_equal(net.forward(X), X)
    A = net.forward(X, train=True)
    assert abs(A.mean() - 1) < 0.05, A.mean()
    assert A.std(axis=0).min() > 0


def scores_are_repeatable(nn: Any, rng: np.random.Generator) -> None:
    """To score a network changes nothing, and gives the same again."""
    X, y = rng.normal(size=(20, 4)), rng.integers(0, 3, 20)
    layers = nn.Dense(4, 30), nn.BatchNorm(30), nn.Dropout(0.5), nn.Dense(30, 3)
    model = nn.Model(nn.Sequential(*layers), nn.SoftmaxCrossEntropy(), nn.SGD())
    assert model.evaluate(X, y) == model.evaluate(X, y)


def neighbours_do_not_matter(nn: Any, rng: np.random.Generator) -> None:
    """In use, what is said of an example does not depend on who else is in its batch."""
    X, y = rng.normal(size=(20, 4)), rng.integers(0, 3, 20)
    layers = nn.Dense(4, 5), nn.BatchNorm(5), nn.ReLU(), nn.Dense(5, 3)
    model = nn.Model(
        nn.Sequential(*layers), nn.SoftmaxCrossEntropy(), nn.SGD(), prepare=nn.Standardize
    )
    model.fit(X, y, epochs=1)
    assert np.allclose(model.predict_proba(X)[:5], model.predict_proba(X[:5]))


def batch_norm_learns_what_it_sees(nn: Any, rng: np.random.Generator) -> None:
    """After many batches of one kind, use and training nearly agree."""
    X = rng.normal(3, 5, size=(400, 2))
    net = nn.Sequential(nn.BatchNorm(2))
    for _ in range(100):
        Z = net.forward(X, train=True)
    assert np.allclose(net.forward(X), Z, atol=0.02)


def dtypes_stay(nn: Any, rng: np.random.Generator) -> None:
    """What goes in as float32 comes out as float32."""
    layers = nn.Dense(4, 5), nn.BatchNorm(5), nn.ReLU(), nn.Dropout(0.5), nn.Dense(5, 3)
    net = nn.Sequential(*layers, dtype=np.float32)
    for train in (True, False):
        assert net.forward(rng.normal(size=(6, 4)), train=train).dtype == np.float32


def extremes_are_finite(nn: Any, rng: np.random.Generator) -> None:
    """Logits of ±1000 have a loss, and it is the difference of the two."""
    Z = np.array([[1000.0, -1000.0], [-1000.0, 1000.0]])
    value, dZ = nn.SoftmaxCrossEntropy().value_and_grad(Z, np.array([0, 0]))
    assert value == 1000, value
    assert np.isfinite(dZ).all()


def answers_follow_probabilities(nn: Any, rng: np.random.Generator) -> None:
    """Yes is said exactly where its probability is above ½."""
    Z, loss = rng.normal(size=(100, 1)), nn.SigmoidCrossEntropy()
    assert ((loss.probabilities(Z)[:, 0] > 0.5) == loss.predictions(Z)).all()


def passes_leave_no_trace(nn: Any, rng: np.random.Generator) -> None:
    """The same pass gives the same gradient, also after another, and after a prediction."""
    net, X, y = _small(nn, rng)
    loss, gradients = nn.SoftmaxCrossEntropy(), []
    for _ in range(2):
        _, dZ = loss.value_and_grad(net.forward(X, train=True), y)
        net.forward(rng.normal(size=(10, 4)))
        net.backward(dZ)
        gradients.append(net.grads.copy())
    _, dZ = loss.value_and_grad(net.forward(X, train=True), y)
    net.backward(dZ)
    assert all(np.array_equal(g, net.grads) for g in gradients)


def the_best_comes_back(nn: Any, rng: np.random.Generator) -> None:
    """After early stopping, the network scores what its best epoch scored."""
    net, X, y = _small(nn, rng)
    held = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.1))
    stopping = nn.EarlyStopping(patience=5)
    history = model.fit(X, y, epochs=30, validation=held, early_stopping=stopping)
    assert abs(model.evaluate(*held)["loss"] - min(history["val_loss"])) < 1e-12


def copies_learn_for_themselves(nn: Any, rng: np.random.Generator) -> None:
    """A copy of a model in training goes on with its own parameters."""
    net, X, y = _small(nn, rng)
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.01))
    model.fit(X, y, epochs=1)
    twin = copy.deepcopy(model)
    model.fit(X, y, epochs=1)
    twin.fit(X, y, epochs=1)
    assert np.array_equal(model.net.params, twin.net.params)


def steps_only_read_gradients(nn: Any, rng: np.random.Generator) -> None:
    """A step moves θ, and leaves g as it is."""
    θ, g = rng.normal(size=6), rng.normal(size=6)
    before = g.copy()
    nn.Adam(lr=0.1, clip_norm=0.5, weight_decay=0.1).step(θ, g, decay=slice(None))
    assert np.array_equal(g, before)


def _after(optimizer: Any, *gradients: float) -> float:
    """Where one parameter is after these gradients, from 1 on."""
    θ = np.array([1.0])
    for g in gradients:
        optimizer.step(θ, np.array([g]), decay=slice(None))
    return float(θ[0])


def optimizers_step_as_published(nn: Any, rng: np.random.Generator) -> None:
    """Two steps with g = 1, then 3, worked out by hand."""
    m, v = 0.9 * 0.1 + 0.1 * 3, 0.999 * 0.001 + 0.001 * 9
    second = m / (1 - 0.81) / np.sqrt(v / (1 - 0.999**2))
    rms = 1 / np.sqrt(0.01), 3 / np.sqrt(0.99 * 0.01 + 0.01 * 9)
    expected = [
        (nn.SGD(lr=0.1, momentum=0.5), 1 - 0.1 * (1 + 3.5)),
        (nn.SGD(lr=0.1, momentum=0.5, nesterov=True), 1 - 0.1 * (1.5 + 4.75)),
        (nn.Adam(lr=0.1), 1 - 0.1 * (1 + second)),
        (nn.RMSProp(lr=0.1), 1 - 0.1 * sum(rms)),
        (nn.AdamW(lr=0.1, weight_decay=0.5), (0.95 - 0.1) * 0.95 - 0.1 * second),
    ]
    for optimizer, θ in expected:
        assert abs(_after(optimizer, 1, 3) - θ) < 1e-6, (optimizer, θ)
    tiny = _after(nn.Adam(lr=0.1, eps=1e-3), 1e-3)  # ε and √v̂ are equal: half a step
    assert abs(tiny - 0.95) < 1e-6, tiny


def decay_and_clipping_do_as_told(nn: Any, rng: np.random.Generator) -> None:
    """Decay spares biases, and a gradient that is cut keeps its direction."""
    net = nn.Sequential(nn.Dense(2, 1))
    net.params = [1.0, 2.0, 3.0]
    X, y = np.zeros((4, 2)), np.full(4, 3.0)
    next(iter(nn.steps(net, nn.MeanSquaredError(), nn.SGD(lr=0.1, weight_decay=1.0), X, y)))
    assert np.allclose(net.params, [0.9, 1.8, 3.0]), net.params
    θ = np.zeros(2)
    nn.SGD(lr=1.0, clip_norm=1.0).step(θ, np.array([3.0, 4.0]))
    assert np.allclose(θ, [-0.6, -0.8], atol=1e-5), θ


def schedules_hit_their_marks(nn: Any, rng: np.random.Generator) -> None:
    """A warm-up of four steps and a fall every three, written out."""
    warm, stairs = nn.schedules.Warmup(1.0, steps=4), nn.schedules.StepDecay(1.0, every_steps=3)
    assert np.allclose([warm(t) for t in range(5)], [0.25, 0.5, 0.75, 1, 1])
    assert np.allclose([stairs(t) for t in range(7)], [1, 1, 1, 0.1, 0.1, 0.1, 0.01])


def first_weights_have_their_variance(nn: Any, rng: np.random.Generator) -> None:
    """2/d_in, and 2/(d_in + d_out): of a matrix that is far from square."""
    for draw, variance in (
        (nn.initializers.he_normal, 2 / 500),
        (nn.initializers.he_uniform, 2 / 500),
        (nn.initializers.xavier_uniform, 2 / 540),
        (nn.initializers.lecun_normal, 1 / 500),
    ):
        W = draw(rng, (500, 40))
        assert 0.9 < W.var() / variance < 1.1, (draw, W.var() / variance)


def activations_have_known_values(nn: Any, rng: np.random.Generator) -> None:
    """GELU's two forms nearly agree; SELU's slope above 0 is λ, and below it goes to −λ α."""
    Z = np.linspace(-4, 4, 81)
    assert np.abs(nn.activations.gelu(Z) - nn.activations.gelu(Z, "tanh")).max() < 1e-3
    assert np.allclose(nn.activations.selu(np.array([1.0, -50.0])), [1.0507, -1.7581], atol=1e-4)


def losses_have_known_values(nn: Any, rng: np.random.Generator) -> None:
    """Worked out by hand: of smoothed labels, and of two outputs."""
    loss = nn.SoftmaxCrossEntropy(label_smoothing=0.3)
    value = loss.value(np.log([[0.5, 0.25, 0.25]]), np.array([0]))
    assert np.isclose(value, -0.8 * np.log(0.5) - 0.2 * np.log(0.25)), value
    assert np.isclose(nn.MeanSquaredError().value(np.array([[1.0, 3.0]]), [[0.0, 0.0]]), 5)


def batch_norm_remembers_as_told(nn: Any, rng: np.random.Generator) -> None:
    """A tenth of the way from 0 to the mean, and from 1 to the unbiased variance."""
    net = nn.Sequential(nn.BatchNorm(1, momentum=0.1))
    net.forward(np.array([[1.0], [3.0]]), train=True)
    assert np.allclose(net.buffers, [0.2, 1.1]), net.buffers


def windows_have_known_values(nn: Any, rng: np.random.Generator) -> None:
    """A filter with a single 1 shifts an image; a mean of equal pixels is that pixel."""
    net = nn.Sequential(nn.Conv2D(1, 1, 2))
    net.params = [0.0, 1.0, 0.0, 0.0, 5.0]
    X = rng.normal(size=(1, 1, 3, 3))
    assert np.allclose(net.forward(X), X[:, :, :2, 1:] + 5)
    same = np.full((1, 1, 4, 4), 3.0)
    for pool in (nn.AvgPool2D(2), nn.MaxPool2D(2)):
        assert np.allclose(pool.forward(same, train=True), 3)
        assert np.isclose(pool.backward(np.ones((1, 1, 2, 2))).sum(), 4), pool


def scores_have_known_values(nn: Any, rng: np.random.Generator) -> None:
    """Three examples of class 0, of which one is taken for class 1."""
    C = nn.confusion_matrix([0, 0, 0, 1], [0, 0, 1, 1])
    assert np.array_equal(C, [[2, 1], [0, 1]]), C


SEEN_BY: dict[str, list[Check]] = {
    ANSWERS: [
        optimizers_step_as_published,
        decay_and_clipping_do_as_told,
        schedules_hit_their_marks,
        first_weights_have_their_variance,
        activations_have_known_values,
        losses_have_known_values,
        batch_norm_remembers_as_told,
        windows_have_known_values,
        scores_have_known_values,
    ],
    BEHAVIOUR: [
        loss_begins_at_log_k,
        layers_begin_different,
        use_differs_from_training,
        scores_are_repeatable,
        neighbours_do_not_matter,
        batch_norm_learns_what_it_sees,
        dtypes_stay,
        extremes_are_finite,
        answers_follow_probabilities,
        passes_leave_no_trace,
        epochs_are_honest,
        signals_keep_their_size,
        steps_only_read_gradients,
        copies_learn_for_themselves,
        the_best_comes_back,
        ten_examples_are_learnt,
        noise_is_not_predicted,
    ],
    GRADIENTS: [activations_agree, layers_agree, images_agree, losses_agree],
}
"""For each family, the checks that see it; the quick ones first, so that a hunt is short."""
