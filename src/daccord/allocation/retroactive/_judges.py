"""What later results say about earlier judges: who saw who would be ahead?

Model. Two projects i and j with worths w_i ≠ w_j are one question, "who is ahead", that an earlier answer foretold.
An answer "a is r times b" gives a the probability r / (1 + r) of being ahead, and so do two weights of a model's list;
an order alone gives no probability. Of each judge:

* agreement: (right − wrong) / answers, from −1 to 1, 0 for a coin; a tie is neither. Kendall's tau on the pairs judged.
* Brier score: mean of (p − 1 if ahead else 0)²; a coin has 0.25, lower is better.
* log loss: mean of −ln of the probability given to what came true; a coin has 0.693, lower is better.

Pairs share projects, so errors are over projects: delete-one-project jackknife, with the mean M_(k) of the answers that
do not touch project k,

    se² = (P − 1)/P · Σ_k (M_(k) − mean)²

which is the error if all answers hang on how the projects were seen, and up to √2 times too large if every answer
stands for itself.

Assumptions: the projects with results stand for those without; the worth is the truth. Harm is never scored: answers on
it stay hidden. Answers on a project to which a judge has declared a tie are left out.

Source: G. W. Brier (1950); M. G. Kendall (1938); B. Efron and C. Stein, The jackknife estimate of variance (1981).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from daccord.allocation.retroactive._worth import median_worth
from daccord.errors import InputError
from daccord.judging import Judge, Judgments, Outcome, Rankings
from daccord.round import HARMS, Round

__all__ = ["LEAST_ANSWERS", "LEAST_PROJECTS", "JudgeRecord", "Measured", "judge_records"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LEAST_ANSWERS: Final = 10
"""Answers that a judge needs for a number; with fewer the judge is unrated."""

LEAST_PROJECTS: Final = 5
"""Different projects that these answers must be about."""


@dataclass(frozen=True)
class Measured:
    """A mean over answers and its standard error over projects."""

    value: float
    error: float


@dataclass(frozen=True)
class JudgeRecord:
    """How a judge's earlier answers fared.

    Attributes:
        judge: Id, a pseudonym.
        kind: `person` or `model`.
        answers: Answers about two projects whose results differ.
        projects: Different projects in them.
        forecasts: Those of the answers that gave a probability.
        agreement: None for an unrated judge.
        brier: None for one whose forecasts are too few.
        log_loss: Likewise.
    """

    judge: str
    kind: Literal["person", "model"]
    answers: int
    projects: int
    forecasts: int
    agreement: Measured | None = None
    brier: Measured | None = None
    log_loss: Measured | None = None

    @property
    def rated(self) -> bool:
        """False if the judge answered too little for a number."""
        return self.agreement is not None


@dataclass(frozen=True, eq=False)
class _Answers:
    """Answers on pairs, arrays of shape (n,).

    Attributes:
        a: Position of the first project.
        b: Position of the second.
        sign: 1 if a was said to be ahead, −1 if b, 0 for a tie.
        log_ratio: ln of how many times a is more than b; NaN where only an order was given.
    """

    a: IntArray
    b: IntArray
    sign: IntArray
    log_ratio: FloatArray

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, int, float]]) -> _Answers:
        table = np.array(rows, dtype=np.float64).reshape(-1, 4)
        whole = table[:, :3].astype(np.int64)
        return cls(whole[:, 0], whole[:, 1], whole[:, 2], table[:, 3])


def judge_records(round_: Round, outcomes: Iterable[Outcome], criterion: str = "benefit") -> tuple[JudgeRecord, ...]:
    """Score the judges of an earlier round by what came of its projects.

    Args:
        round_: The earlier round.
        outcomes: Results of its projects; the worth of a project is the median over those who judged it.
        criterion: What the judges were asked; never harm.

    Returns:
        One for every judge of the panel, rated ones first, best agreement first.

    Raises:
        InputError: The criterion is harm or was not asked, no project of the round has a result, or a result names an
            unknown project.
    """
    if criterion in HARMS:
        remedy = "choose another criterion: what a person said about harm is never shown, nor what follows from it"
        raise InputError.single("--criterion", "answers on harm are not scored", remedy=remedy)
    said = round_.judgments.get(criterion)
    if said is None:
        raise InputError.single("--criterion", f"the round does not ask `{criterion}`", remedy="choose one it asks")
    index = round_.portfolio.index
    worth = median_worth(outcomes)
    if strange := sorted(set(worth) - set(index)):
        raise InputError.single("outcomes", f"no project has the id `{strange[0]}`", remedy="correct the id")
    if not worth:
        raise InputError.single("outcomes", "no project has a result", remedy="add at least two")
    rank = {value: place for place, value in enumerate(sorted(set(worth.values())))}
    ranks = np.full(len(round_.portfolio), -1, dtype=np.int64)
    for project, value in worth.items():
        ranks[index[project]] = rank[value]
    rows: list[list[tuple[int, int, int, float]]] = [[] for _ in round_.panel]
    known = np.flatnonzero(ranks >= 0).tolist()
    for seat, row in _pairs(round_, said, frozenset(known)):
        rows[seat].append(row)
    records = []
    for judge, own in zip(round_.panel, rows, strict=True):
        tied = _tied(round_, judge)
        records.append(_record(judge, _Answers.of([row for row in own if tied.isdisjoint(row[:2])]), ranks))
    return tuple(
        sorted(records, key=lambda record: (-record.agreement.value if record.agreement else 2.0, record.judge))
    )


def _tied(round_: Round, judge: Judge) -> frozenset[int]:
    """Projects to which the judge has declared a tie."""
    ties = set(judge.conflicts)
    return frozenset(
        place for place, project in enumerate(round_.portfolio) if project.id in ties or (project.team in ties)
    )


def _pairs(round_: Round, said: Judgments, known: frozenset[int]) -> Iterator[tuple[int, tuple[int, int, int, float]]]:
    """Judge and answer for every pair of projects with results that an answer orders."""
    compared = said.comparisons
    for judge, a, b, outcome, log_ratio in zip(
        compared.judge.tolist(),
        compared.a.tolist(),
        compared.b.tolist(),
        compared.outcome.tolist(),
        compared.log_ratio.tolist(),
        strict=True,
    ):
        if a in known and b in known:
            yield judge, (a, b, outcome, log_ratio)
    yield from _by_ratings(said, known)
    yield from _by_rankings(said.rankings, known)
    for given in said.lists:
        place = round_.panel.index[given.model]
        logs = {round_.portfolio.index[project]: float(np.log(weight)) for project, weight in given.weights.items()}
        for a, b in combinations(sorted(known & logs.keys()), 2):
            difference = logs[a] - logs[b]
            yield place, (a, b, int(np.sign(difference)), difference)


def _by_ratings(said: Judgments, known: frozenset[int]) -> Iterator[tuple[int, tuple[int, int, int, float]]]:
    """Pairs of one judge's ratings; a scale says who is ahead, not how likely."""
    rated: dict[int, list[tuple[int, float]]] = {}
    ratings = said.ratings
    for judge, project, value in zip(
        ratings.judge.tolist(), ratings.project.tolist(), ratings.value.tolist(), strict=True
    ):
        if project in known:
            rated.setdefault(judge, []).append((project, value))
    for judge, own in rated.items():
        for (a, first), (b, second) in combinations(own, 2):
            if a != b:
                yield judge, (a, b, (first > second) - (first < second), np.nan)


