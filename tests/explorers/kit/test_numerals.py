"""Numbers as they are written in sentences."""

import numpy as np
import pytest

from nnlib.course.kit.numerals import written


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0"),
        (2, "2.0"),
        (0.5231, "0.52"),
        (0.001, "0.0010"),
        (9.949, "9.9"),
        (9.96, "10"),
        (342.4, "342"),
        (9999.4, "9,999"),
        (12345, "1.2×10⁴"),
        (0.00099, "9.9×10⁻⁴"),
        (1.9e-7, "1.9×10⁻⁷"),
        (9.96e131, "1.0×10¹³²"),
    ],
)
def test_a_plain_number_is_written_plainly_and_others_with_a_power_of_ten(size, text):
    assert written(size) == text


def test_what_is_written_is_off_by_a_twentieth_at_most():
    digits = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    for size in 10 ** np.linspace(-20, 20, 999):
        mantissa, _, power = written(size).replace(",", "").partition("×10")
        assert float(mantissa) * 10.0 ** int(power.translate(digits) or 0) == pytest.approx(
            size, rel=0.05
        )
