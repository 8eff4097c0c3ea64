"""Writing a round folder: what `load_round` reads back as the same round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from daccord.errors import ExternalError, Problem
from daccord.formats._columns import COMPARISONS, JUDGES, LISTS, PROJECTS, RANKINGS, RATINGS, ROLES
from daccord.formats._folder import FILES
from daccord.formats._lists import FOLDER, list_file
from daccord.formats._manifest import FILE
from daccord.formats._problems import RoundFolderError
from daccord.formats._reading import check_files
from daccord.formats._roles import role_rows
from daccord.formats._table import csv_bytes
from daccord.formats._toml import inline, key_text
from daccord.formats._toml_models import FORMAT
from daccord.formats._toml_money import money_tables
from daccord.formats._values import amount_text, share_text
from daccord.formats._writing_answers import comparison_rows, list_rows, ranking_rows, rating_rows, seconds_text
from daccord.formats.inputs import TABLES
from daccord.judging import Judge
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project
from daccord.round import HARMS, Criterion, Round

__all__ = ["round_files", "write_round"]


def write_round(round: Round, folder: str | Path) -> None:  # noqa: A002 - the field's word, as everywhere in daccord
    """Write a round as a folder.

    The files are read back in memory first, so that nothing is written that `load_round` would refuse. What a
    round does not hold is not written: when an answer was given, titles of communities and families (their ids stand
    in for them), and digests. Lists are written as they are; one that does not sum to 1 is normalised on reading.

    Args:
        round: What to write.
        folder: Made if it does not exist; may hold other files, but no file of a round.

    Raises:
        InputError: The folder holds a round already, or the round breaks a rule of the format (two answers of one
            person to one question, an id with a semicolon …).
        ExternalError: The disk refuses.
    """
    target = Path(folder)
    try:
        there = [name for name in (*FILES, FOLDER) if (target / name).exists()]
        if there:
            remedy = "choose another folder, or remove the old round first; nothing was written"
            raise RoundFolderError([Problem(name, None, None, f"{target / name} exists", remedy) for name in there])
        files = round_files(round)
        target.mkdir(parents=True, exist_ok=True)
        if any(name.startswith(f"{FOLDER}/") for name in files):
            (target / FOLDER).mkdir()
        for name in sorted(files, key=lambda name: name == FILE):  # last: half a folder is no round
            (target / name).write_bytes(files[name])
    except OSError as error:
        raise ExternalError(f"{target} cannot be written: {error}") from error


def round_files(round: Round) -> dict[str, bytes]:  # noqa: A002 - the field's word
    """The files of a round folder, by their names in it.

    Raises:
        InputError: The round breaks a rule of the format.
    """
    currency = round.budget.currency
    files = {
        FILE: _manifest(round).encode(),
        "projects.csv": csv_bytes(PROJECTS, _projects(round.portfolio, currency)),
        "judges.csv": csv_bytes(JUDGES, (_judge(judge) for judge in round.panel)),
    }
    for sheet, rows in ((COMPARISONS, comparison_rows), (RATINGS, rating_rows), (RANKINGS, ranking_rows)):
        if answers := list(rows(round)):
            files[sheet.file] = csv_bytes(sheet, answers)
    if round.roles:
        files[ROLES.file] = csv_bytes(ROLES, role_rows(round))
    for table in TABLES:
        if given := list(table.rows(round)):
            files[table.sheet.file] = csv_bytes(table.sheet, given)
    files |= {list_file(model): csv_bytes(LISTS, rows) for model, rows in list_rows(round).items()}
    _, problems = check_files(files)
    if problems:
        raise RoundFolderError(problems)
    return files


def _table(name: str, values: Mapping[str, Any]) -> str:
    lines = [f"{key_text(key)} = {inline(value)}" for key, value in values.items() if value is not None]
    return "\n".join([name, *lines, ""])


def _manifest(round: Round) -> str:  # noqa: A002 - the field's word
    rules = round.rules
    currency = round.budget.currency
    groups = {
        "communities": {judge.community for judge in round.panel if judge.community},
        "families": {judge.family for judge in round.panel if judge.family},
    }
    override = rules.models.override
    parts = [
        _table(
            f"format = {inline(FORMAT)}",
            {
                "name": round.name,
                "simulated": round.simulated,
                "seed": round.seed,
                "notices": list(round.notices) or None,
            },
        ),
        _table("[goal]", vars(round.goal) | {"date": round.goal.date or None}),
        _table(
            "[budget]",
            {
                "amount": amount_text(round.budget.amount, currency),
                "currency": currency.code,
                "digits": currency.digits,
            },
        ),
        *(_table(f"[criteria.{criterion.id}]", _criterion(criterion)) for criterion in round.criteria),
        _table(
            "[rules]",
            {"fusion": rules.fusion, "hold_days": rules.hold_days, "decided_on": rules.decided_on or None},
        ),
        _table("[rules.evidence]", vars(rules.evidence)),
        _table("[rules.verdicts]", vars(rules.verdicts)),
        *(_table(header, values) for header, values in money_tables(rules.money, currency).items()),
        _table("[rules.roles]", vars(rules.roles)),
        _table("[rules.models]", vars(rules.models) | {"override": None}),
        _table("[rules.models.override]", vars(override)) if override else "",
        _table("[rules.harm]", vars(rules.harm)),
        *(_table("[[constraints]]", vars(constraint)) for constraint in rules.constraints),
        *(_table("[[safeguards]]", vars(safeguard)) for safeguard in rules.safeguards),
        *(_table("[[earlier_holds]]", vars(hold)) for hold in rules.earlier_holds),
        *(_table("[[risks]]", vars(risk)) for risk in round.portfolio.risks),
        *(_table(f"[{name}]", {one: one for one in sorted(ids)}) for name, ids in groups.items() if ids),
        _table("[lists]", {"partial": True}) if _has_partial_list(round) else "",
    ]
    return "\n".join(part for part in parts if part)


def _criterion(criterion: Criterion) -> dict[str, Any]:
    threshold = criterion.threshold
    key = "limit" if criterion.id in HARMS else "bar"
    kind = "rating" if threshold and threshold.kind == "rating" else "times_typical"
    return {
        "question": criterion.question,
        "rating": vars(criterion.scale) if criterion.scale else None,
        key: {kind: threshold.value} if threshold else None,
    }


def _has_partial_list(round: Round) -> bool:  # noqa: A002 - the field's word
    return any(len(one.weights) < len(round.portfolio) for said in round.judgments.values() for one in said.lists)


def _projects(portfolio: Portfolio, currency: Currency) -> Iterator[tuple[str, ...]]:
    for items, technology in ((portfolio.projects, False), (portfolio.technologies, True)):
        for project in items:
            yield _project(project, currency, technology=technology)


def _project(project: Project, currency: Currency, *, technology: bool) -> tuple[str, ...]:
    return (
        project.id,
        project.title,
        project.team,
        "" if project.ask is None or technology else amount_text(project.ask, currency),
        "; ".join(cell if share == 1 else f"{cell}:{share_text(share)}" for cell, share in project.cells.items()),
        "; ".join(map(str, project.roles)),
        "; ".join(map(str, project.waits)),
        project.maturity or "",
        "technology" if technology else "",
        project.licence,
        project.open_sourcing,
        project.text,
    )


def _judge(judge: Judge) -> tuple[str, ...]:
    exposure = "" if judge.is_person else judge.exposure
    committed = "" if judge.committed is None else seconds_text(judge.committed)
    return (judge.id, judge.kind, judge.community, judge.family, "; ".join(judge.conflicts), exposure, committed)
