"""Optimizers: steps to redo on paper, live changes, errors that change nothing."""

import copy
import inspect
import pickle
import re
import tracemalloc
from functools import partial

import numpy as np
import pytest

import nnlib as nn

KINDS = [
    kind
    for kind in vars(nn.optimizers).values()
    if isinstance(kind, type) and issubclass(kind, nn.Optimizer) and kind is not nn.Optimizer
]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def falling(step, factor=0.1):
    """A schedule of one's own, with a name in a module."""
    return factor**step


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


@each_kind
def test_weight_decay_shrinks_only_what_it_may(kind):
    params = np.array([4.0, 4.0, 4.0])
    kind(lr=0.5, weight_decay=0.1).step(params, np.zeros(3), decay=slice(0, 2))
    assert (params[:2] < 4).all()
    assert params[2] == 4


@each_kind
def test_weight_decay_shrinks_everything_by_choice_whatever_it_is_told(kind):
    for decay in (None, slice(0, 2)):
        params = np.array([4.0, 4.0, 4.0])
        opt = kind(lr=0.5, weight_decay=0.1, decay_biases=True)
        opt.step(params, np.zeros(3), decay)
        assert (params < 4).all()
        assert (params == params[0]).all()


def test_weight_decay_spares_the_biases_of_a_network_or_takes_them_too():
    net = nn.Sequential(nn.Dense(2, 3), nn.Tanh(), nn.Dense(3, 2))
    for opt, bias in (
        (nn.SGD(lr=0.5, weight_decay=0.5), 4),
        (nn.SGD(lr=0.5, weight_decay=0.5, decay_biases=True), 4 - 0.5 * 0.5 * 4),
    ):
        net.params = np.full(net.params.size, 4.0)
        opt.step(net.params, net.grads, decay=net.matrices)
        for layer in (net.layers[0], net.layers[2]):
            np.testing.assert_array_equal(layer.W, np.full(layer.W.shape, 4 - 0.5 * 0.5 * 4))
            np.testing.assert_array_equal(layer.b, np.full(layer.b.shape, bias))


def test_a_model_decays_biases_by_choice():
    X, y = np.zeros((4, 2)), np.array([0.0, 0.0, 0.0, 0.0])
    biases = []
    for decay_biases in (False, True):
        net = nn.Sequential(nn.Dense(2, 2), nn.Dense(2, 1))
        net.layers[0].b, net.layers[1].W = [4, 4], np.zeros((2, 1))  # no gradient reaches them
        opt = nn.SGD(lr=0.5, weight_decay=0.5, decay_biases=decay_biases)
        nn.Model(net, nn.MeanSquaredError(), opt).fit(X, y, epochs=1)
        biases.append(net.layers[0].b.tolist())
    assert biases == [[4, 4], [3, 3]]


def test_adam_takes_two_steps_by_hand():
    opt = nn.Adam(lr=0.25, beta1=1 / 2, beta2=3 / 4, eps=1e-300)
    # Step 1, g = 2: m = 1, v = 1; m̂ = 1/(1/2) = 2, v̂ = 1/(1/4) = 4; 2/√4 = 1
    # Step 2, g = 4: m = 1/2 + 2 = 5/2, v = 3/4 + 16/4 = 19/4;
    #                m̂ = (5/2)/(3/4) = 10/3, v̂ = (19/4)/(7/16) = 76/7
    first = 1 - 0.25 * 1
    second = first - 0.25 * (10 / 3) / np.sqrt(76 / 7)
    assert walk(opt, 1, 2, 4) == pytest.approx([first, second], rel=1e-15)
    assert opt.state["M"] * (1 - 1 / 2) == [5 / 2]
    assert opt.state["V"] * (1 - 3 / 4) == [19 / 4]


@pytest.mark.parametrize("name", ["beta1", "beta2"])
def test_the_memory_of_adam_stays_as_it_is(name):
    with pytest.raises(AttributeError, match=name):
        setattr(nn.Adam(), name, 0.5)


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


