"""The picture of a playground: the network, the plane, and what every unit says over it."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from nnlib.course.playground import maps
from nnlib.course.playground.charts import round_up
from nnlib.course.playground.drawing import Drawing
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.layout import HEIGHT, TOP, WIDTH, make_layout, short_names
from nnlib.course.playground.settings import FEATURES, Settings
from tests.helpers.page import shown
from tests.helpers.shaking import control
from tests.playground.runs import layers


@pytest.mark.parametrize("hidden", [(), (1,), (16,) * 6, (16, 1, 16)])
def test_no_two_units_overlap_and_all_fit(hidden):
    some = {"data": "spirals", "classes": 5, "features": FEATURES}
    layout = make_layout(Experiment(Settings(**layers(hidden), **some)))
    half = layout.tile / 2
    for places in layout.places:
        (left, low), (right, high) = places.min(axis=0), places.max(axis=0)
        assert half <= left <= right <= WIDTH - half
        assert half - 1 <= low <= high <= HEIGHT - TOP + 3 - half
        assert (np.diff(-places[:, 1]) >= layout.tile + 1).all()
    assert len(layout.paths) == sum(a * b for a, b in pairwise((7, *hidden, 5)))


def test_links_show_sign_by_style_and_colour_and_size_by_width():
    experiment, drawing = Experiment(Settings(**layers(()))), Drawing()
    experiment.net.layers[0].W = [[2.0, -1.0], [0.0, 0.5]]
    drawing.frame(experiment)
    positive, negative = drawing.diagram._links
    assert (len(positive.get_paths()), len(negative.get_paths())) == (2, 1)
    assert list(positive.get_linewidths()) == pytest.approx([2.5, 0.85])
    assert positive.get_linestyle() != negative.get_linestyle()
    assert not np.array_equal(positive.get_edgecolor(), negative.get_edgecolor())


def written(drawing):
    """The texts of the network's picture."""
    return [artist for artist in drawing.diagram._static if hasattr(artist, "get_text")]


def test_names_of_classes_stay_in_their_places_and_may_look_like_mathematics(drawn):
    for names, said in (("MMMMMMMM WWWWWW a a", "● MMMMMM…"), ("$a_$ \\frac$x$ $a_$ $$", "■ $a_$")):
        points = "\n".join(f"{i} {i} {name}" for i, name in enumerate(names.split()))
        drawn.post(partial(drawn.use_points, points))
        texts = written(drawn.drawing)
        assert max(text.get_window_extent().x1 for text in texts) <= 980
        assert said in [text.get_text() for text in texts]
        assert drawn.alert.value == ""


NAMES = [
    ("a bb", "a bb"),
    ("setosa versicolor virginica", "setosa versic… virgin…"),
    ("species_a species_b", "…a …b"),
    ("species species_1 species_2", "species …_1 …_2"),
    ("other species_long_name_1 species_long_name_2", "other …name_1 …name_2"),
    ("species_a_1 species_a_2 species_b", "…a_1 …a_2 …b"),
    ("aaaaaaaab aaaaaaaa", "…b …"),
    ("12345_a_12345 12345_b_12345", "…a_1234 …b_1234"),
    ("group1_abcd1 group1_abcd2 group2_abcd1", "…1_…cd1 …1_…cd2 …2_…cd1"),
    ("aaaaa1_bbbbb2_cccccc aaaaa1_bbbbb3_cccccc aaaaa4_cccccc", "aaaa…1 aaaa…2 aaaa…3"),
]


@pytest.mark.parametrize(("names", "short"), NAMES)
def test_names_that_begin_alike_show_where_they_differ(names, short):
    found = short_names(names.split())
    assert [name.replace(" ", "") for name in found] == short.split()
    assert all(len(name) <= 7 for name in found)


def test_headings_do_not_overlap_and_are_no_smaller_than_they_must():
    experiment, drawing = Experiment(Settings(**layers((16,) * 6, "leaky ReLU"))), Drawing()
    drawing.frame(experiment)
    names = ("inputs", "leaky ReLU", "softmax")
    heads = [text for text in written(drawing) if text.get_text() in names]
    boxes = [text.get_window_extent() for text in heads]
    assert len(heads) == 8
    assert all(a.x1 + 8 <= b.x0 for a, b in pairwise(boxes))
    assert boxes[-1].x1 <= 980
    assert make_layout(Experiment()).heading == 9
    assert "the strongest 200 of 1,344 links" in " ".join(t.get_text() for t in written(drawing))
    ticks = [tick.get_text() for tick in drawing.gradients.ax.get_xticklabels()]
    assert (ticks[0], ticks[-1]) == ("≤$10^{-7}$", "≥10")


def test_views_change_the_picture_and_not_the_run(drawn):
    drawn.one_epoch()
    pictures = [shown(drawn)]
    before = drawn.experiment.net.params.copy()
    for label in ("test points", "decisions only"):
        control(drawn, label).value = True
        pictures.append(shown(drawn))
    for unit in ((1, 2), (0, 4), (3, 1)):
        drawn.drawing.view.unit = unit
        drawn.post(lambda: None)
        pictures.append(shown(drawn))
    assert len(set(pictures)) == 6
    np.testing.assert_array_equal(drawn.experiment.net.params, before)
    assert (drawn.image.pixels.shape, drawn.image.pixels[..., 3].min()) == ((576, 980, 4), 255)


