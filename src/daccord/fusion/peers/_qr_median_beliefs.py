"""Beliefs of rules that value every project by itself: `qr-median`, `median`, `bridging`.

Such a rule gives a value and a variance a project and nothing that projects share, so Cov(θ) is diagonal. A project
that nobody valued gets the average value with the variance

    v = mean (θ − θ̄)² of valued projects + 2·(largest variance of a valued project),

which is a choice, not an estimate: it makes sure that no valued project is less certain than one nobody valued.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from daccord.errors import InputError, NoPeopleError, Problem
from daccord.fusion._beliefs import CommunityView, Component, CriterionBeliefs
from daccord.fusion._links import parted
from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._evidence import rating_units
from daccord.judging import Comparisons, Rankings, Ratings

__all__ = ["ProjectValues", "independent_margin", "projectwise_beliefs", "reading"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_NAMED = 5
"""Projects listed by name in a warning."""


@dataclass(frozen=True, eq=False)
class ProjectValues:
    """What a rule makes of each project by itself, arrays of shape (n_projects,).

    Attributes:
        value: Log-values, natural-log units; NaN where nobody valued the project.
        variance: Squared natural-log units, at least 0; NaN likewise.
        on_rating_scale: Whether values are ratings, in sixths of the scale from its middle, so that a threshold on the
            rating scale can be held against them.
        parameters: Effective values of what the rule fixed or learned.
        diagnostics: What a verifier wants.
        warnings: For people.
    """

    value: FloatArray
    variance: FloatArray
    on_rating_scale: bool = False
    parameters: Mapping[str, float] = field(default_factory=dict)
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def known(self) -> BoolArray:
        """True where somebody valued the project."""
        return np.isfinite(self.value)


def reading(task: FusionTask, *, comparisons: bool, ratings: bool) -> FusionTask:
    """The task without the kinds of answers a rule does not read; nobody reads rankings here."""
    told = task.judgments
    kept = replace(
        told,
        comparisons=told.comparisons if comparisons else Comparisons.empty(),
        ratings=told.ratings if ratings else Ratings.empty(),
        rankings=Rankings.empty(),
    )
    return replace(task, judgments=kept)


def independent_margin(
    value: FloatArray, variance: FloatArray, task: FusionTask, *, on_rating_scale: bool
) -> tuple[FloatArray, FloatArray] | None:
    """Margin of every project over the criterion's threshold, with its standard deviation.

    A relative threshold is measured from the average project, as `relative_margin` does with a diagonal covariance:
    Var(θ_i − θ̄) = σ_i²·(1 − 2/n) + Σσ²/n². One on the rating scale is a fixed point: the variance is σ_i².

    Args:
        value: θ, shape (n_projects,).
        variance: σ², shape (n_projects,).
        task: For the threshold and the rating scale.
        on_rating_scale: Whether θ is a rating in sixths of the scale from its middle.

    Returns:
        Margins and standard deviations, natural-log units; None without a threshold, or if values are not ratings and
        the threshold is.

    Raises:
        ValueError: A relative threshold is not a positive finite number.
    """
    threshold = task.criterion.threshold
    if threshold is None:
        return None
    if threshold.kind == "rating":
        if not on_rating_scale:
            return None
        middle, unit = rating_units(task)
        return value - (threshold.value - middle) / unit, np.sqrt(variance)
    if not (np.isfinite(threshold.value) and threshold.value > 0):
        raise ValueError(f"a relative threshold is a positive number of times, not {threshold.value!r}")
    size = len(value)
    spread = np.maximum(variance * (1 - 2 / size) + variance.sum() / size**2, 0.0)
    return value - value.mean() - np.log(threshold.value), np.sqrt(spread)


def _component(task: FusionTask, found: ProjectValues) -> Component:
    known = found.known
    middle = found.value[known].mean()
    wide = float(np.mean((found.value[known] - middle) ** 2) + 2 * found.variance[known].max())
    value, variance = np.where(known, found.value, middle), np.where(known, found.variance, wide)
    margin = independent_margin(value, variance, task, on_rating_scale=found.on_rating_scale)
    above, spread = (None, None) if margin is None else margin
    return Component(1.0, value, variance, above, spread, found.parameters)


def _require_answers(task: FusionTask, used: FusionTask, rule: str) -> None:
    """Refuse a task in which people said nothing the rule reads.

    Raises:
        NoPeopleError: People answered nothing.
        InputError: They answered, but nothing the rule reads.
    """
    if len(used.answering):
        return
    if len(task.answering):
        raise InputError.single(
            "comparisons.csv",
            f"people answered {task.criterion.id!r}, but nothing that rule {rule!r} reads",
            remedy="ask for comparisons or ratings, or choose a fusion rule that reads these answers",
        )
    raise NoPeopleError(
        [
            Problem(
                "comparisons.csv",
                None,
                None,
                f"no answer of a person on {task.criterion.id!r}",
                "add people's comparisons or ratings; models alone never decide",
            )
        ]
    )


def _notes(task: FusionTask, used: FusionTask, rule: str, found: ProjectValues) -> list[str]:
    """What was not used and what is not known, in words for people."""
    unused = {
        "comparisons of people": len(task.comparisons) - len(used.comparisons),
        "ratings of people": len(task.ratings) - len(used.ratings),
        "rankings of people": len(task.rankings),
        "comparisons by models": len(task.model_comparisons),
        "lists of models": len(task.judgments.lists),
    }
    notes = [f"rule {rule} does not use {what}: {count} set aside" for what, count in unused.items() if count]
    alone = [task.projects[i] for i in np.flatnonzero(~found.known)]
    if alone:
        more = f" and {len(alone) - _NAMED} more" if len(alone) > _NAMED else ""
        notes.append(f"too little was said about {', '.join(alone[:_NAMED])}{more}: nothing is known of their value")
    apart = parted(used, "each part's own typical project, taken to be equal")
    if apart:
        notes.append(apart)
    threshold = task.criterion.threshold
    if threshold is not None and threshold.kind == "rating" and not found.on_rating_scale:
        notes.append(
            f"rule {rule} has no rating level here: nothing is said about the threshold {threshold.value:g}; "
            "state it relative to the typical project, or use another rule"
        )
    return notes


def _communities(
    used: FusionTask, fit: Callable[[FusionTask], ProjectValues]
) -> tuple[dict[str, FloatArray], dict[str, CommunityView]]:
    """What each community's answers alone say under the same rule."""
    above: dict[str, FloatArray] = {}
    views: dict[str, CommunityView] = {}
    for community in used.panel.communities:
        own = used.only(np.array([judge.is_person and judge.community == community for judge in used.panel]))
        found = fit(own) if len(own.answering) else None
        if found is None or not found.known.any():
            continue
        component, known = _component(used, found), found.known
        share = known / known.sum()
        variance = component.variance * (1 - 2 * share) + share**2 @ component.variance
        views[community] = CommunityView(
            mean=np.where(known, component.mean - share @ component.mean, np.nan),
            sd=np.where(known, np.sqrt(np.maximum(variance, 0.0)), np.nan),
            jurors=len(own.answering),
            answers=len(own.comparisons) + len(own.ratings),
        )
        if component.margin is not None and component.margin_sd is not None:
            sure = ndtr(component.margin / np.maximum(component.margin_sd, 1e-12))
            above[community] = np.where(known, sure, np.nan)
    return above, views


