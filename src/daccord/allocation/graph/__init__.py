"""What the technology graph says to verdicts and money: swapped holders, defence from roles, flags and reasons."""

from daccord.allocation.graph._apply import with_graph
from daccord.allocation.graph._defence import defence_from_graph
from daccord.allocation.graph._holders import SWAPPED, worse_holder
from daccord.allocation.graph._reasons import constraint_reasons, far_reasons, openness_reasons, role_reasons

__all__ = [
    "SWAPPED",
    "constraint_reasons",
    "defence_from_graph",
    "far_reasons",
    "openness_reasons",
    "role_reasons",
    "with_graph",
    "worse_holder",
]
