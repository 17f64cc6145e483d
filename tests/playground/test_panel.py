"""The playground's controls, words and picture, without a browser."""

import asyncio
import datetime
import threading
from itertools import pairwise

import ipywidgets as w
import numpy as np
import pytest

from nnlib.course.explorers import Playground
from nnlib.course.kit.explorer import FRAME, Explorer
from nnlib.course.playground import maps
from nnlib.course.playground.charts import round_up
from nnlib.course.playground.drawing import HEIGHT, WIDTH, Drawing, make_layout, short_names
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.playground import NEWS
from nnlib.course.playground.settings import FEATURES, OWN, Settings
from tests.helpers.shaking import BLANK, control, shake

MODIFIED = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def all_closed():
    yield
    for explorer in list(Explorer._open.values()):
        explorer.close()


@pytest.fixture
def drawn():
    return Playground()


@pytest.fixture
def playground(monkeypatch):
    """A playground that does not draw, for what has nothing to do with the picture."""
    monkeypatch.setattr(Drawing, "frame", lambda *_: BLANK)
    return Playground()


def settings(playground):
    return playground.experiment.settings


CHANGES = (
    ("learning rate", 0.1, "lr"),
    ("data", "spirals", "data"),
    ("noise", 0.3, "noise"),
    ("points", 600, "n"),
    ("for training", 0.8, "train_share"),
    ("data seed", 7, "data_seed"),
    ("seed", 12, "seed"),
    ("first weights", "He", "init"),
    ("optimizer", "momentum", "optimizer"),
    ("batch size", 0, "batch_size"),
    ("dropout", 0.4, "dropout"),
    ("L1, λ", 0.001, "l1"),
    ("L2, λ", 0.01, "l2"),
    ("at a loss of", 0.1, "stop_loss"),
    ("after epochs", 200, "stop_epochs"),
    ("test patience", 20, "patience"),
)


def test_each_control_changes_its_setting_and_no_other(playground):
    for label, value, name in CHANGES:
        playground.step_button.click()
        before = settings(playground)
        control(playground, label).value = value
        assert getattr(settings(playground), name) == value
        assert settings(playground).differs(before) == {name}
        assert playground.alert.value == ""
    assert "η = 0.1" in playground.words()


def test_the_number_of_classes_counts_where_there_is_a_choice(playground):
    assert control(playground, "classes").disabled
    control(playground, "data").value = "Gaussians"
    assert not control(playground, "classes").disabled
    control(playground, "classes").value = 5
    assert playground.experiment.data.k == 5


def test_features_are_switched_on_and_off_and_the_last_one_stays(playground):
    control(playground, "x₁x₂").value = True
    control(playground, "x₁").value = False
    assert settings(playground).features == ("x₂", "x₁x₂")
    control(playground, "x₂").value = False
    control(playground, "x₁x₂").value = False
    assert settings(playground).features == ("x₁x₂",)
    assert control(playground, "x₁x₂").value
    assert "One feature has to stay" in playground.note.value


def test_layers_units_and_activations_by_layer_or_for_all(playground):
    control(playground, "hidden layers").value = 4
    assert settings(playground).hidden == (4, 2, 2, 2)
    control(playground, "units").value = 6
    assert settings(playground).hidden == (6,) * 4
    control(playground, "change layer").value = 3
    control(playground, "units").value = 9
    control(playground, "activation").value = "ReLU"
    assert settings(playground).hidden == (6, 6, 9, 6)
    assert settings(playground).activations == ("tanh", "tanh", "ReLU", "tanh")
    control(playground, "change layer").value = 1
    assert control(playground, "units").value == 6
    assert control(playground, "activation").value == "tanh"
    assert settings(playground).hidden == (6, 6, 9, 6)
    control(playground, "change layer").value = 6
    assert "no layer 6 yet" in playground.note.value
    control(playground, "hidden layers").value = 0
    assert settings(playground).hidden == ()


