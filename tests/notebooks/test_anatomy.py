"""Every lesson has the anatomy that lesson 00 promises, and claims nothing that is not asserted.

So has `_template.ipynb`, from which a new lesson is made.
"""

import ast
import base64
import re
import statistics
import struct
from functools import cache
from itertools import chain, pairwise
from pathlib import Path

import nbformat
import pytest

from nnlib.course import check
from nnlib.course.exercises.exercise import exercises

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
    "Feel it",
    "Derive",
    "The finished version",
    "Break it",
    "Practise",
    "What you now know",
    "Deeper",
]
WORDS, CELLS, SITTING = 3500, 60, 45  # above Deeper; minutes from one place to pause to the next
FOLDED = {"figure": "# figure: ", "solution": "# our lines", "proof": "# proof: "}
"""What the first line of a folded cell, all that JupyterLab shows of it, begins with."""
MATHS_AND_CODE = re.compile(r"\$\$.*?\$\$|\$[^$]*\$|```.*?```", re.S)


def number_of(path):
    return BORROWED if path == TEMPLATE else path.name[:2]


@cache
def cells_of(path):
    return nbformat.read(path, 4).cells


def code_of(path):
    return [cell for cell in cells_of(path) if cell.cell_type == "code"]


def parts_of(path):
    """Return the cells of each section, and under "" those above the first."""
    found = {"": []}
    for cell in cells_of(path):
        title = re.match("## (.+)", cell.source) if cell.cell_type == "markdown" else None
        if title:
            found[title[1]] = []
        found[list(found)[-1]].append(cell)
    return found


def main_line(path):
    """Return the cells above Deeper."""
    parts = parts_of(path).items()
    return [cell for title, cells in parts if not title.startswith("Deeper") for cell in cells]


def of_kind(cells, kind):
    return [cell for cell in cells if cell.cell_type == kind]


def folded_as(cell):
    """Which of the tags of folded cells a cell has."""
    return [tag for tag in cell.metadata.get("tags", ()) if tag in FOLDED]


def words(cells):
    """Count the words of prose."""
    return sum(len(MATHS_AND_CODE.sub(" x ", c.source).split()) for c in of_kind(cells, "markdown"))


def minutes(cells):
    """How long cells take to read and to run."""
    return words(cells) / 200 + len(of_kind(cells, "code"))


def named(paths):
    ids = [f"{path.parent.name}/{path.stem}" for path in paths]
    return pytest.mark.parametrize("path", paths, ids=ids)


def images(cell):
    """The PNGs that a cell shows."""
    for output in pictures(cell):
        yield base64.b64decode(output["data"]["image/png"])


def pictures(cell):
    """The outputs of a cell that are pictures."""
    return [out for out in cell.get("outputs", ()) if "image/png" in out.get("data", {})]


def test_there_are_lessons():
    assert len(LESSONS) >= 3


# Its form -------------------------------------------------------------------------------------


@named([*PATHS, TEMPLATE])
def test_a_lesson_opens_with_its_question_and_what_it_takes(path):
    title, bullets, *_ = cells_of(path)[0].source.split("\n\n")
    assert re.fullmatch(rf"# {number_of(path)} · .+: .+\?", title)
    starts = ["- **You will** ", "- **You need** ", "- **Your time** about ", "- [The map]("]
    lines = bullets.splitlines()
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts


@named([*FORMS, PATHS[0]])
def test_the_times_are_those_of_the_rule(path):
    (line,) = re.findall(r"^- \*\*Your time\*\*.*", cells_of(path)[0].source, re.M)
    pencil = "" if path == PATHS[0] else " nearly twice that with a pencil,"
    told = re.fullmatch(
        rf".* about (\d+) minutes to read and run,{pencil} "
        r"and (\d+) for the exercises; the machine's is .+\.",
        line,
    )
    sources = "\n".join(cell.source for cell in main_line(path))
    exercises = [int(n) for n in re.findall(r"^\*\*\d\d\.\d\w?\*\* \((\d+) min", sources, re.M)]
    assert told, line
    assert int(told[1]) == 5 * round(minutes(main_line(path)) / 5), minutes(main_line(path))
    assert int(told[2]) == sum(exercises)


@named(FORMS)
def test_the_map_and_the_neighbours_are_linked_at_the_top(path):
    line = cells_of(path)[0].source.splitlines()[-1]
    links = re.findall(r"\]\(([^)]+)\)", line)
    lesson = next(p for p in PATHS if p.name.startswith(number_of(path)))
    i = PATHS.index(lesson)
    around = [PATHS[i - 1].name, PATHS[i + 1].name if i + 1 < len(PATHS) else PATHS[0].name]
    assert links == [PATHS[0].name, f"{PATHS[0].name}#The-notation-page", *around]


