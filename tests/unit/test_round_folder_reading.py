"""What `load_round` makes of a sound folder, and what it says it changed."""

from __future__ import annotations

import hashlib
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.hostile.round_cases import BASE, added, build, edited

from daccord.formats import check_round, load_round
from daccord.money import Currency
from daccord.portfolio import Risk, Role
from daccord.round import (
    Budget,
    Constraint,
    Criterion,
    EvidenceRules,
    Goal,
    ModelRules,
    MoneyRules,
    Override,
    RatingScale,
    Rules,
    Safeguard,
    Threshold,
    VerdictRules,
)


def test_everything_in_its_place(tmp_path: Path) -> None:
    found = load_round(build(tmp_path))
    assert (found.name, found.simulated, found.seed, found.notices) == ("Base (simulated)", True, 0, ())
    assert found.goal == Goal("Be safer.", "the council")
    assert found.budget == Budget(100_000, Currency("USD", 2))
    assert found.criteria == (
        Criterion("benefit", "Which is better?", RatingScale(0.0, 10.0, 0.8), Threshold("rating", 4.0)),
        Criterion("harm", "Which is worse?", None, Threshold("relative", 2.0)),
    )
    assert found.rules == Rules(constraints=(Constraint("none", "1", "Nothing of that kind.", ("beta",), ("plague",)),))
    assert found.portfolio.ids == ("alpha", "beta", "gamma")
    assert found.portfolio.risks == (Risk("plague", "A plague"),)
    alpha, beta, gamma = found.portfolio
    assert (alpha.title, alpha.team, alpha.ask, alpha.maturity, alpha.text) == (
        "Alpha",
        "Red",
        50_000,
        "deployed",
        "First",
    )
    assert alpha.cells == {"bits/cyber/survive": 1}
    assert alpha.roles == (Role("defends", "plague"),)
    assert beta.cells == {"bits/cyber/survive": Fraction(7, 10), "bits/info/survive": Fraction(3, 10)}
    assert (beta.ask, beta.requires) == (None, ("alpha",))
    assert (gamma.ask, gamma.roles, gamma.maturity) == (2050, (Role("makes_safe", "beta"),), None)
    ann, ben, bot = found.panel
    assert (ann.kind, ann.community, ann.family, ann.conflicts) == ("person", "eth", "", ())
    assert ben.conflicts == ("Red", "beta")
    assert (bot.kind, bot.family, bot.exposure) == ("model", "acme", "blind")
    said = found.judgments["benefit"]
    assert said.comparisons.judge.tolist() == [0, 1]
    assert said.comparisons.outcome.tolist() == [1, 0]
    np.testing.assert_equal(said.comparisons.log_ratio, [math.log(2), math.nan])
    np.testing.assert_equal(said.ratings.value, [7, 3])
    np.testing.assert_equal(said.ratings.low, [6, math.nan])
    np.testing.assert_equal(said.ratings.high, [8.5, math.nan])
    assert [(one.model, dict(one.weights)) for one in said.lists] == [
        ("bot", {"alpha": 0.5, "beta": 0.3, "gamma": 0.2})
    ]
    harm = found.judgments["harm"]
    assert harm.comparisons.outcome.tolist() == [-1]
    assert len(harm.ratings) == len(harm.lists) == 0
    assert [(gift.donor, gift.project, gift.amount) for gift in found.inputs.contributions] == [("dora", "alpha", 500)]


def test_digests_are_of_the_bytes_of_every_file(tmp_path: Path) -> None:
    found = load_round(build(tmp_path, {"notes.txt": "not read"}))
    assert set(found.digests) == set(BASE)
    for name, text in BASE.items():
        # A table with answers on harm, which are secret, is named by the digest of its other rows.
        secret = ",harm," in text
        assert (found.digests[name] == hashlib.sha256(text.encode()).hexdigest()) is not secret, name
    assert any(",harm," in text for text in BASE.values())


def test_three_files_are_enough(tmp_path: Path) -> None:
    gone = dict.fromkeys(("comparisons.csv", "ratings.csv", "lists/bot.csv", "contributions.csv"), None)
    found = load_round(build(tmp_path, {**gone}))
    assert set(found.judgments) == {"benefit", "harm"}
    assert all(len(said.comparisons) == len(said.ratings) == 0 for said in found.judgments.values())