def test_adamw_shrinks_the_parameter_apart_from_the_step():
    # g = 0: Adam stands still, so only 4 − 0.25 · 0.5 · 4 is left
    opt = nn.AdamW(lr=0.25, weight_decay=0.5)
    assert walk(opt, 4, 0, decay=slice(None)) == [4 - 0.25 * 0.5 * 4]
    assert opt.state["M"] == opt.state["V"] == [0]
    # g = 3: the first step of Adam is as long as η
    opt = nn.AdamW(lr=0.25, weight_decay=0.5)
    assert walk(opt, 4, 3, decay=slice(None)) == pytest.approx([4 - 0.25 * 0.5 * 4 - 0.25])


def test_adamw_decays_with_the_rate_of_its_schedule():
    opt = nn.AdamW(lr=lambda step: [0.5, 0.25][step], weight_decay=0.5)
    assert walk(opt, 4, 0, 0, decay=slice(None)) == [3, 3 - 0.25 * 0.5 * 3]


def test_adamw_without_weight_decay_is_adam():
    gradients = [3, -1, 0.5, 2]
    adam, adamw = nn.Adam(lr=0.25), nn.AdamW(lr=0.25, weight_decay=0)
    assert walk(adamw, 1, *gradients) == walk(adam, 1, *gradients)


def test_adagrad_divides_by_the_root_of_all_squares():
    # s: 9, then 9 + 16 = 25
    opt = nn.Adagrad(lr=0.5, eps=1e-300)
    first = 1 - 0.5 * 3 / 3
    assert walk(opt, 1, 3, 4) == pytest.approx([first, first - 0.5 * 4 / 5], rel=1e-15)
    assert opt.state["s"] == [25]


def test_adagrad_takes_shorter_and_shorter_steps_on_a_constant_slope():
    places = walk(nn.Adagrad(lr=1.0), 0, *[5.0] * 9)
    np.testing.assert_allclose(np.diff(places), [-1 / np.sqrt(t) for t in range(2, 10)])


def test_rmsprop_divides_by_a_running_root_mean_square():
    # v: 3/4·0 + 16/4 = 4, then 3/4·4 + 36/4 = 12
    opt = nn.RMSProp(lr=0.5, alpha=3 / 4, eps=1e-300)
    first = 1 - 0.5 * 4 / 2
    assert walk(opt, 1, 4, 6) == pytest.approx([first, first - 0.5 * 6 / np.sqrt(12)], rel=1e-15)
    assert opt.state["v"] == [12]


def test_the_momentum_of_rmsprop_is_in_scaled_gradients():
    # u: 4/2 = 2, then 0.5·2 + 6/√12
    opt = nn.RMSProp(lr=0.25, alpha=3 / 4, eps=1e-300, momentum=0.5)
    u = 0.5 * 2 + 6 / np.sqrt(12)
    assert walk(opt, 1, 4, 6) == pytest.approx([1 - 0.25 * 2, 0.5 - 0.25 * u], rel=1e-15)
    assert opt.state["velocity"] == pytest.approx([u], rel=1e-15)


@pytest.mark.parametrize("kind", [nn.Adagrad, partial(nn.RMSProp, alpha=0)])
def test_eps_stands_outside_of_the_root(kind):
    assert walk(kind(lr=0.5, eps=3.0), 1, 1) == pytest.approx([1 - 0.5 * 1 / (1 + 3)])


@pytest.mark.parametrize("kind", [nn.Adagrad, nn.RMSProp, nn.Adam, nn.AdamW])
def test_a_gradient_of_0_moves_nothing(kind):
    assert walk(kind(lr=0.5), 1, 0, 0, decay=slice(0)) == [1, 1]


def test_the_norm_of_a_gradient_is_clipped():
    # ‖(3, 4)‖ = 5: shortened to a norm of 1, but for the 10⁻⁶
    params = np.zeros(2)
    nn.SGD(lr=1.0, clip_norm=1.0).step(params, np.array([3.0, 4.0]))
    np.testing.assert_allclose(params, [-3 / (5 + 1e-6), -4 / (5 + 1e-6)], rtol=1e-15)


def test_the_entries_of_a_gradient_are_clipped():
    params = np.zeros(4)
    nn.SGD(lr=1.0, clip_value=2.0).step(params, np.array([3.0, -4.0, 1.0, -2.0]))
    np.testing.assert_array_equal(params, [-2, 2, -1, 2])


