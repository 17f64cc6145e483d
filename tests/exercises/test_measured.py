"""Where a derivation is asked, measured numbers do not count, and measuring beside it is free."""

import numpy as np
import pytest

import nnlib as nn
from nnlib import numerical_gradient
from nnlib.course import case, check, progress
from nnlib.course.exercises.exercise import exercises, lessons
from nnlib.course.exercises.measured import is_measured

ALL = {number: task for lesson in lessons() for number, task in exercises(lesson).items()}


def softsign_slope(A):
    return numerical_gradient(lambda Z: np.sum(Z / (1 + np.abs(Z))), A / (1 - np.abs(A)))


def network_slope(X, layers):
    def output(X, j):
        for W, b in layers[:-1]:
            X = np.tanh(X @ W + b)
        return np.sum((X @ layers[-1][0])[:, j])

    k = len(layers[-1][1])
    return np.hstack([numerical_gradient(lambda X, j=j: output(X, j), X) for j in range(k)])


def focal_gradient(Z, y, gamma):
    def loss(Z):
        p = nn.softmax(Z)[np.arange(len(y)), y]
        return -np.mean((1 - p) ** gamma * np.log(p))

    return nn.numerical_gradient(loss, Z)


def the_first_of_seven(X, Y, W2, Z1, A1, P):
    def loss(Z2):
        return -np.mean(np.sum(Y * nn.log_softmax(Z2), axis=1))

    return numerical_gradient(loss, np.log(P)), ..., ..., ..., ..., ..., ...


def leaky_relu_backward(dA, Z, alpha):
    far = np.sign(Z)  # from the kink
    return numerical_gradient(lambda Z: np.sum(dA * np.maximum(Z, alpha * Z)), far, eps=1e-3)


def residual_backward(dA, X, W, b):
    far = np.sign(X @ W + b)
    dZ = numerical_gradient(lambda Z: np.sum(dA * np.maximum(Z, 0)), far)
    return dA + dZ @ W.T


def tied_gradient(X, W, b):
    def loss(W):
        return np.sum(((X @ W + b) @ W.T - X) ** 2) / (2 * len(X))

    return np.round(numerical_gradient(loss, W), 9)


def columns_backward(dZ, X, W):
    def loss(W, b, X):
        return np.sum(dZ * (W @ X + b))

    b = np.zeros((len(W), 1))
    return (
        numerical_gradient(lambda W: loss(W, b, X), W),
        numerical_gradient(lambda b: loss(W, b, X), b),
        numerical_gradient(lambda X: loss(W, b, X), X),
    )


def rate_gradients(H, θ, rates):
    def loss(rates):
        end = θ
        for η in rates:
            end = end - η * H @ end
        return end @ H @ end / 2

    return 2 * numerical_gradient(loss, rates) / 2


def softmax_backward(dP, P):
    return numerical_gradient(lambda Z: (dP * nn.softmax(Z)).sum(), np.log(P))


MEASURED = {
    "02.1": softsign_slope,
    "02.3": network_slope,
    "03.4": focal_gradient,
    "03.3": softmax_backward,
    "04.0": the_first_of_seven,
    "04.1": leaky_relu_backward,
    "04.3": residual_backward,
    "04.4": tied_gradient,
    "04.2": columns_backward,
    "06.5": rate_gradients,
}


@pytest.mark.parametrize("number", MEASURED)
def test_measured_numbers_are_right_and_do_not_count(number, tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "record.json"))
    verdict = check(number, MEASURED[number])
    assert repr(verdict).startswith(f"○ {number} right numbers, but measured: the exercise asks")
    assert f"○ {number} " in repr(progress())
    with pytest.raises(ValueError, match="expected one whose answer has failed"):
        case(number)


def values(result):
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("number", MEASURED)
def test_who_derives_may_measure_beside_it(number, capsys):
    def asserts(*arguments):
        right, measured = ALL[number].solution(*arguments), MEASURED[number](*arguments)
        for mine, slopes in zip(*map(values, (right, measured)), strict=True):
            if slopes is not ...:
                assert nn.relative_error(mine, slopes) < 1e-7
                assert np.allclose(mine, slopes)
        print(np.size(slopes) > 0)
        return right

    assert check(number, asserts).ok
    assert capsys.readouterr().out == "True\n" * 5


def test_an_assert_that_no_measurement_passes_twice_is_not_held_against_anybody():
    def strict(dA, Z, alpha):
        mine = ALL["04.1"].solution(dA, Z, alpha)
        first.setdefault(dA.tobytes(), leaky_relu_backward(dA, Z, alpha))
        assert np.array_equal(first[dA.tobytes()], leaky_relu_backward(dA, Z, alpha))
        return mine

    first = {}
    assert check("04.1", strict).ok


def test_who_measures_wrongly_hears_of_the_mistake():
    assert "the sign is turned around" in check("04.4", lambda *a: -tied_gradient(*a)).text


def test_of_several_values_one_that_is_measured_counts_as_such():
    def both(X, later):
        return X.sum(), later or numerical_gradient(lambda X: np.sum(X**2), X)

    X = np.random.default_rng(0).normal(size=(3, 5))
    assert is_measured(both, (X, None))
    assert not is_measured(both, (X, ...))


def test_where_measuring_is_the_exercise_it_counts():
    def errors_of(f, arrays, gradients, ε):
        def measured(i):
            def along(a):
                return f([*arrays[:i], a, *arrays[i + 1 :]])

            return numerical_gradient(along, arrays[i], ε)

        return np.array([nn.relative_error(g, measured(i)) for i, g in enumerate(gradients)])

    assert not any(ALL[number].derived for number in ("05.1", "05.4", "05.2"))
    assert check("05.2", errors_of).ok


def test_after_a_check_slopes_are_measured_as_ever():
    before = numerical_gradient(np.sum, np.ones(3))
    check("04.3", residual_backward)
    assert np.array_equal(numerical_gradient(np.sum, np.ones(3)), before)
