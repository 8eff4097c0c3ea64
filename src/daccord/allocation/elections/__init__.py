"""Elections: whole projects are bought by ballots, exactly.

`equal_shares` and `greedy` decide an `Election` and return an `Outcome` that says what was bought in which order, who
paid how much, and why the others were not. The money rules `equal-shares` and `greedy` hold one in a round.
"""

from daccord.allocation.elections._election import Election, Group
from daccord.allocation.elections._greedy import greedy
from daccord.allocation.elections._shares import compare, equal_shares
from daccord.allocation.elections._trace import Comparison, Missed, Outcome, Purchase, Reason

__all__ = [
    "Comparison",
    "Election",
    "Group",
    "Missed",
    "Outcome",
    "Purchase",
    "Reason",
    "compare",
    "equal_shares",
    "greedy",
]
