"""Lesson 08, the training loop: its exercises and questions."""

import copy
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
import numpy.typing as npt

import nnlib as nn
from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise, Function, Refused
from nnlib.course.exercises.quiz import Question, Right
from nnlib.course.lessons.reading_curves import READING_CURVES

Sizes = list[int]
Rows = npt.NDArray[Any]
Pairs = Iterator[tuple[Rows, Rows]]
"""Batch by batch, the rows of X and those of y."""


def _number_of_draw(rng: np.random.Generator) -> int:
    """Count the draws of a generator from 0, so that the cases of a check may take turns."""
    seeds = cast(np.random.SeedSequence, rng.spawn(1)[0].bit_generator.seed_seq)
    return int(seeds.spawn_key[-1])


def _states(rng: np.random.Generator) -> tuple[str, str]:
    """Describe the state of what ``np.random.permutation`` and its like draw from, and of rng."""
    return repr(np.random.get_state()), repr(rng.bit_generator.state)  # noqa: NPY002


class _OfOneNetwork(nn.optimizers.Optimizer):
    """An optimizer that moves the network of its case, and no copy of that one."""

    net: Any = None
    rng: Any = None
    before: tuple[str, str] | None = None
    """The states of NumPy's global generator and of rng; None: nobody asks for them."""

    def move(self, params: Array, grads: Array, lr: float) -> None:
        """Move params, in place, if they are the network's own."""
        if self.before is not None:
            (others, own), (others_now, own_now) = self.before, _states(self.rng)
            if own == own_now and others != others_now:
                raise Refused(
                    "the order comes from NumPy's global generator, `np.random.…`: use the one "
                    "that is given, `rng.permutation(len(X))`"
                )
            self.before = None
        if not np.shares_memory(params, self.net.params):
            raise ValueError(
                "params: expected those of the network that was given, got other ones: train "
                "`net` itself and no copy, for whoever calls `train` goes on with it"
            )
        super().move(params, grads, lr)


class SGD(_OfOneNetwork, nn.SGD):
    """SGD for one network."""


class Adam(_OfOneNetwork, nn.Adam):
    """Adam for one network."""


def _loop_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Draw a last batch of one example, of two, or a full one, and two optimizers, by turns."""
    B, d, h, k = sizes
    number = _number_of_draw(rng)
    n = 2 * B + (1, 2, 0)[number % 3]
    optimizer = Adam(lr=0.05) if number % 2 else SGD(lr=0.3, momentum=0.7)
    net = nn.Sequential(nn.Dense(d, h), nn.Tanh(), nn.Dense(h, k), rng=int(rng.integers(1000)))
    net.params += rng.normal(0, 0.3, net.size)  # no bias is 0
    optimizer.net = net
    X, y = rng.normal(size=(n, d)), rng.integers(k, size=n)
    order = np.random.default_rng(int(rng.integers(1000)))
    optimizer.rng, optimizer.before = order, _states(order)
    return net, nn.SoftmaxCrossEntropy(), optimizer, X, y, 3, B, order


def _slices(n: int, B: int) -> Iterator[slice]:
    yield from (slice(start, start + B) for start in range(0, n, B))


def _cut(order: Rows, B: int, other: Rows | None = None) -> Pairs:
    """Cut an order into batches, for y perhaps another one."""
    for part in _slices(len(order), B):
        yield order[part], (order if other is None else other)[part]


def _one_order(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    yield from _cut(rng.permutation(n), B)


def _own_order(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    yield from _cut(np.arange(n), B)


def _same_order(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    yield from _cut(copy.deepcopy(rng).permutation(n), B)


def _on_and_on(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    """Shuffle what the epochs before have shuffled."""
    rng, order = copy.deepcopy(rng), np.arange(n)
    for _ in range(epoch + 1):
        order = order[rng.permutation(n)]
    yield from _cut(order, B)


def _x_alone(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    yield from _cut(rng.permutation(n), B, np.arange(n))


def _y_alone(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    yield from _cut(np.arange(n), B, rng.permutation(n))


def _apart(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    yield from _cut(rng.permutation(n), B, rng.permutation(n))


def _anew_for_each_batch(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    for part in _slices(n, B):
        rows = rng.permutation(n)[part]
        yield rows, rows


def _anew_and_the_first(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    for _ in range(0, n, B):
        rows = rng.permutation(n)[:B]
        yield rows, rows


def _chosen_for_each_batch(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    for _ in range(0, n, B):
        rows = rng.choice(n, B, replace=False)
        yield rows, rows


def _all_in_each(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    for _ in range(0, n, B):
        yield np.arange(n), np.arange(n)


def _drawn_at_random(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    for part in _slices(n, B):
        rows = rng.integers(n, size=len(range(n)[part]))
        yield rows, rows


def _drawn_in_full(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    for _ in range(0, n, B):
        rows = rng.integers(n, size=B)
        yield rows, rows


def _without_the_last(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    yield from (pair for pair in _cut(rng.permutation(n), B) if len(pair[0]) == B)


def _one_short(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    yield from ((rows[: B - 1], rows[: B - 1]) for rows, _ in _cut(rng.permutation(n), B))


def _one_more(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    order = rng.permutation(n)
    for start in range(0, n, B):
        yield order[start : start + B + 1], order[start : start + B + 1]


def _of_equal_size(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    yield from ((rows, rows) for rows in np.array_split(rng.permutation(n), -(-n // B)))


def _first_batch(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    order = rng.permutation(n)
    yield order[:B], order[:B]


def _all_at_once(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
    order = rng.permutation(n)
    yield order, order


def _mean(values: list[float], counts: list[int], n: int, B: int) -> float:
    return float(np.dot(values, counts) / n)


def _loop(
    pairs: Callable[..., Pairs] = _one_order,
    mean: Callable[..., float] = _mean,
    step: str = "after",
    too_few: int = 0,
    loss_of: str = "before",
) -> Function:
    """Return a training loop in which something may be wrong; what was given stays as it is."""

    def answer(
        net: Any, loss: Any, optimizer: Any, X: Array, y: Any, epochs: int, B: int, rng: Any
    ) -> tuple[Any, Any]:
        net, optimizer, rng = copy.deepcopy((net, optimizer, rng))
        losses = []
        for epoch in range(epochs - too_few):
            values, counts = [], []
            for rows, labels in pairs(len(X), B, rng, epoch):
                value, dZ = loss.value_and_grad(net.forward(X[rows], train=True), y[labels])
                _move(net, optimizer, dZ, step, len(rows), B)
                if loss_of == "after":
                    value = loss.value(net.forward(X[rows]), y[labels])
                values.append(value)
                counts.append(len(rows))
            if loss_of == "epoch":
                values, counts = [loss.value(net.forward(X), y)], [len(X)]
            losses.append(mean(values, counts, len(X), B))
        return net.params.copy(), np.array(losses)

    return answer


def _move(net: Any, optimizer: Any, dZ: Array, step: str, size: int, B: int) -> None:
    """Go back and step, or do it wrongly."""
    optimizer.before = None
    if step == "before":
        optimizer.step(net.params, net.grads)
    net.backward(dZ * {"summed": size, "divided": 1 / size, "shared": size / B}.get(step, 1))
    if step == "uphill":
        optimizer.step(net.params, -net.grads)
    elif step == "by hand":
        net.params -= optimizer.lr * net.grads
    elif step not in ("before", "none"):
        for _ in range(2 if step == "twice" else 1):
            optimizer.step(net.params, net.grads)


def _once_an_epoch(*arguments: Any) -> tuple[Any, Any]:
    """Step with the last batch's gradient, after the inner loop."""

    def pairs(n: int, B: int, rng: np.random.Generator, epoch: int) -> Pairs:
        order = rng.permutation(n)
        last = len(range(0, n, B)) - 1
        return iter([(order[last * B :], order[last * B :])])

    net, loss, optimizer, X, y, epochs, B, rng = copy.deepcopy(arguments)
    losses = []
    for _ in range(epochs):
        order = copy.deepcopy(rng).permutation(len(X))
        losses.append(loss.value(net.forward(X[order]), y[order]))
        for rows, _labels in pairs(len(X), B, rng, 0):
            _, dZ = loss.value_and_grad(net.forward(X[rows], train=True), y[rows])
            _move(net, optimizer, dZ, "after", 1, B)
    return net.params.copy(), np.array(losses)


