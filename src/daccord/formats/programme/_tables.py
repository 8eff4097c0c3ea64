"""Rows of a programme's tables; every problem is reported with its file, row and column."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from daccord.allocation.fellowships import (
    ANSWERS,
    EVENTS,
    Answer,
    Applicant,
    Assessment,
    Event,
    Evidence,
    Review,
    Reviewer,
    Terms,
)
from daccord.formats._columns import Sheet
from daccord.formats._problems import FileReport, Names, check_ids, nearest, shown
from daccord.formats._projects import split_items
from daccord.formats._table import read_csv
from daccord.formats._values import Fault, parse_amount, parse_exact
from daccord.formats.programme._shape import APPLICANTS, ASSESSMENTS, EVENTS_SHEET, EVIDENCE, REVIEWERS, REVIEWS

__all__ = ["Lookup", "applicants", "assessments", "events", "evidence", "reviewers", "reviews"]

_WHOLE = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Lookup:
    """What rows may refer to."""

    terms: Terms
    applicants: Names
    reviewers: Names


class _Row:
    """One row, whose cells are read by name and which knows whether all was well."""

    def __init__(self, line: int, cells: dict[str, str], report: FileReport) -> None:
        self.line, self.cells, self.report, self.sound = line, cells, report, True

    def wrong(self, column: str, message: str, remedy: str) -> None:
        self.sound = False
        self.report.add(self.line, column, message, remedy)

    def read(self, column: str, parse: Any, default: Any = None) -> Any:  # noqa: ANN401 - any value
        try:
            return parse(self.cells[column])
        except Fault as fault:
            self.wrong(column, fault.message, fault.remedy)
            return default

    def name(self, column: str, names: Names) -> str:
        if names.check(self.cells[column], self.line, column, self.report) is None:
            self.sound = False
        return self.cells[column]

    def whole(self, column: str, low: int, high: int) -> int:
        text = self.cells[column]
        if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
            self.wrong(column, f"{shown(text)} is no whole number from {low} to {high}", "write one")
            return low
        return int(text)

    def day(self, column: str) -> dt.date:
        try:
            return dt.date.fromisoformat(self.cells[column])
        except ValueError:
            self.wrong(column, f"{shown(self.cells[column])} is no day", "write it like 2026-11-01")
            return dt.date.min

    def one_of(self, column: str, choices: tuple[str, ...]) -> str:
        text = self.cells[column]
        if text not in choices:
            meant = nearest(text, choices)
            remedy = f"did you mean {meant}?" if meant else f"write one of {', '.join(choices)}"
            self.wrong(column, f"{shown(text)} is none of the choices", remedy)
        return text


def _rows(sheet: Sheet, data: bytes, report: FileReport) -> Iterator[_Row]:
    table = read_csv(sheet, data, report)
    for line, cells in table.rows() if table is not None else ():
        yield _Row(line, dict(zip(sheet.names, cells, strict=True)), report)


def applicants(data: bytes, terms: Terms, report: FileReport) -> tuple[Applicant, ...]:
    """applicants.csv."""
    found, ids = [], []
    for row in _rows(APPLICANTS, data, report):
        ids.append((row.cells["id"], row.line))
        amounts = tuple(
            row.read("amounts", lambda _, text=text: parse_amount(text, terms.budget.currency), 0)
            for text in split_items(row.cells["amounts"])
        )
        if not amounts and row.cells["place"] not in terms.places:
            remedy = f"use one of {', '.join(terms.places)}, or add it to [award.places]"
            row.wrong("place", f"{shown(row.cells['place'])} has no cost index", remedy)
        found.append(
            Applicant(
                id=row.cells["id"],
                place=row.cells["place"],
                mentor=row.cells["mentor"],
                mentor_confirmed=row.day("mentor_confirmed") if row.cells["mentor_confirmed"] else None,
                ties=split_items(row.cells["ties"]),
                additionality=row.cells["additionality"],
                relevance=row.cells["relevance"],
                amounts=amounts,
            )
        )
    check_ids(ids, "applicant", "id", report)
    return tuple(found)


def reviewers(data: bytes, report: FileReport) -> tuple[Reviewer, ...]:
    """reviewers.csv."""
    rows = list(_rows(REVIEWERS, data, report))
    check_ids(((row.cells["id"], row.line) for row in rows), "reviewer", "id", report)
    return tuple(Reviewer(row.cells["id"], split_items(row.cells["ties"])) for row in rows)


def assessments(data: bytes, lookup: Lookup, report: FileReport) -> tuple[Assessment, ...]:
    """assessments.csv; a reviewer assesses an application once."""
    found: dict[tuple[str, str], Assessment] = {}
    for row in _rows(ASSESSMENTS, data, report):
        reviewer, applicant = row.name("reviewer", lookup.reviewers), row.name("applicant", lookup.applicants)
        yes = [row.one_of(column, ("yes", "no")) == "yes" for column in ("additional", "on_topic")]
        one = Assessment(reviewer, applicant, row.whole("score", 0, 100), *yes)
        if (reviewer, applicant) in found:
            row.wrong("reviewer", f"{shown(reviewer)} has assessed {shown(applicant)} already", "remove one of the two")
        if row.sound:
            found[reviewer, applicant] = one
    return tuple(found.values())


def evidence(data: bytes, lookup: Lookup, report: FileReport) -> tuple[Evidence, ...]:
    """evidence.csv."""
    currency = lookup.terms.budget.currency
    found = []
    for row in _rows(EVIDENCE, data, report):
        one = Evidence(
            row.name("fellow", lookup.applicants),
            row.whole("year", 1, 10),
            row.day("date"),
            row.cells["report"],
            row.read("spent", lambda text: parse_amount(text, currency), 0),
        )
        if not one.report.strip():
            row.wrong("report", "the report is empty", "say where it is public, or what was done")
        if row.sound:
            found.append(one)
    return tuple(found)


def reviews(data: bytes, lookup: Lookup, report: FileReport) -> tuple[Review, ...]:
    """reviews.csv."""
    found = []
    for row in _rows(REVIEWS, data, report):
        answer = cast("Answer", row.one_of("answer", ANSWERS))
        factor = row.read("factor", parse_exact) if row.cells["factor"] else None
        if (answer == "adjust") != (factor is not None) and row.sound:
            row.wrong("factor", "a factor belongs to adjust, and only there", "write it, or empty the cell")
        one = Review(
            row.name("reviewer", lookup.reviewers),
            row.name("fellow", lookup.applicants),
            row.whole("year", 1, 10),
            row.day("date"),
            answer,
            factor,
        )
        if row.sound:
            found.append(one)
    return tuple(found)


def events(data: bytes, lookup: Lookup, report: FileReport) -> tuple[Event, ...]:
    """events.csv."""
    terms, found = lookup.terms, []
    clauses = Names("clause", "[[clauses]] of programme.toml", (clause.id for clause in terms.clauses))
    for row in _rows(EVENTS_SHEET, data, report):
        kind = row.one_of("kind", EVENTS)
        if kind == "move" and row.cells["detail"] not in terms.places:
            row.wrong("detail", f"{shown(row.cells['detail'])} has no cost index", "add it to [award.places]")
        one = Event(
            row.name("fellow", lookup.applicants),
            row.day("date"),
            kind,
            row.name("detail", clauses) if kind == "breach" else row.cells["detail"],
            row.whole("year", 1, 10) if kind == "breach" else 0,
            row.read("amount", lambda text: parse_amount(text, terms.budget.currency), 0) if kind == "returned" else 0,
        )
        if row.sound:
            found.append(one)
    return tuple(found)
