"""Reading a programme folder: every file, every problem in one error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from daccord.allocation.fellowships import Clause, Files, Terms
from daccord.errors import ExternalError
from daccord.formats._problems import FileReport, Names, Report, RoundFolderError, check_ids
from daccord.formats._toml import TomlText, read_toml
from daccord.formats._toml_errors import report_errors
from daccord.formats._values import Fault, parse_amount, parse_exact
from daccord.formats.programme import _tables
from daccord.formats.programme._shape import (
    APPLICANTS,
    ASSESSMENTS,
    EVENTS_SHEET,
    EVIDENCE,
    REVIEWERS,
    REVIEWS,
    ProgrammeFile,
)
from daccord.money import Currency
from daccord.round import Budget

T = TypeVar("T")

__all__ = ["load_programme", "programme_schema"]

_FILE: Final = "programme.toml"
_OPTIONAL: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    ASSESSMENTS.file: ("assessments", _tables.assessments),
    EVIDENCE.file: ("evidence", _tables.evidence),
    REVIEWS.file: ("reviews", _tables.reviews),
    EVENTS_SHEET.file: ("events", _tables.events),
}


def load_programme(folder: str | Path) -> Files:
    """Read a programme folder.

    Args:
        folder: Where programme.toml lies.

    Raises:
        InputError: Something is wrong; all problems are listed.
        ExternalError: The disk refuses.
    """
    report = Report()
    try:
        files = {
            name: path.read_bytes()
            for name in (_FILE, APPLICANTS.file, REVIEWERS.file, *_OPTIONAL)
            if (path := Path(folder) / name).is_file()
        }
    except OSError as error:
        raise ExternalError(f"{folder} cannot be read: {error}") from error
    for name in (_FILE, APPLICANTS.file):
        if name not in files:
            report.file(name).add(None, None, f"the folder has no {name}", "add it; docs/fellowships.md shows one")
    terms = _terms(files[_FILE], report.file(_FILE)) if _FILE in files else None
    if terms is None or report.problems:
        raise RoundFolderError(report.problems)
    people = _tables.applicants(files[APPLICANTS.file], terms, report.file(APPLICANTS.file))
    judges = _tables.reviewers(files[REVIEWERS.file], report.file(REVIEWERS.file)) if REVIEWERS.file in files else ()
    lookup = _tables.Lookup(
        terms,
        Names("applicant", APPLICANTS.file, (one.id for one in people)),
        Names("reviewer", REVIEWERS.file, (one.id for one in judges)),
    )
    tables = {
        field: read(files[name], lookup, report.file(name))
        for name, (field, read) in _OPTIONAL.items()
        if name in files
    }
    if report.problems:
        raise RoundFolderError(report.problems)
    return Files(terms, people, judges, **tables)


def _terms(data: bytes, report: FileReport) -> Terms | None:
    toml = read_toml(data, report)
    if toml is None:
        return None
    try:
        part = ProgrammeFile.model_validate(toml.data)
    except ValidationError as error:
        report_errors(error, ProgrammeFile, toml, report)
        return None
    currency = Currency(part.money.currency, part.money.digits)

    def money(text: str, *path: str) -> int:
        return _read(parse_amount, (text, currency), toml, report, path, 0)

    check_ids(((one.id, toml.row(("clauses", i))) for i, one in enumerate(part.clauses)), "clause", "clauses", report)
    places = {
        place: _read(parse_exact, (text,), toml, report, ("award", "places", place), Fraction(1))
        for place, text in part.award.places.items()
    }
    for place, index in places.items():
        if index == 0:
            report.add(toml.row(("award", "places", place)), "award.places", "the index is zero", "write one above 0")
    return Terms(
        name=part.name,
        set_by=part.set_by,
        budget=Budget(money(part.money.amount, "money", "amount"), currency),
        start=dt.date.fromisoformat(part.start),
        years=part.award.years,
        stipend=money(part.award.stipend, "award", "stipend"),
        research_fund=money(part.award.research_fund, "award", "research_fund"),
        places=places,
        index_source=part.award.index_source,
        contingency=money(part.money.contingency, "money", "contingency"),
        quorum=part.review.quorum,
        additional=Fraction(str(part.review.additional)),
        on_topic=Fraction(str(part.review.on_topic)),
        largest_adjustment=Fraction(str(part.review.largest_adjustment)),
        grace_days=part.review.grace_days,
        clauses=tuple(Clause(one.id, one.text, Fraction(str(one.share))) for one in part.clauses),
        simulated=part.simulated,
    )


def _read(
    parse: Callable[..., T],
    given: tuple[Any, ...],
    toml: TomlText,
    report: FileReport,
    path: tuple[str, ...],
    default: T,
) -> T:
    """What a text says, or the default after reporting what is wrong with it."""
    try:
        return parse(*given)
    except Fault as fault:
        report.add(toml.row(path), ".".join(path), fault.message, fault.remedy)
        return default


def programme_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of programme.toml as parsed."""
    return ProgrammeFile.model_json_schema()
