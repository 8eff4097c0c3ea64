"""Scenarios are dealt evenly and alone; pieces are what the lab says, whatever else is played."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

from daccord.errors import InputError
from daccord.futures.lab import (
    FRICTIONS,
    SEVEN,
    Conditions,
    Consortium,
    Constitution,
    Market,
    Pause,
    compare,
    governance_gap,
    perfect,
    prepare,
    run,
)
from daccord.futures.study import (
    MEASURES,
    Goal,
    Ground,
    Scenario,
    ScenarioClass,
    Study,
    check_study,
    factors_of,
    grounds,
    lay_out,
    middle,
    play,
    scaled,
    scenarios,
    setting,
    split,
)
from daccord.futures.world import (
    Quantity,
    Risk,
    Role,
    Technology,
    Welfare,
    World,
    draw,
    exponential,
    fixed,
    interval,
    share,
)

WORLD = World(
    (
        Technology(
            "machine", interval(3, 20), spending=50.0, elasticity=fixed(0.3), leak=fixed(0.3), lift=fixed(0.8),
            growth=fixed(0.01), transition=share(0.05, 0.6), decline=fixed(0.06),
        ),
        Technology("alignment", interval(4, 30), spending=5.0, elasticity=fixed(0.5)),
        Technology("vaccines", interval(4, 30), spending=5.0, elasticity=fixed(0.5)),
    ),
    (Risk("plague", interval(0.0005, 0.005)),),
    (
        Role("makes_safe", "alignment", "machine", share(0.2, 0.9), lead=fixed(3.0)),
        Role("defends", "vaccines", "plague", share(0.2, 0.9)),
        Role("substitutes", "alignment", "machine", share(0.1, 0.3)),
    ),
    horizon=30.0,
)  # fmt: skip
NAMES = ("no steering", "pause", "centre", "consortium", "market", "teams", "federation")
ALL = dict(zip(NAMES, SEVEN, strict=True))
FEW = {name: ALL[name] for name in ("no steering", "consortium", "market", "federation")}
SURE = Conditions(noise=0.0, leak=0.0, capture=0.0)
LEAKY = ScenarioClass("leaky", {"leak": Quantity(0.05, 0.2, "uniform"), "actors": Quantity(3, 6, "uniform")})
FAST = ScenarioClass(
    "fast",
    {
        "world.arrival": Quantity(0.25, 1.0, "log"),
        "consortium.exclusivity": Quantity(0.2, 0.8, "share"),
        "consortium.planned": Quantity(0, 1, "uniform"),
        "values.rho": fixed(0.02),
    },
)
STUDY = Study(WORLD, 10.0, FEW, classes=(LEAKY, FAST), values=(Welfare(), Welfare(gamma=1.0)), scenarios=8, worlds=20)


@cache
def ground_of(study_classes: tuple[str, ...], group: str, values: int) -> Ground:
    """Grounds of the study's classes; they take a second in all."""
    study = replace(STUDY, classes=tuple(c for c in STUDY.classes if c.name in study_classes))
    return lay_out(study, group, values)


def ground(group: str, values: int = 0) -> Ground:
    return ground_of(("leaky", "fast"), group, values)


def same(one: object, other: object, *, but: tuple[str, ...] = ()) -> bool:
    """Whether two pieces, or grounds, have the same bytes."""
    pairs = [(getattr(one, f.name), getattr(other, f.name)) for f in fields(one) if f.name not in but]  # type: ignore[arg-type]
    return all(a.tobytes() == b.tobytes() if isinstance(a, np.ndarray) else a == b for a, b in pairs)


# --- dealing ---------------------------------------------------------------------------------------------------------


def test_every_stretch_of_a_range_is_visited_once() -> None:
    found = [s for s in scenarios(STUDY) if s.group == "leaky"]
    stretch = [(s.factors["leak"] - 0.05) / 0.15 * 8 for s in found]
    assert sorted(np.floor(stretch)) == list(range(8))
    logs = [np.log(s.factors["world.arrival"] / 0.25) / np.log(4) * 8 for s in scenarios(STUDY) if s.group == "fast"]
    assert sorted(np.floor(logs)) == list(range(8))


