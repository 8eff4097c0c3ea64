"""The files of a round folder as they follow from what counts, and which entry each row comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_letters, digits
from typing import Final

from daccord.record.payloads import TABLES, Answers
from daccord.record.state._book import Answer, Entry, Given, ListedAnswers
from daccord.record.state._models import model_rows
from daccord.record.state._people import Person
from daccord.record.state._round import RoundState
from daccord.record.state._text import csv_line, csv_rows

__all__ = ["Files", "replayed_files"]

_PLAIN: Final = frozenset(ascii_letters + digits + "-_.~")
_ENTRIES: Final = ("kind", "project", "amount", "reason", "by")


@dataclass(frozen=True)
class Files:
    """Files of a round folder.

    Attributes:
        bytes_of: Name → bytes, sorted by name.
        rows_from: Name → (line of the first row that comes from a signed entry, entry hashes from that row on).
    """

    bytes_of: Mapping[str, bytes]
    rows_from: Mapping[str, tuple[int, tuple[str, ...]]]

    def entry_of(self, name: str, line: int | None) -> tuple[str, ...]:
        """Entries that a line of a file comes from; all of the file if no line is meant, or a header of ours."""
        first, entries = self.rows_from.get(name, (1, ()))
        if line is None or (line == 1 and first == 2) or name.startswith("lists/"):
            return entries
        return entries[line - first : line - first + 1] if line >= first else ()


def _list_file(model: str) -> str:
    """Name of a model's list: what is no letter or digit of ASCII, `-`, `_`, `.` or `~` is percent-encoded."""
    name = "".join(chr(byte) if chr(byte) in _PLAIN else f"%{byte:02X}" for byte in model.encode())
    return f"lists/{'%2E' + name[1:] if name.startswith('.') else name}.csv"


def _table(columns: Sequence[str], always: int, rows: Sequence[tuple[Mapping[str, str], str]]) -> bytes:
    """A table; columns behind the first `always` that no row fills are left out."""
    filled = [i < always or any(row.get(name) for row, _ in rows) for i, name in enumerate(columns)]
    names = [name for name, keep in zip(columns, filled, strict=True) if keep]
    lines = [csv_line(names), *(csv_line([row.get(name, "") for name in names]) for row, _ in rows)]
    return "".join(lines).encode()


def _answer_rows(table: Answers, answers: Iterable[Answer]) -> list[tuple[Mapping[str, str], str]]:
    return [
        ({table.who: one.juror, **dict(zip(table.subject, one.subject, strict=True)), **row}, one.entry.hash)
        for one in answers
        for row in one.rows
    ]


def _with_rows(file: bytes | None, columns: Sequence[str], rows: Iterable[Mapping[str, str]], what: str) -> bytes:
    """A file of the manifest with lines added under its own header; one of ours if it is not there."""
    text = "" if file is None else file.decode()
    if file is None:
        header: Sequence[str] = columns
        text = csv_line(columns)
    else:
        header = [name.strip() for name in next(csv_rows(text.removeprefix("\ufeff"), what), [])]
        if not text.endswith("\n"):
            text += "\n"
    return (text + "".join(csv_line([row.get(name, "") for name in header]) for row in rows)).encode()


def replayed_files(
    state: RoundState,
    answers: Sequence[Answer],
    lists: Sequence[ListedAnswers],
    given: Sequence[Given],
    people: Mapping[str, tuple[Person, str]],
    interventions: Sequence[Entry],
) -> Files:
    """The files that follow.

    Args:
        state: The round.
        answers: That count, in the order of the log.
        lists: That count, in the order of their models' ids.
        given: That count, in the order of the log.
        people: Id → those who are eligible, and the entry of the first binding that counts; in the order of the log.
        interventions: That count.

    Raises:
        IntegrityError: A model's file is no table of answers.
    """
    manifest = state.manifest
    files = {name: state.pieces.file(file.sha256, file.size, name) for name, file in manifest.files.items()}
    rows_from: dict[str, tuple[int, tuple[str, ...]]] = {}
    for table in TABLES.values():
        rows = _answer_rows(table, (one for one in answers if one.table == table.name))
        for listed in lists:
            if listed.table == table.name:
                data = state.pieces.file(listed.sha256, listed.size, listed.model)
                rows += [(row, listed.entry.hash) for row in model_rows(table, listed.model, data)]
        if rows:
            files[f"{table.name}.csv"] = _table(table.columns, 1 + len(table.subject), rows)
            rows_from[f"{table.name}.csv"] = (2, tuple(entry for _, entry in rows))
    for listed in lists:
        if listed.table == "lists":
            name = _list_file(listed.model)
            files[name] = state.pieces.file(listed.sha256, listed.size, name)
            rows_from[name] = (1, (listed.entry.hash,))
    if given:
        amounts = [
            ({"donor": one.donor, "project": one.project, "amount": one.amount}, one.entry.hash) for one in given
        ]
        files["contributions.csv"] = _table(("donor", "project", "amount"), 3, amounts)
        rows_from["contributions.csv"] = (2, tuple(entry for _, entry in amounts))
    enrolled = [
        ({"id": one.id, "kind": "person", "community": one.enrolled[0], "conflicts": one.enrolled[1]}, entry)
        for one, entry in people.values()
        if one.enrolled is not None
    ]
    if enrolled:
        files["judges.csv"] = _with_rows(files["judges.csv"], (), [row for row, _ in enrolled], "judges.csv")
        first = files["judges.csv"].count(b"\n") - len(enrolled) + 1
        rows_from["judges.csv"] = (first, tuple(entry for _, entry in enrolled))
    entries = [entry.payload["row"] for entry in interventions if entry.payload["row"] is not None]
    if entries:
        files["entries.csv"] = _with_rows(files.get("entries.csv"), _ENTRIES, entries, "entries.csv")
    return Files(dict(sorted(files.items())), rows_from)
