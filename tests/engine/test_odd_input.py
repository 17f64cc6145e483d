"""Whatever people hand in: the right answer, or an error that names the argument."""

import numpy as np
import pytest

import nnlib as nn
from benchmarks.odd_input import Case, verdict
from benchmarks.odd_input.__main__ import main, run

X = np.ones((2, 4))


@pytest.mark.parametrize("seed", [0, 1])
def test_a_thousand_random_calls_end_well(seed):
    assert run(1000, seed) == {}


def case(call, expected=None, either=False):
    return Case("a call", call, expected, {"X": X}, either=either)


def nameless():
    raise ValueError("something is wrong")


def warned():
    return np.log(np.zeros(2))


def crooked():
    X[0, 0] += 1
    return X.sum()


FAULTS = {
    "a wrong number": (case(lambda: 1.0, lambda: 2.0), "is not"),
    "another shape": (case(lambda: [1.0], lambda: 1.0), "shape"),
    "an error without a name": (case(nameless), "names no argument"),
    "an error of another kind": (case(lambda: [][0]), "raised"),
    "a warning": (case(warned, lambda: 0.0), "a warning"),
    "a changed argument": (case(crooked, lambda: 0.0), "X was changed"),
    "what should be refused": (case(lambda: 1.0), "took what it should refuse"),
    "what should be taken": (case(lambda: nn.sigmoid(None), lambda: 1.0), "names no|refused"),
}


@pytest.mark.parametrize(("faulty", "words"), FAULTS.values(), ids=FAULTS)
def test_the_verdict_finds_every_kind_of_fault(faulty, words):
    assert any(word in verdict(faulty) for word in words.split("|"))


def test_the_command_line_tells_how_many_calls_went_wrong(capsys):
    assert main(["--cases", "50", "--seed", "2"]) == 0
    assert capsys.readouterr().out == "50 cases, 0 wrong\n"
