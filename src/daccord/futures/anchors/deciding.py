"""Who errs: one who acts alone, a chain of approvals, a committee.

*Unilateralist's curse.* n people each see the value V of an act with an error of distribution F and act if they see it
above zero. A bad act (V < 0) is done by somebody with probability 1 − F(−V)ⁿ.

*Architectures.* Each of n people accepts a project with probability p, independently. A hierarchy accepts if all do
(pⁿ), a polyarchy if one does (1 − (1−p)ⁿ), a committee if k of n do (binomial tail). Condorcet's theorem is the
committee with k above n/2 and p the chance of being right.

*One common cause.* With correlation ρ between any two votes, and none beyond it, think of the n votes as ones that
all copy one draw with probability ρ and are independent otherwise: the committee is right with ρp + (1−ρ)·(tail). For
ρ = 1 a committee is one person.

Sources: N. Bostrom, T. Douglas, A. Sandberg, "The unilateralist's curse and the case for a principle of conformity",
Social Epistemology 30 (2016); R. K. Sah, J. E. Stiglitz, "The architecture of economic systems: hierarchies and
polyarchies", American Economic Review 76 (1986). The copying mixture is ours.
"""

from __future__ import annotations

from math import comb

from scipy.special import ndtr

__all__ = ["committee", "hierarchy", "majority", "polyarchy", "unilateral_action"]


def unilateral_action(value: float, people: int, *, deviation: float = 1.0) -> float:
    """Probability that at least one of `people` does an act of true `value`, errors being normal.

    Raises:
        ValueError: Nobody there, or a deviation that is not above 0.
    """
    if people < 1 or deviation <= 0:
        raise ValueError("needs at least one person and a deviation above 0")
    return 1 - float(ndtr(-value / deviation)) ** people


def hierarchy(accept: float, levels: int = 2) -> float:
    """Probability that all levels accept."""
    return committee(accept, levels, levels)


def polyarchy(accept: float, people: int = 2) -> float:
    """Probability that at least one accepts."""
    return committee(accept, 1, people)


def committee(accept: float, needed: int, people: int, *, correlation: float = 0.0) -> float:
    """Probability that at least `needed` of `people` accept.

    Args:
        accept: p of each.
        needed: k, from 0 to `people`.
        people: n of at least 1.
        correlation: ρ between any two votes, from 0 to 1, by one common cause.

    Raises:
        ValueError: An argument is outside its domain.
    """
    if not (0 <= accept <= 1 and 0 <= correlation <= 1):
        raise ValueError(f"probabilities and correlations lie from 0 to 1, not {accept} and {correlation}")
    if not (people >= 1 and 0 <= needed <= people):
        raise ValueError("needs at least one person, and no more votes than there are people")
    tail = sum(comb(people, k) * accept**k * (1 - accept) ** (people - k) for k in range(needed, people + 1))
    return correlation * (accept if needed else 1.0) + (1 - correlation) * tail


def majority(right: float, people: int, *, correlation: float = 0.0) -> float:
    """Probability that more than half of an odd number of people are right.

    Raises:
        ValueError: The number is even: a tie would need a rule of its own.
    """
    if people % 2 == 0:
        raise ValueError("a majority among an even number needs a rule for ties; use committee()")
    return committee(right, people // 2 + 1, people, correlation=correlation)
