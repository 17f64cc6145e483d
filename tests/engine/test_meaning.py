"""Parts that fit in shape but not in meaning: said before training, as the last layer is known."""

import contextlib
import re
import warnings

import numpy as np
import pytest

import nnlib as nn
from nnlib.layers.activation import ACTIVATIONS

ON_LOGITS = (nn.SoftmaxCrossEntropy(), nn.SigmoidCrossEntropy())
NUMBERS = (nn.MeanSquaredError(), nn.MeanAbsoluteError(), nn.Huber())
LAST = [kind() for kind in ACTIVATIONS]
X, Y = np.random.default_rng(0).normal(size=(6, 2)), np.array([0, 1, 1, 0, 1, 0])


def network(*last):
    return nn.Sequential(nn.Dense(2, 3), nn.Tanh(), nn.Dense(3, 2), *last)


ENTRIES = {
    "Model": lambda net, loss: nn.Model(net, loss, nn.SGD()),
    "steps": lambda net, loss: nn.steps(net, loss, nn.SGD(), X, Y),
    "epochs": lambda net, loss: nn.epochs(net, loss, nn.SGD(), X, Y),
}
each_entry = pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)


BEHIND = {
    "nothing": list,
    "dropout": lambda: [nn.Dropout(0.1)],
    "other shapes": lambda: [nn.Flatten(), nn.Reshape(2)],
}


@each_entry
@pytest.mark.parametrize("loss", ON_LOGITS, ids=repr)
@pytest.mark.parametrize("kind", ACTIVATIONS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND)
def test_an_activation_before_a_loss_on_logits_is_refused(entry, loss, kind, behind):
    words = re.escape(f"leave the last {kind()!r} out")
    with pytest.raises(ValueError, match=f"net: expected logits .* {words}"):
        entry(network(kind(), *behind()), loss)
    nn.Model(network(*behind()), loss, nn.SGD())  # the remedy


@each_entry
@pytest.mark.parametrize("kind", ACTIVATIONS, ids=lambda kind: kind.__name__)
def test_an_activation_before_rates_is_refused_in_words_that_fit(entry, kind):
    words = re.escape(
        "net: expected the logarithms of rates for Poisson(), which has its own exp inside, got "
        f"the outputs of {kind()!r}: leave the last {kind()!r} out; predict gives rates"
    )
    with pytest.raises(ValueError, match=f"^{words}$"):
        entry(network(kind()), nn.Poisson())
    assert (nn.Model(network(), nn.Poisson(), nn.SGD()).predict(X) > 0).all()  # the remedy


@each_entry
@pytest.mark.parametrize(
    "last",
    [(), *((kind,) for kind in ACTIVATIONS if kind is not nn.Softmax)],
    ids=lambda kinds: kinds[0].__name__ if kinds else "Dense",
)
def test_logits_before_a_loss_on_probabilities_are_refused(entry, last):
    with pytest.raises(ValueError, match="net: expected probabilities for CrossEntropy"):
        entry(network(*(kind() for kind in last)), nn.CrossEntropy())
    nn.Model(network(nn.Softmax()), nn.CrossEntropy(), nn.SGD())
    nn.Model(network(), nn.SoftmaxCrossEntropy(), nn.SGD())


@each_entry
@pytest.mark.parametrize("loss", [*ON_LOGITS, *NUMBERS], ids=repr)
def test_a_softmax_in_the_middle_is_warned_of_where_the_user_called(entry, loss):
    net = nn.Sequential(nn.Dense(2, 3), nn.Softmax(), nn.Dense(3, 2))
    nothing_else = contextlib.suppress(ValueError)  # the labels may not be this loss's
    with pytest.warns(UserWarning, match="net: a Softmax in the middle") as caught, nothing_else:
        entry(net, loss)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("loss", NUMBERS, ids=repr)
@pytest.mark.parametrize("kind", ACTIVATIONS, ids=lambda kind: kind.__name__)
def test_a_loss_on_numbers_may_follow_any_activation(loss, kind):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.Model(network(kind()), loss, nn.SGD())


def test_a_layer_of_ones_own_may_be_the_last_before_any_loss():
    class Own(nn.layers.Layer):
        def forward(self, X, *, train=False):
            return X

    for loss in (*ON_LOGITS, nn.CrossEntropy()):
        nn.Model(network(Own()), loss, nn.SGD())
