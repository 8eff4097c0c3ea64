"""Equal shares with a given endowment, exactly: the purchases that voters' money makes.

    In each round a project can be bought if its supporters have its cost left. Its price is the ρ at which
        Σ_i min(money_i, ρ · worth_i) = cost,
    that is, all supporters pay in proportion to what it is worth to them, and who has less pays all of it.
    The project with the smallest ρ is bought (ties: `Election.ties`), its supporters pay, and the next round begins.

Money is held as integers over one common denominator, which is a good deal faster than a fraction for each group.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from fractions import Fraction

from daccord.allocation.elections._election import Election
from daccord.allocation.elections._trace import Purchase

__all__ = ["Spending", "spend"]


@dataclass(frozen=True)
class Spending:
    """What was bought with an endowment.

    Attributes:
        purchases: In order.
        left: What a voter of each group has left, minor units.
    """

    purchases: tuple[Purchase, ...]
    left: tuple[Fraction, ...]

    @property
    def winners(self) -> frozenset[int]:
        """Positions of the projects bought."""
        return frozenset(purchase.project for purchase in self.purchases)


@dataclass
class _Purse:
    """Money of each group's voters: `money[g] / unit` minor units each."""

    money: list[int]
    unit: int
    sizes: tuple[int, ...]
    worth: tuple[tuple[tuple[int, int], ...], ...]
    purchases: list[Purchase] = field(default_factory=list)

    def price(self, project: int, cost: int) -> tuple[int, int, int] | None:
        """ρ · unit as numerator and denominator, and how many of the poorest groups pay all; None if it is too dear."""
        entries = self.sorted_entries(project)
        rest = cost * self.unit
        weight = sum(self.sizes[g] * worth for g, worth in entries)
        for poor, (g, worth) in enumerate(entries):
            if self.money[g] * weight >= rest * worth:
                return rest, weight, poor
            rest -= self.sizes[g] * self.money[g]
            weight -= self.sizes[g] * worth
        return None

    def sorted_entries(self, project: int) -> list[tuple[int, int]]:
        """Supporting groups, those first who have least per unit of worth."""
        entries = self.worth[project]
        if len({worth for _, worth in entries}) == 1:
            return sorted(entries, key=lambda entry: self.money[entry[0]])
        return sorted(entries, key=lambda entry: Fraction(self.money[entry[0]], entry[1]))

    def buy(self, project: int, price: tuple[int, int, int]) -> None:
        """Let supporters pay, and write down what each paid."""
        rest, weight, poor = price
        entries = self.sorted_entries(project)
        common = math.gcd(rest, weight)
        rest, weight = rest // common, weight // common
        payments = {g: Fraction(self.money[g], self.unit) for g, _ in entries[:poor]}
        exhausted = sum(self.sizes[g] for g, _ in entries[:poor])
        self.money = [amount * weight for amount in self.money]
        for g, _ in entries[:poor]:
            self.money[g] = 0
        for g, worth in entries[poor:]:
            self.money[g] -= rest * worth
            payments[g] = Fraction(rest * worth, self.unit * weight)
        rho = Fraction(rest, self.unit * weight)
        self.unit *= weight
        common = math.gcd(self.unit, *self.money)
        self.unit //= common
        self.money = [amount // common for amount in self.money]
        self.purchases.append(Purchase(project, "shares", rho, dict(sorted(payments.items())), exhausted))


def spend(election: Election, endowment: Fraction, utility: str, candidates: Collection[int]) -> Spending:
    """Equal shares with so much money for each voter.

    Args:
        election: What to decide; its own pot is not looked at.
        endowment: What each voter is given, minor units, not negative.
        utility: See `Election.worth`.
        candidates: Projects that can be bought.
    """
    groups = len(election.groups)
    purse = _Purse([endowment.numerator] * groups, endowment.denominator, election.sizes, election.worth(utility))
    # Money only goes down, so a price only goes up: what it was in an earlier round is a lower bound now.
    weights = {i: sum(election.sizes[g] * worth for g, worth in purse.worth[i]) for i in candidates}
    lowest = {i: Fraction(election.costs[i], weight) for i, weight in weights.items() if weight}
    while lowest:
        best: tuple[Fraction, int] | None = None
        chosen: tuple[int, int, int] | None = None
        for i in sorted(lowest, key=lambda i: (lowest[i], election.ties[i])):
            if best is not None and (lowest[i], election.ties[i]) > best:
                break
            price = purse.price(i, election.costs[i])
            if price is None:
                del lowest[i]
                continue
            lowest[i] = Fraction(price[0], price[1] * purse.unit)
            if best is None or (lowest[i], election.ties[i]) < best:
                best, chosen = (lowest[i], election.ties[i]), price
        if best is None or chosen is None:
            break
        project = next(i for i in lowest if election.ties[i] == best[1])
        purse.buy(project, chosen)
        del lowest[project]
    return Spending(tuple(purse.purchases), tuple(Fraction(amount, purse.unit) for amount in purse.money))