def _in_a_copy(*arguments: Any) -> tuple[Any, Any]:
    """Move a vector beside the network, which goes on with its first values."""
    net, loss, optimizer, X, y, epochs, B, rng = copy.deepcopy(arguments)
    params, losses = net.params.copy(), []
    for _ in range(epochs):
        total = 0.0
        for rows, _labels in _one_order(len(X), B, rng, 0):
            value, dZ = loss.value_and_grad(net.forward(X[rows], train=True), y[rows])
            net.backward(dZ)
            params -= optimizer.lr * net.grads
            total += value * len(rows)
        losses.append(total / len(X))
    return params, np.array(losses)


def _with_rng_0(*arguments: Any) -> tuple[Any, Any]:
    *given, _rng = arguments
    return _loop()(*given, np.random.default_rng(0))


def _with_its_own(optimizer: Any) -> Function:
    """Leave the optimizer that was given, and take another one."""

    def answer(net: Any, loss: Any, given: Any, *rest: Any) -> tuple[Any, Any]:
        return _loop()(net, loss, optimizer, *rest)

    return answer


def _of_the_start(net: Any, *rest: Any) -> tuple[Any, Any]:
    return net.params.copy(), _loop()(net, *rest)[1]


def _every_batch(*arguments: Any) -> tuple[Any, Any]:
    """Return a loss for each batch."""
    params, _ = _loop()(*arguments)
    seen: list[float] = []

    def keep(values: list[float], *_: Any) -> float:
        seen.extend(values)
        return 0.0

    _loop(mean=keep)(*arguments)
    return params, np.array(seen)


def _after_every_batch(*arguments: Any) -> tuple[Any, Any]:
    """Append the mean so far inside of the inner loop."""
    params, _ = _loop()(*arguments)
    seen: list[float] = []

    def keep(values: list[float], counts: list[int], n: int, B: int) -> float:
        seen.extend(np.cumsum(np.multiply(values, counts)) / n)
        return 0.0

    _loop(mean=keep)(*arguments)
    return params, np.array(seen)


