"""Reading a round folder: every file that belongs to it, every problem in one error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np

from daccord.errors import Problem
from daccord.formats._answers import Lookup, Tell
from daccord.formats._columns import COMPARISONS, RANKINGS, RATINGS, ROLES, Sheet
from daccord.formats._comparisons import read_comparisons
from daccord.formats._folder import in_order, read_files
from daccord.formats._judges import read_judges
from daccord.formats._lists import FOLDER, list_file, model_of, read_list
from daccord.formats._manifest import FILE, Manifest, read_manifest
from daccord.formats._problems import FileReport, Names, Report, RoundFolderError, shown
from daccord.formats._projects import read_projects_csv, read_projects_toml
from daccord.formats._public import digests_of
from daccord.formats._rankings import read_rankings
from daccord.formats._ratings import read_ratings
from daccord.formats._roles import read_roles
from daccord.formats._tables import find_table
from daccord.formats.inputs import TABLES, Context
from daccord.judging import Comparisons, Judgments, ModelList, Panel, Rankings, Ratings, Skips
from daccord.portfolio import CELLS, Portfolio
from daccord.round import Criterion, MoneyInputs, Round

__all__ = ["check_files", "check_round", "load_round", "round_files"]

T = TypeVar("T")


def _silent(_: str) -> None:
    pass


def load_round(folder: str | Path, tell: Callable[[str], None] = _silent) -> Round:
    """Read a round folder.

    Args:
        folder: Where round.toml lies.
        tell: Called with a few words on how far reading has come.

    Returns:
        The round, with the SHA-256 of what may be published of every file read in `digests` and what reading changed in
        `notices`.

    Raises:
        InputError: Something is wrong; all problems are listed, each with file, row, column and remedy.
        ExternalError: The disk refuses, or a file needs a library that is not installed.
    """
    found, problems = check_round(folder, tell)
    if found is None:
        raise RoundFolderError(problems)
    return found


def check_round(folder: str | Path, tell: Callable[[str], None] = _silent) -> tuple[Round | None, list[Problem]]:
    """Read a round folder and say what is wrong with it.

    Args:
        folder: Where round.toml lies.
        tell: As in `load_round`.

    Returns:
        The round and no problem, or None and at least one problem, in the order of file and row.

    Raises:
        ExternalError: As in `load_round`.
    """
    files, problems = read_files(Path(folder))
    if problems and not files:
        return None, problems
    found, more = check_files(files, tell)
    problems = sorted({*problems, *more}, key=in_order)
    return (None, problems) if problems else (found, [])


def round_files(folder: str | Path) -> dict[str, bytes]:
    """The bytes of all files that belong to a round, by their name in the folder; what they say is not checked.

    Raises:
        InputError: There is no such folder, or a file has a name that looks like another's.
        ExternalError: The disk refuses.
    """
    files, problems = read_files(Path(folder))
    if problems:
        raise RoundFolderError(problems)
    return files


def check_files(
    files: Mapping[str, bytes], tell: Callable[[str], None] = _silent
) -> tuple[Round | None, list[Problem]]:
    """Read a round from the bytes of its files, without a disk.

    Args:
        files: Name in the folder → bytes.
        tell: As in `load_round`.

    Returns:
        The round and no problem, or None and at least one problem.
    """
    report = Report()
    manifest = None
    if FILE in files:
        manifest = read_manifest(files[FILE], report.file(FILE))
    else:
        remedy = "add it; `daccord init` writes one that explains itself"
        report.file(FILE).add(None, None, f"the folder has no {FILE}", remedy)
    portfolio, projects = _projects(files, manifest, report)
    if manifest is not None:
        _check_named(manifest, projects, report)
    panel, judges = _judges(files, manifest, portfolio, projects, report)
    asked = manifest.asked if manifest else Names("criterion", FILE, (), complete=False)
    models = frozenset(seat for seat, judge in enumerate(panel) if not judge.is_person)
    lookup = Lookup(projects, judges, asked, manifest.criteria if manifest else {}, models)
    compared = _answers(COMPARISONS, read_comparisons, files, lookup, report, tell)
    rated = _answers(RATINGS, read_ratings, files, lookup, report, tell)
    ranked = _answers(RANKINGS, read_rankings, files, lookup, report, tell)
    lists = _lists(files, panel, lookup, manifest, report)
    context = Context(manifest.currency if manifest else None, portfolio, projects, judges, panel)
    roles = (
        read_roles(files[ROLES.file], portfolio, projects, judges, report.file(ROLES.file))
        if ROLES.file in files
        else ()
    )
    inputs = _inputs(files, context, report)
    if report.problems:
        return None, report.problems
    criteria = _complete(manifest)
    if manifest is None or manifest.goal is None or manifest.budget is None or manifest.rules is None:
        raise AssertionError("a part of round.toml is missing and no problem says so")
    judgments = {
        name: _judgments(compared.get(name), rated.get(name), ranked.get(name), lists.get(name, ()))
        for name in (criterion.id for criterion in criteria)
    }
    return Round(
        name=manifest.name,
        goal=manifest.goal,
        budget=manifest.budget,
        criteria=criteria,
        portfolio=portfolio,
        panel=panel,
        judgments=judgments,
        rules=manifest.rules,
        inputs=inputs,
        seed=manifest.seed,
        simulated=manifest.simulated,
        digests=digests_of(files, criteria),
        notices=(*manifest.notices, *report.notices),
        roles=roles,
    ), []


def _answers(
    sheet: Sheet,
    read: Callable[[bytes, Lookup, FileReport, Tell], Mapping[str, T]],
    files: Mapping[str, bytes],
    lookup: Lookup,
    report: Report,
    tell: Callable[[str], None],
) -> Mapping[str, T]:
    """Criterion → what one table says of it."""
    name = find_table(sheet, files, report)
    if name is None:
        return {}

    def rows(done: int, size: int | None) -> None:
        tell(f"{name}: {done:,}{'' if size is None else f' of {size:,}'} rows")

    return read(files[name], lookup, report.file(name), rows)


def _inputs(files: Mapping[str, bytes], context: Context, report: Report) -> MoneyInputs:
    """What the tables for money rules hold."""
    there = (table for table in TABLES if table.sheet.file in files)
    return MoneyInputs(
        **{table.field: table.read(files[table.sheet.file], context, report.file(table.sheet.file)) for table in there}
    )


def _judgments(
    compared: tuple[Comparisons, Skips] | None,
    rated: tuple[Ratings, Skips] | None,
    ranked: Rankings | None,
    lists: Iterable[ModelList],
) -> Judgments:
    comparisons, pairs = compared or (Comparisons.empty(), Skips.empty())
    ratings, singles = rated or (Ratings.empty(), Skips.empty())
    skips = Skips(*(np.concatenate([getattr(part, name) for part in (pairs, singles)]) for name in ("judge", "a", "b")))
    return Judgments(comparisons, ratings, tuple(lists), ranked or Rankings.empty(), skips)


def _complete(manifest: Manifest | None) -> tuple[Criterion, ...]:
    found = manifest.criteria.values() if manifest else ()
    return tuple(criterion for criterion in found if criterion is not None)


def _projects(files: Mapping[str, bytes], manifest: Manifest | None, report: Report) -> tuple[Portfolio, Names]:
    found = [name for name in ("projects.csv", "projects.toml") if name in files]
    portfolio, complete = Portfolio(()), False
    if not found:
        remedy = "add a file with the columns id and title, a row for each project"
        report.file("projects.csv").add(None, None, "the folder has no projects.csv and no projects.toml", remedy)
    elif len(found) > 1:
        message = "projects stand in projects.csv and in projects.toml"
        report.file("projects.toml").add(None, None, message, "keep one of the two files")
    for name in found:
        read = read_projects_csv if name.endswith(".csv") else read_projects_toml
        portfolio, complete = read(files[name], manifest, report.file(name))
    complete = complete and len(found) == 1
    return portfolio, Names("project", found[0] if found else "projects.csv", portfolio.ids, complete=complete)


def _judges(
    files: Mapping[str, bytes], manifest: Manifest | None, portfolio: Portfolio, projects: Names, report: Report
) -> tuple[Panel, Names]:
    name = "judges.csv"
    panel, complete = Panel(()), False
    if name in files:
        panel, complete = read_judges(files[name], manifest, portfolio, projects, report.file(name))
    else:
        remedy = "add a file with the columns id and kind, a row for each person and model"
        report.file(name).add(None, None, f"the folder has no {name}", remedy)
    return panel, Names("judge", name, (judge.id for judge in panel), complete=complete)


def _check_named(manifest: Manifest, projects: Names, report: Report) -> None:
    if manifest.rules is None:
        return
    file = report.file(FILE)
    risks = Names("risk", "[[risks]]", (risk.id for risk in manifest.risks), complete=manifest.risks_complete)
    cells = Names("domain cell", "the domain cube", (cell.id for cell in CELLS), complete=True)
    rules = manifest.rules
    named = [
        *(("constraints", i, "projects", one.projects, projects) for i, one in enumerate(rules.constraints)),
        *(("constraints", i, "raises", one.raises, risks) for i, one in enumerate(rules.constraints)),
        *(("safeguards", i, "projects", one.projects, projects) for i, one in enumerate(rules.safeguards)),
        *(("safeguards", i, "risks", one.risks, risks) for i, one in enumerate(rules.safeguards)),
        *(("safeguards", i, "cells", one.cells, cells) for i, one in enumerate(rules.safeguards)),
        *(("earlier_holds", i, "project", (one.project,), projects) for i, one in enumerate(rules.earlier_holds)),
    ]
    for table, i, key, ids, names in named:
        for identifier in ids:
            names.check(identifier, manifest.toml.row((table, i, key)), f"{table}.{key}", file)


def _lists(
    files: Mapping[str, bytes], panel: Panel, lookup: Lookup, manifest: Manifest | None, report: Report
) -> dict[str, list[ModelList]]:
    """Criterion → lists, in the order of the models in judges.csv."""
    lists: dict[str, list[ModelList]] = {}
    names = sorted(name for name in files if name.startswith(f"{FOLDER}/"))
    seen: dict[str, str] = {}
    for name in names:
        model = model_of(name)
        if (other := seen.setdefault(model, name)) != name:
            message = f"the model {shown(model)} has two lists, this and {other}"
            report.file(name).add(None, "file name", message, f"keep one, as {list_file(model)}")
    names.sort(key=lambda name: lookup.judges.index.get(model_of(name), -1))
    for name in names:
        found = read_list(
            name,
            files[name],
            panel,
            lookup,
            report.file(name),
            floor=manifest.floor if manifest else None,
            partial=manifest.partial if manifest else True,
        )
        for criterion, read in found.items():
            lists.setdefault(criterion, []).append(read)
    return lists
