"""The words of other libraries: who uses one is told nnlib's, and what is told works."""

import inspect
import pickle
import re
from functools import partial

import numpy as np
import pytest

import nnlib as nn
from nnlib._words import OTHER_WORDS, explained
from nnlib.schedules import Cosine, Exponential, OneCycle, Schedule, Sequence, StepDecay, Warmup

X, y = nn.make_xor(8)


def model():
    return nn.Model(nn.Sequential(nn.Dense(2, 2)), nn.SoftmaxCrossEntropy(), nn.SGD())


def fit(**options):
    return model().fit(**{"X": X, "y": y, "epochs": 1} | options)


def parts_of(model):
    return model.net, model.loss, model.optimizer


def epochs(**options):
    return next(nn.epochs(*parts_of(model()), X, y, **options))


def steps(**options):
    return next(nn.steps(*parts_of(model()), X, y, **options))


def evaluate(**options):
    return nn.evaluate(*parts_of(model())[:2], X, y, **options)


def check_gradients(**options):
    return nn.check_gradients(*parts_of(model())[:2], X, y, **options)


def batches(**options):
    return nn.batches(8, 2, **{"rng": 0} | options)


def plateau(**options):
    return nn.ReduceLROnPlateau(nn.SGD(), **options)


def score(**options):
    return nn.f1(**options)


