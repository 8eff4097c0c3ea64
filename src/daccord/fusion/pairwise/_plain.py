"""The heavy passes in plain numpy and scipy: the reference for `_compiled`, and what runs where numba is missing.

A *pair* is two projects with positions a < b that were compared at least once. The model is Davidson's: with log-values
θ, the tie parameter ν, and δ = θ_a − θ_b,

    P(a wins) = e^(δ/2)/D,   P(b wins) = e^(−δ/2)/D,   P(tie) = ν/D,   D = e^(δ/2) + e^(−δ/2) + ν.

ν = 0 is Bradley and Terry's model, in which a tie counts as half a win for each side. The *pull* of one comparison with
outcome y (+1, −1, or 0) is the derivative of its log likelihood by δ: (y − m)/2 with m = P(a wins) − P(b wins).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array

__all__ = [
    "chances",
    "count_dense",
    "count_sparse",
    "curve",
    "deal_pulls",
    "deal_voters",
    "edge_noise",
    "first_bad",
    "mix",
    "neighbours",
    "pairs_of",
    "pulls",
    "voter_pulls",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.signedinteger]
CountArray = npt.NDArray[np.int64]


def first_bad(a: IntArray, b: IntArray, outcome: IntArray, size: int) -> int:
    """Position of the first comparison that is none; −1 if all are fine.

    Args:
        a: Position of the first project, shape (n_comparisons,).
        b: Position of the second.
        outcome: +1, −1 or 0.
        size: Number of projects.
    """
    bad = (a < 0) | (a >= size) | (b < 0) | (b >= size) | (a == b) | (outcome < -1) | (outcome > 1)
    return int(np.argmax(bad)) if bad.any() else -1


def count_dense(a: IntArray, b: IntArray, outcome: IntArray, wins: CountArray, ties: CountArray) -> None:
    """Add comparisons to square tables.

    Args:
        a: Position of the first project, shape (n_comparisons,).
        b: Position of the second.
        outcome: +1, −1 or 0.
        wins: Row beat column, shape (size, size); changed in place.
        ties: Row and column tied, in the order in which they were asked; changed in place.
    """
    size = len(wins)
    first = a.astype(np.int64) * size + b
    second = b.astype(np.int64) * size + a
    won = np.concatenate([first[outcome > 0], second[outcome < 0]])
    wins += np.bincount(won, minlength=size * size).reshape(size, size)
    ties += np.bincount(first[outcome == 0], minlength=size * size).reshape(size, size)


def pairs_of(wins: CountArray, ties: CountArray) -> tuple[IntArray, ...]:
    """The pairs of the tables of `count_dense` that were compared, in the form of `count_sparse`."""
    even = ties + ties.T
    a, b = np.nonzero(np.triu(wins + wins.T + even, 1))
    return a.astype(np.int32), b.astype(np.int32), wins[a, b], wins[b, a], even[a, b]


def count_sparse(a: IntArray, b: IntArray, outcome: IntArray, size: int) -> tuple[IntArray, ...]:
    """Count comparisons by pair.

    Returns:
        Columns of one length: lower position, higher position, wins of the lower, wins of the higher, ties; sorted by
        the first two, no pair twice.
    """
    low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b).astype(np.int64)
    key, place = np.unique(low * size + high, return_inverse=True)
    lower_won = np.where(a < b, outcome, -outcome)
    kinds = (np.bincount(place[lower_won == kind], minlength=len(key)).astype(np.int64) for kind in (1, -1, 0))
    at = ((key // max(size, 1)).astype(np.int32), (key % max(size, 1)).astype(np.int32))
    return (*at, *kinds)


def chances(a: IntArray, b: IntArray, theta: FloatArray, tie: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Probabilities that a wins, that b wins, and of a tie, under the model.

    Written with e^(−|δ|/2), which no difference can make overflow.

    Args:
        a: Position of the first project, shape (n,).
        b: Position of the second.
        theta: Log-values, natural log-odds, shape (size,).
        tie: ν, at least 0.
    """
    difference = theta[a] - theta[b]
    small = np.exp(-np.abs(difference) / 2.0)
    whole = 1.0 + small * small + tie * small
    stronger, weaker = 1.0 / whole, small * small / whole
    first = difference >= 0.0
    return np.where(first, stronger, weaker), np.where(first, weaker, stronger), tie * small / whole


def _at_ends(a: IntArray, b: IntArray, first: FloatArray, second: FloatArray, size: int) -> FloatArray:
    """What the projects get: `first` at a and `second` at b, summed up, shape (size,)."""
    return np.asarray(np.bincount(a, first, size) + np.bincount(b, second, size), dtype=np.float64)


def curve(
    a: IntArray, b: IntArray, total: FloatArray, theta: FloatArray, tie: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, float, float]:
    """What the model expects of each project, and the second derivatives of the negative log likelihood.

    Args:
        a: Lower positions of the pairs, shape (n_pairs,).
        b: Higher positions.
        total: Comparisons of each pair.
        theta: Log-values, shape (size,).
        tie: ν.

    Returns:
        weight: Second derivative by θ_a − θ_b, shape (n_pairs,).
        expected: Half the wins minus losses that the model expects, shape (size,).
        degree: Sum of `weight` at each project, shape (size,).
        cross: Second derivative by θ and ln ν, shape (size,).
        ties: Ties that the model expects.
        tie_weight: Second derivative by ln ν.
    """
    size = len(theta)
    win, lose, even = chances(a, b, theta, tie)
    weight = total * (win * lose + even * (1.0 - even) / 4.0)
    lean = total * (win - lose) / 2.0
    sway = -lean * even
    expected = _at_ends(a, b, lean, -lean, size)
    degree, cross = _at_ends(a, b, weight, weight, size), _at_ends(a, b, sway, -sway, size)
    return weight, expected, degree, cross, float(total @ even), float(total @ (even * (1.0 - even)))