def test_whole_numbers_and_switches_are_dealt_alike() -> None:
    """Eight scenarios: each of four numbers twice, yes and no four times."""
    found = scenarios(STUDY)
    actors = [s.factors["actors"] for s in found if s.group == "leaky"]
    assert sorted(actors) == [3, 3, 4, 4, 5, 5, 6, 6]
    assert sorted(s.factors["consortium.planned"] for s in found if s.group == "fast") == [0] * 4 + [1] * 4


def test_a_scenario_holds_every_factor_that_varies_anywhere() -> None:
    names = (
        "actors", "leak", "consortium.planned", "consortium.exclusivity", "world.arrival", "values.gamma", "values.rho"
    )  # fmt: skip
    found = scenarios(STUDY)
    assert [s.index for s in found] == list(range(16))
    assert all(tuple(s.factors) == names for s in found)
    assert [s.values for s in found] == [0, 1] * 8
    first, second = found[8:10]
    assert (first.factors["leak"], first.factors["actors"], first.factors["values.rho"]) == (0.02, 20, 0.02)
    assert (first.factors["values.gamma"], second.factors["values.gamma"]) == (2.0, 1.0)
    assert found[0].factors["values.rho"] == 0.01
    assert found[0].factors["consortium.planned"] == 1


def test_founders_fill_all_places_unless_somebody_says_otherwise() -> None:
    young = ScenarioClass("young", {"founders": fixed(2)})
    found = scenarios(replace(STUDY, classes=(LEAKY, young)))
    assert all(s.factors["founders"] == s.factors["actors"] for s in found[:8])
    assert all(setting(STUDY, s.factors).conditions.first == s.factors["founders"] for s in found)
    assert found[8].factors["founders"] == 2


def test_classes_and_factors_do_not_move_each_other() -> None:
    alone = scenarios(replace(STUDY, classes=(FAST,)))
    more = replace(LEAKY, ranges={"noise": Quantity(0.1, 1.0, "uniform"), **LEAKY.ranges})
    for study in (STUDY, replace(STUDY, classes=(more, FAST)), replace(STUDY, classes=(FAST, LEAKY))):
        found = [s for s in scenarios(study) if s.group == "fast"]
        assert [{name: s.factors[name] for name in a.factors} for a, s in zip(alone, found, strict=True)] == [
            a.factors for a in alone
        ]
    kept = [s.factors["leak"] for s in scenarios(STUDY)[:8]]
    assert [s.factors["leak"] for s in scenarios(replace(STUDY, classes=(more, FAST)))[:8]] == kept
    assert [s.factors["leak"] for s in scenarios(replace(STUDY, seed=2))[:8]] != kept


def test_factors_do_not_move_together() -> None:
    """Sixty-four scenarios: chance alone would pass 0.4 once in a thousand studies."""
    names = ("leak", "noise", "market.cap", "consortium.theft")
    wide = ScenarioClass("wide", {name: Quantity(0.1, 0.9, "uniform") for name in names})
    found = scenarios(replace(STUDY, classes=(wide, replace(wide, name="again")), scenarios=64))
    table = np.array([[s.factors[name] for name in names] for s in found]).reshape(2, 64, 4)
    together = np.corrcoef(np.concatenate(table, axis=1), rowvar=False) - np.eye(8)
    assert np.abs(together).max() < 0.4


def test_the_middle_of_a_class_is_half_way() -> None:
    found = middle(STUDY, "fast", 1)
    assert found["world.arrival"] == pytest.approx(0.5)
    assert found["consortium.exclusivity"] == pytest.approx(0.5)
    assert (found["leak"], found["values.gamma"]) == (0.02, 1.0)
    assert middle(STUDY, "leaky", 0)["leak"] == pytest.approx(0.125)
    for wrong in (("slow", 0), ("fast", 2)):
        with pytest.raises(InputError):
            middle(STUDY, *wrong)


# --- settings --------------------------------------------------------------------------------------------------------


