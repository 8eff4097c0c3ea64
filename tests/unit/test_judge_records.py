"""Earlier judges scored by later results."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from daccord.allocation import JudgeRecord, judge_records
from daccord.allocation.retroactive import LEAST_ANSWERS
from daccord.errors import InputError
from daccord.judging import Comparisons, Judge, Judgments, ModelList, Outcome, Panel, Rankings, Ratings
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project
from daccord.round import HARMS, Budget, Criterion, Goal, Round

LN3 = math.log(3)


def make_round(
    judges: list[Judge],
    compared: list[tuple[int, int, int, float]] = (),
    *,
    size: int = 6,
    ratings: Ratings | None = None,
    rankings: Rankings | None = None,
    lists: tuple[ModelList, ...] = (),
    team: str = "",
) -> Round:
    """A round in which `compared` says judge, a, b, and ln of how many times a is more than b."""
    columns = list(zip(*compared, strict=True)) if compared else [(), (), (), ()]
    logs = np.array(columns[3], dtype=float)
    comparisons = Comparisons(columns[0], columns[1], columns[2], np.sign(logs), logs)
    said = Judgments(comparisons, ratings or Ratings.empty(), lists, rankings or Rankings.empty())
    projects = tuple(Project(f"p{i}", f"P{i}", team=team if i == 0 else "") for i in range(size))
    return Round(
        "r",
        Goal("g", "us"),
        Budget(1, Currency("EUR", 2)),
        (Criterion("benefit", "?"), Criterion("harm", "?")),
        Portfolio(projects),
        Panel(tuple(judges)),
        {"benefit": said, "harm": said},
    )


def outcomes(*worth: int) -> tuple[Outcome, ...]:
    return tuple(Outcome(f"p{i}", Fraction(value)) for i, value in enumerate(worth))


def every_pair(judge: int, log_ratio: float, size: int = 6) -> list[tuple[int, int, int, float]]:
    """The judge says of every pair that the later project is ahead."""
    return [(judge, b, a, log_ratio) for a, b in combinations(range(size), 2)]


def one(round_: Round, judge: str, results: tuple[Outcome, ...]) -> JudgeRecord:
    return next(record for record in judge_records(round_, results) if record.judge == judge)


def test_a_judge_who_is_always_right_has_the_scores_of_what_was_said():
    record = one(make_round([Judge("j", "person")], every_pair(0, LN3)), "j", outcomes(1, 2, 3, 4, 5, 6))
    assert (record.answers, record.projects, record.forecasts) == (15, 6, 15)
    assert record.agreement.value == 1
    assert record.agreement.error == 0
    assert record.brier.value == pytest.approx(1 / 16)
    assert record.log_loss.value == pytest.approx(-math.log(3 / 4))


def test_a_judge_who_is_always_wrong():
    record = one(make_round([Judge("j", "person")], every_pair(0, LN3)), "j", outcomes(6, 5, 4, 3, 2, 1))
    assert record.agreement.value == -1
    assert record.brier.value == pytest.approx(9 / 16)
    assert record.log_loss.value == pytest.approx(math.log(4))


def test_pairs_with_equal_results_are_no_question():
    record = one(make_round([Judge("j", "person")], every_pair(0, LN3)), "j", outcomes(1, 1, 2, 3, 4, 5))
    assert record.answers == 14


def test_few_answers_and_answers_about_one_project_are_unrated():
    few = every_pair(0, LN3)[: LEAST_ANSWERS - 1]
    star = [(1, 0, b, LN3) for b in range(1, 6)] * 2
    round_ = make_round([Judge("few", "person"), Judge("star", "person")], few + star)
    for record in judge_records(round_, outcomes(1, 2, 3, 4, 5, 6)):
        assert not record.rated
        assert (record.agreement, record.brier, record.log_loss) == (None, None, None)


def test_ratings_and_rankings_order_and_give_no_probability():
    nan = np.full(6, np.nan)
    ratings = Ratings(np.zeros(6, int), np.arange(6), np.arange(6.0), nan, nan)
    rankings = Rankings([1], [0, 6], [4], [5, 4, 3, 2, 1, 0])
    round_ = make_round([Judge("a", "person"), Judge("b", "person")], ratings=ratings, rankings=rankings)
    results = outcomes(1, 2, 3, 4, 5, 6)
    rated, ranked = one(round_, "a", results), one(round_, "b", results)
    assert (rated.answers, rated.forecasts, rated.agreement.value, rated.brier) == (15, 0, 1, None)
    assert (ranked.answers, ranked.agreement.value) == (14, 1)  # the last two have no order


def test_a_models_list_is_a_forecast_of_every_pair():
    weights = {f"p{i}": 2.0**i for i in range(6)}
    round_ = make_round([Judge("m", "model")], lists=(ModelList("m", weights),))
    record = one(round_, "m", outcomes(1, 2, 3, 4, 5, 6))
    chances = [2.0 ** (b - a) / (1 + 2.0 ** (b - a)) for a, b in combinations(range(6), 2)]
    assert record.forecasts == 15
    assert record.brier.value == pytest.approx(np.mean([(1 - p) ** 2 for p in chances]))


def test_answers_on_a_project_with_a_declared_tie_are_left_out():
    judges = [Judge("id", "person", conflicts=("p0",)), Judge("team", "person", conflicts=("t",))]
    round_ = make_round(judges, every_pair(0, LN3) + every_pair(1, LN3), team="t")
    assert [record.answers for record in judge_records(round_, outcomes(1, 2, 3, 4, 5, 6))] == [10, 10]


def test_the_worth_is_the_median_of_those_who_judged():
    three = [Outcome("p0", Fraction(value), f"j{value}") for value in (1, 2, 99)]
    round_ = make_round([Judge("j", "person")], every_pair(0, LN3))
    assert judge_records(round_, [*three, *outcomes(0, 3, 4, 5, 6, 7)[1:]])[0].agreement.value == 1


@pytest.mark.parametrize("criterion", [*HARMS, "need"])
def test_harm_is_never_scored_and_neither_is_what_nobody_asked(criterion):
    round_ = make_round([Judge("j", "person")], every_pair(0, LN3))
    expected = "harm are not scored" if criterion in HARMS else "does not ask"
    with pytest.raises(InputError, match=expected):
        judge_records(round_, outcomes(1, 2, 3, 4, 5, 6), criterion)


def test_results_of_unknown_projects_or_none_are_refused():
    round_ = make_round([Judge("j", "person")], every_pair(0, LN3))
    with pytest.raises(InputError, match="no project has the id"):
        judge_records(round_, [Outcome("zzz", Fraction(1))])
    with pytest.raises(InputError, match="no project has a result"):
        judge_records(round_, [])


def test_the_error_is_the_jackknife_over_projects():
    rng = np.random.default_rng(1)
    compared = [(0, b, a, rng.normal()) for a, b in combinations(range(7), 2)]
    record = one(make_round([Judge("j", "person")], compared, size=7), "j", outcomes(1, 2, 3, 4, 5, 6, 7))

    def agreement(rows: list[tuple[int, int, int, float]]) -> float:
        return float(np.mean([np.sign(log) for _, _, _, log in rows]))

    without = [agreement([row for row in compared if k not in row[1:3]]) for k in range(7)]
    slow = math.sqrt(6 / 7 * sum((value - np.mean(without)) ** 2 for value in without))
    assert record.agreement.value == pytest.approx(agreement(compared))
    assert record.agreement.error == pytest.approx(slow)


def test_who_is_better_informed_scores_better():
    """Simulated: twelve jurors see the log-worth of 30 projects with noise from 0.1 to 4, and compare 60 pairs each."""
    rng = np.random.default_rng(7)
    worth = rng.normal(0, 1, 30)
    noises = np.geomspace(0.1, 4, 12)
    compared = []
    for judge, noise in enumerate(noises):
        seen = worth + rng.normal(0, noise, 30)
        skill = 1 / (1 + noise**2)  # says what it believes: the posterior mean of the difference
        for _ in range(60):
            a, b = rng.choice(30, 2, replace=False)
            compared.append((judge, int(a), int(b), skill * (seen[a] - seen[b])))
    round_ = make_round([Judge(f"j{i:02d}", "person") for i in range(12)], compared, size=30)
    results = tuple(Outcome(f"p{i}", Fraction(float(np.exp(value)))) for i, value in enumerate(worth))
    records = {record.judge: record for record in judge_records(round_, results)}
    by_noise = [records[f"j{i:02d}"] for i in range(12)]
    agreement = [record.agreement.value for record in by_noise]
    assert np.corrcoef(np.argsort(np.argsort(agreement)), np.arange(12))[0, 1] < -0.8
    assert np.mean([record.brier.value for record in by_noise[:4]]) < np.mean(
        [record.brier.value for record in by_noise[-4:]]
    )
    best, worst = by_noise[0], by_noise[-1]
    assert best.agreement.value - worst.agreement.value > 1.5 * math.hypot(best.agreement.error, worst.agreement.error)


def test_the_error_covers_what_other_projects_would_have_shown():
    """Simulated: 300 times 20 new projects; the stated error is the spread of the agreement, or a little more."""
    rng = np.random.default_rng(3)
    agreements, errors = [], []
    for _ in range(300):
        worth = rng.normal(0, 1, 20)
        seen = worth + rng.normal(0, 1, 20)
        pairs = [rng.choice(20, 2, replace=False) for _ in range(40)]
        compared = [(0, int(a), int(b), seen[a] - seen[b]) for a, b in pairs]
        results = tuple(Outcome(f"p{i}", Fraction(float(np.exp(value)))) for i, value in enumerate(worth))
        record = judge_records(make_round([Judge("j", "person")], compared, size=20), results)[0]
        agreements.append(record.agreement.value)
        errors.append(record.agreement.error)
    assert 1.0 < np.mean(errors) / np.std(agreements) < 1.6
