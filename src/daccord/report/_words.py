"""Numbers and lists as a careful person would write them: never more digits than the interval supports."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from daccord.allocation import probability_text
from daccord.fusion import MICRO
from daccord.money import Currency

__all__ = [
    "Z80",
    "clip",
    "count",
    "join",
    "money",
    "percent",
    "percent_range",
    "probability",
    "sentence",
    "share_digits",
    "significant",
    "times",
    "times_interval",
    "unique_labels",
]

Z80 = 1.2815515655446004
"""Half-width of a central 80 % interval of a Gaussian, in standard deviations."""

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: `one project`, `12 projects`; numbers up to ten are words."""
    word = _WORDS[number] if 0 <= number < len(_WORDS) else f"{number:,}"
    return f"{word} {noun if number == 1 else plural or noun + 's'}"


def join(items: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    words = list(items)
    return f" {last} ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop at its end, unless it ends in one of `.!?…`."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, cut after a word if one ends near, with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space >= limit - 10 else cut).rstrip(" ,;:-–") + "…"


def unique_labels(titles: Sequence[str], limit: int) -> list[str]:
    """Short labels, one a title and all different: a label that comes up again gets a number behind it."""
    labels: list[str] = []
    taken: set[str] = set()
    for title in titles:
        label, again = clip(title, limit), 1
        while label in taken:
            again += 1
            label = f"{clip(title, limit - 4)} ({again})"
        taken.add(label)
        labels.append(label)
    return labels


def probability(millionths: int, against: float | None = None) -> str:
    """A probability in millionths as `83 %`, in the words of verdicts; see `daccord.allocation.probability_text`.

    Args:
        millionths: From 0 to 1,000,000.
        against: A cut-off in [0, 1] it is compared with; the two read alike only if they are equal.
    """
    return probability_text(millionths, None if against is None else round(against * MICRO))


def share_digits(low: float, high: float) -> int:
    """Decimals of a percentage that an interval supports: its first digit that the interval does not blur.

    Args:
        low: Lower end, as a fraction of 1.
        high: Upper end.
    """
    width = 100 * (high - low)
    if width <= 0:
        return 0 if high >= 0.01 else 2
    return min(3, max(0, math.ceil(-math.log10(width))))


def percent(fraction: float, digits: int = 0) -> str:
    """A fraction of 1 as a percentage; what is above zero but rounds to it is said to be under the last digit."""
    shown = f"{100 * fraction:.{digits}f}"
    if fraction > 0 and float(shown) == 0:
        return f"under {10.0**-digits:.{digits}f} %"
    return f"{0 if float(shown) == 0 else shown} %"


def percent_range(low: float, high: float) -> str:
    """An interval of fractions as `6 to 13 %`, with as many digits as its width supports."""
    if low <= 0 and high <= 0:
        return "0 %"
    digits = share_digits(low, high)
    first, last = f"{100 * low:.{digits}f}", f"{100 * high:.{digits}f}"
    return f"{first} %" if first == last else f"{first} to {last} %"


def significant(value: float, digits: int) -> str:
    """A number above zero with so many significant digits, without exponents."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "very many"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    return f"{rounded:,.{max(0, digits - 1 - math.floor(math.log10(abs(rounded))))}f}"


def _times_digits(sd: int) -> int:
    """Significant digits of a ratio that its spread supports: two, or one if the interval spans a factor of ten."""
    return 1 if 2 * Z80 * sd / MICRO > math.log(10) else 2


def times(mean: int, sd: int) -> str:
    """A log-value in micro-nats as a multiple of the typical project, e.g. `2.3 times`."""
    return f"{significant(math.exp(mean / MICRO), _times_digits(sd))} times"


def times_interval(mean: int, sd: int) -> str:
    """Its 80 % interval, e.g. `1.1 to 4.8`."""
    digits = _times_digits(sd)
    low, high = (significant(math.exp((mean + sign * Z80 * sd) / MICRO), digits) for sign in (-1, 1))
    return low if low == high else f"{low} to {high}"


def money(amount: int, currency: Currency) -> str:
    """An amount for running text: whole units, or four significant digits below a thousand units.

    Tables give every amount to the last minor unit; prose need not.
    """
    unit = 10**currency.digits
    if amount == 0:
        return f"0 {currency.code}"
    digits = 0 if amount % unit == 0 else min(currency.digits, max(0, 3 - math.floor(math.log10(amount / unit))))
    step = 10 ** (currency.digits - digits)
    rounded = (amount + step // 2) // step
    if rounded == 0:
        return currency.format(amount)
    return Currency(currency.code, digits).format(rounded)