def _by_rankings(rankings: Rankings, known: frozenset[int]) -> Iterator[tuple[int, tuple[int, int, int, float]]]:
    """Pairs of one ranking; of two projects below all places nothing is known."""
    for k in range(len(rankings)):
        projects = rankings.project[rankings.start[k] : rankings.start[k + 1]].tolist()
        for first, a in enumerate(projects[: rankings.placed[k]]):
            for b in projects[first + 1 :]:
                if a in known and b in known:
                    yield int(rankings.judge[k]), (a, b, 1, np.nan)


def _record(judge: Judge, answers: _Answers, ranks: IntArray) -> JudgeRecord:
    truth = np.sign(ranks[answers.a] - ranks[answers.b])
    ahead = truth != 0
    a, b, sign, log_ratio = answers.a[ahead], answers.b[ahead], answers.sign[ahead], answers.log_ratio[ahead]
    truth = truth[ahead]
    stated = ~np.isnan(log_ratio)
    # ln(1 + e^-x) for the log-ratio x in favour of what came true; 1 - p and so the Brier score follow from it.
    surprise = np.logaddexp(0.0, -(truth * log_ratio)[stated])
    return JudgeRecord(
        judge=judge.id,
        kind=judge.kind,
        answers=len(a),
        projects=len(np.unique(np.concatenate([a, b]))),
        forecasts=int(stated.sum()),
        agreement=_measured((sign * truth).astype(np.float64), a, b),
        brier=_measured(np.expm1(-surprise) ** 2, a[stated], b[stated]),
        log_loss=_measured(surprise, a[stated], b[stated]),
    )


def _measured(values: FloatArray, a: IntArray, b: IntArray) -> Measured | None:
    """Mean and jackknife error over projects; None where the answers are too few, or all touch one project."""
    projects, places = np.unique(np.concatenate([a, b]), return_inverse=True)
    if len(values) < LEAST_ANSWERS or len(projects) < LEAST_PROJECTS:
        return None
    both = np.concatenate([values, values])
    count = len(values) - np.bincount(places)
    if np.any(count == 0):
        return None
    without = (values.sum() - np.bincount(places, weights=both)) / count
    size = len(projects)
    error = np.sqrt((size - 1) / size * np.sum((without - without.mean()) ** 2))
    return Measured(float(values.mean()), float(error))
