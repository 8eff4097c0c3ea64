"""Entries in the books: amounts that people decided and no rule moves, applied around the money rule.

`Plan` sorts them, `settle` finds how much is left for the rule and adds them to what it gives, `forward` writes down
what the next round has to know.
"""

from daccord.allocation.accounts._forward import forward
from daccord.allocation.accounts._plan import Plan, Posting
from daccord.allocation.accounts._settle import Settlement, settle

__all__ = ["Plan", "Posting", "Settlement", "forward", "settle"]
