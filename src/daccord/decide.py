"""`decide(round) -> Decision`: the one pipeline that everything else wraps.

Pure: no clock, network, file or unlogged randomness. Judgments are fused into beliefs, beliefs are published as
integers, and verdicts and money follow from the integers alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from daccord.allocation import Allocation
from daccord.fusion import CriterionBeliefs, Scores
from daccord.round import Round

__all__ = ["SCHEMA", "AwardInterval", "Decision"]

SCHEMA = "daccord/decision/1"


@dataclass(frozen=True)
class AwardInterval:
    """80 % interval of what a project would get if its value were known and the verdicts stood, minor units.

    Attributes:
        low: 10 % quantile.
        high: 90 % quantile.
        rank_low: Best rank (1 is the largest award) at the 10 % quantile.
        rank_high: Worst rank at the 90 % quantile.
    """

    low: int
    high: int
    rank_low: int
    rank_high: int


@dataclass(frozen=True)
class Decision:
    """A decided round.

    Attributes:
        round: What it was decided from.
        scores: Published integers.
        allocation: Verdicts and money, computed from `scores` alone.
        intervals: One a project, in the portfolio's order.
        beliefs: Criterion id → full posterior (not part of the published file).
        method: Fusion rule and money rule.
        parameters: Effective parameters, name → value.
        warnings: For people.
        version: Version of the engine.
    """

    round: Round
    scores: Scores
    allocation: Allocation
    intervals: tuple[AwardInterval, ...]
    beliefs: Mapping[str, CriterionBeliefs]
    method: Mapping[str, str]
    parameters: Mapping[str, float]
    warnings: tuple[str, ...] = ()
    version: str = ""
    diagnostics: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def interval_of(self) -> Mapping[str, AwardInterval]:
        """Project id → interval of its award."""
        return dict(zip(self.round.portfolio.ids, self.intervals, strict=True))
