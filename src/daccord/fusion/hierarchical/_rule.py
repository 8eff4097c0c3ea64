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

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from daccord.errors import NoPeopleError, Problem
from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._rules import FusionRule, register
from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._component import component_at
from daccord.fusion.hierarchical._evidence import gather, rating_units
from daccord.fusion.hierarchical._heldout import HeldOut, learn_from_held_out
from daccord.fusion.hierarchical._pilot import learn_scales
from daccord.fusion.hierarchical._views import communities, juror_views, skills_of
from daccord.fusion.hierarchical._warnings import warnings_of
from daccord.fusion.models._voices import seen_by_voices, voices

__all__ = ["HIERARCHICAL", "fit_hierarchical"]

FloatArray = npt.NDArray[np.float64]


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
    what = task.criterion.id
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
    if any(task.panel[model].committed is not None for voice in heard for model in voice.models):
        evidence = replace(evidence, seen=seen_by_voices(task, heard)[:, : evidence.rows].T)
    task.tell(f"{what}: how noisy {len(evidence):,} answers are")
    pilot_scales, pilot_tau = learn_scales(evidence, np.zeros(evidence.size))
    cap = None if task.models.override is not None else task.models.family_cap
    task.tell(f"{what}: what {len(heard)} voices of models foresee of held-out people")
    held_out = learn_from_held_out(evidence, vectors, pilot_scales, pilot_tau, cap)
    scales, widening = held_out.scales, held_out.widening
    parts = []
    for k, point in enumerate(held_out.grid, start=1):
        task.tell(f"{what}: posterior, point {k} of {len(held_out.grid)} of the grid")
        parts.append(component_at(task, evidence, vectors @ point.coefficients, point, held_out))
    _, fit, covariance = parts[0]
    skills = skills_of(heard, held_out)
    judgments, jurors = task.evidence_count
    task.tell(f"{what}: communities and jurors")
    above, views = communities(task, evidence, held_out, fit)
    weight = np.array([point.weight for point in held_out.grid])
    noise = float(weight @ np.array([point.noise for point in held_out.grid]))
    noise_ratio = scales.ratio * noise
    return CriterionBeliefs(
        criterion=task.criterion.id,
        rule="hierarchical",
        components=tuple(component for component, _, _ in parts),
        judgments=judgments,
        jurors=jurors,
        voices=skills,
        communities=above,
        community_views=views,
        juror_views=juror_views(task, evidence, fit, covariance, scales),
        parameters={
            "tau": float(weight @ np.array([point.tau for point in held_out.grid])),
            "noise_ratio": noise_ratio,
            "noise_rating": scales.rating * noise,
            "interval_inflation": scales.inflation,
            "tie_threshold": scales.tie,
            "rating_units_per_nat": float(np.exp(scales.rating_slope) * rating_units(task)[1]),
            "widening": widening,
        },
        diagnostics={
            "optimality_residual": max(part.residual for _, part, _ in parts),
            "grid_points": float(len(parts)),
            "held_out_answers": float(held_out.answers),
            **_held_out_diagnostics(held_out),
        },
        warnings=(
            *(f"{task.criterion.id}: {text}" for text in voice_warnings),
            *warnings_of(task, evidence, skills, held_out, noise_ratio),
        ),
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
