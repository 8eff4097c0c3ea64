"""The money rules `equal-shares` and `greedy`: an election among a round's projects.

A project costs what it asks for and gets all of it or nothing. What such a rule cannot honour – caps for teams, floors
for domain cells, a harm budget – is refused and not passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._exact import as_written
from daccord.allocation._rules import MoneyResult, MoneyRule, MoneyTask, register
from daccord.allocation.elections._election import Election
from daccord.allocation.elections._greedy import greedy
from daccord.allocation.elections._resample import resample_greedy, resample_shares
from daccord.allocation.elections._shares import equal_shares
from daccord.allocation.elections._trace import Outcome
from daccord.allocation.elections._words import certificate

__all__ = ["EQUAL_SHARES", "GREEDY", "election_of", "hold_equal_shares", "hold_greedy"]

FloatArray = npt.NDArray[np.float64]


def _unhonoured(task: MoneyTask) -> str:
    rules = task.rules
    asked = [("team_cap", rules.team_cap), ("floors", rules.floors or None), ("harm_budget", rules.harm_budget)]
    names = " and ".join(f"rules.money.{name}" for name, value in asked if value is not None)
    return f"it buys whole projects by votes alone and cannot keep to {names}: remove that from the rules" * bool(names)


def lacks(task: MoneyTask) -> str:
    """What keeps an election from being held; empty if nothing does."""
    if not len(task.inputs.ballots):
        return "nobody voted: add ballots.csv"
    nameless = [project.id for project in task.projects if project.ask is None]
    if nameless:
        some = ", ".join(nameless[:3]) + (f" and {len(nameless) - 3} more" if len(nameless) > 3 else "")
        return f"a project is bought at what it asks for, and there is no ask of {some}: add it"
    return _unhonoured(task)


def _able(task: MoneyTask) -> list[int]:
    """Positions of the projects that can stand for election: those whose ask is not below the smallest grant."""
    return [i for i, project in enumerate(task.projects) if (project.ask or 0) >= max(task.rules.minimum, 1)]


def election_of(task: MoneyTask) -> Election:
    """The election among the projects that may be funded.

    Points for other projects do not count. Their voters do: everybody who took part has an equal share of the pot.
    """
    able = _able(task)
    places = task.places or tuple(range(len(task)))
    return Election.of(
        [task.ids[i] for i in able],
        [task.projects[i].ask or 0 for i in able],
        task.budget.amount,
        task.inputs.ballots,
        [places[i] for i in able],
    )


def _unit(task: MoneyTask) -> int:
    return task.rules.election.unit or 10**task.budget.currency.digits


def hold_equal_shares(task: MoneyTask) -> Outcome:
    """The election by equal shares, with all that it tells about itself."""
    rules = task.rules.election
    return equal_shares(
        election_of(task),
        completion=rules.completion,
        comparison=rules.comparison,
        utility=rules.utility,
        threshold=as_written(rules.threshold),
        unit=_unit(task),
        until_full=rules.until_full,
    )


def hold_greedy(task: MoneyTask) -> Outcome:
    """The election by score, with all that it tells about itself."""
    rules = task.rules.election
    return greedy(election_of(task), as_written(rules.threshold), skips=rules.skips)


def _result(task: MoneyTask, outcome: Outcome) -> MoneyResult:
    able = _able(task)
    election = outcome.election
    amounts, weights = [0] * len(task), [0] * len(task)
    # What does not stand for election: its ask is below the smallest grant, or met already by a fixed one.
    limited = ["minimum" if project.ask else "ask" for project in task.projects]
    won = set(outcome.winners)
    for position, i in enumerate(able):
        weights[i] = election.scores[position]
        limited[i] = "ask" if position in won else "ballots"
        amounts[i] = election.costs[position] if position in won else 0
    dear = [election.ids[one.project] for one in outcome.missed if one.reason == "too_dear"]
    warnings = [f"{name} asks for more than the whole pot, so it cannot be bought." for name in dear]
    if outcome.comparison is not None and outcome.comparison.switches:
        warnings.append(
            f"The comparison step replaced the outcome of equal shares by that of greedy: {outcome.comparison.greedy} "
            f"voters are better off with it, {outcome.comparison.shares} with equal shares."
        )
    return MoneyResult(amounts, weights, limited, certificate(outcome, task.budget.currency), tuple(warnings))


def _resampled(
    resample: Callable[[MoneyTask, Election, int, int], FloatArray],
) -> Callable[[MoneyTask, int, int], FloatArray]:
    def resamples(task: MoneyTask, number: int, seed: int) -> FloatArray:
        out = np.zeros((number, len(task)))
        out[:, _able(task)] = resample(task, election_of(task), number, seed)
        return out

    return resamples


def _shares_again(task: MoneyTask, election: Election, number: int, seed: int) -> FloatArray:
    return resample_shares(election, task.rules.election, _unit(task), number, seed)


def _greedy_again(task: MoneyTask, election: Election, number: int, seed: int) -> FloatArray:
    return resample_greedy(election, task.rules.election, number, seed)


_COMMON: Final[Sequence[str]] = (
    "A project is worth having only as a whole and costs what it asks for.",
    "Each ballot is one person's, and says what that person wants.",
)

EQUAL_SHARES: Final = register(
    MoneyRule(
        name="equal-shares",
        title="Whole projects, each voter with an equal share of the pot",
        model=(
            "Every voter gets an equal share of the pot. A project is bought when its supporters can pay for it, the "
            "one first that asks least of them per unit of what it is worth to them; they pay in proportion to that, "
            "and who has less pays all that is left. If money remains, everybody gets one unit more and it is done "
            "again until the pot would be overspent, and then the rest goes by score."
        ),
        assumptions=(*_COMMON, "Every voter should decide about the same amount of money."),
        failure_modes=(
            "Voters who name one project only leave money unspent, and shares are then raised far: compare the two.",
            "More votes can cost a project its place, and a larger pot can, because outcomes do not grow steadily.",
            "Defence, diffusion and harm count only through the verdict; caps and floors are refused.",
        ),
        source=(
            "D. Peters, G. Pierczyński and P. Skowron, “Proportional Participatory Budgeting with Additive Utilities” "
            "(2021); completion and comparison step as cities use them, equalshares.net and Pabulib."
        ),
        solve=lambda task: _result(task, hold_equal_shares(task)),
        resamples=_resampled(_shares_again),
        lacks=lacks,
        reads_scores=False,
    )
)

GREEDY: Final = register(
    MoneyRule(
        name="greedy",
        title="Whole projects, the one with the most votes first",
        model=(
            "Projects are taken in the order of the points they were given, as long as they fit into what is left of "
            "the pot. One that does not fit is passed over, or ends it, as the rules say."
        ),
        assumptions=(*_COMMON, "Whoever can fill the pot with votes may decide about all of it."),
        failure_modes=(
            "A slim majority that agrees takes the whole pot: compare with `equal-shares`.",
            "Dear projects win over several cheap ones that please more people.",
            "Defence, diffusion and harm count only through the verdict; caps and floors are refused.",
        ),
        source="The rule of most participatory budgets; Pabulib calls it `greedy`, and `greedy-no-skip` if it stops.",
        solve=lambda task: _result(task, hold_greedy(task)),
        resamples=_resampled(_greedy_again),
        lacks=lacks,
        reads_scores=False,
    )
)
