"""Execute the lessons and store outputs that do not change from run to run.

python tools/run_notebooks.py                     execute all, in place
python tools/run_notebooks.py notebooks/04*.ipynb execute these
python tools/run_notebooks.py --check             only look: executed in one go, in normal form?
python tools/run_notebooks.py --measure           store what is measured anew, too

A cell with the tag "measured" shows times, which no two runs share. Its stored outputs stay as long
as no code of the lesson changes: all of them come from one run.
"""

import argparse
import asyncio
import base64
import copy
import hashlib
import io
import os
import re
import sys
import time
import uuid
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image

from nnlib.course.kit.canvas import png

if __package__:
    from tools.alt_text import description
else:
    from alt_text import description

WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
STANDIN = re.compile('<img class="nnlib-picture"[^>]*>')
KEPT = ("tags", "measured")  # of a cell's metadata
FOLDED = {"proof", "figure", "solution"}
"""Code with one of these tags stands folded: a page shows its first line, a comment."""


def normalise(notebook):
    """Leave out what depends on the run or the machine, in place."""
    notebook.metadata = nbformat.from_dict(METADATA)
    name_cells(notebook)
    models, before = {}, ""
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in KEPT})
        if folded(cell):
            cell.metadata["jupyter"] = nbformat.from_dict({"source_hidden": True})
        if "outputs" in cell:
            cell.outputs = joined(cell.outputs)
        for output in cell.get("outputs", ()):
            describe(output, before)
            shrink(output.get("data", {}), models)
        before = cell.source if cell.cell_type == "markdown" else before
    return notebook


def name_cells(notebook):
    """Give each cell that has none an id."""
    taken = {cell.get("id") for cell in notebook.cells}
    for i, cell in enumerate(notebook.cells):
        if not cell.get("id"):
            cell["id"] = next(
                c for c in (f"cell-{i + j:03d}" for j in range(999)) if c not in taken
            )
            taken.add(cell["id"])


def describe(output, before):
    """Keep of an output's metadata the size of its figure, with what is said right before it.

    A picture that stands in for a widget has no size of its own, and says itself what it shows.
    """
    metadata = output.get("metadata", {})
    size = metadata.get("image/png", {})
    metadata.clear()
    if "width" in size:
        metadata["image/png"] = nbformat.from_dict({**size, "alt": description(before)})


def shrink(data, models):
    """Store pictures small, those of widgets once, and widgets under names that do not change."""
    if "image/png" in data:
        data["image/png"] = small(data["image/png"])
    if "text/html" in data:
        data["text/html"] = STANDIN.sub("", data["text/html"])  # the next output has it, too
    if WIDGET in data:
        name = uuid.uuid5(uuid.NAMESPACE_OID, f"widget {len(models)}").hex
        data[WIDGET]["model_id"] = models.setdefault(data[WIDGET]["model_id"], name)


def folded(cell):
    """Whether a reader unfolds the code of this cell to see it."""
    return cell.cell_type == "code" and not FOLDED.isdisjoint(cell.metadata.get("tags", ()))


def small(picture):
    """Store a picture with 256 colours, in a third of the space; one that has no more stays."""
    image = Image.open(io.BytesIO(base64.b64decode(picture)))
    if image.mode == "P":
        return picture
    return base64.b64encode(png(np.asarray(image))).decode("ascii")


def joined(outputs):
    """Join what was printed: in how many pieces it came depends on the run."""
    pieces = []
    for output in outputs:
        before = pieces[-1] if pieces else {}
        printed = output.output_type == "stream" and before.get("name") == output.get("name")
        if printed:
            before["text"] += output.text
        else:
            pieces.append(output)
    return pieces


def fingerprint(notebook):
    """Digest of the lesson's code."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()[:12]


def measured(notebook):
    """The cells that show times."""
    return [cell for cell in notebook.cells if "measured" in cell.metadata.get("tags", ())]


def keep_measured(notebook, stored):
    """Keep the stored times if they come from the same code; write down which code it was."""
    digest = fingerprint(notebook)
    for new, old in zip(measured(notebook), measured(stored), strict=True):
        if old.metadata.get("measured") == digest:
            new.outputs = old.outputs
        new.metadata["measured"] = digest


def text(notebook):
    """Write a notebook as it is stored."""
    return nbformat.writes(notebook).rstrip() + "\n"


def faults(path):
    """Say what is wrong with a stored notebook."""
    stored = path.read_text("utf8")
    notebook = nbformat.reads(stored, 4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        yield "not executed from top to bottom in one go"
    if any(
        output.output_type == "stream" and output.name == "stderr"
        for cell in code
        for output in cell.outputs
    ):
        yield "a cell writes to stderr (a warning?)"
    if any(cell.metadata.get("measured") != fingerprint(notebook) for cell in measured(notebook)):
        yield "what a cell shows was measured by other code"
    for cell in filter(folded, code):
        first = cell.source.partition("\n")[0]
        if not first.startswith("# "):
            yield f"a folded cell does not say what is in it: a comment first, not {first!r}"
    if text(normalise(notebook)) != stored:
        yield "not in normal form"


async def run(path, timeout, free, measure):
    """Execute one notebook and store it, whole or not at all."""
    async with free:
        start = time.perf_counter()
        notebook = nbformat.read(path, 4)
        stored = copy.deepcopy(notebook)
        client = NotebookClient(
            notebook,
            timeout=timeout,
            kernel_name="python3",
            record_timing=False,
            extra_arguments=["--log-level=40"],  # errors only: a kernel warns of TCP, each time
            resources={"metadata": {"path": str(path.parent)}},
        )
        try:
            await client.async_execute()
        except CellExecutionError as error:
            print(f"{path}: {error}", file=sys.stderr)
            return False
        if measure:
            for cell in measured(stored):
                cell.metadata.pop("measured", None)
        keep_measured(notebook, stored)
        new = path.with_suffix(".new")
        new.write_text(text(normalise(notebook)), "utf8")
        new.replace(path)
        print(f"{time.perf_counter() - start:6.1f} s  {path}", flush=True)
        return True


async def run_all(paths, timeout, measure):
    """Execute notebooks two at a time; one at a time where times are to be stored."""
    os.environ["NNLIB_PROGRESS"] = "off"  # what a reader has solved is not part of a lesson
    here = str(Path(__file__).resolve().parents[1])  # this checkout's nnlib, whichever is installed
    others = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [here, others]))
    free = asyncio.Semaphore(1 if measure else 2)
    return all(await asyncio.gather(*(run(path, timeout, free, measure) for path in paths)))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--timeout", type=int, default=120, help="seconds a cell may take")
    options = parser.parse_args()
    here = Path(__file__).resolve().parents[1] / "notebooks"
    paths = options.paths or [
        p for p in sorted(here.rglob("*.ipynb")) if "checkpoint" not in p.name
    ]
    if not options.check:
        sys.exit(not asyncio.run(run_all(paths, options.timeout, options.measure)))
    found = [f"{path.name}: {fault}" for path in paths for fault in faults(path)]
    print("\n".join(found) or f"{len(paths)} notebooks are executed and in normal form")
    sys.exit(f"{len(found)} faults: run `make notebooks`" if found else 0)


if __name__ == "__main__":
    main()
