"""The money rule `s-process`: the pot flows, unit by unit, to where jurors whom its funders trust see most worth.

Model. A juror's curve says what the next unit is worth to a project that has x already; it never rises. A funder's
curve is the weighted mean of those of the jurors it trusts, or the funder divides its money among them and each follows
curves of their own. Funders take turns in which each spends the same share of its money where it sees most worth,
counting the money of all. All of it is exact: curves are rational, awards whole units.

Source: A. Critch, J. Tallinn and O. Habryka, the S-process of the Survival and Flourishing Fund
(survivalandflourishing.fund/s-process); the exact algorithm, the trace and the common scale are ours. Setting the
jurors' scales so that everybody's best case is worth the same is relative utilitarianism (A. Dhillon and J.-F. Mertens,
Econometrica 67, 1999).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from daccord.allocation._exact import as_written, decimal_text
from daccord.allocation._rules import MoneyResult, MoneyRule, MoneyTask, register
from daccord.allocation.s_process._draws import resample
from daccord.allocation.s_process._spenders import funders_of, juror_curves
from daccord.allocation.s_process._story import story
from daccord.allocation.s_process._trace import Cell, trace
from daccord.allocation.s_process._turns import Round, settle

__all__ = ["S_PROCESS"]

_SCALE: Final = 10**9


def lacks(task: MoneyTask) -> str:
    """What is missing for the rule, in words."""
    if not task.inputs.values:
        return "nobody said what money is worth: add values.csv with jurors' curves"
    money = task.budget.currency.format
    if task.inputs.funders:
        given = sum(funder.amount for funder in task.inputs.funders)
        if given < task.budget.amount:
            return (
                f"its funders have {money(given)}, and {money(task.budget.amount)} are to be divided: make the amounts "
                "in funders.csv sum to the pot"
            )
    if task.rules.floors:
        return "it knows no floors per domain cell: remove [rules.money.floors], or use `differential`"
    if task.rules.harm_budget is not None:
        return "it knows no harm budget: remove `harm_budget`, or use `differential`"
    if over := _above_ceiling(task):
        return over
    try:
        juror_curves(task)
    except ValueError as error:
        return f"a juror's points are no curve: {error}"
    return ""


def _above_ceiling(task: MoneyTask) -> str:
    """The first value that is too large to count as it stands, in words."""
    rules = task.rules.s_process
    if rules.pooling != "mean" or rules.scale != "stated":
        return ""
    top = as_written(rules.ceiling)
    for point in task.inputs.values:
        if point.value > top:
            return (
                f"{point.juror} states a value of {decimal_text(point.value, 6)} for {point.project}, and values "
                f"count up to {rules.ceiling:g}: keep to that, or set rules.money.s_process.scale to equal"
            )
    return ""


def solve(task: MoneyTask) -> MoneyResult:
    """Play the turns."""
    found = settle(task)
    cells = trace(task, found)
    warnings = []
    money = task.budget.currency.format
    for funder in funders_of(task):
        left = sum(rest for purse, rest in zip(found.purses, found.left, strict=True) if purse.funder == funder.id)
        if left:
            warnings.append(
                f"{money(left)} of {funder.id} stay unspent: the jurors it trusts see no worth in more money for any "
                "project that may still take some."
            )
    return MoneyResult(
        found.amounts, _weights(task, found), _limits(task, found), _certificate(task, found, cells), tuple(warnings)
    )


def _weights(task: MoneyTask, found: Round) -> list[int]:
    """Worth of a project's first unit, averaged over the money of all purses; the greatest of the round is 10^9."""
    whole = sum(purse.money for purse in found.purses) or 1
    first = [
        sum((Fraction(purse.money, whole) * purse.curves[i].value(0) for purse in found.purses), Fraction(0))
        for i in range(len(task))
    ]
    top = max(first, default=Fraction(0)) or Fraction(1)
    return [int(value * _SCALE / top) for value in first]


def _limits(task: MoneyTask, found: Round) -> list[str]:
    out = []
    for i, amount in enumerate(found.amounts):
        wanted = any(purse.curves[i].value(amount) > 0 for purse in found.purses)
        if i in found.closed:
            out.append("minimum" if wanted else "")
        elif amount == task.bounds[i] == task.projects[i].ask:
            out.append("ask")
        else:
            out.append("team_cap" if i in found.full and wanted else "")
    return out


def _certificate(task: MoneyTask, found: Round, cells: tuple[Cell, ...]) -> dict[str, str]:
    """The whole trace, and what each purse thinks of its last and its next unit."""
    rules = task.rules.s_process
    out = {"pooling": rules.pooling, "scale": rules.scale, "silence": rules.silence, "turns": str(rules.turns)}
    for a, purse in enumerate(found.purses):
        name = f"{purse.funder} by {purse.juror}" if purse.juror else purse.funder
        last = [purse.curves[b.project].value(b.stop - 1) for b in found.bought if b.purse == a]
        next_ = [
            purse.curves[i].value(x)
            for i, x in enumerate(found.amounts)
            if x < task.bounds[i] and i not in found.closed | found.full
        ]
        out[f"{name}: money, unspent"] = f"{purse.money}, {found.left[a]}"
        out[f"{name}: least worth of a unit bought, most of one not bought"] = (
            f"{decimal_text(min(last, default=Fraction(0)), 12)}, {decimal_text(max(next_, default=Fraction(0)), 12)}"
        )
    for project in task.projects:
        own = [cell for cell in cells if cell.project == project.id]
        if own:
            parts = "; ".join(f"{cell.funder} by {cell.juror} {cell.amount}" for cell in own)
            out[f"minor units of {project.id}"] = parts
    return out


S_PROCESS: Final = register(
    MoneyRule(
        name="s-process",
        title="To where jurors say the next unit is worth most",
        model=(
            "Every juror states for every project what the next unit of money is worth once it has so much. Funders "
            "weigh jurors, and take turns in which each spends the same share of its money, unit by unit, where the "
            "jurors it trusts see most worth, counting what others gave. Each unit is traced to a funder and a juror. "
            "What nobody sees worth in stays unspent."
        ),
        assumptions=(
            "Jurors know how far money goes: where returns fall, and where they end.",
            "The next unit is never worth more than the one before: no project needs all or nothing.",
            "What a project's money is worth does not depend on what others get.",
        ),
        failure_modes=(
            "Flat and long curves steer more money than honest ones: look at the trace, and at awards without a juror.",
            "Scores do not enter: who is not held can be paid, however little benefit judges see in it.",
            "With `mean` the silence of others holds back what one juror knows: use `delegates` or `abstains` there.",
            "With several funders a higher curve can, rarely, cost its project money; with equal scales quite often.",
        ),
        source=(
            "A. Critch, J. Tallinn and O. Habryka, the S-process of the Survival and Flourishing Fund "
            "(survivalandflourishing.fund/s-process); exact algorithm and trace are daccord's own"
        ),
        solve=solve,
        resamples=resample,
        lacks=lacks,
        reads_scores=False,
        story=story,
    )
)
