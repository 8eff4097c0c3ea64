"""`FusionTask`: what a fusion rule gets to see of one criterion."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from daccord.judging import Comparisons, Judgments, Panel, Ratings
from daccord.round import Criterion, ModelRules

__all__ = ["FusionTask"]


@dataclass(frozen=True, eq=False)
class FusionTask:
    """One criterion's judgments, with conflicts of interest already set aside.

    Attributes:
        criterion: The question.
        projects: Ids, in the portfolio's order.
        panel: All judges.
        judgments: What people and models said.
        models: What models may do.
        registered: Ids of all judges in the order they were registered; of two models with the same list, the first
            is the original. Empty means the panel's order.
    """

    criterion: Criterion
    projects: tuple[str, ...]
    panel: Panel
    judgments: Judgments
    models: ModelRules = ModelRules()
    registered: tuple[str, ...] = ()

    @cached_property
    def is_person(self) -> npt.NDArray[np.bool_]:
        """True for jurors, shape (n_judges,)."""
        return np.array([judge.is_person for judge in self.panel], dtype=np.bool_)

    @cached_property
    def comparisons(self) -> Comparisons:
        """Comparisons by people: evidence."""
        table = self.judgments.comparisons
        return table.take(self.is_person[table.judge])

    @cached_property
    def ratings(self) -> Ratings:
        """Ratings by people: evidence."""
        table = self.judgments.ratings
        return table.take(self.is_person[table.judge])

    @cached_property
    def model_comparisons(self) -> Comparisons:
        """Comparisons by models: they shape the prior and are never evidence."""
        table = self.judgments.comparisons
        return table.take(~self.is_person[table.judge])

    @cached_property
    def evidence_count(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Answers of people per project, and different people who gave them; each shape (n_projects,)."""
        size = len(self.projects)
        projects = np.concatenate([self.comparisons.a, self.comparisons.b, self.ratings.project])
        judges = np.concatenate([self.comparisons.judge, self.comparisons.judge, self.ratings.judge])
        pairs = np.unique(np.stack([projects, judges]), axis=1) if len(projects) else np.empty((2, 0), dtype=np.int64)
        return np.bincount(projects, minlength=size), np.bincount(pairs[0], minlength=size)
