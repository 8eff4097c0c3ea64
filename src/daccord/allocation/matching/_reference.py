"""The pairwise-bounded match, pair by pair in Python's integers: slow, readable, and exact to any number of bits.

With roots and products as in `_gifts`, and M, trust t in millionths:

    shared(i, j)  = Σ over grants p of product(i, j, p)
    bound(i, j)   = ⌊M t_i t_j / 10^12⌋
    match of p    = 2 Σ over pairs of ⌊bound · product / (bound + shared)⌋

This is the rule. `_pairs` computes the same integers in blocks of 64-bit arrays; tests demand that they are equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from daccord.allocation.matching._gifts import Gifts, Scale
from daccord.fusion import MICRO

__all__ = ["pair_sums", "shared_roots"]


def _products(gifts: Gifts, scale: Scale) -> Iterator[tuple[int, tuple[int, int], int]]:
    """(grant, pair of donors, product of their roots) for every pair of donors of every grant."""
    roots = gifts.roots(scale)
    donor, ends = gifts.donor.tolist(), gifts.starts.tolist()
    for p, (start, end) in enumerate(pairwise(ends)):
        for a, b in combinations(range(start, end), 2):
            yield p, (donor[a], donor[b]), roots[a] * roots[b] >> scale.shift


def shared_roots(gifts: Gifts, scale: Scale) -> dict[tuple[int, int], int]:
    """Pair of donors → what they share: the sum of the products of their roots, in units."""
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for _, pair, product in _products(gifts, scale):
        shared[pair] += product
    return dict(shared)


def pair_sums(gifts: Gifts, scale: Scale, bounds: Sequence[int]) -> list[list[int]]:
    """The pairwise-bounded match of every grant for several M.

    Args:
        gifts: Who gave what.
        scale: Of roots and units.
        bounds: Values of M, in units.

    Returns:
        For each M the match of each grant, in units.
    """
    shared = shared_roots(gifts, scale)
    trust = gifts.trust.tolist()
    out = [[0] * gifts.grants for _ in bounds]
    for p, (i, j), product in _products(gifts, scale):
        for sums, bound in zip(out, bounds, strict=True):
            own = bound * trust[i] * trust[j] // MICRO**2
            if own:
                sums[p] += 2 * (own * product // (own + shared[i, j]))
    return out
