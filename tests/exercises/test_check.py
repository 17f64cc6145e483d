import copy
import dataclasses
import itertools
import re
import time

import numpy as np
import pytest

import nnlib as nn
import nnlib.course
from nnlib.course import case, check, hint, source
from nnlib.course.exercises.check import Verdict
from nnlib.course.exercises.compare import array_difference, difference, unchanged
from nnlib.course.exercises.exercise import Exercise, exercises, lessons

ALL = {number: task for lesson in lessons() for number, task in exercises(lesson).items()}
KNOWN = [(number, name) for number, exercise in ALL.items() for name in exercise.mistakes]

TOTALS = np.zeros(3)


@pytest.fixture(params=ALL)
def number(request):
    return request.param


def test_the_solution_passes(number):
    verdict = check(number, ALL[number].solution)
    assert verdict.ok
    parts = f"{len(ALL[number].parts)} of {len(ALL[number].parts)}"
    tried = parts if ALL[number].review else "5 random cases, each of another shape"
    assert repr(verdict) == f"✓ {number} right: {tried}"


def test_an_untouched_stub_is_not_written_yet(number):
    verdict = check(number, lambda *arguments: ...)
    assert not verdict.ok
    assert "not written yet" in repr(verdict)


@pytest.mark.parametrize(("number", "name"), KNOWN, ids=[f"{n} {name[:40]}" for n, name in KNOWN])
def test_a_known_mistake_is_recognised_by_its_name(number, name):
    for _ in range(3):  # thirty times in `make proofs`
        assert check(number, ALL[number].mistakes[name]).text == name


def test_there_are_enough_mistakes_and_hints(number):
    assert len(ALL[number].mistakes) >= 4
    assert 1 <= len(ALL[number].hints) <= 3


def corruptions(result, rng):
    """Endless: a result with something wrong in it, by 1e-5 of the largest entry at the least."""
    if isinstance(result, tuple):
        while True:
            i = rng.integers(len(result))
            for part in itertools.islice(corruptions(result[i], rng), 1):
                yield (*result[:i], part, *result[i + 1 :])
    true = np.asarray(result)
    size = np.abs(true[np.isfinite(true)]).max(initial=0) or 1.0
    dtypes = [np.float32, np.float16, np.complex128, object, str, np.int64, bool]
    while True:
        index = tuple(rng.integers(n) for n in true.shape)
        kind = rng.integers(4)
        wrong = true.astype(float)
        if kind == 0:  # one entry
            wrong[index] += rng.choice([-1, 1]) * size * 10 ** rng.uniform(-5, 2) * 1.001
        elif kind == 1:  # all entries
            wrong = wrong + rng.choice([-1, 1]) * size * 10 ** rng.uniform(-5, 2) * 1.001
        elif kind == 2:  # another dtype
            wrong = true.astype(rng.choice([d for d in dtypes if d != true.dtype]))
        else:  # another shape
            wrong = [true[np.newaxis], true[..., np.newaxis], np.stack([true, true])][
                rng.integers(3)
            ]
        yield wrong.astype(true.dtype) if kind < 2 and true.dtype.kind == "f" else wrong


def test_no_corruption_of_the_solution_is_accepted(number):
    task, rng = ALL[number], np.random.default_rng(6)
    with np.errstate(all="ignore"):
        for _ in range(200):
            result = task.solution(*task.draw(rng))
            wrong = next(corruptions(result, rng))
            assert difference(wrong, result, task.parts), (wrong, result)


@pytest.mark.parametrize("factor", [-1, 2, 1 + 1e-5])
def test_a_corrupted_solution_never_passes_a_check(number, factor):
    def wrong(*arguments):
        result = ALL[number].solution(*arguments)
        return tuple(factor * r for r in result) if ALL[number].parts else factor * result

    assert not check(number, wrong, record=False).ok


def test_the_learners_code_is_checked_and_never_the_librarys(number, monkeypatch):
    """An error planted in the learner's function is seen, whatever nnlib does."""
    task = ALL[number]

    def planted(*arguments):
        result = task.solution(*arguments)
        first = np.array(result[0] if task.parts else result, dtype=float)
        first.flat[-1] = 2 * first.flat[-1] + 1
        return (first, *result[1:]) if task.parts else first

    assert not check(number, planted, record=False).ok


