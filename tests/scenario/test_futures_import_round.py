"""The example rounds become worlds, are planned, and say about what the round says, or it is plain why not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from daccord.formats import load_round
from daccord.formats.worlds import imported_world, load_world, missing_sources, world_toml
from daccord.futures.imported import Imported, world_from_round
from daccord.futures.lab import Constitution, compare, prepare
from daccord.futures.planner import Plan, Settings, plan
from daccord.futures.world import fixed
from daccord.pipeline import Decision, decide

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FEW = Settings(starts=2, worlds=48, polish=96, fresh=192, steps=15)


@cache
def planned(name: str) -> tuple[Decision, Imported, Plan]:
    round_ = load_round(EXAMPLES / name)
    decision = decide(round_)
    found = world_from_round(round_, decision)
    return decision, found, plan(found.world, found.budget, seed=1, fundable=found.fundable, settings=FEW)


def labels(decision: Decision, *which: str) -> set[str]:
    return {verdict.project for verdict in decision.allocation.verdicts if verdict.label in which}


def test_what_the_round_holds_the_plan_does_not_accelerate() -> None:
    decision, found, best = planned("dacc")
    said = {verdict.technology: verdict for verdict in best.verdicts}
    held = labels(decision, "hold")
    assert len(held) == 4
    for name in held:
        assert said[name].verdict != "accelerate", name
        assert said[name].later_better > 0.8, name
        assert best.amounts[found.world.ids.index(name)] == 0, name


def test_what_the_round_accelerates_had_better_come_earlier() -> None:
    decision, found, best = planned("dacc")
    said = {verdict.technology: verdict for verdict in best.verdicts}
    for name in labels(decision, "accelerate"):
        assert said[name].later_better < 0.2, name
        assert best.margins[found.world.ids.index(name)].mean > 0, name


def test_where_the_two_differ_a_judged_harm_or_a_date_says_why() -> None:
    """What the round funds and the plan had rather later raises a risk; what it funds and the plan does not is near."""
    decision, found, best = planned("dacc")
    said = {verdict.technology: verdict for verdict in best.verdicts}
    items = {item.id: item for item in found.world.technologies}
    raises = {role.technology for role in found.world.roles_of("source")}
    awards = {award.project: award.amount for award in decision.allocation.awards}
    for name in labels(decision, "with_safeguards", "accelerate"):
        if said[name].later_better >= 0.5:
            assert name in raises, name
            assert items[name].transition != fixed(0), name
    # The largest awards that the plan leaves without money go to what will be usable within a year or two anyway.
    unfunded = [
        name for name in found.fundable if best.high[found.world.ids.index(name)] == 0 and awards[name] > 6_000_000
    ]
    deployed = {item.id for item in decision.round.portfolio if item.maturity == "deployed"}
    assert set(unfunded) <= deployed | raises


def test_the_plan_is_worth_more_than_nothing_and_an_even_split() -> None:
    _, found, best = planned("dacc")
    assert best.gain > 4 * best.error > 0
    assert best.amounts.sum() <= found.budget * (1 + 1e-9)
    outside = [k for k, name in enumerate(found.world.ids) if name not in found.fundable]
    assert np.all(best.amounts[outside] == 0)
    for regret in best.regrets:
        assert regret.losses["plan"] < regret.losses["nothing"]
        assert regret.losses["plan"] < regret.losses["even"]


def test_what_others_rest_upon_gets_money() -> None:
    decision, found, best = planned("deep")
    assert "build-chain" in found.fundable
    assert "vendor-blob" not in found.fundable
    assert found.world.evaluators == ()
    assert len(found.world.roles_of("requires")) == 10
    assert best.gain > 0
    assert best.margins[found.world.ids.index("build-chain")].mean > 0
    assert not labels(decision, "hold") & set(found.fundable)


def test_constitutions_live_in_it() -> None:
    _, found, best = planned("dacc")
    stage = prepare(found.world, 16, 1, budget=found.budget, planned=best.amounts, fundable=found.fundable)
    (result,) = compare(stage, (Constitution(),))
    assert 0 < result.summary()["catastrophe"] < 1


def test_the_file_says_the_same(tmp_path: Path) -> None:
    for name in ("dacc", "deep"):
        decision, found, _ = planned(name)
        file, left_out = imported_world(decision.round, decision, title="A round as a world (simulated)")
        path = tmp_path / f"{name}.toml"
        path.write_text(world_toml(file), encoding="utf-8")
        again = load_world(path)
        assert again.world == found.world
        assert (again.budget, again.fundable) == (found.budget, found.fundable)
        assert again.digest == file.digest
        assert again.fictional
        assert missing_sources(again) == ()
        assert left_out == found.left_out
        assert again.notes["left out"].splitlines() == list(left_out)
