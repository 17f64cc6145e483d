"""Every lesson has the anatomy that lesson 00 promises, and claims nothing that is not asserted.

So has `_template.ipynb`, from which a new lesson is made.
"""

import ast
import base64
import re
import statistics
import struct
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
PATHS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
LESSONS = [path for path in PATHS if path.name > "01"]
SOLUTIONS = sorted((ROOT / "notebooks" / "solutions").glob("[0-9]*.ipynb"))
TEMPLATE = ROOT / "notebooks" / "_template.ipynb"
BORROWED = "04"
"""The lesson whose number, exercises and questions the template has in place of its own."""
FORMS = [*LESSONS, TEMPLATE]
PAGES = [*PATHS, *SOLUTIONS, TEMPLATE]
SECTIONS = [
    "Derive",
    "The finished version",
    "See it",
    "Break it",
    "Practise",
    "What you now know",
]


def number_of(path):
    return BORROWED if path == TEMPLATE else path.name[:2]


def cells_of(path):
    return nbformat.read(path, 4).cells


def code_of(path):
    return [cell for cell in cells_of(path) if cell.cell_type == "code"]


def named(paths):
    ids = [f"{path.parent.name}/{path.stem}" for path in paths]
    return pytest.mark.parametrize("path", paths, ids=ids)


def images(cell):
    """The PNGs that a cell shows."""
    for output in cell.get("outputs", ()):
        if "image/png" in output.get("data", {}):
            yield base64.b64decode(output["data"]["image/png"])


def test_there_are_lessons():
    assert len(LESSONS) >= 3


@named([*PATHS, TEMPLATE])
def test_a_lesson_opens_with_its_question_and_what_it_takes(path):
    lines = cells_of(path)[0].source.splitlines()
    assert re.fullmatch(rf"# {number_of(path)} · .+: .+\?", lines[0])
    starts = ["- **You will** ", "- **You need** ", "- **Running time** about "]
    assert [line[: len(start)] for line, start in zip(lines[2:], starts, strict=True)] == starts


@named(PAGES)
def test_all_imports_stand_in_the_first_code_cell(path):
    first, *rest = code_of(path)
    assert 'plt.style.use("nnlib.course")' in first.source
    for cell in rest:
        found = [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Import)]
        found += [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.ImportFrom)]
        assert not found, cell.source


@named(FORMS)
def test_the_sections_come_in_their_order(path):
    text = [c.source for c in cells_of(path) if c.cell_type == "markdown"]
    assert re.findall(r"^## (.+)$", "\n\n".join(text), re.M) == SECTIONS


@named(FORMS)
def test_a_prediction_is_asked_before_the_derivation_and_answered_later(path):
    text = [c.source if c.cell_type == "markdown" else "" for c in cells_of(path)]
    asked = next(i for i, source in enumerate(text) if source.startswith("**Predict.**"))
    derive = next(i for i, source in enumerate(text) if source.startswith("## Derive"))
    answered = [i for i, source in enumerate(text) if "*The prediction:*" in source]
    assert asked < derive < answered[-1]
    questions = sum(len(re.findall(r"\*Predict:\*|\*\*Predict\.\*\*", source)) for source in text)
    assert len(answered) >= questions


@named(PAGES)
def test_one_idea_a_cell(path):
    lengths = [len(cell.source.splitlines()) for cell in code_of(path)]
    assert max(lengths) <= 25
    assert statistics.median(lengths) <= 6


@named(PAGES)
def test_lines_fit_on_the_page(path):
    for cell in code_of(path):
        assert max(map(len, cell.source.splitlines())) <= 100, cell.source


@named(FORMS)
def test_the_finished_version_shows_its_source(path):
    sources = "\n".join(cell.source for cell in cells_of(path))
    part = sources[sources.index("## The finished version") : sources.index("## See it")]
    assert "source(nn." in part
    assert "assert " in part


@named(FORMS)
def test_something_is_broken_on_purpose(path):
    sources = "\n".join(cell.source for cell in cells_of(path))
    part = sources[sources.index("## Break it") : sources.index("## Practise")]
    assert "assert " in part


@named(FORMS)
def test_exercises_are_untouched_and_numbered_from_one(path):
    lesson = number_of(path)
    found = []
    for cell in code_of(path):
        for number in re.findall(r'check\("([\d.]+)"', cell.source):
            found.append(number)
            assert "not written yet" in cell.outputs[0]["data"]["text/plain"]
    assert found == [f"{lesson}.{i}" for i in range(1, len(found) + 1)]
    assert 2 <= len(found) <= 4


@named(FORMS)
def test_three_questions_come_before_the_exercises(path):
    sources = "\n".join(cell.source for cell in cells_of(path))
    part = sources[sources.index("## Practise") : sources.index("## What you now know")]
    assert part.index(f'quiz("{number_of(path)}")') < part.index("check(")


