"""What people hand in, at random: the right answer, or an error that names the argument.

``python -m benchmarks.odd_input --cases 50000`` draws a call of the public API and odd arguments
for it: any dtype, order, strides, read-only, objects, masked, sparse, tables, huge, denormal, NaN.
Each must end as a plain array of the same numbers would, or in a TypeError, ValueError or
FloatingPointError whose first words are the argument's name. No warning may reach the reader, and
no argument may change. References are written here in NumPy and SciPy; where a whole network runs,
the reference is the same network on plain arrays.
"""

from benchmarks.odd_input.calls import CASES
from benchmarks.odd_input.inputs import Given
from benchmarks.odd_input.verdict import Case, verdict

__all__ = ["CASES", "Case", "Given", "verdict"]
