"""Small networks after training: healthy ones of all kinds, and broken ones, each with its cause.

Each is a function of a seed. ``python -m benchmarks.diagnoses`` diagnoses them.
"""

import functools
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

import nnlib as nn
from nnlib.schedules import Constant, Cosine, Exponential, OneCycle, Sequence, StepDecay, Warmup


class Run(NamedTuple):
    """A model after training, its training data, and what it was validated on."""

    model: nn.Model
    X: Any
    y: Any
    validation: tuple[Any, Any] | None = None


@functools.cache
def digits() -> Any:
    """The 8×8 digits, read once."""
    return nn.load_digits()


@functools.cache
def mnist() -> Any:
    """2,000 images of MNIST, or None where it is not on this machine."""
    try:
        data = nn.load_mnist()
    except (OSError, ImportError):
        return None
    return data.X_train[:2000], data.y_train[:2000], data.X_test[:1000], data.y_test[:1000]


def mlp(*sizes: int, act: Any = nn.ReLU, norm: bool = False, p: float = 0.0, **options: Any) -> Any:
    """Dense layers with an activation, and maybe batch norm and dropout, between them."""
    layers: list[Any] = []
    for d_in, d_out in pairwise(sizes[:-1]):
        layers += [nn.Dense(d_in, d_out)] + [nn.BatchNorm(d_out)] * norm + [act()]
        layers += [nn.Dropout(p)] * bool(p)
    return nn.Sequential(*layers, nn.Dense(*sizes[-2:]), **options)


