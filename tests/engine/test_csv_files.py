import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlib as nn

pytest.importorskip("pandas")


@pytest.fixture
def load(tmp_path):
    """Load a file with this content."""

    def load(content, target=-1, **options):
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return nn.load_csv(path, target, **options)

    return load


PENGUINS = """species,bill,mass,sex
Adelie,39.1,3750,male
Gentoo,46.5,5200,female
Adelie,37.8,3400,female
Chinstrap,50.0,3900,male
"""


def test_text_as_a_target_becomes_numbered_classes_and_a_model_gives_their_names(load):
    data = load(PENGUINS, "species", columns=["bill", "mass"])
    assert data.X.tolist() == [[39.1, 3750], [46.5, 5200], [37.8, 3400], [50, 3900]]
    assert (data.y.tolist(), data.y.dtype) == ([0, 2, 0, 1], np.int64)
    assert data.classes.tolist() == ["Adelie", "Chinstrap", "Gentoo"]
    assert data.features == ("bill", "mass")
    net = nn.Sequential(nn.Dense(2, 3), rng=0)
    prepare = nn.Standardize.fit(data.X)
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.1), data.classes, prepare)
    model.fit(data.X, data.y, epochs=200)
    assert model.predict(data.X).tolist() == ["Adelie", "Gentoo", "Adelie", "Chinstrap"]


def test_a_second_file_is_numbered_as_the_first(load):
    test = PENGUINS.replace("Adelie", "Gentoo")
    classes = load(PENGUINS, 0, columns=[1]).classes
    assert load(test, 0, columns=[1], classes=classes).y.tolist() == [2, 2, 2, 1]
    assert load(test, 0, columns=[1]).y.tolist() == [1, 1, 1, 0]
    assert load("1,3\n2,8\n", classes=[8, 3]).y.tolist() == [1, 0]


TARGETS = {
    "whole numbers": ("3 -1 7.0 1e3", [3, -1, 7, 1000], np.int64),
    "numbers": ("3 -1 7.5 1e3", [3, -1, 7.5, 1000], np.float64),
    "yes or no": ("True false TRUE False", [1, 0, 1, 0], np.int64),
    "beyond what a float counts": ("1e17 2 3 4", [1e17, 2, 3, 4], np.float64),
}


@pytest.mark.parametrize(("cells", "y", "dtype"), TARGETS.values(), ids=TARGETS)
def test_numbers_as_a_target_stay_numbers(load, cells, y, dtype):
    data = load("a,b\n" + "".join(f"1,{cell}\n" for cell in cells.split()))
    assert (data.y.tolist(), data.y.dtype, data.classes) == (y, dtype, None)


def test_a_file_may_have_no_target(load):
    data = load("a,b\n1,2\n", None)
    assert (data.X.tolist(), data.y, data.classes) == ([[1, 2]], None, None)
    assert data.features == ("a", "b")


def test_the_dtype_is_that_asked_for(load):
    data = load("a,b\n0.1,0.5\n", dtype=np.float32)
    assert data.X.dtype == data.y.dtype == np.float32
    assert data.X[0, 0] == np.float32(0.1)
    assert load("a,b\n0.1,0.5\n").X.dtype == np.float64
    with pytest.raises(TypeError, match=r"dtype: expected numpy.float64 .*got 'int8'"):
        load("a,b\n0.1,0.5\n", dtype="int8")


def test_columns_are_picked_by_name_or_number_in_the_order_asked_for(load):
    for columns in (["mass", "bill"], [2, 1], [-2, "bill"], np.array([2, 1])):
        data = load(PENGUINS, "species", columns=columns)
        assert data.features == ("mass", "bill")
        assert data.X[0].tolist() == [3750, 39.1]


WRITTEN = {
    "plain": "a,b,c\n1,2,x\n3,4,y\n",
    "as Windows does": "a,b,c\r\n1,2,x\r\n3,4,y\r\n",
    "as old Macs did": "a,b,c\r1,2,x\r3,4,y\r",
    "as Excel does": "\N{BYTE ORDER MARK}a;b;c\r\n1;2;x\r\n3;4;y\r\n;;\r\n;;\r\n",
    "in quotation marks": '"a","b","c"\n"1","2","x"\n"3",4,"y"\n',
    "with spaces": "a, b , c\n1, 2 , x\n 3,4,y \n",
    "with tabs": "a\tb\tc\n1\t2\tx\n3\t4\ty\n",
    "with bars": "a|b|c\n1|2|x\n3|4|y\n",
    "with empty lines": "\n\na,b,c\n\n1,2,x\n\n\n3,4,y\n\n",
    "without an end": "a,b,c\n1,2,x\n3,4,y",
    "with an index": ",a,b,c\n0,1,2,x\n1,3,4,y\n",
    "with an index, read and written again": "Unnamed: 0,a,b,c\n0,1,2,x\n1,3,4,y\n",
}


