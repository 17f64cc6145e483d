"""The playground's settings and data: what they are, and what they refuse."""

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.playground import recipe
from nnlib.course.playground.data import make_data
from nnlib.course.playground.reading import read_points
from nnlib.course.playground.settings import CLASSES, MANY, OWN, VALUES, Settings
from nnlib.course.playground.words import describe, differences


@pytest.mark.parametrize("name", CLASSES)
def test_classes_are_of_equal_size_and_lie_in_the_plane(name):
    X, y, X_test, y_test, k, names = make_data(Settings(data=name, n=200, train_share=0.7))
    assert (len(X), len(y), len(X_test), len(y_test)) == (140, 140, 60, 60)
    assert k == 2
    assert names == ("0", "1")
    assert np.bincount(np.append(y, y_test)).tolist() == [100, 100]
    assert 2 < np.abs(X).max() < 4.2


@pytest.mark.parametrize("name", MANY)
@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_gaussians_and_spirals_have_as_many_classes_as_asked_for(name, k):
    data = make_data(Settings(data=name, classes=k))
    assert data.k == data.outputs == k
    assert set(data.y_train) == set(range(k))


@pytest.mark.parametrize("name", VALUES)
def test_a_regression_has_values_of_about_1_and_one_output(name):
    data = make_data(Settings(data=name, noise=0))
    assert data.k == 0
    assert data.outputs == 1
    assert 0.8 < np.abs(data.y_train).max() <= 1


def test_without_noise_the_plane_is_a_plane_and_the_circle_can_be_told_by_its_radius():
    data = make_data(Settings(data="plane", noise=0))
    np.testing.assert_allclose(data.y_train, data.X_train.sum(axis=1) / 6)
    data = make_data(Settings(data="circle", noise=0))
    np.testing.assert_array_equal(np.hypot(*data.X_train.T) < 1.7, data.y_train == 1)


def test_spirals_and_xor_are_nnlibs():
    X, y = nn.make_spirals(300, classes=3, noise=0.2 / 3, rng=4)
    data = make_data(Settings(data="spirals", classes=3, noise=0.2, data_seed=4, train_share=0.5))
    np.testing.assert_array_equal(data.X_train, 3 * X[:150])
    np.testing.assert_array_equal(data.y_test, y[150:])
    X, _ = nn.make_xor(300, noise=0.3, rng=0)
    np.testing.assert_allclose(make_data(Settings(data="XOR")).X_test, 1.7 * X[150:])


def test_noise_moves_the_same_points():
    quiet, loud = (make_data(Settings(data="circle", noise=noise)) for noise in (0.1, 0.2))
    clean = make_data(Settings(data="circle", noise=0))
    np.testing.assert_allclose(
        loud.X_train - clean.X_train, 2 * (quiet.X_train - clean.X_train), atol=1e-12
    )
    np.testing.assert_array_equal(quiet.y_train, loud.y_train)


def test_other_seeds_give_other_points():
    first, second = (make_data(Settings(data_seed=seed)) for seed in (0, 1))
    assert (first.X_train != second.X_train).any()


def test_features_are_what_they_are_called():
    X = np.array([[2.0, 3.0], [0.5, -1.0]])
    F = recipe.features(X, ["x₁", "x₂", "x₁²", "x₂²", "x₁x₂", "sin x₁", "sin x₂"])
    np.testing.assert_allclose(F[0], [2, 3, 4, 9, 6, np.sin(2), np.sin(3)])
    assert recipe.features(X, ["x₂"]).tolist() == [[3], [-1]]


def test_typed_points_may_have_a_heading_comments_and_any_separator():
    for mark in (",", "\t", ";", " "):
        lines = [["x1", "x2", "kind"], ["1", "2.5", "b"], ["-1e0", "0", "a"], ["3", "4", "b"]]
        text = "\n".join(mark.join(line) for line in [*lines, ["0", "1", "c # here"]])
        X, y, names, _ = read_points(f"# mine\n\n{text}\n")
        assert X.tolist() == [[1, 2.5], [-1, 0], [3, 4], [0, 1]]
        assert y.tolist() == [1, 0, 1, 2]
        assert names == ("a", "b", "c")


