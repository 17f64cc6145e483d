"""What an error says to do is done here, and works: optimizers, schedules, initializers, layers."""

import numpy as np
import pytest

import nnlib as nn
from nnlib import initializers as init
from nnlib.schedules import Cosine, Exponential, OneCycle, Schedule, Sequence, StepDecay, Warmup
from tests.helpers.remedies import each, expect_rows, follow

RNG = np.random.default_rng(0)


def used(opt, size=3, dtype=np.float64):
    """An optimizer after a step."""
    opt.step(np.ones(size, dtype), np.ones(size, dtype), slice(None))
    return opt


def step(opt, params, grads=None, decay=slice(None)):
    """A step that works moves something."""
    grads = np.ones(3) if grads is None else grads
    before = np.array(params, float)
    opt.step(params, grads, decay)
    assert (np.array(params, float) != before).any()


def net(*layers):
    return nn.Sequential(*layers)


def read_only(v):
    v.flags.writeable = False
    return v


FLAT, FROZEN = np.ones(3), read_only(np.ones(3))
ADAM = {"t": 1, "M": np.ones(3), "V": np.ones(3)}

# A call, the error, what it says (in the end: what to do), that done, and what it gives.
OPTIMIZERS = [
    (lambda: nn.SGD(-1), ValueError, "lr: expected a number in [0, inf), got -1", nn.SGD),
    (lambda: nn.Adam("0.1"), TypeError, "lr: expected a number, got '0.1' (str)", nn.Adam),
    (lambda: nn.Adam(FLAT), TypeError, "lr: expected a number, got array(", lambda: nn.Adam(1)),
    (
        lambda: nn.Adam(lr=Cosine),
        TypeError,
        "lr: expected a function such as lambda step: 0.1, got the class Cosine: make one, "
        "Cosine(…)",
        lambda: nn.Adam(lr=Cosine(0.1, 9)),
    ),
    (
        lambda: nn.Adam(lr=lambda: 0.1),
        TypeError,
        "which does not fit: too many positional arguments",
        lambda: nn.Adam(lr=lambda step: 0.1),
    ),
    (
        lambda: nn.Adam(lr=lambda epoch, rate: 0.1),
        TypeError,
        "which does not fit: missing a required argument: 'rate'",
        lambda: nn.Adam(lr=lambda step: 0.1),
    ),
    (
        lambda: nn.SGD(momentum=1),
        ValueError,
        "momentum: expected a number in [0, 1), got 1",
        lambda: nn.SGD(momentum=0.99),
    ),
    (
        lambda: nn.SGD(nesterov=True),
        ValueError,
        "give momentum > 0, say 0.9",
        lambda: nn.SGD(nesterov=True, momentum=0.9),
    ),
    (
        lambda: nn.SGD(nesterov="False"),
        TypeError,
        "nesterov: expected True or False, got 'False' (str)",
        lambda: nn.SGD(nesterov=False),
    ),
    (
        lambda: nn.Adam(decay_biases=None),
        TypeError,
        "decay_biases: expected True or False, got None (NoneType)",
        lambda: nn.Adam(decay_biases=np.True_),
    ),
    (
        lambda: nn.Adam(eps=0),
        ValueError,
        "eps: expected a number in (0, inf), got 0",
        lambda: nn.Adam(eps=1e-300),
    ),
    (
        lambda: nn.SGD(clip_norm=1, clip_value=2),
        ValueError,
        "clip_norm, clip_value: expected one of the two, got 1 and 2: leave one out",
        lambda: nn.SGD(clip_norm=1),
    ),
    (
        lambda: nn.Adam().load_state_dict([1]),
        TypeError,
        "state: expected a dict, got [1]: pass what state_dict() returned",
        lambda: nn.Adam().load_state_dict(used(nn.Adam()).state_dict()),
    ),
    (
        lambda: nn.Adam().load_state_dict(used(nn.SGD()).state_dict()),
        ValueError,
        "it is the state of another optimizer; pass what Adam(…).state_dict() returned",
        lambda: nn.Adam().load_state_dict(used(nn.Adam()).state_dict()),
    ),
    (
        lambda: nn.Adam().load_state_dict(ADAM | {"V": np.ones((3, 1))}),
        ValueError,
        "state['V']: expected a flat vector of 3 float64, got shape (3, 1) of float64: pass what "
        "state_dict() returned",
        lambda: nn.Adam().load_state_dict(used(nn.Adam()).state_dict()),
    ),
    (
        lambda: used(nn.Adam(), 5).load_state_dict(ADAM),
        ValueError,
        "state['M']: expected a flat vector of 5 float64, got shape (3,) of float64: make a new "
        "optimizer for a new network",
        lambda: nn.Adam().load_state_dict(ADAM),
    ),
    (
        lambda: nn.SGD(weight_decay=0.1).step(np.ones(3), FLAT),
        TypeError,
        "decay=net.matrices) spares the biases, decay=slice(None) is everything",
        lambda: step(nn.SGD(weight_decay=0.1), np.ones(3), FLAT, slice(None)),
    ),
    (
        lambda: nn.AdamW().step(np.ones(3), FLAT, "matrices"),
        TypeError,
        "decay: weight_decay is 0.01, so say what it may shrink",
        lambda: step(nn.AdamW(), np.ones(3), FLAT, net(nn.Dense(1, 2)).matrices),
    ),
    (
        lambda: nn.SGD().step([1.0, 2.0], [1.0, 2.0]),
        TypeError,
        "params: expected a flat NumPy array, got list: pass net.params, or an array of your own",
        lambda: step(nn.SGD(), np.array([1.0, 2.0]), np.array([1.0, 2.0])),
    ),
    (
        lambda: used(nn.Adam()).step(np.ones(3), [1.0, 2.0, 3.0]),
        TypeError,
        "grads: expected a flat NumPy array, got list: pass net.grads, or an array of your own",
        lambda: step(used(nn.Adam()), np.ones(3), np.array([1.0, 2.0, 3.0])),
    ),
    (
        lambda: used(nn.SGD()).step(np.ma.masked_equal(np.ones(3), 2), FLAT),
        TypeError,
        "params: expected a flat NumPy array, got MaskedArray",
        lambda: step(used(nn.SGD()), np.ma.masked_equal(np.ones(3), 2).data),
    ),
    (
        lambda: nn.SGD().step(np.ones((2, 2)), np.ones((2, 2))),
        ValueError,
        "expected two flat vectors of one length, got params of shape (2, 2) and grads of shape "
        "(2, 2): pass net.params and net.grads",
        lambda: step(nn.SGD(), net(nn.Dense(1, 2)).params, np.ones(4)),
    ),
    (
        lambda: nn.SGD().step(np.array([1, 2, 3]), FLAT),
        TypeError,
        "params: expected floats of 32 bits or more, got int64: a step would round back to "
        "where it began; use params.astype(float)",
        lambda: step(nn.SGD(), np.array([1, 2, 3]).astype(float)),
    ),
    (
        lambda: nn.SGD().step(np.ones(3), np.ones(3, complex)),
        TypeError,
        "grads: expected real numbers, got complex128: pass net.grads",
        lambda: step(nn.SGD(), np.ones(4), net(nn.Dense(1, 2)).grads + 1),
    ),
    (
        lambda: used(nn.Adam()).step(FROZEN, FLAT),
        ValueError,
        "params: expected an array that can be moved in place, got a read-only one: use "
        "params.copy()",
        lambda: step(used(nn.Adam()), FROZEN.copy()),
    ),
    (
        lambda: used(nn.Adam()).step(np.ones(4), np.ones(4)),
        ValueError,
        "params: this optimizer has taken 1 steps on 3 parameters of float64, got 4 of float64: "
        "make a new optimizer for a new network",
        lambda: step(nn.Adam(), np.ones(4), np.ones(4)),
    ),
]

