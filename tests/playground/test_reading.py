"""Points that somebody typed: how they are read, and how they are refused."""

import pytest

from nnlib.course.playground.reading import read_points

ROWS = [["x1", "x2", "kind"], ["1", "2.5", "b"], ["-1e0", "0", "a"], ["3", "4", "b # here"]]


@pytest.mark.parametrize(
    "text",
    [
        *("# mine\n\n" + "\n".join(map(mark.join, [*ROWS, ["0", "1", "c"]])) for mark in ",\t; "),
        "1;2,5;b\n-1e0;0;a\n3;4;b\n0;1,0;c",
        "1\t2,5\tb\n−1,0\t0\ta\n3\t4\tb\n0\t1\tc",
        "1 2,5 b\n−1 0 a\n3,0 4,0 b\n0 1 c",
        "\ufeff1, 2.5, b\n−1, −0, a\n3, 4, b\n0, 1, c",
        '"x", "y", "who"\n1, 2.5, "b"\n−1,0,a # one\n3,4,b #two\n0,1,"c"\n',
    ],
)
def test_typed_points_may_have_a_heading_comments_any_separator_and_decimal_commas(text):
    X, y, names, _ = read_points(text)
    assert X.tolist() == [[1, 2.5], [-1, 0], [3, 4], [0, 1]]
    assert y.tolist() == [1, 0, 1, 2]
    assert names == ("a", "b", "c")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected 4 to 2000 lines with a point each, got 0"),
        ("0 0 1\n0 1 2\n1 1 2", "got 3"),
        ("\n".join(["0 0 1", "1 1 2"] * 1001), "got 2002"),
        ("0 0 1\n0 1\n1 1 2\n2 2 2", "line 2: expected x₁, x₂ and a label or a value.*'0, 1'"),
        ("0 0 1\n0 x 1\n1 1 2\n2 2 2", "line 2.*'0, x, 1'"),
        ("0 0 1\n0 nan 1\n1 1 2\n2 2 2", "line 2"),
        ("0 0 1\n0 inf 1\n1 1 2\n2 2 2", "line 2"),
        ("0 0 a\n0 1 a\n1 1 a\n2 2 a", "expected 2 to 5 different labels, got 1: a; give so many"),
        ("0 0 1\n0 1 1\n1 1 1\n2 2 1", "expected 2 to 5 different labels, got 1: 1; give so many"),
        ("0 0 a\n0 1 b\n1 1 c\n2 2 d\n1 2 e\n0 0 f", "2 to 5 different labels, got 6: a, b"),
        ("0,0,a\n0,1,b\n1,1,\n1,0,b", "line 3: .*; the label or value is missing"),
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
    ],
)
def test_points_that_cannot_be_read_are_named(text, message):
    with pytest.raises(ValueError, match=message):
        read_points(text)


@pytest.mark.parametrize(
    ("targets", "names", "summary"),
    [
        ("20 10 5 40 40 5", ("5", "10", "20", "40"), "Read as 4 classes: 5, 10, 20, 40."),
        ("1 7 7.0 1", ("1", "7"), "Read as 2 classes"),
        ("1 2 3 4 5", ("1", "2", "3", "4", "5"), "Read as 5 classes: 1, 2, 3, 4, 5."),
        ("b a b a -0 0", ("0", "a", "b"), "Read as 3 classes: 0, a, b."),
        ("1 2 3 4 5 6", (), "Read as values from 1 to 6: a regression. For classes give at most 5"),
        ("1 2 1 2 1 1.5", (), "Read as values from 1 to 2: a regression."),
        ("1,5 2,5E0 −3,5 ,5", (), "Read as values from -3.5 to 2.5: a regression."),
    ],
)
def test_few_whole_numbers_are_labels_others_are_values_and_it_is_said(targets, names, summary):
    lines = "\n".join(f"0; {i}; {target}" for i, target in enumerate(targets.split()))
    points = read_points(lines)
    assert points.names == names
    assert points.summary.startswith(summary)
    assert read_points(f"x; y; what\n{lines}").summary.endswith(" Line 1 was taken as a heading.")


def test_a_label_may_contain_a_hash_a_comma_or_a_semicolon():
    assert read_points("0,0,#f00\n0,1,#0f0\n1,1,#f00\n1,0,#0f0").names == ("#0f0", "#f00")
    assert read_points("0 0 a,b\n0 1 c;d\n1 1 a,b\n1 0 c;d").names == ("a,b", "c;d")
