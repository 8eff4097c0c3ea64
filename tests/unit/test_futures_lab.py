"""Constitutions nest published results, meet the planner and each other at their limits, and can go both ways."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import ndtr

from daccord.errors import InputError
from daccord.futures.anchors import compute_price, deciding, precipice, returns, timing
from daccord.futures.lab import (
    BOTH_SIGNS,
    SEVEN,
    Centre,
    Conditions,
    Consortium,
    Constitution,
    Federation,
    Lever,
    Market,
    Moment,
    Pause,
    Scene,
    Stage,
    Teams,
    compare,
    governance_gap,
    grow,
    hold,
    nakamoto,
    perfect,
    prepare,
    pull,
    race_safety,
    run,
)
from daccord.futures.planner import Objective
from daccord.futures.world import (
    Risk,
    Role,
    Schedule,
    Technology,
    Welfare,
    World,
    draw,
    fixed,
    interval,
    live,
    share,
)

SURE = Conditions(actors=6, noise=0.0, leak=0.0, capture=0.0)
"""Nobody errs, leaks or is captured."""


def machine(**changes: object) -> Technology:
    """A frontier technology with much to give and much to lose."""
    numbers = {
        "arrival": interval(4, 25), "spending": 100.0, "elasticity": fixed(0.3), "leak": fixed(0.2), "lift": fixed(0.8),
        "growth": fixed(0.02), "longevity": fixed(0.3), "transition": share(0.05, 0.5), "decline": fixed(0.05),
    }  # fmt: skip
    return Technology("machine", **(numbers | changes))  # type: ignore[arg-type]


ALIGNMENT = Technology("alignment", interval(6, 40), spending=5.0, elasticity=fixed(0.5))
VACCINES = Technology("vaccines", interval(5, 30), spending=5.0, elasticity=fixed(0.4))
WORLD = World(
    technologies=(machine(), ALIGNMENT, VACCINES),
    risks=(Risk("plague", interval(0.0005, 0.005), floor=fixed(0.2)),),
    roles=(
        Role("makes_safe", "alignment", "machine", share(0.3, 0.9), lead=fixed(5.0)),
        Role("defends", "vaccines", "plague", share(0.3, 0.8)),
    ),
    horizon=60.0,
)
MONEY = np.array([0.0, 6.0, 2.0])


@pytest.fixture(scope="module")
def stage() -> Stage:
    """Few worlds, money given."""
    return prepare(WORLD, 200, 3, planned=MONEY)


# --- limits -----------------------------------------------------------------------------------------------------------


def test_single_centre_with_perfect_signals_equals_the_best_of_all_schedules(stage: Stage) -> None:
    """World by world, no year of holding is better than the one that it chooses; the same kernel values both."""
    found = perfect(stage, SURE)
    careful = stage.launched(np.ones((stage.size, 3)))
    grid = []
    for year in [*range(60), np.inf]:
        until = np.array([year, 0.0, 0.0])
        schedule = Schedule(np.array([WORLD.window]), MONEY[None, :], None, until)
        grid.append(live(careful, schedule, gradient=False).welfare)
    assert found.welfare == pytest.approx(np.max(grid, axis=0), abs=1e-9)
    assert (found.launched[0] > 0).any()
    assert found.welfare.mean() > grid[0].mean() + 0.1


def test_single_centre_equals_the_planner_where_nothing_can_be_held() -> None:
    """Without transition risks and sources, what is left is the planner's objective."""
    calm = replace(WORLD, technologies=(machine(transition=fixed(0.0)), ALIGNMENT, VACCINES))
    stage = prepare(calm, 300, 5, budget=8.0)
    objective = Objective(draw(calm, 300, 5), 8.0, calm.welfare, np.ones(3, bool))
    assert stage.held == ()
    assert perfect(stage).welfare.mean() == pytest.approx(objective.value(stage.planned / 8.0), abs=1e-9)


def test_federation_is_the_planner_at_share_one_and_the_market_at_share_none(stage: Stage) -> None:
    whole = run(stage, Federation(share=1.0), SURE)
    assert whole.welfare == pytest.approx(perfect(stage, SURE).welfare, abs=1e-9)
    use = Conditions(actors=6)
    none, market = run(stage, Federation(share=0.0), use), run(stage, Market(), use)
    assert np.array_equal(none.welfare, market.welfare)
    assert np.array_equal(none.hhi, market.hhi)
    half = run(stage, Federation(share=0.5), use)
    assert market.welfare.mean() < half.welfare.mean()


