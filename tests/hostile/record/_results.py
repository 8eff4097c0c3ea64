"""Attacks on the result: other numbers, other files, another engine, other payouts, too few who approve."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any

from tests.hostile.record._deadlines import closed, result_place
from tests.hostile.record._records import Play, Record, honest, hostile

from daccord.audit import Pins
from daccord.settlement import Payout, PayoutTree

Change = Callable[[dict[str, Any]], None]


@cache
def _decided(kind: str = "open") -> dict[str, Any]:
    play = Play.judged(kind)
    play.close()
    return play.decide()[0]


def published(change: Change | None = None, **changed: Any) -> Record:
    """A result whose decision file was changed, or whose own keys were."""
    play = Play.judged()
    play.close()
    document, found = play.decide()
    document = deepcopy(document)
    if change is not None:
        change(document)
    play.publish(document, found, **changed)
    return play.shown(entry=result_place(play))


def _paid(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [project for project in document["projects"] if project["award"]["amount"] > 1]


@hostile("decision")
def an_award_moved_by_one_unit() -> Record:
    """One cent goes from one project to another."""

    def change(document: dict[str, Any]) -> None:
        one, other = _paid(document)[:2]
        one["award"]["amount"] -= 1
        other["award"]["amount"] += 1

    return published(change)


@hostile("decision")
def a_verdict_changed() -> Record:
    """A project gets another verdict with the same money."""

    def change(document: dict[str, Any]) -> None:
        label = document["projects"][0]["verdict"]["label"]
        document["projects"][0]["verdict"]["label"] = "hold" if label != "hold" else "accelerate"

    return published(change)


@hostile("decision")
def a_score_moved_by_two_units() -> list[Record]:
    """A published score is not what the answers give, by two millionths; or a number of jurors is not, by one."""

    def by(name: str, units: int) -> Change:
        def change(document: dict[str, Any]) -> None:
            document["projects"][0]["scores"]["benefit"][name] += units

        return change

    return [published(by("mean", 2)), published(by("sd", 2)), published(by("jurors", 1))]


@hostile("decision")
def a_project_left_out_of_the_decision() -> Record:
    """The decision file lacks a project."""

    def change(document: dict[str, Any]) -> None:
        document["projects"].pop()

    return published(change)


@hostile("decision")
def other_rules_in_the_decision() -> Record:
    """The decision file says that it was made by another parameter than it was."""

    def change(document: dict[str, Any]) -> None:
        document["parameters"]["effective"]["rules.money.saturation"] = 2.0

    return published(change)


@hostile("decision")
def a_larger_pot_in_the_decision() -> Record:
    """The decision file has a pot that is larger by a cent, left over."""

    def change(document: dict[str, Any]) -> None:
        document["budget"]["amount"] += 1
        document["unallocated"] += 1

    return published(change)


@hostile("decision")
def a_what_if_published_as_the_decision() -> Record:
    """A what-if with replaced parameters is published as the decision."""

    def change(document: dict[str, Any]) -> None:
        document["parameters"]["overridden"]["rules.money.saturation"] = "1.0"

    return published(change)


@hostile("decision")
def a_decision_that_is_no_decision() -> list[Record]:
    """The decision file is no JSON of its schema: a key too many, a number as a text."""

    def more(document: dict[str, Any]) -> None:
        document["extra"] = 1

    def text(document: dict[str, Any]) -> None:
        document["unallocated"] = "0"

    return [published(more), published(text)]


@hostile("decision")
def other_files_than_those_that_follow() -> list[Record]:
    """The result names other files, or another number of answers, than those that follow from the log."""
    return [published(files="0" * 64), published(counted=7)]


@hostile("decision")
def an_answer_called_void() -> Record:
    """The result calls a good answer void, to leave it out."""
    play = Play.judged()
    play.close()
    document, found = play.decide()
    state = play.stage.replay.state
    assert state is not None
    play.publish(document, found, void=[state.book.answers[0].entry.hash])
    return play.shown(entry=result_place(play))


@hostile("decision")
def a_result_that_too_few_stewards_approve() -> list[Record]:
    """A result is approved by nobody, by one steward, or by one steward twice."""
    found = []
    for times in (0, 1, 2):
        play = Play.judged()
        play.close()
        document, readable = play.decide()
        name = play.result(document, readable)
        for _ in range(times):
            play.say("approval", {"result": name}, *play.stewards(1))
        found.append(play.shown(entry=result_place(play)))
    return found


@hostile("entries")
def an_approval_by_somebody_else() -> list[Record]:
    """A result is approved by the operator, by a juror, or before there is one."""
    found = []
    for who in ("operator", "juror j1"):
        play = Play.judged()
        play.close()
        document, readable = play.decide()
        name = play.result(document, readable)
        found.append(play.shown(entry=play.say("approval", {"result": name}, play.cast.key(who))))
    play = Play.judged()
    found.append(play.shown(entry=play.say("approval", {"result": "0" * 64}, *play.stewards())))
    return found


@hostile("entries")
def a_result_over_another_tree() -> list[Record]:
    """A result names a tree that the log never was, or one that is larger than the log."""
    found = []
    for tree in ({"root": "0" * 64, "size": 5}, {"root": "0" * 64, "size": 10_000}):
        play = Play.judged()
        play.close()
        document, readable = play.decide()
        play.result(document, readable, tree=tree)
        found.append(play.shown(entry=play.place))
    return found


@hostile("decision")
def a_result_over_a_smaller_tree_than_the_close() -> Record:
    """A result takes the log of before the close for its inputs, and so leaves answers out."""
    play = Play.judged()
    closed(play, play.terms.judging + 60)
    size = play.place - 3
    document, readable = play.decide()
    tree = {"root": play.stage.tree.root(size).hex(), "size": size}
    play.publish(document, readable, tree=tree)
    return play.shown(entry=result_place(play))


@hostile("entries")
def a_result_whose_decision_is_not_in_the_log() -> Record:
    """A result names a decision file that the log does not hold."""
    play = Play.judged()
    play.close()
    document, readable = play.decide()
    play.result(document, readable, decision={"sha256": "0" * 64, "size": 3})
    return play.shown(entry=play.place)


@hostile("nothing")
def a_second_result_that_nobody_approves() -> Record:
    """Behind the approved result the operator publishes another one: without approval it changes nothing."""
    play = Play.judged()
    play.close()
    document, readable = play.decide()
    play.publish(document, readable)
    changed = deepcopy(document)
    changed["unallocated"] += 1
    play.result(changed, readable)
    return play.shown()


@hostile("entries")
def the_manifest_is_replaced_after_opening() -> Record:
    """After opening, stewards sign another manifest of the same round, with another pot."""
    play = Play.judged()
    play.script = replace(
        play.script,
        files={**play.script.files, "round.toml": play.script.files["round.toml"].replace("10000", "90000")},
    )
    value = play.manifest()
    return play.shown(entry=play.say("manifest", value, *play.stewards()))


@hostile("entries")
def the_list_of_candidates_is_replaced_after_opening() -> Record:
    """After opening, another file of projects is put into the log under the manifest's digest."""
    play = Play.judged()
    of = sha256(play.script.files["projects.csv"].encode()).hexdigest()
    value = {"of": of, "index": 0, "text": "id,title\nmallow,Mallow\n"}
    return play.shown(entry=play.say("piece", value, play.cast.operator))


