"""A person's own digit: what it is made of, in any disguise, and what is no picture of a digit."""

import io
import math
import warnings

import numpy as np
import pytest
from PIL import Image

import nnlib as nn
from benchmarks.digit_image import BEYOND, DISGUISES, enlarged, grey, main, read_again, write
from nnlib import _pictures
from nnlib.datasets import digit_image

SEVEN = np.zeros((60, 40))
SEVEN[10:14, 8:32] = 1
for row in range(14, 50):
    SEVEN[row, 26 - row // 3 : 32 - row // 3] = 1
"""Ink on paper."""


@pytest.fixture(scope="module")
def model():
    """A network that has learned from scikit-learn's digits."""
    data = nn.load_digits(np.float32)
    layers = [nn.Dense(64, 64), nn.ReLU(), nn.Dense(64, 10)]
    net = nn.Sequential(*layers, rng=0, dtype=np.float32)
    trained = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.003))
    trained.fit(data.X_train, data.y_train, epochs=20, rng=0)
    return trained


@pytest.fixture(scope="module")
def hand():
    """Digits as smooth lines of 28×28, with their labels."""
    data = nn.load_digits()
    images = [enlarged(x.reshape(8, 8), 3, 2) for x in data.X_test[:25]]
    return np.array(images).reshape(25, 784), data.y_test[:25]


@pytest.fixture(scope="module")
def plain(hand, tmp_path_factory):
    """What they are read as when nothing is done to them."""
    return read_again(
        "inverted, black on white", hand[0], tmp_path_factory.mktemp("plain"), "digits"
    )


# What it makes of a digit ---------------------------------------------------------------------


def test_a_row_is_like_one_of_mnist():
    x = digit_image(1 - SEVEN)
    assert (x.shape, x.dtype) == ((784,), np.float32)
    assert (x.min(), x.max()) == (0, pytest.approx(1, abs=0.01))
    image = x.reshape(28, 28)
    assert image.any(axis=1).sum() == 20
    for axis in (0, 1):
        assert abs(image.sum(axis=axis) @ np.arange(28) / image.sum() - 14) <= 0.51


def test_a_row_is_like_one_of_scikit_learn():
    x = digit_image(1 - SEVEN, like="digits", dtype=np.float64)
    assert (x.shape, x.dtype) == ((64,), np.float64)
    assert np.array_equal(16 * x, np.round(16 * x))
    assert x.reshape(8, 8).any(axis=1).all()


def test_images_of_mnist_stay_what_they_are(mnist):
    again = np.array([digit_image(x.reshape(28, 28)) for x in mnist.X_test[:50]])
    correlations = [np.corrcoef(x, a)[0, 1] for x, a in zip(mnist.X_test, again, strict=False)]
    assert np.median(correlations) > 0.98


@pytest.mark.parametrize("name", DISGUISES)
def test_a_digit_in_disguise_is_the_same_digit(name, hand, plain, model, tmp_path):
    X, y = hand
    again = read_again(name, X, tmp_path, "digits")
    correlations = [np.corrcoef(a, b)[0, 1] for a, b in zip(plain, again, strict=True)]
    assert np.median(correlations) > 0.94
    loss = nn.accuracy(y, model.predict(plain)) - nn.accuracy(y, model.predict(again))
    assert loss < 1.5 / len(y)  # one digit at most
    assert nn.accuracy(y, model.predict(plain)) > 0.9


def photo():
    return Image.fromarray(np.round(220 - 180 * SEVEN).astype(np.uint8))


WAYS = {
    "path": lambda folder: str(write(photo(), folder / "seven", "png")),
    "Path": lambda folder: write(photo(), folder / "seven", "png"),
    "Pillow": lambda folder: photo(),
    "bytes": lambda folder: np.asarray(photo()),
    "floats": lambda folder: np.asarray(photo()) / 255,
    "float32, a channel": lambda folder: (np.asarray(photo()) / np.float32(255))[..., np.newaxis],
    "16 bits": lambda folder: np.asarray(photo()).astype(np.uint16) * 257,
    "RGB": lambda folder: np.asarray(photo().convert("RGB")),
    "RGBA": lambda folder: np.asarray(photo().convert("RGBA")),
    "CMYK": lambda folder: photo().convert("CMYK"),
    "32 bits": lambda folder: Image.fromarray(np.asarray(photo()).astype(np.int32) * 257),
    "read-only, strided": lambda folder: np.repeat(np.asarray(photo()), 2, axis=0)[::2],
    "list": lambda folder: (np.asarray(photo()) / 255).tolist(),
}


