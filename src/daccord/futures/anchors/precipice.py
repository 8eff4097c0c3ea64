"""Racing to the precipice: how safe n teams are in equilibrium, by what they know about each other.

Model. Team i has capability c_i, uniform on [0, μ], and chooses safety s_i in [0, 1]. The highest c_i − s_i wins and a
disaster follows with probability 1 − s of the winner. A team values its own safe win at 1, another's at 1 − e (e is
enmity) and a disaster at 0. Symmetric equilibria:

    no information    s = min(1, μ/(ne))                 risk max(0, 1 − μ/(ne))
    own capability    s(c) = min(1, c/k), k = ne − e + 1  risk 1 − [n a^{n+1}/((n+1)kμⁿ) + 1 − (a/μ)ⁿ], a = min(μ, k)
    all capabilities  the leader plays min(1, Δ/e), Δ the gap to the second
                      risk 1 − μ/(e(n+1)) · [1 − (1 − a/μ)^{n+1}], a = min(e, μ)

Source: set-up of S. Armstrong, N. Bostrom, C. Shulman, "Racing to the precipice: a model of artificial intelligence
development", AI & Society 31 (2016); only its abstract was read. The equilibria are derived here, and checked by
numerical best responses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Teams"]


@dataclass(frozen=True)
class Teams:
    """A race.

    Attributes:
        count: n of at least 2.
        enmity: e, above 0 and at most 1.
        capability: μ > 0, the largest capability; safety costs at most 1 of it.
    """

    count: int
    enmity: float
    capability: float

    def __post_init__(self) -> None:
        if self.count < 2 or not 0 < self.enmity <= 1 or self.capability <= 0:
            raise ValueError("needs at least two teams, enmity above 0 and at most 1, capability above 0")

    @property
    def risk_without_information(self) -> float:
        """Probability of disaster if no team knows any capability, its own included."""
        return max(0.0, 1 - self.capability / (self.count * self.enmity))

    @property
    def private_slope(self) -> float:
        """k: a team of capability c that knows only c plays safety min(1, c/k)."""
        return self.count * self.enmity - self.enmity + 1

    @property
    def risk_with_private_information(self) -> float:
        """Probability of disaster if each team knows its own capability."""
        n, slope, most = self.count, self.private_slope, self.capability
        reach = min(most, slope)
        partly = n * reach ** (n + 1) / ((n + 1) * slope * most**n)
        return 1 - (partly + 1 - (reach / most) ** n)

    @property
    def risk_with_public_information(self) -> float:
        """Probability of disaster if all capabilities are known to all."""
        n, most = self.count, self.capability
        reach = min(self.enmity, most)
        return 1 - most / (self.enmity * (n + 1)) * (1 - (1 - reach / most) ** (n + 1))

    def private_value(self, capability: float, safety: float, *, draws: int, seed: int) -> float:
        """Expected utility of a team that plays `safety` while all others play the private equilibrium: by sampling.

        The reference for the closed forms: with the same seed the best safety must be the equilibrium's.
        """
        random = np.random.Generator(np.random.Philox(seed))
        others = random.random((draws, self.count - 1)) * self.capability
        played = np.minimum(1, others / self.private_slope)
        margins = others - played
        best = margins.argmax(axis=1)
        rival_safety = np.take_along_axis(played, best[:, None], axis=1)[:, 0]
        wins = capability - safety > margins.max(axis=1)
        return float(np.where(wins, safety, (1 - self.enmity) * rival_safety).mean())
