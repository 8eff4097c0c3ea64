"""Keys of roles: rotations, thefts, and who signs what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.hostile.record._records import Play, Record, hostile, shown, signed_head

from daccord.audit import Cast, Pins
from daccord.record import seal
from daccord.record.keys import Signer
from daccord.record.payloads import media_type
from daccord.record.root import Role, Root, make_root

CAST, TYPE = Cast(), media_type("root")
OLD = CAST.role("root", 3)
NEW = [CAST.key(f"thief {i}") for i in range(3)]


def version(number: int, roots: Sequence[Signer] = NEW, known: Root = CAST.root, **roles: Sequence[Signer]) -> Root:
    """Root metadata with other root keys, and other keys of other roles if asked."""
    of: dict[str, Sequence[Signer]] = {"root": roots, **roles}
    keys = {**known.keys, **{one.public.id: one.public for signers in of.values() for one in signers}}
    changed = {
        name: Role(frozenset(one.public.id for one in signers), min(2, len(signers))) for name, signers in of.items()
    }
    return Root(number, known.origin, keys, {**known.roles, **changed})


def rotated(new: Root, *signers: Signer) -> Record:
    """A record with a rotation behind the judgments."""
    play = Play.judged()
    return play.shown(entry=play.add(make_root(new, signers)))


@hostile("keys")
def a_rotation_by_the_new_keys_only() -> Record:
    """A new version of the root metadata is signed by the new keys only."""
    return rotated(version(2), *NEW)


@hostile("keys")
def a_rotation_by_the_old_keys_only() -> Record:
    """A new version is signed by the old keys only, so that nobody knows whether the new ones are held."""
    return rotated(version(2), *OLD)


@hostile("keys")
def a_rotation_by_too_few_old_keys() -> Record:
    """A new version is signed by all new keys and by one old key, where it takes two."""
    return rotated(version(2), OLD[0], *NEW)


@hostile("keys")
def a_rotation_by_too_few_new_keys() -> Record:
    """A new version is signed by all old keys and by one new key, where it takes two."""
    return rotated(version(2), *OLD, NEW[0])


@hostile("keys")
def a_rotation_by_other_roles() -> Record:
    """A new version is signed by stewards and the operator in place of the old root keys."""
    return rotated(version(2), *CAST.role("steward", 3), CAST.operator, *NEW)


@hostile("keys")
def a_version_is_skipped() -> Record:
    """Version 3 follows version 1."""
    return rotated(version(3), *OLD, *NEW)


@hostile("keys")
def a_version_comes_again() -> list[Record]:
    """Version 1 with other keys follows version 1, or version 0."""
    play = Play.judged()
    zero = seal(TYPE, {**version(2).value(), "version": 0}, [*OLD, *NEW])
    return [rotated(version(1), *OLD, *NEW), play.shown(entry=play.add(zero))]


@hostile("keys")
def a_threshold_that_nobody_needs() -> list[Record]:
    """A new version has a threshold of 0 or above its keys, a role without keys, a key twice, or an unknown role."""
    value: dict[str, Any] = version(2).value()
    roles = value["roles"]
    steward = roles["steward"]
    ways = [
        {**steward, "threshold": 0},
        {**steward, "threshold": 4},
        {**steward, "keys": []},
        {**steward, "keys": steward["keys"][:1] * 2},
        {**steward, "keys": steward["keys"][::-1]},
        {**steward, "keys": ["00" * 32], "threshold": 1},
    ]
    bad = [{**roles, "steward": one} for one in ways]
    bad += [{**roles, "king": steward}, {name: role for name, role in roles.items() if name != "root"}]
    found = []
    for one in bad:
        play = Play.judged()
        found.append(play.shown(entry=play.add(seal(TYPE, {**value, "roles": one}, [*OLD, *NEW]))))
    return found


@hostile("keys")
def a_key_under_another_id() -> Record:
    """A new version lists a thief's key under the id of a steward's."""
    value: dict[str, Any] = version(2).value()
    steward = CAST.key("steward 1").public.id
    forged = {**value, "keys": {**value["keys"], steward: NEW[0].public.hex}}
    play = Play.judged()
    return play.shown(entry=play.add(seal(TYPE, forged, [*OLD, *NEW])))


@hostile("keys")
def a_rotation_to_another_log() -> Record:
    """A new version is for another origin."""
    return rotated(replace(version(2), origin="other.example/log"), *OLD, *NEW)


@hostile("keys")
def root_metadata_that_nobody_signed_enough() -> Record:
    """Version 1 is signed by one of its root keys, where it takes two."""
    cast = Cast()
    leaves = [make_root(cast.root, OLD[:1]).leaf(), *Play.judged().stage.leaves[1:]]
    return Record(shown(leaves, signed_head(cast, leaves).encode()), entry=0)


@hostile("keys")
def a_whole_record_by_made_up_people() -> Record:
    """Root metadata, stewards, issuers, witnesses and jurors are all made up; the verifier pinned the root metadata."""
    play = Play.judged(cast=Cast(seed="made up"))
    play.close()
    pinned = Play.opened().stage.replay.keys.first
    return play.decided(pins=Pins(root=pinned), entry=0)


@hostile("entries")
def stewards_who_were_rotated_out() -> Record:
    """Stewards whose keys were rotated out void an entry."""
    play = Play.judged()
    victim = play.stage.replay.state.book.answers[0].entry.hash
    play.add(make_root(version(2, steward=NEW), [*OLD, *NEW]))
    return play.shown(entry=play.intervene("void", entries=[victim]))


@hostile("tree")
def an_operator_who_was_rotated_out() -> Record:
    """The last checkpoint is signed by the key of an operator that was rotated out before it."""
    play = Play.judged()
    play.add(make_root(version(2, operator=NEW[:1]), [*OLD, *NEW]))
    leaves = play.stage.leaves
    return Record(shown(leaves, signed_head(play.cast, leaves).encode()))


@hostile("nothing")
def an_operators_key_is_rotated() -> Record:
    """Nobody is hostile: the operator's key changes in the middle, and checkpoints behind it carry both signatures."""
    play = Play.judged()
    play.close()
    play.add(make_root(version(2, operator=[CAST.operator, NEW[0]]), [*OLD, *NEW]))
    record = play.decided()
    leaves = play.stage.leaves
    return record.with_({"checkpoint": signed_head(CAST, leaves, signers=[CAST.operator, NEW[0]]).encode()})