def test_rules_as_written(tmp_path: Path) -> None:
    text = """
[rules]
fusion = "huber"
hold_days = 90
[rules.evidence]
min_judgments = 5
min_jurors = 4
[rules.verdicts]
accelerate = 0.6
safeguards = 0.1
hold = 0.4
community_sure = 0.8
[rules.money]
rule = "proportional"
basis = "low"
caution = 0
defence_priority = 2
diffusion_priority = 0.25
saturation = 0.5
harm_budget = 0.1
team_cap = 0.3
minimum = 10
[rules.money.floors]
"bits/cyber/survive" = 0.05
[rules.models]
family_alarm = 0.2
family_cap = 0.4
[rules.models.override]
by = "the council"
reason = "Only one family answered."
[[safeguards]]
condition = "Review"
accountable = "Lead"
clawback = "All of it"
[communities]"""
    rules = load_round(build(tmp_path, edited("round.toml", "[communities]", text))).rules
    assert (rules.fusion, rules.hold_days) == ("huber", 90)
    assert rules.evidence == EvidenceRules(5, 4)
    assert rules.verdicts == VerdictRules(0.6, 0.1, 0.4, 0.8)
    assert rules.money == MoneyRules(
        "proportional", "low", 0.0, 2.0, 0.25, 0.5, 0.1, 0.3, {"bits/cyber/survive": 0.05}, 1000
    )
    assert rules.models == ModelRules(0.2, 0.4, Override("the council", "Only one family answered."))
    assert rules.safeguards == (Safeguard("Review", "Lead", "All of it"),)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: "\ufeff" + text, id="byte order mark"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(lambda text: text.replace("\n", "\n\n"), id="blank lines"),
        pytest.param(lambda text: text.rstrip("\n"), id="no line end at the end"),
    ],
)
def test_harmless_differences_between_editors(tmp_path: Path, change) -> None:
    plain = load_round(build(tmp_path / "plain"))
    other = load_round(build(tmp_path / "other", {name: change(text) for name, text in BASE.items()}))
    assert other.portfolio == plain.portfolio
    assert other.panel == plain.panel
    assert other.rules == plain.rules
    for name, said in plain.judgments.items():
        np.testing.assert_equal(other.judgments[name].comparisons.log_ratio, said.comparisons.log_ratio)
        assert other.judgments[name].lists == said.lists
    assert not other.notices


def test_spaces_around_cells_and_rows_of_empty_cells_do_not_count(tmp_path: Path) -> None:
    text = "juror , criterion,a,b, winner\n ann ,benefit, alpha , beta,alpha \n,,,,\n , ,,,\n"
    said = load_round(build(tmp_path, {"comparisons.csv": text})).judgments["benefit"]
    assert said.comparisons.outcome.tolist() == [1]


def test_spaces_in_titles_and_texts_stay(tmp_path: Path) -> None:
    found = load_round(build(tmp_path, edited("projects.csv", "deployed,First", 'deployed," a\n  b "')))
    assert found.portfolio["alpha"].text == " a\n  b "


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    text = "winner,b,ratio,a,criterion,juror\nbeta,beta,3,alpha,benefit,ann\n"
    table = load_round(build(tmp_path, {"comparisons.csv": text})).judgments["benefit"].comparisons
    assert table.outcome.tolist() == [-1]
    assert table.log_ratio.tolist() == [-math.log(3)]


@pytest.mark.parametrize(
    ("row", "outcome", "log_ratio"),
    [
        ("alpha,1", 1, 0.0),
        ("tie,1", 0, 0.0),
        ("tie,", 0, math.nan),
        ("beta,", -1, math.nan),
        ("beta,1e3", -1, -math.log(1000)),
        ("alpha,+2.50", 1, math.log(2.5)),
    ],
)
def test_winner_and_ratio(tmp_path: Path, row: str, outcome: int, log_ratio: float) -> None:
    text = f"juror,criterion,a,b,winner,ratio\nann,benefit,alpha,beta,{row}\n"
    table = load_round(build(tmp_path, {"comparisons.csv": text})).judgments["benefit"].comparisons
    assert table.outcome.tolist() == [outcome]
    np.testing.assert_equal(table.log_ratio, [log_ratio])


def test_the_last_word_counts_and_is_announced(tmp_path: Path) -> None:
    twice = "ann,benefit,alpha,7,,,2026-11-02\nann,benefit,alpha,8,,,2026-11-01"
    changes = {
        **added(
            "comparisons.csv",
            "ann,benefit,beta,alpha,beta,5,2026-11-01T12:00:00+01:00",  # 11:00 UTC: after row 2
            "ann,benefit,alpha,beta,tie,,2026-11-01T10:30:00Z",
        ),
        **edited(
            "ratings.csv",
            "ann,benefit,alpha,7,6,8.5,",
            twice,
        ),
    }
    found = load_round(build(tmp_path, changes))
    said = found.judgments["benefit"]
    assert said.comparisons.judge.tolist() == [1, 0]
    assert said.comparisons.log_ratio.tolist()[1] == math.log(5)
    assert said.ratings.value.tolist() == [7.0, 3.0]
    assert found.notices == (
        "comparisons.csv: 2 answers were set aside because the same judge answered this pair again later (row 2, 6)",
        "ratings.csv: 1 answer was set aside because the same judge answered this project again later (row 3)",
    )


