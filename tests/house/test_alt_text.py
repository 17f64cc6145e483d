"""What stands before a picture in a lesson is what a page without the picture says."""

import pytest

from tools.alt_text import LONGEST, description, plain


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("**Bold** and *slanted*, `code` and [a link](04_backprop.ipynb).",
         "Bold and slanted, code and a link."),
        (r"The rate $\eta = 0.1$, and $\alpha$.", "The rate η = 0.1, and α."),
        (r"$\mathrm{d}W_1 = X^\top \mathrm{d}Z_1$ of $\Theta$", "dW1 = Xᵀ dZ1 of Θ"),
        (r"At $\tfrac{2}{c_{\max}}$ and $10^{-5}$.", "At 2/cmax and 10⁻⁵."),
        (r"$(\tfrac14)^{\text{depth}}$ is $\le 1$", "(1/4)^depth is ≤ 1"),
        ("one line\nand the next", "one line and the next"),
        ("a name_with_parts and 2 * 3", "a name_with_parts and 2 * 3"),
        ("- first\n- second", "first second"),
    ],
)  # fmt: skip
def test_markup_is_left_out_and_mathematics_are_letters(markdown, said):
    assert plain(markdown) == said


def test_what_counts_is_the_last_paragraph_of_prose():
    cell = "### A title\n\nFirst.\n\nThe line falls.\n\n$$x = 1$$\n\n| a | table |\n| - | - |"
    assert description(cell) == "The line falls."
    assert description("Look:\n\n```python\nx = 1\n```\n") == "Look."
    hidden = "Seen.\n\n<details><summary>More</summary>\n\nNot seen.\n\n</details>"
    assert description(hidden) == "Seen."
    assert description("## A title") == description("") == ""


def test_of_a_long_paragraph_the_last_sentences_are_kept_whole():
    sentences = [f"Sentence {i} says that there is {'much ' * 10}to see." for i in range(9)]
    said = description(" ".join(sentences))
    assert said == " ".join(sentences[-3:])
    assert len(said) <= LONGEST < len(" ".join(sentences[-4:]))
    long = "A sentence " + "and so on " * 50 + "ends."
    assert description(f"Before. {long}") == long


def test_an_abbreviation_ends_no_sentence():
    long = "a curve " * 36
    assert description(f"It is {long}e.g. this one.") == f"It is {long}e.g. this one."
