"""Answers that the same judge gave again: the last one by time counts.

A question and who answered it are one number, the *key*. Sorting the keys finds those that occur again, among millions
in a second; what remains is few, and is settled in words.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from daccord.formats._answers import MISSING
from daccord.formats._problems import FileReport

__all__ = ["among", "repeated_keys", "rows_set_aside"]

IntArray = npt.NDArray[np.int64]


def repeated_keys(keys: IntArray) -> IntArray:
    """Keys that occur more than once, sorted; negative ones stand for answers that may be repeated and do not count."""
    ordered = np.sort(keys[keys >= 0])
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])


def among(keys: IntArray, few: IntArray) -> npt.NDArray[np.bool_]:
    """Which keys are among a few others, shape (n_keys,); like `numpy.isin`, which would sort all of them."""
    size = 1 << 20
    seen = np.zeros(size, dtype=np.bool_)
    seen[few % size] = True
    found = seen[keys % size]
    found[found] = np.isin(keys[found], few)
    return found


def rows_set_aside(answers: Iterable[tuple[int, int, int]], what: str, report: FileReport) -> IntArray:
    """Rows whose answer its judge replaced later.

    Where a time is missing, or two share the latest, nobody can know the last word, and that is a problem.

    Args:
        answers: Key, row and time (microseconds, or `MISSING`) of answers whose keys occur more than once, in the
            order of rows.
        what: The question, for people.
        report: Takes problems, and one notice.

    Returns:
        The rows, sorted.
    """
    again: dict[int, list[tuple[int, int]]] = {}
    for key, row, time in answers:
        again.setdefault(key, []).append((row, time))
    aside = sorted(row for given in again.values() for row in _replaced(given, what, report))
    if aside:
        some = ", ".join(map(str, aside[:10])) + (", …" if len(aside) > 10 else "")
        count = "1 answer was" if len(aside) == 1 else f"{len(aside)} answers were"
        report.notice(f"{count} set aside because the same judge answered {what} again later (row {some})")
    return np.array(aside, dtype=np.int64)


def _replaced(given: list[tuple[int, int]], what: str, report: FileReport) -> list[int]:
    times = [time for _, time in given]
    if MISSING not in times and times.count(max(times)) == 1:
        return [row for row, time in given if time != max(times)]
    for row, _ in given[1:]:
        message = f"the same judge answered {what} before, in row {given[0][0]}"
        remedy = "keep one of the rows, or give each of them a different time, so that the last one counts"
        report.add(row, "time", message, remedy)
    return []