@pytest.mark.parametrize("limit", ["clip_norm", "clip_value"])
def test_a_gradient_within_the_limit_stays_exactly_as_it_is(limit):
    grads, params = np.array([3.0, -4.0]), np.zeros(2)
    nn.SGD(lr=1.0, **{limit: 5.1}).step(params, grads)
    np.testing.assert_array_equal(params, -grads)


@pytest.mark.parametrize("limit", ["clip_norm", "clip_value"])
def test_weight_decay_comes_after_clipping(limit):
    opt = nn.SGD(lr=1.0, weight_decay=0.5, **{limit: 1.0})
    assert walk(opt, 8, 100, decay=slice(None)) == pytest.approx([8 - 1 - 0.5 * 8], rel=1e-7)


@pytest.mark.parametrize(
    ("dtype", "large"), [(np.float32, 1e30), (np.float64, 1e300)], ids=["float32", "float64"]
)
def test_a_gradient_whose_square_overflows_is_shortened_not_lost(dtype, large):
    params = np.zeros(2, dtype)
    nn.SGD(lr=1.0, clip_norm=1.0).step(params, np.array([3 * large, -4 * large], dtype))
    np.testing.assert_allclose(params, [-0.6, 0.8], rtol=1e-6)


def test_clipping_can_be_switched_on_and_off_between_two_steps():
    opt = nn.SGD(lr=1.0)
    params, g = np.zeros(1), np.array([8.0])
    opt.step(params, g)
    opt.clip_value = 2.0
    opt.step(params, g)
    opt.clip_value, opt.weight_decay = None, 0.5
    opt.step(params, g, slice(None))
    assert params == [-8 - 2 - (8 - 0.5 * 10)]


def test_the_defaults_are_those_of_the_papers():
    adam, sgd, adagrad, rmsprop = nn.Adam(), nn.SGD(), nn.Adagrad(), nn.RMSProp()
    assert (adam.lr, adam.beta1, adam.beta2, adam.eps) == (0.001, 0.9, 0.999, 1e-8)
    assert (sgd.lr, sgd.momentum, sgd.nesterov) == (0.01, 0.0, False)
    assert (adagrad.lr, adagrad.eps) == (0.01, 1e-10)
    assert (rmsprop.lr, rmsprop.alpha, rmsprop.eps, rmsprop.momentum) == (0.01, 0.99, 1e-8, 0)
    assert adam.weight_decay == sgd.weight_decay == 0
    assert adagrad.weight_decay == rmsprop.weight_decay == 0
    adamw = nn.AdamW()
    assert (adamw.lr, adamw.beta1, adamw.beta2, adamw.eps) == (0.001, 0.9, 0.999, 1e-8)
    assert adamw.weight_decay == 0.01
    assert (sgd.decay_biases, sgd.clip_norm, sgd.clip_value) == (False, None, None)


@each_kind
def test_the_defaults_that_repr_leaves_out_are_those_of_the_signature(kind):
    declared = {**inspect.signature(nn.Optimizer).parameters, **inspect.signature(kind).parameters}
    declared = {k: p.default for k, p in declared.items() if p.kind is p.KEYWORD_ONLY}
    assert nn.Optimizer.defaults | kind.defaults == declared


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


