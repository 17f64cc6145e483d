"""Trainings in which everything draws or remembers, each public part that draws, and their bits.

``report()`` in two processes tells whether they agree.
"""

import hashlib
import json
import pickle

import numpy as np

import nnlib as nn
from benchmarks.other_processors import NETWORKS, mlp

X, y = NETWORKS["MLP"][1]()
IMAGES, DIGITS = NETWORKS["CNN"][1]()
STOPPING = {"validation": 0.25, "early_stopping": nn.EarlyStopping(2), "metrics": "f1_macro"}


def in_float32():
    model = mlp()
    net, classes = model.net.astype(np.float32), ["high", "low", "middle"]
    return nn.Model(net, model.loss, nn.RMSProp(0.01, momentum=0.5), classes, model.prepare)


def hasty():
    """Trains at a rate at which early stopping soon finds nothing better."""
    model = mlp()
    return nn.Model(model.net, model.loss, nn.Adam(lr=0.3), model.classes, model.prepare)


def wide():
    """Multiplies matrices that are large enough to be shared between threads."""
    model = mlp()
    layers = [nn.Dense(20, 128), nn.Tanh(), nn.Dense(128, 128), nn.GELU(), nn.Dense(128, 3)]
    net = nn.Sequential(*layers, rng=2)
    return nn.Model(net, model.loss, nn.Adam(lr=0.01), model.classes, model.prepare)


TRAININGS = {
    "mlp": (mlp, (X, y), {"validation": (X[:50], y[:50])}),
    "float32": (in_float32, (X, y), {"sample_weight": np.linspace(0.5, 2, len(X))}),
    "early stopping": (hasty, (X, y), STOPPING),
    "wide": (wide, (X, y), {"batch_size": 300}),
    "cnn": (NETWORKS["CNN"][0], (IMAGES[:300], DIGITS[:300]), {}),
}


def train(name, model=None, *, epochs):
    """Train a new model, or go on with one."""
    make, data, options = TRAININGS[name]
    model = make() if model is None else model
    model.fit(*data, epochs=epochs, **({"batch_size": 50} | options))
    return model


def bits(*values):
    """SHA-256 over values: arrays by dtype, shape and bytes, all else by what is printed."""
    total = hashlib.sha256()
    for value in values:
        if isinstance(value, np.ndarray):
            total.update(f"{value.dtype.str} {value.shape}".encode() + value.tobytes())
        elif isinstance(value, (list, tuple)):
            total.update(bits(*value).encode())
        else:
            total.update(repr(value).encode())
    return total.hexdigest()


def state(model):
    """All that a model is, as bits: what it computes with, remembers, and will draw."""
    generators = [model._rng, *(layer.rng for layer in model.net.layers if layer.rng is not None)]
    return bits(
        *(repr(model), model.net.params, model.net.buffers, sorted(model.history.items())),
        *(value for _, value in sorted(model.optimizer.state_dict().items())),
        *(rng.bit_generator.state for rng in generators),
    )


# What draws, by its name: a function of the seed ------------------------------------------------

SHAPE = (7, 5)
INITIALIZERS = {
    f"{law}_{kind}": getattr(nn.initializers, f"{law}_{kind}")
    for law in ("he", "xavier", "lecun")
    for kind in ("normal", "uniform")
} | {"orthogonal": nn.initializers.orthogonal}


def net(rng):
    return nn.Sequential(nn.Dense(2, 6), nn.Dropout(0.5), nn.Tanh(), nn.Dense(6, 2), rng=rng)


def parts():
    return net(0), nn.SoftmaxCrossEntropy(), nn.SGD(lr=0.5)


def drop(rng):
    """Two masks of a Dropout."""
    made = net(rng)
    return [made.forward(np.ones((9, 2)), train=True) for _ in range(2)]


def fit(rng):
    model = nn.Model(*parts())
    model.fit(*nn.make_xor(), epochs=2, validation=0.2, rng=rng)
    return state(model)


def surface(rng):
    from matplotlib.figure import Figure

    from nnlib.plots import loss_surface

    ax = Figure().subplots()
    loss_surface(net(0), parts()[1], *nn.make_xor(20), ax, resolution=5, rng=rng)
    return [np.asarray(c.get_array()) for c in ax.collections] + [
        path.vertices for c in ax.collections for path in c.get_paths()
    ]


def checked(rng):
    """Check gradients where entries are sampled."""
    report = nn.check_gradients(net(0), parts()[1], *nn.make_xor(9), samples=4, rng=rng)
    return [repr(row) for row in report.rows]


def diagnosed(rng):
    """The numbers of what is found in labels that do not belong to their examples."""
    X, y = nn.make_xor(150, rng=0)
    found = nn.diagnose(nn.Model(*parts()), X, np.random.default_rng(0).permutation(y), rng=rng)
    return [[entry.name, repr(entry.numbers)] for entry in found]


DRAWS = {
    "make_xor": lambda rng: nn.make_xor(50, rng=rng),
    "make_spirals": lambda rng: nn.make_spirals(50, classes=3, rng=rng),
    "make_sine": lambda rng: nn.make_sine(50, rng=rng),
    "batches": lambda rng: list(nn.batches(50, 7, rng=rng)),
    "steps": lambda rng: list(nn.steps(*parts(), *nn.make_xor(), epochs=2, rng=rng)),
    "epochs": lambda rng: list(
        nn.epochs(*parts(), *nn.make_xor(), epochs=2, validation=0.3, rng=rng)
    ),
    "epochs, stratified": lambda rng: list(
        nn.epochs(*parts(), *nn.make_xor(), epochs=2, validation=0.3, stratify=True, rng=rng)
    ),
    "Model.fit": fit,
    "Sequential": lambda rng: net(rng).params,
    "Dropout": drop,
    "check_gradients": checked,
    "diagnose": diagnosed,
    "plots.loss_surface": surface,
    **{
        f"initializers.{name}": lambda rng, init=init: init(rng, SHAPE)
        for name, init in INITIALIZERS.items()
    },
}


def pickled(model):
    """The bytes of a pickle, without the mark that tells this network from all others."""
    model.net.mark = model.optimizer.mark = ("", 0)
    return pickle.dumps(model)


def report():
    """Say in JSON how everything ends: bits of draws and of trainings, and the parameters."""
    models = {name: train(name, epochs=8) for name in TRAININGS}
    return json.dumps(
        {
            "draws": {name: bits(draw(0)) for name, draw in DRAWS.items()},
            "states": {name: state(model) for name, model in models.items()},
            "params": {name: model.net.params.tolist() for name, model in models.items()},
            "losses": {name: model.history["loss"] for name, model in models.items()},
            "pickles": {name: bits(pickled(model)) for name, model in models.items()},
        }
    )
