"""Fusion rules as named objects with their model, assumptions, failure modes and source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._task import FusionTask
from daccord.registry import Registry

__all__ = ["EVIDENCE", "FUSION_RULES", "FusionRule", "fusion_rule", "register"]

EVIDENCE: Final = ("ratios", "orders", "ties", "ratings", "intervals", "rankings", "lists")
"""Kinds of answers: ratio comparisons, which of two is more, ties, ratings, their stated intervals, rankings (whole or
the first few), and models' lists."""


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
        reads: Kinds of answers it uses, out of `EVIDENCE`; it sets others aside with a warning.
        sure: What its intervals are, in a few words; empty if it has none and its standard deviations are nominal.
    """

    name: str
    title: str
    model: str
    assumptions: tuple[str, ...]
    failure_modes: tuple[str, ...]
    source: str
    fit: Callable[[FusionTask], CriterionBeliefs]
    reads: tuple[str, ...]
    sure: str

    def __post_init__(self) -> None:
        if unknown := set(self.reads) - set(EVIDENCE):
            raise ValueError(f"{self.name} reads {', '.join(sorted(unknown))}, which are no kinds of answers")


FUSION_RULES: Final = Registry[FusionRule]("fusion rule", "rules.fusion")
"""All registered rules by name."""

register = FUSION_RULES.add
fusion_rule = FUSION_RULES.find