@named(FORMS)
def test_the_sections_come_in_their_order(path):
    assert list(parts_of(path)) == ["", *SECTIONS]
    assert len(of_kind(parts_of(path)[""], "code")) == 1


@named([*FORMS, PATHS[0]])
def test_the_main_line_is_short(path):
    assert words(main_line(path)) <= WORDS
    assert len(of_kind(main_line(path), "code")) <= CELLS


@named([*FORMS, PATHS[0]])
def test_there_are_places_to_pause(path):
    sitting = []
    for cell in main_line(path):
        if cell.source.startswith("**A place to pause.**"):
            sitting = []
        sitting.append(cell)
        assert minutes(sitting) <= SITTING, cell.source


@named([*FORMS, PATHS[0]])
def test_the_problem_is_seen_before_it_is_solved(path):
    cells = main_line(path)
    first = next(i for i, cell in enumerate(cells) if any(images(cell)))
    assert first <= len(cells) / 4


@named(FORMS)
def test_it_is_felt_in_three_small_cells_at_most(path):
    assert 1 <= len(of_kind(parts_of(path)["Feel it"], "code")) <= 3


@named([*FORMS, PATHS[0]])
def test_a_prediction_hides_its_answer(path):
    text = "\n".join(cell.source for cell in of_kind(cells_of(path), "markdown"))
    asked = [c.source for c in of_kind(cells_of(path), "markdown") if "**Predict.**" in c.source]
    assert asked
    for source in asked:
        answer = r"<details><summary>The prediction</summary>\n\n.+?\n\n</details>"
        assert re.search(answer, source[source.index("**Predict.**") :], re.S), source
    assert "*The prediction:*" not in text


@named(FORMS)
def test_the_learner_writes_the_core(path):
    """Under "Your turn" stands a stub with its check, a few words, and our lines, folded."""
    core = f"{number_of(path)}.{1 if path == TEMPLATE else 0}"
    cells = parts_of(path)["Derive"]
    places = [i for i, c in enumerate(cells) if f'check("{core}' in c.source]
    assert places
    assert len(re.findall(r"^### Your turn: ", sources_of(cells), re.M)) == len(places)
    for i in places:
        words_between, ours = cells[i + 1 : i + 3]
        name = re.search(rf'^check\("{core}b?", (\w+)\)', cells[i].source, re.M)[1]
        assert words_between.cell_type == "markdown"
        assert folded_as(ours) == ["solution"]
        assert re.search(rf"^def our_{name}\(", ours.source, re.M)


def sources_of(cells):
    return "\n".join(cell.source for cell in cells)


@named(FORMS)
def test_our_lines_are_right(path):
    """They are run with what the lesson has imported and defined above them, and nothing else."""
    first, *cells = code_of(path)
    space, stubs = {}, []
    exec(first.source, space)
    for cell in cells:
        tree = ast.parse(cell.source)
        tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        exec(compile(tree, str(path), "exec"), space)  # what the cell defines
        stubs += re.findall(r'^check\("([\d.]+b?)", (\w+)\)', cell.source, re.M)
        if folded_as(cell) == ["solution"]:
            number, name = stubs.pop()
            verdict = check(number, space[f"our_{name}"], record=False)
            assert verdict.ok, verdict


@named([*FORMS, PATHS[0]])
def test_what_is_folded_says_what_it_is(path):
    for cell in code_of(path):
        tags = folded_as(cell)
        assert cell.metadata.get("jupyter", {}) == ({"source_hidden": True} if tags else {})
        assert len(tags) <= 1
        for tag in tags:
            assert cell.source.startswith(FOLDED[tag]), cell.source


@named(FORMS)
def test_long_code_of_a_figure_is_folded(path):
    for cell in code_of(path):
        if cell.source.endswith("plt.show()") and len(cell.source.splitlines()) > 8:
            assert folded_as(cell) == ["figure"], cell.source


@named([*FORMS, PATHS[0]])
def test_most_of_the_code_that_one_sees_computes(path):
    """At most a third of it asserts: what only guards the prose is folded."""
    visible = [cell for cell in of_kind(main_line(path), "code") if not folded_as(cell)]
    asserting = [cell for cell in visible if "assert " in cell.source]
    assert len(asserting) <= len(visible) / 3