@each_kind
def test_a_step_counts_and_fills_the_parameters_it_is_given(kind):
    params = np.ones(3)
    view, opt = params[:], kind(lr=0.1)
    opt.step(params, np.ones(3), slice(None))
    opt.step(params, np.ones(3), slice(None))
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
    assert repr(nn.RMSProp(alpha=0.9)) == "RMSProp(lr=0.01, alpha=0.9)"
    assert repr(nn.AdamW()) == "AdamW(lr=0.001)"
    assert repr(nn.AdamW(weight_decay=0)) == "AdamW(lr=0.001, weight_decay=0.0)"
    assert repr(nn.Adagrad(eps=1e-3, clip_norm=1, decay_biases=True)) == (
        "Adagrad(lr=0.01, eps=0.001, decay_biases=True, clip_norm=1.0)"
    )
    assert repr(nn.SGD(nn.schedules.Cosine(0.1, 50), clip_value=0.5)) == (
        "SGD(lr=Cosine(lr=0.1, steps=50, final=0.0), clip_value=0.5)"
    )


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
        (lambda: nn.Adagrad(eps=0), ValueError, r"eps: expected a number in \(0, inf\), got 0"),
        (lambda: nn.Adagrad(-1), ValueError, r"lr: expected a number in \[0, inf\), got -1"),
        (lambda: nn.RMSProp(eps=-1), ValueError, r"eps: expected a number in \(0, inf\), got -1"),
        (lambda: nn.RMSProp(alpha=1), ValueError, r"alpha: expected a number in \[0, 1\), got 1"),
        (lambda: nn.RMSProp(momentum=1), ValueError, r"momentum: .* in \[0, 1\), got 1"),
        (lambda: nn.AdamW(beta1=1), ValueError, r"beta1: expected a number in \[0, 1\), got 1"),
        (lambda: nn.AdamW(weight_decay=-1), ValueError, r"weight_decay: .* \[0, inf\), got -1"),
        (lambda: nn.SGD(clip_norm=0), ValueError, r"clip_norm: .* in \(0, inf\), got 0"),
        (lambda: nn.Adam(clip_norm="1"), TypeError, r"clip_norm: expected a number, got '1'"),
        (lambda: nn.SGD(clip_value=-1), ValueError, r"clip_value: .* in \(0, inf\), got -1"),
        (lambda: nn.SGD(clip_value=np.inf), ValueError, r"clip_value: .* \(0, inf\), got inf"),
        (
            lambda: nn.AdamW(clip_norm=1, clip_value=0.5),
            ValueError,
            r"clip_norm, clip_value: expected one of the two, got 1 and 0\.5: leave one out",
        ),
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


MAKERS = {kind.__name__: partial(kind, lr=0.1) for kind in KINDS} | {
    "SGD": partial(nn.SGD, lr=0.1, momentum=0.9),
    "AdamW, clipped": partial(nn.AdamW, lr=0.1, clip_norm=0.1),
}
each = pytest.mark.parametrize("make", MAKERS.values(), ids=list(MAKERS))
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

    with pytest.raises(NotImplementedError, match=r"Half\.move is not written"):
        Half(lr=1).step(np.ones(1), np.ones(1))


def restored(make, steps, dtype=np.float64):
    """Two optimizers of one kind: one after some steps, and one that went on from its state."""
    opt, params = make(), np.linspace(1, 2, 5, dtype=dtype)
    for _ in range(steps):
        opt.step(params, np.sin(7 * params), slice(None))
    twin = make()
    twin.load_state_dict(opt.state_dict())
    return opt, twin, params


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("steps", [0, 1, 5])
@each
def test_a_restored_optimizer_goes_on_bit_for_bit(make, steps, dtype):
    schedule = nn.schedules.Warmup(nn.schedules.Exponential(0.1, 0.9), 3)
    opt, twin, params = restored(lambda: make(lr=schedule), steps, dtype)
    theirs = params.copy()
    for _ in range(5):
        opt.step(params, np.sin(7 * params), slice(None))
        twin.step(theirs, np.sin(7 * theirs), slice(None))
    assert params.tobytes() == theirs.tobytes()
    assert twin.t == opt.t == steps + 5


@each_kind
def test_a_state_names_the_count_and_the_vectors(kind):
    opt = kind(lr=0.1)
    assert opt.state_dict() == {"t": 0}
    opt.step(np.ones(3), np.ones(3), slice(None))
    state = opt.state_dict()
    assert list(state) == ["t", *kind.slots]
    assert state["t"] == 1
    assert all(state[name].shape == (3,) for name in kind.slots)


@each
def test_a_state_is_a_copy_on_the_way_out_and_on_the_way_in(make):
    opt, twin, _ = restored(make, 2)
    state = opt.state_dict()
    twin.load_state_dict(state)
    for name in opt.slots:
        assert not np.shares_memory(state[name], opt.state[name])
        assert not np.shares_memory(state[name], twin.state[name])


@each
def test_a_state_from_before_the_first_step_starts_anew(make):
    opt, _, _ = restored(make, 2)
    opt.load_state_dict({"t": 0})
    places = [walk(o, 1, 2, 3, decay=slice(None)) for o in (opt, make())]
    assert places[0] == places[1]


