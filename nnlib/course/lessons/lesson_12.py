"""Lesson 12, MNIST: its exercises and questions."""

import math
from collections.abc import Callable, Sequence
from itertools import cycle, pairwise
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]
Shifts = Sequence[int]

# 12.0, shifted copies ------------------------------------------------------------------------


FEW_SHIFTS = (
    ([-2, 1, 0, 2, -1], [1, 2, -1, 0, 2, -2, -1]),
    ([1, 0, -1, 1], [-2, 1, 0, -1, 1]),  # the largest is negative, and down
    ([-2, 1, 0, -1, 1], [1, 0, -1, 1]),  # the same, to the left
    ([2, 1, 0, -1, 1], [1, 0, -1, 1]),  # the largest is positive
)
"""Steps to the right and down. A margin from some of them, or of the wrong sign, is too narrow."""

_shifts = cycle(FEW_SHIFTS)
"""Of the next cases, so that a check meets them all."""

_dtypes = cycle([np.float64, np.float64, np.float32])
"""Of the next images, so that a check meets both."""


def _shifted_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Draw images larger one way than the other; every sign, and 0, is among the shifts."""
    h, w, n = sorted(sizes)[:3]
    if rng.random() < 0.5:
        h, w = w, h
    n = max(n, 7)
    right, down = (np.resize(few, n) for few in next(_shifts))
    order = rng.permutation(n)
    images = rng.uniform(0.1, 0.9, (n, h, w)).astype(next(_dtypes))
    return images, right[order], down[order]


def _shifted(images: Array, right: Shifts, down: Shifts) -> Array:
    """Cut each image out of its copy with a margin of zeros."""
    return _cut(images, right, down)


def _cut(images: Array, right: Shifts, down: Shifts, **filling: Any) -> Array:
    """Cut windows out of padded images; filling is np.pad's."""
    n, h, w = images.shape
    margin = 4
    padded = np.pad(images, ((0, 0), (margin, margin), (margin, margin)), **filling)
    rows = margin - np.asarray(down)[:, np.newaxis, np.newaxis] + np.arange(h)[:, np.newaxis]
    columns = margin - np.asarray(right)[:, np.newaxis, np.newaxis] + np.arange(w)
    return padded[np.arange(n)[:, np.newaxis, np.newaxis], rows, columns]


def _rolled(images: Array, right: Shifts, down: Shifts) -> Array:
    both = zip(images, right, down, strict=True)
    return np.stack([np.roll(image, (down, right), (0, 1)) for image, right, down in both])


def _old_ink(images: Array, right: Shifts, down: Shifts) -> Array:
    """Leave the old pixels where nothing new arrives."""
    arrived = _shifted(np.ones_like(images), right, down)
    return np.where(arrived > 0, _shifted(images, right, down), images)


def _as_a_row(images: Array, right: Shifts, down: Shifts) -> Array:
    """Move along the row of all pixels, so that a line's end comes in at the next line."""
    n, h, w = images.shape
    X = images.reshape(n, -1)
    moved = np.zeros_like(X)
    for r in range(n):
        by = int(down[r]) * w + int(right[r])
        first, last = max(by, 0), h * w + min(by, 0)
        moved[r, first:last] = X[r, first - by : last - by]
    return moved.reshape(images.shape)


def _wrapped_at(first: bool) -> Callable[..., Array]:
    """Let negative indices count from the end, and guard against those beyond it alone."""

    def wrong(images: Array, right: Shifts, down: Shifts) -> Array:
        _, h, w = images.shape
        rows = np.arange(h) - np.asarray(down)[:, np.newaxis]
        columns = np.arange(w) - np.asarray(right)[:, np.newaxis]
        inside = (rows < h, columns < w) if first else (rows >= 0, columns >= 0)
        kept = inside[0][:, :, np.newaxis] & inside[1][:, np.newaxis, :]
        return np.where(kept, _rolled(images, right, down), 0)

    return wrong


def _padded_all_round(images: Array, right: Shifts, down: Shifts) -> Array:
    """Pad the axis of the images, too, so that image r is found two places further on."""
    later = np.concatenate([np.zeros_like(images[:2]), images])[: len(images)]
    return _shifted(later, right, down)


