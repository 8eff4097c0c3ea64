"""Scores of one method from its losses on every held-out question, measured from a reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daccord.fusion._metrics import clustered_error
from daccord.fusion.checks._held_out_predictions import MEASURES
from daccord.fusion.checks._held_out_questions import Questions

__all__ = ["Measure", "MethodLosses", "MethodScore", "lead_of", "score_of"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """What decides between methods.

    Attributes:
        name: `log density` or `log loss`.
        sign: +1 if higher is better, −1 if lower is.
    """

    name: str
    sign: float

    @property
    def column(self) -> int:
        """Its place in `MEASURES`."""
        return MEASURES.index(self.name.replace(" ", "_"))


@dataclass(frozen=True)
class MethodScore:
    """How one method foresaw held-out people; NaN where no answer has such a measure.

    Attributes:
        name: Rule or model.
        kind: `rule`, `people only`, `list`, `list, stretched`, `comparisons, stretched` or `no opinion`; with
            `, had seen the answers` behind it where that was declared.
        log_density: Mean log predictive density of a held-out ln ratio, natural log; higher is better.
        coverage: Share of held-out ln ratios inside the 80 % predictive interval.
        squared_error: Mean squared error of ln ratio; lower is better.
        linear_error: Mean |r/(1+r) − predicted share| within the pair, of ratios; lower is better.
        log_loss: Mean log loss of the probability of the first side, natural log; lower is better.
        brier: Mean Brier score of the same; lower is better.
        lead: Deciding measure of the reference method less that of this one, so that above zero the reference foresees
            people better; natural log an answer.
        lead_error: Standard error of `lead` over jurors, or pairs.
        spread: Standard deviation of the deciding measure from one deal to another.
        lead_spread: Standard deviation of `lead` likewise.
    """

    name: str
    kind: str
    log_density: float
    coverage: float
    squared_error: float
    linear_error: float
    log_loss: float
    brier: float
    lead: float
    lead_error: float
    spread: float
    lead_spread: float


@dataclass(frozen=True, eq=False)
class MethodLosses:
    """One method's losses.

    Attributes:
        name: Rule or model.
        kind: As in `MethodScore`.
        each: Loss of every question in every deal, shape (n_repeats, n_questions, n_measures); NaN where a question has
            no such measure.
    """

    name: str
    kind: str
    each: FloatArray

    def gains(self, measure: Measure) -> FloatArray:
        """The measure so that higher is better, shape (n_repeats, n_questions)."""
        return np.asarray(measure.sign * self.each[:, :, measure.column])


def _mean(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Weighted mean over the questions (last axis) that have a value; NaN if none has."""
    has = ~np.isnan(values[0])
    return values[:, has] @ weight[has] / weight[has].sum() if has.any() else np.full(len(values), np.nan)


def lead_of(
    questions: Questions, one: MethodLosses, other: MethodLosses, measure: Measure
) -> tuple[float, float, float]:
    """How far one method is ahead of another, with its standard errors.

    Returns:
        Mean difference, natural log an answer; its standard error over jurors (or pairs); and its standard deviation
        from one deal to another, 0 with a single deal.
    """
    lead = one.gains(measure) - other.gains(measure)
    has = ~np.isnan(lead[0])
    by_deal = _mean(lead, questions.weight)
    error = clustered_error(lead[:, has].mean(axis=0), questions.group[has], questions.weight[has])
    return float(by_deal.mean()), error, float(by_deal.std(ddof=1)) if len(by_deal) > 1 else 0.0


def score_of(questions: Questions, own: MethodLosses, reference: MethodLosses, measure: Measure) -> MethodScore:
    """Means of all measures, and how far the reference is ahead."""
    means = {name: float(_mean(own.each[:, :, k], questions.weight).mean()) for k, name in enumerate(MEASURES)}
    by_deal = _mean(own.gains(measure), questions.weight)
    lead, error, between = lead_of(questions, reference, own, measure)
    return MethodScore(
        own.name,
        own.kind,
        **means,
        lead=lead,
        lead_error=error,
        spread=float(by_deal.std(ddof=1)) if len(by_deal) > 1 else 0.0,
        lead_spread=between,
    )
