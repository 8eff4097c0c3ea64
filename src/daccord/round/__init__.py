"""`Round`: the frozen bundle of a round's inputs, and the rules it is decided by."""

from daccord.round._inputs import MoneyInputs
from daccord.round._money import (
    DeepRules,
    ElectionRules,
    MedianRules,
    MoneyRules,
    QuadraticRules,
    RetroactiveRules,
    SProcessRules,
    setting,
)
from daccord.round._questions import CRITERIA, Budget, Criterion, Goal, RatingScale, Threshold
from daccord.round._round import Round
from daccord.round._rules import Constraint, EvidenceRules, ModelRules, Override, Rules, Safeguard, VerdictRules

__all__ = [
    "CRITERIA",
    "Budget",
    "Constraint",
    "Criterion",
    "DeepRules",
    "ElectionRules",
    "EvidenceRules",
    "Goal",
    "MedianRules",
    "ModelRules",
    "MoneyInputs",
    "MoneyRules",
    "Override",
    "QuadraticRules",
    "RatingScale",
    "RetroactiveRules",
    "Round",
    "Rules",
    "SProcessRules",
    "Safeguard",
    "Threshold",
    "VerdictRules",
    "setting",
]
