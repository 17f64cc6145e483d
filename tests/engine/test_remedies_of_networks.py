"""What an error says to do is done here, and works: networks, their parts together, gradients."""

import numpy as np

import nnlib as nn
from nnlib import numerical_gradient, relative_error
from tests.helpers.remedies import each, follow, unmet

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

ROWS = NETWORKS + PARTS + GRADIENTS
PLACES = {
    "network.py": None,
    "gradcheck.py": None,
    "_parts.py": ["check_parts", "check_link"],
    "_validation.py": ["finite"],
}


@each(ROWS)
def test_what_an_error_says_to_do_works(row):
    follow(*row)


def test_every_error_of_these_files_has_its_row():
    assert unmet([row[0] for row in ROWS], PLACES) == []