# What is called, with the options of another library; what is said; and what that means.
CALLS = [
    (nn.SGD, {"learning_rate": 0.1}, "SGD(learning_rate=…): it is called lr", {"lr": 0.1}),
    (nn.Adam, {"learning_rate": 0.1}, "Adam(learning_rate=…): it is called lr", {"lr": 0.1}),
    (nn.AdamW, {"eta": 0.1}, "AdamW(eta=…): it is called lr here", {"lr": 0.1}),
    (nn.Adam, {"step_size": 0.1}, "Adam(step_size=…): it is called lr here", {"lr": 0.1}),
    (
        nn.Adam,
        {"betas": (0.9, 0.999)},
        "Adam(betas=…): write beta1=0.9, beta2=0.999",
        {"beta1": 0.9, "beta2": 0.999},
    ),
    (nn.Adam, {"beta_1": 0.8}, "Adam(beta_1=…): it is called beta1", {"beta1": 0.8}),
    (nn.Adam, {"momentum": 0.8}, "Adam(momentum=…): it is called beta1", {"beta1": 0.8}),
    (nn.AdamW, {"epsilon": 1e-6}, "AdamW(epsilon=…): it is called eps", {"eps": 1e-6}),
    (nn.Adam, {"clipnorm": 1.0}, "it is called clip_norm", {"clip_norm": 1.0}),
    (nn.SGD, {"decay": 0.1}, "SGD(decay=…): it is called weight_decay", {"weight_decay": 0.1}),
    (nn.RMSProp, {"rho": 0.9}, "RMSProp(rho=…): it is called alpha", {"alpha": 0.9}),
    (
        nn.Adagrad,
        {"learning_rate": 0.1, "epsilon": 1e-6},
        "it is called lr here; Adagrad(epsilon=…): it is called eps here",
        {"lr": 0.1, "eps": 1e-6},
    ),
    (
        nn.Adam,
        {"amsgrad": True},
        "Adam(amsgrad=…): no such option: it takes lr, beta1, beta2, eps, weight_decay, "
        "decay_biases, clip_norm, clip_value",
        {},
    ),
    (
        StepDecay,
        {"lr": 0.1, "every": 5},
        "it is called every_steps here, and counts updates, not epochs",
        {"lr": 0.1, "every_steps": 5},
    ),
    (
        StepDecay,
        {"lr": 0.1, "step_size": 5, "gamma": 0.5},
        "called every_steps here, and counts updates, not epochs; StepDecay(gamma=…): it is "
        "called factor here",
        {"lr": 0.1, "every_steps": 5, "factor": 0.5},
    ),
    (
        StepDecay,
        {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5},
        "it is called lr here; StepDecay(decay_steps=…): it is called every_steps here",
        {"lr": 0.1, "every_steps": 5, "factor": 0.5},
    ),
    (Exponential, {"lr": 1, "gamma": 0.9}, "is called factor", {"lr": 1, "factor": 0.9}),
    (
        Cosine,
        {"lr": 1, "T_max": 9, "eta_min": 0},
        "Cosine(T_max=…): it is called steps here, and counts updates, not epochs",
        {"lr": 1, "steps": 9, "final": 0},
    ),
    (
        OneCycle,
        {"max_lr": 1, "total_steps": 9},
        "OneCycle(total_steps=…): it is called steps here",
        {"max_lr": 1, "steps": 9},
    ),
    (
        OneCycle,
        {"lr": 1, "steps": 9},
        "OneCycle(lr=…): it is called max_lr",
        {"max_lr": 1, "steps": 9},
    ),
    (
        Warmup,
        {"lr": 1, "warmup_steps": 9},
        "it is called schedule here; Warmup(warmup_steps=…): it is called steps",
        {"schedule": 1, "steps": 9},
    ),
    (Sequence, {"schedules": [(1, 2)]}, "it is called parts here", {"parts": [(1, 2)]}),
    (nn.Dense, {"d_in": 2, "units": 3}, "it is called d_out", {"d_in": 2, "d_out": 3}),
    (
        nn.Dense,
        {"in_features": 2, "out_features": 3},
        "it is called d_in here; Dense(out_features=…): it is called d_out here",
        {"d_in": 2, "d_out": 3},
    ),
    (
        nn.Dense,
        {"d_in": 2, "d_out": 3, "activation": "relu"},
        "Dense(activation=…): it is a layer of its own: put nnlib.ReLU() after this one",
        {"d_in": 2, "d_out": 3},
    ),
    (
        nn.Dense,
        {"d_in": 2, "d_out": 3, "use_bias": False},
        "Dense(use_bias=…): it is called bias here",
        {"d_in": 2, "d_out": 3, "bias": False},
    ),
    (
        nn.Conv2D,
        {"in_channels": 1, "filters": 2, "kernel_size": 3, "strides": 2},
        "it is called c_in here; Conv2D(filters=…): it is called c_out here; "
        "Conv2D(strides=…): it is called stride here",
        {"c_in": 1, "c_out": 2, "kernel_size": 3, "stride": 2},
    ),
    (nn.MaxPool2D, {"pool_size": 2}, "MaxPool2D(pool_size=…): it is cal", {"kernel_size": 2}),
    (
        nn.GlobalAvgPool2D,
        {"data_format": "channels_last", "keepdims": True},
        "GlobalAvgPool2D(data_format=…): images are (n, c, h, w): numpy.moveaxis(X, -1, 1) brings "
        "channels to the front; GlobalAvgPool2D(keepdims=…): put nnlib.Reshape(c, 1, 1) after it",
        {},
    ),
    (nn.Dropout, {"rate": 0.5}, "Dropout(rate=…): it is called p here", {"p": 0.5}),
    (nn.BatchNorm, {"num_features": 3}, "it is called d here", {"d": 3}),
    (partial(nn.RMSNorm, 3), {"epsilon": 0.1}, "RMSNorm(epsilon=…): it is called", {"eps": 0.1}),
    (nn.LeakyReLU, {"negative_slope": 0.1}, "it is called alpha here", {"alpha": 0.1}),
    (nn.ReLU, {"inplace": True}, "ReLU(inplace=…): no such option: it takes none", {}),
    (nn.SoftmaxCrossEntropy, {"weight": [1, 2]}, "is called class_weight", {"class_weight": [1]}),
    (nn.SoftmaxCrossEntropy, {"from_logits": True}, "this loss takes logits", {}),
    (nn.MeanSquaredError, {"reduction": "sum"}, "a loss is always the mean", {}),
    (nn.Poisson, {"log_input": True}, "outputs are always logarithms of rates", {}),
    (nn.Poisson, {"full": False}, "Poisson(full=…): the loss is half the deviance", {}),
    (nn.EarlyStopping, {"restore_best_weights": True}, "is always brought back", {}),
    (
        plateau,
        {"threshold": 0.1, "gamma": 0.5},
        "it is called min_delta here; ReduceLROnPlateau(gamma=…): it is called factor here",
        {"min_delta": 0.1, "factor": 0.5},
    ),
    (plateau, {"eta_min": 0.01}, "it is called min_lr here", {"min_lr": 0.01}),
    (plateau, {"cooldown": 3}, "there is none: a greater patience waits longer", {"patience": 6}),
    (plateau, {"threshold_mode": "abs"}, "min_delta is always in the unit of what is", {}),
    (fit, {"lr_scheduler": 1}, "nnlib.SGD(lr=schedule); a plateau is plateau=plateau", {}),
    (fit, {"reduce_lr": None}, "fit(reduce_lr=…): it is called plateau here", {"plateau": None}),
    (nn.make_xor, {"n_samples": 9}, "make_xor(n_samples=…): it is called n here", {"n": 9}),
    (nn.make_spirals, {"random_state": 1}, "it is called rng here", {"rng": 1}),
    (fit, {"validation_data": (X, y)}, "fit(validation_data=…): it is called validation", {}),
    (fit, {"verbose": 1}, "fit(verbose=…): progress=True shows a bar", {}),
    (fit, {"callbacks": []}, "fit(callbacks=…): loop over nnlib.epochs(…)", {}),
    (epochs, {"validation_split": 0.2}, "it is called validation", {"validation": 0.2}),
    (steps, {"n_epochs": 2}, "steps(n_epochs=…): it is called epochs here", {"epochs": 2}),
    (evaluate, {"sample_weights": np.ones(8)}, "evaluate(sample_weights=…): it is called", {}),
    (
        lambda **options: model().score(X, y, **options),
        {"sample_weights": np.ones(8)},
        "score(sample_weights=…): it is called sample_weight here",
        {"sample_weight": np.ones(8)},
    ),
    (check_gradients, {"epsilon": 1e-6}, "it is called eps here", {"eps": 1e-6}),
    (batches, {"seed": 1}, "batches(seed=…): it is called rng here", {"rng": 1}),
    (
        score,
        {"y_true": [1], "y_pred": [1]},
        "f1(y_true=…): it is called y here; f1(y_pred=…): it is called predictions here",
        {"y": [1], "predictions": [1]},
    ),
]


