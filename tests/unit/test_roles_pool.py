"""Pooling of answers about roles: distributions, influence, and what counts."""

from __future__ import annotations

import random
from bisect import bisect_left
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.graph_cases import answers, panel, risks, round_of

from daccord.fusion.roles import COARSE, LEVELS, GraphScores, Pool, knots, pool_roles
from daccord.fusion.roles._interval import quantiles_of
from daccord.judging import RoleAnswer
from daccord.portfolio import Project, Role

LOCK = Project("lock", "Lock", "Smiths", roles=(Role("defends", "leak"),))
EDGE = ("lock", "defends", "leak")
WORSE = ("lock", "raises", "leak")
LEAK = risks("leak")


def graph(said, projects=(LOCK,), **more) -> GraphScores:
    return pool_roles(round_of(projects, said, LEAK, **more))


def rough_quantile(pool: Pool, level: float) -> float:
    """The slow reference: many values of every answer, weighted and sorted."""
    u = (np.arange(20_000) + 0.5) / 20_000
    values = quantiles_of(pool.answers, u).ravel()
    weights = np.repeat(pool.weights / len(u), len(u))
    order = np.argsort(values)
    return float(values[order][bisect_left(np.cumsum(weights[order]).tolist(), level)])


def test_a_pool_is_the_mixture_of_its_answers() -> None:
    rng = np.random.Generator(np.random.Philox(5))
    for size in (1, 2, 5):
        ends = np.sort(rng.uniform(0, 1, (size, 2)), axis=1)
        ends[0, 1] = ends[0, 0]  # an answer without width
        pool = Pool.of([knots((a, b), 1.0) for a, b in ends.tolist()], rng.uniform(0.5, 2, size))
        for level in (0.03, *LEVELS, 0.98):
            assert pool.quantile(np.array([level]))[0] == pytest.approx(rough_quantile(pool, level), abs=2e-3)


def test_quantiles_go_through_the_stated_ends() -> None:
    one = Pool.of([knots((0.2, 0.4), 1.0)])
    assert one.quantile(np.array([0.0, 0.15, 0.5, 0.85, 1.0])).tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.8])


def test_one_person_moves_no_probability_by_more_than_its_share() -> None:
    rng = np.random.Generator(np.random.Philox(6))
    x = np.linspace(0, 1, 201)
    for size in (2, 5, 20):
        said = [knots(tuple(sorted(pair)), 1.0) for pair in rng.uniform(0, 1, (size, 2)).tolist()]
        before = Pool.of(said).below(x, included=True)
        for liar in ((0.0, 0.0), (1.0, 1.0), (0.0, 1.0)):
            after = Pool.of([knots(liar, 1.0), *said[1:]]).below(x, included=True)
            assert np.abs(after - before).max() <= 1 / size + 1e-12


def test_nor_does_one_person_decide_what_a_project_does() -> None:
    said = answers(EDGE, (0.2, 0.4))
    honest = graph(said).net_of["lock"]
    for liar in ((0.0, 0.0), (1.0, 1.0)):
        (one,) = answers(EDGE, liar, who=[0])
        assert abs(graph([one, *said[1:]]).net_of["lock"].lowers - honest.lowers) <= 1_000_000 / 12 + 1


def test_models_are_shown_apart_and_move_nothing() -> None:
    judges = panel(12, models=("m1", "m2"))
    said = answers(EDGE, (0.2, 0.4), (1, 2))
    models = [RoleAnswer(name, *EDGE, 0, (0.9, 1.0), (0, 0.1)) for name in ("m1", "m2")]
    without, beside = graph(said, judges=judges), graph([*said, *models], judges=judges)
    (edge,) = beside.edges
    assert edge.models is not None
    assert edge.models.families == 2
    assert edge.models.efficacy is not None
    assert edge.models.efficacy[2] > 900_000
    assert replace(edge, models=None) == without.edges[0]
    assert (beside.shifts, beside.nets) == (without.shifts, without.nets)
    alone = graph(models, judges=judges)
    assert alone.nets == (), "models never speak alone"
    assert alone.edges[0].efficacy is None


def test_models_of_one_family_are_one_voice() -> None:
    judges = panel(2, models=("m1", "m2", "m3"))
    kin = tuple(replace(judge, family="kin") if judge.id in {"m1", "m2"} else judge for judge in judges.judges)
    said = [RoleAnswer(name, *EDGE, 0, (0.1, 0.1)) for name in ("m1", "m2")]
    said.append(RoleAnswer("m3", *EDGE, 0, (0.7, 0.7)))
    (edge,) = graph(said, judges=replace(judges, judges=kin)).edges
    assert edge.models is not None
    assert edge.models.families == 2
    assert edge.models.efficacy == (100_000, 100_000, pytest.approx(100_000, abs=600_000), 700_000, 700_000)


def test_order_of_rows_and_names_of_jurors_change_nothing() -> None:
    said = answers(EDGE, (0.1, 0.3), (1, 4), who=range(7)) + answers(EDGE, (0.4, 0.5), (2, 3), who=range(7, 12))
    said += answers(WORSE, (0.1, 0.9), who=range(3, 11)) + answers(("", "arrives", "leak"), lead=(2, 6))
    before = graph(said)
    shuffled = random.Random(1).sample(said, len(said))
    assert graph(shuffled) == before
    judges = panel()
    named = {judge.id: f"x{11 - i:02}" for i, judge in enumerate(judges)}
    other = replace(judges, judges=tuple(replace(judge, id=named[judge.id]) for judge in judges))
    assert graph([replace(answer, judge=named[answer.judge]) for answer in said], judges=other) == before