def test_a_failed_first_step_leaves_no_trace_in_the_state():
    class Half(nn.Optimizer):
        slots = ("m",)

    opt = Half(lr=1)
    with pytest.raises(TypeError):
        opt.step(np.ones(3, np.int64), np.ones(3))
    assert opt.state_dict() == {"t": 0}


BAD_STATES = {
    "no dict": (lambda s: [1], TypeError, r"state: expected a dict, got \[1\]: pass what"),
    "no count": (lambda s: s.pop("t") and s, TypeError, r"state\['t'\]: .* number, got None"),
    "count": (lambda s: s | {"t": -1}, ValueError, r"state\['t'\]: expected at least 0, got -1"),
    "half a step": (lambda s: s | {"t": 0.5}, TypeError, r"state\['t'\]: .*, got 0\.5 \(float\)"),
    "missing": (lambda s: s.pop("V") is None or s, ValueError, "expected t, M, V .*got t, M: it"),
    "unknown": (lambda s: s | {"u": 1}, ValueError, "expected t, M, V after 2 steps, got t, M, V,"),
    "no steps": (lambda s: s | {"t": 0}, ValueError, "expected t after 0 steps, got t, M, V"),
    "text": (lambda s: s | {"V": ["a"]}, TypeError, r"state\['V'\]: expected real numbers"),
    "longer": (lambda s: s | {"V": np.ones(6)}, ValueError, r"state\['V'\]: .* 5 float64, got sha"),
    "a matrix": (
        lambda s: s | {"V": np.ones((5, 1))},
        ValueError,
        r"got shape \(5, 1\) of float64",
    ),
    "float32": (
        lambda s: s | {"V": s["V"].astype(np.float32)},
        ValueError,
        "of float32: (make a new|pass what state_dict)",
    ),
}


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize(("change", "kind", "message"), BAD_STATES.values(), ids=BAD_STATES)
def test_a_bad_state_is_refused_and_nothing_is_restored(change, kind, message, used):
    opt, twin, _ = restored(nn.Adam, 2)
    if not used:
        twin = nn.Adam()
    before = twin.state_dict()
    with pytest.raises(kind, match=message):
        twin.load_state_dict(change(opt.state_dict()))
    after = twin.state_dict()
    assert after.keys() == before.keys()
    for name in before:
        np.testing.assert_array_equal(after[name], before[name])


def test_the_state_of_another_optimizer_or_network_is_refused():
    opt, twin, _ = restored(nn.Adam, 2)
    with pytest.raises(ValueError, match="expected t, velocity after 2 steps, got t, M, V"):
        nn.SGD().load_state_dict(opt.state_dict())
    other = nn.Adam()
    other.step(np.ones(3), np.ones(3))
    message = "expected a flat vector of 5 float64, got shape .3,. of float64: make a new optimizer"
    with pytest.raises(ValueError, match=message):
        twin.load_state_dict(other.state_dict())
    opt, _, _ = restored(nn.Adam, 2, np.float32)
    with pytest.raises(ValueError, match="2 steps on 5 parameters of float32, got 5 of float64"):
        opt.step(np.ones(5), np.ones(5))


def test_a_matrix_is_no_state_of_a_new_optimizer_either():
    with pytest.raises(ValueError, match=r"state\['M'\]: .*got shape \(2, 2\)"):
        nn.Adam().load_state_dict({"t": 1, "M": np.ones((2, 2)), "V": np.ones((2, 2))})


@each_kind
def test_a_pickle_holds_the_state_and_no_scratch_space(kind):
    opt, params = kind(lr=0.1, clip_norm=1.0, weight_decay=0.1), np.ones(10_000)
    opt.step(params, params.copy(), slice(None))
    assert len(pickle.dumps(opt)) < 80_000 * len(kind.slots) + 2_000


@pytest.mark.parametrize(
    "schedule", [falling, partial(falling, factor=0.5), nn.schedules.Cosine(1, 9)]
)
def test_a_schedule_that_has_a_name_is_pickled_with_its_optimizer(schedule):
    opt = pickle.loads(pickle.dumps(nn.Adam(lr=schedule)))
    opt.t = 4
    assert opt.rate == schedule(4)


