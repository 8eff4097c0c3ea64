"""`contributions.csv`: donations to projects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from daccord.formats._columns import CONTRIBUTIONS
from daccord.formats._problems import FileReport, clean_text, shown
from daccord.formats._table import read_csv
from daccord.formats._values import Fault, amount_text, parse_amount
from daccord.formats.inputs._table import Context, InputTable
from daccord.judging import Contribution
from daccord.round import Round

__all__ = ["CONTRIBUTIONS_TABLE", "read_contributions"]


def read_contributions(data: bytes, context: Context, report: FileReport) -> tuple[Contribution, ...]:
    """Read contributions.csv.

    Args:
        data: Its bytes.
        context: What rows may refer to.
        report: Takes every problem.

    Returns:
        Donations, in order.
    """
    table = read_csv(CONTRIBUTIONS, data, report)
    if table is None:
        return ()
    currency = context.currency
    gifts: list[Contribution] = []
    for line, (donor, project, text, code) in table.rows():
        if not donor:
            report.add(line, "donor", "the contribution has no donor", "write who gave; a pseudonym will do")
        elif (fault := clean_text(donor)) is not None:
            report.add(line, "donor", *fault)
        context.projects.check(project, line, "project", report)
        if currency is None:
            continue
        if code and code != currency.code:
            message = f"the currencies are mixed: {shown(code)} here, {currency.code} in the budget"
            report.add(line, "currency", message, f"convert the amount to {currency.code}, and say how in the notices")
            continue
        try:
            amount = parse_amount(text, currency)
        except Fault as fault_found:
            report.add(line, "amount", fault_found.message, fault_found.remedy)
            continue
        if amount == 0:
            report.add(line, "amount", "the contribution is zero", "remove the row")
        gifts.append(Contribution(donor, project, amount))
    return tuple(gifts)


def _rows(round_: Round) -> Iterator[tuple[str, ...]]:
    currency = round_.budget.currency
    for gift in round_.inputs.contributions:
        yield gift.donor, gift.project, amount_text(gift.amount, currency), ""


CONTRIBUTIONS_TABLE: Final = InputTable(CONTRIBUTIONS, "contributions", read_contributions, _rows)