@pytest.mark.parametrize("way", WAYS)
def test_files_pictures_and_arrays_give_the_same(way, tmp_path):
    given = WAYS[way](tmp_path)
    x = digit_image(given)
    np.testing.assert_allclose(x, digit_image(photo()), atol=1e-5)


def test_a_mask_is_a_picture():
    assert np.allclose(digit_image(SEVEN > 0.5), digit_image(SEVEN))


def test_an_array_is_not_changed():
    pixels = 1 - SEVEN
    before = pixels.copy()
    digit_image(pixels)
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_camera_may_be_held_in_any_way(orientation, tmp_path):
    """Pictures whose EXIF undoes what was done to them."""
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    image = photo()
    if orientation in undo:
        image = image.transpose(Image.Transpose(undo[orientation]))
    image.getexif()[0x0112] = orientation
    path = write(image, tmp_path / "seven", "jpg")
    with Image.open(path) as opened:
        assert opened.getexif()[0x0112] == orientation
    assert np.corrcoef(digit_image(path), digit_image(photo()))[0, 1] > 0.99


def test_a_fat_one_is_a_digit_and_no_sheet_of_paper():
    bar = np.zeros((200, 100))
    bar[20:180, 30:70] = 1
    rng = np.random.default_rng(0)
    slightly_slanted = np.array([np.roll(r, i // 20) for i, r in enumerate(bar)])
    noisy = np.clip(0.8 - 0.6 * slightly_slanted + rng.normal(0, 0.02, bar.shape), 0, 1)
    image = digit_image(noisy).reshape(28, 28)
    assert image[14, 12:16].min() > 0.8
    assert (image > 0.5).sum() == pytest.approx(20 * 5, abs=12)


def test_dust_and_what_the_edge_cuts_off_are_left_out():
    sheet = np.pad(SEVEN, 60)
    dirty = sheet.copy()
    dirty[10:12, 100:102] = dirty[150:152, 20:22] = 1
    dirty[:, :8] = 1
    assert np.array_equal(digit_image(1 - dirty), digit_image(1 - sheet))


def test_a_digit_in_two_parts_keeps_both_also_where_the_paper_ends():
    five = np.zeros((60, 40))
    five[:5, 10:] = five[20:25, 10:35] = five[25:, 30:35] = five[55:, :35] = 1
    image = digit_image(1 - five).reshape(28, 28)
    rows = np.flatnonzero(image.any(axis=1))
    assert np.ptp(rows) == 19
    assert image[rows[0]].sum() == pytest.approx(10, abs=0.5)


def test_pale_ruled_lines_are_no_ink():
    sheet = np.pad(SEVEN, 60)
    ruled = np.maximum(sheet, 0.25 * (np.arange(180) % 12 == 0)[:, np.newaxis])
    assert np.corrcoef(digit_image(1 - ruled), digit_image(1 - sheet))[0, 1] > 0.95


def test_noise_that_hides_the_ink_is_averaged():
    rng = np.random.default_rng(0)
    paper = 1 - np.kron(np.pad(SEVEN, 10), np.ones((10, 10)))
    noisy = np.clip(0.5 + 0.15 * paper + rng.normal(0, 0.1, paper.shape), 0, 1)
    assert np.corrcoef(digit_image(noisy), digit_image(paper))[0, 1] > 0.9


# What is no picture of a digit -------------------------------------------------------------------


BLANK = {
    "white": np.full((50, 50), 255, np.uint8),
    "black": np.zeros((50, 50)),
    "noise": np.clip(np.random.default_rng(0).normal(0.7, 0.1, (300, 200)), 0, 1),
    "uneven light": np.linspace(0.3, 0.9, 100) * np.ones((80, 1)),
    "transparent": np.zeros((50, 50, 4), np.uint8),
}


@pytest.mark.parametrize("kind", BLANK)
def test_a_blank_picture_is_told(kind):
    with pytest.raises(ValueError, match=r"^image: expected a digit .* nothing is drawn.*pen"):
        digit_image(BLANK[kind])


def test_a_shadow_is_not_taken_for_a_digit():
    sheet = 1 - 0.8 * np.pad(SEVEN, 20)
    sheet[:, 45:] *= 0.6
    with pytest.raises(ValueError, match=r"^image: expected paper around .* edge covered.* shadow"):
        digit_image(sheet)


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (None, TypeError, r"image: expected a path, .* got NoneType: PIL.Image.open reads"),
        (b"\x89PNG", TypeError, r"image: expected a path, .* got bytes: PIL.Image.open"),
        (io.BytesIO(), TypeError, r"image: expected a path, .* got BytesIO"),
        (1 + SEVEN, ValueError, r"image: expected floats from 0 to 1, got .* 1 to 2: image / 255"),
        (-SEVEN, ValueError, r"image: expected floats from 0 to 1, got some from -1"),
        (SEVEN.astype(int), TypeError, r"got dtype int64: image.astype\(numpy.uint8\)"),
        (
            np.where(SEVEN, np.nan, 1),
            ValueError,
            r"image: expected finite numbers, got nan at image\[",
        ),
        (np.zeros(784), ValueError, r"one picture, .* got \(784,\): .* x.reshape\(28, 28\)"),
        (np.zeros((5, 784)), ValueError, r"got \(5, 784\): rows .* x.reshape\(28, 28\).* 1:\]"),
        (np.zeros((360, 64)), ValueError, r"got \(360, 64\): rows .* x.reshape\(8, 8\)"),
        (np.zeros((9, 28, 28)), ValueError, r"got \(9, 28, 28\): take them one by one"),
        (np.zeros((2, 3, 28, 28)), ValueError, r"got \(2, 3, 28, 28\): take them one by one"),
        (np.zeros((3, 50, 50)), ValueError, r"colours last, image.transpose\(1, 2, 0\)"),
        (np.zeros((3, 50)), ValueError, r"at least 5 pixels a side, got shape \(3, 50\): a"),
        (np.zeros((0, 0)), ValueError, r"at least 5 pixels a side, got shape \(0, 0\): a"),
        (Image.new("L", (1, 1)), ValueError, r"at least 5 pixels a side, got shape \(1, 1\): a"),
        (0.5, ValueError, r"one picture, .* got \(\)"),
        ({"a": 1}, TypeError, "image: expected an array, got a dict"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_remedy(image, error, message):
    with pytest.raises(error, match=message):
        digit_image(image)


def test_options_are_checked():
    with pytest.raises(ValueError, match="like: expected one of mnist, digits, got 'MNIST'"):
        digit_image(SEVEN, like="MNIST")
    with pytest.raises(TypeError, match=r"dtype: expected numpy\.float64"):
        digit_image(SEVEN, dtype="int8")


def test_a_file_that_is_missing_is_told_with_its_path(tmp_path):
    path = tmp_path / "seven.png"
    with pytest.raises(FileNotFoundError, match="and there is no such file") as caught:
        digit_image(path)
    assert repr(str(path)) in str(caught.value)
    with pytest.raises(FileNotFoundError, match="and that is a folder"):
        digit_image(tmp_path)


def test_a_file_that_is_no_picture_is_told_by_its_start(tmp_path):
    path = tmp_path / "seven.png"
    path.write_text("This is a seven.")
    with pytest.raises(ValueError, match=r"expected a picture, .* starts b'This is a se': save"):
        digit_image(path)


@pytest.mark.parametrize("kind", ["png", "q60"])
def test_a_file_that_is_cut_short_is_told(kind, tmp_path):
    path = write(grey(np.random.default_rng(0).random((200, 200))), tmp_path / "seven", kind)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ValueError, match=r"image: .* cannot be read .* cut short or damaged"):
        digit_image(path)


@pytest.mark.parametrize("share", [0.4, 0.8])
def test_a_file_that_would_fill_the_memory_is_refused(share, monkeypatch, tmp_path):
    """Above Pillow's limit it warns, above twice the limit it raises."""
    path = write(photo(), tmp_path / "seven", "png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", math.floor(share * 60 * 40))
    told = pytest.raises(ValueError, match=r"^image: expected at most .* pixels, .* make it small")
    with told, warnings.catch_warnings(action="ignore"):
        digit_image(path)


# The parts ---------------------------------------------------------------------------------------


def test_blots_are_connected_by_corners_too():
    mask = np.array([[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 1]], bool)
    blots = _pictures._blots(mask)
    assert blots[0, 0] == blots[1, 1] > 0
    assert len({blots[0, 0], blots[0, 3], blots[2, 3]}) == 3
    assert not blots[~mask].any()


def test_the_paper_is_found_below_the_ink_in_uneven_light():
    y, x = np.mgrid[-1:1:120j, -1:1:90j]
    light = 0.6 + 0.2 * x - 0.1 * y - 0.05 * x * y
    ink = np.zeros((120, 90))
    ink[30:90, 30:50] = 1
    found = _pictures._paper(light * (1 - 0.9 * ink))
    np.testing.assert_allclose(found, light, atol=0.01)


def test_the_command_prints_a_line_for_each_disguise(monkeypatch, capsys, hand):
    X, y = hand
    data = nn.datasets.Split(X.astype(np.float32), y, X.astype(np.float32), y)
    monkeypatch.setattr(nn, "load_mnist", lambda: data)
    assert main(["--n", "2", "--train", "50"]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [*DISGUISES, *BEYOND]
    assert all(line.startswith(name) for line, name in zip(lines[2:], names, strict=True))
