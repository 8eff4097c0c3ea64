"""Each verdict from a small round, with what it says to people."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.allocation import Verdict, allocate, decide_verdicts, probability_text
from daccord.fusion import MICRO, NANO, CriterionScore, ProjectScore, Scores
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project, Risk, Role
from daccord.round import Budget, Constraint, EvidenceRules, MoneyRules, Rules, Safeguard, VerdictRules

EURO = Currency("EUR", 2)


def score(above: int | None, judgments: int = 12, jurors: int = 5, **communities: int) -> CriterionScore:
    return CriterionScore(0, 300_000, above, communities, judgments, jurors)


def project_score(identifier: str = "p", **criteria: CriterionScore) -> ProjectScore:
    return ProjectScore(identifier, criteria, NANO * 32 // 1000, NANO // 100, NANO * 61 // 1000)


def judge(project: Project | None = None, rules: Rules | None = None, **criteria: CriterionScore) -> Verdict:
    """The verdict on one project in a round with a deployed and an undeployed neighbour."""
    project = project or Project("p", "Mask factory", team="Clean Air")
    neighbours = (Project("ready", "Ready", maturity="deployed"), Project("idea", "Filter idea", maturity="idea"))
    portfolio = Portfolio((project, *neighbours), (Risk("leak", "Leaks from laboratories"),))
    others = tuple(project_score(other.id, benefit=score(600_000, judgments=0, jurors=0)) for other in neighbours)
    scores = Scores((project_score(project.id, **criteria), *others))
    return decide_verdicts(portfolio, scores, rules or Rules())[0]


def codes(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


def test_accelerate_says_how_sure_people_are():
    verdict = judge(benefit=score(834_567), harm=score(100_000))
    assert verdict.label == "accelerate"
    assert verdict.probability == 834_567
    assert verdict.probability_of == "that its benefit is above the bar, with less than 20 % for harm above the limit"
    assert verdict.reasons[0].text == (
        "People gave 12 answers; the probability that its benefit is above the bar is 83 %."
    )
    assert codes(verdict) == ["benefit_above_bar", "harm_below_limit"]
    assert not verdict.safeguards
    assert verdict.reopens_after_days is None


@pytest.mark.parametrize(
    ("harm", "label"),
    [
        (0, "accelerate"),
        (199_999, "accelerate"),
        (200_000, "with_safeguards"),
        (499_999, "with_safeguards"),
        (500_000, "hold"),
        (MICRO, "hold"),
    ],
)
def test_harm_decides_at_exactly_the_thresholds(harm, label):
    assert judge(benefit=score(900_000), harm=score(harm)).label == label


@pytest.mark.parametrize(("benefit", "label"), [(499_999, "unclear"), (500_000, "accelerate")])
def test_benefit_decides_at_exactly_the_bar(benefit, label):
    assert judge(benefit=score(benefit), harm=score(0)).label == label


def test_thresholds_count_as_they_are_written():
    """0.3 is three tenths: the float is a little less, and a probability of 0.3 exactly must reach it."""
    rules = Rules(verdicts=VerdictRules(hold=0.3))
    assert judge(rules=rules, benefit=score(900_000), harm=score(300_000)).label == "hold"
    assert judge(rules=rules, benefit=score(900_000), harm=score(299_999)).label == "with_safeguards"


def test_hold_by_harm_states_expiry_and_cost_of_delay():
    verdict = judge(rules=Rules(hold_days=180), benefit=score(900_000), harm=score(620_000))
    assert (verdict.label, verdict.probability, verdict.at_least) == ("hold", 500_000, True)
    assert verdict.probability_of == "that its harm is above the limit"
    assert verdict.reopens_after_days == 180
    assert verdict.cost_of_delay == (
        "Each month of waiting puts off what is expected to be 3.2 % of what the whole round does in a month (80 % "
        "interval 1.0 % to 6.1 %); until the hold expires that is 0.19 months of the whole round."
    )
    assert codes(verdict) == ["harm_above_limit", "benefit_above_bar"]


def test_a_sure_community_holds_unless_another_is_sure_of_the_contrary():
    sure = judge(benefit=score(900_000), harm=score(300_000, north=920_000, south=400_000))
    assert (sure.label, sure.probability, sure.reasons[0].code) == ("hold", 900_000, "community_sure")
    assert "“north” alone" in sure.reasons[0].text
    disputed = judge(benefit=score(900_000), harm=score(300_000, north=920_000, south=100_000))
    assert disputed.label == "with_safeguards"
    hesitant = judge(benefit=score(900_000), harm=score(300_000, north=899_999, south=100_001))
    assert hesitant.label == "with_safeguards"


@pytest.mark.parametrize(
    ("constraint", "project"),
    [
        (Constraint("no-leaks", "2", "Nothing that can leak.", projects=("p",)), Project("p", "Plain")),
        (
            Constraint("no-leaks", "2", "Nothing that can leak.", raises=("leak",)),
            Project("p", "P", roles=(Role("raises", "leak"),)),
        ),
    ],
)
def test_a_hard_constraint_holds_whatever_the_scores(constraint, project):
    verdict = judge(project, Rules(constraints=(constraint,)), benefit=score(MICRO), harm=score(0))
    assert (verdict.label, verdict.probability, codes(verdict)) == ("hold", MICRO, ["hard_constraint"])
    for word in ("no-leaks", "version 2", "Nothing that can leak."):
        assert word in verdict.reasons[0].text
    assert verdict.reopens_after_days == 365
    assert verdict.cost_of_delay


def test_defending_against_a_forbidden_risk_is_not_raising_it():
    constraint = Constraint("no-leaks", "1", "Nothing that can leak.", raises=("leak",))
    project = Project("p", "P", roles=(Role("defends", "leak"),))
    assert judge(project, Rules(constraints=(constraint,)), benefit=score(MICRO), harm=score(0)).label == "accelerate"


def test_a_hard_constraint_holds_what_nobody_judged():
    verdict = judge(rules=Rules(constraints=(Constraint("c", "1", "No.", projects=("p",)),)))
    assert verdict.label == "hold"
    assert "not been judged" in verdict.cost_of_delay


@pytest.mark.parametrize(
    "criteria",
    [
        {},
        {"benefit": score(900_000, judgments=2)},
        {"benefit": score(900_000, jurors=1)},
        {"benefit": score(900_000), "harm": score(0, judgments=2)},
        {"benefit": score(900_000, jurors=1), "harm": score(490_000)},
        {"benefit": score(900_000, jurors=1), "harm": score(990_000, jurors=1)},
    ],
)
def test_thin_evidence_is_unrated_and_says_what_is_missing(criteria):
    verdict = judge(**criteria)
    assert (verdict.label, verdict.probability) == ("unrated", None)
    assert set(codes(verdict)) == {"thin_evidence"}
    assert "3 answers from 2 people" in verdict.reasons[0].text


def test_thin_evidence_about_harm_counts_only_if_the_round_asks():
    portfolio = Portfolio((Project("p", "P"), Project("q", "Q")))
    rated = project_score("p", benefit=score(900_000))
    alone = Scores((rated, project_score("q", benefit=score(900_000))))
    assert [v.label for v in decide_verdicts(portfolio, alone, Rules())] == ["accelerate", "accelerate"]
    asked = Scores((rated, project_score("q", benefit=score(900_000), harm=score(0))))
    assert [v.label for v in decide_verdicts(portfolio, asked, Rules())] == ["unrated", "accelerate"]


def test_no_minimum_of_evidence_still_needs_an_answer():
    verdict = judge(rules=Rules(evidence=EvidenceRules(0, 0)))
    assert verdict.label == "unrated"
    assert verdict.reasons[0].text.startswith("Nobody has answered about its benefit")


def test_harm_that_was_not_judged_is_said():
    verdict = judge(benefit=score(900_000))
    assert (verdict.label, verdict.probability) == ("accelerate", 900_000)
    assert "harm_not_judged" in codes(verdict)


def test_without_a_bar_nobody_is_cleared():
    verdict = judge(benefit=score(None), harm=score(0))
    assert (verdict.label, verdict.probability, verdict.reasons[0].code) == ("unclear", None, "no_bar")
    portfolio = Portfolio((Project("p", "P"),))
    allocation = allocate(portfolio, Scores((project_score(benefit=score(None)),)), Rules(), Budget(100, EURO))
    assert (allocation.unallocated, allocation.awards[0].amount) == (100, 0)
    # Scores do not say why there is no probability, so neither the reason nor the warning claims to know.
    for text in (verdict.reasons[0].text, *(w for w in allocation.warnings if w.startswith("No probability"))):
        assert "above a bar is known" in text
        assert "sets no bar, or its fusion rule cannot" in text or "no bar is set, or the fusion rule cannot" in text
    assert sum(warning.startswith("No probability") for warning in allocation.warnings) == 1


def test_harm_without_a_limit_clears_nobody():
    verdict = judge(benefit=score(900_000), harm=score(None))
    assert (verdict.label, verdict.reasons[0].code) == ("unclear", "no_harm_limit")
    assert "either the round sets no limit, or its fusion rule cannot place it" in verdict.reasons[0].text
    scores = Scores((project_score(benefit=score(900_000), harm=score(None)),))
    warnings = allocate(Portfolio((Project("p", "P"),)), scores, Rules(), Budget(100, EURO)).warnings
    assert any("either no limit is set, or the fusion rule cannot place it" in warning for warning in warnings)


def test_unclear_says_how_probable_it_is_that_the_bar_is_missed():
    verdict = judge(benefit=score(310_000), harm=score(0))
    assert (verdict.label, verdict.probability) == ("unclear", 690_000)
    assert verdict.probability_of == "that its benefit is not above the bar"
    assert "50 % is needed" in verdict.reasons[0].text


class TestSafeguards:
    def test_a_closed_gate_waits_and_names_what_for(self):
        project = Project("p", "P", team="T", requires=("ready", "idea"))
        verdict = judge(project, benefit=score(900_000), harm=score(0))
        assert (verdict.label, verdict.waits_for, verdict.probability) == ("with_safeguards", ("idea",), 900_000)
        assert verdict.reasons[0].code == "gate_closed"
        assert "Filter idea" in verdict.reasons[0].text
        assert "Filter idea" in verdict.safeguards[0].condition

    def test_an_open_gate_changes_nothing(self):
        project = Project("p", "P", requires=("ready",))
        assert judge(project, benefit=score(900_000), harm=score(0)).label == "accelerate"

    def test_a_gate_on_something_unknown_stays_closed(self):
        project = Project("p", "P", requires=("elsewhere",))
        assert judge(project, benefit=score(900_000), harm=score(0)).waits_for == ("elsewhere",)

    def test_the_rounds_own_safeguards_are_named(self):
        own = Safeguard("An audit each year.", "the board", "All of it within 30 days.")
        verdict = judge(rules=Rules(safeguards=(own,)), benefit=score(900_000), harm=score(250_000))
        assert verdict.safeguards == (own,)

    @pytest.mark.parametrize(
        "roles", [(), (Role("raises", "leak"),), (Role("raises", "leak"), Role("raises", "ready"))]
    )
    @pytest.mark.parametrize("team", ["", "Clean Air"])
    def test_default_safeguards_name_condition_party_and_clawback(self, roles, team):
        verdict = judge(Project("p", "Masks", team=team, roles=roles), benefit=score(900_000), harm=score(250_000))
        assert verdict.label == "with_safeguards"
        assert len(verdict.safeguards) == max(1, len(roles))
        for safeguard in verdict.safeguards:
            assert (team or "Masks") in safeguard.accountable
            assert "returns to the pot" in safeguard.clawback
        if roles:
            assert "Leaks from laboratories" in verdict.safeguards[0].condition


def test_each_axis_gives_a_reason_of_its_own():
    """Three axes and harm: failing one of them is a different stated reason."""
    good = {axis: score(900_000) for axis in ("benefit", "defence", "diffusion")} | {"harm": score(50_000)}
    failing = {axis: judge(**{**good, axis: score(100_000)}) for axis in ("benefit", "defence", "diffusion")}
    failing["harm"] = judge(**{**good, "harm": score(700_000)})
    clean = {reason.code for reason in judge(**good).reasons}
    own = {axis: {r.code for r in verdict.reasons} - clean for axis, verdict in failing.items()}
    assert own == {
        "benefit": {"benefit_below_bar"},
        "defence": {"defence_below_bar"},
        "diffusion": {"diffusion_below_bar"},
        "harm": {"harm_above_limit"},
    }
    texts = [reason.text for verdict in failing.values() for reason in verdict.reasons if reason.code not in clean]
    assert len(set(texts)) == 4


def test_probabilities_read_below_a_threshold_they_are_below():
    """49.9999 % must not be printed as 50 % beside "50 % is needed"."""
    assert "is 49 %, and 50 % is needed" in judge(benefit=score(499_999)).reasons[0].text
    sharp = Rules(verdicts=VerdictRules(accelerate=0.125, safeguards=1 / 3))
    assert "is 12.4 %, and 12.5 % is needed" in judge(rules=sharp, benefit=score(124_999)).reasons[0].text
    text = judge(rules=sharp, benefit=score(MICRO), harm=score(333_334)).reasons[0].text
    assert "is at least 33.3334 % and below 50 %, and that needs safeguards" in text


def test_no_estimate_reads_as_certain():
    for certain, words in ((0, "is under 1 %"), (1, "is under 1 %"), (MICRO, "is over 99 %")):
        verdict = judge(benefit=score(certain), harm=score(0))
        assert words in verdict.reasons[0].text, verdict


@given(st.integers(0, MICRO), st.integers(0, MICRO))
def test_a_probability_and_its_threshold_read_alike_only_if_they_are_equal(probability, threshold):
    shown, level = probability_text(probability, threshold), probability_text(threshold, threshold)
    assert (shown == level) == (probability == threshold)
    if shown[0].isdigit():
        exact, below = Fraction(shown.removesuffix(" %")) / 100, Fraction(level.removesuffix(" %")) / 100
        assert exact <= Fraction(probability, MICRO)
        assert (exact < below) == (probability < threshold)


def test_scores_of_other_projects_are_refused():
    portfolio = Portfolio((Project("p", "P"), Project("q", "Q")))
    scores = Scores((project_score("q"), project_score("p")))
    with pytest.raises(ValueError, match="portfolio's order"):
        decide_verdicts(portfolio, scores, Rules())


def test_only_cleared_projects_are_paid_and_everybody_is_told_why():
    names = ["go", "guard", "hold", "unclear", "unrated"]
    portfolio = Portfolio(tuple(Project(name, name) for name in names))
    scores = Scores(
        (
            project_score("go", benefit=score(900_000), harm=score(0)),
            project_score("guard", benefit=score(900_000), harm=score(250_000)),
            project_score("hold", benefit=score(MICRO), harm=score(900_000)),
            project_score("unclear", benefit=score(100_000), harm=score(0)),
            project_score("unrated", benefit=score(MICRO, judgments=1), harm=score(0)),
        )
    )
    allocation = allocate(portfolio, scores, Rules(money=MoneyRules()), Budget(1_001, EURO))
    assert [v.label for v in allocation.verdicts] == ["accelerate", "with_safeguards", "hold", "unclear", "unrated"]
    assert sorted(award.amount for award in allocation.awards[:2]) == [500, 501]
    assert [(a.amount, a.weight, a.limited_by) for a in allocation.awards[2:]] == [(0, 0, "verdict")] * 3
    assert allocation.unallocated == 0
    assert all(verdict.reasons for verdict in allocation.verdicts)


def test_nothing_to_fund_leaves_the_whole_pot():
    portfolio = Portfolio((Project("p", "P"),))
    held = Scores((project_score(benefit=score(0), harm=score(0)),))
    allocation = allocate(portfolio, held, Rules(), Budget(500, EURO))
    assert allocation.unallocated == 500
    assert any("whole pot" in warning for warning in allocation.warnings)
    empty = allocate(Portfolio(()), Scores(()), Rules(), Budget(500, EURO))
    assert (empty.awards, empty.unallocated) == ((), 500)
