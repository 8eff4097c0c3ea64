"""What scales people's answers: noise, the worth of a natural-log unit on the rating scale, spreads of jurors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.hierarchical._evidence import RATING, Evidence
from daccord.fusion.hierarchical._rankings import LOG_ODDS, Block

__all__ = ["JUROR_NOISE_SD", "MIDDLE_SD", "SLOPE_SD", "STATED_FLOOR", "Scales"]

FloatArray = npt.NDArray[np.float64]

JUROR_NOISE_SD: Final = 0.35
"""Prior standard deviation of the log of a juror's own noise factor."""

MIDDLE_SD: Final = 2.0
"""Prior standard deviation of α, the typical project's rating, in sixths of the scale from its middle."""

SLOPE_SD: Final = 0.7
"""Prior standard deviation of λ around 0: a sixth of the rating scale is worth e^±0.7 natural-log units."""

STATED_FLOOR: Final = 0.3
"""Least noise of a rating with a stated interval, as a share of the noise of ratings without one."""


@dataclass(frozen=True, eq=False)
class Scales:
    """Noise of the answers.

    Attributes:
        ratio: σ of ln ratios, and of what orders tell the sign of, natural log.
        rating: σ of ratings, sixths of the scale.
        inflation: Factor on stated intervals (people and models are overconfident), at least 1.
        tie: Threshold t of order-only answers, natural log.
        rating_slope: λ, log of what a natural-log unit is worth in sixths of the rating scale.
        rating_slope_sd: Its standard deviation.
        stretch_sd: ς, prior standard deviation of a juror's log-stretch.
        offset_sd: ω, prior standard deviation of a juror's offset, sixths of the rating scale.
        juror: Each juror's own factor on σ, shape (n_jurors,).
        heard: Probability that each juror's answers have to do with the projects, see `_heard`, shape (n_jurors,);
            None if all are.
        typical: How much each juror's answers count in what the typical stretch is, in [0, 1], shape (n_jurors,); None
            if all count alike.
        alike: ρ, correlation of the errors of one juror's answers about one project, in [0, 1], see `_repeats`.
    """

    ratio: float
    rating: float
    inflation: float
    tie: float
    rating_slope: float
    rating_slope_sd: float
    stretch_sd: float
    offset_sd: float
    juror: FloatArray
    heard: FloatArray | None = None
    typical: FloatArray | None = None
    alike: float = 0.0

    @property
    def own(self) -> FloatArray:
        """Each juror's factor on σ, larger for one who is hardly heard, shape (n_jurors,)."""
        return self.juror if self.heard is None else self.juror / np.sqrt(self.heard)

    def share(self, evidence: Evidence) -> FloatArray:
        """Each juror's share in what the typical stretch is; sums to 1, shape (n_jurors,)."""
        if self.typical is None:
            return evidence.share
        weighed = evidence.share * self.typical
        return np.asarray(weighed / max(float(weighed.sum()), 1e-300))

    @property
    def juror_precision(self) -> FloatArray:
        """Prior precision of (ℓ_j, o_j)."""
        return np.array([self.stretch_sd**-2, self.offset_sd**-2])

    def scaled(self, factor: float) -> Scales:
        """The same with all noise of ratios and ratings multiplied."""
        inflation = max(1.0, self.inflation * factor)
        return replace(self, ratio=self.ratio * factor, rating=self.rating * factor, inflation=inflation)

    def sigma(self, evidence: Evidence, factor: float = 1.0, *, heard: bool = True) -> FloatArray:
        """Noise scale of each answer that is no ranking, shape (n_rows,).

        An interval says how sure its judge is, but no answer is better than `STATED_FLOOR` of what ratings commonly
        are: else a single interval without width would decide the round.

        Args:
            evidence: The answers.
            factor: On all noise.
            heard: Whether answers of jurors who are hardly heard, and answers that repeat, count as noisier.
        """
        base = np.where(evidence.kind == RATING, self.rating, self.ratio)
        stated = np.maximum(self.inflation * evidence.stated, STATED_FLOOR * base)
        own = self.own if heard else self.juror
        found = factor * np.where(evidence.stated > 0, stated, base) * own[evidence.juror]
        return np.asarray(found * self._repeated(evidence)[: evidence.rows] if heard else found)

    def lift(self, block: Block, evidence: Evidence, factor: float = 1.0) -> FloatArray:
        """κ of each ranking: what a natural-log unit the juror sees is worth in log-odds, shape (n,)."""
        repeated = self._repeated(evidence)[evidence.rows + block.at]
        return np.asarray(LOG_ODDS / (factor * self.ratio * self.own[block.juror] * repeated))

    def _repeated(self, evidence: Evidence) -> FloatArray:
        """Factor on the noise of each answer for what its juror said before, shape (n_answers,)."""
        return np.asarray(np.sqrt(1.0 + self.alike * (evidence.repeats - 1.0)))
