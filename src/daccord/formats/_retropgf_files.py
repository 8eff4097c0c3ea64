"""The files of an Optimism Retro Funding round with metrics: found by their columns, read strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NoReturn

from daccord.errors import ExternalError, InputError, Problem
from daccord.formats._deepfunding_table import Table, read_table
from daccord.formats._problems import shown
from daccord.formats._values import Fault, parse_exact

__all__ = ["Ballot", "Files", "Proof", "Said", "find_files", "read_ballots", "read_official", "read_projects"]

_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "ballots": ("Address", "Badgeholder", "Status", "Os multiplier", "Ballot content", "Payload"),
    "metrics": ("application_id", "project_name", "is_oss"),
    "official": ("Project_id", "rf4_allocation"),
}
"""What each file is → columns by which it is known."""

_MOST_BYTES: Final = 2**20
"""Longest ballot that is read."""


@dataclass(frozen=True)
class Files:
    """The files of a round.

    Attributes:
        ballots: Export of ballots with their signed payloads.
        metrics: Metrics by project.
        official: Published amounts; None if the folder has none.
    """

    ballots: Table
    metrics: Table
    official: Table | None


@dataclass(frozen=True)
class Said:
    """What a ballot says.

    Attributes:
        weights: Metric → weight above zero.
        multiplier: What open-source projects are multiplied by, above zero.
    """

    weights: Mapping[str, Fraction]
    multiplier: Fraction


@dataclass(frozen=True)
class Proof:
    """Cells of a ballot as they stand: the voter's address, the signature, the text that was signed."""

    address: str
    signature: str
    payload: str


@dataclass(frozen=True)
class Ballot:
    """A submitted ballot.

    Attributes:
        row: Line of the file.
        signed: What the signed payload says.
        stored: What the export's own columns say; None if they cannot be read as a ballot.
        proof: What proves who signed it; None if the export has no signatures.
    """

    row: int
    signed: Said
    stored: Said | None
    proof: Proof | None


def find_files(folder: Path) -> Files:
    """Look through the CSV files of a folder.

    Raises:
        InputError: A file is missing, or there are two of a kind.
        ExternalError: The disk refuses.
    """
    if not folder.is_dir():
        raise InputError.single(str(folder), "is no folder", remedy="name the folder that holds the published files")
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".csv")
    except OSError as error:
        raise ExternalError(f"{folder} cannot be read: {error}") from error
    found: dict[str, Table] = {}
    for path in paths:
        table = read_table(path, path.name)
        for kind, columns in _KINDS.items():
            if set(columns) <= set(table.header):
                if kind in found:
                    message = f"holds {kind}, and so does {found[kind].file}"
                    raise InputError.single(table.file, message, remedy="keep one of the two in the folder")
                found[kind] = table
    for kind in ("ballots", "metrics"):
        if kind not in found:
            remedy = f"add a CSV file with the columns {', '.join(_KINDS[kind])}"
            raise InputError.single(str(folder), f"has no file of {kind}", remedy=remedy)
    return Files(found["ballots"], found["metrics"], found.get("official"))


def read_projects(table: Table) -> tuple[dict[str, str], dict[str, Mapping[str, Fraction]], frozenset[str]]:
    """Read the metrics of projects.

    Returns:
        Project id → name; metric → project id → value; and the open-source projects.

    Raises:
        InputError: A value is no number, or an id stands there twice.
    """
    problems: list[Problem] = []
    place = {name: i for i, name in enumerate(table.header)}
    names: dict[str, str] = {}
    metrics: dict[str, dict[str, Fraction]] = {name: {} for name in table.header if name not in _KINDS["metrics"]}
    marked = set()
    for line, cells in zip(table.lines, table.rows, strict=True):
        identifier = cells[place["application_id"]].strip()
        if not identifier or identifier in names:
            what = "stands there twice" if identifier else "is missing"
            problems.append(
                Problem(table.file, line, "application_id", f"the id {shown(identifier)} {what}", "correct the id")
            )
        names[identifier] = cells[place["project_name"]].strip()
        mark = cells[place["is_oss"]].strip().lower()
        if mark == "true":
            marked.add(identifier)
        elif mark != "false":
            problems.append(Problem(table.file, line, "is_oss", f"{shown(mark)} is not true or false", "write one"))
        for metric, values in metrics.items():
            try:
                values[identifier] = parse_exact(cells[place[metric]].strip())
            except Fault as fault:
                problems.append(Problem(table.file, line, metric, fault.message, fault.remedy))
    if problems:
        raise InputError(problems)
    return names, dict(metrics), frozenset(marked)


