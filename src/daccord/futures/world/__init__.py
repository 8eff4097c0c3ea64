"""Worlds: technologies that arrive, hazards that act, lives that are valued; all of it a model.

Describe a `World`, `draw` worlds from a seed, `live` through them under a `Schedule`. Nothing here decides anything:
`futures.planner` looks for the best schedule, constitutions write one year by year. `docs/futures/world.md` has the
model, its limits and an example.
"""

from daccord.futures.world._arrival import Arrivals, Schedule, arrivals, budget_plan, nothing
from daccord.futures.world._check import check, check_welfare
from daccord.futures.world._describe import Risk, Role, Technology, Welfare, World
from daccord.futures.world._draw import Draws, draw, draw_from, inputs_of, uniforms
from daccord.futures.world._kernel import Lived, Values
from daccord.futures.world._live import Outcome, live, live_at, values_of
from daccord.futures.world._quantity import Belief, Quantity, exponential, fixed, interval, share

__all__ = [
    "Arrivals",
    "Belief",
    "Draws",
    "Lived",
    "Outcome",
    "Quantity",
    "Risk",
    "Role",
    "Schedule",
    "Technology",
    "Values",
    "Welfare",
    "World",
    "arrivals",
    "budget_plan",
    "check",
    "check_welfare",
    "draw",
    "draw_from",
    "exponential",
    "fixed",
    "inputs_of",
    "interval",
    "live",
    "live_at",
    "nothing",
    "share",
    "uniforms",
    "values_of",
]