@pytest.mark.parametrize(("call", "theirs", "said", "ours"), CALLS)
def test_a_word_of_another_library_is_answered_with_the_one_that_works(call, theirs, said, ours):
    with pytest.raises(TypeError) as caught:
        call(**theirs)
    assert said in str(caught.value)
    assert "__init__" not in str(caught.value)
    call(**ours)


@pytest.mark.parametrize(
    ("call", "said", "remedy"),
    [
        (lambda: nn.Dense(64), "write Dense(d_in, d_out, bias=…, init=…)", lambda: nn.Dense(2, 64)),
        (
            lambda: nn.Adam(np.ones(3), lr=0.1),
            "Adam: multiple values for argument 'lr': parameters are handed to step(net.params, "
            "net.grads), not here",
            lambda: nn.Adam(lr=0.1).step(np.ones(3), np.ones(3)),
        ),
        (
            lambda: nn.SGD(0.1, 0.9),
            "too many positional arguments: write SGD(lr=…, momentum=…",
            lambda: nn.SGD(0.1, momentum=0.9),
        ),
        (lambda: StepDecay(0.1), "missing a required arg", lambda: StepDecay(0.1, every_steps=9)),
        (
            lambda: nn.Sequential(layers=[nn.ReLU()]),
            "write the layers one by one: Sequential(nnlib.Dense(2, 1), nnlib.ReLU())",
            lambda: nn.Sequential(nn.Dense(2, 1), nn.ReLU()),
        ),
        (
            lambda: nn.Reshape(target_shape=(1, 28, 28)),
            "write the sizes one by one: Reshape(1, 28, 28)",
            lambda: nn.Reshape(1, 28, 28),
        ),
        (
            lambda: nn.Reshape(shape=(1, 28, 28)),
            "write the sizes one by one: Reshape(1, 28, 28)",
            lambda: nn.Reshape(1, 28, 28),
        ),
        (
            lambda: nn.LayerNorm(normalized_shape=(3, 8, 8)),
            "write the sizes one by one: LayerNorm(3, 8, 8)",
            lambda: nn.LayerNorm(3, 8, 8),
        ),
        (
            lambda: nn.RMSNorm(normalized_shape=(3, 8, 8)),
            "write the sizes one by one: LayerNorm(3, 8, 8), or RMSNorm(3, 8, 8)",
            lambda: nn.RMSNorm(3, 8, 8),
        ),
        (
            lambda: nn.SoftmaxCrossEntropy([1.0, 2.0]),
            "write SoftmaxCrossEntropy(label_smoothing=…, class_weight=…)",
            lambda: nn.SoftmaxCrossEntropy(class_weight=[1.0, 2.0]),
        ),
        (
            lambda: nn.Model(nn.Sequential(nn.Dense(2, 2))),
            "Model: missing a required argument: 'loss': write Model(net, loss, optimizer, cl",
            model,
        ),
        (lambda: nn.MeanSquaredError(3), "write MeanSquaredError()", nn.MeanSquaredError),
        (
            lambda: model().fit(X, y, sample_weight=None, class_weight={}),
            "fit(class_weight=…): it belongs to the loss: SoftmaxCrossEntropy(class_weight=[…])",
            lambda: nn.SoftmaxCrossEntropy(class_weight=[1.0, 2.0]),
        ),
    ],
)
def test_a_call_that_does_not_fit_is_answered_with_one_that_does(call, said, remedy):
    with pytest.raises(TypeError, match=re.escape(said)):
        call()
    remedy()


