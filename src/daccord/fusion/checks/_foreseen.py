"""Every person's answers as the others' answers foresee them.

People are dealt into folds; a rule is fitted to all folds but one and predicts the answers of the people in that one,
whom it has never heard. So each answer is foreseen once, by a fit that knew nothing of its juror. What is predicted is
a distribution, mixed over the rule's components. For a comparison of a and b, and for a rating of i,

    ln r ~ t₄( δ, σ² + Var(δ) + ς² δ² ),                    δ = θ_a − θ_b
    y    ~ t₄( α + u θ_i, σ_r² + u² (Var(θ_i) + ς² θ_i²) + ω² ),

σ and σ_r being noise, ς the spread of jurors' log-stretches, ω that of their offsets, θ_i relative to the typical
project. An order is foreseen as the sign of ln r. Rules that learn noise predict with theirs. For the others noise and
u, and for all of them α, are those that fit the answers of the *other folds*, foreseen likewise, best.

*Before widening* is the same with the rule's own standard deviations and noise divided by its factor `widening`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from daccord.errors import InputError
from daccord.fusion._beliefs import Component, CriterionBeliefs
from daccord.fusion._fuse import silent
from daccord.fusion._metrics import student_t_log_density
from daccord.fusion._rules import fusion_rule
from daccord.fusion._task import FusionTask
from daccord.fusion.checks._held_answers import RATING, RATIO, Answers, answers_of, deal, without
from daccord.fusion.checks._one_step import DOF
from daccord.fusion.hierarchical._evidence import rating_units

__all__ = ["FOLDS", "Foreseen", "foresee"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

FOLDS: Final = 5

_SCALES: Final = np.exp(np.linspace(np.log(0.03), np.log(12.0), 150))
_TINY: Final = 1e-12


@dataclass(frozen=True, eq=False)
class Foreseen:
    """People's answers with what was foreseen of them; arrays of shape (n_answers,).

    Attributes:
        answers: The answers.
        group: Juror, or what was compared: what was never split between fitting and foreseeing.
        by_juror: Whether groups are jurors.
        folds: Number of folds.
        widening: Factor on standard deviations and noise that the rule found necessary, mean over folds; 1 if it knows
            none.
        centre: What was expected: ln ratio, for a rating a value on its scale.
        below: Foreseen probability of an answer at or below the one that came; NaN for orders.
        ahead: Foreseen probability that a is ahead, given that one is; NaN for ratings.
        below_before: As `below`, before widening.
        ahead_before: As `ahead`, before widening.
    """

    answers: Answers
    group: IntArray
    by_juror: bool
    folds: int
    widening: float
    centre: FloatArray
    below: FloatArray
    ahead: FloatArray
    below_before: FloatArray
    ahead_before: FloatArray


@dataclass(frozen=True, eq=False)
class _Fold:
    """A fit without some answers, and the contrasts it foresees of them, shape (n_components, n_held)."""

    held: IntArray
    beliefs: CriterionBeliefs
    weight: FloatArray
    centre: FloatArray
    variance: FloatArray

    @property
    def mean(self) -> FloatArray:
        return np.asarray(self.weight @ self.centre)

    @property
    def spread(self) -> FloatArray:
        """Variance of the mixture, shape (n_held,)."""
        return np.asarray(self.weight @ (self.variance + (self.centre - self.mean) ** 2))


def _relative(component: Component) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of values relative to the typical project."""
    mean, own, size = component.mean, component.variance, len(component.mean)
    if component.covariance.ndim == 1:
        return mean - mean.mean(), np.maximum(own * (1 - 2 / size) + own.mean() / size, 0.0)
    rows = component.covariance.mean(axis=0)
    return mean - mean.mean(), np.maximum(own - 2 * rows + rows.mean(), 0.0)


def _contrasts(beliefs: CriterionBeliefs, answers: Answers, held: IntArray) -> tuple[FloatArray, FloatArray]:
    a, b, rated = answers.a[held], answers.b[held], answers.kind[held] == RATING
    centre, variance = [], []
    for component in beliefs.components:
        value, own = _relative(component)
        second = np.where(rated, a, b)
        centre.append(np.where(rated, value[a], value[a] - value[second]))
        variance.append(np.where(rated, own[a], component.contrast_variance(a, second)))
    return np.array(centre), np.array(variance)


