"""Answers as rows of the tables of a round folder."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from itertools import repeat

import numpy as np
import numpy.typing as npt

from daccord.errors import Problem
from daccord.formats._columns import SKIP, TIE
from daccord.formats._instants import instant_text
from daccord.formats._problems import RoundFolderError
from daccord.formats._values import Fault, number_text, ratio_text
from daccord.judging import LONG_AGO, NEVER, Judgments
from daccord.round import Round

__all__ = ["comparison_rows", "list_rows", "ranking_rows", "rating_rows", "seconds_text"]

IntArray = npt.NDArray[np.int64]


def seconds_text(seconds: int) -> str:
    """A time in seconds since 1970 (UTC) as it is written; nothing for never."""
    return "" if seconds == NEVER else instant_text(seconds * 1_000_000)


def _times(revealed: IntArray | None, size: int) -> Iterator[str]:
    return repeat("", size) if revealed is None else map(seconds_text, revealed.tolist())


def _given(given: IntArray | None, size: int) -> Iterator[str]:
    """When answers were given, microseconds since 1970 (UTC), as it is written; nothing where that is not known."""
    times = [LONG_AGO] * size if given is None else given.tolist()
    return ("" if time == LONG_AGO else instant_text(time) for time in times)


def comparison_rows(round: Round) -> Iterator[tuple[str, ...]]:  # noqa: A002 - the field's word
    """Rows of comparisons, criterion by criterion, then what was left open."""
    judges, projects = [judge.id for judge in round.panel], round.portfolio.ids
    texts: dict[float, str] = {}
    for criterion, said in round.judgments.items():
        table = said.comparisons
        columns = (column.tolist() for column in (table.judge, table.a, table.b, table.outcome, table.log_ratio))
        times = _given(table.given, len(table)), _times(table.revealed, len(table))
        for row, (judge, a, b, outcome, log_ratio, *told) in enumerate(zip(*columns, *times, strict=True)):
            size = abs(log_ratio)
            if size not in texts:
                texts[size] = "" if math.isnan(size) else _ratio(size, criterion, row)
            winner = TIE if outcome == 0 else projects[a] if outcome > 0 else projects[b]
            yield judges[judge], criterion, projects[a], projects[b], winner, texts[size], *told
        for judge, a, b in zip(*_open(said), strict=True):
            if b >= 0:
                yield judges[judge], criterion, projects[a], projects[b], SKIP, "", "", ""


def _open(said: Judgments) -> tuple[list[int], list[int], list[int]]:
    skips = said.skips
    return skips.judge.tolist(), skips.a.tolist(), skips.b.tolist()


def _ratio(size: float, criterion: str, row: int) -> str:
    try:
        return ratio_text(size)
    except Fault as fault:
        message = f"comparison {row + 1} on {criterion}: {fault.message}"
        raise RoundFolderError([Problem("comparisons.csv", None, "ratio", message, fault.remedy)]) from None


def rating_rows(round: Round) -> Iterator[tuple[str, ...]]:  # noqa: A002 - the field's word
    """Rows of ratings, criterion by criterion, then what was left open."""
    judges, projects = [judge.id for judge in round.panel], round.portfolio.ids
    for criterion, said in round.judgments.items():
        table = said.ratings
        columns = (column.tolist() for column in (table.judge, table.project, table.value, table.low, table.high))
        times = _given(table.given, len(table)), _times(table.revealed, len(table))
        for judge, project, *numbers, given, revealed in zip(*columns, *times, strict=True):
            texts = ("" if math.isnan(number) else number_text(number) for number in numbers)
            yield judges[judge], criterion, projects[project], *texts, given, revealed
        for judge, project, other in zip(*_open(said), strict=True):
            if other < 0:
                yield judges[judge], criterion, projects[project], SKIP, "", "", "", ""


def ranking_rows(round: Round) -> Iterator[tuple[str, ...]]:  # noqa: A002 - the field's word
    """Rows of rankings, which are numbered where a judge gave several on one criterion."""
    judges, projects = [judge.id for judge in round.panel], round.portfolio.ids
    for criterion, said in round.judgments.items():
        table = said.rankings
        several, given = Counter(table.judge.tolist()), Counter[int]()
        for judge, start, end, placed, time in zip(
            table.judge.tolist(),
            table.start[:-1].tolist(),
            table.start[1:].tolist(),
            table.placed.tolist(),
            _given(table.given, len(table)),
            strict=True,
        ):
            given[judge] += 1
            name = str(given[judge]) if several[judge] > 1 else ""
            for place, project in enumerate(table.project[start:end].tolist(), start=1):
                yield judges[judge], criterion, name, projects[project], str(place) if place <= placed else "", time


def list_rows(round: Round) -> dict[str, list[tuple[str, str, str]]]:  # noqa: A002 - the field's word
    """Model → rows of its file."""
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for criterion, said in round.judgments.items():
        for one in said.lists:
            rows.setdefault(one.model, []).extend(
                (project, number_text(weight), "" if criterion == "benefit" else criterion)
                for project, weight in one.weights.items()
            )
    return rows