def test_a_pause_without_leak_and_state_risk_makes_waiting_free() -> None:
    """Nothing happens while it lasts; with mortality and discounting off, longer is never worse."""
    plain = World((machine(leak=fixed(0.0), lift=fixed(0.0), growth=fixed(0.0), longevity=fixed(0.0)),), horizon=60.0)
    careless = Welfare(gamma=1.0, rho=0.0, growth=0.0, mortality=0.0, births=0.0, future=1e4)
    stage = prepare(plain, 100, 1, planned=np.zeros(1), welfare=careless)
    worth = []
    for years in (0, 10, 30, 60):
        found = run(stage, Pause(signers=0, years=years, slowing=1.0), SURE)
        worth.append(found.welfare)
        if years == 60:
            assert found.catastrophe.max() == 0.0
    assert all((later >= earlier - 1e-9).all() for earlier, later in pairwise(worth))
    leaky = run(stage, Pause(signers=0, years=60), replace(SURE, leak=0.05, rush=2.0))
    assert leaky.catastrophe.mean() > 0.01
    assert leaky.broken.any()
    hazard = replace(plain, risks=(Risk("war", fixed(0.01)),))
    stage = prepare(hazard, 20, 1, planned=np.zeros(1), welfare=careless)
    there = run(stage, Pause(signers=0, years=60), SURE)
    assert there.catastrophe == pytest.approx(1 - np.exp(-0.6))


@pytest.mark.parametrize(("fall", "risk"), [(0.05, 0.8), (0.1, 0.95), (0.2, 0.5)])
def test_the_best_pause_is_bostroms(fall: float, risk: float) -> None:
    """People now living, 40 years or 1,400: the best length of a pause is the closed form's, to the year."""
    rate = -np.log1p(-fall)
    eternal = Technology(
        "machine", fixed(0.001), longevity=fixed(1 - 40 / 1400), transition=fixed(risk), decline=fixed(float(rate))
    )
    lives = Welfare(gamma=1.0, rho=0.0, growth=0.0, mortality=1 / 40, births=0.0, person_affecting=True, future=1400.0)
    stage = prepare(World((eternal,), horizon=60.0), 1, 0, planned=np.zeros(1), care=0.0, welfare=lives)
    use = replace(SURE, rush=5.0)
    worth = [float(run(stage, Pause(signers=0, years=years, slowing=0.0), use).welfare[0]) for years in range(40)]
    best = timing.Launch(risk, float(rate)).best_delay
    assert best > 5
    assert abs(int(np.argmax(worth)) - best) <= 1.0
    assert worth[10] == pytest.approx(timing.Launch(risk, float(rate)).life_years(10.0), rel=1e-6)


def test_returns_above_one_end_in_monopoly_unless_somebody_acts(stage: Stage) -> None:
    use = Conditions(actors=5, returns=2.0, diffusion=0.0, pace=5)
    alone = run(stage, Market(), use)
    together = run(stage, Market(coordination=0.9), use)
    assert alone.locked.mean() > 0.95
    assert alone.nakamoto[-1] < 1.05
    assert together.locked.mean() < 0.05
    assert together.largest[-1] < 0.4
    assert run(stage, Market(), replace(use, returns=0.5)).locked.mean() < 0.05
    assert run(stage, Market(), replace(use, diffusion=0.8)).locked.mean() < 0.2


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.5])
def test_growth_of_compute_is_the_polya_urn(exponent: float) -> None:
    """One unit a year, no diffusion: the anchor's urn, to its sampling error; at 1 its exact mean."""
    steps, worlds = 300, 3000
    scene = Scene(_bare(worlds), Conditions(actors=5, returns=exponent, diffusion=0.0, pace=1), np.ones((5, worlds)))
    pull = np.ones((5, worlds))
    for scene.year in range(steps):
        grow(scene, Constitution(), pull)
    found = (scene.shares**2).sum(axis=0)
    urn = (returns.final_shares(5, exponent, steps=steps, runs=worlds, seed=1) ** 2).sum(axis=1)
    error = 4 * np.hypot(found.std(), urn.std()) / np.sqrt(worlds)
    assert abs(found.mean() - urn.mean()) < error
    if exponent == 1.0:
        assert found.mean() == pytest.approx(returns.linear_concentration(5, steps), abs=error)
    assert scene.units.sum(axis=0) == pytest.approx(5 + steps)


