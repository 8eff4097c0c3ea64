"""How many winning coalitions there are, by size, and how many of each size contain each member.

Two exact ways, and a slow one to check them:

*Generating functions.* The number of coalitions of each size and each sum of weights is the coefficient of
Π_k (1 + y Π_r x_r^{w_rk}). One array holds the coefficients; a member multiplies it in by adding a shifted copy and is
divided out again by subtracting one. Cost grows with the product of the total weights, whatever the number of members.

*Halves.* Members are split in two halves and every pair of half-coalitions is compared with the quotas: 2^n
comparisons, whatever the weights. For large weights, such as populations, and up to 30 members.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from daccord.futures.power._game import Body, Quota

__all__ = ["Wins", "by_enumeration", "by_generating_function", "by_halves", "winning"]

_MOST_MACHINE = 62
"""Members up to which no count exceeds 63 bits."""
_MOST_CELLS = 4_000_000
_MOST_LARGE_CELLS = 400_000
"""Cells of the generating function that take seconds: in machine integers, in Python's."""
_MOST_HALVED = 30


@dataclass(frozen=True)
class Wins:
    """Counts of winning coalitions.

    Attributes:
        sizes: Of each size 0 … n.
        including: For each member, of each size, those that contain it.
    """

    sizes: tuple[int, ...]
    including: tuple[tuple[int, ...], ...]


def _split(body: Body) -> tuple[int, list[Quota]]:
    """Smallest size that any quota of equal weights demands, and the other quotas: size is counted anyway."""
    least, others = 0, []
    for quota in body.quotas:
        weight = quota.weights[0]
        if len(set(quota.weights)) == 1:
            least = max(least, -(-quota.needed // weight))
        else:
            others.append(quota)
    return least, others


def _cells(body: Body) -> int:
    return (len(body.members) + 1) * math.prod(sum(quota.weights) + 1 for quota in _split(body)[1])


def winning(body: Body) -> Wins:
    """Count by whichever way is cheaper.

    Raises:
        ValueError: Too many members with too large weights for either; express the weights in larger units.
    """
    most = _MOST_CELLS if len(body.members) <= _MOST_MACHINE else _MOST_LARGE_CELLS
    if _cells(body) <= most:
        return by_generating_function(body)
    if len(body.members) <= _MOST_HALVED:
        return by_halves(body)
    raise ValueError(
        f"{len(body.members)} members with weights this large are too many to count: express weights in larger units"
    )


def _shifted(shift: tuple[int, ...], shape: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    return tuple(slice(s, None) for s in shift), tuple(slice(0, n - s) for s, n in zip(shift, shape, strict=True))


def by_generating_function(body: Body) -> Wins:
    """Coefficients of the generating function, exact: machine integers up to 62 members, Python's beyond."""
    least, quotas = _split(body)
    count = len(body.members)
    shape = (count + 1, *(sum(quota.weights) + 1 for quota in quotas))
    ways: NDArray[np.int64] | NDArray[np.object_] = np.zeros(
        shape, dtype=np.int64 if count <= _MOST_MACHINE else object
    )
    ways[(0,) * len(shape)] = 1
    shifts = [(1, *(quota.weights[k] for quota in quotas)) for k in range(count)]
    for shift in shifts:
        to, of = _shifted(shift, shape)
        ways[to] += ways[of].copy()
    enough = (slice(None), *(slice(quota.needed, None) for quota in quotas))

    def won(array: NDArray[np.int64] | NDArray[np.object_]) -> tuple[int, ...]:
        sums = array[enough].reshape(count + 1, -1).sum(axis=1)
        return tuple(int(n) if size >= least else 0 for size, n in enumerate(sums))

    including: dict[tuple[int, ...], tuple[int, ...]] = {}
    for shift in shifts:
        if shift not in including:
            # Dividing by 1 + y·x^w, one size after the other: without(size) = ways(size) − shifted without(size − 1).
            without = ways.copy()
            to, of = _shifted(shift[1:], shape[1:])
            for size in range(1, count + 1):
                without[size : size + 1, *to] -= without[size - 1 : size, *of]
            including[shift] = tuple(a - b for a, b in zip(won(ways), won(without), strict=True))
    return Wins(won(ways), tuple(including[shift] for shift in shifts))


def by_halves(body: Body) -> Wins:
    """All pairs of half-coalitions, grouped by their sizes.

    Raises:
        ValueError: More than 30 members.
    """
    count = len(body.members)
    if count > _MOST_HALVED:
        raise ValueError(f"{count} members are too many to compare all coalitions")
    least, quotas = _split(body)
    cut = count // 2
    left, right = (_half(quotas, members) for members in (range(cut), range(cut, count)))
    sizes = [0] * (count + 1)
    including = [[0] * (count + 1) for _ in range(count)]
    for size, (held, sums) in left.items():
        for other, (other_held, other_sums) in right.items():
            if size + other < least:
                continue
            wins = np.ones((len(held), len(other_held)), dtype=bool)
            for row, (quota, mine, theirs) in enumerate(zip(quotas, sums, other_sums, strict=True)):
                reached = theirs[None, :] >= quota.needed - mine[:, None]
                wins = reached if row == 0 else wins & reached
            rows = np.count_nonzero(wins, axis=1)
            columns = np.count_nonzero(wins, axis=0)
            sizes[size + other] += int(rows.sum())
            for k, number in enumerate((*(rows @ held), *(columns @ other_held))):
                including[k][size + other] += int(number)
    return Wins(tuple(sizes), tuple(map(tuple, including)))


def _half(quotas: list[Quota], members: range) -> dict[int, tuple[NDArray[np.int64], list[NDArray[np.int64]]]]:
    """By size: membership, shape (coalitions, members), and the sum of weights under each quota."""
    numbers = np.arange(2 ** len(members))
    held = (numbers[:, None] >> np.arange(len(members)) & 1).astype(np.int64)
    sizes = held.sum(axis=1)
    weights = [np.array(quota.weights[members.start : members.stop], dtype=np.int64) for quota in quotas]
    out = {}
    for size in range(len(members) + 1):
        chosen = held[sizes == size]
        out[size] = chosen, [chosen @ weight for weight in weights]
    return out


def by_enumeration(body: Body) -> Wins:
    """Every coalition asked whether it wins: the reference, for a dozen members."""
    count = len(body.members)
    sizes = [0] * (count + 1)
    including = [[0] * (count + 1) for _ in range(count)]
    for size in range(count + 1):
        for coalition in combinations(range(count), size):
            if body.wins(coalition):
                sizes[size] += 1
                for k in coalition:
                    including[k][size] += 1
    return Wins(tuple(sizes), tuple(map(tuple, including)))
