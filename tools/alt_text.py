"""What a picture shows, in words: the sentences that stand before it in a lesson.

It is kept as `alt` beside the width and height of an output's picture. There nbconvert's classic
template looks for it, and the one of `make lab`; issue 120 of jupyter/enhancement-proposals asks
others to. JupyterLab 4.6 knows no alt text of an output.
"""

import re
import unicodedata

LONGEST = 300
"""Characters; a last sentence that is longer is kept whole."""

BLOCKS = re.compile(r"```.*?```|\$\$.*?\$\$|<!--.*?-->|<details>.*?</details>", re.S)
NO_PROSE = re.compile(r"#|\||<|>|---")
"""How a heading, a table, a page's own tags, a quotation and a rule begin."""

SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[^\s\da-z])")

MARKUP = (
    (r"!?\[([^\]]*)\]\([^)]*\)", r"\1"),
    (r"<[^>]*>", ""),
    (r"^\s*([-*]|\d+\.)\s+", ""),
    (r"\*+(?=\S)|(?<=\S)\*+|`|(?<!\w)_|_(?!\w)", ""),
)

GROUP = r"\{((?:[^{}]|\{[^{}]*\})*)\}"
LETTERS = {"lambda": "λ", "epsilon": "ε", "varepsilon": "ε"}
SIGNS = {
    "cdot": "·",
    "times": "×",
    "odot": "⊙",
    "to": "→",
    "le": "≤",
    "leq": "≤",
    "ge": "≥",
    "geq": "≥",
    "ne": "≠",
    "approx": "≈",
    "pm": "±",
    "infty": "∞",
    "partial": "∂",
    "nabla": "∇",
    "sum": "Σ",
    "sqrt": "√",
    "ldots": "…",
    "dots": "…",
    "top": "T",
}
RAISED = str.maketrans("0123456789-+nT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿᵀ")


def description(source):
    """Return the end of a markdown cell's last paragraph of prose, whole sentences of it."""
    paragraphs = [p.strip() for p in re.split(r"\n\s*\n", BLOCKS.sub("\n\n", source))]
    prose = [p for p in paragraphs if p and not NO_PROSE.match(p)]
    sentences = SENTENCE.split(plain(prose[-1])) if prose else []
    kept = sentences[-1:]
    for sentence in reversed(sentences[:-1]):
        if len(" ".join([sentence, *kept])) > LONGEST:
            break
        kept.insert(0, sentence)
    return re.sub(r"\s*[:;,]$", ".", " ".join(kept))


def plain(markdown):
    """Return a paragraph as it is read out: no markup, mathematics in letters and signs."""
    text = re.sub(r"\$([^$]+)\$", lambda found: spoken(found[1]), markdown)
    for pattern, by in MARKUP:
        text = re.sub(pattern, by, text, flags=re.M)
    return " ".join(text.split())


def spoken(tex):
    """Return inline mathematics in letters and signs."""
    text = re.sub(r"\\(?:text|mathrm|mathbf|operatorname)\{([^{}]*)\}", r"\1", tex)
    text = re.sub(rf"\\[dt]?frac(?:{GROUP}{GROUP}|(\d)(\d))", r"\1\3/\2\4", text)
    text = re.sub(r"\^\{([^{}]*)\}|\^(\\[A-Za-z]+|\w)", raised, text)
    text = re.sub(r"\\([A-Za-z]+)", letter, text)
    text = re.sub(r"\\[,;:! ]|~", " ", text)
    return re.sub(r"[\\{}_]", "", text)


def raised(found):
    """Return a superscript: in small signs where there are such."""
    text = spoken(found[1] or found[2]).strip()
    small = text.translate(RAISED)
    return small if small != text and len(small) < 4 else f"^{text}"


def letter(found):
    """Return what a command of TeX stands for; one that only sets a type is left out."""
    name = found[1]
    if name in LETTERS or name in SIGNS:
        return LETTERS.get(name) or SIGNS[name]
    case = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {case} LETTER {name.upper()}")
    except KeyError:
        return name if name in ("log", "exp", "max", "min", "tanh", "sin", "cos") else ""