def parts():
    spaces = (*vars(nn).values(), *vars(nn.schedules).values())
    return {part for part in spaces if inspect.isclass(part) and part.__module__[:6] == "nnlib."}


def options_of(call):
    return set(inspect.signature(call).parameters)


def test_every_word_of_the_table_is_an_option_of_something():
    takers = [*(parts() - {nn.History}), nn.Model.fit, nn.make_spirals, nn.top_k_accuracy, nn.f1]
    takers.append(nn.load_csv)
    used = set().union(*map(options_of, takers))
    assert set(OTHER_WORDS) <= used


@pytest.mark.parametrize("part", sorted(parts() - {nn.History}, key=lambda c: c.__name__))
def test_signatures_are_those_that_were_written(part):
    assert "args" not in options_of(part)


def test_an_optimizer_of_ones_own_is_explained_by_its_own_name():
    class Slow(nn.Optimizer):
        def __init__(self, speed=0.1, **common):
            super().__init__(lr=speed, **common)

        def move(self, params, grads, lr):
            params -= lr * grads

    with pytest.raises(TypeError, match=r"^Slow\(clipnorm=…\): it is called clip_norm here$"):
        Slow(clipnorm=1)
    with pytest.raises(TypeError, match=r"^lr: expected a number, got 'fast'"):
        Slow(speed="fast")


def test_an_error_from_within_is_left_as_it_is():
    @explained
    def half(x=1):
        return len(x)

    with pytest.raises(TypeError, match="has no len"):
        half(x=1)
    assert half(x="a") == 1
    with pytest.raises(TypeError, match="lr: expected a number, got 'a'"):
        nn.SGD(lr="a")


def test_what_is_explained_is_pickled_and_subclassed_as_before():
    assert pickle.loads(pickle.dumps(nn.make_xor)) is nn.make_xor
    assert repr(pickle.loads(pickle.dumps(nn.Adam(0.5)))) == "Adam(lr=0.5)"

    class Mine(nn.Loss):
        pass

    assert repr(Mine()) == "Mine()"
    assert issubclass(StepDecay, Schedule)
