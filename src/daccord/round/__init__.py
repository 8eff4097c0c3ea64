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
from daccord.round._questions import CRITERIA, HARMS, Budget, Criterion, Goal, RatingScale, Threshold
from daccord.round._round import Round
from daccord.round._rules import (
    Constraint,
    EarlierHold,
    EvidenceRules,
    HarmRules,
    ModelRules,
    Override,
    RoleRules,
    Rules,
    Safeguard,
    VerdictRules,
)

__all__ = [
    "CRITERIA",
    "HARMS",
    "Budget",
    "Constraint",
    "Criterion",
    "DeepRules",
    "EarlierHold",
    "ElectionRules",
    "EvidenceRules",
    "Goal",
    "HarmRules",
    "MedianRules",
    "ModelRules",
    "MoneyInputs",
    "MoneyRules",
    "Override",
    "QuadraticRules",
    "RatingScale",
    "RetroactiveRules",
    "RoleRules",
    "Round",
    "Rules",
    "SProcessRules",
    "Safeguard",
    "Threshold",
    "VerdictRules",
    "setting",
]
