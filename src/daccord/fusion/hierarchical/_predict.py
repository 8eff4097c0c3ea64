"""What the rest of the answers say about those held out, for any prior, without fitting again.

A fold's fit leaves an information matrix S and a pull p on (θ, α). With prior N(Σ_f c_f z_f, τ²) and a factor ν on the
noise, θ is Gaussian with precision `S/ν² + τ⁻²` and mean `(S/ν² + τ⁻²)⁻¹ (p/ν² + τ⁻² Σ_f c_f z_f)`, linear in c.

Up to `DIAGONALISED` projects S is diagonalised once, and every prior is then a division. Beyond, each prior takes a
linear solve, and variances of single projects, known at the fit's own prior, are carried over as if projects were
independent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh

from daccord.fusion.hierarchical._covariance import contrast_variance, posterior_covariance, variances_of
from daccord.fusion.hierarchical._evidence import ORDER, RATING, Evidence
from daccord.fusion.hierarchical._likelihood import order_slopes, student_slopes
from daccord.fusion.hierarchical._posterior import Fit
from daccord.fusion.hierarchical._rankings import LOG_ODDS, ranking_density
from daccord.fusion.hierarchical._scales import MIDDLE_SD, Scales

__all__ = [
    "DIAGONALISED",
    "DiagonalFold",
    "Fold",
    "Linear",
    "LinearRankings",
    "Outlook",
    "SolvedFold",
    "linearise",
    "look_out",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

DIAGONALISED: Final = 1_500
"""Most projects whose information is diagonalised."""


class Fold(Protocol):
    """One fold's posterior as a function of the prior."""

    held: Evidence
    middle: float

    def readings(self, tau: float, noise: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Held-out readings (see `Evidence.readings`) as `base + slope · c`, and their variance.

        Args:
            tau: Prior standard deviation, natural log.
            noise: Factor on the noise of the answers.

        Returns:
            Shapes (n_readings,), (n_readings, n_voices) and (n_readings,).
        """
        ...


class DiagonalFold:
    """A fold whose information is diagonalised once.

    Args:
        held: Answers held out.
        fit: Fit to the others.
        voices: The voices' vectors, shape (n, n_voices).
        tau: Not needed; both kinds of folds are made alike.
    """

    def __init__(self, held: Evidence, fit: Fit, voices: FloatArray, tau: float) -> None:  # noqa: ARG002
        n = held.size
        self.held, self.middle = held, fit.middle
        matrix = fit.information.matrix
        edge, corner = matrix[:n, n], matrix[n, n] + MIDDLE_SD**-2
        values, vectors = eigh(matrix[:n, :n] - np.outer(edge, edge) / corner)
        self._values = np.maximum(values, 0.0)
        self._pull = vectors.T @ (fit.pull[:n] - edge * (fit.pull[n] / corner))
        self._voices = vectors.T @ voices
        self._reading = held.readings(vectors)

    def readings(self, tau: float, noise: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        precision = self._values / noise**2 + tau**-2
        base = self._reading @ (self._pull / noise**2 / precision)
        slope = self._reading @ (self._voices / (tau**2 * precision[:, None]))
        return base, slope, (self._reading**2) @ (1 / precision)


class SolvedFold:
    """A fold that solves anew for every prior.

    Args:
        held: Answers held out.
        fit: Fit to the others.
        voices: The voices' vectors, shape (n, n_voices).
        tau: Prior standard deviation of the fit, natural log.
    """

    def __init__(self, held: Evidence, fit: Fit, voices: FloatArray, tau: float) -> None:
        self.held, self.middle = held, fit.middle
        self._fit, self._voices = fit, voices
        own = variances_of(posterior_covariance(fit, tau))
        self._told = np.maximum(1 / own[: held.size] - tau**-2, 0.0)

    def readings(self, tau: float, noise: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        n, ranked = self.held.size, self.held.ranked
        precision = np.append(np.full(n, tau**-2), MIDDLE_SD**-2)
        right = np.zeros((n + 1, 1 + self._voices.shape[1]))
        right[:, 0] = self._fit.pull / noise**2
        right[:n, 1:] = self._voices / tau**2
        solved = self._fit.information.solve(noise**2 * precision, noise**2 * right)[:n]
        reading = self.held.readings(solved)
        own = 1 / (self._told / noise**2 + tau**-2)
        placed = own[ranked.project] * (1 - 1 / ranked.size[ranked.owner])
        return reading[:, 0], reading[:, 1:], np.concatenate([contrast_variance(self.held, own), placed])


@dataclass(frozen=True, eq=False)
class Outlook:
    """What all folds expect of their held-out answers at a grid point."""

    noise: float
    folds: tuple[tuple[Fold, FloatArray, FloatArray, FloatArray], ...]


@dataclass(frozen=True, eq=False)
class LinearRankings:
    """Held-out rankings of one shape: what is seen as `base + slope · c`, and κ with all that is not known in it.

    Attributes:
        base: Shape (n, length).
        slope: Shape (n, length, n_voices).
        lift: Shape (n,).
        choices: Number of choices.
    """

    base: FloatArray
    slope: FloatArray
    lift: FloatArray
    choices: int

    def density(self, c: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log predictive density of each ranking, and the derivative of their sum in c."""
        log_density, gradient = ranking_density(self.base + self.slope @ c, self.lift, self.choices)
        return log_density, np.tensordot(gradient, self.slope, 2)


@dataclass(frozen=True, eq=False)
class Linear:
    """Held-out η as `base + slope · c` with its standard deviation, at one grid point, all folds stacked.

    Attributes:
        kind: Kind of each answer that is no ranking, shape (n_rows,).
        y: What was told, shape (n_rows,).
        end: +1 or −1 for a rating at an end of its scale, else 0, shape (n_rows,).
        base: Shape (n_rows,).
        slope: Shape (n_rows, n_voices).
        scale: Shape (n_rows,).
        tie: Threshold of orders, natural log.
        rankings: The rankings behind them.
    """

    kind: IntArray
    y: FloatArray
    end: IntArray
    base: FloatArray
    slope: FloatArray
    scale: FloatArray
    tie: float
    rankings: tuple[LinearRankings, ...] = ()

    def only(self, voice: int) -> Linear:
        """The same with one voice alone."""
        rankings = tuple(replace(block, slope=block.slope[:, :, [voice]]) for block in self.rankings)
        return replace(self, slope=self.slope[:, [voice]], rankings=rankings)

    def density(self, c: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log predictive density of each answer, and the derivative of their sum in c."""
        eta = self.base + self.slope @ c
        log_density, gradient, _, _ = student_slopes(self.y - eta, self.scale)
        order, end = np.flatnonzero(self.kind == ORDER), np.flatnonzero(self.end)
        for at, outcome, shift, tie in ((order, self.y[order], 0.0, self.tie), (end, self.end[end], self.y[end], 0.0)):
            if len(at):
                part = order_slopes(np.asarray(outcome, dtype=np.float64), eta[at] - shift, self.scale[at], tie)
                log_density[at], gradient[at] = part.log_density, part.gradient
        found = [(log_density, gradient @ self.slope), *(block.density(c) for block in self.rankings)]
        return np.concatenate([part[0] for part in found]), np.sum([part[1] for part in found], axis=0)


def look_out(folds: list[Fold], tau: float, noise: float) -> Outlook:
    """What all folds expect of their held-out answers at a grid point."""
    return Outlook(noise, tuple((fold, *fold.readings(tau, noise)) for fold in folds))


def linearise(outlook: Outlook, scales: Scales, c: FloatArray, *, new_juror: bool) -> Linear:
    """Held-out predictions as linear functions of the voices' coefficients, with the spread they have at c.

    Args:
        outlook: Readings at a grid point.
        scales: Noise scales.
        c: Coefficients at which a new juror's stretch is spread out.
        new_juror: Whether held-out answers come from jurors never seen, who stretch and shift in an unknown way.
    """
    parts: list[tuple[npt.NDArray[Any], ...]] = []
    rankings: dict[tuple[int, int], list[tuple[FloatArray, FloatArray, FloatArray]]] = {}
    for fold, base, steep, known in outlook.folds:
        held, n = fold.held, fold.held.rows
        slope = steep
        if len(held.seen):  # what a voice foresees of answers that its models could have seen is no skill
            slope = steep.copy()
            slope[:n][held.seen] = 0.0
        variance = known
        if new_juror:
            variance = variance + (scales.stretch_sd * (base + slope @ c)) ** 2
        is_rating = held.kind == RATING
        factor = np.where(is_rating, np.exp(scales.rating_slope), 1.0)
        spread = factor**2 * variance[:n] + (scales.offset_sd**2 * is_rating if new_juror else 0.0)
        sigma = np.where(is_rating, scales.rating, scales.ratio)
        sigma = outlook.noise * np.where(held.stated > 0, scales.inflation * held.stated, sigma)
        parts.append(
            (
                held.kind,
                held.y,
                held.end if len(held.end) else np.zeros(n, dtype=np.int64),
                factor * base[:n] + np.where(is_rating, fold.middle, 0.0),
                factor[:, None] * slope[:n],
                np.sqrt(sigma**2 + spread),
            )
        )
        for block in held.ranked.blocks:
            at, length = n + block.place, block.place.shape[1]
            # Mean variance of the differences within a ranking.
            between = 2 / (length - 1) * variance[at].sum(axis=1)
            lift = LOG_ODDS / np.sqrt((outlook.noise * scales.ratio) ** 2 + between)
            rankings.setdefault((length, block.choices), []).append((base[at], slope[at], lift))
    kind, y, end, base, slope, scale = (np.concatenate(column) for column in zip(*parts, strict=True))
    blocks = []
    for (_, choices), found in sorted(rankings.items()):
        at_zero, rise, lift = (np.concatenate(column) for column in zip(*found, strict=True))
        blocks.append(LinearRankings(at_zero, rise, lift, choices))
    return Linear(kind, y, end, base, slope, scale, scales.tie, tuple(blocks))
