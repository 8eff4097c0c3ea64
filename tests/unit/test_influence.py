"""What one juror did and could do: refitting, one step, the bound, and the command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from tests.property.fusion_cases import make_round

from daccord.cli.main import cli
from daccord.errors import InputError
from daccord.fusion import FusionTask, fusion_rule, influence, juror_influence, simulate_jury
from daccord.fusion.checks._reach import ORDER_PULL, RATIO_PULL, reach, share_reach
from daccord.fusion.hierarchical._likelihood import order_slopes, student_slopes
from daccord.judging import Comparisons

DACC = Path(__file__).resolve().parents[2] / "examples" / "dacc"


def without(task: FusionTask, judge: int) -> FusionTask:
    keep = np.ones(len(task.panel), dtype=bool)
    keep[judge] = False
    return task.only(keep)


# --- what a juror did -------------------------------------------------------------------------------------------------


def test_shifts_are_without_less_with_and_measured_by_hand():
    task = simulate_jury(1, "normal", projects=6, jurors=5, answers=60).task
    report = juror_influence(task, "least-squares")
    assert {juror.juror for juror in report.jurors} == {judge.id for judge in task.panel}
    whole = fusion_rule("least-squares").fit(task).mean
    for k, juror in enumerate(report.jurors):
        rest = fusion_rule("least-squares").fit(without(task, task.panel.index[juror.juror])).mean
        shift = softmax(rest) - softmax(whole)
        assert report.share_shifts[k] == pytest.approx(shift, abs=1e-12)
        assert juror.shares_moved == pytest.approx(np.abs(shift).sum())
        assert juror.share == pytest.approx(shift[np.argmax(np.abs(shift))])
        assert report.projects[int(np.argmax(np.abs(shift)))] == juror.share_project
        assert juror.log_values_moved == pytest.approx(np.abs((rest - rest.mean()) - (whole - whole.mean())).sum())
        assert juror.answers == 12
        assert juror.refitted


def test_jurors_come_by_what_they_move_and_each_project_names_its_strongest():
    report = juror_influence(simulate_jury(2, "normal", projects=6, jurors=7, answers=70).task, "huber")
    moved = [juror.shares_moved for juror in report.jurors]
    assert moved == sorted(moved, reverse=True)
    for i, (name, shift) in enumerate(report.largest):
        assert abs(shift) == pytest.approx(np.abs(report.share_shifts[:, i]).max())
        assert report.share_shifts[[j.juror for j in report.jurors].index(name), i] == shift


def test_a_juror_without_whom_there_is_no_result_is_named_with_the_reason():
    task = simulate_jury(3, "normal", projects=5, jurors=1, answers=30).task
    report = juror_influence(task, "least-squares")
    assert report.jurors == ()
    assert report.largest == ()
    [(name, why)] = report.indispensable
    assert name == "j0000"
    assert "no comparison by a person" in why


# --- one step ---------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.integers(3, 9), st.integers(2, 9))
@settings(max_examples=25)
def test_one_step_is_exact_under_least_squares(seed, projects, jurors):
    # Enough answers that nobody alone ties a project to the others.
    task = simulate_jury(seed, "gross", projects=projects, jurors=jurors, answers=25 * projects).task
    step, refit = (juror_influence(task, "least-squares", refits=refits) for refits in (0, jurors))
    order = [juror.juror for juror in step.jurors]
    by_name = {juror.juror: k for k, juror in enumerate(refit.jurors)}
    expected = refit.log_value_shifts[[by_name[name] for name in order]]
    assert step.log_value_shifts == pytest.approx(expected, abs=1e-9)
    assert not any(juror.refitted for juror in step.jurors)


@pytest.mark.parametrize(("rule", "told"), [("huber", "gross"), ("hierarchical", "student"), ("hierarchical", "mixed")])
def test_one_step_finds_the_jurors_who_matter(rule, told):
    task = simulate_jury(4, told, projects=8, jurors=12, answers=120).task
    whole = {juror.juror: juror.shares_moved for juror in juror_influence(task, rule, refits=12).jurors}
    few = juror_influence(task, rule, refits=5)
    refitted = [juror for juror in few.jurors if juror.refitted]
    assert len(refitted) == 5
    for juror in refitted:
        assert juror.shares_moved == pytest.approx(whole[juror.juror], abs=1e-9)
    strongest = sorted(whole, key=lambda name: -whole[name])[:2]
    assert set(strongest) <= {juror.juror for juror in refitted}
    assert few.step_ratio is not None
    assert few.step_worst is not None
    assert 0.7 < few.step_ratio <= few.step_worst < 2


# --- what a juror could do --------------------------------------------------------------------------------------------


def test_bounds_on_a_single_answers_pull_are_the_largest_pulls_there_are():
    gaps = np.linspace(-40, 40, 80_001)
    one = np.ones_like(gaps)
    assert np.abs(student_slopes(gaps, one).gradient).max() == pytest.approx(RATIO_PULL, abs=1e-7)
    assert np.abs(order_slopes(one, gaps, one, 0.0).gradient).max() == pytest.approx(ORDER_PULL, abs=1e-6)
    for tie in (0.01, 0.3, 2.0):
        for outcome in (-1.0, 0.0, 1.0):
            pulls = np.abs(order_slopes(outcome * one, gaps, one, tie).gradient)
            assert pulls.max() <= (ORDER_PULL if outcome else RATIO_PULL) + 1e-6


@given(st.lists(st.tuples(st.floats(1e-6, 1), st.floats(0, 3), st.floats(-1, 1)), min_size=2, max_size=8))
def test_no_move_within_bounds_shifts_a_share_further_than_its_bound(cases):
    weight, bound, part = np.array(cases).T
    shares = weight / weight.sum()
    moved = shares * np.exp(part * bound)
    assert np.all(np.abs(moved / moved.sum() - shares) <= share_reach(shares, bound) + 1e-12)


def attack(task: FusionTask, judge: int, pulls: np.ndarray, foreseen: np.ndarray) -> FusionTask:
    """The task with one juror's ln ratios this far off what the others' answers foresee."""
    table = task.comparisons
    mine = table.judge == judge
    ratio = table.log_ratio.copy()
    ratio[mine] = foreseen + pulls
    told = Comparisons(table.judge, table.a, table.b, np.sign(ratio).astype(np.int64), ratio)
    return replace(task, judgments=replace(task.judgments, comparisons=told))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_no_attack_moves_a_project_further_than_the_bound(seed):
    task = simulate_jury(seed, "student", projects=12, jurors=10, answers=120).task
    judge, rule = 3, fusion_rule("hierarchical")
    others = rule.fit(without(task, judge))
    limit = reach(task, others, judge)
    assert limit is not None
    before, _ = others.centred
    covariance = others.covariance - others.covariance.mean(axis=0)
    table = task.comparisons.take(task.comparisons.judge == judge)
    target = int(np.argmax(limit))
    sign = np.sign(covariance[target, table.a] - covariance[target, table.b])
    noise = others.components[0].parameters["noise_ratio"]
    largest = 0.0
    for times in (1.0, 2.0, 4.0, 30.0):
        told = attack(task, judge, times * noise * sign, before[table.a] - before[table.b])
        after, _ = rule.fit(told).centred
        largest = max(largest, abs(float(after[target] - before[target])))
    # Measured 0.3 to 0.8 of the bound: it is of first order, and what the others said holds on.
    assert 0.1 * limit[target] < largest <= limit[target]


def test_rules_without_a_bound_say_so():
    task = simulate_jury(5, "normal", projects=5, jurors=4, answers=40).task
    assert reach(task, fusion_rule("least-squares").fit(task), 0) is None
    assert all(juror.share_bound is None for juror in juror_influence(task, "least-squares").jurors)


def test_the_bound_of_qr_median_is_its_resilience():
    task = simulate_jury(6, "student", projects=8, jurors=8, answers=64).task
    report = juror_influence(task, "qr-median")
    for juror in report.jurors:
        assert juror.log_value_bound == 2.0
        assert abs(juror.log_value) < 1.0


def test_the_bound_counts_ratings_and_stands_above_what_honest_jurors_moved():
    task = simulate_jury(6, "mixed", projects=6, jurors=6, answers=48).task
    for juror in juror_influence(task).jurors:
        assert juror.log_value_bound is not None
        assert juror.share_bound is not None
        assert abs(juror.log_value) < juror.log_value_bound
        assert abs(juror.share) < juror.share_bound < 1


# --- the round and the command ----------------------------------------------------------------------------------------


def test_a_question_nobody_asked_is_refused():
    with pytest.raises(InputError, match="does not ask for 'harm'"):
        influence(make_round(1), "harm")


def test_the_command_prints_a_table_and_says_what_is_simulated():
    found = CliRunner().invoke(cli, ["influence", str(DACC), "--rule", "least-squares", "--top", "2"])
    assert found.exit_code == 0, found.output
    assert found.output.startswith("SIMULATED ROUND")
    assert "16 jurors on benefit, each left out in turn, under least-squares" in found.output
    assert "and 14 more with less" in found.output
    assert "Projects whose share hangs most on one juror" in found.output


def test_the_command_in_json_lists_everybody():
    found = CliRunner().invoke(cli, ["influence", str(DACC), "--rule", "least-squares", "--refits", "2", "--json"])
    document = json.loads(found.stdout)
    assert document["schema"] == "daccord/influence/1"
    assert document["simulated"] is True
    assert len(document["jurors"]) == 16
    assert sum(juror["refitted"] for juror in document["jurors"]) == 2
    assert document["step_ratio"] == pytest.approx(1.0, abs=1e-6)
    assert sum(project["share"] for project in document["projects"]) == pytest.approx(1.0)


def test_the_command_refuses_what_it_does_not_know():
    assert "does not ask" in str(CliRunner().invoke(cli, ["influence", str(DACC), "--criterion", "need"]).exception)
    assert "no fusion rule" in str(CliRunner().invoke(cli, ["influence", str(DACC), "--rule", "guess"]).exception)
