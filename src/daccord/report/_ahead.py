"""What comes after the award: gates and what they wait for, terms that fall due, holds that expire; and the margin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from daccord.allocation import timeline
from daccord.allocation.margins import budget_change, prices_of_ignorance
from daccord.fusion import draw_log_values
from daccord.pipeline import Decision
from daccord.report._figures import Table
from daccord.report._words import join

__all__ = ["Ahead", "Margin", "ahead", "margin"]

_KINDS: Final = {
    "matures": "partner matures",
    "opens": "gate opens",
    "released": "money released",
    "due": "term is due",
    "expires": "hold expires",
}
_PRICED: Final = 40
"""Projects whose ignorance is priced: those with the widest intervals, so that a page of a large round stays quick."""
_STEP: Final = 100
"""The pot is changed by a hundredth."""


@dataclass(frozen=True)
class Ahead:
    """What happens when, if nothing matures that has not yet.

    Attributes:
        text: In words.
        gates: Projects whose money waits, and for what.
        dates: What falls due on which day.
    """

    text: str
    gates: Table
    dates: Table


def ahead(decision: Decision) -> Ahead:
    """Gates, terms and holds of a decided round as a timeline in which nothing new matures."""
    round_ = decision.round
    course = timeline(round_.portfolio, decision.allocation, round_.rules, ())
    money, titles = round_.budget.currency.format, round_.portfolio.titles
    start = date.fromisoformat(round_.rules.decided_on) if round_.rules.decided_on else None

    def when(day: int) -> str:
        return f"day {day}" if start is None else (start + timedelta(days=day)).isoformat()

    at_once = [entry for entry in course.entries if entry.day == 0 and entry.kind == "released"]
    rows = [
        (
            when(entry.day),
            _KINDS[entry.kind],
            titles[entry.project],
            money(entry.amount) if entry.amount else "",
            entry.text,
        )
        for entry in course.entries
        if entry not in at_once
    ]
    gates = [
        (
            titles[release.project],
            money(release.amount),
            join(list(release.closed)),
            join([titles[name] for name in release.substitutes]) if release.substitutes else "–",
        )
        for release in course.releases
    ]
    text = f"{money(course.released)} may be paid at once."
    if course.waiting:
        text += f" {money(course.waiting)} waits for gates: it is paid when the partner is there, and never before."
    held = sum(verdict.label == "hold" for verdict in decision.allocation.verdicts)
    if held:
        text += " One project is held" if held == 1 else f" {held} projects are held"
        text += " until its hold expires; then it is open again." if held == 1 else " until their holds expire."
    return Ahead(
        text,
        Table("Money that waits", ("Project", "Waits", "Until", "Could take its place"), tuple(gates), (2, 3)),
        Table("What falls due", ("When", "What", "Project", "Money", "In words"), tuple(rows), (1, 2, 4)),
    )


@dataclass(frozen=True)
class Margin:
    """What a little more money would do, and what not knowing costs.

    Attributes:
        text: In words.
        table: One row a project that either of the two moves.
    """

    text: str
    table: Table


def margin(decision: Decision) -> Margin:
    """The effect of a pot a hundredth larger or smaller, by deciding again, and the price of ignorance."""
    round_, allocation = decision.round, decision.allocation
    money, titles = round_.budget.currency.format, round_.portfolio.titles
    step = max(1, round_.budget.amount // _STEP)
    given = (round_.portfolio, decision.scores, round_.rules, round_.budget, round_.inputs)
    more, less = (budget_change(*given, sign * step, base=allocation) for sign in (1, -1))
    prices = {}
    if round_.rules.money.rule == "differential" and "benefit" in decision.beliefs:
        interval = decision.interval_of
        widest = sorted(round_.portfolio.ids, key=lambda name: (interval[name].low - interval[name].high, name))
        prices = {
            price.project: price
            for price in prices_of_ignorance(
                round_.portfolio,
                decision.scores,
                allocation.verdicts,
                round_.rules,
                round_.budget,
                draw_log_values(decision.beliefs["benefit"], round_.portfolio.ids, round_.seed),
                round_.inputs,
                divided=allocation.divided,
                projects=widest[:_PRICED],
            )
        }
    moved = [name for name in round_.portfolio.ids if more.change.get(name) or less.change.get(name) or name in prices]
    moved.sort(key=lambda name: (-(prices[name].expected if name in prices else 0), -more.change.get(name, 0), name))

    def signed(amount: int) -> str:
        return "–" if amount == 0 else f"{'+' if amount > 0 else '−'}{money(abs(amount), code=False)}"

    rows = tuple(
        (
            titles[name],
            signed(more.change.get(name, 0)),
            signed(less.change.get(name, 0)),
            f"{money(round(prices[name].expected), code=False)} ± {money(round(prices[name].error), code=False)}"
            if name in prices
            else "–",
        )
        for name in moved
    )
    code = round_.budget.currency.code
    text = (
        f"The round was decided again with {money(step)} more and less: {len(more.change)} and {len(less.change)} "
        f"awards move{f', and {money(more.unallocated)} of the larger pot would stay' if more.unallocated else ''}."
    )
    if more.against or less.against:
        losers = join([titles[name] for name in {**more.against, **less.against}])
        text += f" Against the direction of the pot move {losers}; rules that take whole projects do that."
    if prices:
        text += (
            " The price of ignorance is what judging a project would be worth at most, because its value would be "
            "known before the pot is divided; judge first where it is high."
        )
    head = ("Project", "pot 1 % larger", "pot 1 % smaller", "price of ignorance")
    return Margin(text, Table(f"At the margin, {code}", head, rows))
