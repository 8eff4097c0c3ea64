"""Rule `bradley-terry`: who was put above whom, with a tie parameter and a stated prior.

Model: `_fit`, with the prior θ_i ~ N(0, `PRIOR_SD`²), so that there is always exactly one solution. The covariance is
the posterior's, H⁺, times the design effect

    c = max(1, tr(V) / tr(M)),   V the sandwich over jurors, M what it would be if answers were independent,

so that answers of a juror that lean the same way, and the pairs of a ranking, do not count as more than they are. One
factor for all projects, because a project's own sandwich is noise where jurors are few. M = H⁺·L·H⁺ with L = H − I/τ²,
so that tr(M) = tr(H⁺) − tr(H⁺H⁺)/τ².
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from daccord.fusion._beliefs import Component, CriterionBeliefs
from daccord.fusion._rules import FusionRule, register
from daccord.fusion._task import FusionTask
from daccord.fusion.pairwise._counts import PairCounts
from daccord.fusion.pairwise._fit import PairFit, fit_pairs
from daccord.fusion.pairwise._games import Games, games_of
from daccord.fusion.pairwise._graph import Links, linked
from daccord.fusion.pairwise._spread import Spread, independent_trace, model_spread
from daccord.fusion.pairwise._voters import VoterSums, voter_spread

__all__ = ["BRADLEY_TERRY", "PRIOR_SD"]

FloatArray = npt.NDArray[np.float64]

PRIOR_SD: Final = 1.5
"""τ, natural log-odds: nineteen of twenty projects beat the average one with odds between 1 : 20 and 20 : 1."""

_NAMED = 5
"""Projects listed by name in a warning."""


def _fitted(games: Games, size: int) -> tuple[PairCounts, PairFit, Spread, float]:
    """Counts, fit, the model's spread and the design effect."""
    counts = PairCounts.of(games.a, games.b, games.outcome, size)
    fit = fit_pairs(counts, precision=PRIOR_SD**-2)
    model = model_spread(fit)
    _, voter = np.unique(games.judge, return_inverse=True)
    sums = VoterSums(fit, int(voter.max(initial=-1)), squares=True)
    sums.add(games.a, games.b, games.outcome, voter)
    if sums.voters < 2:
        return counts, fit, model, 1.0
    expected = independent_trace(fit, model)
    return counts, fit, model, max(1.0, float(voter_spread(fit, sums, model).variance.sum()) / expected)


def _component(task: FusionTask, fit: PairFit, model: Spread, effect: float) -> Component:
    covariance = model.variance if model.covariance is None else model.covariance
    parameters = {"tie_parameter": fit.tie, "design_effect": effect}
    threshold = task.criterion.threshold
    if threshold is None or threshold.kind != "relative":
        return Component(1.0, fit.theta, effect * covariance, parameters=parameters)
    # θ sums to zero and its variances are those relative to the typical project.
    margin, spread = fit.theta - np.log(threshold.value), np.sqrt(effect * model.variance)
    return Component(1.0, fit.theta, effect * covariance, margin, spread, parameters)


def _warnings(task: FusionTask, games: Games, links: Links) -> list[str]:
    """What was not used and what is not known, in words for people."""
    unused = {
        "ratings of people": len(task.ratings),
        "comparisons by models": len(task.model_comparisons),
        "lists of models": len(task.judgments.lists),
    }
    notes = [f"rule bradley-terry does not use {what}: {count} set aside" for what, count in unused.items() if count]
    if ratios := int(task.comparisons.has_ratio.sum()):
        notes.append(f"rule bradley-terry reads {ratios} ratios as orders: how many times is set aside")
    if len(task.rankings):
        notes.append(f"rule bradley-terry reads {len(task.rankings)} rankings as comparisons of every two projects")
    alone = [task.projects[i] for i in np.flatnonzero(games.answers == 0)]
    if alone:
        more = f" and {len(alone) - _NAMED} more" if len(alone) > _NAMED else ""
        notes.append(f"nobody compared {', '.join(alone[:_NAMED])}{more}: nothing is known of their value")
    if links.groups - links.alone > 1:
        notes.append(
            f"no comparison links the {links.groups - links.alone} groups that the compared projects fall into: "
            "values of different groups are known against each other through the prior only"
        )
    elif links.strong - links.alone > 1:
        notes.append(
            "some projects never lost to, or tied with, the others, directly or through more: how far they are ahead "
            "is known through the prior only"
        )
    threshold = task.criterion.threshold
    if threshold is not None and threshold.kind == "rating":
        notes.append(
            f"rule bradley-terry has no rating level: nothing is said about the threshold {threshold.value:g}; "
            "state it relative to the typical project, or use another rule"
        )
    return notes


