"""What people hand in: each kind is converted, or refused with a remedy that works."""

import re
from functools import partial

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import nnlib as nn
from tests.helpers.remedies import expect_rows
from tests.helpers.rows import Rows

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 3))
Y = RNG.integers(0, 2, size=12)


def model():
    """A network whose first step tells whether the same numbers came in the same rows."""
    net = nn.Sequential(nn.Dense(3, 4), nn.Tanh(), nn.Dense(4, 2), rng=1)
    return nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD(lr=0.1))


def fit(X, y):
    m = model()
    m.fit(X, y, epochs=2, batch_size=5)
    return m.net.params


ENTRIES = {
    "fit": fit,
    "validation": lambda X, y: model().fit(np.ones((2, 3)), [0, 1], validation=(X, y))["val_loss"],
    "evaluate": lambda X, y: model().evaluate(X, y)["loss"],
    "predict": lambda X, y: model().predict(X),
    "predict_proba": lambda X, y: model().predict_proba(X),
    "forward": lambda X, y: model().net.forward(X),
    "loss": lambda X, y: nn.SoftmaxCrossEntropy().value(np.asarray(model().predict_proba(X)), y),
    "gradient check": lambda X, y: (
        nn.check_gradients(model().net, nn.SoftmaxCrossEntropy(), X, y).worst
    ),
}
each_entry = pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)


def odd_index(data):
    """A table whose index and columns are whole numbers in another order."""
    return pd.DataFrame(data, index=range(len(data) - 1, -1, -1), columns=[2, 0, 1])


GIVEN = {
    "lists": (X.tolist(), Y.tolist()),
    "tuples": (tuple(map(tuple, X)), tuple(Y)),
    "DataFrame with columns 0, 1, 2": (pd.DataFrame(X), pd.Series(Y)),
    "DataFrame with names": (pd.DataFrame(X, columns=list("abc")), pd.Series(Y, name="y")),
    "DataFrame with another index": (odd_index(X), pd.Series(Y, index=range(12, 0, -1))),
    "DataFrame of nullable numbers": (
        pd.DataFrame(X).astype("Float64"),
        pd.Series(Y, dtype="Int64"),
    ),
    "matrix": (np.matrix(X), Y),
    "masked array without a mask": (np.ma.masked_array(X), np.ma.masked_array(Y)),
    "Fortran order": (np.asfortranarray(X), Y.astype(np.int8)),
    "backwards": (X[::-1][::-1], Y[::-1][::-1]),
    "big-endian": (X.astype(">f8"), Y.astype(">i4")),
    "read-only": (np.frombuffer(X.tobytes()).reshape(X.shape), Y.astype(np.uint8)),
    "objects": (X.astype(object), Y),
    "long double": (X.astype(np.longdouble), Y.astype(np.uint64)),
    "rows of arrays": (list(X), list(Y)),
    "array by protocol": (type("A", (), {"__array__": lambda s, *a, **k: X})(), Y),
}


@pytest.mark.parametrize(("given", "labels"), GIVEN.values(), ids=GIVEN)
@each_entry
def test_what_means_the_same_gives_the_same(entry, given, labels):
    np.testing.assert_array_equal(entry(given, labels), entry(X, Y))


@pytest.mark.parametrize("wrap", [Rows, lambda data: np.asarray(data).view(np.memmap)])
@pytest.mark.parametrize("name", ["fit", "validation", "evaluate", "predict", "predict_proba"])
def test_rows_that_are_read_one_by_one_give_the_same(name, wrap):
    np.testing.assert_array_equal(ENTRIES[name](wrap(X), Rows(Y)), ENTRIES[name](X, Y))


@each_entry
@pytest.mark.parametrize("grad", [False, True])
def test_a_tensor_is_taken_as_its_numbers(entry, grad):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    given = torch.tensor(X, requires_grad=grad)
    np.testing.assert_array_equal(entry(given, torch.tensor(Y)), entry(X, Y))


HOLES = np.ma.masked_array(X, mask=np.arange(36).reshape(12, 3) == 7)
PAIRS = list(zip(X, Y, strict=True))

