"""Scoring every method on held-out people: what is asked, how it is foreseen, and what is said about models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import t as student
from tests.property.fusion_cases import make_round, noisy_list, truth

from daccord.errors import InputError
from daccord.fusion import FUSION_RULES, HeldOutReport, held_out_scores, score_methods
from daccord.fusion._fuse import task_of
from daccord.fusion._metrics import clustered_error, expected_soft_target, soft_target
from daccord.fusion._task import FusionTask
from daccord.fusion.checks._held_out_methods import Measure, MethodLosses, lead_of
from daccord.fusion.checks._held_out_predictions import MEASURES, Foretold, by_rule, by_vector, losses
from daccord.fusion.checks._held_out_questions import ORDER, RANKED, RATED, RATIO, questions_of
from daccord.judging import Comparisons, Judge, Judgments, Panel, Rankings, Ratings
from daccord.round import Round

QUICK = ("hierarchical", "least-squares")


def task_in(round_: Round) -> FusionTask:
    return task_of(round_, round_.criteria[0])[0]


def orders_only(round_: Round) -> Round:
    """The same round with every ratio told as an order."""
    said = round_.judgments["benefit"]
    c = said.comparisons
    told = Comparisons(c.judge, c.a, c.b, c.outcome, np.full(len(c), np.nan))
    return replace(round_, judgments={"benefit": replace(said, comparisons=told, ratings=Ratings.empty())})


def ratings_only(round_: Round) -> Round:
    said = round_.judgments["benefit"]
    return replace(round_, judgments={"benefit": replace(said, comparisons=Comparisons.empty())})


def score(report: HeldOutReport, name: str, kind: str = "rule"):
    return next(method for method in report.methods if (method.name, method.kind) == (name, kind))


# --- what is asked ----------------------------------------------------------------------------------------------------


def small(comparisons: Comparisons, ratings: Ratings, rankings: Rankings, jurors: int = 6) -> FusionTask:
    panel = Panel((*(Judge(f"j{i}", "person") for i in range(jurors)), Judge("m", "model")))
    said = Judgments(comparisons, ratings, (), rankings)
    return replace(task_in(make_round(1)), panel=panel, judgments=said, projects=("a", "b", "c", "d"), registered=())


def test_every_kind_of_answer_becomes_questions_about_pairs():
    ratio = np.array([np.log(3.0), np.nan, np.nan])
    comparisons = Comparisons(
        np.array([0, 1, 2]), np.array([0, 1, 2]), np.array([1, 2, 3]), np.array([1, -1, 0]), ratio
    )
    none = np.full(5, np.nan)
    ratings = Ratings(np.array([3, 3, 3, 4, 4]), np.array([0, 1, 2, 0, 3]), np.array([9.0, 5, 5, 2, 7]), none, none)
    rankings = Rankings(np.array([5]), np.array([0, 4]), np.array([2]), np.array([3, 1, 0, 2]))
    asked = questions_of(small(comparisons, ratings, rankings))
    assert asked.by_juror
    found = {
        (int(k), int(j), int(a), int(b)): (float(p), float(w))
        for k, j, a, b, p, w in zip(asked.kind, asked.judge, asked.a, asked.b, asked.target, asked.weight, strict=True)
    }
    assert found == {
        (RATIO, 0, 0, 1): (pytest.approx(0.75), 1.0),
        (ORDER, 1, 1, 2): (0.0, 1.0),
        (ORDER, 2, 2, 3): (0.5, 1.0),
        (RATED, 3, 0, 1): (1.0, 0.5),
        (RATED, 3, 0, 2): (1.0, 0.5),
        (RATED, 3, 1, 2): (0.5, 0.5),
        (RATED, 4, 0, 3): (0.0, 1.0),
        # the first two of four are in order; the others stand below both
        (RANKED, 5, 3, 1): (1.0, 1 / 3),
        (RANKED, 5, 3, 0): (1.0, 1 / 3),
        (RANKED, 5, 3, 2): (1.0, 1 / 3),
        (RANKED, 5, 1, 0): (1.0, 1 / 3),
        (RANKED, 5, 1, 2): (1.0, 1 / 3),
    }
    assert np.isnan(asked.log_ratio).sum() == len(asked) - 1


def test_models_are_not_asked():
    comparisons = Comparisons(np.array([6]), np.array([0]), np.array([1]), np.array([1]), np.array([1.0]))
    assert len(questions_of(small(comparisons, Ratings.empty(), Rankings.empty()))) == 0


def test_whole_jurors_are_held_out_with_everything_they_said():
    task = task_in(make_round(2, jurors=8))
    asked = questions_of(task)
    assert asked.by_juror
    fold = asked.folds(3, 0, 4)
    for k in range(4):
        held = np.flatnonzero(fold == k)
        rest = asked.without(held)
        gone = set(asked.judge[held].tolist())
        assert not gone & set(rest.comparisons.judge.tolist())
        assert not gone & set(rest.ratings.judge.tolist())
        assert len(rest.comparisons) == np.isin(task.comparisons.judge, list(gone), invert=True).sum()
    assert not np.array_equal(fold, asked.folds(3, 1, 4))
    assert not np.array_equal(fold, asked.folds(4, 0, 4))


def test_one_deal_is_no_shifted_copy_of_another():
    asked = questions_of(task_in(make_round(2, jurors=40, comparisons=200)))
    _, first = np.unique(asked.group, return_index=True)
    one, other = (asked.folds(0, repeat, 5)[first] for repeat in (0, 1))
    agreeing = [float(np.mean(one[k:] == other[: len(other) - k])) for k in range(12)]
    assert max(agreeing) < 0.6


def test_pairs_are_held_out_where_jurors_are_not_told_apart():
    task = task_in(make_round(3, jurors=2, comparisons=60))
    asked = questions_of(task)
    assert not asked.by_juror
    assert set(asked.kind.tolist()) <= {RATIO, ORDER}
    held = np.flatnonzero(asked.folds(0, 0, 5) == 0)
    rest = asked.without(held)
    pairs = {frozenset(pair) for pair in zip(asked.a[held].tolist(), asked.b[held].tolist(), strict=True)}
    left = {frozenset(pair) for pair in zip(rest.comparisons.a.tolist(), rest.comparisons.b.tolist(), strict=True)}
    assert not pairs & left
    assert len(rest.ratings) == len(task.ratings)  # they are not asked about, so they stay evidence


def test_without_models_nothing_of_them_is_left():
    values = truth(4, 7)
    task = task_in(make_round(4, lists={"m": noisy_list(1, values, 0.3)}))
    rest = questions_of(task).without(np.array([0]), models=False)
    assert rest.judgments.lists == ()
    assert len(rest.model_comparisons) == 0
    assert len(rest.comparisons) > 0


# --- how it is foreseen -----------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(st.floats(-6, 6), st.floats(0.05, 5))
def test_expected_soft_target_is_the_mean_over_the_t(centre, scale):
    exact = quad(lambda x: expit(centre + scale * x) * student.pdf(x, 4), -np.inf, np.inf, limit=200)[0]
    assert float(expected_soft_target(np.array(centre), np.array(scale))) == pytest.approx(exact, abs=1e-5)


def test_errors_count_jurors_and_not_answers():
    rng = np.random.default_rng(1)
    by_juror = rng.normal(size=30)
    group = np.repeat(np.arange(30), 10)
    assert clustered_error(np.repeat(by_juror, 10), group) == pytest.approx(by_juror.std(ddof=1) / np.sqrt(30))
    alone = rng.normal(size=40)
    assert clustered_error(alone, np.arange(40)) == pytest.approx(alone.std(ddof=1) / np.sqrt(40))
    assert np.isnan(clustered_error(alone, np.zeros(40, int)))
    heavy = np.where(np.arange(40) < 20, 1.0, 0.0)  # no weight is no answer
    assert clustered_error(alone, np.arange(40), heavy) == pytest.approx(clustered_error(alone[:20], np.arange(20)))


def test_a_sure_and_right_prediction_loses_little_and_a_sure_and_wrong_one_much():
    asked = questions_of(task_in(make_round(5, orders=0.5, ratings=0)))
    fold = asked.folds(0, 0, 3)
    right = np.where(asked.is_ratio, np.nan_to_num(asked.log_ratio), 8.0 * (asked.target - 0.5))

    def foretell(centre: np.ndarray) -> np.ndarray:
        told = [
            Foretold(held, np.ones(1), centre[held][None, :], np.zeros((1, len(held))), np.array([0.2]), np.zeros(1))
            for held in (np.flatnonzero(fold == k) for k in range(3))
        ]
        return losses(asked, told)

    good, bad = foretell(right), foretell(-right)
    at = {name: k for k, name in enumerate(MEASURES)}
    ratio = asked.is_ratio
    assert np.isnan(good[~ratio, : at["log_loss"]]).all()
    assert not np.isnan(good[:, at["log_loss"] :]).any()
    assert good[ratio, at["squared_error"]] == pytest.approx(0.0, abs=1e-20)
    assert (good[ratio, at["coverage"]] == 1).all()
    assert good[ratio, at["linear_error"]] == pytest.approx(0.0, abs=1e-12)
    decided = ~ratio & (asked.target != 0.5)
    assert (good[decided, at["brier"]] < 0.01).all()
    assert (bad[decided, at["brier"]] > 0.9).all()
    assert (good[:, at["log_density"]] >= bad[:, at["log_density"]])[ratio].all()


def test_what_is_held_out_does_not_change_what_is_foreseen_of_it():
    """Changing the answers of one fold changes no prediction about it, for a rule and for a stretched list."""
    round_ = make_round(6, orders=0.0, ratings=0, jurors=6)
    asked = questions_of(task_in(round_))
    fold = asked.folds(0, 0, 3)
    said = round_.judgments["benefit"]
    held = np.isin(said.comparisons.judge, np.unique(asked.judge[fold == 0]))
    c = said.comparisons
    ratio = np.where(held, 3.0 - c.log_ratio, c.log_ratio)
    other = replace(said, comparisons=Comparisons(c.judge, c.a, c.b, np.sign(ratio), ratio))
    changed = questions_of(task_in(replace(round_, judgments={"benefit": other})))

    def expected(some, rows: np.ndarray, told: list[Foretold]) -> dict[tuple[int, int, int], float]:
        part = told[0]
        assert np.array_equal(np.flatnonzero(rows == 0), part.held)
        return {
            (int(some.judge[k]), int(some.a[k]), int(some.b[k])): round(float(part.mean[i]), 9)
            for i, k in enumerate(part.held)
        }

    there = changed.folds(0, 0, 3)
    vector = truth(6, 7)
    rule = FUSION_RULES["least-squares"]
    assert expected(asked, fold, by_rule(asked, fold, rule)) == expected(changed, there, by_rule(changed, there, rule))
    one, two = (by_vector(some, rows, vector, stretched=True) for some, rows in ((asked, fold), (changed, there)))
    assert expected(asked, fold, one) == expected(changed, there, two)


def test_a_lead_is_a_mean_difference_with_the_error_of_its_jurors():
    asked = questions_of(task_in(make_round(7, orders=0.0, ratings=0)))
    rng = np.random.default_rng(7)
    each = rng.normal(size=(2, 2, len(asked), len(MEASURES)))
    one, other = (MethodLosses(name, "rule", values) for name, values in zip("ab", each, strict=True))
    lead, error, between = lead_of(asked, one, other, Measure("log loss", -1.0))
    gap = each[1, :, :, MEASURES.index("log_loss")] - each[0, :, :, MEASURES.index("log_loss")]
    assert lead == pytest.approx(gap.mean())
    assert error == pytest.approx(clustered_error(gap.mean(axis=0), asked.group))
    assert between == pytest.approx(gap.mean(axis=1).std(ddof=1))


# --- every method -----------------------------------------------------------------------------------------------------


def test_methods_are_scored_on_the_same_held_out_answers():
    values = truth(10, 7)
    lists = {"good": noisy_list(1, values, 0.2), "noise": noisy_list(2, values, np.inf)}
    round_ = make_round(10, lists=lists, comparisons=60, orders=0.1, jurors=7)
    report = held_out_scores(round_, repeats=1, folds=3)
    assert report.grouped_by == "juror"
    assert report.groups == 7
    assert report.answers == int(round_.judgments["benefit"].comparisons.has_ratio.sum())
    assert report.measure == "log density"
    assert report.reference == "hierarchical"
    leads = [method.lead for method in report.methods]
    assert leads == sorted(leads)
    assert score(report, "hierarchical").lead == 0
    assert {name for name, kind in ((m.name, m.kind) for m in report.methods) if kind == "rule"} | {
        name for name, _ in report.skipped
    } == set(FUSION_RULES)
    density = {(method.name, method.kind): method.log_density for method in report.methods}
    assert density["hierarchical", "rule"] > density["equal split", "no opinion"]
    assert density["good", "list, stretched"] > density["noise", "list, stretched"]
    assert ("people only", "people only") in density
    for method in report.methods:
        ahead = density["hierarchical", "rule"] - method.log_density
        assert method.lead == pytest.approx(ahead)
        assert 0 <= method.coverage <= 1
        assert 0 <= method.brier <= 1


def test_an_equal_split_loses_what_it_must():
    report = score_methods(task_in(make_round(11, orders=0.3)), repeats=1, folds=2, rules=("huber",))
    equal = score(report, "equal split", "no opinion")
    assert equal.log_loss == pytest.approx(np.log(2), abs=1e-4)
    asked = questions_of(task_in(make_round(11, orders=0.3)))
    assert equal.brier == pytest.approx(np.average((asked.target - 0.5) ** 2, weights=asked.weight), abs=1e-6)
    ratio = asked.log_ratio[asked.is_ratio]
    assert equal.squared_error == pytest.approx(np.mean(ratio**2))
    assert equal.linear_error == pytest.approx(np.mean(np.abs(soft_target(ratio) - 0.5)))


@pytest.mark.parametrize("change", [orders_only, ratings_only])
def test_rounds_without_ratios_are_scored_by_who_is_ahead(change):
    round_ = change(make_round(12, projects=7, jurors=8, comparisons=80, ratings=56, orders=0.0))
    report = score_methods(task_in(round_), repeats=1, rules=("hierarchical", "rank-centrality"))
    assert report.measure == "log loss"
    assert report.answers == 0
    ours, equal = score(report, "hierarchical"), score(report, "equal split", "no opinion")
    assert np.isnan([ours.log_density, ours.coverage, ours.squared_error, ours.linear_error]).all()
    assert ours.log_loss < equal.log_loss - 0.05
    assert ours.brier < equal.brier
    if change is orders_only:
        assert set(report.questions) == {"orders"}
        assert score(report, "rank-centrality").log_loss < equal.log_loss
    else:
        assert set(report.questions) == {"pairs of ratings"}
        assert [name for name, _ in report.skipped] == ["rank-centrality"]  # it reads comparisons alone


def test_rankings_are_asked_about():
    round_ = make_round(13, jurors=8, comparisons=40, ratings=0)
    values = truth(13, 7)
    rng = np.random.default_rng(13)
    places = [np.argsort(-(values + rng.normal(0, 0.5, 7))) for _ in range(8)]
    rankings = Rankings(np.arange(8), np.arange(9) * 7, np.full(8, 3), np.concatenate(places))
    said = replace(round_.judgments["benefit"], comparisons=Comparisons.empty(), rankings=rankings)
    asked = questions_of(task_in(replace(round_, judgments={"benefit": said})))
    assert set(asked.kind.tolist()) == {RANKED}
    assert len(asked) == 8 * (6 + 5 + 4)
    truth_told = by_vector(asked, asked.folds(0, 0, 4), values)
    found = losses(asked, truth_told)
    assert found[:, MEASURES.index("log_loss")].mean() < 0.5


# --- what is said about models ----------------------------------------------------------------------------------------


def lists_of(seed: int, *noises: float) -> dict[str, np.ndarray]:
    values = truth(seed, 10)
    return {f"m{i}": noisy_list(seed + i, values, noise) for i, noise in enumerate(noises)}


def told_of(seed: int, *noises: float, comparisons: int = 90) -> HeldOutReport:
    lists = lists_of(seed, *noises)
    round_ = make_round(seed, projects=10, jurors=9, comparisons=comparisons, ratings=0, orders=0.0, lists=lists)
    return score_methods(task_in(round_), repeats=1, folds=3, rules=QUICK)


def test_good_models_are_said_to_help():
    report = told_of(21, 0.05, comparisons=45)
    assert not report.warnings
    said = " / ".join(report.findings)
    assert "hierarchical against an equal split: +" in said
    assert "hierarchical with models against people only: +" in said
    assert "best model by itself, m0, against people only: +" in said


def test_useless_models_are_warned_of():
    report = told_of(22, np.inf, np.inf, comparisons=200)
    said = " / ".join(report.warnings)
    assert "models do not help beyond the error" in said
    assert "no model by itself foresees people as well as people do" in said


def test_answers_at_random_are_foreseen_by_nobody():
    round_ = make_round(23, jurors=9, comparisons=60, ratings=0, orders=0.0)
    said = round_.judgments["benefit"]
    c = said.comparisons
    noise = np.random.default_rng(5).normal(0, 1, len(c))
    random = replace(said, comparisons=Comparisons(c.judge, c.a, c.b, np.sign(noise), noise))
    report = score_methods(task_in(replace(round_, judgments={"benefit": random})), repeats=1, rules=QUICK)
    assert any("does not foresee people better than knowing nothing" in text for text in report.warnings)


def test_models_that_had_seen_the_answers_do_not_count_as_help():
    round_ = make_round(24, jurors=9, comparisons=60, ratings=0, orders=0.0, lists={"m": truth(24, 7)})
    judges = tuple(replace(judge, exposure="seen") if judge.id == "m" else judge for judge in round_.panel)
    report = score_methods(task_in(replace(round_, panel=Panel(judges))), repeats=1, folds=2, rules=QUICK)
    assert score(report, "m", "list, had seen the answers")
    assert not any("best model by itself" in text for text in (*report.findings, *report.warnings))


# --- what cannot be scored --------------------------------------------------------------------------------------------


def test_a_question_nobody_asked_has_no_score():
    with pytest.raises(InputError, match="does not ask for 'harm'"):
        held_out_scores(make_round(1), "harm")


def test_too_few_answers_cannot_be_held_out():
    with pytest.raises(InputError, match="3 ratios by people on benefit are too few to hold some out"):
        held_out_scores(make_round(1, comparisons=3, ratings=0, orders=0.0, jurors=3))
