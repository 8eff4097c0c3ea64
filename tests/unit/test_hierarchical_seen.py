"""What a voice foresees of answers that it could have seen is no skill, on a simulated round."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.unit.hierarchical_cases import simulate

from daccord.fusion import FusionTask, fusion_rule
from daccord.fusion.hierarchical._evidence import gather
from daccord.fusion.hierarchical._folds import deal_folds, fit_folds
from daccord.fusion.hierarchical._pilot import learn_scales
from daccord.fusion.hierarchical._predict import linearise, look_out
from daccord.fusion.models import seen_by_voices, voices
from daccord.judging import NEVER, Comparisons, Judge, ModelList, Panel


def with_leaker(committed: int | None) -> FusionTask:
    """A model whose list is fitted to the answers of half of the jurors; these were revealed at time 100."""
    told = simulate(4, projects=14, jurors=12, ratios=240)
    task = told.task
    table = task.judgments.comparisons
    early = table.judge < 6
    table = Comparisons(
        table.judge, table.a, table.b, table.outcome, table.log_ratio, np.where(early, 100, NEVER).astype(np.int64)
    )
    half = task.only(np.arange(len(task.panel)) < 6)
    # It has the early jurors' answers by heart and knows nothing of its own.
    learned = np.linalg.lstsq(
        np.eye(len(task.projects))[half.comparisons.a] - np.eye(len(task.projects))[half.comparisons.b],
        half.comparisons.log_ratio,
        rcond=None,
    )[0]
    weights = np.exp(learned - learned.mean())
    entry = ModelList("leaker", dict(zip(task.projects, weights.tolist(), strict=True)))
    panel = Panel((*task.panel.judges, Judge("leaker", "model", committed=committed)))
    return replace(
        task, panel=panel, judgments=replace(task.judgments, comparisons=table, lists=(*task.judgments.lists, entry))
    )


def test_a_voice_is_silent_on_what_its_models_could_have_seen():
    """The held-out density of seen answers does not depend on the voice; of the others it does."""
    task = with_leaker(committed=100)
    heard, _ = voices(task)
    evidence = gather(task)
    seen = seen_by_voices(task, heard)[:, : evidence.rows].T
    assert 0.3 < seen.mean() < 0.7
    evidence = replace(evidence, seen=seen)
    vectors = np.array([voice.vector for voice in heard]).T
    scales, tau = learn_scales(evidence, np.zeros(evidence.size))
    fold, _ = deal_folds(evidence, 0)
    folds = fit_folds(evidence, fold, vectors, scales, np.zeros(evidence.size), tau)
    none = np.zeros(len(heard))
    linear = linearise(look_out(folds, tau, 1.0), scales, none, new_juror=True)
    held = np.concatenate([part.held.seen for part in folds])
    assert (linear.slope[held] == 0).all()
    assert (np.abs(linear.slope[~held]) > 0).any()


def test_the_share_of_a_leaker_falls_when_its_time_is_known():
    unknown, known = (fusion_rule("hierarchical").fit(with_leaker(at)) for at in (None, 100))
    share = [{skill.voice: skill.share for skill in found.voices}.get("leaker", 0.0) for found in (unknown, known)]
    assert share[0] > share[1]
