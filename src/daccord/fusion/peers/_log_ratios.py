"""What `least-squares` and `huber` share: noise, covariance, margins and warnings; beliefs from a fit.

Model of both rules: answer k says that project a is r times project b,

    ln r_k = θ_a(k) − θ_b(k) + ε_k,

that is y = Xθ + ε with one row e_a − e_b an answer. XᵀX is the Laplacian L of the graph whose edges are the answers.
Only differences inside a connected group of that graph are learned, so θ is centred within each group, and the
covariance is

    Cov(θ) = σ²·L⁺ + v·(B − J/n),   B_ij = 1/k if i and j are in the same group of k projects, else 0; J all ones,

the second part being the unknown offset of each group, as if its projects had been drawn from a population of
log-values with variance v; a project nobody compared is a group of one. With a single group that part is zero.

    v = mean θ² of compared projects + σ² + 2·(largest diagonal element of σ²·L⁺)

is a choice, not an estimate. It makes sure that no compared project is less certain than one nobody compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from daccord.errors import InputError, NoPeopleError, Problem
from daccord.fusion._beliefs import Component, CriterionBeliefs
from daccord.fusion._margins import relative_margin
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._ratio_answers import RatioAnswers

__all__ = ["NOISE_FLOOR", "LogRatioFit", "fit_beliefs", "noise_variance"]

FloatArray = npt.NDArray[np.float64]

NOISE_FLOOR: Final = float(np.log(1.1))
"""Least standard deviation of one answer, natural-log units: nobody is taken to be more exact than ±10 %."""

_NAMED = 5
"""Projects listed by name in a warning."""


@dataclass(frozen=True, eq=False)
class LogRatioFit:
    """A fitted log-ratio model.

    Attributes:
        theta: Log-values, centred within every connected group, shape (size,).
        noise: σ², variance of one answer as the covariance σ²·L⁺ uses it, squared natural-log units.
        residual: Largest element of the gradient at the solution over its own scale; 0 is an exact optimum.
        iterations: Spent; 1 for a direct solution.
        parameters: Effective values of what the rule fixed or learned.
        warnings: For people.
    """

    theta: FloatArray
    noise: float
    residual: float
    iterations: int = 1
    parameters: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def noise_variance(log_ratio: FloatArray, squares: float, freedom: int) -> tuple[float, tuple[str, ...]]:
    """Variance of one answer, never zero: sum of squared residuals over degrees of freedom.

    Where every answer is needed to fit the values, residuals say nothing about noise, which is then taken to be as
    large as the answers themselves (their mean square). The result is at least `NOISE_FLOOR` squared.

    Args:
        log_ratio: The answers, natural log, shape (n_answers,).
        squares: Sum of squared residuals.
        freedom: Answers minus fitted differences.

    Returns:
        Variance in squared natural-log units, and warnings where it is not the plain estimate.
    """
    warnings = []
    if freedom > 0:
        variance = squares / freedom
    else:
        variance = float(np.mean(log_ratio**2))
        warnings.append(
            "no answer can be checked against another: the noise is taken to be as large as the answers themselves"
        )
    if variance < NOISE_FLOOR**2:
        variance = NOISE_FLOOR**2
        warnings.append("answers agree more closely than people can judge: each is taken to be good to ±10 % at best")
    return variance, tuple(warnings)


def _covariance(answers: RatioAnswers, fit: LogRatioFit) -> tuple[FloatArray, float]:
    """Covariance of θ (see the top of the module) and v, the variance of a project nobody compared."""
    covariance = fit.noise * answers.pseudo_inverse
    compared = answers.degree > 0
    wide = float(np.mean(fit.theta[compared] ** 2) + fit.noise + 2.0 * covariance.diagonal().max())
    if answers.group.max() > 0:
        same = answers.group[:, None] == answers.group[None, :]
        covariance += wide * (same / same.sum(axis=1) - 1.0 / answers.size)
    return covariance, wide


def _component(task: FusionTask, answers: RatioAnswers, fit: LogRatioFit) -> tuple[Component, float]:
    covariance, wide = _covariance(answers, fit)
    margin = relative_margin(fit.theta, covariance, task.criterion.threshold)
    above, spread = (None, None) if margin is None else margin
    return Component(1.0, fit.theta, covariance, above, spread, fit.parameters), wide


def _require_answers(task: FusionTask, rule: str) -> RatioAnswers:
    """People's ratio answers.

    Raises:
        NoPeopleError: People answered nothing.
        InputError: They answered, but never how many times.
    """
    answers = RatioAnswers.of(task.comparisons, len(task.projects))
    if len(answers):
        return answers
    if len(task.answering):
        raise InputError.single(
            "comparisons.csv",
            f"no answer of a person on {task.criterion.id!r} says how many times, and rule {rule!r} uses nothing else",
            remedy="ask for ratios, or choose a fusion rule that uses orders, ratings or rankings",
        )
    raise NoPeopleError(
        [
            Problem(
                "comparisons.csv",
                None,
                None,
                f"no comparison by a person on {task.criterion.id!r}",
                "add people's comparisons with a ratio; models alone never decide",
            )
        ]
    )


def _warnings(task: FusionTask, rule: str, answers: RatioAnswers) -> list[str]:
    """What was not used and what is not known, in words for people."""
    notes = []
    unused = {
        "order-only answers of people": len(task.comparisons) - len(answers),
        "ratings of people": len(task.ratings),
        "comparisons by models": len(task.model_comparisons),
        "lists of models": len(task.judgments.lists),
    }
    notes += [f"rule {rule} does not use {what}: {count} set aside" for what, count in unused.items() if count]
    alone = [task.projects[i] for i in np.flatnonzero(answers.degree == 0)]
    if alone:
        more = f" and {len(alone) - _NAMED} more" if len(alone) > _NAMED else ""
        names = ", ".join(alone[:_NAMED])
        notes.append(f"nobody gave a ratio for {names}{more}: nothing is known of their value")
    if len(answers.members) > 1:
        notes.append(
            f"no ratio links the {len(answers.members)} groups that the compared projects fall into: "
            "values of different groups are not known against each other"
        )
    threshold = task.criterion.threshold
    if threshold is not None and threshold.kind == "rating":
        notes.append(
            f"rule {rule} has no rating level: nothing is said about the threshold {threshold.value:g}; "
            "state it relative to the typical project, or use another rule"
        )
    return notes


def _communities(task: FusionTask, fit: Callable[[RatioAnswers], LogRatioFit]) -> dict[str, FloatArray]:
    """Probability above the threshold from each community's answers alone; see `CriterionBeliefs.communities`."""
    if task.criterion.threshold is None or task.criterion.threshold.kind != "relative":
        return {}
    found = {}
    for community in task.panel.communities:
        inside = np.array([judge.is_person and judge.community == community for judge in task.panel])
        answers = RatioAnswers.of(task.comparisons.take(inside[task.comparisons.judge]), len(task.projects))
        if not len(answers):
            continue
        component, _ = _component(task, answers, fit(answers))
        if component.margin is None or component.margin_sd is None:
            continue
        above = ndtr(component.margin / component.margin_sd)
        found[community] = np.where(answers.degree > 0, above, np.nan)
    return found


