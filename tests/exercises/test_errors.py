"""What a learner's function raises is told in two lines; what never ends is stopped."""

import contextlib
import signal
import sys
import threading
import time

import numpy as np
import pytest

from nnlib.course import case, check
from nnlib.course.exercises.check import SECONDS
from nnlib.course.exercises.compare import unchanged
from nnlib.course.exercises.exercise import Exercise, exercises, lessons
from nnlib.course.exercises.limit import TookTooLong, limited
from nnlib.course.exercises.mistakes import likely_reason


def lines_of(answer, exercise="04.3"):
    return check(exercise, answer, record=False).text.splitlines()


RAISED = [
    (lambda dA, X, W, b: dA @ X, "raised ValueError: matmul", "in A @ B the columns of A"),
    (lambda dA, X, W, b: np.dot(dA, X), "raised ValueError: shapes", "in A @ B the columns"),
    (lambda dA, X, W, b: X + X.sum(axis=1), "raised ValueError: operands", "NumPy lines shapes"),
    (lambda dA, X, W, b: X * W[:, 1:], "raised ValueError: operands", "`*` and `+` go entry by"),
    (
        lambda dA, X, W, b: np.ones((2, 3, 6, 7)) + np.ones((2, 3, 6, 5)),
        "raised ValueError: operands",
        "they have different lengths along axis 3: where does each slice end",
    ),
    (
        lambda dA, X, W, b: np.ones((2, 3, 6, 7)) + np.ones((2, 5, 6, 5)),
        "raised ValueError: operands",
        "they have different lengths along axes 1 and 3: where",
    ),
    (
        lambda dA, X, W, b: np.ones((2, 3, 6, 7)) + np.ones((3, 6, 6)),
        "raised ValueError: operands",
        "the one has more axes than the other: where",
    ),
    (lambda dA: dA, "raised TypeError", "it is called as <lambda>(an array of shape ("),
    (lambda dA, X, W, b: dA + None, "raised TypeError", "something is None"),
    (lambda dA, X, W, b: dA + ..., "raised TypeError", "there is still a `...`"),
    (lambda dA, X, W, b: dA if X > 0 else X, "raised ValueError", "`if` asks about one number"),
    (lambda dA, X, W, b: dA[99], "raised IndexError", "counting starts at 0"),
    (lambda dA, X, W, b: dA.sum(axis=2), "raised AxisError", "the array has fewer axes"),
    (lambda dA, X, W, b: dA[0, 0, 0], "raised IndexError", "the array has fewer axes"),
    (lambda dA, X, W, b: dA.reshape(1, 1), "raised ValueError", "the numbers of entries"),
    (lambda dA, X, W, b: float(dA), "raised TypeError: only", "an array came where one number"),
    (lambda dA, X, W, b: [1] * 0.5, "raised TypeError", "a list is no array"),
    (lambda dA, X, W, b: undefined, "raised NameError", "is it spelt as where"),  # noqa: F821
    (lambda dA, X, W, b: nn.relu(X), "raised NameError", "`nn` is made by the first code cell"),  # noqa: F821
    (lambda dA, X, W, b: dA * (... > 0), "raised TypeError", "there is still a `...`"),
    (lambda dA, X, W, b: np.exp(...), "raised TypeError", "there is still a `...`"),
    (lambda dA, X, W, b: dA @ ..., "raised ValueError: matmul", "A @ B multiplies arrays; beside"),
    (lambda dA, X, W, b: dA @ 2.0, "raised ValueError: matmul", "A @ B multiplies arrays; beside"),
    (lambda dA, X, W, b: {}["dA"], "raised KeyError", "it was called with dA of shape ("),
]


@pytest.mark.parametrize("end", [sys.exit, exit])
def test_who_ends_python_is_told_so_and_python_goes_on(end):
    assert "your function calls sys.exit()" in lines_of(lambda dA, X, W, b: end())[0]


