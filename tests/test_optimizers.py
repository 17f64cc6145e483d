"""Optimizers: steps to redo on paper, live changes, errors that change nothing."""

import copy

import numpy as np
import pytest

import nnlib as nn


def walk(opt, start, *gradients, decay=None):
    """Where the steps along these gradients lead, one place after the other."""
    params, places = np.array([start], float), []
    for g in gradients:
        opt.step(params, np.array([g], float), decay)
        places.append(params[0])
    return places


def test_sgd_goes_against_the_gradient():
    params = np.array([1.0, 2.0])
    nn.SGD(lr=0.5).step(params, np.array([4.0, -6.0]))
    np.testing.assert_array_equal(params, [1 - 0.5 * 4, 2 + 0.5 * 6])


def test_momentum_keeps_a_part_of_the_velocity():
    # v: 2, then 0.5·2 + 4 = 5
    assert walk(nn.SGD(lr=0.25, momentum=0.5), 1, 2, 4) == [1 - 0.25 * 2, 0.5 - 0.25 * 5]


def test_nesterov_looks_one_step_ahead():
    # v: 2, then 0.5·2 + 4 = 5; the step is g + 0.5 v: 3, then 6.5
    opt = nn.SGD(lr=0.25, momentum=0.5, nesterov=True)
    assert walk(opt, 1, 2, 4) == [1 - 0.25 * 3, 0.25 - 0.25 * 6.5]


def test_weight_decay_adds_a_part_of_the_parameter_to_the_gradient():
    # g + 0.5 θ: 2 + 0.5·4 = 4, then 2 + 0.5·3 = 3.5
    opt = nn.SGD(lr=0.25, weight_decay=0.5)
    assert walk(opt, 4, 2, 2, decay=slice(None)) == [4 - 0.25 * 4, 3 - 0.25 * 3.5]


def test_weight_decay_goes_through_the_velocity():
    # v: 0 + 0.5·4 = 2, then 0.5·2 + 0.5·3.5 = 2.75
    opt = nn.SGD(lr=0.25, momentum=0.5, weight_decay=0.5)
    assert walk(opt, 4, 0, 0, decay=slice(None)) == [4 - 0.25 * 2, 3.5 - 0.25 * 2.75]


@pytest.mark.parametrize("kind", [nn.SGD, nn.Adam])
def test_weight_decay_shrinks_only_what_it_may(kind):
    params = np.array([4.0, 4.0, 4.0])
    kind(lr=0.5, weight_decay=0.1).step(params, np.zeros(3), decay=slice(0, 2))
    assert (params[:2] < 4).all()
    assert params[2] == 4


def test_weight_decay_spares_the_biases_of_a_network():
    net = nn.Sequential(nn.Dense(2, 3), nn.Tanh(), nn.Dense(3, 2))
    net.params = np.full(net.params.size, 4.0)
    nn.SGD(lr=0.5, weight_decay=0.5).step(net.params, net.grads, decay=net.matrices)
    for layer in (net.layers[0], net.layers[2]):
        np.testing.assert_array_equal(layer.W, np.full(layer.W.shape, 4 - 0.5 * 0.5 * 4))
        np.testing.assert_array_equal(layer.b, np.full(layer.b.shape, 4))


def test_adam_takes_two_steps_by_hand():
    opt = nn.Adam(lr=0.25, beta1=1 / 2, beta2=3 / 4, eps=1e-300)
    # Step 1, g = 2: m = 1, v = 1; m̂ = 1/(1/2) = 2, v̂ = 1/(1/4) = 4; 2/√4 = 1
    # Step 2, g = 4: m = 1/2 + 2 = 5/2, v = 3/4 + 16/4 = 19/4;
    #                m̂ = (5/2)/(3/4) = 10/3, v̂ = (19/4)/(7/16) = 76/7
    first = 1 - 0.25 * 1
    second = first - 0.25 * (10 / 3) / np.sqrt(76 / 7)
    assert walk(opt, 1, 2, 4) == pytest.approx([first, second], rel=1e-15)
    assert opt.state["m"] == [5 / 2]
    assert opt.state["v"] == [19 / 4]


@pytest.mark.parametrize("g", [1e-3, 1.0, 1e3, -1.0])
def test_the_first_step_of_adam_is_as_long_as_the_learning_rate(g):
    assert walk(nn.Adam(lr=0.25), 1, g) == pytest.approx([1 - np.sign(g) * 0.25], rel=1e-4)


def test_the_eps_of_adam_is_in_the_unit_of_a_gradient():
    assert walk(nn.Adam(lr=0.5, eps=3.0), 1, 1) == pytest.approx([1 - 0.5 * 1 / (1 + 3)])


def test_adam_without_memory_goes_by_the_sign():
    assert walk(nn.Adam(lr=0.25, beta1=0, beta2=0), 1, 3, -5, 7) == pytest.approx([0.75, 1, 0.75])


