"""`FusionTask`: what a fusion rule gets to see of one criterion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from daccord.judging import Comparisons, Judgments, Panel, Rankings, Ratings, Skips
from daccord.round import Criterion, ModelRules

__all__ = ["FusionTask"]


def _silent(_: str) -> None:
    pass


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
        tell: Called with a few words before each slow step of a fit; what it does cannot change the result.
    """

    criterion: Criterion
    projects: tuple[str, ...]
    panel: Panel
    judgments: Judgments
    models: ModelRules = ModelRules()
    registered: tuple[str, ...] = ()
    tell: Callable[[str], None] = _silent

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
    def rankings(self) -> Rankings:
        """Rankings by people: evidence."""
        table = self.judgments.rankings
        return table.take(self.is_person[table.judge])

    @cached_property
    def skips(self) -> Skips:
        """Questions that people left open: coverage, never evidence."""
        table = self.judgments.skips
        return table.take(self.is_person[table.judge])

    @cached_property
    def answering(self) -> npt.NDArray[np.int64]:
        """Positions in the panel of the people who answered anything, rising."""
        tables = (self.comparisons, self.ratings, self.rankings)
        return np.unique(np.concatenate([table.judge for table in tables]))

    def only(self, judges: npt.NDArray[np.bool_]) -> FusionTask:
        """The task with the answers of some judges only; positions in the panel stay.

        Args:
            judges: True for judges whose answers stay, shape (n_judges,). Lists of models go with their model.
        """
        told = self.judgments
        stay = {judge.id for judge, keep in zip(self.panel, judges, strict=True) if keep}
        judgments = replace(
            told,
            comparisons=told.comparisons.take(judges[told.comparisons.judge]),
            ratings=told.ratings.take(judges[told.ratings.judge]),
            rankings=told.rankings.take(judges[told.rankings.judge]),
            skips=told.skips.take(judges[told.skips.judge]),
            lists=tuple(entry for entry in told.lists if entry.model in stay),
        )
        return replace(self, judgments=judgments)

    @cached_property
    def model_comparisons(self) -> Comparisons:
        """Comparisons by models: they shape the prior and are never evidence."""
        table = self.judgments.comparisons
        return table.take(~self.is_person[table.judge])

    @cached_property
    def evidence_count(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Answers of people per project, and different people who gave them; each shape (n_projects,).

        A comparison counts for both projects, a ranking for each of its own.
        """
        size = len(self.projects)
        projects = np.concatenate([self.comparisons.a, self.comparisons.b, self.ratings.project, self.rankings.project])
        rankers = np.repeat(self.rankings.judge, self.rankings.size)
        judges = np.concatenate([self.comparisons.judge, self.comparisons.judge, self.ratings.judge, rankers])
        told = np.sort(projects * len(self.panel) + judges)  # much faster than `np.unique` for millions
        first = told[np.diff(told, prepend=-1) > 0] // max(len(self.panel), 1)
        return np.bincount(projects, minlength=size), np.bincount(first, minlength=size)
