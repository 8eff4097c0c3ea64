"""Linear algebra by iteration, for more projects than fit into a matrix of all pairs.

Everything works on a symmetric positive definite matrix A that is only known by what it does to a vector, scaled by
its diagonal D. Where projects are compared at random, `D⁻¹A` is close to the identity and a few dozen steps do.

* `conjugate_gradients` solves, many right sides at once.
* `inverse_diagonal` estimates diag(A⁻¹) by random signs. What all projects share (how high they stand together) is the
  one thing comparisons say next to nothing about; it is taken out exactly, so that signs only have to average over what
  neighbours share.
* `log_determinant` estimates ln det A by random signs and Lanczos steps. The signs are the same at every call, so
  differences between nearby matrices are far better than the estimate itself.

Signs come from a fixed seed and go to projects in the order of their diagonal, not of their names.

Source: M. R. Hestenes and E. Stiefel, J. Res. NBS 49 (1952); C. Bekas, E. Kokiopoulou, Y. Saad, Appl. Numer. Math. 57
(2007) for the diagonal; S. Ubaru, J. Chen, Y. Saad, SIAM J. Matrix Anal. Appl. 38 (2017) for the determinant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh_tridiagonal

from daccord.errors import ConvergenceError

__all__ = ["Operator", "conjugate_gradients", "divided_by", "inverse_diagonal", "log_determinant"]

FloatArray = npt.NDArray[np.float64]

_STEPS: Final = 2_000
_CLOSE: Final = 1e-10
"""Residual of a solution, relative to its right side."""
_PROBES: Final = 64
_LANCZOS: Final = 30
_LANCZOS_PROBES: Final = 16


class Operator(Protocol):
    """Something that multiplies a vector or the columns of a matrix."""

    def __matmul__(self, x: FloatArray) -> FloatArray: ...


def _times(matrix: Operator, precision: FloatArray, x: FloatArray) -> FloatArray:
    return np.asarray(matrix @ x + (precision * x.T).T)


def divided_by(diagonal: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Solution with a diagonal matrix in place of the whole one, the simplest `near`.

    Raises:
        LinAlgError: It is not positive.
    """
    if np.any(diagonal <= 0):
        raise np.linalg.LinAlgError("a diagonal element is not positive")
    return lambda right: np.asarray((right.T / diagonal).T)


def conjugate_gradients(
    matrix: Operator,
    precision: FloatArray,
    near: Callable[[FloatArray], FloatArray],
    right: FloatArray,
    steps: int = _STEPS,
) -> FloatArray:
    """Solution of (matrix + diag(precision)) x = right.

    Args:
        matrix: Symmetric, size n.
        precision: Added to its diagonal, shape (n,).
        near: Solution with a nearby positive definite matrix.
        right: One right side, shape (n,), or several, shape (n, m).
        steps: Most steps.

    Raises:
        LinAlgError: The matrix is not positive definite.
        ConvergenceError: The iteration did not settle.
    """
    x = np.zeros_like(right)
    rest = right.copy()
    scaled = near(rest)
    direction = scaled.copy()
    height = (rest * scaled).sum(axis=0)
    enough = _CLOSE**2 * np.maximum(height, 1e-300)
    for _ in range(steps):
        if np.all(height <= enough):
            return x
        moved = _times(matrix, precision, direction)
        bend = (direction * moved).sum(axis=0)
        if np.any((bend <= 0) & (height > enough)):
            raise np.linalg.LinAlgError("a direction bends the wrong way")
        by = np.where(height > enough, height / np.where(bend > 0, bend, 1.0), 0.0)
        x += by * direction
        rest -= by * moved
        scaled = near(rest)
        found = (rest * scaled).sum(axis=0)
        direction = scaled + np.where(height > enough, found / np.where(height > 0, height, 1.0), 0.0) * direction
        height = found
    raise ConvergenceError("a system of equations", steps, float(np.sqrt(np.max(height))))


def _signs(diagonal: FloatArray, probes: int) -> FloatArray:
    """Random signs, shape (n, probes), dealt in the order of the diagonal."""
    rng: Any = np.random.Generator(np.random.Philox(key=1))
    signs = np.empty((len(diagonal), probes))
    signs[np.argsort(diagonal, kind="stable")] = 2.0 * rng.integers(0, 2, (len(diagonal), probes)) - 1.0
    return signs


def inverse_diagonal(matrix: Operator, precision: FloatArray, diagonal: FloatArray) -> FloatArray:
    """Diagonal of the inverse of matrix + diag(precision), shape (n,), to a few percent.

    Args:
        matrix: Symmetric, size n.
        precision: Added to its diagonal, shape (n,).
        diagonal: Of the sum, shape (n,).
    """
    signs = _signs(diagonal, _PROBES)
    right = np.column_stack([np.ones(len(diagonal)), signs])
    solved = conjugate_gradients(matrix, precision, divided_by(diagonal), right)
    common, rest = solved[:, 0], solved[:, 1:]
    total = float(common.sum())
    rest -= np.outer(common, common @ signs) / total
    # No variance is below what it would be if everything else were known.
    return np.asarray(np.maximum(common**2 / total + (signs * rest).mean(axis=1), 1 / diagonal))


def log_determinant(matrix: Operator, precision: FloatArray, diagonal: FloatArray) -> float:
    """Log determinant of matrix + diag(precision), by Lanczos quadrature on the matrix scaled to unit diagonal.

    Args:
        matrix: Symmetric, size n.
        precision: Added to its diagonal, shape (n,).
        diagonal: Of the sum, shape (n,).

    Raises:
        LinAlgError: The matrix is not positive definite.
    """
    if np.any(diagonal <= 0):
        raise np.linalg.LinAlgError("a diagonal element is not positive")
    size, root = len(diagonal), np.sqrt(diagonal)
    now = _signs(diagonal, _LANCZOS_PROBES) / np.sqrt(size)
    before, beta = np.zeros_like(now), np.zeros(_LANCZOS_PROBES)
    alphas, betas = [], []
    for _ in range(min(_LANCZOS, size)):
        moved = (_times(matrix, precision, (now.T / root).T).T / root).T - beta * before
        alpha = (now * moved).sum(axis=0)
        moved -= alpha * now
        alphas.append(alpha)
        beta = np.sqrt((moved**2).sum(axis=0))
        betas.append(beta)
        before, now = now, moved / np.maximum(beta, 1e-300)
    total = 0.0
    for k in range(_LANCZOS_PROBES):
        along = np.array([alpha[k] for alpha in alphas])
        across = np.array([beta[k] for beta in betas[:-1]])
        stop = int(np.argmax(across < 1e-10)) if np.any(across < 1e-10) else len(across)
        values, vectors = eigh_tridiagonal(along[: stop + 1], across[:stop])
        if values[0] <= 0:
            raise np.linalg.LinAlgError("an eigenvalue is not positive")
        total += float(vectors[0] ** 2 @ np.log(values))
    return float(np.log(diagonal).sum() + size * total / _LANCZOS_PROBES)
