"""Notes, checkpoints, cosignatures, tiles, policies and receipts; a published log, and hostile bytes."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.errors import IntegrityError
from daccord.record.keys import LocalSigner
from daccord.record.log import (
    COSIGNATURE,
    Checkpoint,
    Note,
    NoteKey,
    NoteSignature,
    Policy,
    Receipt,
    TileTree,
    bundle,
    cosign,
    cosigned_at,
    entries_path,
    entry_hash,
    entry_tiles,
    hash_tiles,
    inclusion_proof,
    open_checkpoint,
    open_note,
    open_receipt,
    parse_policy,
    sign_note,
    tile_path,
    tree_root,
    unbundle,
    verify_consistency,
)

GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
"""The example of Go's signed notes (sumdb/note)."""

TESSERA = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"

LOG, ONE, TWO, THREE = (LocalSigner(bytes(31) + bytes([i])) for i in range(4))
NAMES = {"w1": ONE, "w2": TWO, "w3": THREE}


def witness_key(name: str) -> NoteKey:
    return NoteKey(f"{name}.example", NAMES[name].public, COSIGNATURE)


def policy(quorum: str = "2") -> Policy:
    lines = [f"log {NoteKey('log.example/1', LOG.public).text} https://log.example"]
    lines += [f"witness {name} {witness_key(name).text}" for name in NAMES]
    return parse_policy("\n".join([*lines, f"group all-of-them {quorum} w1 w2 w3", "quorum all-of-them"]).encode())


def head(entries: list[bytes], *witnesses: str, time: int = 1_800_000_000) -> bytes:
    leaves = [entry_hash(entry) for entry in entries]
    text = Checkpoint("log.example/1", len(entries), tree_root(leaves)).text
    note = sign_note(text, [("log.example/1", LOG)])
    signatures = [cosign(text, f"{name}.example", NAMES[name], time + i) for i, name in enumerate(witnesses)]
    return note.with_signatures(signatures).encode()


def tiles_of(entries: list[bytes], since: int = 0) -> dict[str, bytes]:
    files = dict(hash_tiles([entry_hash(entry) for entry in entries], since))
    first = since // 256 * 256
    return files | dict(entry_tiles(entries[first:], first))


def test_the_example_of_go():
    note = open_note(GO_NOTE.encode())
    assert note.check(NoteKey.parse(GO_KEY))
    assert note.encode() == GO_NOTE.encode()
    with pytest.raises(IntegrityError, match="not valid"):
        open_note(GO_NOTE.replace("answer", "question").encode()).check(NoteKey.parse(GO_KEY))


def test_mangled_keys_are_refused():
    tried = 0
    for i in range(len(GO_KEY)):
        for j in range(i + 1, len(GO_KEY) + 1):
            if j - i < len(GO_KEY):
                tried += 1
                with pytest.raises(IntegrityError):
                    NoteKey.parse(GO_KEY[i:j])
        for other in range(1, 128):
            changed = GO_KEY[:i] + chr(ord(GO_KEY[i]) ^ other) + GO_KEY[i + 1 :]
            tried += 1
            with pytest.raises(IntegrityError):
                NoteKey.parse(changed)
    assert tried > 5_436


def test_a_published_log_with_its_seventeen_checkpoints():
    root = Path(__file__).resolve().parents[3] / "shared" / "vectors"
    folder = Path(os.environ.get("DACCORD_VECTORS", root)) / "tessera-log" / "testdata" / "log"
    if not folder.is_dir():
        pytest.skip("no published vectors: set DACCORD_VECTORS to their folder")
    key, heads = NoteKey.parse(TESSERA), {}
    for path in sorted(folder.glob("checkpoint*")):
        checkpoint, note = open_checkpoint(path.read_bytes())
        assert note.check(key)
        tree = TileTree(checkpoint.size, lambda part: (folder / part).read_bytes())
        assert tree.root() == checkpoint.root
        entries = tree.entries(0) if checkpoint.size else []
        assert tree_root([entry_hash(entry) for entry in entries]) == checkpoint.root
        heads[path.name] = checkpoint
    assert len(heads) == 17


