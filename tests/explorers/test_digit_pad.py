"""The digit pad: what it makes of a drawing, what the network says, and its controls."""

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.explorers import digit_pad
from nnlib.course.explorers.digit_pad import DigitPad
from nnlib.course.kit import digits
from nnlib.course.kit.digits import digits_like, enlarged, rendered
from nnlib.course.kit.parts import hit
from tests.helpers.page import part, shown
from tests.helpers.shaking import shake

SEVEN = [[[0.3, 0.2], [0.7, 0.2], [0.45, 0.85]]]
ONE = [[[0.5, 0.15], [0.5, 0.85]]]


@pytest.fixture
def pad():
    with DigitPad() as explorer:
        yield explorer


def arc(x, y, rx, ry, start=0.0, stop=2.0):
    """Points on an ellipse; angles in units of π, clockwise from the right."""
    angles = np.pi * np.linspace(start, stop, 30)
    return np.column_stack([x + rx * np.cos(angles), y + ry * np.sin(angles)]).tolist()


TEN = [
    [arc(0.5, 0.5, 0.22, 0.33)],
    ONE,
    [[*arc(0.5, 0.35, 0.2, 0.2, -1, 0.1), [0.3, 0.83], [0.72, 0.83]]],
    [arc(0.48, 0.33, 0.18, 0.17, -0.83, 0.5) + arc(0.48, 0.67, 0.2, 0.17, -0.5, 0.83)],
    [[[0.45, 0.15], [0.28, 0.55], [0.72, 0.55]], [[0.6, 0.3], [0.6, 0.85]]],
    [[[0.68, 0.17], [0.36, 0.17], [0.34, 0.45], *arc(0.48, 0.62, 0.2, 0.2, -0.6, 0.8)]],
    [[[0.6, 0.15], [0.42, 0.35], *arc(0.5, 0.65, 0.19, 0.19, 1.1, 3.1)]],
    SEVEN,
    [arc(0.5, 0.33, 0.15, 0.16), arc(0.5, 0.67, 0.19, 0.17)],
    [[*arc(0.5, 0.35, 0.18, 0.18), [0.67, 0.45], [0.62, 0.85]]],
]
"""Each digit as lines of a pen."""


# The experiment -----------------------------------------------------------------------------


def test_most_digits_that_are_drawn_again_are_recognised():
    data, model = nn.load_digits(), digit_pad.trained()
    again = np.array([digits_like(enlarged(x.reshape(8, 8))) for x in data.X_test])
    assert nn.accuracy(data.y_test, model.predict(again)) > 0.9
    paper = np.zeros((112, 112))
    for x, row in zip(data.X_test, again, strict=True):
        paper[30:90, 5:65] = enlarged(x.reshape(8, 8), 60)
        row[:] = digits_like(paper)
    assert nn.accuracy(data.y_test, model.predict(again)) > 0.9


def test_the_probabilities_are_those_of_the_network():
    experiment = digit_pad.Experiment()
    experiment.strokes = SEVEN
    x, P, hidden = experiment.look()
    assert np.array_equal(x, digits_like(rendered(SEVEN, experiment.width)))
    assert np.allclose(P, digit_pad.trained().predict_proba(x[np.newaxis])[0])
    net = digit_pad.trained().net
    first = nn.relu(x @ net.layers[0].W + net.layers[0].b)
    assert np.allclose(hidden[0], first)
    assert [A.size for A in hidden] == [64, 32]


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_drawn_with_a_pen_is_seen(digit):
    experiment = digit_pad.Experiment()
    experiment.strokes = TEN[digit]
    assert experiment.words().startswith(f"It sees {digit_pad.article(digit)} (")


def test_digits_drawn_by_other_hands_are_mostly_seen():
    experiment, rng = digit_pad.Experiment(), np.random.default_rng(0)
    hits = []
    for y in np.tile(range(10), 10):
        A, b = 0.75 * (np.eye(2) + rng.normal(0, 0.12, (2, 2))), rng.uniform(0.4, 0.6, 2)
        experiment.strokes = [((np.array(line) - 0.5) @ A + b).tolist() for line in TEN[y]]
        hits.append(experiment.look()[1].argmax() == y)
    assert np.mean(hits) > 0.85


