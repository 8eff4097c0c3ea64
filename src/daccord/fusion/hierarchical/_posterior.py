"""Most probable log-values, for given hyperparameters.

With answers in the form of `_evidence`, the joint log posterior of everything a round does not know is

    Σ_k ln p(y_k | η_k) − ‖θ − μ‖² / 2τ² − Σ_j ℓ_j² / 2ς² − Σ_j o_j² / 2ω² − α² / 2·MIDDLE_SD².

It is maximised by Newton steps where the surface is concave and Gauss–Newton steps elsewhere, with backtracking.
Jurors enter through two parameters each, and are eliminated exactly (`_eliminate`). What scales the answers (noise, the
rating slope, the tie threshold) is given; `_pilot` learns it.

The covariance is the inverse of the observed information (Laplace), marginal over jurors' parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.errors import ConvergenceError
from daccord.fusion.hierarchical._eliminate import Eliminated, Factor
from daccord.fusion.hierarchical._evidence import Evidence
from daccord.fusion.hierarchical._normal import normal_equations
from daccord.fusion.hierarchical._scales import MIDDLE_SD, Scales
from daccord.fusion.hierarchical._seeing import Seen, State, Told, seen_by, told

__all__ = ["MANY", "Fit", "fit_conditional"]

FloatArray = npt.NDArray[np.float64]

_STEPS: Final = 500
_GUARDED: Final = 3
MANY: Final = 5_000
"""Answers from which on a nearby start is taken to be near enough for Newton's steps."""
_PATIENCE: Final = 8
_LEAP: Final = 2.0
"""Longest step, natural log."""
_LONGEST: Final = 8.0
_SHORTEST: Final = 1e-6
_ROUNDING: Final = 1e-10


@dataclass(frozen=True, eq=False)
class Fit:
    """A conditional posterior.

    Attributes:
        theta: Log-values, natural log, shape (n_projects,).
        middle: α, the typical rating of a project with θ = 0, in sixths of the scale from its middle.
        stretch: ℓ_j, shape (n_jurors,).
        offset: o_j, shape (n_jurors,).
        juror_variance: Posterior variances of (ℓ_j, o_j) given θ, shape (n_jurors, 2).
        information: What the answers alone say about (θ, α), jurors eliminated, size n + 1.
        pull: `information · (θ, α)` plus the gradient of the answers' log density, shape (n + 1,): with it, the
            Gaussian posterior for any other prior follows without a new fit.
        log_posterior: The maximised log posterior, without the normalising constants of the priors.
        residual: Largest component of the gradient of the log posterior, per natural-log unit.
        steps: Steps taken.
        near: Last factor made on the way.
    """

    theta: FloatArray
    middle: float
    stretch: FloatArray
    offset: FloatArray
    juror_variance: FloatArray
    information: Eliminated
    pull: FloatArray
    log_posterior: float
    residual: float
    steps: int
    near: Factor | None = None

    @property
    def state(self) -> State:
        """The values found, to start a nearby fit from."""
        near = self.information.factor or self.near
        return State(np.append(self.theta, self.middle), self.stretch, self.offset, near)


