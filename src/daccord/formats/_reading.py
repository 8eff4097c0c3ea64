"""Reading a round folder: every file that belongs to it, every problem in one error."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from daccord.errors import ExternalError, Problem
from daccord.formats._answers import Lookup, read_comparisons, read_ratings
from daccord.formats._judges import read_contributions, read_judges
from daccord.formats._lists import FOLDER, list_file, model_of, read_list
from daccord.formats._manifest import FILE, Manifest, read_manifest
from daccord.formats._problems import Names, Report, RoundFolderError, nearest, shown
from daccord.formats._projects import read_projects_csv, read_projects_toml
from daccord.judging import Comparisons, Contribution, Judgments, ModelList, Panel, Ratings
from daccord.portfolio import Portfolio
from daccord.round import Criterion, Round

__all__ = ["FILES", "check_files", "check_round", "load_round", "read_files"]

FILES: Final = (
    FILE,
    "projects.csv",
    "projects.toml",
    "judges.csv",
    "comparisons.csv",
    "ratings.csv",
    "contributions.csv",
)
"""Files of a round folder, beside those in `lists/`."""


def load_round(folder: str | Path) -> Round:
    """Read a round folder.

    Args:
        folder: Where round.toml lies.

    Returns:
        The round, with the SHA-256 of every file read in `digests` and what reading changed in `notices`.

    Raises:
        InputError: Something is wrong; all problems are listed, each with file, row, column and remedy.
        ExternalError: The disk refuses.
    """
    found, problems = check_round(folder)
    if found is None:
        raise RoundFolderError(problems)
    return found


def check_round(folder: str | Path) -> tuple[Round | None, list[Problem]]:
    """Read a round folder and say what is wrong with it.

    Args:
        folder: Where round.toml lies.

    Returns:
        The round and no problem, or None and at least one problem, in the order of file and row.

    Raises:
        ExternalError: The disk refuses.
    """
    files, problems = read_files(Path(folder))
    if problems and not files:
        return None, problems
    found, more = check_files(files)
    problems = sorted({*problems, *more}, key=_order)
    return (None, problems) if problems else (found, [])


def _order(problem: Problem) -> tuple[int, str, int, str, str]:
    place = FILES.index(problem.file) if problem.file in FILES else len(FILES)
    return place, problem.file, problem.row or 0, problem.column or "", problem.message


def read_files(folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """The bytes of all files that belong to a round, by their name in the folder.

    Returns:
        The files, and problems with their names: a misspelled optional file must not be passed over in silence.

    Raises:
        ExternalError: The disk refuses.
    """
    try:
        if not folder.is_dir():
            what = "is no folder" if folder.exists() else "does not exist"
            remedy = f"name the folder that holds {FILE}; `daccord init` makes a new one"
            return {}, [Problem(str(folder), None, None, f"{shown(str(folder))} {what}", remedy)]
        problems: list[Problem] = []
        names = sorted(entry.name for entry in folder.iterdir())
        paths = {name: folder / name for name in FILES if name in names}
        problems += _misspelled((name for name in names if name not in FILES), names)
        lists = folder / FOLDER
        if FOLDER in names and lists.is_dir():
            inside = sorted(entry.name for entry in lists.iterdir() if not entry.name.startswith("."))
            paths |= {f"{FOLDER}/{name}": lists / name for name in inside if name.endswith(".csv")}
            problems += _not_lists(inside)
        elif FOLDER in names:
            problems.append(Problem(FOLDER, None, None, "`lists` is a file", "make it a folder with a file per model"))
        files: dict[str, bytes] = {}
        for name, path in paths.items():
            if path.is_file():
                files[name] = path.read_bytes()
            else:
                problems.append(Problem(name, None, None, f"`{name}` is no file", "put a file in its place"))
                files[name] = b""
    except (OSError, ValueError) as error:  # ValueError: a path that the system cannot express
        raise ExternalError(f"{folder} cannot be read: {error}") from error
    return files, problems


def _misspelled(names: Iterable[str], present: Iterable[str]) -> list[Problem]:
    """Names that look like a file of a round that is not there."""
    stems = {Path(name).stem: name for name in reversed((*FILES, FOLDER)) if name not in present}
    problems = []
    for name in names:
        stem, suffix = Path(name).stem, Path(name).suffix.lower()
        meant = stems.get(nearest(stem, stems, cutoff=0.8) or "")
        if meant is None or suffix != Path(meant).suffix or name == FOLDER:
            continue
        remedy = f"rename it to {meant}, or give it a name that nobody can mistake for it"
        problems.append(Problem(name, None, None, f"`{name}` is not read, but looks like `{meant}`", remedy))
    return problems


def _not_lists(names: Iterable[str]) -> list[Problem]:
    remedy = "name it after its model with .csv at the end, or move it out of the folder"
    return [
        Problem(f"{FOLDER}/{name}", None, None, f"`{name}` is not read: lists end in .csv", remedy)
        for name in names
        if not name.endswith(".csv") and not name.upper().startswith("README")
    ]


def check_files(files: Mapping[str, bytes]) -> tuple[Round | None, list[Problem]]:
    """Read a round from the bytes of its files, without a disk.

    Args:
        files: Name in the folder → bytes.

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
        _check_constraints(manifest, projects, report)
    panel, judges = _judges(files, manifest, portfolio, projects, report)
    asked = manifest.asked if manifest else Names("criterion", FILE, (), complete=False)
    models = frozenset(seat for seat, judge in enumerate(panel) if not judge.is_person)
    lookup = Lookup(projects, judges, asked, manifest.criteria if manifest else {}, models)
    comparisons = ratings = None
    if "comparisons.csv" in files:
        comparisons = read_comparisons(files["comparisons.csv"], lookup, report.file("comparisons.csv"))
    if "ratings.csv" in files:
        ratings = read_ratings(files["ratings.csv"], lookup, report.file("ratings.csv"))
    lists = _lists(files, panel, lookup, manifest, report)
    contributions: tuple[Contribution, ...] = ()
    if (name := "contributions.csv") in files:
        contributions = read_contributions(files[name], manifest, projects, report.file(name))
    if report.problems:
        return None, report.problems
    criteria = _complete(manifest)
    if manifest is None or manifest.goal is None or manifest.budget is None or manifest.rules is None:
        raise AssertionError("a part of round.toml is missing and no problem says so")
    judgments = {
        criterion.id: Judgments(
            (comparisons or {}).get(criterion.id, Comparisons.empty()),
            (ratings or {}).get(criterion.id, Ratings.empty()),
            tuple(lists.get(criterion.id, ())),
        )
        for criterion in criteria
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
        contributions=contributions,
        seed=manifest.seed,
        simulated=manifest.simulated,
        digests={name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
        notices=(*manifest.notices, *report.notices),
    ), []


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


def _check_constraints(manifest: Manifest, projects: Names, report: Report) -> None:
    if manifest.rules is None:
        return
    file = report.file(FILE)
    risks = Names("risk", "[[risks]]", (risk.id for risk in manifest.risks), complete=manifest.risks_complete)
    for i, constraint in enumerate(manifest.rules.constraints):
        for key, ids, names in (
            ("projects", constraint.projects, projects),
            ("raises", constraint.raises, risks),
        ):
            row = manifest.toml.row(("constraints", i, key))
            for identifier in ids:
                names.check(identifier, row, f"constraints.{key}", file)


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
