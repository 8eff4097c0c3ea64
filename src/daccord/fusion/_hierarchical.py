"""The `hierarchical` rule: people's answers as evidence, models as prior, hyperparameters integrated.

Every project i has a log-value θ_i. People's answers are the only evidence (see `_evidence` for how a juror's stretch
and offset enter and `_likelihood` for the noise). What models say enters through the prior mean alone,

    θ ~ N( Σ_f c_f z_f , τ² I ),   c_f ≥ 0,

z_f being the standardised voice of a model family (`_voices`). c comes from answers of held-out jurors (`_heldout`), so
a model gains weight only by foreseeing what people say; the grid over τ and the noise is weighted by evidence. The
posterior is a mixture of one Gaussian approximation per grid point (`_posterior`). With no useful model c = 0 and the
result is purely human; without people there is no result.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from daccord.errors import NoPeopleError, Problem
from daccord.fusion._beliefs import Component, CriterionBeliefs, VoiceSkill
from daccord.fusion._covariance import smoothed_covariance
from daccord.fusion._evidence import RATING, Evidence, gather, rating_units
from daccord.fusion._heldout import GridPoint, HeldOut, learn_from_held_out
from daccord.fusion._margins import relative_margin
from daccord.fusion._pilot import learn_scales
from daccord.fusion._posterior import Fit, fit_conditional
from daccord.fusion._rules import FusionRule, register
from daccord.fusion._scales import Scales
from daccord.fusion._task import FusionTask
from daccord.fusion._voices import Voice, voices

__all__ = ["HIERARCHICAL", "fit_hierarchical"]

FloatArray = npt.NDArray[np.float64]

_SURE_COVERAGE = 0.75


def _rating_margin(
    fit: Fit, covariance: FloatArray, bar: float, scales: Scales, task: FusionTask
) -> tuple[FloatArray, FloatArray]:
    """How far a typical juror's rating of each project is above the bar, in natural-log units, with its sd."""
    middle, unit = rating_units(task)
    n = len(fit.theta)
    slope = float(np.exp(scales.rating_slope))
    above = fit.middle + slope * fit.theta - (bar - middle) / unit
    # Derivatives in θ_i, α and λ.
    gradient = np.stack([np.full(n, slope), np.ones(n), slope * fit.theta])
    at = np.stack([np.arange(n), np.full(n, n), np.full(n, n + 1)])
    variance = sum(gradient[i] * gradient[j] * covariance[at[i], at[j]] for i in range(3) for j in range(3))
    return above / slope, np.sqrt(np.maximum(variance, 0.0)) / slope


def _component(
    task: FusionTask, evidence: Evidence, mean: FloatArray, point: GridPoint, held_out: HeldOut
) -> tuple[Component, Fit]:
    scales, widening = held_out.scales, held_out.widening
    fit = fit_conditional(evidence, mean, point.tau, scales, noise=point.noise)
    n = evidence.size
    sampled = held_out.grouped_by == "juror"
    covariance = smoothed_covariance(evidence, fit, point.tau, scales, noise=point.noise, sampled=sampled)
    covariance *= widening**2
    threshold = task.criterion.threshold
    margin: tuple[FloatArray, FloatArray] | None = relative_margin(fit.theta, covariance[:n, :n], threshold)
    if threshold is not None and threshold.kind == "rating" and evidence.has(RATING):
        margin = _rating_margin(fit, covariance, threshold.value, scales, task)
    parameters = {
        "tau": point.tau,
        "noise_ratio": point.noise * scales.ratio * widening,
        "stretch_sd": scales.stretch_sd,
        **{f"c[{i}]": float(c) for i, c in enumerate(point.coefficients)},
    }
    component = Component(
        weight=point.weight,
        mean=fit.theta,
        covariance=covariance[:n, :n],
        margin=None if margin is None else margin[0],
        margin_sd=None if margin is None else margin[1],
        parameters=parameters,
    )
    return component, fit


def _communities(task: FusionTask, evidence: Evidence, held_out: HeldOut) -> Mapping[str, FloatArray]:
    """Probability above the threshold from each community's answers alone, without any model."""
    top = held_out.grid[0]
    spread = float(np.sqrt(top.tau**2 + (top.coefficients**2).sum()))
    community = np.array([task.panel.judges[judge].community for judge in evidence.judge])
    found: dict[str, FloatArray] = {}
    for name in task.panel.communities:
        own = evidence.take(community == name)
        if not len(own):
            continue
        alone = GridPoint(1.0, spread, top.noise, np.zeros(0), 0.0)
        component, _ = _component(task, own, np.zeros(own.size), alone, held_out)
        if component.margin is None or component.margin_sd is None:
            continue
        touched = np.zeros(own.size, dtype=np.bool_)
        touched[own.a] = True
        touched[own.b[own.b >= 0]] = True
        found[name] = np.where(touched, ndtr(component.margin / np.maximum(component.margin_sd, 1e-12)), np.nan)
    return found


def _skill(heard: tuple[Voice, ...], held_out: HeldOut) -> tuple[VoiceSkill, ...]:
    """What each voice contributes, averaged over the grid, largest first."""
    weights = np.array([point.weight for point in held_out.grid])
    coefficients = np.array([point.coefficients for point in held_out.grid]).reshape(len(weights), len(heard))
    taus = np.array([point.tau for point in held_out.grid])
    shares = coefficients**2 / ((coefficients**2).sum(axis=1) + taus**2)[:, None]
    found = [
        VoiceSkill(
            voice=voice.name,
            models=voice.models,
            coefficient=float(weights @ coefficients[:, i]),
            share=float(weights @ shares[:, i]),
            gain=float(held_out.gains[i]),
        )
        for i, voice in enumerate(heard)
    ]
    return tuple(sorted(found, key=lambda skill: (-skill.coefficient, skill.voice)))


