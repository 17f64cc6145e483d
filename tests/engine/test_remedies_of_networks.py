"""What an error says to do is done here, and works: networks, layers in them, gradients."""

import copy

import numpy as np

import nnlib as nn
from nnlib import numerical_gradient, relative_error
from tests.helpers.remedies import each, expect_rows, follow

X = np.random.default_rng(0).normal(size=(4, 3))
Y = np.array([0, 1, 1, 0])
LOGITS = nn.SoftmaxCrossEntropy()


def net(*last, **options):
    """A network of three inputs and two outputs, always the same."""
    return nn.Sequential(nn.Dense(3, 5), nn.Tanh(), nn.Dense(5, 2), *last, **options)


Z = net().forward(X)


def check(net=None, loss=LOGITS, X=X, y=Y, **options):
    return nn.check_gradients(net or nn.Sequential(nn.Dense(3, 2)), loss, X, y, **options)


def after_forward(train):
    """The network after a forward pass, and its gradients after the backward pass."""
    network = net()
    network.forward(X, train=train)
    network.backward(Z)
    return network.grads


def forward_and_backward(dZ):
    network = net()
    network.forward(X, train=True)
    network.backward(dZ)
    return network.grads


def starts_from(init):
    return nn.Sequential(nn.Dense(3, 2, init=init)).forward(X)


def taken(**arrays):
    """A network of these parameters, as from a file."""
    network = nn.Sequential(nn.Dense(3, 2))
    network.take_arrays("net.safetensors", {k.replace("_", "."): a for k, a in arrays.items()})
    return network.params


def restored(snapshot):
    network = net(rng=1)
    network.restore(snapshot)
    return network.forward(X)


def trained(network, loss, optimizer=None):
    """The loss of each epoch of a model; it falls."""
    return nn.Model(network, loss, optimizer or nn.SGD(0.1)).fit(X, Y, epochs=5)["loss"]


def falls(losses):
    return losses[-1] < losses[0]


def used_layer():
    layer = nn.Dense(3, 2)
    nn.Sequential(layer)
    return layer


TURNED = np.arange(6.0).reshape(3, 2)
HOLES = np.where(X[1, 2] == X, np.nan, X)

