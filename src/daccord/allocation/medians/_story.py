"""Why projects get what medians give them, in sentences."""

from __future__ import annotations

from collections.abc import Callable

from daccord.allocation._rules import MoneyTask
from daccord.allocation.medians._ballots import FINE, stated
from daccord.allocation.medians._influence import MOST_CELLS, ballot_effects
from daccord.allocation.medians._median import columns, divide, twice_median

__all__ = ["story"]


def story(task: MoneyTask) -> Callable[[int], tuple[str, ...]]:
    """How many voted for a project, the median, and what any one ballot did; see `MoneyRule.story`."""
    said = stated(task)
    quorum = task.rules.metric_median.quorum
    money = task.budget.currency.format
    ordered = columns(said, len(task))
    medians = [twice_median(column, quorum) for column in ordered]
    awards = divide(task, medians).amounts
    effects = ballot_effects(task, said) if len(said.voters) * len(task) <= MOST_CELLS else None

    def tell(i: int) -> tuple[str, ...]:
        gave = len(ordered[i]) - ordered[i].count(0)
        votes = f"{gave} of {len(said.voters)} voters give it something"
        if gave < quorum:
            return (f"{votes}; it needs {quorum}.",)
        first = f"{votes}, and the median of those who speak of it is {money(medians[i] // (2 * FINE))}."
        if effects is None:
            return (first,)
        most = max((effect.moved[i] for effect in effects), key=abs, default=0)
        if not most:
            return (first, "No single ballot, left out, moves its award.")
        return (first, f"Without the ballot that moves it most it would get {money(awards[i] - most)}.")

    return tell
