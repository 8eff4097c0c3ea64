"""Second derivatives of the negative log likelihood, and solving linear systems with them.

With the prior's precision 1/τ² (zero without a prior) the matrix for θ is

    H = D − W,   D = diag(Σ_j w_ij + 1/τ²),   w_ij the curvature of a pair,

a graph Laplacian plus a multiple of the identity; for θ and η = ln ν together it has one more row c and corner d. All
values are relative to the average project: vectors here sum to zero, and *inverse* means the inverse on that space,
H⁺, for which H·H⁺ = I − 11ᵀ/n. Eliminating η leaves S = H − ccᵀ/d, and

    S⁺ = H⁺ + zzᵀ/(d − cᵀz),   z = H⁺c.

Systems are solved by conjugate gradients, which touch each pair once an iteration. The preconditioner is a factor of a
near-by H, dense for up to `DENSE` projects and sparse where hardly more pairs than projects were compared (paths and
trees, on which conjugate gradients alone are slow); else D.

Source: for the preconditioned method, Y. Saad, Iterative Methods for Sparse Linear Systems, 2nd ed. (2003), chapter 9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack
from scipy.sparse import coo_array, diags_array
from scipy.sparse.linalg import splu

from daccord.errors import ConvergenceError
from daccord.fusion.pairwise._backend import Kernels
from daccord.fusion.pairwise._counts import DENSE, PairCounts

__all__ = ["Curvature", "Factor", "Preconditioner", "preconditioner"]

FloatArray = npt.NDArray[np.float64]

_FEW: Final = 1.25
"""Pairs a project up to which a sparse factor stays sparse."""

_COLUMNS: Final = 32
"""Right sides solved side by side: enough to make a pass over the pairs worth while, few enough to stay in cache."""


class Preconditioner(Protocol):
    """Something like H⁺ that is cheap to apply."""

    def solve(self, x: FloatArray) -> FloatArray:
        """The approximate solution for every column of `x`, shape (size, n_columns)."""


@dataclass(frozen=True, eq=False)
class Curvature:
    """H, c and d at given values.

    Attributes:
        counts: The pairs.
        weight: Curvature of each pair, shape (n_pairs,).
        degree: Sum of `weight` at each project, shape (size,).
        cross: c, shape (size,); zeros if ν is not estimated.
        corner: d; 0 if ν is not estimated.
        precision: 1/τ² of the prior, 0 without one.
        kernels: Code for the passes over pairs.
    """

    counts: PairCounts
    weight: FloatArray
    degree: FloatArray
    cross: FloatArray
    corner: float
    precision: float
    kernels: Kernels

    @cached_property
    def diagonal(self) -> FloatArray:
        """D, shape (size,)."""
        return self.degree + self.precision

    @cached_property
    def neighbours(self) -> Callable[[FloatArray], FloatArray]:
        """x ↦ W·x for columns x, shape (size, n_columns)."""
        return self.kernels.neighbours(self.counts.a, self.counts.b, self.weight, self.counts.size)

    def times(self, x: FloatArray) -> FloatArray:
        """H·x, shape as `x`: (size, n_columns)."""
        return self.diagonal[:, None] * x - self.neighbours(x)

    def solve(self, right: FloatArray, near: Preconditioner, *, tolerance: float, limit: int = 0) -> FloatArray:
        """H⁺·right by conjugate gradients.

        Args:
            right: Shape (size, n_columns); taken relative to its average.
            near: A preconditioner.
            tolerance: Length of the residual over the length of the right side at which to stop.
            limit: Iterations before giving up; 0 for a generous number.

        Raises:
            ConvergenceError: The tolerance was not reached.
        """
        parts = [
            self._solve(right[:, k : k + _COLUMNS], near, tolerance, limit) for k in range(0, right.shape[1], _COLUMNS)
        ]
        return np.concatenate(parts, axis=1) if parts else np.empty_like(right)

    def _solve(self, right: FloatArray, near: Preconditioner, tolerance: float, limit: int) -> FloatArray:
        rest = _centred(right)
        aim = tolerance * np.linalg.norm(rest, axis=0)
        x, step, before = np.zeros_like(rest), np.zeros_like(rest), np.ones(rest.shape[1])
        most = limit or 1_000 + 4 * len(rest)
        for _ in range(most):
            if np.all(np.linalg.norm(rest, axis=0) <= aim):
                return x
            better = _centred(near.solve(rest))
            after = np.einsum("ik,ik->k", rest, better)
            step = better + step * np.divide(after, before, out=np.zeros_like(after), where=before > 0.0)
            moved = self.times(step)
            along = np.einsum("ik,ik->k", step, moved)
            length = np.divide(after, along, out=np.zeros_like(after), where=along > 0.0)  # a solved column stays
            x += length * step
            rest -= length * moved
            before = after
        residual = float(np.max(np.linalg.norm(rest, axis=0) / np.maximum(aim / tolerance, 1e-300)))
        raise ConvergenceError("linear system of the paired-comparison model", most, residual)

    def joint(self, solved: FloatArray, corner: FloatArray, bent: FloatArray) -> FloatArray:
        """The part for θ of the solution for θ and η together, S⁺(x − c·ξ/d).

        Args:
            solved: H⁺x, shape (size, n_columns).
            corner: ξ, the right side for η, shape (n_columns,).
            bent: z = H⁺c, shape (size,).
        """
        if not self.corner:
            return solved
        plain = solved - np.outer(bent, corner / self.corner)
        return plain + np.outer(bent, (self.cross @ plain) / self.spare(bent))

    def spare(self, bent: FloatArray) -> float:
        """d − cᵀz: what is known of η apart from θ; positive.

        Args:
            bent: z = H⁺c, shape (size,).
        """
        return max(self.corner - float(self.cross @ bent), 1e-12 * self.corner)


def _centred(x: FloatArray) -> FloatArray:
    return np.asarray(x - x.mean(axis=0)) if len(x) else x


@dataclass(frozen=True, eq=False)
class _Diagonal:
    """D as preconditioner."""

    diagonal: FloatArray

    def solve(self, x: FloatArray) -> FloatArray:
        """D⁻¹·x."""
        return x / self.diagonal[:, None]


class Factor:
    """A dense Cholesky factor of H + s·11ᵀ, s > 0, which has the same inverse on the space that sums to zero.

    Args:
        curvature: H.

    Raises:
        numpy.linalg.LinAlgError: H is not positive definite there, as far as doubles can tell.
    """

    def __init__(self, curvature: Curvature) -> None:
        counts, size = curvature.counts, curvature.counts.size
        self._shift = float(curvature.diagonal.mean()) / size
        self._precision = curvature.precision
        table = np.full((size, size), self._shift)
        table.reshape(-1)[counts.a.astype(np.int64) * size + counts.b] -= curvature.weight
        table.reshape(-1)[:: size + 1] += curvature.diagonal
        self._factor, failed = lapack.dpotrf(table.T, lower=1, overwrite_a=1, clean=0)
        if failed:
            raise np.linalg.LinAlgError("the curvature is not positive definite")

    def solve(self, x: FloatArray) -> FloatArray:
        """H⁺·x for columns that sum to zero, shape as `x`: (size, n_columns)."""
        solved, _ = lapack.dpotrs(self._factor, x, lower=1)
        return np.asarray(solved)

    def inverse(self) -> FloatArray:
        """H⁺, shape (size, size)."""
        size = len(self._factor)
        half, failed = lapack.dpotri(self._factor, lower=1)
        if failed:
            raise np.linalg.LinAlgError("the curvature has no inverse")
        full: FloatArray = np.tril(half)
        full += np.tril(half, -1).T
        full -= 1.0 / (size * (self._precision + self._shift * size))
        return full


class _SparseFactor:
    """A sparse factor of H, with the last project held at zero if there is no prior to hold the level.

    Args:
        curvature: H.
    """

    def __init__(self, curvature: Curvature) -> None:
        counts, size = curvature.counts, curvature.counts.size
        half = coo_array((curvature.weight, (counts.a, counts.b)), shape=(size, size))
        table = (diags_array(curvature.diagonal) - half - half.T).tocsc()
        self._kept = size if curvature.precision else size - 1
        kept = table[: self._kept, : self._kept]
        options = {"SymmetricMode": True}
        self._factor = splu(kept, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options)

    def solve(self, x: FloatArray) -> FloatArray:
        """H⁺·x up to a shift of each column, for columns that sum to zero, shape as `x`: (size, n_columns)."""
        solved = np.zeros_like(x)
        solved[: self._kept] = self._factor.solve(x[: self._kept])
        return solved


def preconditioner(curvature: Curvature) -> Preconditioner:
    """The best affordable stand-in for H⁺."""
    counts = curvature.counts
    try:
        if 1 < counts.size <= DENSE:
            return Factor(curvature)
        if counts.size > DENSE and len(counts.a) <= _FEW * counts.size:
            return _SparseFactor(curvature)
    except (np.linalg.LinAlgError, RuntimeError):
        pass  # singular as far as doubles can tell: conjugate gradients on H itself lose less to rounding
    return _Diagonal(np.maximum(curvature.diagonal, 1e-300))