def fit_beliefs(task: FusionTask, rule: str, fit: Callable[[RatioAnswers], LogRatioFit]) -> CriterionBeliefs:
    """Beliefs from people's ratio answers by a log-ratio model.

    Answers and jurors are counted as the rule used them: an order or a rating it sets aside is no evidence here.

    Args:
        task: What was said.
        rule: Name of the rule.
        fit: The model.

    Returns:
        Beliefs with one component.

    Raises:
        NoPeopleError: People answered nothing.
        InputError: No answer of a person gives a ratio.
        ConvergenceError: The fit did not settle.
    """
    answers = _require_answers(task, rule)
    fitted = fit(answers)
    component, wide = _component(task, answers, fitted)
    judge = task.comparisons.judge[task.comparisons.has_ratio]
    said = np.stack([np.concatenate([answers.a, answers.b]), np.concatenate([judge, judge])])
    return CriterionBeliefs(
        criterion=task.criterion.id,
        rule=rule,
        components=(component,),
        judgments=answers.degree,
        jurors=np.bincount(np.unique(said, axis=1)[0], minlength=answers.size),
        communities=_communities(task, fit),
        parameters={**fitted.parameters, "noise_sd": float(np.sqrt(fitted.noise)), "unknown_sd": float(np.sqrt(wide))},
        diagnostics={
            "optimality": fitted.residual,
            "iterations": float(fitted.iterations),
            "answers": float(len(answers)),
            "degrees_of_freedom": float(len(answers) - answers.rank),
            "groups": float(len(answers.members)),
        },
        warnings=tuple(f"{task.criterion.id}: {text}" for text in (*_warnings(task, rule, answers), *fitted.warnings)),
    )
