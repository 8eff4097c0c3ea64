"""Published scores: beliefs as integers.

Everything that moves money is computed from these integers with exact arithmetic, so that every machine gets the same
verdicts and amounts to the last unit. Log-values are published in millionths of a natural-log unit ("micro-nats"; two
projects that differ by 693,147 differ by a factor of two), probabilities in millionths, shares in billionths.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

__all__ = ["MICRO", "NANO", "CriterionScore", "ProjectScore", "Scores"]

MICRO = 1_000_000
"""One natural-log unit in micro-nats; certainty in millionths."""

NANO = 1_000_000_000
"""The whole pot in billionths."""


@dataclass(frozen=True)
class CriterionScore:
    """What is believed of one project on one criterion.

    Attributes:
        mean: Posterior mean log-value in micro-nats; 0 is the round's typical project (geometric mean).
        sd: Posterior standard deviation, micro-nats, at least 0.
        above: Probability in millionths that the project is above the criterion's bar (for harm: above the limit);
            None if the criterion has no threshold.
        communities: The same probability from one community's answers alone, by community, where it has any.
        judgments: Answers of people about this project on this criterion.
        jurors: Different people who gave them.
        level: Of harm alone: the name of the level that is published in place of numbers (`daccord.fusion.harm`);
            empty for every other criterion.
        ceiling: Largest value in millionths that `above` may stand for; None if `above` is the probability itself. Of
            harm, `above` is the lower end of the level and this the upper one; `mean` and `sd` are not published and
            0; of communities, the lower end of theirs; `judgments` and `jurors` are what the level rests on at least.
    """

    mean: int
    sd: int
    above: int | None = None
    communities: Mapping[str, int] = field(default_factory=dict)
    judgments: int = 0
    jurors: int = 0
    level: str = ""
    ceiling: int | None = None

    @property
    def at_most(self) -> int | None:
        """Largest value that the probability may have, millionths; None if the criterion has no threshold."""
        return self.above if self.ceiling is None else self.ceiling


@dataclass(frozen=True)
class ProjectScore:
    """All that is published about one project.

    Attributes:
        project: Id.
        criteria: Criterion id → score; only criteria that people answered.
        share: Posterior mean of the project's share of the round's total benefit, billionths.
        share_low: Lower end of its 80 % interval (10 % quantile), billionths.
        share_high: Upper end (90 % quantile), billionths.
    """

    project: str
    criteria: Mapping[str, CriterionScore]
    share: int
    share_low: int
    share_high: int

    def with_criterion(self, criterion: str, **changes: object) -> ProjectScore:
        """A copy in which one criterion's score has other values; for what-if questions."""
        changed = replace(self.criteria[criterion], **changes)  # type: ignore[arg-type]
        return replace(self, criteria={**self.criteria, criterion: changed})


@dataclass(frozen=True)
class Scores:
    """Published scores of all projects, in the portfolio's order."""

    projects: tuple[ProjectScore, ...]

    @cached_property
    def _by_id(self) -> Mapping[str, ProjectScore]:
        return {score.project: score for score in self.projects}

    def __iter__(self) -> Iterator[ProjectScore]:
        return iter(self.projects)

    def __len__(self) -> int:
        return len(self.projects)

    def __getitem__(self, project: str) -> ProjectScore:
        return self._by_id[project]

    def with_project(self, score: ProjectScore) -> Scores:
        """A copy in which one project's score is replaced."""
        return Scores(tuple(score if old.project == score.project else old for old in self.projects))