@pytest.mark.parametrize(("answer", "first", "second"), RAISED, ids=[r[2][:25] for r in RAISED])
def test_an_error_is_told_with_its_likely_reason(answer, first, second):
    raised, *lines = lines_of(answer)
    assert raised.startswith(first)
    if "positional" not in raised:  # else not a line of it has run
        assert lines.pop(0).startswith("in line ")
    assert lines[0].startswith(second)
    assert [line.startswith("it was called with dA of shape (") for line in lines[1:]] in (
        [],
        [True],
    )


ORDERS = [
    ("01.0", lambda X, W, b: W @ X + b, "X", "W"),
    ("01.0", lambda X, W, b: np.dot(W, X) + b, "X", "W"),
    ("01.1", lambda X, W, b: X @ W + b, "W", "X"),
    ("01.0b", lambda X, W1, b1, W2, b2: (W1 @ X + b1,) * 3, "X", "W1"),
]


def test_factors_that_do_not_fit_are_asked_for_their_order_too():
    *_, reason, _ = lines_of(lambda dZ, X, W: (X.T @ dZ,) * 3, "04.2")  # the lesson's, for rows
    assert "is their order right" in reason


@pytest.mark.parametrize(("exercise", "answer", "first", "second"), ORDERS)
def test_factors_that_have_changed_places_are_told(exercise, answer, first, second):
    *_, reason, called = lines_of(answer, exercise)
    assert reason.startswith(f"the two have changed places: {first} has as many columns as")
    assert f"so `{first} @ {second}` fits" in reason
    assert called.startswith("it was called with X of shape (")


TRANSPOSED = [
    ("01.0", lambda X, W, b: X @ W.T + b, "`X @ W` fits, without W transposed"),
    ("01.0", lambda X, W, b: X.T @ W + b, "`X @ W` fits, without X transposed"),
    ("01.1", lambda X, W, b: W.T @ X + b[:, np.newaxis], "`W @ X` fits, without W transposed"),
]


@pytest.mark.parametrize(("exercise", "answer", "end"), TRANSPOSED, ids=[r[2] for r in TRANSPOSED])
def test_a_transpose_too_many_is_told(exercise, answer, end):
    raised, _, reason, called = lines_of(answer, exercise)
    assert "gufunc" not in raised
    assert reason.startswith("there is a `.T` too many: ")
    assert reason.endswith(end)
    assert called.startswith("it was called with X of shape (")


def minus_the_means(dA, X, W, b):
    means = X.mean(axis=1)
    return X - means


COLUMNS = [
    ("01.1", lambda X, W, b: W @ X + b, False),
    ("01.2", lambda W, b, mu, sigma: (W / sigma, b), False),
    ("01.2", lambda W, b, mu, sigma: (mu * W, b), False),
    ("04.3", minus_the_means, True),
]


@pytest.mark.parametrize(("exercise", "answer", "kept"), COLUMNS)
def test_a_vector_that_would_fit_as_a_column_is_told(exercise, answer, kept):
    *_, reason, called = lines_of(answer, exercise)
    assert "it fits as a column, which `[:, np.newaxis]` makes" in reason
    assert ("keepdims" in reason) == kept
    assert called.startswith("it was called with ")


LINED_UP = [
    (lambda X, W, b: W @ X + b[np.newaxis, :], "01.1", "the one row has an entry for each row"),
    (lambda X, W, b: X @ W + b[:, np.newaxis], "01.0", "the one column has an entry for each"),
    (lambda W, b, mu, sigma: (W, b - mu / sigma), "01.2", "two vectors of different lengths: W"),
    (lambda W, b, mu, sigma: (W, b - W.sum(axis=1)), "01.2", "two vectors of different lengths: a"),
]


@pytest.mark.parametrize(("answer", "exercise", "begins"), LINED_UP)
def test_what_is_lined_up_wrong_is_told_with_the_way_out(answer, exercise, begins):
    *_, reason, called = lines_of(answer, exercise)
    assert reason.startswith(begins)
    assert called.startswith("it was called with ")


