"""How sure the values are: what the model says, and what the voters' differences say.

**Model.** If comparisons are independent and the model is right, Var(θ) = S⁺ (see `_curvature`); with a prior that is
the posterior variance.

**Voters.** Comparisons of one voter may lean the same way. With g_v the gradient of voter v's log likelihood, for θ and
η together, and x_v = S⁺(g_v − c·ξ_v/d) the influence of that voter on θ, the sandwich estimate is

    Var(θ) = V/(V − 1)·Σ_v x_v·x_vᵀ      (V voters),

which holds whatever the dependence inside a voter, if voters are independent and many.

**Approximations.** Both diagonals are exact where that is affordable. Else they are estimates that are right on
average over random signs, which start from a fixed seed, and their own error is reported:

* *Voters* are dealt into K buckets with random signs and added up; the outer products of the bucket sums have the right
  expectation. Alone that has a relative error of √(2/K). But the influence of a voter on project i is mostly the
  voter's own gradient at i over H_ii, and the sum of squares of *that* is known exactly (`own_squares`); as a control
  variate it takes away all but about 2/√(k·K), k the number of opponents of a project.
* *Model*, beyond `DENSE` projects: from Hx = u follows, for C = H⁺ and W = D − H,
  C_ii = (1 − 2/n)/H_ii + (1/(n·τ²) + (WCW)_ii)/H_ii², and only the small last term is estimated, from samples x with
  covariance C.

Source: P. J. Huber, Proc. 5th Berkeley Symposium 1 (1967) 221–233, for the sandwich; K.-Y. Liang and S. L. Zeger,
    Biometrika 73 (1986) 13–22, for clusters; M. Charikar, K. Chen and M. Farach-Colton, ICALP 2002, for dealing with
    signs; P. Sidén, F. Lindgren, D. Bolin and M. Villani, JCGS 27 (2018) 898–909, for the small term.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.pairwise._backend import kernels
from daccord.fusion.pairwise._counts import DENSE, PairCounts
from daccord.fusion.pairwise._curvature import Factor
from daccord.fusion.pairwise._fit import PairFit
from daccord.fusion.pairwise._plain import mix

__all__ = ["Spread", "VoterSums", "bend", "independent_trace", "model_spread", "voter_spread"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.signedinteger]

AIM: Final = 0.005
"""Relative error of a standard error that approximations aim at."""

_SEED: Final = 20_260
_COLUMNS: Final = 64
"""Samples drawn at a time: one bit each of a pair's random word."""

_CELLS: Final = 1 << 25
"""Most cells of a table of voters' gradients: 256 MiB."""

_EXACT: Final = 1 << 31
"""Multiplications up to which every voter's influence is computed."""

_DEALT: Final = 1 << 33
"""Multiplications that bucket sums may cost."""

_UNCONTROLLED: Final = 4096.0
"""Buckets without the control variate: a standard error is then good to 1.1 %."""

_CLOSE: Final = 1e-4
"""Relative residual of linear systems whose solutions are averaged over random signs."""


@dataclass(frozen=True, eq=False)
class Spread:
    """Variances of log-values.

    Attributes:
        variance: Squared natural log-odds, shape (size,).
        error: Root mean square, over projects, of the relative error of a standard error; 0 if exact.
        covariance: H⁺ with the uncertainty of ν, shape (size, size); None where it is too large to hold.
    """

    variance: FloatArray
    error: float = 0.0
    covariance: FloatArray | None = None


def _power_of_two(least: float, low: int, high: int) -> int:
    """The smallest power of two that is at least `least`, within limits that are powers of two themselves."""
    return int(min(max(2 ** int(np.ceil(np.log2(max(least, 1.0)))), low), high))


def bend(fit: PairFit) -> FloatArray:
    """z = H⁺c, shape (size,); zeros if ν is not estimated."""
    curvature = fit.curvature
    if not curvature.corner:
        return np.zeros(curvature.counts.size)
    return curvature.solve(curvature.cross[:, None], fit.near, tolerance=1e-10)[:, 0]


