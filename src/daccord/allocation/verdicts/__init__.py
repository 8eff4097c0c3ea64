"""Published scores → verdicts with their reasons, conditions, gates and the cost of delay."""

from daccord.allocation.verdicts._decide import FUNDABLE, decide_verdicts
from daccord.allocation.verdicts._reasons import probability_text

__all__ = ["FUNDABLE", "decide_verdicts", "probability_text"]
