"""Small simulated rounds whose harm votes can all be enumerated, and what an outsider can tell from results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from daccord.judging import Comparisons, Judge, Judgments, Panel, Ratings
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project
from daccord.round import (
    Budget,
    Criterion,
    Goal,
    HarmRules,
    MoneyRules,
    RatingScale,
    Round,
    Rules,
    Threshold,
)

__all__ = ["HIGH", "LOW", "pinned", "round_of"]

LOW, HIGH = 2.0, 9.0
"""Ratings of harm below and above the limit, which is 6."""

_SCALE = RatingScale(0, 10)
_DAY = 86_400_000_000


def round_of(votes: Sequence[float], *, group: int = 3, fusion: str = "median", people: int = 0) -> Round:
    """A round in which jurors rated the harm of one project one after another, a day apart.

    Everything else is the same for all votes: benefit, and the harm of two other projects, which everybody judged on
    the day before.

    Args:
        votes: Ratings of the first project's harm; the k-th juror gave the k-th.
        group: Least number of people heard together.
        fusion: Fusion rule.
        people: Jurors in the round; as many as votes if that is more.
    """
    n = max(people, len(votes))
    benefit = [(j, p, 6.0 + p + 0.1 * ((3 * j + p) % 4)) for j in range(n) for p in range(3)]
    harm = [(j, p, 1.0 + 2 * p + 0.5 * (j % 2)) for j in range(n) for p in (1, 2)]
    given = [0] * len(harm) + [(1 + k) * _DAY for k in range(len(votes))]
    harm += [(k, 0, float(vote)) for k, vote in enumerate(votes)]
    return Round(
        name="Harm votes (simulated)",
        goal=Goal("Fund what helps", "the assembly", "2026-01-01"),
        budget=Budget(1_000_000, Currency("USD", 2)),
        criteria=(
            Criterion("benefit", "How much would it help?", _SCALE, Threshold("rating", 5)),
            Criterion("harm", "How much harm could it do?", _SCALE, Threshold("rating", 6)),
        ),
        portfolio=Portfolio(tuple(Project(f"p{i}", f"Project {i}", text="Simulated.") for i in range(3))),
        panel=Panel(tuple(Judge(f"juror-{k}", "person") for k in range(n))),
        judgments={
            "benefit": Judgments(Comparisons.empty(), _ratings(benefit)),
            "harm": Judgments(Comparisons.empty(), replace(_ratings(harm), given=np.array(given))),
        },
        rules=Rules(fusion=fusion, harm=HarmRules(min_group=group), money=MoneyRules(harm_budget=0.3)),
        seed=7,
        simulated=True,
    )


def _ratings(rows: Sequence[tuple[int, int, float]]) -> Ratings:
    judge, project, value = (np.array(column) for column in zip(*rows, strict=True))
    nothing = np.full(len(rows), np.nan)
    return Ratings(judge, project, value, nothing, nothing)


def pinned(seen: Mapping[tuple[float, ...], Hashable], limit: float = 6.0) -> set[tuple[tuple[float, ...], int]]:
    """Whose side somebody who sees results can tell: pairs of a profile of votes and a juror.

    Args:
        seen: For every profile of votes that there can be, all that is published.
        limit: Votes above it are one side, the others the other.
    """
    alike: dict[Hashable, list[tuple[float, ...]]] = defaultdict(list)
    for votes, published in seen.items():
        alike[published].append(votes)
    return {
        (votes, juror)
        for profiles in alike.values()
        for votes in profiles
        for juror in range(len(votes))
        if len({other[juror] > limit for other in profiles}) == 1
    }
