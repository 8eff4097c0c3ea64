"""Judgments → beliefs: fusion rules, model skill, published scores."""

from daccord.fusion import hierarchical, peers  # importing registers the rules
from daccord.fusion._beliefs import CommunityView, Component, CriterionBeliefs, JurorView, VoiceSkill
from daccord.fusion._fuse import fuse, fuse_criterion
from daccord.fusion._publish import DRAWS, draw_log_values, publish
from daccord.fusion._rules import EVIDENCE, FUSION_RULES, FusionRule, fusion_rule
from daccord.fusion._scores import MICRO, NANO, CriterionScore, ProjectScore, Scores
from daccord.fusion._task import FusionTask
from daccord.fusion.checks import (
    ATTACKS,
    TOLD,
    Contaminated,
    HeldOutReport,
    InfluenceReport,
    JurorInfluence,
    MethodScore,
    SimulatedJury,
    contaminate,
    held_out_scores,
    influence,
    juror_influence,
    score_methods,
    simulate_jury,
)

__all__ = [
    "ATTACKS",
    "DRAWS",
    "EVIDENCE",
    "FUSION_RULES",
    "MICRO",
    "NANO",
    "TOLD",
    "CommunityView",
    "Component",
    "Contaminated",
    "CriterionBeliefs",
    "CriterionScore",
    "FusionRule",
    "FusionTask",
    "HeldOutReport",
    "InfluenceReport",
    "JurorInfluence",
    "JurorView",
    "MethodScore",
    "ProjectScore",
    "Scores",
    "SimulatedJury",
    "VoiceSkill",
    "contaminate",
    "draw_log_values",
    "fuse",
    "fuse_criterion",
    "fusion_rule",
    "held_out_scores",
    "influence",
    "juror_influence",
    "publish",
    "score_methods",
    "simulate_jury",
]