def test_a_changed_network_says_what_it_has_kept(playground):
    playground.step_button.click()
    control(playground, "units").value = 5
    assert "weights were kept" in playground.status.value


def test_step_epoch_and_reset(playground):
    first = playground.experiment.net.params.copy()
    playground.step_button.click()
    assert playground.experiment.steps == 1
    control(playground, "Epoch").click()
    assert (playground.experiment.steps, playground.experiment.epoch) == (15, 1)
    assert "Epoch 1, step 15" in playground.status.value
    playground.reset_button.click()
    assert playground.experiment.steps == 0
    np.testing.assert_array_equal(playground.experiment.net.params, first)


def test_new_data_are_other_points_of_the_same_kind(playground):
    X = playground.experiment.data.X_train
    control(playground, "New data").click()
    assert (playground.experiment.data.X_train != X).any()
    assert control(playground, "data seed").value == 1


def test_the_speed_is_so_much_a_picture(playground):
    for label, steps in (("1 step", 1), ("5 steps", 5), ("1 epoch", 15)):
        playground.reset()
        control(playground, "train per picture").value = dict(
            control(playground, "train per picture").options
        )[label]
        playground.advance(10.0)
        assert playground.experiment.steps == steps


def test_a_kept_curve_stays_under_the_next_run_with_its_settings(drawn):
    drawn.one_epoch()
    control(drawn, "Keep curve").click()
    control(drawn, "optimizer").value = "SGD"
    drawn.reset()
    assert "In grey, the kept run, with Adam η = 0.01; else as now." in drawn.words()
    drawn.picture()
    assert drawn.drawing._curves.artists[0].get_xdata().tolist() == [0, 1]
    control(drawn, "Drop curve").click()
    assert "kept" not in drawn.words()
    drawn.picture()
    assert len(drawn.drawing._curves.artists[0].get_xdata()) == 0


def test_a_kept_run_is_told_by_what_differs(playground):
    playground.one_epoch()
    playground.change(lr=0.02)
    playground.keep()
    assert playground.words().endswith(
        " In grey, the kept run, with the same settings as now, which it did not have from the "
        "start."
    )
    control(playground, "New data").click()
    playground.change(noise=0.3, l1=0.01, n=200)
    playground.reset()
    assert (
        "kept run, with 150 of 300 points for training; noise 0.1; data seed 0; no L1; else as now"
    ) in playground.words()


def test_a_kept_run_with_another_loss_is_not_drawn(drawn):
    drawn.one_epoch()
    control(drawn, "Keep curve").click()
    control(drawn, "data").value = "hills"
    kept = drawn.drawing._curves.artists[0]
    assert len(kept.get_xdata()) == 0
    assert "The kept run is not drawn: its loss is a cross-entropy, and this one" in drawn.words()
    control(drawn, "data").value = "XOR"
    assert len(kept.get_xdata()) == 2
    assert "In grey, the kept run, with circle" in drawn.words()


def test_controls_that_would_do_nothing_are_off(playground):
    named = {n: control(playground, n) for n in ("units", "activation", "dropout", "change layer")}
    assert not any(one.disabled for one in named.values())
    named["change layer"].value = 5
    assert named["units"].disabled
    assert named["activation"].disabled
    named["units"].value = 9  # from a browser that has not heard of it yet
    assert settings(playground).hidden == (4, 2)
    assert "There is no layer 5 yet" in playground.note.value
    control(playground, "hidden layers").value = 6
    assert not named["units"].disabled
    assert named["units"].value == 2
    named["change layer"].value = 0
    assert playground.note.value == ""
    control(playground, "hidden layers").value = 0
    assert all(named[name].disabled for name in ("units", "activation", "dropout"))
    control(playground, "hidden layers").value = 1
    assert not any(one.disabled for one in named.values())


