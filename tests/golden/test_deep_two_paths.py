"""`deep` by hand: the two-path example of Buterin's essay on deep funding, circles, and what stops.

The published figure is 0.205·0.6·0.173 + 0.195·0.648·0.201 = 0.0466 of the pot.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from tests.property.deep_cases import rows_of, task_of

from daccord.allocation.deep import DEEP, credit_graph, largest_paths, settle
from daccord.allocation.deep._settle import UNIT
from daccord.portfolio import Project

TWO_PATHS = rows_of(
    {
        "first": {"first": "0.4", "left": "0.6"},
        "second": {"second": "0.352", "right": "0.648"},
        "left": {"left": "0.827", "deep": "0.173"},
        "right": {"right": "0.799", "deep": "0.201"},
    }
)
GIFTS = {"first": 205, "second": 195, "rest": 600}
NAMES = ("first", "second", "rest", "left", "right", "deep")


def _task(pot: int, edges=TWO_PATHS, gifts=GIFTS, names=NAMES, **rules):
    return task_of([Project(name, name) for name in names], edges, gifts, pot, **rules)


def _amounts(task):
    return dict(zip(task.ids, DEEP.solve(task).amounts, strict=True))


def test_credit_over_two_paths_is_the_published_one():
    share = Fraction("0.205") * Fraction("0.6") * Fraction("0.173") + Fraction("0.195") * Fraction("0.648") * Fraction(
        "0.201"
    )
    assert round(float(share), 6) == 0.046677
    seeds = [205 * 10**6, 195 * 10**6, 600 * 10**6, 0, 0, 0]
    settled = settle(_task(10**9), seeds)
    assert Fraction(settled.kept[-1], UNIT) == share * 10**9
    assert _amounts(_task(10**9))["deep"] == 46_677_360
    assert _amounts(_task(10_000))["deep"] in {466, 467}  # of 100.00, the printed 4.66 rounded down or up


def test_its_paths_are_the_two_of_the_text():
    graph = credit_graph(NAMES, TWO_PATHS)
    paths = largest_paths(
        graph, [{"first": 205, "second": 195, "rest": 600}.get(name, 0) for name in graph.ids], "deep", 9
    )
    assert [path.nodes for path in paths] == [("second", "right", "deep"), ("first", "left", "deep")]
    assert [float(path.credit / 1000) for path in paths] == pytest.approx([0.02539836, 0.021279], abs=1e-12)
    assert paths[0].shares == (Fraction("0.648"), Fraction("0.201"), Fraction(1))


def test_explanation_names_the_paths():
    text = " ".join(DEEP.story(_task(10_000))(NAMES.index("deep")))
    assert "from the 19.50 of second → right 64.8 % → deep 20.1 %" in text
    assert "from the 20.50 of first → left 60 % → deep 17.3 %" in text


def test_circle_is_the_limit_of_going_round():
    # 100 come to a; half stays, half goes to b, which keeps half and sends half back: a keeps 50 (1 + 1/4 + 1/16 …).
    edges = rows_of({"a": {"a": "1/2", "b": "1/2"}, "b": {"b": "1/2", "a": "1/2"}})
    assert _amounts(_task(300, edges, {"a": 1}, ("a", "b"))) == {"a": 200, "b": 100}


def test_circle_that_keeps_next_to_nothing_loses_no_digit():
    tiny = Fraction(1, 10**40)
    edges = [
        *rows_of({"b": {"a": "1"}}),
        *(replace(edge, weight=tiny if edge.on == "a" else 1 - tiny) for edge in rows_of({"a": {"a": "1", "b": "1"}})),
    ]
    assert _amounts(_task(10**12, edges, {"b": 1}, ("a", "b"))) == {"a": 10**12, "b": 0}


def test_circle_without_any_self_share_is_refused_by_name():
    edges = rows_of({"a": {"b": "1"}, "b": {"c": "1/2", "a": "1/2"}, "c": {"a": "1"}})
    said = DEEP.lacks(_task(100, edges, {"d": 1}, ("a", "b", "c", "d")))
    assert "a, b, c" in said
    assert "share of its own" in said
    open_ = rows_of({"a": {"b": "1"}, "b": {"c": "1/2", "a": "1/2"}, "c": {"d": "1"}})
    task = _task(100, open_, {"a": 1}, ("a", "b", "c", "d"))
    assert DEEP.lacks(task) == ""
    assert _amounts(task)["d"] == 100


def test_rows_that_do_not_sum_to_one_are_refused():
    said = DEEP.lacks(_task(100, rows_of({"first": {"first": "0.5", "left": "0.4"}})))
    assert "first" in said
    assert "9/10" in said


def test_credit_stops_at_a_project_that_may_not_be_funded():
    # held would keep half and pass half on to deep; both halves stay in the pot.
    edges = rows_of({"first": {"first": "0.5", "held": "0.3", "left": "0.2"}, "held": {"held": "0.5", "deep": "0.5"}})
    result = DEEP.solve(_task(1000, edges, {"first": 1}, ("first", "left", "deep")))
    assert list(result.amounts) == [500, 200, 0]
    assert any("3.00 EUR" in text and "held" in text for text in result.warnings)
    assert result.certificate["credit that stopped, minor units"] == "300"


def test_asks_team_caps_and_minimum_cut_and_nothing_is_divided_again():
    names = [
        Project("first", "F", ask=10),
        Project("left", "L", team="t"),
        Project("deep", "D", team="t"),
        Project("x", "X"),
    ]
    edges = rows_of({"first": {"first": "0.2", "left": "0.4", "deep": "0.36", "x": "0.04"}})
    result = DEEP.solve(task_of(names, edges, {"first": 1}, 1000, team_cap=0.38, minimum=50))
    assert list(result.amounts) == [0, 200, 180, 0]
    assert list(result.limited_by) == ["minimum", "team_cap", "team_cap", "minimum"]
    assert result.certificate["cut by asks, team caps and the minimum, minor units"] == "620"


def test_credit_begins_by_another_rule():
    edges = rows_of({"a": {"a": "1/2", "b": "1/2"}})
    task = _task(900, edges, {}, ("a", "b", "c"), base="proportional")
    assert _amounts(task) == {"a": 150, "b": 450, "c": 300}
    unjudged = replace(task.scores[1], criteria={})
    judged = replace(task, scores=(task.scores[0], unjudged, task.scores[2]))
    assert _amounts(judged) == {"a": 225, "b": 225, "c": 450}


@pytest.mark.parametrize(
    ("base", "said"), [("deep", "base of its own"), ("nonsense", "names no money rule"), ("gifts", "nobody gave")]
)
def test_bases_that_cannot_be_are_refused(base, said):
    assert said in DEEP.lacks(_task(900, TWO_PATHS, {}, base=base))
