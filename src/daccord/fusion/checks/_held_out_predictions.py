"""How a method foresees held-out answers, and what it loses by it.

A method says for each held-out question what ln r is expected to be, δ = θ_a − θ_b, and how uncertain that is; a
mixture over the components of its beliefs. The answer is then foreseen as

    ln r ~ t₄( δ, σ² + Var(δ) + ς² δ² ),

σ being the noise of an answer and ς, for a new juror, the spread of jurors' log-stretches. `hierarchical` learns both
by itself; for every other method σ is the one that fits the answers of the *other folds*, foreseen likewise, best, and
ς is 0. A list has no uncertainty of its own; a *stretched* list foresees s·δ, with s and σ fitted together.

The probability q of the first side is the mean of r/(1 + r) where a ratio was asked for, and the probability that r is
above 1 where an order was: both follow from what was foreseen, and no other prediction from it has a smaller expected
log loss or Brier score. They are taken before the widening that a rule may have put on its intervals: widening mends
the tails of a distribution, and who is ahead is a matter of its middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, xlog1py, xlogy

from daccord.fusion._metrics import expected_soft_target, soft_target, student_t_log_density
from daccord.fusion._rules import FusionRule
from daccord.fusion.checks._held_out_questions import Questions

__all__ = ["MEASURES", "Foretold", "by_rule", "by_vector", "losses"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MEASURES: Final = ("log_density", "coverage", "squared_error", "linear_error", "log_loss", "brier")
"""Columns of what `losses` returns; the first four are of ratios alone."""

DOF: Final = 4.0
"""Degrees of freedom of an answer's noise, as `hierarchical` has them."""

TAIL: Final = 0.1
"""Probability on either side of the predictive interval."""

_SCALES: Final = np.exp(np.linspace(np.log(0.03), np.log(12.0), 150))
_EDGE: Final = 1e-9
_STRETCHES: Final = 50
_ENOUGH: Final = 20_000
"""Answers from which noise is learned; of more, every second, third, … is taken."""


@dataclass(frozen=True, eq=False)
class Foretold:
    """What a method expects of one fold's questions.

    Attributes:
        held: Positions of the questions, shape (n_held,).
        weight: Of the components, summing to 1, shape (n_components,).
        centre: δ, natural log, shape (n_components, n_held).
        variance: Var(δ), same shape.
        noise: σ of each component, shape (n_components,); None if the method knows none.
        stretch_sd: ς of each component, shape (n_components,).
        widening: Factor that the rule put on its standard deviations and noise so that its intervals hold what they
            say; 1 if it knows none.
    """

    held: IntArray
    weight: FloatArray
    centre: FloatArray
    variance: FloatArray
    noise: FloatArray | None
    stretch_sd: FloatArray
    widening: float = 1.0

    @property
    def mean(self) -> FloatArray:
        """δ averaged over the components, shape (n_held,)."""
        return np.asarray(self.weight @ self.centre)

    @property
    def spread(self) -> FloatArray:
        """Variance of δ over and between the components, shape (n_held,)."""
        return np.asarray(self.weight @ (self.variance + (self.centre - self.mean) ** 2))


def by_rule(questions: Questions, fold: IntArray, rule: FusionRule, *, models: bool = True) -> list[Foretold]:
    """What a rule expects, fitted to all folds but the one it speaks about.

    Args:
        questions: What is asked.
        fold: Fold of each question.
        rule: The rule.
        models: False to fit it without anything that models said.
    """
    found = []
    for k in range(int(fold.max()) + 1):
        held = np.flatnonzero(fold == k)
        beliefs = rule.fit(questions.without(held, models=models))
        a, b = questions.a[held], questions.b[held]
        own = [component.parameters.get("noise_ratio") for component in beliefs.components]
        known = [noise for noise in own if noise is not None]
        found.append(
            Foretold(
                held,
                np.array([component.weight for component in beliefs.components]),
                np.array([component.mean[a] - component.mean[b] for component in beliefs.components]),
                np.array([component.contrast_variance(a, b) for component in beliefs.components]),
                np.array(known) if len(known) == len(own) else None,
                np.array([component.parameters.get("stretch_sd", 0.0) for component in beliefs.components]),
                float(beliefs.parameters.get("widening", 1.0)),
            )
        )
    return found


