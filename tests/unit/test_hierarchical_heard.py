"""Jurors whose answers have nothing to do with the projects, on simulated rounds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from daccord.fusion import Scenario, contaminate, fusion_rule, rule_errors, simulate_jury
from daccord.fusion.hierarchical._evidence import gather
from daccord.fusion.hierarchical._heard import FAINTEST
from daccord.fusion.hierarchical._pilot import learn_scales


@pytest.mark.parametrize("told", ["student", "mixed"])
def test_who_answers_the_wrong_way_round_is_hardly_heard(told):
    jury = simulate_jury(3, told)
    bad = contaminate(jury.task, 0.2, "flipped", 3)
    evidence = gather(bad.task)
    scales, _ = learn_scales(evidence, np.zeros(evidence.size))
    judge = np.zeros(evidence.jurors, dtype=np.int64)
    judge[evidence.juror] = evidence.judge
    hostile = np.isin(judge, bad.adversaries)
    assert hostile.sum() == 4
    assert scales.heard[hostile].mean() < 0.4
    assert scales.heard[~hostile].mean() > 0.85
    assert scales.heard.min() >= FAINTEST
    # … and counts for little in what the typical stretch is.
    assert scales.share(evidence)[hostile].sum() < 0.1


def test_thirty_per_cent_who_say_the_opposite_cost_accuracy_and_not_the_result():
    errors, _ = rule_errors(Scenario("student", attack="flipped", share=0.3), ["hierarchical"], range(3))
    found = errors["hierarchical"]
    assert np.mean(found.error) < 0.5
    assert np.mean(found.held) > 0.7


@pytest.mark.parametrize("told", ["student", "mixed"])
def test_a_fifth_who_push_one_project_have_one_vote_each(told):
    scenario = Scenario(told, attack="promotion", share=0.2)
    errors, _ = rule_errors(scenario, ["hierarchical", "median", "qr-median"], range(4))
    best = min(np.mean(errors[name].error) for name in ("median", "qr-median"))
    assert np.mean(errors["hierarchical"].error) < 0.8 * best
    assert np.mean(errors["hierarchical"].held) > 0.7


def test_repeats_are_counted_by_juror_and_project():
    evidence = gather(contaminate(simulate_jury(1, "mixed").task, 0.2, "promotion", 1).task)
    spoke = Counter(
        (int(juror), project)
        for juror, a, b in zip(evidence.juror, evidence.a, evidence.b, strict=True)
        for project in {int(a), int(b)} - {-1}
    )
    expected = [
        max(spoke[int(juror), project] for project in {int(a), int(b)} - {-1})
        for juror, a, b in zip(evidence.juror, evidence.a, evidence.b, strict=True)
    ]
    assert evidence.repeats.tolist() == expected


def test_alike_errors_are_found_and_others_are_not():
    independent = gather(simulate_jury(1, "student").task)
    assert learn_scales(independent, np.zeros(independent.size))[0].alike < 0.15
    # The same jury, whose members each have a firm wrong view of every project.
    task = simulate_jury(1, "student").task
    said = task.judgments.comparisons
    view = np.random.default_rng(7).normal(0, 1.5, (len(task.panel), len(task.projects)))
    own = view[said.judge, said.a] - view[said.judge, said.b]
    again = replace(said, log_ratio=said.log_ratio + own, outcome=np.sign(said.log_ratio + own).astype(int))
    evidence = gather(replace(task, judgments=replace(task.judgments, comparisons=again)))
    assert learn_scales(evidence, np.zeros(evidence.size))[0].alike > 0.25


def test_an_interval_without_width_does_not_decide_the_round():
    jury = simulate_jury(5, "mixed")
    told = jury.task.judgments.ratings
    low, high = told.low.copy(), told.high.copy()
    low[0], high[0] = told.value[0] - 1e-9, told.value[0] + 1e-9
    sharp = type(told)(told.judge, told.project, told.value, low, high)
    task = replace(jury.task, judgments=replace(jury.task.judgments, ratings=sharp))
    before, after = (fusion_rule("hierarchical").fit(case).mean for case in (jury.task, task))
    assert np.abs(after - before).max() < 0.3
