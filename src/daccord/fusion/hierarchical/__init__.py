"""The `hierarchical` rule, daccord's own: all kinds of answers in one posterior, models as prior."""

from daccord.fusion.hierarchical._rule import HIERARCHICAL, fit_hierarchical

__all__ = ["HIERARCHICAL", "fit_hierarchical"]
