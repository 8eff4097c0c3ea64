"""Judgments → beliefs: fusion rules, model skill, published scores."""

from daccord.fusion._beliefs import Component, CriterionBeliefs, VoiceSkill
from daccord.fusion._scores import MICRO, NANO, CriterionScore, ProjectScore, Scores

__all__ = [
    "MICRO",
    "NANO",
    "Component",
    "CriterionBeliefs",
    "CriterionScore",
    "ProjectScore",
    "Scores",
    "VoiceSkill",
]
