"""Published scores → verdicts with their reasons, conditions, gates and the cost of delay.

`decide_verdicts` is the whole of it; the other names are what stories, timelines and files need of it.
"""

from daccord.allocation.verdicts._agreement import in_information_domain
from daccord.allocation.verdicts._conditions import applies, returned_at_most, terms
from daccord.allocation.verdicts._decide import FUNDABLE, Decider, broken_constraints, decide_verdicts
from daccord.allocation.verdicts._gates import closed_gates, gate_text, is_open, partners
from daccord.allocation.verdicts._holds import delay_text, reopened
from daccord.allocation.verdicts._words import (
    Bars,
    listed,
    probability_text,
    share_percent,
    threshold_text,
    title_of,
)

__all__ = [
    "FUNDABLE",
    "Bars",
    "Decider",
    "applies",
    "broken_constraints",
    "closed_gates",
    "decide_verdicts",
    "delay_text",
    "gate_text",
    "in_information_domain",
    "is_open",
    "listed",
    "partners",
    "probability_text",
    "reopened",
    "returned_at_most",
    "share_percent",
    "terms",
    "threshold_text",
    "title_of",
]
