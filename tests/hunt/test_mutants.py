"""Each mutant is worth its place: its own kind of check sees it, and a weaker kind does not."""

import contextlib
import sys
import warnings
from collections import Counter
from dataclasses import replace
from itertools import takewhile
from types import FunctionType

import numpy as np
import pytest

import nnlib
from nnlib.course.hunt.checks import SEEN_BY
from nnlib.course.hunt.engine import loaded, suspect
from nnlib.course.hunt.mutants import FAMILIES, MUTANTS, mutant

ALL = [check for checks in SEEN_BY.values() for check in checks]
NUMBERED = list(enumerate(MUTANTS, 1))


def accuses(check, nn, seed=0):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            check(nn, np.random.default_rng(seed))
        except Exception:
            return True
    return False


def the_loss_falls(nn, rng):
    """What most people do: train something easy, and look whether the loss goes down."""
    y = rng.integers(0, 3, 60)
    X = 3 * np.eye(3)[y] + rng.normal(size=(60, 3))
    net = nn.Sequential(nn.Dense(3, 16), nn.ReLU(), nn.Dense(16, 3))
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.02))
    assert model.fit(X, y, epochs=20)["loss"][-1] < 0.5


def weaker(family):
    """The checks of the families before; for the first family, what most people look at."""
    before = takewhile(lambda other: other != family, FAMILIES)
    return [check for other in before for check in SEEN_BY[other]] or [the_loss_falls]


def test_there_are_many_of_each_family():
    assert Counter(m.family for m in MUTANTS).keys() == FAMILIES.keys() == SEEN_BY.keys()
    assert min(Counter(m.family for m in MUTANTS).values()) >= 20
    assert len({m.name for m in MUTANTS}) == len(MUTANTS)
    assert len({m.source() for m in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize(("number", "wrong"), NUMBERED, ids=[str(i) for i, _ in NUMBERED])
def test_its_own_kind_of_check_sees_a_mutant_and_weaker_ones_do_not(number, wrong):
    with loaded(wrong) as nn:
        assert [c.__name__ for c in weaker(wrong.family) if accuses(c, nn)] == []
        assert any(accuses(check, nn) for check in SEEN_BY[wrong.family])


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.__name__)
def test_no_check_accuses_the_engine_as_it_is(check):
    with loaded() as nn:
        assert [seed for seed in range(100) if accuses(check, nn, seed)] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_each_check_is_needed_somewhere(family):
    idle = set(SEEN_BY[family])
    for wrong in (m for m in MUTANTS if m.family == family and idle):
        with loaded(wrong) as nn:
            idle = {check for check in idle if not accuses(check, nn)}
    assert idle == set()


def test_an_engine_shares_nothing_with_the_healthy_one():
    with loaded(MUTANTS[0]) as nn:
        modules = {n: m for n, m in sys.modules.items() if n.partition(".")[0] == nn.__name__}
        assert len(modules) > 30
        for module in modules.values():
            for value in vars(module).values():
                if isinstance(value, (type, FunctionType)):
                    assert not value.__module__.startswith("nnlib"), value
        assert nn.Dense is not nnlib.Dense
        assert repr(nn.Dense(3, 2)) == repr(nnlib.Dense(3, 2))


def test_nothing_of_it_is_left_behind():
    before, finders = set(sys.modules), list(sys.meta_path)
    with contextlib.suppress(ZeroDivisionError), suspect(1) as nn:
        nn.Sequential(nn.Dense(3, 2), nn.GELU()).forward(np.ones((2, 3)))
        assert nn.__name__ in sys.modules
        raise ZeroDivisionError
    assert {name for name in sys.modules if name.startswith("_engine")} == set()
    assert set(sys.modules) - before <= {name for name in sys.modules if "scipy" in name}
    assert sys.meta_path == finders


def test_the_healthy_one_is_the_engine_itself():
    with loaded() as nn:
        nets = [m.Sequential(m.Dense(3, 4), m.ReLU(), m.Dense(4, 2), rng=5) for m in (nn, nnlib)]
    assert np.array_equal(nets[0].params, nets[1].params)


@pytest.mark.parametrize("old", ["a line that is nowhere", "self.b"])
def test_a_mutant_of_an_engine_that_has_changed_fails_loudly(old):
    stale = replace(MUTANTS[2], changes=((old, "pass"),))
    with pytest.raises(
        LookupError, match=r"expected its text once in dense\.py, found it"
    ) as error:
        stale.source()
    assert old in str(error.value)
    with pytest.raises(LookupError), loaded(stale):
        pass
    assert not [name for name in sys.modules if name.startswith("_engine")]


def test_the_difference_is_the_changed_lines_alone():
    lines = MUTANTS[2].diff().splitlines()
    assert [line for line in lines if line[0] in "+-"] == [
        "-            sum_of_rows(dZ, out=self.db)",
        "+            self.db[:] = dZ.sum()",
    ]


@pytest.mark.parametrize("number", [0, -1, len(MUTANTS) + 1, "3", None, 4.0])
def test_there_is_no_other_number(number):
    with pytest.raises(ValueError, match=f"expected a mutant from 1 to {len(MUTANTS)}, got"):
        mutant(number)
