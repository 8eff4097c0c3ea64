"""Answers that the same judge gave again: the last one by time counts; on harm, whose answers are secret, the first.

If a heard answer on harm could be replaced, a published level would move by one person's answer alone.

A question and who answered it are one number, the *key*. Sorting the keys finds those that occur again, among millions
in a second; what remains is few, and is settled in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from daccord.formats._problems import FileReport

__all__ = ["KEYS_AT_ONCE", "MISSING", "RepeatFinder", "among", "rows_given_again", "rows_set_aside"]

IntArray = npt.NDArray[np.int64]

MISSING: Final = int(np.iinfo(np.int64).min)
"""Time of an answer that has none."""

KEYS_AT_ONCE: Final = 1 << 26
"""Keys that are held together: half a gibibyte."""

_MOST_PASSES: Final = 1 << 10


class RepeatFinder:
    """Finds repeated keys among more keys than can be held, which come in parts.

    When there are too many, only those are held whose mixed value leaves a remainder of 0 by 2, then by 4 …; the other
    remainders need passes of their own.

    Args:
        most: Keys held at once.
        remainder: Of the mixed keys to look at.
        passes: Divisor, a power of 2.

    Attributes:
        passes: How many passes there have to be; it may double while remainder 0 is looked at.
    """

    def __init__(self, most: int, remainder: int = 0, passes: int = 1) -> None:
        self.passes = passes
        self._most = most
        self._remainder = remainder
        self._parts: list[IntArray] = []
        self._size = 0
        self._once = np.empty(0, dtype=np.int64)
        self._again: list[IntArray] = []

    def add(self, keys: IntArray) -> None:
        """Look at some more keys, shape (n,); negative ones do not count."""
        self._parts.append(self._share(keys[keys >= 0]))
        self._size += len(self._parts[-1])
        if len(self._once) + self._size > self._most:
            self._gather()
            while len(self._once) > self._most // 2 and self._remainder == 0 and self.passes < _MOST_PASSES:
                self.passes *= 2
                self._once = self._share(self._once)

    def repeated(self) -> IntArray:
        """The keys that came more than once, of those whose remainder was looked at; sorted."""
        self._gather()
        return np.unique(np.concatenate(self._again))

    def _gather(self) -> None:
        """Keep each key once, and apart those that came again."""
        ordered = np.concatenate([self._once, *self._parts])
        self._parts.clear()
        self._size = 0
        ordered.sort()  # numpy's `unique` would hash them, which takes far longer for so many different keys
        new = np.append(True, ordered[1:] != ordered[:-1]) if len(ordered) else np.empty(0, dtype=np.bool_)
        self._again.append(ordered[~new])
        self._once = ordered if new.all() else ordered[new]

    def _share(self, keys: IntArray) -> IntArray:
        if self.passes == 1:
            return keys
        mixed = (keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)  # neighbours go apart
        share: IntArray = keys[mixed % self.passes == self._remainder]
        return share


def among(keys: IntArray, few: IntArray) -> npt.NDArray[np.bool_]:
    """Which keys are among a few others, shape (n_keys,); like `numpy.isin`, which would sort all of them."""
    size = 1 << 20
    seen = np.zeros(size, dtype=np.bool_)
    seen[few % size] = True
    found = seen[keys % size]
    found[found] = np.isin(keys[found], few)
    return found


def rows_given_again(
    read: Callable[[bool], Iterable[Any]],
    key: Callable[[Any], IntArray],
    what: str,
    report: FileReport,
    *,
    most: int = KEYS_AT_ONCE,
    checked: Callable[[], None] = lambda: None,
    stands: Callable[[int], bool] = lambda _: False,
) -> IntArray:
    """Rows of a table whose answer its judge replaced later, sorted.

    Args:
        read: Gives the answers of the table, part by part, with fields `row` and `time`; as often as needed. It is told
            whether this is the first time.
        key: The keys of a part, negative where answers may be repeated.
        what: The question, for people.
        report: Takes problems, and one notice.
        most: Keys to hold at once.
        checked: Called when all answers were read for the first time.
        stands: Whether of answers with this key the first one counts.
    """
    finder = RepeatFinder(most)
    for part in read(True):
        finder.add(key(part))
    checked()
    again = [finder.repeated()]
    for remainder in range(1, finder.passes):
        rest = RepeatFinder(most, remainder, finder.passes)
        for part in read(False):
            rest.add(key(part))
        again.append(rest.repeated())
    repeated = np.unique(np.concatenate(again))
    found: list[tuple[int, int, int]] = []
    if repeated.size:
        for part in read(False):
            keys = key(part)
            which = among(keys, repeated)
            found += zip(*(column[which].tolist() for column in (keys, part["row"], part["time"])), strict=True)
    return rows_set_aside(found, what, report, stands)


def rows_set_aside(
    answers: Iterable[tuple[int, int, int]],
    what: str,
    report: FileReport,
    stands: Callable[[int], bool] = lambda _: False,
) -> IntArray:
    """Rows whose answer its judge replaced later.

    Where a time is missing, or two share the latest, nobody can know the last word, and that is a problem.

    Args:
        answers: Key, row and time (microseconds, or `MISSING`) of answers whose keys occur more than once, in the
            order of rows.
        what: The question, for people.
        report: Takes problems, and a notice of answers replaced; of answers on harm without their number.
        stands: Whether of answers with this key the first one counts.

    Returns:
        The rows, sorted.
    """
    again: dict[int, list[tuple[int, int]]] = {}
    for key, row, time in answers:
        again.setdefault(key, []).append((row, time))
    firm = [given for key, given in again.items() if stands(key)]
    aside = sorted(row for key, given in again.items() if not stands(key) for row in _replaced(given, what, report))
    later = sorted(row for given in firm for row in _replaced(given, what, report, first=True))
    if later:
        report.notice("later answers on harm to the same question were set aside: there the first one counts")
    if aside:
        some = ", ".join(map(str, aside[:10])) + (", …" if len(aside) > 10 else "")
        count = "1 answer was" if len(aside) == 1 else f"{len(aside)} answers were"
        report.notice(f"{count} set aside because the same judge answered {what} again later (row {some})")
    return np.array(sorted(aside + later), dtype=np.int64)


def _replaced(given: list[tuple[int, int]], what: str, report: FileReport, *, first: bool = False) -> list[int]:
    times = [time for _, time in given]
    counts = min(times) if first else max(times)
    if MISSING not in times and times.count(counts) == 1:
        return [row for row, time in given if time != counts]
    for row, _ in given[1:]:
        message = f"the same judge answered {what} before, in row {given[0][0]}"
        which = "first" if first else "last"
        remedy = f"keep one of the rows, or give each of them a different time, so that the {which} one counts"
        report.add(row, "time", message, remedy)
    return []