def test_adam_divides_weight_decay_like_the_gradient():
    opt = nn.Adam(lr=0.25, weight_decay=1e-3)
    assert walk(opt, 1, 0, decay=slice(None)) == pytest.approx([1 - 0.25], rel=1e-4)


def test_the_defaults_are_those_of_the_papers():
    adam, sgd = nn.Adam(), nn.SGD()
    assert (adam.lr, adam.beta1, adam.beta2, adam.eps) == (0.001, 0.9, 0.999, 1e-8)
    assert (sgd.lr, sgd.momentum, sgd.nesterov) == (0.01, 0.0, False)
    assert adam.weight_decay == sgd.weight_decay == 0


def test_a_schedule_is_asked_for_step_0_first():
    asked = []

    def schedule(step):
        asked.append(step)
        return 1 / (step + 1)

    assert walk(nn.SGD(lr=schedule), 3, 1, 1) == [2, 1.5]
    assert asked == [0, 1]


def test_the_rate_is_that_of_the_next_step():
    opt = nn.SGD(lr=lambda step: 10.0**-step)
    assert opt.rate == 1
    walk(opt, 1, 1)
    assert opt.rate == 0.1
    assert type(opt.rate) is float
    assert nn.SGD(lr=np.float32(0.5)).rate == 0.5


def test_the_learning_rate_can_be_changed_between_two_steps():
    opt = nn.SGD(lr=1.0)
    params, g = np.array([4.0]), np.array([1.0])
    opt.step(params, g)
    opt.lr = 0.5
    opt.step(params, g)
    opt.lr = lambda step: step / 4
    opt.step(params, g)
    assert params == [4 - 1 - 0.5 - 2 / 4]


def test_a_learning_rate_of_0_stands_still():
    assert walk(nn.SGD(lr=0), 1, 5) == [1]
    assert walk(nn.Adam(lr=0), 1, 5) == [1]


@pytest.mark.parametrize("kind", [nn.SGD, nn.Adam])
def test_a_step_counts_and_fills_the_parameters_it_is_given(kind):
    params = np.ones(3)
    view, opt = params[:], kind(lr=0.1)
    opt.step(params, np.ones(3))
    opt.step(params, np.ones(3))
    assert opt.t == 2
    assert (view != 1).all()
    assert opt.state.keys() == set(kind.slots)


def test_reprs_show_what_differs_from_the_defaults():
    def decay(step):
        return 0.1

    assert repr(nn.SGD()) == "SGD(lr=0.01)"
    assert repr(nn.SGD(0.5, momentum=0.9, nesterov=True, weight_decay=0.1)) == (
        "SGD(lr=0.5, momentum=0.9, nesterov=True, weight_decay=0.1)"
    )
    assert repr(nn.Adam()) == "Adam(lr=0.001)"
    assert repr(nn.Adam(np.float64(0.1), beta2=0.99)) == "Adam(lr=0.1, beta2=0.99)"
    assert repr(nn.SGD(decay)) == "SGD(lr=decay)"


def test_a_schedule_without_a_name_has_no_address_either():
    from functools import partial

    def power(step, exponent):
        return 0.5 * (step + 1) ** exponent

    assert " at 0x" not in repr(nn.SGD(partial(power, exponent=-1)))


def test_plain_sgd_remembers_nothing_of_the_last_step():
    opt, params = nn.SGD(lr=0.5), np.array([1.0])
    opt.step(params, np.array([np.inf]))
    params[:] = 1
    opt.step(params, np.array([1.0]))
    assert params == [0.5]


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: nn.SGD(-0.1), ValueError, r"lr: expected a number in \[0, inf\), got -0\.1"),
        (lambda: nn.SGD(np.nan), ValueError, r"lr: expected a number in \[0, inf\), got nan"),
        (lambda: nn.Adam(np.inf), ValueError, r"lr: expected a number in \[0, inf\), got inf"),
        (lambda: nn.SGD("fast"), TypeError, r"lr: expected a number, got 'fast' \(str\)"),
        (lambda: nn.SGD(None), TypeError, r"lr: expected a number, got None \(NoneType\)"),
        (lambda: nn.SGD(True), TypeError, r"lr: expected a number, got True \(bool\)"),
        (lambda: nn.SGD(np.ones(2)), TypeError, r"lr: expected a number, .* \(ndarray\)"),
        (lambda: nn.SGD(momentum=1), ValueError, r"momentum: .* in \[0, 1\), got 1"),
        (lambda: nn.SGD(momentum=-0.5), ValueError, r"momentum: .* in \[0, 1\), got -0\.5"),
        (lambda: nn.SGD(nesterov=True), ValueError, r"nesterov: .* give momentum > 0"),
        (lambda: nn.SGD(weight_decay=-1), ValueError, r"weight_decay: .* \[0, inf\), got -1"),
        (lambda: nn.Adam(weight_decay=-1), ValueError, r"weight_decay: .* \[0, inf\), got -1"),
        (lambda: nn.Adam(beta1=1), ValueError, r"beta1: expected a number in \[0, 1\), got 1"),
        (lambda: nn.Adam(beta2=1.5), ValueError, r"beta2: expected a number in \[0, 1\), got 1\.5"),
        (lambda: nn.Adam(eps=0), ValueError, r"eps: expected a number in \(0, inf\), got 0"),
    ],
)
def test_a_bad_argument_is_named_with_what_was_expected_and_what_came(make, kind, message):
    with pytest.raises(kind, match=message):
        make()


