"""Sums over voters, compiled: see `_plain` for what each function does and `_numba` for how."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy import uint64 as u64

from daccord.fusion.pairwise import _plain
from daccord.fusion.pairwise._numba import compiled, mix, side_by_side, sign, too_far

__all__ = ["deal_pulls", "deal_voters"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.signedinteger]
CountArray = npt.NDArray[np.int64]
Words = npt.NDArray[np.unsignedinteger]


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
# into one word a comparison (low bits of the voter, the two projects, two bits of the outcome), then inside a part.

_PART_BITS: Final = 8
_MOST_PART_BITS: Final = 11


@compiled
def _part_sizes(voter: IntArray, shift: int, parts: int) -> CountArray:
    sizes = np.zeros(parts, dtype=np.int64)
    for k in range(len(voter)):
        sizes[u64(voter[k] >> shift)] += 1
    return sizes


@compiled
def _pack(
    a: IntArray, b: IntArray, outcome: IntArray, voter: IntArray, shift: int, width: int, at: CountArray, words: Words
) -> None:
    low = (u64(1) << u64(shift)) - u64(1)
    for k in range(len(a)):
        who = u64(voter[k])
        part = who >> u64(shift)
        place = u64(at[part])
        at[part] += 1
        pair = (((who & low) << u64(width)) | u64(a[k])) << u64(width) | u64(b[k])
        words[place] = (pair << u64(2)) | u64(outcome[k] + 1)


@compiled
def _sum_voters(
    words: Words,
    ends: CountArray,
    first_part: int,
    shift: int,
    width: int,
    root: FloatArray,
    tie: float,
    table: FloatArray,
    seed: u64,
) -> tuple[FloatArray, int]:
    size, voters = len(root), 0
    squares, gradient, all_even = np.zeros(size), np.zeros(size), 0.0
    touched = np.empty(size + 2, dtype=np.int64)
    ordered = np.empty(np.diff(ends).max(), dtype=words.dtype)
    at = np.empty((1 << shift) + 1, dtype=np.int64)
    mask, voter_at, a_at = (u64(1) << u64(width)) - u64(1), u64(2 * width + 2), u64(width + 2)
    cells = u64(size + 1)
    buckets = u64(table.size) // cells - u64(1)
    for p in range(len(ends) - 1):
        part = words[ends[p] : ends[p + 1]]
        at[:] = 0
        for k in range(len(part)):
            at[(u64(part[k]) >> voter_at) + u64(1)] += 1
        for v in range(1 << shift):
            at[v + 1] += at[v]
        for k in range(len(part)):
            low = u64(part[k]) >> voter_at
            place = u64(at[low])
            at[low] += 1
            ordered[place] = part[k]
        begin = 0
        for v in range(1 << shift):  # at[v] is now where the comparisons of voter v end
            own = ordered[begin : at[v]]
            begin = at[v]
            if len(own) == 0:
                continue
            voters += 1
            few = 4 * len(own) < size  # then what was touched is listed; else all projects are looked at
            last, all_even = u64(0), 0.0
            for k in range(len(own)):
                word = u64(own[k])
                i, j, y = (word >> a_at) & mask, (word >> u64(2)) & mask, np.int64(word & u64(3)) - 1
                first, second = root[i] * root[i], root[j] * root[j]
                either = tie * root[i] * root[j]
                scale = 1.0 / (first + second + either)
                pull = (y - (first - second) * scale) / 2.0
                all_even += np.float64(y == 0) - either * scale
                before_i, before_j = gradient[i], gradient[j]
                if few:
                    touched[last] = i
                    last += u64(before_i == 0.0)
                    touched[last] = j
                    last += u64(before_j == 0.0)
                gradient[i] = before_i + pull
                gradient[j] = before_j - pull
            bits = mix(u64(((first_part + p) << shift) + v), seed)
            turn, row = sign(bits), ((bits >> u64(1)) & buckets) * cells
            if few:
                for k in range(last):
                    spot = u64(touched[k])
                    squares[spot] += gradient[spot] * gradient[spot]
                    table[row + spot] += turn * gradient[spot]
                    gradient[spot] = 0.0
            else:
                for each in range(size):
                    squares[each] += gradient[each] * gradient[each]
                    table[row + u64(each)] += turn * gradient[each]
                    gradient[each] = 0.0
            if tie > 0.0:
                table[row + u64(size)] += turn * all_even
    return squares, voters


def deal_voters(
    a: IntArray,
    b: IntArray,
    outcome: IntArray,
    voter: IntArray,
    theta: FloatArray,
    tie: float,
    table: FloatArray,
    seed: int,
) -> tuple[FloatArray, int]:
    """As `_plain.deal_voters`."""
    highest, width, half = int(voter.max(initial=0)), (len(theta) - 1).bit_length(), len(a) // 2
    bits = highest.bit_length()
    shift = max(0, bits - _PART_BITS)
    half_word = 30 - 2 * width
    if bits - _MOST_PART_BITS <= half_word < shift:  # more parts are worth it for words of half the length
        shift = half_word
    if too_far(theta) or shift + 2 * width + 2 > 64 or not len(a):
        return _plain.deal_voters(a, b, outcome, voter, theta, tie, table, seed)
    root, parts = np.exp(theta / 2.0), (highest >> shift) + 1
    sizes = side_by_side(lambda start, stop: _part_sizes(voter[start:stop], shift, parts), half, len(a))
    ends = np.concatenate([[0], np.cumsum(sizes[0] + sizes[1])])
    words: Words = np.empty(len(a), dtype=f"u{4 if shift + 2 * width + 2 <= 32 else 8}")

    def pack(start: int, stop: int) -> None:
        at = ends[:-1] + sizes[0] if start else ends[:-1].copy()
        rows = a[start:stop], b[start:stop], outcome[start:stop], voter[start:stop]
        _pack(*rows, shift, width, at, words)

    def sums(first: int, last: int) -> tuple[FloatArray, int, FloatArray]:
        mine = np.zeros_like(table) if first else table
        if first == last:
            return np.zeros(len(theta)), 0, mine
        flat = mine.reshape(-1)
        return *_sum_voters(words, ends[first : last + 1], first, shift, width, root, tie, flat, u64(seed)), mine

    side_by_side(pack, half, len(a))
    middle = max(int(np.searchsorted(ends[:-1], half)), 1)
    one, two = side_by_side(sums, middle, parts, work=len(a))
    table += two[2]
    return np.asarray(one[0] + two[0]), int(one[1] + two[1])