# A call, the error, what it says (in the end: what to do), that done, and what it gives.
NETWORKS = [
    (
        lambda: nn.Sequential(),
        ValueError,
        "layers: expected at least one layer, got none: add nnlib.Dense(…)",
        lambda: nn.Sequential(nn.Dense(3, 2)).forward(X).shape,
        (4, 2),
    ),
    (
        lambda: nn.Sequential(nn.Dense(3, 2), nn.ReLU),
        TypeError,
        "layers[1]: expected a layer, got <class 'nnlib.layers.activation.ReLU'>: call it: "
        "nnlib.ReLU()",
        lambda: nn.Sequential(nn.Dense(3, 2), nn.ReLU()).forward(X).min(),
        0,
    ),
    (
        lambda: nn.Sequential([nn.Dense(3, 2), nn.ReLU()]),
        TypeError,
        "layers go in one by one, e.g. nnlib.ReLU()",
        lambda: len(nn.Sequential(*[nn.Dense(3, 2), nn.ReLU()]).layers),
        2,
    ),
    (
        lambda: nn.Sequential(used_layer()),
        ValueError,
        "layers[0]: Dense(3, 2) already belongs to a network; a layer is used once: make a new "
        "Dense(3, 2)",
        lambda: nn.Sequential(nn.Dense(3, 2)).forward(X).shape,
        (4, 2),
    ),
    (
        lambda: nn.Sequential(nn.Dense(3, 5), nn.Dense(4, 2)),
        ValueError,
        "layers[1]: Dense(4, 2) after Dense(3, 5): expected 4 inputs, got examples of shape (5,)",
        lambda: nn.Sequential(nn.Dense(3, 4), nn.Dense(4, 2)).forward(X).shape,
        (4, 2),
    ),
    (
        lambda: net().forward(X[0]),
        ValueError,
        "X: expected shape (n, 3), got (3,): for a single example use X[np.newaxis]",
        lambda: net().forward(X[0][np.newaxis]),
        Z[:1],
    ),
    (
        lambda: net().forward(X.T),
        ValueError,
        "X: expected shape (n, 3), got (3, 4): one row for each example",
        lambda: net().forward(X.T.T),
        Z,
    ),
    (
        lambda: net().forward(X[:0]),
        ValueError,
        "X: expected at least one example, got an empty batch",
        lambda: net().forward(X[:1]),
        Z[:1],
    ),
    (
        lambda: net().forward(HOLES),
        ValueError,
        "X: expected finite numbers, got nan at X[1, 2] (1 of 12 entries are not finite): "
        "fill in or leave out what is missing before training",
        lambda: net().forward(HOLES[np.isfinite(HOLES).all(axis=1)]),
        np.delete(Z, 1, axis=0),
    ),
    (
        lambda: after_forward(train=False),
        RuntimeError,
        "backward came before forward: call net.forward(X, train=True) first (one with "
        "train=False keeps nothing for backward)",
        lambda: after_forward(train=True),
        np.any,
    ),
    (
        lambda: forward_and_backward(Z[:, 0]),
        ValueError,
        "dZ: expected the shape of the last output, (4, 2), got (4,): dZ is one number for each "
        "output",
        lambda: forward_and_backward(Z),
        np.any,
    ),
    (
        lambda: restored(nn.Sequential(nn.Dense(3, 2)).snapshot()),
        ValueError,
        "snapshot: expected 32 params, got 8: pass what this network's snapshot() returned",
        lambda: restored(net().snapshot()),
        Z,
    ),
    (
        lambda: restored(net().params),
        TypeError,
        "snapshot: expected a Snapshot, got array([",
        lambda: restored(net().snapshot()),
        Z,
    ),
    (
        lambda: starts_from(lambda rng, shape, dtype: np.full(shape, np.nan, dtype)),
        ValueError,
        "layers[0].W: expected finite numbers, got nan at layers[0].W[0, 0] (6 of 6 entries are "
        "not finite): Dense(3, 2, init=<lambda>) starts from these, so let its init give finite "
        "ones",
        lambda: starts_from(lambda rng, shape, dtype: np.full(shape, 0.0, dtype)),
        0,
    ),
    (
        lambda: taken(**{"0_W": np.ones((3, 2))}),
        ValueError,
        "net.safetensors: expected 0.W, 0.b, got 0.W; 0.b is missing: build the network of which "
        "these are the parameters",
        lambda: taken(**{"0_W": np.ones((3, 2)), "0_b": np.ones(2)}),
        1,
    ),
    (
        lambda: taken(weight=TURNED.T, bias=np.ones(2)),
        ValueError,
        "0.W is missing: build the network of which these are the parameters, or write them under "
        "the names expected",
        lambda: taken(**{"0_W": TURNED, "0_b": np.ones(2)}),
        [*range(6), 1, 1],
    ),
    (
        lambda: taken(**{"0_W": TURNED.T, "0_b": np.ones(2)}),
        ValueError,
        "net.safetensors: expected 0.W of shape (3, 2), got (2, 3): build the network of which",
        lambda: nn.Sequential(nn.Dense(2, 3)).take_arrays("", {"0.W": TURNED.T, "0.b": np.ones(3)}),
    ),
]


def image(*layers, size=(5, 4), c=1):
    """The shape of what comes out for a batch of three images."""
    return nn.Sequential(*layers).forward(np.ones((3, c, *size))).shape


def alone(layer, call):
    """What a call gives of a layer that is in no network."""
    return call(layer)


def within(layer, call):
    """What it gives of one that is."""
    nn.Sequential(layer)
    return call(layer)


def set_bias(layer, b):
    layer.b = b
    return layer.b


def there_and_back(layer, train):
    layer.forward(X, train=train)
    return layer.backward(np.ones((4, 2))).shape


