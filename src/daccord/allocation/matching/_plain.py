"""Plain quadratic funding, and two ways to compare with: bounded by nothing, or by how alike two donors are."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise

from daccord.allocation.matching._gifts import Gifts, Scale
from daccord.allocation.matching._reference import shared_roots

__all__ = ["cosine_sums", "plain_sums"]

PLAIN_GUARD = 64
"""Bits more than pairs have room for: nothing here needs pairs."""


def plain_sums(gifts: Gifts) -> tuple[list[int], Fraction]:
    """The plain match of each grant, (Σ√c)² - Σc.

    Returns:
        The match of each grant, shape (grants,), in units, and one unit in minor units. It lies below the exact
        value by less than 2^-60 of it for each donor.

    Source:
        V. Buterin, Z. Hitzig, G. Weyl, "Liberal Radicalism" (2018).
    """
    if not len(gifts):
        return [0] * gifts.grants, Fraction(1)
    scale = Scale.of(gifts.largest, PLAIN_GUARD)
    roots, ends = gifts.roots(scale), gifts.starts.tolist()
    out = []
    for start, end in pairwise(ends):
        own = roots[start:end]
        out.append(sum(own) ** 2 - sum(root * root for root in own))
    return out, Fraction(1, 4) ** scale.root


def cosine_sums(gifts: Gifts) -> list[float]:
    """The match where a pair counts by how unlike its two donors are: k = 1 - cosine of their roots.

    For comparison only, and in floating point: no money follows from it. Two donors who give alike get nothing. But
    whoever gives hugely to a project of their own becomes unlike everybody, and their k goes to 1.

    Returns:
        The match of each grant, minor units, shape (grants,).

    Source:
        V. Buterin, "Pairwise coordination subsidies: a new quadratic funding design", discussion (2019).
    """
    if not len(gifts):
        return [0.0] * gifts.grants
    scale = Scale.of(gifts.largest)
    totals = [0] * gifts.donors
    for who, amount in zip(gifts.donor.tolist(), gifts.amount, strict=True):
        totals[who] += amount
    shared = {pair: float(value * scale.unit) for pair, value in shared_roots(gifts, scale).items()}
    out = [0.0] * gifts.grants
    donor, ends = gifts.donor.tolist(), gifts.starts.tolist()
    for p, (start, end) in enumerate(pairwise(ends)):
        for a, b in combinations(range(start, end), 2):
            i, j = donor[a], donor[b]
            unlike = 1 - shared[i, j] / (totals[i] * totals[j]) ** 0.5
            out[p] += 2 * max(0.0, unlike) * (gifts.amount[a] * gifts.amount[b]) ** 0.5
    return out
