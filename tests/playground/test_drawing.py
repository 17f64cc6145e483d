"""The picture of a playground."""

from itertools import pairwise

import numpy as np
import pytest

from nnlib.course.playground.drawing import Drawing
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.layout import HEIGHT, TOP, WIDTH, make_layout, short_names
from nnlib.course.playground.settings import FEATURES, Settings
from tests.helpers.page import shown
from tests.helpers.shaking import control


@pytest.mark.parametrize("hidden", [(), (1,), (16,) * 6, (16, 1, 16)])
def test_no_two_units_overlap_and_all_fit(hidden):
    settings = Settings(hidden=hidden, activations=("tanh",) * len(hidden), features=FEATURES)
    layout = make_layout(settings, 5)
    for places in layout.places:
        x, y = places.T
        assert layout.tile / 2 <= x.min()
        assert x.max() <= WIDTH - layout.tile / 2
        assert y.min() >= layout.tile / 2 - 1
        assert y.max() <= HEIGHT - TOP + 3 - layout.tile / 2
        if len(y) > 1:
            assert np.diff(-y).min() >= layout.tile + 1
    sizes = (7, *hidden, 5)
    assert len(layout.paths) == sum(a * b for a, b in pairwise(sizes))


def test_links_show_sign_by_style_and_colour_and_size_by_width():
    experiment, drawing = Experiment(Settings(hidden=(), activations=())), Drawing()
    experiment.net.layers[0].W = [[2.0, -1.0], [0.0, 0.5]]
    drawing.frame(experiment)
    positive, negative = drawing.diagram._links
    assert len(positive.get_paths()) == 2
    assert len(negative.get_paths()) == 1
    assert list(positive.get_linewidths()) == pytest.approx([2.5, 0.85])
    assert positive.get_linestyle() != negative.get_linestyle()
    assert not np.array_equal(positive.get_edgecolor(), negative.get_edgecolor())


def written(drawing):
    """The texts of the network's picture."""
    return [artist for artist in drawing.diagram._static if hasattr(artist, "get_text")]


def test_wide_names_stay_in_their_places(drawn):
    drawn.use_points("0 0 MMMMMMMM\n1 0 WWWWWW\n2 0 a\n0 1 MMMMMMMM\n1 1 a\n2 1 WWWWWW")
    for text in written(drawn.drawing):
        assert text.get_window_extent().x1 <= 980, text


def test_hollow_points_of_a_value_keep_a_dark_edge(drawn):
    control(drawn, "test points").value = True
    control(drawn, "data set").value = "plane"
    hollow = [p for p in drawn.drawing.plane._points if p.get_visible() and p.get_mfc() == "white"]
    assert hollow
    assert all(point.get_mec() == "black" for point in hollow)


def test_a_label_may_look_like_mathematics(drawn):
    drawn.use_points("0 0 $a_$\n1 0 \\frac$x$\n0 1 $a_$\n1 1 $$")
    drawn.picture()
    labels = [text.get_text() for text in written(drawn.drawing)]
    assert "■ $a_$" in labels


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (("a", "bb"), ["a", "bb"]),
        (("setosa", "versicolor", "virginica"), ["setosa", "versic…", "virgin…"]),
        (("species_a", "species_b"), ["…a", "…b"]),
        (("species", "species_1", "species_2"), ["species", "…_1", "…_2"]),
        (("other", "species_long_name_1", "species_long_name_2"), ["other", "…name_1", "…name_2"]),
        (("species_a_1", "species_a_2", "species_b"), ["…a_1", "…a_2", "…b"]),
        (("aaaaaaaab", "aaaaaaaa"), ["…b", "…"]),
        (("12345_a_12345", "12345_b_12345"), ["…a_1234", "…b_1234"]),
        (("group1_abcd1", "group1_abcd2", "group2_abcd1"), ["…1_…cd1", "…1_…cd2", "…2_…cd1"]),
        (
            ("aaaaa1_bbbbb2_cccccc", "aaaaa1_bbbbb3_cccccc", "aaaaa4_cccccc"),
            ["aaaa… 1", "aaaa… 2", "aaaa… 3"],
        ),
    ],
)
def test_names_that_begin_alike_show_where_they_differ(names, short):
    assert short_names(names) == short
    assert all(len(name) <= 7 for name in short)


def test_headings_do_not_overlap_and_are_no_smaller_than_they_must():
    layers = {"hidden": (16,) * 6, "activations": ("leaky ReLU",) * 6}
    experiment, drawing = Experiment(Settings(**layers)), Drawing()
    drawing.frame(experiment)
    names = ("inputs", "leaky ReLU", "softmax")
    heads = [text for text in written(drawing) if text.get_text() in names]
    boxes = [text.get_window_extent() for text in heads]
    assert len(heads) == 8
    assert all(a.x1 + 8 <= b.x0 for a, b in pairwise(boxes))
    assert boxes[-1].x1 <= 980
    assert make_layout(Settings(), 2).heading == 9


def test_the_smallest_and_the_largest_gradients_are_where_the_axis_says(drawn):
    ticks = [tick.get_text() for tick in drawn.drawing.gradients.artist.axes.get_xticklabels()]
    assert ticks[0] == "≤$10^{-7}$"
    assert ticks[-1] == "≥10"


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


def test_a_unit_that_is_no_more_is_not_shown_any_longer(drawn):
    drawn.drawing.view.unit = (1, 3)
    drawn.change(hidden=(3, 2))
    drawn.picture()
    assert drawn.drawing.view.unit is None


def test_every_map_has_a_bar_that_says_what_its_colours_mean(drawn):
    ends = drawn.drawing.plane._ends
    assert ends.texts == ["0", "1"]
    drawn.drawing.view.unit = (0, 0)
    drawn.picture()
    assert ends.texts == ["−3.7", "3.7"]
    drawn.drawing.view.unit = None
    drawn.change(data="plane")
    drawn.picture()
    assert ends.texts == ["−1.2", "1.2"]


def test_the_picture_is_opaque(drawn):
    pixels = drawn.picture()
    assert pixels.shape == (576, 980, 4)
    assert (pixels[..., 3] == 255).all()
    assert (pixels[0, 0] == 255).all()
