"""Dropout: what it drops, what it keeps, and when it does nothing."""

import copy
import pickle

import numpy as np
import pytest

import nnlib as nn

ONES = np.ones((200, 500))


def alone(layer, rng=0, dtype=np.float64):
    return nn.Sequential(layer, rng=rng, dtype=dtype)


def masks(net, times=1, shape=(4, 25)):
    return [net.forward(np.ones(shape), train=True) for _ in range(times)]


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_a_share_of_p_is_dropped_and_the_rest_made_up_for_it(p):
    # The share of N = 100,000 entries strays by √(p (1 − p)/N), at most 0.16 %: five of these.
    A = alone(nn.Dropout(p)).forward(ONES, train=True)
    assert np.mean(A == 0) == pytest.approx(p, abs=0.008)
    np.testing.assert_allclose(A[A != 0], 1 / (1 - p), rtol=1e-15)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_the_mean_of_many_passes_is_the_input(p):
    # One pass has the variance p/(1 − p), at most 4: the mean of 4,000 strays by 0.032; 5 of these.
    net, X = alone(nn.Dropout(p)), np.array([[-3.0, 0.5, 2.0]])
    mean = net.forward(np.tile(X, (4000, 1)), train=True).mean(axis=0)
    np.testing.assert_allclose(mean / X[0], 1, atol=0.16)


def test_every_unit_is_dropped_as_often_as_any_other():
    A = alone(nn.Dropout(0.5)).forward(np.ones((2000, 50)), train=True)
    share = (A == 0).mean(axis=0)
    np.testing.assert_allclose(share, 0.5, atol=5 * np.sqrt(0.25 / 2000))


def test_the_gradient_goes_where_the_signal_went():
    net = alone(nn.Dropout(0.75))
    A = net.forward(ONES, train=True)
    dX = net.backward(3 * ONES, input_grad=True)
    np.testing.assert_array_equal(dX, 3 * A)
    assert set(np.unique(A)) == {0, 4}


def test_outside_of_training_the_input_passes_untouched():
    net, X = alone(nn.Dropout(0.9)), np.arange(6.0).reshape(2, 3)
    masks(net)
    state = net.layers[0].rng.bit_generator.state
    assert net.layers[0].forward(X) is X
    np.testing.assert_array_equal(net.forward(X), X)
    assert net.layers[0].rng.bit_generator.state == state


def test_nothing_is_dropped_at_p_0():
    net, X = alone(nn.Dropout(0)), np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(net.forward(X, train=True), X)
    np.testing.assert_array_equal(net.backward(7 * X, input_grad=True), 7 * X)


def test_half_is_dropped_unless_told_otherwise():
    assert repr(nn.Dropout()) == "Dropout(0.5)"


def test_every_pass_has_a_mask_of_its_own():
    first, second = masks(alone(nn.Dropout(0.5)), 2)
    assert (first != second).any()


def test_the_same_seed_gives_the_same_masks_and_another_one_others():
    same, again = masks(alone(nn.Dropout(0.5)), 3), masks(alone(nn.Dropout(0.5)), 3)
    np.testing.assert_array_equal(same, again)
    assert (masks(alone(nn.Dropout(0.5), rng=1))[0] != same[0]).any()


def test_two_layers_of_a_network_drop_other_units():
    net = nn.Sequential(nn.Dropout(0.5), nn.Dropout(0.5))
    A = net.layers[0].forward(ONES, train=True)
    assert (net.layers[1].forward(ONES, train=True) != A).any()


def test_both_dtypes_drop_the_same_units():
    single, exact = (
        alone(nn.Dropout(0.3), dtype=dtype).forward(ONES, train=True)
        for dtype in (np.float32, np.float64)
    )
    assert (single.dtype, exact.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(single == 0, exact == 0)


def test_a_copied_network_goes_on_with_the_same_masks_and_shares_no_generator():
    net = alone(nn.Dropout(0.5))
    masks(net)
    twins = [copy.deepcopy(net), pickle.loads(pickle.dumps(net)), net.astype(np.float64)]
    ahead = masks(net, 2)
    for twin in twins:
        np.testing.assert_array_equal(masks(twin, 2), ahead)


def test_a_gradient_check_sees_one_mask_and_leaves_the_next_one_as_it_was():
    net = nn.Sequential(nn.Dense(4, 30), nn.Dropout(0.4), nn.Dense(30, 3))
    twin = copy.deepcopy(net)
    X = np.random.default_rng(0).normal(size=(5, 4))
    report = nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X, [0, 1, 2, 1, 0])
    assert report.ok, report
    assert report.worst < 1e-7
    np.testing.assert_array_equal(net.forward(X, train=True), twin.forward(X, train=True))


def test_a_mask_drawn_anew_would_fail_the_gradient_check(monkeypatch):
    net = nn.Sequential(nn.Dense(4, 30), nn.Dropout(0.4), nn.Dense(30, 3))
    again = lambda self, dA, input_grad=True: dA * self._mask(dA)  # noqa: E731
    monkeypatch.setattr(nn.Dropout, "backward", again)
    X = np.random.default_rng(0).normal(size=(5, 4))
    assert not nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X, [0, 1, 2, 1, 0]).ok


def test_images_lose_single_pixels():
    A = alone(nn.Dropout(0.5)).forward(np.ones((3, 2, 9, 9)), train=True)
    assert A.shape == (3, 2, 9, 9)
    assert ((A == 0).mean(axis=(2, 3)) > 0.1).all()


@pytest.mark.parametrize(
    ("p", "kind", "message"),
    [
        (1, ValueError, r"p: expected a number in \[0, 1\), got 1"),
        (-0.1, ValueError, r"p: expected a number in \[0, 1\), got -0\.1"),
        (np.nan, ValueError, r"p: expected a number in \[0, 1\), got nan"),
        ("half", TypeError, r"p: expected a number, got 'half' \(str\)"),
        (None, TypeError, r"p: expected a number, got None"),
    ],
)
def test_a_probability_outside_of_0_to_1_is_refused(p, kind, message):
    with pytest.raises(kind, match=message):
        nn.Dropout(p)


def test_a_layer_without_a_network_has_no_random_numbers_and_says_so():
    message = r"Dropout\(0\.5\) has no rng yet: .* net = nnlib\.Sequential\(Dropout\(0\.5\)\)"
    with pytest.raises(RuntimeError, match=message):
        nn.Dropout(0.5).forward(ONES, train=True)
    assert nn.Dropout(0.5).forward(ONES) is ONES


def test_a_unit_is_kept_where_the_draw_equals_p():
    class Half:
        def random(self, shape, dtype):
            assert dtype == np.float32
            return np.full(shape, 0.5, dtype)

    net = alone(nn.Dropout(0.5))
    net.layers[0].rng = Half()
    assert np.array_equal(net.forward(ONES, train=True), 2 * ONES)