def test_the_curves_show_the_loss_or_the_accuracy_also_of_the_kept_run(drawn):
    curves, experiment = drawn.drawing._curves, drawn.experiment
    for _ in range(3):
        drawn.one_epoch()
    control(drawn, "Keep curve").click()
    control(drawn, "Epoch").click()
    shown = [line.get_ydata().tolist() for line in curves.artists]
    losses = [experiment.history.column(name).tolist() for name in ("loss", "test_loss")]
    assert shown == [losses[0][:4], losses[1][:4], *losses]
    assert curves._ax.get_yscale() == "log"
    control(drawn, "curves").value = "accuracy"
    shown = [line.get_ydata().tolist() for line in curves.artists]
    parts = [experiment.history.column(name).tolist() for name in ("accuracy", "test_accuracy")]
    assert shown == [parts[0][:4], parts[1][:4], *parts]
    assert parts[0][-1] == drawn.scores["accuracy"]
    assert (curves._ax.get_yscale(), curves._ax.get_ylim()) == ("linear", (0, 1.03))
    assert curves._ax.get_title("left") == "accuracy"


def test_where_there_are_values_no_accuracy_is_offered(drawn):
    control(drawn, "curves").value = "accuracy"
    control(drawn, "data").value = "plane"
    assert control(drawn, "curves").disabled
    assert drawn.drawing._curves._ax.get_title("left") == "loss"
    control(drawn, "data").value = "circle"
    assert not control(drawn, "curves").disabled
    assert drawn.drawing._curves._ax.get_title("left") == "accuracy"


def test_own_points_are_taken_from_the_box_and_wrong_ones_explained(playground):
    control(playground, "data").value = OWN
    assert settings(playground).data == OWN
    assert playground.experiment.data.names == ("a", "b", "c")
    before = settings(playground)
    playground.panel.points.area.value = "1, 2, a\n1, 3"
    control(playground, "Use these points").click()
    assert 'role="alert"' in playground.alert.value
    assert "line 2: expected x₁, x₂ and a label" in playground.alert.value
    assert settings(playground) == before
    playground.panel.points.area.value = "0 0 0.1\n1 1 0.9\n0 1 0.5\n1 0 0.45"
    control(playground, "Use these points").click()
    assert playground.experiment.data.k == 0
    assert playground.alert.value == ""
    assert "Read as values from 0.1 to 0.9: a regression." in playground.note.value
    control(playground, "data").value = "circle"
    assert playground.note.value == ""
    control(playground, "data").value = OWN
    assert "Read as values" in playground.note.value


def test_points_with_a_typo_stay_in_the_box(playground):
    playground.use_points("0 0 a\n1 1 b\n0 1 a\n1 0 b")
    typed = "0 0 a\n1 1 b\n0 1\n1 0 b\n2 2 b"
    playground.panel.points.area.value = typed
    control(playground, "Use these points").click()
    assert "line 3" in playground.alert.value
    assert playground.panel.points.area.value == typed
    control(playground, "New data").click()
    control(playground, "change layer").value = 2
    assert playground.panel.points.area.value == typed


def test_a_loaded_run_brings_its_points_into_the_box(playground):
    text = "0 0 a\n1 1 b\n0 1 a\n1 0 b"
    playground.use_points(text)
    saved = playground.save()
    other = Playground("other")
    other.panel.points.area.value = "mine"
    other.load(saved[:-1])
    assert other.panel.points.area.value == "mine"
    other.load(saved)
    assert other.panel.points.area.value == text


def test_data_that_cannot_be_had_leave_the_buttons_as_they_were(playground):
    playground.panel.points.area.value = "nothing"
    control(playground, "data").value = OWN
    assert settings(playground).data == "circle"
    assert control(playground, "data").value == "circle"
    assert "expected" in playground.alert.value


def test_a_run_is_saved_into_the_box_and_loaded_from_it(playground):
    control(playground, "units").value = 7
    control(playground, "learning rate").value = 0.03
    playground.one_epoch()
    control(playground, "Save into the box").click()
    saved = playground.panel.save.area.value
    params = playground.experiment.net.params.copy()
    other = Playground("other")
    other.panel.save.area.value = saved
    control(other, "Load from the box").click()
    np.testing.assert_array_equal(other.experiment.net.params, params)
    assert control(other, "units").value == 7
    assert control(other, "learning rate").value == 0.03
    for p in (playground, other):
        p.one_epoch()
    np.testing.assert_array_equal(other.experiment.net.params, playground.experiment.net.params)


