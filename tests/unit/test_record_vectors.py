"""The record's format against vectors that were made without daccord's own code."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import pytest

from daccord.errors import IntegrityError
from daccord.record import decode, encode, from_leaf, pae
from daccord.record.keys import PublicKey
from daccord.record.log import entry_hash, open_checkpoint, parse_policy
from daccord.record.payloads import KINDS, kind_of
from daccord.record.state import Replay, conclude

FOLDER = Path(__file__).parents[1] / "vectors"
RECORD = json.loads((FOLDER / "record.json").read_text(encoding="utf-8"))
FAULTY = json.loads((FOLDER / "record-faulty.json").read_text(encoding="utf-8"))["faulty"]
NODE = shutil.which("node")
LEAVES = [entry["leaf"].encode() for entry in RECORD["log"]]


def replayed(round_: str, size: int | None = None) -> Replay:
    replay = Replay(round_)
    for leaf in LEAVES[:size]:
        replay.add(leaf)
    assert not replay.faults
    return replay


def test_the_script_writes_the_vectors_again():
    subprocess.run([sys.executable, FOLDER / "make_record.py", "--check"], check=True)


@pytest.mark.skipif(NODE is None, reason="node is not installed: the JavaScript verifier was not run")
def test_the_second_verifier_agrees_with_the_vectors():
    found = subprocess.run([NODE, FOLDER / "check_record.mjs"], capture_output=True, text=True, check=False)
    assert (found.stdout, found.stderr, found.returncode) == ("", "", 0)


def test_every_kind_stands_in_the_log_and_has_faulty_variants():
    assert {entry["kind"] for entry in RECORD["log"]} == set(KINDS)
    assert {one["kind"] for one in FAULTY} == {*KINDS, "promise"}


@pytest.mark.parametrize("text", RECORD["canonical"]["taken"])
def test_canonical_json_is_taken(text):
    assert encode(decode(text.encode())) == text.encode()


@pytest.mark.parametrize("text", RECORD["canonical"]["refused"])
def test_other_json_is_refused(text):
    with pytest.raises(IntegrityError):
        decode(text.encode())


def test_keys_have_their_ids():
    for one in RECORD["keys"]:
        assert PublicKey.from_hex(one["public"]).id == one["id"]


@pytest.mark.parametrize("text", RECORD["not_keys"])
def test_what_is_no_key(text):
    with pytest.raises(ValueError):
        PublicKey.from_hex(text)


def test_what_is_signed():
    one = RECORD["pae"]
    assert pae(one["type"], one["payload"].encode()) == one["bytes"].encode()


def test_entries_are_read_written_and_hashed():
    for entry, leaf in zip(RECORD["log"], LEAVES, strict=True):
        envelope = from_leaf(leaf)
        assert (kind_of(envelope), envelope.leaf()) == (entry["kind"], leaf)
        assert envelope.payload == b64decode(json.loads(leaf)["payload"])
        assert entry_hash(leaf).hex() == entry["hash"]


@pytest.mark.parametrize("round_", RECORD["rounds"])
def test_a_round_comes_to_what_was_written_by_hand(round_):
    said, replay = RECORD["rounds"][round_], replayed(round_)
    found = conclude(replay)
    assert dict(found.ends) == said["ends"]
    assert found.counted == said["counted"]
    for name in ("late", "unopened", "secret"):
        assert [entry.place for entry in getattr(found, name)] == said[name]
    assert {name: data.decode() for name, data in found.public.bytes_of.items()} == said["files"]
    assert found.files_hash == said["files_hash"]
    assert found.in_force
    assert (found.result.payload["counted"], found.result.payload["files"]) == (said["counted"], said["files_hash"])
    assert replay.keys.first == RECORD["pinned"]


def test_roots_of_all_sizes():
    replay = replayed(next(iter(RECORD["rounds"])))
    assert [replay.root(size).hex() for size in range(len(LEAVES) + 1)] == RECORD["roots"]


def test_the_checkpoint_is_signed_and_cosigned():
    replay, note = replayed(next(iter(RECORD["rounds"]))), RECORD["checkpoint"].encode()
    assert (
        replay.keys.log_policy(parse_policy(RECORD["policy"].encode())).accept(note).checkpoint
        == open_checkpoint(note)[0]
    )
    assert open_checkpoint(note)[0].root.hex() == RECORD["roots"][-1]


@pytest.mark.parametrize("one", FAULTY, ids=lambda one: f"{one['kind']}: {one['name']}")
def test_a_rule_that_is_broken_is_named_and_changes_nothing(one):
    replay, leaf = replayed(one["round"], one["at"]), one["leaf"].encode()
    with pytest.raises(IntegrityError):
        replay.offer(leaf)
    assert (replay.size, replay.faults) == (one["at"], [])
    fault = replay.add(leaf)
    assert (fault.step, fault.place, fault.hash) == (one["step"], one["at"], entry_hash(leaf).hex())
    assert replay.size == one["at"] + 1