def network_by_pythons_max(X, W1, b1, W2, b2):
    Z1 = X @ W1 + b1
    return Z1, max(Z1, 0), Z1


def only_one_hidden_layer(X, params, sizes):
    d, _h, _k = sizes
    return X[:, :d]


def test_pythons_own_max_is_told_from_that_of_numpy():
    assert (
        "`np.maximum(A, B)` compares entry by entry"
        in lines_of(network_by_pythons_max, "01.0b")[-1]
    )


def test_as_many_names_as_values_are_asked_for():
    *_, reason, called = lines_of(only_one_hidden_layer, "01.4")
    assert "a loop takes one after the other" in reason
    assert "sizes, a tuple of " in called


def transposed_where_it_need_not_be(X, W, b):
    return W.T @ X + b


def of_something_else(X, W1, b1, W2, b2):
    A1 = np.maximum(X @ W1 + b1, 0)
    return A1, A1, A1 @ X


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [("01.0", transposed_where_it_need_not_be), ("01.0b", of_something_else)],
)
def test_the_order_is_not_blamed_where_it_is_not_the_mistake(exercise, answer):
    assert "in A @ B the columns of A" in "".join(lines_of(answer, exercise))


def scaled(X, s):
    return X * s


def test_the_line_that_failed_and_the_shapes_are_told():
    def answer(dA, X, W, b):
        Z = X @ W
        A = scaled(Z, 2.0)
        return A + dA.sum(axis=0)[1:]

    raised, line, reason, called = lines_of(answer)
    assert raised.startswith("raised ValueError: operands could not be broadcast together")
    first = answer.__code__.co_firstlineno
    assert line == f"in line {first + 3}: `return A + dA.sum(axis=0)[1:]`"
    assert reason.startswith("NumPy lines shapes up from the right")
    dA, X, W, b = case("04.3")
    assert called == (
        f"it was called with dA of shape {dA.shape}; X of shape {X.shape}; W of shape {W.shape}; "
        f"b of shape {b.shape}"
    )


def test_a_sum_along_the_other_axis_is_no_matter_of_keepdims():
    def answer(W, b):
        return b + np.maximum(W, 0).sum(axis=1)

    raised, _, reason, _ = lines_of(answer, "02.2")
    assert raised.startswith("raised ValueError: operands could not be broadcast together")
    assert "a sum along the other axis?" in reason
    assert "keepdims" not in reason


def test_a_slice_that_is_too_short_for_what_is_written_into_it_is_told():
    def answer(X, k, stride):
        cols = np.zeros((*X.shape[:2], 3, 3))
        cols[:, :, 0, 0] = X[:, :, 0, :2]
        return cols

    raised, _, reason, called = lines_of(answer, "13.0")
    assert raised.startswith("raised ValueError: could not broadcast input array")
    assert "where does each slice end" in reason
    assert called.startswith("it was called with X of shape (")


def test_what_is_made_in_c_is_told_without_a_line():
    raised, called = lines_of(dict.fromkeys)
    assert raised.startswith("raised TypeError")
    assert "called" in called


def test_what_is_printed_beyond_twenty_lines_is_held_back(capsys, monkeypatch):
    monkeypatch.setattr("nnlib.course.exercises.check.SECONDS", 0.2)

    def endless(dA, X, W, b):
        while True:
            print("hello")

    assert "a loop that never ends?" in lines_of(endless)[0]
    *shown, last = capsys.readouterr().out.splitlines()
    assert shown == ["hello"] * 20
    assert last.endswith("more lines were printed, and are not shown")
    print("and then", end="")
    assert capsys.readouterr().out == "and then"


def test_what_an_answer_prints_in_a_few_lines_is_shown_as_it_is(capsys):
    def answer(dA, X, W, b):
        print(X.shape[0] * 0, "lines", sep="\n", end="")
        return 0.0

    lines_of(answer)
    assert capsys.readouterr().out == "0\nlines" * 5


