"""From rows of files to answers of judges: who said it, about which projects, and what happens to repeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from daccord.errors import Problem
from daccord.formats._deepfunding_comparisons import ComparisonTable
from daccord.formats._deepfunding_names import Names
from daccord.judging import NEVER, Comparisons

__all__ = [
    "ANONYMOUS",
    "Answer",
    "Answers",
    "drop_multipliers",
    "every_answer",
    "last_answers",
    "number_anonymous",
    "to_comparisons",
    "when_revealed",
]

ANONYMOUS = "jury"
"""Id of the one person that stands for all answers of a file that does not say who answered."""


@dataclass(frozen=True)
class Answer:
    """One comparison with its projects resolved.

    Attributes:
        judge: Id of the judge; empty if the file does not say who answered.
        a: Position of the first project.
        b: Position of the second project.
        outcome: +1 if `a` was chosen, -1 if `b` was.
        log_ratio: ln(value of a / value of b); NaN if only an order was given.
        time: When; None if the file does not say.
        file: Where it stands.
        row: Line there, as an editor counts.
    """

    judge: str
    a: int
    b: int
    outcome: int
    log_ratio: float
    time: datetime | None
    file: str
    row: int

    @property
    def pair(self) -> tuple[int, int]:
        """The two projects, the smaller position first."""
        return (self.a, self.b) if self.a < self.b else (self.b, self.a)

    @property
    def said(self) -> tuple[int, float | None]:
        """What was said, independent of the side on which a project stood; None for no ratio."""
        sign = 1 if self.a < self.b else -1
        return sign * self.outcome, None if np.isnan(self.log_ratio) else sign * self.log_ratio + 0.0


@dataclass
class Answers:
    """Answers gathered so far, and what was set aside on the way."""

    rows: list[Answer] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def add(self, table: ComparisonTable, names: Names, judge: Callable[[str], str]) -> None:
        """Gather a file's rows, leaving out those on other projects and those that compare a project with itself.

        Args:
            table: The file.
            names: Resolves its names; problems are noted there.
            judge: Juror as written in the file → id of the judge.
        """
        a = names.positions(table.file, table.columns[0], table.a, table.row.tolist())
        b = names.positions(table.file, table.columns[1], table.b, table.row.tolist())
        away = same = 0
        columns = zip(
            table.juror,
            a,
            b,
            table.outcome.tolist(),
            table.log_ratio.tolist(),
            table.time,
            table.row.tolist(),
            strict=True,
        )
        for juror, one, other, outcome, log_ratio, time, row in columns:
            if one < 0 or other < 0:
                away += 1
            elif one == other:
                same += 1
            else:
                self.rows.append(Answer(judge(juror), one, other, outcome, log_ratio, time, table.file, row))
        if away:
            self.notices.append(f"{table.file}: {away} of {len(table)} rows set aside; they compare other projects")
        if same:
            self.notices.append(f"{table.file}: {same} of {len(table)} rows set aside; both sides are the same project")


def drop_multipliers(table: ComparisonTable, dropped: Sequence[float], notices: list[str]) -> ComparisonTable:
    """Leave out rows with one of these multipliers, which the publisher named as faulty; a notice says how many."""
    for value in dropped:
        faulty = table.multiplier == value
        if count := int(np.count_nonzero(faulty)):
            notices.append(f"{table.file}: {count} of {len(table)} rows set aside; their multiplier is {value:g}")
            table = table.take(~faulty)
    return table


def last_answers(answers: Iterable[Answer], problems: list[Problem]) -> tuple[list[Answer], int, int]:
    """One answer a judge and pair: the last one by time, in its place in the order of the rows.

    A row that repeats another one to the letter, as when a file is released again with more rows, is the same answer.

    Args:
        answers: With known judges.
        problems: Gets one entry for each repeat that times do not put in order.

    Returns:
        The answers kept; how many were replaced by a later one; how many were the same answer published again.
    """
    kept: dict[tuple[str, int, int], Answer] = {}
    replaced = again = 0
    for answer in answers:
        key = (answer.judge, *answer.pair)
        earlier = kept.get(key)
        if earlier is None:
            kept[key] = answer
        elif earlier.said == answer.said and earlier.time == answer.time:
            again += 1
        elif earlier.time is None or answer.time is None or earlier.time == answer.time:
            message = (
                f"the same judge answered the pair in row {earlier.row} of {earlier.file}; no time says which is last"
            )
            problems.append(
                Problem(answer.file, answer.row, None, message, "keep one of the rows, or give their times")
            )
        else:
            replaced += 1
            if answer.time > earlier.time:
                kept[key] = answer
    return list(kept.values()), replaced, again


def every_answer(answers: Iterable[Answer]) -> tuple[list[Answer], int]:
    """All answers of models: one that was asked for a pair many times gave as many answers.

    Only a row that repeats another one in judge, projects, their sides, answer and time is the same answer, as when a
    file is released again with more rows. Without a time nobody can know that, and the row counts.

    Args:
        answers: With known judges.

    Returns:
        The answers kept, in the order of the rows; how many were the same answer published again.
    """
    kept: list[Answer] = []
    known: set[tuple[str, int, int, tuple[int, float | None], datetime]] = set()
    again = 0
    for answer in answers:
        if answer.time is not None:
            row = (answer.judge, answer.a, answer.b, answer.said, answer.time)
            if row in known:
                again += 1
                continue
            known.add(row)
        kept.append(answer)
    return kept, again


def number_anonymous(answers: Sequence[Answer]) -> tuple[list[Answer], int]:
    """Give answers without juror to as few stand-ins as it takes for none to answer a pair twice.

    Repeats of a pair in a file without juror ids come from different people, so they must all survive. The k-th
    answer on a pair goes to `jury-k`; without repeats all go to `jury`.

    Returns:
        The answers with a judge, and the number of stand-ins.
    """
    count: Counter[tuple[int, int]] = Counter()
    turns = []
    for answer in answers:
        count[answer.pair] += 1
        turns.append(count[answer.pair])
    most = max(turns, default=0)
    named = [
        replace(answer, judge=ANONYMOUS if most == 1 else f"{ANONYMOUS}-{turn}")
        for answer, turn in zip(answers, turns, strict=True)
    ]
    return named, most


def when_revealed(answers: Sequence[Answer], releases: Iterable[tuple[int, Sequence[Answer]]]) -> list[int]:
    """From when each answer could be read in a release.

    Args:
        answers: Of people, with known judges.
        releases: For each file that was published, when (seconds since 1970, UTC) and its answers.

    Returns:
        Seconds since 1970 (UTC) for each answer; `NEVER` if it is in no release.
    """
    earliest: dict[object, int] = {}
    for out, rows in releases:
        for answer in rows:
            key = (answer.judge, answer.pair, answer.said, answer.time)
            earliest[key] = min(out, earliest.get(key, out))
    return [earliest.get((answer.judge, answer.pair, answer.said, answer.time), NEVER) for answer in answers]


def to_comparisons(
    answers: Sequence[Answer], judges: dict[str, int], revealed: Sequence[int] | None = None
) -> Comparisons:
    """Columns for the engine; a ratio of exactly 1 is a tie, whichever side was clicked.

    Args:
        answers: With known judges.
        judges: Id → position in the panel.
        revealed: One for each answer, see `when_revealed`; None stands for `NEVER` throughout.
    """
    log_ratio = np.array([answer.log_ratio for answer in answers], dtype=np.float64)
    outcome = np.array([answer.outcome for answer in answers], dtype=np.int64)
    return Comparisons(
        judge=np.array([judges[answer.judge] for answer in answers], dtype=np.int64),
        a=np.array([answer.a for answer in answers], dtype=np.int64),
        b=np.array([answer.b for answer in answers], dtype=np.int64),
        outcome=np.where(log_ratio == 0, 0, outcome),
        log_ratio=log_ratio,
        revealed=None if revealed is None or set(revealed) <= {NEVER} else np.array(revealed, dtype=np.int64),
    )
