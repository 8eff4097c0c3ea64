"""The money rule `deep`: who is paid passes on what it owes to what it depends on.

Model. Another rule divides the pot (or donors do, by their gifts). Each project keeps a share of all credit that
comes to it and passes the rest on to its dependencies; shares of a project sum to one. Credit multiplies along a path
and adds over paths; a circle is the limit of going round it for ever. What a project keeps is its award.

Source: V. Buterin and others, Deep Funding (2024), for the graph, its weights and self-shares; W. K. Grassmann,
M. I. Taksar and D. P. Heyman, Operations Research 33 (1985), for the elimination without subtraction.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from daccord.allocation._rules import MoneyResult, MoneyRule, MoneyTask, register
from daccord.allocation.deep._base import base_lacks, base_seeds
from daccord.allocation.deep._draws import draw_deep
from daccord.allocation.deep._graph import closed_circles, components, graph_of, wrong_rows
from daccord.allocation.deep._settle import UNIT, Settled, settle
from daccord.allocation.deep._story import story

__all__ = ["DEEP"]

_SHOWN: Final = 5


def lacks(task: MoneyTask) -> str:
    """What is missing for the rule, in words."""
    if not task.inputs.dependencies:
        return "it has no dependency graph: add dependencies.csv"
    if wrong := wrong_rows(task.inputs.dependencies):
        project, total = wrong[0]
        return f"the shares of {project} sum to {total}, not to 1, or one is not positive: correct its dependencies"
    if circles := closed_circles(graph_of(task)):
        return (
            f"credit that comes to {', '.join(circles[0])} goes round for ever, because none of them keeps any: give "
            "one of them a share of its own"
        )
    return base_lacks(task)


def solve(task: MoneyTask) -> MoneyResult:
    """Divide by the base, pass on, round."""
    seeds, warnings = base_seeds(task)
    settled = settle(task, seeds)
    return MoneyResult(
        settled.amounts,
        [kept // 10**24 for kept in settled.kept],
        settled.limited_by,
        _certificate(task, seeds, settled),
        (*warnings, *_warnings(task, settled)),
    )


def _certificate(task: MoneyTask, seeds: list[int], settled: Settled) -> dict[str, str]:
    graph = graph_of(task)
    out = {
        "base": task.rules.deep.base,
        "minor units passed in by the base": str(sum(seeds)),
        "edges between projects that may be funded": str(sum(map(len, graph.to))),
        "circles": str(sum(len(members) > 1 for members in components(graph))),
        "credit that stopped, minor units": _number(settled.stopped),
        "cut by asks, team caps and the minimum, minor units": str(settled.cut),
    }
    for i, name in enumerate(task.ids):
        if settled.reached[i]:
            out[f"{name}: begins, comes, is kept"] = (
                f"{seeds[i]}, {_number(settled.reached[i])}, {_number(settled.kept[i])}"
            )
    return out


def _number(credit: int) -> str:
    """Credit in minor units, with all 30 places that are not zero."""
    whole, part = divmod(credit, UNIT)
    return f"{whole}.{part:030d}".rstrip("0").rstrip(".")


def _warnings(task: MoneyTask, settled: Settled) -> list[str]:
    money = task.budget.currency.format
    out = []
    if settled.stopped:
        worst = sorted(settled.lost, key=lambda item: (-item[1], item[0]))
        names = ", ".join(f"{one} ({money(credit // UNIT)})" for one, credit in worst[:_SHOWN])
        more = f" and {len(worst) - _SHOWN} more" if len(worst) > _SHOWN else ""
        amount = money(-(-settled.stopped // UNIT))
        out.append(
            f"{amount} of credit stopped at projects that may not be funded and stay unallocated: {names}{more}."
        )
    if settled.cut:
        out.append(
            f"{money(settled.cut)} of credit are above an ask or a team's cap, or below the minimum; unallocated."
        )
    return out


DEEP: Final = register(
    MoneyRule(
        name="deep",
        title="Passed on along dependencies",
        model=(
            "Another rule, or donors by their gifts, divides the pot. Every project keeps a stated share of the credit "
            "that comes to it and passes the rest on to what it depends on. Credit multiplies along a path and adds "
            "over paths, round circles to the limit of the series. What a project keeps is its award."
        ),
        assumptions=(
            "Shares say what part of a project's worth is owed to each dependency, and what part is its own.",
            "Shares do not depend on how much money comes.",
            "The projects with which credit begins are valued whole, with what they rest upon.",
        ),
        failure_modes=(
            "Who states a project's shares can send its credit to friends: ask others than its owners.",
            "A dependency that is judged as well counts twice: by itself, and through those that depend on it.",
            "Credit that comes to a project that may not be funded stops there; the warning says how much.",
            "Shares of a model are as good as the model, and nothing here says how sure they are.",
        ),
        source=(
            "V. Buterin and others, Deep Funding (2024), for the graph with self-shares; W. Grassmann, M. Taksar and "
            "D. Heyman (1985) for the elimination"
        ),
        solve=solve,
        draws=draw_deep,
        lacks=lacks,
        reads_scores=False,
        story=lambda task: partial(story, task),
    )
)
