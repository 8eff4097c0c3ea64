"""The same round under other rules, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from daccord.allocation import LABELS
from daccord.pipeline import Decision
from daccord.report._figures import SYMBOLS
from daccord.report._rows import Row
from daccord.report._words import count, join, percent, percent_range, share_digits

__all__ = ["HeatCell", "HeatRow", "HeatTable", "moved", "others_of", "rules_table"]

_DARKEST = 0.45
"""Opacity of the darkest cell: ink on it still stands 4.5:1."""


@dataclass(frozen=True)
class HeatCell:
    """A share of the pot under one rule.

    Attributes:
        text: The share in words.
        tint: Opacity of the cell's colour, in [0, 0.45]; proportional to the share.
        note: Verdict's sign and name where it differs from the round's own; empty otherwise.
        sort: The share, for sorting.
    """

    text: str
    tint: float
    note: str
    sort: float


@dataclass(frozen=True)
class HeatRow:
    """One project under all rules."""

    title: str
    anchor: str
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True)
class HeatTable:
    """Shares of the pot by project and rule.

    Attributes:
        rules: Column heads, the round's own rules first; of the others only what differs from these.
        moved: Share of the pot that goes elsewhere than under the round's own rules, in words; one a column.
        rows: One a project, in the order of the award table.
        text: What there is to see.
        nothing: Rules that fund nothing, and what they come to.
    """

    rules: tuple[str, ...]
    moved: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    text: str
    nothing: tuple[tuple[str, str], ...] = ()


def moved(decision: Decision, other: Decision) -> float:
    """Fraction of the pot that goes elsewhere under another decision of the same round; unallocated money counts."""
    pot = decision.round.budget.amount
    if not pot:
        return 0.0
    theirs = other.allocation.award_of
    total = sum(abs(award.amount - theirs[award.project].amount) for award in decision.allocation.awards)
    total += abs(decision.allocation.unallocated - other.allocation.unallocated)
    return total / 2 / pot


def others_of(decision: Decision, alternatives: Mapping[str, Decision]) -> dict[str, Decision]:
    """The alternatives that fund anything, without the round's own pair of rules."""
    return {
        name: other
        for name, other in alternatives.items()
        if dict(other.method) != dict(decision.method) and any(award.amount for award in other.allocation.awards)
    }


def _fund_nothing(decision: Decision, alternatives: Mapping[str, Decision]) -> tuple[tuple[str, str], ...]:
    """Alternatives that fund nothing, with the verdicts they come to."""
    out = []
    for name, other in alternatives.items():
        if dict(other.method) != dict(decision.method) and not any(award.amount for award in other.allocation.awards):
            counts = [
                f"{n} {LABELS[label]}"
                for label in LABELS
                if (n := sum(verdict.label == label for verdict in other.allocation.verdicts))
            ]
            out.append((name, f"no project could be cleared for money ({join(counts)})"))
    return tuple(out)


def _cell(decision: Decision, base: Decision, project: str, most: float) -> HeatCell:
    pot = decision.round.budget.amount
    share = decision.allocation.award_of[project].amount / pot if pot else 0.0
    interval = decision.interval_of[project]
    # One column of figures: whole per cents as soon as the largest share has two digits.
    digits = share_digits(interval.low / pot, interval.high / pot) if pot and most < 0.1 else 0
    label = decision.allocation.verdict_of[project].label
    changed = label != base.allocation.verdict_of[project].label
    return HeatCell(
        text=percent(share, digits) if share else "0 %",
        tint=round(_DARKEST * share / most, 3) if most else 0.0,
        note=f"{SYMBOLS[label]} {LABELS[label]}" if changed else "",
        sort=share,
    )


def _head(decision: Decision, other: Decision) -> str:
    """What a column is called: only what differs from the round's own rules, so that many columns stay narrow."""
    own, theirs = decision.method, other.method
    if theirs["money"] == own["money"]:
        return theirs["fusion"]
    if theirs["fusion"] == own["fusion"]:
        return f"money: {theirs['money']}"
    return " / ".join(theirs.values())


def rules_table(decision: Decision, alternatives: Mapping[str, Decision], rows: Sequence[Row]) -> HeatTable | None:
    """Shares of the pot under the round's rules and under each alternative; None if there are none.

    Args:
        decision: The round as decided.
        alternatives: Name of a rule → the same round decided by it.
        rows: Rows of the award table.
    """
    others = others_of(decision, alternatives)
    if not others:
        nothing = _fund_nothing(decision, alternatives)
        text = "No other rule that can read these answers would fund anything."
        return HeatTable((), (), (), text, nothing) if nothing else None
    decisions = [decision, *others.values()]
    pot = decision.round.budget.amount
    shares = {row.id: [d.allocation.award_of[row.id].amount / pot if pot else 0.0 for d in decisions] for row in rows}
    most = max((share for values in shares.values() for share in values), default=0.0)
    distances = {name: moved(decision, other) for name, other in others.items()}
    far = max(distances, key=lambda name: (distances[name], name))
    near = min(distances, key=lambda name: (distances[name], name))
    always = [row.title for row in rows if min(shares[row.id]) > 0]
    never = sum(max(shares[row.id]) == 0 for row in rows)
    torn = max(rows, key=lambda row: (max(shares[row.id]) - min(shares[row.id]), row.id))
    text = f"Funded under every rule: {count(len(always), 'project')}; under none: {count(never, 'project')}. "
    if len(others) > 1:
        text += f"Nearest to this round's rules is {near}, which moves {percent(distances[near])} of the pot; "
        text += f"farthest is {far}, which moves {percent(distances[far])}. "
    else:
        text += f"{far} would move {percent(distances[far])} of the pot. "
    span = shares[torn.id]
    if max(span) > min(span):
        text += f"Rules disagree most about {torn.title}: {percent_range(min(span), max(span))} of the pot. "
    ends = [
        name
        for name, other in others.items()
        if max(other.allocation.awards, key=lambda a: a.amount).project
        != max(decision.allocation.awards, key=lambda a: a.amount).project
    ]
    text += (
        f"The largest award goes elsewhere under {join(ends)}." if ends else "All give the most to the same project."
    )
    own = " / ".join(decision.method.values())
    return HeatTable(
        rules=(f"{own} (this round)", *(_head(decision, other) for other in others.values())),
        moved=("", *(percent(distances[name]) for name in others)),
        rows=tuple(
            HeatRow(row.title, row.anchor, tuple(_cell(d, decision, row.id, most) for d in decisions)) for row in rows
        ),
        text=text,
        nothing=_fund_nothing(decision, alternatives),
    )
