"""Collecting everything that is wrong with a folder, and looking up names with a helping hand.

A reader reports and goes on. What could not be read at all is marked *incomplete*, so that one broken file does not
produce a hundred complaints in the files that refer to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from daccord.errors import InputError, Problem

__all__ = ["FileReport", "Names", "Report", "RoundFolderError", "check_ids", "clean_text", "fold", "nearest", "shown"]

PRINTED_PROBLEMS: Final = 200
"""So many problems are printed; the exception keeps all of them."""

MAX_ID: Final = 200
"""Longest id, characters."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_GUESSES: Final = 50_000  # spellings compared in one run before we stop guessing, about a second


class RoundFolderError(InputError):
    """A round folder is wrong; all problems are kept, the first 200 are printed."""

    def diagnostics(self) -> str:
        lines = [str(problem) for problem in self.problems[:PRINTED_PROBLEMS]]
        hidden = len(self.problems) - len(lines)
        if hidden:
            lines.append(f"… and {hidden} more")
        if len(self.problems) > 1:
            lines.append(f"{len(self.problems)} problems")
        return "\n".join(lines)


class Report:
    """Problems and notices of one folder."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.notices: list[str] = []

    def file(self, name: str) -> FileReport:
        """The same report, for one file."""
        return FileReport(self, name)


class FileReport:
    """Problems and notices of one file of the folder."""

    def __init__(self, report: Report, name: str) -> None:
        self.name = name
        self._report = report

    @property
    def count(self) -> int:
        """Problems noted so far, in all files."""
        return len(self._report.problems)

    def add(self, row: int | None, column: str | None, message: str, remedy: str) -> None:
        """Note a problem; `row` is the line as an editor counts it."""
        self._report.problems.append(Problem(self.name, row, column, message, remedy))

    def notice(self, text: str) -> None:
        """Note something that reading changed or set aside; the file is named in front."""
        self._report.notices.append(f"{self.name}: {text}")


def shown(value: object) -> str:
    """A value as quoted in a message: escaped, and cut after 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…{text[-1]}"


def fold(text: str) -> str:
    """What two ids must not share: the text without differences of case and of how letters are encoded."""
    return unicodedata.normalize("NFKC", text).casefold()


def nearest(word: str, candidates: Iterable[str], *, cutoff: float = 0.65) -> str | None:
    """The candidate that a misspelled word most likely meant, or None.

    Args:
        word: As written.
        candidates: Right spellings.
        cutoff: How alike they must be at least, in [0, 1] (see `difflib.SequenceMatcher.ratio`).
    """
    folded = {fold(candidate): candidate for candidate in candidates}
    if (same := folded.get(fold(word))) is not None:
        return same
    close = get_close_matches(fold(word)[:MAX_ID], list(folded), n=1, cutoff=cutoff)
    return folded[close[0]] if close else None


def clean_text(text: str, *, lines: bool = False) -> tuple[str, str] | None:
    """Message and remedy if a text for people holds what no text should, else None.

    Args:
        text: A title, a name, a sentence.
        lines: True if line breaks and tabs are allowed.
    """
    match = _CONTROL.search(text) or (None if lines else re.search(r"[\n\r\t]", text))
    if match is None:
        return None
    what = "a line break or tab" if match[0] in "\n\r\t" else "an invisible control character"
    return f"{shown(text)} contains {what}", "remove it"


def _id_fault(identifier: str, what: str) -> tuple[str, str] | None:
    if not identifier:
        return f"the {what} has no id", "give it a short, unique name"
    if len(identifier) > MAX_ID:
        return f"the id {shown(identifier)} has {len(identifier)} characters", f"use at most {MAX_ID}"
    if identifier != identifier.strip():
        return f"the id {shown(identifier)} begins or ends with a space", "remove the space"
    if not identifier.isprintable():
        return f"the id {shown(identifier)} contains an invisible character", "remove it"
    if ";" in identifier:
        return f"the id {shown(identifier)} contains a semicolon, which separates ids in lists", "use another character"
    return None


def check_ids(
    ids: Iterable[tuple[str, int | None]],
    what: str,
    column: str,
    report: FileReport,
    *,
    taken: Mapping[str, str] | None = None,
) -> None:
    """Report ids that are unusable, used twice, or alike but for their case.

    Args:
        ids: Id and row of each definition, in order.
        what: What they name, e.g. `project`.
        column: Where ids stand.
        report: Of the file.
        taken: Reserved words, folded → why they cannot be ids.
    """
    first: dict[str, tuple[str, int | None]] = {}
    for identifier, row in ids:
        if (fault := _id_fault(identifier, what)) is not None:
            report.add(row, column, *fault)
            continue
        key = fold(identifier)
        if taken and key in taken:
            report.add(row, column, f"{shown(identifier)} cannot be the id of a {what}: {taken[key]}", "use another id")
        elif key not in first:
            first[key] = (identifier, row)
        else:
            other, where = first[key]
            place = "" if where is None else f" (row {where})"
            if other == identifier:
                message = f"the {what} {shown(identifier)} is defined already{place}"
                report.add(row, column, message, "remove one of the two, or give them different ids")
            else:
                message = f"the ids {shown(identifier)} and {shown(other)}{place} differ only in case or encoding"
                report.add(row, column, message, "give them ids that nobody can mistake for each other")


class Names:
    """Ids of one kind with their positions.

    Args:
        what: What the ids name, e.g. `project`.
        where: File or table that defines them.
        ids: In order; of ids given twice the first counts (the second is reported elsewhere).
        complete: False if the definitions could not be read; then any id is let pass, because the definitions'
            own problem is reported already.
    """

    def __init__(self, what: str, where: str, ids: Iterable[str], *, complete: bool = True) -> None:
        self.what = what
        self.where = where
        self.complete = complete
        self.index: dict[str, int] = {}
        for i, identifier in enumerate(ids):
            self.index.setdefault(identifier, i)
        self._advice: dict[str, tuple[str, str]] = {}
        self._guesses = 0

    def __contains__(self, identifier: object) -> bool:
        return identifier in self.index

    def check(self, identifier: str, row: int | None, column: str, report: FileReport) -> int | None:
        """The position of an id; None, after reporting it, if there is no such id."""
        position = self.index.get(identifier)
        if position is None and self.complete:
            report.add(row, column, *self.advice(identifier))
        return position

    def advice(self, identifier: str) -> tuple[str, str]:
        """Message and remedy for an unknown id."""
        if identifier not in self._advice:
            self._advice[identifier] = self._guess(identifier)
        return self._advice[identifier]

    def _guess(self, identifier: str) -> tuple[str, str]:
        if not identifier:
            return f"no {self.what} is named", f"write the id of a {self.what} of {self.where}"
        message = f"no {self.what} has the id {shown(identifier)}"
        self._guesses += len(self.index)
        meant = nearest(identifier, self.index) if self._guesses <= _GUESSES else None
        if meant is None:
            return message, f"use an id of {self.where}, or add {shown(identifier)} there"
        if fold(meant) == fold(identifier):
            return f"{message}; {shown(meant)} differs from it only in case or encoding", f"write {meant}"
        return message, f"did you mean {shown(meant)}? Otherwise add {shown(identifier)} to {self.where}"