def test_every_answer_of_a_model_counts(tmp_path: Path) -> None:
    rows = (
        "bot,harm,alpha,gamma,gamma,,",
        "bot,harm,gamma,alpha,alpha,3,2026-11-02",
        "bot,harm,alpha,gamma,tie,,2026-11-02",
    )
    found = load_round(build(tmp_path, added("comparisons.csv", *rows)))
    said = found.judgments["harm"].comparisons
    assert said.judge.tolist() == [2, 2, 2, 2]
    assert said.a.tolist() == [0, 0, 2, 0]
    assert said.outcome.tolist() == [-1, -1, -1, 0]
    np.testing.assert_equal(said.log_ratio, [math.nan, math.nan, -math.log(3), math.nan])
    assert not found.notices


def test_the_same_pair_on_two_criteria_is_no_repetition(tmp_path: Path) -> None:
    found = load_round(build(tmp_path, added("comparisons.csv", "ann,harm,alpha,beta,alpha,,")))
    assert len(found.judgments["harm"].comparisons) == 2
    assert not found.notices


def test_a_list_that_does_not_sum_to_one_is_normalised_with_a_notice(tmp_path: Path) -> None:
    text = "project,weight\nalpha,5\nbeta,3\ngamma,2e0\n"
    found = load_round(build(tmp_path, {"lists/bot.csv": text}))
    assert dict(found.judgments["benefit"].lists[0].weights) == pytest.approx({"alpha": 0.5, "beta": 0.3, "gamma": 0.2})
    assert found.notices == ("lists/bot.csv: the weights on benefit summed to 10 and were divided by that sum",)


@pytest.mark.parametrize(("last", "touched"), [("0.2000009", False), ("0.2000011", True)])
def test_the_tolerance_of_the_sum(tmp_path: Path, last: str, *, touched: bool) -> None:
    found = load_round(build(tmp_path, edited("lists/bot.csv", "gamma,0.2", f"gamma,{last}")))
    assert bool(found.notices) == touched
    assert (found.judgments["benefit"].lists[0].weights["gamma"] == float(last)) == (not touched)


def test_a_stated_floor_completes_a_list_with_a_notice(tmp_path: Path) -> None:
    changes = {
        **edited("round.toml", "[communities]", "[lists]\nfloor = 0.01\n[communities]"),
        **added("projects.csv", "delta,Delta,,,,,,,", "eps,Epsilon,,,,,,,"),
        "lists/bot.csv": "project,weight\nalpha,0.6\nbeta,0.4\ngamma,0\ndelta,\n",
    }
    found = load_round(build(tmp_path, changes))
    weights = found.judgments["benefit"].lists[0].weights
    assert list(weights) == ["alpha", "beta", "gamma", "delta", "eps"]
    assert weights["gamma"] == weights["delta"] == weights["eps"]
    # The mean of the weights above zero is 0.5, so the floor is 0.005, and the sum before division 1.015.
    assert weights["gamma"] == pytest.approx(0.005 / 1.015)
    assert found.notices[0] == (
        "lists/bot.csv: 3 zero or missing weights on benefit were set to the stated floor, 0.01 times the mean weight "
        "(gamma, delta, eps)"
    )


def test_a_list_may_be_partial_if_the_round_says_so(tmp_path: Path) -> None:
    changes = {
        **edited("round.toml", "[communities]", "[lists]\npartial = true\n[communities]"),
        "lists/bot.csv": "project,weight\nbeta,0.25\nalpha,0.75\n",
    }
    found = load_round(build(tmp_path, changes))
    assert dict(found.judgments["benefit"].lists[0].weights) == {"alpha": 0.75, "beta": 0.25}
    assert not found.notices


def test_one_file_holds_the_lists_of_all_criteria(tmp_path: Path) -> None:
    benefit = "alpha,0.5,\nbeta,0.3,benefit\ngamma,0.2,\n"
    text = f"project,weight,criterion\n{benefit}alpha,0.1,harm\nbeta,0.2,harm\ngamma,0.7,harm\n"
    found = load_round(build(tmp_path, {"lists/bot.csv": text}))
    assert found.judgments["benefit"].lists[0].weights["alpha"] == 0.5
    assert found.judgments["harm"].lists[0].weights["gamma"] == 0.7


