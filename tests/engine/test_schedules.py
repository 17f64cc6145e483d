"""Schedules: rates to redo on paper, the ends, composition, bad input."""

import copy
import dataclasses
import inspect
import itertools
import pickle
from math import cos, pi, sqrt

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import nnlib as nn
from nnlib.schedules import Constant, Cosine, Exponential, OneCycle, Sequence, StepDecay, Warmup
from tests.helpers.parts import OPTIMIZERS, SCHEDULES

each = pytest.mark.parametrize("part", SCHEDULES, ids=str)


def rates(schedule, steps):
    return [schedule(step) for step in range(steps)]


def test_every_public_schedule_has_a_row():
    classes = dict(inspect.getmembers(nn.schedules, inspect.isclass)).values()
    own = {c for c in classes if c.__module__ == "nnlib.schedules"} - {nn.schedules.Schedule}
    assert own == {type(part.make()) for part in SCHEDULES}


def test_constant_stays():
    assert rates(Constant(0.25), 3) == [0.25, 0.25, 0.25]


def test_step_decay_falls_every_so_many_steps():
    assert rates(StepDecay(8, every_steps=2, factor=0.25), 6) == [8, 8, 2, 2, 0.5, 0.5]


def test_step_decay_falls_to_a_tenth_by_default():
    assert rates(StepDecay(1, every_steps=1), 3) == pytest.approx([1, 0.1, 0.01])


def test_exponential_loses_the_same_share_in_every_step():
    assert rates(Exponential(8, factor=0.5), 4) == [8, 4, 2, 1]


def test_exponential_halves_in_the_steps_that_its_docstring_says():
    assert Exponential(8, factor=0.5 ** (1 / 7))(21) == pytest.approx(1, rel=1e-14)


def test_cosine_falls_along_half_a_wave():
    # cos of 0°, 45°, 90°, 135°, 180°
    root = sqrt(2) / 2
    wanted = [1 + 4 * (1 + c) / 2 for c in (1, root, 0, -root, -1)]
    assert rates(Cosine(5, steps=4, final=1), 5) == pytest.approx(wanted, rel=1e-15)


def test_cosine_starts_and_ends_exactly_where_it_should():
    schedule = Cosine(0.1, steps=30, final=0.001)
    assert schedule(0) == 0.1
    assert rates(schedule, 33)[30:] == [0.001, 0.001, 0.001]


def test_cosine_ends_at_0_by_default():
    assert rates(Cosine(1, steps=2), 5) == [1, 0.5, 0, 0, 0]


def test_warm_up_grows_by_the_same_amount_and_then_the_schedule_starts():
    assert rates(Warmup(8, 4), 6) == [2, 4, 6, 8, 8, 8]
    assert rates(Warmup(Exponential(8, 0.5), 4), 7) == [2, 4, 6, 8, 8, 4, 2]


def test_warm_up_of_one_step_changes_nothing_but_the_count():
    assert rates(Warmup(Exponential(8, 0.5), 1), 4) == [8, 8, 4, 2]


def test_one_cycle_rises_and_falls():
    # the peak is at 0.5 · 6 − 1 = 2, the end at 5; from 1 over 4 to 1/8
    schedule = OneCycle(4, steps=6, pct_start=0.5, div_factor=4, final_div_factor=8)
    fall = [1 / 8 + (4 - 1 / 8) * (1 + cos(pi * x / 3)) / 2 for x in (1, 2)]
    assert rates(schedule, 8) == pytest.approx([1, 2.5, 4, *fall, 1 / 8, 1 / 8, 1 / 8])


def test_one_cycle_goes_from_a_25th_to_a_250_000th_by_default():
    schedule = OneCycle(1.0, steps=10)
    assert schedule(0) == 1 / 25
    assert schedule(2) == 1
    assert schedule(9) == schedule(100) == pytest.approx(1 / 250_000)


@pytest.mark.parametrize("pct_start", [0, 0.25, 0.5, 0.999])
@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_the_shortest_cycles_are_defined_and_end_at_the_lowest_rate(steps, pct_start):
    # with 4 steps and a quarter of them, the rise ends where it begins
    schedule = OneCycle(1.0, steps, pct_start=pct_start)
    assert all(0 < rate <= 1 for rate in rates(schedule, steps + 2))
    assert schedule(steps - 1) == pytest.approx(1 / 250_000)


def test_the_peak_of_a_cycle_may_be_its_first_step():
    assert OneCycle(1.0, 4, pct_start=0.25)(0) == 1


def test_a_sequence_gives_each_schedule_its_own_steps():
    schedule = Sequence([(1, 2), (Exponential(8, 0.5), 3), (Cosine(6, 2), 2)])
    assert rates(schedule, 7) == [1, 1, 8, 4, 2, 6, 3]


def test_a_sequence_stays_where_its_last_schedule_has_come_to():
    assert rates(Sequence([(1, 2), (Cosine(6, 2), 2)]), 7) == [1, 1, 6, 3, 0, 0, 0]
    assert rates(Sequence([(1, 1), (Exponential(8, 0.5), 2)]), 6) == [1, 8, 4, 2, 2, 2]


