"""Which technologies to speed up, hold back, or speed up with safeguards, in the model.

Rules, with a probability p (0.8 unless said otherwise) over the worlds in which the technology would arrive before the
horizon:

    accelerate         its first unit of money is worth more than the budget's shadow price with probability ≥ p
    with safeguards    coming a year later would be better with probability ≥ 1/2, but coming earlier is better with
                       probability ≥ p once a named partner is there first, by the lead time that it needs
    hold               coming a year later would be better with probability ≥ p
    unclear            anything else; with the question whose answer goes most with the sign

Money is judged at today's spending, not at the optimum: there, the mean worth of all that is funded is the shadow price
by construction, and nothing would ever be clearly above it. Partners are what makes the technology safe or replaces it,
and what defends against the risks it is a source of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from daccord.futures.planner._objective import Objective
from daccord.futures.world import Outcome, live_at

__all__ = ["Pairing", "Verdict", "verdicts"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pairing:
    """What changes if a partner is there first.

    Attributes:
        partner: Its id.
        lead: Years that it must be ahead; mean over worlds. 0 for a defence.
        earlier_better: Probability that the technology had better come earlier, given that the partner is first.
        worth: Mean worth of its coming a year earlier, then; years of life.
    """

    partner: str
    lead: float
    earlier_better: float
    worth: float


@dataclass(frozen=True)
class Verdict:
    """What the model says of one technology.

    Attributes:
        technology: Its id.
        verdict: Of the four.
        above_price: Probability that its first unit of money is worth more than the shadow price.
        later_better: Probability that coming a year later would be better.
        pairings: What partners would change, the best first; looked at only where later is as likely better.
        question: If unclear, the question that goes most with the sign; "" otherwise.
        correlation: Rank correlation of that question with the worth of coming earlier.
    """

    technology: str
    verdict: Literal["accelerate", "with safeguards", "hold", "unclear"]
    above_price: float
    later_better: float
    pairings: tuple[Pairing, ...] = ()
    question: str = ""
    correlation: float = 0.0


def verdicts(objective: Objective, price: float, *, sure: float = 0.8) -> tuple[Verdict, ...]:
    """Verdicts on all technologies.

    Args:
        objective: Its worlds.
        price: Shadow price of the budget, years of life per unit of money a year.
        sure: p.
    """
    today = objective.outcome(np.zeros(len(objective.fundable)))
    worth = today.money[:, 0]
    found = []
    for k, name in enumerate(objective.draws.world.ids):
        seen = today.arrivals.time[:, k] < objective.draws.world.horizon
        if not seen.any():
            found.append(Verdict(name, "unclear", 0.0, 0.0))
            continue
        above = float((worth[seen, k] > max(price, 1e-12)).mean())
        later = float((today.slope[seen, k] > 0).mean())
        pairs = _pairings(objective, today, k, seen) if later >= 0.5 else ()
        if above >= sure:
            found.append(Verdict(name, "accelerate", above, later))
        elif pairs and pairs[0].earlier_better >= sure:
            found.append(Verdict(name, "with safeguards", above, later, pairs))
        elif later >= sure:
            found.append(Verdict(name, "hold", above, later, pairs))
        else:
            found.append(Verdict(name, "unclear", above, later, pairs, *_question(objective, today, k, seen)))
    return tuple(found)


def _pairings(objective: Objective, today: Outcome, k: int, seen: npt.NDArray[np.bool_]) -> tuple[Pairing, ...]:
    world, draws = objective.draws.world, objective.draws
    name = world.ids[k]
    risks = {role.target for role in world.roles_of("source") if role.technology == name}
    partners: dict[str, FloatArray] = {}
    for e, role in enumerate(world.roles):
        if role.kind in {"makes_safe", "substitutes"} and role.target == name:
            partners[role.technology] = np.maximum(partners.get(role.technology, np.zeros(1)), draws.lead[:, e])
        elif role.kind == "defends" and role.target in risks:
            partners.setdefault(role.technology, np.zeros(draws.size))
    found = []
    for partner, lead in partners.items():
        p = world.ids.index(partner)
        if p == k:
            continue
        time = today.arrivals.time.copy()
        first = np.maximum(time[:, k] - lead - 1, 0.0)  # and a year, so that the technology may come that much earlier
        time[:, p] = np.minimum(time[:, p], first)
        lived = live_at(draws, time, objective.welfare)
        slope = (lived.benefit_slope + lived.risk_slope)[seen, k]
        found.append(Pairing(partner, float(lead[seen].mean()), float((slope < 0).mean()), float(-slope.mean())))
    return tuple(sorted(found, key=lambda pair: (-pair.earlier_better, pair.partner)))


def _question(objective: Objective, today: Outcome, k: int, seen: npt.NDArray[np.bool_]) -> tuple[str, float]:
    """The question whose answers go most with whether earlier is better, by rank correlation."""
    target = rankdata(-today.slope[seen, k])
    best, strength = "", 0.0
    if target.std() == 0:
        return best, strength
    for question, answers in objective.draws.answers.items():
        ranks = rankdata(answers[seen])
        if ranks.std() == 0:
            continue
        correlation = float(np.corrcoef(ranks, target)[0, 1])
        if abs(correlation) > abs(strength):
            best, strength = question, correlation
    return best, strength