@hostile("entries")
def pieces_by_others_than_the_operator() -> Record:
    """A file is put into the log by a steward."""
    play = Play.judged()
    value = {"of": "00" * 32, "index": 0, "text": "a text"}
    return play.shown(entry=play.say("piece", value, *play.stewards(1)))


@hostile("entries")
def a_revocation_by_somebody_else() -> list[Record]:
    """The operator, stewards, or another juror revoke a juror's key."""
    found = []
    for one in (CAST.operator, CAST.key("steward 1"), CAST.key("juror j2")):
        play = Play.judged()
        value = {"key": play.juror("j1").public.id, "reason": "a test (simulated)"}
        found.append(play.shown(entry=play.say("revocation", value, one)))
    return found


@hostile("entries")
def a_revocation_of_a_role_key() -> Record:
    """The operator's key revokes itself, which is the root keys' matter."""
    play = Play.judged()
    value = {"key": CAST.operator.public.id, "reason": "a test (simulated)"}
    return play.shown(entry=play.say("revocation", value, CAST.operator))


def _revoked(play: Play, who: str) -> None:
    key = play.cast.key(who)
    play.say("revocation", {"key": key.public.id, "reason": "stolen (simulated)"}, key)


@hostile("entries")
def a_judgment_that_was_signed_before_and_came_after_the_revocation() -> Record:
    """A judgment was signed before the juror's key was revoked, and is delivered after."""
    play = Play.judged()
    envelope = play.judgment()
    _revoked(play, "juror j1")
    return play.shown(entry=play.add(envelope))


@hostile("nothing")
def a_revocation_is_not_retroactive() -> Record:
    """A juror's key is revoked after its judgments: they count."""
    play = Play.judged()
    _revoked(play, "juror j1")
    play.close()
    return play.decided()


@hostile("entries")
def an_issuer_binds_after_its_revocation() -> Record:
    """An issuer's key is revoked, and binds a juror afterwards."""
    play = Play()
    play.open()
    _revoked(play, "issuer issuer-a")
    play.bind("j1", "issuer-a")
    return play.shown(entry=play.place)


@hostile("entries")
def a_model_answers_after_its_revocation() -> Record:
    """A model's key is revoked, and signs a list afterwards."""
    play = Play.judged()
    _revoked(play, "model m1")
    value = {"model": "m1", "seq": 9, "table": "lists", **play.stage.pieces("project,weight\nalder,1\n")}
    value["prompt"] = play.stage.replay.state.manifest.models["m1"].prompt
    return play.shown(entry=play.say("list", value, play.cast.key("model m1")))


@hostile("entries")
def a_stolen_old_key_after_the_new_one() -> Record:
    """A juror's key was replaced, and whoever has the old one judges with it."""
    play = Play.judged()
    old, new = play.juror("j1"), play.cast.key("new j1")
    play.say("rekey", {"juror": "j1", "key": new.public.hex}, old, new)
    return play.shown(entry=play.add(play.judgment("j1", old)))


@hostile("entries")
def a_key_is_replaced_without_the_old_one() -> list[Record]:
    """A juror's key is replaced by the new key alone, by the old one alone, or by the operator."""
    old, new = CAST.key("juror j1"), CAST.key("new j1")
    found = []
    for signers in ([new], [old], [CAST.operator, new]):
        play = Play.judged()
        found.append(play.shown(entry=play.say("rekey", {"juror": "j1", "key": new.public.hex}, *signers)))
    return found


@hostile("entries")
def a_key_is_replaced_by_anothers() -> list[Record]:
    """A juror's key is replaced by another juror's, or by one that another juror had before."""
    found = []
    for key in (CAST.key("juror j2"), CAST.key("juror j3")):
        play = Play.judged()
        new = play.cast.key("new j3")
        play.say("rekey", {"juror": "j3", "key": new.public.hex}, play.juror("j3"), new)
        value = {"juror": "j1", "key": key.public.hex}
        found.append(play.shown(entry=play.say("rekey", value, play.juror("j1"), key)))
    return found
