"""Power indices of a voting body.

A member swings a coalition that wins with it and loses without it. With s_i the number of swings of member i,

    Banzhaf share    β_i = s_i / Σ_j s_j
    Banzhaf measure  β'_i = s_i / 2^{n−1}, the probability of being decisive if all others toss coins
    Shapley–Shubik   φ_i, the share of orders in which i is the one who makes the growing coalition win
    passage          winning coalitions / 2^n: the probability that a random motion passes

A coalition that wins keeps winning with more members, so s_i = 2W_i − W for W winning coalitions, W_i of them with i.

Sources: L. S. Penrose (1946), J. F. Banzhaf (1965), L. S. Shapley and M. Shubik (1954), J. S. Coleman (1971).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from daccord.futures.power._count import winning
from daccord.futures.power._game import Body

__all__ = ["Power", "concentration", "power"]


@dataclass(frozen=True)
class Power:
    """Exact indices, members in the body's order.

    Attributes:
        banzhaf: Shares that add up to 1.
        decisive: Probability of being decisive among coin tossers (the absolute Banzhaf measure).
        shapley_shubik: Shares that add up to 1.
        passage: Probability that a random motion passes.
        fewest_to_pass: Size of the smallest winning coalition.
        fewest_to_block: Size of the smallest coalition without which nothing passes.
    """

    banzhaf: tuple[Fraction, ...]
    decisive: tuple[Fraction, ...]
    shapley_shubik: tuple[Fraction, ...]
    passage: Fraction
    fewest_to_pass: int
    fewest_to_block: int


def power(body: Body) -> Power:
    """All indices of a body.

    Raises:
        ValueError: Too many members with too large weights to count.
    """
    wins = winning(body)
    count = len(body.members)
    total = sum(wins.sizes)
    swings = [2 * sum(mine) - total for mine in wins.including]
    orders = math.factorial(count)
    shapley = []
    for mine in wins.including:
        share = 0
        for size in range(count + 1):
            with_it, without = mine[size], wins.sizes[size] - mine[size]
            if with_it:
                share += with_it * math.factorial(size - 1) * math.factorial(count - size)
            if without:
                share -= without * math.factorial(size) * math.factorial(count - size - 1)
        shapley.append(Fraction(share, orders))
    losing = max(size for size in range(count + 1) if wins.sizes[size] < math.comb(count, size))
    return Power(
        banzhaf=tuple(Fraction(swing, sum(swings)) for swing in swings),
        decisive=tuple(Fraction(swing, 2 ** (count - 1)) for swing in swings),
        shapley_shubik=tuple(shapley),
        passage=Fraction(total, 2**count),
        fewest_to_pass=next(size for size, number in enumerate(wins.sizes) if number),
        fewest_to_block=count - losing,
    )


def concentration(shares: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """Sum of squared shares (Herfindahl–Hirschman) and its inverse, the effective number of deciders.

    Raises:
        ValueError: Shares do not add up to 1.
    """
    if sum(shares) != 1:
        raise ValueError(f"shares add up to {sum(shares)}, not to 1")
    squares = sum((share * share for share in shares), Fraction(0))
    return squares, 1 / squares