def test_few_whole_numbers_are_labels_and_others_are_values():
    assert read_points("0 0 1\n0 1 7\n1 1 7.0\n1 0 1").names == ("1", "7")
    assert read_points("0 0 1\n0 1 7\n1 1 7.5\n1 0 1").names == ()
    many = "\n".join(f"0 {i} {i}" for i in range(6))
    assert read_points(many).names == ()
    assert read_points(many).y.tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected 4 to 2000 lines with a point each, got 0"),
        ("0 0 1\n0 1 2\n1 1 2", "got 3"),
        ("0 0 1\n0 1\n1 1 2\n2 2 2", "line 2: expected x₁, x₂ and a label or a value.*'0, 1'"),
        ("0 0 1\n0 x 1\n1 1 2\n2 2 2", "line 2.*'0, x, 1'"),
        ("0 0 1\n0 nan 1\n1 1 2\n2 2 2", "line 2"),
        ("0 0 1\n0 inf 1\n1 1 2\n2 2 2", "line 2"),
        ("0 0 a\n0 1 a\n1 1 a\n2 2 a", "'a': give at least two different labels"),
        ("0 0 1\n0 1 1\n1 1 1\n2 2 1", "'1': give at least two different labels"),
        ("0 0 a\n0 1 b\n1 1 c\n2 2 d\n1 2 e\n0 0 f", "at most 5 different labels, got 6: a, b"),
        ("0,0,a\n0,1,b\n1,1,\n1,0,b", "line 3: .*; the label or value is missing"),
        ("0,0,a\n0,1,\n1,1,\n1,0,b", "line 2: .*; the label or value is missing"),
        ("0,0,.5\n0,1,nan\n1,1,.7\n1,0,b", "line 2: expected a label or a finite number"),
        ("0,0,.5\n0,1,.4\n1,1,.7\n1,0,−inf", "line 4: expected a label or a finite number"),
        ("0,0,.5\n0,1,.x\n1,1,.7\n1,0,.1", "line 2: '.x' is no number like '.5' in line 1"),
        ("0,0,a\n0,1,b\n1,1,1.5\n1,0,b", "line 3: '1.5' is a number and no label like 'a' in"),
        ("".join(f"0,{i},{i}\n" for i in range(6)) + "0 6 x", "line 7: 'x' is no number like '0'"),
        ("1,5 2,0,a\n1,2,b\n1,3,a\n1,4,b", "line 1: .*; write decimals with a point"),
        ("1,5,2,0,a\n1,2,b\n1,3,a\n1,4,b", "line 1: .*; write decimals with a point"),
        ("1, 2, #f00\n1,2,b\n1,3,a\n1,4,b", "missing; a # after a blank begins a comment"),
        ("x,y,label\nO,l,a\n0,0,a\n0,1,b\n1,0,a\n1,1,b", "line 2"),
        ("1_0 0 a\n0 1 b\n1 0 a\n1 1 b", "line 1"),
        (f"0 0 a\n0;{'b' * 200_000}", "line 2"),
        ("\n".join(["0 0 1", "1 1 2"] * 1001), "got 2002"),
    ],
)
def test_points_that_cannot_be_read_are_named(text, message):
    with pytest.raises(ValueError, match=message):
        read_points(text)


@pytest.mark.parametrize(
    "text",
    [
        "1,5;2,0;a\n1;2,5;b\n-1e0;0;a\n3;4;b",
        "1,5\t2,0\ta\n1\t2,5\tb\n−1,0\t0\ta\n3\t4\tb",
        "1,5 2,0 a\n1 2,5 b\n−1 0 a\n3 4 b",
        "\ufeff1.5, 2, a\n1, 2.5, b\n−1, −0, a\n3, 4, b",
        '"x", "y", "who"\n1.5,2,"a"\n1, 2.5, "b"\n−1,0,a # one\n3,4,b #two',
    ],
)
def test_decimal_commas_minus_signs_and_byte_order_marks_are_read(text):
    X, y, names, _ = read_points(text)
    assert X.tolist() == [[1.5, 2], [1, 2.5], [-1, 0], [3, 4]]
    assert y.tolist() == [0, 1, 0, 1]
    assert names == ("a", "b")


def test_a_label_may_contain_a_hash_a_comma_or_a_semicolon():
    assert read_points("0,0,#f00\n0,1,#0f0\n1,1,#f00\n1,0,#0f0").names == ("#0f0", "#f00")
    assert read_points("0 0 a,b\n0 1 c;d\n1 1 a,b\n1 0 c;d").names == ("a,b", "c;d")


def test_values_too_may_have_decimal_commas():
    _, y, names, _ = read_points("0;0;1,5\n0;1;2,5E0\n1;1;−3,5\n1;0;,5")
    assert y.tolist() == [1.5, 2.5, -3.5, 0.5]
    assert names == ()


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ("20 10 5 40 40 5", "Read as 4 classes: 5, 10, 20, 40."),
        ("b a b a -0 0", "Read as 3 classes: 0, a, b."),
        ("1 2 3 4 5 6", "Read as values from 1 to 6: a regression. For classes give at most 5"),
        ("1 2 1 2 1 1.5", "Read as values from 1 to 2: a regression."),
    ],
)
def test_it_is_said_as_what_points_are_read(targets, said):
    lines = "\n".join(f"0, {i}, {target}" for i, target in enumerate(targets.split()))
    assert read_points(lines).summary.startswith(said)
    assert read_points(f"x, y, what\n{lines}").summary.endswith(" Line 1 was taken as a heading.")


