"""Numbers in sentences: plainly where that is short, else with a power of ten."""

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

SMALL, LARGE = 1e-3, 1e4
"""From SMALL up to LARGE a size is written without a power of ten."""


def written(size: float) -> str:
    """Write a size, 0 or more, with two digits: 2.0, 0.52, 340, 1.9×10⁻⁷."""
    if size == 0:
        return "0"
    if SMALL <= size < LARGE:
        return f"{size:,.0f}" if size >= 9.95 else f"{size:#.2g}"
    mantissa, power = f"{size:.1e}".split("e")
    return f"{mantissa}×10{str(int(power)).translate(SUPERSCRIPTS)}"
