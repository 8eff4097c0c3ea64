"""Do a rule's intervals and probabilities hold what they say? Measured on people it has not heard.

Every answer is foreseen from the others' (`_foreseen`), and what was foreseen is held against what came
(`_reliability`): intervals of ratios and ratings, and probabilities of who is put ahead. Both after and before the
widening that the rule applies to its standard deviations; it is learned inside each fold, so it is tested here and not
fitted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from daccord.fusion._fuse import asked_criterion, silent, task_of
from daccord.fusion._task import FusionTask
from daccord.fusion.checks._foreseen import FOLDS, Foreseen, foresee
from daccord.fusion.checks._held_answers import RATING, RATIO
from daccord.fusion.checks._reliability import (
    USUAL,
    FavouriteBin,
    IntervalLevel,
    Losses,
    clustered_error,
    favourite_bins,
    favourites,
    interval_levels,
    losses_of,
)
from daccord.round import Round

__all__ = ["CalibrationReport", "KindHeld", "calibration", "calibration_of", "summarise"]


@dataclass(frozen=True)
class KindHeld:
    """What 80 % intervals held of one kind of answers: `ratios` or `ratings`."""

    kind: str
    answers: int
    held: float
    error: float
    held_before: float


@dataclass(frozen=True)
class CalibrationReport:
    """Reliability of a rule's intervals and win probabilities on held-out people.

    Attributes:
        criterion: Criterion id.
        rule: Name of the fusion rule.
        grouped_by: `juror` or `pair`: what was never split between fitting and foreseeing.
        groups: How many of them.
        folds: Number of folds.
        widening: Factor on standard deviations that the rule applied, mean over folds.
        graded: Ratios and ratings whose intervals were checked.
        decided: Answers that put one of two ahead.
        levels: One for each of `LEVELS`; empty without ratios and ratings.
        kinds: What 80 % intervals held, by kind of answer.
        bins: Bins that hold an answer; empty if no answer puts one ahead.
        losses: Of win probabilities; None likewise.
        losses_before: Before widening.
    """

    criterion: str
    rule: str
    grouped_by: str
    groups: int
    folds: int
    widening: float
    graded: int
    decided: int
    levels: tuple[IntervalLevel, ...]
    kinds: tuple[KindHeld, ...]
    bins: tuple[FavouriteBin, ...]
    losses: Losses | None
    losses_before: Losses | None

    @property
    def usual(self) -> IntervalLevel | None:
        """The 80 % interval, which is the one published; None without ratios and ratings."""
        return next((level for level in self.levels if level.nominal == USUAL), None)


def _kinds(seen: Foreseen) -> tuple[KindHeld, ...]:
    found = []
    for kind, name in ((RATIO, "ratios"), (RATING, "ratings")):
        own = seen.answers.kind == kind
        if own.any():
            inside = (np.abs(seen.below[own] - 0.5) <= USUAL / 2).astype(np.float64)
            before = np.abs(seen.below_before[own] - 0.5) <= USUAL / 2
            error = clustered_error(inside, seen.group[own])
            found.append(KindHeld(name, int(own.sum()), float(inside.mean()), error, float(before.mean())))
    return tuple(found)


def summarise(criterion: str, rule: str, seen: Foreseen) -> CalibrationReport:
    """What was foreseen, as a report.

    Args:
        criterion: Criterion id.
        rule: Name of the fusion rule.
        seen: Its foresight.
    """
    graded = ~np.isnan(seen.below)
    decided = ~np.isnan(seen.ahead) & (seen.answers.outcome != 0)
    bins: tuple[FavouriteBin, ...] = ()
    losses: list[Losses | None] = [None, None]
    if decided.any():
        outcome, group = seen.answers.outcome[decided], seen.group[decided]
        for k, ahead in enumerate((seen.ahead[decided], seen.ahead_before[decided])):
            chance, won = favourites(ahead, outcome)
            own = favourite_bins(chance, won, group)
            bins = own if k == 0 else bins
            losses[k] = losses_of(chance, won, own)
    return CalibrationReport(
        criterion=criterion,
        rule=rule,
        grouped_by="juror" if seen.by_juror else "pair",
        groups=len(np.unique(seen.group)),
        folds=seen.folds,
        widening=seen.widening,
        graded=int(graded.sum()),
        decided=int(decided.sum()),
        levels=interval_levels(seen.below[graded], seen.below_before[graded], seen.group[graded])
        if graded.any()
        else (),
        kinds=_kinds(seen),
        bins=bins,
        losses=losses[0],
        losses_before=losses[1],
    )


def calibration_of(
    task: FusionTask,
    rule: str = "hierarchical",
    *,
    folds: int = FOLDS,
    seed: int = 0,
    tell: Callable[[str], None] = silent,
) -> CalibrationReport:
    """Check a rule's intervals and win probabilities on held-out people of one criterion.

    Args:
        task: What was said.
        rule: Name of a fusion rule.
        folds: Number of folds; one fit each.
        seed: Of the deal into folds.
        tell: Called with a few words before each slow step.

    Raises:
        InputError: There is no such rule, it cannot use these answers, or they are too few to hold any out.
        NoPeopleError: Nobody answered.
    """
    return summarise(task.criterion.id, rule, foresee(task, rule, folds=folds, seed=seed, tell=tell))


def calibration(
    round_: Round,
    criterion: str = "benefit",
    rule: str | None = None,
    *,
    folds: int = FOLDS,
    tell: Callable[[str], None] = silent,
) -> CalibrationReport:
    """Check intervals and win probabilities on held-out people of a round; see `calibration_of`.

    Args:
        round_: The round.
        criterion: One of its criteria.
        rule: Name of a fusion rule; the round's own if None.
        folds: Number of folds; one fit each.
        tell: Called with a few words before each slow step.

    Raises:
        InputError: The round does not ask this criterion, there is no such rule, it cannot use these answers, or they
            are too few to hold any out.
        NoPeopleError: Nobody answered.
    """
    asked = asked_criterion(round_, criterion)
    task, _, _ = task_of(round_, asked)
    return calibration_of(task, rule or round_.rules.fusion, folds=folds, seed=round_.seed, tell=tell)