LAYERS = [
    (
        lambda: alone(nn.Dense(3, 2), lambda layer: layer.W),
        RuntimeError,
        "Dense(3, 2) has no W yet: its numbers live in a network, so put it into one first: "
        "net = nnlib.Sequential(Dense(3, 2))",
        lambda: within(nn.Dense(3, 2), lambda layer: layer.W.shape),
        (3, 2),
    ),
    (
        lambda: alone(nn.Dropout(0.5), lambda layer: layer.forward(X, train=True)),
        RuntimeError,
        "a network gives it one, so put it into one first: net = nnlib.Sequential(Dropout(0.5))",
        lambda: within(nn.Dropout(0.5), lambda layer: layer.forward(X, train=True)),
        lambda A: 0 < np.count_nonzero(A) < A.size,
    ),
    (
        lambda: within(nn.Dense(3, 2), lambda layer: there_and_back(layer, train=False)),
        RuntimeError,
        "backward of Dense(3, 2) came before forward: call forward(X, train=True) first (one with "
        "train=False keeps nothing for backward)",
        lambda: within(nn.Dense(3, 2), lambda layer: there_and_back(layer, train=True)),
        (4, 3),
    ),
    (
        lambda: within(nn.Dense(3, 2), lambda layer: set_bias(layer, 1.0)),
        ValueError,
        "b: expected an array of shape (2,), got (): assigning copies the values in, it cannot "
        "change the shape",
        lambda: within(nn.Dense(3, 2), lambda layer: set_bias(layer, [1.0, 1.0])),
        [1, 1],
    ),
    (
        lambda: image(nn.Dense(20, 2)),
        ValueError,
        "X: expected shape (n, 20), got (3, 1, 5, 4): one row for each example",
        lambda: image(nn.Flatten(), nn.Dense(20, 2)),
        (3, 2),
    ),
    (
        lambda: image(nn.Reshape(3, 7)),
        ValueError,
        "expected examples of 21 numbers to fill the shape (3, 7), got examples of shape "
        "(1, 5, 4), 20 numbers",
        lambda: image(nn.Reshape(2, 10)),
        (3, 2, 10),
    ),
    (
        lambda: image(nn.Conv2D(1, 2, 7, padding=1)),
        ValueError,
        "kernel_size: expected at most 6 for an image of 5×4 with padding 1, got 7: use padding=2",
        lambda: image(nn.Conv2D(1, 2, 7, padding=2)),
        (3, 2, 3, 2),
    ),
    (
        lambda: image(nn.MaxPool2D(5)),
        ValueError,
        "kernel_size: expected at most 4 for an image of 5×4, got 5: use a smaller kernel",
        lambda: image(nn.MaxPool2D(4)),
        (3, 1, 1, 1),
    ),
    (
        lambda: nn.Sequential(nn.Conv2D(1, 2, 3)).forward(np.ones((3, 20))),
        ValueError,
        "put Reshape(1, h, w) first",
        lambda: (
            nn.Sequential(nn.Reshape(1, 5, 4), nn.Conv2D(1, 2, 3)).forward(np.ones((3, 20))).shape
        ),
        (3, 2, 3, 2),
    ),
    (
        lambda: image(nn.Conv2D(1, 2, 3), c=5),
        ValueError,
        "use c_in=5",
        lambda: image(nn.Conv2D(5, 2, 3), c=5),
        (3, 2, 3, 2),
    ),
    (
        lambda: nn.Sequential(nn.Conv2D(4, 2, 3)).forward(np.ones((3, 5, 6, 4))),
        ValueError,
        "move the channels to the front",
        lambda: (
            nn.Sequential(nn.Conv2D(4, 2, 3))
            .forward(np.moveaxis(np.ones((3, 5, 6, 4)), -1, 1))
            .shape
        ),
        (3, 2, 3, 4),
    ),
    (
        lambda: image(nn.BatchNorm(3)),
        ValueError,
        "expected 3 features, (3,), or channels, (3, h, w), got examples of shape (1, 5, 4)",
        lambda: image(nn.BatchNorm(3), c=3),
        (3, 3, 5, 4),
    ),
    (
        lambda: image(nn.ReLU(), nn.LayerNorm(3)),
        ValueError,
        "layers[1]: LayerNorm(3) after ReLU(): expected examples of shape (3,), got (1, 5, 4)",
        lambda: image(nn.ReLU(), nn.LayerNorm(1, 5, 4)),
        (3, 1, 5, 4),
    ),
    (
        lambda: nn.Sequential(nn.BatchNorm(3)).forward(X[:1], train=True),
        ValueError,
        "take a larger batch (add a single last example to the batch before it)",
        lambda: nn.Sequential(nn.BatchNorm(3)).forward(X, train=True).mean(axis=0).round(12),
        [0, 0, 0],
    ),
    (
        lambda: nn.Sequential(nn.BatchNorm(3)).forward(X[:1], train=True),
        ValueError,
        "or predict with forward(X)",
        lambda: nn.Sequential(nn.BatchNorm(3)).forward(X[:1]).shape,
        (1, 3),
    ),
]

