"""What the rule says about people and models: communities apart, each juror, each voice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from daccord.fusion._beliefs import CommunityView, Component, JurorView, VoiceSkill
from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._component import component_at
from daccord.fusion.hierarchical._evidence import RATING, Evidence
from daccord.fusion.hierarchical._grid import GridPoint
from daccord.fusion.hierarchical._heldout import HeldOut
from daccord.fusion.hierarchical._posterior import MANY, Fit
from daccord.fusion.hierarchical._scales import Scales
from daccord.fusion.models._voices import Voice

__all__ = ["communities", "juror_views", "skills_of"]

FloatArray = npt.NDArray[np.float64]


def communities(
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
        component, _, _ = component_at(task, own, np.zeros(own.size), alone, held_out)
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


def juror_views(
    task: FusionTask, evidence: Evidence, fit: Fit, covariance: FloatArray, scales: Scales
) -> tuple[JurorView, ...]:
    """How each person sees and says things.

    Args:
        task: Who is who.
        evidence: People's answers.
        fit: The fit at the heaviest grid point.
        covariance: Of (θ, α, λ) there: a juror's stretch is no better known than the values it stretches.
        scales: Noise scales.
    """
    answers = np.bincount(evidence.answered_by, minlength=evidence.jurors)
    judge = np.zeros(evidence.jurors, dtype=np.int64)
    judge[evidence.answered_by] = evidence.judged_by
    sd = np.sqrt(fit.information.jurors_given(covariance))
    rated = np.bincount(evidence.juror, evidence.kind == RATING, minlength=evidence.jurors) > 0
    return tuple(
        JurorView(
            juror=task.panel.judges[int(judge[j])].id,
            answers=int(answers[j]),
            stretch=float(np.exp(fit.stretch[j])),
            stretch_sd=float(sd[j, 0]),
            offset=float(fit.offset[j]),
            offset_sd=float(sd[j, 1]) if rated[j] else 0.0,
            noise=float(scales.own[j]),
        )
        for j in range(evidence.jurors)
    )


def skills_of(heard: tuple[Voice, ...], held_out: HeldOut) -> tuple[VoiceSkill, ...]:
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
