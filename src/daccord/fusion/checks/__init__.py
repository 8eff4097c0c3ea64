"""How good a fusion is: on people it has not heard, under bad jurors, in its intervals."""

from daccord.fusion.checks._calibration import CalibrationReport, KindHeld, calibration, calibration_of
from daccord.fusion.checks._contamination import ATTACKS, Contaminated, contaminate
from daccord.fusion.checks._held_out_scores import HeldOutReport, MethodScore, held_out_scores, score_methods
from daccord.fusion.checks._influence import InfluenceReport, JurorInfluence, influence, juror_influence
from daccord.fusion.checks._reliability import FavouriteBin, IntervalLevel, Losses
from daccord.fusion.checks._robustness import Errors, Scenario, rule_errors
from daccord.fusion.checks._simulation import TOLD, SimulatedJury, simulate_jury
from daccord.fusion.checks._views import (
    CriterionViews,
    ForeseenAnswer,
    JurorAgreement,
    ProjectCoverage,
    agreement_of,
    coverage_of,
    criterion_views,
    with_found_communities,
)

__all__ = [
    "ATTACKS",
    "TOLD",
    "CalibrationReport",
    "Contaminated",
    "CriterionViews",
    "Errors",
    "FavouriteBin",
    "ForeseenAnswer",
    "HeldOutReport",
    "InfluenceReport",
    "IntervalLevel",
    "JurorAgreement",
    "JurorInfluence",
    "KindHeld",
    "Losses",
    "MethodScore",
    "ProjectCoverage",
    "Scenario",
    "SimulatedJury",
    "agreement_of",
    "calibration",
    "calibration_of",
    "contaminate",
    "coverage_of",
    "criterion_views",
    "held_out_scores",
    "influence",
    "juror_influence",
    "rule_errors",
    "score_methods",
    "simulate_jury",
    "with_found_communities",
]
