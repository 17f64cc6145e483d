"""Optimizers that come from elsewhere, and schedules that are over: what is said, and helps."""

import copy
import pickle
import re
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlib as nn
from nnlib._watch import Fading, check_owner, moved, new_mark, schedule_is_over, warn_if_over
from nnlib.schedules import Constant, Cosine, Exponential, OneCycle, Sequence, StepDecay, Warmup
from tests.helpers.parts import OPTIMIZERS, SCHEDULES


def shown(value):
    """A name without addresses: it is the same in every process."""
    return re.sub(" at 0x[0-9a-f]+", "", repr(value))


# Where a schedule ends -----------------------------------------------------------------------

ENDS = [
    (Constant(0.1), None),
    (StepDecay(0.1, every_steps=10), None),
    (Exponential(0.1, 0.9), None),
    (Cosine(0.1, 225), 225),
    (OneCycle(0.1, 225), 225),
    (Warmup(0.1, 25), None),
    (Warmup(Constant(0.1), 25), None),
    (Warmup(Cosine(0.1, 200), 25), 225),
    (Warmup(lambda step: 0.1, 25), None),
    (Sequence([(0.1, 25)]), 25),
    (Sequence([(0.1, 25), (Exponential(0.1, 0.9), 75)]), 100),
    (Warmup(Warmup(Sequence([(Cosine(0.1, 9), 4)]), 3), 2), 9),
]


@pytest.mark.parametrize(("schedule", "end"), ENDS, ids=shown)
def test_a_schedule_knows_its_end_and_is_made_of_what_knows_its_own(schedule, end):
    assert schedule.end == end
    assert pickle.loads(pickle.dumps(Cosine(0.1, 9))).end == 9


@pytest.mark.parametrize("part", SCHEDULES, ids=str)
def test_from_its_end_on_a_schedule_stays(part):
    schedule = part.make()
    if schedule.end is not None:
        assert {schedule(schedule.end + more) for more in range(50)} == {schedule(schedule.end)}
    else:
        assert schedule(2000) in (schedule(5000), pytest.approx(0))


@given(lengths=st.lists(st.integers(1, 20), min_size=1, max_size=5), wait=st.integers(1, 20))
def test_ends_add_up(lengths, wait):
    parts = [(Cosine(i + 1.0, steps), steps) for i, steps in enumerate(lengths)]
    schedule = Warmup(Sequence(parts), wait)
    assert schedule.end == wait + sum(lengths)
    assert schedule(schedule.end - 1) > 0 == schedule(schedule.end)


def test_the_end_is_no_part_of_what_a_schedule_prints():
    assert "end" not in repr(Cosine(0.1, 9))


# A schedule that is over ---------------------------------------------------------------------


def after(steps, lr, kind=nn.SGD):
    opt, params = kind(lr=lr), np.ones(2)
    for _ in range(steps):
        opt.step(params, np.ones(2), slice(None))
    return opt


OVER = [Cosine(0.1, 9), OneCycle(0.1, 9), Warmup(Cosine(0.1, 7), 2), Sequence([(0.1, 8), (0, 1)])]


@pytest.mark.parametrize("schedule", OVER, ids=shown)
@pytest.mark.parametrize("more", [0, 1, 30])
def test_a_schedule_that_is_over_is_said_with_its_step(schedule, more):
    opt = after(9 + more, schedule)
    sentence = schedule_is_over(opt)
    assert f"ended at step 9, and {9 + more} steps have been taken" in sentence
    assert f"stays {opt.rate:g}." in sentence
    with pytest.warns(UserWarning, match="ended at step 9"):
        warn_if_over(opt)


@pytest.mark.parametrize("schedule", OVER, ids=shown)
def test_the_remedies_for_a_schedule_that_is_over_work(schedule):
    opt = after(9, schedule)
    opt.lr = 0.1  # "set its lr to a number"
    assert schedule_is_over(opt) is None
    assert opt.rate == 0.1
    new = nn.SGD(lr=schedule)  # "make a new optimizer"
    assert schedule_is_over(new) is None
    assert new.rate > 0
    opt.lr = type(schedule)(**vars(schedule))  # "a new schedule would go on from step 9"
    assert schedule_is_over(opt) is not None


