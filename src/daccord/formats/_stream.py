"""Comparisons that are too many to hold: checked in a first pass over the file, then given in batches.

Only one thing cannot be checked row by row: whether a person answered the same pair twice. For that the keys of all
answers of people (8 bytes each) are held and sorted. Where even they are too many, each pass holds those with one
remainder of a mixed key, and there are as many passes as remainders.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.errors import ExternalError, Problem
from daccord.formats._answers import Answers, Lookup, Tell, chosen, read_answers, untold
from daccord.formats._columns import COMPARISONS
from daccord.formats._comparisons import PAIR, ComparisonReader, columns, first_counts, pair_keys
from daccord.formats._folder import in_order, read_files
from daccord.formats._manifest import FILE
from daccord.formats._problems import Names, Report, RoundFolderError
from daccord.formats._public import digest_of
from daccord.formats._reading import check_files
from daccord.formats._repeats import KEYS_AT_ONCE, rows_given_again
from daccord.formats._tables import TABLES, find_table, open_table
from daccord.judging import Comparisons
from daccord.round import Round

__all__ = ["ComparisonStream", "iter_comparisons", "open_comparisons"]

IntArray = npt.NDArray[np.int64]

_FILES: Final = tuple(name for name in TABLES if name.startswith(f"{COMPARISONS.stem}."))
_BATCH_ROWS: Final = 1 << 18
_LATER: Final = ("ratio", "revealed")  # what says nothing about who answered which pair, and when


class ComparisonStream:
    """The comparisons of a sound round folder, to be read in batches as often as needed.

    Attributes:
        round: The round without its comparisons and without what was left open in them; its notices and digests
            include those of the file of comparisons.
        file: Name of the file in the folder.
        size: Number of its rows.
    """

    def __init__(
        self, found: Round, path: Path, lookup: Lookup, aside: IntArray, size: int, batch_rows: int, tell: Tell
    ) -> None:
        self.round = found
        self.file = path.name
        self.size = size
        self._path = path
        self._lookup = lookup
        self._aside = aside
        self._batch_rows = batch_rows
        self._tell = tell

    def batches(self, criterion: str = "benefit") -> Iterator[Comparisons]:
        """The comparisons on one criterion, as positions in the portfolio and the panel, in the order of the file.

        Answers that their judge replaced later, and questions left open, are not among them; answers about projects
        that the judge has a tie to are, for it is fusion that sets them aside.

        Args:
            criterion: One that the round asks.

        Raises:
            InputError: The file was changed after it was checked, and is wrong now.
            ExternalError: The disk refuses.
        """
        wanted = self._lookup.asked.index[criterion]
        report = Report()
        # Times of answers have done their work.
        for answers in _answers(self._path, self._lookup, report, self._batch_rows, self._tell, without=("time",)):
            batch, _ = columns(chosen([answers], wanted, self._aside))
            if len(batch):
                yield batch
        _refuse(report)


def open_comparisons(
    folder: str | Path, *, batch_rows: int = _BATCH_ROWS, tell: Tell = untold, keys_at_once: int = KEYS_AT_ONCE
) -> ComparisonStream:
    """Read a round folder but for its comparisons, and check those without holding them.

    Args:
        folder: Where round.toml lies.
        batch_rows: Rows that are read together; memory grows with it, and speed does too up to some hundred thousand.
        tell: Called with the number of rows read in a pass so far, and of all rows if the file says it.
        keys_at_once: Answers of people of which it is held at once who answered which pair, 8 bytes each.

    Raises:
        InputError: Something is wrong, in the comparisons or elsewhere, or there are no comparisons.
        ExternalError: The disk refuses, or the file needs a library that is not installed.
    """
    path = Path(folder)
    files, problems = read_files(path, but=_FILES)
    found, more = check_files(files)
    if problems or more or found is None:
        raise RoundFolderError(sorted({*problems, *more}, key=in_order))
    report = Report()
    name = find_table(COMPARISONS, [name for name in _FILES if (path / name).exists()], report)
    if name is None:
        report.file(_FILES[0]).add(None, None, f"the folder has no {_FILES[0]}", "add it, or use load_round")
    _refuse(report)
    assert name is not None
    lookup = _lookup(found)

    size = 0

    def read(first: bool) -> Iterator[Answers]:
        nonlocal size
        for answers in _answers(path / name, lookup, report, batch_rows, tell, () if first else _LATER):
            size += len(answers) if first else 0
            yield answers

    def refuse() -> None:
        _refuse(report)

    aside = rows_given_again(
        read,
        lambda part: pair_keys(part, lookup),
        PAIR,
        report.file(name),
        most=keys_at_once,
        checked=refuse,
        stands=first_counts(lookup),
    )
    refuse()
    digests = {**found.digests, name: digest_of(name, path / name, found.criteria)}
    found = replace(found, digests=dict(sorted(digests.items())), notices=(*found.notices, *report.notices))
    return ComparisonStream(found, path / name, lookup, aside, size, batch_rows, tell)


def iter_comparisons(
    folder: str | Path, criterion: str = "benefit", *, batch_rows: int = _BATCH_ROWS, tell: Tell = untold
) -> Iterator[Comparisons]:
    """The comparisons of a round folder on one criterion, in batches; see `open_comparisons`.

    Positions are those in the portfolio and the panel of the round, which `open_comparisons` gives too.

    Raises:
        InputError: As `open_comparisons`, before the first batch.
        ExternalError: Likewise.
    """
    return open_comparisons(folder, batch_rows=batch_rows, tell=tell).batches(criterion)


def _lookup(found: Round) -> Lookup:
    models = frozenset(seat for seat, judge in enumerate(found.panel) if not judge.is_person)
    return Lookup(
        Names("project", next(name for name in found.digests if name.startswith("projects.")), found.portfolio.ids),
        Names("judge", "judges.csv", (judge.id for judge in found.panel)),
        Names("criterion", FILE, (criterion.id for criterion in found.criteria)),
        {criterion.id: criterion for criterion in found.criteria},
        models,
    )


def _answers(
    path: Path, lookup: Lookup, report: Report, batch_rows: int, tell: Tell, without: Collection[str] = ()
) -> Iterator[Answers]:
    file = report.file(path.name)
    try:
        table = open_table(COMPARISONS, path, file)
        if table is not None:
            yield from read_answers(ComparisonReader(lookup, file), table, tell, batch_rows, without)
    except OSError as error:
        raise ExternalError(f"{path} cannot be read: {error}") from error


def _refuse(report: Report) -> None:
    if report.problems:
        problems: list[Problem] = sorted(report.problems, key=in_order)
        raise RoundFolderError(problems)
