"""What a hunt says: of the checks it is given, of what they see, of what got away."""

import functools
import sys

import numpy as np
import pytest

import nnlib
from nnlib.course import check
from nnlib.course.exercises.exercise import Exercise, Refused
from nnlib.course.hunt import FAMILIES, accusations, hunt, reveal, suspect
from nnlib.course.hunt.checks import SEEN_BY
from nnlib.course.hunt.mutants import ANSWERS, MUTANTS


def logits_agree(nn, rng):
    """The gradient of the loss alone: it sees little."""
    net = nn.Sequential(nn.Dense(3, 3))
    assert nn.check_gradients(net, nn.SoftmaxCrossEntropy(), rng.normal(size=(4, 3)), [0, 1, 2, 0])


def confused(nn, rng):
    assert nn.confusion_matrix([0, 0, 1], [0, 1, 1]).tolist() == [[1, 1], [0, 1]]


CONFUSED = next(i for i, m in enumerate(MUTANTS, 1) if "confusion" in m.name)


def test_what_is_seen_and_what_got_away_is_told_by_number_and_not_by_name():
    score = hunt([logits_agree, confused], family=ANSWERS)
    assert score.seen == {CONFUSED: "confused"}
    assert len(score) == 1
    assert CONFUSED not in score.alive
    text = repr(score)
    assert f"known answers  1 of {len(score.alive) + 1}  got away: {score.alive[0]}, " in text
    assert "logits_agree  first to accuse none" in text
    assert f"suspect({score.alive[0]}) lends you" in text
    assert not [m.name for m in MUTANTS if m.name in text]


def test_the_reference_checks_see_all():
    score = hunt([check for checks in SEEN_BY.values() for check in checks])
    assert score.alive == []
    assert len(score) == len(MUTANTS)
    assert repr(score).endswith("Nothing got away.")
    assert repr(score).count("all seen") == len(FAMILIES)


def test_one_check_may_come_without_a_list():
    assert hunt(confused, family=ANSWERS).checks == ("confused",)


def test_a_hunt_is_repeatable():
    assert hunt(confused, ANSWERS) == hunt([confused], ANSWERS)


def accusing(nn, rng):
    assert nn.Dense(3, 2).d_in == 2, "d_in is not 2"


def outside(nn, rng):
    assert nnlib.relu([rng.random()])[0] > 0


def returning(nn, rng):
    return nn.relu(np.ones(1))[0] > 0


def unwritten(nn, rng): ...


def unlucky(nn, rng):
    assert nn.relu(rng.normal(size=3)).max() > 0


def of_one(nn):
    assert nn.relu(np.ones(1))[0] > 0


def endless(nn, rng):
    while True:
        nn.relu(np.ones(1))


def asserting_alone(nn, rng):
    assert False, "bad"  # noqa: B011, PT015


def coin(nn, rng):
    assert nn.relu(np.ones(1))[0] > 0
    assert np.random.random() < 0.8  # noqa: NPY002


def ending(nn, rng):
    sys.exit(nn.relu(np.ones(1))[0])


def reporting(nn, rng):
    net = nn.Sequential(nn.Dense(3, 3))
    return nn.check_gradients(net, nn.SoftmaxCrossEntropy(), np.ones((2, 3)), [0, 1])


WRONG = "accuses the engine as it is, which does nothing wrong: AssertionError"
REFUSED = [
    (accusing, f"accusing {WRONG}: d_in is not 2: too narrow a bound, too few steps,"),
    (asserting_alone, f"asserting_alone {WRONG}: bad"),
    (outside, "outside never uses the nn that it is given: write nn.Dense, not Dense or nnlib.De"),
    (returning, "returning returns np.True_: a check accuses by an exception, so write assert"),
    (reporting, "reporting returns a GradientReport: a check accuses by an exception"),
    (unwritten, "unwritten: not written yet"),
    (unlucky, f"unlucky {WRONG}"),
    (coin, f"coin {WRONG}"),
    (of_one, "of_one: expected a function of an engine and a generator, def of_one(nn, rng)"),
    (ending, "ending calls sys.exit() or exit(): leave it out"),
    (lambda nn, rng: nn.Dens, "<lambda> fails on the engine as it is: AttributeError: nn has no"),
]


@pytest.mark.parametrize(("odd", "told"), REFUSED, ids=[told[:12] for _, told in REFUSED])
def test_a_check_that_cannot_take_part_is_refused_in_words(odd, told):
    score = hunt([confused, odd])
    assert score.refused.startswith(told)
    assert "\n" not in score.refused
    assert repr(score) == score.refused
    assert score.seen == {}


def test_all_that_cannot_take_part_are_told_at_once():
    assert len(hunt([accusing, outside, confused]).refused.splitlines()) == 2


def test_a_check_that_does_not_end_is_stopped(monkeypatch):
    monkeypatch.setattr("nnlib.course.hunt.score.SECONDS", 0.1)
    assert "was stopped after 0.1 seconds" in hunt(endless).refused