FINE = [
    (8, Cosine(0.1, 9)),
    (8, OneCycle(0.1, 9)),
    (99, Cosine(0.1, 9, final=0.001)),
    (99, Sequence([(0.1, 5), (0.01, 5)])),
    (99, Warmup(0.1, 9)),
    (99, Constant(0.0)),
    (99, Exponential(0.1, 0.99)),
    (99, StepDecay(0.1, every_steps=9)),
    (99, lambda step: 0.1),
    (99, 0.1),
    (99, 0.0),
]


@pytest.mark.parametrize(("steps", "lr"), FINE, ids=shown)
def test_a_schedule_that_goes_on_or_ends_at_a_rate_to_go_on_with_is_not_over(steps, lr):
    assert schedule_is_over(after(steps, lr)) is None


def test_a_schedule_of_zeros_only_is_over_when_it_ends():
    assert schedule_is_over(after(3, Sequence([(0, 3)]))) is not None


# A schedule that falls to nothing -----------------------------------------------------------


def hints(lr, steps, kind=nn.SGD):
    """What is said in a run of so many steps."""
    opt, params = kind(lr=lr), np.ones(2)
    fading = Fading(opt)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for _ in range(steps):
            fading.look(opt.rate)
            opt.step(params, np.ones(2), slice(None))
    return [str(w.message) for w in said]


FALLS = [
    (StepDecay(0.1, every_steps=10), 90),  # meant as epochs: 1e-10 after nine falls
    (Exponential(0.1, 0.5), 27),
    (Cosine(0.1, 9), 18),
    (Warmup(Exponential(0.1, 0.1), 5), 14),
    (Sequence([(0.1, 20), (StepDecay(0.1, 1), 20)]), 29),
    (lambda step: 0.1 * 10.0**-step, 9),
]


@pytest.mark.parametrize(("schedule", "step"), FALLS, ids=shown)
def test_a_rate_that_falls_to_nothing_is_said_once(schedule, step):
    (said,) = hints(schedule, step + 20)
    assert f" by step {step} of SGD(lr=" in said
    assert "steps, one for each batch, not epochs" in said
    assert hints(schedule, step) == []


@pytest.mark.parametrize(
    ("lr", "steps"),
    [
        (Constant(0.1), 50),
        (Cosine(0.1, 50), 50),
        (OneCycle(0.1, 50), 80),
        (StepDecay(0.1, every_steps=10), 70),
        (Warmup(0.1, 50), 60),
        (0.1, 50),
        (0.0, 50),
        (lambda step: 0.0, 50),
        (lambda step: 0.1 * (step > 5), 50),
    ],
    ids=shown,
)
def test_a_rate_that_moves_something_is_left_alone(lr, steps):
    assert hints(lr, steps) == []


