"""Order of arrival: threats against defences as a continuous-time Markov chain, solved exactly.

Model. Technologies arrive once, at exponential times of rate λ_k per year. While at least one threat is present the
hazard of catastrophe is h·Π_{k present}(1 − e_k) per year, where e_k is the efficacy of defence k (a threat has e = 0;
several threats do not add up). The state is the set of arrived technologies, 2^K of them, plus catastrophe, which
absorbs; with the generator Q the probability of catastrophe by the horizon H is the entry [e^{QH}] of (nothing
arrived, catastrophe).

Closed form for one threat (rate a) and one perfect defence (rate b), without a horizon: the threat must come first and
the catastrophe before the defence,

    P = a/(a+b) · h/(h+b).

Mean-field bound. With Λ = ∫₀^H hazard dt along the arrivals alone, P = E[1 − e^{−Λ}] ≤ 1 − e^{−E[Λ]} by Jensen's
inequality, and E[Λ] needs only the probabilities that each technology is present at t.

Source: derived here; standard theory of Markov chains.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.linalg import expm

__all__ = ["Arrival", "catastrophe", "generator", "mean_field_bound", "sampled_catastrophe", "two_technology_race"]

_MOST = 10
"""Technologies for which 2^K states stay a small dense matrix."""


@dataclass(frozen=True)
class Arrival:
    """A technology that arrives at an exponential time.

    Attributes:
        rate: λ > 0 per year.
        efficacy: Share of the hazard that it removes, 0 to 1; 0 for a threat.
        threat: Whether it is a source of the hazard.
    """

    rate: float
    efficacy: float = 0.0
    threat: bool = False

    def __post_init__(self) -> None:
        if not (0 < self.rate < math.inf and 0 <= self.efficacy <= 1):
            raise ValueError(f"needs a finite rate above 0 and an efficacy from 0 to 1, not {self}")


def two_technology_race(threat_rate: float, defence_rate: float, hazard: float) -> float:
    """P(catastrophe) with one threat and one perfect defence, without a horizon."""
    return threat_rate / (threat_rate + defence_rate) * hazard / (hazard + defence_rate)


def _hazards(technologies: Sequence[Arrival], hazard: float) -> NDArray[np.float64]:
    rates = np.zeros(2 ** len(technologies))
    for state in range(len(rates)):
        present = [technology for bit, technology in enumerate(technologies) if state >> bit & 1]
        if any(technology.threat for technology in present):
            rates[state] = hazard * math.prod(1 - technology.efficacy for technology in present)
    return rates


def generator(technologies: Sequence[Arrival], hazard: float) -> NDArray[np.float64]:
    """Q, shape (2^K + 1, 2^K + 1), per year: bit k of a state says that k has arrived; the last state is catastrophe.

    Raises:
        ValueError: More than ten technologies, or a hazard below 0.
    """
    if len(technologies) > _MOST or not 0 <= hazard < math.inf:
        raise ValueError(f"needs at most {_MOST} technologies and a finite hazard of at least 0")
    size = 2 ** len(technologies)
    rates = np.zeros((size + 1, size + 1))
    rates[:size, size] = _hazards(technologies, hazard)
    for state in range(size):
        for bit, technology in enumerate(technologies):
            if not state >> bit & 1:
                rates[state, state | 1 << bit] = technology.rate
    np.fill_diagonal(rates, -rates.sum(axis=1))
    return rates


def catastrophe(technologies: Sequence[Arrival], hazard: float, horizon: float) -> float:
    """P(catastrophe by `horizon` years), from the matrix exponential."""
    return float(expm(generator(technologies, hazard) * horizon)[0, -1])


def mean_field_bound(technologies: Sequence[Arrival], hazard: float, horizon: float) -> float:
    """1 − e^{−E[Λ]}: never below the probability of catastrophe, and smooth in every rate.

    Raises:
        ValueError: A threat has an efficacy: the expected product below would be wrong.
    """
    if any(technology.threat and technology.efficacy for technology in technologies):
        raise ValueError("the bound is for threats that defend against nothing")

    def expected(year: float) -> float:
        absent = math.prod(math.exp(-t.rate * year) for t in technologies if t.threat)
        spared = math.prod(1 - t.efficacy * -math.expm1(-t.rate * year) for t in technologies if not t.threat)
        return hazard * (1 - absent) * spared

    return -math.expm1(-quad(expected, 0.0, horizon, epsabs=1e-12)[0])


def sampled_catastrophe(
    technologies: Sequence[Arrival], hazard: float, horizon: float, *, worlds: int, seed: int
) -> tuple[float, float]:
    """The same probability by Monte Carlo over arrival times, and its standard error: the reference for samplers.

    Each world's own probability 1 − e^{−Λ} is averaged, so luck of the catastrophe itself adds no noise.
    """
    random = np.random.Generator(np.random.Philox(seed))
    rates = np.array([technology.rate for technology in technologies])
    times = np.minimum(random.exponential(1 / rates, (worlds, len(rates))), horizon)
    order = np.argsort(times, axis=1, kind="stable")
    ends = np.concatenate([np.take_along_axis(times, order, axis=1), np.full((worlds, 1), horizon)], axis=1)
    hazards = _hazards(technologies, hazard)
    state = np.zeros(worlds, dtype=np.int64)
    exposure = np.zeros(worlds)
    for position in range(len(rates)):
        state |= np.left_shift(1, order[:, position])
        exposure += hazards[state] * (ends[:, position + 1] - ends[:, position])
    chance = -np.expm1(-exposure)
    return float(chance.mean()), float(chance.std(ddof=1) / math.sqrt(worlds))