SCHEDULES = [
    (
        lambda: Exponential(-1, 0.5),
        ValueError,
        "lr: expected a number in [0, inf), got -1",
        lambda: Exponential(0, 0.5),
    ),
    (
        lambda: StepDecay(0.1, 2.5),
        TypeError,
        "every_steps: expected a whole number, got 2.5 (float)",
        lambda: StepDecay(0.1, 2),
    ),
    (
        lambda: StepDecay(0.1, 5, 10),
        ValueError,
        "factor: expected a number in (0, 1), got 10",
        lambda: StepDecay(0.1, 5, 1 / 10),
    ),
    (
        lambda: Cosine(0.1, 0),
        ValueError,
        "steps: expected at least 1, got 0",
        lambda: Cosine(0.1, 1),
    ),
    (
        lambda: OneCycle(0.1, 9, pct_start=30),
        ValueError,
        "pct_start: expected a number in [0, 1), got 30",
        lambda: OneCycle(0.1, 9, pct_start=0.30),
    ),
    (
        lambda: Sequence((0.1, 5)),
        TypeError,
        "parts: expected pairs, [(schedule, steps), …], got (0.1, 5)",
        lambda: Sequence([(0.1, 5)]),
    ),
    (
        lambda: Sequence([(0.1, 0)]),
        ValueError,
        "parts[0][1]: expected at least 1, got 0",
        lambda: Sequence([(0.1, 1)]),
    ),
    (
        lambda: Warmup(nn.SGD(), 5),
        TypeError,
        "schedule: expected a number, got SGD(lr=0.01) (SGD)",
        lambda: nn.SGD(Warmup(0.01, 5)),
    ),
    (
        lambda: Warmup(Cosine, 5),
        TypeError,
        "schedule: expected a function such as lambda step: 0.1, got the class Cosine: make one",
        lambda: Warmup(Cosine(0.1, 9), 5),
    ),
    (
        lambda: Sequence([(0.1, 5), (lambda: 0.1, 5)]),
        TypeError,
        "parts[1][0]: expected a function such as lambda step: 0.1, got <function",
        lambda: Sequence([(0.1, 5), (lambda step: 0.1, 5)]),
    ),
    (
        lambda: Cosine(0.1, 9)(0.5),
        TypeError,
        "step: expected a whole number, got 0.5 (float)",
        lambda: Cosine(0.1, 9)(1),
    ),
]

