"""The AI development race of Han, Pereira, Santos and Lenaerts (DSAIR): which way of racing takes over.

Model. Two teams race for W rounds to a prize B. Each round a safe team pays c and advances by 1; an unsafe one pays
nothing, advances by s > 1, and is caught with probability p. A round is worth b. With index 1 safe and 2 unsafe, row
player first:

    π₁₁ = −c + b/2                 π₁₂ = −c + (1−p) b/(s+1) + p b
    π₂₁ = (1−p) s b/(s+1)          π₂₂ = (1−p²) b/2

An unsafe winner loses everything to a disaster with probability p_r; q = 1 − p_r. Always safe (AS), always unsafe (AU)
and conditionally safe (CS: safe until the other was unsafe) earn on average per round

          AS             AU                        CS
    AS    B/2W + π₁₁     π₁₂                       B/2W + π₁₁
    AU    q(sB/W + π₂₁)  q(sB/2W + π₂₂)            q[sB/W + (s/W)(π₂₁ + (W/s − 1)π₂₂)]
    CS    B/2W + π₁₁     (s/W)(π₁₂ + (W/s − 1)π₂₂) B/2W + π₁₁

Z teams imitate each other by Fermi's rule of strength β. In the limit of rare mutation the population walks between
pure states; a single A takes over Z − 1 of B with probability

    ρ_{B→A} = [1 + Σ_{i=1}^{Z−1} Π_{j≤i} e^{−β(P_A(j) − P_B(j))}]⁻¹

Convention. The paper's equation 3 divides by Z − 1: nobody meets itself. Its printed figures, however, are those of
dividing by Z with everybody also meeting itself; only that convention gives the values in figures 2 and 3. Both are
offered here, and the figures' one is the default.

Zones in the early regime (B/W ≫ b): unsafe is socially better below p_r = 1 − 1/s, and safe is selected above
p_r = 1 − 1/(N·H_N·s) with N teams and the harmonic number H_N; between them lies the dilemma.

Source: T. A. Han, L. M. Pereira, F. C. Santos, T. Lenaerts, "To regulate or not: a social dynamics analysis of an
idealised AI race", Journal of Artificial Intelligence Research 69 (2020), 881–921.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["STRATEGIES", "Race", "Zones", "fixation", "reference_fixation", "stationary", "transitions", "zones"]

STRATEGIES: Final = ("AS", "AU", "CS")
"""Always safe, always unsafe, conditionally safe: the order of rows and columns."""


@dataclass(frozen=True)
class Race:
    """Parameters of the race; money in units of c.

    Attributes:
        rounds: W, rounds a safe team needs.
        detection: p, probability that an unsafe round is found out.
        disaster: p_r, probability that an unsafe win ends in disaster.
        cost: c of a safe round.
        market: b, worth of a round.
        speed: s > 1 of unsafe development.
        prize: B.
    """

    rounds: float
    detection: float
    disaster: float
    cost: float = 1.0
    market: float = 4.0
    speed: float = 1.5
    prize: float = 1e4

    def __post_init__(self) -> None:
        if not (0 <= self.detection <= 1 and 0 <= self.disaster <= 1 and self.speed > 1 and self.rounds >= self.speed):
            raise ValueError("needs probabilities from 0 to 1, speed above 1 and at least `speed` rounds")

    def payoffs(self) -> NDArray[np.float64]:
        """Average payoff per round, shape (3, 3), row against column in the order of `STRATEGIES`."""
        caught, fast, rounds = self.detection, self.speed, self.rounds
        safe_safe = -self.cost + self.market / 2
        safe_unsafe = -self.cost + (1 - caught) * self.market / (fast + 1) + caught * self.market
        unsafe_safe = (1 - caught) * fast * self.market / (fast + 1)
        unsafe_unsafe = (1 - caught**2) * self.market / 2
        spared, later = 1 - self.disaster, rounds / fast - 1
        shared = self.prize / (2 * rounds) + safe_safe
        fast_prize = fast * self.prize / rounds
        met_once = fast / rounds * (unsafe_safe + later * unsafe_unsafe)
        return np.array(
            [
                [shared, safe_unsafe, shared],
                [
                    spared * (fast_prize + unsafe_safe),
                    spared * (fast_prize / 2 + unsafe_unsafe),
                    spared * (fast_prize + met_once),
                ],
                [shared, fast / rounds * (safe_unsafe + later * unsafe_unsafe), shared],
            ]
        )


def _advantage(
    payoffs: NDArray[np.float64], mutant: int, resident: int, population: int, *, self_interaction: bool
) -> NDArray[np.float64]:
    """P_A(j) − P_B(j) for j = 1 … Z−1 mutants."""
    count = np.arange(1, population)
    own = 0 if self_interaction else 1
    met = population - own
    among = payoffs[mutant, mutant] * (count - own) + payoffs[mutant, resident] * (population - count)
    against = payoffs[resident, mutant] * count + payoffs[resident, resident] * (population - count - own)
    return np.asarray((among - against) / met)


def fixation(
    payoffs: NDArray[np.float64],
    mutant: int,
    resident: int,
    *,
    population: int = 100,
    strength: float = 0.1,
    self_interaction: bool = True,
) -> float:
    """Probability that one mutant takes over a population of residents; 0 if it is below the smallest float.

    Args:
        payoffs: Shape (S, S), row against column.
        mutant: Strategy of the single mutant.
        resident: Strategy of all others.
        population: Z of at least 2.
        strength: β ≥ 0 of imitation; 0 gives 1/Z.
        self_interaction: Whether a team also meets itself (the printed figures) or not (the printed equation).
    """
    steps = _advantage(payoffs, mutant, resident, population, self_interaction=self_interaction)
    return math.exp(_log_fixation(steps, strength))


def _log_fixation(steps: NDArray[np.float64], strength: float) -> float:
    """The logarithm, because the sum may reach e^{10⁶}."""
    return -float(np.logaddexp.reduce(np.append(0.0, -strength * np.cumsum(steps))))


def reference_fixation(
    payoffs: NDArray[np.float64],
    mutant: int,
    resident: int,
    *,
    population: int = 100,
    strength: float = 0.1,
    self_interaction: bool = True,
) -> float:
    """The same from the birth-and-death chain itself: a linear system, one equation a number of mutants."""
    steps = _advantage(payoffs, mutant, resident, population, self_interaction=self_interaction)
    up = 1 / (1 + np.exp(-strength * steps))
    size = population - 1
    matrix = np.eye(size) - np.diag(up[:-1], 1) - np.diag(1 - up[1:], -1)
    target = np.zeros(size)
    target[-1] = up[-1]
    return float(np.linalg.solve(matrix, target)[0])


def transitions(
    payoffs: NDArray[np.float64], *, population: int = 100, strength: float = 0.1, self_interaction: bool = True
) -> NDArray[np.float64]:
    """Z·ρ, shape (S, S): how much likelier than by neutral drift a population of the row turns into the column."""
    size = len(payoffs)
    out = np.zeros((size, size))
    for resident in range(size):
        for mutant in range(size):
            if mutant != resident:
                out[resident, mutant] = population * fixation(
                    payoffs,
                    mutant,
                    resident,
                    population=population,
                    strength=strength,
                    self_interaction=self_interaction,
                )
    return out


def stationary(
    payoffs: NDArray[np.float64], *, population: int = 100, strength: float = 0.1, self_interaction: bool = True
) -> NDArray[np.float64]:
    """Shares of time that the population spends in each pure state, shape (S,), summing to 1.

    By the elimination of Grassmann, Taksar and Heyman, in logarithms: it never subtracts, so shares of 10⁻³⁰⁰ and
    transitions far rarer than that do no harm.
    """
    size = len(payoffs)
    rates = np.full((size, size), -np.inf)
    for resident in range(size):
        for mutant in range(size):
            if mutant != resident:
                steps = _advantage(payoffs, mutant, resident, population, self_interaction=self_interaction)
                rates[resident, mutant] = _log_fixation(steps, strength)
    for last in range(size - 1, 0, -1):
        rates[:last, last] -= np.logaddexp.reduce(rates[last, :last])
        through = rates[:last, last][:, None] + rates[last, :last]
        rates[:last, :last] = np.logaddexp(rates[:last, :last], through)
    shares = np.zeros(size)
    for state in range(1, size):
        shares[state] = np.logaddexp.reduce(shares[:state] + rates[:state, state])
    return np.asarray(np.exp(shares - np.logaddexp.reduce(shares)))


@dataclass(frozen=True)
class Zones:
    """Boundaries in p_r, early regime: racing is socially better below `innovation`, safety wins above `compliance`.

    Between the two is the dilemma, the only zone in which regulation helps.
    """

    innovation: float
    compliance: float

    def of(self, disaster: float) -> str:
        """The zone of a disaster probability: "innovation", "dilemma" or "compliance"."""
        if disaster <= self.innovation:
            return "innovation"
        return "dilemma" if disaster < self.compliance else "compliance"


def zones(speed: float, *, teams: int = 2) -> Zones:
    """Zones for `teams` of at least 2 that race with unsafe speed `speed` > 1."""
    if speed <= 1 or teams < 2:
        raise ValueError("zones need a speed above 1 and at least two teams")
    harmonic = sum(1 / k for k in range(1, teams + 1))
    return Zones(1 - 1 / speed, 1 - 1 / (teams * harmonic * speed))
