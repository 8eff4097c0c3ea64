"""The planner: which split of a budget is worth most in a world, and how sure that is.

`plan` does everything; its parts can be called alone. It knows nothing of constitutions: it is what one funder with
everybody's beliefs would do. `docs/futures/planner.md` explains every figure.
"""

from daccord.futures.planner._influence import Influence, Slowing, grid, influences, slowings
from daccord.futures.planner._information import Knowing, evpi, evppi, hindsight, knowing
from daccord.futures.planner._objective import ALPHA, Objective, Score, project, tail_mean
from daccord.futures.planner._plan import Margin, Plan, Regret, Settings, plan
from daccord.futures.planner._sensitivity import Index, ValueRange, conclusion, sobol
from daccord.futures.planner._solve import Found, cap_tail, climb, near_optimal, solve, starts
from daccord.futures.planner._verdicts import Pairing, Verdict, verdicts

__all__ = [
    "ALPHA",
    "Found",
    "Index",
    "Influence",
    "Knowing",
    "Margin",
    "Objective",
    "Pairing",
    "Plan",
    "Regret",
    "Score",
    "Settings",
    "Slowing",
    "ValueRange",
    "Verdict",
    "cap_tail",
    "climb",
    "conclusion",
    "evpi",
    "evppi",
    "grid",
    "hindsight",
    "influences",
    "knowing",
    "near_optimal",
    "plan",
    "project",
    "slowings",
    "sobol",
    "solve",
    "starts",
    "tail_mean",
    "verdicts",
]