@named(FORMS)
def test_what_you_now_know_fits_on_a_card(path):
    card, *_ = parts_of(path)["What you now know"]
    lines = [line for line in card.source.split("\n\nWorked solutions")[0].splitlines() if line]
    assert 2 <= len(lines) <= 11


@named(FORMS)
def test_a_lesson_ends_with_sources_the_way_on_and_what_is_done(path):
    card, *rest = parts_of(path)["What you now know"]
    assert [cell.source for cell in rest] == [f'progress("{number_of(path)}")']
    assert re.search(r"^\*\*Sources\.\*\* .*\]\(https?://", card.source, re.M)
    assert re.search(r"^\*\*Next\.\*\* .*\]\(\w+\.ipynb\)", card.source, re.M)


@named(FORMS)
def test_what_goes_deeper_is_optional(path):
    first, *_ = parts_of(path)["Deeper"]
    assert first.source.startswith("## Deeper\n\n*Optional; nothing above leans on it.*")


# Its cells ------------------------------------------------------------------------------------


@named(PAGES)
def test_all_imports_stand_in_the_first_code_cell(path):
    first, *rest = code_of(path)
    assert 'plt.style.use("nnlib.course")' in first.source
    for cell in rest:
        found = [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Import)]
        found += [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.ImportFrom)]
        assert not found, cell.source


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
    part = sources[sources.index("## The finished version") : sources.index("## Break it")]
    assert "source(nn." in part
    assert "assert " in part


@named(FORMS)
def test_something_is_broken_on_purpose(path):
    sources = "\n".join(cell.source for cell in cells_of(path))
    part = sources[sources.index("## Break it") : sources.index("## Practise")]
    assert "assert " in part


@named(FORMS)
def test_exercises_are_untouched_and_all_there(path):
    found = {title: [] for title in parts_of(path)}
    for title, cells in parts_of(path).items():
        for cell in of_kind(cells, "code"):
            for number in re.findall(r'^check\("([\d.]+b?)"', cell.source, re.M):
                found[title].append(number)
                assert "not written yet" in cell.outputs[0]["data"]["text/plain"]
                above = cells[cells.index(cell) - 1].source
                assert re.search(rf"^\*\*{number}\*\* \(\d+ min", above, re.M), above
    assert 2 <= len(found["Practise"]) <= 4
    if path != TEMPLATE:
        assert sorted(chain(*found.values())) == sorted(exercises(number_of(path)))


@named(FORMS)
def test_three_questions_come_before_the_exercises(path):
    sources = "\n".join(cell.source for cell in cells_of(path))
    part = sources[sources.index("## Practise") : sources.index("## What you now know")]
    assert part.index(f'quiz("{number_of(path)}")') < part.index("check(")


@named(LESSONS)  # the template's are those of another lesson
def test_every_exercise_has_a_worked_solution(path):
    (solution,) = (s for s in SOLUTIONS if s.name == path.name)
    tasks = re.findall(r'^check\("([\d.]+)"', sources_of(code_of(path)), re.M)
    tasks = [task for task in tasks if not task.endswith(".0")]  # the lesson has ours itself
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
            assert struct.unpack(">I", png[16:20])[0] <= (980 if explorer else 2 * 780)


@named(PAGES)
def test_figures_are_sharp_and_say_what_they_show(path):
    for cell in code_of(path):
        for output, png in zip(pictures(cell), images(cell), strict=True):
            size = output.metadata.get("image/png")
            explorer = cell.source.splitlines()[-1].startswith("explorers.")
            assert size or explorer or path not in FORMS, "execute it again: its figures are soft"
            if size:
                assert size["width"] <= 780
                assert [n // 2 for n in struct.unpack(">II", png[16:24])] == [
                    size["width"],
                    size["height"],
                ]
                assert 40 <= len(size["alt"]) <= 400, f"before this figure stands {size['alt']!r}"


@named(PAGES)
def test_a_notebook_is_small_enough_to_be_opened_at_once(path):
    most = 800 if path.name.startswith(("06", "08")) else 400
    assert path.stat().st_size < most * 1000, "draw fewer shades, or fewer figures"


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
    r"|\b0\d\.\d\b|\b0\d\.0b\b|\*\*1\d\.\db?\*\*|^## 1\d\.\d ·",
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
    text = "It is 97.5% right, and 3.14 in `2.71`, $1.41$; 04.3 asks. About 30 percent.\n| 0.1 |"
    found = [max(values) for values in claimed(text)]
    assert found == [97.5, 3.14, 30]


@named(PAGES)
def test_links_lead_somewhere(path):
    for cell in cells_of(path):
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", cell.source):
                assert (path.parent / target).exists(), target
