"""Looking for the best portfolio: projected gradient from several starts, and who is nearly as good.

Each climb steps to P(y + t ∇goal) with P the projection, t from the last two gradients (Barzilai–Borwein), halved until
the goal rises enough (Armijo). Starts: nothing, even, as the world spends now, all on what is worth most at the margin,
and seeded random ones. The goal need not be concave (prerequisites, transition risk), so a local optimum is all that is
certain; `Found.spread` says how far apart the starts ended.

The optimum is usually flat. The near-optimal range of a technology is the smallest and the largest share seen in any
portfolio within a tolerance of the best, where money is moved, a small part of the budget at a time, to the technology
from where it is missed least, and from it to where it helps most. Every end of a range was reached by a portfolio; true
ranges may be wider.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.futures.planner._objective import Objective, Score, project

__all__ = ["Found", "cap_tail", "climb", "near_optimal", "solve", "starts"]

FloatArray = npt.NDArray[np.float64]

_ARMIJO: Final = 1e-4
_HALVINGS: Final = 25
_QUIET: Final = 3
"""Steps in a row that gain nearly nothing before a climb ends."""


@dataclass(frozen=True)
class Found:
    """The best portfolio found.

    Attributes:
        shares: Of the budget; shape (K,).
        score: What it is worth on the worlds it was found with.
        price: Shadow price: goal per unit of budget share at the optimum; 0 if money is left.
        ends: Goal at the end of each climb.
        spread: Largest less smallest of those.
        steps: Gradients taken in all.
    """

    shares: FloatArray
    score: Score
    price: float
    ends: tuple[float, ...]
    spread: float
    steps: int


def starts(objective: Objective, count: int, seed: int) -> list[FloatArray]:
    """Portfolios to start from, `count` of them, at least 1; the first adds nothing."""
    can = objective.fundable.astype(float)
    spending = np.array([technology.spending for technology in objective.draws.world.technologies]) * can
    slope = objective(np.zeros_like(can)).slope
    corner = np.zeros_like(can)
    corner[int(np.argmax(slope))] = 1.0
    fixed = [np.zeros_like(can), can / max(1.0, can.sum()), spending / max(spending.sum(), 1e-300), corner]
    rng = np.random.Generator(np.random.Philox(key=seed & (2**64 - 1)))
    while len(fixed) < count:
        draw = rng.exponential(size=len(can)) ** 2 * can
        fixed.append(draw / max(draw.sum(), 1e-300))
    return fixed[: max(1, count)]


def climb(
    objective: Objective, start: FloatArray, *, steps: int = 150, tolerance: float = 1e-8
) -> tuple[FloatArray, Score, int]:
    """One climb.

    Args:
        objective: What to maximise.
        start: Shares.
        steps: At most so many.
        tolerance: Gains below this, relative to the gain so far, count as nearly nothing.

    Returns:
        Shares, their score, gradients taken.
    """
    here = project(np.where(objective.fundable, start, 0.0))
    score = first = objective(here)
    taken, quiet = 1, 0
    stride = 0.2 / max(float(np.abs(score.slope).max()), 1e-300)
    while taken < steps and quiet < _QUIET:
        best: tuple[FloatArray, Score] | None = None
        for _ in range(_HALVINGS):
            there = project(here + stride * score.slope)
            if np.abs(there - here).max() < 1e-12:
                break
            trial = objective(there)
            taken += 1
            if trial.goal >= score.goal + _ARMIJO * float(score.slope @ (there - here)):
                best = (there, trial)
                break
            stride /= 4
        if best is None:
            break
        moved, turned = best[0] - here, score.slope - best[1].slope
        gain = best[1].goal - score.goal
        curved = float(moved @ turned)
        stride = float(moved @ moved) / curved if curved > 0 else 4 * stride
        here, score = best
        quiet = quiet + 1 if gain <= tolerance * max(score.goal - first.goal, 1e-12) else 0
    return here, score, taken


def solve(objective: Objective, begin: Sequence[FloatArray], *, steps: int = 150, tolerance: float = 1e-8) -> Found:
    """Climb from every start and keep the best; of equals, the one that spends least. Arguments as for `climb`."""
    ends = [climb(objective, start, steps=steps, tolerance=tolerance) for start in begin]
    top = max(score.goal for _, score, _ in ends)
    near = [end for end in ends if end[1].goal >= top - 1e-12 * max(1.0, abs(top))]
    shares, score, _ = min(near, key=lambda end: float(end[0].sum()))
    full = shares.sum() > 1 - 1e-6
    funded = shares > 1e-6
    price = max(0.0, float(shares[funded] @ score.slope[funded] / shares[funded].sum())) if full else 0.0
    goals = tuple(end[1].goal for end in ends)
    return Found(shares, score, price, goals, max(goals) - min(goals), sum(end[2] for end in ends))


def cap_tail(objective: Objective, begin: Sequence[FloatArray], limit: float, *, rounds: int = 12) -> Found | None:
    """The best portfolio whose tail is at most `limit`, by the smallest price μ on the tail that brings this about.

    Args:
        objective: What to maximise; its own price is the least.
        begin: Starts.
        limit: Largest CVaR of the catastrophe probability.
        rounds: Bisections of ln μ.

    Returns:
        None if no price up to a million times the welfare brings the tail down.
    """
    free = solve(objective, begin)
    if free.score.tail <= limit + 1e-12:
        return free
    low, high = objective.price, max(1.0, abs(free.score.welfare))
    best = None
    for _ in range(4):
        best = solve(replace(objective, price=high), [free.shares, *begin[:2]])
        if best.score.tail <= limit + 1e-12:
            break
        low, high, best = high, 100 * high, None
    for _ in range(rounds if best is not None else 0):
        middle = (low * high) ** 0.5 if low > 0 else high / 10
        trial = solve(replace(objective, price=middle), [best.shares if best else free.shares, begin[0]])
        if trial.score.tail <= limit + 1e-12:
            high, best = middle, trial
        else:
            low = middle
    return best


def near_optimal(
    objective: Objective, best: FloatArray, *, tolerance: float = 0.005, step: float = 0.05
) -> tuple[FloatArray, FloatArray]:
    """Smallest and largest share of each technology in portfolios that are nearly as good.

    Args:
        objective: What is maximised.
        best: The best shares.
        tolerance: Share of the gain over doing nothing that may be lost.
        step: Share of the budget moved at a time.

    Returns:
        Two arrays of shape (K,), both 0 where a technology cannot be funded.
    """
    top = objective(best)
    least = top.goal - tolerance * max(top.goal - objective.value(np.zeros_like(best)), 0.0)
    low, high = best.copy(), best.copy()
    for k in np.flatnonzero(objective.fundable):
        for more in (True, False):
            here, slope, stride = best, top.slope, step
            while stride > step / 8:
                there = _moved(here, slope, int(k), stride if more else -stride, objective.fundable)
                if there is None:
                    break
                trial = objective(there)
                if trial.goal < least:
                    stride /= 2
                    continue
                here, slope = there, trial.slope
                low, high = np.minimum(low, here), np.maximum(high, here)
    return low, high


def _moved(
    shares: FloatArray, slope: FloatArray, k: int, change: float, fundable: npt.NDArray[np.bool_]
) -> FloatArray | None:
    """The portfolio with `change` more of k; None if there is no more to give or to take."""
    found = shares.copy()
    change = max(change, -shares[k])
    if change > 0:
        kept = 1 - shares.sum()
        need = change - kept
        for other in np.argsort(slope, kind="stable"):
            if need <= 0 or other == k:
                continue
            part = min(need, found[other])
            found[other] -= part
            need -= part
        change -= max(need, 0.0)
    else:
        others = np.where(fundable & (np.arange(len(shares)) != k), slope, -np.inf)
        heir = int(np.argmax(others))
        if others[heir] > 0:
            found[heir] -= change
    found[k] += change
    return found if abs(change) > 1e-9 else None