def test_a_name_that_has_no_value_yet_is_told():
    def late(dA, X, W, b):
        Z = Z + b  # noqa: F821
        return Z

    assert lines_of(late)[0].startswith("raised UnboundLocalError")
    assert lines_of(late)[2].startswith("a name that gets a value inside a function")


@pytest.mark.parametrize("name", ["np", "nn", "numerical_gradient", "my_own"])
def test_after_a_restart_the_way_leads_to_the_first_cell(name):
    answer = eval(f"lambda dA, X, W, b: {name}.maximum(X @ W + b, 0)", {})
    assert "the first code cell" in lines_of(answer)[-1]
    assert "restart" in lines_of(answer)[-1]


def test_a_function_that_calls_itself_for_ever_is_told():
    def again(dA, X, W, b):
        return again(dA, X, W, b)

    assert lines_of(again)[2] == "your function calls itself, and nothing ends it"


def test_an_array_that_cannot_hold_the_result_is_told():
    def in_place(dA, X, W, b):
        mask = (X > 0).astype(int)
        mask *= dA
        return mask

    assert lines_of(in_place)[2].startswith("the result does not fit into the array's dtype")


def test_a_loop_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr("nnlib.course.exercises.check.SECONDS", 0.2)

    def endless(dA, X, W, b):
        while True:
            pass

    start = time.perf_counter()
    text = check("04.3", endless, record=False).text
    assert text.startswith("stopped after 0.2 seconds: a loop that never ends?")
    assert time.perf_counter() - start < 3
    assert SECONDS == 5


def test_the_seconds_are_those_of_all_calls_together(monkeypatch):
    monkeypatch.setattr("nnlib.course.exercises.check.SECONDS", 0.3)

    def slow(dA, X, W, b):
        time.sleep(0.12)
        return 0.0

    assert check("04.3", slow, record=False).text.startswith("stopped after 0.3 seconds")


def test_what_the_course_itself_does_takes_no_time_from_the_learner(monkeypatch):
    """Cases, solutions, mistakes and reviews may import, or train, on a slow machine."""
    monkeypatch.setattr("nnlib.course.exercises.check.SECONDS", 0.2)

    def slowly(value):
        def wait(*_):
            time.sleep(0.25)
            return value

        return wait

    task = Exercise(
        title="", case=slowly((2.0,)), solution=slowly((3.0, 4.0)), parts=("one", "two"),
        mistakes={"that one": slowly((9.0, 9.0))}, hints=(), named=True,
        review=slowly("reviewed at leisure"),
    )  # fmt: skip
    monkeypatch.setattr("nnlib.course.exercises.check.find", lambda number: (number, task))
    assert check("00.1", lambda x: (0.0, 1.0), record=False).text == "reviewed at leisure"
    assert check("00.1", lambda x: (9.0, 9.0), record=False).text == "that one"
    assert check("00.1", lambda x: (3.0, 4.0), record=False).text == "right: 2 of 2"


def test_even_one_that_catches_the_first_interrupts():
    def stubborn():
        for _ in range(3):
            try:
                while True:
                    pass
            except BaseException:
                pass

    with pytest.raises(TookTooLong):
        limited(stubborn, 0.1)


def test_no_interrupt_is_left_over_for_later():
    handler = signal.getsignal(signal.SIGINT)
    for i in range(200):
        begin = time.perf_counter()

        def nearly_in_time(end=begin + 0.002 + 0.00001 * (i % 20)):
            while time.perf_counter() < end:
                pass
            return "done"

        with contextlib.suppress(TookTooLong):
            assert limited(nearly_in_time, 0.002) == "done"
    assert signal.getsignal(signal.SIGINT) is handler
    time.sleep(0.1)


