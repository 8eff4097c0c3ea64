"""What would be decided if the truth were known: flags, verdicts and money in each draw; the stop rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.asking_cases import BENEFIT, DEFENCE, HARM, NEED, believed, round_of

from daccord.allocation import award_draws, decide_verdicts
from daccord.asking import Prospect, prospect, stop_rule
from daccord.fusion import MICRO, Scores, draw_log_values
from daccord.portfolio import Project
from daccord.round import Constraint, MoneyRules, Rules

MEAN = [0.8, 0.4, 0.0, -0.3, -0.6, 0.2]
ABOVE = [0.97, 0.8, 0.5, 0.3, 0.1, 0.6]
DANGER = [0.02, 0.1, 0.4, 0.6, 0.0, 0.9]
SHIELD = [0.5, 0.9, 0.2, 0.1, 1.0, 0.3]
EVERYTHING = (BENEFIT, DEFENCE, HARM, NEED)

MONEY = {
    "proportional": MoneyRules(rule="proportional"),
    "differential": MoneyRules(),
    "bounded": MoneyRules(team_cap=0.3, minimum=60_000, harm_budget=0.2),
    "floors": MoneyRules(floors={"bits/cyber/survive": 0.2}),
}


def everything(money: MoneyRules, truths: int = 200) -> Prospect:
    projects = [
        Project(
            f"p{i}", f"Project {i}", team=f"t{i % 3}", ask=400_000, cells={"bits/cyber/survive": 1} if i < 2 else {}
        )
        for i in range(6)
    ]
    round_ = round_of(projects, criteria=EVERYTHING, rules=Rules(money=money))
    beliefs = {
        "benefit": believed("benefit", MEAN, above=ABOVE),
        "defence": believed("defence", MEAN[::-1], above=SHIELD),
        "harm": believed("harm", MEAN, above=DANGER, communities={"north": np.array([0.1, 0.2, 0.95, 0.5, 0, 1])}),
        "need": believed("need", MEAN),
    }
    return prospect(round_, beliefs, truths)


def one_by_one(view: Prospect) -> np.ndarray:
    """The same, each truth published, judged and paid for by itself."""
    round_, out = view.round, []
    scores = view.published
    assert scores is not None
    for d in range(len(view.log_values["benefit"])):
        told = []
        for i, score in enumerate(scores):
            for name in score.criteria:
                flag = {"above": MICRO * int(view.flags[name][d, i]), "ceiling": None} if name in view.flags else {}
                score = score.with_criterion(name, judgments=10**6, jurors=10**6, level="", **flag)  # noqa: PLW2901
            told.append(score)
        known = Scores(tuple(told))
        verdicts = decide_verdicts(round_.portfolio, known, round_.rules)
        draw = view.log_values["benefit"][d : d + 1]
        amounts = award_draws(round_.portfolio, known, verdicts, round_.rules, round_.budget, draw)[0]
        out.append([*amounts, round_.budget.amount - amounts.sum()])
    return np.array(out) / round_.budget.amount


@pytest.mark.parametrize("money", MONEY)
def test_truths_are_decided_as_one_by_one(money: str) -> None:
    view = everything(MONEY[money])
    assert view.known is not None
    assert view.known == pytest.approx(one_by_one(view), abs=1e-7)


@pytest.mark.parametrize("money", MONEY)
def test_shares_of_the_pot_sum_to_one(money: str) -> None:
    view = everything(MONEY[money])
    assert view.known is not None
    assert view.moved is not None
    assert view.known.sum(axis=1) == pytest.approx(1.0)
    assert view.awards.sum() == pytest.approx(1.0)
    assert view.known.min() >= -1e-12
    assert view.moved.min() >= 0
    assert view.moved.max() <= 1 + 1e-12


def test_flags_have_the_published_probabilities_and_follow_the_values() -> None:
    view = everything(MONEY["differential"])
    for name, expected in (("benefit", ABOVE), ("defence", SHIELD)):
        assert view.flags[name].mean(axis=0) == pytest.approx(expected, abs=0.003)
        values = view.log_values[name] - view.log_values[name].mean(axis=1, keepdims=True)
        for i, flags in enumerate(view.flags[name].T):
            if 0 < flags.sum() < len(flags):
                assert values[flags, i].min() >= values[~flags, i].max()
    assert "need" not in view.flags


def test_harm_is_known_by_its_level_alone() -> None:
    view = everything(MONEY["differential"], truths=2000)
    assert "harm" not in view.beliefs
    assert "harm" not in view.log_values
    # Below 20 %, from 20 % on, and from 50 % on: the middle of each level.
    assert view.flags["harm"].mean(axis=0) == pytest.approx([0.1, 0.1, 0.35, 0.75, 0.1, 0.75], abs=0.003)
    chances = np.corrcoef(view.flags["harm"].T, view.log_values["benefit"].T)[:6, 6:]
    assert np.abs(chances).max() < 0.1


def test_criteria_are_drawn_independently() -> None:
    view = everything(MONEY["differential"], truths=2000)
    one, other = view.log_values["benefit"], view.log_values["defence"]
    assert abs(np.corrcoef(one[:, 0], other[:, 0])[0, 1]) < 0.08


def test_only_criteria_that_money_hangs_on_are_heeded() -> None:
    assert everything(MONEY["differential"]).heeded == {"benefit", "defence", "harm"}
    assert everything(MONEY["proportional"]).heeded == {"benefit", "harm"}  # it does not pay for defence
    indifferent = everything(MoneyRules(defence_priority=0.0))
    assert indifferent.heeded == {"benefit", "harm"}


def test_whoever_knows_the_truth_needs_no_more_evidence() -> None:
    """An unrated project gets nothing now, and what its value is worth if it is known."""
    round_ = round_of(3)
    view = prospect(round_, {"benefit": believed("benefit", [0, 0, 0], above=[1, 1, 1], judgments=[9, 9, 1])})
    assert view.known is not None
    assert view.awards[2] == 0
    assert view.known[:, 2].mean() > 0.2
    assert stop_rule(view).lacking == ("p2",)


def test_a_constraint_holds_whatever_the_truth_is() -> None:
    rules = Rules(constraints=(Constraint("no", "1", "Not this one.", projects=("p1",)),))
    view = prospect(round_of(3, rules=rules), {"benefit": believed("benefit", [0, 3, 0], above=[1, 1, 1], judgments=0)})
    assert view.known is not None
    assert view.held.tolist() == [False, True, False]
    assert not view.known[:, 1].any()
    assert stop_rule(view).lacking == ("p0", "p2")


def test_draws_depend_on_the_seed_alone() -> None:
    beliefs = {"benefit": believed("benefit", MEAN, above=ABOVE)}
    one, same = (prospect(round_of(seed=4), beliefs) for _ in range(2))
    other = prospect(round_of(seed=5), beliefs)
    assert one.known is not None
    assert same.known is not None
    assert other.known is not None
    assert np.array_equal(one.known, same.known)
    assert not np.array_equal(one.known, other.known)


# --- the stop rule ----------------------------------------------------------------------------------------------------


def test_a_round_that_knows_everything_may_stop() -> None:
    certain = believed("benefit", MEAN, 1e-6, above=[1, 1, 1, 0, 0, 1])
    view = prospect(round_of(), {"benefit": certain})
    stop = stop_rule(view, 0.001)
    assert stop.expected is not None
    assert stop.expected < 1e-4  # the decision is rounded to minor units
    assert stop.may_stop


def test_the_stop_rule_is_the_distance_from_the_decision() -> None:
    """Proportional money between two projects: the share that moves is how far one project's share is off."""
    rules = Rules(money=MoneyRules(rule="proportional"))
    belief = believed("benefit", [0.3, 0.0], 0.4, above=[1, 1])
    view = prospect(round_of(2, rules=rules), {"benefit": belief})
    stop = stop_rule(view, 0.05)
    draws = view.log_values["benefit"]
    share = 1 / (1 + np.exp(draws[:, 1] - draws[:, 0]))
    moved = np.abs(share - view.awards[0])
    assert stop.expected == pytest.approx(moved.mean(), abs=1e-6)
    assert stop.at_90 == pytest.approx(np.quantile(moved, 0.9), abs=1e-6)
    assert not stop.may_stop
    assert stop_rule(view, 0.5).may_stop


