"""The explorer of normalization: the experiment, the bug that it shows, and its picture."""

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.explorers.normalization import (
    ASKED,
    DEPTH,
    EACH,
    GAINS,
    HIGH,
    KINDS,
    LIMIT,
    LOW,
    RATES,
    SIZES,
    STATIONS,
    TRAIN,
    TURN,
    WIDTH,
    Experiment,
    Normalization,
)
from nnlib.course.kit.digits import digits
from tests.helpers.page import shown
from tests.helpers.shaking import control, status


@pytest.fixture
def lab():
    with Normalization() as explorer:
        yield explorer


def trained(steps, **options):
    experiment = Experiment(**options)
    while experiment.step < steps and experiment.advance():
        pass
    return experiment


# The experiment -----------------------------------------------------------------------------


def test_training_is_what_nnlib_does_by_itself():
    experiment = trained(30, kind="batch norm", gain=0.5, lr=0.2, batch_size=16, seed=3)
    layers = []
    for i in range(DEPTH):
        layers += [nn.Dense(WIDTH if i else 64, WIDTH), nn.BatchNorm(WIDTH), nn.ReLU()]
    net = nn.Sequential(*layers, nn.Dense(WIDTH, 10), rng=3)
    net.params[net.matrices] *= 0.5
    data = digits()
    X, y = data.X_train[:TRAIN], data.y_train[:TRAIN]
    losses = []
    steps = nn.steps(
        net, nn.SoftmaxCrossEntropy(), nn.SGD(lr=0.2), X, y, epochs=1, batch_size=16, rng=3
    )
    for step in steps:
        losses.append(step.loss)
        if len(losses) == 30:
            break
    assert experiment.losses == losses
    assert np.array_equal(experiment.net.params, net.params)
    assert np.array_equal(experiment.net.buffers, net.buffers)  # looking has not moved them


def test_validation_images_are_others_and_as_many_of_each_digit():
    experiment = Experiment()
    assert np.array_equal(np.bincount(experiment.y_val), [EACH] * 10)
    assert list(experiment.y_val[:11]) == [*range(10), 0]
    train = {row.tobytes() for row in experiment.X}
    assert not any(row.tobytes() in train for row in experiment.X_val)


@pytest.mark.parametrize("kind", KINDS)
def test_signal_and_gradient_are_those_of_the_network(kind):
    experiment = trained(20, kind=kind)
    net, X, y = experiment.net, experiment.X[:128], experiment.y[:128]
    outputs, A = [], X
    for layer in net.layers:
        A = layer.forward(A, train=True)
        if isinstance(layer, nn.ReLU):
            outputs.append(A)
    assert experiment.forward == pytest.approx([np.mean(A**2) for A in outputs])
    at = [i for i, layer in enumerate(net.layers) if isinstance(layer, nn.ReLU)][3]
    rest = nn.Sequential(nn.Dense(WIDTH, WIDTH, init=nn.initializers.orthogonal))
    rest.layers[0].W = np.eye(WIDTH)
    A, dA = outputs[3], rest.forward(outputs[3])
    dA = nn.SoftmaxCrossEntropy().value_and_grad(forward_from(net, at + 1, A), y)[1]
    for layer in reversed(net.layers[at + 1 :]):
        dA = layer.backward(dA)
    assert experiment.backward[3] == pytest.approx(np.mean(dA**2))


def forward_from(net, at, A):
    for layer in net.layers[at:]:
        A = layer.forward(A, train=True)
    return A


def test_batch_norm_keeps_the_signal_whatever_the_first_weights():
    for gain in GAINS:
        assert Experiment(kind="batch norm", gain=gain).forward == pytest.approx(0.5, abs=0.1)
    assert Experiment(kind="none", gain=0.5).forward[-1] < 1e-5
    assert Experiment(kind="none", gain=2.0).forward[-1] > 1e3


@pytest.mark.parametrize("gain", [0.25, 0.5, 1.0, 2.0])
def test_batch_norm_learns_from_any_start(gain):
    for seed in range(3):
        assert trained(300, kind="batch norm", gain=gain, seed=seed).accuracies[-1] > 0.6


@pytest.mark.parametrize("gain", [0.25, 0.5, 4.0])
def test_without_it_only_the_right_start_learns(gain):
    for seed in range(3):
        assert trained(300, kind="none", gain=gain, seed=seed).accuracies[-1] < 0.3
    assert max(trained(400, kind="none", seed=seed).accuracies[-1] for seed in range(3)) > 0.8


def test_one_digit_at_a_time_is_what_a_forgotten_test_mode_cannot_bear():
    for seed in range(3):
        right, mixed, alone = (
            trained(300, kind="batch norm", gain=0.5, seed=seed).accuracy(asked) for asked in ASKED
        )
        assert right > 0.85
        assert mixed > 0.85
        assert alone < 0.35


@pytest.mark.parametrize("kind", ["none", "layer norm", "RMSNorm"])
def test_who_has_one_mode_answers_alike(kind):
    experiment = trained(100, kind=kind)
    assert len({experiment.accuracy(asked) for asked in ASKED}) == 1


def test_asking_changes_no_running_average_and_only_the_last_score():
    experiment = trained(50, kind="batch norm")
    buffers, scores = experiment.net.buffers.copy(), list(experiment.accuracies)
    experiment.asked = ASKED[2]
    assert np.array_equal(experiment.net.buffers, buffers)
    assert experiment.accuracies[:-1] == scores[:-1]
    assert experiment.accuracies[-1] == experiment.accuracy(ASKED[2])
    experiment.asked = ASKED[0]
    assert experiment.accuracies == scores


