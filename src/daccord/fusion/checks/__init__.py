"""How good a fusion is: on people it has not heard, under bad jurors, in its intervals."""

from daccord.fusion.checks._contamination import ATTACKS, Contaminated, contaminate
from daccord.fusion.checks._held_out_scores import HeldOutReport, MethodScore, held_out_scores, score_methods
from daccord.fusion.checks._influence import InfluenceReport, JurorInfluence, influence, juror_influence
from daccord.fusion.checks._simulation import TOLD, SimulatedJury, simulate_jury

__all__ = [
    "ATTACKS",
    "TOLD",
    "Contaminated",
    "HeldOutReport",
    "InfluenceReport",
    "JurorInfluence",
    "MethodScore",
    "SimulatedJury",
    "contaminate",
    "held_out_scores",
    "influence",
    "juror_influence",
    "score_methods",
    "simulate_jury",
]
