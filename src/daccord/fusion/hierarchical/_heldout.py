"""Skill of voices and the hyperparameters, learned from answers held out by juror.

Jurors are dealt into folds. For each fold the model is fitted to the other folds' answers once; because the posterior
for any other prior follows from that fit's information matrix, every point of the grid (τ, noise factor) and every
choice of the voices' coefficients c is scored on the held-out answers without refitting:

    held-out log predictive density L(τ, ν, c) = Σ_k ln p(y_k | answers of other jurors, prior N(Σ_f c_f z_f, τ²)),

a new juror's own stretch and offset being unknown. For each grid point c ≥ 0 maximises L under the family cap
`c_f² ≤ cap/(1−cap) · (Σ_{g≠f} c_g² + τ²)` (a voice's share of the prior's variance). Given its c, each grid point is
weighted by the marginal likelihood of all answers times a weak prior: hyperparameters are integrated over, not plugged
in, and no fold's luck decides how far people are heard.

Answers that hang together (one juror's) are never split between fitting and scoring. Where one juror gave more than
half of all answers, as in files without juror ids, answers are grouped by what was compared instead, and a warning
says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from daccord.fusion.hierarchical._covariance import log_evidence
from daccord.fusion.hierarchical._coverage import TAIL, WIDEST, coverage_of
from daccord.fusion.hierarchical._evidence import Evidence
from daccord.fusion.hierarchical._folds import ROUGH, SCORED, deal_folds, fit_folds
from daccord.fusion.hierarchical._grid import NOISES, TAUS, GridPoint, Place, explore, weak_prior
from daccord.fusion.hierarchical._posterior import fit_conditional
from daccord.fusion.hierarchical._predict import Fold, Linear, linearise, look_out
from daccord.fusion.hierarchical._scales import Scales
from daccord.fusion.hierarchical._seeing import State

__all__ = ["COEFFICIENT_SD", "TAIL", "WIDEST", "HeldOut", "learn_from_held_out"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_REPEATS: Final = 2
COEFFICIENT_SD: Final = 1.5
"""Weak prior on coefficients: keeps them finite when people said next to nothing."""

_NOTHING: Final = 1e-4
_NEGLIGIBLE: Final = 0.01
_HOPELESS: Final = 12.0
"""Grid points whose held-out log density is worse than the best by more than this are not fitted again."""


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What holding out taught.

    Attributes:
        grid: Points with weight, heaviest first.
        scales: Noise scales that the grid's noise factors multiply.
        coverage: Share of held-out graded answers inside the 80 % predictive interval before any widening; NaN
            without graded answers.
        widening: Factor ≥ 1 on standard deviations at which the 80 % interval holds 80 % of the held-out answers.
        answers: Number of held-out answers scored.
        gains: Log predictive density per answer that each voice alone adds to no voice, shape (n_voices,).
        grouped_by: `juror`, `pair`, or `nothing` if no answer could be held out.
    """

    grid: tuple[GridPoint, ...]
    scales: Scales
    coverage: float
    widening: float
    answers: int
    gains: FloatArray
    grouped_by: str


def _best_coefficients(linear: Linear, start: FloatArray, tau: float, cap: float | None) -> FloatArray:
    """c ≥ 0 that maximises the held-out density under the family cap."""
    if not len(start):
        return start

    def loss(c: FloatArray) -> tuple[float, FloatArray]:
        density, gradient = linear.density(c)
        return (
            -float(density.sum()) + float((c**2).sum()) / (2 * COEFFICIENT_SD**2),
            -gradient + c / COEFFICIENT_SD**2,
        )

    constraints: list[Any] = []
    if cap is not None and cap < 1:
        odds = cap / (1 - cap)

        def room(c: FloatArray) -> FloatArray:
            return np.asarray(odds * ((c**2).sum() - c**2 + tau**2) - c**2)

        def room_slope(c: FloatArray) -> FloatArray:
            slope = np.tile(2 * odds * c, (len(c), 1))
            np.fill_diagonal(slope, -2 * c)
            return slope

        constraints = [{"type": "ineq", "fun": room, "jac": room_slope}]
        start = np.minimum(start, 0.7 * np.sqrt(odds) * tau)
    found = minimize(
        loss,
        start,
        jac=True,
        method="SLSQP",
        bounds=[(0.0, 10.0)] * len(start),
        constraints=constraints,
        options={"ftol": 1e-9, "maxiter": 200},
    )
    c = np.maximum(found.x, 0.0)
    return np.where(c < _NOTHING, 0.0, c)


@dataclass(frozen=True, eq=False)
class _Scored:
    """One grid point on held-out answers: its best coefficients, their score, and the predictions."""

    coefficients: FloatArray
    score: float
    linear: Linear

    def height(self, tau: float, noise: float) -> float:
        return self.score + weak_prior(tau, noise)


def _score_grid(
    folds: list[Fold], scales: Scales, start: Place, c: FloatArray, cap: float | None, *, repeats: int, new_juror: bool
) -> tuple[dict[Place, float], dict[Place, _Scored]]:
    """Score every grid point that is worth it on held-out answers, each with its own best coefficients."""
    scored: dict[Place, _Scored] = {}

    def height(at: Place, _: Place | None) -> float:
        tau, noise = TAUS[at[0]], NOISES[at[1]]
        outlook = look_out(folds, tau, noise)
        linear = linearise(outlook, scales, c, new_juror=new_juror)
        best = _best_coefficients(linear, np.maximum(c, 0.2), tau, cap)
        linear = linearise(outlook, scales, best, new_juror=new_juror)
        scored[at] = _Scored(best, float(linear.density(best)[0].sum()) / repeats, linear)
        return scored[at].height(tau, noise)

    return explore(start, height, _HOPELESS), scored