PARTS = [
    (
        lambda: nn.Model([nn.Dense(3, 2)], LOGITS, nn.SGD()),
        TypeError,
        "net: expected a Sequential, got [Dense(3, 2)]: nnlib.Sequential(nnlib.Dense(d_in, d_out))",
        lambda: trained(nn.Sequential(nn.Dense(3, 2)), LOGITS),
        falls,
    ),
    (
        lambda: nn.Model(net(), "cross-entropy", nn.SGD()),
        TypeError,
        "loss: expected a Loss, got 'cross-entropy': nnlib.SoftmaxCrossEntropy()",
        lambda: trained(net(), nn.SoftmaxCrossEntropy()),
        falls,
    ),
    (
        lambda: nn.Model(net(), LOGITS, nn.Adam),
        TypeError,
        "optimizer: expected an Optimizer, got <class 'nnlib.optimizers.Adam'>: "
        "nnlib.Adam(lr=0.001)",
        lambda: trained(net(), LOGITS, nn.Adam(lr=0.001)),
        falls,
    ),
    (
        lambda: nn.Model(net(nn.Softmax()), LOGITS, nn.SGD()),
        ValueError,
        "got the outputs of Softmax(): leave the last Softmax() out; predict_proba gives "
        "probabilities",
        lambda: nn.Model(net(), LOGITS, nn.SGD()).predict_proba(X).sum(axis=1),
        1,
    ),
    (
        lambda: nn.Model(net(nn.Softplus()), nn.Poisson(), nn.SGD()),
        ValueError,
        "net: expected the logarithms of rates for Poisson(), which has its own exp inside, got "
        "the outputs of Softplus(): leave the last Softplus() out; predict gives rates",
        lambda: nn.Model(net(), nn.Poisson(), nn.SGD()).predict(X),
        lambda rates: (rates > 0).all(),
    ),
    (
        lambda: nn.Model(net(), nn.CrossEntropy(), nn.SGD()),
        ValueError,
        "net: expected probabilities for CrossEntropy(), got the outputs of Dense(5, 2): use "
        "SoftmaxCrossEntropy() on them",
        lambda: trained(net(), nn.SoftmaxCrossEntropy()),
        falls,
    ),
    (
        lambda: nn.Model(net(nn.Sigmoid()), nn.CrossEntropy(), nn.SGD()),
        ValueError,
        "got the outputs of Sigmoid(): use SoftmaxCrossEntropy() on them, or end the network in "
        "Softmax()",
        lambda: trained(net(nn.Softmax()), nn.CrossEntropy()),
        falls,
    ),
]


def in_float32(x):
    return np.float32((x**2).sum())


