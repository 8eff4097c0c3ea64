"""The way to the long run in Aschenbrenner's model, integrated backwards: why its best-known number is no test.

Model (see `safety_growth`). The planner maximises ∫ e^{−ρt} M u(c) dt over survivors M, Ṁ = −δM. Per survivor, with v
the value of life, P_A = p_A·A and P_B = p_B·B the values of the two technologies, and consumption and safety per
person c = Aℓ(1−σ), h = B(1−ℓ)(1−σ) (α = 1):

    v̇ = (ρ+δ) v − u(c)
    Ṗ_A = (ρ+δ+(1−φ)g_A) P_A − (c^{1−γ} − εδv)
    Ṗ_B = (ρ+δ+(1−φ)g_B) P_B − βδv

and at every instant the shares satisfy

    c^{1−γ} = δv (ε + βℓ/(1−ℓ))
    P_A g_A/s = P_B g_B/(1−s)
    λ (P_A g_A + P_B g_B)/σ = βδv / ((1−ℓ)(1−σ))

Six laws of motion (A, B, N, v, P_A, P_B) are integrated backwards from a point T on the long-run path, where the
hazard is δ_T, until life was worth only four years of consumption: "today". Units of A, B and N are those of T, so
the result does not depend on them. On the long-run path s_T follows from ℓ_T, and c_T from v; **ℓ_T remains free**:
it says how far along that path T is taken to be.

Source: the first-order conditions are derived here for the model of L. Aschenbrenner, "Existential risk and growth",
GPI working paper 6-2020; its own laws of motion and terminal values were not at hand. "Four years" is our reading of
today.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

from daccord.futures.anchors.safety_growth import LongRun, SafetyGrowth

__all__ = ["Path", "Terminal", "backward_path"]

_TODAY: Final = 4.0
"""Years of consumption that a year of life is worth today."""
_LONGEST: Final = 3_000.0
_A, _B, _N, _LIFE, _VALUE_A, _VALUE_B, _HAZARD = range(7)


@dataclass(frozen=True)
class Terminal:
    """A point on the long-run path, perhaps missed by a little.

    Attributes:
        consumption_share: ℓ_T, between 0 and 1.
        hazard: δ_T per year.
        level: ū of utility.
        workers_off: Factor on ℓ_T by which it is missed.
        scientists_off: Factor on s_T by which it is missed.
    """

    consumption_share: float
    hazard: float = 5e-4
    level: float = 0.0098
    workers_off: float = 1.0
    scientists_off: float = 1.0


@dataclass(frozen=True)
class Path:
    """What the backward integration finds.

    Attributes:
        years: From today to T.
        survival: Probability of surviving from today for ever.
        peak: Largest hazard per year.
        life_value: Years of consumption a year of life is worth at T.
    """

    years: float
    survival: float
    peak: float
    life_value: float


class _System:
    """The laws of motion in units of T; A, B, N and the values as logarithms."""

    def __init__(self, model: SafetyGrowth, terminal: Terminal) -> None:
        self.model, self.end = model, terminal
        self.rates: LongRun = model.long_run()
        rates, speed = self.rates, 1 - model.carry_over
        first = model.discount + speed * rates.safety_technology - rates.hazard
        second = model.discount + speed * rates.consumption_technology - rates.hazard - rates.consumption_share
        self.workers = terminal.consumption_share
        ratio = rates.consumption_technology / rates.safety_technology * first / second * self.workers
        self.scientists = ratio / (1 + ratio)
        # v at T two ways: from the shares, and as what life on the long-run path is worth. They meet at one c_T.
        self.log_consumption = float(brentq(lambda x: self._shares_say(x) - math.log(self._life(x)), 11.0, 40.0))

    def _shares_say(self, log_consumption: float) -> float:
        weight = self.model.scale + self.model.protection * self.workers / (1 - self.workers)
        return (1 - self.model.gamma) * log_consumption - math.log(self.end.hazard * weight)

    def utility(self, log_consumption: float) -> float:
        return self.end.level + math.exp((1 - self.model.gamma) * log_consumption) / (1 - self.model.gamma)

    def _life(self, log_consumption: float) -> float:
        def flow(year: float) -> float:
            risk = self.end.hazard / self.rates.hazard * math.expm1(self.rates.hazard * year)
            utility = self.utility(log_consumption + self.rates.consumption * year)
            return math.exp(-self.model.discount * year - risk) * utility

        return float(quad(flow, 0, 1_500, limit=200)[0])

    def flows(self, state: NDArray[np.float64], odds: NDArray[np.float64], scientists: float) -> tuple[float, ...]:
        """log c, log δ, g_A, g_B at given log-odds of (ℓ, σ) and share s."""
        model, whole = self.model, self.rates.scientists
        workers, science = 1 / (1 + np.exp(-odds))
        busy = math.log((1 - science) / (1 - whole))
        richer = state[_A] + math.log(workers / self.workers) + busy
        safer = state[_B] + math.log((1 - workers) / (1 - self.workers)) + busy
        hazard = math.log(self.end.hazard) + (model.scale - model.protection) * state[_N]
        hazard += model.scale * richer - model.protection * safer
        more, lag = model.congestion * (state[_N] + math.log(science / whole)), 1 - model.carry_over
        growth_a = math.log(self.rates.consumption_technology) + more - lag * state[_A]
        growth_b = math.log(self.rates.safety_technology) + more - lag * state[_B]
        growth_a += model.congestion * math.log(scientists / self.scientists)
        growth_b += model.congestion * math.log((1 - scientists) / (1 - self.scientists))
        return self.log_consumption + richer, hazard, math.exp(growth_a), math.exp(growth_b)

    def shares(self, state: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Log-odds of (ℓ, σ) by Newton's method, and s in closed form."""
        model = self.model
        made = self.rates.safety_technology / self.rates.consumption_technology
        made *= (self.scientists / (1 - self.scientists)) ** model.congestion
        gap = math.log(made) + state[_VALUE_B] - state[_VALUE_A] + (1 - model.carry_over) * (state[_A] - state[_B])
        scientists = 1 / (1 + math.exp(gap / (1 - model.congestion)))
        odds = np.array([0.0, -2.0])
        for _ in range(100):
            consumption, hazard, growth_a, growth_b = self.flows(state, odds, scientists)
            workers, science = 1 / (1 + np.exp(-odds))
            weight = model.scale + model.protection * math.exp(odds[0])
            research = math.exp(state[_VALUE_A]) * growth_a + math.exp(state[_VALUE_B]) * growth_b
            felt = hazard + state[_LIFE]
            wrong = np.array(
                [
                    (1 - model.gamma) * consumption - felt - math.log(weight),
                    math.log(model.congestion * research / model.protection * (1 - workers) * (1 - science) / science)
                    - felt,
                ]
            )
            by_workers = model.scale * (1 - workers) + model.protection * workers
            by_science = (model.protection - model.scale) * science
            slopes = np.array(
                [
                    [
                        (1 - model.gamma) * (1 - workers) - by_workers - 1 + model.scale / weight,
                        -(1 - model.gamma) * science - by_science,
                    ],
                    [-by_workers - workers, model.congestion * (1 - science) - 1 - by_science],
                ]
            )
            step = np.clip(np.linalg.solve(slopes, wrong), -2, 2)
            odds = odds - step
            if np.abs(step).max() < 1e-12:
                return odds, scientists
        raise ArithmeticError("no shares satisfy the planner's conditions here")

    def start(self) -> NDArray[np.float64]:
        """The state at T, with the shares missed by their factors."""
        model, science = self.model, self.rates.scientists
        workers = self.workers * self.end.workers_off
        scientists = self.scientists * self.end.scientists_off
        state = np.zeros(7)
        odds = np.array([math.log(share / (1 - share)) for share in (workers, science)])
        consumption, hazard, growth_a, growth_b = self.flows(state, odds, scientists)
        weight = model.scale + model.protection * workers / (1 - workers)
        felt = math.exp((1 - model.gamma) * consumption) / weight
        research = science * model.protection * felt / (model.congestion * (1 - workers) * (1 - science))
        state[_LIFE] = math.log(felt) - hazard
        state[_VALUE_A] = math.log(scientists * research / growth_a)
        state[_VALUE_B] = math.log((1 - scientists) * research / growth_b)
        return state

    def motion(self, _: float, state: NDArray[np.float64]) -> NDArray[np.float64]:
        """Derivatives of the seven components per year; the last one is the accumulated hazard."""
        model, lag = self.model, 1 - self.model.carry_over
        odds, scientists = self.shares(state)
        consumption, log_hazard, growth_a, growth_b = self.flows(state, odds, scientists)
        hazard, felt = math.exp(log_hazard), math.exp(log_hazard + state[_LIFE])
        waiting = model.discount + hazard
        earned = math.exp((1 - model.gamma) * consumption) - model.scale * felt
        return np.array(
            [
                growth_a,
                growth_b,
                model.population,
                waiting - self.utility(consumption) / math.exp(state[_LIFE]),
                waiting + lag * growth_a - earned / math.exp(state[_VALUE_A]),
                waiting + lag * growth_b - model.protection * felt / math.exp(state[_VALUE_B]),
                hazard,
            ]
        )

    def life_value(self, log_consumption: float) -> float:
        return self.utility(log_consumption) / math.exp((1 - self.model.gamma) * log_consumption)


