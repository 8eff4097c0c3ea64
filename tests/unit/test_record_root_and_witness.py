"""Root metadata that rotates by two thresholds, and witnesses that cosign growth only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.errors import IntegrityError
from daccord.record import Envelope, encode, seal
from daccord.record.keys import LocalSigner
from daccord.record.log import (
    COSIGNATURE,
    Checkpoint,
    NoteKey,
    consistency_proof,
    cosigned_at,
    entry_hash,
    open_note,
    sign_note,
    tree_root,
)
from daccord.record.root import Role, Root, follow, make_root, next_root, parse_root
from daccord.record.witness import Seen, WitnessState, answer, growth_request, read_answer

SIGNERS = [LocalSigner(bytes(31) + bytes([i])) for i in range(8)]
IDS = [signer.public.id for signer in SIGNERS]
KEYS = {signer.public.id: signer.public for signer in SIGNERS}


def root(version: int, *places: int, threshold: int = 2) -> Root:
    ids = frozenset(IDS[i] for i in places)
    return Root(version, "log.example/1", {key: KEYS[key] for key in ids}, {"root": Role(ids, threshold)})


def signed(made: Root, *places: int) -> Envelope:
    return make_root(made, [SIGNERS[i] for i in places])


def test_a_version_is_signed_by_the_old_threshold_and_the_new():
    first, second = root(1, 0, 1, 2), root(2, 2, 3, 4)
    assert follow(first, signed(second, 1, 2, 3)).version == 2
    for too_few, whose in (((3, 4), "old"), ((0, 1), "new"), ((0, 2), "new"), ((2, 3), "old")):
        with pytest.raises(IntegrityError, match=f"{whose} root keys"):
            follow(first, signed(second, *too_few))


def test_a_key_in_both_versions_counts_for_both():
    first, second = root(1, 0, 1, 2), root(2, 0, 1, 3)
    assert follow(first, signed(second, 0, 1))


def test_versions_follow_one_by_one_and_belong_to_one_log():
    first = root(1, 0, 1, 2)
    with pytest.raises(IntegrityError, match="does not follow"):
        follow(first, signed(root(3, 0, 1, 2), 0, 1))
    with pytest.raises(IntegrityError, match="does not follow"):
        follow(first, signed(first, 0, 1))
    other = Root(2, "other.example", first.keys, first.roles)
    with pytest.raises(IntegrityError, match="another log"):
        follow(first, signed(other, 0, 1))


def test_a_chain_of_rotations_leaves_old_keys_without_power():
    known = root(1, 0, 1, 2)
    for version, places in ((2, (1, 2, 3)), (3, (3, 4, 5))):
        new = root(version, *places)
        signers = [SIGNERS[i] for i in sorted({*places, *(i for i in range(8) if IDS[i] in known.keys)})]
        known, _ = next_root(known, new.keys, new.roles, signers)
    with pytest.raises(IntegrityError, match="old root keys"):
        follow(known, signed(root(4, 0, 1, 2), 0, 1, 2))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 0},
        {"version": True},
        {"version": "1"},
        {"origin": ""},
        {"extra": 1},
        {"keys": {}},
        {"keys": {"a": "b"}},
        {"roles": {}},
        {"roles": {"root": {"keys": [], "threshold": 1}}},
        {"roles": {"root": {"keys": [IDS[0], IDS[0]], "threshold": 1}}},
        {"roles": {"root": {"keys": [IDS[7]], "threshold": 1}}},
        {"roles": {"root": {"keys": [IDS[0]], "threshold": 2}}},
        {"roles": {"root": {"keys": [IDS[0]], "threshold": 0}}},
        {"roles": {"root": {"keys": [IDS[0]], "threshold": True}}},
        {"roles": {"root": {"keys": [IDS[0]], "threshold": 1}, "emperor": {"keys": [IDS[0]], "threshold": 1}}},
    ],
)
def test_metadata_of_another_form_is_refused(change):
    value = {**root(1, 0, threshold=1).value(), **change}
    envelope = seal("application/vnd.daccord.root.v1+json", value, [SIGNERS[0]])
    with pytest.raises(IntegrityError, match="root metadata"):
        parse_root(envelope)


def test_another_type_is_no_metadata():
    envelope = signed(root(1, 0, 1), 0, 1)
    with pytest.raises(IntegrityError, match="type"):
        parse_root(Envelope("judgment", envelope.payload, envelope.signatures))
    with pytest.raises(IntegrityError):
        parse_root(Envelope(envelope.payload_type, encode([1]), envelope.signatures))


ORIGIN = "log.example/1"
LOG, WITNESS = SIGNERS[0], SIGNERS[1]
KEY = NoteKey("witness.example", WITNESS.public, COSIGNATURE)
STATE = WitnessState("witness.example", {ORIGIN: (NoteKey(ORIGIN, LOG.public),)})
LEAVES = [entry_hash(bytes([i])) for i in range(20)]


def head(size: int, signer: LocalSigner = LOG, origin: str = ORIGIN, leaves: list[bytes] = LEAVES) -> bytes:
    text = Checkpoint(origin, size, tree_root(leaves[:size])).text
    return sign_note(text, [(origin, signer)]).encode()


def proof(old: int, new: int) -> list[bytes]:
    return consistency_proof(old, new, lambda first, size: tree_root(LEAVES[first : first + size])) if old else []


def ask(seen: dict[str, Seen], old: int, new: int, now: int = 1_800_000_000, **other):
    return answer(STATE, WITNESS, seen, growth_request(old, proof(old, new), head(new, **other)), now)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=6).map(sorted))
def test_growth_is_cosigned_with_the_time(sizes):
    seen: dict[str, Seen] = {}
    old = 0
    for k, size in enumerate(sizes):
        found = ask(seen, old, size, now=1_800_000_000 + k)
        assert found.status == 200
        line = read_answer(found.status, found.body, head(size), KEY)
        assert cosigned_at(open_note(head(size)).with_signatures([line]), KEY) == 1_800_000_000 + k
        assert found.before == seen.get(ORIGIN, Seen())
        seen[found.origin] = found.after
        old = size


def test_another_old_size_is_answered_with_the_one_that_is_known():
    seen = {ORIGIN: Seen(7, tree_root(LEAVES[:7]))}
    found = ask(seen, 3, 9)
    assert (found.status, found.body, found.content_type) == (409, b"7\n", "text/x.tlog.size")
    assert read_answer(found.status, found.body, head(9), KEY) == 7
    assert found.after is None


def test_two_roots_of_one_size_are_never_cosigned():
    seen = {ORIGIN: Seen(7, tree_root(LEAVES[:7]))}
    split = answer(STATE, WITNESS, seen, growth_request(7, [], head(7, leaves=LEAVES[1:])), 0)
    assert split.status == 409
    assert split.after is None


def test_a_changed_history_is_not_cosigned():
    seen = {ORIGIN: Seen(7, tree_root(LEAVES[:7]))}
    changed = [entry_hash(b"changed"), *LEAVES[1:]]
    found = answer(STATE, WITNESS, seen, growth_request(7, proof(7, 9), head(9, leaves=changed)), 0)
    assert found.status == 422
    assert found.after is None


def test_of_two_requests_from_the_same_size_the_later_store_is_refused():
    """Whoever keeps the state swaps only if what was compared is still there."""
    seen = {ORIGIN: Seen(5, tree_root(LEAVES[:5]))}
    one, other = ask(seen, 5, 8), ask(seen, 5, 12)
    assert one.before == other.before == seen[ORIGIN]
    seen[ORIGIN] = other.after
    assert one.before != seen[ORIGIN]
    assert ask(seen, 5, 8).status == 409


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (growth_request(0, [], head(3, signer=SIGNERS[5])), 403),
        (growth_request(0, [], head(3, origin="other.example")), 404),
        (growth_request(5, [], head(3)), 400),
        (growth_request(0, [LEAVES[0]], head(3)), 422),
        (growth_request(0, [LEAVES[0]] * 64, head(3)), 400),
        (growth_request(0, [LEAVES[0][:31]], head(3)), 400),
        (b"old 00\n\n" + head(3), 400),
        (b"old -1\n\n" + head(3), 400),
        (b"old 0\nA===\n\n" + head(3), 400),
        (b"old 0\n" + head(3), 400),
        (b"", 400),
        (b"\xff" * 10, 400),
        (b"old 0\n\n" + b"x" * 200_000, 400),
    ],
)
def test_refusals(request_, status):
    found = answer(STATE, WITNESS, {}, request_, 0)
    assert found.status == status
    assert found.after is None
    with pytest.raises(IntegrityError):
        read_answer(found.status, found.body, head(3), KEY)


@given(st.binary(max_size=60), st.integers(0, 200))
def test_any_bytes_get_an_answer(junk, at):
    request = growth_request(0, [], head(3))
    found = answer(STATE, WITNESS, {}, request[:at] + junk + request[at:], 0)
    assert found.status in (200, 400, 403, 404, 409, 422)


@given(st.sampled_from([200, 403, 409, 500]), st.binary(max_size=80))
def test_any_answer_is_read_or_refused(status, body):
    try:
        found = read_answer(status, body, head(3), KEY)
    except IntegrityError:
        return
    assert isinstance(found, int)