def by_vector(questions: Questions, fold: IntArray, values: FloatArray, *, stretched: bool = False) -> list[Foretold]:
    """What fixed log-values expect, as they stand or stretched by the factor that fits the other folds best."""
    difference = values[questions.a] - values[questions.b]
    found = []
    for k in range(int(fold.max()) + 1):
        held, rest = np.flatnonzero(fold == k), np.flatnonzero((fold != k) & questions.is_ratio)
        stretch = _stretch(difference[rest], questions.log_ratio[rest]) if stretched else 1.0
        centre = (stretch * difference[held])[None, :]
        found.append(Foretold(held, np.ones(1), centre, np.zeros_like(centre), None, np.zeros(1)))
    return found


def _stretch(difference: FloatArray, y: FloatArray) -> float:
    """Factor on the differences under which the answers are likeliest, noise fitted along with it; 1 without any."""
    stretch = 1.0
    if not np.any(difference != 0):
        return stretch
    none = np.zeros(len(y))
    for _ in range(_STRETCHES):
        misfit = y - stretch * difference
        pull = difference / (DOF + (misfit / _likeliest(misfit, none)) ** 2)
        found = float((pull @ y) / (pull @ difference))
        if abs(found - stretch) < 1e-6 * (1 + abs(stretch)):
            break
        stretch = found
    return stretch


def _likeliest(misfit: FloatArray, variance: FloatArray) -> float:
    """Noise scale under which the misfits of ln ratios are likeliest."""
    scale = np.sqrt(_SCALES[:, None] ** 2 + variance)
    return float(_SCALES[np.argmax(student_t_log_density(misfit, scale, DOF).sum(axis=1))])


def _likeliest_for_orders(centre: FloatArray, variance: FloatArray, target: FloatArray, weight: FloatArray) -> float:
    """Noise scale under which it is likeliest who was put ahead."""
    chance = np.clip(stdtr(DOF, centre / np.sqrt(_SCALES[:, None] ** 2 + variance)), _EDGE, 1 - _EDGE)
    return float(_SCALES[np.argmax((weight * (xlogy(target, chance) + xlog1py(1 - target, -chance))).sum(axis=1))])


def _noise(questions: Questions, others: Sequence[Foretold]) -> float:
    """σ of a method that knows none, from what it expected of other folds."""
    at = np.concatenate([part.held for part in others])
    centre, variance = (np.concatenate([getattr(part, name) for part in others]) for name in ("mean", "spread"))
    some = slice(None, None, 1 + len(at) // _ENOUGH)
    at, centre, variance = at[some], centre[some], variance[some]
    ratio = questions.is_ratio[at]
    if ratio.any():
        return _likeliest(questions.log_ratio[at[ratio]] - centre[ratio], variance[ratio])
    return _likeliest_for_orders(centre, variance, questions.target[at], questions.weight[at])


def losses(questions: Questions, told: Sequence[Foretold]) -> FloatArray:
    """What a method loses on each question, in the columns `MEASURES`; NaN where a question has no such measure.

    Args:
        questions: What is asked.
        told: What the method expects of every fold, at least two folds.

    Returns:
        Shape (n_questions, n_measures). Log density is better when higher, coverage is 0 or 1, others are better when
        lower.
    """
    found = np.full((len(questions), len(MEASURES)), np.nan)
    for part in told:
        at, ratio = part.held, questions.is_ratio[part.held]
        noise = part.noise if part.noise is not None else _noise(questions, [o for o in told if o is not part])
        square = np.reshape(noise, (-1, 1)) ** 2 + part.variance
        bent = (part.stretch_sd[:, None] * part.centre) ** 2 if questions.by_juror else 0.0
        scale, inner = np.sqrt(square + bent), np.sqrt(square / part.widening**2 + bent)
        y, target = questions.log_ratio[at], questions.target[at]
        below = part.weight @ stdtr(DOF, (y - part.centre) / scale)
        density = part.weight @ np.exp(student_t_log_density(y - part.centre, scale, DOF))
        graded = (
            np.log(np.maximum(density, 1e-300)),
            (below > TAIL) & (below < 1 - TAIL),
            (y - part.mean) ** 2,
            np.abs(target - soft_target(part.mean)),
        )
        found[at[ratio], : len(graded)] = np.stack(graded, axis=1)[ratio]
        soft = part.weight @ expected_soft_target(part.centre, inner, DOF)
        hard = part.weight @ stdtr(DOF, part.centre / inner)
        chance = np.clip(np.where(ratio, soft, hard), _EDGE, 1 - _EDGE)
        found[at, 4] = -xlogy(target, chance) - xlog1py(1 - target, -chance)
        found[at, 5] = (chance - target) ** 2
    return found