def test_the_file_of_a_model_whose_id_is_a_path(tmp_path: Path) -> None:
    changes = {
        **added("judges.csv", "maker/b t,model,,,,"),
        "lists/maker%2Fb%20t.csv": BASE["lists/bot.csv"],
    }
    found = load_round(build(tmp_path, changes))
    assert [one.model for one in found.judgments["benefit"].lists] == ["bot", "maker/b t"]


def test_lists_come_in_the_order_of_the_judges(tmp_path: Path) -> None:
    changes = {**added("judges.csv", "abc,model,,,,"), "lists/abc.csv": BASE["lists/bot.csv"]}
    found = load_round(build(tmp_path, changes))
    assert [one.model for one in found.judgments["benefit"].lists] == ["bot", "abc"]


def test_notices_of_whoever_made_the_folder_come_first(tmp_path: Path) -> None:
    changes = {
        **edited("round.toml", "simulated = true", 'simulated = true\nnotices = ["5 rows were left out."]'),
        "lists/bot.csv": "project,weight\nalpha,1\nbeta,1\ngamma,1\n",
    }
    notices = load_round(build(tmp_path, changes)).notices
    assert notices[0] == "5 rows were left out."
    assert notices[1].startswith("lists/bot.csv")


def test_projects_in_toml(tmp_path: Path) -> None:
    text = """
[[project]]
id = "alpha"
title = "Alpha"
team = "Red"
ask = 500
cells = "bits/cyber/survive"
roles = ["defends > plague"]
maturity = "deployed"
text = "First"

[[project]]
id = "beta"
title = "Beta"
team = "Blue"
cells = ["bits/cyber/survive:0.7", "bits/info/survive:0.3"]
requires = ["alpha"]
maturity = "idea"
text = "Second"

[[project]]
id = "gamma"
title = "Gamma"
team = "Blue"
ask = "20.50"
roles = "makes_safe > beta"
text = "Third"
"""
    table = load_round(build(tmp_path / "csv"))
    found = load_round(build(tmp_path / "toml", {"projects.csv": None, "projects.toml": text}))
    assert found.portfolio == table.portfolio
    assert "projects.toml" in found.digests


def test_shares_in_thirds(tmp_path: Path) -> None:
    text = "bits/cyber/survive:1/3; bits/info/survive:2/3"
    changes = edited("projects.csv", "bits/cyber/survive:0.7; bits/info/survive:0.3", text)
    cells = load_round(build(tmp_path, changes)).portfolio["beta"].cells
    assert cells == {"bits/cyber/survive": Fraction(1, 3), "bits/info/survive": Fraction(2, 3)}


def test_a_deployed_project_may_be_required_along_a_chain(tmp_path: Path) -> None:
    rows = "".join(f"p{i},P,p{i + 1}\n" for i in range(2000))
    gone = dict.fromkeys(("comparisons.csv", "ratings.csv", "lists/bot.csv", "contributions.csv"), None)
    changes = {
        **gone,
        **edited("round.toml", 'projects = ["beta"]\n', ""),
        "projects.csv": f"id,title,requires\n{rows}p2000,Last,\n",
        "judges.csv": "id,kind\n",
    }
    assert len(load_round(build(tmp_path, changes)).portfolio) == 2001


@pytest.mark.parametrize("name", ["p>", "p>=", "defends > p", "a >= idea"])
def test_a_required_project_whose_id_holds_the_signs_of_gates(tmp_path: Path, name: str) -> None:
    gone = dict.fromkeys(("comparisons.csv", "ratings.csv", "lists/bot.csv", "contributions.csv"), None)
    changes = {
        **gone,
        **edited("round.toml", 'projects = ["beta"]\n', ""),
        "projects.csv": f"id,title,requires\n{name},P,\nq,Q,{name} >= idea\nr,R,{name}\n",
        "judges.csv": "id,kind\n",
    }
    portfolio = load_round(build(tmp_path, changes)).portfolio
    assert [(gate.of, gate.maturity, gate.role) for gate in portfolio["q"].gates] == [(name, "idea", "")]
    assert portfolio["r"].requires == (name,)


def test_check_round_gives_the_round_or_the_problems(tmp_path: Path) -> None:
    found, problems = check_round(str(build(tmp_path / "a")))
    assert found is not None
    assert problems == []
    found, problems = check_round(build(tmp_path / "b", {"judges.csv": None}))
    assert found is None
    assert len(problems) == 1
