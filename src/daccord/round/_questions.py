"""What a round sets out to do, what it may spend, and what judges are asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from daccord.money import Currency

__all__ = ["CRITERIA", "HARMS", "Budget", "Criterion", "Goal", "RatingScale", "Threshold"]

CRITERIA: Final = (
    "benefit",
    "defence",
    "diffusion",
    "harm",
    "need",
    "defence_if_adversary",
    "harm_if_adversary",
    "benefit_far",
)
"""What may be asked.

`defence_if_adversary` and `harm_if_adversary` ask the same with the technology in the hands of an adversary; the worse
answer counts, so that a holder's good name cannot help. `benefit_far` asks for the benefit beyond the round's own
horizon; it is shown and moves neither verdict nor money.
"""

HARMS: Final = ("harm", "harm_if_adversary")
"""Criteria on which less is better: they have a limit instead of a bar."""


@dataclass(frozen=True)
class Goal:
    """What people set the round to achieve, in a step of its own in which no model has a vote."""

    statement: str
    set_by: str
    date: str = ""


@dataclass(frozen=True)
class Budget:
    """The pot: minor units of a currency."""

    amount: int
    currency: Currency


@dataclass(frozen=True)
class RatingScale:
    """The scale ratings are given on.

    Attributes:
        low: Lowest rating.
        high: Highest rating, above `low`.
        interval: Probability that a judge's stated interval is meant to hold, in (0, 1).
    """

    low: float
    high: float
    interval: float = 0.8


@dataclass(frozen=True)
class Threshold:
    """The bar a project should pass, or for harm the limit it should not pass.

    Attributes:
        kind: `rating`, a point on the criterion's rating scale; or `relative`, times the typical project (the
            geometric mean of the round).
        value: On that scale.
    """

    kind: Literal["rating", "relative"]
    value: float


@dataclass(frozen=True)
class Criterion:
    """One question judges answer; each is judged, reported and kept apart.

    Attributes:
        id: One of `CRITERIA`.
        question: What judges are asked, word for word.
        scale: How ratings are given; None if there are only comparisons.
        threshold: Bar or limit; None if none is set.
    """

    id: str
    question: str
    scale: RatingScale | None = None
    threshold: Threshold | None = None