def fit_conditional(
    evidence: Evidence,
    prior_mean: FloatArray,
    tau: float,
    scales: Scales,
    *,
    noise: float = 1.0,
    start: State | None = None,
    tolerance: float = 1e-8,
) -> Fit:
    """Most probable values and the answers' information, for given hyperparameters.

    Args:
        evidence: People's answers.
        prior_mean: μ, natural log, shape (n_projects,).
        tau: Prior standard deviation around μ, natural log, > 0.
        scales: Noise scales, held fixed.
        noise: Factor on all noise scales of ratios and ratings, > 0.
        start: Values to start from, found by a nearby fit.
        tolerance: Largest component of the gradient of the log posterior at which the ascent stops, per answer.

    Raises:
        ConvergenceError: The ascent did not settle.
    """
    n = evidence.size
    prior = np.append(prior_mean, 0.0)
    precision = np.append(np.full(n, tau**-2), MIDDLE_SD**-2)
    own = scales.juror_precision
    sigma = scales.sigma(evidence, noise)
    state = State(prior, np.zeros(evidence.jurors), np.zeros(evidence.jurors)) if start is None else start

    share = scales.share(evidence)

    def objective(at: State, answers: Told) -> float:
        penalty = (precision * (at.u - prior) ** 2).sum()
        penalty += own[0] * (at.stretch**2).sum() + own[1] * (at.offset**2).sum()
        return float(answers.log_density - 0.5 * penalty)

    def look(at: State) -> tuple[State, float, Told, Seen]:
        seen = seen_by(evidence, scales, at)
        answers = told(evidence, scales, seen, sigma, noise)
        return at, objective(at, answers), answers, seen

    state, value, answers, seen = look(state)
    residual, steps, near = np.inf, 0, state.near
    guarded = 0 if start is not None and len(evidence) > MANY else _GUARDED
    for steps in range(1, _STEPS + 1):
        newton = steps > guarded
        rows = answers.rows
        weight = rows.curvature if newton else rows.weight
        equations = normal_equations(evidence, seen, rows.gradient, weight, answers.bends, exact=newton)
        gu = equations.gu[: n + 1] - precision * (state.u - prior)
        gv = equations.gv - np.stack([state.stretch, state.offset], axis=1) * own
        free = gv.copy()
        free[:, 0] -= share * (share @ gv[:, 0]) / (share @ share)
        residual = max(float(np.abs(gu).max(initial=0.0)), float(np.abs(free).max(initial=0.0)))
        if residual < tolerance * max(1.0, evidence.total):
            break
        try:  # Newton's step, if the surface is concave here
            eliminated = Eliminated(equations, evidence.layout, share, own, n + 1)
            du, dv = eliminated.step(gu, gv, precision, near)
        except np.linalg.LinAlgError:
            equations = normal_equations(evidence, seen, rows.gradient, rows.weight, answers.bends)
            eliminated = Eliminated(equations, evidence.layout, share, own, n + 1)
            du, dv = eliminated.step(gu, gv, precision, near)
        near = eliminated.factor or near
        longest = max(float(np.abs(du).max(initial=0.0)), float(np.abs(dv).max(initial=0.0)))
        du, dv = du * min(1.0, _LEAP / (longest or 1.0)), dv * min(1.0, _LEAP / (longest or 1.0))
        by = 1.0
        trial, found, answers, seen = look(state.moved(du, dv, by))
        while found < value - _ROUNDING * (1 + abs(value)) and by > _SHORTEST:
            by /= 2
            trial, found, answers, seen = look(state.moved(du, dv, by))
        # Where answers change from outlier to fitting, the surface is flat and full steps creep: stride on.
        while by >= 1.0 and steps > _PATIENCE and by < _LONGEST:
            further = look(state.moved(du, dv, 2 * by))
            if further[1] <= found:
                break
            by *= 2
            trial, found, answers, seen = further
        step = max(float(np.abs(by * du).max(initial=0.0)), float(np.abs(by * dv).max(initial=0.0)))
        state, value = trial, found
        if step < 1e-9:
            break
    else:
        raise ConvergenceError("the hierarchical fit", steps, residual)

    rows = answers.rows
    equations = normal_equations(evidence, seen, rows.gradient, rows.information, answers.bends)
    information = Eliminated(equations, evidence.layout, share, own, n + 1)
    return Fit(
        theta=state.u[:n],
        middle=float(state.u[n]),
        stretch=state.stretch,
        offset=state.offset,
        juror_variance=information.juror_variance,
        information=information,
        pull=information @ state.u + equations.gu[: n + 1],
        log_posterior=value,
        residual=residual,
        steps=steps,
        near=near,
    )