@given(st.integers(1, 700), st.integers(0, 700))
@settings(max_examples=25)
def test_a_tree_from_tiles_is_the_tree(size, since):
    entries = [i.to_bytes(2, "big") * (i % 3) for i in range(size)]
    leaves = [entry_hash(entry) for entry in entries]
    since = min(since, size)
    # What was there at the smaller size, and what is new since.
    files = tiles_of(entries[:since]) | tiles_of(entries, since)
    tree = TileTree(size, files.__getitem__)
    assert tree.root() == tree_root(leaves)
    index = size * 2 // 3
    assert inclusion_proof(index, size, tree.subtree)[:1] == inclusion_proof(index, size, _reference(leaves))[:1]
    assert inclusion_proof(index, size, tree.subtree) == inclusion_proof(index, size, _reference(leaves))
    assert [entry for n in range(-(-size // 256)) for entry in tree.entries(n)] == entries


def _reference(leaves):
    return lambda first, size: tree_root(leaves[first : first + size])


def test_paths_of_tiles():
    assert tile_path(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tile_path(2, 0, 1) == "tile/2/000.p/1"
    assert entries_path(273, 112) == "tile/entries/273.p/112"
    sizes = {
        path: len(data) // 32 for path, data in hash_tiles([bytes(32)] * 70_000) if ".p/" in path or "tile/1" in path
    }
    assert sizes == {"tile/0/273.p/112": 112, "tile/1/000": 256, "tile/1/001.p/17": 17, "tile/2/000.p/1": 1}


@given(st.data())
def test_a_flipped_bit_in_a_tile_or_a_bundle_is_located(data):
    entries = [b"entry %d" % i for i in range(300)]
    files = tiles_of(entries)
    path = data.draw(st.sampled_from(sorted(files)))
    bit = data.draw(st.integers(0, 8 * len(files[path]) - 1))
    changed = bytearray(files[path])
    changed[bit // 8] ^= 1 << bit % 8
    files[path] = bytes(changed)
    tree = TileTree(300, files.__getitem__)
    root = tree_root([entry_hash(entry) for entry in entries])
    if "entries" in path:
        with pytest.raises(IntegrityError, match=r"bundle|entry"):
            _ = [tree.entries(n) for n in range(2)]
    elif "tile/0" in path and ".p" not in path:
        with pytest.raises(IntegrityError, match="is not the one in the tree"):
            tree.entries(0)
    else:
        assert tree.root() != root


@given(st.binary(max_size=40), st.integers(0, 5))
def test_bundles_of_any_bytes(data, width):
    try:
        entries = unbundle(data, width)
    except IntegrityError:
        return
    assert bundle(entries) == data


def test_a_policy_wants_its_quorum():
    entries = [b"a", b"b", b"c"]
    accepted = policy().accept(head(entries, "w1", "w3"))
    assert accepted.checkpoint.size == 3
    assert accepted.times == {"w1": 1_800_000_000, "w3": 1_800_000_001}
    assert policy().quorum_time(accepted.times) == 1_800_000_001
    assert policy("any").quorum_time(accepted.times) == 1_800_000_000
    assert policy("all").quorum_time(accepted.times) is None
    for too_few in ((), ("w2",)):
        with pytest.raises(IntegrityError, match="no quorum"):
            policy().accept(head(entries, *too_few))
    assert parse_policy(f"log {NoteKey('log.example/1', LOG.public).text}\nquorum none\n".encode()).accept(
        head(entries)
    )


def test_a_checkpoint_of_another_log_is_refused():
    other = Checkpoint("other.example", 0, tree_root([]))
    with pytest.raises(IntegrityError, match="not one that the policy names"):
        policy().accept(sign_note(other.text, [("other.example", LOG)]).encode())
    unsigned = Checkpoint("log.example/1", 0, tree_root([]))
    with pytest.raises(IntegrityError, match="not signed by its log"):
        policy().accept(sign_note(unsigned.text, [("log.example/1", ONE)]).encode())


def test_a_cosignature_of_another_checkpoint_does_not_fit():
    other = open_note(head([b"x"], "w1")).of(witness_key("w1"))
    note = open_note(head([b"a"])).with_signatures([other])
    with pytest.raises(IntegrityError, match=r"cosignature of w1\.example"):
        policy().accept(note.encode())
    # … nor does one with another time.
    one = open_note(head([b"a"], "w1")).of(witness_key("w1"))
    later = NoteSignature(
        one.name, one.key, (int.from_bytes(one.data[:8], "big") + 1).to_bytes(8, "big") + one.data[8:]
    )
    with pytest.raises(IntegrityError):
        cosigned_at(open_note(head([b"a"])).with_signatures([later]), witness_key("w1"))


def test_a_key_with_the_same_id_and_another_name_is_ignored():
    note = open_note(head([b"a"], "w1"))
    own = note.of(witness_key("w1"))
    stranger = Note(note.text, (NoteSignature("stranger.example", own.key, own.data),))
    assert cosigned_at(stranger, witness_key("w1")) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.replace("\n3\n", "\n03\n"), "size"),
        (lambda t: t.replace("\n3\n", "\n-3\n"), "size"),
        (lambda t: t.replace("\n3\n", "\n99999999999999999999\n"), "size"),
        (lambda t: t.replace("\n3\n", "\n3\r\n"), "control character"),
        (lambda t: t.replace("log.example/1\n", "\n", 1), "none of them empty|three lines"),
        (lambda t: t.replace("\n\n", "\n"), "no signatures behind an empty line"),
        (lambda t: t.rstrip("\n"), "no signatures behind an empty line"),
        (lambda t: t.replace("— ", "- "), "signature line 1"),
        (lambda t: t.replace("— log.example/1 ", "— log+example "), "signature line 1"),
        (lambda t: t + "— log.example/1 AAAA\n" * 100, "signature lines"),
        (lambda t: t + "— log.example/1 AAAA\n", "too short"),
        (lambda t: t + "\x00", "control character"),
    ],
)
def test_checkpoints_of_another_form_are_refused(change, message):
    text = head([b"a", b"b", b"c"]).decode()
    with pytest.raises(IntegrityError, match=message):
        open_checkpoint(change(text).encode())


def test_extension_lines_are_signed_and_kept():
    text = Checkpoint("log.example/1", 0, tree_root([]), ("more", "and more")).text
    checkpoint, note = open_checkpoint(sign_note(text, [("log.example/1", LOG)]).encode())
    assert checkpoint.extensions == ("more", "and more")
    assert note.check(NoteKey("log.example/1", LOG.public))


def test_the_empty_tree_has_one_root():
    text = Checkpoint("log.example/1", 0, bytes(32)).text
    with pytest.raises(IntegrityError, match="cannot have"):
        open_checkpoint(sign_note(text, [("log.example/1", LOG)]).encode())
    with pytest.raises(IntegrityError):
        Checkpoint.parse(f"log\n1\n{b64encode(bytes(31)).decode()}\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no line quorum"),
        ("quorum w1", "nothing before"),
        ("quorum none\nquorum none", "one line quorum"),
        ("log nonsense\nquorum none", "verifier key"),
        ("wittness w1 x\nquorum none", "is not log, witness, group or quorum"),
        ("group g any none\nquorum none", "nothing before"),
        (f"witness none {witness_key('w1').text}\nquorum none", "is taken"),
        (f"witness w {NoteKey('a', ONE.public).text}\nquorum none", "not one for cosignatures"),
        (f"log {witness_key('w1').text}\nquorum none", "is one for cosignatures"),
        (f"witness a {witness_key('w1').text}\nwitness b {witness_key('w1').text}\nquorum none", "counts once"),
        (f"witness a {witness_key('w1').text}\ngroup g 2 a\nquorum g", "number from 1 to 1"),
        (f"witness a {witness_key('w1').text}\ngroup g 0 a\nquorum g", "number from 1"),
        (f"witness a {witness_key('w1').text}\ngroup g any a a\nquorum g", "and there once"),
        (f"witness a {witness_key('w1').text}\ngroup g any a\ngroup h any a\nquorum h", "one group"),
    ],
)
def test_policies_of_another_form_are_refused_with_their_line(text, message):
    with pytest.raises(IntegrityError, match=message) as caught:
        parse_policy(text.encode())
    assert "line" in str(caught.value)


