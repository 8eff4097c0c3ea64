"""`projects.csv` or `projects.toml` → `Portfolio`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from typing import Final

from pydantic import ValidationError

from daccord.formats._columns import KINDS, PROJECTS, SKIP, TIE
from daccord.formats._edges import read_roles_of
from daccord.formats._gates import read_gates
from daccord.formats._manifest import Manifest
from daccord.formats._problems import FileReport, Names, check_ids, clean_text, fold, nearest, shown
from daccord.formats._table import read_csv
from daccord.formats._toml import TomlText, read_toml
from daccord.formats._toml_errors import report_errors
from daccord.formats._toml_models import ProjectPart, ProjectsFile
from daccord.formats._values import Fault, parse_amount, parse_share
from daccord.money import Currency
from daccord.portfolio import CELLS, COMFORT, MATURITIES, Gate, Portfolio, Project

__all__ = ["read_projects_csv", "read_projects_toml", "split_items"]

_CELLS: Final = frozenset(cell.id for cell in CELLS)
_RESERVED: Final = {
    TIE: f"`{TIE}` is what a comparison says when neither won",
    SKIP: f"`{SKIP}` is what an answer says when the judge could not tell",
}


@dataclass(frozen=True)
class _Draft:
    """One project as written, with the row of each of its columns."""

    row: int | None
    id: str
    title: str
    team: str = ""
    ask: str = ""
    cells: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    maturity: str = ""
    kind: str = ""
    licence: str = ""
    open_sourcing: str = ""
    text: str = ""
    rows: Mapping[str, int | None] = field(default_factory=dict)

    def at(self, column: str) -> int | None:
        """The row of a column."""
        return self.rows.get(column, self.row)


def split_items(text: str) -> tuple[str, ...]:
    """The parts of a cell that holds a list separated by semicolons; empty parts do not count."""
    return tuple(item for part in text.split(";") if (item := part.strip()))


def read_projects_csv(data: bytes, manifest: Manifest | None, report: FileReport) -> tuple[Portfolio, bool]:
    """Read projects.csv.

    Args:
        data: Its bytes.
        manifest: Of the round; without it amounts and risks go unchecked.
        report: Takes every problem.

    Returns:
        The projects that have an id, and whether the file could be read as a whole.
    """
    table = read_csv(PROJECTS, data, report)
    if table is None:
        return Portfolio(()), False
    drafts = []
    for line, cells in table.rows():
        identifier, title, team, ask, inside, roles, requires, maturity, kind, licence, comfort, text = cells
        items = (split_items(inside), split_items(roles), split_items(requires))
        drafts.append(_Draft(line, identifier, title, team, ask, *items, maturity, kind, licence, comfort, text))
    if table.complete and all(draft.kind == "technology" for draft in drafts):
        report.add(None, None, "the file lists no project", "add a row for each project that asks for money")
    complete = bool(drafts) and table.complete
    return _portfolio(drafts, manifest, report, complete=complete), complete


def read_projects_toml(data: bytes, manifest: Manifest | None, report: FileReport) -> tuple[Portfolio, bool]:
    """Read projects.toml; see `read_projects_csv`."""
    toml = read_toml(data, report)
    if toml is None:
        return Portfolio(()), False
    try:
        parts = list(enumerate(ProjectsFile.model_validate(toml.data).project))
    except ValidationError as error:
        report_errors(error, ProjectsFile, toml, report)
        parts = list(_valid_projects(toml))
        _portfolio([_draft(part, i, toml) for i, part in parts], manifest, report, complete=False)
        return Portfolio(()), False
    return _portfolio([_draft(part, i, toml) for i, part in parts], manifest, report, complete=True), True


def _valid_projects(toml: TomlText) -> Iterator[tuple[int, ProjectPart]]:
    """Those tables that are in shape by themselves; what is wrong with the others is reported already."""
    tables = toml.data.get("project")
    for i, table in enumerate(tables if isinstance(tables, list) else []):
        try:
            yield i, ProjectPart.model_validate(table)
        except ValidationError:
            continue


def _draft(part: ProjectPart, i: int, toml: TomlText) -> _Draft:
    return _Draft(
        row=toml.row(("project", i)),
        id=part.id,
        title=part.title,
        team=part.team.strip(),
        ask=part.ask,
        cells=tuple(part.cells),
        roles=tuple(part.roles),
        requires=tuple(part.requires),
        maturity=part.maturity,
        kind=part.kind,
        licence=part.licence.strip(),
        open_sourcing=part.open_sourcing,
        text=part.text,
        rows={name: toml.row(("project", i, name)) for name in ProjectPart.model_fields},
    )


def _portfolio(drafts: list[_Draft], manifest: Manifest | None, report: FileReport, *, complete: bool) -> Portfolio:
    risks = manifest.risks if manifest else ()
    taken = _RESERVED | {fold(risk.id): "a risk of round.toml has it" for risk in risks}
    check_ids(((draft.id, draft.at("id")) for draft in drafts), "project", "id", report, taken=taken)
    projects = Names("project", report.name, (draft.id for draft in drafts), complete=complete)
    risks_known = manifest is not None and manifest.risks_complete
    targets = Names(
        "project or risk",
        f"{report.name} or [[risks]]",
        [*projects.index, *(risk.id for risk in risks)],
        complete=risks_known and complete,
    )
    currency = manifest.currency if manifest else None
    gates = [read_gates(draft.requires, draft.id, draft.at("requires"), projects, targets, report) for draft in drafts]
    read = [
        Project(
            id=draft.id,
            title=_text(draft, "title", report),
            team=_text(draft, "team", report),
            ask=_ask(draft, currency, report),
            cells=_cells(draft, report),
            roles=read_roles_of(draft.roles, draft.id, draft.at("roles"), projects, targets, report),
            requires=tuple(gate.of for gate in waits if gate == Gate(gate.of)),
            maturity=_one_of(draft, "maturity", MATURITIES, report) or None,
            text=_text(draft, "text", report),
            gates=tuple(gate for gate in waits if gate != Gate(gate.of)),
            licence=_text(draft, "licence", report),
            open_sourcing=_one_of(draft, "open_sourcing", COMFORT, report),
        )
        for draft, waits in zip(drafts, gates, strict=True)
    ]
    _check_cycles(read, drafts, report)
    kinds = [_one_of(draft, "kind", KINDS, report) for draft in drafts]
    sorted_out = [(item, kind == "technology") for item, kind in zip(read, kinds, strict=True)]
    projects_found, technologies = (
        tuple(item for item, plain in sorted_out if plain is side) for side in (False, True)
    )
    return Portfolio(projects_found, risks, technologies)


def _text(draft: _Draft, column: str, report: FileReport) -> str:
    text: str = getattr(draft, column)
    if column == "title" and not text.strip():
        message = f"the project {shown(draft.id)} has no title"
        report.add(draft.at(column), column, message, "give it a name for people")
    elif (fault := clean_text(text, lines=column == "text")) is not None:
        report.add(draft.at(column), column, *fault)
    elif column == "team" and ";" in text:
        message = f"the team {shown(text)} contains a semicolon, which separates names in `conflicts`"
        report.add(draft.at(column), column, message, "use another character")
    return text


def _ask(draft: _Draft, currency: Currency | None, report: FileReport) -> int | None:
    if draft.kind == "technology":
        if draft.ask:
            message = f"{shown(draft.id)} is a technology, which asks for no money"
            report.add(draft.at("ask"), "ask", message, "empty its ask, or leave kind empty if it is a project")
        return 0
    if not draft.ask or currency is None:
        return None
    try:
        ask = parse_amount(draft.ask, currency)
    except Fault as fault:
        report.add(draft.at("ask"), "ask", fault.message, fault.remedy)
        return None
    if ask == 0:
        remedy = "leave it empty if any amount can be used, or write technology as its kind if it asks for no money"
        report.add(draft.at("ask"), "ask", "the project asks for nothing", remedy)
    return ask


def _cells(draft: _Draft, report: FileReport) -> dict[str, Fraction]:
    shares: dict[str, Fraction] = {}
    sound = True

    def refuse(message: str, remedy: str) -> None:
        nonlocal sound
        sound = False
        report.add(draft.at("cells"), "cells", message, remedy)

    for item in draft.cells:
        name, mark, text = (part.strip() for part in item.partition(":"))
        if name not in _CELLS:
            meant = nearest(name, _CELLS)
            remedy = f"did you mean {meant}?" if meant else f"use one of {', '.join(cell.id for cell in CELLS)}"
            refuse(f"{shown(name)} is no domain cell", remedy)
        elif name in shares:
            refuse(f"the cell {name} is named twice", "name it once, with the whole share")
        else:
            try:
                shares[name] = parse_share(text) if mark else Fraction(1)
            except Fault as fault:
                refuse(fault.message, fault.remedy)
    total = sum(shares.values(), Fraction(0))
    if sound and shares and total != 1:
        shown_total = str(total) if total.denominator < 10 else f"{float(total):g}"
        refuse(
            f"the shares of the cells sum to {shown_total}, not to 1",
            "write the share of each cell, such as bits/cyber/survive:0.7; bits/info/survive:0.3",
        )
    return shares


def _one_of(draft: _Draft, column: str, words: Sequence[str], report: FileReport) -> str:
    word: str = getattr(draft, column)
    if word and word not in words:
        meant = nearest(word, words)
        remedy = f"did you mean {meant}?" if meant else f"use one of {', '.join(words)}, or leave it empty"
        name = column.replace("_", " ")
        report.add(draft.at(column), column, f"{shown(word)} is no {name}", remedy)
    return word


def _check_cycles(projects: Iterable[Project], drafts: list[_Draft], report: FileReport) -> None:
    """Report projects that wait for each other: none of them could ever be first."""
    waits = {project.id: {gate.of for gate in project.waits if not gate.role} - {project.id} for project in projects}
    row_of = {draft.id: draft.at("requires") for draft in drafts}
    while True:
        try:
            TopologicalSorter(waits).prepare()
        except CycleError as error:
            circle = list(reversed(error.args[1]))
        else:
            return
        message = f"these projects wait for each other: {' requires '.join(circle)}"
        report.add(row_of[circle[0]], "requires", message, "remove one of these requirements")
        for name in circle[1:]:
            del waits[name]