@pytest.mark.parametrize("content", WRITTEN.values(), ids=WRITTEN)
def test_tables_are_read_however_they_were_written(load, content):
    data = load(content)
    assert (data.X.tolist(), data.y.tolist()) == ([[1, 2], [3, 4]], [0, 1])
    assert (data.classes.tolist(), data.features) == (["x", "y"], ("a", "b"))


def test_text_may_hold_what_separates_cells(load):
    data = load('a,b\n1, "x, y"\n2,"the ""z"""\n3,"two\r\nlines"\n')
    assert data.classes.tolist() == ['the "z"', "two\r\nlines", "x, y"]
    assert load("height;cm,a,b\n1,2,3\n").features == ("height;cm", "a")


def test_a_file_of_numbers_needs_no_header(load):
    data = load("1,2,3\n4,5,6\n")
    assert data.X.tolist() == [[1, 2], [4, 5]]
    assert data.features == ("0", "1")
    assert load("1,2,3\n4,5,6\n", options={"header": 0}).X.tolist() == [[4, 5]]
    assert load("1,2,3\n4,5,6\n", 0).y.tolist() == [1, 4]
    assert load("1,?,3\n4,5,6\n", missing="drop").X.tolist() == [[4, 5]]


def test_a_header_of_numbers_that_count_is_not_taken_for_an_example(load):
    with pytest.raises(ValueError, match="header: expected names or an example in the first line"):
        load("0,1,2,3\n5,6,7,8\n")
    assert load("0,1\n1,0\n").X.tolist() == [[0], [1]]


def test_true_and_false_are_one_and_zero_among_the_features(load):
    content = "a,b,c\nTrue,1.5,0\nfalse,2,1\n,3,0\n"
    assert load(content, missing="drop").X.tolist() == [[1, 1.5], [0, 2]]


# What is missing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word", ["", "?", "-", "--", ".", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"]
)
def test_a_missing_value_is_told_by_its_line_and_column(load, word):
    content = f"a,b,c\n1,2,0\n\n3,{word},1\n"
    with pytest.raises(
        ValueError, match=r"^missing: .* in line 4, column 'b' \(missing: 1 in 'b'\)"
    ):
        load(content)
    assert load(content, missing="drop").X.tolist() == [[1, 2]]
    assert np.isnan(load(content, missing="nan").X).tolist() == [[False, False], [False, True]]


def test_missing_values_are_counted_in_each_column(load):
    with pytest.raises(ValueError, match=r"in line 2, column 'b' \(missing: 1 in 'a', 2 in 'b'\)"):
        load("a,b,c\n1,,0\n,NA,1\n")


def test_lines_are_counted_as_an_editor_does(load):
    content = '\n"a\nname",b,c\r\n"1",2,"x"\n\n1,2,"two\nlines"\n3,?,y\n'
    with pytest.raises(ValueError, match=r"got none in line 8, column 'b'"):
        load(content)
    with pytest.raises(ValueError, match=r"got 'u' in line 8, column 'b'"):
        load(content.replace("?", "u"))


def test_a_target_of_decimal_commas_is_not_taken_for_names(load):
    with pytest.raises(ValueError, match=r"target: .* got '1,5' in line 2, .*'decimal': ','"):
        load("a;b\n1;1,5\n2;2,5\n")


def test_a_target_that_the_dtype_cannot_hold_is_refused(load):
    with pytest.raises(ValueError, match=r"float32 cannot hold it: pass dtype=numpy\.float64"):
        load("a,b\n1,1e300\n2,0.5\n", dtype=np.float32)


def test_an_encoding_that_does_not_fit_is_told(load):
    with pytest.raises(ValueError, match="expected text in utf-16, got other letters"):
        load("a,b\n1,2\n", options={"encoding": "utf-16"})


def test_a_packed_file_is_unpacked(tmp_path):
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(b"\na,b\n1,2\n"))
    assert nn.load_csv(path, "b").X.tolist() == [[1]]


