"""Tables of a comparison, counted again by hand; the order of pieces, missing ones, and pieces that are refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.study_cases import YEARS, pieces_of, played, study_of

from daccord.errors import InputError
from daccord.futures.study import (
    MEASURES,
    Comparison,
    Goal,
    Piece,
    ScenarioClass,
    Split,
    compare,
)
from daccord.futures.study._tables import worst_mean
from daccord.futures.world import Welfare, fixed

NAMES = list(MEASURES)
SMALL = study_of(8)


def leaning(factors: Mapping[str, float], group: str) -> list[float]:
    """The consortium is better while little leaks."""
    return [60.0, 71.0 - 20 * factors["leak"], 69.0, 68.0 + factors["federation.share"]]


PIECES = pieces_of(SMALL, leaning, noise=0.3)


def text_of(found: Comparison) -> str:
    """Everything in a comparison, to the last bit."""
    return json.dumps(asdict(found), default=lambda array: array.tolist(), sort_keys=True)


# --- counted again ---------------------------------------------------------------------------------------------------


def test_rows_are_counted_from_the_pieces() -> None:
    goals = (Goal("welfare", at_least=68.0), Goal("catastrophe", at_most=0.9))
    study = replace(SMALL, goals=goals)
    found = compare(study, PIECES)
    assert [(row.group, row.constitution) for row in found.rows] == [
        (group, name) for group in ("wide", "leaky") for name in study.constitutions
    ]
    for row in found.rows:
        c = found.constitutions.index(row.constitution)
        mine = [piece for piece in PIECES if piece.scenario.group == row.group]
        for m, name in enumerate(NAMES):
            values = [float(piece.measures[c, m]) for piece in mine]
            mean = sum(values) / 8
            error = (sum((v - mean) ** 2 for v in values) / 7 / 8) ** 0.5
            assert row.measures[name] == pytest.approx(mean, abs=1e-12)
            assert row.error[name] == pytest.approx(error, abs=1e-12)
        welfare = [[float(w) for w in piece.measures[:, 0]] for piece in mine]
        regrets = [max(ws) - ws[c] for ws in welfare]
        assert row.regret == pytest.approx(sum(regrets) / 8)
        assert row.most_regret == pytest.approx(max(regrets))
        assert row.where == mine[regrets.index(max(regrets))].scenario.factors
        assert row.first == sum(ws[c] == max(ws) for ws in welfare) / 8
        assert row.gap == pytest.approx(sum(80.0 - ws[c] for ws in welfare) / 8)
        held = [ws[c] >= 68 and p.measures[c, 1] <= 0.9 for ws, p in zip(welfare, mine, strict=True)]
        assert row.satisfied == sum(held) / 8
    for c in range(4):
        both = [row for row in found.rows if row.constitution == found.constitutions[c]]
        assert found.regret[c] == pytest.approx(max(row.most_regret for row in both))
        assert found.satisfied[c] == pytest.approx(sum(row.satisfied or 0 for row in both) / 2)


def test_power_over_time_is_the_mean_of_the_class() -> None:
    found = compare(SMALL, PIECES)
    assert found.largest.shape == found.hhi.shape == found.agency.shape == (2, 4, YEARS)
    mine = [piece.agency[2, 3] for piece in PIECES if piece.scenario.group == "leaky"]
    assert found.agency[1, 2, 3] == pytest.approx(sum(mine) / 8)


def test_the_first_place_is_shared_by_those_that_tie() -> None:
    study = study_of(1, classes=(ScenarioClass("one"),))
    alike = played(study, np.array([[1.0, 3.0], [4.0, 2.0], [3.0, 3.0 + 1e-12], [0.0, 0.0]]))
    found = compare(study, [alike])
    assert [row.first for row in found.rows] == [0, 0.5, 0.5, 0]


def test_goals_against_no_steering() -> None:
    study = replace(SMALL, goals=(Goal("welfare over no steering", at_least=8.9),))
    found = compare(study, PIECES)
    over = [float(piece.measures[2, 0] - piece.measures[0, 0]) >= 8.9 for piece in PIECES]
    assert found.satisfied[2] == sum(over) / len(over)
    assert found.satisfied[0] == 0
    assert all(row.satisfied is None for row in compare(SMALL, PIECES).rows)


def test_the_worst_worlds_are_those_of_all_scenarios() -> None:
    """Eight scenarios of five worlds: two of forty. Of six: 2.4 of 48, and the third world counts in part."""
    study = study_of(8, worlds=5)
    pieces = pieces_of(study, leaning, noise=1.0)
    row = compare(study, pieces).rows[0]
    lived = sorted(float(w) for piece in pieces[:8] for w in piece.welfare[0])
    assert len(lived) == 40
    assert row.worst == pytest.approx(sum(lived[:2]) / 2)
    odd = compare(replace(study, worlds=6), pieces_of(replace(study, worlds=6), leaning)).rows[0]
    lived = sorted(float(w) for p in pieces_of(replace(study, worlds=6), leaning)[:8] for w in p.welfare[0])
    assert odd.worst == pytest.approx((sum(lived[:2]) + 0.4 * lived[2]) / 2.4)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=60), st.floats(0.01, 1))
def test_the_worst_mean_is_a_minimum_over_thresholds(values: list[float], share: float) -> None:
    """Rockafellar & Uryasev: the tail mean is max over t of t − E[(t − W)+] / share; at a value, where it bends."""
    array = np.array(values)
    if share * len(values) < 1:
        assert worst_mean(array, share) == min(values)
        return
    found = max(t - np.maximum(t - array, 0).mean() / share for t in values)
    assert worst_mean(array, share) == pytest.approx(found, abs=1e-9)


# --- inputs ----------------------------------------------------------------------------------------------------------


@given(st.permutations(range(16)))
@settings(max_examples=10, deadline=None)
def test_the_order_of_pieces_changes_nothing(order: list[int]) -> None:
    assert text_of(compare(SMALL, [PIECES[k] for k in order])) == text_of(compare(SMALL, PIECES))


def test_missing_pieces_are_counted() -> None:
    found = compare(SMALL, PIECES[:11])
    assert (found.scenarios, found.missing, found.worlds) == (11, 5, 66)
    assert compare(SMALL, PIECES).missing == 0
    only = compare(SMALL, PIECES[:3])
    assert only.groups == ("wide",)
    assert only.largest.shape[0] == 1
    assert [ranking.group for ranking in only.rankings] == ["wide", ""]
    assert compare(SMALL, PIECES[:1]).rows[0].error["welfare"] == 0


@pytest.mark.parametrize(
    ("pieces", "told"),
    [
        ([], "there are none"),
        ([PIECES[3], PIECES[3]], "is there twice"),
        ([replace(PIECES[0], scenario=replace(PIECES[0].scenario, index=16))], "beyond"),
        ([replace(PIECES[0], scenario=replace(PIECES[0].scenario, group="calm"))], "of a class 'calm'"),
        ([replace(PIECES[0], scenario=replace(PIECES[0].scenario, factors={"leak": 0.1}))], "sets leak"),
        ([replace(PIECES[0], measures=PIECES[0].measures[:3])], "measures of shape (3, 20)"),
        ([replace(PIECES[0], welfare=PIECES[0].welfare[:, :0])], "welfare of shape (4, 0)"),
        ([PIECES[0], replace(PIECES[1], hhi=PIECES[1].hhi[:, :2])], "hhi of shape (4, 2)"),
        ([replace(PIECES[0], planner=float("nan"))], "planner that is not a finite number"),
    ],
)  # fmt: skip
def test_pieces_of_another_study_are_refused(pieces: list[Piece], told: str) -> None:
    with pytest.raises(InputError) as caught:
        compare(SMALL, pieces)
    assert any(told in problem.message for problem in caught.value.problems)


def test_gaps_are_put_in_order_and_strangers_refused() -> None:
    gaps = [Split(group, name, 80.0, 70.0, {"leak": 1.0}, {"leak": 0.1})
            for group in ("leaky", "wide") for name in ("market", "consortium")]  # fmt: skip
    found = compare(SMALL, PIECES, gaps)
    assert [(gap.group, gap.constitution) for gap in found.splits] == [
        ("wide", "consortium"), ("wide", "market"), ("leaky", "consortium"), ("leaky", "market")
    ]  # fmt: skip
    with pytest.raises(InputError, match="not of this study"):
        compare(SMALL, PIECES, [replace(gaps[0], constitution="senate")])


# --- reversals -------------------------------------------------------------------------------------------------------


def test_an_order_that_turns_between_classes_is_told_with_its_numbers() -> None:
    study = study_of(20)
    pieces = pieces_of(
        study, lambda factors, group: [50.0, 60.0, 58.0 if group == "wide" else 63.0, 40.0], noise=0.5, seed=3
    )
    found = compare(study, pieces)
    assert len(found.reversals) == 1
    means = {(row.group, row.constitution): row.measures["welfare"] for row in found.rows}
    assert found.reversals[0] == (
        f"consortium has more welfare than market in class wide ({means['wide', 'consortium']:.2f} against "
        f"{means['wide', 'market']:.2f} years of life), and less in class leaky ({means['leaky', 'consortium']:.2f} "
        f"against {means['leaky', 'market']:.2f})"
    )


def test_ways_of_valuing_lives_are_told_by_what_differs() -> None:
    study = study_of(20, values=(Welfare(gamma=2.0), Welfare(gamma=1.0)))
    pieces = pieces_of(study, lambda factors, group: [50.0, 60.0, 54.0 + 4 * factors["values.gamma"], 40.0], noise=0.2)
    found = compare(study, pieces)
    assert len(found.reversals) == 1
    assert found.reversals[0].startswith("consortium has more welfare than market in values gamma 1 (60.")
    assert "less in values gamma 2 (" in found.reversals[0]


def test_chance_alone_seldom_turns_an_order() -> None:
    study = study_of(20)
    told = sum(len(compare(study, pieces_of(study, lambda f, g: [60.0] * 4, noise=1.0, seed=s)).reversals)
               for s in range(10))  # fmt: skip
    assert told <= 3  # of 60 pairs


def test_a_single_scenario_is_judged_over_its_worlds() -> None:
    study = study_of(1, classes=(ScenarioClass("a"), ScenarioClass("b", {"leak": fixed(0.1)})), worlds=6)
    up = np.array([[0.0] * 6, [2.0, 3, 2, 3, 2, 3], [1.0, 2, 1, 2, 1, 2], [-9.0] * 6])
    down = up[[0, 2, 1, 3]]
    assert len(compare(study, [played(study, up, 0), played(study, down, 1)]).reversals) == 1
