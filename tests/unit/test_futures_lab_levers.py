"""Every lever moves what it should, in three made-up worlds, over common random numbers; and what levers cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import daccord.formats.worlds
from daccord.errors import InputError
from daccord.formats.worlds import load_world
from daccord.futures.lab import (
    FRICTIONS,
    SEVEN,
    Centre,
    Conditions,
    Consortium,
    Constitution,
    Federation,
    Market,
    Pause,
    Result,
    Stage,
    Teams,
    governance_gap,
    prepare,
    run,
)
from daccord.futures.world import Risk, Role, Technology, World, fixed, interval, share

WORLDS = {
    # Much to gain and to lose on the day it comes; falling risk; alignment helps if it is early.
    "gamble": World(
        (
            Technology(
                "machine", interval(4, 25), spending=100.0, elasticity=fixed(0.3), leak=fixed(0.2), lift=fixed(0.8),
                growth=fixed(0.02), longevity=fixed(0.3), transition=share(0.05, 0.5), decline=fixed(0.05),
            ),
            Technology("alignment", interval(6, 40), spending=5.0, elasticity=fixed(0.5)),
            Technology("vaccines", interval(5, 30), spending=5.0, elasticity=fixed(0.4)),
        ),
        (Risk("plague", interval(0.0005, 0.005), floor=fixed(0.2)),),
        (
            Role("makes_safe", "alignment", "machine", share(0.3, 0.9), lead=fixed(5.0)),
            Role("defends", "vaccines", "plague", share(0.3, 0.8)),
        ),
        horizon=60.0,
    ),
    # Waiting is worth a lot: the risk falls fast, and the horizon is near.
    "patience": World(
        (
            Technology(
                "machine", interval(3, 20), elasticity=fixed(0.3), leak=fixed(0.3), lift=fixed(0.8), growth=fixed(0.01),
                transition=share(0.05, 0.6), decline=fixed(0.06),
            ),
            Technology("alignment", interval(4, 30), elasticity=fixed(0.5)),
        ),
        roles=(Role("makes_safe", "alignment", "machine", share(0.2, 0.9), lead=fixed(3.0)),),
        horizon=40.0,
    ),
    # Two frontier technologies that bring lasting hazards, evaluators who disagree, a chance of never.
    "sources": World(
        (
            Technology(
                "ai", {"ada": interval(5, 25), "ben": interval(10, 60)}, never=share(0.02, 0.1),
                growth=interval(0.005, 0.03), lift=interval(0.1, 0.5), transition=share(0.02, 0.2),
                elasticity=share(0.1, 0.4), spending=500.0,
            ),
            Technology(
                "biology", interval(5, 30), lift=interval(0.05, 0.2), longevity=share(0.05, 0.3),
                elasticity=share(0.1, 0.4), spending=100.0,
            ),
            Technology("alignment", interval(5, 40), elasticity=share(0.3, 0.7)),
            Technology("biodefence", interval(4, 30), elasticity=share(0.3, 0.7), spending=10.0, general=True),
        ),
        (
            Risk("takeover", interval(0.0005, 0.01), floor=share(0.1, 0.4)),
            Risk("pandemic", interval(0.0003, 0.006), floor=share(0.1, 0.4)),
            Risk("unlisted", interval(0.0001, 0.002), listed=False),
        ),
        (
            Role("source", "ai", "takeover"),
            Role("source", "biology", "pandemic"),
            Role("makes_safe", "alignment", "ai", share(0.3, 0.8), lead=interval(1, 5)),
            Role("defends", "biodefence", "pandemic", share(0.3, 0.8)),
            Role("defends", "biodefence", "unlisted", share(0.1, 0.4)),
        ),
        ("ada", "ben"),
        horizon=80.0,
    ),
}  # fmt: skip
MONEY = {"gamble": (0.0, 6.0, 2.0), "patience": (0.0, 2.0), "sources": (0.0, 0.0, 12.0, 8.0)}
USUAL = Conditions()
EXAMPLES = Path(daccord.formats.worlds.__file__).parent / "examples"


@cache
def stage_of(name: str) -> Stage:
    return prepare(WORLDS[name], 120, 1, planned=np.array(MONEY[name]))


@cache
def played(name: str, constitution: Constitution, use: Conditions) -> Result:
    return run(stage_of(name), constitution, use)


def measured(name: str, constitution: Constitution, use: Conditions) -> dict[str, float]:
    found = played(name, constitution, use)
    return found.summary() | {
        "broken": float(found.broken.mean()),
        "judgement": float(found.fewest["judgement"][-1]),
    }


@dataclass(frozen=True)
class Pull:
    """A lever: the documented direction of each measure when it is pulled."""

    name: str
    before: Constitution
    after: Constitution
    moves: dict[str, int] = field(hash=False)
    use: Conditions = USUAL
    then: Conditions | None = None


MAGIC, TEAMS, MARKET = Consortium(), Teams(), Market()
UNEQUAL = replace(USUAL, returns=1.5)
LEAKY = replace(USUAL, leak=0.2)
ALL_IN = Consortium(trust=1.0)
NO_LAG = replace(MAGIC, outer=MAGIC.inner, secrecy=1.0)  # nothing but compliance holds outsiders back
PULLS = (
    # A consortium: who complies, who joins, what is stopped, two caps, secrecy, benefits, votes, capture.
    Pull("compliance", NO_LAG, NO_LAG, {"broken": 1, "delay": -1, "catastrophe": 1}, then=LEAKY),
    Pull("joining", MAGIC, replace(MAGIC, trust=0.9), {"hhi": -1, "rule blocked": -1, "deciders": 1}),
    Pull("moratorium", replace(MAGIC, exclusivity=0.0), MAGIC, {"delay": 1, "catastrophe": -1}),
    Pull("two caps", replace(MAGIC, outer=MAGIC.inner), MAGIC, {"broken": -1, "catastrophe": -1}, LEAKY),
    Pull(
        "secrecy", replace(MAGIC, secrecy=0.0), replace(MAGIC, secrecy=1.0),
        {"broken": -1, "catastrophe": -1, "judgement": -1, "good launches missed": 1},
    ),
    Pull(
        "sharing", replace(MAGIC, sharing=0.0, exit_rate=0.05), replace(MAGIC, sharing=1.0, exit_rate=0.05),
        {"lock-in": -1, "hhi": -1, "deciders": 1, "years to half": 1},
    ),
    Pull(
        "unanimity", replace(ALL_IN, supermajority=0.5), replace(ALL_IN, supermajority=1.0),
        {"deadlock": 1, "rule blocked": 1, "cost to block": -1, "cost to pass": 1},
    ),
    Pull("equal votes", MAGIC, replace(MAGIC, weights=(1.0,) * 20), {"rule blocked": -1, "deciders": 1}),
    Pull(
        "capture", MAGIC, MAGIC, {"welfare": -1, "catastrophe": 1, "lock-in": 1, "nakamoto": -1},
        replace(USUAL, capture=0.0), replace(USUAL, capture=0.1),
    ),
    # A pause: whose signatures, how long, who is exempt.
    Pull("signers", Pause(signers=1, years=20), Pause(signers=6, years=20), {"delay": -1}),
    Pull("length", Pause(signers=0, years=5), Pause(signers=0, years=20), {"delay": 1, "catastrophe": -1}),
    Pull(
        "exemption", Pause(), Pause(exempt=True),
        {"welfare": -1, "catastrophe": 1, "cvar": 1, "lock-in": 1, "never half": -1, "largest share": 1},
    ),
    # A market: returns, diffusion, self-improvement, coordination, entry; haste and enmity.
    Pull(
        "returns", MARKET, MARKET, {"never half": -1, "years to half": -1, "hhi": 1},
        replace(USUAL, returns=0.5), UNEQUAL,
    ),
    Pull(
        "diffusion", MARKET, MARKET, {"never half": 1, "lock-in": -1, "hhi": -1}, replace(UNEQUAL, diffusion=0.0),
        replace(UNEQUAL, diffusion=0.5),
    ),
    Pull(
        "self-improvement", MARKET, MARKET, {"never half": -1, "years to half": -1, "hhi": 1},
        replace(USUAL, improvement=0.0), replace(USUAL, improvement=0.5),
    ),
    Pull(
        "coordination", MARKET, Market(coordination=0.8),
        {"lock-in": -1, "never half": 1, "catastrophe": -1, "welfare": 1}, UNEQUAL,
    ),
    Pull(
        "entry", MARKET, MARKET, {"hhi": -1, "years to half": 1}, replace(USUAL, founders=5),
        replace(USUAL, founders=5, entry=0.3),
    ),
    Pull("rush", MARKET, MARKET, {"welfare": -1, "catastrophe": 1}, then=replace(USUAL, rush=1.0)),
    Pull("enmity", MARKET, MARKET, {"welfare": -1, "catastrophe": 1}, then=replace(USUAL, enmity=1.0)),
    Pull("yielding", MARKET, MARKET, {"agency": -1, "balanced agency": -1}, then=replace(USUAL, yielding=0.1)),
    # Human–AI teams: tightness, openness, access, irreversibility; vetoes.
    Pull(
        "tightness", replace(TEAMS, tightness=0.0), replace(TEAMS, tightness=1.0), {"agency": 1, "hhi": -1},
    ),
    Pull(
        "openness", replace(TEAMS, openness=0.0, binding=1.0), replace(TEAMS, openness=1.0, binding=1.0),
        {"broken": 1, "catastrophe": 1, "hhi": -1, "nakamoto": 1},
    ),
    Pull(
        "equal access", replace(TEAMS, access=0.1), replace(TEAMS, access=1.0),
        {"broken": -1, "catastrophe": -1, "hhi": -1},
    ),
    Pull(
        "irreversibility", replace(TEAMS, irreversibility=0.0), replace(TEAMS, irreversibility=1.0), {"agency": -1},
    ),
    Pull(
        "vetoes", replace(TEAMS, veto=4, binding=1.0), replace(TEAMS, veto=1, binding=1.0),
        {"deadlock": 1, "good launches missed": 1, "cost to pass": 1, "cost to block": -1, "rule blocked": 1},
    ),
    # The federation; and whom holds bind.
    Pull("binding consortium", replace(MAGIC, binding=0.0), MAGIC, {"broken": -1, "catastrophe": -1}),
    Pull("binding centre", Centre(binding=0.0), Centre(), {"broken": -1, "catastrophe": -1}),
    Pull("binding teams", replace(TEAMS, binding=0.0), replace(TEAMS, binding=1.0), {"welfare": 1, "catastrophe": -1}),
    Pull("binding", Federation(binding=0.0), Federation(binding=1.0), {"welfare": 1, "catastrophe": -1}),
    Pull("federating", Federation(share=0.2), Federation(share=0.8), {"welfare": 1, "catastrophe": -1, "hhi": -1}),
)  # fmt: skip


@pytest.mark.parametrize("lever", PULLS, ids=lambda lever: lever.name)
@pytest.mark.parametrize("name", WORLDS)
def test_a_lever_moves_what_it_should(lever: Pull, name: str) -> None:
    before = measured(name, lever.before, lever.use)
    after = measured(name, lever.after, lever.then or lever.use)
    moved = {measure: after[measure] - before[measure] for measure in lever.moves}
    wrong = {measure: moved[measure] for measure, sign in lever.moves.items() if not moved[measure] * sign > 0}
    assert not wrong


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("constitution", SEVEN, ids=lambda one: one.title)
def test_frictions_cost(name: str, constitution: Constitution) -> None:
    """Errors, haste, leaks and misspent money do harm on the whole; delay may do good, and capture may end a veto.

    Leaks did good when errors were as large as all that could ever be at stake: caution then held for decades.
    """
    base = played(name, constitution, USUAL).welfare
    for friction in FRICTIONS:
        other = constitution.without(friction, USUAL)
        if friction in {"delay", "capture"} or other == (constitution, USUAL):
            continue
        gain = run(stage_of(name), *other).welfare - base
        assert gain.mean() > -3 * gain.std() / np.sqrt(len(gain)) - 1e-9, friction


@pytest.mark.parametrize("name", WORLDS)
def test_nobody_errs_where_nothing_is_at_stake(name: str) -> None:
    """The spread of beliefs is noise · √(B² + R²), and benefit less risk is the truth."""
    stage = stage_of(name)
    assert stage.gain - stage.danger == pytest.approx(stage.truth, abs=1e-9)
    assert (np.abs(stage.truth) <= np.abs(stage.gain) + np.abs(stage.danger) + 1e-9).all()
    late = np.abs(stage.truth[:, :, -1])
    assert np.median(late) < 0.05  # a year before the end hardly anything is at stake
    assert np.median(np.hypot(stage.gain, stage.danger)[:, :, -1]) < 0.1


def test_a_leak_does_good_only_where_the_hold_does_harm() -> None:
    """Forty years whatever anybody sees: too long for the gamble, not for patience."""
    for name, sign in (("gamble", 1), ("patience", -1)):
        tight, leaky = (
            played(name, Pause(signers=0, years=40), replace(USUAL, leak=leak)).welfare for leak in (0.0, 0.2)
        )
        change = leaky - tight
        assert sign * change.mean() > 4 * change.std() / np.sqrt(len(change))


def test_timid_actors_hold_longer() -> None:
    """Bias is a share of what is at stake."""
    stage = stage_of("gamble")
    sure = replace(USUAL, noise=0.0, leak=0.0, capture=0.0)
    years = [
        np.minimum(run(stage, Centre(trust=1.0), replace(sure, bias=bias)).launched, 60).mean()
        for bias in (-0.4, 0.0, 0.4)
    ]
    assert years[0] > years[1] > years[2]


# --- exemption --------------------------------------------------------------------------------------------------------

EXEMPTIONS = [Pause(), Pause(signers=0, years=20), Pause(signers=0, years=40)]


@pytest.mark.parametrize("pause", EXEMPTIONS, ids=lambda p: f"{p.years} years, {p.signers} signers")
@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("actors", [6, 20])
def test_exemption_raises_catastrophe_and_lock_in_under_every_pause(name: str, pause: Pause, actors: int) -> None:
    use = replace(USUAL, actors=actors)
    bound, exempt = played(name, pause, use), played(name, replace(pause, exempt=True), use)
    assert exempt.catastrophe.mean() > bound.catastrophe.mean()
    assert exempt.locked.mean() > bound.locked.mean() + 0.1
    assert exempt.largest[-1] > bound.largest[-1]


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.toml")), ids=lambda file: file.stem)
def test_exemption_from_the_default_pause_worsens_the_shipped_worlds(file: Path) -> None:
    """Or does nothing, where no signer sees a reason to wait; catastrophe and welfare up to sampling error."""
    study = load_world(file).study
    stage = prepare(study.world, 128, 1, planned=np.zeros(len(study.world.technologies)), care=study.care)
    bound, exempt = (run(stage, Pause(exempt=exempt), study.conditions) for exempt in (False, True))
    assert exempt.locked.mean() >= bound.locked.mean()
    for worse in (exempt.catastrophe - bound.catastrophe, bound.welfare - exempt.welfare):
        assert worse.mean() >= -2 * worse.std() / np.sqrt(len(worse))


def test_where_exemption_raises_welfare_a_small_price_on_lock_in_takes_it_back() -> None:
    """It breaks a hold that lasts too long, or slows less what need not be slowed: that can be worth what it risks.

    In these worlds no such gain is left if a reader thinks that a world under lock-in has lost 3 % of its worth.
    """
    gains = []
    for name in WORLDS:
        for pause in (Pause(), Pause(signers=0, years=20), Pause(signers=0, years=40)):
            for price in (0.0, 0.03):
                use = replace(USUAL, actors=6, dictator=price)
                change = played(name, replace(pause, exempt=True), use).welfare - played(name, pause, use).welfare
                gains.append((price, float(change.mean())))
    assert max(gain for price, gain in gains if not price) > 0.5
    assert all(gain < 0 for price, gain in gains if price)


def test_an_exempt_leader_that_all_can_see_calms_the_race() -> None:
    """The other sign, on purpose: twenty equals race hard, and one who is visibly far ahead ends that."""
    bound, seen = (played("gamble", pause, USUAL) for pause in (Pause(), Pause(exempt=True, secret=False)))
    assert seen.catastrophe.mean() < bound.catastrophe.mean()
    assert seen.locked.mean() > bound.locked.mean()


# --- three paths against delay ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WORLDS)
def test_no_path_is_best_at_everything(name: str) -> None:
    """Consortium, market and teams beside plain delay: which comes first depends on what one asks for."""
    paths = {"delay": Pause(signers=0), "consortium": MAGIC, "market": MARKET, "teams": TEAMS}
    found = {path: measured(name, constitution, USUAL) for path, constitution in paths.items()}
    assert max(found, key=lambda path: found[path]["agency"]) == "teams"
    assert min(found, key=lambda path: found[path]["catastrophe"]) in {"consortium", "teams"}
    assert max(found, key=lambda path: found[path]["lock-in"]) == "consortium"
    assert max(found, key=lambda path: found[path]["nakamoto"]) in {"market", "delay"}


def test_people_lose_their_say_in_a_balance_that_lasts() -> None:
    """Nobody ever passes half, and most decisions are gone all the same."""
    found = played("sources", MARKET, replace(USUAL, returns=0.5))
    assert np.isinf(found.half).all()
    assert found.years_to_half == np.inf
    assert found.balanced_agency < 0.5
    assert played("sources", MARKET, replace(USUAL, returns=2.0)).years_to_half < 40


# --- gaps, checks -----------------------------------------------------------------------------------------------------


def test_a_gap_names_what_a_pause_is_good_for() -> None:
    """Without its delay a pause is the market: the part is negative where the pause does good."""
    gap = governance_gap(stage_of("patience"), Pause(), USUAL)
    assert gap.parts["delay"] < 0 < gap.parts["race"]


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (Centre, {"trust": 1.5}),
        (Consortium, {"inner": 0.0}),
        (Consortium, {"supermajority": 0.0}),
        (Pause, {"years": -1}),
        (Market, {"coordination": float("nan")}),
        (Teams, {"veto": 0}),
        (Federation, {"needed": 1.2}),
    ],
)
def test_parameters_are_checked(kind: type[Constitution], fault: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(fault))):
        kind(**fault)  # type: ignore[arg-type]