INITIALIZERS = [
    (
        lambda: init.he_normal(None, (3, 2)),
        TypeError,
        "rng: expected an int of 0 or more, or a numpy.random.Generator, got None: pass rng=0",
        lambda: init.he_normal(0, (3, 2)),
    ),
    (
        lambda: init.zeros(np.random.RandomState(0), (3,)),
        TypeError,
        "rng: expected an int of 0 or more, or a numpy.random.Generator",
        lambda: init.zeros(np.random.default_rng(0), (3,)),
    ),
    (
        lambda: init.lecun_normal(RNG, 3),
        TypeError,
        "shape: expected a tuple, got 3: pass (d_in, d_out)",
        lambda: init.lecun_normal(RNG, (3, 2)),
    ),
    (
        lambda: init.orthogonal(RNG, (3,)),
        ValueError,
        "shape: expected (d_in, d_out), or (c_out, c_in, k, k) for a convolution, got (3,)",
        lambda: init.orthogonal(RNG, (3, 1)),
    ),
    (
        lambda: init.xavier_uniform(RNG, (0, 3)),
        ValueError,
        "shape[0]: expected at least 1, got 0",
        lambda: init.xavier_uniform(RNG, (1, 3)),
    ),
    (
        lambda: init.he_uniform(RNG, (3, 2.5)),
        TypeError,
        "shape[1]: expected a whole number, got 2.5 (float)",
        lambda: init.he_uniform(RNG, [3, 2]),
    ),
    (
        lambda: init.he_normal(RNG, (3, 2), int),  # all would be 0
        TypeError,
        "dtype: expected numpy.float64 (exact checks) or numpy.float32 (speed), got <class 'int'>",
        lambda: init.he_normal(RNG, (3, 2), np.float32),
    ),
]