def test_a_check_answers_in_less_than_half_a_second(number):
    check(number, ALL[number].solution, record=False)
    start = time.process_time()
    check(number, ALL[number].solution, record=False)
    assert time.process_time() - start < 0.5


def test_all_mistakes_differ_from_each_other_and_from_the_solution(number):
    task, rng = ALL[number], np.random.default_rng(7)
    answers = {"the solution": task.solution, **task.mistakes}
    pairs = set(itertools.combinations(answers, 2))
    with np.errstate(all="ignore"):
        for _ in range(5):
            arguments = task.draw(rng)
            results = {name: answer(*arguments) for name, answer in answers.items()}
            pairs = {
                (a, b) for a, b in pairs if difference(results[a], results[b], task.parts) is None
            }
    assert pairs == set()


def test_hints_come_in_steps(number):
    hints = ALL[number].hints
    for step, text in enumerate(hints, 1):
        assert hint(number, step).text.startswith(text)
    refused = hint(number, len(hints) + 1)
    assert refused.text == f"expected a step from 1 to {len(hints)}, got {len(hints) + 1}"


def test_what_nobody_foresaw_is_shown_by_its_first_difference():
    def nearly(dA, Z, alpha):
        dZ = dA * np.where(Z > 0, 1.0, alpha)
        dZ[0, 1] += 1
        return dZ

    text = check("04.1", nearly).text
    assert text.startswith("your result: expected ")
    assert "at [0, 1]" in text


def test_a_wrong_shape_is_told_before_values():
    assert "expected shape" in check("04.1", lambda dA, Z, alpha: dA[0]).text


def test_a_tiny_corruption_is_not_accepted():
    right = ALL["04.4"].solution
    assert not check("04.4", lambda X, W, b: right(X, W, b) * (1 + 1e-5)).ok


def test_a_missing_return_is_not_taken_for_an_untouched_stub():
    def forgot(dA, Z, alpha):
        dA * (Z > 0)

    assert "`return` missing" in check("04.1", forgot).text


def test_a_variable_of_the_notebook_in_place_of_an_argument_is_told(monkeypatch):
    def small(dA, Z, alpha):
        return dA * np.where(z > 0, 1.0, alpha)  # noqa: F821

    monkeypatch.setitem(globals(), "z", np.ones(1))
    text = check("04.1", small).text
    assert text.startswith("`z` comes from elsewhere in the notebook: the argument is `Z`\nyour r")


def test_what_the_function_raises_is_shown():
    assert check("04.1", lambda dA, Z, alpha: dA @ Z).text.startswith("raised ValueError")
    assert "raised TypeError" in check("04.1", lambda dA: dA).text


def test_a_function_that_changes_its_arguments_is_told():
    def in_place(dA, Z, alpha):
        dA *= np.where(Z > 0, 1.0, alpha)
        return dA

    assert "changes its arguments" in check("04.1", in_place).text


def test_what_is_kept_from_one_call_to_the_next_is_told():
    def collects(X, kept=[]):  # noqa: B006
        kept.extend(X.mean(axis=1))
        return kept

    def refills(X):
        kept[:] = X.mean(axis=1).tolist()
        return kept

    kept = []
    for answer in (collects, refills, lambda X: TOTALS):
        assert check("00.1", answer).text.startswith("your function returns one and the same array")


def test_infinities_and_nan_are_compared_as_such():
    true = np.array([1.0, np.inf])
    assert array_difference(np.array([1.0 + 1e-12, np.inf]), true, "x") is None
    assert array_difference(np.array([1.1, np.inf]), true, "x") == "x: expected 1 at [0], got 1.1"
    assert (
        array_difference(np.array([1.0, -np.inf]), true, "x") == "x: expected inf at [1], got -inf"
    )
    assert array_difference(np.array([1.0, np.nan]), true, "x") == "x: expected inf at [1], got nan"


def test_a_list_of_arrays_of_any_shapes_is_compared_with_itself():
    layers = [(np.ones((2, 3)), np.ones(3)), (np.ones((3, 1)), np.ones(1))]
    assert unchanged((layers, 2), (layers, 2))
    assert not unchanged((layers, 2), ([(np.ones((2, 3)), np.zeros(3)), layers[1]], 2))


