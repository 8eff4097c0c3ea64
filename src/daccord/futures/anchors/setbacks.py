"""A repeated race with private setbacks: expected payoffs of four strategies, exact over the length of the race.

Model. Two players choose safe (S) or unsafe (U) each round. A round pays by (own, other)

    SS 1.0    SU 0.6    US 2.4    UU 2.0

and moves a player by 1 (S) or 1.5 (U). The race lasts T = 5 + G rounds, G geometric from 0 with stopping probability
0.2: nine rounds on average. Whoever is ahead at the end gets the prize of 100, split if equal. A player who gets a
prize loses everything, rounds included, with probability cap × (share of own rounds that were unsafe).

AS is always safe, AU always unsafe; CS and CAS begin safe and unsafe and then copy the other's last move. Paths are
fixed, so only T is averaged over.

Source: E. Fernández Domingos and T. A. Han (2026), arXiv 2607.26034, as told by the public project
deployment-layer-selection, whose payoff tables are the figures; the paper itself was not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["STRATEGIES", "SetbackRace", "match_payoff", "payoff_table"]

STRATEGIES: Final = ("AS", "AU", "CS", "CAS")
"""Order of rows and columns."""

_FIRST_UNSAFE: Final = {"AS": False, "AU": True, "CS": False, "CAS": True}
_COPIES: Final = frozenset({"CS", "CAS"})
_STAGE: Final = {(False, False): 1.0, (False, True): 0.6, (True, False): 2.4, (True, True): 2.0}
_NEGLIGIBLE: Final = 1e-14


@dataclass(frozen=True)
class SetbackRace:
    """Parameters.

    Attributes:
        cap: Highest probability of a setback, reached by playing unsafe in every round.
        unsafe_step: Advance of an unsafe round; a safe one advances by 1.
        least_rounds: Rounds before the race may stop.
        stop: Probability of stopping after each further round, above 0.
        prize: For whoever is ahead.
    """

    cap: float
    unsafe_step: float = 1.5
    least_rounds: int = 5
    stop: float = 0.2
    prize: float = 100.0

    def __post_init__(self) -> None:
        if not (0 <= self.cap <= 1 and 0 < self.stop <= 1 and self.least_rounds >= 1):
            raise ValueError("needs a cap from 0 to 1, a stopping probability above 0 and at least one round")


def match_payoff(race: SetbackRace, own: str, other: str) -> float:
    """Expected payoff of strategy `own` against `other`.

    The sum over lengths stops when the probability of a longer race is below 1e-14.
    """
    mine, theirs = _FIRST_UNSAFE[own], _FIRST_UNSAFE[other]
    earned = mean = 0.0
    unsafe = other_unsafe = played = 0
    going_on = 1.0
    while going_on > _NEGLIGIBLE:
        earned += _STAGE[mine, theirs]
        unsafe += mine
        other_unsafe += theirs
        played += 1
        if played >= race.least_rounds:
            lead = (unsafe - other_unsafe) * (race.unsafe_step - 1)
            kept = 1 - race.cap * unsafe / played
            paid = earned if lead < 0 else kept * (earned + (race.prize if lead > 0 else race.prize / 2))
            mean += going_on * race.stop * paid
            going_on *= 1 - race.stop
        mine, theirs = theirs if own in _COPIES else mine, mine if other in _COPIES else theirs
    return mean


def payoff_table(race: SetbackRace) -> NDArray[np.float64]:
    """Shape (4, 4): row's payoff against column, in the order of `STRATEGIES`."""
    return np.array([[match_payoff(race, own, other) for other in STRATEGIES] for own in STRATEGIES])
