"""`awards.csv`: a decision as a table for spreadsheets, one row a project."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from daccord.fusion import MICRO
from daccord.round import HARMS

__all__ = ["COLUMNS", "awards_csv"]

COLUMNS: Final = (
    "project",
    "title",
    "team",
    "verdict",
    "probability",
    "award",
    "award_minor_units",
    "currency",
    "share_percent",
    "award_low",
    "award_high",
    "award_low_minor_units",
    "award_high_minor_units",
    "rank_low",
    "rank_high",
    "judgments",
    "jurors",
    "limited_by",
    "entries_minor_units",
    "waits_for",
    "reasons",
    "simulated",
    "what_if",
)

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def awards_csv(document: Mapping[str, Any]) -> str:
    """The table of awards, in the document's order of projects.

    Args:
        document: From `decision_document` or `read_decision`.

    Returns:
        CSV with LF line ends. Amounts stand twice: as decimals of whole units, and as integers of minor units. A text
        that a spreadsheet would take for a formula has an apostrophe in front; decision.json has it as it is.
    """
    rows = (_row(document, project) for project in document["projects"])
    return "".join([_line(COLUMNS), *(_line([_cell(row[name]) for name in COLUMNS]) for row in rows)])


def _line(cells: Sequence[object]) -> str:
    # The writer quotes a lone carriage return only where line ends hold one, so it is told that they do.
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().removesuffix("\r\n") + "\n"


def _row(document: Mapping[str, Any], project: Mapping[str, Any]) -> dict[str, object]:
    budget, verdict, award, interval = (
        document["budget"],
        project["verdict"],
        project["award"],
        project["interval"],
    )
    digits = budget["digits"]
    # Answers on harm are not counted: how many there are is secret.
    scores = [score for name, score in project["scores"].items() if name not in HARMS]
    chance = verdict["probability"]
    return {
        "project": project["id"],
        "title": project["title"],
        "team": project["team"],
        "verdict": verdict["label"],
        "probability": "" if chance is None else _decimal(chance, 6),
        "award": _decimal(award["amount"], digits),
        "award_minor_units": award["amount"],
        "currency": budget["currency"],
        "share_percent": _percent(award["amount"], budget["amount"]),
        "award_low": _decimal(interval["low"], digits),
        "award_high": _decimal(interval["high"], digits),
        "award_low_minor_units": interval["low"],
        "award_high_minor_units": interval["high"],
        "rank_low": interval["rank_low"],
        "rank_high": interval["rank_high"],
        "judgments": sum(score["judgments"] for score in scores),
        "jurors": max((score["jurors"] for score in scores), default=0),
        "limited_by": award["limited_by"],
        "entries_minor_units": award["entries"],
        "waits_for": "; ".join(verdict["waits_for"]),
        "reasons": "; ".join(reason["code"] for reason in verdict["reasons"]),
        "simulated": "yes" if document["simulated"] else "no",
        "what_if": "yes" if document["parameters"]["overridden"] else "no",
    }


def _decimal(amount: int, digits: int) -> str:
    """Integer units as a decimal of whole units with all digits, exactly."""
    whole, part = divmod(amount, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


def _percent(amount: int, pot: int) -> str:
    """Share of the pot in per cent with four decimals, rounded half to even."""
    return _decimal(round(Fraction(amount * MICRO, pot)), 4) if pot else "0.0000"


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