def test_what_is_handed_out_to_be_trained_may_change():
    net = nn.Sequential(nn.Dense(2, 3), rng=0)
    rng, moved = np.random.default_rng(0), np.random.default_rng(1)
    assert unchanged((net, nn.SGD(lr=0.1), rng), (copy.deepcopy(net), nn.SGD(lr=0.2), moved))
    assert not unchanged((net, np.zeros(3)), (net, np.ones(3)))


def test_nan_among_the_arguments_is_no_change():
    assert unchanged(([1.0, np.nan], "a"), ([1.0, np.nan], "a"))
    assert not unchanged(np.array([1.0, np.nan]), np.array([np.nan, 1.0]))


def test_complex_or_text_is_no_number():
    assert "expected numbers" in check("04.1", lambda dA, Z, alpha: "dZ").text


@pytest.mark.parametrize("exercise", ["04.9", "99.1", "nonsense", 44.1, "", None])
def test_an_unknown_exercise_is_refused_in_one_line(exercise):
    for refused in (check(exercise, len), hint(exercise)):
        assert not refused.ok
        assert refused.text.startswith("exercise: expected the number of an exercise (")
        assert len(repr(refused).splitlines()) == 1


@pytest.mark.parametrize("exercise", ["4.1", 4.1])
def test_a_number_may_be_written_without_its_zero(exercise):
    assert check(exercise, ALL["04.1"].solution).ok
    assert hint(exercise) == hint("04.1")


@pytest.mark.parametrize("answer", [(), (np.ones(3),)])
def test_calling_the_function_by_mistake_or_forgetting_it_is_told(answer):
    text = check("04.1", *answer).text
    assert text.startswith("expected your function itself")
    assert text.endswith('write `check("04.1", my_function)`, without calling it')


@pytest.mark.parametrize("number", [number for number, task in ALL.items() if not task.adapt])
def test_the_arguments_that_failed_are_handed_out(number):
    task, received = ALL[number], []

    def wrong(*arguments):
        received.append(arguments)
        return "nothing like it"

    verdict = check(number, wrong)
    *_, last = verdict.text.splitlines()
    if not received[0]:
        assert "its arguments" not in verdict.text
        return
    assert last == f'its arguments: `from nnlib.course import case; case("{number}")`'
    handed = case(number)
    assert unchanged(handed, received[0])
    assert difference(task.solution(*handed), task.solution(*received[0]), task.parts) is None
    check(number, task.solution)
    with pytest.raises(ValueError, match="expected one whose answer has failed"):
        case(number)


@pytest.mark.parametrize("later", [lambda dA, Z, alpha: ..., ALL["04.1"].solution])
def test_only_a_failed_answer_has_arguments_to_hand_out(later):
    for before in (lambda dA, Z, alpha: dA, lambda dA, Z, alpha: dA / 0 + undefined):  # noqa: F821
        check("04.1", before)
        assert len(case("04.1")) == 3
        check("04.1", later)
        with pytest.raises(ValueError, match="expected one whose answer has failed"):
            case("04.1")


def test_of_several_cases_the_first_that_failed_is_handed_out():
    def wrong_later(dA, Z, alpha):
        received.append((dA, Z, alpha))
        return ALL["04.1"].solution(dA, Z, alpha) + (len(received) > 2)

    received = []
    check("04.1", wrong_later)
    assert unchanged(case("04.1"), received[2])


def test_a_verdict_is_plain_text_and_html():
    verdict = check("04.1", lambda *arguments: None)
    assert "<b>○ 04.1</b> not written yet" in verdict._repr_html_()
    assert "<" not in repr(verdict)


def test_right_and_wrong_differ_by_a_colour_and_a_word_and_code_is_set_as_code():
    def forgot(dA, Z, alpha):
        dA * (Z > 0)

    right, wrong = check("04.1", ALL["04.1"].solution), check("04.1", forgot)
    assert repr(right).startswith("✓ 04.1 right: ")
    assert repr(wrong).startswith("✗ 04.1 not right: ")
    assert "#009E73" in right._repr_html_()
    assert "#D55E00" in wrong._repr_html_()
    assert "is the <code>return</code> missing?" in wrong._repr_html_()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("`e.g. this`, and that, i.e. the other (in brackets)", ["e.g. this"]),
        ("What does X.mean() alone return?", ["X.mean()"]),
        ("np.where, then np.linalg.norm(G, axis=1)", ["np.where", "np.linalg.norm(G, axis=1)"]),
        ("np.maximum(A @ (W + b), 0) for each", ["np.maximum(A @ (W + b), 0)"]),
        ("axis=0 runs down; keepdims=True keeps", ["axis=0", "keepdims=True"]),
        ("`np.array(...)` once", ["np.array(...)"]),
        ("with 2.5 times (about) 3.0 (n,)", []),
    ],
)
def test_code_is_found_without_backticks_where_it_can_be_nothing_else(text, codes):
    shown = Verdict("✗", "04.1", text)._repr_html_()
    assert re.findall("<code>(.*?)</code>", shown) == codes
    assert re.sub("</?code>", "", shown).endswith(text.replace("`", "") + "</div>")