def test_factors_reach_what_they_name() -> None:
    found = setting(
        STUDY,
        {"leak": 0.1, "actors": 5.0, "consortium.sharing": 0.9, "consortium.planned": 0.0, "world.hazard": 2.0,
         "values.gamma": 1.5, "values.person_affecting": 1.0},
        1,
    )  # fmt: skip
    assert found.conditions == Conditions(leak=0.1, actors=5)
    assert isinstance(found.conditions.actors, int)
    assert found.constitutions == {**FEW, "consortium": Consortium(sharing=0.9, planned=False)}
    assert found.welfare == Welfare(gamma=1.5, person_affecting=True)
    assert found.world == scaled(WORLD, {"world.hazard": 2.0})
    nothing = setting(STUDY, {}, 1)
    assert (nothing.world, nothing.welfare, nothing.conditions) == (WORLD, Welfare(gamma=1.0), Conditions())


@pytest.mark.parametrize(
    ("name", "value"),
    [("actors", 2.5), ("consortium.planned", 0.5), ("consortium.planned", 2), ("leek", 0.1), ("leak", 1.5)],
)
def test_factors_that_cannot_be_are_refused(name: str, value: float) -> None:
    with pytest.raises(InputError):
        setting(STUDY, {name: value})


def test_a_scaled_world_is_the_same_worlds_moved() -> None:
    plain = draw(WORLD, 50, 3)
    moved = draw(
        scaled(WORLD, {"world.arrival": 0.7, "world.hazard": 3.0, "world.transition": 2.0, "world.efficacy": 0.5}),
        50,
        3,
    )
    assert moved.time == pytest.approx(0.7 * plain.time)
    assert moved.hazard == pytest.approx(3 * plain.hazard)
    odds = [p / (1 - p) for p in (moved.transition[:, 0], plain.transition[:, 0])]
    assert odds[0] == pytest.approx(2 * odds[1])
    odds = [p / (1 - p) for p in (moved.strength[:, :2], plain.strength[:, :2])]
    assert odds[0] == pytest.approx(0.5 * odds[1])
    assert np.array_equal(moved.strength[:, 2], plain.strength[:, 2])  # a substitute is neither defence nor safety
    assert np.array_equal(moved.elasticity, plain.elasticity)


def test_evaluators_are_scaled_apart() -> None:
    split_up = {"ada": interval(2, 10), "ben": exponential(20.0)}
    world = replace(
        WORLD,
        evaluators=("ada", "ben"),
        technologies=(replace(WORLD.technologies[0], arrival=split_up), *WORLD.technologies[1:]),
    )
    assert scaled(world, {"world.arrival": 0.5}).technologies[0].arrival == {
        "ada": interval(1, 5),
        "ben": exponential(10.0),
    }


def test_ends_move_exactly_where_the_family_is_not_closed() -> None:
    loose = replace(
        WORLD,
        risks=(Risk("plague", share(0.001, 0.05)),),
        roles=(Role("defends", "vaccines", "plague", Quantity(0.2, 0.5, "uniform")),),
    )
    found = scaled(loose, {"world.hazard": 3.0, "world.efficacy": 4.0})
    assert found.risks[0].hazard == share(3 * 0.001, 3 * 0.05)
    assert found.roles[0].strength == Quantity(4 * 0.2 / (1 + 3 * 0.2), 4 * 0.5 / (1 + 3 * 0.5), "uniform")


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        ({"arrival": 2.0}, "is no scale of a world"),
        ({"world.arrival": 0.0}, "a factor of 0.0"),
        ({"world.hazard": float("inf")}, "a factor of inf"),
        ({"world.hazard": 30.0}, "must lie inside (0, 1)"),
    ],
)
def test_scales_that_make_no_sense_are_refused(factors: dict[str, float], said: str) -> None:
    world = replace(WORLD, risks=(Risk("plague", share(0.001, 0.05)),))
    with pytest.raises(InputError, match="world") as caught:
        scaled(world, factors)
    assert said in str(caught.value)


# --- playing ---------------------------------------------------------------------------------------------------------


def test_a_piece_has_the_same_bytes_every_time() -> None:
    found = scenarios(STUDY)
    first = play(STUDY, ground("leaky"), found[2])
    play(STUDY, ground("fast", 1), found[9])
    again = lay_out(STUDY, "leaky", 0)
    assert same(again, ground("leaky"))
    assert same(play(STUDY, again, found[2]), first)