def test_a_skip_is_coverage_and_a_thin_edge_is_unrated() -> None:
    skips = [RoleAnswer(f"j{i:02}", *EDGE, skipped=True) for i in range(4)]
    (edge,) = graph([*skips, *answers(EDGE, (0.1, 0.2), who=[5])]).edges
    assert (edge.jurors, edge.skipped, edge.efficacy, edge.in_time, edge.expected) == (1, 4, None, None, None)
    assert graph([*skips, *answers(EDGE, (0.1, 0.2), who=[5, 6])]).edges[0].efficacy is not None
    assert graph(skips).nets == ()
    assert graph([]).edges[0].declared, "what nobody judged is shown as unrated"


def test_answers_under_a_declared_tie_are_set_aside() -> None:
    said = answers(EDGE, (0.2, 0.4))
    tied = panel(tied={0: ("lock",), 1: ("Smiths",)})
    found = graph(said, judges=tied)
    assert found.edges[0].jurors == 10
    more = graph([*said, *answers(WORSE, (0.1, 0.2))], judges=tied)
    assert more.warnings == found.warnings, "how many votes on harm there are is secret"
    assert found.warnings == ("roles: 2 answers were set aside because the judge has a declared tie",)


def test_votes_on_harm_are_heard_together_and_published_coarsely() -> None:
    few, enough = (graph(answers(WORSE, (0.1, 0.33), (1, 2), who=range(n))) for n in (4, 5))
    assert few == graph([]), "four votes leave no trace at all"
    assert graph([RoleAnswer("j00", *WORSE, skipped=True)]) == few
    seen = next(score for score in enough.edges if score.edge.kind == "raises")
    assert seen.jurors == 5
    assert seen.efficacy is not None
    assert all(value % COARSE == 0 for value in seen.efficacy)
    assert seen.lead is not None
    assert all(value % 365 == 0 for value in seen.lead)
    (shift,) = enough.shifts
    assert all(value % COARSE == 0 for value in (*shift.shift, shift.lowers, shift.raises))


def test_a_sixth_vote_alone_changes_nothing_that_is_published() -> None:
    def at(i, answer):
        return replace(answer, given=1_000_000 * (i + 1))

    five = [at(i, answer) for i, answer in enumerate(answers(WORSE, (0.1, 0.2), who=range(5)))]
    sixth = at(9, answers(WORSE, (90, 99), who=[5])[0])
    assert graph([*five, sixth]) == graph(five)


def test_undeclared_harm_counts_all_the_same() -> None:
    (edge, worse) = graph(answers(WORSE, (0.2, 0.5))).edges
    assert (edge.declared, worse.declared) == (True, False)
    assert graph(answers(WORSE, (0.2, 0.5))).net_of["lock"].raises == 1_000_000


def test_an_answer_for_a_horizon_takes_the_place_of_the_same_persons_answer_for_any_time() -> None:
    said = answers(EDGE, (0.2, 0.4), (0, 1)) + answers(EDGE, (0.8, 0.9), horizon=10, who=range(12))
    (edge,) = graph(said).edges
    assert edge.edge.horizon == 10
    assert edge.efficacy is not None
    assert edge.efficacy[0] > 600_000
    assert edge.lead is not None, "what was not told anew stands"


def test_safety_of_a_technology_lowers_the_risk_that_it_raises() -> None:
    vat = Project("vat", "Vat", roles=(Role("raises", "leak"),), ask=0)
    seal = Project("seal", "Seal", roles=(Role("makes_safe", "vat"),))
    said = answers(("vat", "raises", "leak"), (1.0, 1.0)) + answers(("seal", "makes_safe", "vat"), (0.5, 0.5))
    found = graph(said, projects=(seal,), technologies=(vat,))
    shifts = {shift.target: shift for shift in found.shifts_of("seal")}
    assert shifts["vat"].shift[2] == pytest.approx(500_000, abs=10_000)
    assert shifts["leak"].shift[2] == 250_000, "(1 + 1 · ½) / (1 + 1) of the risk is left"
    assert found.net_of["seal"].lowers == 1_000_000


def test_timing_not_judged_counts_nothing_where_order_matters_unless_deployed() -> None:
    threat = answers(("", "arrives", "leak"), lead=(2, 6))
    said = [*threat, *answers(EDGE, (0.3, 0.5))]
    assert graph(said).net_of["lock"].lowers == 0
    built = replace(LOCK, maturity="deployed")
    assert graph(said, projects=(built,)).net_of["lock"].lowers == 1_000_000
    assert graph(answers(EDGE, (0.3, 0.5))).net_of["lock"].lowers == 1_000_000, "nothing says that order matters"


def test_the_probability_to_be_in_time_is_that_of_the_two_distributions() -> None:
    said = answers(EDGE, (0.3, 0.5), (1, 5), who=range(6)) + answers(EDGE, (0.3, 0.5), (2, 9), who=range(6, 12))
    said += answers(("", "arrives", "leak"), lead=(3, 7))
    (edge,) = graph(said).edges
    u = (np.arange(2000) + 0.5) / 2000
    threat = quantiles_of(knots((3, 7), 1000)[None], u)[0]
    leads = (quantiles_of(knots(ends, 1000)[None], u)[0] for ends in ((1, 5), (2, 9)))
    exact = np.mean([np.mean(lead[:, None] < threat[None, :]) for lead in leads])
    assert edge.in_time == pytest.approx(1_000_000 * exact, abs=30_000)


@pytest.mark.parametrize(("shared", "narrow"), [(0.0, 1.0), (0.6, 1.5), (0.6, 2.0)])
def test_pooled_intervals_hold_the_truth_often_enough(shared: float, narrow: float) -> None:
    """The small version of `benchmarks/roles_coverage.py`."""
    from benchmarks.roles_coverage import coverage

    held, _ = coverage(6, shared, narrow, 150)["pool"]
    assert held >= 0.8
