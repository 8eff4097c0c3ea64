"""Studies: constitutions compared over classes of scenarios; regret, boundaries, ranks. All of it a model.

`scenarios` deals scenarios, `lay_out` prepares what pieces share, `play` runs one scenario, `split` a governance gap,
and `compare` makes tables of the pieces. All are pure, so pieces can be played anywhere in any order: the room
`ensemble` does that.
"""

from daccord.futures.study._check import check_study
from daccord.futures.study._compare import compare
from daccord.futures.study._comparison import Boundary, Box, Comparison, Limit, Ranking, Row, Switch
from daccord.futures.study._factors import Factor, factors_of
from daccord.futures.study._piece import Ground, Piece, Scenario, Split
from daccord.futures.study._play import grounds, lay_out, play, split
from daccord.futures.study._scenarios import middle, scenarios
from daccord.futures.study._settings import Setting, scaled, setting
from daccord.futures.study._study import MEASURES, Goal, ScenarioClass, Study
from daccord.futures.study._weights import Weighed, weigh, weighed_measures

__all__ = [
    "MEASURES",
    "Boundary",
    "Box",
    "Comparison",
    "Factor",
    "Goal",
    "Ground",
    "Limit",
    "Piece",
    "Ranking",
    "Row",
    "Scenario",
    "ScenarioClass",
    "Setting",
    "Split",
    "Study",
    "Switch",
    "Weighed",
    "check_study",
    "compare",
    "factors_of",
    "grounds",
    "lay_out",
    "middle",
    "play",
    "scaled",
    "scenarios",
    "setting",
    "split",
    "weigh",
    "weighed_measures",
]
