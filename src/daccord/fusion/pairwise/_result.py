"""`PairwiseScores`: what array users get back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from daccord.fusion.pairwise._plain import chances

__all__ = ["PairwiseScores"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.signedinteger]


@dataclass(frozen=True, eq=False)
class PairwiseScores:
    """Scores of projects that were compared in pairs.

    Attributes:
        scores: Log-values, natural log-odds, summing to zero, shape (size,). The odds that i beats j, ties aside, are
            e^(scores[i] − scores[j]).
        standard_errors: Of the scores, relative to the average project, shape (size,): from how voters differ if
            voters were told apart, else what the model says.
        model_errors: Standard errors if all comparisons were independent, shape (size,).
        tie_parameter: Davidson's ν; 0 if ties count as half a win for each side, or if there are none.
        prior_sd: Standard deviation of the normal prior around zero; None if there is none, and the scores are the
            maximum-likelihood solution.
        residual: How far expected and actual wins minus losses are apart, as a share of a project's comparisons.
        iterations: Newton steps.
        comparisons: How many were counted.
        voters: How many voters there were; 0 if they were not told apart.
        approximation: Relative error of the standard errors from their computation, root mean square over projects;
            0 if they are exact.
        method: What was done, in words.
        warnings: For people.
    """

    scores: FloatArray
    standard_errors: FloatArray
    model_errors: FloatArray
    tie_parameter: float
    prior_sd: float | None
    residual: float
    iterations: int
    comparisons: int
    voters: int
    approximation: float
    method: str
    warnings: tuple[str, ...]

    def interval(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Lower and upper ends of normal confidence intervals, each of shape (size,).

        Args:
            level: Share of intervals that should hold the truth, above 0 and below 1.

        Raises:
            ValueError: There is no such level.
        """
        if not 0.0 < level < 1.0:
            raise ValueError(f"a level lies between 0 and 1, not at {level!r}")
        half = float(ndtri((1.0 + level) / 2.0)) * self.standard_errors
        return self.scores - half, self.scores + half

    def chances(self, a: IntArray, b: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Probabilities that a wins, that b wins and of a tie, for positions of equal shape."""
        return chances(np.asarray(a), np.asarray(b), self.scores, self.tie_parameter)
