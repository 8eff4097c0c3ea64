"""Why a project gets what it gets: every "if" is a rerun, and the numbers are the engine's own."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest
from tests.unit.report_cases import TABLE, build_decision

from daccord.allocation import allocate
from daccord.errors import InputError
from daccord.fusion import MICRO
from daccord.report import explain_project
from daccord.report._whatif import DOUBLE

IDS = [row[0] for row in TABLE]


@pytest.fixture(scope="module")
def decision():
    return build_decision()


def _allocate(decision, project, criterion, **changes):
    scores = decision.scores.with_project(decision.scores[project].with_criterion(criterion, **changes))
    return allocate(decision.round.portfolio, scores, decision.round.rules, decision.round.budget)


def _answer(explained, code):
    return next(answer for answer in explained.money if answer.code == code)


def test_the_case_has_all_five_verdicts(decision):
    labels = {verdict.label for verdict in decision.allocation.verdicts}
    assert labels == {"accelerate", "with_safeguards", "hold", "unclear", "unrated"}


@pytest.mark.parametrize("project", IDS)
def test_every_answer_starts_from_the_decision_and_says_so(decision, project):
    explained = explain_project(decision, project)
    award = decision.allocation.award_of[project]
    assert explained.amount == award.amount
    assert explained.share == pytest.approx(award.amount / decision.round.budget.amount)
    for answer in (*explained.cutoffs, *explained.money):
        assert (answer.amount, answer.label) == (award.amount, explained.label)
        assert answer.text.endswith(".")
    assert all(answer.label_after != answer.label for answer in explained.cutoffs)
    assert all(paragraph == paragraph.strip() and paragraph for paragraph in explained.paragraphs)


@pytest.mark.parametrize("project", ["proofs", "notes", "zk-id", "open-model", "grid"])
def test_money_what_ifs_are_reruns_of_the_allocation(decision, project):
    explained = explain_project(decision, project)
    benefit = decision.scores[project].criteria["benefit"]
    certain = _allocate(decision, project, "benefit", sd=0)
    assert _answer(explained, "certain").amount_after == certain.award_of[project].amount
    for criterion in ("defence", "diffusion"):
        for above, suffix in ((0, "no"), (MICRO, "yes")):
            rerun = _allocate(decision, project, criterion, above=above)
            assert _answer(explained, f"{criterion}_{suffix}").amount_after == rerun.award_of[project].amount
    held = _allocate(decision, project, "harm", above=MICRO // 2)
    harm = _answer(explained, "harm_at_hold")
    assert (harm.amount_after, harm.label_after) == (held.award_of[project].amount, "hold")
    # The differential rule ignores shares, so doubling the mean with its probability is all there is to the rerun.
    twice = _answer(explained, "twice")
    for above in range(benefit.above, MICRO + 1, 1000):
        rerun = _allocate(decision, project, "benefit", mean=benefit.mean + DOUBLE, above=above)
        if rerun.verdict_of[project].label == twice.label_after:
            assert twice.amount_after == rerun.award_of[project].amount
            break
    else:
        pytest.fail("no probability gives the verdict that was claimed")


def test_more_value_never_loses_money_and_less_never_gains(decision):
    for project in IDS:
        explained = explain_project(decision, project)
        assert _answer(explained, "twice").amount_after >= explained.amount >= _answer(explained, "half").amount_after


def test_shares_move_with_value_under_the_proportional_rule():
    decision = build_decision(rule="proportional")
    explained = explain_project(decision, "notes")
    assert _answer(explained, "twice").amount_after > explained.amount > _answer(explained, "half").amount_after
    assert explained.factors == ()
    assert explained.weight == ""


def test_cut_offs_are_the_smallest_moves_that_flip_the_verdict(decision):
    explained = explain_project(decision, "notes")
    benefit = "the probability that its benefit is above the bar"
    harm = "the probability that its harm is above the limit"
    assert [answer.text for answer in explained.cutoffs] == [
        f"It would become “with safeguards” if {harm} rose to 20 %.",
        f"It would become “unclear” if {benefit} fell from 83 % to below 50 %.",
        # It lies in the domain of information, so every community counts by itself.
        *(
            f"It would become “unclear” if {benefit}, by the answers of the community “{name}” alone, fell from "
            f"{much} % to below 20 %."
            for name, much in (("civil society", 74), ("builders", 88))
        ),
    ]
    # On the near side of each cut-off the verdict still stands.
    assert _allocate(decision, "notes", "benefit", above=500_000).verdict_of["notes"].label == "accelerate"
    assert _allocate(decision, "notes", "harm", above=199_999).verdict_of["notes"].label == "accelerate"


def test_a_gate_and_thin_evidence_are_answered_by_reruns(decision):
    gate = replace(decision, scores=decision.scores.with_project(_harmless(decision, "zk-id")))
    gate = replace(gate, allocation=allocate(gate.round.portfolio, gate.scores, gate.round.rules, gate.round.budget))
    assert gate.allocation.verdict_of["zk-id"].waits_for == ("proofs",)
    opened = [answer for answer in explain_project(gate, "zk-id").cutoffs if answer.code == "gate"]
    assert [answer.label_after for answer in opened] == ["accelerate"]
    rated = [answer for answer in explain_project(decision, "neuro").cutoffs if answer.code == "evidence"]
    assert len(rated) == 1
    assert rated[0].label_after != "unrated"


def _harmless(decision, project):
    return decision.scores[project].with_criterion("harm", above=10_000)


def test_factors_multiply_to_the_weight_that_moved_the_money(decision):
    digits = int(decision.allocation.certificate["weight_digits"])
    funded = [award for award in decision.allocation.awards if award.amount]
    assert funded
    for award in funded:
        product = math.prod(factor.value for factor in explain_project(decision, award.project).factors)
        assert product == pytest.approx(float(Fraction(award.weight, 10**digits)), rel=1e-12)


def test_with_safeguards_and_hold_say_what_they_entail(decision):
    guarded = " ".join(explain_project(decision, "zk-id").paragraphs)
    for words in (
        "Condition: Publish a red-team report",
        "accountable: Safety board",
        "Clawback:",
        "money waits until",
    ):
        assert words in guarded
    held = " ".join(explain_project(decision, "gene-synth").paragraphs)
    assert "expires after 365 days" in held
    assert "Cost of delay:" in held


def test_no_score_lifts_a_hard_constraint(decision):
    explained = explain_project(decision, "swarm")
    assert explained.cutoffs == ()
    assert explained.closest.startswith("No score lifts a hard constraint")
    assert "100 %" not in explained.paragraphs[0]


def test_evidence_is_in_words_with_its_interval(decision):
    evidence = explain_project(decision, "notes").evidence
    assert [e.criterion for e in evidence] == ["benefit", "defence", "diffusion", "harm"]
    assert "about 1.6 times the typical project (80 %: 0.91 to 2.8)" in evidence[0].text
    assert "83 % that it is above the bar of 0.7 times the typical project" in evidence[0].text
    assert "26 answers of ten people" in evidence[0].text
    assert "Nobody answered" in explain_project(decision, "neuro").evidence[1].text


def test_an_unknown_project_is_an_error_that_suggests(decision):
    with pytest.raises(InputError, match="did you mean 'notes'"):
        explain_project(decision, "note")
    with pytest.raises(InputError, match="did you mean 'far-uv'"):
        explain_project(decision, "Far-UVC lamps in school")
    with pytest.raises(InputError, match="no project has the id 'Notes'"):
        explain_project(decision, "Notes")


def test_explaining_needs_no_extra():
    blocked = "import sys; sys.modules.update(dict.fromkeys(('jinja2', 'altair', 'vl_convert')))"
    code = f"{blocked}; from daccord.report import explain_project; print(explain_project.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "explain_project"), done.stderr