def test_pieces_have_the_shapes_they_say() -> None:
    study = replace(STUDY, constitutions=ALL)
    for s in (scenarios(study)[0], scenarios(study)[8]):
        piece = play(study, ground(s.group, s.values), s)
        shapes = {"measures": len(MEASURES), "welfare": 20, "catastrophe": 20, "largest": 30, "hhi": 30, "agency": 30}
        for name, width in shapes.items():
            array = getattr(piece, name)
            assert array.shape == (7, width)
            assert array.dtype == np.float64
            assert np.isfinite(array).all()
        assert isinstance(piece.planner, float)
        assert piece.scenario == s


def test_a_class_with_nothing_dealt_is_the_lab() -> None:
    """The study only adds bookkeeping: same stage, same runs."""
    log = Welfare(gamma=1.0)
    study = replace(
        STUDY,
        constitutions=ALL,
        classes=(ScenarioClass("as stated", {"leak": fixed(0.02)}),),
        values=(log,),
        scenarios=3,
        care=0.7,
    )
    base, s = lay_out(study, "as stated", 0), scenarios(study)[2]
    alone = prepare(WORLD, 256, study.seed, budget=10.0, care=0.7, welfare=log)
    assert np.array_equal(base.planned, alone.planned)
    assert np.array_equal(base.scale, alone.scale)
    piece = play(study, base, s)
    shared = {"planned": base.planned, "scale": base.scale, "care": 0.7, "welfare": log}
    stage = prepare(WORLD, 20, study.seed, start=40, **shared)
    for row, result in enumerate(compare(stage, SEVEN)):
        assert np.array_equal(piece.welfare[row], result.welfare)
        assert np.array_equal(piece.catastrophe[row], result.catastrophe)
        assert np.array_equal(piece.agency[row], result.agency)
        assert dict(zip(MEASURES, piece.measures[row], strict=True)) == {m: result.summary()[m] for m in MEASURES}
    assert piece.planner == perfect(stage).welfare.mean()


def test_pieces_one_after_the_other_are_one_long_run() -> None:
    group = ScenarioClass("still", {"leak": fixed(0.1)})
    short = replace(STUDY, classes=(group,), values=(), scenarios=3)
    long = replace(short, scenarios=1, worlds=60)
    base = lay_out(short, "still", 0)
    pieces = [play(short, base, s) for s in scenarios(short)]
    whole = play(long, base, scenarios(long)[0])
    assert np.array_equal(np.concatenate([p.welfare for p in pieces], axis=1), whole.welfare)
    assert np.array_equal(np.concatenate([p.catastrophe for p in pieces], axis=1), whole.catastrophe)
    assert np.mean([p.agency for p in pieces], axis=0) == pytest.approx(whole.agency)
    assert np.mean([p.planner for p in pieces]) == pytest.approx(whole.planner)


def test_a_class_alone_plays_as_it_does_among_others() -> None:
    alone = replace(STUDY, classes=(FAST,))
    base = ground_of(("fast",), "fast", 1)
    assert same(base, ground("fast", 1))
    mine, theirs = scenarios(alone)[3], scenarios(STUDY)[11]
    assert same(play(alone, base, mine), play(STUDY, ground("fast", 1), theirs), but=("scenario",))


def test_nobody_beats_the_planner_if_nobody_errs() -> None:
    """With its money, world by world; slowing apart, which the planner does not have."""
    kinds = {name: replace(kind, planned=True) for name, kind in ALL.items()} | {
        "consortium": Consortium(exclusivity=0.0),
        "pause": Pause(planned=True, slowing=0.0),
    }
    study = replace(STUDY, constitutions=kinds, conditions=SURE, values=(), classes=(ScenarioClass("sure"),))
    s = scenarios(study)[5]
    base = lay_out(study, "sure", 0)
    piece = play(study, base, s)
    stage = prepare(WORLD, 20, study.seed, planned=base.planned, scale=base.scale, start=100)
    assert (piece.welfare <= perfect(stage, SURE).welfare + 1e-9).all()
    assert (piece.welfare.mean(axis=1) <= piece.planner + 1e-9).all()
    assert (piece.welfare.mean(axis=1) < piece.planner - 0.1).any()


