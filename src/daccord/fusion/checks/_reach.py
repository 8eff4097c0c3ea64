"""What one juror could do to a project, whatever he or she answers: a bound, for rules that have one.

**`qr-median`** has it by construction: a person who joins or stays away moves no project by more than its resilience L
(docs/methods/qr-median.md), so by no more than 2·L relative to the typical project, which may move the other way.

**`hierarchical`** has it to first order. Its errors are Student-t with ν = 4 degrees of freedom. An answer that is off
by e pulls on what its juror sees with (ν + 1) e / (ν σ² + e²), which is largest at e = 2σ and falls off beyond:

    |pull| ≤ (ν + 1)/(2 √ν σ) = 1.25/σ.

An order that contradicts the values pulls with f(z)/F(z)/σ, f and F the Student-t's density and distribution function,
at most 1.18/σ, where it is contradicted by 1.4 σ. A tie is a mixture of ratios within ±t and pulls no harder than one
of them. With C the covariance of the values that the other jurors' answers leave, relative to the typical project, one
juror's answers move project i to first order by at most

    reach_i = Σ_k |pull|ₖ · |C_i,a(k) − C_i,b(k)|,

the sum going over the questions that he or she was asked. The bound holds at the noise, the stretch and the scale of
values that the others' answers set, for a juror who stretches and errs like the typical one; what these move comes on
top. For a rating, σ is the noise of ratings, or the juror's own stated interval times the round's inflation.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import ndtri, stdtr

from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._evidence import rating_units
from daccord.fusion.hierarchical._likelihood import DOF

__all__ = ["ORDER_PULL", "RATIO_PULL", "reach", "share_reach"]

FloatArray = npt.NDArray[np.float64]

RATIO_PULL: Final = float((DOF + 1) / (2 * np.sqrt(DOF)))
"""Largest pull of a ratio, a tie or a rating, in units of 1/σ."""


def _order_pull(z: float) -> float:
    """f(z)/F(z) of the Student-t distribution with 4 degrees of freedom."""
    return float(0.375 * (1 + z * z / DOF) ** (-(DOF + 1) / 2) / stdtr(DOF, z))


ORDER_PULL: Final = -float(minimize_scalar(lambda z: -_order_pull(z), bounds=(-10.0, 0.0), method="bounded").fun)
"""Largest pull of an order, in units of 1/σ."""


def reach(task: FusionTask, others: CriterionBeliefs, judge: int) -> FloatArray | None:
    """How far one juror's answers could move every log-value, whatever they say.

    Args:
        task: Everybody's answers; of the juror's, only the questions matter.
        others: The fit without the juror.
        judge: The juror's position in the panel.

    Returns:
        Natural log, relative to the typical project, shape (n_projects,); None if the rule states no bound. One answer
        moves `least-squares` as far as it likes.
    """
    bound = _BOUNDS.get(others.rule)
    return None if bound is None else bound(task, others, judge)


def _resilient(task: FusionTask, others: CriterionBeliefs, _: int) -> FloatArray:
    return np.full(len(task.projects), 2.0 * others.parameters["resilience"])


def _pulled(task: FusionTask, others: CriterionBeliefs, judge: int) -> FloatArray:
    weight = np.array([component.weight for component in others.components])
    noise = float(weight @ np.array([component.parameters["noise_ratio"] for component in others.components]))
    covariance = others.covariance
    centred = covariance - covariance.mean(axis=0)
    total = np.zeros(len(others.mean))
    compared = task.comparisons.take(task.comparisons.judge == judge)
    if len(compared):
        pull = np.where(compared.has_ratio | (compared.outcome == 0), RATIO_PULL, ORDER_PULL) / noise
        total += np.abs(centred[:, compared.a] - centred[:, compared.b]) @ pull
    rated = task.ratings.take(task.ratings.judge == judge)
    if len(rated):
        unit = rating_units(task)[1]
        known = others.parameters
        slope = known["rating_units_per_nat"] / unit
        interval = task.criterion.scale.interval if task.criterion.scale is not None else 0.8
        stated = np.nan_to_num((rated.high - rated.low) / unit / (2 * float(ndtri((1 + interval) / 2))), nan=0.0)
        sigma = np.where(stated > 0, known["interval_inflation"] * stated, known["noise_rating"])
        total += np.abs(centred[:, rated.project]) @ (slope * RATIO_PULL / sigma)
    ranked = task.rankings.take(task.rankings.judge == judge)
    for k in range(len(ranked)):
        places = ranked.project[ranked.start[k] : ranked.start[k + 1]]
        # In the worst case each place contradicts the values of all that stand below it.
        for at in range(min(int(ranked.placed[k]), len(places) - 1)):
            below = centred[:, [places[at]]] - centred[:, places[at + 1 :]]
            total += np.abs(below).max(axis=1) * ORDER_PULL / noise
    return total


_BOUNDS: Final = MappingProxyType({"hierarchical": _pulled, "qr-median": _resilient})
"""Rule → its bound."""


def share_reach(shares: FloatArray, moves: FloatArray) -> FloatArray:
    """How far shares can move if no log-value moves by more than so much.

    Up by s·e^d/(s·e^d + Σ s_k·e^−d_k) − s, down by s − s·e^−d/(s·e^−d + Σ s_k·e^d_k); a share above one half can move
    further down than up.

    Args:
        shares: Summing to 1, shape (n_projects,).
        moves: At least 0, natural log, shape (n_projects,).
    """
    up = shares * np.exp(moves)
    down = shares * np.exp(-moves)
    rise = up / (up + down.sum() - down) - shares
    fall = shares - down / (down + up.sum() - up)
    return np.asarray(np.maximum(rise, fall))
