"""The hunt: are your checks good enough to find what people get wrong?

``hunt([my_check, …])`` runs your checks against the engine as it is, which they must not accuse,
and against some seventy copies of it, each with one mistake planted. A mutant is seen when one of
your checks raises. What got away is told by number: ``suspect(7)`` lends you that copy to examine,
``reveal(7)`` shows what is wrong with it.
"""

from nnlib.course.hunt.engine import suspect
from nnlib.course.hunt.mutants import FAMILIES
from nnlib.course.hunt.score import Score, accusations, hunt, reveal

__all__ = ["FAMILIES", "Score", "accusations", "hunt", "reveal", "suspect"]
