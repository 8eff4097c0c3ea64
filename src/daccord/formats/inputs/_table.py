"""What a table for a money rule is: its sheet, how it is read, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from daccord.formats._columns import Sheet
from daccord.formats._problems import FileReport, Names
from daccord.judging import Panel
from daccord.money import Currency
from daccord.portfolio import Portfolio
from daccord.round import Round

__all__ = ["Context", "InputTable"]


@dataclass(frozen=True)
class Context:
    """What a row may refer to.

    Attributes:
        currency: Of the budget; None if it could not be read, and then amounts go unchecked.
        portfolio: As far as it could be read.
        projects: Ids of projects, to look up and to report.
        judges: Ids of judges.
        panel: The judges themselves, as far as they could be read.
    """

    currency: Currency | None
    portfolio: Portfolio
    projects: Names
    judges: Names
    panel: Panel = field(default_factory=lambda: Panel(()))


@dataclass(frozen=True)
class InputTable:
    """One optional table of a round folder.

    Attributes:
        sheet: File and columns.
        field: The field of `daccord.round.MoneyInputs` it fills.
        read: (bytes, context, report) → value of the field; every problem goes to the report.
        rows: A round → the table's rows as texts; none if the round has nothing of the kind.
    """

    sheet: Sheet
    field: str
    read: Callable[[bytes, Context, FileReport], Any]
    rows: Callable[[Round], Iterable[tuple[str, ...]]]