def projectwise_beliefs(
    task: FusionTask, used: FusionTask, rule: str, fit: Callable[[FusionTask], ProjectValues]
) -> CriterionBeliefs:
    """Beliefs from a rule that values every project by itself.

    Answers and jurors are counted as the rule used them.

    Args:
        task: What was said.
        used: The part of it that the rule reads.
        rule: Name of the rule.
        fit: Values from such a part, of everybody or of one community.

    Returns:
        Beliefs with one component with variances only.

    Raises:
        NoPeopleError: People answered nothing.
        InputError: They answered nothing the rule reads, or too little to value a single project.
        ConvergenceError: A fit did not settle.
    """
    _require_answers(task, used, rule)
    found = fit(used)
    if not found.known.any():
        raise InputError.single(
            "ratings.csv",
            f"too few people answered {task.criterion.id!r} for rule {rule!r} to value a single project",
            remedy="ask more people about the same projects, or choose another fusion rule",
        )
    above, views = _communities(used, fit)
    judgments, jurors = used.evidence_count
    return CriterionBeliefs(
        criterion=task.criterion.id,
        rule=rule,
        components=(_component(task, found),),
        judgments=judgments,
        jurors=jurors,
        communities=above,
        community_views=views,
        parameters=found.parameters,
        diagnostics={"answers": float(len(used.comparisons) + len(used.ratings)), **found.diagnostics},
        warnings=tuple(f"{task.criterion.id}: {text}" for text in (*_notes(task, used, rule, found), *found.warnings)),
    )