def cnn(rng: int, k: int = 10, **options: Any) -> Any:
    """Two convolutions for 8×8 images."""
    layers = nn.Reshape(1, 8, 8), nn.Conv2D(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2D(2)
    more = nn.Conv2D(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2D(2), nn.Flatten()
    return nn.Sequential(*layers, *more, nn.Dense(64, k), rng=rng, **options)


def fitted(net: Any, X: Any, y: Any, opt: Any = None, loss: Any = None, **options: Any) -> Run:
    """Train, and keep what a diagnosis needs; a run that diverges ends where it does."""
    held = options.get("validation")
    classes = options.pop("classes", None)
    model = nn.Model(
        net,
        loss or nn.SoftmaxCrossEntropy(),
        opt or nn.Adam(lr=0.001),
        classes=classes,
        prepare=options.pop("prepare", None),
    )
    with suppress(FloatingPointError):
        model.fit(X, y, **({"epochs": 10} | options))
    return Run(model, X, y, held if isinstance(held, tuple) else None)


# Healthy runs -------------------------------------------------------------------------------


def steps_of(n: int, epochs: int, batch_size: int = 32) -> int:
    """Updates of a training."""
    return epochs * -(-n // batch_size)


def digits_mlp(seed: int) -> Run:
    """Any depth, width, activation, optimizer, dtype."""
    r, data = np.random.default_rng([seed, 0]), digits()
    act = r.choice([nn.ReLU, nn.Tanh, nn.LeakyReLU, nn.GELU, nn.ELU, nn.SiLU, nn.Sigmoid])  # type: ignore[arg-type]
    depth = int(r.integers(1, 3 if act is nn.Sigmoid else 5))
    width = int(r.choice([16, 32, 64, 128]))
    opt = r.choice(
        [
            nn.Adam(lr=0.003),
            nn.SGD(lr=0.1, momentum=0.5),
            nn.SGD(lr=0.05, momentum=0.9),
            nn.RMSProp(lr=0.002),
            nn.AdamW(lr=0.003, weight_decay=0.01),
            nn.Adagrad(lr=0.03),
        ]
    )
    dtype = r.choice([np.float32, np.float64])
    net = mlp(64, *[width] * depth, 10, act=act, rng=seed, dtype=dtype)
    return fitted(net, data.X_train, data.y_train, opt, epochs=20, validation=0.1, rng=seed)


def digits_schedule(seed: int) -> Run:
    """Schedules that end with the last epoch."""
    r, data = np.random.default_rng([seed, 1]), digits()
    T = steps_of(1437, 8)
    schedules = (
        Cosine(0.005, steps=T),
        OneCycle(0.01, steps=T),
        StepDecay(0.005, every_steps=T // 3),
        Exponential(0.005, factor=0.01 ** (1 / T)),
        Warmup(Cosine(0.005, steps=T - 30), steps=30),
        Sequence([(Constant(0.005), T // 2), (Constant(0.0005), T // 2)]),
    )
    opt = nn.Adam(lr=schedules[int(r.integers(len(schedules)))])
    net = mlp(64, 64, 10, rng=seed, dtype=np.float32)
    return fitted(net, data.X_train, data.y_train, opt, epochs=8, rng=seed)


def digits_norm_dropout(seed: int) -> Run:
    """Batch norm, dropout, clipping and weight decay of the usual sizes."""
    r, data = np.random.default_rng([seed, 2]), digits()
    p, norm = float(r.choice([0.0, 0.2, 0.5])), bool(r.integers(2))
    opt = nn.Adam(lr=0.003, clip_norm=float(r.choice([1, 5])), weight_decay=1e-4)
    net = mlp(64, 64, 32, 10, norm=norm, p=p, rng=seed)
    held = data.X_test, data.y_test
    return fitted(net, data.X_train, data.y_train, opt, epochs=15, validation=held, rng=seed)


def digits_cnn(seed: int) -> Run:
    """A small CNN."""
    data = digits()
    X, y = data.X_train[:700], data.y_train[:700]
    held = data.X_test, data.y_test
    return fitted(cnn(seed), X, y, nn.Adam(lr=0.004), epochs=5, validation=held, rng=seed)


def digits_classes(seed: int) -> Run:
    """Classes with names, inputs that the model prepares, label smoothing, balanced classes."""
    data = digits()
    names = np.array([f"digit {j}" for j in range(10)])
    y = data.y_train
    loss = nn.SoftmaxCrossEntropy(
        label_smoothing=0.1 * (seed % 2), class_weight=nn.balanced_class_weight(y)
    )
    prepare = (nn.Standardize.fit(data.X_train), nn.Pixels(64, white=16))[seed % 2]
    X = data.X_train * (1, 16)[seed % 2]
    return fitted(
        mlp(64, 32, 10, rng=seed),
        *(X, names[y], nn.Adam(lr=0.003), loss),
        **{"classes": names, "prepare": prepare, "rng": seed},
    )


def digits_early(seed: int) -> Run:
    """A few epochs only, though sensible ones."""
    data = digits()
    net, epochs = mlp(64, 64, 10, rng=seed), 2 + seed % 3
    return fitted(net, data.X_train, data.y_train, nn.Adam(lr=0.003), epochs=epochs, rng=seed)


def digits_stopped(seed: int) -> Run:
    """Early stopping."""
    data, stop = digits(), nn.EarlyStopping(patience=3)
    net = mlp(64, 32, 10, act=nn.Tanh, rng=seed)
    options = {"epochs": 30, "validation": 0.2, "early_stopping": stop, "rng": seed}
    return fitted(net, data.X_train, data.y_train, nn.Adam(lr=0.005), **options)


def linear_digits(seed: int) -> Run:
    """No hidden layer."""
    data = digits()
    net, opt = nn.Sequential(nn.Dense(64, 10), rng=seed), nn.SGD(lr=0.5)
    return fitted(net, data.X_train, data.y_train, opt, rng=seed)


def deep_tanh(seed: int) -> Run:
    """Eight layers that keep the signal."""
    data, init = digits(), nn.initializers.xavier_normal
    hidden = [a for _ in range(7) for a in (nn.Dense(32, 32, init=init), nn.Tanh())]
    net = nn.Sequential(nn.Dense(64, 32, init=init), nn.Tanh(), *hidden, nn.Dense(32, 10), rng=seed)
    return fitted(net, data.X_train, data.y_train, nn.Adam(lr=0.001), rng=seed)


def mnist_mlp(seed: int) -> Run:
    """2,000 images of MNIST, or the digits where it is not at hand."""
    if mnist() is None:
        return digits_mlp(seed)
    X, y, *held = mnist()
    net = mlp(784, 64, 32, 10, rng=seed, dtype=np.float32)
    return fitted(net, X, y, epochs=6, validation=tuple(held), rng=seed)


def xor(seed: int) -> Run:
    """Four clouds."""
    X, y = nn.make_xor(200, noise=0.3 * (seed % 2), rng=seed)
    act = (nn.Tanh, nn.ReLU, nn.Sigmoid)[seed % 3]
    return fitted(mlp(2, 8, 2, act=act, rng=seed), X, y, nn.Adam(lr=0.05), epochs=40, rng=seed)


def xor_sigmoid(seed: int) -> Run:
    """One output, yes or no."""
    X, y = nn.make_xor(300, rng=seed)
    loss, opt = nn.SigmoidCrossEntropy(), nn.SGD(lr=0.5, momentum=0.9)
    return fitted(mlp(2, 16, 1, rng=seed), X, y, opt, loss, epochs=30, rng=seed)


def spirals(seed: int) -> Run:
    """Arms around each other, two or three."""
    k = 2 + seed % 2
    X, y = nn.make_spirals(400, classes=k, rng=seed)
    net = mlp(2, 32, 32, k, act=(nn.Tanh, nn.ReLU)[seed % 2], rng=seed)
    held = nn.make_spirals(200, classes=k, rng=seed + 1000)
    return fitted(net, X, y, nn.Adam(lr=0.01), epochs=60, validation=held, rng=seed)


def moons(seed: int) -> Run:
    """Two half circles that overlap a little."""
    r = np.random.default_rng([seed, 3])
    t, y = r.uniform(0, np.pi, 300), r.integers(2, size=300)
    X = np.c_[np.cos(t) + y, np.sin(t) * (1 - 2 * y) + 0.3 * y] + r.normal(0, 0.15, (300, 2))
    return fitted(mlp(2, 16, 2, rng=seed), X, y, nn.Adam(lr=0.02), epochs=30, rng=seed)


def noisy(seed: int) -> Run:
    """Clouds that overlap, and one label in five that is wrong."""
    r = np.random.default_rng([seed, 4])
    y = r.integers(3, size=400)
    X = r.normal(size=(400, 6)) + 1.5 * np.eye(3, 6)[y]
    wrong = r.random(400) < 0.2
    y = np.where(wrong, r.integers(3, size=400), y)
    net, opt = mlp(6, 12, 3, rng=seed), nn.AdamW(lr=0.01, weight_decay=0.01)
    return fitted(net, X, y, opt, epochs=12, validation=0.2, rng=seed)


def many_features(seed: int) -> Run:
    """A straight line through fifty dimensions."""
    r = np.random.default_rng([seed, 5])
    X, w = r.normal(size=(600, 50)), r.normal(size=50)
    y = (X @ w > 0).astype(int)
    return fitted(mlp(50, 8, 2, rng=seed), X, y, nn.Adam(lr=0.01), rng=seed)


def unequal(seed: int) -> Run:
    """Four of five examples are of one class."""
    r = np.random.default_rng([seed, 6])
    y = (r.random(500) < 0.2).astype(int)
    X = r.normal(size=(500, 4)) + 1.8 * y[:, np.newaxis]
    loss = nn.SigmoidCrossEntropy() if seed % 2 else nn.SoftmaxCrossEntropy()
    net = mlp(4, 8, 1 if seed % 2 else 2, rng=seed)
    return fitted(net, X, y, nn.Adam(lr=0.01), loss, epochs=15, rng=seed)


def several_labels(seed: int) -> Run:
    """Three labels that do not exclude each other."""
    r = np.random.default_rng([seed, 7])
    X = r.normal(size=(500, 5))
    Y = (X @ r.normal(size=(5, 3)) + r.normal(0, 0.3, (500, 3)) > 0).astype(float)
    net, loss = mlp(5, 16, 3, rng=seed), nn.SigmoidCrossEntropy()
    return fitted(net, X, Y, nn.Adam(lr=0.01), loss, epochs=15, rng=seed)


def sine(seed: int) -> Run:
    """The smallest regression."""
    X, y = nn.make_sine(200, rng=seed)
    loss = (nn.MeanSquaredError(), nn.Huber(0.5))[seed % 2]
    net = mlp(1, 32, 1, act=(nn.Tanh, nn.ReLU)[seed // 2 % 2], rng=seed)
    held = nn.make_sine(100, rng=seed + 1000)
    return fitted(net, X, y, nn.Adam(lr=0.02), loss, epochs=40, validation=held, rng=seed)


def plane(seed: int) -> Run:
    """A regression of two numbers, with noise, by plain gradient descent."""
    r = np.random.default_rng([seed, 8])
    X = r.normal(size=(300, 8))
    Y = X @ r.normal(0, 0.3, (8, 2)) + r.normal(0, 0.4, (300, 2))
    net = nn.Sequential(nn.Dense(8, 2), rng=seed)
    return fitted(net, X, Y, nn.SGD(lr=0.05), nn.MeanSquaredError(), rng=seed)


def probabilities(seed: int) -> Run:
    """Softmax as a layer, with the loss on probabilities."""
    X, y = nn.make_spirals(300, turns=0.5, rng=seed)
    layers = nn.Dense(2, 16), nn.Tanh(), nn.Dense(16, 2), nn.Softmax()
    net = nn.Sequential(*layers, rng=seed)
    return fitted(net, X, y, nn.Adam(lr=0.02), nn.CrossEntropy(), epochs=30, rng=seed)


def went_on(seed: int) -> Run:
    """A second fit of a model that was trained before."""
    run = digits_early(seed)
    run.model.fit(run.X, run.y, epochs=3)
    return run


class Square(nn.Layer):
    """A layer of one's own: A = Z², dZ = 2 Z dA."""

    def forward(self, Z: Any, *, train: bool = False) -> Any:
        """A = Z²."""
        if train:
            self.cache = Z
        return Z * Z

    def backward(self, dA: Any, *, input_grad: bool = True) -> Any:
        """dZ = 2 Z dA."""
        return 2 * self.cached() * dA


def own_layer(seed: int) -> Run:
    """A layer of one's own, and right."""
    X, y = nn.make_xor(200, rng=seed)
    net = nn.Sequential(nn.Dense(2, 8), Square(), nn.Dense(8, 2), rng=seed)
    return fitted(net, X, y, nn.Adam(lr=0.02), epochs=20, rng=seed)


def tables(seed: int) -> Run:
    """Measured features of other units, standardized: wines and tumours."""
    from sklearn.datasets import load_breast_cancer, load_wine

    if seed % 2:
        X, y = load_wine(return_X_y=True)
        net, loss = mlp(13, 16, 3, rng=seed), nn.SoftmaxCrossEntropy()
    else:
        X, y = load_breast_cancer(return_X_y=True)
        net, loss = mlp(30, 16, 1, rng=seed), nn.SigmoidCrossEntropy()
    prepare = nn.Standardize.fit(X)
    return fitted(net, X, y, nn.Adam(lr=0.01), loss, epochs=15, prepare=prepare, rng=seed)


def own_scales(seed: int) -> Run:
    """Features of any scale, before batch norm."""
    r = np.random.default_rng([seed, 11])
    X = r.normal(size=(400, 5))
    layers = nn.BatchNorm(5), nn.Dense(5, 16), nn.ReLU(), nn.Dense(16, 2)
    net, y = nn.Sequential(*layers, rng=seed), (X[:, 0] > X[:, 1]).astype(int)
    return fitted(net, X * np.logspace(0, 4, 5), y, nn.Adam(lr=0.01), rng=seed)


def weak(seed: int) -> Run:
    """A regression that explains a fifth of how y varies: there is no more in X."""
    r = np.random.default_rng([seed, 12])
    X = r.normal(size=(400, 5))
    y = X @ [0.3, -0.3, 0.2, 0.1, 0.0] + r.normal(size=400)
    net, loss = mlp(5, 8, 1, rng=seed), nn.MeanSquaredError()
    return fitted(net, X, y, nn.Adam(lr=0.005), loss, epochs=20, rng=seed)


def questionnaire(seed: int) -> Run:
    """Answers yes and no, many of them alike, and a few wrong."""
    r = np.random.default_rng([seed, 13])
    X = r.integers(2, size=(500, 4)).astype(float)
    y = ((X.sum(axis=1) > 2) ^ (r.random(500) < 0.05)).astype(int)
    return fitted(mlp(4, 16, 2, rng=seed), X, y, nn.Adam(lr=0.01), epochs=20, rng=seed)


def parity(seed: int) -> Run:
    """Whether an even number of six signs is negative: no neighbour and no line knows."""
    r = np.random.default_rng([seed, 14])
    X = r.integers(2, size=(1000, 6)) * 2.0 - 1
    y = (X.prod(axis=1) > 0).astype(int)
    return fitted(mlp(6, 64, 2, rng=seed), X, y, nn.Adam(lr=0.01), epochs=30, rng=seed)


def normalized(seed: int) -> Run:
    """Layer norm and GELU."""
    data = digits()
    layers = nn.Dense(64, 32), nn.LayerNorm(32), nn.GELU("tanh"), nn.Dense(32, 10)
    net = nn.Sequential(*layers, rng=seed)
    return fitted(net, data.X_train, data.y_train, nn.Adam(lr=0.003), epochs=5, rng=seed)


HEALTHY: tuple[Callable[[int], Run], ...] = (
    digits_mlp,
    digits_schedule,
    digits_norm_dropout,
    digits_cnn,
    digits_classes,
    digits_early,
    digits_stopped,
    linear_digits,
    deep_tanh,
    mnist_mlp,
    xor,
    xor_sigmoid,
    spirals,
    moons,
    noisy,
    many_features,
    unequal,
    several_labels,
    sine,
    plane,
    probabilities,
    went_on,
    own_layer,
    tables,
    own_scales,
    weak,
    questionnaire,
    parity,
    normalized,
)


# Broken runs ----------------------------------------------------------------------------------


def on_digits(seed: int, n: int = 700, **options: Any) -> Run:
    """A network that learns the digits, one of three, but for what the options change."""
    data = digits()
    X, y = options.pop("X", data.X_train[:n]), options.pop("y", data.y_train[:n])
    nets = (
        lambda: mlp(64, 32, 10, rng=seed),
        lambda: mlp(64, 64, 32, 10, rng=seed, dtype=np.float32),
        lambda: cnn(seed, dtype=np.float32),
    )
    net = options.pop("net", None) or nets[seed % 3]()
    return fitted(net, X, y, **({"opt": nn.Adam(lr=0.003), "epochs": 8, "rng": seed} | options))


def on_spirals(seed: int, scale: Any = 1.0, **options: Any) -> Run:
    """The same on two spirals."""
    X, y = nn.make_spirals(400, rng=seed)
    act = (nn.Tanh, nn.ReLU)[seed % 2]
    net = options.pop("net", None) or mlp(2, 32, 32, 2, act=act, rng=seed)
    usual = {"opt": nn.Adam(lr=0.01), "epochs": 40, "rng": seed}
    return fitted(net, X * scale, y, **(usual | options))


def on_numbers(seed: int, **options: Any) -> Run:
    """The same on a regression with five features."""
    r = np.random.default_rng([seed, 9])
    X = r.normal(size=(300, 5))
    y = np.sin(X[:, 0]) + X[:, 1] * X[:, 2] + 0.1 * r.normal(size=300)
    X, y = options.pop("X", lambda X: X)(X), options.pop("y", lambda y: y)(y)
    net = options.pop("net", None) or mlp(5, 32, 1, act=(nn.Tanh, nn.ReLU)[seed % 2], rng=seed)
    usual = {"opt": nn.Adam(lr=0.01), "loss": nn.MeanSquaredError(), "epochs": 30, "rng": seed}
    return fitted(net, X, y, **(usual | options))


def permuted(seed: int, y: Any) -> Any:
    """Targets in an order of their own."""
    return np.random.default_rng([seed, 10]).permutation(y)


def with_biases(net: Any, value: float) -> Any:
    """Give the first layer of weights these biases."""
    layer = next(a for a in net.layers if a.size)
    layer.b = np.full(layer.b.shape, value)
    return net


def all_alike(value: float) -> Any:
    """First values that are all the same."""

    def init(rng: Any, shape: Any, dtype: Any) -> Any:
        return np.full(shape, value, dtype)

    return init


def too_large(times: float) -> Any:
    """First values that are so many times too large."""

    def init(rng: Any, shape: Any, dtype: Any) -> Any:
        return times * nn.initializers.he_normal(rng, shape, dtype)

    return init


def with_init(*sizes: int, act: Any, init: Any, seed: int = 0) -> Any:
    """Dense layers with these first values."""
    layers = [a for pair in pairwise(sizes[:-1]) for a in (nn.Dense(*pair, init=init), act())]
    return nn.Sequential(*layers, nn.Dense(*sizes[-2:], init=init), rng=seed)


class Uphill(nn.Dense):
    """A layer in whose gradient a sign is wrong."""

    def backward(self, dZ: Any, *, input_grad: bool = True) -> Any:
        """dW = −Xᵀ dZ."""
        dX = super().backward(dZ, input_grad=input_grad)
        self.dW = -self.dW
        return dX


class Transposed(nn.Dense):
    """A layer with W where Wᵀ belongs."""

    def backward(self, dZ: Any, *, input_grad: bool = True) -> Any:
        """dX = dZ W."""
        super().backward(dZ, input_grad=False)
        return dZ @ self.W


class NoMask(nn.ReLU):
    """A ReLU whose mask is missing."""

    def backward(self, dA: Any, *, input_grad: bool = True) -> Any:
        """dZ = dA."""
        return dA


class UphillLoss(nn.SoftmaxCrossEntropy):
    """A loss whose gradient has the wrong sign."""

    def per_example(self, Z: Any, y: Any) -> Any:
        """dZ_r = Y_r − P_r."""
        values, dZ = super().per_example(Z, y)
        return values, -dZ


def one_in_a_hundred(seed: int) -> Run:
    """A rare class, not far from the other."""
    r = np.random.default_rng([seed, 15])
    y = (np.arange(1000) % 100 == 0).astype(int)
    X = r.normal(size=(1000, 4)) + 0.8 * y[:, np.newaxis]
    return fitted(mlp(4, 8, 2, rng=seed), X, y, nn.Adam(lr=0.003), epochs=15, rng=seed)


def by_heart(seed: int) -> Run:
    """Forty examples in much noise."""
    data, r = digits(), np.random.default_rng([seed, 16])
    X = data.X_train + r.normal(0, 0.5, data.X_train.shape)
    held = X[40:400], data.y_train[40:400]
    net, y = mlp(64, 128, 10, rng=seed), data.y_train[:40]
    return on_digits(seed, net=net, X=X[:40], y=y, epochs=60, validation=held)


def conflicting(seed: int) -> Run:
    """Each example twice, with two labels."""
    data = digits()
    y = data.y_train[:350]
    return on_digits(seed, X=np.tile(data.X_train[:350], (2, 1)), y=np.r_[y, (y + 1) % 10])


def learned_by_heart(seed: int) -> Run:
    """Shuffled labels, in a network that is large enough for them."""
    y = permuted(seed, digits().y_train[:200])
    return on_digits(seed, 200, net=mlp(64, 128, 10, rng=seed), y=y, epochs=80)


def tenths(seed: int) -> Any:
    """A network with a softmax after each layer."""
    layers = nn.Dense(64, 32), nn.Softmax(), nn.Dense(32, 32), nn.Softmax(), nn.Dense(32, 10)
    return nn.Sequential(*layers, rng=seed)


BROKEN: dict[str, tuple[str, Callable[[int], Run]]] = {
    "pixels from 0 to 255, SGD": (
        "inputs not scaled",
        lambda s: on_digits(s, X=np.round(255 * digits().X_train[:700]), opt=nn.SGD(lr=0.1)),
    ),
    "pixels as bytes, Adam": (
        "inputs not scaled",
        lambda s: on_digits(s, X=(255 * digits().X_train[:700]).astype(np.uint8)),
    ),
    "features of scales from 0.001 to 1,000,000": (
        "inputs not scaled",
        lambda s: on_numbers(s, X=lambda X: X * np.logspace(-3, 6, 5)),
    ),
    "one feature ten thousand times smaller": (
        "inputs not scaled",
        lambda s: on_spirals(s, scale=[1, 1e-4]),
    ),
    "inputs of 0.0001": (
        "inputs not scaled",
        lambda s: on_digits(s, X=1e-4 * digits().X_train[:700]),
    ),
    "inputs around 500": ("inputs not scaled", lambda s: on_numbers(s, X=lambda X: X + 500)),
    "targets of 10,000": ("targets not scaled", lambda s: on_numbers(s, y=lambda y: 1e4 * y)),
    "targets of 0.0001": ("targets not scaled", lambda s: on_numbers(s, y=lambda y: 1e-4 * y)),
    "every row the same": (
        "inputs all equal",
        lambda s: on_digits(s, X=np.tile(digits().X_train[:1], (700, 1))),
    ),
    "every target the same": (
        "targets all equal",
        lambda s: on_digits(s, y=np.full(700, 3), epochs=1),
    ),
    "each row twice, with two labels": ("conflicting labels", conflicting),
    "labels shuffled": (
        "shuffled labels",
        lambda s: on_digits(s, y=permuted(s, digits().y_train[:700])),
    ),
    "labels shuffled, and learned by heart": ("shuffled labels", learned_by_heart),
    "numbers shuffled": (
        "shuffled labels",
        lambda s: on_numbers(s, y=lambda y: permuted(s, y), epochs=5),
    ),
    "one of a hundred in a class": ("imbalanced classes", one_in_a_hundred),
    "no weight for half of the classes": (
        "class without weight",
        lambda s: on_digits(s, loss=nn.SoftmaxCrossEntropy(class_weight=[0.0] * 5 + [1.0] * 5)),
    ),
    "a wrong sign in dW": (
        "wrong gradient",
        lambda s: on_digits(
            s, net=nn.Sequential(Uphill(64, 32), nn.ReLU(), nn.Dense(32, 10), rng=s)
        ),
    ),
    "W in place of its transpose": (
        "wrong gradient",
        lambda s: on_digits(
            s,
            net=nn.Sequential(
                nn.Dense(64, 32), nn.ReLU(), Transposed(32, 32), nn.ReLU(), nn.Dense(32, 10), rng=s
            ),
        ),
    ),
    "a ReLU without its mask": (
        "wrong gradient",
        lambda s: on_spirals(s, net=mlp(2, 32, 32, 2, act=NoMask, rng=s)),
    ),
    "a wrong sign in the loss": (
        "wrong gradient",
        lambda s: on_digits(s, loss=UphillLoss(), opt=nn.SGD(lr=0.01), epochs=2),
    ),
    "first weights of 0": (
        "units all alike",
        lambda s: on_digits(s, net=with_init(64, 32, 10, act=nn.ReLU, init=all_alike(0.0))),
    ),
    "first weights of 0.1": (
        "units all alike",
        lambda s: on_numbers(s, net=with_init(5, 16, 1, act=nn.Tanh, init=all_alike(0.1))),
    ),
    "first weights fifty times too large, tanh": (
        "first values too large",
        lambda s: on_digits(
            s,
            net=with_init(64, 32, 32, 10, act=nn.Tanh, init=too_large(50), seed=s),
            opt=nn.SGD(lr=0.01),
            epochs=3,
        ),
    ),
    "first weights twice too large, in a deep network": (
        "first values too large",
        lambda s: on_digits(
            s, net=with_init(64, *[32] * 9, 10, act=nn.ReLU, init=too_large(2), seed=s), epochs=2
        ),
    ),
    "nine sigmoids": (
        "vanishing gradient",
        lambda s: on_digits(s, net=mlp(64, *[32] * 9, 10, act=nn.Sigmoid, rng=s)),
    ),
    "ten sigmoids, two features": (
        "vanishing gradient",
        lambda s: on_spirals(s, net=mlp(2, *[16] * 10, 2, act=nn.Sigmoid, rng=s)),
    ),
    "biases of −20 before ReLU": (
        "dead units",
        lambda s: on_digits(s, net=with_biases(mlp(64, 32, 10, rng=s), -20.0)),
    ),
    "a softmax after each layer": (
        "softmax in the middle",
        lambda s: on_digits(s, net=tenths(s), opt=nn.SGD(lr=0.05)),
    ),
    "no activations": (
        "no bend between layers",
        lambda s: on_spirals(s, net=nn.Sequential(nn.Dense(2, 16), nn.Dense(16, 2), rng=s)),
    ),
    "a layer of one unit": (
        "cannot overfit ten examples",
        lambda s: on_digits(s, net=mlp(64, 1, 10, act=nn.Tanh, rng=s)),
    ),
    "dropout of 0.95": (
        "dropout",
        lambda s: on_digits(s, net=mlp(64, 32, 32, 10, p=0.95, rng=s), epochs=4),
    ),
    "a rate a thousand times too small": (
        "learning rate too small",
        lambda s: on_digits(s, opt=nn.Adam(lr=3e-6)),
    ),
    "the same for SGD": ("learning rate too small", lambda s: on_digits(s, opt=nn.SGD(lr=1e-4))),
    "the same for a regression": (
        "learning rate too small",
        lambda s: on_numbers(s, opt=nn.Adam(lr=1e-5)),
    ),
    "a rate a thousand times too large": (
        "learning rate too large",
        lambda s: on_digits(s, opt=nn.Adam(lr=3.0)),
    ),
    "one that diverges": ("learning rate too large", lambda s: on_numbers(s, opt=nn.SGD(lr=1.0))),
    "one that kills": ("learning rate too large", lambda s: on_spirals(s, opt=nn.Adam(lr=5.0))),
    "a rate of 0": ("nothing is trained", lambda s: on_digits(s, opt=nn.SGD(lr=0.0))),
    "a schedule that ends in the first epoch": (
        "learning rate collapsed",
        lambda s: on_digits(s, opt=nn.SGD(lr=Cosine(0.1, steps=8))),
    ),
    "a rate halved with each step, not epoch": (
        "learning rate collapsed",
        lambda s: on_numbers(s, opt=nn.Adam(lr=Exponential(0.01, factor=0.5))),
    ),
    "gradients cut to 0.000001": (
        "clipping",
        lambda s: on_digits(s, opt=nn.SGD(lr=0.1, clip_norm=1e-6)),
    ),
    "weight decay of 10": (
        "weight decay",
        lambda s: on_digits(s, opt=nn.Adam(lr=0.003, weight_decay=10.0)),
    ),
    "weight decay of 50 in AdamW": (
        "weight decay",
        lambda s: on_numbers(s, opt=nn.AdamW(lr=0.01, weight_decay=50.0)),
    ),
    "six steps": ("stopped too early", lambda s: on_digits(s, epochs=2, batch_size=256)),
    "forty examples learned by heart": ("overfitting", by_heart),
}
"""By what was done, the name that the first finding must have."""
