"""`funders.csv`: whose money is divided by jurors' curves, and whom each funder trusts."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from daccord.formats._columns import Column, Sheet
from daccord.formats._problems import FileReport, check_ids, clean_text, shown
from daccord.formats._table import read_csv
from daccord.formats._values import Fault, amount_text, parse_amount, parse_share, share_text
from daccord.formats.inputs._table import Context, InputTable
from daccord.judging import Funder
from daccord.round import Round

__all__ = ["FUNDERS", "FUNDERS_TABLE", "read_funders"]

FUNDERS: Final = Sheet(
    "funders.csv",
    "Somebody whose money is in the pot, and how much this funder trusts each juror.",
    (
        Column("funder", "Unique name; a pseudonym will do.", required=True, shape={"type": "string", "minLength": 1}),
        Column(
            "amount",
            "In whole units of the budget's currency; the amounts of all funders sum to the pot.",
            required=True,
            shape={"type": "string", "pattern": r"^[0-9][0-9_]*(\.[0-9]+)?$"},
        ),
        Column(
            "trust",
            "Jurors with weights that add up to 1, separated by semicolons: `ada:0.5; ben:0.5`; empty means equal "
            "trust in all who state curves.",
        ),
    ),
)


def read_funders(data: bytes, context: Context, report: FileReport) -> tuple[Funder, ...]:
    """Read funders.csv.

    Args:
        data: Its bytes.
        context: What rows may refer to.
        report: Takes every problem.

    Returns:
        Funders, in order.
    """
    table = read_csv(FUNDERS, data, report)
    if table is None:
        return ()
    found: list[Funder] = []
    names: list[tuple[str, int | None]] = []
    for line, (name, amount_cell, trust_cell) in table.rows():
        names.append((name, line))
        if name and (fault_found := clean_text(name)) is not None:
            report.add(line, "funder", *fault_found)
        trust = _trust(trust_cell, line, context, report)
        if context.currency is None:
            continue
        try:
            amount = parse_amount(amount_cell, context.currency)
        except Fault as fault:
            report.add(line, "amount", fault.message, fault.remedy)
            continue
        found.append(Funder(name, amount, trust))
    check_ids(names, "funder", "funder", report)
    return tuple(found)


def _trust(cell: str, line: int, context: Context, report: FileReport) -> dict[str, Fraction]:
    weights: dict[str, Fraction] = {}
    sound = True
    for item in (part.strip() for part in cell.split(";")):
        if not item:
            continue
        juror, mark, text = (part.strip() for part in item.rpartition(":")) if ":" in item else (item, "", "")
        seat = context.judges.check(juror, line, "trust", report)
        sound = sound and seat is not None
        if seat is not None and seat < len(context.panel) and not context.panel.judges[seat].is_person:
            message = f"{shown(juror)} is a model, and models do not say what money is worth"
            report.add(line, "trust", message, "trust people")
        if juror in weights:
            report.add(line, "trust", f"the juror {juror} is named twice", "name it once, with the whole weight")
            sound = False
            continue
        try:
            weights[juror] = parse_share(text) if mark else Fraction(1)
        except Fault as fault:
            report.add(line, "trust", fault.message, fault.remedy)
            sound = False
    total = sum(weights.values(), Fraction(0))
    if sound and weights and total != 1:
        shown_total = str(total) if total.denominator < 10 else f"{float(total):g}"
        remedy = "write weights such as ada:0.5; ben:0.3; cleo:0.2, or fractions such as ada:1/3"
        report.add(line, "trust", f"the weights sum to {shown_total}, not to 1", remedy)
    return weights


def _rows(round_: Round) -> Iterator[tuple[str, ...]]:
    currency = round_.budget.currency
    for funder in round_.inputs.funders:
        trust = "; ".join(f"{juror}:{share_text(weight)}" for juror, weight in funder.trust.items())
        yield funder.id, amount_text(funder.amount, currency), trust


FUNDERS_TABLE: Final = InputTable(FUNDERS, "funders", read_funders, _rows)
