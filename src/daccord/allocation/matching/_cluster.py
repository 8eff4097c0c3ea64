"""Connection-oriented cluster match: donors who belong together count less together.

With v the gift in whole units of the currency and G(i) the groups of donor i:

    K(i, h) = min(v, √v) if donor i shares a group with a member of group h, else v
    A(g, h) = Σ over donors i of g of K(i, h) / |G(i)|
    match   = 2 Σ over pairs of groups g, h of √(A(g, h) · A(h, g))

A donor without a group is a group alone, so that without any groups this is the plain match. The formula depends on the
unit, because a gift stands beside its root: that is in the published rule, and the unit here is one of the currency.

Integers as everywhere: gifts, roots and sums in units of 2^-96, rounded down.

Source: J. Miller, E. G. Weyl, L. Erichsen, "Beyond Collusion Resistance: Leveraging Social Information for Plural
Funding and Voting" (2022), equations for the match and K; docs/methods/quadratic.md says what differs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations, pairwise
from math import isqrt
from typing import Final

from daccord.allocation.matching._gifts import Gifts

__all__ = ["CLUSTER_ONE", "cluster_sums"]

CLUSTER_ONE: Final = 2**96
"""One whole unit of the currency."""


def _reach(groups: Sequence[Sequence[str]]) -> tuple[list[tuple[str, ...]], dict[str, set[str]]]:
    """Each donor's groups, sorted and once each; and for each group all groups that share a member with it."""
    of_donor = [tuple(sorted(set(own))) for own in groups]
    touches: dict[str, set[str]] = defaultdict(set)
    for own in of_donor:
        for group in own:
            touches[group].update(own)
    return of_donor, touches


def cluster_sums(gifts: Gifts, groups: Sequence[Sequence[str]], digits: int) -> list[int]:
    """The cluster match of each grant.

    Time is quadratic in the groups that give to a grant and share members; donors without a group cost next to nothing.

    Args:
        gifts: Who gave what.
        groups: Groups of each donor, shape (donors,).
        digits: Decimal digits of the currency.

    Returns:
        Shape (grants,), in units of `CLUSTER_ONE` a whole unit of the currency.
    """
    of_donor, touches = _reach(groups)
    ends, donor = gifts.starts.tolist(), gifts.donor.tolist()
    return [
        _match(donor[start:end], gifts.amount[start:end], of_donor, touches, 10**digits)
        for start, end in pairwise(ends)
    ]


def _match(
    donors: Sequence[int],
    amounts: Sequence[int],
    of_donor: Sequence[tuple[str, ...]],
    touches: dict[str, set[str]],
    whole: int,
) -> int:
    """The match of one grant."""
    one = CLUSTER_ONE
    full: dict[str | int, int] = defaultdict(int)  # a group's name, or the donor who is a group alone
    members: dict[str, list[tuple[int, int, set[str]]]] = defaultdict(list)
    for who, amount in zip(donors, amounts, strict=True):
        own = of_donor[who]
        value, share = amount * one // whole, max(1, len(own))
        if not own:
            full[who] += value
            continue
        less = min(value, isqrt(amount * one * one // whole))
        near = set().union(*(touches[group] for group in own))
        for group in own:
            full[group] += value // share
            members[group].append((value // share, less // share, near))
    roots = {group: isqrt(value * one) for group, value in full.items()}
    match = sum(roots.values()) ** 2 - sum(root * root for root in roots.values())
    for g, h in combinations(sorted(members), 2):
        ours = sum(less if h in near else value for value, less, near in members[g])
        theirs = sum(less if g in near else value for value, less, near in members[h])
        if ours != full[g] or theirs != full[h]:
            match += 2 * (isqrt(ours * one) * isqrt(theirs * one) - roots[g] * roots[h])
    return match // one
