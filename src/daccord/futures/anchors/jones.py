"""Growth against existential risk: the two models of Jones (2023) and what happens with several blocs.

Simple model. An economy uses AI for T years. Consumption grows to c = c₀e^{gT}, survival is e^{−δT}, and everything is
realised at once: maximise e^{−δT} u(c). With g and δ per year and T in years,

    u(c) = ū + c^{1−γ}/(1−γ)  (γ ≠ 1),   ū + log c  (γ = 1)
    v(c) = u(c)/(u′(c)c)      value of a year of life, in years of consumption
    v(c*) = g/δ,   T* = log(c*/c₀)/g (zero if that is negative),   risk = 1 − e^{−δT*}

Richer model. Population grows at b − m and consumption at g for ever; utility is discounted at ρ:

    U(g, m) = N₀ [ ū/(ρ−b+m) + c₀^{1−γ}/(1−γ) · 1/(ρ−b+m+(γ−1)g) ]

A one-off risk of AI is worth taking below δ* = 1 − U(g₀, m₀)/U(g_ai, m_ai). A singularity (g = ∞) drops the second
term.

Several blocs. Each of n blocs chooses its own T and earns its own growth; the hazard δΣT is shared. Every bloc's
condition is still v(c) = g/δ, so each runs T* as if it were alone and the total risk is 1 − e^{−nδT*}. The joint
planner counts the risk to all: v(c) = g/(nδ).

Source: C. I. Jones, "The A.I. dilemma: growth versus existential risk", NBER working paper 31837 (2023). Several blocs:
derived here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Blocs", "Utility", "Wager", "Wellbeing", "blocs", "cut_off", "wager"]


@dataclass(frozen=True)
class Utility:
    """Bounded or logarithmic utility of consumption.

    Attributes:
        gamma: Curvature γ ≥ 0; above 1 utility is bounded by ū.
        level: ū, what being alive is worth beside consumption.
    """

    gamma: float
    level: float

    @classmethod
    def calibrated(cls, gamma: float, life_value: float = 6.0) -> Utility:
        """The utility whose year of life at consumption 1 is worth `life_value` years of consumption.

        Raises:
            ValueError: γ is negative or not finite.
        """
        if not 0 <= gamma < math.inf:
            raise ValueError(f"curvature γ must be a finite number of at least 0, not {gamma}")
        return cls(gamma, life_value if gamma == 1 else life_value - 1 / (1 - gamma))

    def of(self, consumption: float) -> float:
        """u(c), for c > 0."""
        if self.gamma == 1:
            return self.level + math.log(consumption)
        return self.level + float(consumption ** (1 - self.gamma)) / (1 - self.gamma)

    def life_value(self, consumption: float) -> float:
        """v(c) = u(c)/(u′(c)c): years of consumption that a year of life is worth."""
        return self.of(consumption) * float(consumption ** (self.gamma - 1))

    def consumption_at(self, life_value: float) -> float:
        """The consumption at which a year of life is worth `life_value`: v solved for c.

        Raises:
            ValueError: No consumption has that value.
        """
        if self.gamma == 1:
            return math.exp(life_value - self.level)
        base = (life_value - 1 / (1 - self.gamma)) / self.level
        if base <= 0:
            raise ValueError(f"no consumption makes a year of life worth {life_value} with γ = {self.gamma}")
        return float(base ** (1 / (self.gamma - 1)))


@dataclass(frozen=True)
class Wager:
    """How long to use AI: final consumption (multiples of today's), years, and the probability of catastrophe."""

    consumption: float
    years: float
    risk: float


def wager(utility: Utility, *, growth: float, hazard: float) -> Wager:
    """The best time to use AI in the simple model, starting from consumption 1.

    Stopping at once is best if a year of life is already worth more than g/δ.

    Args:
        utility: With γ ≥ 1; below that v(c) need not cross g/δ once.
        growth: g > 0 per year.
        hazard: δ > 0 per year.

    Raises:
        ValueError: An argument is outside its domain.
    """
    if growth <= 0 or hazard <= 0 or utility.gamma < 1:
        raise ValueError("the simple model needs growth > 0, hazard > 0 and γ of at least 1")
    if utility.life_value(1.0) >= growth / hazard:
        return Wager(1.0, 0.0, 0.0)
    consumption = utility.consumption_at(growth / hazard)
    years = math.log(consumption) / growth
    return Wager(consumption, years, -math.expm1(-hazard * years))


@dataclass(frozen=True)
class Wellbeing:
    """The richer model's discounted wellbeing, per person alive at the start, at consumption 1.

    Attributes:
        utility: u(c).
        discount: ρ − b, discount rate less birth rate, per year; may be negative.
    """

    utility: Utility
    discount: float = 0.01

    def of(self, growth: float, mortality: float) -> float:
        """U(g, m)/N₀; `growth` may be infinite.

        Raises:
            ValueError: The integral does not converge.
        """
        gamma = self.utility.gamma
        rate = self.discount + mortality
        if rate <= 0:
            raise ValueError("wellbeing is infinite: discount rate plus mortality must be above 0")
        if gamma == 1:
            if growth == math.inf:
                raise ValueError("logarithmic utility is unbounded under a singularity")
            return self.utility.level / rate + growth / rate**2
        flow = rate + (gamma - 1) * growth
        if flow <= 0:
            raise ValueError("wellbeing is infinite: growth outruns discounting with γ below 1")
        return self.utility.level / rate + (0.0 if growth == math.inf else 1 / ((1 - gamma) * flow))


def cut_off(
    before: Wellbeing,
    *,
    growth: float,
    mortality: float,
    growth_before: float = 0.02,
    mortality_before: float = 0.01,
) -> float:
    """δ*: the largest one-off risk of extinction worth taking for AI's growth and mortality.

    Raises:
        ValueError: One of the two worlds has infinite wellbeing.
    """
    return 1 - before.of(growth_before, mortality_before) / before.of(growth, mortality)


@dataclass(frozen=True)
class Blocs:
    """n blocs that choose alone and together: years each uses AI and the probability of catastrophe for all."""

    alone_years: float
    alone_risk: float
    joint_years: float
    joint_risk: float


def blocs(utility: Utility, *, growth: float, hazard: float, count: int) -> Blocs:
    """Nash equilibrium and joint optimum of `count` equal blocs that share one hazard δΣT.

    Raises:
        ValueError: `count` is below 1 or another argument outside its domain.
    """
    if count < 1:
        raise ValueError(f"there must be at least one bloc, not {count}")
    alone = wager(utility, growth=growth, hazard=hazard)
    joint = wager(utility, growth=growth, hazard=count * hazard)
    return Blocs(alone.years, -math.expm1(-count * hazard * alone.years), joint.years, joint.risk)