GRADIENTS = [
    (
        lambda: numerical_gradient(lambda x: x**2, [1.0, 2.0]),
        TypeError,
        "f: expected a function that returns one number, got shape (2,): sum or average what it "
        "returns",
        lambda: numerical_gradient(lambda x: (x**2).sum(), [1.0, 2.0]).round(9),
        [2, 4],
    ),
    (
        lambda: numerical_gradient(lambda x: None, [1.0, 2.0]),
        TypeError,
        "f: expected a function that returns one number, got None: return the loss",
        lambda: numerical_gradient(lambda x: x[0], [1.0, 2.0]).round(9),
        [1, 0],
    ),
    (
        lambda: numerical_gradient(lambda x: x[0], [1e9]),
        ValueError,
        "eps: expected at least 0.001 beside an entry of 1e+09 in x, got 1e-05, which is rounded "
        "there: use eps=0.001, or scale x",
        lambda: numerical_gradient(lambda x: x[0], [1e9], eps=0.001),
        lambda slope: abs(slope - 1) < 1e-3,
    ),
    (
        lambda: numerical_gradient(lambda x: x[0], [np.inf]),
        ValueError,
        "x: expected finite numbers, got inf at x[0] (1 of 1 entries are not finite): a slope is "
        "measured between two finite points",
        lambda: numerical_gradient(lambda x: x[0], [1.0]).round(9),
        1,
    ),
    (
        lambda: numerical_gradient(in_float32, [1.5, -0.75]),
        ValueError,
        "differences of eps=1e-05 drown: use net.astype(numpy.float64), or eps=4e-3",
        lambda: numerical_gradient(in_float32, [1.5, -0.75], eps=4e-3).round(3),
        [3, -1.5],
    ),
    (
        lambda: numerical_gradient(lambda x: 0.0, [1.0], eps=0),
        ValueError,
        "eps: expected a number in (0, inf), got 0",
        lambda: numerical_gradient(lambda x: 0.0, [1.0], eps=1e-6),
        [0],
    ),
    (
        lambda: relative_error(Z, Z[:, 0]),
        ValueError,
        "a and n: expected two arrays of one shape, got (4, 2) and (4,): a gradient has the shape "
        "of what it is the gradient of",
        lambda: relative_error(Z, Z),
        0,
    ),
    (
        lambda: check(X=1e9 * X),
        ValueError,
        "in X, got 1e-05, which is rounded there: use eps=0.001, or scale X",
        lambda: check(X=1e9 * X, eps=0.001),
        lambda report: report.ok,
    ),
    (
        lambda: check(eps=1e-12),
        ValueError,
        "eps: expected a number in [1e-08, inf), got 1e-12",
        lambda: check(eps=1e-8, tolerance=1e-6),
        lambda report: report.ok,
    ),
    (
        lambda: nn.check_gradients([nn.Dense(3, 2)], LOGITS, X, Y),
        TypeError,
        "net: expected a Sequential, got [Dense(3, 2)]: nnlib.Sequential(nnlib.Dense(d_in, d_out))",
        check,
        lambda report: report.ok,
    ),
    (
        lambda: check(loss=nn.SoftmaxCrossEntropy),
        TypeError,
        "loss: expected a Loss, got <class 'nnlib.losses.SoftmaxCrossEntropy'>: "
        "nnlib.SoftmaxCrossEntropy()",
        lambda: check(loss=nn.SoftmaxCrossEntropy()),
        lambda report: report.ok,
    ),
]

INNER = net()
OUTER = nn.Sequential(INNER)

PARTS += [
    (
        lambda: trained(INNER, LOGITS),
        ValueError,
        "net: expected a network with vectors of its own, got one that stands inside another: "
        "train the one around it, or a copy, copy.deepcopy(net)",
        lambda: trained(copy.deepcopy(INNER), LOGITS),
        falls,
    ),
    (
        lambda: trained(INNER, LOGITS),
        ValueError,
        "train the one around it",
        lambda: trained(OUTER, LOGITS),
        falls,
    ),
]

ROWS = NETWORKS + LAYERS + PARTS + GRADIENTS
PLACES = {
    "network.py": None,
    "layers/layer.py": ["cached", "__get__", "__set__"],
    "layers/dense.py": ["output_shape"],
    "layers/dropout.py": ["_mask"],
    "layers/normalization.py": ["output_shape", "_of_batch"],
    "layers/convolution.py": ["output_size", "_checked_image"],
    "gradcheck.py": None,
    "_parts.py": ["check_parts", "check_link"],
    "_validation.py": ["finite"],
}


@each(ROWS)
def test_what_an_error_says_to_do_works(row):
    follow(*row)


def test_every_error_of_these_files_has_its_row():
    expect_rows([row[0] for row in ROWS], PLACES)