def _communities(task: FusionTask) -> dict[str, FloatArray]:
    """Probability above the threshold from each community's answers alone; see `CriterionBeliefs.communities`."""
    if task.criterion.threshold is None or task.criterion.threshold.kind != "relative":
        return {}
    found, size = {}, len(task.projects)
    for community in task.panel.communities:
        inside = np.array([judge.is_person and judge.community == community for judge in task.panel])
        comparisons = task.comparisons.take(inside[task.comparisons.judge])
        games = Games.of(comparisons, task.rankings.take(inside[task.rankings.judge]), size)
        if not len(games):
            continue
        _, fit, model, effect = _fitted(games, size)
        component = _component(task, fit, model, effect)
        if component.margin is not None and component.margin_sd is not None:
            above = ndtr(component.margin / np.maximum(component.margin_sd, 1e-12))
            found[community] = np.where(games.answers > 0, above, np.nan)
    return found


def _fit(task: FusionTask) -> CriterionBeliefs:
    games = games_of(task, "bradley-terry")
    counts, fit, model, effect = _fitted(games, len(task.projects))
    links = linked(counts)
    component = _component(task, fit, model, effect)
    return CriterionBeliefs(
        criterion=task.criterion.id,
        rule="bradley-terry",
        components=(component,),
        judgments=games.answers,
        jurors=games.jurors,
        communities=_communities(task),
        parameters={"prior_sd": PRIOR_SD, **component.parameters},
        diagnostics={
            "optimality": fit.residual,
            "iterations": float(fit.iterations),
            "answers": float(len(games)),
            "groups": float(links.groups - links.alone),
            "approximation": model.error,
        },
        warnings=tuple(f"{task.criterion.id}: {text}" for text in _warnings(task, games, links)),
    )


BRADLEY_TERRY = register(
    FusionRule(
        name="bradley-terry",
        title="Bradley–Terry with ties",
        model=(
            "The difference of two projects' values is the log-odds that people put one above the other; a tie has a "
            "learned parameter (Davidson). Values have a normal prior of standard deviation 1.5 around the typical "
            "project. How many times more a project is worth is not read, only which is worth more; a ranking is read "
            "as comparisons of every two of its projects."
        ),
        assumptions=(
            "every juror is equally exact, and means the same by 'more'",
            "jurors are independent of each other; answers of one juror need not be",
            "values lie within about three log-odds of the typical project, unless answers say otherwise",
        ),
        failure_modes=(
            (
                "values are log-odds, not logs of how many times: where everybody agrees they move apart without limit "
                "but the prior, and shares of money follow them"
            ),
            "ratios are read as orders, and ratings and models are set aside; the warnings say how many",
            (
                "where projects are not linked, or one group never lost to another, their distance is what the prior "
                "says; a warning says so"
            ),
            "with few jurors the factor for answers that lean the same way is itself uncertain; it is never below 1",
        ),
        source=(
            "R. A. Bradley and M. E. Terry, Biometrika 39 (1952) 324–345; R. R. Davidson, JASA 65 (1970) 317–328, for "
            "ties"
        ),
        fit=_fit,
        reads=("ratios", "orders", "ties", "rankings"),
        sure="curvature of the posterior, widened by how jurors differ",
    )
)
"""Bradley and Terry's model as a named rule."""
