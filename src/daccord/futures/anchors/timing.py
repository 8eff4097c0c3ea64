"""When to launch: go or no-go, the best delay, and state risk against transition risk.

Go or no-go. L₀ years of life remain without the technology and L₁ with it; a launch that kills everybody with
probability P is worth it below P = 1 − L₀/L₁.

Best delay. Before launch people die at rate m₀ per year; a launch at t fails with probability P₀e^{−kt}; after a good
launch L₁ years remain. Expected years of life and their maximum:

    W(t) = (1 − e^{−m₀t})/m₀ + e^{−m₀t} (1 − P₀e^{−kt}) L₁
    t* = max{0, k⁻¹ ln[ P₀ L₁ (m₀ + k) / (m₀L₁ − 1) ]}

State against transition risk. While waiting, a state risk d per year accrues; a launch at t succeeds with
p(t) = 1 − q₀e^{−kt}. Maximise e^{−dt}p(t):

    t* = max{0, k⁻¹ ln[ q₀ (k + d) / d ]}

Times are in years, rates per year.

Sources: N. Bostrom, "Optimal timing for superintelligence" (2026), assumptions as told by two independent summaries;
the closed forms are derived here and the paper's own tables were not read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Launch", "acceptable_risk", "state_or_transition_delay"]


def acceptable_risk(years_without: float, years_with: float) -> float:
    """Highest probability of death at launch that more years of life make up for.

    Raises:
        ValueError: Not 0 < `years_without` ≤ `years_with`.
    """
    if not 0 < years_without <= years_with:
        raise ValueError("needs 0 < years without ≤ years with")
    return 1 - years_without / years_with


@dataclass(frozen=True)
class Launch:
    """A launch that becomes safer while people wait, and die.

    Attributes:
        risk: P₀, probability that a launch today kills everybody.
        progress: k > 0, relative fall of that risk per year, continuously.
        mortality: m₀ > 0 per year before launch.
        years_after: L₁, expected years of life after a good launch; above 1/m₀, or nobody would launch.
    """

    risk: float
    progress: float
    mortality: float = 1 / 40
    years_after: float = 1400.0

    def __post_init__(self) -> None:
        if not (0 <= self.risk <= 1 and self.progress > 0 and self.mortality > 0):
            raise ValueError("needs a risk from 0 to 1, progress above 0 and mortality above 0")
        if self.years_after * self.mortality <= 1:
            raise ValueError("life after launch must be longer than life without it")

    def life_years(self, delay: float) -> float:
        """W(t): expected years of life of somebody alive now if launch is after `delay` years."""
        alive = math.exp(-self.mortality * delay)
        before = -math.expm1(-self.mortality * delay) / self.mortality
        return before + alive * (1 - self.risk * math.exp(-self.progress * delay)) * self.years_after

    @property
    def best_delay(self) -> float:
        """t*, years."""
        gain = self.mortality * self.years_after - 1
        ratio = self.risk * self.years_after * (self.mortality + self.progress) / gain
        return max(0.0, math.log(ratio) / self.progress) if ratio > 0 else 0.0


def state_or_transition_delay(risk: float, progress: float, state_risk: float) -> float:
    """Years to wait when waiting itself has a hazard of `state_risk` per year and lowers the launch risk by k per year.

    Raises:
        ValueError: A rate is not above 0 or the risk not from 0 to 1.
    """
    if not (0 <= risk <= 1 and progress > 0 and state_risk > 0):
        raise ValueError("needs a risk from 0 to 1 and rates above 0")
    ratio = risk * (progress + state_risk) / state_risk
    return max(0.0, math.log(ratio) / progress) if ratio > 0 else 0.0
