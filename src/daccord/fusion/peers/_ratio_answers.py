"""Ratio answers as a graph: design matrix, Laplacian, connected groups.

Answer k says that project a is r times project b, y_k = ln r_k. Its row of the design matrix X is e_a − e_b, so XᵀWX is
the Laplacian of the graph whose edges are the answers, with weights W. X itself is never formed: all sums go over the
answers once, and the rest is dense algebra on projects, O(m + n³) for m answers and n projects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from daccord.judging import Comparisons

__all__ = ["RatioAnswers"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RatioAnswers:
    """Answers "a is r times b" about `size` projects.

    Attributes:
        size: Number of projects, compared or not.
        a: Position of the first project, shape (n_answers,).
        b: Position of the second, differs from `a`, shape (n_answers,).
        log_ratio: ln r, natural log, finite, shape (n_answers,).
    """

    size: int
    a: IntArray
    b: IntArray
    log_ratio: FloatArray

    @classmethod
    def of(cls, comparisons: Comparisons, size: int) -> RatioAnswers:
        """The answers of a table that say how many times."""
        table = comparisons.take(comparisons.has_ratio)
        return cls(size, table.a, table.b, table.log_ratio)

    def __len__(self) -> int:
        return len(self.log_ratio)

    @cached_property
    def degree(self) -> IntArray:
        """Answers per project, shape (size,)."""
        return np.bincount(np.concatenate([self.a, self.b]), minlength=self.size)

    @cached_property
    def group(self) -> IntArray:
        """Connected group of every project, shape (size,); a project nobody compared is a group of its own."""
        edges = coo_array((np.ones(len(self)), (self.a, self.b)), shape=(self.size, self.size))
        return np.asarray(connected_components(edges, directed=False)[1], dtype=np.int64)

    @cached_property
    def members(self) -> tuple[IntArray, ...]:
        """Positions of the projects of every group with at least two projects."""
        return tuple(np.flatnonzero(self.group == g) for g in np.flatnonzero(np.bincount(self.group) > 1))

    @cached_property
    def rank(self) -> int:
        """Differences learned: compared projects minus groups among them."""
        return sum(len(members) - 1 for members in self.members)

    def residuals(self, theta: FloatArray) -> FloatArray:
        """What the values leave unexplained: y − Xθ, natural-log units, shape (n_answers,)."""
        return self.log_ratio - (theta[self.a] - theta[self.b])

    def collect(self, values: FloatArray) -> FloatArray:
        """Xᵀ·values, shape (size,): what the answers add up to at each project.

        Args:
            values: One an answer, shape (n_answers,).
        """
        collected = np.bincount(self.a, values, self.size) - np.bincount(self.b, values, self.size)
        return np.asarray(collected, dtype=np.float64)

    def laplacian(self, weights: FloatArray | None = None) -> FloatArray:
        """XᵀWX, shape (size, size).

        Args:
            weights: Positive, one an answer; 1 if None.
        """
        cells = np.bincount(self.a * self.size + self.b, weights, self.size**2)
        edges = cells.reshape(self.size, self.size).astype(np.float64)
        edges += edges.T
        return np.diag(edges.sum(axis=1)) - edges

    def solve(self, right: FloatArray, weights: FloatArray | None = None) -> FloatArray:
        """Minimum-norm solution of XᵀWX θ = right, centred within every group; shape (size,).

        Adding s·J/k to the Laplacian of a connected group of k projects makes it positive definite without changing
        its solution for a right side that sums to zero, because the vector of ones is its only null vector.

        Args:
            right: Sums to zero within every group, shape (size,).
            weights: Positive, one an answer; 1 if None.
        """
        laplacian = self.laplacian(weights)
        theta = np.zeros(self.size)
        for members in self.members:
            block = laplacian[np.ix_(members, members)]
            part = cho_solve(cho_factor(block + block.trace() / len(members) ** 2), right[members])
            theta[members] = part - part.mean()
        return theta

    @cached_property
    def pseudo_inverse(self) -> FloatArray:
        """L⁺ of the unweighted Laplacian, shape (size, size); zero for projects nobody compared."""
        laplacian = self.laplacian()
        inverse = np.zeros_like(laplacian)
        for members in self.members:
            block = laplacian[np.ix_(members, members)]
            shift = block.trace() / len(members) ** 2  # s·J/k with s the mean degree
            full = cho_solve(cho_factor(block + shift), np.eye(len(members)))
            part = full - 1.0 / (shift * len(members) ** 2)
            inverse[np.ix_(members, members)] = (part + part.T) / 2.0
        return inverse
