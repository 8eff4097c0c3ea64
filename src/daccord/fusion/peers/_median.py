"""Rule `median`: the median of people's ratings, project by project, as in Optimism's retroactive funding.

One value a person and project: the mean of the person's ratings of it, in sixths of the rating scale from its middle.
Where nobody rated, people's own scores from comparisons take their place (generalised Bradley–Terry, relative to the
person's own typical project); where somebody did, comparisons are set aside, because the two have no common zero. The
value of a project is the median over people, of an even number the mean of the middle two. Fewer people than the quorum
say nothing. A sixth of the scale counts as one natural-log unit.

Interval from order statistics: of n independent answers from one distribution, the k-th smallest and the k-th largest
enclose its median with probability

    c_k = 1 − 2·P(B ≤ k − 1),   B ~ Binomial(n, ½),

whatever the distribution. Between two neighbouring k the ends are interpolated to the coverage of 80 % (Hettmansperger
and Sheather 1986); if even the extremes enclose it less often (n ≤ 3) they are taken. The standard deviation is half
the width over the normal quantile of the coverage. It is at least half of √(π/2)·s/√n, what n answers with the round's
usual spread s would have: a few equal answers are luck. A single answer has the whole of that. s is the root mean
square distance of answers from their project's median, over projects with several, and at least a tenth of a unit.

Source: Optimism Collective, Retro Funding 3 (quorum and median); H. A. David and H. N. Nagaraja, Order statistics,
chapter 7; T. P. Hettmansperger and S. J. Sheather, Statistics & Probability Letters 4 (1986) 75–79.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, ndtri

from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._rules import FusionRule, register
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._qr_median_beliefs import ProjectValues, projectwise_beliefs, reading
from daccord.fusion.peers._qr_median_scores import mean_ratings, personal_scores
from daccord.round import EvidenceRules

__all__ = ["MEDIAN", "QUORUM", "fit_median", "median_interval"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

QUORUM: Final = EvidenceRules().min_jurors
"""People who must have valued a project; a round's own evidence rules may ask for more before money moves."""

COVERAGE: Final = 0.8
"""Coverage of the interval behind a standard deviation."""

SHARPEST: Final = 0.1
"""Least spread of answers, sixths of the rating scale."""


