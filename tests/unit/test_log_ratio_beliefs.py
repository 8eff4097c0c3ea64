"""What `least-squares` and `huber` say about uncertainty, margins, unused answers and missing people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.errors import ConvergenceError, InputError, NoPeopleError
from daccord.fusion._margins import relative_margin
from daccord.fusion._rules import FUSION_RULES, fusion_rule
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._huber import HUBER, default_delta, fit_huber
from daccord.fusion.peers._least_squares import LEAST_SQUARES
from daccord.fusion.peers._log_ratios import NOISE_FLOOR
from daccord.fusion.peers._ratio_answers import RatioAnswers
from daccord.judging import Comparisons, Judge, Judgments, ModelList, Panel, Ratings
from daccord.round import Criterion, Threshold

RULES = pytest.mark.parametrize("rule", [LEAST_SQUARES, HUBER], ids=lambda rule: rule.name)

PEOPLE = (
    Judge("ada", "person", community="north"),
    Judge("bo", "person", community="north"),
    Judge("cleo", "person", community="south"),
    Judge("model-1", "model"),
)


def table(*answers: tuple[int, int, int, float | None]) -> Comparisons:
    """Rows (judge, a, b, ratio); a ratio of None is an order: a won."""
    judge, a, b, ratio = zip(*answers, strict=True) if answers else ((), (), (), ())
    log_ratio = np.array([np.nan if value is None else np.log(value) for value in ratio])
    outcome = np.where(np.isnan(log_ratio), 1, np.sign(np.nan_to_num(log_ratio)))
    return Comparisons(np.array(judge, int), np.array(a, int), np.array(b, int), outcome, log_ratio)


def task(
    comparisons: Comparisons,
    size: int = 4,
    *,
    threshold: Threshold | None = None,
    ratings: Ratings | None = None,
    lists: tuple[ModelList, ...] = (),
) -> FusionTask:
    return FusionTask(
        Criterion("benefit", "Which is more valuable?", threshold=threshold),
        tuple(f"project-{i}" for i in range(size)),
        Panel(PEOPLE),
        Judgments(comparisons, ratings or Ratings.empty(), lists),
    )


LINKED = table((0, 0, 1, 2.0), (1, 1, 2, 3.0), (2, 0, 2, 5.0), (0, 2, 3, 1.5), (1, 0, 3, 12.0), (2, 1, 3, 4.0))


def test_both_rules_are_registered_with_their_metadata():
    for rule in (LEAST_SQUARES, HUBER):
        assert fusion_rule(rule.name) is rule
        assert rule.name in FUSION_RULES
        assert rule.model
        assert rule.assumptions
        assert rule.failure_modes
        assert rule.source


def test_least_squares_by_hand():
    """Two projects, answers 2, 3 and 4 times: θ is ±(mean log)/2, σ² the sample variance, Var(θ) = σ²/12."""
    logs = np.log([2.0, 3.0, 4.0])
    beliefs = LEAST_SQUARES.fit(task(table((0, 0, 1, 2.0), (1, 0, 1, 3.0), (2, 0, 1, 4.0)), 2))
    assert beliefs.mean == pytest.approx([logs.mean() / 2, -logs.mean() / 2])
    assert beliefs.parameters["noise_sd"] == pytest.approx(logs.std(ddof=1))
    variance = logs.var(ddof=1) / 12
    assert beliefs.covariance == pytest.approx(np.array([[variance, -variance], [-variance, variance]]))
    assert beliefs.diagnostics["degrees_of_freedom"] == 2
    assert beliefs.judgments.tolist() == [3, 3]
    assert beliefs.jurors.tolist() == [3, 3]
    assert beliefs.warnings == ()


@RULES
def test_a_project_nobody_compared_is_the_least_certain(rule):
    beliefs = rule.fit(task(LINKED, 6))
    spread = np.sqrt(np.diag(beliefs.covariance))
    assert np.all(beliefs.mean[4:] == 0)
    assert np.all(spread[4:] > 1.2 * spread[:4].max())
    assert beliefs.judgments[4:].tolist() == [0, 0]
    assert any("project-4, project-5" in warning for warning in beliefs.warnings)


@st.composite
def scattered(draw) -> FusionTask:
    size = draw(st.integers(3, 9))
    answer = st.tuples(st.integers(0, 2), st.integers(0, size - 1), st.integers(1, size - 1), st.floats(0.01, 100))
    said = draw(st.lists(answer, min_size=1, max_size=14))
    rows = [(judge, a, (a + step) % size, ratio) for judge, a, step, ratio in said]
    return task(table(*rows), size, threshold=Threshold("relative", 1.5))


@given(scattered())
@RULES
def test_nothing_looks_certain_and_strangers_least_of_all(rule, task):
    beliefs = rule.fit(task)
    variance = np.diag(beliefs.covariance)
    assert np.all(variance > 0)
    assert np.linalg.eigvalsh(beliefs.covariance).min() > -1e-9 * variance.max()
    assert abs(beliefs.mean.mean()) < 1e-9
    alone = beliefs.judgments == 0
    if alone.any():
        assert variance[alone].min() >= variance.max() * (1 - 1e-9)
    assert np.all(np.isfinite(beliefs.above))
    for values in beliefs.communities.values():
        assert np.all(np.isnan(values) | ((values >= 0) & (values <= 1)))


@RULES
def test_groups_that_no_answer_links_are_not_known_against_each_other(rule):
    apart = table((0, 0, 1, 2.0), (1, 0, 1, 3.0), (0, 2, 3, 2.0), (1, 2, 3, 3.0))
    beliefs = rule.fit(task(apart))
    covariance = beliefs.covariance

    def spread(i: int, j: int) -> float:
        return covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]

    assert spread(0, 2) > 4 * spread(0, 1)
    assert beliefs.mean[0] + beliefs.mean[1] == pytest.approx(0)
    assert any("2 groups" in warning for warning in beliefs.warnings)


@RULES
def test_one_answer_is_no_certainty(rule):
    beliefs = rule.fit(task(table((0, 0, 1, 100.0)), 2))
    difference_sd = np.sqrt(4 * beliefs.covariance[0, 0])
    assert beliefs.mean[0] - beliefs.mean[1] == pytest.approx(np.log(100))
    assert difference_sd == pytest.approx(np.log(100))
    assert any("checked against another" in warning for warning in beliefs.warnings)


@RULES
def test_answers_that_agree_exactly_are_still_people_s(rule):
    beliefs = rule.fit(task(table((0, 0, 1, 2.0), (1, 0, 1, 2.0), (2, 0, 1, 2.0)), 2))
    assert beliefs.parameters["noise_sd"] == pytest.approx(NOISE_FLOOR)
    assert any("±10 %" in warning for warning in beliefs.warnings)


@RULES
def test_what_is_not_used_is_counted_aloud(rule):
    answers = table(
        (0, 0, 1, 2.0), (1, 0, 1, None), (2, 0, 1, None), (0, 1, 2, 2.0), (1, 0, 2, 3.0), (3, 0, 1, 50.0), (2, 2, 3, 2)
    )
    ratings = Ratings([0], [3], [5.0], [np.nan], [np.nan])
    lists = (ModelList("model-1", {"project-0": 1.0}),)
    beliefs = rule.fit(task(answers, ratings=ratings, lists=lists))
    text = "\n".join(beliefs.warnings)
    assert "order-only answers of people: 2 set aside" in text
    assert "ratings of people: 1 set aside" in text
    assert "comparisons by models: 1 set aside" in text
    assert "lists of models: 1 set aside" in text
    # Neither the models' answer nor the orders and the rating count as evidence.
    assert beliefs.judgments.tolist() == [2, 2, 3, 1]
    assert beliefs.jurors.tolist() == [2, 1, 3, 1]
    plain = rule.fit(task(table((0, 0, 1, 2.0), (0, 1, 2, 2.0), (1, 0, 2, 3.0), (2, 2, 3, 2))))
    assert np.array_equal(beliefs.mean, plain.mean)


@RULES
def test_models_alone_never_decide(rule):
    with pytest.raises(NoPeopleError) as caught:
        rule.fit(task(table((3, 0, 1, 2.0)), lists=(ModelList("model-1", {"project-0": 1.0}),)))
    problem = caught.value.problems[0]
    assert problem.file == "comparisons.csv"
    assert problem.remedy


@RULES
def test_people_without_a_ratio_are_told_what_to_do(rule):
    ratings = Ratings([0], [3], [5.0], [np.nan], [np.nan])
    for some in (task(table((0, 0, 1, None))), task(Comparisons.empty(), ratings=ratings)):
        with pytest.raises(InputError, match="how many times") as caught:
            rule.fit(some)
        assert not isinstance(caught.value, NoPeopleError)
        assert "another" in caught.value.problems[0].remedy or "choose" in caught.value.problems[0].remedy


@RULES
def test_margins_over_a_relative_threshold(rule):
    beliefs = rule.fit(task(LINKED, threshold=Threshold("relative", 2.0)))
    component = beliefs.components[0]
    mean, variance = beliefs.centred
    assert component.margin == pytest.approx(mean - np.log(2.0))
    assert component.margin_sd == pytest.approx(np.sqrt(variance))
    assert np.all(np.diff(beliefs.above[np.argsort(mean)]) > 0)


@RULES
def test_a_rating_threshold_is_beyond_these_rules(rule):
    beliefs = rule.fit(task(LINKED, threshold=Threshold("rating", 6.0)))
    assert beliefs.components[0].margin is None
    assert beliefs.above is None
    assert beliefs.communities == {}
    assert any("no rating level" in warning for warning in beliefs.warnings)


@RULES
def test_every_warning_says_which_criterion_it_is_about(rule):
    answers = table((0, 0, 1, 100.0), (1, 2, 3, 3.0), (1, 0, 1, None))
    beliefs = rule.fit(task(answers, 5, threshold=Threshold("rating", 6.0)))
    # An order that is not used, a project nobody compared, two groups, the threshold, and noise that cannot be checked.
    assert len(beliefs.warnings) == 5
    assert all(warning.startswith(f"{beliefs.criterion}: ") for warning in beliefs.warnings)
    assert len(set(beliefs.warnings)) == 5


def test_relative_margin_ignores_a_common_shift():
    mean, covariance = np.array([1.0, -1.0, 0.5]), np.diag([0.1, 0.2, 0.3])
    plain = relative_margin(mean, covariance, Threshold("relative", 1.5))
    shifted = relative_margin(mean + 7.0, covariance + 4.0, Threshold("relative", 1.5))
    assert plain is not None
    assert shifted is not None
    assert shifted[0] == pytest.approx(plain[0])
    assert shifted[1] == pytest.approx(plain[1])
    # By hand: Var(θ0 − mean) with independent θ = (2/3)²·0.1 + (0.2 + 0.3)/9.
    assert plain[1][0] ** 2 == pytest.approx(4 / 9 * 0.1 + 0.5 / 9)
    assert relative_margin(mean, covariance, None) is None
    assert relative_margin(mean, covariance, Threshold("rating", 3.0)) is None
    with pytest.raises(ValueError, match="positive"):
        relative_margin(mean, covariance, Threshold("relative", 0.0))


@RULES
def test_a_community_speaks_from_its_own_answers(rule):
    answers = table(
        *[(0, 0, 1, 9.0), (1, 0, 1, 8.0), (0, 1, 2, 1.2), (1, 0, 2, 10.0)],  # north: the first is far ahead
        *[(2, 1, 0, 4.0), (2, 1, 3, 5.0), (2, 0, 3, 1.1)],  # south: the second is
    )
    beliefs = rule.fit(task(answers, threshold=Threshold("relative", 1.0)))
    north, south = beliefs.communities["north"], beliefs.communities["south"]
    assert np.isnan(north).tolist() == [False, False, False, True]
    assert np.isnan(south).tolist() == [False, False, True, False]
    assert north[0] > 0.8
    assert north[1] < 0.5
    assert south[1] > 0.8
    assert south[0] < 0.5
    alone = rule.fit(task(answers.take(answers.judge < 2), threshold=Threshold("relative", 1.0)))
    assert north[0] == pytest.approx(alone.above[0])
    assert "south" not in alone.communities


def test_huber_cuts_the_extreme_answer():
    answers = table(*[(juror, 0, 1, ratio) for juror, ratio in enumerate((2.0, 2.5, 3.0))], (0, 0, 1, 999.0))
    plain, robust = (rule.fit(task(answers, 2)).mean for rule in (LEAST_SQUARES, HUBER))
    assert np.exp(plain[0] - plain[1]) > 10
    assert np.exp(robust[0] - robust[1]) < 5


def test_delta_from_the_spread_of_answers():
    assert default_delta(np.array([1.0, -2.0, 3.0])) == pytest.approx(1.345 * 2.0 * 1.482602218505602)
    assert default_delta(np.zeros(3)) == pytest.approx(1.345 * NOISE_FLOOR * 1.482602218505602)


def test_huber_refuses_a_delta_that_bounds_nothing_and_says_when_it_does_not_settle():
    answers = RatioAnswers(3, np.array([0, 1, 0, 0]), np.array([1, 2, 2, 1]), np.array([5.0, 1.0, -3.0, 0.3]))
    with pytest.raises(ValueError, match="delta"):
        fit_huber(answers, delta=0.0)
    with pytest.raises(ConvergenceError) as caught:
        fit_huber(answers, delta=0.5, max_iterations=2)
    assert caught.value.iterations == 2
    assert caught.value.residual > 0


def test_huber_with_every_answer_beyond_delta_is_wide_and_says_so():
    answers = RatioAnswers(2, np.array([0, 0]), np.array([1, 1]), np.array([5.0, -5.0]))
    fit = fit_huber(answers, delta=0.1)
    assert any("beyond delta" in warning for warning in fit.warnings)
    assert fit.noise > 0.1
