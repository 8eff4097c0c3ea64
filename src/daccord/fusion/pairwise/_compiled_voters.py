"""Sums over voters, compiled: see `_plain` for what each function does and `_numba` for how."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy import uint64 as u64

from daccord.fusion.pairwise import _plain
from daccord.fusion.pairwise._numba import compiled, mix, side_by_side, sign, too_far

__all__ = ["deal_pulls", "own_squares"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.signedinteger]
CountArray = npt.NDArray[np.int64]


@compiled
def _deal_pulls(
    a: IntArray,
    b: IntArray,
    outcome: IntArray,
    voter: IntArray,
    root: FloatArray,
    tie: float,
    table: FloatArray,
    dealt: bool,
    seed: u64,
) -> None:
    last = u64(len(root))
    width, mask = last + u64(1), u64(table.size) // (last + u64(1)) - u64(1)
    for k in range(len(a)):
        i, j, y = u64(a[k]), u64(b[k]), outcome[k]
        first, second = root[i], root[j]
        either = tie * first * second
        scale = 1.0 / (first * first + second * second + either)
        pull = (y - (first * first - second * second) * scale) / 2.0
        bucket, turn = u64(voter[k]), 1.0
        if dealt:
            bits = mix(bucket, seed)
            bucket, turn = (bits >> u64(1)) & mask, sign(bits)
        start = bucket * width
        table[start + i] += turn * pull
        table[start + j] -= turn * pull
        if tie > 0.0:
            table[start + last] += turn * (np.float64(y == 0) - either * scale)


def deal_pulls(
    a: IntArray,
    b: IntArray,
    outcome: IntArray,
    voter: IntArray,
    theta: FloatArray,
    tie: float,
    table: FloatArray,
    seed: int | None,
) -> None:
    """As `_plain.deal_pulls`."""
    if too_far(theta):
        _plain.deal_pulls(a, b, outcome, voter, theta, tie, table, seed)
        return
    root = np.exp(theta / 2.0)

    def part(start: int, stop: int) -> FloatArray:
        mine = np.zeros_like(table) if start else table
        rows = a[start:stop], b[start:stop], outcome[start:stop], voter[start:stop]
        _deal_pulls(*rows, root, tie, mine.reshape(-1), seed is not None, u64(seed or 0))
        return mine

    if len(a) < max(table.size, 2):  # a second table would cost more than a second thread saves
        part(0, len(a))
        return
    _, other = side_by_side(part, len(a) // 2, len(a))
    table += other


# The square of a voter's gradient needs all of the voter's comparisons together. They are brought together in two
# steps, each of which writes to few places at a time: first into some hundred parts by the voter's high bits, packed
# into one word a comparison (21 bits of the voter, 20 of each project, 2 of the outcome), then inside a part.

_PART_BITS: Final = 8
_VOTER_BITS: Final = 21
_PROJECT_BITS: Final = 20


@compiled
def _part_sizes(voter: IntArray, shift: int, parts: int) -> CountArray:
    sizes = np.zeros(parts, dtype=np.int64)
    for k in range(len(voter)):
        sizes[u64(voter[k] >> shift)] += 1
    return sizes


@compiled
def _pack(
    a: IntArray, b: IntArray, outcome: IntArray, voter: IntArray, shift: int, at: CountArray, words: CountArray
) -> None:
    mask = (np.int64(1) << shift) - 1
    for k in range(len(a)):
        who = np.int64(voter[k])
        part = u64(who >> shift)
        place = u64(at[part])
        at[part] += 1
        low = (((who & mask) << 20) | np.int64(a[k])) << 22
        words[place] = low | (np.int64(b[k]) << 2) | np.int64(outcome[k] + 1)


@compiled
def _squares(words: CountArray, ends: CountArray, shift: int, root: FloatArray, tie: float) -> tuple[FloatArray, int]:
    size, voters = len(root), 0
    squares, gradient = np.zeros(size), np.zeros(size)
    touched = np.empty(size + 2, dtype=np.int64)
    ordered = np.empty(np.diff(ends).max(), dtype=np.int64)
    at = np.empty((1 << shift) + 1, dtype=np.int64)
    for p in range(len(ends) - 1):
        part = words[ends[p] : ends[p + 1]]
        at[:] = 0
        for k in range(len(part)):
            at[u64((part[k] >> 42) + 1)] += 1
        for v in range(1 << shift):
            at[v + 1] += at[v]
        for k in range(len(part)):
            low = u64(part[k] >> 42)
            place = u64(at[low])
            at[low] += 1
            ordered[place] = part[k]
        begin = 0
        for v in range(1 << shift):  # at[v] is now where the comparisons of voter v end
            own = ordered[begin : at[v]]
            begin = at[v]
            voters += len(own) > 0
            few = 4 * len(own) < size  # then what was touched is listed; else all projects are looked at
            last = u64(0)
            for k in range(len(own)):
                i, j, y = u64((own[k] >> 22) & 0xFFFFF), u64((own[k] >> 2) & 0xFFFFF), (own[k] & 3) - 1
                first, second = root[i] * root[i], root[j] * root[j]
                pull = (y - (first - second) / (first + second + tie * root[i] * root[j])) / 2.0
                before_i, before_j = gradient[i], gradient[j]
                if few:
                    touched[last] = i
                    last += u64(before_i == 0.0)
                    touched[last] = j
                    last += u64(before_j == 0.0)
                gradient[i] = before_i + pull
                gradient[j] = before_j - pull
            if few:
                for k in range(last):
                    spot = u64(touched[k])
                    squares[spot] += gradient[spot] * gradient[spot]
                    gradient[spot] = 0.0
            else:
                for each in range(size):
                    squares[each] += gradient[each] * gradient[each]
                    gradient[each] = 0.0
    return squares, voters


def own_squares(
    a: IntArray, b: IntArray, outcome: IntArray, voter: IntArray, theta: FloatArray, tie: float
) -> tuple[FloatArray, int]:
    """As `_plain.own_squares`."""
    highest = int(voter.max(initial=0))
    shift = max(0, highest.bit_length() - _PART_BITS)
    if too_far(theta) or len(theta) >> _PROJECT_BITS or shift > _VOTER_BITS or not len(a):
        return _plain.own_squares(a, b, outcome, voter, theta, tie)
    root, parts, half = np.exp(theta / 2.0), (highest >> shift) + 1, len(a) // 2
    sizes = side_by_side(lambda start, stop: _part_sizes(voter[start:stop], shift, parts), half, len(a))
    ends = np.concatenate([[0], np.cumsum(sizes[0] + sizes[1])])
    words = np.empty(len(a), dtype=np.int64)

    def pack(start: int, stop: int) -> None:
        at = ends[:-1] + sizes[0] if start else ends[:-1].copy()
        rows = a[start:stop], b[start:stop], outcome[start:stop], voter[start:stop]
        _pack(*rows, shift, at, words)

    def squares(first: int, last: int) -> tuple[FloatArray, int]:
        return _squares(words, ends[first : last + 1], shift, root, tie) if last > first else (np.zeros(len(theta)), 0)

    side_by_side(pack, half, len(a))
    middle = int(np.searchsorted(ends[:-1], half))
    one, two = side_by_side(squares, middle, parts, work=len(a))
    return np.asarray(one[0] + two[0]), int(one[1] + two[1])