def test_every_map_has_a_bar_that_says_what_its_colours_mean(drawn):
    view, ends = drawn.drawing.view, drawn.drawing.plane._ends
    for unit, texts in ((None, ["0", "1"]), ((3, 1), ["0", "1"]), ((0, 0), ["−3.7", "3.7"])):
        view.unit = unit
        drawn.picture()
        assert ends.texts == texts
    view.unit = (1, 3)
    drawn.change(hidden=(3, 2))
    drawn.picture()
    assert view.unit is None  # it is no more
    drawn.change(data="plane")
    control(drawn, "test points").value = True
    assert ends.texts == ["−1.2", "1.2"]
    hollow = [p for p in drawn.drawing.plane._sheet.artists if p.get_mfc() == "white"]
    assert hollow  # and they keep a dark edge
    assert all(point.get_mec() == "black" for point in hollow)


# Maps of what units say ---------------------------------------------------------------------------


def test_every_unit_has_a_map_of_what_it_says():
    experiment = Experiment(Settings(features=("x₁", "x₂²")))
    answers = maps.answers_of(experiment)
    assert [A.shape[1] for A in answers.columns] == [7, 4, 2, 2]
    inputs = answers.columns[0][:, [0, 3]]
    np.testing.assert_allclose(inputs, maps.PLANE ** [1, 2])
    np.testing.assert_allclose(answers.columns[-1].sum(axis=1), 1)
    W, b = experiment.net.layers[0].W, experiment.net.layers[0].b
    np.testing.assert_allclose(answers.columns[1], np.tanh(inputs @ W + b))
    tiles = maps.tiles(inputs, 21)
    assert tiles.shape == (2, 21, 21, 4)
    left, middle, right = tiles[0, 10, [1, 10, 19], :3].astype(int)
    assert right[2] > right[0]
    assert left[0] > left[2]
    assert middle.min() > 200


def test_the_surface_is_white_where_two_classes_are_as_likely_and_strong_where_one_leads():
    first = np.linspace(0, 1, maps.GRID**2)
    answers = maps.Answers([np.column_stack([first, 1 - first, np.zeros(maps.GRID**2)])], 3)
    colors = maps.surface(answers, maps.GRID, None, False).reshape(-1, 4)[:, :3].astype(int)
    middle = len(first) // 2
    assert colors[middle].min() >= 254
    below, above = np.split(np.diff(colors.sum(axis=1)), [middle])
    assert (below >= 0).all()
    assert (above <= 0).all()
    assert colors[0, 0] > colors[0, 2]  # class 1 is vermilion
    assert colors[-1, 2] > colors[-1, 0]  # class 0 is blue
    decided = maps.surface(answers, 100, None, True)
    assert decided.shape == (100, 100, 4)
    assert len(np.unique(decided.reshape(-1, 4), axis=0)) == 2


# Curves, and under them those of a kept run ------------------------------------------------------


def test_a_kept_curve_stays_under_the_next_run_with_its_settings(drawn):
    kept = drawn.drawing.curves.artists[0]
    drawn.one_epoch()
    control(drawn, "Keep curve").click()
    control(drawn, "optimizer").value = "SGD"
    drawn.reset_button.click()
    assert "In grey, the kept run, with Adam η = 0.01; else as now." in drawn.words()
    assert kept.get_xdata().tolist() == [0, 1]
    control(drawn, "data set").value = "hills"  # has another loss
    assert len(kept.get_xdata()) == 0
    assert "The kept run is not drawn: its loss is a cross-entropy, and this one" in drawn.words()
    control(drawn, "data set").value = "XOR"
    assert len(kept.get_xdata()) == 2
    assert "In grey, the kept run, with circle; Adam η = 0.01; else as now." in drawn.words()
    control(drawn, "Drop curve").click()
    assert "kept" not in drawn.words()
    assert len(kept.get_xdata()) == 0


def test_a_kept_run_is_told_by_what_differs(playground):
    playground.one_epoch()
    playground.change(lr=0.02)
    playground.keep()
    same = "In grey, the kept run, with the same settings as now, which it did not have from the "
    assert playground.words().endswith(f" {same}start.")
    control(playground, "New data").click()
    playground.change(noise=0.3, l1=0.01, n=200)
    playground.reset()
    assert (
        "kept run, with 150 of 300 points for training; noise 0.1; data seed 0; no L1; else as now"
    ) in playground.words()


def test_the_curves_show_the_loss_or_where_there_are_classes_the_accuracy(drawn):
    curves, history = drawn.drawing.curves, drawn.experiment.history
    for _ in range(3):
        drawn.one_epoch()
    control(drawn, "Keep curve").click()
    control(drawn, "Epoch").click()
    measures = control(drawn, "curves")
    for measure, scale in (("loss", "log"), ("accuracy", "linear")):
        measures.value = measure
        lines = [line.get_ydata().tolist() for line in curves.artists]
        train, test = (history.column(f"{part}{measure}").tolist() for part in ("", "test_"))
        assert lines == [train[:4], test[:4], train, test]
        assert train[-1] == drawn.scores[measure]
        assert (curves.ax.get_yscale(), curves.ax.get_title("left")) == (scale, measure)
    assert curves.ax.get_ylim() == (0, 1.03)
    for data, measure in (("plane", "loss"), ("circle", "accuracy")):
        control(drawn, "data set").value = data
        assert measures.disabled == (data == "plane")
        assert curves.ax.get_title("left") == measure


def test_the_curves_axis_ends_at_a_round_number():
    assert [round_up(v) for v in (10, 11, 20, 21, 99, 101)] == [10, 20, 20, 50, 100, 200]
