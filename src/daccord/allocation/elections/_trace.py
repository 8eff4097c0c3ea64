"""What an election tells about itself: each purchase, who paid, and why the others were not bought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from daccord.allocation.elections._election import Election

__all__ = ["Comparison", "Missed", "Outcome", "Purchase", "Reason"]

Reason = Literal["nobody", "below_threshold", "too_dear", "short", "no_room", "stopped", "less_popular"]
"""Why a project was not bought.

`nobody` gave it points; its score is `below_threshold`; it is `too_dear` for the whole pot; its supporters are `short`
of money; it has `no_room` in what is left of the pot; the rule had `stopped` before it; or the outcome that held it was
`less_popular` in the comparison step.
"""


@dataclass(frozen=True)
class Purchase:
    """One project bought.

    Attributes:
        project: Position.
        stage: `shares` if its supporters paid for it from their equal shares, `greedy` if it was taken by its score.
        price: ρ: what each supporter pays per unit of worth, as long as the money lasts; None for `greedy`.
        payments: Group (position) → what each of its voters pays, minor units; empty for `greedy`. They add up to the
            cost exactly.
        exhausted: Supporters who paid all they had left and less than ρ asks of them.
    """

    project: int
    stage: Literal["shares", "greedy"]
    price: Fraction | None = None
    payments: Mapping[int, Fraction] | None = None
    exhausted: int = 0


@dataclass(frozen=True)
class Missed:
    """One project not bought.

    Attributes:
        project: Position.
        reason: See `Reason`.
        money: For `short`, what its supporters have left together, minor units; for `no_room` and `stopped`, what was
            left of the pot when it was considered; else 0.
    """

    project: int
    reason: Reason
    money: Fraction = Fraction(0)


@dataclass(frozen=True)
class Comparison:
    """How voters rank the two outcomes of the comparison step, by the points they gave to what each buys.

    Attributes:
        shares: Voters who are better off with equal shares.
        greedy: Voters who are better off with `greedy`.
    """

    shares: int
    greedy: int

    @property
    def switches(self) -> bool:
        """Whether the greedy outcome wins: more voters are better off with it. A draw is not enough."""
        return self.greedy > self.shares


@dataclass(frozen=True)
class Outcome:
    """The result of an election.

    Attributes:
        election: What was decided.
        purchases: In the order in which projects were bought.
        missed: All others, in the order of the projects.
        endowment: What each voter was given to spend, minor units; 0 for `greedy`.
        left: What each group's voters have left of it, minor units each.
        comparison: The comparison step, if it was asked for.
    """

    election: Election
    purchases: tuple[Purchase, ...]
    missed: tuple[Missed, ...]
    endowment: Fraction = Fraction(0)
    left: tuple[Fraction, ...] = ()
    comparison: Comparison | None = None

    @property
    def winners(self) -> tuple[int, ...]:
        """Positions of the projects bought, ascending."""
        return tuple(sorted(purchase.project for purchase in self.purchases))

    @property
    def cost(self) -> int:
        """What they cost together, minor units; never above the pot."""
        return sum(self.election.costs[project] for project in self.winners)

    def payments(self, project: int) -> Mapping[str, Fraction]:
        """Voter → what he or she paid for a project, minor units; only who paid. Empty unless bought from shares."""
        for purchase in self.purchases:
            if purchase.project == project and purchase.payments is not None:
                election = self.election
                return {
                    election.voters[voter]: amount
                    for group, amount in purchase.payments.items()
                    if amount
                    for voter in election.groups[group].voters
                }
        return {}