@named(LESSONS)  # the template's are those of another lesson
def test_every_exercise_has_a_worked_solution(path):
    (solution,) = (s for s in SOLUTIONS if s.name == path.name)
    tasks = re.findall(r'^check\("([\d.]+)"', "\n".join(c.source for c in code_of(path)), re.M)
    solved = []
    for cell in code_of(solution):
        for number in re.findall(r'^check\("([\d.]+)"', cell.source, re.M):
            solved.append(number)
            assert "record=False" in cell.source
            assert cell.outputs[0]["data"]["text/plain"].startswith(f"✓ {number} right")
    assert solved == tasks


@named(SOLUTIONS)
def test_a_solution_opens_with_its_title_and_the_way_back(path):
    first = cells_of(path)[0].source
    assert re.match(rf"# {path.name[:2]} · Solutions\n", first)
    assert f"](../{path.name})" in first


@named(PAGES)
def test_a_figure_is_described_right_before_and_shown_at_the_end(path):
    cells = cells_of(path)
    for before, cell in pairwise(cells):
        for png in images(cell):
            assert before.cell_type == "markdown", cell.source
            last = cell.source.splitlines()[-1]
            explorer = last.startswith("explorers.")
            assert last == "plt.show()" or explorer
            assert struct.unpack(">I", png[16:20])[0] <= (980 if explorer else 780)


@named(FORMS)
def test_there_is_something_to_see(path):
    assert sum(len(list(images(cell))) for cell in code_of(path)) >= 1


def printed(cell):
    for output in cell.outputs:
        yield output.get("text", "") or output.get("data", {}).get("text/plain", "")


@named(PAGES)
def test_outputs_hold_on_other_machines(path):
    for cell in code_of(path):
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            continue
        for text in printed(cell):
            assert not re.search(r"[1-9]\d*\.\d{5,}|0\.0*[1-9]\d{4,}", text), text
            assert not re.search(r"0x[0-9a-f]{6,}|\d ?(ms|µs|seconds)\b", text), text


@named(PAGES)
def test_nothing_warns(path):
    for cell in code_of(path):
        assert all(output.get("name") != "stderr" for output in cell.outputs), cell.source


def test_hardly_any_output_goes_uncompared():
    cells = [cell for path in PATHS + SOLUTIONS for cell in code_of(path)]
    ignored = [c for c in cells if "nbval-ignore-output" in c.metadata.get("tags", [])]
    assert len(ignored) <= 0.02 * len(cells)
    assert not any("NBVAL_IGNORE_OUTPUT" in cell.source for cell in cells)


NOT_PROSE = re.compile(
    r"```.*?```|\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|\]\([^)]*\)|^\|.*?$|\*\*Sources\.\*\*.*?(?=\n\n|\Z)"
    r"|^- \*\*Running time\*\*.*?$|\b0\d\.\d\b|\*\*1\d\.\d\*\*|^## 1\d\.\d ·",
    re.S | re.M,
)
NUMBER = re.compile(r"(?<![\d.])(\d[\d,]*\.\d+|\d+(?=\s?%|\s?percent))(\s?%|\s?percent)?")


def claimed(source):
    """Decimals and percentages in prose."""
    for number, percent in NUMBER.findall(NOT_PROSE.sub(" ", source)):
        value = float(number.replace(",", ""))
        yield {value, value / 100} if percent else {value}


def asserted(cell):
    """All numbers that stand in the asserts of a cell."""
    if cell.cell_type != "code":
        return
    for statement in ast.walk(ast.parse(cell.source)):
        if isinstance(statement, ast.Assert):
            for node in ast.walk(statement):
                if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
                    yield float(node.value)


@named(PAGES)
def test_every_decimal_in_prose_is_asserted_nearby(path):
    cells = cells_of(path)
    for i, cell in enumerate(cells):
        if cell.cell_type != "markdown":
            continue
        near = {value for other in cells[max(i - 2, 0) : i + 3] for value in asserted(other)}
        for values in claimed(cell.source):
            assert values & near, f"{values} in {cell.source[:200]!r}"


def test_the_finder_of_claims_finds_them():
    text = "It is 97.5% right, and 3.14 in `2.71`, $1.41$; 04.2 asks. About 30 percent.\n| 0.1 |"
    found = [max(values) for values in claimed(text)]
    assert found == [97.5, 3.14, 30]


@named(PAGES)
def test_links_lead_somewhere(path):
    for cell in cells_of(path):
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", cell.source):
                assert (path.parent / target).exists(), target


@named(FORMS)
def test_a_lesson_ends_with_sources_and_the_way_on(path):
    last = cells_of(path)[-1].source
    assert last.startswith("## What you now know")
    assert "**Sources.**" in last
    assert re.search(r"\*\*Next\.\*\* .*\]\(\w+\.ipynb\)", last)