def test_networks_of_several_kinds_are_taken():
    rng = np.random.default_rng(0)
    dense = nn.Sequential(nn.Dense(784, 5), nn.Tanh(), nn.Dense(5, 10), rng=0)
    flat = [nn.Conv2D(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Dense(72, 10)]
    conv = nn.Sequential(*flat, nn.Softmax(), rng=0)
    reshaped = nn.Sequential(nn.Reshape(1, 28, 28), nn.AvgPool2D(4), nn.Flatten(), nn.Dense(49, 10))
    single = nn.Sequential(nn.Dense(784, 10, init=nn.initializers.zeros), dtype=np.float32)
    for net, side in ((dense, 28), (conv, 8), (reshaped, 28), (single, 28)):
        with DigitPad(net) as explorer:
            explorer.pad.strokes = [rng.random((9, 2)).tolist()]
            assert explorer.experiment.side == side
            assert explorer.experiment.look()[1].sum() == pytest.approx(1)
            assert explorer.alert.value == ""
            assert explorer.still().std() > 0
    assert len(digit_pad.Experiment(conv).look()[2]) == 1  # its ReLU; the softmax is the answer


def test_a_network_that_does_not_fit_is_refused_with_a_remedy():
    with pytest.raises(ValueError, match=r"expected a network from 64 .* got one from \(3,\)"):
        DigitPad(nn.Sequential(nn.Dense(3, 10)))
    with pytest.raises(ValueError, match="to 10 classes"):
        DigitPad(nn.Sequential(nn.Dense(64, 2)))
    with pytest.raises(TypeError, match=r"got str: call DigitPad\(\)"):
        DigitPad("mnist")


def test_no_number_is_called_certain():
    assert [digit_pad.percent(p) for p in (0, 0.93, 0.999)] == ["< 1 %", "93 %", "> 99 %"]
    assert [digit_pad.article(d) for d in (7, 8)] == ["a 7", "an 8"]


# The explorer -------------------------------------------------------------------------------


def test_drawing_changes_picture_and_words(pad):
    empty = shown(pad)
    assert "The pad is empty" in pad.status.value
    pad.pad.strokes = SEVEN
    assert shown(pad) != empty
    assert "It sees a" in pad.status.value
    assert pad.alert.value == ""


def test_undo_takes_back_one_line_and_clear_all(pad):
    _, undo, clear = pad.controls[2:5]
    pad.pad.strokes = SEVEN + ONE
    undo.click()
    assert pad.pad.strokes == pad.experiment.strokes == SEVEN
    pad.pad.strokes = SEVEN + ONE
    clear.click()
    assert pad.pad.strokes == []
    assert pad.experiment.empty


def test_a_test_digit_can_be_put_on_the_pad_drawn_on_and_taken_away(pad):
    pad.pad.strokes = SEVEN
    pad.example.value = 5
    assert pad.pad.strokes == []
    assert len(pad.pad.base) == digits.SIDE**2
    assert f"meant a {nn.load_digits().y_test[5]}" in pad.status.value
    before = shown(pad)
    pad.pad.strokes = ONE
    assert shown(pad) != before
    pad._asked(None, "undo", [])
    assert (pad.pad.strokes, pad.example.value) == ([], 5)
    pad._asked(None, "undo", [])
    assert (pad.pad.base, pad.example.value) == (b"", -1)
    assert "empty" in pad.status.value


def test_a_button_asks_the_page_where_there_is_one(pad, monkeypatch):
    sent = []
    monkeypatch.setattr(pad.pad, "send", sent.append)
    pad.pad.strokes = SEVEN + ONE
    pad.pad.shown = True
    for button in pad.controls[3:5]:
        button.click()
    assert sent == ["undo", "clear"]
    assert pad.pad.strokes == SEVEN + ONE  # until the page sends what is left


def test_the_keys_of_the_pad_clear_and_others_say_nothing(pad):
    pad.pad.strokes = SEVEN
    pad._asked(None, {"anything": 1}.get("anything"), [])
    assert pad.experiment.strokes == SEVEN
    pad._asked(None, "clear", [])
    assert pad.pad.strokes == []


def test_without_centring_the_network_gets_the_paper(pad):
    pad.pad.strokes = [[[0.1, 0.1], [0.1, 0.4]]]
    x = pad.experiment.look()[0]
    pad.controls[2].value = False
    assert "not centred" in pad.status.value
    paper = pad.experiment.look()[0].reshape(8, 8)
    assert not np.allclose(paper.ravel(), x)
    assert paper[0, 0] > 0
    assert np.all(paper[:, 4:] == 0)


def test_a_small_drawing_is_told_that_the_pen_is_thick(pad):
    small = [[[0.1 + 0.3 * x, 0.1 + 0.3 * y] for x, y in line] for line in SEVEN]
    for strokes, pen, thick in (
        (SEVEN, "medium", False),
        (small, "medium", True),
        (small, "thin", False),
    ):
        pad.controls[1].value = digit_pad.WIDTHS[pen]
        pad.pad.strokes = strokes
        assert ("the pen is thick" in pad.words()) == thick
    pad.controls[1].value = digit_pad.WIDTHS["medium"]
    pad.controls[2].value = False
    assert "the pen is thick" not in pad.words()


def test_the_pen_slider_widens_the_lines(pad):
    pad.pad.strokes = SEVEN
    thin = pad.experiment.pixels.sum()
    pad.controls[1].value = digit_pad.WIDTHS["brush"]
    assert pad.pad.width == 0.2
    assert pad.experiment.pixels.sum() > 1.5 * thin


def test_the_still_picture_shows_an_answer_that_is_not_certain():
    example = digit_pad.Experiment()
    example.example = digit_pad.STILL
    assert 0.5 < example.look()[1].max() < 0.9


def test_the_bars_stand_where_the_probabilities_are(pad):
    pad.pad.strokes = SEVEN
    P = pad.experiment.look()[1]
    assert np.allclose(pad._bars.get_data().values + pad._best.get_data().values, P)
    assert pad._best.get_data().values.argmax() == P.argmax()
    assert pad._numbers[P.argmax()].get_text() == digit_pad.percent(P.max())


def test_an_empty_pad_shows_no_hidden_units(pad):
    assert not any(strip.get_visible() for strip in pad._strips)
    pad.pad.strokes = SEVEN
    assert all(strip.get_visible() for strip in pad._strips)
    pad._asked(None, "clear", [])
    assert not any(strip.get_visible() for strip in pad._strips)
    pad.example.value = 3
    assert all(strip.get_visible() for strip in pad._strips)


def test_bars_tell_their_probabilities_and_a_blank_paper_tells_nothing(pad):
    says = [part(pad, f"the probability that it is {digit_pad.article(d)}") for d in range(10)]
    assert says[8].tells(0, 0) == "an 8: the pad is empty"
    assert len(pad.parts()) == 11
    pad.pad.strokes = SEVEN
    P = pad.experiment.look()[1]
    x, y = pad.canvas.at(pad._bars.axes, 7, 0.5)
    assert hit(pad.parts(), x, y).tells(x, y) == f"a 7: {digit_pad.percent(P[7])}"
    assert [p.name for p in pad.parts()][11:] == ["chart 3", "chart 4"]


def test_lines_between_random_changes_are_taken(pad):
    rng = np.random.default_rng(1)

    def draw(i):
        if i % 3 == 1:
            line = rng.random((rng.integers(1, 6), 2)).tolist()
            pad.pad.strokes = [*pad.pad.strokes, line]
            assert not pad.experiment.empty

    shake(pad, after=draw)


def test_a_closed_pad_takes_no_more_lines(pad):
    pad.close()
    assert pad.pad.disabled
    pad.pad.strokes = SEVEN
    assert pad.experiment.empty
