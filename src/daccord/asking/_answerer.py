"""How a juror answers: what fusion has learned of this person, or else the typical juror of the round.

In natural-log units a juror tells `s (θ_a − θ_b) + ε` when comparing and `s (θ_a − θ̄) + o + ε` when rating, θ̄ being
the typical project. Stretch s, offset o and noise come from the juror's view; a rule without views has none, and then
s = 1. Someone who has not answered yet has the spread of all the others: ς² = mean of ln(s_j)² + sd². The noise is
Student-t with four degrees of freedom in `hierarchical`; such an answer tells as much as a Gaussian one of 7/5 of the
squared scale (its Fisher information is 5/7 of 1/σ²).

Bradley and Terry's values are log-odds: their noise is logistic, and every answer is read as an order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from daccord.asking._history import History
from daccord.fusion import CriterionBeliefs
from daccord.round import Criterion

__all__ = ["Answerer", "answerer_of"]

_UNKNOWN_NOISE: Final = 0.7
"""Scale of the noise where a rule says nothing about it, natural log: where `hierarchical` starts too."""

_UNKNOWN_STRETCH: Final = 0.3
"""Spread of jurors' log-stretch where nobody's is known, likewise."""

_SCALE_UNITS: Final = 6.0
"""Units a rating scale spans in `hierarchical`."""

_LEAST: Final = 1e-6
"""Least variance of the noise: nobody is perfectly exact."""

_STUDENT: Final = 7 / 5
"""Variance of the Gaussian noise that hides as much as Student-t noise of scale 1 with four degrees of freedom."""

_LOGISTIC: Final = np.pi**2 / 3
"""Variance of the logistic distribution, in squared log-odds."""

_OWN_HABIT: Final = 3
"""Comparisons after which a juror's own share of ratios says more than the round's."""


@dataclass(frozen=True)
class Answerer:
    """What to expect of one person's answers on one criterion, natural-log units.

    Attributes:
        stretch: s > 0.
        stretch_sd: Standard deviation of ln s.
        noise: Variance of ε, > 0, without what is not known about stretch and offset.
        offset: Variance of o, for ratings; 0 for comparisons.
        ratios: Share of comparisons answered with a ratio and not just an order, in [0, 1]; 1 for ratings.
    """

    stretch: float
    stretch_sd: float
    noise: float
    offset: float
    ratios: float


def answerer_of(
    beliefs: CriterionBeliefs, criterion: Criterion, juror: str, history: History, ratios: float, *, rating: bool
) -> Answerer:
    """What to expect of a juror.

    Args:
        beliefs: On the criterion.
        criterion: The question.
        juror: Id.
        history: Of this juror on this criterion.
        ratios: Share of ratios among all people's comparisons on this criterion.
        rating: Whether the question asks for a rating.
    """
    known = beliefs.parameters
    views = {view.juror: view for view in beliefs.juror_views}
    spread = _rms([(np.log(view.stretch), view.stretch_sd) for view in views.values()], _UNKNOWN_STRETCH)
    offsets = _rms([(view.offset, view.offset_sd) for view in views.values() if view.offset_sd > 0], 0.0)
    view = views.get(juror)
    stretch, stretch_sd, factor = (1.0, spread, 1.0) if view is None else (view.stretch, view.stretch_sd, view.noise)
    if not rating:
        if "tie_parameter" in known:
            return Answerer(1.0, 0.0, _LOGISTIC, 0.0, 0.0)
        habit = history.with_ratio / history.compared if history.compared >= _OWN_HABIT else ratios
        student = _STUDENT * (known.get("noise_ratio", _UNKNOWN_NOISE) * factor) ** 2
        noise = known["noise_sd"] ** 2 if "noise_sd" in known else student
        return Answerer(stretch, stretch_sd, max(noise, _LEAST), 0.0, habit)
    noise = _STUDENT * (known.get("noise_rating", _UNKNOWN_NOISE) * factor) ** 2
    scale = criterion.scale
    per_nat = known.get("rating_units_per_nat", 0.0)
    units = per_nat * _SCALE_UNITS / (scale.high - scale.low) if scale is not None and per_nat > 0 else 1.0
    own_offset = offsets if view is None or view.offset_sd == 0 else view.offset_sd
    return Answerer(stretch, stretch_sd, max(noise / units**2, _LEAST), (own_offset / units) ** 2, 1.0)


def _rms(known: list[tuple[float, float]], otherwise: float) -> float:
    """Root mean square of mean and standard deviation together."""
    return float(np.sqrt(np.mean([mean**2 + sd**2 for mean, sd in known]))) if known else otherwise
