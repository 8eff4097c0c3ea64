"""What a round folder becomes in a record: which files the manifest has, and which rows are signed by whom."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from daccord.errors import InputError
from daccord.record.payloads import TABLES, Answers
from daccord.round import HARMS

__all__ = ["Said", "Script", "script_of"]


@dataclass(frozen=True)
class Said:
    """One answer: who, in which table, to which subject; and its rows."""

    who: str
    table: str
    subject: Mapping[str, str]
    rows: tuple[Mapping[str, str], ...]

    @property
    def secret(self) -> bool:
        """Whether it is on harm, or on a role that raises a risk."""
        return self.subject.get("criterion") in HARMS or self.subject.get("kind") == "raises"


@dataclass(frozen=True)
class Script:
    """A round folder, taken apart.

    Attributes:
        files: Of the manifest: name → text.
        persons: Ids of jurors.
        others: Ids of voters and donors.
        models: Ids of models.
        answers: Of people, in the order of the files.
        lists: (model, table, text of the file).
        given: (donor, project, amount).
    """

    files: Mapping[str, str]
    persons: tuple[str, ...]
    others: tuple[str, ...]
    models: tuple[str, ...]
    answers: tuple[Said, ...]
    lists: tuple[tuple[str, str, str], ...]
    given: tuple[tuple[str, str, str], ...]


def _rows(text: str) -> Iterator[dict[str, str]]:
    for row in csv.DictReader(text.removeprefix("\ufeff").splitlines(keepends=True), skipinitialspace=False):
        yield {name.strip(): value or "" for name, value in row.items() if name is not None}


def _ordered(table: Answers, row: dict[str, str]) -> dict[str, str]:
    """A comparison with its two projects in order."""
    if table.name == "comparisons" and row["a"].strip().encode() > row["b"].strip().encode():
        return {**row, "a": row["b"], "b": row["a"]}
    return row


def _said(table: Answers, rows: Sequence[Mapping[str, str]]) -> Said:
    first = rows[0]
    return Said(
        first[table.who].strip(),
        table.name,
        {name: first.get(name, "").strip() for name in table.subject},
        tuple({name: row[name].strip() for name in table.answer if row.get(name, "").strip()} for row in rows),
    )


def _answers(table: Answers, rows: Iterable[dict[str, str]]) -> list[Said]:
    """Answers of people; where an answer has several rows, those to one subject are one, in the place of the first."""
    ordered = [_ordered(table, row) for row in rows]
    if table.most == 1:
        return [_said(table, [row]) for row in ordered]
    groups: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in ordered:
        groups.setdefault(tuple(row.get(name, "").strip() for name in (table.who, *table.subject)), []).append(row)
    return [_said(table, group) for group in groups.values()]


def script_of(files: Mapping[str, bytes]) -> Script:
    """Take a round folder apart.

    Args:
        files: Of a sound round folder: name → bytes.

    Raises:
        InputError: A file of answers is no CSV; `daccord convert` writes it as one.
    """
    texts: dict[str, str] = {}
    for name, data in files.items():
        if not name.endswith((".csv", ".toml")):
            raise InputError.single(name, "a record holds text only", remedy="daccord convert DIR --to csv")
        texts[name] = data.decode("utf-8")
    judges = {row["id"].strip(): row["kind"].strip() for row in _rows(texts["judges.csv"])}
    models = tuple(name for name, kind in judges.items() if kind == "model")
    answers, lists = [], []
    for table in TABLES.values():
        if (text := texts.pop(f"{table.name}.csv", None)) is None:
            continue
        rows = list(_rows(text))
        answers += _answers(table, (row for row in rows if row[table.who].strip() not in models))
        for model in models:
            own = [row for row in rows if row[table.who].strip() == model]
            if own:
                lists.append((model, table.name, _csv(list(own[0]), own)))
    weighted = [name for name in sorted(texts) if name.startswith("lists/")]
    lists += [
        (unquote(name.removeprefix("lists/").removesuffix(".csv")), "lists", texts.pop(name)) for name in weighted
    ]
    given = [
        (row["donor"].strip(), row["project"].strip(), row["amount"].strip())
        for row in _rows(texts.pop("contributions.csv", ""))
    ]
    speaking = dict.fromkeys([*(one.who for one in answers), *(donor for donor, _, _ in given)])
    return Script(
        files=texts,
        persons=tuple(name for name, kind in judges.items() if kind == "person"),
        others=tuple(name for name in speaking if name not in judges),
        models=models,
        answers=tuple(answers),
        lists=tuple(lists),
        given=tuple(given),
    )


def _csv(names: list[str], rows: Iterable[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
