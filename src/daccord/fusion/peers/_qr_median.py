"""Rule `qr-median`: Tournesol's pipeline, in which no person can move any project far.

1. Everybody's own scores with left and right uncertainties (`_qr_median_scores`, `_generalised_bradley_terry`).
2. A common scale (`_scaling`).
3. The QrMedian of every project, one vote a person (`_qr_median_quantile`), of resilience L/2 around 0.

**Bound.** A person who joins, stays away or is left out moves the value of any project by at most **L** natural-log
units, whatever he or she says and about whatever: L/2 through scales and L/2 through the vote. Whoever changes answers
moves it by at most 2·L. So a handful of people cannot lift a project far from 0, the typical project, however sure they
are: with n voters it is within n·L/2 (plus shifts). That is the price.

Standard deviations are those of the density ∝ exp(−objective) of a project's median: a normal prior N(0, L/2) and a
double-exponential error of one natural-log unit a person. They know nothing of errors that people share.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._rules import FusionRule, register
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._qr_median_beliefs import ProjectValues, projectwise_beliefs, reading
from daccord.fusion.peers._qr_median_quantile import Voters, qr_deviation, qr_quantile, qr_spread
from daccord.fusion.peers._qr_median_scores import PersonalScores, personal_scores
from daccord.fusion.peers._scaling import scale

__all__ = ["QR_MEDIAN", "RESILIENCE", "fit_qr_median"]

FloatArray = npt.NDArray[np.float64]

RESILIENCE: Final = 1.0
"""L, natural-log units by which one person can move a project; see docs/methods/qr-median.md for the choice."""


def _voters(scores: PersonalScores) -> Voters:
    """Every scaled score as a voice on its project."""
    weight = scores.weight[scores.voice]
    # Of somebody with two voices the one that does not know a project leaves its half to the other.
    voices = scores.judge[scores.voice] * scores.size + scores.project
    _, place, known = np.unique(voices, return_inverse=True, return_counts=True)
    return Voters(
        scores.size,
        scores.project,
        scores.value,
        scores.left,
        scores.right,
        np.where(known[place] == 1, 1.0, weight) if len(weight) else weight,
    )


def fit_qr_median(task: FusionTask, resilience: float = RESILIENCE) -> ProjectValues:
    """Values of the projects.

    Args:
        task: People's comparisons and ratings.
        resilience: L, above zero, natural-log units.

    Returns:
        Values with `parameters` `resilience` and `scalers`; `diagnostics` hold the typical disagreement (QrMedian of
        the distance from the QrMedian), which is Tournesol's uncertainty of a collective score.

    Raises:
        ValueError: The resilience is not above zero.
        ConvergenceError: A person's fit did not settle.
    """
    if not resilience > 0:
        raise ValueError(f"resilience is above zero, not {resilience!r}")
    own = personal_scores(task)
    scales = scale(own, resilience)
    voters = _voters(scales.apply(own))
    voted = voters.total() > 0
    middle = qr_quantile(voters, resilience / 2)
    spread = qr_spread(voters, resilience / 2, middle)
    disagreement = qr_deviation(voters, middle, resilience / 2)
    return ProjectValues(
        value=np.where(voted, middle, np.nan),
        variance=np.where(voted, spread**2, np.nan),
        parameters={"resilience": resilience, "scalers": float(len(np.unique(own.judge[scales.scaler])))},
        diagnostics={
            "people": float(len(np.unique(own.judge))),
            "disagreement": float(np.median(disagreement[voted])) if voted.any() else 0.0,
            "multiplier_low": float(scales.multiplier.min(initial=1.0)),
            "multiplier_high": float(scales.multiplier.max(initial=1.0)),
        },
    )


def _fit(task: FusionTask) -> CriterionBeliefs:
    return projectwise_beliefs(task, reading(task, comparisons=True, ratings=True), "qr-median", fit_qr_median)


QR_MEDIAN = register(
    FusionRule(
        name="qr-median",
        title="QrMedian of people's own scores (Tournesol)",
        model=(
            "Everybody's comparisons give scores of their own (generalised Bradley–Terry, uniform on [−1, 1]); ratings "
            "are scores already. Scores are brought to a common scale, and each project gets the quadratically "
            "regularised median of its scores, one vote a person. One person moves a project by at most L."
        ),
        assumptions=(
            "most people who judge a project judge it honestly; the rest may say anything",
            "people's scales differ by a factor and a shift",
            "a project is as good as the typical one until several people say otherwise",
            "people err independently of each other",
        ),
        failure_modes=(
            (
                "with few voters a project everybody praises stays near the typical one: n voters move it by n·L/2 at "
                "most; look at the number of jurors"
            ),
            "beyond half of the voters, colluders have the project to themselves: the bound is on each, not on all",
            "what people share, such as a fashion, is in no interval",
            "rankings and models are set aside; the warnings say how many",
        ),
        source=(
            "Tournesol (solidago); L. N. Hoang et al., 'Solidago: a modular collaborative scoring pipeline'; "
            "J. Fageot et al., AAAI 2024; Y. Allouah et al., 'Robust sparse voting', AISTATS 2024"
        ),
        fit=_fit,
        reads=("ratios", "orders", "ties", "ratings", "intervals"),
        sure="posterior of a regularised median with double-exponential errors",
    )
)
"""Tournesol's pipeline as a named rule."""
