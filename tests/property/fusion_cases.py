"""Small simulated rounds for the tests of fusion: every kind of answer, a few lists, and ways to say the same again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from daccord.fusion import draw_log_values, fuse, publish
from daccord.judging import Comparisons, Judge, Judgments, ModelList, Panel, Rankings, Ratings, Skips
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project
from daccord.round import Budget, Criterion, Goal, RatingScale, Round, Rules, Threshold

__all__ = [
    "BENEFIT",
    "HARM",
    "apart",
    "listed",
    "make_round",
    "noisy_list",
    "published",
    "renamed",
    "reordered",
    "scores_of",
    "swapped",
    "truth",
    "with_judge",
    "with_judgments",
    "with_list",
    "without_judge",
]

BENEFIT = Criterion("benefit", "Which does more good?", RatingScale(0, 10), Threshold("relative", 0.7))
HARM = Criterion("harm", "How much harm could it do?", RatingScale(0, 10), Threshold("rating", 7))


def truth(seed: int, projects: int, spread: float = 1.0) -> np.ndarray:
    """Log-values the answers of a simulated round are told from, natural log."""
    return np.random.default_rng([seed, 1]).normal(0, spread, projects)


def _answers(seed: int, values: np.ndarray, jurors: int, comparisons: int, ratings: int, orders: float) -> Judgments:
    rng = np.random.default_rng([seed, 2])
    size = len(values)
    stretch, offset = rng.normal(0, 0.2, jurors), rng.normal(0, 0.3, jurors)
    judge = np.arange(comparisons) % jurors
    a = rng.integers(0, size, comparisons)
    b = (a + rng.integers(1, size, comparisons)) % size
    told = np.exp(stretch[judge]) * (values[a] - values[b]) + 0.4 * rng.standard_t(4, comparisons)
    outcome = np.where(np.abs(told) < 0.1, 0, np.sign(told)).astype(np.int64)
    ratio = np.where(rng.random(comparisons) < orders, np.nan, np.where(outcome == 0, 0.0, told))
    rater, project = np.arange(ratings) % jurors, rng.integers(0, size, ratings)
    seen = np.exp(stretch[rater]) * values[project] + offset[rater] + 0.5 * rng.standard_t(4, ratings)
    value = np.clip(np.round(5 + 1.6 * seen, 1), 0, 10)
    half = np.where(rng.random(ratings) < 0.4, rng.uniform(0.4, 1.5, ratings), np.nan)
    return Judgments(
        Comparisons(judge, a, b, outcome, ratio), Ratings(rater, project, value, value - half, value + half)
    )


def make_round(
    seed: int,
    *,
    projects: int = 7,
    jurors: int = 6,
    comparisons: int = 36,
    ratings: int = 18,
    orders: float = 0.4,
    lists: Mapping[str, np.ndarray] | None = None,
    families: Mapping[str, str] | None = None,
    harm: bool = False,
    rules: Rules | None = None,
) -> Round:
    """A simulated round.

    Args:
        seed: Of everything random.
        projects: Number of projects, `p0`, `p1`, ….
        jurors: Number of jurors, `j0`, `j1`, …, in two communities.
        comparisons: Comparisons of benefit.
        ratings: Ratings of benefit, some with an interval.
        orders: Share of comparisons without a ratio.
        lists: Model → log-values.
        families: Model → family.
        harm: Whether harm is asked too, by ratings.
        rules: The round's; defaults otherwise.
    """
    values = truth(seed, projects)
    people = [Judge(f"j{i}", "person", community="north" if i % 2 else "south") for i in range(jurors)]
    models = [Judge(name, "model", family=(families or {}).get(name, "")) for name in lists or {}]
    portfolio = Portfolio(tuple(Project(f"p{i}", f"Project {i}", team=f"t{i % 3}") for i in range(projects)))
    heard = tuple(listed(name, portfolio.ids, vector) for name, vector in (lists or {}).items())
    judgments = {"benefit": replace(_answers(seed, values, jurors, comparisons, ratings, orders), lists=heard)}
    if harm:
        judgments["harm"] = _answers(seed + 1000, truth(seed + 1000, projects), jurors, 0, 4 * projects, 0.0)
    return Round(
        name="simulated",
        goal=Goal("simulated", "nobody"),
        budget=Budget(1_000_003, Currency("EUR", 2)),
        criteria=(BENEFIT, HARM) if harm else (BENEFIT,),
        portfolio=portfolio,
        panel=Panel((*people, *models)),
        judgments=judgments,
        rules=Rules() if rules is None else rules,
        seed=seed,
        simulated=True,
    )


def listed(model: str, ids: Sequence[str], log_values: np.ndarray) -> ModelList:
    """A model's list from log-values."""
    return ModelList(model, {identifier: float(np.exp(v)) for identifier, v in zip(ids, log_values, strict=True)})


def noisy_list(seed: int, values: np.ndarray, noise: float) -> np.ndarray:
    """Log-values that resemble others; with infinite noise, that have nothing to do with them."""
    wrong = np.random.default_rng([seed, 3]).normal(0, 1, len(values))
    return wrong if np.isinf(noise) else values + noise * wrong


def published(scores) -> dict[str, tuple]:
    """Everything published, by project id, in a form that can be compared."""
    return {
        score.project: (
            score.share,
            score.share_low,
            score.share_high,
            {
                name: (c.mean, c.sd, c.above, dict(c.communities), c.judgments, c.jurors)
                for name, c in score.criteria.items()
            },
        )
        for score in scores
    }


def scores_of(round_: Round) -> dict[str, tuple]:
    """What would be published of a round, by project id."""
    beliefs, ids = fuse(round_), round_.portfolio.ids
    return published(publish(beliefs, ids, draw_log_values(beliefs["benefit"], ids, round_.seed)))


