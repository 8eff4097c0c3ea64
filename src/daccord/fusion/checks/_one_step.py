"""What a fit would be without one juror, in one step from the fit with everybody.

At the optimum the pulls of all answers and of the prior balance. Take juror j away, and the others' pull at the same
point is −g_j, with g_j what his or her answers pulled. One Newton step from there is

    θ₋ⱼ ≈ θ − C_·S (I − A_j C_SS)⁻¹ g_j,

with C the covariance of θ (the inverse of everybody's information), A_j the information of the juror's answers, and S
the projects they are about: a low-rank update that costs what the juror's own answers cost. What these answers say of
the juror's own stretch and level they do not say of projects; both are eliminated from A_j. With normal errors, and no
stretch, the step is exact; a test holds it against refitting.

A rule is known here only by what it published: values, covariance, noise, jurors' stretches. So answers pull as in a
*working model* (normal for `least-squares`, clipped for `huber`, Student-t for all others; orders by the logistic
model), and the step is a good guess of whom to refit, never a figure to be published as measured.

Source: R. D. Cook and S. Weisberg, *Residuals and Influence in Regression* (1982), chapters 3 and 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._rules import EVIDENCE, FUSION_RULES
from daccord.fusion._task import FusionTask
from daccord.fusion.checks._held_answers import ORDER, RATING, RATIO, Answers, answers_of

__all__ = ["DOF", "Pulls", "pulls_of", "step_without"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

DOF: Final = 4.0
"""Degrees of freedom of the working model's Student-t, those of the hierarchical rule."""

_LEAST_NOISE: Final = 0.05
_STRETCH_SD: Final = 0.3
_LOGISTIC: Final = 1.4
"""Scale of a Student-t with 4 degrees of freedom that is close to the standard logistic distribution."""


@dataclass(frozen=True, eq=False)
class Pulls:
    """What every answer pulls, and how firmly, at a fit; arrays of shape (n_answers,).

    Attributes:
        judge: Position in the panel.
        a: First project, or the rated one.
        b: Second project; −1 for a rating.
        gradient: Of the log density in θ_a (for θ_b it is the opposite), per natural-log unit.
        information: −second derivative, at least 0.
        bent: Derivative of what the juror sees in his or her log-stretch, over the one in θ_a, natural log.
        rated: 1 for a rating, which moves with the juror's level; 0 otherwise.
        own: Prior precision of the juror's log-stretch and level, shape (2,); None for rules that know neither.
    """

    judge: IntArray
    a: IntArray
    b: IntArray
    gradient: FloatArray
    information: FloatArray
    bent: FloatArray
    rated: FloatArray
    own: FloatArray | None

    @cached_property
    def _order(self) -> tuple[IntArray, IntArray]:
        order = np.argsort(self.judge, kind="stable")
        return order, self.judge[order]

    def by(self, judge: int) -> IntArray:
        """Positions of one juror's answers."""
        order, sorted_judge = self._order
        low, high = np.searchsorted(sorted_judge, [judge, judge + 1])
        return order[low:high]


def _normal(residual: FloatArray, sigma: FloatArray, _: Mapping[str, float]) -> tuple[FloatArray, FloatArray]:
    return residual / sigma**2, np.ones_like(residual) / sigma**2


def _clipped(residual: FloatArray, sigma: FloatArray, known: Mapping[str, float]) -> tuple[FloatArray, FloatArray]:
    """Huber's: the covariance is that of least squares with the same σ, so what is left unclipped carries it all."""
    delta = known.get("delta", np.inf)
    inside = np.abs(residual) <= delta
    firm = max(float(inside.mean()), 0.1) * sigma**2
    return np.clip(residual, -delta, delta) / firm, inside / firm


def _student(residual: FloatArray, sigma: FloatArray, _: Mapping[str, float]) -> tuple[FloatArray, FloatArray]:
    square = residual**2
    pull = (DOF + 1) / (DOF * sigma**2 + square)
    return pull * residual, np.maximum(pull * (DOF * sigma**2 - square) / (DOF * sigma**2 + square), 0.0)


_WORKING: Final = MappingProxyType({"least-squares": _normal, "huber": _clipped})


def _noise(beliefs: CriterionBeliefs, residual: FloatArray) -> float:
    """σ of a ratio answer, natural log: published by the rule, or read off the residuals."""
    own = [component.parameters.get("noise_ratio") for component in beliefs.components]
    if all(noise is not None for noise in own):
        weight = [component.weight for component in beliefs.components]
        return float(np.dot(weight, np.array(own, dtype=float)))
    if "noise_sd" in beliefs.parameters:
        return float(beliefs.parameters["noise_sd"])
    return max(_spread(residual), _LEAST_NOISE)


def _spread(residual: FloatArray) -> float:
    """Robust standard deviation around 0; 1 without any residual."""
    return float(np.median(np.abs(residual)) / 0.6745) if len(residual) else 1.0


