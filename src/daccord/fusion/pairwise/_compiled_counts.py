"""Comparisons to counts, compiled: see `_plain` for what each function does and `_numba` for how."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy import uint64 as u64

from daccord.fusion.pairwise import _plain
from daccord.fusion.pairwise._numba import compiled, side_by_side

__all__ = ["count_dense", "count_sparse", "first_bad", "pairs_of"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.signedinteger]
CountArray = npt.NDArray[np.int64]


@compiled
def _any_bad(a: IntArray, b: IntArray, outcome: IntArray, size: int) -> bool:
    found = np.int64(0)
    for k in range(len(a)):
        i, j, y = a[k], b[k], outcome[k]
        found |= np.int64(i < 0) | np.int64(i >= size) | np.int64(j < 0) | np.int64(j >= size)
        found |= np.int64(i == j) | np.int64(y < -1) | np.int64(y > 1)
    return bool(found != 0)


def first_bad(a: IntArray, b: IntArray, outcome: IntArray, size: int) -> int:
    """As `_plain.first_bad`."""

    def part(start: int, stop: int) -> bool:
        return _any_bad(a[start:stop], b[start:stop], outcome[start:stop], size)

    return _plain.first_bad(a, b, outcome, size) if any(side_by_side(part, len(a) // 2, len(a))) else -1


@compiled
def _tally(a: IntArray, b: IntArray, outcome: IntArray, wins: IntArray, ties: IntArray, size: int) -> int:
    row, tied = u64(size), 0
    for k in range(len(a)):
        i, j, y = u64(a[k]), u64(b[k]), outcome[k]
        if y != 0:
            loser = i if y < 0 else j
            wins[(i + j - loser) * row + loser] += 1
        else:
            ties[i * row + j] += 1
            tied += 1
    return tied


def count_dense(a: IntArray, b: IntArray, outcome: IntArray, wins: CountArray, ties: CountArray) -> None:
    """As `_plain.count_dense`."""
    size = len(wins)
    if len(a) < 2 * wins.size:  # tables of their own for two threads would cost more than they save
        _tally(a, b, outcome, wins.reshape(-1), ties.reshape(-1), size)
        return

    def part(start: int, stop: int) -> tuple[IntArray, IntArray, int]:
        mine = np.zeros(wins.size, dtype=np.int32), np.zeros(wins.size, dtype=np.int32)
        return (*mine, _tally(a[start:stop], b[start:stop], outcome[start:stop], *mine, size))

    for won, even, tied in side_by_side(part, len(a) // 2, len(a)):
        wins += won.reshape(size, size)
        if tied:
            ties += even.reshape(size, size)


@compiled
def _upper(wins: CountArray, ties: CountArray, where: IntArray, counts: CountArray) -> int:
    size, found = len(wins), 0
    for i in range(size):
        for j in range(i + 1, size):
            won, lost, even = wins[i, j], wins[j, i], ties[i, j] + ties[j, i]
            if won + lost + even:
                where[0, found], where[1, found] = i, j
                counts[0, found], counts[1, found], counts[2, found] = won, lost, even
                found += 1
    return found


def pairs_of(wins: CountArray, ties: CountArray) -> tuple[IntArray, ...]:
    """As `_plain.pairs_of`."""
    most = len(wins) * (len(wins) - 1) // 2
    where, counts = np.empty((2, most), dtype=np.int32), np.empty((3, most), dtype=np.int64)
    found = _upper(wins, ties, where, counts)
    return (*where[:, :found], *counts[:, :found])


@compiled
def _group(a: IntArray, b: IntArray, outcome: IntArray, start: IntArray, high: IntArray, won: IntArray) -> None:
    """Group comparisons by the lower project: the higher one and the lower's outcome, from `start[low]` on."""
    for k in range(len(a)):
        start[u64(min(a[k], b[k])) + u64(1)] += 1
    for n in range(1, len(start)):
        start[n] += start[n - 1]
    at = start[:-1].copy()
    for k in range(len(a)):
        i, j, y = u64(a[k]), u64(b[k]), outcome[k]
        low = u64(min(a[k], b[k]))
        place = u64(at[low])
        at[low] += 1
        high[place] = i + j - low
        won[place] = y if i < j else -y


@compiled
def _merge(
    start: IntArray, high: IntArray, won: IntArray, where: IntArray, counts: CountArray, first: int, last: int
) -> IntArray:
    """Count each group of `_group` by the higher project, into `where` and `counts` from where the group starts."""
    size = len(start) - 1
    found, seen = np.zeros((size, 3), dtype=np.int64), np.zeros(size, dtype=np.bool_)
    written = np.zeros(last - first, dtype=np.int64)
    for low in range(first, last):
        begin, end = start[low], start[low + 1]
        place = begin
        for k in range(begin, end):
            j = u64(high[k])
            found[j, u64(1 - won[k])] += 1
            if not seen[j]:
                seen[j] = True
                high[place] = j
                place += 1
        if (place - begin) * 16 > size - low:  # many: look at all in turn; few: sort
            place = begin
            for other in range(low + 1, size):
                if seen[other]:
                    high[place] = other
                    place += 1
        else:
            high[begin:place].sort()
        for k in range(begin, place):
            j = u64(high[k])
            where[0, k], where[1, k] = low, j
            counts[0, k], counts[1, k], counts[2, k] = found[j, 0], found[j, 2], found[j, 1]
            found[j] = 0
            seen[j] = False
        written[low - first] = place - begin
    return written


def count_sparse(a: IntArray, b: IntArray, outcome: IntArray, size: int) -> tuple[IntArray, ...]:
    """As `_plain.count_sparse`."""
    start = np.zeros(size + 1, dtype=np.int64)
    high, won = np.empty(len(a), dtype=np.int32), np.empty(len(a), dtype=np.int8)
    _group(a, b, outcome, start, high, won)
    where, counts = np.empty((2, len(a)), dtype=np.int32), np.empty((3, len(a)), dtype=np.int64)
    middle = int(np.searchsorted(start[:-1], len(a) // 2))

    def part(first: int, last: int) -> IntArray:
        return _merge(start, high, won, where, counts, first, last)

    written = np.concatenate(side_by_side(part, middle, size))
    if written.sum() < len(a):
        lengths = np.diff(start)
        kept = np.arange(len(a)) - np.repeat(start[:-1], lengths) < np.repeat(written, lengths)
        where, counts = where[:, kept], counts[:, kept]
    return (*where, *counts)
