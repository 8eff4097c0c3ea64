"""Probabilities, shares and names in words, from published integers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from daccord.allocation._exact import as_written
from daccord.fusion import MICRO, NANO
from daccord.portfolio import Portfolio
from daccord.round import Rules

__all__ = ["Bars", "answers", "listed", "people", "probability_text", "share_percent", "threshold_text", "title_of"]


@dataclass(frozen=True)
class Bars:
    """Thresholds of the verdicts in millionths: the smallest integer that reaches each."""

    accelerate: int
    safeguards: int
    hold: int
    community_sure: int
    agreement: int

    @classmethod
    def of(cls, rules: Rules) -> Bars:
        """The rules' thresholds, exactly as written."""
        said = rules.verdicts
        asked = (said.accelerate, said.safeguards, said.hold, said.community_sure, said.agreement)
        return cls(*(ceil(as_written(share) * MICRO) for share in asked))


def probability_text(millionths: int, against: int | None = None) -> str:
    """A probability as `83 %`, rounded down, so that what is below a threshold also reads below it.

    The ends read `under 1 %` and `over 99 %`: no estimate is certain.

    Args:
        millionths: From 0 to 1,000,000.
        against: A threshold in millionths that it is compared with. Decimals are added until the two read
            differently; if they are equal, it reads like the threshold.
    """
    if against == millionths:
        return threshold_text(millionths)
    digits = 0
    while against is not None and against // 10 ** (4 - digits) == millionths // 10 ** (4 - digits):
        digits += 1
    if digits == 0 and millionths < MICRO // 100:
        return "under 1 %"
    if digits == 0 and millionths > 99 * MICRO // 100:
        return "over 99 %"
    tens = 10**digits
    whole, rest = divmod(millionths * 100 * tens // MICRO, tens)
    return f"{whole}.{rest:0{digits}} %" if digits else f"{whole} %"


@lru_cache(maxsize=1024)
def threshold_text(millionths: int) -> str:
    """A threshold in per cent with all its decimals: it is a rule and not an estimate."""
    return f"{f'{millionths // 10_000}.{millionths % 10_000:04}'.rstrip('0').rstrip('.')} %"


def share_percent(billionths: int) -> str:
    """A share in per cent with one decimal, rounded down."""
    tenths = billionths * 1000 // NANO
    return "under 0.1 %" if tenths == 0 and billionths > 0 else f"{tenths // 10}.{tenths % 10} %"


def answers(count: int) -> str:
    """A number of answers."""
    return "1 answer" if count == 1 else f"{count:,} answers"


def people(count: int) -> str:
    """A number of people."""
    return "1 person" if count == 1 else f"{count:,} people"


def title_of(portfolio: Portfolio, identifier: str) -> str:
    """The title of a project, technology or risk; the id itself if the round knows none of this name."""
    return portfolio.titles.get(identifier, identifier)


def listed(words: Iterable[str], last: str = "and") -> str:
    """Words as a list in a sentence; at least one."""
    items = list(words)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"