def _likeliest(error: FloatArray, variance: FloatArray) -> float:
    """Noise scale under which errors of predictions with these variances are likeliest; 1 without any."""
    if not len(error):
        return 1.0
    scale = np.sqrt(_SCALES[:, None] ** 2 + variance)
    return float(_SCALES[np.argmax(student_t_log_density(error, scale, DOF).sum(axis=1))])


def _likeliest_for_orders(centre: FloatArray, variance: FloatArray, outcome: IntArray) -> float:
    """Likewise from which of two was ahead; a tie tells nothing."""
    told = outcome != 0
    if not told.any():
        return 1.0
    scale = np.sqrt(_SCALES[:, None] ** 2 + variance[told])
    chance = np.maximum(stdtr(DOF, outcome[told] * centre[told] / scale), _TINY)
    return float(_SCALES[np.argmax(np.log(chance).sum(axis=1))])


class _Foresight:
    """One rule's folds, and the noise that its predictions are made with."""

    def __init__(self, task: FusionTask, answers: Answers, folds: list[_Fold], *, new_juror: bool) -> None:
        self.task, self.answers, self.folds, self.new_juror = task, answers, folds, new_juror
        self.sixth = rating_units(task)[1]

    def _others(self, fold: _Fold, kind: int | None) -> tuple[IntArray, FloatArray, FloatArray]:
        """Positions, expected contrasts and variances of the other folds' answers (of one kind, or all but ratings)."""
        rest = [other for other in self.folds if other is not fold] or [fold]
        at = np.concatenate([other.held for other in rest])
        centre = np.concatenate([other.mean for other in rest])
        variance = np.concatenate([other.spread for other in rest])
        chosen = self.answers.kind[at] == kind if kind is not None else self.answers.kind[at] != RATING
        return at[chosen], centre[chosen], variance[chosen]

    def _noise(self, fold: _Fold) -> FloatArray:
        """σ for each component, natural log."""
        own = [component.parameters.get("noise_ratio") for component in fold.beliefs.components]
        if all(noise is not None for noise in own):
            return np.array(own, dtype=np.float64)
        at, centre, variance = self._others(fold, RATIO)
        if len(at):
            noise = _likeliest(self.answers.y[at] - centre, variance)
        else:
            at, centre, variance = self._others(fold, None)
            noise = _likeliest_for_orders(centre, variance, self.answers.outcome[at])
        return np.full(len(own), noise)

    def compared(self, fold: _Fold) -> tuple[FloatArray, FloatArray]:
        """Scales of predicted ln ratios with and without widening, each of shape (n_components, n_held)."""
        stretch = np.array([component.parameters.get("stretch_sd", 0.0) for component in fold.beliefs.components])
        bent = (stretch[:, None] * fold.centre) ** 2 if self.new_juror else 0.0
        square = self._noise(fold)[:, None] ** 2 + fold.variance
        return np.sqrt(square + bent), np.sqrt(square / _widening(fold.beliefs) ** 2 + bent)

    def rated(self, fold: _Fold) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Centres of predicted ratings, and their scales with and without widening."""
        known, answers = fold.beliefs.parameters, self.answers
        at, centre, variance = self._others(fold, RATING)
        y, away = answers.y[at], centre - centre.mean() if len(at) else centre
        unit = known.get("rating_units_per_nat") or float(away @ y) / max(float(away @ away), _TINY)
        level = float(np.median(y - unit * centre)) if len(at) else 0.0
        stretch = np.array([component.parameters.get("stretch_sd", 0.0) for component in fold.beliefs.components])
        bent = unit**2 * (stretch[:, None] * fold.centre) ** 2 if self.new_juror else 0.0
        widening = _widening(fold.beliefs)
        if "noise_rating" in known:
            stated = answers.stated[fold.held]
            noise = np.where(stated > 0, known["interval_inflation"] * stated, known["noise_rating"] * self.sixth)
            square = (widening * noise) ** 2 + unit**2 * fold.variance
            bent = bent + (_offset_sd(fold.beliefs) * self.sixth) ** 2 * self.new_juror
        else:
            noise = np.full(len(fold.held), _likeliest(y - level - unit * centre, unit**2 * variance))
            square = noise**2 + unit**2 * fold.variance
        return level + unit * fold.centre, np.sqrt(square + bent), np.sqrt(square / widening**2 + bent)


def _widening(beliefs: CriterionBeliefs) -> float:
    return float(beliefs.parameters.get("widening", 1.0))


def _offset_sd(beliefs: CriterionBeliefs) -> float:
    """Spread of jurors' offsets, sixths of the scale: their expected squares over the people who rated."""
    squares = [view.offset**2 + view.offset_sd**2 for view in beliefs.juror_views if view.offset_sd > 0]
    return float(np.sqrt(np.mean(squares))) if squares else 0.0


