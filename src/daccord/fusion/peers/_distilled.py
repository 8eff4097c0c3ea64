"""Rules `distilled` and `distilled-arithmetic`: people choose among models' lists, and the choice is the result.

The combination of lists that fits people's ratios best (`_distilled_fit`) is taken for the value of every project. Its
covariance has two parts, with L = ∂θ/∂w and the support S of the weights:

    Cov(θ) = L_S·V·L_Sᵀ + τ²·I.

V is the sandwich covariance of the weights within the face of the simplex that they lie on, with whole jurors as the
unit from ten jurors on and single answers below; the choice of the face itself is not in it. τ² is what the combination
cannot express: the misfit of an answer holds τ² twice (two projects) and the answers' own noise σ², which a
least-squares fit of the values tells,

    τ² = max( (RSS/(m − |S| + 1) − σ²)/2 , (ln 1.1)² ),

and if no answer can be checked against another, τ² = RSS/3m, as if both were equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError, NoPeopleError, Problem
from daccord.fusion._beliefs import Component, CriterionBeliefs
from daccord.fusion._margins import relative_margin
from daccord.fusion._rules import FusionRule, register
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._distilled_fit import Combination, DistilledFit, fit_distilled
from daccord.fusion.peers._least_squares import fit_least_squares
from daccord.fusion.peers._log_ratios import NOISE_FLOOR
from daccord.fusion.peers._ratio_answers import RatioAnswers

__all__ = ["DISTILLED", "DISTILLED_ARITHMETIC"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

CLUSTERED_FROM: Final = 10
"""Jurors from which on they, and not their answers, are the unit of the sandwich covariance."""

_COPY: Final = 1e-9
"""Natural-log units within which two lists say the same."""


@dataclass(frozen=True, eq=False)
class _Lists:
    """Lists that may be combined, by model id.

    Attributes:
        models: Ids, sorted.
        values: Log-weights in columns, shape (n_projects, n_lists).
        place: When each model was registered; only equals are told apart by it, shape (n_lists,).
        notes: What was set aside, for people.
    """

    models: tuple[str, ...]
    values: FloatArray
    place: IntArray
    notes: tuple[str, ...]


def _lists(task: FusionTask, rule: str) -> _Lists:
    """Lists without those that saw answers or have gaps, and without copies of lists that were registered before.

    Raises:
        InputError: None is left.
    """
    place = {model: i for i, model in enumerate(task.registered or [judge.id for judge in task.panel])}
    models, columns, notes = list[str](), list[FloatArray](), list[str]()
    for entry in sorted(task.judgments.lists, key=lambda told: place[told.model]):
        gaps = [project for project in task.projects if project not in entry.weights]
        if task.panel[entry.model].exposure == "seen":
            notes.append(f"{entry.model} had seen people's answers; its list is set aside")
            continue
        if gaps:
            notes.append(f"the list of {entry.model} leaves out {len(gaps)} projects; it is set aside")
            continue
        values = np.log(np.array([entry.weights[project] for project in task.projects]))
        values -= values.mean()
        copied = next((models[k] for k, known in enumerate(columns) if np.abs(known - values).max() <= _COPY), None)
        if copied is not None:
            notes.append(f"the list of {entry.model} is an exact copy of the one of {copied} and adds nothing")
            continue
        models.append(entry.model)
        columns.append(values)
    if not models:
        aside = "; ".join(notes) or "there is none"
        raise InputError.single(
            "lists",
            f"rule {rule!r} combines models' lists on {task.criterion.id!r}, and no list can be used: {aside}",
            remedy="add a full list of a model that had not seen people's answers, or choose another fusion rule",
        )
    # No order of a file may change a bit, so columns are sorted; the place counts where lists are equally good.
    order = sorted(range(len(models)), key=models.__getitem__)
    return _Lists(
        tuple(models[k] for k in order), np.column_stack([columns[k] for k in order]), np.array(order), tuple(notes)
    )


def _answers(task: FusionTask, rule: str) -> tuple[RatioAnswers, IntArray]:
    """People's ratios, and the position of the juror behind each.

    Raises:
        NoPeopleError: People answered nothing.
        InputError: They answered, but never how many times.
    """
    told = task.comparisons.take(task.comparisons.has_ratio)
    if len(told):
        return RatioAnswers.of(told, len(task.projects)), told.judge
    if len(task.answering):
        raise InputError.single(
            "comparisons.csv",
            f"no answer of a person on {task.criterion.id!r} says how many times, and rule {rule!r} uses nothing else",
            remedy="ask for ratios, or choose a fusion rule that uses orders and ratings",
        )
    problem = f"no comparison by a person on {task.criterion.id!r}"
    remedy = "add people's comparisons with a ratio; models alone never decide"
    raise NoPeopleError([Problem("comparisons.csv", None, None, problem, remedy)])


def _weight_covariance(answers: RatioAnswers, judge: IntArray, fit: DistilledFit) -> FloatArray:
    """V: sandwich covariance of all weights, zero off the support, shape (n_lists, n_lists)."""
    support = np.flatnonzero(fit.weights > 0)
    whole = np.zeros((len(fit.weights), len(fit.weights)))
    if len(support) < 2:
        return whole
    design = (fit.slope[answers.a] - fit.slope[answers.b])[:, support]
    tangent = np.vstack([-np.ones(len(support) - 1), np.eye(len(support) - 1)])
    along = design @ tangent
    _, unit = np.unique(judge, return_inverse=True)
    if unit.max() + 1 < CLUSTERED_FROM:
        unit = np.arange(len(answers))
    pulls = np.zeros((unit.max() + 1, along.shape[1]))
    np.add.at(pulls, unit, along * answers.residuals(fit.theta)[:, None])
    units = len(pulls)
    correction = units / max(units - along.shape[1], 1)
    bread = np.linalg.pinv(along.T @ along)
    spread = tangent @ (bread @ (pulls.T @ pulls) @ bread * correction) @ tangent.T
    whole[np.ix_(support, support)] = spread
    return whole


def _misfit_variance(answers: RatioAnswers, fit: DistilledFit) -> float:
    """τ², squared natural-log units."""
    freedom = len(answers) - int((fit.weights > 0).sum()) + 1
    if len(answers) > answers.rank:
        least = (fit.cost / max(freedom, 1) - fit_least_squares(answers).noise) / 2
    else:
        least = fit.cost / (3 * len(answers))
    return max(least, NOISE_FLOOR**2)


def _warnings(task: FusionTask, rule: str, answers: RatioAnswers, lists: _Lists, fit: DistilledFit) -> list[str]:
    unused = {
        "order-only answers of people": len(task.comparisons) - len(answers),
        "ratings of people": len(task.ratings),
        "rankings of people": len(task.rankings),
        "comparisons by models": len(task.model_comparisons),
    }
    notes = [*lists.notes]
    notes += [f"rule {rule} does not use {what}: {count} set aside" for what, count in unused.items() if count]
    if len(lists.models) == 1:
        notes.append(f"{lists.models[0]} gave the only list: people's answers change nothing but the intervals")
    elif fit.weights.max() > task.models.family_cap:
        ahead = lists.models[int(np.argmax(fit.weights))]
        notes.append(f"{ahead} has {fit.weights.max():.0%} of the weight; this rule knows no cap on models")
    threshold = task.criterion.threshold
    if threshold is not None and threshold.kind == "rating":
        notes.append(
            f"rule {rule} has no rating level: nothing is said about the threshold {threshold.value:g}; "
            "state it relative to the typical project, or use another rule"
        )
    return notes


def _fit(task: FusionTask, rule: str, combination: Combination) -> CriterionBeliefs:
    answers, judge = _answers(task, rule)
    lists = _lists(task, rule)
    fit = fit_distilled(answers, lists.values, combination, lists.place)
    misfit = _misfit_variance(answers, fit)
    covariance = fit.slope @ _weight_covariance(answers, judge, fit) @ fit.slope.T
    covariance += misfit * np.eye(answers.size)
    theta = fit.theta - fit.theta.mean()
    margin = relative_margin(theta, covariance, task.criterion.threshold)
    above, spread = (None, None) if margin is None else margin
    said = np.stack([np.concatenate([answers.a, answers.b]), np.concatenate([judge, judge])])
    return CriterionBeliefs(
        criterion=task.criterion.id,
        rule=rule,
        components=(Component(1.0, theta, covariance, above, spread),),
        judgments=answers.degree,
        jurors=np.bincount(np.unique(said, axis=1)[0], minlength=answers.size),
        parameters={
            **{f"weight.{model}": float(weight) for model, weight in zip(lists.models, fit.weights, strict=True)},
            "misfit_sd": float(np.sqrt(misfit)),
        },
        diagnostics={
            "optimality": fit.residual,
            "iterations": float(fit.iterations),
            "answers": float(len(answers)),
            "cost": fit.cost,
        },
        warnings=tuple(f"{task.criterion.id}: {text}" for text in _warnings(task, rule, answers, lists, fit)),
    )


def _rule(name: str, title: str, combination: Combination, words: str, failure_modes: tuple[str, ...]) -> FusionRule:
    return FusionRule(
        name=name,
        title=title,
        model=(
            f"Values are {words}, with the weights, none below zero and summing to one, that leave the smallest sum of "
            "squared differences to the logs of people's stated ratios. Lists that had seen people's answers, that "
            "leave projects out, or that are exact copies are set aside."
        ),
        assumptions=(
            "some combination of the lists is right about every project, also those that nobody was asked about",
            "people's answers are many compared with the lists; the fit is not held out",
            "a list's ratios can be taken at their word: no list is stretched",
        ),
        failure_modes=(
            *failure_modes,
            (
                "people's answers only choose between lists: what all lists get wrong stays wrong, and with one list "
                "people change nothing"
            ),
            "weights fitted to few answers flatter themselves; compare on held-out people before trusting them",
            "variants of one list, slightly perturbed, win weight together; there is no cap on a family of models",
        ),
        source=(
            "V. Buterin, 'AI as the engine, humans as the steering wheel' (2025), distilled human judgement; loss and "
            "constraint as in github.com/deepfunding/scoring"
        ),
        fit=partial(_fit, rule=name, combination=combination),
        reads=("ratios", "lists"),
        sure="sandwich covariance of the weights, plus what the combination cannot express",
    )


DISTILLED = register(
    _rule(
        "distilled",
        "Distilled human judgement (Deep Funding)",
        "geometric",
        "a weighted average of the logs of models' lists",
        ("one near-zero weight in a list that counts nearly vetoes that project",),
    )
)
"""Geometric combination of lists, as the published code does."""

DISTILLED_ARITHMETIC = register(
    _rule(
        "distilled-arithmetic",
        "Distilled human judgement, shares averaged",
        "arithmetic",
        "the log of a weighted average of the shares that models' lists give",
        ("the best weights are searched from several starts, and nothing proves that there are no better ones",),
    )
)
"""Arithmetic combination of lists, as the prose says that introduced the method."""
