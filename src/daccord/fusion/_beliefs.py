"""`CriterionBeliefs`: what fusion believes about every project on one criterion, with its uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

__all__ = ["CommunityView", "Component", "CriterionBeliefs", "JurorView", "VoiceSkill", "reordered"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Component:
    """A Gaussian posterior at one point of the hyperparameter grid.

    Attributes:
        weight: Posterior probability of the grid point; the weights of all components sum to 1.
        mean: Log-values θ, natural log, shape (n_projects,).
        covariance: Of θ, shape (n_projects, n_projects); or only its diagonal, shape (n_projects,), where there are too
            many projects for all pairs. A diagonal leaves out what projects share, so contrasts look less sure.
        margin: How far each project is above the criterion's threshold, natural-log units, shape (n_projects,);
            None if the criterion has no threshold.
        margin_sd: Its standard deviation, shape (n_projects,).
        parameters: The grid point, name → value.
    """

    weight: float
    mean: FloatArray
    covariance: FloatArray
    margin: FloatArray | None = None
    margin_sd: FloatArray | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)

    @property
    def variance(self) -> FloatArray:
        """Variance of each θ, squared natural-log units, shape (n_projects,)."""
        return self.covariance if self.covariance.ndim == 1 else np.asarray(np.diag(self.covariance))

    def contrast_variance(self, a: IntArray, b: IntArray) -> FloatArray:
        """Variance of θ_a − θ_b for positions `a` and `b` of equal shape, squared natural-log units."""
        own = self.variance
        shared = self.covariance[a, b] if self.covariance.ndim == 2 else np.where(a == b, own[a], 0.0)
        return np.asarray(np.maximum(own[a] + own[b] - 2 * shared, 0.0))


@dataclass(frozen=True, eq=False)
class JurorView:
    """How one person sees and says things, learned from all answers together.

    Attributes:
        juror: Id.
        answers: Number of this person's answers.
        stretch: Factor by which differences of log-values appear in this person's answers; the typical juror has 1.
        stretch_sd: Standard deviation of its natural log.
        offset: Shift of this person's ratings, in sixths of the rating scale; 0 without ratings.
        offset_sd: Its standard deviation.
        noise: Factor on the noise of this person's answers; the typical juror has 1.
    """

    juror: str
    answers: int
    stretch: float
    stretch_sd: float
    offset: float
    offset_sd: float
    noise: float


@dataclass(frozen=True, eq=False)
class CommunityView:
    """What one community's answers alone say, without any model; all arrays of shape (n_projects,).

    Attributes:
        mean: Log-values, natural log, relative to the typical project that the community spoke about; NaN where it
            said nothing about a project.
        sd: Standard deviations, NaN likewise.
        jurors: People of the community who answered.
        answers: Their answers.
    """

    mean: FloatArray
    sd: FloatArray
    jurors: int
    answers: int


@dataclass(frozen=True)
class VoiceSkill:
    """What one voice (a model family) contributes.

    Attributes:
        voice: Name: the family.
        models: Ids of its models that count; exact copies are dropped.
        coefficient: c_f, how many natural-log units one standard deviation of the voice's vector is worth; ≥ 0.
        share: Its share of the explained prior, in [0, 1].
        gain: Mean log predictive density per held-out answer of people, with this voice alone against no model,
            natural log; positive is better.
    """

    voice: str
    models: tuple[str, ...]
    coefficient: float
    share: float
    gain: float


@dataclass(frozen=True, eq=False)
class CriterionBeliefs:
    """Posterior over all projects on one criterion: a mixture of Gaussians over the hyperparameter grid.

    Attributes:
        criterion: Criterion id.
        rule: Name of the fusion rule.
        components: The mixture; one component for rules without a grid.
        judgments: Answers of people per project, shape (n_projects,).
        jurors: Different people per project, shape (n_projects,).
        voices: What each voice of models contributes, largest first.
        communities: Community → probability that each project is above the threshold, from that community's answers
            alone, shape (n_projects,); NaN where the community said nothing about the project.
        community_views: Community → log-values from its own answers alone.
        juror_views: One for each person who answered, in the panel's order; empty if the rule knows no such thing.
        parameters: Effective values of everything the rule fixed or learned, for the result's record.
        diagnostics: Optimality residual, iterations, and what else a verifier wants.
        warnings: For people.
    """

    criterion: str
    rule: str
    components: tuple[Component, ...]
    judgments: IntArray
    jurors: IntArray
    voices: tuple[VoiceSkill, ...] = ()
    communities: Mapping[str, FloatArray] = field(default_factory=dict)
    community_views: Mapping[str, CommunityView] = field(default_factory=dict)
    juror_views: tuple[JurorView, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @cached_property
    def mean(self) -> FloatArray:
        """Posterior mean of θ, shape (n_projects,)."""
        return np.asarray(sum(c.weight * c.mean for c in self.components))

    @cached_property
    def covariance(self) -> FloatArray:
        """Posterior covariance of θ: within plus between grid points, shape (n_projects, n_projects).

        Where components hold only variances, what lies between grid points is all that projects share.
        """
        total = np.diag(np.zeros(len(self.mean)))
        for c in self.components:
            shift = c.mean - self.mean
            within = c.covariance if c.covariance.ndim == 2 else np.diag(c.covariance)
            total += c.weight * (within + np.outer(shift, shift))
        return total

    @cached_property
    def is_diagonal(self) -> bool:
        """Whether only variances are known: there are too many projects for all pairs."""
        return any(c.covariance.ndim == 1 for c in self.components)

    @cached_property
    def variance(self) -> FloatArray:
        """Posterior variance of each θ, within plus between grid points, shape (n_projects,)."""
        return np.asarray(sum(c.weight * (c.variance + (c.mean - self.mean) ** 2) for c in self.components))

    @cached_property
    def centred(self) -> tuple[FloatArray, FloatArray]:
        """Mean of θ minus its average over the projects, and its variances: values relative to the typical project.

        Both of shape (n_projects,). With variances only, projects count as independent.
        """
        mean, size = self.mean - self.mean.mean(), len(self.mean)
        if self.is_diagonal:
            own = self.variance
            return mean, np.maximum(own * (1 - 2 / size) + own.mean() / size, 0.0)
        rows = self.covariance.mean(axis=0)
        return mean, np.maximum(np.diag(self.covariance) - 2 * rows + rows.mean(), 0.0)

    @cached_property
    def above(self) -> FloatArray | None:
        """Probability that each project is above the threshold, shape (n_projects,); None without one."""
        total = np.zeros(len(self.mean))
        for c in self.components:
            if c.margin is None or c.margin_sd is None:
                return None
            total += c.weight * ndtr(c.margin / np.maximum(c.margin_sd, 1e-12))
        return np.clip(total, 0.0, 1.0)


def reordered(beliefs: CriterionBeliefs, at: npt.NDArray[np.int64] | npt.NDArray[np.intp]) -> CriterionBeliefs:
    """The same beliefs with the projects in another order; `at[i]` is where the new i-th project stands."""

    def component(old: Component) -> Component:
        return replace(
            old,
            mean=old.mean[at],
            covariance=old.covariance[at] if old.covariance.ndim == 1 else old.covariance[np.ix_(at, at)],
            margin=None if old.margin is None else old.margin[at],
            margin_sd=None if old.margin_sd is None else old.margin_sd[at],
        )

    return replace(
        beliefs,
        components=tuple(component(old) for old in beliefs.components),
        judgments=beliefs.judgments[at],
        jurors=beliefs.jurors[at],
        communities={name: values[at] for name, values in beliefs.communities.items()},
        community_views={
            name: replace(view, mean=view.mean[at], sd=view.sd[at]) for name, view in beliefs.community_views.items()
        },
    )
