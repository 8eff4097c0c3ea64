"""Peeling and pasting: the patient rule induction method (PRIM), for yes or no.

Model. n cases with factors x_1 … x_F; P of them are of interest. A box is a set of limits; it holds the case x if
low_f ≤ x_f ≤ high_f for every limited f. With p of m cases inside of interest,

    coverage = p / P     density = p / m     mass = m / n

and, with ℓ(p, m) = p ln(p / m) + (m − p) ln(1 − p / m) the log-likelihood of m cases that share one density,

    worth = ℓ(p, m) + ℓ(P − p, n − m) − ℓ(P, n) − Σ over limits of ln(2 F (L_f − 1))

if the density is larger inside than outside. That is what it gains, in nats, to say that there are two densities, less
what it costs to say where: a limit is one side of one of F factors at one of the L_f − 1 places between its L_f
different values. So a box is chosen on the curve of coverage against density without a weight between the two, and a
limit that chance would find among so many places is left out.

*Peeling.* Start with no limits. Of every factor's lowest and highest α of the cases inside (more where values are
tied), take off the slice that raises density most per case taken; if none raises it, the slice that lowers it least.
Stop at pure boxes and at a small mass. Cases are not weighted by how much better: a boundary should say where, and a
few scenarios with large stakes would draw it alone.

*Choice.* Of the boxes passed, the one with the largest worth.

*Pasting.* Each end of each factor in turn is put where worth is largest, given all others, until nothing moves. So ends
that were peeled too far come back, limits that were only on the way go, and nothing can be gained by moving one end.

Sources: J. H. Friedman & N. I. Fisher, "Bump hunting in high-dimensional data", Statistics and Computing 9 (1999), for
peeling, pasting and gain per case taken; B. P. Bryant & R. J. Lempert, "Thinking inside the box", Technological
Forecasting and Social Change 77 (2010), for coverage, density and tests by drawing again; J. Rissanen, "Modeling by
shortest data description", Automatica 14 (1978), for the price of a limit. Choice and pasting by worth are ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

__all__ = ["ALPHA", "LEAST", "MASS", "gain", "likely", "paste", "peel", "tolls"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

ALPHA: Final = 0.05
"""Share of the cases inside that a peel takes."""
MASS: Final = 0.05
"""Least share of all cases that peeling leaves."""
LEAST: Final = 5
"""Fewest cases of interest, and others, among which boxes are looked for; and fewest that peeling leaves."""
_ROUNDS: Final = 50
_CLOSE: Final = 1e-9


def tolls(levels: IntArray) -> FloatArray:
    """What a limit on each factor costs, in nats, if it has so many different values; shape (F,)."""
    return np.log(2.0 * len(levels) * np.maximum(1, levels - 1))


def gain(good: FloatArray, within: FloatArray, wanted: float, count: float) -> FloatArray:
    """What is gained by telling the inside of boxes from the outside, in nats; 0 if the density inside is not larger.

    Args:
        good: Cases of interest inside; any shape, as the next.
        within: Cases inside.
        wanted: Cases of interest in all.
        count: Cases in all.
    """
    apart = likely(good, within) + likely(wanted - good, count - within)
    whole = likely(np.array(wanted), np.array(count))
    return np.where(good * count > wanted * within, apart - whole, 0.0)


def likely(good: FloatArray, count: FloatArray) -> FloatArray:
    """ℓ: log-likelihood of cases that share one density, `good` of `count` of interest."""
    return np.asarray(xlogy(good, good) + xlogy(count - good, count - good) - xlogy(count, count))


def peel(codes: IntArray, wanted: BoolArray, alpha: float = ALPHA) -> Iterator[tuple[IntArray, IntArray]]:
    """Boxes passed while peeling, from no limits on.

    Args:
        codes: Rank of each case's value among the different values of its factor, from 0; shape (n, F).
        wanted: Which cases are of interest; shape (n,).
        alpha: Share of the cases inside that a peel takes.

    Yields:
        First and last rank inside, for each factor.
    """
    low, high = np.zeros(codes.shape[1], np.intp), codes.max(axis=0)
    yield low, high
    least = max(LEAST, int(np.ceil(MASS * len(codes))))
    while True:
        count, good = len(codes), wanted.sum()
        if good == count:
            return
        cut = max(1, int(alpha * count))
        ordered = np.sort(codes, axis=0)
        gone = np.stack([codes <= ordered[cut - 1], codes >= ordered[count - cut]])  # side × case × factor
        taken = gone.sum(axis=1)
        left = count - taken
        with np.errstate(divide="ignore", invalid="ignore"):
            gain = (good - np.einsum("scf,c->sf", gone, wanted.astype(np.intp))) / left - good / count
            score = np.where(left >= least, np.where(gain > 0, gain / taken, gain), -np.inf)
        factor, side = divmod(int(np.argmax(score.T)), 2)  # ties: first factor, low side
        if not np.isfinite(score[side, factor]):
            return
        low, high = low.copy(), high.copy()
        if side:
            high[factor] = ordered[count - cut, factor] - 1
        else:
            low[factor] = ordered[cut - 1, factor] + 1
        yield low, high
        codes, wanted = codes[~gone[side, :, factor]], wanted[~gone[side, :, factor]]


def paste(
    codes: IntArray, good: FloatArray, low: IntArray, high: IntArray, each: FloatArray
) -> tuple[IntArray, IntArray, float]:
    """Move one end after another to where it is best, until nothing moves.

    Args:
        codes: As for `peel`.
        good: 1 for cases of interest, else 0; shape (n,).
        low: First rank inside, for each factor; shape (F,).
        high: Last rank inside.
        each: Price of a limit on each factor, in nats.

    Returns:
        First and last ranks, and the worth.
    """
    low, high, best = low.copy(), high.copy(), -np.inf
    outside = (codes < low) | (codes > high)
    broken = outside.sum(axis=1)
    tops = codes.max(axis=0)
    total, count = float(good.sum()), float(len(good))
    for _ in range(_ROUNDS):
        before = best
        for f, top in enumerate(tops):
            others = broken == outside[:, f]
            mine, mine_good = codes[others, f], good[others]
            sums = np.stack([np.bincount(mine, mine_good, top + 1), np.bincount(mine, None, top + 1)])
            upto = np.concatenate([np.zeros((2, 1)), np.cumsum(sums, axis=1)], axis=1)
            elsewhere = float(each @ (low > 0) + each @ (high < tops) - each[f] * ((low[f] > 0) + (high[f] < top)))
            for side in (0, 1):  # candidates from the widest on, so that of equals the widest is taken
                if side:
                    ends = np.arange(top, low[f] - 1, -1)
                    within, priced = upto[:, ends + 1] - upto[:, [low[f]]], (ends < top) + float(low[f] > 0)
                else:
                    ends = np.arange(high[f] + 1)
                    within, priced = upto[:, [high[f] + 1]] - upto[:, ends], (ends > 0) + float(high[f] < top)
                value = gain(within[0], within[1], total, count) - elsewhere - each[f] * priced
                place = int(np.argmax(value))
                if value[place] > best + _CLOSE:
                    best = float(value[place])
                    (high if side else low)[f] = ends[place]
            fresh = (codes[:, f] < low[f]) | (codes[:, f] > high[f])
            broken += fresh.astype(np.intp) - outside[:, f]
            outside[:, f] = fresh
        if best <= before + _CLOSE:
            break
    return low, high, best