def test_a_file_is_loaded_too(playground):
    playground.one_epoch()
    saved, params = playground.save(), playground.experiment.net.params.copy()
    playground.reset()
    upload = next(c for c in playground.controls if isinstance(c, w.FileUpload))
    file = {"name": "a.json", "type": "", "size": len(saved), "last_modified": MODIFIED}
    upload.value = ({**file, "content": memoryview(saved.encode())},)
    np.testing.assert_array_equal(playground.experiment.net.params, params)
    upload.value = ({**file, "content": memoryview(b"\xff\xfe")},)
    assert "no JSON" in playground.alert.value
    np.testing.assert_array_equal(playground.experiment.net.params, params)


def test_a_wrong_box_is_explained_and_loses_nothing(playground):
    playground.step_button.click()
    control(playground, "Load from the box").click()
    assert "The box is empty" in playground.note.value
    playground.panel.save.area.value = '{"format": "nnlib playground 2"}'
    control(playground, "Load from the box").click()
    assert 'role="alert"' in playground.alert.value
    assert "cannot be read" in playground.alert.value
    assert "Traceback" not in playground.alert.value
    assert playground.experiment.steps == 1


def test_a_wrong_setting_leaves_the_open_playground_alone(playground):
    for wrong in ({"data": "spiral"}, {"data": OWN, "points": "1 2"}, {"speed": 3}):
        with pytest.raises((ValueError, TypeError)):
            Playground(**wrong)
        assert Explorer._open["Playground"] is playground
        assert not playground.closed


@pytest.mark.parametrize("label", ["Step", "Epoch", "Run"])
def test_an_old_alert_goes_when_training_goes_on(playground, label):
    playground.use_points("nothing")
    assert playground.alert.value
    if label == "Run":
        playground.run.value = True
    else:
        control(playground, label).click()
    assert playground.alert.value == ""


def test_all_examples_is_the_last_batch_size_of_the_slider():
    playground = Playground(batch_size=15)
    labels = [label for label, _ in control(playground, "batch size").options]
    assert labels == ["1", "2", "5", "10", "15", "20", "30", "50", "all"]
    playground.change(batch_size=200)
    playground.sync()
    assert control(playground, "batch size").options[-2:] == (("200", 200), ("all", 0))


def test_a_learning_rate_between_those_of_the_slider_is_shown_as_it_is():
    playground = Playground(lr=0.0123)
    assert control(playground, "learning rate").value == 0.0123
    assert settings(playground).lr == 0.0123


def test_the_code_is_written_when_its_section_is_opened(playground):
    playground.step_button.click()
    control(playground, "settings").value = "code"
    assert "train(1)" in playground.panel.code.area.value
    playground.step_button.click()
    control(playground, "Write it anew").click()
    assert "train(2)" in playground.panel.code.area.value


def test_one_section_is_shown_at_a_time(playground):
    for name in playground.panel.sections:
        control(playground, "settings").value = name
        shown = [n for n, box in playground.panel.sections.items() if box.layout.display != "none"]
        assert shown == [name]
    assert all(row.layout.display is None for row in playground.panel.rows[:3])


def test_divergence_is_explained_on_the_page_and_no_number_is_nan():
    playground = Playground(data="plane", hidden=(), activations=(), optimizer="SGD", lr=10.0)
    playground.run.value = True
    for _ in range(50):
        playground.advance(0.1)
    playground.post(lambda: None)
    assert "The run diverged in epoch" in playground.note.value
    assert "learning rate of 10 is too large" in playground.note.value
    assert "nan" not in playground.words()
    assert "Something went wrong" not in playground.alert.value
    control(playground, "learning rate").value = 0.001
    assert playground.note.value == ""
    playground.one_epoch()
    assert playground.experiment.epoch == 1


