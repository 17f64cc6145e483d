"""Numbers in sentences, plainly where that is short, else with a power of ten; typed numbers."""

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

SMALL, LARGE = 1e-3, 1e4
"""From SMALL up to LARGE a size is written without a power of ten."""


def typed(text: str) -> float | None:
    """Read a number with a point or a comma; the minus may be the printed one. None: it is none."""
    try:
        return None if "_" in text else float(text.replace(",", ".").replace("−", "-")) + 0.0
    except ValueError:
        return None


def written(size: float) -> str:
    """Write a size, 0 or more, with two digits: 2.0, 0.52, 340, 1.9×10⁻⁷."""
    if size == 0:
        return "0"
    if SMALL <= size < LARGE:
        return f"{size:,.0f}" if size >= 9.95 else f"{size:#.2g}"
    mantissa, power = f"{size:.1e}".split("e")
    return f"{mantissa}×10{str(int(power)).translate(SUPERSCRIPTS)}"
