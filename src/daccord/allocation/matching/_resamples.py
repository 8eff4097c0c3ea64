"""`quadratic` in floating point for electorates drawn anew, for intervals only.

As many donors as gave are drawn from them with replacement, again and again. A donor who is drawn twice counts as two
donors who give the same. M stands as in the round itself, and each electorate's match is brought to the pot.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from daccord.allocation._draw_levels import Groups
from daccord.allocation._draws import capped, viable
from daccord.allocation._rules import MoneyTask
from daccord.allocation.matching._bound import find_bound
from daccord.allocation.matching._cluster import CLUSTER_ONE, cluster_sums
from daccord.allocation.matching._donations import Donations, donations
from daccord.allocation.matching._gifts import Gifts, Scale
from daccord.allocation.matching._pairs import blocks
from daccord.allocation.matching._settle import tops
from daccord.fusion import MICRO

__all__ = ["resamples"]

FloatArray = npt.NDArray[np.float64]


def resamples(task: MoneyTask, electorates: int, seed: int) -> FloatArray:
    """See `MoneyRule.resamples`."""
    given = donations(task)
    gifts = given.gifts
    if not any(gifts.pairs) or task.budget.amount == 0:
        return np.zeros((electorates, len(task)))
    rng = np.random.default_rng(seed)
    shares = np.full(gifts.donors, 1 / gifts.donors)
    times = rng.multinomial(gifts.donors, shares, size=electorates).T.astype(np.float64)
    plain = _plain(gifts, times)
    variant = task.rules.quadratic.variant
    if variant == "plain":
        return _settle(task, plain, plain)
    if variant == "cluster":
        matches = _cluster(given, times, task.budget.currency.digits)
        return _settle(task, matches, matches)
    chosen = task.rules.quadratic.bound
    matches = _pairwise(task, gifts, times)
    return _settle(task, matches, plain if chosen is None else matches)


def _plain(gifts: Gifts, times: FloatArray) -> FloatArray:
    """Plain match, minor units, shape (electorates, grants)."""
    amounts = np.array(gifts.amount, dtype=np.float64)
    counts = times[gifts.donor]
    edges = np.flatnonzero(np.diff(gifts.starts))
    out = np.zeros((times.shape[1], gifts.grants))
    starts = gifts.starts[edges]
    roots = np.add.reduceat(counts * np.sqrt(amounts)[:, None], starts)
    out[:, edges] = (roots**2 - np.add.reduceat(counts * amounts[:, None], starts)).T
    return np.maximum(out, 0.0)


def _pairwise(task: MoneyTask, gifts: Gifts, times: FloatArray) -> FloatArray:
    """Pairwise-bounded match at the round's own M, minor units, shape (electorates, grants)."""
    scale = Scale.of(gifts.largest)
    chosen = task.rules.quadratic.bound
    matched = find_bound(gifts, scale, task.budget.amount, given=None if chosen is None else Fraction(chosen))
    bound = float(matched.bound.units) if matched.bound is not None else 0.0
    trust = gifts.trust / MICRO
    out = np.zeros((times.shape[1], gifts.grants))
    for block in blocks(gifts, scale):
        for piece in block.pieces:
            own = bound * trust[piece.rows][:, None] * trust[piece.columns]
            parts = 2 * own * piece.products / np.maximum(own + block.of(piece), 1e-9)
            out[:, piece.grant] += np.einsum("re,re->e", times[piece.rows], parts @ times[piece.columns])
    # Pairs of a donor with their own double.
    unit = float(scale.unit)
    amounts = np.array(gifts.amount, dtype=np.float64) / unit
    totals = np.bincount(gifts.donor, amounts, gifts.donors)[gifts.donor]
    own = bound * trust[gifts.donor] ** 2
    doubles = own * amounts / np.maximum(own + totals, 1e-9)
    counts = times[gifts.donor]
    for p in range(gifts.grants):
        rows = slice(int(gifts.starts[p]), int(gifts.starts[p + 1]))
        out[:, p] += doubles[rows] @ (counts[rows] * (counts[rows] - 1))
    return out * unit


def _cluster(given: Donations, times: FloatArray, digits: int) -> FloatArray:
    """Cluster match, minor units, shape (electorates, grants)."""
    gifts = given.gifts
    amounts = np.array(gifts.amount, dtype=object)
    out = np.zeros((times.shape[1], gifts.grants))
    for row, column in zip(out, times.T.astype(np.int64), strict=True):
        # The donors of an electorate are renumbered: each double is a donor with the same groups.
        first = np.cumsum(column) - column
        repeats = column[gifts.donor]
        rank = np.arange(int(repeats.sum())) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        drawn = Gifts.of(
            np.repeat(first[gifts.donor], repeats) + rank,
            np.repeat(gifts.grant, repeats),
            np.repeat(amounts, repeats),
            donors=int(column.sum()),
            grants=gifts.grants,
        )
        groups = [own for own, count in zip(given.groups, column.tolist(), strict=True) for _ in range(count)]
        row[:] = [match / CLUSTER_ONE * 10**digits for match in cluster_sums(drawn, groups, digits)]
    return out


def _settle(task: MoneyTask, matches: FloatArray, ceilings: FloatArray) -> FloatArray:
    """The pot by match, as `_settle.settle` does it, for all electorates."""
    pot, minimum = float(task.budget.amount), float(task.rules.minimum)
    teams = Groups.of(task.team_caps, len(task))
    out = np.zeros_like(matches)
    rows = np.flatnonzero(np.any(matches > 0, axis=1))
    if not len(rows):
        return out
    weights = np.maximum(matches[rows], 1e-12)[:, teams.order]
    bounds = np.where(matches > 0, np.minimum(np.array(tops(task), dtype=np.float64), ceilings), 0.0)
    bounds = bounds[rows][:, teams.order]
    out[np.ix_(rows, teams.order)] = (
        viable(weights, bounds, pot, 0.0, teams, minimum) if minimum > 1 else capped(weights, bounds, pot, 0.0, teams)
    )
    return out
