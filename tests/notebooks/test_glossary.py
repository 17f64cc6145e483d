"""The words of lesson 00: each is introduced in bold where the page says, and none is missing."""

import re
from functools import cache
from pathlib import Path

import nbformat

PATHS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9]*.ipynb"))
LESSONS = {path.name[:2]: path for path in PATHS}
TERM = re.compile(r"\*\*([^\W\d_A-Z][\w'’-]*(?: [\w'’-]+){0,2})\*\*")
"""In bold, at most three words, the first of them in small letters: a word that is introduced."""

PLACES = {"left", "right", "above", "below", "in the middle", "on the left", "on the right"}
"""Of a picture's parts, in bold, too."""


@cache
def prose(number):
    cells = nbformat.read(LESSONS[number], 4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def glossary():
    page = prose("00").split("## The words")[1]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| \[(\d\d)\]\((\S+)\) \|$", page, re.M)
    assert len(rows) == page.count("\n|") - 2, "a row in another form"
    return rows


def singular(term):
    """Compare words whatever their number: weights is the same word as weight."""
    return re.sub(r"(tch|x)es$", r"\1", re.sub(r"ies$", "y", term.lower())).removesuffix("s")


def test_a_word_is_introduced_in_bold_in_its_lesson():
    for term, _, number, target in glossary():
        assert target == LESSONS[number].name
        introduced = {singular(found) for found in re.findall(r"\*\*(.+?)\*\*", prose(number))}
        assert singular(term) in introduced, f"{term} in {number}"


def test_every_word_that_a_lesson_introduces_is_in_the_glossary():
    known = {singular(term) for term, *_ in glossary()}
    missing = {
        f"{number}: {term}"
        for number in LESSONS
        for term in TERM.findall(prose(number))
        if term not in PLACES and singular(term) not in known
    }
    assert missing == set(), (
        "each word in bold needs a row below `## The words` in notebooks/00_start_here.ipynb: "
        "what it means in one line, and the lesson that introduces it"
    )


def test_the_words_stand_in_alphabetical_order():
    terms = [term.lower() for term, *_ in glossary()]
    assert terms == sorted(terms)
    assert len(terms) > 40
