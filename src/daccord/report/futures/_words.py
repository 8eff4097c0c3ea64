"""Numbers and names of the futures page, in words for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from daccord.futures.study import Study

__all__ = ["VERDICT", "amount", "chance", "number", "share", "titles_of", "unit_of", "worth", "years"]

_NOTHING: Final = 1e-6
"""Years, half a minute: what is less than rounding."""

_RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

VERDICT: Final = {"accelerate": "●", "with safeguards": "▲", "hold": "■", "unclear": "◆"}
"""Verdict → sign, so that colour never speaks alone."""


def amount(value: float) -> str:
    """Money with three digits."""
    if value < 1e-9:
        return "0"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def number(value: float, digits: int = 2) -> str:
    """A number with a proper minus."""
    told = f"{value:.{digits}f}"
    return (told.lstrip("-") if float(told) == 0 else told).replace("-", "−")


def worth(value: float) -> str:
    """A small worth with its sign and two digits."""
    if abs(value) < 1e-12:
        return "0"
    power = math.floor(math.log10(abs(value)))
    if power >= -3:
        return f"{value:+.2g}".replace("-", "−")
    return f"{value / 10.0**power:+.1f}".replace("-", "−") + "·10" + str(power).translate(_RAISED)


def years(value: float, error: float | None = None) -> str:
    """Years of life, in days if that reads better, with a standard error in the same unit."""
    if abs(value) < _NOTHING:
        value = 0.0
    small = abs(value) < 0.1 and value != 0
    scale, unit = (365.25, "days") if small else (1.0, "years")
    if error is None:
        return f"{value * scale:.2g} {unit}".replace("-", "−")
    # as many places as the error has in its second digit, so that no figure claims more than it can
    places = max(0, 1 - math.floor(math.log10(error * scale))) if error > 0 else 2
    return f"{value * scale:.{places}f} ± {error * scale:.{places}f} {unit}".replace("-", "−")


def unit_of(values: Sequence[float]) -> tuple[float, str]:
    """One unit of time for a column of small worths, so that its rows can be compared, and its name."""
    top = max((abs(value) for value in values), default=0.0)
    if top >= 2:
        return 1.0, "years"
    return (365.25, "days") if top * 365.25 >= 1 or top == 0 else (365.25 * 24, "hours")


def share(value: float, digits: int = 0) -> str:
    """A share as a percentage."""
    return f"{100 * value:.{digits}f} %".replace("-", "−")


def chance(value: float) -> str:
    """A probability; the ends are not certain."""
    if 0 < value < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < value < 1 else share(value)


def titles_of(study: Study) -> dict[str, str]:
    """Class → its title, with its name beside it where two have the same, so that charts keep them apart."""
    plain = {group.name: group.title or group.name for group in study.classes}
    shared = {title for title in plain.values() if list(plain.values()).count(title) > 1}
    return {name: f"{title} ({name})" if title in shared else title for name, title in plain.items()}
