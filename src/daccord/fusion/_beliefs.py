"""`CriterionBeliefs`: what fusion believes about every project on one criterion, with its uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

__all__ = ["Component", "CriterionBeliefs", "VoiceSkill"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Component:
    """A Gaussian posterior at one point of the hyperparameter grid.

    Attributes:
        weight: Posterior probability of the grid point; the weights of all components sum to 1.
        mean: Log-values θ, natural log, shape (n_projects,).
        covariance: Of θ, shape (n_projects, n_projects).
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


@dataclass(frozen=True)
class VoiceSkill:
    """What one voice (a model family, or families joined by near-copies) contributes.

    Attributes:
        voice: Name: the family, or joined families with `+`.
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
    parameters: Mapping[str, float] = field(default_factory=dict)
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @cached_property
    def mean(self) -> FloatArray:
        """Posterior mean of θ, shape (n_projects,)."""
        return np.asarray(sum(c.weight * c.mean for c in self.components))

    @cached_property
    def covariance(self) -> FloatArray:
        """Posterior covariance of θ: within plus between grid points, shape (n_projects, n_projects)."""
        total = np.zeros((len(self.mean), len(self.mean)))
        for c in self.components:
            shift = c.mean - self.mean
            total += c.weight * (c.covariance + np.outer(shift, shift))
        return total

    @cached_property
    def centred(self) -> tuple[FloatArray, FloatArray]:
        """Mean and covariance of θ minus its average over the projects: values relative to the typical project."""
        mean = self.mean - self.mean.mean()
        covariance = self.covariance
        rows = covariance.mean(axis=0)
        return mean, covariance - rows[None, :] - rows[:, None] + rows.mean()

    @cached_property
    def above(self) -> FloatArray | None:
        """Probability that each project is above the threshold, shape (n_projects,); None without one."""
        total = np.zeros(len(self.mean))
        for c in self.components:
            if c.margin is None or c.margin_sd is None:
                return None
            total += c.weight * ndtr(c.margin / np.maximum(c.margin_sd, 1e-12))
        return np.clip(total, 0.0, 1.0)