def foresee(
    task: FusionTask,
    rule: str = "hierarchical",
    *,
    folds: int = FOLDS,
    seed: int = 0,
    tell: Callable[[str], None] = silent,
) -> Foreseen:
    """Foresee every person's answers from the others'.

    Args:
        task: What was said.
        rule: Name of a fusion rule.
        folds: Number of folds, at least 2.
        seed: Of the deal.
        tell: Called with a few words before each slow step.

    Raises:
        InputError: There is no such rule, it cannot use the other folds' answers, or there are too few to hold any out.
        NoPeopleError: Nobody answered.
    """
    chosen = fusion_rule(rule)
    answers = answers_of(task, chosen.reads)
    if not len(answers):
        chosen.fit(task)  # says what is missing
    fold, group, by_juror = deal(answers, len(task.projects), folds, seed) if len(answers) else (None, None, False)
    if fold is None or group is None or len(np.unique(group)) < folds:
        raise InputError.single(
            "comparisons.csv",
            f"{len(answers)} answers of people on {task.criterion.id} that {rule} reads are too few to hold some out",
            remedy=f"collect answers of at least {folds} people or on {folds} pairs of projects",
        )
    fits = []
    for k in range(folds):
        tell(f"holding out part {k + 1} of {folds}")
        held = np.flatnonzero(fold == k)
        beliefs = chosen.fit(without(task, answers, fold == k))
        weight = np.array([component.weight for component in beliefs.components])
        fits.append(_Fold(held, beliefs, weight, *_contrasts(beliefs, answers, held)))
    foresight = _Foresight(task, answers, fits, new_juror=by_juror)
    found = {name: np.full(len(answers), np.nan) for name in ("below", "ahead", "below_before", "ahead_before")}
    expected = np.full(len(answers), np.nan)
    for part in fits:
        _predict(foresight, part, expected, found)
    widening = float(np.mean([_widening(part.beliefs) for part in fits]))
    return Foreseen(answers, group, by_juror, folds, widening, expected, **found)


def _predict(foresight: _Foresight, fold: _Fold, expected: FloatArray, found: dict[str, FloatArray]) -> None:
    """Fill in what one fold foresees of the answers it has not heard."""
    answers, at = foresight.answers, fold.held
    y = answers.y[at]
    tie = fold.beliefs.parameters.get("tie_threshold", 0.0)
    is_rating, is_ratio = answers.kind[at] == RATING, answers.kind[at] == RATIO
    expected[at] = fold.mean
    for scale, name in zip(foresight.compared(fold), ("", "_before"), strict=True):
        below = fold.weight @ stdtr(DOF, (y - fold.centre) / scale)
        won = fold.weight @ stdtr(DOF, (fold.centre - tie) / scale)
        lost = fold.weight @ stdtr(DOF, (-fold.centre - tie) / scale)
        found["below" + name][at[is_ratio]] = below[is_ratio]
        found["ahead" + name][at[~is_rating]] = (won / np.maximum(won + lost, _TINY))[~is_rating]
    if not is_rating.any():
        return
    centre, *scales = foresight.rated(fold)
    expected[at[is_rating]] = (fold.weight @ centre)[is_rating]
    for scale, name in zip(scales, ("", "_before"), strict=True):
        found["below" + name][at[is_rating]] = (fold.weight @ stdtr(DOF, (y - centre) / scale))[is_rating]
