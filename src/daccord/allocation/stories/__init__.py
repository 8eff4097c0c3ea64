"""Why each project gets what it gets, in one paragraph, and what would change it: every "if" is a rerun.

`story` tells one project's; `counterfactuals` finds the smallest single changes that change a verdict; `movers` what
moves an award; `with_forgone` what holds cost in money.
"""

from daccord.allocation.stories._changes import Change, Inputs
from daccord.allocation.stories._counterfactual import BETTER, Counterfactual, confirmed, counterfactuals, rerun
from daccord.allocation.stories._forgone import forgone, with_forgone
from daccord.allocation.stories._movers import Move, moved, movers
from daccord.allocation.stories._story import Story, story, unchangeable

__all__ = [
    "BETTER",
    "Change",
    "Counterfactual",
    "Inputs",
    "Move",
    "Story",
    "confirmed",
    "counterfactuals",
    "forgone",
    "moved",
    "movers",
    "rerun",
    "story",
    "unchangeable",
    "with_forgone",
]
