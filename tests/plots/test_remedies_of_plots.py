"""What an error says to do is done here, and works: figures."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np

import nnlib as nn
from nnlib import plots
from tests.helpers.remedies import each, expect_rows, follow

X = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
Y = np.array([0, 0, 1, 1])
PIXELS = np.arange(24.0).reshape(4, 6) / 24
HISTORY = nn.History(loss=[3.0, 2.0], lr=[0.1, 0.1])
LOSS = nn.SoftmaxCrossEntropy()


def net(d=6):
    return nn.Sequential(nn.Dense(d, 2))


def dead():
    """A network that has diverged."""
    network = net()
    network.params = np.full(network.params.size, np.nan)
    return network


def model(says=lambda X: (X[:, 0] > 0).astype(int)):
    return SimpleNamespace(predict=says)


def boundary(model, X=X, y=Y):
    return plots.decision_boundary(model, X, y, resolution=3).get_legend().get_texts()


def names(texts):
    return [text.get_text() for text in texts]


def two(texts):
    return names(texts) == ["class 0", "class 1"]


def samples(X=PIXELS, y=Y, predictions=Y, shape=(2, 3), axes=None):
    """The picture of the first sample."""
    return plots.sample_predictions(X, y, predictions, shape, axes).flat[0].images[0].get_array()


def weights(network, shape=(2, 3)):
    return plots.first_layer_weights(network, shape).flat[0].images[0].get_array()


def drawn(result):
    """Whether Axes, or an array of them, hold something."""
    return all(ax.has_data() for ax in np.ravel(result))


def wide(span):
    """The surface around parameters whose loss is finite, and not far away."""
    network = nn.Sequential(nn.Dense(6, 1))
    network.params = np.full(7, 1e153)
    return plots.loss_surface(network, nn.MeanSquaredError(), PIXELS, Y, span=span, resolution=3)


def curve(sizes, train=None):
    """The scores in the curve of the training data."""
    ones = np.ones(np.shape(sizes))
    lines = plots.learning_curve(sizes, ones if train is None else train, ones).lines
    return lines[0].get_ydata()


def bars(y, P):
    """The heights of the bars that are drawn."""
    return [bar.get_height() for bar in plots.calibration(y, P, bins=1).containers[0]]


def maps(network, x=None, layer=None):
    """The image, and the maps of its channels."""
    drawn = plots.feature_maps(network, IMAGE if x is None else x, layer).images
    return [image.get_array() for image in drawn]


def convolution():
    return nn.Sequential(nn.Conv2D(1, 2, 2), nn.ReLU())


def frozen(yes):
    network = net(2)
    network.frozen = yes
    return network


def unbounded():
    """A network that has diverged, but not to NaN."""
    network = convolution()
    network.params = np.full(network.params.size, 1.7e308)
    return network


FIRST = PIXELS[0].reshape(2, 3)
LARGE = np.tile(PIXELS, (30, 1))
COLOURED = np.zeros((4, 2, 3, 3))
HOLES = np.r_[X, [[0, np.inf]]]
IMAGE = np.arange(16.0).reshape(1, 4, 4)
IMAGES_OF_ONE_CHANNEL = np.stack([IMAGE, IMAGE])
P = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.7, 0.3]])
Z = np.log(P)
KNOWN = np.isfinite(HOLES).all(axis=1)
EIGHT = np.arange(8)
SEVEN = np.isin(EIGHT, np.unique(EIGHT)[:7])

# A call, the error, what it says (in the end: what to do), that done, and what it gives.
CURVES = [
    (
        lambda: plots.training_curves({"loss": [3, 2]}),
        TypeError,
        "history: expected a History, got {'loss': [3, 2]}: pass what model.fit returned",
        lambda: plots.training_curves(nn.Model(net(), LOSS, nn.SGD()).fit(PIXELS, Y, epochs=2)),
        drawn,
    ),
    (
        lambda: plots.training_curves(nn.History()),
        ValueError,
        "history: expected at least one epoch, got none: call model.fit first",
        lambda: plots.training_curves(nn.Model(net(), LOSS, nn.SGD()).fit(PIXELS, Y, epochs=2)),
        drawn,
    ),
    (
        lambda: plots.training_curves(nn.History(loss=[[0.7], [0.4]])),
        ValueError,
        "history['loss']: expected one number for each epoch, got shape (2, 1): a list such as "
        "[0.7, 0.4]",
        lambda: plots.training_curves(nn.History(loss=[0.7, 0.4])),
        drawn,
    ),
    (
        lambda: plots.training_curves(HISTORY, quantity="mine"),
        ValueError,
        "quantity: expected one that is recorded, loss, lr, got 'mine': model.fit(X, y, "
        "validation=(X_val, y_val), metrics={name: function}) records a function",
        lambda: plots.training_curves(
            nn.Model(net(), LOSS, nn.SGD()).fit(
                PIXELS, Y, validation=(PIXELS, Y), metrics={"mine": nn.accuracy}, epochs=2
            ),
            quantity="mine",
        ),
        drawn,
    ),
    (
        lambda: plots.schedule(0.1, 5),
        TypeError,
        "schedule: expected a function of the step, got 0.1: a constant is lambda step: 0.1",
        lambda: plots.schedule(lambda step: 0.1, 5).lines[0].get_ydata(),
        [0.1] * 5,
    ),
]

BOUNDARIES = [
    (
        lambda: boundary(model(), np.c_[X, X]),
        ValueError,
        "X: expected points of the plane, shape (n, 2), got (4, 4): choose two columns, X[:, :2], "
        "and a model of these",
        lambda: boundary(model(), np.c_[X, X][:, :2]),
        two,
    ),
    (
        lambda: boundary(model(), HOLES, np.r_[Y, 1]),
        ValueError,
        "choose rows = numpy.isfinite(X).all(axis=1), X[rows] and y[rows]",
        lambda: boundary(model(), HOLES[KNOWN], np.r_[Y, 1][KNOWN]),
        two,
    ),
    (
        lambda: boundary(net(2)),
        TypeError,
        "model: expected a Model, got Sequential: pass nnlib.Model(net, loss, optimizer)",
        lambda: boundary(nn.Model(net(2), LOSS, nn.SGD())),
        two,
    ),
    (
        lambda: boundary(lambda X: X[:, 0] > 0),
        TypeError,
        "or an object whose predict(X) returns a class for each row of X",
        lambda: boundary(SimpleNamespace(predict=lambda X: X[:, 0] > 0)),
        two,
    ),
    (
        lambda: boundary(model(lambda X: X[:, 0] / 2)),
        ValueError,
        "In place of the model pass types.SimpleNamespace(predict=lambda X: …) that returns these",
        lambda: boundary(SimpleNamespace(predict=lambda X: np.greater(X[:, 0] / 2, 0))),
        two,
    ),
    (
        lambda: boundary(model(lambda X: 3 * (X[:, 0] > 0)), X, ["b", "b", "d", "d"]),
        ValueError,
        "number or name them as they were in training; names = numpy.unique(y_train) and "
        "numpy.searchsorted(names, y) number them",
        lambda: boundary(
            model(lambda X: 3 * (X[:, 0] > 0)),
            X,
            np.searchsorted(np.unique(list("dcba")), ["b", "b", "d", "d"]),
        ),
        lambda texts: names(texts) == [f"class {c}" for c in range(4)],
    ),
    (
        lambda: boundary(model(), np.r_[X, X], EIGHT),
        ValueError,
        "y: expected at most 7 classes, got 8: choose some, with rows = "
        "numpy.isin(y, numpy.unique(y)[:7]), X[rows] and y[rows], and train on these",
        lambda: boundary(model(), np.r_[X, X][SEVEN], EIGHT[SEVEN]),
        lambda texts: len(texts) == 7,
    ),
    (
        lambda: plots.decision_boundary(model(), X, Y, "here"),
        TypeError,
        "ax: expected an Axes, got 'here': fig, ax = matplotlib.pyplot.subplots() makes one",
        lambda: plots.decision_boundary(model(), X, Y, plt.subplots()[1], resolution=3),
        drawn,
    ),
]

CONFUSIONS = [
    (
        lambda: plots.confusion_matrix(Y),
        ValueError,
        "counts: expected a confusion matrix of shape (k, k), got (4,): pass "
        "nnlib.confusion_matrix(y, predictions)",
        lambda: [t.get_text() for t in plots.confusion_matrix(nn.confusion_matrix(Y, Y)).texts],
        lambda texts: texts == ["2", "0", "0", "2"],
    ),
    (
        lambda: plots.confusion_matrix([[np.nan, np.nan], [0, 1]]),
        ValueError,
        "a class without examples has no shares: pass the counts",
        lambda: plots.confusion_matrix([[0, 0], [0, 1]]),
        drawn,
    ),
    (
        lambda: plots.confusion_matrix([[1, -1], [0, 1]]),
        ValueError,
        "counts: expected numbers of 0 or more, got -1",
        lambda: plots.confusion_matrix([[1, 0], [0, 1]]),
        drawn,
    ),
]

IMAGES = [
    (
        lambda: samples(PIXELS[0], [0], [0]),
        ValueError,
        "X: expected at least one image, shape (n, d), got (6,): for a single image use "
        "X[np.newaxis]",
        lambda: samples(PIXELS[0][np.newaxis], [0], [0]),
        FIRST,
    ),
    (
        lambda: samples(np.where(PIXELS[3, 2] == PIXELS, np.nan, PIXELS)),
        ValueError,
        "got nan at X[3, 2] (1 of 24 entries are not finite): leave these images out, in y and "
        "predictions as well",
        lambda: samples(PIXELS[:3], Y[:3], Y[:3]),
        FIRST,
    ),
    (
        lambda: samples(LARGE, np.tile(Y, 30), np.tile(Y, 30)),
        ValueError,
        "X: expected at most 100 images, got 120: choose some, say X[:24], y[:24] and "
        "predictions[:24]",
        lambda: samples(LARGE[:4], np.tile(Y, 30)[:4], np.tile(Y, 30)[:4]),
        FIRST,
    ),
    (
        lambda: samples(shape=None),
        ValueError,
        "shape: expected (height, width), got None, and 6 numbers make no square image: pass "
        "shape=(height, width)",
        lambda: samples(shape=(2, 3)),
        FIRST,
    ),
    (
        lambda: samples(shape=6),
        TypeError,
        "shape: expected a tuple, got 6: pass shape=(height, width)",
        lambda: samples(shape=(1, 6)),
        PIXELS[:1],
    ),
    (
        lambda: samples(shape=(6,)),
        ValueError,
        "shape: expected a height and a width with 6 pixels, the length of a row of X, got (6,): "
        "pass shape=(height, width)",
        lambda: samples(shape=(1, 6)),
        PIXELS[:1],
    ),
    (
        lambda: samples(COLOURED),
        ValueError,
        "got (4, 2, 3, 3): numpy.moveaxis(X, -1, 1) brings channels that come last forward",
        lambda: samples(np.moveaxis(COLOURED, -1, 1)),
        COLOURED[0],
    ),
    (
        lambda: samples(axes="here"),
        TypeError,
        "axes: expected an Axes, got np.str_('here'): fig, axes = matplotlib.pyplot.subplots(2, 3) "
        "makes six",
        lambda: samples(axes=plt.subplots(2, 3)[1]),
        FIRST,
    ),
    (
        lambda: samples(axes=plt.subplots(1, 3)[1]),
        ValueError,
        "axes: expected 4 or more, one for each panel, got 3: make more",
        lambda: samples(axes=plt.subplots(1, 4)[1]),
        FIRST,
    ),
    (
        lambda: samples(axes=plt.subplots(1, 3)[1]),
        ValueError,
        "or draw fewer",
        lambda: samples(PIXELS[:3], Y[:3], Y[:3], axes=plt.subplots(1, 3)[1]),
        FIRST,
    ),
]

INSIDE = [
    (
        lambda: weights(net(), (3, 1, 2)),
        ValueError,
        "shape: expected a height and a width, got (3, 1, 2): pass shape=(height, width)",
        lambda: weights(net(), (2, 3)),
        net().layers[0].W[:, 0].reshape(2, 3),
    ),
    (
        lambda: weights(dead()),
        ValueError,
        "the network has diverged: train with a smaller learning rate",
        lambda: weights(net()),
        net().layers[0].W[:, 0].reshape(2, 3),
    ),
    (
        lambda: weights(nn.Sequential(nn.ReLU())),
        ValueError,
        "net: expected a layer with weights W, got none: add nnlib.Dense(…)",
        lambda: weights(nn.Sequential(nn.ReLU(), nn.Dense(6, 1))),
        lambda picture: picture.shape == (2, 3),
    ),
    (
        lambda: weights(nn.Dense(6, 2)),
        TypeError,
        "net: expected a Sequential, got Dense(6, 2): nnlib.Sequential(nnlib.Dense(d_in, d_out))",
        lambda: weights(nn.Sequential(nn.Dense(6, 2))),
        lambda picture: picture.shape == (2, 3),
    ),
    (
        lambda: plots.activation_histograms(dead(), PIXELS),
        ValueError,
        "train with a smaller learning rate, or start from smaller weights",
        lambda: plots.activation_histograms(net(), PIXELS),
        drawn,
    ),
    (
        lambda: plots.gradient_histograms(nn.Sequential(nn.ReLU()), LOSS, X, Y),
        ValueError,
        "net: expected a layer with parameters to train, got none: add nnlib.Dense(…)",
        lambda: plots.gradient_histograms(nn.Sequential(nn.ReLU(), nn.Dense(2, 2)), LOSS, X, Y),
        drawn,
    ),
    (
        lambda: plots.gradient_histograms(frozen(True), LOSS, X, Y),
        ValueError,
        "net: expected a layer with parameters to train, got none: set net.frozen = False",
        lambda: plots.gradient_histograms(frozen(False), LOSS, X, Y),
        drawn,
    ),
    (
        lambda: plots.gradient_histograms(net(), "softmax", PIXELS, Y),
        TypeError,
        "loss: expected a Loss, got 'softmax': nnlib.SoftmaxCrossEntropy()",
        lambda: plots.gradient_histograms(net(), nn.SoftmaxCrossEntropy(), PIXELS, Y),
        drawn,
    ),
]

SCORES = np.array([[0.5, 0.6], [0.7, 0.8], [0.9, 1.0]])
LEARNING = [
    (
        lambda: curve(100),
        ValueError,
        "sizes: expected numbers of training examples, shape (m,), got shape (): a list such as "
        "[100, 200, 400]",
        lambda: curve([100, 200, 400]),
        [1, 1, 1],
    ),
    (
        lambda: curve([100, np.inf, 400]),
        ValueError,
        "sizes: expected finite numbers, got inf at sizes[1] (1 of 3 entries are not finite): "
        "leave these out, in the scores as well",
        lambda: curve([100, 400]),
        [1, 1],
    ),
    (
        lambda: curve([0.25, 0.5, 1]),
        ValueError,
        "sizes: expected numbers of examples, got 0.25: of a share s pass round(s * len(X))",
        lambda: curve([round(s * len(X)) for s in (0.25, 0.5, 1)]),
        [1, 1, 1],
    ),
    (
        lambda: curve([100, 100, 200], [0.5, 0.7, 0.9]),
        ValueError,
        "sizes: expected each size once, got one twice: put the scores of repeated runs into one "
        "row, shape (m, repeats)",
        lambda: curve([100], [[0.5, 0.7]]),
        [0.6],
    ),
    (
        lambda: curve([100, 200, 400], SCORES.T),
        ValueError,
        "train_scores: expected a row for each of 3 sizes, shape (3,) or (3, repeats), got (2, 3): "
        "numpy.transpose(train_scores) turns runs into columns",
        lambda: curve([100, 200, 400], np.transpose(SCORES.T)),
        [0.55, 0.75, 0.95],
    ),
    (
        lambda: curve([100, 200, 400], np.where(SCORES == 0.6, np.nan, SCORES)),
        ValueError,
        "train_scores: expected finite numbers, got nan at train_scores[0, 1] (1 of 6 entries are "
        "not finite): leave out runs that diverged, or repeat them with a smaller learning rate",
        lambda: curve([100, 200, 400], SCORES[:, :1]),
        [0.5, 0.7, 0.9],
    ),
]

CALIBRATIONS = [
    (
        lambda: bars(Y, P[np.newaxis]),
        ValueError,
        "P: expected a probability for each class of each example, shape (n, k), or that of yes, "
        "shape (n,), got (1, 4, 2): pass model.predict_proba(X)",
        lambda: bars(Y, nn.Model(net(), LOSS, nn.SGD()).predict_proba(PIXELS)),
        lambda heights: len(heights) == 1,
    ),
    (
        lambda: bars(Y, P * [[1], [np.nan], [1], [1]]),
        ValueError,
        "P: expected finite numbers, got nan at P[1, 0] (2 of 8 entries are not finite): look for "
        "NaN in X, or a network that diverged",
        lambda: bars(Y, P),
        [0.75],
    ),
    (
        lambda: bars(Y, Z),
        ValueError,
        "P: expected probabilities, from 0 to 1, got -0.105361 at P[0, 0]: pass "
        "model.predict_proba(X), or nnlib.activations.softmax(Z) of logits",
        lambda: bars(Y, nn.activations.softmax(Z)),
        [0.75],
    ),
    (
        lambda: bars(np.c_[Y, 1 - Y], P / 3),
        ValueError,
        "P: expected rows that add up to 1, got 0.333333 in P[0]: of labels that do not exclude "
        "each other draw one at a time, calibration(Y[:, j], P[:, j])",
        lambda: bars(np.c_[Y, 1 - Y][:, 1], (P / 3)[:, 1]),
        [0.5],
    ),
    (
        lambda: bars(list("abba"), P),
        TypeError,
        "names, y = numpy.unique(y, return_inverse=True), for columns of P in sorted order",
        lambda: bars(np.unique(list("abba"), return_inverse=True)[1], P),
        [0.75],
    ),
]

MAPS = [
    (
        lambda: plots.filters("net"),
        TypeError,
        "layer: expected a Layer, got 'net': pass net, or net.layers[0]",
        lambda: [plots.filters(convolution()), plots.filters(convolution().layers[0])],
        drawn,
    ),
    (
        lambda: plots.filters(nn.ReLU()),
        ValueError,
        "layer: expected a layer with weights W, got none: add nnlib.Dense(…)",
        lambda: plots.filters(nn.Sequential(nn.ReLU(), nn.Dense(4, 1))),
        drawn,
    ),
    (
        lambda: maps(nn.Conv2D(1, 2, 2)),
        TypeError,
        "net: expected a Sequential, got Conv2D(1, 2, 2): pass a network, model.net for that of a "
        "model",
        lambda: len(maps(nn.Sequential(nn.Conv2D(1, 2, 2)))),
        3,
    ),
    (
        lambda: maps(convolution(), IMAGES_OF_ONE_CHANNEL),
        ValueError,
        "x: expected one example, a row (d,) or an image (c, h, w), got shape (2, 1, 4, 4): pass "
        "X[0] of several;",
        lambda: maps(convolution(), IMAGES_OF_ONE_CHANNEL[0])[0],
        IMAGE[0],
    ),
    (
        lambda: maps(convolution(), IMAGE[0]),
        ValueError,
        "of an image (h, w) numpy.ravel(x) for Dense, x[numpy.newaxis] for Conv2D",
        lambda: [
            maps(convolution(), IMAGE[0][np.newaxis])[0],
            maps(nn.Sequential(nn.Dense(16, 4), nn.Reshape(1, 2, 2)), np.ravel(IMAGE[0]))[0].shape,
        ],
        lambda found: (found[0] == IMAGE[0]).all() and found[1] == (2, 2),
    ),
    (
        lambda: maps(convolution(), np.where(IMAGE == 5, np.inf, IMAGE)),
        ValueError,
        "x: expected finite numbers, got inf at x[0, 1, 1] (1 of 16 entries are not finite): fill "
        "in what is missing, or choose another example",
        lambda: maps(convolution(), np.where(IMAGE == 5, 0.0, IMAGE))[0][1, 1],
        0,
    ),
    (
        lambda: maps(nn.Sequential(nn.Dense(16, 2)), IMAGE.ravel()),
        ValueError,
        "net: expected a layer that gives maps, got none: add nnlib.Conv2D(…)",
        lambda: len(maps(nn.Sequential(nn.Conv2D(1, 2, 2), nn.Flatten(), nn.Dense(18, 2)))),
        3,
    ),
    (
        lambda: maps(convolution(), layer=2),
        ValueError,
        "layer: expected one that gives maps, 0 Conv2D, 1 ReLU, got 2: pass its name, layer='0'",
        lambda: len(maps(convolution(), layer="0")),
        3,
    ),
    (
        lambda: maps(unbounded()),
        ValueError,
        "maps after 1 ReLU: expected finite numbers, got inf at maps after 1 ReLU[0, 0, 0] (18 of "
        "18 entries are not finite): train with a smaller learning rate",
        lambda: len(maps(convolution())),
        3,
    ),
]

SURFACES = [
    (
        lambda: wide(10.0),
        ValueError,
        "span: expected a finite loss on the whole plane, got nan for span=10: take a smaller span",
        lambda: wide(0.1),
        drawn,
    ),
]

ROWS = [
    *(CURVES + BOUNDARIES + CONFUSIONS + IMAGES + INSIDE),
    *(LEARNING + CALIBRATIONS + MAPS + SURFACES),
]
PLACES = {
    f"plots/{name}.py": None
    for name in (
        *("calibration", "curves", "filters", "inside"),
        *("predictions", "saliency", "style", "surface"),
    )
}


@each(ROWS)
def test_what_an_error_says_to_do_works(row):
    follow(*row)


def test_every_error_of_these_files_has_its_row():
    expect_rows([row[0] for row in ROWS], PLACES)