def _first_line_lost(images: Array, right: Shifts, down: Shifts) -> Array:
    """Ask for 0 < a and 0 < b, so that row 0 and column 0 of the old image are never used."""
    kept = images.copy()
    kept[:, 0, :] = kept[:, :, 0] = 0
    return _shifted(kept, right, down)


def _erased_in_front(images: Array, right: Shifts, down: Shifts) -> Array:
    """Roll, and then erase `[:down]` and `[:, :right]` whatever their signs are."""
    out = _rolled(images, right, down)
    for image, to_right, to_down in zip(out, right, down, strict=True):
        image[:to_down] = 0
        image[:, :to_right] = 0
    return out


def _last_line_lost(images: Array, right: Shifts, down: Shifts) -> Array:
    """Ask for a < h - 1 and b < w - 1, so that the last row and column are never used."""
    kept = images.copy()
    kept[:, -1, :] = kept[:, :, -1] = 0
    return _shifted(kept, right, down)


def _zero_as_negative(images: Array, right: Shifts, down: Shifts) -> Array:
    """Roll, and then erase `[:d]` for d > 0 and `[d:]` for all others, 0 among them."""
    out = _rolled(images, right, down)
    for image, to_right, to_down in zip(out, right, down, strict=True):
        image[slice(to_down) if to_down > 0 else slice(to_down, None)] = 0
        image[:, slice(to_right) if to_right > 0 else slice(to_right, None)] = 0
    return out


def _steps_of_all(images: Array, right: Shifts, down: Shifts) -> Array:
    """Give each image the windows of all steps: image, step, row, column."""
    n = len(images)
    every = [_cut(images, [a] * n, [b] * n) for a, b in zip(right, down, strict=True)]
    return np.stack(every, axis=1)


SHIFTED = Exercise(
    title="images, each shifted by its own step",
    case=_shifted_case,
    solution=_shifted,
    mistakes={
        "`np.roll` wraps round: what leaves at one side comes in at the other; paper, 0, should "
        "come in": _rolled,
        "the strip that is left behind still shows the old ink: begin with zeros, not with a copy "
        "of the images": _old_ink,
        "right and down are exchanged: an image's rows are axis 0, so down moves along axis 0, and "
        "right along axis 1": lambda images, right, down: _cut(images, down, right),
        "every image goes the opposite way: the new pixel at (i, j) is the old one at "
        "(i − down, j − right)": lambda images, right, down: _cut(images, -right, -down),
        "left and right are exchanged: with right above 0 an image moves to the right, where j is "
        "larger": lambda images, right, down: _cut(images, -right, down),
        "up and down are exchanged: row 0 is the topmost, so with down above 0 an image moves "
        "down": lambda images, right, down: _cut(images, right, -down),
        "the edge is drawn out: what comes in from outside is paper, 0, not the last row or column "
        "again": lambda images, right, down: _cut(images, right, down, mode="edge"),
        "what comes in from outside is 1, full ink; it should be paper, 0": (
            lambda images, right, down: _cut(images, right, down, constant_values=1)
        ),
        "the images move to the right and left only: down is not used": (
            lambda images, right, down: _cut(images, right, 0 * down)
        ),
        "the images move down and up only: right is not used": (
            lambda images, right, down: _cut(images, 0 * right, down)
        ),
        "all images move as the first one does: right[r] and down[r] belong to image r": (
            lambda images, right, down: _cut(images, 0 * right + right[0], 0 * down + down[0])
        ),
        "images with a negative shift stay in place: `[:-right]` and `[right:]` change places "
        "when right is below 0": lambda images, right, down: _cut(
            images, np.maximum(right, 0), np.maximum(down, 0)
        ),
        "what leaves a line at its right end comes in at the left of the next: each line must be "
        "moved for itself, so keep the axes (height, width)": _as_a_row,
        "a negative index counts from the end, so what leaves at one side comes in at the other: "
        "where i − down or j − right is below 0, the new pixel is 0": _wrapped_at(first=True),
        "a negative index counts from the end: a pixel that would land in row −1 or column −1 has "
        "left the image": _wrapped_at(first=False),
        "`np.pad(images, 2)` pads all three axes, that of the images, too: image r is then two "
        "places further on; give each axis its own margin": _padded_all_round,
        "row 0 and column 0 of the old image are lost: they are places like the others, so the "
        "condition is 0 <= i − down, not 0 < i − down": _first_line_lost,
        "`[:down[r]] = 0` erases too much where down[r] is negative: `[:-1]` is all but the last "
        "row; for a negative step the strip to erase is `[down[r]:]`": _erased_in_front,
        "the last row and column of the old image are lost: the last row is height − 1, so the "
        "condition is i − down < height, not i − down < height − 1": _last_line_lost,
        "an image that moves by 0 one way comes out empty: `[0:] = 0` erases everything; where "
        "the step is 0, nothing is to be erased": _zero_as_negative,
        "every image comes in the steps of all, so there is an axis too many: `[:, …]` does not "
        "pair them, `[np.arange(n), …]` takes image r with its own step": _steps_of_all,
        "the signs of the steps are lost: a negative one moves to the left, or up": (
            lambda images, right, down: _cut(images, np.abs(right), np.abs(down))
        ),
        "each image moves twice as far as it should": (
            lambda images, right, down: _cut(images, 2 * right, 2 * down)
        ),
        "the images are not moved at all": lambda images, right, down: images.copy(),
        "right numbers, but as float64 where the images are float32: `np.zeros(shape)` makes "
        "float64, `np.zeros_like(images)` an array of the same dtype": (
            lambda images, right, down: _shifted(images, right, down).astype(np.float64)
        ),
    },
    hints=(
        "Take one image, right = 1 and down = 0. Which of its columns is lost, and which new one "
        "comes in? Then ask the same for right = −1.",
        "A margin of zeros makes all signs alike: `np.pad(images, ((0, 0), (s, s), (s, s)))` with "
        "s at least the size of the largest shift, right or down: −2 has size 2. Each new image is "
        "a window as high and wide as the old one.",
        "The window of image r begins in row s − down[r] and column s − right[r] of its padded "
        "image: to move the ink right, the window moves left.",
    ),
)