REFUSED = {
    "masked": (HOLES, "masked array with 1 masked", lambda g: g.filled(0)),
    "sparse": (scipy.sparse.csr_matrix(X), "a sparse csr_matrix", lambda g: g.toarray()),
    "sparse array": (scipy.sparse.coo_array(X), "a sparse coo_array", lambda g: g.toarray()),
    "sparse in an array": (
        np.asarray(scipy.sparse.csr_matrix(X)),
        "a sparse csr_matrix",
        lambda g: g.item().toarray(),
    ),
    "generator": ((row for row in X), "a generator, which can be read only once", list),
    "map": (map(np.asarray, X), "a map, which can be read only once", list),
    "dict": (
        {"a": X[:, 0], "b": X[:, 1], "c": X[:, 2]},
        "a dict: numpy.column_stack",
        lambda g: np.column_stack(list(g.values())),
    ),
    "pairs": (PAIRS, "got a list of pairs: give X and y apart", lambda g: [x for x, _ in g]),
    "text": ("X.csv", "a str: one row for each example", lambda g: X),
    "nothing": (None, "got None: one row for each example", lambda g: X),
    "a broken array": (
        type("A", (), {"__array__": lambda s, *a, **k: np.zeros(2) + "a"})(),
        "got A, which says: ",
        lambda g: X,
    ),
    "a function": (len, "got builtin_function_or_method", lambda g: X),
    "ragged": ([[1, 2, 3], [1, 2]], "rows of different lengths", lambda g: X),
    "text in a table": (
        pd.DataFrame({"a": ["x", "y"], "b": [1, 2], "c": [3, 4]}),
        r"got 'x' at X\[0, 0\]: encode text",
        lambda g: g.assign(a=[0, 1]),
    ),
    "texts": (X.astype(str), "real numbers, got dtype <U", lambda g: g.astype(float)),
    "complex": (X + 0j, "real numbers, got dtype complex128: numpy.real", lambda g: g.real),
    "dates": (X.astype(int).astype("M8[D]"), "real numbers, got dtype datetime64", lambda g: X),
    "missing": (
        pd.DataFrame(X).astype("Float64").mask(X > 0.5),
        r"real numbers, got <NA> at X\[\d+, \d\]: fill in or leave out",
        lambda g: g.fillna(0.0),
    ),
    "one number": (3.0, r"expected shape \(n, ", lambda g: X),
    "no rows": ([], r"expected (shape \(n, |at least one)", lambda g: X),
}
CHECKED = ("fit", "evaluate", "predict", "predict_proba", "forward")


@pytest.mark.parametrize("name", CHECKED)
@pytest.mark.parametrize(("given", "words", "remedy"), REFUSED.values(), ids=REFUSED)
def test_what_would_lose_something_is_refused_and_the_remedy_works(name, given, words, remedy):
    entry = ENTRIES[name]
    with pytest.raises((TypeError, ValueError), match=rf"^X: .*{words}"):
        entry(given, Y)
    mended = remedy(given)
    if len(mended):  # a generator has been looked at, but not read
        assert np.isfinite(entry(mended, Y[: len(mended)])).all()


def test_a_data_set_of_pairs_is_refused_where_rows_are_read_one_by_one():
    with pytest.raises(TypeError, match="X: expected an array, got a Rows of pairs"):
        model().fit(Rows(PAIRS), Y)


