"""What belongs to projects beside their description: dependencies, measured results, entries in the books."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

__all__ = ["ENTRY_KINDS", "Dependency", "Entry", "MetricValue"]

ENTRY_KINDS: Final = ("fixed", "carry_over", "correction", "minimum")


@dataclass(frozen=True)
class Dependency:
    """An edge of the dependency graph.

    Attributes:
        project: Id of the project that depends.
        on: Id of the project it depends on; the same id for what it keeps for itself (its self-share).
        weight: Share of the project's credit that goes there, in (0, 1]; the shares of a project sum to 1.
    """

    project: str
    on: str
    weight: Fraction


@dataclass(frozen=True)
class MetricValue:
    """A measured result of a project; not negative."""

    project: str
    metric: str
    value: Fraction


@dataclass(frozen=True)
class Entry:
    """A decided amount that no rule moves: it is written down with a reason and a person who answers for it.

    Attributes:
        kind: `fixed`, a grant decided before the round; `carry_over`, credit from the round before; `correction`, the
            budget-neutral repair of an earlier mistake; `minimum`, the least that the project gets, whatever the rule
            gives it.
        project: Id; empty only for a `carry_over` that says how much of the pot was left from the round before.
        amount: Minor units, not zero; only corrections may be negative: what the project was overpaid.
        reason: For people.
        by: Who decided it.
    """

    kind: Literal["fixed", "carry_over", "correction", "minimum"]
    project: str
    amount: int
    reason: str
    by: str
