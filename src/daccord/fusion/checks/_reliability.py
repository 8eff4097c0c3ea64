"""How often intervals held what they were to hold, and favourites were ahead as often as foreseen.

* **Intervals.** Of the ratios and ratings, what share lies inside the central interval of nominal probability q? With
  F the foreseen probability of an answer at or below the one that came, it lies inside if |F − ½| ≤ q/2.
* **Win probabilities.** Where one of two was put ahead, how often was it the one foreseen as the favourite, for
  favourites with a chance from 50 to 60 %, and so on? The *expected calibration error* is the mean of |held − foreseen|
  over these bins, weighted by answers; Brier score and log loss are of the probability that the favourite is ahead.

Errors are standard errors of a share of N answers with jurors (or pairs of projects) as the unit, because one person's
answers err together. One answer of either kind is added first, each of a juror of its own, so that three of three are
not held to be certain:

    se² = J/(J − 1) · Σ_j (Σ_{k of j} (x_k − x̄))² / N².

Source: A. Agresti and B. A. Coull, The American Statistician 52 (1998) 119–126, for the added answers; M. H. DeGroot
and S. E. Fienberg, The Statistician 32 (1983) 12–22; T. Gneiting, F. Balabdaoui and A. E. Raftery, JRSS B 69 (2007)
243–268; M. P. Naeini, G. F. Cooper and M. Hauskrecht, AAAI (2015) 2901–2907.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = [
    "BINS",
    "LEVELS",
    "USUAL",
    "FavouriteBin",
    "IntervalLevel",
    "Losses",
    "clustered_error",
    "favourite_bins",
    "favourites",
    "interval_levels",
    "losses_of",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LEVELS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Nominal probabilities of intervals."""

BINS: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Edges of the favourite's chance."""

USUAL: Final = 0.8
"""The nominal probability of the intervals that are published."""


@dataclass(frozen=True)
class IntervalLevel:
    """How many held-out answers an interval held.

    Attributes:
        nominal: Probability that it is to hold, in (0, 1).
        held: Share that it held, in [0, 1].
        error: Standard error of `held`.
        held_before: Share that it held before widening.
        error_before: Standard error of that.
    """

    nominal: float
    held: float
    error: float
    held_before: float
    error_before: float


@dataclass(frozen=True)
class FavouriteBin:
    """How often favourites of about the same chance were ahead.

    Attributes:
        low: Lower edge of the chance.
        high: Upper edge.
        answers: Answers in the bin.
        foreseen: Mean chance of the favourite.
        ahead: Share in which the favourite was ahead.
        error: Standard error of `ahead`.
    """

    low: float
    high: float
    answers: int
    foreseen: float
    ahead: float
    error: float


@dataclass(frozen=True)
class Losses:
    """How good win probabilities were; lower is better.

    Attributes:
        brier: Mean (p − x)², x = 1 if the favourite was ahead; ¼ for a coin.
        log_loss: Mean −ln of the probability given to what came; ln 2 for a coin.
        calibration_error: Expected calibration error.
    """

    brier: float
    log_loss: float
    calibration_error: float


def clustered_error(x: FloatArray, group: IntArray) -> float:
    """Standard error of a share with groups as the unit, never 0.

    Args:
        x: 0 or 1, shape (n,), n ≥ 1.
        group: What errs together, any labels, shape (n,).
    """
    x = np.concatenate([x, [0.0, 1.0]])
    _, member = np.unique(group, return_inverse=True)
    groups = int(member.max()) + 1
    sums = np.bincount(np.concatenate([member, [groups, groups + 1]]), x - x.mean())
    return float(np.sqrt(len(sums) / (len(sums) - 1) * (sums @ sums)) / len(x))


def interval_levels(below: FloatArray, before: FloatArray, group: IntArray) -> tuple[IntervalLevel, ...]:
    """What intervals of every nominal probability held.

    Args:
        below: Foreseen probability of an answer at or below the one that came, in [0, 1], shape (n,), n ≥ 1.
        before: The same before widening.
        group: What errs together, any labels, shape (n,).
    """
    found = []
    for nominal in LEVELS:
        inside, inside_before = ((np.abs(some - 0.5) <= nominal / 2).astype(np.float64) for some in (below, before))
        found.append(
            IntervalLevel(
                nominal=nominal,
                held=float(inside.mean()),
                error=clustered_error(inside, group),
                held_before=float(inside_before.mean()),
                error_before=clustered_error(inside_before, group),
            )
        )
    return tuple(found)


def favourites(ahead: FloatArray, outcome: IntArray) -> tuple[FloatArray, FloatArray]:
    """The favourite's chance, and 1 where it was ahead; where neither is a favourite, the first counts as one.

    Args:
        ahead: Chance of the first of two, in [0, 1], shape (n,).
        outcome: +1 if it was ahead, −1 if the second was, shape (n,).
    """
    chance = np.maximum(ahead, 1 - ahead)
    return chance, ((ahead >= 0.5) == (outcome > 0)).astype(np.float64)


def favourite_bins(chance: FloatArray, won: FloatArray, group: IntArray) -> tuple[FavouriteBin, ...]:
    """How often favourites were ahead, by chance; bins without an answer are left out.

    Args:
        chance: The favourite's, in [½, 1], shape (n,), n ≥ 1.
        won: 1 where it was ahead, else 0, shape (n,).
        group: What errs together, any labels, shape (n,).
    """
    place = np.clip(np.digitize(chance, BINS) - 1, 0, len(BINS) - 2)
    found = []
    for k in np.unique(place):
        own = place == k
        found.append(
            FavouriteBin(
                low=BINS[k],
                high=BINS[k + 1],
                answers=int(own.sum()),
                foreseen=float(chance[own].mean()),
                ahead=float(won[own].mean()),
                error=clustered_error(won[own], group[own]),
            )
        )
    return tuple(found)


def losses_of(chance: FloatArray, won: FloatArray, bins: tuple[FavouriteBin, ...]) -> Losses:
    """How good the favourites' chances were.

    Args:
        chance: As in `favourite_bins`.
        won: Likewise.
        bins: Theirs.
    """
    given = np.maximum(np.where(won > 0, chance, 1 - chance), 1e-12)
    gaps = sum(one.answers * abs(one.ahead - one.foreseen) for one in bins)
    return Losses(
        brier=float(np.mean((chance - won) ** 2)),
        log_loss=float(-np.mean(np.log(given))),
        calibration_error=float(gaps / len(chance)),
    )