LOOP = Exercise(
    title="the training loop",
    case=_loop_case,
    solution=_loop(),
    parts=("params", "losses"),
    mistakes={
        "nothing is shuffled: every epoch sees the same batches, in the order of the data": (
            _loop(_own_order)
        ),
        "the order was drawn once, before the epochs: draw a new one at the beginning of each, "
        "inside the outer loop": _loop(_same_order),
        "each epoch shuffled what the one before had shuffled, `order` or X and y themselves: draw "
        "a new `rng.permutation(len(X))`, and cut from the X and y that were given": (
            _loop(_on_and_on)
        ),
        "X is shuffled and y is not, so every example gets another one's label: `rows` chooses "
        "from both": _loop(_x_alone),
        "y is shuffled and X is not, so every example gets another one's label: `rows` chooses "
        "from both": _loop(_y_alone),
        "X and y were shuffled by two orders, so every example gets another one's label: draw one, "
        "and use it for both": _loop(_apart),
        "a new order was drawn for every batch, so some examples come twice in an epoch and others "
        "not at all: draw it once an epoch, then cut it": _loop(_anew_for_each_batch),
        "a new order was drawn for every batch, and its first `batch_size` rows were taken: some "
        "examples come twice in an epoch and others not at all: draw it once an epoch, then cut "
        "it": _loop(_anew_and_the_first),
        "`rng.choice` draws each batch from all examples, so some come twice in an epoch and "
        "others not at all: cut one `rng.permutation(len(X))` instead": (
            _loop(_chosen_for_each_batch)
        ),
        "each step used all examples: in the inner loop it is `X[rows]` and `y[rows]`": (
            _loop(_all_in_each)
        ),
        "another generator drew the orders, `np.random.default_rng(0)`: use the `rng` that is "
        "given": _with_rng_0,
        "the examples of a batch were drawn from all, so some come twice in an epoch and others "
        "not at all: cut one `rng.permutation(len(X))` instead": _loop(_drawn_at_random),
        "each batch has `batch_size` examples drawn from all, so some come twice in an epoch and "
        "others not at all: cut one `rng.permutation(len(X))` instead": _loop(_drawn_in_full),
        "the last batch of each epoch is missing: it is smaller, and its examples count too": (
            _loop(_without_the_last)
        ),
        "every batch is one example short: a slice ends before its end, so it is "
        "`order[start : start + batch_size]`": _loop(_one_short),
        "every batch has one example too many, which the next one has again: a slice ends before "
        "its end, so `start + batch_size` is enough": _loop(_one_more),
        "the batches are of nearly equal size, as `np.array_split` cuts them: all have "
        "`batch_size` examples, and the last one what is left": _loop(_of_equal_size),
        "only the first batch of each epoch was used: does the inner loop go through all starts, "
        "0, batch_size, 2 batch_size …?": _loop(_first_batch),
        "all examples went into one step: cut the order into batches, and step after each": (
            _loop(_all_at_once)
        ),
        "one epoch too few": _loop(too_few=1),
        "only one epoch was trained: does `return` stand inside of the loop?": _loop(too_few=2),
        "one step an epoch: `optimizer.step` belongs in the inner loop, after each `backward`": (
            _once_an_epoch
        ),
        "the network stands still: it goes on computing with its first values, while another "
        "vector is moved. `optimizer.step(net.params, net.grads)` moves the network's own": (
            _in_a_copy
        ),
        "the gradient was divided by the size of the batch once more: `value_and_grad` has done "
        "that, so hand on dZ as it is": _loop(step="divided"),
        "the gradient was multiplied by the size of the batch: `value_and_grad` gives that of the "
        "mean, so hand on dZ as it is": _loop(step="summed"),
        "the gradient of the last batch was made smaller, by `len(rows) / batch_size`: a small "
        "batch makes a whole step, so hand on dZ as it is": _loop(step="shared"),
        "two steps were made for each batch: one `optimizer.step` after each `backward`": (
            _loop(step="twice")
        ),
        "the optimizer that was given was not used, but a step of plain SGD with its rate: "
        "`optimizer.step(net.params, net.grads)` may be Adam's": _loop(step="by hand"),
        "the step comes before `backward`: it then uses the gradient of the batch before, and in "
        "the first batch none": _loop(step="before"),
        "the steps go uphill: the optimizer has the minus already": _loop(step="uphill"),
        "the parameters have not moved: is `net.backward(dZ)` missing, so that all gradients stay "
        "0, or `optimizer.step(net.params, net.grads)`, or does the step get copies?": (
            _loop(step="none")
        ),
        "the optimizer that was given was not used, but SGD with a rate of 0.01": (
            _with_its_own(nn.SGD(0.01))
        ),
        "the optimizer that was given was not used, but Adam with a rate of 0.01": (
            _with_its_own(nn.Adam(0.01))
        ),
        "those are the parameters of the start: return `net.params` after the last step": (
            _of_the_start
        ),
        "a batch's loss was measured after its step: it is the L that `value_and_grad` returns": (
            _loop(loss_of="after")
        ),
        "that is the loss of all examples at the end of the epoch, a pass more: asked for is the "
        "mean of what `value_and_grad` gave on the way": _loop(loss_of="epoch"),
        "a plain mean over batches: the last one is smaller, so its examples count too much; "
        "weight each loss by the size of its batch": (
            _loop(mean=lambda values, counts, n, B: float(np.mean(values)))
        ),
        "the last batch was weighted like a full one: `len(rows)` is its size, not `batch_size`": (
            _loop(mean=lambda values, counts, n, B: float(np.sum(values) * B / n))
        ),
        "the sum over examples was divided by `batch_size` times the number of batches: the last "
        "one is smaller, so divide by n, `len(X)`": (
            _loop(mean=lambda values, counts, n, B: float(np.dot(values, counts) / B / len(values)))
        ),
        "the sum over batches was divided by `len(X) // batch_size`, which does not count the last "
        "batch: weight each loss by `len(rows)`, and divide by n": (
            _loop(mean=lambda values, counts, n, B: float(np.sum(values) / (n // B)))
        ),
        "that is the loss of the last batch: add up all batches of the epoch": (
            _loop(mean=lambda values, counts, n, B: float(values[-1]))
        ),
        "the losses of the batches were added and not divided by how many examples there are": (
            _loop(mean=lambda values, counts, n, B: float(np.dot(values, counts)))
        ),
        "the losses of the batches were added up as they are: each counts as often as its batch "
        "has examples, and the sum is divided by n": (
            _loop(mean=lambda values, counts, n, B: float(np.sum(values)))
        ),
        "each batch's loss is a mean already, and it was divided by n once more: multiply it by "
        "`len(rows)` first": _loop(mean=lambda values, counts, n, B: float(np.sum(values) / n)),
        "the sum was never set back to 0, so each epoch has those before it inside": (
            lambda *arguments: (_loop()(*arguments)[0], np.cumsum(_loop()(*arguments)[1]))
        ),
        "one loss for each batch: asked for is one for each epoch": _every_batch,
        "the mean was appended after every batch: move that line out of the inner loop": (
            _after_every_batch
        ),
        "the two have changed places: return params, losses": (
            lambda *arguments: _loop()(*arguments)[::-1]
        ),
    },
    hints=(
        "Two loops: one over the epochs, and in it one over `range(0, len(X), batch_size)`, the "
        "places where a batch begins. What must be new in each epoch?",
        "At the top of an epoch: `order = rng.permutation(len(X))` and `total = 0`. In the inner "
        "loop `rows = order[start : start + batch_size]`, the four lines with `X[rows]` and "
        "`y[rows]`, and `total += L * len(rows)`.",
        "After the inner loop `losses.append(total / len(X))`; after the outer one `return "
        "net.params, losses`.",
    ),
)


def _stop(
    better: Callable[..., bool] = lambda value, best, previous, delta: best - value > delta,
    extra: int = 0,
    reset: bool = True,
    skip: Callable[..., bool] = lambda value, best: False,
    first: float | str = np.inf,
    lowest: bool | str = False,
) -> Function:
    """Return a rule for stopping early in which something may be wrong."""

    def answer(losses: list[float], patience: int, min_delta: float) -> tuple[int, int]:
        best, best_epoch, waited, epoch = np.inf, 0, 0, 0
        previous, start = np.inf, 0
        if isinstance(first, str):  # it begins with the first loss
            best, best_epoch, start = losses[0], 1, int(first == "and goes on behind it")
        else:
            best = first
        for epoch, value in enumerate(losses[start:], start + 1):
            if better(value, best, previous, min_delta):
                best, best_epoch = value, epoch
                waited = 0 if reset else waited
            elif lowest and value < best:
                best, best_epoch = value, best_epoch if lowest == "alone" else epoch
                waited += lowest in ("and waits", "alone")
            elif not skip(value, best):
                waited += 1
            previous = value
            if waited >= patience + extra:
                break
        return epoch, best_epoch

    return answer


def _at_nan(losses: list[float], patience: int, min_delta: float) -> tuple[int, int]:
    """End at the first NaN that comes after a number."""
    stop, best = _stop()(losses, patience, min_delta)
    nan = np.isnan(losses[:stop])
    missing = [
        epoch for epoch in range(2, stop + 1) if nan[epoch - 1] and not nan[: epoch - 1].all()
    ]
    return (missing or [stop])[0], best


def _at_once(losses: list[float], patience: int, min_delta: float) -> tuple[int, int]:
    """End at the first NaN, though it may be the first loss."""
    stop, best = _stop()(losses, patience, min_delta)
    nan = np.isnan(losses[:stop])
    if not nan.any():
        return stop, best
    epoch = int(nan.argmax()) + 1
    return epoch, _stop()(losses[:epoch], patience, min_delta)[1]


def _worse_than_before(losses: list[float], patience: int, min_delta: float) -> tuple[int, int]:
    """Wait only in epochs that are worse than the one before."""
    best, best_epoch, waited, epoch = np.inf, 0, 0, 0
    previous = np.inf
    for epoch, value in enumerate(losses, 1):
        if best - value > min_delta:
            best, best_epoch, waited = value, epoch, 0
        elif value > previous:
            waited += 1
        previous = value
        if waited == patience:
            break
    return epoch, best_epoch


def _late_from_0(losses: list[float], patience: int, min_delta: float) -> tuple[int, int]:
    stop, best = _stop(extra=1)(losses, patience, min_delta)
    return stop - 1, best - 1


def _never_set_back(losses: list[float], patience: int, min_delta: float) -> tuple[int, int]:
    """Note a lower loss first, and then ask how much better than itself it is."""
    begun = losses[:patience]
    return len(begun), int(np.nanargmin(begun)) + 1


def _stopped(change: Callable[..., tuple[int, int]]) -> Function:
    """Change what the right rule returns."""

    def answer(losses: list[float], patience: int, min_delta: float) -> tuple[int, int]:
        stop, best = _stop()(losses, patience, min_delta)
        return change(losses, stop, best)

    return answer


def _least(find: Callable[..., Any]) -> Function:
    """Look for the least of all losses first, and wait behind it."""

    def answer(losses: list[float], patience: int, min_delta: float) -> tuple[int, int]:
        best = int(find(losses)) + 1
        return min(best + patience, len(losses)), best

    return answer


def _stop_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Draw a long list, one that ends first, one for a patience of 1, one for 2, by turns."""
    makes = _long_list, _list_that_ends, _long_list, _hasty_list, _slow_list
    return makes[_number_of_draw(rng) % 5](rng)


def _list_that_ends(rng: np.random.Generator) -> tuple[Any, ...]:
    """Three losses fall, and then two are waited for, but patience is 4 or 5."""
    patience, least = int(rng.integers(4, 6)), int(rng.integers(2, 5))
    falls = 128 + np.cumsum(-rng.integers(9, 20, 3))
    units = [*falls.tolist(), falls[-1] - least, falls[-1] + rng.integers(5, 30)]
    return (np.array(units) / 64).tolist(), patience, least / 64


def _hasty_list(rng: np.random.Generator) -> tuple[Any, ...]:
    """Stop at the first loss that is no new best; a new best comes behind it."""
    least = int(rng.integers(2, 5))
    falls = 128 + np.cumsum(-rng.integers(9, 20, rng.integers(2, 4)))
    units = [*falls.tolist(), falls[-1] - least + 1, falls[-1] - 40, falls[-1] - 30]
    return (np.array(units) / 64).tolist(), 1, least / 64


def _slow_list(rng: np.random.Generator) -> tuple[Any, ...]:
    """Two small gains add up to a new best within a patience of 2; two later ones do not."""
    least = int(rng.integers(9, 15))
    gains = np.array([least - 2, 3, 2, 2, 60, -5, -6])
    return ((160 - np.cumsum([0, *gains])) / 64).tolist(), 2, least / 64


def _long_list(rng: np.random.Generator) -> tuple[Any, ...]:
    """Losses in 64ths: some are better by min_delta exactly, by nothing, worse by 1, or NaN.

    The first is NaN, and all are above 100: no start but infinity will do.
    """
    patience, least = int(rng.integers(6, 9)), int(rng.integers(2, 5))
    falls = np.cumsum(-rng.integers(9, 20, rng.integers(2, 5)))
    first = int(falls[-1])

    def worse(count: int) -> list[int]:
        return rng.integers(5, 30, count).tolist()

    wait = first + np.array([*worse(patience - 4), -1, -least])
    best = first - least - 1
    last = np.array([0, -least, *worse(1), np.nan, *sorted(worse(patience - 3))]) + best
    low = best - least - 1
    later = np.array([0, 0, np.nan, 1, np.nan, -1, -1, 0, np.nan, *worse(patience + 2)]) + low
    deep = np.array([-50, *worse(1) * (patience + 2)]) + low
    units = np.concatenate([[np.nan, 0], falls, wait, last, later, deep]) + 7000
    return (units / 64).tolist(), patience, least / 64


STOPPING = Exercise(
    title="early stopping",
    case=_stop_case,
    solution=_stop(),
    parts=("stop", "best"),
    mistakes={
        "one epoch too late: it stops when `patience` epochs have passed without a new best, not "
        "one more": _stop(extra=1),
        "one epoch too soon: `patience` epochs without a new best are waited for": _stop(extra=-1),
        "the count of epochs without a new best is not set back to 0 when one comes": (
            _stop(reset=False)
        ),
        "each epoch was compared with the one before: compare it with the best so far": (
            _stop(lambda value, best, previous, delta: previous - value > delta)
        ),
        "a loss that is better by exactly `min_delta` is no new best: it has to be more": (
            _stop(lambda value, best, previous, delta: best - value >= delta)
        ),
        "`min_delta` is not used: a new best has to be better by more than that": (
            _stop(lambda value, best, previous, delta: value < best)
        ),
        "`min_delta` is not used, and a loss as good as the best counts as a new one": (
            _stop(lambda value, best, previous, delta: value <= best)
        ),
        "`min_delta` has the wrong sign: a loss may then be worse and still count as a new best": (
            _stop(lambda value, best, previous, delta: value - best < delta)
        ),
        "`min_delta` was taken as a share of the best: it is an amount, and `best - value` has to "
        "be more": _stop(lambda value, best, previous, delta: value < best * (1 - delta)),
        "NaN counts as a new best: every comparison with NaN is false, so ask whether it is "
        "better, not whether it is not worse": (
            _stop(lambda value, best, previous, delta: not best - value <= delta)
        ),
        "an epoch with NaN was passed over: it has brought no new best, so it counts as waiting": (
            _stop(skip=lambda value, best: np.isnan(value))
        ),
        "training ended at the first NaN after a number: here NaN is an epoch without a new best, "
        "like others": _at_nan,
        "training ended at NaN, in the first epoch: here NaN is an epoch without a new best, like "
        "others": _at_once,
        "only epochs that are worse than the best were counted: one with NaN, and one that is "
        "better by no more than `min_delta`, are waiting, too. `else` catches them all": (
            _stop(skip=lambda value, best: not value > best)
        ),
        "only epochs that are worse than the one before were counted: every epoch without a new "
        "best is waiting": _worse_than_before,
        "a loss that is worse by more than `min_delta` counts as a new best: `abs` forgets the "
        "sign, and `best - value` is what has to be large": (
            _stop(lambda value, best, previous, delta: abs(best - value) > delta)
        ),
        "a loss that is lower, but not by more than `min_delta`, is no new best, and so its epoch "
        "counts as waiting": _stop(skip=lambda value, best: value <= best),
        "a loss that is lower, but not by more than `min_delta`, became the best to compare with: "
        "both wait for more than `min_delta`": _stop(lowest=True),
        "`best` has followed a loss that was no new best, being lower by no more than `min_delta`: "
        "one `if` decides on the loss, its epoch and the count": _stop(lowest="and waits"),
        "the best to compare with has sunk with every loss that was a little lower: if it does, a "
        "slow fall never adds up to more than `min_delta`. Lower it at a new best only": (
            _stop(lowest="alone")
        ),
        "the best was overwritten before it was compared, so nothing is ever better by more than "
        "`min_delta`: compare first, then note it": _never_set_back,
        "nothing is ever better: the best starts at a number that is too low, such as 0, or at a "
        "first loss that is NaN. Start with `np.inf`": _stop(first=0.0),
        "the first loss was taken for a best, and it may be NaN, which nothing is better than: "
        "start with `np.inf`, and let the loop decide on the first loss, too": (
            _stop(first="and goes on behind it")
        ),
        "the first loss was taken for a best, and it may be NaN, which nothing is better than: "
        "start with `np.inf`, and with no best epoch": _stop(first="and looks at it again"),
        "epochs are counted from 0, and it stops one too late: count from 1, and stop when "
        "`patience` epochs have passed": _late_from_0,
        "a higher loss was taken for a better one": (
            _stop(lambda v, best, previous, delta: v - (best if best < np.inf else -9) > delta)
        ),
        "epochs are counted from 1, and yours from 0": (
            _stopped(lambda losses, stop, best: (stop - 1, best - 1))
        ),
        "`stop` is one too large: return the epoch after which training stops, as it is counted "
        "already from 1": _stopped(lambda losses, stop, best: (stop + 1, best)),
        "`best` is counted from 0, `stop` from 1: count both from 1": (
            _stopped(lambda losses, stop, best: (stop, best - 1))
        ),
        "`stop` is counted from 0, `best` from 1: count both from 1": (
            _stopped(lambda losses, stop, best: (stop - 1, best))
        ),
        "the two have changed places: return stop, best": (
            _stopped(lambda losses, stop, best: (best, stop))
        ),
        "the best epoch was looked for in the whole list: what comes after the stop is never "
        "trained": _stopped(lambda losses, stop, best: (stop, int(np.nanargmin(losses)) + 1)),
        "`stop` is not always `best + patience`: where the list ends first, training stops after "
        "its last epoch": lambda losses, patience, min_delta: (
            (best := _stop()(losses, patience, min_delta)[1]) + patience,
            best,
        ),
        "the least of all losses was looked for: what comes after the stop is never trained, so go "
        "through the epochs one by one": _least(np.nanargmin),
        "the least of all losses was looked for, and `argmin` takes NaN for it: what comes after "
        "the stop is never trained, so go through the epochs one by one": _least(np.argmin),
        "`argmin` forgets `min_delta`, and counts from 0: the lowest loss need not be a new best, "
        "so note the epoch at each new best": (
            _stopped(lambda losses, stop, best: (stop, int(np.nanargmin(losses[:stop]))))
        ),
        "`argmin` forgets `min_delta`: the lowest loss need not be a new best, so note the epoch "
        "at each new best": (
            _stopped(lambda losses, stop, best: (stop, int(np.nanargmin(losses[:stop])) + 1))
        ),
        "`argmin` takes NaN for the least: the best epoch is the one that was the last new best": (
            _stopped(lambda losses, stop, best: (stop, int(np.argmin(losses[:stop])) + 1))
        ),
        "that is the last epoch twice: `best` is the epoch whose parameters come back": (
            _stopped(lambda losses, stop, best: (stop, stop))
        ),
        "`best` is the number of the epoch, and that is its loss": (
            _stopped(lambda losses, stop, best: (stop, losses[best - 1]))
        ),
        "it never stops: `stop` is the epoch after which training ends, not the length of the "
        "list": _stopped(lambda losses, stop, best: (len(losses), best)),
    },
    hints=(
        "Keep three things from epoch to epoch: the best loss so far, its epoch, and how many "
        "epochs have passed since.",
        "`if best - value > min_delta:` is a new best: note it, and set the count back to 0. "
        "Otherwise the count grows by 1. Where does NaN go?",
        "`for epoch, value in enumerate(losses, 1):` … `if waited == patience: return epoch, "
        "best_epoch`",
    ),
)


def _scale_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Patients with unequal numbers of rows; their own numbers begin nowhere in particular."""
    each, d, people = sizes[0] + 1, sizes[1], int(rng.integers(6, 8))
    owner = rng.permutation(np.repeat(np.arange(people), each + rng.permutation(people)))
    names = rng.permutation(30)[:people]
    shift = rng.normal(0, 2, (people, d))[owner]  # people differ, so the two parts do
    X = rng.normal(2, rng.uniform(0.5, 3, d), (len(owner), d)) + shift
    return X, names[owner], rng.permutation(names)[: int(rng.integers(3, 5))]


def _scaled(
    split: Callable[..., Any] = lambda X, groups, held: np.isin(groups, held),
    center: Callable[..., Any] = lambda train, val, X: train.mean(axis=0),
    size: Callable[..., Any] = lambda train, val, X: train.std(axis=0),
) -> Function:
    """Split by groups and standardize, with something that may be wrong."""

    def answer(X: Array, groups: Any, held: Any) -> tuple[Array, Array]:
        out = split(X, groups, held)
        train, val = X[~out], X[out]
        middle, spread = center(train, val, X), size(train, val, X)
        return (train - middle) / spread, (val - middle) / spread

    return answer


def _each_by_its_own(X: Array, groups: Any, held: Any) -> tuple[Array, Array]:
    parts = X[~np.isin(groups, held)], X[np.isin(groups, held)]
    train, val = ((part - part.mean(axis=0)) / part.std(axis=0) for part in parts)
    return train, val


def _val_by(X: Array, groups: Any, held: Any, own: str) -> tuple[Array, Array]:
    """Scale the validation rows partly by themselves."""
    train, val = X[~np.isin(groups, held)], X[np.isin(groups, held)]
    mean = (val if own == "mean" else train).mean(axis=0)
    std = (val if own == "std" else train).std(axis=0)
    return _scaled()(X, groups, held)[0], (val - mean) / std


def _no_brackets(X: Array, groups: Any, held: Any) -> tuple[Array, Array]:
    train, val = X[~np.isin(groups, held)], X[np.isin(groups, held)]
    shift = train.mean(axis=0) / train.std(axis=0)
    return train - shift, val - shift


def _val_as_it_is(X: Array, groups: Any, held: Any) -> tuple[Array, Array]:
    return _scaled()(X, groups, held)[0], X[np.isin(groups, held)]


def _val_partly(
    X: Array, groups: Any, held: Any, center: bool = True, size: bool = True
) -> tuple[Array, Array]:
    """Scale the training rows in full, the validation rows by one of the two numbers."""
    train, val = X[~np.isin(groups, held)], X[np.isin(groups, held)]
    middle, spread = center * train.mean(axis=0), train.std(axis=0) ** size
    return _scaled()(X, groups, held)[0], (val - middle) / spread


def _rows_by_number(X: Array, groups: Any, held: Any) -> Any:
    out = np.zeros(len(X), bool)
    out[held] = True
    return out


def _by_rows(X: Array, groups: Any, held: Any) -> tuple[Array, Array]:
    X = (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)
    return X[~np.isin(groups, held)], X[np.isin(groups, held)]


def _each_patient(X: Array, groups: Any, held: Any) -> tuple[Array, Array]:
    """Scale the rows of each patient by themselves."""
    scaled = np.empty_like(X)
    for group in set(groups):
        rows = X[groups == group]
        scaled[groups == group] = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    return scaled[~np.isin(groups, held)], scaled[np.isin(groups, held)]


def _mean_of_means(X: Array, groups: Any, held: Any) -> tuple[Array, Array]:
    """Let each training patient count once, however many rows there are."""
    kept = [X[groups == group] for group in set(groups) - set(held)]
    middle = np.mean([rows.mean(axis=0) for rows in kept], axis=0)
    return _scaled(center=lambda train, val, X: middle)(X, groups, held)


def _one_minus(X: Array, groups: Any, held: Any) -> tuple[Array, Array]:
    """Turn a mask around by `1 - out`, which makes row numbers of it."""
    out = np.isin(groups, held)
    train, val = X[1 - out], X[out]
    return (train - train.mean(axis=0)) / train.std(axis=0), (
        (val - train.mean(axis=0)) / train.std(axis=0)
    )


def _masks(X: Array, groups: Any, held: Any) -> tuple[Any, Any]:
    return ~np.isin(groups, held), np.isin(groups, held)


def _sorted(X: Array, groups: Any, held: Any) -> tuple[Array, Array]:
    order = np.argsort(groups, kind="stable")
    return _scaled()(X[order], groups[order], held)


def _subtracted_last(X: Array, groups: Any, held: Any) -> tuple[Array, Array]:
    train, val = X[~np.isin(groups, held)], X[np.isin(groups, held)]
    return tuple(part / train.std(axis=0) - train.mean(axis=0) for part in (train, val))


def _last_rows(X: Array, groups: Any, held: Any) -> Any:
    return np.arange(len(X)) >= len(X) - len(held)


SCALING = Exercise(
    title="a split without a leak",
    case=_scale_case,
    solution=_scaled(),
    parts=("X_train", "X_val"),
    mistakes={
        "scaled before the split: mean and standard deviation have seen the validation rows, and "
        "that is the leak": _scaled(
            center=lambda train, val, X: X.mean(axis=0), size=lambda train, val, X: X.std(axis=0)
        ),
        "the mean is that of all rows: only training rows may be asked": (
            _scaled(center=lambda train, val, X: X.mean(axis=0))
        ),
        "the standard deviation is that of all rows: only training rows may be asked": (
            _scaled(size=lambda train, val, X: X.std(axis=0))
        ),
        "the validation rows were scaled by their own mean and standard deviation: a new patient "
        "comes alone, and is scaled by what training has found": _each_by_its_own,
        "both parts are scaled by the validation rows: it is the training rows that are asked": (
            _scaled(
                center=lambda train, val, X: val.mean(axis=0),
                size=lambda train, val, X: val.std(axis=0),
            )
        ),
        "the validation rows were left as they are: they are scaled, too, and the training part "
        "must not be overwritten before its numbers are taken": _val_as_it_is,
        "the mean was subtracted from the validation rows, but they were not divided by the "
        "standard deviation: they are scaled like the training rows": (
            lambda X, groups, held: _val_partly(X, groups, held, size=False)
        ),
        "the validation rows were divided by the standard deviation, but the mean was not "
        "subtracted: they are scaled like the training rows": (
            lambda X, groups, held: _val_partly(X, groups, held, center=False)
        ),
        "split rightly, but nothing is scaled": (
            _scaled(center=lambda train, val, X: 0, size=lambda train, val, X: 1)
        ),
        "the validation rows were divided by their own standard deviation: all numbers come from "
        "the training rows": lambda X, groups, held: _val_by(X, groups, held, own="std"),
        "the validation rows had their own mean subtracted: all numbers come from the training "
        "rows": lambda X, groups, held: _val_by(X, groups, held, own="mean"),
        "scaled from 0 to 1 by smallest and largest: asked for is mean 0, standard deviation 1": (
            _scaled(
                center=lambda train, val, X: train.min(axis=0),
                size=lambda train, val, X: np.ptp(train, axis=0),
            )
        ),
        "division comes before subtraction: put brackets around `part - mean`": _no_brackets,
        "the mean was subtracted after the division: first `part - mean`, in brackets, and that "
        "over the standard deviation": _subtracted_last,
        "the last `len(held)` rows were held out: `held` names groups, whose rows may stand "
        "anywhere": _scaled(_last_rows),
        "the two parts have changed places: the groups in `held` are the validation rows": (
            _scaled(lambda X, groups, held: ~np.isin(groups, held))
        ),
        "right numbers, but the two have changed places: return X_train, X_val": (
            lambda X, groups, held: _scaled()(X, groups, held)[::-1]
        ),
        "only the first group of `held` was held out: there are more": (
            _scaled(lambda X, groups, held: groups == held[0])
        ),
        "only the first two groups of `held` were held out: there may be more": (
            _scaled(lambda X, groups, held: np.isin(groups, held[:2]))
        ),
        "no row is held out: is it asked whether a row's group is *all* of those in `held`? It is "
        "to be *any* of them": _scaled(lambda X, groups, held: np.zeros(len(X), bool)),
        "`1 - out` makes row numbers 0 and 1 of a mask, and so the first two rows again and again: "
        "`~out` turns a mask around": _one_minus,
        "those are the masks: return the scaled rows that they choose": _masks,
        "each patient was scaled by their own rows: mean and standard deviation are those of all "
        "training rows together": _each_patient,
        "the mean is one of patients' means: not all have equally many rows, so take the mean of "
        "the training rows": _mean_of_means,
        "`held` names groups, and was taken for the numbers of rows: ask for each row whether its "
        "group is among them": _scaled(_rows_by_number),
        "one mean for the whole matrix: each column is measured in a unit of its own, so take "
        "axis=0": _scaled(
            center=lambda train, val, X: train.mean(), size=lambda train, val, X: train.std()
        ),
        "each row was scaled by itself: mean and standard deviation belong to the columns": (
            _by_rows
        ),
        "divided by the variance: its root is the standard deviation": (
            _scaled(size=lambda train, val, X: train.var(axis=0))
        ),
        "that standard deviation divides by n − 1: here it is NumPy's own, `std(axis=0)`": (
            _scaled(size=lambda train, val, X: train.std(axis=0, ddof=1))
        ),
        "the mean was not subtracted": _scaled(center=lambda train, val, X: 0),
        "the mean was subtracted, but nothing divided by the standard deviation": (
            _scaled(size=lambda train, val, X: 1)
        ),
        "divided by the range of a column, largest minus smallest, and not by its standard "
        "deviation": _scaled(size=lambda train, val, X: np.ptp(train, axis=0)),
        "right numbers, but the rows came back sorted by group: keep them in the order of X": (
            _sorted
        ),
    },
    hints=(
        "First split, then measure, then scale. `np.isin(groups, held)` says for each row whether "
        "its group is held out.",
        "With that mask `out`, `X[~out]` are the training rows, and `X[out]` the others. Whose "
        "mean and standard deviation, and along which axis?",
        "`mean, std = train.mean(axis=0), train.std(axis=0)`, and both parts get "
        "`(part - mean) / std`.",
    ),
)


EXERCISES = {
    "08.0": LOOP,
    "08.1": STOPPING,
    "08.2": SCALING,
    "08.3": READING_CURVES,
}


QUESTIONS = (
    Question(
        "In the first three epochs the validation loss lies below the training loss, later above "
        "it. The two sets were split at random. What is going on?",
        {
            "There is a leak: validation cannot be better than training.": (
                "it can. When was each of the two losses of an epoch measured, and with which "
                "parameters?"
            ),
            "The training loss of an epoch is a mean over its batches, most of them measured "
            "before the epoch's last steps.": Right(
                "the validation loss is measured after them. In the first epochs the network "
                "improves fast, so half an epoch of delay is seen"
            ),
            "The network overfits.": (
                "then validation would be above training, and the gap would grow. Here it is the "
                "other way round"
            ),
            "The validation examples happen to be the easier ones.": (
                "that would last. Here the curves cross after three epochs"
            ),
        },
    ),
    Question(
        "You go from batches of 25 to batches of 100. The data, the learning rate and the number "
        "of epochs stay. What do you expect of the loss, and of the noise, the standard deviation "
        "of a batch's gradient?",
        {
            "The same curve: the same examples have been seen.": (
                "seen, but how often has the network moved?"
            ),
            "A lower loss in the end, as each gradient is closer to the full one.": (
                "its noise is half as large, but count the steps: is a quarter of them enough?"
            ),
            "A quarter of the steps, half the noise; as a rule a higher loss after these epochs.": (
                Right(
                    "the variance falls as 1/B, its root as 1/2, and the steps are fewer by four. "
                    "A larger rate may make up for part of it"
                )
            ),
            "A quarter of the noise, so a rate four times as large is safe.": (
                "it is the variance that is a quarter. A larger rate may do, but only until the "
                "curvature stops it (06), which does not ask how large a batch is"
            ),
        },
    ),
    Question(
        "Two hundred settings were compared by their accuracy on the same 100 validation examples, "
        "and the best one has 90%. What will it have on fresh examples?",
        {
            "About 90%: no validation example was ever trained on.": (
                "the parameters have not seen them, but the choice among two hundred has. Think "
                "of coins: which of two hundred has the most heads?"
            ),
            "More, as all data can be used for training in the end.": (
                "that helps a little. But why did this one come out first of two hundred?"
            ),
            "Most likely less: the best of two hundred was in part lucky with these examples.": (
                Right(
                    "luck does not repeat. A test set, looked at once, tells how much of the 90 "
                    "was luck"
                )
            ),
            "Less, since the network has overfitted the training examples.": (
                "it may have, but 90% is measured on others. What was fitted to those?"
            ),
        },
    ),
)
