"""Views of jurors, communities and questions, and the command that shows them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from tests.property.fusion_cases import make_round

from daccord.cli.main import cli
from daccord.errors import InputError
from daccord.fusion import (
    agreement_of,
    contaminate,
    coverage_of,
    criterion_views,
    fusion_rule,
    simulate_jury,
    with_found_communities,
)
from daccord.judging import Comparisons, Panel, Ratings, Skips

DACC = Path(__file__).resolve().parents[2] / "examples" / "dacc"


# --- coverage ---------------------------------------------------------------------------------------------------------


def test_open_questions_count_as_asked_and_never_as_votes():
    task = simulate_jury(1, "mixed", projects=5, jurors=4, answers=24).task
    skips = Skips(np.array([0, 1, 1, 3]), np.array([0, 0, 2, 4]), np.array([1, -1, -1, 0]))
    asked = replace(task, judgments=replace(task.judgments, skips=skips))
    cover = coverage_of(asked)
    answered, jurors = task.evidence_count
    assert [entry.open for entry in cover] == [3, 1, 1, 0, 1]
    assert [entry.answered for entry in cover] == answered.tolist()
    assert [entry.jurors for entry in cover] == jurors.tolist()
    assert all(entry.asked == entry.answered + entry.open for entry in cover)
    rule = fusion_rule("least-squares")
    assert np.array_equal(rule.fit(asked).mean, rule.fit(task).mean)


# --- agreement --------------------------------------------------------------------------------------------------------


def test_whoever_says_the_opposite_disagrees():
    task = simulate_jury(2, "normal", projects=8, jurors=20, answers=400).task
    bad = contaminate(task, 0.1, "flipped", 2)
    found = {entry.juror: entry for entry in agreement_of(bad.task, "least-squares")}
    liars = {bad.task.panel.judges[int(j)].id for j in bad.adversaries}
    assert len(found) == 20
    assert all(entry.pairs == 20 for entry in found.values())
    assert max(found[name].agreed for name in liars) < 0.4
    assert min(entry.agreed for name, entry in found.items() if name not in liars) > 0.6


def test_ratings_agree_by_the_pairs_they_put_in_an_order():
    task = simulate_jury(3, "ratings", projects=10, jurors=8, answers=80).task
    found = agreement_of(task, "hierarchical", folds=3)
    r = task.ratings
    for entry in found:
        own = r.value[r.judge == task.panel.index[entry.juror]]
        assert entry.pairs <= len(own) * (len(own) - 1) / 2
        assert entry.agreed is None or entry.agreed > 0.5


def test_nobody_agrees_with_himself():
    """A juror whose answers alone link two projects is judged by a fit that has not heard them."""
    task = simulate_jury(4, "normal", projects=6, jurors=6, answers=90).task
    c = task.comparisons
    mine = c.judge == 0
    ratio = np.where(mine, 5.0, c.log_ratio)  # the first is always a hundred and fifty times the second
    told = Comparisons(c.judge, c.a, c.b, np.sign(ratio).astype(np.int64), ratio)
    changed = replace(task, judgments=replace(task.judgments, comparisons=told))
    agreed = {entry.juror: entry.agreed for entry in agreement_of(changed, "least-squares")}
    assert 0.2 < agreed["j0000"] < 0.8


# --- together ---------------------------------------------------------------------------------------------------------


def test_views_of_a_round_fit_together():
    round_ = make_round(8, jurors=6, comparisons=40)
    found = criterion_views(round_)
    assert {view.juror for view in found.beliefs.juror_views} <= set(found.told)
    assert sum(found.told.values()) == 40 + 18
    assert len(found.answers) == 40 + 18
    assert found.unheld == ""
    assert [cover.project for cover in found.coverage] == list(found.projects)
    for i, community in enumerate(found.support.community):
        own = [view.mean[i] for view in found.beliefs.community_views.values() if not np.isnan(view.mean[i])]
        if community:
            assert found.support.support[i] == min(own) == found.beliefs.community_views[community].mean[i]
        else:
            assert len(own) < 2
    with pytest.raises(InputError, match="does not ask for 'harm'"):
        criterion_views(round_, "harm")


def test_where_nothing_can_be_held_out_the_rest_still_stands():
    round_ = make_round(9, jurors=2, comparisons=3, ratings=0, orders=0.0)
    found = criterion_views(round_, rule="least-squares")
    assert "too few to hold some out" in found.unheld
    assert found.agreement == ()
    assert found.answers == ()


# --- the command ------------------------------------------------------------------------------------------------------


def call(*arguments: str) -> str:
    found = CliRunner().invoke(cli, ["views", str(DACC), *arguments])
    assert found.exit_code == 0, found.output
    return found.output


def test_the_command_shows_jurors_projects_and_questions():
    text = call()
    assert text.startswith("SIMULATED ROUND")
    assert "stretch" in text
    assert "agrees with" in text
    assert "half of the jurors agree in" in text
    assert "least supportive" in text
    assert "left open" in text


def test_one_juror_and_one_community():
    text = call("--juror", "j05", "--rule", "least-squares")
    assert "j05, opensec: 9 answers" in text
    assert "least-squares knows no stretch, offset or noise of single jurors" in text
    assert "the others'" in text
    document = json.loads(call("--juror", "j05", "--rule", "least-squares", "--json"))
    assert len(document["answers"]) == 3  # of nine, three tell a ratio, which is all that this rule reads
    text = call("--community", "opensec", "--rule", "least-squares")
    assert "nobody of opensec answered, or the rule does not fit communities alone" in text


def test_too_few_answers_are_said_and_not_filled_with_numbers():
    document = json.loads(call("--criterion", "diffusion", "--rule", "least-squares", "--json"))
    few = [juror for juror in document["jurors"] if juror["answers"] < 5]
    assert sorted(juror["answers"] for juror in few) == [1, 4]
    for juror in few:
        assert not juror["enough"]
        assert juror["stretch"] is None
        assert juror["agreed"] is None
    assert document["schema"] == "daccord/views/1"
    assert document["simulated"] is True


def test_names_the_round_does_not_know_are_refused():
    for arguments, words in (
        (["--juror", "nobody"], "no juror is called 'nobody'"),
        (["--juror", "basalt-large"], "'basalt-large' is a model"),
        (["--community", "aliens"], "no community is called 'aliens'"),
        (["--criterion", "need"], "does not ask for 'need'"),
    ):
        assert words in str(CliRunner().invoke(cli, ["views", str(DACC), *arguments]).exception)
    both = CliRunner().invoke(cli, ["views", str(DACC), "--juror", "j05", "--community", "opensec"])
    assert both.exit_code == 2
    assert "exclude each other" in both.output


def test_groups_found_in_the_answers_stand_in_for_communities_nobody_declared():
    """Two camps of ten that want the opposite; the round itself stays as it is."""
    round_ = make_round(3, projects=8, jurors=20, comparisons=0, ratings=0)
    camp = np.where(np.arange(20) < 10, 1.0, -1.0)
    rng = np.random.default_rng(2)
    value = 5 + camp[:, None] * np.array([3, 3, 3, 0.5, -0.5, -3, -3, -3]) + rng.normal(0, 0.3, (20, 8))
    judge, project = (index.ravel() for index in np.indices(value.shape))
    none = np.full(len(judge), np.nan)
    rated = Ratings(judge, project, np.clip(value, 0, 10).ravel(), none, none)
    nobody = Panel(tuple(replace(judge, community="") for judge in round_.panel))
    told = replace(round_.judgments["benefit"], ratings=rated)
    round_ = replace(round_, panel=nobody, judgments={"benefit": told})
    found = with_found_communities(round_)
    names = [judge.community for judge in found.panel]
    assert set(names[:10]) | set(names[10:]) == {"found 1", "found 2"}
    assert len(set(names[:10])) == len(set(names[10:])) == 1
    declared = replace(round_, panel=Panel(tuple(replace(judge, community="all") for judge in round_.panel)))
    assert with_found_communities(declared) is declared
    assert set(criterion_views(found).beliefs.community_views) == {"found 1", "found 2"}
