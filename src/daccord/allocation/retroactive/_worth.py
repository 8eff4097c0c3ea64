"""What came of each project, and what it was paid for that already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from daccord.allocation._exact import as_written
from daccord.allocation._rules import MoneyTask
from daccord.judging import Outcome

__all__ = ["Results", "median_worth", "results"]


@dataclass(frozen=True)
class Results:
    """Results of a task's projects.

    Attributes:
        worth: Median over the people who judged, 0 where too few did, shape (n,).
        credit: What counts as payment already: all that funders paid, and the means-tested part of what was earned
            elsewhere; minor units, shape (n,).
        judges: People who judged, shape (n,).
    """

    worth: tuple[Fraction, ...]
    credit: tuple[Fraction, ...]
    judges: tuple[int, ...]


def median_worth(outcomes: Iterable[Outcome]) -> Mapping[str, Fraction]:
    """Project id → median of what people said its results were worth; who did not judge it does not count."""
    said: dict[str, list[Fraction]] = {}
    for outcome in outcomes:
        said.setdefault(outcome.project, []).append(outcome.worth)
    return {project: _median(sorted(worths)) for project, worths in said.items()}


def _median(ordered: Sequence[Fraction]) -> Fraction:
    size = len(ordered)
    return (ordered[(size - 1) // 2] + ordered[size // 2]) / 2


def results(task: MoneyTask) -> Results:
    """The results of a task's projects under its rules."""
    rules = task.rules.retroactive
    tested = as_written(rules.means_test)
    rows: dict[str, list[Outcome]] = {}
    for outcome in task.inputs.outcomes:
        if outcome.project in task.index:
            rows.setdefault(outcome.project, []).append(outcome)
    worths = median_worth(row for own in rows.values() if len(own) >= rules.judges for row in own)
    nothing = Fraction(0)
    return Results(
        tuple(worths.get(project, nothing) for project in task.ids),
        tuple(
            rows[project][0].paid + tested * rows[project][0].earned if project in rows else nothing
            for project in task.ids
        ),
        tuple(len(rows.get(project, ())) for project in task.ids),
    )