def test_a_ground_fits_its_class_and_values_only() -> None:
    s = scenarios(STUDY)[0]
    for wrong in (ground("leaky", 1), ground("fast")):
        with pytest.raises(InputError, match="the ground is of"):
            play(STUDY, wrong, s)
    assert grounds(STUDY) == (("leaky", 0), ("leaky", 1), ("fast", 0), ("fast", 1))


def test_a_split_is_the_labs_gap_in_the_middle_of_the_class() -> None:
    base = ground("leaky")
    found = split(STUDY, base, "consortium", 40)
    half = setting(STUDY, middle(STUDY, "leaky", 0))
    stage = prepare(half.world, 40, STUDY.seed, planned=base.planned, scale=base.scale)
    gap = governance_gap(stage, Consortium(), half.conditions)
    assert (found.group, found.constitution) == ("leaky", "consortium")
    assert (found.planner, found.welfare) == pytest.approx((gap.planner, gap.welfare))
    assert tuple(found.parts) == FRICTIONS
    assert found.parts == pytest.approx(gap.parts)
    before = run(stage, Consortium(), half.conditions).welfare
    without = run(stage, *Consortium().without("leak", half.conditions)).welfare
    assert found.error["leak"] == pytest.approx((without - before).std(ddof=1) / np.sqrt(40))
    assert found.error["leak"] > 0
    assert found.error["money"] == 0  # its money is planned already
    for name, worlds in (("monarchy", 40), ("consortium", 1)):
        with pytest.raises(InputError):
            split(STUDY, base, name, worlds)


def test_a_scenario_made_by_hand_can_be_played() -> None:
    """A page with sliders has no study of its own."""
    own = Scenario(0, "leaky", 0, {"leak": 0.9, "world.arrival": 0.5})
    leaky, tight = (play(STUDY, ground("leaky"), replace(own, factors={"leak": leak})) for leak in (0.9, 0.0))
    assert play(STUDY, ground("leaky"), own).planner != leaky.planner
    assert leaky.planner == tight.planner
    assert (leaky.welfare[1] != tight.welfare[1]).any()


# --- refusing --------------------------------------------------------------------------------------------------------


def refused(**changes: object) -> str:
    with pytest.raises(InputError) as caught:
        check_study(replace(STUDY, **changes))
    return caught.value.diagnostics()


def in_class(**ranges: Quantity) -> str:
    named = {name.replace("__", "."): limits for name, limits in ranges.items()}
    return refused(classes=(ScenarioClass("odd", named),))


def test_good_studies_pass() -> None:
    check_study(STUDY)
    check_study(Study(WORLD, 0.0, ALL))
    voting = {"consortium": Consortium(weights=(0.5, 0.3, 0.2)), "market": Market()}
    check_study(Study(WORLD, 0.0, voting, conditions=Conditions(actors=3)))
    check_study(replace(STUDY, classes=(ScenarioClass("few", {"actors": Quantity(0.4, 3.9, "uniform")}),)))
    goals = (Goal("welfare over no steering", at_least=0.0), Goal("catastrophe", at_most=0.2))
    check_study(replace(STUDY, goals=goals, weights={"welfare": 0.5, "agency": 0.0}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"constitutions": {"market": Market()}}, "constitutions: 1 cannot be compared"),
        ({"constitutions": {"world": Market(), "b": Market()}}, "'world' cannot be a constitution's name"),
        ({"classes": ()}, "classes: there are none"),
        ({"classes": (LEAKY, LEAKY)}, "'leaky' is used twice"),
        ({"scenarios": 0}, "scenarios: 0 is too few"),
        ({"scenarios": 1}, "1 scenarios leave some of 2 ways of valuing lives out"),
        ({"worlds": 0}, "worlds: 0 is too few"),
        ({"budget": -1.0}, "budget: -1.0 is no budget"),
        ({"care": 1.5}, "care: 1.5 is no share"),
        ({"values": (Welfare(life=0.0),)}, "values: welfare.life: a life worth nothing"),
        ({"world": replace(WORLD, window=-1.0)}, "window"),
        ({"weights": {"welfare": 0.0}}, "weights: all are zero"),
        ({"weights": {}}, "weights: all are zero"),
        ({"weights": {"welfare": -1.0}}, "-1.0 for 'welfare' is no weight"),
        ({"weights": {"welfar": 1.0}}, "'welfar' is not measured → use 'welfare'"),
        ({"goals": (Goal("catastrophes", at_most=0.1),)}, "use 'catastrophe'"),
        ({"goals": (Goal("catastrophe"),)}, "is no goal"),
        ({"goals": (Goal("catastrophe", 0.2, 0.1),)}, "'catastrophe' from 0.2 to 0.1 is no goal"),
    ],
)
def test_faults_are_named(changes: dict[str, object], said: str) -> None:
    assert said in refused(**changes)