def test_sequences_nest_and_a_warm_up_takes_one():
    inner = Sequence([(1, 2), (2, 1)])
    assert rates(Sequence([(inner, 3), (3, 1), (inner, 2)]), 8) == [1, 1, 2, 3, 1, 1, 2, 2]
    assert rates(Warmup(inner, 2), 6) == [0.5, 1, 1, 1, 2, 2]


def test_functions_of_ones_own_take_part():
    schedule = Sequence([(lambda step: np.float64(step), 2), (Warmup(lambda step: 8, 2), 2)])
    assert rates(schedule, 5) == [0, 1, 4, 8, 8]
    assert {type(rate) for rate in rates(schedule, 5)} == {float}
    assert " at 0x" not in repr(schedule)


@each
def test_a_rate_is_a_python_float_for_every_kind_of_step(part):
    schedule = part.make()
    for step in (0, 7, 150, np.int64(7), np.int32(150)):
        assert type(schedule(step)) is float
        assert schedule(step) == schedule(int(step))


@each
def test_a_schedule_of_numpy_numbers_gives_python_floats_and_prints_as_such(part):
    schedule = part.make()
    numbers = {
        k: np.float64(v) if type(v) is float else np.int64(v) if type(v) is int else v
        for k, v in vars(schedule).items()
    }
    twin = type(schedule)(**numbers)
    assert repr(twin) == repr(schedule)
    assert twin == schedule
    assert {type(rate) for rate in rates(twin, 110)} == {float}


@each
def test_a_schedule_is_frozen_and_equals_its_copies(part):
    schedule = part.make()
    assert hash(schedule) == hash(part.make())
    for twin in (part.make(), copy.deepcopy(schedule), pickle.loads(pickle.dumps(schedule))):
        assert twin == schedule
        assert rates(twin, 110) == rates(schedule, 110)
    field = dataclasses.fields(schedule)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(schedule, field, 1.0)


@each
def test_the_repr_of_a_schedule_builds_it_again(part):
    schedule = part.make()
    assert eval(repr(schedule), vars(nn.schedules)) == schedule


def test_reprs_name_every_argument():
    assert repr(Cosine(1, 50)) == "Cosine(lr=1.0, steps=50, final=0.0)"
    assert repr(Warmup(Constant(0.1), 5)) == "Warmup(schedule=Constant(lr=0.1), steps=5)"
    assert repr(Sequence([(0.5, 2)])) == "Sequence(parts=((0.5, 2),))"


@each
def test_a_list_of_parts_that_changes_later_changes_no_schedule(part):
    parts = [[0.5, 2], [part.make(), 3]]
    schedule = Sequence(parts)
    before = rates(schedule, 6)
    parts[0][0] = 7.0
    parts.clear()
    assert rates(schedule, 6) == before


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_optimizer_follows_every_schedule_and_keeps_the_dtype(part, dtype):
    for optimizer in {type(row.make()): row for row in OPTIMIZERS if "," not in row.name}.values():
        schedule, params, theirs = part.make(), np.ones(3, dtype), np.ones(3, dtype)
        opt, by_hand = optimizer.make(lr=schedule), optimizer.make()
        for step in range(12):
            by_hand.lr = schedule(step)
            assert opt.rate == schedule(step)
            opt.step(params, params.copy(), slice(None))
            by_hand.step(theirs, theirs.copy(), slice(None))
        assert params.dtype == dtype
        np.testing.assert_array_equal(params, theirs)


def test_training_reports_the_rates_of_a_schedule():
    X, y = nn.make_xor(40, rng=0)
    schedule = Warmup(Cosine(0.1, 6), 2)
    net = nn.Sequential(nn.Dense(2, 3), nn.Tanh(), nn.Dense(3, 2))
    steps = nn.steps(net, nn.SoftmaxCrossEntropy(), nn.SGD(schedule), X, y, epochs=5, batch_size=20)
    assert [step.lr for step in steps] == rates(schedule, 10)


@given(
    high=st.floats(0, 1e3), low=st.floats(0, 1e3), steps=st.integers(1, 500), t=st.integers(0, 600)
)
@example(high=5e-324, low=5e-324, steps=2, t=1)  # the smallest number has no half
def test_cosine_stays_between_its_ends_and_never_turns_back(high, low, steps, t):
    schedule, (low, high) = Cosine(max(high, low), steps, min(high, low)), sorted([high, low])
    assert low * (1 - 1e-15) <= schedule(t) <= high * (1 + 1e-15)
    assert schedule(t + 1) <= schedule(t) * (1 + 1e-15)


