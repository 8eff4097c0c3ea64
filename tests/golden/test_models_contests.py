"""Models of two published Deep Funding contests: who had seen the answers, who copied whom.

What is known from outside: contestants were given 407 of the trial's answers (`human/train_407_public.csv`), and
`aswin_submission_phase5` was fitted to them; the prompts of GG24's `LLM_ensemble_v7` quoted the jury's ranking; its
`l1-predictions_example` equals `arbitron-huber-log`, and `3078024889` blends 70 % of that with a PageRank. The figures
are this project's own, kept so that a change shows.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from daccord.formats.deepfunding import import_deepfunding, preset
from daccord.fusion import FusionTask, leak_tests, reward_shares, voices
from daccord.fusion._fuse import task_of
from daccord.fusion.models._standing import independent_models
from daccord.fusion.models._vectors import usable_vectors
from daccord.judging import NEVER, Panel


def task_from(name: str, folder: Path) -> FusionTask:
    round_ = import_deepfunding(preset(name, folder))
    asked = round_.criterion("benefit")
    assert asked is not None
    return task_of(round_, asked)[0]


@pytest.fixture(scope="module")
def contest(gg24: Path) -> FusionTask:
    return task_from("gg24", gg24)


@pytest.fixture(scope="module")
def trial_task(trial: Path) -> FusionTask:
    return task_from("trial", trial)


def shown_to_contestants(task: FusionTask, folder: Path) -> np.ndarray:
    """True for answers that contestants were given, whatever they made of them."""

    def name(text: str) -> str:
        return text.removeprefix("https://github.com/").strip("/").lower()

    with (folder / "human" / "train_407_public.csv").open(encoding="utf-8", newline="") as file:
        given = {(row["juror"], *sorted((name(row["repo_a"]), name(row["repo_b"])))) for row in csv.DictReader(file)}
    table, ids = task.judgments.comparisons, [project.lower() for project in task.projects]
    return np.array(
        [
            (task.panel.judges[j].id, *sorted((ids[a], ids[b]))) in given
            for j, a, b in zip(table.judge, table.a, table.b, strict=True)
        ]
    )


@pytest.fixture(scope="module")
def undeclared(trial_task: FusionTask, trial: Path) -> FusionTask:
    """The trial as if nobody had declared anything: 407 answers shown, and all models fixed afterwards."""
    table = trial_task.judgments.comparisons
    shown = np.where(shown_to_contestants(trial_task, trial), 1, NEVER)
    told = type(table)(table.judge, table.a, table.b, table.outcome, table.log_ratio, shown)
    judges = tuple(j if j.is_person else replace(j, committed=2, exposure="blind") for j in trial_task.panel)
    return replace(trial_task, panel=Panel(judges), judgments=replace(trial_task.judgments, comparisons=told))


def test_times_flag_the_list_that_was_fitted_and_no_other(undeclared: FusionTask) -> None:
    report = leak_tests(undeclared)
    found = {test.model: test for test in report.tests if test.test == "times"}
    assert set(report.seen.values()) == {373}  # of the 407, those in the published 593 that count once each
    assert report.flagged == ("aswin_submission_phase5",)
    assert found["aswin_submission_phase5"].p <= 0.001
    assert found["aswin_submission_phase5"].statistic == pytest.approx(0.125, abs=0.01)
    assert found["arbitron"].p > 0.3
    assert found["composite_model"].p > 0.3


def test_a_list_that_had_seen_answers_is_rewarded_for_the_others_only(undeclared: FusionTask) -> None:
    share = reward_shares(undeclared).share
    assert share["composite_model"] > share["arbitron"] > share["aswin_submission_phase5"]


def test_without_times_no_list_of_either_contest_is_below_the_noise(
    contest: FusionTask, trial_task: FusionTask
) -> None:
    """Also not those that had seen the answers: a quoted ranking is not a fit. They come nearest, and that is all."""
    near = {
        test.model: test.statistic
        for task in (contest, trial_task)
        for test in leak_tests(task).tests
        if test.test == "noise"
    }
    assert len(near) == 19
    assert min(near.values()) == near["composite_model"] == pytest.approx(1.164, abs=0.01)
    gg24 = {test.model for test in leak_tests(contest).tests}
    assert set(sorted(gg24, key=near.__getitem__)[:2]) == {"LLM_ensemble_v7", "Collins2003"}
    assert near["LLM_ensemble_v7"] == pytest.approx(1.649, abs=0.01)
    assert leak_tests(contest).flagged == leak_tests(trial_task).flagged == ()


def test_thirteen_models_of_one_contest_are_hardly_two(contest: FusionTask) -> None:
    vectors, reasons = usable_vectors(contest)
    assert len(vectors) == 13
    assert independent_models(vectors) == pytest.approx(1.73, abs=0.05)
    assert (
        reasons["l1-predictions_example"]
        == "l1-predictions_example is an exact copy of arbitron-huber-log and adds nothing"
    )
    assert [voice.name for voice in voices(contest)[0]] == ["3078024889", "arbitron"]


def test_a_blend_of_a_rivals_list_is_one_with_it_for_rewards(contest: FusionTask) -> None:
    [cluster] = reward_shares(contest).clusters
    assert {"3078024889", "arbitron-huber-log"} <= set(cluster.models)
    assert cluster.takes_part
