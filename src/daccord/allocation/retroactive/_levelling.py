"""Levelling up: everybody is paid towards the same price for a unit of worth.

With worth w_i, credit c_i for what was paid already, and bound b_i:

    x_i = min(b_i, max(0, λ w_i − c_i))

and the one λ, the price of a unit of worth, at which `Σ x_i` is the money. Nobody gets more while somebody with room is
still below the price, and who had more than the price already gets nothing. A team whose projects would get more than
its cap is levelled inside its cap by the same formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from daccord.allocation._rules import TeamCap

__all__ = ["Levelled", "level_up", "price"]


@dataclass(frozen=True)
class Levelled:
    """Exact quotas.

    Attributes:
        quotas: Minor units, shape (n,).
        capped: Whether a team cap binds, shape (n,).
        price: λ, minor units per unit of worth; None if the money is not the limit.
    """

    quotas: list[Fraction]
    capped: list[bool]
    price: Fraction | None


def price(
    worth: Sequence[Fraction], credit: Sequence[Fraction], bounds: Sequence[Fraction], total: Fraction
) -> Fraction | None:
    """The λ at which `Σ min(b, max(0, λ w − c))` is `total`; None if it stays below.

    Each project begins to be paid at the price `c/w` and is full at `(c+b)/w`; between these events the sum is a
    straight line, so the events are walked through in order.

    Args:
        worth: Positive, shape (n,).
        credit: Not negative, shape (n,).
        bounds: Not negative, shape (n,).
        total: Not negative.
    """
    if sum(bounds, Fraction(0)) <= total:
        return None
    events = [(c / w, w) for w, c, b in zip(worth, credit, bounds, strict=True) if b > 0]
    events += [((c + b) / w, -w) for w, c, b in zip(worth, credit, bounds, strict=True) if b > 0]
    events.sort()
    at, paid, slope = Fraction(0), Fraction(0), Fraction(0)
    for where, turn in events:
        reached = paid + slope * (where - at)
        if reached >= total and slope > 0:
            break
        at, paid, slope = where, reached, slope + turn
    return at + (total - paid) / slope if slope else at


def level_up(
    worth: Sequence[Fraction],
    credit: Sequence[Fraction],
    bounds: Sequence[int],
    total: int,
    caps: Sequence[TeamCap] = (),
) -> Levelled:
    """Exact quotas of the levelling.

    Args:
        worth: Not negative, shape (n,); who has 0 gets nothing.
        credit: Minor units, not negative, shape (n,).
        bounds: Minor units, shape (n,).
        total: The money, minor units.
        caps: Caps on disjoint teams.
    """
    tops = [Fraction(bound if value > 0 else 0) for bound, value in zip(bounds, worth, strict=True)]
    plain = list(tops)

    def at(where: Sequence[int], money: int) -> Fraction | None:
        able = [i for i in where if tops[i] > 0]
        return price([worth[i] for i in able], [credit[i] for i in able], [tops[i] for i in able], Fraction(money))

    def due(i: int, level: Fraction | None) -> Fraction:
        return tops[i] if level is None else min(tops[i], max(Fraction(0), level * worth[i] - credit[i]))

    for cap in caps:
        level = at(cap.members, cap.amount)
        for i in cap.members:
            tops[i] = due(i, level)
    level = at(range(len(tops)), total)
    quotas = [due(i, level) for i in range(len(tops))]
    capped = [quota == top < whole for quota, top, whole in zip(quotas, tops, plain, strict=True)]
    return Levelled(quotas, capped, level)
