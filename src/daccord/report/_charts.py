"""Charts of the money: awards and ranks with their intervals, money by domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from daccord.allocation import LABELS, Label
from daccord.money import apportion
from daccord.pipeline import Decision
from daccord.portfolio import CELLS
from daccord.report._figures import (
    COLOURS,
    NARROW,
    SHAPES,
    WIDE,
    Figure,
    Size,
    Table,
    altair,
    draw,
    label_room,
    row_step,
)
from daccord.report._rows import Row
from daccord.report._words import count, join, percent, unique_labels

__all__ = ["PERCENT_AXIS", "awards_figure", "domain_figure", "legend_of", "ranks_figure", "verdict_scales"]

PERCENT_AXIS = "format(datum.value * 100, '~g') + ' %'"
"""Vega expression that writes an axis' fractions as percentages."""


def verdict_scales(alt: Any) -> dict[str, Any]:  # noqa: ANN401
    """Colour and shape by verdict; the page writes the legend beside the drawing."""
    names = list(LABELS.values())
    return {
        "color": alt.Color("verdict:N", scale=alt.Scale(domain=names, range=[*COLOURS.values()]), legend=None),
        "shape": alt.Shape("verdict:N", scale=alt.Scale(domain=names, range=[*SHAPES.values()]), legend=None),
    }


def legend_of(rows: Sequence[Row]) -> tuple[Label, ...]:
    """The verdicts there are among the rows, in their usual order."""
    return tuple(label for label in LABELS if any(row.label == label for row in rows))


def _intervals(rows: Sequence[Row], size: Size, values: Sequence[Mapping[str, Any]], x: Any) -> Any:  # noqa: ANN401
    """Rows with a point and an interval each, largest award on top."""
    alt = altair()
    labels = unique_labels([row.title for row in rows], size.labels)
    data = alt.InlineData(
        values=[
            {**value, "label": label, "verdict": LABELS[row.label]}
            for row, label, value in zip(rows, labels, values, strict=True)
        ]
    )
    font = 12 if len(rows) <= 30 else 11
    room = label_room(labels, font)
    axis = alt.Axis(grid=True, labelFontSize=font, minExtent=room, maxExtent=room)
    y = alt.Y("label:N", sort=labels, title=None, axis=axis)
    scales = verdict_scales(alt)
    line = alt.Chart(data).mark_rule(strokeWidth=3, strokeCap="round")
    point = alt.Chart(data).mark_point(filled=True, size=100 if len(rows) <= 30 else 60, opacity=1)
    return (
        line.encode(y=y, x=x, x2="high:Q", color=scales["color"])
        + point.encode(y=y, x=alt.X("value:Q"), color=scales["color"], shape=scales["shape"])
    ).properties(width=size.width - room - 30, height=alt.Step(row_step(len(rows))))


def awards_figure(rows: Sequence[Row], spread: str) -> Figure:
    """Awards as shares of the pot, with their 80 % intervals; only projects that get money.

    Args:
        rows: Of the award table.
        spread: Under which condition the intervals hold, as `spread_words` says it.
    """
    funded = [row for row in rows if row.amount]
    table = Table(
        "Awards as shares of the pot with 80 % intervals",
        ("Project", "Award", "Share", "80 % interval", "Verdict"),
        tuple((row.title, row.exact, row.share_text, row.interval_text, LABELS[row.label]) for row in funded),
        (4,),
    )
    title = "What each project gets, and how sure that is"
    if not funded:
        return Figure("chart-awards", title, "No project gets money, so there is nothing to draw.", {}, table)
    widest = max(funded, key=lambda row: (row.high - row.low, row.id))
    text = (
        f"The mark is the award as a share of the pot; the bar holds, with a probability of 80 %, what the share would"
        f" be {spread}. {funded[0].title} gets the most, {funded[0].share_text}. The doubt is"
        f" largest for {widest.title}: {widest.interval_text}."
    )

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        axis = alt.Axis(
            labelExpr=PERCENT_AXIS, title="share of the pot", orient="top", tickCount=6 if size is WIDE else 4
        )
        x = alt.X("low:Q", axis=axis, scale=alt.Scale(zero=True))
        values = [{"value": row.share, "low": row.low, "high": row.high} for row in funded]
        return _intervals(funded, size, values, x)

    label = f"Awards with 80 % intervals, {count(len(funded), 'project')}. {text}"
    return Figure(
        "chart-awards", title, text, draw("chart-awards", label, chart, (WIDE, NARROW)), table, legend_of(funded)
    )