def neighbours(a: IntArray, b: IntArray, weight: FloatArray, size: int) -> Callable[[FloatArray], FloatArray]:
    """x ↦ W·x for the symmetric matrix W that holds `weight` at (a, b) and (b, a).

    Args:
        a: Lower positions of the pairs, shape (n_pairs,).
        b: Higher positions.
        weight: One a pair.
        size: Number of projects; x and the result have shape (size, n_columns).
    """
    half = coo_array((weight, (a, b)), shape=(size, size))
    whole: csr_array = (half + half.T).tocsr()
    return lambda x: np.asarray(whole @ x)


def mix(value: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.uint64]:
    """Scramble integers into 64 random-looking bits each; the same for ever and everywhere.

    Source: G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014 (the
        finaliser of SplitMix64).
    """
    with np.errstate(over="ignore"):
        bits = value + np.uint64(0x9E3779B97F4A7C15) * np.uint64(seed + 1)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(bits ^ (bits >> np.uint64(31)))


def edge_noise(a: IntArray, b: IntArray, scale: FloatArray, seed: int, columns: int, size: int) -> FloatArray:
    """Σ ± scale·(e_a − e_b) over the pairs with random signs: columns with covariance Σ scale²·(e_a − e_b)(e_a − e_b)ᵀ.

    Args:
        a: Lower positions of the pairs, shape (n_pairs,).
        b: Higher positions.
        scale: One a pair.
        seed: Of the signs.
        columns: How many independent sets of signs, at most 64.
        size: Number of projects.

    Returns:
        Shape (size, columns).
    """
    bits = mix(np.arange(len(a), dtype=np.uint64), seed)
    noise = np.empty((size, columns))
    for k in range(columns):
        signed = np.where((bits >> np.uint64(k)) & np.uint64(1), scale, -scale)
        noise[:, k] = _at_ends(a, b, signed, -signed, size)
    return noise


def pulls(a: IntArray, b: IntArray, outcome: IntArray, theta: FloatArray, tie: float) -> tuple[FloatArray, FloatArray]:
    """Derivatives of each comparison's log likelihood by θ_a − θ_b and by ln ν, each of shape (n_comparisons,)."""
    win, lose, even = chances(a, b, theta, tie)
    return (outcome - (win - lose)) / 2.0, (outcome == 0) - even


def voter_pulls(
    a: IntArray, b: IntArray, outcome: IntArray, voter: IntArray, theta: FloatArray, tie: float
) -> csr_array:
    """Gradients of the voters' log likelihoods, one row a voter that voted, sorted by voter.

    Returns:
        Sparse, shape (n_voters, size + 1); the last column is the derivative by ln ν, and zero where ν is.
    """
    size = len(theta)
    _, row = np.unique(voter, return_inverse=True)
    pull, even = pulls(a, b, outcome, theta, tie)
    last = np.full(len(a), size) if tie > 0.0 else np.empty(0, dtype=np.int64)
    values = np.concatenate([pull, -pull, even[: len(last)]])
    rows, columns = np.concatenate([row, row, row[: len(last)]]), np.concatenate([a, b, last])
    shape = (int(row.max(initial=-1)) + 1, size + 1)
    return csr_array(coo_array((values, (rows, columns)), shape=shape).tocsr())


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
    """Add voters' gradients to buckets, into which voters are dealt with random signs.

    The outer product of the buckets with themselves has the expectation Σ_v g_v·g_vᵀ, because signs of different voters
    cancel on average.

    Args:
        a: Position of the first project, shape (n_comparisons,).
        b: Position of the second.
        outcome: +1, −1 or 0.
        voter: Who answered, from 0.
        theta: Log-values, shape (size,).
        tie: ν.
        table: Shape (n_buckets, size + 1), a power of two of buckets; the last column belongs to ln ν; changed in
            place.
        seed: Of dealing and signs; None if every voter has a bucket, his or her own number.
    """
    buckets, size = len(table), len(theta)
    pull, even = pulls(a, b, outcome, theta, tie)
    if seed is None:
        bucket = voter.astype(np.int64)
    else:
        bits = mix(voter.astype(np.uint64), seed)
        bucket = ((bits >> np.uint64(1)) % np.uint64(buckets)).astype(np.int64)
        sign = np.where(bits & np.uint64(1), 1.0, -1.0)
        pull, even = sign * pull, sign * even
    start, cells = bucket * (size + 1), buckets * (size + 1)
    sums = _at_ends(start + a, start + b, pull, -pull, cells)
    if tie > 0.0:
        sums += np.bincount(start + size, even, cells)
    table += sums.reshape(table.shape)


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
    """As `deal_pulls`, for all comparisons at once, which are brought together by voter.

    Returns:
        Σ_v g_vi² for every project i, over the voters' gradients g_v, shape (size,); and how many voters there are.
    """
    deal_pulls(a, b, outcome, voter, theta, tie, table, seed)
    gradients = voter_pulls(a, b, outcome, voter, theta, tie)
    return np.asarray((gradients * gradients).sum(axis=0))[: len(theta)], gradients.shape[0]