def test_a_check_without_code_of_its_own_takes_part():
    part = functools.partial(lambda nn, rng, k: confused(nn, rng), k=2)
    assert CONFUSED in hunt(part, ANSWERS).seen


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        (([],), ValueError, "expected at least one function, got none"),
        (([None],), TypeError, "expected functions, got None: write their names, without calling"),
        ((None,), TypeError, "expected functions, got None"),
        ((confused, "gradient"), ValueError, "family: expected one of gradients, behaviour, known"),
    ],
)
def test_odd_arguments_are_refused_with_a_remedy(arguments, error, told):
    with pytest.raises(error, match=told):
        hunt(*arguments)


def test_a_bar_is_shown_unless_nobody_wants_it(monkeypatch, capfd):
    monkeypatch.setenv("NNLIB_PROGRESS", "off")
    hunt(confused, ANSWERS)
    assert capfd.readouterr().err == ""
    monkeypatch.delenv("NNLIB_PROGRESS")
    hunt(confused, ANSWERS, progress=False)
    assert capfd.readouterr().err == ""
    hunt(confused, ANSWERS)
    assert "hunting" in capfd.readouterr().err


def test_what_checks_print_does_not_flood_the_page(capsys):
    def chatty(nn, rng):
        print("looking")
        confused(nn, rng)

    hunt(chatty, ANSWERS)
    assert capsys.readouterr().out.count("looking") == 20


def test_a_mutant_is_revealed_as_lines_that_differ():
    shown = reveal(CONFUSED)
    text = repr(shown)
    assert text.startswith(f"{CONFUSED}, known answers: rows and columns of the confusion matrix")
    assert "(nnlib/metrics.py)" in text
    assert "\n-    return np.bincount(k * true" in text
    assert "```diff\n" in shown._repr_markdown_()
    with pytest.raises(ValueError, match="expected a mutant from 1"):
        reveal(0)


def test_of_two_equal_checks_the_second_was_never_first():
    text = repr(hunt([confused, confused], ANSWERS))
    assert "confused  first to accuse 1\nconfused  first to accuse none\n" in text


def test_global_random_numbers_go_on_as_if_nothing_had_been():
    np.random.seed(5)  # noqa: NPY002
    first = np.random.random(2)  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    assert np.random.random() == first[0]  # noqa: NPY002
    hunt(confused, ANSWERS)
    assert np.random.random() == first[1]  # noqa: NPY002


def test_a_suspect_without_its_block_says_how():
    with pytest.raises(AttributeError, match=r"write with suspect\(4\) as nn: and then nn\.Dense"):
        suspect(4).Dense  # noqa: B018


def test_a_suspect_is_lent_for_a_while():
    with suspect(CONFUSED) as nn:
        assert nn.confusion_matrix([0, 0, 1], [0, 1, 1]).tolist() == [[1, 0], [1, 1]]


def test_a_check_that_is_unlucky_later_is_refused_then():
    def rare(nn, rng):
        assert nn.relu(rng.normal(size=6)).max() > 0

    told = hunt(rare, ANSWERS)
    assert told.refused.startswith("rare accuses the engine as it is") or not told.seen


def test_a_check_is_asked_for_some_mutants_alone():
    other = 1 if CONFUSED > 1 else 2
    assert accusations(confused)((other, CONFUSED), 0) == (False, True)
    assert accusations(accusations(confused)) == accusations(confused)
    with pytest.raises(Refused, match="accusing accuses the engine as it is, which does nothing"):
        accusations(accusing)((CONFUSED,), 0)


EXERCISE = Exercise(
    title="a check that sees the confusion matrix",
    case=lambda rng, sizes: ((1, CONFUSED), int(rng.integers(1000))),
    solution=accusations(confused),
    mistakes={"it looks at logits alone": accusations(logits_agree)},
    hints=("count by hand",),
    parts=("number 1", "the confusion matrix"),
    review=lambda arguments, values: f"{sum(values)} of 1 seen",
    adapt=accusations,
    cases=2,
)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (confused, "✓ 98.1 right: 2 of 2"),
        (EXERCISE.solution, "✓ 98.1 right: 2 of 2"),
        (logits_agree, "✗ 98.1 not right: it looks at logits alone"),
        (unwritten, "○ 98.1 not written yet: fill in the function, then run the cell again"),
        (accusing, f"✗ 98.1 not right: accusing {WRONG}: d_in is not 2"),
        (asserting_alone, f"✗ 98.1 not right: asserting_alone {WRONG}: bad"),
        (of_one, "✗ 98.1 not right: of_one: expected a function of an engine and a generator"),
        (returning, "✗ 98.1 not right: returning returns np.True_: a check accuses by"),
    ],
)
def test_an_exercise_may_ask_for_a_check(monkeypatch, answer, told):
    monkeypatch.setattr("nnlib.course.exercises.check.find", lambda number: (number, EXERCISE))
    assert repr(check("98.1", answer, record=False)).startswith(told)


def test_a_check_that_does_not_end_is_told_so_by_its_exercise(monkeypatch):
    monkeypatch.setattr("nnlib.course.exercises.check.find", lambda number: (number, EXERCISE))
    monkeypatch.setattr("nnlib.course.hunt.score.SECONDS", 0.1)
    told = repr(check("98.1", endless, record=False))
    assert told.endswith("endless fails on the engine as it is: it was stopped after 0.1 seconds")
