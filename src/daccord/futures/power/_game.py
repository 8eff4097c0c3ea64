"""A body that votes: members, their weights under each quota, and which coalitions win."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Body", "Quota"]


@dataclass(frozen=True)
class Quota:
    """One threshold: the weights of a winning coalition add up to at least `needed`.

    Attributes:
        needed: Smallest sum that passes, above 0 and at most the total.
        weights: One whole number of at least 0 for each member.
    """

    needed: int
    weights: tuple[int, ...]

    def __post_init__(self) -> None:
        if any(weight < 0 for weight in self.weights):
            raise ValueError("weights are whole numbers of at least 0")
        if not 0 < self.needed <= sum(self.weights):
            raise ValueError(f"a quota of {self.needed} out of {sum(self.weights)} is never decisive")

    @classmethod
    def of_share(cls, share: Fraction, weights: Sequence[int]) -> Quota:
        """At least `share` of the total; Fraction(62, 100) of 1,000 needs 620, of 1,001 needs 621."""
        total = sum(weights) * share
        return cls(-(-total.numerator // total.denominator), tuple(weights))

    @classmethod
    def of_members(cls, needed: int, count: int) -> Quota:
        """At least `needed` of `count` members."""
        return cls(needed, (1,) * count)


@dataclass(frozen=True)
class Body:
    """Members who decide by one or several quotas that must be reached together.

    Attributes:
        members: Names, each once.
        quotas: At least one, each with a weight for every member in the same order.
    """

    members: tuple[str, ...]
    quotas: tuple[Quota, ...]

    def __post_init__(self) -> None:
        if not self.members or len(set(self.members)) != len(self.members):
            raise ValueError("a body has at least one member, and each name once")
        if not self.quotas:
            raise ValueError("a body needs at least one quota")
        for quota in self.quotas:
            if len(quota.weights) != len(self.members):
                raise ValueError(f"{len(quota.weights)} weights for {len(self.members)} members: give each member one")

    @classmethod
    def weighted(cls, needed: int, *weights: int) -> Body:
        """The body [needed; weights], with members named by their number from 1."""
        return cls(tuple(str(k + 1) for k in range(len(weights))), (Quota(needed, weights),))

    def wins(self, coalition: Collection[int]) -> bool:
        """Whether the members at these positions pass a motion together."""
        return all(sum(quota.weights[k] for k in set(coalition)) >= quota.needed for quota in self.quotas)

    def blocks(self, coalition: Collection[int]) -> bool:
        """Whether nothing passes without the members at these positions."""
        return not self.wins(set(range(len(self.members))) - set(coalition))
