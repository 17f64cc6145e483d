"""The controls of the playground and its sections, without a browser."""

from nnlib.course.explorers import Playground
from nnlib.course.playground.settings import FEATURES, OWN
from tests.helpers.shaking import control, shake
from tests.playground.runs import settings

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


def test_data_that_cannot_be_had_leave_the_buttons_as_they_were(playground):
    playground.panel.points.area.value = "nothing"
    control(playground, "data").value = OWN
    assert settings(playground).data == "circle"
    assert control(playground, "data").value == "circle"
    assert "expected" in playground.alert.value


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
        names = [n for n, box in playground.panel.sections.items() if box.layout.display != "none"]
        assert names == [name]
    assert all(row.layout.display is None for row in playground.panel.rows[:3])


def test_the_badge_shows_that_gradients_are_right(playground):
    playground.step_button.click()
    assert "✓ gradients checked: right" in playground.panel.badge.value


def test_random_changes_leave_the_controls_in_step(drawn):
    shake(drawn, seed=3, changes=300)
    now = settings(drawn)
    for name, moved in drawn.panel.knobs.items():
        assert moved.value == getattr(now, name), name
    assert control(drawn, "hidden layers").value == len(now.hidden)
    assert {f for f in FEATURES if drawn.panel.network.features[f].value} == set(now.features)
    assert drawn._task is None
