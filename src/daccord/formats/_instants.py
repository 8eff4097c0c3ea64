"""Times as whole microseconds since 1970 (UTC)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["FIRST_INSTANT", "LAST_INSTANT", "instant_text", "microseconds", "plain_instants"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(time: datetime) -> int:
    """Microseconds since 1970 (UTC) of a time with an offset."""
    since = time - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


FIRST_INSTANT: Final = microseconds(datetime(1, 1, 1, tzinfo=UTC))
LAST_INSTANT: Final = microseconds(datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
"""The times there are, in microseconds since 1970 (UTC)."""


def instant_text(instant: int) -> str:
    """Write a time as `parse_time` reads it, in UTC.

    Args:
        instant: Microseconds since 1970 (UTC).
    """
    if not FIRST_INSTANT <= instant <= LAST_INSTANT:
        return "a time outside the years 1 to 9999"
    return (_EPOCH + timedelta(microseconds=instant)).isoformat().replace("+00:00", "Z")


def plain_instants(texts: Sequence[str]) -> npt.NDArray[np.int64] | None:
    """Microseconds of many times at once, if all are written like `2026-11-01T14:30:00Z` or all with a fraction.

    Args:
        texts: Times.

    Returns:
        One for each text, as `parse_time` would read it; None if one of them is written differently or is no time.
    """
    words = np.array(texts, dtype=np.str_)
    width = words.dtype.itemsize // 4
    if not len(words) or width < 20 or width == 21 or width > 27:
        return None
    letters = words.view(np.uint32).reshape(-1, width)  # a shorter text ends in zeros and fails below
    marks = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":", width - 1: "Z", **({19: "."} if width > 20 else {})}
    if any((letters[:, at] != ord(mark)).any() for at, mark in marks.items()):
        return None
    digits = letters[:, [at for at in range(width) if at not in marks]].astype(np.int64) - ord("0")
    if ((digits < 0) | (digits > 9)).any():
        return None

    def number(start: int, end: int) -> npt.NDArray[np.int64]:
        return digits[:, start:end] @ 10 ** np.arange(end - start - 1, -1, -1)

    year, month, day = number(0, 4), number(4, 6), number(6, 8)
    hour, minute, second = number(8, 10), number(10, 12), number(12, 14)
    months = (year - 1970) * 12 + month - 1
    first, after = (
        part.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) for part in (months, months + 1)
    )
    days = first + day - 1
    sound = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (days < after)
    if not (sound & (hour < 24) & (minute < 60) & (second < 60)).all():
        return None
    fraction = number(14, digits.shape[1]) * 10 ** (20 + 6 - (width - 1)) if width > 20 else 0
    return (days * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000_000 + fraction


def _first_day(months: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Days since 1970 of the first day of months since 1970."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