def test_a_class_may_be_called_none_where_that_is_said(load):
    with pytest.raises(ValueError, match=r"target: expected a value in every line.*line 2, column"):
        load("a,b\n1,None\n2,mild\n")
    data = load("a,b\n1,None\n2,mild\n", options={"keep_default_na": False})
    assert data.classes.tolist() == ["None", "mild"]


def test_no_text_passes_for_a_number(load):
    for cell in ("1_000", "0x10", "1,000", "1 000", "12 kg", "1-3", "٫5"):
        with pytest.raises(ValueError, match=r"^columns: expected numbers"):
            load(f'a,b\n2,0\n"{cell}",0\n')


def test_a_decimal_comma_is_read_where_it_is_said(load):
    data = load("a;b\n1,5;-2,5e1\n2;3\n", options={"decimal": ","})
    assert (data.X.tolist(), data.y.tolist()) == ([[1.5], [2]], [-25, 3])
    with pytest.raises(ValueError, match=r"got '1,5' in line 2, column 'a' .*'decimal': ','"):
        load("a;b\n1,5;2\n2;3\n")


@pytest.mark.parametrize("content", ["a,b\n1,2,3\n4,5,6\n", "a,b\n1,2\n3,4,5\n"])
def test_no_column_is_lost_where_lines_have_more_cells_than_names(load, content):
    with pytest.raises(ValueError, match="expected as many cells in each line as in the first"):
        load(content)


NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(st.tuples(NUMBERS, NUMBERS, st.integers(-9, 9)), min_size=1, max_size=5))
def test_numbers_come_as_they_were_written(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    path.write_text("a,b,c\n" + "".join(f"{a!r},{b!r},{c}\n" for a, b, c in rows))
    data = nn.load_csv(path, "c")
    np.testing.assert_allclose(data.X, [[a, b] for a, b, _ in rows], rtol=1e-12)
    assert (data.y.tolist(), data.y.dtype) == ([c for *_, c in rows], np.int64)


def test_what_comes_is_an_array_of_ones_own(load):
    for content in ("a,b\n1,2\n", "a,b\n1,x\n"):
        data = load(content)
        data.X[0, 0] = data.y[0] = 5
        assert data.X.tolist() == [[5]]


def test_pandas_reads_the_same(load, tmp_path):
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    table = pandas.DataFrame(rng.normal(size=(20, 3)), columns=["a", "b", "é"])
    table["kind"] = rng.choice(["x", "y, z", 'the "w"'], 20)
    table.loc[3, "b"] = table.loc[5, "kind"] = None
    path = tmp_path / "pandas.csv"
    table.to_csv(path)
    data, whole = nn.load_csv(path, "kind", missing="drop"), table.dropna()
    np.testing.assert_allclose(data.X, whole[["a", "b", "é"]].to_numpy(), rtol=1e-12)
    assert data.classes[data.y].tolist() == whole["kind"].tolist()


def test_a_file_that_is_not_there_shows_what_is(tmp_path):
    (tmp_path / "iris.csv").write_text("1,2\n")
    with pytest.raises(
        FileNotFoundError, match=r"holds iris\.csv\): .*: did you mean 'iris\.csv'\?"
    ):
        nn.load_csv(tmp_path / "Iris.csv", -1)


def test_what_others_call_an_option_is_answered(load):
    with pytest.raises(TypeError, match=r"sep.*options"):
        load("1,2\n", sep=",")


def test_what_separates_cells_is_not_counted_inside_quotation_marks(load):
    content = '"weight, kg";"length, cm"\n1,5;2\n3,2;4\n'
    data = load(content, options={"decimal": ","})
    assert (data.X.tolist(), data.y.tolist()) == ([[1.5], [3.2]], [2, 4])
    assert data.features == ("weight, kg",)


def test_classes_may_be_called_plus_and_minus(load):
    data = load("a,b\n1,+\n-,-\n3,+\n", missing="nan")
    assert (data.classes.tolist(), data.y.tolist()) == (["+", "-"], [0, 1, 0])
    assert np.isnan(data.X[:, 0]).tolist() == [False, True, False]


def test_names_of_classes_are_found_where_a_file_has_numbers_or_truths(load):
    assert load("a,b\n1,2\n3,1\n", classes=["1", "2"]).y.tolist() == [1, 0]
    assert load("a,b\n1,True\n", classes=["True", "maybe"]).y.tolist() == [0]


def test_lines_that_are_skipped_are_counted(load):
    with pytest.raises(ValueError, match="got 'u' in line 4, column 'a'"):
        load("made by hand\na,b\n1,2\nu,3\n", options={"skiprows": 1})
