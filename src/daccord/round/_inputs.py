"""What money rules read beside published scores: donations, ballots, graphs and accounts."""

from __future__ import annotations

from dataclasses import dataclass, field

from daccord.judging import Ballots, Contribution, Donor, Funder, MarginalValue, MetricWeight, Outcome
from daccord.portfolio import Dependency, Entry, MetricValue

__all__ = ["MoneyInputs"]


@dataclass(frozen=True)
class MoneyInputs:
    """Exact inputs that go past the fusion straight to a money rule. Each is empty unless the round has it.

    Attributes:
        contributions: Donations, for matching.
        donors: What is known of donors; who is not listed has full trust and no group.
        ballots: Points of voters for projects.
        values: Jurors' marginal value of money, for `s-process`.
        funders: Whose money `s-process` divides, and whom they trust.
        metrics: Measured results of projects.
        metric_weights: Voters' weights for metrics.
        dependencies: Edges along which `deep` passes credit on.
        outcomes: What people judged to have come of projects, for `retroactive`.
        entries: Fixed grants, carry-over and corrections of earlier mistakes.
    """

    contributions: tuple[Contribution, ...] = ()
    donors: tuple[Donor, ...] = ()
    ballots: Ballots = field(default_factory=Ballots.empty)
    values: tuple[MarginalValue, ...] = ()
    funders: tuple[Funder, ...] = ()
    metrics: tuple[MetricValue, ...] = ()
    metric_weights: tuple[MetricWeight, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    entries: tuple[Entry, ...] = ()
