"""Why a project gets what medians give it, in sentences."""

from __future__ import annotations

from daccord.allocation._rules import MoneyTask
from daccord.allocation.medians._ballots import FINE, stated
from daccord.allocation.medians._influence import MOST_CELLS, ballot_effects
from daccord.allocation.medians._median import columns, divide, twice_median

__all__ = ["story"]


def story(task: MoneyTask, i: int) -> tuple[str, ...]:
    """How many voted for the project at position i, the median, and what any one ballot did; see `MoneyRule.story`."""
    said = stated(task)
    quorum = task.rules.metric_median.quorum
    money = task.budget.currency.format
    ordered = columns(said, len(task))
    medians = [twice_median(column, quorum) for column in ordered]
    gave = len(ordered[i]) - ordered[i].count(0)
    votes = f"{gave} of {len(said.voters)} voters give it something"
    if gave < quorum:
        return (f"{votes}; it needs {quorum}.",)
    middle = f"the median of those who speak of it is {money(medians[i] // (2 * FINE))}"
    out = [f"{votes}, and {middle}."]
    if len(said.voters) * len(task) <= MOST_CELLS:
        award = divide(task, medians).amounts[i]
        without = [effect.moved[i] for effect in ballot_effects(task, said)]
        most = max(without, key=abs, default=0)
        out.append(
            f"Without the ballot that moves it most it would get {money(award - most)}."
            if most
            else "No single ballot, left out, moves its award."
        )
    return tuple(out)
