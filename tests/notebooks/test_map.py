"""The map holds: what lesson 00, the README and the ends of lessons say exists is what exists."""

import re
from pathlib import Path

import nbformat
import pytest

from nnlib.course.lessons import NOTEBOOKS

ROOT = Path(__file__).parents[2]
NUMBERS = [f"{number:02}" for number in range(17)]
"""Of the lessons that the course is planned to have."""

LESSONS = {path.name[:2]: path for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))}
MISSING = [number for number in NUMBERS if number not in LESSONS]
NEW_NUMBER = (
    "its number is not among those of the plan: raise NUMBERS in tests/notebooks/test_map.py"
)


def markdown(path):
    return [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown"]


START = "\n\n".join(markdown(LESSONS["00"]))
README = (ROOT / "README.md").read_text("utf8")


def title(number):
    """What a lesson calls itself: "Optimizers" in "# 06 · Optimizers: which way …?"."""
    return re.match(rf"# {number} · ([^:]+):", markdown(LESSONS[number])[0])[1]


def test_every_lesson_is_planned():
    assert set(LESSONS) <= set(NUMBERS), NEW_NUMBER


# Lesson 00 ------------------------------------------------------------------------------------


def test_the_map_in_lesson_00_lists_the_other_lessons_in_order():
    rows = re.findall(r"^\| (\d\d) \| \[([^\]]+)\]\(([^)]+)\) \|", START, re.M)
    others = {number: path for number, path in LESSONS.items() if number != "00"}
    assert rows == [(number, title(number), path.name) for number, path in others.items()], (
        "the table below `## The map` in notebooks/00_start_here.ipynb has a row for each lesson "
        "that exists, with its title and its file: `| 06 | [Optimizers](06_optimizers.ipynb) | …`"
    )


def test_the_map_tells_the_times_that_the_lessons_tell():
    told = re.findall(r"^\| (\d\d) \|.*\| (\d+) \+ (\d+) min \|$", START, re.M)
    line = r"\*\*Your time\*\* about (\d+) minutes .* and (\d+) for the exercises"
    times = {number: re.search(line, markdown(path)[0]) for number, path in LESSONS.items()}
    of_lessons = [(n, *found.groups()) for n, found in times.items() if found and n != "00"]
    assert told == of_lessons, (
        "the last column of the map in notebooks/00_start_here.ipynb has the times at the head of "
        f"each lesson: {of_lessons}"
    )


def test_lesson_00_says_how_many_hours_the_map_adds_up_to():
    times = re.findall(r"\| (\d+) \+ (\d+) min \|$", START, re.M)
    reading, exercises = (sum(map(int, column)) / 60 for column in zip(*times, strict=True))
    told = re.search(
        r"About (\d+) hours of reading and running, and (\d+) of exercises; with a pencil, .*?, "
        r"(\d+) in all\.",
        START,
    )
    hours = [round(h) for h in (reading, exercises, 2 * reading + exercises)]
    assert [int(h) for h in (told.groups() if told else ())] == hours, (
        "the line **What it costs.** below `## The map` in notebooks/00_start_here.ipynb: `About "
        f"{hours[0]} hours of reading and running, and {hours[1]} of exercises; with a pencil, "
        f"…, {hours[2]} in all.`"
    )


def test_lesson_00_says_which_lessons_are_still_to_be_written():
    sentence = re.search(r"Still to be written: (.*?\(\d\d\))\.", START)
    numbers = re.findall(r"\((\d\d)\)", sentence[1]) if sentence else []
    assert numbers == MISSING, (
        "the sentence `Still to be written: …` below the map in notebooks/00_start_here.ipynb "
        f"names {numbers or 'none'}, and what has no notebook is {MISSING or 'none'}"
    )


# The README -----------------------------------------------------------------------------------


def readme_rows():
    """Yield the rows of the README's table: what stands in its columns."""
    for line in re.findall(r"^\| \d\d(?: – \d\d)? \|.*\|$", README, re.M):
        yield [column.strip() for column in line.strip("|").split("|")]


def test_the_table_in_the_readme_links_the_lessons_in_order():
    rows = [(number, lesson) for number, lesson, _ in readme_rows() if "](" in lesson]
    links = [(number, re.findall(r"\]\(([^)]+)\)", lesson)) for number, lesson in rows]
    assert links == [(number, [f"notebooks/{path.name}"]) for number, path in LESSONS.items()], (
        "the table `## The lessons` in README.md has a row for each lesson that exists: "
        "`| 06 | [optimizers](notebooks/06_optimizers.ipynb) | …`"
    )


def test_the_readme_says_which_lessons_are_being_written():
    numbers, names = [], []
    for number, lesson, heart in readme_rows():
        if "](" not in lesson:
            assert heart == "*being written*", f"README.md, row {number}: a link, or that"
            first, *last = number.split(" – ")
            numbers += NUMBERS[int(first) : int(last[0] if last else first) + 1]
            names += lesson.split(", ")
    assert numbers == MISSING, (
        f"the rows of README.md with *being written*, such as `| 08 – 15 | … |`, name {numbers}, "
        f"and what has no notebook is {MISSING}"
    )
    assert len(names) == len(MISSING), (
        f"README.md: {len(MISSING)} lessons are being written, {len(names)} are named: {names}"
    )


# What belongs to a lesson -----------------------------------------------------------------------


def test_every_lesson_has_its_exercises_and_questions():
    data = {path.stem[-2:] for path in (ROOT / "nnlib/course/lessons").glob("lesson_*.py")}
    assert data == set(LESSONS), (
        "a lesson notebooks/NN_name.ipynb and its data nnlib/course/lessons/lesson_NN.py "
        f"come together: one of them is missing for {sorted(data ^ set(LESSONS))}"
    )


def test_every_lesson_has_worked_solutions_under_its_name():
    solutions = {path.name for path in (ROOT / "notebooks/solutions").glob("*.ipynb")}
    # 00.1 only shows how exercises work: the last of its hints is its solution.
    names = {path.name for number, path in LESSONS.items() if number != "00"}
    assert solutions == names, (
        "a lesson notebooks/NN_name.ipynb has its solutions in notebooks/solutions/NN_name.ipynb: "
        f"one of the two is missing or has another name: {sorted(solutions ^ names)}"
    )


def test_the_list_of_what_is_done_knows_every_lesson():
    assert {number: (title(number), path.name) for number, path in LESSONS.items()} == NOTEBOOKS, (
        "NOTEBOOKS in nnlib/course/lessons/__init__.py has a line for each lesson that exists, "
        'with its title and its file: `"06": ("Optimizers", "06_optimizers.ipynb"),`'
    )


# The way on -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_leads_to_the_next_number(number):
    where = f"the line **Next.** at the end of notebooks/{LESSONS[number].name}"
    (line,) = re.findall(r"^\*\*Next\.\*\* (.*)$", "\n".join(markdown(LESSONS[number])), re.M)
    links = re.findall(r"\[([^\]]+)\]\(([^)]+)\)", line)
    following = f"{int(number) + 1:02}"
    if following in LESSONS:
        link = (f"{following} · {title(following)}", LESSONS[following].name)
        assert links == [link], f"{where} leads to lesson {following}: `[{link[0]}]({link[1]})`"
        return
    assert links == [("the map", "00_start_here.ipynb")], (
        f"{where} leads to [the map](00_start_here.ipynb), as there is no lesson {following}"
    )
    if following in NUMBERS:
        assert re.match(rf"{following}, .*, is being written\.", line), (
            f"{where} begins with `{following}, on …, is being written.`"
        )
    else:
        assert ("are still being written" in line) == bool(MISSING), (
            f"{where} says that lessons are still being written exactly if some are: {MISSING}"
        )