def read_official(table: Table) -> dict[str, Fraction]:
    """Project id → published amount, whole units.

    Raises:
        InputError: An amount is no number.
    """
    project, amount = table.header.index("Project_id"), table.header.index("rf4_allocation")
    out: dict[str, Fraction] = {}
    problems: list[Problem] = []
    for line, cells in zip(table.lines, table.rows, strict=True):
        try:
            out[cells[project].strip()] = parse_exact(cells[amount].strip())
        except Fault as fault:
            problems.append(Problem(table.file, line, "rf4_allocation", fault.message, fault.remedy))
    if problems:
        raise InputError(problems)
    return out


def read_ballots(table: Table, metrics: Mapping[str, object]) -> tuple[list[Ballot], int]:
    """Read submitted ballots of badge holders.

    Args:
        table: The export.
        metrics: Names that a ballot may weigh.

    Returns:
        Ballots in order, and the number of rows set aside: not submitted, or not of a badge holder.

    Raises:
        InputError: A payload is no ballot, or a voter has two.
    """
    place = {name: table.header.index(name) for name in _KINDS["ballots"]}
    signature = table.first_of("Signature")
    problems: list[Problem] = []
    ballots: list[Ballot] = []
    voters: dict[str, int] = {}
    aside = 0
    for line, cells in zip(table.lines, table.rows, strict=True):
        if cells[place["Status"]] != "SUBMITTED" or cells[place["Badgeholder"]].lower() != "true":
            aside += 1
            continue
        first = voters.setdefault(cells[place["Address"]].strip().lower(), line)
        if first != line:
            message = f"the voter has a ballot already (row {first})"
            problems.append(Problem(table.file, line, "Address", message, "keep the ballot that counts"))
        try:
            signed = _payload(cells[place["Payload"]], metrics)
        except Fault as fault:
            problems.append(Problem(table.file, line, "Payload", fault.message, fault.remedy))
            continue
        proof = None
        if signature is not None:
            proof = Proof(cells[place["Address"]].strip(), cells[signature].strip(), cells[place["Payload"]])
        ballots.append(Ballot(line, signed, _stored(cells, place, metrics), proof))
    if problems:
        raise InputError(problems)
    return ballots, aside


def _payload(text: str, metrics: Mapping[str, object]) -> Said:
    document = _json(text)
    if not isinstance(document, dict) or "allocations" not in document or "os_multiplier" not in document:
        raise Fault("the payload has no allocations or no os_multiplier", "restore the payload as it was signed")
    if document.get("os_only", False) is not False:
        raise Fault("the ballot is for open-source projects only", "no published rule says how it counts; leave it out")
    return _said(document["allocations"], document["os_multiplier"], metrics)


def _stored(cells: tuple[str, ...], place: Mapping[str, int], metrics: Mapping[str, object]) -> Said | None:
    """The ballot as the export's own columns have it."""
    try:
        multiplier = parse_exact(cells[place["Os multiplier"]].strip())
        return _said(_json(cells[place["Ballot content"]]), multiplier, metrics)
    except Fault:
        return None


def _said(allocations: object, multiplier: object, metrics: Mapping[str, object]) -> Said:
    remedy = "restore the ballot as it was signed"
    if not isinstance(multiplier, Fraction) or multiplier <= 0:
        raise Fault("the open-source multiplier is no number above zero", remedy)
    if not isinstance(allocations, list):
        raise Fault("the allocations are no list", remedy)
    weights: dict[str, Fraction] = {}
    for entry in allocations:
        if not isinstance(entry, dict) or len(entry) != 1:
            raise Fault("an allocation is not one metric with its weight", remedy)
        ((metric, weight),) = entry.items()
        if metric not in metrics:
            raise Fault(f"{shown(metric)} is no metric of the round", remedy)
        if metric in weights:
            raise Fault(f"{shown(metric)} is weighed twice", remedy)
        if not isinstance(weight, Fraction) or weight < 0:
            raise Fault(f"the weight of {shown(metric)} is no number of at least zero", remedy)
        weights[metric] = weight
    return Said({metric: weight for metric, weight in weights.items() if weight}, multiplier)


def _json(text: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """JSON with exact numbers."""
    remedy = "restore the ballot as it was signed"

    def constant(name: str) -> NoReturn:
        raise Fault(f"{name} is not a number", remedy)

    def number(digits: str) -> Fraction:
        if len(digits) > 60:
            raise Fault("a number is too long to be meant", remedy)
        return parse_exact(digits)

    if len(text) > _MOST_BYTES:
        raise Fault("the ballot is longer than a million characters", remedy)
    try:
        return json.loads(text, parse_float=number, parse_int=number, parse_constant=constant)
    except (json.JSONDecodeError, RecursionError) as error:
        raise Fault("the ballot is not JSON", remedy) from error