# 12.1, the plan of a training ----------------------------------------------------------------


_all_full = cycle([False, False, True])
"""Whether the batches of the next cases come out even, so that a check meets both kinds."""


def _plan_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    batch_size, epochs = int(rng.integers(20, 40)), int(rng.integers(3, 7))
    n = batch_size * int(rng.integers(5, 9))
    if not next(_all_full):  # less than a batch in one epoch, more than one in all of them
        n += int(rng.integers(batch_size // epochs + 1, batch_size // 2))
    widths = [*sizes, 17][: int(rng.integers(3, 6))]  # two, three or four layers
    return tuple(widths), n, batch_size, epochs


def _plan(widths: Shifts, n: int, batch_size: int, epochs: int) -> tuple[int, ...]:
    """Count parameters, updates, and multiplications in the products of all epochs."""
    pairs = [a * b for a, b in pairwise(widths)]
    multiplications = epochs * n * (3 * sum(pairs) - pairs[0])
    return sum(pairs) + sum(widths[1:]), epochs * math.ceil(n / batch_size), multiplications


def _planned(change: Callable[..., tuple[int, ...]]) -> Callable[..., tuple[int, ...]]:
    """Make a mistake of a change of the three right numbers."""

    def wrong(widths: Shifts, n: int, batch_size: int, epochs: int) -> tuple[int, ...]:
        return change(*_plan(widths, n, batch_size, epochs), widths, n, batch_size, epochs)

    return wrong


def _weights(widths: Shifts) -> int:
    return sum(a * b for a, b in pairwise(widths))


PLAN = Exercise(
    title="parameters, updates and multiplications",
    case=_plan_case,
    solution=_plan,
    mistakes={
        "the biases are not counted: each unit has one": _planned(
            lambda p, u, m, widths, *rest: (_weights(widths), u, m)
        ),
        "the inputs have no biases: count one for each unit, from the first hidden layer on": (
            _planned(lambda p, u, m, widths, *rest: (p + widths[0], u, m))
        ),
        "the biases are counted on the wrong side: a layer has one for each unit, d_out, not for "
        "each of its inputs": _planned(
            lambda p, u, m, widths, *rest: (_weights(widths) + sum(widths[:-1]), u, m)
        ),
        "the last layer is missing: `len(widths)` numbers make `len(widths) - 1` layers": (
            lambda widths, *rest: _plan(widths[:-1], *rest)
        ),
        "one bias for each layer is too few: each unit has its own": _planned(
            lambda p, u, m, widths, *rest: (_weights(widths) + len(widths) - 1, u, m)
        ),
        "the last batch of an epoch is smaller, and it is an update all the same: round up": (
            _planned(lambda p, u, m, widths, n, size, epochs: (p, epochs * (n // size), m))
        ),
        "each epoch ends with a smaller batch of its own: round up first, then multiply by the "
        "epochs": _planned(
            lambda p, u, m, widths, n, size, epochs: (p, math.ceil(epochs * n / size), m)
        ),
        "each epoch ends with a smaller batch, and that is an update, too: round n / batch_size "
        "up, then multiply by the epochs": _planned(
            lambda p, u, m, widths, n, size, epochs: (p, epochs * n // size, m)
        ),
        "that is an update too many where the batches come out even: `n // batch_size + 1` is no "
        "rounding up": _planned(
            lambda p, u, m, widths, n, size, epochs: (p, epochs * (n // size + 1), m)
        ),
        "that is a share of an update: the number of batches is rounded up": _planned(
            lambda p, u, m, widths, n, size, epochs: (p, epochs * n / size, m)
        ),
        "those are the updates of one epoch: there are `epochs` of them": _planned(
            lambda p, u, m, widths, n, size, epochs: (p, math.ceil(n / size), m)
        ),
        "there is an update for each batch, not for each example": _planned(
            lambda p, u, m, widths, n, size, epochs: (p, epochs * n, m)
        ),
        "that is the forward pass alone: on the way back each layer has two products more": (
            _planned(lambda p, u, m, widths, n, size, epochs: (p, u, epochs * n * _weights(widths)))
        ),
        "nobody asks for dX of the first layer: it has two products, the others three": _planned(
            lambda p, u, m, widths, n, size, epochs: (p, u, 3 * epochs * n * _weights(widths))
        ),
        "that leaves out dX in every layer: only the first does without it": _planned(
            lambda p, u, m, widths, n, size, epochs: (p, u, 2 * epochs * n * _weights(widths))
        ),
        "the output layer has biases, too": _planned(
            lambda p, u, m, widths, *rest: (p - widths[-1], u, m)
        ),
        "a bias is added, not multiplied: count the weights only": _planned(
            lambda p, u, m, widths, n, size, epochs: (
                p,
                u,
                epochs * n * (3 * p - widths[0] * widths[1]),
            )
        ),
        "the biases are added, not multiplied: they belong to the parameters alone": _planned(
            lambda p, u, m, widths, n, size, epochs: (p, u, m + epochs * n * sum(widths[1:]))
        ),
        "that counts additions as well; multiplications were asked for": _planned(
            lambda p, u, m, *rest: (p, u, 2 * m)
        ),
        "the first layer does without dX in every epoch: subtract its product `epochs` times, "
        "too": _planned(
            lambda p, u, m, widths, n, size, epochs: (
                p,
                u,
                n * (3 * epochs * _weights(widths) - widths[0] * widths[1]),
            )
        ),
        "that is the last layer alone: add up all layers, with `+=` where a loop has `=`": _planned(
            lambda p, u, m, widths, *rest: ((widths[-2] + 1) * widths[-1], u, m)
        ),
        "it is the first layer that does without dX, not the last: nobody asks for the gradient of "
        "the pixels": _planned(
            lambda p, u, m, widths, n, size, epochs: (
                p,
                u,
                epochs * n * (3 * _weights(widths) - widths[-2] * widths[-1]),
            )
        ),
        "an update computes with a whole batch, not with one example": _planned(
            lambda p, u, m, widths, n, size, epochs: (p, u, m // (epochs * n) * u)
        ),
        "an epoch goes through all n examples, not through one batch: the products take n rows in "
        "an epoch, whatever `batch_size` is": _planned(
            lambda p, u, m, widths, n, size, epochs: (p, u, m // n * size)
        ),
        "those are the multiplications of one epoch": _planned(
            lambda p, u, m, widths, n, size, epochs: (p, u, m // epochs)
        ),
        "those are the multiplications for one example: in an epoch each of the n examples goes "
        "through": _planned(lambda p, u, m, widths, n, size, epochs: (p, u, m // n)),
        "a batch that is not full costs less than a full one: count examples, not updates times "
        "`batch_size`": _planned(
            lambda p, u, m, widths, n, size, epochs: (p, u, m // (epochs * n) * u * size)
        ),
    },
    hints=(
        "`itertools.pairwise(widths)` gives d_in and d_out of each layer. How many weights, and "
        "how many biases, has one layer?",
        "`math.ceil(n / batch_size)` batches make an epoch. A product of (n, d_in) and "
        "(d_in, d_out) takes n · d_in · d_out multiplications, whatever the batches are.",
        "A layer has the products XW, XᵀdZ and dZWᵀ, each with as many multiplications. The first "
        "layer does without the third.",
    ),
    parts=("parameters", "updates", "multiplications"),
)

# 12.2, the centre of mass --------------------------------------------------------------------


def _centre_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Draw ink that leaves a border free at one side, with holes in it."""
    n, h, w = sizes[:3]
    images = rng.uniform(0.1, 0.9, (n, h, w)) * (rng.random((n, h, w)) < 0.7)
    images[:, 0, :] = 0
    images[:, :, -1] = 0
    images[:, 1, 0] = 1  # so that none is empty, and the brightest pixel is known
    return (images,)


def _centre(images: Array) -> tuple[Array, Array]:
    mass = images.sum(axis=(1, 2))
    x = images.sum(axis=1) @ np.arange(images.shape[2]) / mass
    y = images.sum(axis=2) @ np.arange(images.shape[1]) / mass
    return x, y


def _times_mass(images: Array) -> tuple[Array, Array]:
    mass = images.sum(axis=(1, 2))
    x, y = _centre(images)
    return x * mass, y * mass


def _by_pixels(images: Array) -> tuple[Array, Array]:
    x, y = _times_mass(images)
    pixels = images[0].size
    return x / pixels, y / pixels


def _by_all(images: Array) -> tuple[Array, Array]:
    x, y = _times_mass(images)
    return x / images.sum(), y / images.sum()


def _away_from_the_middle(images: Array) -> tuple[Array, Array]:
    x, y = _centre(images)
    return x - (images.shape[2] - 1) / 2, y - (images.shape[1] - 1) / 2


def _from_one(images: Array) -> tuple[Array, Array]:
    x, y = _centre(images)
    return x + 1, y + 1


def _box(images: Array) -> tuple[Array, Array]:
    """Find the middle of the smallest box around the ink."""
    ends = []
    for axis in (1, 2):
        ink: Array = np.asarray((images > 0).any(axis=axis), float)
        length = ink.shape[1]
        ends.append((ink.argmax(axis=1) + length - 1 - ink[:, ::-1].argmax(axis=1)) / 2)
    return ends[0], ends[1]


def _brightest(images: Array) -> tuple[Array, Array]:
    place = images.reshape(len(images), -1).argmax(axis=1)
    return place % images.shape[2], place // images.shape[2]


def _rounded(images: Array) -> tuple[Array, Array]:
    x, y = _centre(images)
    return np.round(x), np.round(y)


CENTRE = Exercise(
    title="the centre of mass of each image",
    case=_centre_case,
    solution=_centre,
    mistakes={
        "column and row are exchanged: the column is found from the sum down each column, axis 1, "
        "the row from the sum along each row": lambda images: _centre(images)[::-1],
        "where there is any ink counts, but not how much: weigh each place with its pixel": (
            lambda images: _centre((images > 0).astype(float))
        ),
        "the ink is cut at a threshold first: weigh each place with its pixel as it is": (
            lambda images: _centre((images > 0.5).astype(float))
        ),
        "only full ink counts, as after `astype(int)`, which makes 0 of all that is below 1: weigh "
        "each place with its pixel": lambda images: _centre(np.trunc(images)),
        "the division by the mass is missing: a mean with weights is divided by the sum of the "
        "weights": _times_mass,
        "divided by the number of pixels: a mean with weights is divided by the sum of the "
        "weights, here all the ink of that image": _by_pixels,
        "divided by the number of columns, and of rows: a mean with weights is divided by the sum "
        "of the weights, here all the ink of that image": lambda images: (
            _times_mass(images)[0] / images.shape[2],
            _times_mass(images)[1] / images.shape[1],
        ),
        "`mean` divides the ink of a column by the height, that of a row by the width: a mean with "
        "weights is divided by the sum of the weights, all the ink of that image": lambda images: (
            _times_mass(images)[0] / images.shape[1],
            _times_mass(images)[1] / images.shape[2],
        ),
        "divided by the ink of all images together: each has a mass of its own": _by_all,
        "that is the distance from the middle of the paper; the place is asked for, counted from "
        "the upper left pixel": _away_from_the_middle,
        "counted from 1: the first column and the first row have number 0": _from_one,
        "that is the middle of the box around the ink: a thin stroke that sticks out moves the "
        "box, and hardly the centre of mass": _box,
        "that is a share of the width and of the height: count in pixels": (
            lambda images: (
                _centre(images)[0] / images.shape[2],
                _centre(images)[1] / images.shape[1],
            )
        ),
        "that is the place of the brightest pixel": _brightest,
        "rounded to a whole pixel: that comes later, when the image is moved": _rounded,
        "whole numbers, as `astype(int)` makes them: the centre of mass may lie between two "
        "pixels, so keep the fractions": (
            lambda images: (
                np.round(_centre(images)[0]).astype(int),
                np.round(_centre(images)[1]).astype(int),
            )
        ),
        "a whole pixel, cut off as by `//` or `int`: the centre of mass may lie between two": (
            lambda images: (np.floor(_centre(images)[0]), np.floor(_centre(images)[1]))
        ),
        "that is the step to the middle of the paper; the place itself is asked for": (
            lambda images: (-_away_from_the_middle(images)[0], -_away_from_the_middle(images)[1])
        ),
        "row 0 is the topmost: rows are counted from above": (
            lambda images: (_centre(images)[0], images.shape[1] - 1 - _centre(images)[1])
        ),
        "column 0 is at the left: columns are counted from there": (
            lambda images: (images.shape[2] - 1 - _centre(images)[0], _centre(images)[1])
        ),
        "that is the centre of the paper: here paper is 0 and full ink is 1 already, so dark and "
        "light need not be turned round": lambda images: _centre(1 - images),
        "that is the column, and the row, with the most ink: take the mean place": (
            lambda images: (images.sum(axis=1).argmax(axis=1), images.sum(axis=2).argmax(axis=1))
        ),
        "the ink is squared: a pixel of half ink weighs half": lambda images: _centre(images**2),
    },
    hints=(
        "Take one image. How much ink stands in each column? The centre of mass is the mean of the "
        "columns' numbers, each weighed with its ink.",
        "`images.sum(axis=1)` has shape (n, width): the ink in each column of each image. "
        "`@ np.arange(width)` adds up number times ink.",
        "Divide by the ink of each image, `images.sum(axis=(1, 2))`. The same with `axis=2` and "
        "`np.arange(height)` gives the row.",
    ),
    parts=("column", "row"),
)

# 12.3, a committee ---------------------------------------------------------------------------


def _committee_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Draw what an odd number of networks say; the sure and the many often disagree.

    Classes are more than ten, and more than three networks have a say.
    """
    networks = next(size for size in sizes if size in (5, 7))
    k = next(size for size in sizes if size > 10)
    return (rng.dirichlet(np.full(k, 0.5), (networks, 59)),)


def _votes(P: Array) -> Array:
    """Count for each example how many networks name each class, shape (n, k)."""
    return (P.argmax(axis=2)[..., np.newaxis] == np.arange(P.shape[2])).sum(axis=0)


def _committee(P: Array) -> tuple[Array, Array]:
    return P.mean(axis=0).argmax(axis=1), _votes(P).argmax(axis=1)


def _mean_by(name: Callable[[Array], Array]) -> Callable[[Array], tuple[Array, Array]]:
    return lambda P: (name(P), _committee(P)[1])


def _vote_by(name: Callable[[Array], Array]) -> Callable[[Array], tuple[Array, Array]]:
    return lambda P: (_committee(P)[0], name(P))


def _last_of_a_tie(P: Array) -> Array:
    votes = _votes(P)
    return P.shape[2] - 1 - votes[:, ::-1].argmax(axis=1)


def _surest(P: Array) -> Array:
    return P.max(axis=0).argmax(axis=1)


def _first_named_of_a_tie(P: Array) -> Array:
    """Of classes with equally many votes take the one that is named first, as Counter does."""
    named, votes = P.argmax(axis=2), _votes(P)
    best = np.take_along_axis(votes, named.T, axis=1) == votes.max(axis=1, keepdims=True)
    return named.T[np.arange(len(best)), best.argmax(axis=1)]


def _among_the_named(P: Array) -> Array:
    """Find the winner's place among the classes that were named, as np.unique lists them."""
    votes = _votes(P)
    places = np.cumsum(votes > 0, axis=1) - 1
    winner: Array = places[np.arange(len(votes)), votes.argmax(axis=1)]
    return winner


def _likeliest_of_a_tie(P: Array) -> Array:
    return (_votes(P) + P.mean(axis=0) / 2).argmax(axis=1)


def _weighed_votes(P: Array) -> Array:
    best = P.max(axis=2, keepdims=True)
    sure = np.where(best > P, 0, P)
    return sure.sum(axis=0).argmax(axis=1)


COMMITTEE = Exercise(
    title="several networks, one answer",
    case=_committee_case,
    solution=_committee,
    mistakes={
        "that is what the surest single network says: take the mean over all of them first": (
            _mean_by(_surest)
        ),
        "that multiplies the probabilities, or adds their logarithms: a network that finds a class "
        "impossible then rules it out for all; the plain mean was asked for": _mean_by(
            lambda P: np.log(P + 1e-300).sum(axis=0).argmax(axis=1)
        ),
        "right values in another order: return mean, vote": lambda P: _committee(P)[::-1],
        "those are the highest mean probabilities: the class is where they stand, as `argmax` "
        "tells": lambda P: (P.mean(axis=0).max(axis=1), _committee(P)[1]),
        "ten classes are counted, those of digits: here there are k, the last axis": _vote_by(
            lambda P: _votes(P)[:, :10].argmax(axis=1)
        ),
        "as many classes are counted as there are networks: `range(len(opinions))` runs over the "
        "first axis; the classes are the last": _vote_by(
            lambda P: _votes(P)[:, : len(P)].argmax(axis=1)
        ),
        "those are the mean probabilities: the class is where they are highest": (
            lambda P: (P.mean(axis=0), _committee(P)[1])
        ),
        "that is the first network alone": _mean_by(lambda P: P[0].argmax(axis=1)),
        "that is the last network alone": _mean_by(lambda P: P[-1].argmax(axis=1)),
        "that is the median of the networks: their mean was asked for": _mean_by(
            lambda P: np.median(P, axis=0).argmax(axis=1)
        ),
        "the mean was taken over the examples: the networks are axis 0": _mean_by(
            lambda P: P.mean(axis=1).argmax(axis=1)
        ),
        "that is the position of the lowest mean": _mean_by(
            lambda P: P.mean(axis=0).argmin(axis=1)
        ),
        "a tie goes to the smaller class": _vote_by(_last_of_a_tie),
        "a tie goes to the smaller class, not to the one that is named first, as by "
        "`Counter.most_common`": _vote_by(_first_named_of_a_tie),
        "a tie goes to the smaller class, not to the one with the higher mean probability": (
            _vote_by(_likeliest_of_a_tie)
        ),
        "the first three networks alone vote: ask as many as there are": _vote_by(
            lambda P: _votes(P[:3]).argmax(axis=1)
        ),
        "that is the vote again: for the mean, add up the probabilities themselves": _mean_by(
            lambda P: _votes(P).argmax(axis=1)
        ),
        "that is the mean of the class numbers: a 1 and a 7 do not make a 4": _vote_by(
            lambda P: np.round(P.argmax(axis=2).mean(axis=0)).astype(int)
        ),
        "that is the middle one of the class numbers: count how often each class is named": (
            _vote_by(lambda P: np.median(P.argmax(axis=2), axis=0).astype(int))
        ),
        "every vote counts 1, however sure the network is": _vote_by(_weighed_votes),
        "a network votes for its most probable class, even if that has less than half": _vote_by(
            lambda P: (P > 0.5).sum(axis=0).argmax(axis=1)
        ),
        "that is what the surest single network says; in a vote all count the same": _vote_by(
            _surest
        ),
        "that is the winner's place among the classes that were named: `np.unique` returns these "
        "classes, too; take the class that stands in this place": _vote_by(_among_the_named),
        "class and number of votes came back: `most_common(1)[0]` is a pair, and its first entry "
        "the class (of a tie it takes the one named first)": _vote_by(
            lambda P: np.stack([_first_named_of_a_tie(P), _votes(P).max(axis=1)], axis=1)
        ),
        "that is the first network's class: count what all of them name": _vote_by(
            lambda P: P[0].argmax(axis=1)
        ),
        "that is how many votes the winner has; its class was asked for": _vote_by(
            lambda P: _votes(P).max(axis=1)
        ),
        "that is the mean again: for the vote, first let each network name one class": _vote_by(
            lambda P: P.mean(axis=0).argmax(axis=1)
        ),
    },
    hints=(
        "There are three axes: networks, examples, classes. Over which goes the mean? And which "
        "one is left when each network has named a class?",
        "`opinions.mean(axis=0)` has shape (n, k), a row of probabilities for each example. "
        "`opinions.argmax(axis=2)` has a row for each network, the class that each network names.",
        "Count the votes for class c: `(opinions.argmax(axis=2) == c).sum(axis=0)`, for each c in "
        "`range(k)`. `argmax` gives the first of equal ones, and so the smaller class.",
    ),
    parts=("mean", "vote"),
)

EXERCISES = {"12.0": SHIFTED, "12.1": PLAN, "12.2": CENTRE, "12.3": COMMITTEE}

QUESTIONS = (
    Question(
        "Two settings, with seeds 0, 1 and 2, reach in validation 97.0, 97.4 and 97.1% (A), "
        "and 97.2, 97.5 and 97.3% (B). What has been shown?",
        {
            "B is the better setting: its mean is higher.": (
                "the highest A lies above two of the three Bs: the seeds differ by more than the "
                "means. A mean of three has its own scatter"
            ),
            "Nothing: from 97.2 to 97.4 the two overlap, so these numbers say no more.": (
                "they overlap, but each B has a twin among the As, with the same first weights and "
                "batches in the same order. Compare the twins before you stop"
            ),
            "B wins with each seed: a hint, and a reason to train more seeds.": Right(
                "compared twin by twin B is ahead three times of three. If the two were equally "
                "good, that would still happen in one case of eight (and in another one A would be "
                "ahead three times), so three seeds are a hint only"
            ),
            "B is better for certain: it wins with each of the three seeds.": (
                "a coin falls on heads three times in a row once in eight. More seeds will tell"
            ),
        },
    ),
    Question(
        "A colleague shifts the test images, too, at random, and reports the mean accuracy over "
        "ten such copies beside that of the plain test set. What does the first number tell?",
        {
            "How well the network reads digits that stand a little off the middle.": Right(
                "it is a question of its own, and a useful one. It is no substitute for the "
                "published test set, on which others have measured"
            ),
            "Nothing: a test image must never be changed.": (
                "nothing is learnt from them here. One may ask anything of a test set, as long as "
                "no choice depends on the answer, and the report says what was asked"
            ),
            "The same as the plain one, with ten times the data and so less chance.": (
                "the copies show no new handwriting. And they are harder, as the lesson has "
                "measured: a pixel further on is another input"
            ),
        },
    ),
    Question(
        "You photograph your own digit, black on white, cut it to 28×28 pixels, divide by 255, and "
        "the network trained here says the same digit nearly always, with certainty. What first?",
        {
            "Train longer: the network has not learnt enough.": (
                "it reads 98 of 100 digits that look like its own. What else is different here?"
            ),
            "Add photographs to the training set.": (
                "that would help in the end. But first make the picture look like those that the "
                "network knows"
            ),
            "Turn dark and light round, then centre and scale the digit.": Right(
                "in MNIST the ink is 1 and the paper 0, the longer side has 20 pixels, and the "
                "centre of mass stands in the middle. nn.datasets.digit_image does all of it"
            ),
            "Centre the digit: it does not stand in the middle.": (
                "that is needed, too. But with paper at 1 the network answers by chance even where "
                "the digit stands in the middle, as the lesson has measured"
            ),
        },
    ),
)
