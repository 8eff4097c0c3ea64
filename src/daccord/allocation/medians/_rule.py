"""The registered rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from daccord.allocation._exact import decimal_text
from daccord.allocation._rules import MoneyResult, MoneyRule, MoneyTask, register
from daccord.allocation.medians._ballots import Stated, missing, stated
from daccord.allocation.medians._influence import MOST_CELLS, ballot_effects
from daccord.allocation.medians._median import Divided, columns, divide, twice_median
from daccord.allocation.medians._resamples import resamples
from daccord.allocation.medians._story import story
from daccord.round import MoneyInputs

__all__ = ["METRIC_MEDIAN", "solve"]


@dataclass(frozen=True, eq=False)
class _Solved:
    """A result, and all that it follows from; the inputs never change, so that being the same object is enough."""

    inputs: MoneyInputs
    rest: tuple[object, ...]
    result: MoneyResult


_last: list[_Solved] = []
"""The last one: a report asks hundreds of times what other scores would do, and no score moves these awards."""


def solve(task: MoneyTask) -> MoneyResult:
    """Divide the pot by medians, exactly."""
    rules = task.rules
    owners = tuple((project.id, project.ask, project.team) for project in task.projects)
    limits = (rules.metric_median, rules.minimum, rules.team_cap, task.evidence)
    rest = (owners, task.places, task.budget.amount, *limits)
    for solved in _last:
        if solved.inputs is task.inputs and solved.rest == rest:
            return solved.result
    result = _solve(task)
    _last[:] = [_Solved(task.inputs, rest, result)]
    return result


def _solve(task: MoneyTask) -> MoneyResult:
    said = stated(task)
    quorum = task.rules.metric_median.quorum
    ordered = columns(said, len(task))
    medians = [twice_median(column, quorum) for column in ordered]
    found = divide(task, medians)
    certificate = {"voters": str(len(said.voters))}
    if found.level is not None:
        certificate["minor units per 10^-12 of twice the median"] = decimal_text(found.level)
    warnings = []
    if not any(medians):
        warnings.append("No project has a median above zero with enough voters, so nothing can be paid.")
    short = sum(len(column) - column.count(0) < quorum for column in ordered)
    if short and quorum > 1:
        warnings.append(f"{short} of {len(task)} projects have fewer than the {quorum} voters that they need.")
    certificate |= _largest_effect(task, said)
    limits = [_limit(task, found, i, few=bool(column) and not medians[i]) for i, column in enumerate(ordered)]
    return MoneyResult(found.amounts, medians, limits, certificate, tuple(warnings))


def _largest_effect(task: MoneyTask, said: Stated) -> dict[str, str]:
    """What the ballot that changes most changed; the voter is not named."""
    if not said.voters:
        return {}
    name = "largest effect of one ballot on one project, minor units"
    if len(said.voters) * len(task) > MOST_CELLS:
        return {name: f"not computed: more than {MOST_CELLS} votes"}
    effects = ballot_effects(task, said)
    most = min(effects, key=lambda effect: (-abs(effect.change), task.ties[effect.project]))
    return {name: f"{most.change:+d}", "project with the largest effect of one ballot": task.ids[most.project]}


def _limit(task: MoneyTask, found: Divided, i: int, *, few: bool) -> str:
    """Why a project did not get more."""
    if few:
        return "quorum" if task.rules.metric_median.quorum > 1 else ""
    if found.small[i]:
        return "minimum"
    if found.amounts[i] == found.bounds[i]:
        return "cap" if found.bounds[i] < task.bounds[i] else task.bound_name(i)
    return "team_cap" if found.capped[i] else ""


METRIC_MEDIAN: Final = register(
    MoneyRule(
        name="metric-median",
        title="Median of what voters would give (Retro Funding)",
        model=(
            "Each voter names an amount for each project, or weights for measured results of the projects, from which "
            "amounts follow. The pot is divided in proportion to the medians of these amounts over the voters, within "
            "asks, a cap and team caps; what would get less than the smallest viable grant gets nothing, and the pot "
            "is divided again among the others."
        ),
        assumptions=(
            "Each ballot is one person who votes alone.",
            "Metrics measure what people want, and cannot be bought.",
            "A project that a voter does not name was not looked at; weights for metrics speak of all projects.",
        ),
        failure_modes=(
            "A metric that can be farmed pays who farms it: look at the ratio of trusted to all users.",
            "More than half of the voters decide alone, however many the others are.",
            "A project that few experts know and most voters give little gets little.",
            "Uncertainty, defence, diffusion and harm count only through the verdict.",
        ),
        source=(
            "Optimism Collective, Retro Funding 4 (2024), whose amounts it reproduces, and 3 (2023): median, quorum, "
            "cap and floor."
        ),
        solve=solve,
        resamples=resamples,
        lacks=missing,
        reads_scores=False,
        story=story,
    )
)
