"""The lab: constitutions run in the same worlds, with the same errors and chances; all of it a model.

`prepare` a stage from a world, `run` a constitution on it, or `compare` several and split what each loses to the
planner with `governance_gap`. `docs/futures/lab.md` has the mechanisms, where they come from, and what they cannot see.
"""

from daccord.futures.lab._centre import TRUST, Centre, Consortium
from daccord.futures.lab._compare import SEVEN, Gap, compare, governance_gap, perfect
from daccord.futures.lab._conditions import Conditions, race_safety
from daccord.futures.lab._constitution import FRICTIONS, Constitution, Friction, Moment, Proposal, Scene
from daccord.futures.lab._federation import Federation
from daccord.futures.lab._growth import grow
from daccord.futures.lab._market import Market
from daccord.futures.lab._measures import Hold, deciders, hold, holds, judging, nakamoto
from daccord.futures.lab._pause import Pause
from daccord.futures.lab._result import Result
from daccord.futures.lab._run import run
from daccord.futures.lab._sets import BOTH_SIGNS, Lever, pull
from daccord.futures.lab._stage import Stage, frontier, prepare
from daccord.futures.lab._teams import Teams

__all__ = [
    "BOTH_SIGNS",
    "FRICTIONS",
    "SEVEN",
    "TRUST",
    "Centre",
    "Conditions",
    "Consortium",
    "Constitution",
    "Federation",
    "Friction",
    "Gap",
    "Hold",
    "Lever",
    "Market",
    "Moment",
    "Pause",
    "Proposal",
    "Result",
    "Scene",
    "Stage",
    "Teams",
    "compare",
    "deciders",
    "frontier",
    "governance_gap",
    "grow",
    "hold",
    "holds",
    "judging",
    "nakamoto",
    "perfect",
    "prepare",
    "pull",
    "race_safety",
    "run",
]
