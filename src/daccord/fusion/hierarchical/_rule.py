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

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from daccord.errors import NoPeopleError, Problem
from daccord.fusion._beliefs import CommunityView, Component, CriterionBeliefs, JurorView, VoiceSkill
from daccord.fusion._margins import relative_margin
from daccord.fusion._rules import FusionRule, register
from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._covariance import smoothed_covariance
from daccord.fusion.hierarchical._evidence import RATING, Evidence, gather, rating_units
from daccord.fusion.hierarchical._grid import GridPoint
from daccord.fusion.hierarchical._heldout import HeldOut, learn_from_held_out
from daccord.fusion.hierarchical._pilot import learn_scales
from daccord.fusion.hierarchical._posterior import MANY, Fit, fit_conditional
from daccord.fusion.hierarchical._scales import Scales
from daccord.fusion.models._voices import Voice, voices

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
    if covariance.ndim == 1:
        variance = (gradient**2 * covariance[at]).sum(axis=0)
    else:
        variance = np.einsum("ik,jk,ijk->k", gradient, gradient, covariance[at[:, None], at[None, :]])
    return above / slope, np.sqrt(np.maximum(variance, 0.0)) / slope


def _component(
    task: FusionTask, evidence: Evidence, mean: FloatArray, point: GridPoint, held_out: HeldOut
) -> tuple[Component, Fit]:
    scales, widening = held_out.scales, held_out.widening
    fit = fit_conditional(evidence, mean, point.tau, scales, noise=point.noise, start=point.start)
    n = slice(evidence.size)
    sampled = held_out.grouped_by == "juror"
    covariance = smoothed_covariance(evidence, fit, point.tau, scales, noise=point.noise, sampled=sampled)
    covariance *= widening**2
    own = covariance[n] if covariance.ndim == 1 else covariance[n, n]
    threshold = task.criterion.threshold
    margin: tuple[FloatArray, FloatArray] | None = relative_margin(fit.theta, own, threshold)
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
        covariance=own,
        margin=None if margin is None else margin[0],
        margin_sd=None if margin is None else margin[1],
        parameters=parameters,
    )
    return component, fit


def _communities(
    task: FusionTask, evidence: Evidence, held_out: HeldOut, fit: Fit
) -> tuple[dict[str, FloatArray], dict[str, CommunityView]]:
    """What each community's answers alone say, without any model.

    Returns:
        Probability above the threshold, where the criterion has one the answers can be held against; and log-values.
    """
    top = held_out.grid[0]
    spread = float(np.sqrt(top.tau**2 + (top.coefficients**2).sum()))
    community = np.array([judge.community for judge in task.panel])[evidence.judged_by]
    above: dict[str, FloatArray] = {}
    views: dict[str, CommunityView] = {}
    for name in task.panel.communities:
        own = evidence.take(community == name)
        if not len(own):
            continue
        start = fit.state if len(own) > MANY else None
        alone = GridPoint(1.0, spread, top.noise, np.zeros(0), 0.0, start)
        component, _ = _component(task, own, np.zeros(own.size), alone, held_out)
        touched = own.touched
        views[name] = _view(component, own)
        if component.margin is not None and component.margin_sd is not None:
            sure = ndtr(component.margin / np.maximum(component.margin_sd, 1e-12))
            above[name] = np.where(touched, sure, np.nan)
    return above, views


def _view(component: Component, own: Evidence) -> CommunityView:
    """A community's log-values relative to the average of the projects it spoke about."""
    touched = own.touched
    share = touched / touched.sum()
    shared = component.covariance * share if component.covariance.ndim == 1 else component.covariance @ share
    variance = component.variance - 2 * shared + share @ shared
    return CommunityView(
        mean=np.where(touched, component.mean - share @ component.mean, np.nan),
        sd=np.where(touched, np.sqrt(np.maximum(variance, 0.0)), np.nan),
        jurors=len(np.unique(own.answered_by)),
        answers=len(own),
    )


def _jurors(task: FusionTask, evidence: Evidence, fit: Fit, held_out: HeldOut) -> tuple[JurorView, ...]:
    """How each person sees and says things, at the heaviest grid point."""
    answers = np.bincount(evidence.answered_by, minlength=evidence.jurors)
    judge = np.zeros(evidence.jurors, dtype=np.int64)
    judge[evidence.answered_by] = evidence.judged_by
    sd = np.sqrt(fit.juror_variance)
    rated = np.bincount(evidence.juror, evidence.kind == RATING, minlength=evidence.jurors) > 0
    return tuple(
        JurorView(
            juror=task.panel.judges[int(judge[j])].id,
            answers=int(answers[j]),
            stretch=float(np.exp(fit.stretch[j])),
            stretch_sd=float(sd[j, 0]),
            offset=float(fit.offset[j]),
            offset_sd=float(sd[j, 1]) if rated[j] else 0.0,
            noise=float(held_out.scales.juror[j]),
        )
        for j in range(evidence.jurors)
    )


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
    above, views = _communities(task, evidence, held_out, fits[0][1])
    weight = np.array([point.weight for point in held_out.grid])
    return CriterionBeliefs(
        criterion=task.criterion.id,
        rule="hierarchical",
        components=tuple(component for component, _ in fits),
        judgments=judgments,
        jurors=jurors,
        voices=skills,
        communities=above,
        community_views=views,
        juror_views=_jurors(task, evidence, fits[0][1], held_out),
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
            "People's ratio comparisons, orders, ties, rankings and ratings are noisy views of projects' log-values "
            "through each juror's own stretch and offset, with heavy-tailed noise. Model families set the prior mean, "
            "each with the weight that it earned on answers of held-out jurors; spread and noise are integrated over a "
            "grid."
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
        reads=("ratios", "orders", "ties", "ratings", "intervals", "rankings", "lists"),
        sure="posterior, checked against held-out people and widened if they are too narrow",
    )
)