def test_a_lambda_is_copied_but_not_pickled():
    opt = nn.Adam(lr=lambda step: 0.5)
    assert copy.deepcopy(opt).rate == 0.5
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(opt)


@each_kind
def test_a_step_allocates_no_vector(kind):
    opt, params = kind(lr=0.1, clip_norm=1.0, weight_decay=0.1), np.ones(100_000)
    grads = params.copy()
    opt.step(params, grads, slice(0, 50_000))
    tracemalloc.start()
    opt.step(params, grads, slice(0, 50_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: nn.SGD().step(np.array([1, 2]), np.ones(2)),
            "params: expected floats of 32 bits or more, got int64: a step would round back to "
            "where it began; use params.astype(float)",
        ),
        (
            lambda: nn.SGD(weight_decay=0.1).step(np.ones(2), np.ones(2)),
            "decay: weight_decay is 0.1, so say what it may shrink: step(net.params, net.grads, "
            "decay=net.matrices) spares the biases, decay=slice(None) is everything",
        ),
        (
            lambda: nn.SGD(nesterov=True),
            "nesterov: looking ahead needs a velocity: give momentum > 0, say 0.9",
        ),
    ],
)
def test_an_error_says_what_was_expected_what_came_and_what_to_do(call, message):
    with pytest.raises((ValueError, TypeError), match=f"^{re.escape(message)}$"):
        call()


def test_another_network_needs_another_optimizer_if_it_remembers_steps():
    plain = nn.SGD(lr=0.5)
    plain.step(np.ones(2), np.ones(2))
    params = np.ones(3)
    plain.step(params, np.ones(3))
    assert params.tolist() == [0.5] * 3
    opt = nn.SGD(momentum=0.9)
    opt.step(np.ones(2), np.ones(2))
    with pytest.raises(
        ValueError, match=r"optimizer for a new network, or for other layers that are frozen$"
    ):
        opt.step(np.ones(3), np.ones(3))


def test_a_schedule_that_is_an_object_is_shown_by_its_type():
    class Slow:
        def __call__(self, step):
            return 0.1

    assert repr(nn.SGD(lr=Slow())).endswith(".Slow object>)")


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u8", "f2", ">f4"])
@pytest.mark.parametrize("name", nn.optimizers.BY_NAME)
def test_gradients_of_another_type_move_as_floats_do(name, dtype):
    grads = np.array([100, 20, 3])
    theirs, ours = np.zeros(3), np.zeros(3)
    for params, g in ((theirs, grads.astype(dtype)), (ours, grads.astype(float))):
        opt = nn.optimizers.BY_NAME[name](lr=0.1)
        opt.step(params, g, slice(None))
        opt.step(params, g, slice(None))
    assert np.array_equal(theirs, ours)


def test_half_precision_parameters_are_refused():
    with pytest.raises(TypeError, match="params: expected floats of 32 bits or more, got float16"):
        nn.Adam().step(np.ones(3, "f2"), np.ones(3))


@pytest.mark.parametrize("name", nn.optimizers.BY_NAME)
def test_a_step_by_hand_that_overflows_is_told_by_numpy_and_goes_on(name):
    params = np.zeros(2, np.float32)
    step = nn.optimizers.BY_NAME[name](lr=10.0).step
    with pytest.warns(RuntimeWarning, match="overflow"):
        step(params, np.full(2, 3e38, np.float32), slice(None))


@pytest.mark.parametrize(
    ("name", "near"),
    [("Adam", "adam"), (" SGD", "sgd"), ("rms_prop", "rmsprop"), ("lbfgs", None), (["adam"], None)],
)
def test_an_unknown_name_is_told_the_names_there_are(name, near):
    with pytest.raises(
        ValueError, match=r"^name: expected one of sgd, momentum, .*, adamw, got"
    ) as e:
        nn.optimizers.BY_NAME[name]
    assert str(e.value).endswith(f"did you mean {near!r}?" if near else repr(name))
    assert "Adam" not in nn.optimizers.BY_NAME
    assert nn.optimizers.BY_NAME.get("Adam") is None
