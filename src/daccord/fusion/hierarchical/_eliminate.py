"""Jurors eliminated from the normal equations.

A juror's block of the equations touches nobody else's, so jurors are eliminated exactly (Schur complement). With
`vv_j = L_j L_jᵀ` and F the stacked rows of `L_j⁻¹ uv_jᵀ`, what is left of the shared block is `uu − FᵀF`. Only jurors
with ratings have an offset, so all others add one row, and F is as sparse as jurors are choosy.

All of it is under the constraint `share · ℓ = 0`: the typical juror defines the unit of θ. Without it, stretching every
juror and shrinking every project would fit as well and only please the prior. The constraint's multiplier is one more
unknown, eliminated last.
"""

from __future__ import annotations

import contextlib
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from daccord.errors import ConvergenceError
from daccord.fusion.hierarchical._iterate import conjugate_gradients, divided_by, inverse_diagonal, log_determinant
from daccord.fusion.hierarchical._layout import Layout
from daccord.fusion.hierarchical._normal import Equations
from daccord.fusion.hierarchical._rows import BLOCK, Rows, is_long, juror_rows, take_square

__all__ = ["Eliminated", "Factor"]

FloatArray = npt.NDArray[np.float64]

_NEAR_STEPS: Final = 30
"""Steps with a nearby matrix after which making the matrix is faster."""

Factor = tuple[FloatArray, bool]
"""Cholesky factor of a matrix with the prior's precision added, as scipy keeps it."""


def _solved(factor: Factor, right: FloatArray) -> FloatArray:
    return np.asarray(cho_solve(factor, right, check_finite=False))