def test_a_run_that_has_ended_is_loaded_with_its_words(playground):
    playground.change(data="plane", hidden=(), activations=(), optimizer="SGD", lr=10.0)
    playground.panel.speed.value = (4, True)
    while playground.advance(1.0):
        pass
    playground.picture()
    note, saved = playground.note.value, playground.save()
    assert "The run diverged in epoch" in note
    playground.reset()
    assert playground.note.value == ""
    playground.panel.save.area.value = saved
    control(playground, "Load from the box").click()
    playground.picture()
    assert playground.note.value == note
    assert "The run has diverged. Change a setting or reset to go on." in playground.words()


@pytest.mark.parametrize("kind", ["SGD", "momentum", "Adam"])
def test_step_by_step_into_divergence_no_number_is_ever_nan(kind):
    layers = {"hidden": (6,) * 3, "activations": ("linear",) * 3}
    playground = Playground(data="hills", optimizer=kind, lr=1000.0, **layers)
    for _ in range(25):
        playground.step_button.click()
        said = playground.words()
        assert "nan" not in said
        assert "inf" not in said
        assert len(said) < 300
    assert "diverged" in playground.note.value


def test_what_a_change_has_done_is_said_for_a_while(playground):
    control(playground, "data").value = "XOR"
    for _ in range(NEWS - 1):
        playground.one_epoch()
    assert "A new run begins." in playground.words()
    playground.one_epoch()
    assert "A new run begins." not in playground.words()
    control(playground, "units").value = 5
    assert "The network has changed" in playground.words()
    control(playground, "after epochs").value = 50
    while playground.experiment.step():
        pass
    assert "Stopped after 50 epochs" in playground.words()


def test_one_message_at_a_time_when_nothing_can_be_loaded(playground):
    playground.load("")
    assert "The box is empty" in playground.note.value
    playground.load("{}")
    assert playground.note.value == ""
    assert "no saved run" in playground.alert.value
    playground.load(" ")
    assert playground.alert.value == ""


def test_titles_and_wide_names_stay_in_their_places(drawn):
    control(drawn, "test points").value = True
    for name in ("plane", "circle"):
        control(drawn, "data").value = name
        title = drawn.drawing._title.get_window_extent()
        assert title.x1 < drawn.drawing._caption.x
    drawn.use_points("0 0 MMMMMMMM\n1 0 WWWWWW\n2 0 a\n0 1 MMMMMMMM\n1 1 a\n2 1 WWWWWW")
    for text in drawn.drawing._texts:
        assert text.get_window_extent().x1 <= 980, text


def test_hollow_points_of_a_value_keep_a_dark_edge(drawn):
    control(drawn, "test points").value = True
    control(drawn, "data").value = "plane"
    hollow = [p for p in drawn.drawing._points if p.get_visible() and p.get_mfc() == "white"]
    assert hollow
    assert all(point.get_mec() == "black" for point in hollow)


def test_the_badge_shows_that_gradients_are_right(playground):
    playground.step_button.click()
    assert "✓ gradients checked: right" in playground.panel.badge.value


def test_views_change_the_picture_and_not_the_run(drawn):
    drawn.one_epoch()
    pictures = [drawn.image.value]
    before = drawn.experiment.net.params.copy()
    control(drawn, "test points").value = True
    pictures.append(drawn.image.value)
    control(drawn, "decisions only").value = True
    pictures.append(drawn.image.value)
    control(drawn, "show unit").value = (1, 2)
    pictures.append(drawn.image.value)
    title = drawn.drawing._title.get_text()
    assert title == "layer 1, unit 3; hollow: test"
    assert len(set(pictures)) == 4
    control(drawn, "units").value = 2
    assert control(drawn, "show unit").value == (0, 0)
    control(drawn, "show unit").value = (1, 0)
    np.testing.assert_array_equal(drawn.experiment.net.params[:2], before[:2])