def test_source_shows_a_method_dedented_and_without_its_docstring():
    code = source(nnlib.ReLU.forward, nnlib.ReLU.backward)
    start = "# ReLU\ndef forward(self, Z: Array, *, train: bool = False) -> Array:\n"
    assert repr(code).startswith(start)
    assert repr(code).count("# ReLU") == 1
    assert "    A = relu(Z)\n" in repr(code)
    assert "\n\ndef backward(" in repr(code)
    assert '"""' not in repr(code)
    assert code._repr_markdown_() == f"```python\n{code!r}\n```"


# Several values, written one after the other ------------------------------------------------------


def _sum_and_mean(X):
    return X.sum(axis=0), X.mean(axis=0), X.max(axis=0)


@pytest.fixture
def three_parts(monkeypatch):
    """An exercise that asks for three values; each is to be told apart from the others."""
    task = Exercise(
        title="three values of each column",
        case=lambda rng, sizes: (rng.normal(size=sizes[:2]),),
        solution=_sum_and_mean,
        mistakes={"the mean is the sum": lambda X: (X.sum(0), X.sum(0), X.max(0))},
        hints=("…",),
        parts=("total", "mean", "top"),
    )
    monkeypatch.setitem(exercises("04"), "04.0", task)
    return "04.0"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda X: (..., ..., ...), "○ 04.0 not written yet: "),
        (lambda X: (X.sum(0), ..., ...), "○ 04.0 total right so far; next: mean"),
        (lambda X: (..., X.mean(0), ...), "○ 04.0 mean right so far; next: total"),
        (lambda X: (X.sum(0), X.sum(0), ...), "✗ 04.0 not right: the mean is the sum"),
        (lambda X: (X.sum(0), -X.mean(0), ...), "total right; mean: the sign is turned around"),
        (lambda X: (X.sum(0), -X.mean(0), X.sum(0)), "mean: the sign is turned around"),
        (lambda X: (X.sum(0), X.mean(0)), "expected 3 values, total, mean, top"),
        (lambda X: (*_sum_and_mean(X), 0), "expected 3 values, total, mean, top"),
        (lambda X: (X.sum(0), X.mean(0) + ..., ...), "there is still a `...`"),
        (
            lambda X: (X.sum(0), X.sum(0), X.min(0)),
            "✗ 04.0 not right: the mean is the sum\ntotal r",
        ),
        (
            lambda X: X.sum(0),
            "expected 3 values, total, mean, top, got one: `return total, mean, top`",
        ),
        (
            lambda X: (f(X) for f in (np.sum, np.mean, np.max)),
            "a generator has computed nothing yet",
        ),
        (lambda X: (X.sum(0), None, X.max(0)), "total, top right; mean: there is a `None` among"),
        (_sum_and_mean, "✓ 04.0 right: "),
        (lambda X: list(_sum_and_mean(X)), "✓ 04.0 right: "),
        (lambda X: np.array(_sum_and_mean(X)), "✓ 04.0 right: "),
    ],
)
def test_several_values_are_judged_as_far_as_they_are_written(three_parts, answer, said):
    assert said in repr(check(three_parts, answer))


def test_the_first_wrong_value_is_told_and_the_others_are_named(three_parts):
    text = check(three_parts, lambda X: (X.sum(0), X.mean(0) ** 2, X.max(0) ** 3)).text
    assert text.startswith("total right; mean: expected ")
    assert "; top differs, too" in text


def test_what_is_right_is_told_once(three_parts):
    text = check(three_parts, lambda X: (X.sum(0), -X.mean(0), X.max(0))).text
    sentence, difference, _ = text.splitlines()
    assert sentence == "total, top right; mean: the sign is turned around"
    assert difference.startswith("mean: expected ")