@pytest.mark.parametrize("size", SIZES)
def test_no_batch_that_is_asked_is_too_small(size):
    experiment = Experiment(kind="batch norm", batch_size=size)
    for one_digit in (False, True):
        batches = experiment._batches(one_digit)
        assert sorted(np.concatenate(batches)) == list(range(10 * EACH))
        assert min(map(len, batches)) > 1
        if one_digit:
            assert all(len(set(experiment.y_val[rows])) == 1 for rows in batches)


@pytest.mark.parametrize("kind", KINDS)
def test_batch_norm_does_not_learn_from_batches_of_two_and_the_others_do(kind):
    experiment = trained(1500, kind=kind, batch_size=2, lr=0.01)
    learnt = max(experiment.accuracies[-10:])
    assert learnt < 0.2 if kind == "batch norm" else learnt > 0.4


def test_a_run_that_diverges_is_explained():
    experiment = trained(100, kind="none", gain=10.0, lr=1.0)
    assert "It diverged" in experiment.words()
    assert not experiment.advance()
    assert "nan" not in experiment.words()


def test_a_run_ends(monkeypatch):
    monkeypatch.setattr("nnlib.course.explorers.normalization.LIMIT", 20)
    experiment = trained(LIMIT)
    assert experiment.step == 20
    assert experiment.words().endswith("The run ends here: Reset starts another.")


@pytest.mark.parametrize("name", ["kind", "asked"])
def test_only_what_there_is_can_be_asked_for(name):
    with pytest.raises(ValueError, match=f"{name}: expected one of"):
        Experiment(**{name: "nothing"})


@pytest.mark.parametrize("kind", KINDS)
def test_words_are_short_and_plain_for_all_choices(kind):
    for gain in (GAINS[0], 1.0, GAINS[-1]):
        for lr in (RATES[0], RATES[-1]):
            for asked in ASKED:
                words = trained(20, kind=kind, gain=gain, lr=lr, asked=asked).words()
                assert 100 < len(words) < 480
                assert "nan" not in words
                assert "inf" not in words


# The explorer -------------------------------------------------------------------------------


def test_every_control_does_what_it_says(lab):
    control(lab, "normalization").value = "batch norm"
    assert sum(isinstance(layer, nn.BatchNorm) for layer in lab.experiment.net.layers) == DEPTH
    lab.step_button.click()
    experiment, picture = lab.experiment, shown(lab)
    control(lab, "learning rate η").value = 0.5
    control(lab, "asked").value = ASKED[1]
    assert lab.experiment is experiment
    assert (experiment.lr, experiment.asked, experiment.step) == (0.5, ASKED[1], TURN)
    assert "asked in training mode, mixed" in status(lab)
    lab.step_button.click()
    assert experiment.step == 2 * TURN
    assert shown(lab) != picture
    control(lab, "weights, × He").value = 2.0
    assert lab.experiment.step == 0
    assert np.std(lab.experiment.net.layers[0].W) == pytest.approx(2 * np.sqrt(2 / 64), rel=0.1)
    control(lab, "batch size").value = 4
    assert lab.experiment.batch_size == 4
    W = lab.experiment.net.layers[0].W.copy()
    control(lab, "seed").value = 5
    assert not np.array_equal(lab.experiment.net.layers[0].W, W)
    assert (lab.experiment.lr, lab.experiment.asked) == (0.5, ASKED[1])
    assert lab.alert.value == ""


def test_step_and_reset(lab):
    assert "not trained yet" in status(lab)
    lab.step_button.click()
    assert f"after {TURN} steps" in status(lab)
    lab.reset_button.click()
    assert "not trained yet" in status(lab)
    assert lab._mean.get_xdata().size == 0


def test_the_picture_draws_the_experiment(lab):
    control(lab, "normalization").value = "layer norm"
    for _ in range(3):
        lab.step_button.click()
    experiment = lab.experiment
    for line, squares in zip(lab._squares, (experiment.forward, experiment.backward), strict=True):
        assert np.array_equal(line.get_ydata(), squares)
    assert np.allclose(lab._right.get_ydata(), 100 * np.array(experiment.accuracies))
    assert np.allclose(lab._mean.get_ydata(), experiment.means)
    for bars, layer in zip(lab._bars, STATIONS, strict=True):
        values, edges, _ = bars.get_data()
        inside = np.clip(experiment.inside[layer - 1], edges[0], edges[-1])
        counts = np.histogram(inside, edges)[0]
        assert np.allclose(values, counts / counts.max())


@pytest.mark.parametrize("gain", GAINS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_axis_holds_both_ways(lab, kind, gain):
    control(lab, "normalization").value = kind
    control(lab, "weights, × He").value = gain
    low, high = lab._ways.get_ylim()
    squares = np.concatenate([lab.experiment.forward, lab.experiment.backward])
    assert low <= np.clip(squares.min(), LOW, HIGH)
    assert np.clip(squares.max(), LOW, HIGH) < high


def test_the_axis_of_steps_grows(lab):
    for _ in range(2):
        lab.experiment.step = 500
        lab.picture()
    assert lab._fall.get_xlim() == lab._share.get_xlim() == (0, 800)