LAYERS = [
    (
        lambda: nn.Dense("3", 2),
        TypeError,
        "d_in: expected a whole number, got '3' (str)",
        lambda: net(nn.Dense(3, 2)),
    ),
    (
        lambda: nn.Dense(3, 0),
        ValueError,
        "d_out: expected at least 1, got 0",
        lambda: net(nn.Dense(3, 1)),
    ),
    (
        lambda: nn.Dense(3, 2, init="he_normal"),
        TypeError,
        "init: expected a function such as nnlib.initializers.he_normal, got 'he_normal'",
        lambda: net(nn.Dense(3, 2, init=nn.initializers.he_normal)),
    ),
    (
        lambda: nn.Dense(3, 2, init=nn.ReLU),
        TypeError,
        "init: expected a function such as nnlib.initializers.he_normal, got the class ReLU",
        lambda: net(nn.Dense(3, 2, init=nn.initializers.he_normal)),
    ),
    (
        lambda: nn.Conv2D(1, 2, 3, init=lambda rng, shape: np.ones(shape)),
        TypeError,
        "which does not fit: too many positional arguments",
        lambda: net(nn.Conv2D(1, 2, 3, init=lambda rng, shape, dtype: np.ones(shape, dtype))),
    ),
    (
        lambda: nn.Conv2D(1, 2, 3, init=np.ones((2, 1, 3, 3))),
        TypeError,
        "init: expected a function such as nnlib.initializers.he_normal, got array(",
        lambda: net(nn.Conv2D(1, 2, 3, init=nn.initializers.he_normal)),
    ),
    (
        lambda: nn.Conv2D(1, 2, (3, 3)),
        TypeError,
        "kernel_size: expected a whole number, got (3, 3) (tuple)",
        lambda: net(nn.Conv2D(1, 2, 3)),
    ),
    (
        lambda: nn.Conv2D(1, 2, 3, padding="same"),
        TypeError,
        "padding: expected a whole number, got 'same' (str)",
        lambda: net(nn.Conv2D(1, 2, 3, padding=1)),
    ),
    (
        lambda: nn.Conv2D(1, 2, 3, bias="no"),
        TypeError,
        "bias: expected True or False, got 'no' (str)",
        lambda: net(nn.Conv2D(1, 2, 3, bias=False)),
    ),
    (
        lambda: nn.MaxPool2D(2, stride=0),
        ValueError,
        "stride: expected at least 1, got 0",
        lambda: net(nn.MaxPool2D(2, stride=1)),
    ),
    (
        lambda: nn.Dropout(50),
        ValueError,
        "p: expected a number in [0, 1), got 50",
        lambda: net(nn.Dropout(0.5)),
    ),
    (
        lambda: nn.BatchNorm(3, eps=0),
        ValueError,
        "eps: expected a number in [1e-38, inf), got 0",
        lambda: net(nn.BatchNorm(3, eps=1e-9)),
    ),
    (
        lambda: nn.GELU("fast"),
        ValueError,
        "approximate: expected one of none, tanh, got 'fast'",
        lambda: [nn.GELU("none"), nn.GELU("tanh")],
    ),
    (
        lambda: nn.LeakyReLU(-0.1),
        ValueError,
        "alpha: expected a number in [0, 1), got -0.1",
        lambda: nn.LeakyReLU(0.1),
    ),
    (
        lambda: nn.Reshape(),
        ValueError,
        "shape: expected the size of at least one axis, got none: for example 3",
        lambda: nn.Reshape(3),
    ),
    (
        lambda: nn.Reshape((1, 28, 28)),
        TypeError,
        "shape[0]: expected a whole number, got (1, 28, 28) (tuple): write the sizes one by one, "
        "or put a * before them",
        lambda: [nn.Reshape(1, 28, 28), nn.Reshape(*(1, 28, 28))],
    ),
    (
        lambda: nn.LayerNorm([3, 8, 8]),
        TypeError,
        "shape[0]: expected a whole number, got [3, 8, 8] (list): write the sizes one by one",
        lambda: nn.LayerNorm(3, 8, 8),
    ),
    (
        lambda: nn.Reshape(-1),
        ValueError,
        "shape[0]: expected at least 1, got -1",
        lambda: nn.Reshape(1),
    ),
]