def test_compute_grows_as_a_plain_loop_says() -> None:
    """The reference: one world at a time, one unit at a time."""
    use = Conditions(actors=4, founders=2, entry=0.3, returns=1.3, diffusion=0.2, pace=3)
    stage = _bare(5)
    scene = Scene(stage, use, np.array([[1.0], [1.0], [0.0], [0.0]]) * np.ones(5))
    pull = scene.units.copy()
    market = Market(coordination=0.5, cap=0.4)
    for scene.year in range(12):
        grow(scene, market, pull)
    for world in range(5):
        units = [1.0, 1.0, 0.0, 0.0]
        for year in range(12):
            if 0.0 in units and stage.uniform(f"entry:{year}")[world] < 0.3:
                units[units.index(0.0)] = 1.0
            pulls = [x**1.3 * (0.5 if x > 0.4 * sum(units) else 1.0) if x else 0.0 for x in units]
            there = sum(x > 0 for x in units)
            odds = [0.8 * p / sum(pulls) + (0.2 / there if x else 0.0) for p, x in zip(pulls, units, strict=True)]
            for unit in range(3):
                left = stage.uniform(f"urn:{year}:{unit}")[world]
                for i, chance in enumerate(odds):
                    left -= chance
                    if left < 0:
                        units[i] += 1
                        break
        assert scene.units[:, world].tolist() == units


def test_an_exempt_actor_grows_as_a_plain_loop_says() -> None:
    """What the others may not build is not built, but for the share that the first builds instead."""
    use = Conditions(actors=3, returns=1.2, diffusion=0.1, pace=2)
    stage = prepare(WORLD, 6, 2, planned=np.zeros(3))
    pause = Pause(signers=0, years=5, slowing=0.7, exempt=True, military=0.4)
    scene = Scene(stage, use, np.ones((3, 6)))
    scene.proposal = pause.propose(scene)
    pull = np.ones((3, 6))
    for scene.year in range(8):
        grow(scene, pause, pull)
    for world in range(6):
        units = [1.0, 1.0, 1.0]
        for year in range(8):
            total = sum(x**1.2 for x in units)
            odds = [0.9 * x**1.2 / total + 0.1 / 3 for x in units]
            for unit in range(2):
                winner = int(np.searchsorted(np.cumsum(odds), stage.uniform(f"urn:{year}:{unit}")[world], "right"))
                chance = stage.uniform(f"paused:{year}:{unit}")[world]
                if year < 5 and winner and chance < 0.7:
                    if chance < 0.4 * 0.7:
                        units[0] += 1
                else:
                    units[winner] += 1
        assert scene.units[:, world].tolist() == units


@pytest.mark.parametrize("waits", [False, True])
def test_stakes_are_what_living_through_every_year_says(waits: bool) -> None:
    """The reference: one year of launch at a time; B without hazards, R the rest. Also with what waits for it."""
    needs = (Role("requires", "vaccines", "machine", delay=fixed(1.0)),) if waits else ()
    stage = prepare(replace(WORLD, roles=WORLD.roles + needs), 70, 3, planned=MONEY)
    careful = stage.launched(np.ones((stage.size, 3)))
    lived = []
    for year in [*range(60), np.inf]:
        until = np.array([year, 0.0, 0.0])
        lived.append(live(careful, Schedule(np.array([10.0]), MONEY[None, :], None, until), gradient=False))
    worth, calm = (np.array([getattr(one, name) for one in lived]) for name in ("welfare", "benefit"))
    assert stage.scale[0] == pytest.approx(np.sqrt(np.mean(np.ptp(worth, axis=0) ** 2)))
    mature = lived[0].arrivals.time[:, 0]
    for world in range(0, stage.size, 7):
        if mature[world] >= 60:
            continue
        for year in range(60):
            shown = max(year, int(mature[world]))
            later = worth[shown + 1 :, world]
            first = shown + 1 + int(np.argmax(later >= later.max() - 1e-9 * stage.scale[0]))
            margin = (worth[shown, world] - worth[first, world]) / stage.scale[0]
            gained = (calm[shown, world] - calm[first, world]) / stage.scale[0]
            assert stage.truth[0, world, year] == pytest.approx(margin, abs=1e-8)
            assert stage.gain[0, world, year] == pytest.approx(gained, abs=1e-8)
            assert stage.danger[0, world, year] == pytest.approx(gained - margin, abs=1e-8)