def test_words_tell_the_numbers_and_the_settings(playground):
    scores = playground.experiment.scores()
    said = playground.words()
    assert f"training loss {scores['loss']:.4f}, test loss {scores['test_loss']:.4f}" in said
    assert f"accuracy {scores['accuracy']:.1%} in training" in said
    control(playground, "data").value = "hills"
    assert "accuracy" not in playground.words()


def test_every_unit_has_a_map_of_what_it_says():
    experiment = Experiment(Settings(features=("x₁", "x₂²")))
    seen = maps.answers_of(experiment)
    assert [A.shape[1] for A in seen.columns] == [2, 4, 2, 2]
    np.testing.assert_allclose(seen.columns[0], maps.PLANE ** [1, 2])
    np.testing.assert_allclose(seen.columns[-1].sum(axis=1), 1)
    W, b = experiment.net.layers[0].W, experiment.net.layers[0].b
    np.testing.assert_allclose(seen.columns[1], np.tanh(seen.columns[0] @ W + b))
    tiles = maps.tiles(seen.columns[0], 21)
    assert tiles.shape == (2, 21, 21, 4)
    left, middle, right = tiles[0, 10, [1, 10, 19], :3]
    assert right[2] > right[0]
    assert left[0] > left[2]
    assert middle.min() > 200


def test_the_surface_has_the_colour_of_the_class_that_the_network_sees():
    seen = maps.Answers(
        [maps.PLANE, np.stack([maps.PLANE[:, 0] < 0, maps.PLANE[:, 0] > 0], 1) * 1.0], 2
    )
    image = maps.surface(seen, 100, (0, 0), False)
    assert image.shape == (100, 100, 4)
    assert image[50, 5, 2] > image[50, 5, 0]  # class 0 is blue
    assert image[50, 95, 0] > image[50, 95, 2]


def test_the_surface_is_white_where_two_classes_are_as_likely_and_strong_where_one_leads():
    first = np.linspace(0, 1, maps.GRID**2)
    P = np.column_stack([first, 1 - first, np.zeros(maps.GRID**2)])
    image = maps.surface(maps.Answers([P], 3), maps.GRID, (0, 0), False)
    colors = image.reshape(-1, 4)[:, :3].astype(int)
    middle = len(first) // 2
    assert colors[middle].min() >= 254
    halves = np.split(colors.sum(axis=1), 2)
    assert (np.diff(halves[0]) >= 0).all()
    assert (np.diff(halves[1]) <= 0).all()
    decided = maps.surface(maps.Answers([P], 3), maps.GRID, (0, 0), True)
    assert len(np.unique(decided.reshape(-1, 4), axis=0)) == 2


@pytest.mark.parametrize("hidden", [(), (1,), (16,) * 6, (16, 1, 16)])
def test_no_two_units_overlap_and_all_fit(hidden):
    settings = Settings(hidden=hidden, activations=("tanh",) * len(hidden), features=FEATURES)
    layout = make_layout(settings, 5)
    for places in layout.places:
        x, y = places.T
        assert layout.tile / 2 <= x.min()
        assert x.max() <= WIDTH - layout.tile / 2
        assert y.min() >= layout.tile / 2 - 1
        assert y.max() <= HEIGHT - layout.tile / 2
        if len(y) > 1:
            assert np.diff(-y).min() >= layout.tile + 1
    sizes = (7, *hidden, 5)
    assert len(layout.paths) == sum(a * b for a, b in pairwise(sizes))


def test_links_show_sign_by_style_and_colour_and_size_by_width():
    experiment, drawing = Experiment(Settings(hidden=(), activations=())), Drawing()
    experiment.net.layers[0].W = [[2.0, -1.0], [0.0, 0.5]]
    drawing.frame(experiment, experiment.scores())
    positive, negative = drawing._links
    assert len(positive.get_paths()) == 2
    assert len(negative.get_paths()) == 1
    assert list(positive.get_linewidths()) == pytest.approx([2.5, 0.85])
    assert positive.get_linestyle() != negative.get_linestyle()
    assert not np.array_equal(positive.get_edgecolor(), negative.get_edgecolor())