def test_what_is_left_open_in_one_case_is_not_right_in_all(three_parts):
    def at_last(X):
        calls.append(X)
        return (*_sum_and_mean(X)[:2], X.max(0) if len(calls) > 4 else ...)

    calls = []
    assert repr(check(three_parts, at_last)) == "○ 04.0 total, mean right so far; next: top"


def test_of_two_mistakes_that_begin_alike_none_is_named(three_parts, monkeypatch):
    mistakes = {
        "the mean is the sum, and the top, too": lambda X: (X.sum(0), X.sum(0), X.sum(0)),
        **exercises("04")[three_parts].mistakes,
    }
    task = dataclasses.replace(exercises("04")[three_parts], mistakes=mistakes)
    monkeypatch.setitem(exercises("04"), three_parts, task)
    text = check(three_parts, lambda X: (X.sum(0), X.sum(0), X.min(0))).text
    assert text.startswith("total right; mean: len(X) times too large")


@pytest.mark.parametrize("nothing", [..., (..., ..., ...)])
def test_a_stub_whose_first_lines_are_given_is_not_written_yet_either(three_parts, nothing):
    def stub(X):
        total = X.sum(axis=0)
        return nothing if total.any() else total

    assert repr(check(three_parts, stub)).startswith("○ 04.0 not written yet: ")


def test_a_letter_may_follow_the_number(monkeypatch):
    monkeypatch.setitem(exercises("04"), "04.0b", ALL["04.1"])
    assert check("4.0b", ALL["04.1"].solution).exercise == "04.0b"


@pytest.mark.parametrize("crop", [slice(1, -1), slice(0, None)])
def test_a_check_of_convolution_meets_every_padding(crop):
    """So that what fits one of them alone does not pass."""
    solution = ALL["13.0b"].solution

    def answer(dZ, X, W, stride, padding):
        dW, db, dX = solution(dZ, X, W, stride, padding)
        around = np.pad(dX, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
        return dW, db, around[:, :, crop, crop]

    for _ in range(3):
        assert not check("13.0b", answer, record=False).ok


@pytest.fixture
def ten_parts(monkeypatch):
    def review(arguments, values):
        wrong = [i for i, v in enumerate(values, 1) if v is not ... and v != arguments[0][i - 1]]
        return f"look again at {wrong}"

    task = Exercise(
        title="ten entries of a row",
        case=lambda rng, sizes: (rng.normal(size=10).tolist(),),
        solution=tuple,
        mistakes={"all are the first": lambda x: (x[0],) * 10},
        hints=("…",),
        parts=tuple(f"entry {i}" for i in range(1, 11)),
        review=review,
    )
    monkeypatch.setitem(exercises("04"), "04.0", task)
    return "04.0"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (tuple, "✓ 04.0 right: "),
        (lambda x: dict(enumerate(x, start=1)), "✓ 04.0 right: "),
        (lambda x: {2: x[1]}, "○ 04.0 entry 2 right so far; next: entry 1"),
        (lambda x: {}, "got a dictionary: its keys are the places, 1 to 10"),
        (lambda x: {11: x[0]}, "expected 10 values, entry 1 to entry 10, got a dictionary: its"),
        (lambda x: (x[:5], x[5:]), "✓ 04.0 right: "),
        (lambda x: [tuple(x[:3]), [...] * 7], "○ 04.0 entry 1, entry 2, entry 3 right so far"),
        (lambda x: np.array(x).reshape(5, 2), "✓ 04.0 right: "),
        (lambda x: np.array(x).reshape(5, 2).T, "✗ 04.0 not right: look again at [2, 3, "),
        (lambda x: [*x[:9], ...], "○ 04.0 9 of 10 right so far; next: entry 10"),
        (lambda x: [x[0]] * 10, "✗ 04.0 not right: all are the first"),
        (lambda x: [x[0]] * 4 + [...] * 6, "✗ 04.0 not right: look again at [2, 3, 4]"),
        (lambda x: [*x[:4], 0, *x[5:]], "✗ 04.0 not right: look again at [5]"),
        (lambda x: x[1:], "✗ 04.0 not right: expected 10 values, entry 1 to entry 10, got 9"),
    ],
)
def test_an_exercise_of_many_parts_says_itself_which_are_wrong(ten_parts, answer, said):
    assert said in repr(check(ten_parts, answer))
