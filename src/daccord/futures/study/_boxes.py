"""Boxes: where a thing is so, as limits on a few factors. The patient rule induction method (PRIM), for yes or no.

Model. n cases with factors x_1 … x_F, some of interest. A box is a set of limits; it holds the case x if
low_f ≤ x_f ≤ high_f for every limited f. It is found by peeling and pasting (see `_peeling`), as the one that is worth
most.

*Doubt.* Cases are drawn again with replacement and everything is repeated: how often is a factor of the box not used?
While one is not used more than half of the time, the most doubtful is set aside and the box is found without it.

Limits are then written as the plainest numbers that part the same cases, so that what is printed is what was counted.

Source: B. P. Bryant & R. J. Lempert, "Thinking inside the box", Technological Forecasting and Social Change 77 (2010),
for tests by drawing again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.futures.study._peeling import ALPHA, LEAST, gain, paste, peel, tolls

__all__ = ["Edges", "doubts", "find", "inside", "plainest", "settle"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

DOUBT: Final = 0.5
"""Largest doubt of a factor that keeps its place."""
_CLOSE: Final = 1e-9


@dataclass(frozen=True)
class Edges:
    """A box as two ends for each of F factors.

    Attributes:
        low: From here; −∞ for no limit. Shape (F,).
        high: To here; ∞ for no limit. Shape (F,).
        worth: In nats, among the cases in which it was found.
    """

    low: FloatArray
    high: FloatArray
    worth: float

    @property
    def limited(self) -> BoolArray:
        """Which factors have a limit."""
        return np.isfinite(self.low) | np.isfinite(self.high)


def inside(values: FloatArray, edges: Edges) -> BoolArray:
    """Which cases are in a box; `values` of shape (n, F)."""
    return np.asarray(((values >= edges.low) & (values <= edges.high)).all(axis=1))


def find(values: FloatArray, wanted: BoolArray, alpha: float = ALPHA) -> Edges | None:
    """The best box found.

    Args:
        values: Factors of each case; shape (n, F).
        wanted: Which cases are of interest; shape (n,).
        alpha: Share of the cases inside that a peel takes.

    Returns:
        The box; None if fewer than `LEAST` cases are of interest or fewer are not, or if no limit earns its toll.
    """
    if min(wanted.sum(), (~wanted).sum()) < LEAST or not values.shape[1]:
        return None
    codes = _codes(values)
    tops = codes.max(axis=0)
    each = tolls(tops + 1)
    good = wanted.astype(np.float64)
    best, chosen = 0.0, (np.zeros_like(tops), tops)
    for low, high in peel(codes, wanted, alpha):
        within = ((codes >= low) & (codes <= high)).all(axis=1)
        now = float(gain(np.array(good @ within), np.array(within.sum()), good.sum(), len(good)))
        now -= float(each @ (low > 0) + each @ (high < tops))
        if now > best + _CLOSE:
            best, chosen = now, (low, high)
    low, high, best = paste(codes, good, *chosen, each)
    if best <= _CLOSE:
        return None
    return Edges(*_plain(values, codes, low, high), best)


def _plain(values: FloatArray, codes: IntArray, low: IntArray, high: IntArray) -> tuple[FloatArray, FloatArray]:
    """Ends between the last case inside and the first one that no other limit keeps out."""
    ends = np.full(len(low), -np.inf), np.full(len(low), np.inf)
    outside = (codes < low) | (codes > high)
    held = values[~outside.any(axis=1)]
    for f, column in enumerate(values.T):
        others = outside.sum(axis=1) == outside[:, f]
        under, over = others & (codes[:, f] < low[f]), others & (codes[:, f] > high[f])
        if under.any():
            ends[0][f] = plainest(float(column[under].max()), float(held[:, f].min()), up=True)
        if over.any():
            ends[1][f] = plainest(float(held[:, f].max()), float(column[over].min()), up=False)
        # what this end now lets pass, the next ones have to keep out
        outside[:, f] = (column < ends[0][f]) | (column > ends[1][f])
    return ends


def settle(values: FloatArray, wanted: BoolArray, again: IntArray) -> tuple[Edges, FloatArray] | None:
    """The best box without doubtful factors, and the doubt of each factor; None if there is no such box.

    Args:
        values: Factors of each case; shape (n, F).
        wanted: Which cases are of interest; shape (n,).
        again: Cases of each sample; shape (B, m).
    """
    use = np.arange(values.shape[1])
    while (found := find(values[:, use], wanted)) is not None:
        doubt = doubts(values[:, use], wanted, found, again)
        asked = np.where(found.limited, doubt, 0.0)
        if asked.max() <= DOUBT:
            full = np.full((3, values.shape[1]), [[-np.inf], [np.inf], [1.0]])
            full[:, use] = found.low, found.high, doubt
            return Edges(full[0], full[1], found.worth), full[2]
        use = np.delete(use, int(np.argmax(asked)))
    return None


def doubts(values: FloatArray, wanted: BoolArray, edges: Edges, again: IntArray) -> FloatArray:
    """Share of the samples in which the box found does without a factor; shape (F,).

    Args:
        values: Factors of each case; shape (n, F).
        wanted: Which cases are of interest; shape (n,).
        edges: The box; factors that it does not limit have doubt 1.
        again: Cases of each sample; shape (B, m).
    """
    used = np.zeros(values.shape[1])
    for rows in again:
        found = find(values[rows], wanted[rows])
        if found is not None:
            used += found.limited
    return np.where(edges.limited, (len(again) - used) / len(again), 1.0)


def _codes(values: FloatArray) -> IntArray:
    """Rank of each case's value among the different values of its factor, from 0."""
    return np.stack([np.unique(column, return_inverse=True)[1].reshape(-1) for column in values.T], axis=1)


def plainest(below: float, above: float, *, up: bool) -> float:
    """The number with the fewest digits that parts two, near the middle.

    Args:
        below: The smaller.
        above: The larger.
        up: Whether it begins a box, and may be `above` but not `below`; else it ends one, and the other way round.
            Between whole numbers it is the one that may be.
    """
    if below == round(below) and above == round(above):
        return float(above if up else below)
    middle = below + (above - below) / 2
    for digits in range(17):
        found = float(f"{middle:.{digits}e}")
        if (below < found <= above) if up else (below <= found < above):
            return found
    return float(above if up else below)