def test_missing_evidence_keeps_a_round_from_stopping() -> None:
    thin = believed("benefit", MEAN, 1e-6, above=[1, 1, 1, 0, 0, 1], judgments=[9, 9, 9, 9, 2, 9])
    stop = stop_rule(prospect(round_of(), {"benefit": thin}), 1.0)
    assert stop.lacking == ("p4",)
    assert not stop.may_stop


def test_harm_that_is_asked_needs_evidence_too() -> None:
    known = believed("benefit", MEAN, 1e-6, above=[1, 1, 1, 0, 0, 1])
    view = prospect(round_of(criteria=(BENEFIT, HARM)), {"benefit": known})
    assert stop_rule(view).lacking == view.round.portfolio.ids


def test_nobody_has_answered() -> None:
    view = prospect(round_of(), {})
    stop = stop_rule(view)
    assert view.known is None
    assert (stop.expected, stop.at_90, stop.may_stop) == (None, None, False)
    assert stop.lacking == view.round.portfolio.ids


@pytest.mark.parametrize("limit", [-0.1, 1.1, float("nan")])
def test_a_limit_is_a_share(limit: float) -> None:
    with pytest.raises(ValueError, match="share of the pot"):
        stop_rule(prospect(round_of(), {}), limit)


def test_without_a_bar_nothing_can_be_funded() -> None:
    """Then no money can move, and the stop rule alone would let the round stop: what lacks is a bar, not answers."""
    round_ = round_of(criteria=(replace(BENEFIT, threshold=None),))
    view = prospect(round_, {"benefit": believed("benefit", MEAN)})
    assert view.known is not None
    assert not view.known[:, :-1].any()
    assert stop_rule(view).at_90 == 0


def test_draws_are_those_of_the_posterior() -> None:
    belief = believed("benefit", MEAN, above=ABOVE)
    view = prospect(round_of(), {"benefit": belief}, 4000)
    assert view.log_values["benefit"].mean(axis=0) == pytest.approx(MEAN, abs=0.04)
    assert view.log_values["benefit"].std(axis=0) == pytest.approx(np.full(6, 0.5), abs=0.03)
    assert view.log_values["benefit"].shape == draw_log_values(belief, view.round.portfolio.ids, 1, 4000).shape
