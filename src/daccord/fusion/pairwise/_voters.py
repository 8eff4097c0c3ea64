"""How sure the values are by how voters differ: the sandwich estimate, which trusts no model of what a voter says.

Comparisons of one voter may lean the same way. With g_v the gradient of voter v's log likelihood for θ, ξ_v that for
ln ν, and x_v = S⁺(g_v − c·ξ_v/d) the influence of that voter on θ (see `_curvature`),

    Var(θ) = V/(V − 1)·Σ_v x_v·x_vᵀ      (V voters),

which holds whatever the dependence inside a voter, if voters are independent and many.

Where all influences would take too long, voters are dealt into K buckets with random signs from a fixed seed and added
up; the outer products of the bucket sums have the right expectation. Alone that leaves a relative error of 1/√(2K) in a
standard error. But the influence of a voter on project i is mostly the voter's own gradient at i over H_ii, and the sum
of squares of *that* is known exactly; as a control variate it takes away all but about 1/√(k·K), k the number of
opponents of a project. The error is estimated from how the buckets differ, and reported; it is a little too large where
voters are hardly more than buckets.

Source: P. J. Huber, Proc. 5th Berkeley Symposium 1 (1967) 221–233, for the sandwich; K.-Y. Liang and S. L. Zeger,
    Biometrika 73 (1986) 13–22, for clusters; M. Charikar, K. Chen and M. Farach-Colton, ICALP 2002, for dealing with
    signs.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.pairwise._backend import kernels
from daccord.fusion.pairwise._counts import DENSE, PairCounts
from daccord.fusion.pairwise._fit import PairFit
from daccord.fusion.pairwise._spread import AIM, CLOSE, SEED, Spread, bend, power_of_two

__all__ = ["VoterSums", "voter_spread"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.signedinteger]

_CELLS: Final = 1 << 23
"""Most cells of a table of voters' gradients: 64 MiB, of which a few copies are needed."""

_EXACT: Final = 1 << 31
"""Multiplications up to which every voter's influence is computed."""

_DEALT: Final = 1 << 33
"""Multiplications that bucket sums may cost."""

_UNCONTROLLED: Final = 4096.0
"""Buckets without the control variate: a standard error is then good to 1.1 %."""


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
        self.squares: FloatArray | None = None
        self.exact = voters * (counts.size + 1) <= _CELLS and voters * _cost(counts) <= _EXACT
        buckets = voters
        if not self.exact:
            least = 1.0 / (max(counts.opponents, 1.0) * AIM**2) if squares else _UNCONTROLLED
            most = min(_CELLS / (counts.size + 1), _DEALT / max(_cost(counts), 1))
            buckets = power_of_two(min(least, most), 256 if counts.size <= DENSE else 32, 1 << 16)
            if voters <= buckets:
                buckets, self.exact = voters, True
        self._wants_squares = squares and not self.exact
        self._seen, self._told = np.zeros(0 if self._wants_squares else voters, dtype=np.bool_), 0
        self.table = np.zeros((buckets, counts.size + 1))

    def add(self, a: IntArray, b: IntArray, outcome: IntArray, voter: IntArray) -> None:
        """Take in checked comparisons; arrays of one length."""
        rows = a, b, outcome, voter, self._fit.theta, self._fit.tie, self.table
        work = kernels(len(a), compiled=self._compiled)
        if self._wants_squares:
            self.squares, self._told = work.deal_voters(*rows, SEED)
        else:
            work.deal_pulls(*rows, None if self.exact else SEED)
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
        solved = curvature.solve(gradients, fit.near, tolerance=1e-8 if sums.exact else CLOSE)
        influence = curvature.joint(solved, corner, bend(fit))
    factor = sums.voters / (sums.voters - 1.0)
    if sums.exact:
        return Spread(factor * np.einsum("ik,ik->i", influence, influence))
    np.square(influence, out=influence)
    if sums.squares is None:
        variance, error = _controlled(influence, None, None)
    else:
        rough = np.square(gradients / curvature.diagonal[:, None])
        variance, error = _controlled(influence, rough, sums.squares / curvature.diagonal**2)
    return Spread(factor * variance, error)


def _controlled(found: FloatArray, rough: FloatArray | None, known: FloatArray | None) -> tuple[FloatArray, float]:
    """Row sums of `found`, with those of `rough`, which should be `known`, as a control variate.

    Args:
        found: Independent terms, shape (size, n_terms).
        rough: Terms that vary with them, likewise; None for no control.
        known: Expected row sums of `rough`, shape (size,).

    Returns:
        Sums, and the root mean square of the relative errors of their square roots.
    """
    terms, plain = found.shape[1], found.sum(axis=1)
    scatter = np.einsum("ik,ik->i", found, found) - plain**2 / terms
    total = plain
    if rough is not None and known is not None:
        sums = rough.sum(axis=1)
        own = np.einsum("ik,ik->i", rough, rough) - sums**2 / terms
        shared = np.einsum("ik,ik->i", found, rough) - plain * sums / terms
        slope = np.divide(shared, own, out=np.zeros_like(own), where=own > 0.0)
        # A share of the uncontrolled sum keeps the result positive where the two hardly vary together.
        total = np.maximum(plain - slope * (sums - known), 0.1 * plain)
        scatter = scatter - slope * shared
    spread = np.sqrt(np.maximum(scatter, 0.0) * terms / (terms - 2))
    relative = np.divide(spread, 2.0 * total, out=np.zeros_like(total), where=total > 0.0)
    return total, float(np.sqrt(np.mean(relative**2)))