def test_one_that_sleeps_is_woken():
    start = time.perf_counter()
    with pytest.raises(TookTooLong):
        limited(lambda: time.sleep(9), 0.05)
    assert time.perf_counter() - start < 3


def test_what_catches_every_exception_is_stopped_too():
    def careless():
        while True:
            try:
                raise ValueError
            except Exception:
                pass

    with pytest.raises(TookTooLong):
        limited(careless, 0.1)


def test_what_ends_in_time_returns_and_raises_as_ever():
    assert limited(lambda: 7, 5) == 7
    with pytest.raises(ZeroDivisionError):
        limited(lambda: 1 / 0, 5)


def test_ctrl_c_still_reaches_the_learner():
    def pressed():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        limited(pressed, 5)


def test_beside_the_main_thread_it_is_waited_for_no_longer():
    results = []

    def elsewhere():
        for function in (lambda: 7, lambda: time.sleep(1), lambda: 1 / 0):
            try:
                results.append(limited(function, 0.1))
            except (TookTooLong, ZeroDivisionError) as error:
                results.append(type(error))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert results == [7, TookTooLong, ZeroDivisionError]


def test_beside_the_main_thread_errors_of_numpy_are_silenced_as_on_it():
    results = []

    def elsewhere():
        with np.errstate(all="ignore"):
            results.append(limited(lambda: np.ones(1) / 0, 1))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert results == [np.inf]


def test_a_size_of_the_notebook_is_told_from_that_of_the_case():
    space = {}
    exec("n = 12\ndef f(X):\n    return X.sum(axis=1) / n", space)
    said = check("00.1", space["f"]).text
    assert said.startswith("`n` comes from the notebook, where it is 12: here every case has sizes")


def test_shapes_that_are_each_others_transpose_are_told_so():
    said = check("04.4", lambda X, W, b: W + W.T).text
    assert "to be added, one of them is to be transposed" in said


EVERY = {n: task for lesson in lessons() for n, task in exercises(lesson).items()}


def shapes_that_do_not_fit(*given):
    return np.ones((2, 3)) @ np.ones((2, 3))


@pytest.mark.parametrize("exercise", [n for n, task in EVERY.items() if not task.adapt])
def test_every_exercise_tells_of_shapes_that_do_not_fit(exercise):
    raised, *lines = lines_of(shapes_that_do_not_fit, exercise)
    assert raised.startswith("raised ValueError: matmul")
    assert any(line.startswith("in A @ B the columns of A") for line in lines)


def turned(X, layers):
    A = X
    for W, b in layers:
        A = np.tanh(W @ A + b)
    return A


def at_the_wrong_end(X, layers):
    A, D = X, np.ones_like(X)
    for W, b in layers:
        A = np.tanh(A @ W + b)
        D = (D * (1 - A**2)) @ W
    return D


def product_by_entry(X, layers):
    D = np.ones_like(X)
    for W, _ in layers:
        D = D * W
    return D


@pytest.mark.parametrize("answer", [turned, at_the_wrong_end, product_by_entry])
def test_shapes_that_do_not_fit_in_a_list_of_layers_are_told(answer):
    number = next(n for n, task in EVERY.items() if task.title == "the slope of a whole network")
    raised, line, *_, called = lines_of(answer, number)
    assert raised.startswith("raised ValueError")
    assert line.startswith("in line ")
    assert "layers, a list of 3, the first a tuple of arrays of shapes (1, " in called


@pytest.mark.parametrize("value", [None, "mean", {}, [], (), [None], 3, 0.5, np.float64(1)])
def test_an_argument_of_any_kind_has_words(value):
    told = likely_reason(ValueError("matmul"), lambda value: value, (value,))
    assert "it was called with value" in told


def test_an_entry_that_was_put_in_place_of_another_kind_is_a_change():
    for mine, given in ((1, 2), 3.0), ((1, 2), np.ones(3)), (None, (1, 2)), (3.0, (1, 2)):
        assert not unchanged([mine], [given])