def _warnings(task: FusionTask, skills: tuple[VoiceSkill, ...], held_out: HeldOut) -> list[str]:
    name = task.criterion.id
    found = []
    if held_out.grouped_by == "pair":
        found.append(
            f"{name}: too few jurors are told apart to hold out whole jurors; answers were held out by what was "
            "compared, so skill and intervals say nothing about new jurors"
        )
    if held_out.grouped_by == "nothing":
        found.append(f"{name}: too few answers to hold any out, so no model can show skill and none gets weight")
    if held_out.coverage < _SURE_COVERAGE:
        found.append(
            f"{name}: 80 % intervals held only {held_out.coverage:.0%} of held-out answers; all standard deviations "
            f"were widened by {held_out.widening:.2f}"
        )
    if held_out.answers and skills and all(skill.coefficient == 0 for skill in skills):
        found.append(f"{name}: no model foresaw people's answers; the result is purely human")
    found += [
        f"{name}: {skill.voice} explains {skill.share:.0%} of the prior, above the alarm at "
        f"{task.models.family_alarm:.0%}; ask people more, and other families"
        for skill in skills
        if skill.share > task.models.family_alarm
    ]
    if skills and task.models.override is not None:
        found.append(
            f"{name}: the cap on families was lifted by {task.models.override.by}: {task.models.override.reason}"
        )
    return found


def _held_out_diagnostics(held_out: HeldOut) -> dict[str, float]:
    """What was measured on held-out answers; nothing that was not."""
    found: dict[str, float] = {}
    if held_out.answers:
        found["held_out_log_density"] = max(point.score for point in held_out.grid) / held_out.answers
    if not np.isnan(held_out.coverage):
        found["held_out_coverage"] = held_out.coverage
    return found


def fit_hierarchical(task: FusionTask) -> CriterionBeliefs:
    """Fuse one criterion's judgments; see the module's docstring for the model.

    Args:
        task: Judgments of one criterion.

    Returns:
        A mixture posterior over all projects.

    Raises:
        NoPeopleError: Nobody but models answered.
        ConvergenceError: A fit did not settle.
    """
    evidence = gather(task)
    if not len(evidence):
        raise NoPeopleError(
            [
                Problem(
                    "comparisons.csv",
                    None,
                    None,
                    f"no answer of a person on {task.criterion.id}",
                    "models never decide alone: collect comparisons or ratings from people",
                )
            ]
        )
    heard, voice_warnings = voices(task)
    vectors = np.array([voice.vector for voice in heard]).T.reshape(evidence.size, len(heard))
    pilot_scales, pilot_tau = learn_scales(evidence, np.zeros(evidence.size))
    cap = None if task.models.override is not None else task.models.family_cap
    held_out = learn_from_held_out(evidence, vectors, pilot_scales, pilot_tau, cap)
    scales, widening = held_out.scales, held_out.widening
    fits = [_component(task, evidence, vectors @ point.coefficients, point, held_out) for point in held_out.grid]
    skills = _skill(heard, held_out)
    judgments, jurors = task.evidence_count
    weight = np.array([point.weight for point in held_out.grid])
    return CriterionBeliefs(
        criterion=task.criterion.id,
        rule="hierarchical",
        components=tuple(component for component, _ in fits),
        judgments=judgments,
        jurors=jurors,
        voices=skills,
        communities=_communities(task, evidence, held_out),
        parameters={
            "tau": float(weight @ np.array([point.tau for point in held_out.grid])),
            "noise_ratio": scales.ratio * float(weight @ np.array([point.noise for point in held_out.grid])),
            "noise_rating": scales.rating * float(weight @ np.array([point.noise for point in held_out.grid])),
            "interval_inflation": scales.inflation,
            "tie_threshold": scales.tie,
            "rating_units_per_nat": float(np.exp(scales.rating_slope) * rating_units(task)[1]),
            "widening": widening,
        },
        diagnostics={
            "optimality_residual": max(fit.residual for _, fit in fits),
            "grid_points": float(len(fits)),
            "held_out_answers": float(held_out.answers),
            **_held_out_diagnostics(held_out),
        },
        warnings=(*(f"{task.criterion.id}: {text}" for text in voice_warnings), *_warnings(task, skills, held_out)),
    )


HIERARCHICAL = register(
    FusionRule(
        name="hierarchical",
        title="Hierarchical fusion",
        model=(
            "People's ratio comparisons, orders, ties and ratings are noisy views of projects' log-values through each "
            "juror's own stretch and offset, with heavy-tailed noise. Model families set the prior mean, each with the "
            "weight that it earned on answers of held-out jurors; spread and noise are integrated over a grid."
        ),
        assumptions=(
            "One log-value a project and criterion, the same for all jurors up to stretch, offset and noise.",
            "Held-out jurors are like the jurors to come.",
            "Models had not seen the answers they are scored on, unless they are marked as having seen them.",
        ),
        failure_modes=(
            "Jurors who disagree in kind, not by noise: communities differ; the report shows them apart.",
            "A model trained on these very answers looks skilled: mark it as having seen them.",
            "Next to no answers: the prior speaks; such projects stay unrated.",
        ),
        source=(
            "Hierarchical linear models after Lindley and Smith (1972); ties after Glenn and David (1960); Laplace "
            "approximation on a hyperparameter grid after Rue, Martino and Chopin (2009)."
        ),
        fit=fit_hierarchical,
    )
)