def model_spread(fit: PairFit) -> Spread:
    """Variances if comparisons are independent and the model is right.

    Args:
        fit: A fit.

    Raises:
        ConvergenceError: A linear system did not settle.
    """
    curvature, size = fit.curvature, fit.curvature.counts.size
    if size < 2:
        return Spread(np.zeros(size), covariance=np.zeros((size, size)))  # the average is the project itself
    bent = bend(fit)
    share = bent / np.sqrt(curvature.spare(bent)) if curvature.corner else bent
    if size > DENSE:
        sampled = _sampled(fit)
        return Spread(sampled.variance + share**2, sampled.error)
    covariance = Factor(curvature).inverse()
    if curvature.corner:
        covariance += np.outer(share, share)
    return Spread(np.maximum(np.diag(covariance), 0.0), covariance=covariance)


def _sampled(fit: PairFit) -> Spread:
    """The diagonal of H⁺ for many projects; see the top of the module."""
    curvature, size = fit.curvature, fit.curvature.counts.size
    counts, diagonal = curvature.counts, curvature.diagonal
    needed = _power_of_two(0.5 / (max(counts.opponents, 1.0) * AIM) ** 2, 16, 1024)
    total, squares = np.zeros(size), np.zeros(size)
    for start in range(0, needed, _COLUMNS):
        columns, seed = min(_COLUMNS, needed - start), _SEED + start
        noise = curvature.kernels.edge_noise(counts.a, counts.b, np.sqrt(curvature.weight), seed, columns, size)
        if curvature.precision:
            bits = mix(np.arange(size, dtype=np.uint64), seed + 1)[:, None] >> np.arange(columns, dtype=np.uint64)
            noise += np.sqrt(curvature.precision) * (2.0 * (bits & np.uint64(1)).astype(np.float64) - 1.0)
        around = curvature.neighbours(curvature.solve(noise, fit.near, tolerance=_CLOSE)) ** 2
        total += around.sum(axis=1)
        squares += (around**2).sum(axis=1)
    mean = total / needed
    noise_of_mean = np.sqrt(np.maximum(squares / needed - mean**2, 0.0) / needed)
    variance = (1.0 - 2.0 / size) / diagonal + (curvature.precision / size + mean) / diagonal**2
    relative = noise_of_mean / diagonal**2 / variance / 2.0
    return Spread(variance, float(np.sqrt(np.mean(relative**2))))


def independent_trace(fit: PairFit, model: Spread) -> float:
    """The sum of variances that the estimate has over repeated answers, if the model is right: tr(H⁺LH⁺).

    Without a prior that is the sum of `model_spread`; with one it is less, because a prior does not vary.

    Args:
        fit: A fit.
        model: Its `model_spread`.
    """
    curvature = fit.curvature
    if model.covariance is not None:
        return float(np.trace(model.covariance) - curvature.precision * np.sum(model.covariance**2))
    counts, scale = curvature.counts, np.sqrt(curvature.weight)
    noise = curvature.kernels.edge_noise(counts.a, counts.b, scale, _SEED, _COLUMNS, counts.size)
    return float(np.sum(curvature.solve(noise, fit.near, tolerance=_CLOSE) ** 2)) / _COLUMNS