def backward_path(terminal: Terminal, model: SafetyGrowth | None = None) -> Path:
    """Integrate from T to today.

    Args:
        terminal: The point T.
        model: Parameters; those of the paper's calibration if None. α must be 1.

    Raises:
        ArithmeticError: Today is not reached within 3,000 years, or no shares satisfy the planner on the way.
        ValueError: A share is not between 0 and 1, or the model has no long-run path of this kind.
    """
    system = _System(model or SafetyGrowth(), terminal)
    if system.model.technology != 1 or not 0 < terminal.consumption_share * terminal.workers_off < 1:
        raise ValueError("needs α = 1 and a share of consumption between 0 and 1")

    def today(_: float, state: NDArray[np.float64]) -> float:
        return system.life_value(system.flows(state, *system.shares(state))[0]) - _TODAY

    today.terminal = True  # type: ignore[attr-defined] # how scipy is told to stop
    found = solve_ivp(system.motion, (0.0, -_LONGEST), system.start(), events=today, rtol=1e-7, atol=1e-9)
    if found.status != 1:
        raise ArithmeticError(f"today is not reached: {found.message}")
    hazards = [math.exp(system.flows(state, *system.shares(state))[1]) for state in found.y.T]
    later = terminal.hazard / -system.rates.hazard
    survival = math.exp(float(found.y[_HAZARD, -1]) - later)
    return Path(-float(found.t[-1]), survival, max(hazards), system.life_value(system.log_consumption))
