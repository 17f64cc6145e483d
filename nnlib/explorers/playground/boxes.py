"""The sections with text: points to paste, a run to save or load, a run as code."""

import base64
from typing import Any

import ipywidgets as w

from nnlib.explorers.playground.settings import MOST_CLASSES

EXAMPLE = """x1, x2, label
0.2, 1.9, a
0.9, 1.4, a
1.4, 2.2, a
2.1, 1.7, a
0.4, 0.3, b
1.1, 0.5, b
1.8, 0.2, b
2.4, 0.6, b
0.1, 1.1, c
2.6, 1.2, c
2.9, 1.6, c
3.1, 0.9, c
"""


def make(p: Any) -> dict[str, Any]:
    """Make the three sections for a playground."""
    return {"own points": _points(p), "save": _save(p), "code": _code(p)}


def _area(p: Any, value: str, rows: int, placeholder: str, css: str) -> Any:
    """Make a box for text."""
    area = w.Textarea(
        tooltip=placeholder,
        value=value,
        rows=rows,
        placeholder=placeholder,
        layout=w.Layout(width="98%"),
    )
    area.add_class(css)
    p.controls.append(area)
    return area


def _points(p: Any) -> Any:
    about = w.HTML(
        "A point a line: x₁, x₂ and a label or a value, parted by semicolons, tabs, commas or "
        f"blanks. If all third entries are numbers, and one is not whole or more than "
        f"{MOST_CLASSES} differ, they are values, for a regression; else they are labels of 2 to "
        f"{MOST_CLASSES} classes. Each coordinate is scaled to −3 … 3, a value to at most 1 in "
        "size. A first line without numbers is a heading; a # after a blank begins a comment."
    )
    p.points = _area(p, p.session.settings.points or EXAMPLE, 8, "1.5, -2, a", "nnlib-points")
    use = p.button("Use these points", "check", lambda: p.use_points(p.points.value))
    return w.VBox([about, p.points, w.HBox([use])])


def _save(p: Any) -> Any:
    link = w.HTML()
    link.add_class("nnlib-download")
    box = _area(p, "", 6, "a saved run: paste it here, and load it", "nnlib-saved")
    upload = w.FileUpload(accept=".json", description="Load a file", layout=w.Layout(width="auto"))
    p.controls.append(upload)

    def save() -> None:
        box.value = text = p.save()
        data = base64.b64encode(text.encode()).decode()
        link.value = (
            f'<a download="playground.json" href="data:application/json;base64,{data}">'
            "download it as playground.json</a>"
        )

    def load_file(change: Any) -> None:
        files = change["new"]
        if files:
            content = bytes(files[0]["content"])
            p.post(lambda: p.load(content.decode("utf8", "replace")))

    upload.observe(load_file, "value")
    p.saved = box
    buttons = [
        p.button("Save into the box", "save", save),
        p.button("Load from the box", "folder-open", lambda: p.load(box.value)),
        upload,
        link,
    ]
    return w.VBox([w.HBox(buttons, layout=w.Layout(flex_flow="row wrap")), box])


def _code(p: Any) -> Any:
    about = w.HTML("A cell that repeats this run, with all that was changed on the way:")
    box = _area(p, "", 16, "the run as code", "nnlib-code")

    def write() -> None:
        box.value = p.code()

    p.write_code, p.code_box = write, box
    return w.VBox([about, box, w.HBox([p.button("Write it anew", "refresh", write)])])
