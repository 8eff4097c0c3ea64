"""Elections: whole projects are bought by ballots, exactly.

`equal_shares` and `greedy` decide an `Election` and return an `Outcome` that says what was bought in which order, who
paid how much, and why the others were not. The money rules `equal-shares` and `greedy` hold one in a round.
"""

from daccord.allocation.elections._election import Election, Group
from daccord.allocation.elections._greedy import greedy
from daccord.allocation.elections._rule import EQUAL_SHARES, GREEDY, election_of, hold_equal_shares, hold_greedy
from daccord.allocation.elections._shares import compare, equal_shares
from daccord.allocation.elections._trace import Comparison, Missed, Outcome, Purchase, Reason
from daccord.allocation.elections._words import missed_text, purchase_text

__all__ = [
    "EQUAL_SHARES",
    "GREEDY",
    "Comparison",
    "Election",
    "Group",
    "Missed",
    "Outcome",
    "Purchase",
    "Reason",
    "compare",
    "election_of",
    "equal_shares",
    "greedy",
    "hold_equal_shares",
    "hold_greedy",
    "missed_text",
    "purchase_text",
]