ROWS_OF_1 = np.eye(2, dtype=int)[Y]
LABELS = {
    "one-hot": (ROWS_OF_1, lambda y: np.argmax(y, axis=1)),
    "one-hot, yes and no": (ROWS_OF_1 > 0, lambda y: np.argmax(y, axis=1)),
    "one-hot objects": (ROWS_OF_1.astype(object), lambda y: np.argmax(y, axis=1)),
    "one-hot table": (pd.DataFrame(ROWS_OF_1), lambda y: np.argmax(y, axis=1)),
    "one-hot table of Int64": (
        pd.DataFrame(ROWS_OF_1, dtype="Int64"),
        lambda y: np.argmax(y, axis=1),
    ),
    "column": (Y[:, np.newaxis], np.ravel),
    "table of one column": (pd.DataFrame(Y), np.ravel),
    "matrix": (np.matrix(Y), np.ravel),
    "text": (np.array(["no", "yes"])[Y], lambda y: np.unique(y, return_inverse=True)[1]),
    "text in a Series": (
        pd.Series(np.array(["no", "yes"])[Y]),
        lambda y: np.unique(y, return_inverse=True)[1],
    ),
    "categories": (
        pd.Series(np.array(["no", "yes"])[Y], dtype="category"),
        lambda y: np.unique(y, return_inverse=True)[1],
    ),
    "3 and 8": (3 + 5 * Y, lambda y: np.unique(y, return_inverse=True)[1]),
    "-1 and 1": (2 * Y - 1, lambda y: np.unique(y, return_inverse=True)[1]),
    "whole floats": (Y * 1.0, lambda y: np.asarray(y, dtype=int)),
    "yes and no": (Y == 1, lambda y: np.asarray(y, dtype=int)),
}


@pytest.mark.parametrize(("labels", "remedy"), LABELS.values(), ids=LABELS)
@pytest.mark.parametrize("which", ["y", "validation y"])
def test_labels_in_another_form_are_refused_and_the_remedy_works(which, labels, remedy):
    def call(y):
        if which == "y":
            return model().fit(X, y, epochs=1)
        return model().fit(X, Y, epochs=1, validation=(X, y))

    with pytest.raises((TypeError, ValueError), match=f"^{which}: expected ") as error:
        call(labels)
    calls = ("numpy.argmax", "numpy.ravel", "numpy.unique", "numpy.asarray")
    assert any(name in str(error.value) for name in calls)
    assert call(remedy(labels))["loss"] == call(Y)["loss"]


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (Y + 0.5, "got 0.5 at y[0]: to learn numbers, use MeanSquaredError() with one output"),
        (np.where(Y == 1, np.nan, Y), "are missing): leave out the examples"),
        (np.where(Y == 1, np.inf, Y), "are missing): leave out the examples"),
    ],
)
def test_no_remedy_destroys_labels(y, words):
    with pytest.raises((TypeError, ValueError)) as error:
        model().fit(X, y)
    assert "astype" not in str(error.value)
    assert "int)" not in str(error.value)
    kept = words if "got" not in words else words.partition("at ")[2].partition(": ")[2]
    assert kept in str(error.value)


def test_a_regression_takes_whole_numbers_as_numbers():
    ages = RNG.integers(20, 60, size=12)
    net = nn.Sequential(nn.Dense(3, 1), rng=0)
    whole = nn.Model(net, nn.MeanSquaredError(), nn.SGD(lr=1e-3))
    whole.fit(X, ages, epochs=3)
    twin = nn.Model(nn.Sequential(nn.Dense(3, 1), rng=0), nn.MeanSquaredError(), nn.SGD(lr=1e-3))
    twin.fit(X, ages.astype(float), epochs=3)
    assert np.array_equal(whole.net.params, twin.net.params)


def test_arguments_are_never_modified():
    for given, labels in GIVEN.values():
        before = np.array(given, dtype=float, copy=True), np.array(labels, dtype=int, copy=True)
        for entry in ENTRIES.values():
            entry(given, labels)
        assert np.array_equal(np.array(given, dtype=float), before[0])
        assert np.array_equal(np.array(labels, dtype=int), before[1])


def test_a_message_names_a_single_feature_and_what_to_do():
    with pytest.raises(ValueError, match=re.escape("numpy.reshape(X, (-1, 1))")):
        nn.Model(nn.Sequential(nn.Dense(1, 2)), nn.SoftmaxCrossEntropy(), nn.SGD()).fit(X[:, 0], Y)


def test_every_error_about_arrays_is_followed():
    calls = [partial(fit, given, Y) for given, *_ in REFUSED.values()]
    expect_rows(calls, {"_arrays.py": None, "_validation.py": ["real"]})
