"""What `distilled` and the baselines say at the edges: ties, cycles, groups, silence, copies, extreme numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from daccord.errors import InputError, NoPeopleError
from daccord.fusion import draw_log_values, publish
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._distilled import DISTILLED, DISTILLED_ARITHMETIC
from daccord.fusion.peers._elo import ELO
from daccord.fusion.peers._log_ratios import NOISE_FLOOR
from daccord.fusion.peers._pagerank import PAGERANK
from daccord.fusion.peers._rank_centrality import RANK_CENTRALITY
from daccord.judging import Comparisons, Judge, Judgments, ModelList, Panel, Rankings, Ratings
from daccord.round import Criterion, Threshold

BASELINES = pytest.mark.parametrize("rule", [ELO, PAGERANK, RANK_CENTRALITY], ids=lambda rule: rule.name)
DISTILLING = pytest.mark.parametrize("rule", [DISTILLED, DISTILLED_ARITHMETIC], ids=lambda rule: rule.name)

PANEL = Panel(
    (
        *(Judge(f"juror-{i}", "person") for i in range(12)),
        Judge("first", "model"),
        Judge("second", "model"),
        Judge("saw-it", "model", exposure="seen"),
    )
)


def table(*answers: tuple[int, int, int, float | None]) -> Comparisons:
    """Rows (judge, a, b, ratio); a ratio of None is an order: a won."""
    judge, a, b, ratio = zip(*answers, strict=True) if answers else ((), (), (), ())
    log_ratio = np.array([np.nan if value is None else np.log(value) for value in ratio])
    outcome = np.where(np.isnan(log_ratio), 1, np.sign(np.nan_to_num(log_ratio)))
    return Comparisons(np.array(judge, int), np.array(a, int), np.array(b, int), outcome, log_ratio)


def listed(model: str, *weights: float) -> ModelList:
    return ModelList(model, {f"project-{i}": weight for i, weight in enumerate(weights)})


def task(comparisons: Comparisons, size: int = 4, *, threshold: Threshold | None = None, **told) -> FusionTask:
    return FusionTask(
        Criterion("benefit", "Which is more valuable?", threshold=threshold),
        tuple(f"project-{i}" for i in range(size)),
        PANEL,
        Judgments(comparisons, told.pop("ratings", Ratings.empty()), **told),
    )


CYCLE = table((0, 0, 1, None), (1, 1, 2, None), (2, 2, 0, None))
CHAIN = table(*((j, i, i + 1, 2.0) for j in range(5) for i in range(3)))


@BASELINES
def test_all_ties_and_cycles_say_nothing_of_who_is_ahead(rule):
    ties = table(*((0, a, b, 1.0) for a in range(4) for b in range(a + 1, 4)))
    assert rule.fit(task(ties)).mean == pytest.approx(0.0, abs=1e-9)
    # Elo is averaged over orders that are dealt at random, so a cycle is level up to the luck of the deal.
    found = rule.fit(task(CYCLE, 3)).mean
    assert found == pytest.approx(0.0, abs=0.02 if rule is ELO else 1e-9)


@BASELINES
def test_a_chain_of_wins_is_in_its_order(rule):
    mean = rule.fit(task(CHAIN)).mean
    assert (np.diff(mean) < 0).all()
    assert mean.sum() == pytest.approx(0.0, abs=1e-12)


@BASELINES
def test_a_project_nobody_compared_is_the_least_certain_and_is_named(rule):
    beliefs = rule.fit(task(CHAIN, 6))
    compared, alone = beliefs.variance[:4], beliefs.variance[4:]
    assert (alone > compared.max()).all()
    assert beliefs.judgments.tolist() == [5, 10, 10, 5, 0, 0]
    assert beliefs.jurors.tolist() == [5, 5, 5, 5, 0, 0]
    assert any("nobody compared project-4, project-5" in text for text in beliefs.warnings)


@BASELINES
def test_groups_that_nothing_links_are_told_apart(rule):
    beliefs = rule.fit(task(table((0, 0, 1, 3.0), (1, 2, 3, 9.0))))
    assert beliefs.diagnostics["groups"] == 2
    assert any("no comparison links the 2 groups" in text for text in beliefs.warnings)
    assert beliefs.mean[0] > beliefs.mean[1]
    assert beliefs.mean[2] > beliefs.mean[3]
    if rule is RANK_CENTRALITY:
        assert beliefs.mean[:2].sum() == pytest.approx(0.0, abs=1e-12)


@BASELINES
@pytest.mark.parametrize("power", [690.0, -690.0])
def test_ratios_of_hundreds_of_powers_of_ten_stay_finite(rule, power):
    extreme = Comparisons(
        np.arange(3), np.array([0, 1, 2]), np.array([1, 2, 3]), np.sign([power, 1, 1]), np.array([power, 1.0, 0.5])
    )
    beliefs = rule.fit(task(extreme))
    assert np.isfinite(beliefs.mean).all()
    assert (beliefs.variance > 0).all()


@BASELINES
def test_baselines_say_that_they_have_no_intervals_and_what_they_set_aside(rule):
    ratings = Ratings(np.zeros(2, int), np.array([0, 1]), np.array([3.0, 4.0]), *np.full((2, 2), np.nan))
    rankings = Rankings(np.array([1]), np.array([0, 3]), np.array([2]), np.array([2, 0, 1]))
    told = task(CHAIN, ratings=ratings, rankings=rankings, lists=(listed("first", 1, 2, 3, 4),))
    warnings = " / ".join(rule.fit(told).warnings)
    assert f"{rule.name} is a baseline without intervals of its own" in warnings
    for what in ("ratings of people: 2", "rankings of people: 1", "lists of models: 1"):
        assert what in warnings
    assert rule.sure == ""
    assert rule.fit(task(CHAIN)).mean == pytest.approx(rule.fit(told).mean)


@BASELINES
def test_a_relative_bar_gets_a_probability_and_a_bar_on_the_scale_a_warning(rule):
    beliefs = rule.fit(task(CHAIN, threshold=Threshold("relative", 1.0)))
    assert beliefs.above is not None
    assert (np.diff(beliefs.above) < 0).all()
    plain = rule.fit(task(CHAIN, threshold=Threshold("rating", 5.0)))
    assert plain.above is None
    assert any("has no rating level" in text for text in plain.warnings)


@BASELINES
def test_baselines_can_be_published_and_drawn_from(rule):
    beliefs = rule.fit(task(CHAIN))
    ids = ("project-0", "project-1", "project-2", "project-3")
    scores = publish({"benefit": beliefs}, ids, draw_log_values(beliefs, ids, 1))
    assert [score.share for score in scores] == sorted((score.share for score in scores), reverse=True)


@BASELINES
def test_without_comparisons_there_is_a_clear_error(rule):
    with pytest.raises(NoPeopleError, match="no comparison by a person"):
        rule.fit(task(table()))
    ratings = Ratings(np.zeros(1, int), np.array([0]), np.array([3.0]), *np.full((2, 1), np.nan))
    with pytest.raises(InputError, match="reads nothing else"):
        rule.fit(task(table(), ratings=ratings))
    models = replace(PANEL, judges=tuple(replace(judge, kind="model") for judge in PANEL.judges))
    with pytest.raises(NoPeopleError):
        rule.fit(replace(task(CHAIN), panel=models))


# --- distilled --------------------------------------------------------------------------------------------------------


@DISTILLING
def test_people_choose_the_list_that_agrees_with_them(rule):
    good, bad = listed("first", 8, 4, 2, 1), listed("second", 1, 2, 4, 8)
    beliefs = rule.fit(task(CHAIN, lists=(good, bad)))
    assert beliefs.parameters["weight.first"] == pytest.approx(1.0)
    assert beliefs.parameters["weight.second"] == pytest.approx(0.0, abs=1e-6)
    assert np.diff(beliefs.mean) == pytest.approx(-np.log(2), abs=1e-5)
    assert beliefs.diagnostics["optimality"] < 1e-6


@DISTILLING
def test_a_list_that_had_seen_the_answers_or_has_gaps_or_is_a_copy_adds_nothing(rule):
    good = listed("first", 8, 4, 2, 1)
    alone = rule.fit(task(CHAIN, lists=(good,)))
    gaps = ModelList("second", {"project-0": 1.0})
    for other, why in (
        (listed("saw-it", 16, 8, 4, 2.1), "saw-it had seen people's answers"),
        (listed("second", 16, 8, 4, 2), "exact copy of the one of first"),
        (gaps, "leaves out 3 projects"),
    ):
        beliefs = rule.fit(task(CHAIN, lists=(good, other)))
        assert beliefs.mean == pytest.approx(alone.mean)
        assert any(why in text for text in beliefs.warnings)


@DISTILLING
def test_with_one_list_people_change_nothing_and_it_is_said(rule):
    one = rule.fit(task(CHAIN, lists=(listed("first", 1, 1, 1, 9),)))
    assert np.diff(one.mean) == pytest.approx([0, 0, np.log(9)])
    assert any("people's answers change nothing but the intervals" in text for text in one.warnings)


@DISTILLING
def test_a_constant_list_is_an_equal_split(rule):
    """If people contradict every other list, the list without an opinion wins."""
    beliefs = rule.fit(task(CHAIN, lists=(listed("first", 5, 5, 5, 5), listed("second", 1, 2, 4, 8))))
    assert beliefs.parameters["weight.first"] == pytest.approx(1.0)
    assert beliefs.mean == pytest.approx(0.0, abs=1e-6)


@DISTILLING
def test_what_the_lists_cannot_express_is_in_the_intervals(rule):
    right, wrong = listed("first", 8, 4, 2, 1), listed("first", 1, 1, 1, 1)
    sharp = rule.fit(task(CHAIN, lists=(right,)))
    vague = rule.fit(task(CHAIN, lists=(wrong,)))
    assert sharp.parameters["misfit_sd"] == pytest.approx(NOISE_FLOOR)
    assert vague.parameters["misfit_sd"] > 3 * NOISE_FLOOR
    assert vague.variance.min() > sharp.variance.max()


@DISTILLING
def test_the_covariance_of_weights_counts_jurors_and_not_answers(rule):
    """The same noisy answers told by one juror more often are no more jurors."""
    rng = np.random.default_rng(1)
    answers = [(j, i, i + 1, float(np.exp(0.7 + 0.5 * rng.normal()))) for j in range(12) for i in range(3)]
    lists = (listed("first", 27, 9, 3, 1), listed("second", 1, 1, 1, 1))
    once = rule.fit(task(table(*answers), lists=lists))
    thrice = rule.fit(task(table(*(answers * 3)), lists=lists))
    spread = [beliefs.variance[0] - beliefs.parameters["misfit_sd"] ** 2 for beliefs in (once, thrice)]
    assert spread[0] > 0
    assert spread[1] == pytest.approx(spread[0], rel=0.02)


@DISTILLING
def test_without_a_usable_list_or_a_ratio_there_is_a_clear_error(rule):
    with pytest.raises(InputError, match="no list can be used: there is none"):
        rule.fit(task(CHAIN))
    with pytest.raises(InputError, match="saw-it had seen people's answers"):
        rule.fit(task(CHAIN, lists=(listed("saw-it", 1, 2, 3, 4),)))
    with pytest.raises(InputError, match="says how many times"):
        rule.fit(task(CYCLE, lists=(listed("first", 1, 2, 3, 4),)))
    with pytest.raises(NoPeopleError, match="no comparison by a person"):
        rule.fit(task(table(), lists=(listed("first", 1, 2, 3, 4),)))


@DISTILLING
def test_answers_about_one_pair_alone_leave_the_first_registered_list_ahead(rule):
    """Both lists say the same of the only pair people were asked about."""
    lists = (listed("second", 2, 1, 1, 9), listed("first", 2, 1, 9, 1))
    beliefs = rule.fit(task(table((0, 0, 1, 2.0)), lists=lists))
    assert beliefs.diagnostics["cost"] == pytest.approx(0.0, abs=1e-12)
    if rule is DISTILLED:
        assert beliefs.parameters["weight.first"] == 1.0