@given(st.data())
def test_receipts_are_checked_offline(data):
    size = data.draw(st.integers(1, 40))
    entries = [b"entry %d" % i for i in range(size)]
    index = data.draw(st.integers(0, size - 1))
    leaves = [entry_hash(entry) for entry in entries]
    extra = data.draw(st.binary(max_size=5))
    receipt = Receipt(index, inclusion_proof(index, size, _reference(leaves)), head(entries, "w1", "w2"), extra)
    again = open_receipt(receipt.encode())
    assert again == receipt
    assert again.check(entries[index], policy()).checkpoint.size == size
    with pytest.raises(IntegrityError):
        again.check(b"another", policy())


@settings(max_examples=200)
@given(st.data())
def test_hostile_bytes_are_refused_in_one_way(data):
    entries = [b"a", b"b", b"c"]
    leaves = [entry_hash(entry) for entry in entries]
    receipt = Receipt(1, inclusion_proof(1, 3, _reference(leaves)), head(entries, "w1", "w2")).encode()
    base = data.draw(st.sampled_from([receipt, head(entries, "w1"), b"quorum none\n", b""]))
    at = data.draw(st.integers(0, len(base)))
    junk = data.draw(st.binary(max_size=6) | st.sampled_from(["\n\n", "— ", "é"]).map(str.encode))
    hostile = base[:at] + junk + base[at + data.draw(st.integers(0, 4)) :]
    for read in (
        open_note,
        open_checkpoint,
        open_receipt,
        parse_policy,
        policy().accept,
        lambda b: NoteKey.parse(repr(b)),
    ):
        try:
            read(hostile)
        except IntegrityError:
            continue


def test_growth_between_published_heads():
    entries = [b"entry %d" % i for i in range(300)]
    leaves = [entry_hash(entry) for entry in entries]
    tree = TileTree(300, tiles_of(entries).__getitem__)
    from daccord.record.log import consistency_proof

    proof = consistency_proof(255, 300, tree.subtree)
    verify_consistency(255, 300, proof, tree_root(leaves[:255]), tree.root())