class Eliminated:
    """What the answers say about the shared unknowns, jurors eliminated.

    Args:
        equations: Sums over the answers.
        layout: Where they belong.
        share: Each juror's share of all answers, shape (n_jurors,).
        own: Prior precision of (ℓ_j, o_j), shape (2,).
        size: How many of the shared unknowns are free, counted from the first; the others are given.

    Attributes:
        juror_variance: Variances of (ℓ_j, o_j) given the shared unknowns, shape (n_jurors, 2).
        jurors_log_determinant: Log determinant of the jurors' own block, on the values that the constraint allows.
        factor: Last factor made of the matrix; None if none was.

    Raises:
        LinAlgError: A juror's block is not positive definite, so the solution need not lead up.
    """

    def __init__(self, equations: Equations, layout: Layout, share: FloatArray, own: FloatArray, size: int) -> None:
        self.size = size
        self._uu = equations.uu[:size, :size]
        first = equations.vv[:, 0, 0] + own[0]
        cross, second = equations.vv[:, 0, 1], equations.vv[:, 1, 1] + own[1]
        if np.any(first <= 0):
            raise np.linalg.LinAlgError("a juror's stretch")
        rest = second - cross**2 / first
        if np.any(rest <= 0):
            raise np.linalg.LinAlgError("a juror's offset")
        self.juror_variance = np.stack([second / (first * rest), 1 / rest], axis=1)
        self._first, self._second = np.sqrt(first), np.sqrt(rest)
        self._cross = cross / self._first
        self._raters, self._gv, self._gu = layout.raters, equations.gv, equations.gu[:size]
        one = equations.uv[:, 0] / self._first[layout.slot_juror]
        self._one, self._two = juror_rows(one, layout, len(share), len(equations.gu), size), None
        if len(layout.raters):
            two = (equations.uv[:, 1] - self._cross[layout.slot_juror] * one) / self._second[layout.slot_juror]
            self._two = juror_rows(two, layout, len(share), len(equations.gu), size)[layout.raters]
        self._share = self._whiten(np.stack([share, np.zeros(len(share))], axis=1))
        self._edge = self._spread(self._share)
        self._corner = float((self._share[0] ** 2).sum() + (self._share[1] ** 2).sum())
        self.jurors_log_determinant = 2 * float(np.log(self._first).sum() + np.log(self._second).sum())
        self.jurors_log_determinant += float(np.log(self._corner))
        self._matrix: FloatArray | None = None
        self.factor: Factor | None = None

    @property
    def is_dense(self) -> bool:
        """Whether the matrix can be written out."""
        return isinstance(self._uu, np.ndarray)

    @property
    def matrix(self) -> FloatArray:
        """uu − FᵀF, and the constraint, shape (size, size)."""
        if self._matrix is None:
            assert isinstance(self._uu, np.ndarray)
            full = self._uu.copy()
            for part in (self._one, self._two):
                if part is not None:
                    take_square(full, part)
            self._matrix = full + np.outer(self._edge, self._edge) / self._corner
        return self._matrix

    def __matmul__(self, x: FloatArray) -> FloatArray:
        """The matrix times one vector or several columns."""
        if self._matrix is not None:
            return np.asarray(self._matrix @ x)
        found = self._uu @ x - self._one.T @ (self._one @ x)
        if self._two is not None:
            found -= self._two.T @ (self._two @ x)
        along = self._edge @ x / self._corner
        return np.asarray(found + (self._edge * along if x.ndim == 1 else np.outer(self._edge, along)))

    def solve(self, precision: FloatArray, right: FloatArray, near: Factor | None = None) -> FloatArray:
        """Solution of (matrix + diag(precision)) x = right, for one right side or several columns.

        Args:
            precision: Shape (size,).
            right: Shape (size,) or (size, m).
            near: Factor of a nearby matrix. With it a matrix that would be long in the making is not made.

        Raises:
            LinAlgError: The matrix is not positive definite.
        """
        if not self.is_dense:
            return conjugate_gradients(self, precision, divided_by(self.diagonal + precision), right)
        if near is not None and self._matrix is None and is_long(self._one):
            # A matrix that is not near after all is made after all.
            with contextlib.suppress(ConvergenceError):
                return conjugate_gradients(self, precision, lambda x: _solved(near, x), right, _NEAR_STEPS)
        return _solved(self._factorised(precision), right)

    def _factorised(self, precision: FloatArray) -> Factor:
        self.factor = cho_factor(self.matrix + np.diag(precision), lower=True, overwrite_a=True, check_finite=False)
        return self.factor

    @property
    def diagonal(self) -> FloatArray:
        """The matrix's diagonal, shape (size,)."""
        if self._matrix is not None:
            return np.asarray(np.diag(self._matrix))
        found = np.asarray(self._uu.diagonal()) + self._edge**2 / self._corner
        for part in (self._one, self._two):
            if part is not None:
                found = found - np.ones(part.shape[0]) @ (part * part)
        return found

    def covariance(self, precision: FloatArray) -> FloatArray:
        """Inverse of matrix + diag(precision), shape (size, size); where sparse, its diagonal, shape (size,)."""
        if self.is_dense:
            return _solved(self._factorised(precision), np.eye(self.size))
        return inverse_diagonal(self, precision, self.diagonal + precision)

    def jurors_given(self, covariance: FloatArray) -> FloatArray:
        """Variances of (ℓ_j, o_j), the shared unknowns being known as well as this, shape (n_jurors, 2).

        Args:
            covariance: Of the shared unknowns, or their variances alone; what is beyond `size` is left out.
        """
        known = covariance[: self.size] if covariance.ndim == 1 else covariance[: self.size, : self.size]
        root = np.sqrt(known) if known.ndim == 1 else np.linalg.cholesky(known)

        def through(rows: Rows) -> FloatArray:
            block = rows if isinstance(rows, np.ndarray) else rows.toarray()
            return np.asarray(block * root if root.ndim == 1 else block @ root)

        edge, jurors = through(self._edge[None, :])[0], len(self._first)
        found, step = np.empty((jurors, 2)), max(1, BLOCK // self.size)
        for start in range(0, jurors, step):
            at = np.arange(start, min(start + step, jurors))
            seen = np.zeros((2, len(at), self.size))
            seen[0] = through(self._one[start : start + step])
            if self._two is not None:
                first, last = np.searchsorted(self._raters, [start, start + step])
                seen[1, self._raters[first:last] - start] = through(self._two[first:last])
            share = np.stack([self._share[0][at], self._share[1][at]])
            # Whitened: what is left when the shared unknowns are known, less what the constraint takes off, and what
            # they add, pushed along the constraint.
            seen -= share[:, :, None] * edge / self._corner
            own = np.eye(2)[:, :, None] - share[:, None] * share[None, :] / self._corner
            own = own + np.einsum("ikn,jkn->ijk", seen, seen)
            back = np.stack([1 / self._first[at], -self._cross[at] / (self._first[at] * self._second[at])])
            found[at, 0] = np.einsum("ik,jk,ijk->k", back, back, own)
            found[at, 1] = own[1, 1] / self._second[at] ** 2
        return np.maximum(found, 0.0)

    def log_determinant(self, precision: FloatArray) -> float:
        """Log determinant of matrix + diag(precision).

        Raises:
            LinAlgError: The matrix is not positive definite.
        """
        if self.is_dense:
            return 2 * float(np.log(np.diag(self._factorised(precision)[0])).sum())
        return log_determinant(self, precision, self.diagonal + precision)

    def step(
        self, gu: FloatArray, gv: FloatArray, precision: FloatArray, near: Factor | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Step in the shared unknowns and in v for these gradients, with the prior's precision added to the former.

        Args:
            gu: Gradient in the shared unknowns, shape (size,).
            gv: Gradient in the jurors' own, shape (n_jurors, 2).
            precision: Of the prior of the shared unknowns, shape (size,).
            near: Factor of a nearby matrix, see `solve`.

        Raises:
            LinAlgError: The equations are not positive definite, so their solution need not lead up.
        """
        pulled = self._whiten(gv)
        last = -self._along(pulled)
        du = self.solve(precision, gu - self._spread(pulled) - self._edge * (last / self._corner), near)
        multiplier = -(last + self._edge @ du) / self._corner
        one, two = self._gather(du)
        return du, self._unwhiten(
            pulled[0] - one - multiplier * self._share[0], pulled[1] - two - multiplier * self._share[1]
        )

    def _whiten(self, v: FloatArray) -> tuple[FloatArray, FloatArray]:
        """L⁻¹ v."""
        one = v[:, 0] / self._first
        return one, (v[:, 1] - self._cross * one) / self._second

    def _unwhiten(self, one: FloatArray, two: FloatArray) -> FloatArray:
        """L⁻ᵀ of whitened values, shape (n_jurors, 2)."""
        offset = two / self._second
        return np.stack([(one - self._cross * offset) / self._first, offset], axis=1)

    def _spread(self, whitened: tuple[FloatArray, FloatArray]) -> FloatArray:
        """Fᵀ times whitened values of the jurors."""
        found = self._one.T @ whitened[0]
        if self._two is not None:
            found = found + self._two.T @ whitened[1][self._raters]
        return np.asarray(found)

    def _gather(self, du: FloatArray) -> tuple[FloatArray, FloatArray]:
        """F times a step in the shared unknowns."""
        two = np.zeros(len(self._first))
        if self._two is not None:
            two[self._raters] = self._two @ du
        return np.asarray(self._one @ du), two

    def _along(self, whitened: tuple[FloatArray, FloatArray]) -> float:
        return float(self._share[0] @ whitened[0] + self._share[1] @ whitened[1])