def apart(one: dict[str, tuple], other: dict[str, tuple]) -> int:
    """Largest difference between two publications, in published units; their words must agree."""
    assert one.keys() == other.keys()
    largest = 0
    for project, said in one.items():
        ours, theirs = _numbers(said), _numbers(other[project])
        assert ours.keys() == theirs.keys()
        largest = max(largest, *(abs(ours[key] - theirs[key]) for key in ours))
    return largest


def _numbers(said: tuple) -> dict[str, int]:
    found = dict(zip(("share", "share_low", "share_high"), said[:3], strict=True))
    for name, (mean, sd, above, communities, judgments, jurors) in said[3].items():
        found |= {f"{name}.mean": mean, f"{name}.sd": sd, f"{name}.judgments": judgments, f"{name}.jurors": jurors}
        found |= {} if above is None else {f"{name}.above": above}
        found |= {f"{name}.{community}": value for community, value in communities.items()}
    return found


def with_judgments(round_: Round, change) -> Round:
    """The round with every criterion's judgments changed by a function."""
    return replace(round_, judgments={name: change(said) for name, said in round_.judgments.items()})


def _moved(said: Judgments, judge_at: np.ndarray, project_at: np.ndarray) -> Judgments:
    c, r, ranked, open_ = said.comparisons, said.ratings, said.rankings, said.skips
    second = np.where(open_.b < 0, -1, project_at[open_.b])
    return replace(
        said,
        comparisons=Comparisons(
            judge_at[c.judge], project_at[c.a], project_at[c.b], c.outcome, c.log_ratio, c.revealed
        ),
        ratings=Ratings(judge_at[r.judge], project_at[r.project], r.value, r.low, r.high, r.revealed),
        rankings=Rankings(judge_at[ranked.judge], ranked.start, ranked.placed, project_at[ranked.project]),
        skips=Skips(judge_at[open_.judge], project_at[open_.a], second),
    )


def reordered(round_: Round, seed: int, *, rows: bool = True, projects: bool = True, judges: bool = True) -> Round:
    """The same round with its files' rows in another order."""
    rng = np.random.default_rng([seed, 4])
    project_order, judge_order = np.arange(len(round_.portfolio)), np.arange(len(round_.panel))
    if projects:
        rng.shuffle(project_order)
    if judges:
        rng.shuffle(judge_order)

    def change(said: Judgments) -> Judgments:
        said = _moved(said, np.argsort(judge_order), np.argsort(project_order))
        if not rows:
            return said
        lists = list(said.lists)
        rng.shuffle(lists)  # type: ignore[arg-type]
        return replace(
            said,
            comparisons=said.comparisons.take(rng.permutation(len(said.comparisons))),
            ratings=said.ratings.take(rng.permutation(len(said.ratings))),
            rankings=said.rankings.take(rng.permutation(len(said.rankings))),
            skips=said.skips.take(rng.permutation(len(said.skips))),
            lists=tuple(lists),
        )

    return replace(
        with_judgments(round_, change),
        portfolio=replace(round_.portfolio, projects=tuple(round_.portfolio.projects[i] for i in project_order)),
        panel=Panel(tuple(round_.panel.judges[i] for i in judge_order)),
    )


def swapped(round_: Round, seed: int) -> Round:
    """The same round with the sides of about half of the comparisons exchanged."""
    rng = np.random.default_rng([seed, 5])

    def change(said: Judgments) -> Judgments:
        c = said.comparisons
        swap = rng.random(len(c)) < 0.5
        return replace(
            said,
            comparisons=Comparisons(
                c.judge,
                np.where(swap, c.b, c.a),
                np.where(swap, c.a, c.b),
                np.where(swap, -c.outcome, c.outcome),
                np.where(swap, -c.log_ratio, c.log_ratio),
                c.revealed,
            ),
        )

    return with_judgments(round_, change)


def renamed(round_: Round, projects: Mapping[str, str], judges: Mapping[str, str]) -> Round:
    """The same round with other ids; what is not named keeps its id."""

    def change(said: Judgments) -> Judgments:
        lists = tuple(
            ModelList(judges.get(entry.model, entry.model), {projects.get(k, k): w for k, w in entry.weights.items()})
            for entry in said.lists
        )
        return replace(said, lists=lists)

    return replace(
        with_judgments(round_, change),
        portfolio=Portfolio(tuple(replace(p, id=projects.get(p.id, p.id)) for p in round_.portfolio)),
        panel=Panel(tuple(replace(judge, id=judges.get(judge.id, judge.id)) for judge in round_.panel)),
    )


def with_judge(round_: Round, judge: Judge) -> Round:
    """The round with one more judge, who says nothing yet."""
    return replace(round_, panel=Panel((*round_.panel, judge)))


def with_list(round_: Round, model: str, log_values: np.ndarray, **judge: str) -> Round:
    """The round with one more model and its list of benefit."""
    said = round_.judgments["benefit"]
    entry = listed(model, round_.portfolio.ids, log_values)
    grown = replace(said, lists=(*said.lists, entry))
    wider = with_judge(round_, Judge(model, "model", **judge))  # type: ignore[arg-type]
    return replace(wider, judgments={**round_.judgments, "benefit": grown})


def without_judge(round_: Round, judge: str) -> Round:
    """The round with nothing said by one judge, who stays in the panel."""
    at = round_.panel.index[judge]

    def change(said: Judgments) -> Judgments:
        return Judgments(
            said.comparisons.take(said.comparisons.judge != at),
            said.ratings.take(said.ratings.judge != at),
            tuple(entry for entry in said.lists if entry.model != judge),
        )

    return with_judgments(round_, change)