def test_the_last_steps_of_a_long_schedule_are_as_planned():
    steps = 50_000
    opt = nn.SGD(lr=Cosine(0.1, steps))
    fading = Fading(opt)
    for opt.t in (0, steps // 2, steps - 2, steps - 1):
        fading.look(opt.rate)
    assert opt.rate < 1e-8 * 0.1
    for opt.t in (steps, steps + 100):
        fading.look(opt.rate)
    opt.t = 2 * steps
    with pytest.warns(UserWarning, match="fallen from 0.1 to 0 by step 100000"):
        fading.look(opt.rate)


def test_a_rate_that_is_set_by_hand_is_nobodys_mistake():
    opt = nn.SGD(lr=0.1)
    fading = Fading(opt)
    fading.look(opt.rate)
    opt.lr = 0.0
    fading.look(opt.rate)
    assert not fading.told


# An optimizer that belongs to another network -----------------------------------------------


class Net:
    """What training sees of a network here: its vectors, and its mark."""

    def __init__(self):
        self.params, self.mark = np.ones(3), new_mark()


def train(net, opt, steps=2):
    """Train as the engine does: ask first, and leave a mark after every update."""
    check_owner(opt, net.mark)
    for _ in range(steps):
        opt.step(net.params, np.sin(net.params), slice(None))
        net.mark = opt.mark = moved(net.mark)


each = pytest.mark.parametrize("part", OPTIMIZERS, ids=str)


def is_plain(opt):
    return isinstance(opt, nn.SGD) and not opt.momentum and not callable(opt.lr)


@each
def test_an_optimizer_with_memory_stays_with_its_network(part):
    net, other, opt = Net(), Net(), part.make()
    train(net, opt)
    train(net, opt)
    before = other.params.copy(), opt.state_dict()
    if is_plain(opt):
        train(other, opt)
        return
    with pytest.raises(
        ValueError, match="steps that ended on another network, or on this one when other"
    ):
        train(other, opt)
    np.testing.assert_array_equal(other.params, before[0])
    assert opt.t == before[1]["t"] == 4
    train(net, opt)
    train(other, part.make())  # the remedy


@each
def test_a_new_optimizer_takes_any_network(part):
    for opt in (part.make(), copy.deepcopy(part.make())):
        train(Net(), opt)


COPIES = {
    "together": lambda net, opt: copy.deepcopy((net, opt)),
    "apart": lambda net, opt: (copy.deepcopy(net), copy.deepcopy(opt)),
    "pickled together": lambda net, opt: pickle.loads(pickle.dumps((net, opt))),
    "pickled apart": lambda net, opt: (
        pickle.loads(pickle.dumps(net)),
        pickle.loads(pickle.dumps(opt)),
    ),
    "the network alone": lambda net, opt: (copy.deepcopy(net), opt),
    "the optimizer alone": lambda net, opt: (net, copy.deepcopy(opt)),
}


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_copies_go_on_where_the_originals_were(copied):
    net, opt = Net(), nn.Adam()
    train(net, opt)
    for _ in range(2):
        net, opt = copied(net, opt)
        train(net, opt)


def test_a_copy_from_before_is_another_network():
    first, opt = Net(), nn.Adam()
    for round_ in range(2):
        net = copy.deepcopy(first)
        if round_:
            with pytest.raises(ValueError, match="on a copy of this network, trained further"):
                train(net, opt)
        else:
            train(net, opt)


def test_optimizers_may_take_turns_on_one_network():
    net, one, two = Net(), nn.Adam(), nn.SGD(momentum=0.9)
    for _ in range(3):
        train(net, one)
        train(net, two)


def test_parameters_that_are_set_anew_are_those_of_the_same_network():
    net, opt = Net(), nn.Adam()
    train(net, opt)
    net.params = np.zeros(3)  # early stopping, a checkpoint, a hand
    train(net, opt)


def test_of_steps_by_hand_nothing_is_known():
    opt = nn.Adam()
    opt.step(np.ones(3), np.ones(3))
    opt.step(np.zeros(3), np.ones(3))
    train(Net(), opt)


def test_a_state_that_is_loaded_may_come_from_anywhere():
    net, opt = Net(), nn.Adam()
    train(net, opt)
    state = opt.state_dict()
    assert "mark" not in state
    opt.load_state_dict(state)
    train(Net(), opt)
    fresh = nn.Adam()
    fresh.load_state_dict(state)
    train(net, fresh)


def test_marks_are_all_different_and_need_no_network():
    assert len({new_mark() for _ in range(1000)}) == 1000
    net, opt = Net(), nn.Adam()
    train(net, opt)
    assert net.params.base is None
    assert sum(isinstance(v, np.ndarray) for v in vars(opt).values()) == 2  # room, and nothing else


def test_momentum_that_is_switched_on_later_counts():
    net, opt = Net(), nn.SGD()
    train(net, opt)
    assert not opt.remembers
    opt.momentum = 0.9
    assert opt.remembers
    with pytest.raises(ValueError, match="on another network"):
        train(Net(), opt)