@given(
    steps=st.integers(1, 300),
    share=st.floats(0, 0.99),
    first=st.floats(1, 50),
    t=st.integers(0, 2**63 - 1),
)
def test_one_cycle_never_leaves_its_range(steps, share, first, t):
    schedule = OneCycle(2.0, steps, pct_start=share, div_factor=first, final_div_factor=100.0)
    assert 2 / first / 100 * (1 - 1e-12) <= schedule(t) <= 2 * (1 + 1e-12)


@given(lengths=st.lists(st.integers(1, 20), min_size=1, max_size=5))
def test_a_sequence_is_its_parts_written_one_after_the_other(lengths):
    parts = [(Exponential(i + 1.0, 0.9), steps) for i, steps in enumerate(lengths)]
    wanted = itertools.chain.from_iterable(rates(schedule, steps) for schedule, steps in parts)
    assert rates(Sequence(parts), sum(lengths)) == list(wanted)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: Constant(-1), ValueError, r"lr: expected a number in \[0, inf\), got -1"),
        (lambda: Constant(np.nan), ValueError, r"lr: expected a number in \[0, inf\), got nan"),
        (lambda: Constant("fast"), TypeError, r"lr: expected a number, got 'fast' \(str\)"),
        (lambda: StepDecay(-0.1, 5), ValueError, r"lr: .* in \[0, inf\), got -0\.1"),
        (lambda: StepDecay(0.1, 0), ValueError, "every_steps: expected at least 1, got 0"),
        (lambda: StepDecay(0.1, 2.5), TypeError, r"every_steps: expected a whole number, got 2\.5"),
        (lambda: StepDecay(0.1, 5, 1), ValueError, r"factor: .* in \(0, 1\), got 1"),
        (lambda: StepDecay(0.1, 5, 0), ValueError, r"factor: .* in \(0, 1\), got 0"),
        (lambda: Exponential(-1, 0.5), ValueError, r"lr: .* in \[0, inf\), got -1"),
        (lambda: Exponential(0.1, 1.1), ValueError, r"factor: .* in \(0, 1\), got 1\.1"),
        (lambda: Exponential(0.1, -0.5), ValueError, r"factor: .* in \(0, 1\), got -0\.5"),
        (lambda: Cosine(-1, 10), ValueError, r"lr: .* in \[0, inf\), got -1"),
        (lambda: Cosine(0.1, 0), ValueError, "steps: expected at least 1, got 0"),
        (lambda: Cosine(0.1, "10"), TypeError, r"steps: expected a whole number, got '10' \(str\)"),
        (lambda: Cosine(0.1, 10, -1), ValueError, r"final: .* in \[0, inf\), got -1"),
        (lambda: Warmup(-0.1, 5), ValueError, r"schedule: .* in \[0, inf\), got -0\.1"),
        (lambda: Warmup("slow", 5), TypeError, r"schedule: expected a number, got 'slow' \(str\)"),
        (lambda: Warmup(0.1, 0), ValueError, "steps: expected at least 1, got 0"),
        (lambda: OneCycle(-1, 10), ValueError, r"max_lr: .* in \[0, inf\), got -1"),
        (lambda: OneCycle(0.1, 0), ValueError, "steps: expected at least 1, got 0"),
        (lambda: OneCycle(0.1, 9, 1), ValueError, r"pct_start: .* in \[0, 1\), got 1"),
        (lambda: OneCycle(0.1, 9, -0.1), ValueError, r"pct_start: .* in \[0, 1\), got -0\.1"),
        (lambda: OneCycle(0.1, 9, div_factor=0.5), ValueError, r"^div_factor: .* \[1, inf\)"),
        (lambda: OneCycle(1, 9, final_div_factor=0), ValueError, r"^final_div_factor: .* \[1, inf"),
        (lambda: Sequence([]), TypeError, r"parts: expected pairs, .*, got \[\]"),
        (lambda: Sequence(Cosine(1, 9)), TypeError, r"parts: expected pairs, .*, got Cosine\(lr=1"),
        (lambda: Sequence((0.1, 5)), TypeError, r"parts: expected pairs, .*, got \(0\.1, 5\)"),
        (lambda: Sequence([(0.1, 5, 6)]), TypeError, r"parts: .*, got \[\(0\.1, 5, 6\)\]"),
        (lambda: Sequence([(1, 5), (1, 0)]), ValueError, r"parts\[1\]\[1\]: .* at least 1, got 0"),
        (lambda: Sequence([(-1, 5)]), ValueError, r"parts\[0\]\[0\]: .* \[0, inf\), got -1"),
        (lambda: Cosine(1, 9)(-1), ValueError, "step: expected at least 0, got -1"),
        (lambda: Cosine(1, 9)(0.5), TypeError, r"step: expected a whole number, got 0\.5"),
    ],
)
def test_a_bad_argument_is_named_with_what_was_expected_and_what_came(make, kind, message):
    with pytest.raises(kind, match=message):
        make()


def test_a_schedule_that_is_not_written_yet_says_what_is_missing():
    class Half(nn.schedules.Schedule):
        pass

    with pytest.raises(NotImplementedError, match=r"Half\.rate is not written"):
        Half()(0)
