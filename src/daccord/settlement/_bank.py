"""A list of transfers for a bank: exact decimals, ids, and no account of any kind."""

from __future__ import annotations

import csv
import io

from daccord.money import Currency
from daccord.settlement._payouts import PayoutTree

__all__ = ["bank_csv"]


def bank_csv(payouts: PayoutTree, currency: Currency, result_hash: bytes, *, simulated: bool) -> str:
    """Write the awards as a table that a payment system can take up.

    Args:
        payouts: Who is paid.
        currency: Of the awards.
        result_hash: SHA-256 of the decision; its beginning makes each reference unique to this decision.
        simulated: Whether the round is invented; each reference then says so.

    Returns:
        CSV with the columns `reference` (at most 35 characters of letters, digits, blanks and hyphens, as transfers
        allow), `project` (behind an apostrophe if a spreadsheet would take it for a
        formula), `amount` (all decimals of the currency, no separators) and `currency`; one row a payout.
    """
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(("reference", "project", "amount", "currency"))
    label = "SIMULATED " if simulated else ""
    for one in payouts.payouts:
        amount = currency.format(one.award, code=False).replace(",", "")
        writer.writerow(
            (f"{label}{result_hash.hex()[:12]}-{one.index + 1}", _inert(one.project), amount, currency.code)
        )
    return sheet.getvalue()


def _inert(text: str) -> str:
    """Text that no spreadsheet runs."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
