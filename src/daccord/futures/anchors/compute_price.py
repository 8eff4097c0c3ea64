"""Whether dearer compute makes a race safer: the symmetric equilibrium of Jensen, Emery-Xu and Trager.

Model. Each of n labs buys X_s of safety and X_p of performance at price r:

    p_i = B X_p^β            performance
    s_i = A X_s^{α} p_i^{−θ}  safety, which performance erodes
    q_i = p_i/Σp             probability of winning;   σ_i = s_i/(1+s_i) safe if it wins
    u_i = σ_i q_i − d (1 − Σ_j σ_j q_j) − r (X_s + X_p)

with a prize of 1 and damage d to everybody. First-order conditions at a symmetric point, in σ alone:

    r X_s = (1+d) α σ(1−σ)/n
    r X_p = β σ [ (n−1)/n² − (1+d) θ (1−σ)/n ]

and σ/(1−σ) = A X_s^α (B X_p^β)^{−θ} closes the system: one equation in σ. In it r stands only as r^{βθ−α}: dearer
compute lowers risk if α < βθ, raises it if α > βθ and **does nothing at α = βθ**.

Source: M. Jensen, N. Emery-Xu, R. Trager, "Industrial policy for advanced AI: compute pricing and the safety tax",
arXiv 2302.11436, with the model as coded by its authors in AIIncentives.jl. The first-order conditions are derived
here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.optimize import brentq

__all__ = ["Equilibrium", "Labs", "equilibrium"]


@dataclass(frozen=True)
class Labs:
    """Parameters of n equal labs.

    Attributes:
        safety_return: α, elasticity of safety in spending on it.
        performance_return: β, elasticity of performance in spending on it.
        erosion: θ > 0, elasticity of safety in performance.
        count: n of at least 2.
        damage: d ≥ 0 of a disaster, the prize being 1.
        safety_scale: A.
        performance_scale: B.
    """

    safety_return: float
    performance_return: float
    erosion: float = 1.0
    count: int = 2
    damage: float = 1.0
    safety_scale: float = 10.0
    performance_scale: float = 10.0

    def __post_init__(self) -> None:
        positive = (
            self.safety_return,
            self.performance_return,
            self.erosion,
            self.safety_scale,
            self.performance_scale,
        )
        if min(positive) <= 0 or self.count < 2 or self.damage < 0:
            raise ValueError("needs elasticities and scales above 0, at least two labs and damage of at least 0")

    def utility(self, price: float, own: tuple[float, float], others: tuple[float, float]) -> float:
        """u of a lab that buys `own` = (X_s, X_p) while each of the others buys `others`."""
        performance = [self.performance_scale * bought[1] ** self.performance_return for bought in (own, others)]
        odds = [
            self.safety_scale * bought[0] ** self.safety_return * power**-self.erosion
            for bought, power in zip((own, others), performance, strict=True)
        ]
        safe = [value / (1 + value) for value in odds]
        total = performance[0] + (self.count - 1) * performance[1]
        won = performance[0] / total
        sound = safe[0] * won + safe[1] * (1 - won)
        return float(safe[0] * won - self.damage * (1 - sound) - price * sum(own))


@dataclass(frozen=True)
class Equilibrium:
    """Probability of disaster 1 − σ and what each lab buys of safety and performance."""

    risk: float
    safety: float
    performance: float


def equilibrium(labs: Labs, price: float) -> Equilibrium:
    """The symmetric equilibrium in which both kinds of spending are positive.

    Raises:
        ValueError: The price is not above 0.
    """
    if not 0 < price < math.inf:
        raise ValueError(f"the price must be a finite number above 0, not {price}")
    stake = 1 + labs.damage

    def bought(risk: float) -> tuple[float, float]:
        rivalry = (labs.count - 1) / labs.count**2 - stake * labs.erosion * risk / labs.count
        return (
            stake * labs.safety_return * (1 - risk) * risk / labs.count / price,
            labs.performance_return * (1 - risk) * rivalry / price,
        )

    def gap(risk: float) -> float:
        """Log-odds of safety: from spending, less those assumed. From +∞ as X_p → 0 to −∞ as the risk → 0."""
        safety, performance = bought(risk)
        power = math.log(labs.performance_scale) + labs.performance_return * math.log(performance)
        made = math.log(labs.safety_scale) + labs.safety_return * math.log(safety) - labs.erosion * power
        return made - math.log((1 - risk) / risk)

    # Performance is worth buying only below this risk; the edge itself has X_p = 0.
    most = min(1.0, (labs.count - 1) / (labs.count * stake * labs.erosion))
    risk = float(brentq(gap, 1e-15, most * (1 - 1e-15), xtol=1e-16, rtol=1e-14))
    return Equilibrium(risk, *bought(risk))