def median_interval(values: FloatArray, coverage: float = COVERAGE) -> tuple[float, float, float]:
    """Distribution-free interval for the median.

    Args:
        values: Independent answers, finite, shape (n,), n ≥ 1.
        coverage: Wanted, in (½, 1).

    Returns:
        Lower end, upper end, and the coverage reached: the wanted one, or less if n is too small for it (0 at n = 1).
    """
    ordered = np.sort(values)
    size = len(ordered)
    depth = np.arange(1, (size + 1) // 2 + 1)
    covers = np.maximum(1 - 2 * bdtr(depth - 1.0, size, 0.5), 0.0)
    if covers[0] <= coverage:
        return float(ordered[0]), float(ordered[-1]), float(covers[0])
    # The last depth that covers enough; the next one exists, because the innermost never covers half.
    outer = int(np.flatnonzero(covers > coverage)[-1])
    share = (covers[outer] - coverage) / (covers[outer] - covers[outer + 1])
    # Hettmansperger and Sheather's weight of the inner interval, made for symmetric distributions.
    d = outer + 1
    weight = (size - d) * share / (d + (size - 2 * d) * share)
    low = (1 - weight) * ordered[outer] + weight * ordered[outer + 1]
    high = (1 - weight) * ordered[-1 - outer] + weight * ordered[-2 - outer]
    return float(low), float(high), coverage


def _answers(task: FusionTask) -> tuple[IntArray, FloatArray, bool]:
    """Project and value of each person's opinion of it, and whether values are ratings."""
    if len(task.ratings):
        _, project, value, _, _ = mean_ratings(task)
        return project, value, True
    own = personal_scores(task)
    return own.project, own.value, False


def fit_median(task: FusionTask, quorum: int = QUORUM) -> ProjectValues:
    """Medians of the projects.

    Args:
        task: People's ratings, or comparisons if nobody rated.
        quorum: People who must have valued a project, at least 1.

    Returns:
        Values with `parameters` `quorum` and `spread`, the usual spread of answers about one project.

    Raises:
        ValueError: The quorum is below 1.
        ConvergenceError: A person's scores did not settle.
    """
    if quorum < 1:
        raise ValueError(f"a quorum is at least 1, not {quorum!r}")
    size = len(task.projects)
    project, answer, rated = _answers(task)
    order = np.lexsort((answer, project))
    project, answer = project[order], answer[order]
    count = np.bincount(project, minlength=size)
    start = np.concatenate([[0], np.cumsum(count)])
    heard = np.flatnonzero(count >= quorum)
    value = np.full(size, np.nan)
    lower, upper = answer[start[heard] + (count[heard] - 1) // 2], answer[start[heard] + count[heard] // 2]
    value[heard] = (lower + upper) / 2
    spread = _spread(answer, project, count, start)
    variance = np.full(size, np.nan)
    for i in heard:
        variance[i] = _deviation(answer[start[i] : start[i + 1]], spread) ** 2
    return ProjectValues(
        value=value,
        variance=variance,
        on_rating_scale=rated,
        parameters={"quorum": float(quorum), "spread": spread},
        diagnostics={"below_quorum": float(np.count_nonzero((count > 0) & (count < quorum)))},
    )


def _spread(answer: FloatArray, project: IntArray, count: IntArray, start: IntArray) -> float:
    """Root mean square distance of answers from their project's median, with n − 1 in each project; 1 if unknown."""
    several = count >= 2
    if not several.any():
        return 1.0
    first = np.where(count > 0, start[:-1], 0)
    middle = (
        answer[first + np.maximum(count - 1, 0) // 2] + answer[np.minimum(first + count // 2, len(answer) - 1)]
    ) / 2
    used = several[project]
    squares = float(np.sum((answer[used] - middle[project[used]]) ** 2))
    return max(float(np.sqrt(squares / (count[several] - 1).sum())), SHARPEST)


def _deviation(own: FloatArray, spread: float) -> float:
    """Standard deviation of one project's median."""
    usual = float(np.sqrt(np.pi / 2) * spread / np.sqrt(len(own)))
    low, high, coverage = median_interval(own)
    if coverage == 0:
        return usual
    return max((high - low) / (2 * float(ndtri((1 + coverage) / 2))), usual / 2)


def _fit(task: FusionTask) -> CriterionBeliefs:
    rated = len(task.ratings) > 0
    return projectwise_beliefs(task, reading(task, comparisons=not rated, ratings=rated), "median", fit_median)


MEDIAN = register(
    FusionRule(
        name="median",
        title="Median of people's ratings (retroactive funding)",
        model=(
            "A project is worth the median of what people say of it, one answer a person, if a quorum of people "
            "spoke. Answers are ratings, one sixth of the scale to a natural-log unit; where nobody rated, people's "
            "own scores from their comparisons."
        ),
        assumptions=(
            "people use the rating scale alike, or each project is rated by the same people",
            "people rate independently of each other",
            "one sixth of the scale means the same at its ends as in its middle",
        ),
        failure_modes=(
            "generous people who rated only some of the projects lift those: nothing is corrected for who rated what",
            "a majority alone decides: the other half of the people can say anything without effect",
            "below the quorum nothing is known of a project; a warning names it",
            "where somebody rated, comparisons are set aside; the warnings say how many",
        ),
        source="Optimism Collective, Retro Funding 3; intervals: H. A. David and H. N. Nagaraja, Order statistics",
        fit=_fit,
        reads=("ratios", "orders", "ties", "ratings"),
        sure="order statistics of people's answers",
    )
)
"""Retroactive funding's median as a named rule."""