def test_own_points_are_scaled_to_the_plane_and_values_to_1():
    text = "\n".join(f"{100 + i} {i * i} {i - 2.5}" for i in range(8))
    data = make_data(Settings(data=OWN, points=text, train_share=0.5))
    X = np.vstack([data.X_train, data.X_test])
    np.testing.assert_allclose(X.min(axis=0), -3)
    np.testing.assert_allclose(X.max(axis=0), 3)
    y = np.append(data.y_train, data.y_test)
    np.testing.assert_allclose(np.sort(y), (np.arange(8) - 2.5) / 4.5)


def test_a_coordinate_that_never_varies_and_values_that_are_all_0_do_no_harm():
    data = make_data(
        Settings(data=OWN, points="\n".join(f"1 {i} 0.0" for i in range(4)) + "\n1 1 .5")
    )
    assert (np.vstack([data.X_train, data.X_test])[:, 0] == 0).all()
    assert np.isfinite(data.X_train).all()
    assert np.isfinite(data.y_train).all()


def test_at_least_one_point_is_left_for_the_test():
    text = "0 0 a\n1 0 b\n0 1 a\n1 1 b"
    for share in (0.05, 0.95):
        data = make_data(Settings(data=OWN, points=text, train_share=share))
        assert min(len(data.X_train), len(data.X_test)) == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"data": "stars"}, "data: expected one of circle.*got 'stars'"),
        ({"features": ()}, "features: expected at least one"),
        ({"features": ("x₁", "x₁")}, "each once"),
        ({"features": "x₁"}, "features: expected a list"),
        ({"hidden": (17, 2)}, "hidden: expected a whole number from 1 to 16, got 17"),
        ({"hidden": (3,)}, "layers with an activation each, got 1 and 2"),
        ({"lr": float("nan")}, "lr: expected a number from 0 to 1000, got nan"),
        ({"lr": True}, "lr"),
        ({"dropout": 0.95}, "dropout: expected a number from 0 to 0.9"),
        ({"classes": 6}, "classes: expected a whole number from 2 to 5"),
        ({"n": 2.5}, "n: expected a whole number"),
        ({"optimizer": ["Adam"]}, "optimizer"),
        ({"points": None}, "points: expected text"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        Settings(**changed)


def test_settings_say_what_they_are():
    settings = Settings(hidden=(4, 3), activations=("tanh", "ReLU"), l2=0.01, batch_size=0)
    said = describe(settings)
    for part in ("circle", "tanh/ReLU 4 + 3", "Adam η = 0.01", "all examples at once", "L2 0.01"):
        assert part in said
    assert "no hidden layer" in describe(Settings(hidden=(), activations=()))
    assert Settings.of(settings.as_dict()) == settings


def test_words_leave_out_what_does_nothing():
    said = describe(Settings(n=50, train_share=0.1, batch_size=50, dropout=0.3))
    assert "5 of 50 points for training" in said
    assert "all examples at once" in said
    assert "dropout 0.3" in said
    assert "dropout" not in describe(Settings(hidden=(), activations=(), dropout=0.3))
    assert "classes" not in describe(Settings(classes=5))
    assert "spirals of 5 classes" in describe(Settings(data="spirals", classes=5))
    assert "noise" not in describe(Settings(data=OWN, points="0 0 a\n1 0 b\n0 1 a\n1 1 b"))


def test_words_tell_all_settings_of_a_run_apart():
    now = Settings(data="spirals", l2=0.1)
    for changed, said in (
        ({"noise": 0.3}, ["noise 0.3"]),
        ({"n": 200}, ["100 of 200 points for training"]),
        ({"train_share": 0.8}, ["240 of 300 points for training"]),
        ({"data_seed": 3}, ["data seed 3"]),
        ({"classes": 4}, ["spirals of 4 classes"]),
        ({"l2": 0.0, "dropout": 0.2}, ["dropout 0.2", "no L2"]),
        ({"seed": 4}, ["Xavier seed 4"]),
        ({"stop_epochs": 4}, []),
    ):
        assert differences(now.but(**changed), now) == said
    points = ("0 0 a\n1 0 b\n0 1 a\n1 1 b", "0 0 a\n1 0 b\n0 1 b\n1 1 b")
    one, two = (Settings(data=OWN, points=text) for text in points)
    assert differences(one, two) == ["other points"]
