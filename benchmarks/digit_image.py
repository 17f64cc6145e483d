"""How well digits in disguise are read: ``python -m benchmarks.digit_image``.

Images of MNIST's test set are written as files: larger, inverted, framed, pale, in uneven light.
`nnlib.datasets.digit_image` reads them, and a network that has learned from MNIST says what they
are. What it loses against the images themselves is what the disguise costs.
"""

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import nnlib as nn
from benchmarks.output import table
from nnlib.datasets import digit_image

Picture = Any
"""A Pillow image."""

ORIENTATION = 0x0112
"""The tag of EXIF that says how the camera was held."""


def grey(pixels: np.ndarray) -> Picture:
    """Turn numbers from 0, black, to 1, white, into a picture."""
    return Image.fromarray(np.round(255 * np.clip(pixels, 0, 1)).astype(np.uint8))


def enlarged(ink: np.ndarray, times: int, border: int = 0) -> np.ndarray:
    """Enlarge smoothly, and put paper around."""
    side = times * len(ink)
    large = Image.fromarray(np.float32(ink)).resize((side, side), Image.Resampling.BICUBIC)
    return np.pad(np.clip(np.asarray(large, float), 0, 1), border)


def shifted(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Put a digit of three times the size somewhere on a sheet of 200×150."""
    sheet = np.zeros((200, 150))
    top, left = rng.integers(0, 200 - 84 + 1), rng.integers(0, 150 - 84 + 1)
    sheet[top : top + 84, left : left + 84] = enlarged(ink, 3)
    return sheet


def light(shape: tuple[int, ...], rng: np.random.Generator, dark: float = 0.4) -> np.ndarray:
    """Light from one side: from 1 down to ``dark`` across the paper, and a lamp's round spot."""
    y, x = (2 * np.indices(shape) + 1) / np.array(shape)[:, None, None] - 1
    angle = rng.uniform(0, 2 * np.pi)
    along = (x * np.cos(angle) + y * np.sin(angle)) / np.sqrt(2)
    return (1 + dark) / 2 + (1 - dark) / 2 * along - 0.05 * (x**2 + y**2)


def with_alpha(ink: np.ndarray, colour: int) -> Picture:
    """Ink of one colour on nothing."""
    large = enlarged(ink, 3)
    rgba = np.full((*large.shape, 4), colour, np.uint8)
    rgba[..., 3] = np.round(255 * large)
    return Image.fromarray(rgba)


def sixteen_bits(ink: np.ndarray) -> Picture:
    """Dark on light, with 65,536 greys."""
    return Image.fromarray(np.round(65535 * (1 - enlarged(ink, 3))).astype(np.uint16))


def coloured(ink: np.ndarray, pen: tuple[float, ...], paper: tuple[float, ...]) -> Picture:
    """A pen on paper, both of them coloured."""
    large = enlarged(ink, 3, 20)[..., np.newaxis]
    return grey(large * pen + (1 - large) * paper)


def framed(ink: np.ndarray, width: int) -> Picture:
    """A black frame around the paper."""
    return grey(np.pad(1 - enlarged(ink, 3), width))


def photo(ink: np.ndarray, rng: np.random.Generator, noise: float = 0.03) -> Picture:
    """A pen of 70 % darkness, in uneven light, with the camera's noise."""
    large = enlarged(ink, 10, 60)
    lit = light(large.shape, rng) * (1 - 0.7 * large)
    return grey(lit + rng.normal(0, noise, large.shape))


def on_a_table(ink: np.ndarray, rng: np.random.Generator) -> Picture:
    """A photograph of a sheet that lies on a dark table, hardly straight."""
    sheet = photo(ink, rng, 0)
    angle = rng.uniform(-4, 4)
    wide = Image.new("L", (sheet.width + 160, sheet.height + 240), 60)
    mask = Image.new("L", wide.size, 0)
    wide.paste(sheet, (80, 120)), mask.paste(255, (80, 120, 80 + sheet.width, 120 + sheet.height))
    how = Image.Resampling.BILINEAR
    table_top = Image.new("L", wide.size, 60)
    return Image.composite(wide.rotate(angle, how), table_top, mask.rotate(angle, how))


def held_upright(ink: np.ndarray) -> Picture:
    """A photograph that EXIF says was taken with the camera turned by 90°."""
    image = grey(1 - enlarged(ink, 3, 10)).transpose(Image.Transpose.ROTATE_90)
    image.getexif()[ORIENTATION] = 6
    return image


Disguise = Callable[[np.ndarray, np.random.Generator], Picture]

# What is written, and as which kind of file; "q60" is JPEG of quality 60.
DISGUISES: dict[str, tuple[str, Disguise]] = {
    "as it is, white on black": ("png", lambda ink, rng: grey(ink)),
    "inverted, black on white": ("png", lambda ink, rng: grey(1 - ink)),
    "3 times as large": ("png", lambda ink, rng: grey(1 - enlarged(ink, 3))),
    "10 times as large": ("png", lambda ink, rng: grey(1 - enlarged(ink, 10))),
    "cut to the ink": ("png", lambda ink, rng: grey(1 - enlarged(cut(ink), 3))),
    "a wide border": ("png", lambda ink, rng: grey(1 - enlarged(ink, 3, 120))),
    "a thin black frame": ("png", lambda ink, rng: framed(ink, 3)),
    "a thick black frame": ("png", lambda ink, rng: framed(ink, 40)),
    "somewhere on a sheet": ("png", lambda ink, rng: grey(1 - shifted(ink, rng))),
    "black ink on nothing (alpha)": ("png", lambda ink, rng: with_alpha(ink, 0)),
    "white ink on nothing (alpha)": ("png", lambda ink, rng: with_alpha(ink, 255)),
    "16 bits": ("png", lambda ink, rng: sixteen_bits(ink)),
    "1 bit": ("png", lambda ink, rng: grey(1 - enlarged(ink, 10)).convert("1")),
    "a palette of 16 colours": ("png", lambda ink, rng: grey(1 - enlarged(ink, 3)).quantize(16)),
    "blue on white, RGB": ("png", lambda ink, rng: coloured(ink, (0.1, 0.2, 0.7), (1, 1, 1))),
    "yellow on white, RGB": ("png", lambda ink, rng: coloured(ink, (1, 0.9, 0.1), (1, 1, 1))),
    "red on green, RGB": ("png", lambda ink, rng: coloured(ink, (0.8, 0.2, 0.2), (0.2, 0.5, 0.2))),
    "a pale pencil": ("png", lambda ink, rng: grey(0.9 - 0.25 * enlarged(ink, 3, 10))),
    "turned, as EXIF says": ("jpg", lambda ink, rng: held_upright(ink)),
    "JPEG of quality 60": ("q60", lambda ink, rng: grey(1 - enlarged(ink, 3))),
    "uneven light": ("png", lambda ink, rng: lit(enlarged(ink, 3, 20), rng)),
    "uneven light, JPEG 60": ("q60", lambda ink, rng: lit(enlarged(ink, 10, 60), rng)),
    "chalk in uneven light": ("png", lambda ink, rng: chalk(enlarged(ink, 3, 20), rng)),
    "a photograph, with noise": ("q60", photo),
    "a sheet on a dark table": ("q60", on_a_table),
}

# What it is not made for, or only just: the table says what that costs.
BEYOND: dict[str, tuple[str, Disguise]] = {
    "pale ruled lines": ("png", lambda ink, rng: ruled(enlarged(ink, 3, 20))),
    "the edge of a shadow": ("q60", lambda ink, rng: shadowed(ink, rng)),
}


def shadowed(ink: np.ndarray, rng: np.random.Generator) -> Picture:
    """A shadow with a rather sharp edge, across the middle of the paper."""
    large = enlarged(ink, 10, 60)
    x = np.arange(large.shape[1]) - rng.uniform(0.3, 0.7) * large.shape[1]
    return grey((1 - 0.4 / (1 + np.exp(-x / 8))) * (1 - 0.8 * large))


def cut(ink: np.ndarray) -> np.ndarray:
    """Cut to a square around the ink, without any paper where it is widest."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    side = max(np.ptp(rows), np.ptp(columns)) + 1
    top, left = min(rows[0], len(ink) - side), min(columns[0], len(ink) - side)
    return ink[top : top + side, left : left + side]


def ruled(ink: np.ndarray) -> Picture:
    """A digit across the lines of a copybook, which are a quarter as dark."""
    lines = (np.arange(len(ink)) % 12 == 0)[:, np.newaxis]
    return grey(1 - np.maximum(ink, 0.25 * lines))


def lit(ink: np.ndarray, rng: np.random.Generator) -> Picture:
    """Black ink on paper in uneven light."""
    return grey(light(ink.shape, rng) * (1 - 0.9 * ink))


def chalk(ink: np.ndarray, rng: np.random.Generator) -> Picture:
    """Chalk on a blackboard in uneven light."""
    return grey(light(ink.shape, rng) * (0.2 + 0.7 * ink))


def write(picture: Picture, path: Path, kind: str) -> Path:
    """Write a picture as a file of its kind."""
    if kind == "png":
        picture.save(path.with_suffix(".png"))
        return path.with_suffix(".png")
    options = {"exif": picture.getexif()} if kind == "jpg" else {}
    picture.save(path.with_suffix(".jpg"), quality=60 if kind == "q60" else 90, **options)
    return path.with_suffix(".jpg")


def read_again(
    name: str, X: np.ndarray, folder: Path, like: str = "mnist", seed: int = 0
) -> np.ndarray:
    """Write images (n, d) in a disguise, and read them; one that is refused gives zeros."""
    kind, disguise = (DISGUISES | BEYOND)[name]
    rng, side = np.random.default_rng(seed), round(X.shape[1] ** 0.5)
    rows = np.zeros((len(X), {"mnist": 784, "digits": 64}[like]), np.float32)
    for x, row in zip(X, rows, strict=True):
        picture = disguise(x.reshape(side, side).astype(float), rng)
        with contextlib.suppress(ValueError):
            row[:] = digit_image(write(picture, folder / "digit", kind), like)
    return rows


def trained(n: int = 20_000, epochs: int = 3) -> nn.Model:
    """Train a small network on MNIST."""
    data = nn.load_mnist()
    layers = [nn.Dense(784, 128), nn.ReLU(), nn.Dense(128, 10)]
    net = nn.Sequential(*layers, rng=0, dtype=np.float32)
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam())
    model.fit(data.X_train[:n], data.y_train[:n], epochs=epochs, batch_size=64, rng=0)
    return model


def main(arguments: list[str] | None = None) -> int:
    """Print the table of accuracies and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=500, help="images, the first of the test set")
    parser.add_argument("--train", type=int, default=20_000, help="images to learn from")
    options = parser.parse_args(arguments)
    data, model = nn.load_mnist(), trained(options.train)
    X, y = data.X_test[: options.n], data.y_test[: options.n]
    plain = nn.accuracy(y, model.predict(X))
    rows = [["the rows of the data set", f"{plain:.1%}", "", ""]]
    with tempfile.TemporaryDirectory() as folder:
        for name in DISGUISES | BEYOND:
            again = read_again(name, X, Path(folder))
            read = again.any(axis=1)
            found = np.mean((model.predict(again) == y) & read)
            rows.append([name, f"{found:.1%}", f"{100 * (found - plain):+.1f}", str((~read).sum())])
    print(table([f"{len(X)} digits of the test set", "accuracy", "points", "refused"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