def _bare(worlds: int) -> Stage:
    return prepare(World((VACCINES,)), worlds, 2, planned=np.zeros(1))


# --- nested anchors ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("people", [1, 2, 5, 10, 50])
@pytest.mark.parametrize("value", [-0.5, -1.0, -2.0])
def test_unilateralists_curse(people: int, value: float) -> None:
    """Any one may launch, errors independent: 1 − F(−V)ⁿ."""
    now = _moment(20_000, value, people)
    market = Market()
    allowed, _ = market.decide(now, market.judge(now))
    assert allowed.mean() == pytest.approx(deciding.unilateral_action(value, people), abs=0.012)


@pytest.mark.parametrize(("needed", "members"), [(2 / 3, 6), (0.5, 5), (1.0, 4)])
def test_supermajority_passes_as_a_committee(needed: float, members: int) -> None:
    """Equal weights, independent errors: the binomial tail; a hierarchy if all must agree."""
    now = _moment(20_000, 0.5, members)
    body = Consortium(trust=1.0, secrecy=0.0, exit_rate=0.0, supermajority=needed)
    allowed, _ = body.decide(now, body.judge(now))
    least = int(np.ceil(needed * members - 1e-9))
    assert allowed.mean() == pytest.approx(deciding.committee(float(ndtr(0.5)), least, members), abs=0.012)


def test_correlation_makes_many_judges_one() -> None:
    """ρ = 1: a market of fifty errs as often as one."""
    now = _moment(20_000, -1.0, 50, correlation=1.0)
    allowed, _ = Market().decide(now, Market().judge(now))
    assert allowed.mean() == pytest.approx(float(ndtr(-1.0)), abs=0.01)


