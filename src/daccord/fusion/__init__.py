"""Judgments → beliefs: fusion rules, model skill, published scores."""

from daccord.fusion import hierarchical, peers  # importing registers the rules
from daccord.fusion._beliefs import CommunityView, Component, CriterionBeliefs, JurorView, VoiceSkill
from daccord.fusion._fuse import fuse, fuse_criterion
from daccord.fusion._publish import DRAWS, draw_log_values, publish
from daccord.fusion._rules import EVIDENCE, FUSION_RULES, FusionRule, fusion_rule
from daccord.fusion._scores import MICRO, NANO, CriterionScore, ProjectScore, Scores
from daccord.fusion._task import FusionTask
from daccord.fusion.checks import HeldOutReport, MethodScore, held_out_scores, score_methods

__all__ = [
    "DRAWS",
    "EVIDENCE",
    "FUSION_RULES",
    "MICRO",
    "NANO",
    "CommunityView",
    "Component",
    "CriterionBeliefs",
    "CriterionScore",
    "FusionRule",
    "FusionTask",
    "HeldOutReport",
    "JurorView",
    "MethodScore",
    "ProjectScore",
    "Scores",
    "VoiceSkill",
    "draw_log_values",
    "fuse",
    "fuse_criterion",
    "fusion_rule",
    "held_out_scores",
    "publish",
    "score_methods",
]