def test_a_bad_learning_rate_assigned_live_leaves_the_old_one():
    opt = nn.SGD(lr=0.5)
    with pytest.raises(ValueError, match="lr: expected a number"):
        opt.lr = -1
    assert opt.lr == 0.5


def changed_nothing(opt, kind, message, params, grads, decay=slice(None)):
    """Whether a step with these arguments raises, and leaves everything as it was."""
    before, state, t = params.copy(), copy.deepcopy(opt.state), opt.t
    with pytest.raises(kind, match=message):
        opt.step(params, grads, decay)
    np.testing.assert_array_equal(params, before)
    assert opt.t == t
    assert opt.state.keys() == state.keys()
    for name, vector in state.items():
        np.testing.assert_array_equal(opt.state[name], vector)


each = pytest.mark.parametrize(
    "make",
    [
        lambda **options: nn.SGD(**{"lr": 0.1, "momentum": 0.9} | options),
        lambda **options: nn.Adam(**{"lr": 0.1} | options),
    ],
    ids=["SGD", "Adam"],
)
steps_before = pytest.mark.parametrize("steps", [0, 2])


def ready(opt, steps):
    """An optimizer after some steps, and its parameters."""
    params = np.ones(3)
    for _ in range(steps):
        opt.step(params, params.copy(), slice(None))
    return opt, params


@steps_before
@each
@pytest.mark.parametrize(
    ("grads", "message"),
    [
        (np.ones(4), r"grads: expected .* params of shape \(3,\) and grads of shape \(4,\)"),
        (np.ones((3, 1)), r"params of shape \(3,\) and grads of shape \(3, 1\)"),
        (np.array(1.0), r"params of shape \(3,\) and grads of shape \(\)"),
    ],
)
def test_gradients_of_another_shape_change_nothing(make, steps, grads, message):
    opt, params = ready(make(), steps)
    changed_nothing(opt, ValueError, message, params, grads)


@each
def test_parameters_that_are_not_flat_change_nothing(make):
    changed_nothing(make(), ValueError, "two flat vectors", np.ones((2, 2)), np.ones((2, 2)))


@steps_before
@each
def test_weight_decay_without_saying_where_changes_nothing(make, steps):
    opt, params = ready(make(weight_decay=0.1), steps)
    message = r"decay: weight_decay is 0\.1, .* decay=net\.matrices\) spares the biases"
    changed_nothing(opt, TypeError, message, params, np.ones(3), None)


@each
@pytest.mark.parametrize(
    ("params", "came"),
    [(np.ones(4), "got 4 of float64"), (np.ones(3, np.float32), "got 3 of float32")],
    ids=["size", "dtype"],
)
def test_the_parameters_of_another_network_change_nothing(make, params, came):
    opt, _ = ready(make(), 2)
    message = f"params: this optimizer has taken 2 steps on 3 parameters of float64, {came}"
    changed_nothing(opt, ValueError, message, params, np.ones_like(params))


@steps_before
@each
@pytest.mark.parametrize(
    ("rate", "kind", "message"),
    [
        (-1.0, ValueError, r"lr\({t}\): expected a number in \[0, inf\), got -1\.0"),
        (np.nan, ValueError, r"lr\({t}\): expected a number in \[0, inf\), got nan"),
        (None, TypeError, r"lr\({t}\): expected a number, got None"),
    ],
)
def test_a_schedule_that_gives_no_rate_changes_nothing(make, steps, rate, kind, message):
    opt, params = ready(make(), steps)
    opt.lr = lambda step: rate
    changed_nothing(opt, kind, message.replace("{t}", str(steps)), params, np.ones(3))


@steps_before
@each
def test_a_schedule_that_fails_changes_nothing(make, steps):
    opt, params = ready(make(), steps)
    opt.lr = lambda step: 1 / 0
    changed_nothing(opt, ZeroDivisionError, "division by zero", params, np.ones(3))


@each
def test_whole_number_parameters_are_refused_and_change_nothing(make):
    changed_nothing(make(), TypeError, "^params: .*int64", np.ones(3, np.int64), np.ones(3))


def test_an_optimizer_that_is_not_written_yet_says_what_is_missing():
    class Half(nn.Optimizer):
        pass

    with pytest.raises(NotImplementedError, match=r"Half\._update is not written"):
        Half(lr=1).step(np.ones(1), np.ones(1))