@pytest.mark.parametrize("binding", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("value", [-1.0, -2.0])
def test_outsiders_are_the_same_actors_wherever_they_are_held(binding: float, value: float) -> None:
    """Of m outsiders each is free with 1 − b and errs alone: 1 − (1 − (1 − b) (1 − F(−V)))ᵐ, here as there."""
    now = _moment(20_000, value, 10)
    expected = 1 - (1 - (1 - binding) * float(ndtr(value))) ** 5
    teams = Teams(access=0.5, binding=binding, sameness=1.0, tightness=1.0, spill=0.0)
    federation = Federation(share=0.5, binding=binding, needed=1.0)
    under_a_centre = Centre(trust=0.0, binding=binding)  # all but the first are outside
    broken = under_a_centre.comply(now, under_a_centre.judge(now))
    assert broken.mean() == pytest.approx(1 - (1 - (1 - binding) * float(ndtr(value))) ** 9, abs=0.012)
    in_teams = teams.comply(now, teams.judge(now))
    in_federations, _ = federation.decide(now, federation.judge(now))
    assert in_teams.mean() == pytest.approx(expected, abs=0.012)
    assert in_federations.mean() == pytest.approx(expected, abs=0.012)
    if binding == 1.0:
        assert not in_teams.any()
        assert not federation.comply(now, federation.judge(now)).any()


def test_teams_judge_worse_than_people_alone_by_the_meta_analysis() -> None:
    """A signal of half a deviation: right with Φ(0.5) alone, with Φ(0.5 − 0.23) in a team, up to the prior's spread."""
    now = _moment(20_000, 0.5, 4)
    in_teams = (Teams().judge(now)[:, :4] >= 0).mean()
    assert in_teams == pytest.approx(float(ndtr(0.27 / np.hypot(1, 0.082))), abs=0.01)
    assert (Teams(effect=0.0, doubt=0.0).judge(now)[:, :4] >= 0).mean() == pytest.approx(float(ndtr(0.5)), abs=0.01)


@pytest.mark.parametrize(
    ("count", "enmity", "capability"), [(2, 1.0, 1.0), (5, 1.0, 2.0), (5, 0.5, 4.0), (20, 0.5, 4.0)]
)
def test_race_is_the_precipice_without_information(count: int, enmity: float, capability: float) -> None:
    use = Conditions(actors=count, enmity=enmity, capability=capability)
    risk = 1 - race_safety(use, np.array([float(count)]))[0]
    assert risk == pytest.approx(precipice.Teams(count, enmity, capability).risk_without_information)
    assert race_safety(use, np.array([1.0]))[0] == 1.0
    assert race_safety(use, np.array([float(count)]), coordination=1.0)[0] == 1.0


@pytest.mark.parametrize(("returns_", "sign"), [((0.3, 0.7), 1), ((0.5, 0.5), 0), ((0.7, 0.3), -1)])
def test_taxing_compute_helps_or_harms(returns_: tuple[float, float], sign: int) -> None:
    """A dearer price lowers catastrophes if αS < βθ, raises them if αS > βθ and does nothing at equality."""
    doomed = World((machine(transition=fixed(1.0), decline=fixed(0.0)),), horizon=40.0)
    stage = prepare(doomed, 50, 1, planned=np.zeros(1), care=1.0)
    labs = compute_price.Labs(*returns_)
    cheap, dear = (
        run(stage, Constitution(), replace(SURE, labs=labs, price=price)).catastrophe.mean() for price in (0.02, 0.2)
    )
    assert cheap == pytest.approx(compute_price.equilibrium(labs, 0.02).risk, rel=0.05)
    assert np.sign(round(cheap - dear, 9)) == sign


def test_a_company_buys_two_thirds_of_intelsat() -> None:
    """52 % and two thirds: if the 23 % sold have no votes, 52 of 77 decide alone; else nobody does."""
    shares = np.array([52.0, 5, 5, 5, 5, 5])
    alone = hold(shares / shares.sum(), np.ones(6), 2 / 3)
    assert alone.deciders == 1.0
    assert not alone.pivotal
    spread = np.array([52.0, 5, 5, 5, 5, 5, 12, 11]) / 100
    assert hold(spread, np.ones(8), 2 / 3).deciders > 1.0


def test_hold_in_known_bodies() -> None:
    """[51; 50, 49, 1] has Banzhaf shares 3/5, 1/5, 1/5; five equals with a majority need three, and can be pivotal."""
    uneven = hold(np.array([0.5, 0.49, 0.01]), np.array([50.0, 49, 1]), 0.505)
    assert uneven.deciders == pytest.approx(float(1 / (Fraction(9, 25) + 2 * Fraction(1, 25))))
    assert uneven.to_pass == pytest.approx(0.51)
    equal = hold(np.full(5, 0.2), np.ones(5), 0.5)
    assert (equal.deciders, equal.to_pass, equal.to_block, equal.pivotal) == (5.0, 0.6, 0.6, True)
    anyone = hold(np.full(5, 0.2), np.ones(5), 0.0)
    assert (anyone.deciders, anyone.to_pass, anyone.to_block, anyone.pivotal) == (5.0, 0.2, 1.0, False)
    assert nakamoto(np.array([[0.2, 0.51], [0.2, 0.49], [0.2, 0.0], [0.2, 0.0], [0.2, 0.0]])).tolist() == [3, 1]


def _moment(worlds: int, right: float, people: int, correlation: float = 0.0) -> Moment:
    """A bare decision in which each belief is `right` deviations from 0 before errors; only B or only R is there."""
    use = Conditions(actors=people, noise=1 / abs(right), correlation=correlation, rush=0.0, leak=0.0, capture=0.0)
    stage = _bare(worlds)
    scene = Scene(stage, use, np.ones((people, worlds)), 0, np.ones(worlds), np.full(worlds, np.inf))
    gain, danger = (np.full(worlds, max(0.0, sign * np.sign(right))) for sign in (1.0, -1.0))
    rows = np.arange(worlds)
    return Moment(scene, 0, rows, np.zeros(worlds), gain - danger, gain, danger, np.zeros(worlds, bool))


# --- both signs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lever", BOTH_SIGNS, ids=lambda lever: lever.name)
def test_both_signs(lever: Lever) -> None:
    """The same lever helps in one world and harms in another."""
    without, pulled = pull(lever, 100, 2)
    change = float((pulled - without).mean())
    assert (change > 0.01) if lever.helps else (change < -0.01)


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_a_soft_pause_needs_every_signature(stage: Stage) -> None:
    """More signers, shorter pauses; none, the longest."""
    use = Conditions(actors=6, noise=0.5)
    paused = []
    for signers in (0, 1, 3, 6):
        found = run(stage, Pause(signers=signers, years=15), use)
        paused.append(found.delay.mean())
    assert paused == sorted(paused, reverse=True)
    assert paused[0] > paused[-1] + 0.2


def test_consortium_levers(stage: Stage) -> None:
    use = Conditions(actors=8, leak=0.05, rush=0.5)
    base = Consortium()
    assert base.lag == pytest.approx(np.log10(250) / 0.5)
    plain = run(stage, base, use)
    assert run(stage, replace(base, theft=0.5, secrecy=0.0), use).broken.mean() > plain.broken.mean()
    assert run(stage, replace(base, outer=base.inner), use).broken.mean() > plain.broken.mean()
    assert run(stage, replace(base, trust=1.0, exit_rate=0.0), use).broken.sum() == 0
    everyone = replace(base, trust=1.0)
    assert np.isfinite(run(stage, everyone, Conditions()).welfare).all()  # shares of 20 add up to 1 and a bit
    assert run(stage, replace(everyone, sharing=0.0, exit_rate=0.1), use).broken.mean() > 0
    assert run(stage, everyone, use).hhi[-1] <= run(stage, replace(everyone, sharing=0.0), use).hhi[-1]
    unanimous = run(stage, replace(everyone, supermajority=1.0), use)
    assert unanimous.deadlock > run(stage, everyone, use).deadlock
    assert run(stage, base, replace(use, capture=0.5)).locked.mean() > plain.locked.mean()


def test_people_lose_their_say_even_where_the_balance_lasts(stage: Stage) -> None:
    """A perfectly stable market, and yet; a constitution with grip loses less."""
    use = Conditions(actors=6, returns=0.5)
    market = run(stage, Market(coordination=1.0), use)
    assert market.locked.mean() == 0
    assert market.agency[-1] < 0.6
    assert run(stage, Teams(), use).agency[-1] > market.agency[-1]
    assert (np.diff(market.agency) <= 0).all()


def test_gap_is_split(stage: Stage) -> None:
    for constitution in (Market(), Consortium(), Pause(exempt=True)):
        gap = governance_gap(stage, constitution, Conditions(actors=6))
        assert gap.total == pytest.approx(sum(gap.parts.values()) + gap.rest)
        assert gap.total > 0
    assert gap.parts["leak"] > 0
    none = governance_gap(stage, Centre(trust=1.0), SURE)
    assert none.total == pytest.approx(0.0)
    assert all(part == pytest.approx(0.0) for part in none.parts.values())
    assert governance_gap(stage, Centre(trust=1.0), replace(SURE, noise=1.0)).parts["error"] > 0


def test_decisions_pass_to_the_machine_and_not_to_any_frontier_technology() -> None:
    """A source of a hazard is no machine unless it is named, or nothing else is there."""
    weapon = Technology("weapon", interval(1, 3), lift=fixed(0.3))
    armed = replace(
        WORLD, technologies=(*WORLD.technologies, weapon), risks=(*WORLD.risks, Risk("war", fixed(0.0001))),
        roles=(*WORLD.roles, Role("source", "weapon", "war")),
    )  # fmt: skip
    stage = prepare(armed, 60, 3, planned=np.zeros(4))
    assert len(stage.held) == 2
    kept = {name: run(stage, Market(), Conditions(machine=name)).agency[-1] for name in ("", "machine", "weapon")}
    assert kept[""] == kept["machine"] > kept["weapon"]
    with pytest.raises(InputError, match="vaccines"):
        run(stage, Market(), Conditions(machine="vaccines"))


def test_all_seven_run_in_the_same_worlds(stage: Stage) -> None:
    found = compare(stage, SEVEN, Conditions(actors=6))
    assert len({one.title for one in found}) == 7
    best = perfect(stage, Conditions(actors=6)).welfare
    for one in found:
        assert all(np.isfinite(value) for value in one.summary().values())
        assert one.welfare.mean() < best.mean()
        assert ((one.catastrophe >= 0) & (one.catastrophe <= 1)).all()
        assert one.tail >= one.catastrophe.mean()


@pytest.mark.parametrize(
    "fault",
    [{"leak": 1.5}, {"noise": -1.0}, {"actors": 0}, {"founders": 30}, {"capability": 0.0}, {"rush": float("nan")}],
)
def test_conditions_are_checked(fault: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(fault)) if "founders" not in fault else "founders"):
        Conditions(**fault)  # type: ignore[arg-type]


def test_a_stage_is_checked() -> None:
    with pytest.raises(InputError, match="care"):
        prepare(WORLD, 10, 0, planned=MONEY, care=2.0)
