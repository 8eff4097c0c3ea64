"""`entries.csv`: amounts that people decided and no rule moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, cast

from daccord.formats._columns import Column, Sheet
from daccord.formats._problems import FileReport, clean_text, shown
from daccord.formats._table import read_csv
from daccord.formats._values import Fault, amount_text, parse_amount
from daccord.formats.inputs._table import Context, InputTable
from daccord.money import Currency
from daccord.portfolio import ENTRY_KINDS, Entry
from daccord.round import Round

__all__ = ["ENTRIES", "ENTRIES_TABLE", "read_entries"]

ENTRIES: Final = Sheet(
    "entries.csv",
    "An amount that people decided and no rule moves.",
    (
        Column(
            "kind",
            "`fixed`, a grant decided before; `minimum`, the least that the project gets; `carry_over`, credit from "
            "the round before; `correction`, what a project was underpaid or, negative, overpaid.",
            required=True,
            shape={"type": "string", "enum": list(ENTRY_KINDS)},
        ),
        Column(
            "project",
            "Id; empty only for a `carry_over` that says how much of the pot was left from the round before.",
            required=True,
        ),
        Column(
            "amount",
            "In whole units of the budget's currency, not zero; only a `correction` may be negative.",
            required=True,
            shape={"type": "string", "pattern": r"^-?[0-9][0-9_]*(\.[0-9]+)?$"},
        ),
        Column("reason", "Why.", required=True, shape={"type": "string", "minLength": 1}),
        Column("by", "Who decided it and answers for it.", required=True, shape={"type": "string", "minLength": 1}),
    ),
)


def read_entries(data: bytes, context: Context, report: FileReport) -> tuple[Entry, ...]:
    """Read entries.csv.

    Args:
        data: Its bytes.
        context: What rows may refer to.
        report: Takes every problem.

    Returns:
        Entries, in order.
    """
    table = read_csv(ENTRIES, data, report)
    if table is None:
        return ()
    entries: list[Entry] = []
    guaranteed: dict[str, int] = {}
    for line, (kind, project, text, reason, by) in table.rows():
        if kind not in ENTRY_KINDS:
            report.add(line, "kind", f"{shown(kind)} is no kind of entry", f"write one of {', '.join(ENTRY_KINDS)}")
        if project:
            context.projects.check(project, line, "project", report)
        elif kind != "carry_over":
            report.add(line, "project", "the entry names no project", "write its id; only a carry_over may have none")
        for column, words, what in (("reason", reason, "why it was decided"), ("by", by, "who decided it")):
            if not words:
                report.add(line, column, f"nobody can see {what}", f"write {what}")
            elif (fault := clean_text(words)) is not None:
                report.add(line, column, *fault)
        if kind == "minimum" and project:
            if project in guaranteed:
                message = f"row {guaranteed[project]} guarantees {shown(project)} a minimum already"
                report.add(line, "project", message, "keep one of the two")
            guaranteed.setdefault(project, line)
        if context.currency is None:
            continue
        try:
            amount = _amount(text, kind, context.currency)
        except Fault as found:
            report.add(line, "amount", found.message, found.remedy)
            continue
        if amount == 0:
            report.add(line, "amount", "the entry is zero", "remove the row")
        entries.append(
            Entry(cast("Literal['fixed', 'carry_over', 'correction', 'minimum']", kind), project, amount, reason, by)
        )
    return tuple(entries)


def _amount(text: str, kind: str, currency: Currency) -> int:
    """Minor units, signed.

    Raises:
        Fault: It is no amount, or negative where it may not be.
    """
    if not text.startswith("-"):
        return parse_amount(text, currency)
    if kind != "correction":
        raise Fault(
            f"the amount {shown(text)} is negative", "write a positive amount; only a correction takes money back"
        )
    return -parse_amount(text[1:], currency)


def _rows(round_: Round) -> Iterator[tuple[str, ...]]:
    for entry in round_.inputs.entries:
        amount = amount_text(entry.amount, round_.budget.currency)
        yield entry.kind, entry.project, amount, entry.reason, entry.by


ENTRIES_TABLE: Final = InputTable(ENTRIES, "entries", read_entries, _rows)