def _nearest(tau: float) -> Place:
    """The grid point next to this τ, at noise 1."""
    return int(np.argmin(np.abs(np.log(TAUS) - np.log(tau)))), NOISES.index(1.0)


def learn_from_held_out(
    evidence: Evidence, voices: FloatArray, scales: Scales, pilot_tau: float, cap: float | None
) -> HeldOut:
    """Learn the voices' coefficients and the weights of the hyperparameter grid.

    Args:
        evidence: People's answers, all of them.
        voices: Standardised vectors, shape (n_projects, n_voices).
        scales: Noise scales of the pilot fit.
        pilot_tau: Prior standard deviation of the pilot fit, natural log.
        cap: Largest share of the prior's variance one voice may explain; None if people lifted the cap.
    """
    c = np.zeros(voices.shape[1])
    tau, how, start = pilot_tau, "juror", _nearest(pilot_tau)
    folds: list[Fold] = []
    heights: dict[Place, float] = {}
    scored: dict[Place, _Scored] = {}
    # First to find where to look, then dealt anew as often as fewer than enough answers are scored.
    for repeats in (1, _REPEATS if _REPEATS * evidence.total <= SCORED else 1):
        folds = []
        for repeat in range(repeats):
            fold, how = deal_folds(evidence, repeat)
            folds += fit_folds(evidence, fold, voices, scales, voices @ c, tau)
        if not folds:
            return _untested(evidence, voices, scales)
        first = not heights
        heights, scored = _score_grid(folds, scales, start, c, cap, repeats=repeats, new_juror=how == "juror")
        start = max(heights, key=heights.__getitem__)
        tau, c = TAUS[start[0]], scored[start].coefficients
        if first:
            scales = scales.scaled(NOISES[start[1]])
    near = {at for at, height in heights.items() if height > heights[start] - _HOPELESS}
    grid, places = _weighted_grid(evidence, voices, scales, start, {at: scored[at] for at in near})
    coverage, widening = coverage_of(
        [(point.weight, scored[at].linear, point.coefficients) for point, at in zip(grid, places, strict=True)]
    )
    return HeldOut(
        grid=grid,
        scales=scales,
        coverage=coverage,
        widening=widening,
        answers=sum(len(fold.held) for fold in folds) // repeats,
        gains=_gains(folds, voices.shape[1], scales, new_juror=how == "juror"),
        grouped_by=how,
    )


def _weighted_grid(
    evidence: Evidence, voices: FloatArray, scales: Scales, start: Place, scored: dict[Place, _Scored]
) -> tuple[tuple[GridPoint, ...], list[Place]]:
    """The grid points that people's answers leave likely, heaviest first, and their places."""
    states: dict[Place, State] = {}

    def told(at: Place, near: Place | None) -> float:
        """Log evidence of all answers given the point's coefficients, with the weak priors of τ and the noise."""
        tau, noise = TAUS[at[0]], NOISES[at[1]]
        known = None if near is None else states[near]
        mean = voices @ scored[at].coefficients
        fit = fit_conditional(evidence, mean, tau, scales, noise=noise, start=known, tolerance=ROUGH)
        states[at] = fit.state
        return log_evidence(fit, tau) + weak_prior(tau, noise)

    heights = explore(start, told, _HOPELESS, set(scored))
    weight = {at: float(np.exp(height - max(heights.values()))) for at, height in heights.items()}
    total = sum(weight.values())
    weight = {at: w for at, w in weight.items() if w >= _NEGLIGIBLE * total}
    total = sum(weight.values())
    places = sorted(weight, key=lambda at: (-weight[at], at))
    grid = tuple(
        GridPoint(weight[at] / total, TAUS[at[0]], NOISES[at[1]], scored[at].coefficients, scored[at].score, states[at])
        for at in places
    )
    return grid, places


def _untested(evidence: Evidence, voices: FloatArray, scales: Scales) -> HeldOut:
    """What is left when no answer can be held out: models have shown no skill, and τ follows from the answers alone."""
    silent = np.zeros(voices.shape[1])
    told = []
    for tau in TAUS:
        fit = fit_conditional(evidence, np.zeros(evidence.size), tau, scales, tolerance=ROUGH)
        told.append(log_evidence(fit, tau) + weak_prior(tau, 1.0))
    weights = np.exp(np.array(told) - max(told))
    weights /= weights.sum()
    grid = [GridPoint(float(w), tau, 1.0, silent, float("nan")) for w, tau in zip(weights, TAUS, strict=True)]
    return HeldOut(
        grid=tuple(sorted(grid, key=lambda point: -point.weight)),
        scales=scales,
        coverage=float("nan"),
        widening=1.0,
        answers=0,
        gains=silent,
        grouped_by="nothing",
    )


def _gains(folds: list[Fold], count: int, scales: Scales, *, new_juror: bool) -> FloatArray:
    """Held-out log density per answer that each voice alone adds, each with its own best τ."""
    none = np.zeros(count)
    at_each = [(tau, linearise(look_out(folds, tau, 1.0), scales, none, new_juror=new_juror)) for tau in TAUS]

    def best(which: int | None) -> float:
        scores = []
        for tau, linear in at_each:
            c = none.copy()
            if which is not None:
                c[which] = _best_coefficients(linear.only(which), np.array([0.3]), tau, None)[0]
            scores.append(float(linear.density(c)[0].mean()))
        return max(scores)

    alone = best(None)
    return np.array([best(which) - alone for which in range(count)])
