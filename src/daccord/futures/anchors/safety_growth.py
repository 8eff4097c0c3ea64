"""Long-run growth rates of consumption and safety: the closed forms of Aschenbrenner (2020).

Model. Consumption C = A^α L_c and safety H = B^α L_h come from two kinds of technology, made by scientists: with N
people, a share σ of them scientists and a share s of those working on consumption,

    Ȧ = (sσN)^λ A^φ,   Ḃ = ((1−s)σN)^λ B^φ,   Ṅ = nN
    hazard δ = δ̄ N^{ε−β} c^ε h^{−β},   u(c) = ū + c^{1−γ}/(1−γ),   discount rate ρ

A planner chooses s, σ and the share ℓ of the other workers who make consumption. With γ > 1 and ε > β, safety takes
over in the long run, and with g = αλn/(1−φ):

    g_c = g [β + (β−ε)(1−φ)/(αλ)] / (γ+ε−1),   g_δ = −(γ−1) g_c
    g_s = g_ℓ = −[g(γ−1−β+ε) + n(ε−β)] / [(1 + αλ/(1−φ))(γ+ε−1)]
    g_A = λ(g_s + n)/(1−φ),   g_B = λn/(1−φ),   g_h = αg_B
    σ* = λαg_B / [ρ + (γ−1)g_c + (1−φ+λα)g_B]

Two identities tie them together: g_c = αg_A + g_ℓ and g_δ = (ε−β)n + εg_c − βg_h. All rates are per year.

The paper's best-known number, a long-run probability of survival of 19.3 %, is not here: it comes from integrating the
laws of motion backwards from assumed terminal values and depends on them; see `safety_transition`.

Source: L. Aschenbrenner, "Existential risk and growth", GPI working paper 6-2020, propositions and appendix B.1.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LongRun", "SafetyGrowth"]


@dataclass(frozen=True)
class LongRun:
    """Growth rates per year in the long run, and the share of scientists.

    Attributes:
        consumption_technology: g_A.
        safety_technology: g_B.
        safety: g_h, safety per person.
        consumption: g_c, consumption per person.
        hazard: g_δ.
        consumption_share: g_s = g_ℓ, of scientists and of workers who make consumption.
        scientists: σ*, share of people.
    """

    consumption_technology: float
    safety_technology: float
    safety: float
    consumption: float
    hazard: float
    consumption_share: float
    scientists: float


@dataclass(frozen=True)
class SafetyGrowth:
    """Parameters, with the values of the paper's calibration.

    Attributes:
        gamma: γ, curvature of utility.
        scale: ε, elasticity of the hazard in consumption.
        protection: β, elasticity of the hazard in safety.
        discount: ρ per year.
        population: n per year.
        technology: α, elasticity of output in technology.
        carry_over: φ, elasticity of research in past research, below 1.
        congestion: λ, elasticity of research in scientists.
    """

    gamma: float = 1.5
    scale: float = 0.4
    protection: float = 0.3
    discount: float = 0.02
    population: float = 0.01
    technology: float = 1.0
    carry_over: float = 5 / 6
    congestion: float = 0.3

    @property
    def growth(self) -> float:
        """g, growth of output per person with fixed shares."""
        return self.technology * self.congestion * self.population / (1 - self.carry_over)

    @property
    def rule_of_thumb_hazard(self) -> float:
        """Growth of the hazard with fixed shares: (ε−β)(g+n)."""
        return (self.scale - self.protection) * (self.growth + self.population)

    @property
    def survival_possible(self) -> bool:
        """Whether some allocation lets humanity survive for ever with positive probability, and a planner picks it."""
        excess = self.scale - self.protection
        if excess <= 0:
            return True
        return excess / self.protection < self._speed and self.gamma > 1

    @property
    def _speed(self) -> float:
        return self.technology * self.congestion / (1 - self.carry_over)

    def long_run(self) -> LongRun:
        """The asymptotic rates.

        Raises:
            ValueError: Not γ > 1, ε > β and survival possible, for which the closed forms are stated.
        """
        if not (self.gamma > 1 and self.scale > self.protection and self.survival_possible):
            raise ValueError("the closed forms need γ > 1, ε > β and (ε−β)/β below αλ/(1−φ)")
        excess = self.scale - self.protection
        curvature = self.gamma + self.scale - 1
        consumption = self.growth * (self.protection - excess / self._speed) / curvature
        share = -(self.growth * (self.gamma - 1 + excess) + self.population * excess) / ((1 + self._speed) * curvature)
        safety_technology = self.congestion * self.population / (1 - self.carry_over)
        learning = self.congestion * self.technology * safety_technology
        rate = self.discount + (self.gamma - 1) * consumption + (1 - self.carry_over) * safety_technology + learning
        return LongRun(
            consumption_technology=self.congestion * (share + self.population) / (1 - self.carry_over),
            safety_technology=safety_technology,
            safety=self.technology * safety_technology,
            consumption=consumption,
            hazard=-(self.gamma - 1) * consumption,
            consumption_share=share,
            scientists=learning / rate,
        )

    def residuals(self) -> tuple[float, float]:
        """How far the rates are from the two identities, per year: rounding errors if the closed forms are right."""
        rates = self.long_run()
        consumption = self.technology * rates.consumption_technology + rates.consumption_share - rates.consumption
        hazard = (self.scale - self.protection) * self.population
        hazard += self.scale * rates.consumption - self.protection * rates.safety - rates.hazard
        return consumption, hazard