def ranks_figure(rows: Sequence[Row]) -> Figure:
    """Which places each funded project could take, at 80 %."""
    funded = [row for row in rows if row.amount]
    table = Table(
        "Ranks by award with 80 % intervals",
        ("Project", "Rank", "From", "To"),
        tuple((row.title, str(row.rank), str(row.rank_low), str(row.rank_high)) for row in funded),
    )
    title = "Which places cannot be told apart"
    if not funded:
        return Figure("chart-ranks", title, "No project gets money, so there are no ranks.", {}, table)
    first = [row.title for row in funded if row.rank_low == 1]
    exact = sum(row.rank_low == row.rank_high for row in funded)
    text = (
        f"Rank 1 is the largest award. {count(len(first), 'project').capitalize()} could hold it at 80 %"
        f"{': ' + join(first) if 1 < len(first) <= 4 else ''}. "
        f"{'Every' if exact == len(funded) else 'No' if not exact else str(exact)} funded"
        f" {'project has' if exact in (0, 1, len(funded)) else 'projects have'} a rank that is certain; bars that"
        " overlap are places the evidence cannot tell apart."
    )

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        last = max(row.rank_high for row in funded)
        axis = alt.Axis(title="rank by award", orient="top", format="d", tickMinStep=1, tickCount=min(last, 8))
        x = alt.X("low:Q", axis=axis, scale=alt.Scale(domain=[0.5, last + 0.5], nice=False))
        values = [{"value": row.rank, "low": row.rank_low, "high": row.rank_high} for row in funded]
        return _intervals(funded, size, values, x)

    label = f"Ranks with 80 % intervals, {count(len(funded), 'project')}. {text}"
    return Figure(
        "chart-ranks", title, text, draw("chart-ranks", label, chart, (WIDE, NARROW)), table, legend_of(funded)
    )


def domain_figure(decision: Decision, rows: Sequence[Row]) -> Figure:
    """Money by cell of the domain cube, empty cells included; a project in several cells is split exactly."""
    round_ = decision.round
    money = {cell.id: 0 for cell in CELLS}
    there = {cell.id: 0 for cell in CELLS}
    unclassified = unclassified_projects = 0
    for row in rows:
        cells = {cell: share for cell, share in round_.portfolio[row.id].cells.items() if share}
        if not cells:
            unclassified += row.amount
            unclassified_projects += 1
            continue
        scale = 1
        for share in cells.values():
            scale *= share.denominator
        parts = apportion([int(share * scale) for share in cells.values()], row.amount, list(cells))
        for cell, part in zip(cells, parts, strict=True):
            money[cell] += part
            there[cell] += 1
    entries = [(cell.title, there[cell.id], money[cell.id]) for cell in CELLS]
    if unclassified_projects:
        entries.append(("Not classified", unclassified_projects, unclassified))
    pot = round_.budget.amount
    currency = round_.budget.currency
    table = Table(
        "Money by domain",
        ("Domain", "Projects", "Money", "Share of the pot"),
        tuple(
            (name, str(n), currency.format(amount), percent(amount / pot if pot else 0)) for name, n, amount in entries
        ),
    )
    empty = [name for name, n, _ in entries if not n]
    dry = [name for name, n, amount in entries if n and not amount]
    title = "Where in the domain cube the money goes"
    text = "A project that belongs to several domains is split between them. "
    text += f"No project at all: {join(empty)}. " if empty else "Every domain has a project. "
    text += f"Projects, but no money: {join(dry)}." if dry else "Every domain that has a project gets money."
    if unclassified_projects == len(rows):
        text = "The projects of this round are not classified in the domain cube, so all its cells are empty."
        return Figure("chart-domain", title, text, {}, replace(table, rows=()))

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        names = unique_labels([name for name, _, _ in entries], 30 if size is WIDE else 20)
        values = [
            {
                "label": label,
                "share": amount / pot if pot else 0,
                "note": "no project" if not n else "no money" if not amount else percent(amount / pot),
            }
            for label, (_, n, amount) in zip(names, entries, strict=True)
        ]
        room = label_room(names, 12)
        base = alt.Chart(alt.InlineData(values=values)).encode(
            y=alt.Y("label:N", sort=names, title=None, axis=alt.Axis(grid=False, minExtent=room, maxExtent=room)),
            x=alt.X("share:Q", axis=None, scale=alt.Scale(zero=True)),
        )
        text_mark = base.mark_text(align="left", dx=6).encode(text="note:N")
        plot = size.width - room - 70
        return (base.mark_bar(color=COLOURS["accelerate"], height=14) + text_mark).properties(
            width=plot, height=alt.Step(26)
        )

    label = f"Money by domain. {text}"
    return Figure("chart-domain", title, text, draw("chart-domain", label, chart, (WIDE, NARROW)), table)