def test_a_label_may_look_like_mathematics(drawn):
    drawn.use_points("0 0 $a_$\n1 0 \\frac$x$\n0 1 $a_$\n1 1 $$")
    drawn.picture()
    shown = [text.get_text() for text in drawn.drawing._texts]
    assert "■ $a_$" in shown


@pytest.mark.parametrize(
    ("names", "shown"),
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
def test_names_that_begin_alike_show_where_they_differ(names, shown):
    assert short_names(names) == shown
    assert all(len(name) <= 7 for name in shown)


def test_headings_do_not_overlap_and_are_no_smaller_than_they_must():
    layers = {"hidden": (16,) * 6, "activations": ("leaky ReLU",) * 6}
    experiment, drawing = Experiment(Settings(**layers)), Drawing()
    drawing.frame(experiment, experiment.scores())
    heads = drawing._texts[-8:]
    boxes = [text.get_window_extent() for text in heads]
    assert [text.get_text() for text in heads][:2] == ["inputs", "leaky ReLU"]
    assert all(a.x1 + 8 <= b.x0 for a, b in pairwise(boxes))
    assert boxes[-1].x1 <= 980
    assert make_layout(Settings(), 2).heading == 9


def test_the_smallest_and_the_largest_gradients_are_where_the_axis_says(drawn):
    ticks = [tick.get_text() for tick in drawn.drawing._gradients.artist.axes.get_xticklabels()]
    assert ticks[0] == "≤$10^{-7}$"
    assert ticks[-1] == "≥10"


def test_the_picture_is_opaque(drawn):
    seen = drawn.picture()
    assert seen.shape == (576, 980, 4)
    assert (seen[..., 3] == 255).all()
    assert (seen[0, 0] == 255).all()


def test_the_curves_axis_ends_at_a_round_number():
    assert [round_up(v) for v in (10, 11, 20, 21, 99, 101)] == [10, 20, 20, 50, 100, 200]


def test_the_still_picture_trains_another_network(drawn):
    drawn.still()
    assert drawn.experiment.steps == 0


def test_a_thousand_random_changes_leave_the_controls_in_step(drawn):
    shake(drawn, seed=1)
    now = settings(drawn)
    for name, moved in drawn.panel.knobs.items():
        assert moved.value == getattr(now, name), name
    assert control(drawn, "hidden layers").value == len(now.hidden)
    assert {f for f in FEATURES if drawn.panel.network.features[f].value} == set(now.features)
    assert drawn._task is None


def test_a_slider_is_answered_while_it_trains_and_pause_and_close_end_the_task():
    async def main():
        playground = Playground()
        playground.run.value = True
        await asyncio.sleep(4 * FRAME)
        assert playground.experiment.steps > 0
        lr = control(playground, "learning rate")
        thread = threading.Thread(target=lambda: setattr(lr, "value", 0.3))
        thread.start()
        await asyncio.sleep(5 * FRAME)
        assert settings(playground).lr == 0.3
        assert playground.experiment.opt.lr == 0.3
        tasks = [t for t in asyncio.all_tasks() if t.get_name().startswith("nnlib")]
        assert len(tasks) == 1
        playground.run.value = False
        await asyncio.sleep(3 * FRAME)
        steps = playground.experiment.steps
        await asyncio.sleep(3 * FRAME)
        assert playground.experiment.steps == steps
        playground.close()
        await asyncio.sleep(FRAME)
        assert [t for t in asyncio.all_tasks() if t.get_name().startswith("nnlib")] == []

    asyncio.run(main())


def test_a_slider_that_is_dragged_is_not_set_back():
    async def main():
        playground = Playground()
        lr, seen = control(playground, "learning rate"), []
        lr.observe(lambda change: seen.append(change["new"]), "value")
        values = [value for _, value in lr.options]
        for value in values:
            lr.value = value
        await asyncio.sleep(4 * FRAME)
        assert seen == values
        assert settings(playground).lr == values[-1]

    asyncio.run(main())