DATA = [
    (
        lambda: nn.make_xor(1e3),
        TypeError,
        "n: expected a whole number, got 1000.0 (float)",
        lambda: nn.make_xor(1000),
    ),
    (
        lambda: nn.make_spirals(classes=1),
        ValueError,
        "classes: expected at least 2, got 1",
        lambda: nn.make_spirals(classes=2),
    ),
    (
        lambda: nn.make_spirals(3, classes=5),
        ValueError,
        "classes: expected at most 3, the number of points, got 5",
        lambda: nn.make_spirals(3, classes=3),
    ),
    (
        lambda: nn.make_sine(10**30),
        ValueError,
        f"n: expected at most {2**63 - 1}, got {10**30}",
        lambda: nn.make_sine(100),
    ),
    (
        lambda: nn.make_sine(rng="0"),
        TypeError,
        "pass rng=0, or another int for other random numbers",
        lambda: [nn.make_sine(rng=0), nn.make_sine(rng=1)],
    ),
    (
        lambda: nn.Sequential(nn.ReLU(), dtype="float16"),
        TypeError,
        "dtype: expected numpy.float64 (exact checks) or numpy.float32 (speed), got 'float16'",
        lambda: nn.Sequential(nn.ReLU(), dtype=np.float32).forward([[1]]),
        lambda A: A.dtype == np.float32,
    ),
]

ROWS = OPTIMIZERS + SCHEDULES + INITIALIZERS + LAYERS + DATA


@each(ROWS)
def test_what_an_error_says_to_do_works(row):
    follow(*row)


PLACES = {
    "optimizers.py": None,
    "schedules.py": None,
    "initializers.py": None,
    "datasets.py": None,
    "_validation.py": [
        "vectors_fit",
        "flag",
        "function",
        "generator",
        "whole",
        "number",
        "float_type",
    ],
    "layers/dense.py": ["__init__"],
    "layers/convolution.py": ["__init__"],
    "layers/normalization.py": ["__init__"],
    "layers/dropout.py": ["__init__"],
    "layers/activation.py": ["__init__"],
    "layers/layer.py": ["sizes"],
}


def test_every_error_of_these_files_has_its_row():
    expect_rows([row[0] for row in ROWS], PLACES)


@pytest.mark.parametrize("name", ["he_normal", "xavier_uniform", "orthogonal", "zeros"])
def test_an_int_will_do_for_a_generator(name):
    draw = getattr(init, name)
    np.testing.assert_array_equal(draw(7, (3, 2)), draw(np.random.default_rng(7), [3, 2]))


def test_what_is_refused_changes_nothing():
    for params, grads in (([1.0] * 3, FLAT), (np.ones(3), [1.0] * 3), (FROZEN, FLAT)):
        opt = used(nn.AdamW())
        before = opt.state_dict()
        with pytest.raises((ValueError, TypeError)):
            opt.step(params, grads, slice(None))
        for name, value in opt.state_dict().items():
            np.testing.assert_array_equal(value, before[name])
        assert np.array_equal(params, [1.0] * 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_of_another_dtype_leave_the_parameters_theirs(dtype):
    for grads in (np.ones(3), np.ones(3, np.float32), np.ones(3, int), np.ones(3, np.float16)):
        opt, params = nn.AdamW(clip_norm=1.0), np.ones(3, dtype)
        for _ in range(3):
            opt.step(params, grads, slice(None))
        assert params.dtype == dtype
        assert {v.dtype for v in opt.state.values()} == {np.dtype(dtype)}


def test_a_mapped_file_is_moved_like_any_array(tmp_path):
    params = np.memmap(tmp_path / "params", float, "w+", shape=3)
    params[:] = 1
    plain, opts = np.ones(3), [nn.Adam(), nn.Adam()]
    for _ in range(3):
        opts[0].step(params, np.ones(3))
        opts[1].step(plain, np.ones(3))
    np.testing.assert_array_equal(params, plain)


def test_a_copied_layer_is_a_new_one_without_numbers():
    import copy

    original = nn.Dense(2, 3)
    whole = net(original)
    twin = copy.deepcopy(original)
    with pytest.raises(RuntimeError, match="its numbers live in a network"):
        _ = twin.W
    assert not np.shares_memory(net(twin).params, whole.params)
    np.testing.assert_array_equal(copy.deepcopy(whole).layers[0].W, original.W)


def test_a_schedule_of_ones_own_is_checked_by_its_fields():
    from dataclasses import dataclass

    @dataclass(frozen=True, repr=False)
    class Half(Schedule):
        lr: float

        def rate(self, t):
            return self.lr / (t + 1)

    with pytest.raises(ValueError, match="lr: expected a number"):
        Half(-1)
    assert Half(1)(1) == 0.5
    assert Half(1).end is None
