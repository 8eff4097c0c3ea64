"""The curve of the log likelihood, and sums over pairs, compiled: see `_plain` and `_numba`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from numpy import uint64 as u64

from daccord.fusion.pairwise import _plain
from daccord.fusion.pairwise._numba import compiled, mix, side_by_side, sign, too_far

__all__ = ["curve", "edge_noise", "neighbours"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.signedinteger]
CountArray = npt.NDArray[np.int64]


@compiled
def _curve(
    a: IntArray, b: IntArray, total: FloatArray, root: FloatArray, tie: float, weight: FloatArray
) -> tuple[FloatArray, float, float]:
    sums, ties, tie_weight = np.zeros((len(root), 3)), 0.0, 0.0
    for k in range(len(a)):
        i, j, n = u64(a[k]), u64(b[k]), total[k]
        first, second = root[i], root[j]
        either = tie * first * second
        scale = 1.0 / (first * first + second * second + either)
        win, lose, even = first * first * scale, second * second * scale, either * scale
        heavy = n * (win * lose + even * (1.0 - even) / 4.0)
        lean = n * (win - lose) / 2.0
        sway = -lean * even
        weight[k] = heavy
        sums[i, 0] += lean
        sums[j, 0] -= lean
        sums[i, 1] += heavy
        sums[j, 1] += heavy
        sums[i, 2] += sway
        sums[j, 2] -= sway
        ties += n * even
        tie_weight += n * even * (1.0 - even)
    return sums, ties, tie_weight


def curve(
    a: IntArray, b: IntArray, total: FloatArray, theta: FloatArray, tie: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, float, float]:
    """As `_plain.curve`."""
    if too_far(theta):
        return _plain.curve(a, b, total, theta, tie)
    root, weight = np.exp(theta / 2.0), np.empty(len(a))

    def part(start: int, stop: int) -> tuple[FloatArray, float, float]:
        return _curve(a[start:stop], b[start:stop], total[start:stop], root, tie, weight[start:stop])

    one, two = side_by_side(part, len(a) // 2, len(a))
    sums = one[0] + two[0]
    return weight, sums[:, 0], sums[:, 1], sums[:, 2], one[1] + two[1], one[2] + two[2]


@compiled
def _sum_column(a: IntArray, b: IntArray, weight: FloatArray, x: FloatArray) -> FloatArray:
    out = np.zeros_like(x)
    for k in range(len(a)):
        i, j, w = u64(a[k]), u64(b[k]), weight[k]
        out[i] += w * x[j]
        out[j] += w * x[i]
    return out


@compiled
def _sum_columns(a: IntArray, b: IntArray, weight: FloatArray, x: FloatArray) -> FloatArray:
    out = np.zeros_like(x)
    for k in range(len(a)):
        i, j, w = u64(a[k]), u64(b[k]), weight[k]
        xi, xj, oi, oj = x[i], x[j], out[i], out[j]
        for c in range(len(xi)):
            oi[c] += w * xj[c]
            oj[c] += w * xi[c]
    return out


def neighbours(a: IntArray, b: IntArray, weight: FloatArray, size: int) -> Callable[[FloatArray], FloatArray]:
    """As `_plain.neighbours`; no matrix is made."""

    def sums(x: FloatArray) -> FloatArray:
        one_column = x.shape[1] == 1
        values = np.ascontiguousarray(x[:, 0] if one_column else x)

        def part(start: int, stop: int) -> FloatArray:
            table = a[start:stop], b[start:stop], weight[start:stop]
            return _sum_column(*table, values) if one_column else _sum_columns(*table, values)

        one, two = side_by_side(part, len(a) // 2, len(a))
        return np.asarray(one + two).reshape(size, -1)

    return sums


@compiled
def _edge_noise(
    a: IntArray, b: IntArray, scale: FloatArray, seed: u64, columns: int, size: int, offset: int
) -> FloatArray:
    noise = np.zeros((size, columns))
    for k in range(len(a)):
        bits = mix(u64(offset + k), seed)
        first, second, s = noise[u64(a[k])], noise[u64(b[k])], scale[k]
        for c in range(columns):
            signed = s * sign(bits >> u64(c))
            first[c] += signed
            second[c] -= signed
    return noise


def edge_noise(a: IntArray, b: IntArray, scale: FloatArray, seed: int, columns: int, size: int) -> FloatArray:
    """As `_plain.edge_noise`."""

    def part(start: int, stop: int) -> FloatArray:
        return _edge_noise(a[start:stop], b[start:stop], scale[start:stop], u64(seed), columns, size, start)

    one, two = side_by_side(part, len(a) // 2, len(a))
    return np.asarray(one + two)
