"""Studies: constitutions compared over classes of scenarios; regret, boundaries, ranks. All of it a model.

`lay_out` prepares what pieces share, `play` runs one scenario, `split` a governance gap, and `compare` makes tables of
the pieces. All are pure, so pieces can be played anywhere in any order: the room `ensemble` does that.
"""

from daccord.futures.study._comparison import Boundary, Box, Comparison, Limit, Ranking, Row, Switch
from daccord.futures.study._piece import Ground, Piece, Scenario, Split
from daccord.futures.study._study import MEASURES, Goal, ScenarioClass, Study

__all__ = [
    "MEASURES",
    "Boundary",
    "Box",
    "Comparison",
    "Goal",
    "Ground",
    "Limit",
    "Piece",
    "Ranking",
    "Row",
    "Scenario",
    "ScenarioClass",
    "Split",
    "Study",
    "Switch",
]