class VoterSums:
    """Gradients of the voters at a fit, collected from comparisons in one chunk or in many.

    Args:
        fit: The fit.
        highest: Highest number of a voter that will occur.
        squares: Whether all comparisons will come in one chunk, so that each voter's own can be brought together.
        compiled: True or False to insist on compiled code or on plain numpy; None to decide by the size of a chunk.

    Attributes:
        table: Sums of gradients, shape (n_buckets, size + 1); the last column belongs to ln ν.
        squares: Σ_v g_vi², shape (size,); None where it is not needed or not known.
        exact: Whether each voter has a row of the table.
    """

    def __init__(self, fit: PairFit, highest: int, *, squares: bool, compiled: bool | None = None) -> None:
        counts, voters = fit.curvature.counts, highest + 1
        self._fit, self._compiled = fit, compiled
        self._seen, self._told = np.zeros(voters, dtype=np.bool_), 0
        self.squares: FloatArray | None = None
        self.exact = voters * (counts.size + 1) <= _CELLS and voters * _cost(counts) <= _EXACT
        buckets = voters
        if not self.exact:
            least = 1.0 / (max(counts.opponents, 1.0) * AIM**2) if squares else _UNCONTROLLED
            most = min(_CELLS / (counts.size + 1), _DEALT / max(_cost(counts), 1))
            buckets = _power_of_two(min(least, most), 256 if counts.size <= DENSE else 32, 1 << 16)
            if voters <= buckets:
                buckets, self.exact = voters, True
        self._wants_squares = squares and not self.exact
        self.table = np.zeros((buckets, counts.size + 1))

    def add(self, a: IntArray, b: IntArray, outcome: IntArray, voter: IntArray) -> None:
        """Take in checked comparisons; arrays of one length."""
        work, theta, tie = kernels(len(a), compiled=self._compiled), self._fit.theta, self._fit.tie
        seed = None if self.exact else _SEED
        self.table += work.deal_pulls(a, b, outcome, voter, theta, tie, len(self.table), seed)
        if self._wants_squares:
            self.squares, self._told = work.own_squares(a, b, outcome, voter, theta, tie)
        else:
            self._seen[voter] = True

    @property
    def voters(self) -> int:
        """How many voters have been seen."""
        return self._told or int(np.count_nonzero(self._seen))


def _cost(counts: PairCounts) -> int:
    """Multiplications for the influence of one voter, roughly."""
    return counts.size**2 if counts.size <= DENSE else 16 * len(counts.a)


def voter_spread(fit: PairFit, sums: VoterSums, model: Spread) -> Spread:
    """Variances from how voters differ, whatever the dependence inside a voter.

    Args:
        fit: The fit.
        sums: Its voters' gradients; at least two voters.
        model: `model_spread` of the fit.

    Raises:
        ConvergenceError: A linear system did not settle.
    """
    curvature, size = fit.curvature, fit.curvature.counts.size
    gradients, corner = sums.table[:, :size].T, sums.table[:, size]
    if model.covariance is not None:
        # Here S⁺ is at hand, which is H⁺ for both.
        influence = model.covariance @ gradients
        if curvature.corner:
            influence -= np.outer(model.covariance @ curvature.cross, corner / curvature.corner)
    else:
        solved = curvature.solve(gradients, fit.near, tolerance=1e-8 if sums.exact else _CLOSE)
        influence = curvature.joint(solved, corner, bend(fit))
    factor = sums.voters / (sums.voters - 1.0)
    if sums.exact:
        return Spread(factor * np.einsum("ik,ik->i", influence, influence))
    rough = gradients / curvature.diagonal[:, None]
    known = None if sums.squares is None else sums.squares / curvature.diagonal**2
    variance, error = _controlled(influence**2, rough**2, known)
    return Spread(factor * variance, error)


def _controlled(found: FloatArray, rough: FloatArray, known: FloatArray | None) -> tuple[FloatArray, float]:
    """Row sums of `found`, with those of `rough`, which should be `known`, as a control variate.

    Args:
        found: Independent terms, shape (size, n_terms).
        rough: Terms that vary with them, likewise.
        known: Expected row sums of `rough`, shape (size,); None if they are not known.

    Returns:
        Sums, and the root mean square of the relative errors of their square roots.
    """
    terms, plain = found.shape[1], found.sum(axis=1)
    rest, total = found - found.mean(axis=1, keepdims=True), plain
    if known is not None:
        moved = rough - rough.mean(axis=1, keepdims=True)
        own = np.einsum("ik,ik->i", moved, moved)
        slope = np.divide(np.einsum("ik,ik->i", rest, moved), own, out=np.zeros_like(own), where=own > 0.0)
        rest = rest - slope[:, None] * moved
        # A share of the uncontrolled sum keeps the result positive where the two hardly vary together.
        total = np.maximum(plain - slope * (rough.sum(axis=1) - known), 0.1 * plain)
    scatter = np.sqrt(np.einsum("ik,ik->i", rest, rest) * terms / max(terms - 2, 1))
    relative = np.divide(scatter, 2.0 * total, out=np.zeros_like(total), where=total > 0.0)
    return total, float(np.sqrt(np.mean(relative**2)))
