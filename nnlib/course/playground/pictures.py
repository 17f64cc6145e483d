"""Little pictures of the data sets, for the buttons that choose one."""

import base64
import io
from functools import lru_cache
from typing import Any

import ipywidgets as w
import numpy as np
from PIL import Image, ImageDraw

from nnlib.course.playground.data import make_data
from nnlib.course.playground.maps import COLORS, DIVERGING, REACH
from nnlib.course.playground.settings import OWN, Settings

SIDE, FINE, SHOWN = 36, 8, 60
"""Pixels of a side on the page; the drawing is so many times as large; so many points are shown."""


@lru_cache
def picture(name: str) -> bytes:
    """Draw some points of a data set, as PNG."""
    data = make_data(Settings(data=name))
    X, y = data.X_train[:SHOWN], data.y_train[:SHOWN]
    colours = (
        255 * COLORS[y] if data.k else DIVERGING[np.clip(127.5 + 127.5 * y, 0, 255).astype(int)]
    )
    large, radius = SIDE * FINE, 1.6 * FINE
    image = Image.new("RGBA", (large, large))
    draw = ImageDraw.Draw(image)
    places = large / 2 + X * (1, -1) * (large / 2 - radius) / REACH
    for (x, y), colour in zip(places, colours, strict=True):
        draw.circle((x, y), radius, fill=tuple(int(c) for c in colour[:3]))
    file = io.BytesIO()
    image.resize((2 * SIDE, 2 * SIDE), Image.Resampling.BOX).save(file, "png")
    return file.getvalue()


def pictures_for(control: Any) -> Any:
    """Make what puts a picture above each data set's name, and a pencil above one's own points."""
    control.icons = ["pencil" if name == OWN else "" for name in control.options]
    control.add_class("nnlib-pictured").layout.width = "100%"
    rules = [
        f".nnlib-pictured button:nth-child({i}) {{ background-image: "
        f"url(data:image/png;base64,{base64.b64encode(picture(name)).decode()}) }}"
        for i, name in enumerate(control.options, start=1)
        if name != OWN
    ]
    return w.HTML(f"<style>{' '.join(rules)}</style>", layout=w.Layout(display="none"))
