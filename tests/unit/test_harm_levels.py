"""What is published of harm: levels by the round's thresholds, and nothing finer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.fusion import LEVELS, MICRO, Component, CriterionBeliefs, HarmLevels, publish
from daccord.round import EvidenceRules, HarmRules, Rules, VerdictRules

LEVEL = HarmLevels.of(Rules())


def test_thresholds_are_those_of_the_rules_exactly_as_written() -> None:
    rules = Rules(verdicts=VerdictRules(safeguards=0.1, hold=1 / 3, community_sure=0.7))
    assert HarmLevels.of(rules) == HarmLevels(100_000, 333_334, 700_000, 5, 5)
    more = replace(rules, evidence=EvidenceRules(9, 7), harm=HarmRules(min_group=6))
    assert (HarmLevels.of(more).answers, HarmLevels.of(more).people) == (9, 7)


@pytest.mark.parametrize(
    ("above", "level", "ends"),
    [
        (0, "below_safeguards", (0, 199_999)),
        (199_999, "below_safeguards", (0, 199_999)),
        (200_000, "from_safeguards", (200_000, 499_999)),
        (499_999, "from_safeguards", (200_000, 499_999)),
        (500_000, "from_hold", (500_000, MICRO)),
        (MICRO, "from_hold", (500_000, MICRO)),
    ],
)
def test_a_level_lies_between_two_thresholds(above: int, level: str, ends: tuple[int, int]) -> None:
    score = LEVEL.score(above, {}, 6, 5)
    assert (score.level, score.above, score.at_most) == (level, *ends)
    assert (score.mean, score.sd, score.judgments, score.jurors) == (0, 0, 5, 5)


@given(st.integers(0, MICRO), st.integers(0, 9), st.integers(0, 9))
def test_too_few_people_say_nothing(above: int, answers: int, people: int) -> None:
    score = LEVEL.score(above, {"north": above}, answers, min(people, answers))
    if min(people, answers) < 5:
        assert score == LEVEL.score(0, {}, 0, 0)
        assert score.level == "too_few"
        assert not score.communities
    else:
        assert score == LEVEL.score(above, {"north": above}, 1000, 100)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 1), st.integers(0, MICRO), st.integers(0, MICRO))
def test_more_harm_is_never_published_lower(safeguards: float, hold: float, sure: float, one: int, other: int) -> None:
    levels = HarmLevels.of(Rules(verdicts=VerdictRules(safeguards=safeguards, hold=hold, community_sure=sure)))
    less, more = (levels.score(p, {"north": p}, 5, 5) for p in sorted((one, other)))
    for score, p in ((less, min(one, other)), (more, max(one, other))):
        assert score.above is not None
        assert score.at_most is not None
        assert score.above <= p <= score.at_most
        # Every question that verdicts ask has the same answer as of the probability itself.
        assert (score.above >= levels.safeguards, score.above >= levels.hold) == (
            p >= levels.safeguards,
            p >= levels.hold,
        )
        assert (score.communities["north"] >= levels.sure) == (p >= levels.sure)
        if levels.sure > MICRO // 2:
            assert (score.communities["north"] <= MICRO - levels.sure) == (p <= MICRO - levels.sure)
    assert less.above <= more.above
    assert less.at_most <= more.at_most
    assert LEVELS.index(less.level) <= LEVELS.index(more.level) or safeguards > hold


def test_published_scores_hold_no_value_of_harm() -> None:
    margin = np.array([-3.0, -0.3, 2.0, 2.0])
    component = Component(1.0, np.array([0.0, 1.0, 2.0, 3.0]), np.eye(4), margin, np.ones(4))
    said = {"north": np.array([0.01, np.nan, 0.97, 0.6])}
    beliefs = CriterionBeliefs(
        "harm", "x", (component,), np.array([9, 9, 9, 4]), np.array([9, 8, 7, 4]), communities=said
    )
    scores = [score.criteria["harm"] for score in publish({"harm": beliefs}, ("a", "b", "c", "d"), None)]
    assert [score.level for score in scores] == ["below_safeguards", "from_safeguards", "from_hold", "too_few"]
    assert {(score.mean, score.sd) for score in scores} == {(0, 0)}
    assert [dict(score.communities) for score in scores] == [{"north": 0}, {}, {"north": 900_000}, {}]
