"""Holds: what waiting costs, and earlier holds that stand or have run out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from daccord.allocation._types import Delay, Reason
from daccord.allocation.verdicts._words import share_percent, threshold_text
from daccord.fusion import NANO, ProjectScore
from daccord.money import Currency
from daccord.round import EarlierHold

__all__ = ["MONTH", "delay_of", "delay_text", "lifted_reason", "reopened", "reopened_reason", "standing_reason"]

MONTH: Final = 30.4375
"""Days of a month, a twelfth of 365.25."""


def reopened(holds: Iterable[EarlierHold], today: str) -> tuple[tuple[EarlierHold, ...], tuple[EarlierHold, ...]]:
    """Which earlier holds have run out on a day, and which stand; nobody has to do anything for it.

    Args:
        holds: Of an earlier decision.
        today: Day, ISO 8601.

    Returns:
        Those whose projects are open again, and those that stand.
    """
    all_holds = tuple(holds)
    over = tuple(hold for hold in all_holds if not hold.days_left(today))
    return over, tuple(hold for hold in all_holds if hold.days_left(today))


def delay_of(score: ProjectScore) -> Delay:
    """What each month of waiting puts off, from the project's published share of the round's benefit."""
    if "benefit" not in score.criteria:
        return Delay(None, None, None)
    return Delay(score.share, score.share_low, score.share_high)


def delay_text(delay: Delay, days: int, currency: Currency | None = None) -> str:
    """The cost of a delay in words.

    Args:
        delay: Its numbers.
        days: Days until the hold expires.
        currency: Of the money it would have got; None if that is not to be said.
    """
    money = ""
    if delay.forgone is not None and currency is not None:
        money = f" Had it been cleared, the round's rule would have given it {currency.format(delay.forgone)}."
    if delay.share is None or delay.low is None or delay.high is None:
        return f"Its benefit has not been judged, so what {days} days of waiting cost is not known.{money}"
    months = days / MONTH
    return (
        f"Each month of waiting puts off what is expected to be {share_percent(delay.share)} of what the whole round "
        f"does in a month (80 % interval {share_percent(delay.low)} to {share_percent(delay.high)}); until the hold "
        f"expires that is {_times(delay.share, months)} months of the whole round.{money}"
    )


def _times(billionths: int, months: float) -> str:
    return f"{billionths / NANO * months:.2g}"


def standing_reason(hold: EarlierHold, left: int) -> Reason:
    """That an earlier hold stands."""
    return Reason(
        "earlier_hold",
        f"It was held on {hold.since} by the decision of “{hold.decision}”, with a probability of at least "
        f"{threshold_text(hold.probability)}. That hold expires on {hold.until}, in {left} days, and too few people "
        "have judged its harm anew in this round to lift it before.",
    )


def lifted_reason(hold: EarlierHold) -> Reason:
    """That new answers lift an earlier hold."""
    return Reason(
        "hold_lifted",
        f"The hold of {hold.since} by the decision of “{hold.decision}” would stand until {hold.until}; people have "
        "judged its harm anew in this round, and what they say no longer holds it.",
    )


def reopened_reason(hold: EarlierHold) -> Reason:
    """That an earlier hold has run out."""
    return Reason(
        "reopened",
        f"The hold of {hold.since} by the decision of “{hold.decision}” expired on {hold.until}, and it is open again.",
    )
