"""Fusion rules as named objects with their model, assumptions, failure modes and source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._task import FusionTask
from daccord.registry import Registry

__all__ = ["FUSION_RULES", "FusionRule", "fusion_rule", "register"]


@dataclass(frozen=True)
class FusionRule:
    """A way to turn judgments into beliefs.

    Attributes:
        name: What the round's rules call it.
        title: For people.
        model: The statistical model in one paragraph.
        assumptions: What must hold for it to be right.
        failure_modes: How it goes wrong, and how one would notice.
        source: Paper or project it comes from.
        fit: The computation.
    """

    name: str
    title: str
    model: str
    assumptions: tuple[str, ...]
    failure_modes: tuple[str, ...]
    source: str
    fit: Callable[[FusionTask], CriterionBeliefs]


FUSION_RULES: Final = Registry[FusionRule]("fusion rule", "rules.fusion")
"""All registered rules by name."""

register = FUSION_RULES.add
fusion_rule = FUSION_RULES.find
