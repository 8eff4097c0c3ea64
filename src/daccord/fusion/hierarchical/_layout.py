"""Where each answer's entries of the normal equations belong, worked out once a set of answers.

Every answer but a ranking touches at most three columns of the unknowns (θ, α, λ) that all jurors share: its two
projects, or for a rating its project, α and λ. Sums over answers then are sums by *pair* of columns, and by *slot*: a
juror together with one column that his or her answers touch. There are as many slots as jurors touch columns, so that a
juror who compared a few of a thousand projects costs a few entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["Layout", "lay_out", "sums"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_ROOM: Final = 16
"""Numbers a key may have room among, for looking it up in a table to be better than sorting."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Positions of sums; n projects are columns 0 to n − 1, α is column n, λ column n + 1.

    Attributes:
        second: Second column of each answer: its second project, or α for a rating, shape (n_answers,).
        rated: Positions of the ratings among the answers.
        pair: Pair of (first, second) column of each answer, shape (n_answers,).
        low: Smaller column of each pair, shape (n_pairs,).
        high: Larger column of each pair, shape (n_pairs,).
        slot_first: Slot of each answer's juror and first column, shape (n_answers,).
        slot_second: Slot of its juror and second column, shape (n_answers,).
        slot_slope: Slot of juror and λ of each rating, shape (n_ratings,).
        slot_place: Slot of juror and project of each place in a ranking, shape (n_places,).
        slot_juror: Juror of each slot, not falling, shape (n_slots,).
        slot_column: Column of each slot, rising for each juror, shape (n_slots,).
        slot_start: Where each juror's slots begin, then their number, shape (n_jurors + 1,).
        raters: Jurors with a rating, rising.
    """

    second: IntArray
    rated: IntArray
    pair: IntArray
    low: IntArray
    high: IntArray
    slot_first: IntArray
    slot_second: IntArray
    slot_slope: IntArray
    slot_place: IntArray
    slot_juror: IntArray
    slot_column: IntArray
    slot_start: IntArray
    raters: IntArray


def lay_out(
    size: int, jurors: int, answers: tuple[IntArray, IntArray, IntArray], places: tuple[IntArray, IntArray]
) -> Layout:
    """Work out the layout.

    Args:
        size: Number of projects n.
        jurors: Number of jurors.
        answers: Juror, first project and second project (−1 for a rating) of each answer that is no ranking.
        places: Juror and project of each place in a ranking.
    """
    juror, a, b = answers
    second = np.where(b < 0, size, b)
    rated = np.flatnonzero(b < 0)
    pairs, pair = _distinct(np.minimum(a, second) * (size + 1) + np.maximum(a, second), (size + 1) ** 2)
    columns = size + 2
    ranker, place = places
    touched = [
        juror * columns + a,
        juror * columns + second,
        juror[rated] * columns + size + 1,
        ranker * columns + place,
    ]
    slots, slot = _distinct(np.concatenate(touched), jurors * columns)
    slot_juror = slots // columns
    return Layout(
        second=second,
        rated=rated,
        pair=pair,
        low=pairs // (size + 1),
        high=pairs % (size + 1),
        slot_first=slot[: len(a)],
        slot_second=slot[len(a) : 2 * len(a)],
        slot_slope=slot[2 * len(a) : 2 * len(a) + len(rated)],
        slot_place=slot[2 * len(a) + len(rated) :],
        slot_juror=slot_juror,
        slot_column=slots % columns,
        slot_start=np.searchsorted(slot_juror, np.arange(jurors + 1)),
        raters=np.unique(juror[rated]),
    )


def sums(at: IntArray, values: FloatArray | IntArray, length: int) -> FloatArray:
    """Sum of the values at each of the positions 0 to length − 1."""
    return np.asarray(np.bincount(at, values, minlength=length), dtype=np.float64)


def _distinct(keys: IntArray, end: int) -> tuple[IntArray, IntArray]:
    """Keys that occur, rising, and the position of each key among them; all keys lie below `end`."""
    if end > _ROOM * len(keys):
        found, at = np.unique(keys, return_inverse=True)
        return found, at
    occurs = np.zeros(end, dtype=np.bool_)
    occurs[keys] = True
    found = np.flatnonzero(occurs)
    place = np.empty(end, dtype=np.int64)
    place[found] = np.arange(len(found))
    return found, place[keys]
