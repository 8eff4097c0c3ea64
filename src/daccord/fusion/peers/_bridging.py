"""Rule `bridging`: what people of different camps agree on, as in Community Notes.

The model is `_bridging_fit`'s; every person and kind of answer is a rater. Opinions r lie in [−½, ½]:

* a rating is its place on the rating scale, (value − low)/(high − low) − ½; votes are ratings with two or three places;
* comparisons become opinions through the person's own scores (`_qr_median_scores`): r = 1/(1 + e^{−score}) − ½, by how
  much the person would more often than not prefer the project to his or her typical one.

A project's value is i_n in natural-log units: 6 units to the whole rating scale, as elsewhere, and 4 where opinions
come from comparisons, because near ½ a hundredth more of 1/(1 + e^{−s}) is four hundredths of s; mixed rounds get the
average by number of opinions. Where everybody rated, μ is added, so that the value is what a neutral person of no camp
would rate, and a threshold on the rating scale can be held against it. Penalties pull both towards the middle of the
scale.

Community Notes codes opinions from 0 to 1, which pulls μ towards 0 and lets i_n keep part of it; here the middle is 0,
so that praise and blame are treated alike. Its threshold of 0.40 does not carry over.

Standard deviations are half the range of i_n over one more opinion of an extreme rater, or those of a ridge regression
of i_n with raters known, whichever is larger. The former says what one more person could do and is no probability.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._rules import FusionRule, register
from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._evidence import RATINGS_SPAN
from daccord.fusion.peers._bridging_fit import (
    FACTOR_PENALTY,
    INTERCEPT_PENALTY,
    Factorisation,
    Opinions,
    factorise,
    note_bounds,
)
from daccord.fusion.peers._qr_median_beliefs import ProjectValues, projectwise_beliefs, reading
from daccord.fusion.peers._qr_median_scores import mean_ratings, personal_scores

__all__ = ["BRIDGING", "fit_bridging", "opinions_of"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

EXTREME: Final = 0.5
"""Largest opinion; the smallest is its negative."""

COMPARISON_SPAN: Final = 4.0
"""Natural-log units to one unit of opinion near the middle, for opinions from comparisons."""


def opinions_of(task: FusionTask) -> tuple[Opinions, IntArray, float]:
    """People's opinions of projects.

    Args:
        task: Comparisons and ratings of people, at least one.

    Returns:
        Opinions about the projects anybody spoke about; positions of these in the task, shape (projects,); and
        natural-log units to one unit of opinion.

    Raises:
        ConvergenceError: A person's scores did not settle.
    """
    compared = personal_scores(reading(task, comparisons=True, ratings=False))
    rater, rated, place, _, _ = mean_ratings(task)
    _, rater = np.unique(rater, return_inverse=True)
    project = np.concatenate([compared.project, rated])
    value = np.concatenate([expit(compared.value) - EXTREME, np.clip(place / RATINGS_SPAN, -EXTREME, EXTREME)])
    known, position = np.unique(project, return_inverse=True)
    voices = np.concatenate([compared.voice, rater + len(compared.judge)])
    raters = len(np.unique(voices))
    span = (COMPARISON_SPAN * len(compared) + RATINGS_SPAN * len(place)) / max(len(value), 1)
    return Opinions(raters, len(known), voices, position, value), known, float(span)


def _deviation(opinions: Opinions, fit: Factorisation) -> FloatArray:
    """Standard deviation of i_n in a ridge regression of each project on the raters' factors, raters held as they are.

    Noise is the mean square of all residuals, with as many degrees of freedom taken off as there are parameters, and at
    least a hundredth of a unit.
    """
    u, n, size = opinions.rater, opinions.project, opinions.projects
    f = fit.rater_factor[u]
    error = opinions.value - fit.middle - fit.generosity[u] - fit.intercept[n] - f * fit.factor[n]
    freedom = max(len(opinions) - opinions.raters - size, 1)
    noise = max(float(error @ error) / freedom, 1e-4)
    price = len(opinions) / size
    count = np.bincount(n, minlength=size) + INTERCEPT_PENALTY * price
    cross, square = np.bincount(n, f, size), np.bincount(n, f * f, size) + FACTOR_PENALTY * price
    return np.sqrt(noise * square / (count * square - cross**2))


def fit_bridging(task: FusionTask) -> ProjectValues:
    """Values of the projects.

    Args:
        task: Comparisons and ratings of people, at least one.

    Returns:
        Values with the fit's figures among `parameters` and `diagnostics`.

    Raises:
        ConvergenceError: A fit did not settle.
    """
    size = len(task.projects)
    opinions, known, span = opinions_of(task)
    fit = factorise(opinions)
    low, high = note_bounds(opinions, fit, EXTREME)
    rated = len(task.comparisons) == 0
    divided = fit.rater_factor[opinions.rater] * fit.factor[opinions.project]
    value, variance = np.full(size, np.nan), np.full(size, np.nan)
    value[known] = span * (fit.intercept + (fit.middle if rated else 0.0))
    variance[known] = (span * np.maximum((high - low) / 2, _deviation(opinions, fit))) ** 2
    return ProjectValues(
        value=value,
        variance=variance,
        on_rating_scale=rated,
        parameters={
            "intercept_penalty": INTERCEPT_PENALTY,
            "factor_penalty": FACTOR_PENALTY,
            "units_per_opinion": span,
            "middle": span * fit.middle,
        },
        diagnostics={
            "optimality": fit.residual,
            "iterations": float(fit.iterations),
            "loss": fit.loss,
            "polarisation": float(np.sqrt(np.mean(divided**2))),
        },
    )


def _fit(task: FusionTask) -> CriterionBeliefs:
    return projectwise_beliefs(task, reading(task, comparisons=True, ratings=True), "bridging", fit_bridging)


BRIDGING = register(
    FusionRule(
        name="bridging",
        title="Agreement across camps (Community Notes)",
        model=(
            "An opinion is a common level, plus the person's generosity, plus what everybody sees in the project, plus "
            "the product of the person's and the project's place on one axis of disagreement. Penalties make it dear "
            "to explain praise of one camp by what everybody sees; that part alone is the project's value."
        ),
        assumptions=(
            "people disagree mainly along one axis, which the answers show",
            "both camps judged a project that is to be credited with agreement",
            "opinions between the ends of the scale count in proportion",
        ),
        failure_modes=(
            "a minority that opposes everything widens the axis and lowers what its opponents agree on",
            "a camp that never judged a project cannot object to it: look at the communities' views beside it",
            "values are pulled to the middle, more so with few opinions: they order projects rather than measure them",
            "the objective has several minima; the lowest found counts, and a small change can lead to another",
        ),
        source=(
            "Community Notes, github.com/twitter/communitynotes; S. Wojcik et al., 'Birdwatch' (2022), for model and "
            "penalties"
        ),
        fit=_fit,
        reads=("ratios", "orders", "ties", "ratings"),
        sure="range of the value over one more extreme opinion; no probability",
    )
)
"""Community Notes' intercept model as a named rule."""