def test_goals_over_no_steering_need_it() -> None:
    few = {"a": Market(), "b": Constitution()}
    said = refused(constitutions=few, goals=(Goal("welfare over no steering", at_least=0.0),), classes=(LEAKY,))
    assert "needs a constitution 'no steering'" in said


@pytest.mark.parametrize(
    ("name", "limits", "said"),
    [
        ("leek", fixed(0.1), "no factor 'leek' → use 'leak'"),
        ("exclusivity", fixed(0.1), "no factor 'exclusivity' → use 'consortium.exclusivity'"),
        ("consortium__exclusive", fixed(0.1), "use 'consortium.exclusivity'"),
        ("consortum__sharing", fixed(0.1), "no constitution 'consortum' → use 'consortium'"),
        ("arrival", fixed(0.5), "use 'world.arrival'"),
        ("labs", fixed(0.5), "no factor 'labs'"),
        ("leak", Quantity(0.5, 1.5, "uniform"), "classes.odd.leak: 1.5 is not a share"),
        ("leak", Quantity(0.1, 0.2, "normal"), "a range cannot be normal"),
        ("actors", Quantity(2.2, 2.8, "uniform"), "nothing lies between 2.2 and 2.8"),
        ("actors", Quantity(0, 4, "uniform"), "founders"),
        ("founders", Quantity(2, 21, "uniform"), "up to 21 founders and as few as 20 actors"),
        ("consortium__planned", Quantity(0, 2, "uniform"), "goes beyond yes (1) and no (0)"),
        ("consortium__sharing", Quantity(0, 2, "uniform"), "classes.odd.consortium.sharing"),
        ("world__arrival", Quantity(0, 2, "uniform"), "classes.odd.world.arrival: a factor of 0"),
        ("world__hazard", fixed(1e308), "is no interval"),
        ("values__life", Quantity(0, 2, "uniform"), "a life worth nothing"),
    ],
)
def test_ranges_that_cannot_be_dealt_are_named(name: str, limits: Quantity, said: str) -> None:
    risky = replace(WORLD, risks=(Risk("plague", interval(0.01, 10.0)),))
    with pytest.raises(InputError) as caught:
        check_study(replace(STUDY, world=risky, classes=(ScenarioClass("odd", {name.replace("__", "."): limits}),)))
    assert said in caught.value.diagnostics()


def test_votes_need_as_many_places() -> None:
    voting = {"consortium": Consortium(weights=(0.5, 0.3, 0.2)), "market": Market()}
    said = refused(constitutions=voting, classes=(LEAKY,))
    assert "'consortium' has weights for 3 places, and there are 3 to 6" in said


def test_all_faults_are_told_at_once() -> None:
    odd = ScenarioClass("odd", {"leek": fixed(0.1), "consortium.sharing": fixed(3.0)})
    with pytest.raises(InputError) as caught:
        scenarios(replace(STUDY, classes=(odd, LEAKY, LEAKY), worlds=0, weights={}))
    assert len(caught.value.problems) == 5


def test_every_number_is_a_factor() -> None:
    """Fields that other rooms add are factors by themselves; what is no number is none."""
    known = factors_of(replace(STUDY, constitutions=ALL))
    assert {"leak", "founders", "pause.exempt", "pause.years", "teams.veto", "values.person_affecting"} <= known.keys()
    assert not {"labs", "consortium.weights", "consortium.title", "consortium.limits"} & known.keys()
    assert known["founders"].kind == known["pause.years"].kind == "whole"
    assert known["pause.exempt"].kind == known["values.person_affecting"].kind == "switch"
    assert known["leak"].kind == "real"