def pulls_of(task: FusionTask, beliefs: CriterionBeliefs) -> Pulls:
    """What every answer that the rule reads pulls at its fit, under the working model.

    Args:
        task: The answers.
        beliefs: A rule's fit to them.
    """
    rule = FUSION_RULES.get(beliefs.rule)
    answers = answers_of(task, rule.reads if rule is not None else EVIDENCE)
    working = _WORKING.get(beliefs.rule, _student)
    known, theta = beliefs.parameters, beliefs.mean
    stretch, factor = np.ones(len(task.panel)), np.ones(len(task.panel))
    for view in beliefs.juror_views:
        at = task.panel.index[view.juror]
        stretch[at], factor[at] = view.stretch, view.noise
    stretch, factor = stretch[answers.judge], factor[answers.judge]
    seen = stretch * np.where(answers.b < 0, theta[answers.a], theta[answers.a] - theta[answers.b])
    gradient, information = np.zeros(len(answers)), np.zeros(len(answers))
    is_ratio, is_order, is_rating = (answers.kind == kind for kind in (RATIO, ORDER, RATING))
    residual = (answers.y - seen)[is_ratio]
    noise = _noise(beliefs, residual)
    gradient[is_ratio], information[is_ratio] = working(residual, noise * factor[is_ratio], known)
    # Without a noise of its own, a rule that reads orders has log-odds for values.
    learned = any("noise_ratio" in component.parameters for component in beliefs.components)
    scale = noise * factor[is_order] / _LOGISTIC if learned else np.ones(int(is_order.sum()))
    chance = expit(seen[is_order] / scale)
    gradient[is_order] = ((answers.y[is_order] + 1) / 2 - chance) / scale
    information[is_order] = chance * (1 - chance) / scale**2
    level_sd = 1.0
    if is_rating.any():
        unit = known.get("rating_units_per_nat", 0.0)
        residual, level_sd = _rating_residuals(answers, seen, is_rating, unit)
        sigma = max(_spread(residual), _LEAST_NOISE) * factor[is_rating]
        gradient[is_rating], information[is_rating] = _student(residual, sigma, known)
    return Pulls(
        judge=answers.judge,
        a=answers.a,
        b=answers.b,
        gradient=stretch * gradient,
        information=stretch**2 * information,
        bent=seen / stretch,
        rated=is_rating / stretch,
        own=None if beliefs.rule in _WORKING else np.array([_stretch_sd(beliefs) ** -2, level_sd**-2]),
    )


def _stretch_sd(beliefs: CriterionBeliefs) -> float:
    """Spread of jurors' log-stretches: the rule's, or a usual one."""
    return float(beliefs.components[0].parameters.get("stretch_sd", _STRETCH_SD))


def _rating_residuals(
    answers: Answers, seen: FloatArray, is_rating: BoolArray, unit: float
) -> tuple[FloatArray, float]:
    """Ratings less what the values and the juror's level say, on a scale whose middle and unit fit best.

    Returns:
        Natural log; and the spread of jurors' levels.
    """
    y, own, judge = answers.y[is_rating], seen[is_rating], answers.judge[is_rating]
    away = own - own.mean()
    if unit <= 0:
        unit = max(float(away @ y) / max(float(away @ away), 1e-12), 1e-3)
    residual = (y - unit * own) / unit
    residual = residual - np.median(residual)
    level = np.bincount(judge, residual) / (np.bincount(judge) + 1)
    return np.asarray(residual - level[judge]), max(_spread(level[np.unique(judge)]), _LEAST_NOISE)


def step_without(pulls: Pulls, beliefs: CriterionBeliefs, judge: int) -> FloatArray:
    """How far every log-value moves in one step when one juror is taken away.

    Args:
        pulls: Of all answers at the fit.
        beliefs: The fit.
        judge: The juror's position in the panel.

    Returns:
        Natural log, shape (n_projects,).
    """
    rows = pulls.by(judge)
    size = len(beliefs.mean)
    a, b, gradient, information = pulls.a[rows], pulls.b[rows], pulls.gradient[rows], pulls.information[rows]
    touched, at = np.unique(np.concatenate([a, b[b >= 0]]), return_inverse=True)
    if not len(touched):
        return np.zeros(size)
    design = np.zeros((len(rows), len(touched)))
    design[np.arange(len(rows)), at[: len(rows)]] = 1.0
    design[np.flatnonzero(b >= 0), at[len(rows) :]] = -1.0
    pulled = design.T @ gradient
    own = design.T @ (information[:, None] * design)
    if pulls.own is not None:
        # What the answers say of the juror's own stretch and level they do not say of projects.
        bent = np.stack([pulls.bent[rows], pulls.rated[rows]], axis=1)
        across = design.T @ (information[:, None] * bent)
        block = bent.T @ (information[:, None] * bent) + np.diag(pulls.own)
        own = own - across @ np.linalg.solve(block, across.T)
    if beliefs.is_diagonal:
        columns = np.zeros((size, len(touched)))
        columns[touched, np.arange(len(touched))] = beliefs.variance[touched]
    else:
        columns = beliefs.covariance[:, touched]
    # Singular where the juror alone ties a project to the others: then least norm, and refitting decides.
    back = np.linalg.lstsq(np.eye(len(touched)) - own @ columns[touched], pulled, rcond=1e-10)[0]
    return np.asarray(-columns @ back)
