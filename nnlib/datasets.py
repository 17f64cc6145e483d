"""Data to learn from: small sets that are made here, and digits that people wrote."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import _pictures
from ._optional import needed_by
from ._typing import Array, Labels, Seed
from ._validation import float_type, generator, number, one_of, whole
from ._words import explained

FAR = 1e6
"""Noise as wide as this hides all there is to learn; so many turns are no longer a spiral."""


class Split(NamedTuple):
    """A data set in its two parts: one to learn from, one to be tested on once."""

    X_train: Array
    y_train: Labels
    X_test: Array
    y_test: Labels


@explained
def load_digits(dtype: npt.DTypeLike = np.float64) -> Split:
    """Load 1,797 handwritten digits of 8×8 pixels; they come with scikit-learn.

    Returns
    -------
    Split
        ``X_train (1437, 64), y_train, X_test (360, 64), y_test``: pixels in [0, 1], labels 0 … 9.
        No split was published; this one is fixed, and every digit has its share of both parts.

    Raises
    ------
    ImportError
        If scikit-learn is missing; it says how to get it.

    Source: Alpaydin and Kaynak (1998), *Optical recognition of handwritten digits*, UCI.

    Examples
    --------
    >>> import numpy as np
    >>> data = load_digits()
    >>> data.X_train.shape, data.X_test.shape, data.X_train.min(), data.X_train.max()
    ((1437, 64), (360, 64), np.float64(0.0), np.float64(1.0))
    >>> np.bincount(data.y_test)             # a fifth of each digit
    array([36, 36, 35, 37, 36, 37, 36, 36, 35, 36])
    """
    dtype = float_type(dtype)
    with needed_by("load_digits"):
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split

    images, labels = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        (images / 16).astype(dtype), labels, test_size=0.2, stratify=labels, random_state=0
    )
    return Split(X_train, y_train, X_test, y_test)


@explained
def load_mnist(dtype: npt.DTypeLike = np.float32) -> Split:
    """Load MNIST: 70,000 handwritten digits of 28×28 pixels.

    The files are downloaded once (11 MB) to ``data/mnist``; with the environment variable
    ``NNLIB_DATA`` they are read from that folder, and nothing is downloaded. Files that lie there
    already are taken as people have them: packed or not, with dotted names, in ``MNIST/raw`` and
    so on. Their contents are verified each time.

    Returns
    -------
    Split
        ``X_train (60000, 784), y_train, X_test (10000, 784), y_test``, the published split: pixels
        in [0, 1], labels 0 … 9.

    Raises
    ------
    OSError
        If a file is missing, altered or cut short, no mirror gives it, or the disk refuses it;
        it says what lies there and what to do. Nothing that lies there is changed.
    ImportError
        If something must be downloaded, and pooch is missing.

    Source: LeCun, Cortes and Burges (1998), *The MNIST database of handwritten digits*.
    """
    return _images("mnist", dtype)


FASHION_CLASSES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
"""What the labels 0 … 9 of Fashion-MNIST mean: ``nn.Model(…, classes=FASHION_CLASSES)``."""


@explained
def load_fashion_mnist(dtype: npt.DTypeLike = np.float32) -> Split:
    """Load Fashion-MNIST: 70,000 photographs of clothes, shoes and bags, 28×28 pixels.

    Harder than MNIST, in the same form: what learns one can learn the other. The labels are those
    of ``nnlib.datasets.FASHION_CLASSES``. The files are downloaded once (31 MB) to
    ``data/fashion-mnist``; those that lie there already, or in the folder that the environment
    variable ``NNLIB_DATA`` names, are found as by `load_mnist`.

    Returns
    -------
    Split
        ``X_train (60000, 784), y_train, X_test (10000, 784), y_test``, the published split: pixels
        in [0, 1], labels 0 … 9, as many of each.

    Raises
    ------
    OSError, ImportError
        As in `load_mnist`.

    Source: Xiao, Rasul and Vollgraf (2017), *Fashion-MNIST: a novel image dataset for benchmarking
    machine learning algorithms*, arXiv:1708.07747.
    """
    return _images("fashion-mnist", dtype)


def _images(dataset: str, dtype: npt.DTypeLike) -> Split:
    """Read the four files of MNIST, or of a set in its form."""
    dtype = float_type(dtype)
    from . import _download

    def images(name: str) -> Array:
        pixels = _download.read_idx(dataset, name)
        X = pixels.reshape(len(pixels), -1).astype(dtype)
        X /= 255
        return X

    def labels(name: str) -> Labels:
        return _download.read_idx(dataset, name).astype(np.int64)

    return Split(
        images("train-images-idx3-ubyte"),
        labels("train-labels-idx1-ubyte"),
        images("t10k-images-idx3-ubyte"),
        labels("t10k-labels-idx1-ubyte"),
    )


LIKE = {"mnist": _pictures.mnist_like, "digits": _pictures.digits_like}
"""How a picture is prepared, by the data set that a network has learned from."""


@explained
def digit_image(image: Any, like: str = "mnist", dtype: npt.DTypeLike = np.float32) -> Array:
    """Prepare a photograph or a drawing of one digit as the images of a data set were.

    Paper and ink may be of any brightness, size and place, in uneven light; alpha, colours,
    EXIF orientation and a frame are understood. The paper must be free of dark lines, of other
    writing and of a shadow's edge, and there must be more of it than of ink.

    ink = 1 − brightness / brightness of the paper, cut to the digit. ``"mnist"``: its longer side
    is scaled to 20 of 28 pixels, and the centre of mass put in the middle. ``"digits"``: 8 pixels
    high.

    Parameters
    ----------
    image : path, PIL.Image.Image, or array of shape (h, w), (h, w, 3) or (h, w, 4)
        PNG, JPEG and what else Pillow reads; bytes from 0 to 255, or floats from 0 to 1.
    like : {"mnist", "digits"}
        The data set: `load_mnist` or `load_digits`.
    dtype : dtype
        float32 or float64.

    Returns
    -------
    ndarray of shape (784,) or (64,)
        Pixels in [0, 1], white on black: one row of the data set.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If nothing is drawn, or that is no picture, too large a one, or many.
    ImportError
        If Pillow is missing.

    Source: LeCun, Cortes and Burges (1998), *The MNIST database of handwritten digits*.

    Examples
    --------
    >>> import numpy as np
    >>> photo = np.full((90, 60), 200, np.uint8)         # grey paper
    >>> photo[30:70, 20:24] = 40                         # a one, ten times as high as wide
    >>> x = digit_image(photo)
    >>> x.shape, x.dtype
    ((784,), dtype('float32'))
    >>> np.flatnonzero(x.reshape(28, 28).any(axis=1))    # 20 rows of ink
    array([ 4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23])
    """
    one_of("like", like, LIKE)
    return LIKE[like](_pictures.ink(image)).astype(float_type(dtype))


@explained
def make_xor(n: int = 200, *, noise: float = 0.2, rng: Seed = 0) -> tuple[Array, Labels]:
    """Four clouds around (±1, ±1); the class is 1 where the signs of the two centres differ.

    Parameters
    ----------
    n : int
        Number of points.
    noise : float
        Standard deviation of a cloud; a centre is at distance 1 from the axes.
    rng : int or numpy.random.Generator

    Returns
    -------
    X : ndarray of shape (n, 2)
    y : ndarray of shape (n,), 0 or 1
    """
    n, noise, rng = whole("n", n), number("noise", noise, below=FAR), generator(rng)
    corner = rng.permutation(np.arange(n) % 4)
    centres = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    X = centres[corner] + rng.normal(0, noise, (n, 2))
    return X, np.array([0, 1, 1, 0])[corner]


@explained
def make_spirals(
    n: int = 300, *, classes: int = 2, turns: float = 1.0, noise: float = 0.05, rng: Seed = 0
) -> tuple[Array, Labels]:
    """Arms of a spiral that wind around each other, one class each.

    Parameters
    ----------
    n : int
        Number of points, all arms together.
    classes : int
        Number of arms, from 2 to n.
    turns : float
        How often an arm goes around.
    noise : float
        Standard deviation in the plane; the arms end at radius 1.
    rng : int or numpy.random.Generator

    Returns
    -------
    X : ndarray of shape (n, 2)
    y : ndarray of shape (n,), 0 … classes − 1
    """
    n, classes = whole("n", n), whole("classes", classes, minimum=2)
    if classes > n:
        raise ValueError(f"classes: expected at most {n}, the number of points, got {classes}")
    turns = number("turns", turns, strict=True, below=FAR)
    noise, rng = number("noise", noise, below=FAR), generator(rng)
    y = rng.permutation(np.arange(n) % classes)
    radius = np.sqrt(rng.uniform(0.01, 1, n))
    angle = 2 * np.pi * (turns * radius + y / classes)
    X = radius[:, np.newaxis] * np.column_stack([np.cos(angle), np.sin(angle)])
    return X + rng.normal(0, noise, (n, 2)), y


@explained
def make_sine(n: int = 100, *, noise: float = 0.1, rng: Seed = 0) -> tuple[Array, Array]:
    """Points on y = sin(πx) for x in [−1, 1], with noise on y: the smallest regression.

    Parameters
    ----------
    n : int
        Number of points.
    noise : float
        Standard deviation of the noise, in the unit of y.
    rng : int or numpy.random.Generator

    Returns
    -------
    X : ndarray of shape (n, 1)
    y : ndarray of shape (n,)
    """
    n, noise, rng = whole("n", n), number("noise", noise, below=FAR), generator(rng)
    x = rng.uniform(-1, 1, n)
    return x[:, np.newaxis], np.sin(np.pi * x) + rng.normal(0, noise, n)