@hostile("decision")
def rules_that_the_manifest_states_otherwise() -> Record:
    """The manifest states a rule for people otherwise than its round.toml."""
    play = Play()
    play.stage.begin()
    value = play.manifest()
    value["rules"] = {**value["rules"], "rules.money.saturation": "3.0"}
    play.stage.manifest = play.stage.say("manifest", value, *play.stewards())
    play.bind_all()
    play.judge()
    play.close()
    state = play.stage.replay.state
    assert state is not None
    return play.decided(entry=state.entry.place)


@hostile("decision")
def another_wheel_than_the_manifests() -> Record:
    """The engine's wheel that the auditor holds is not the one in the manifest."""
    return honest().with_(pins=Pins(wheel=b"another engine"))


def _payouts(document: dict[str, Any], extra: int = 0) -> str:
    awards = [(project["id"], project["award"]["amount"]) for project in _paid(document)]
    payouts = [
        Payout(i, name, bytes(19) + bytes([i + 1]), amount + (extra if i == 0 else 0), amount)
        for i, (name, amount) in enumerate(awards)
    ]
    tree = PayoutTree(payouts, sum(one.amount for one in payouts))
    return json.dumps(tree.dump(), indent=2) + "\n"


def _paying(text: str, **changed: Any) -> Record:
    play = Play.judged()
    play.close()
    document, found = play.decide()
    play.publish(document, found, text, **changed)
    return play.shown(entry=result_place(play))


@hostile("nothing")
def payouts_that_are_the_awards() -> Record:
    """Nobody is hostile: the result names payouts, and they are the awards."""
    return replace(_paying(_payouts(_decided())), entry=None)


@hostile("payout")
def a_payout_of_one_unit_more() -> Record:
    """One recipient is paid a unit more than the award."""
    return _paying(_payouts(_decided(), 1))


@hostile("payout")
def a_payout_root_of_other_payouts() -> Record:
    """The result's payout root is of another tree than its payouts.json."""
    text = _payouts(_decided())
    data = text.encode()
    payout = {"root": "0" * 64, "sha256": sha256(data).hexdigest(), "size": len(data)}
    return _paying(text, payout=payout)


@hostile("payout")
def payouts_whose_tree_is_changed() -> list[Record]:
    """In payouts.json a node, an address in small letters, or an amount is changed and the tree is not."""
    text = _payouts(_decided())
    document = json.loads(text)
    node, amount = deepcopy(document), deepcopy(document)
    node["tree"][1] = "0x" + "0" * 64
    amount["values"][0]["value"][2] = "1"
    return [_paying(json.dumps(one)) for one in (node, amount, {**document, "format": "other"})]
