"""The tree of a log: proofs against a plain reference, and the published probes."""

from __future__ import annotations

import json
import os
from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.errors import IntegrityError
from daccord.record.log import (
    EMPTY_ROOT,
    consistency_proof,
    entry_hash,
    inclusion_proof,
    node_hash,
    peaks,
    root_of_peaks,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [entry_hash(bytes([i])) for i in range(80)]


def subtree(first: int, size: int) -> bytes:
    assert size & (size - 1) == 0
    assert first % size == 0
    return tree_root(LEAVES[first : first + size])


def published(kind: str) -> list[Path]:
    root = Path(__file__).resolve().parents[3] / "shared" / "vectors"
    folder = Path(os.environ.get("DACCORD_VECTORS", root)) / "merkle" / "testdata" / kind
    if not folder.is_dir():
        pytest.skip("no published vectors: set DACCORD_VECTORS to their folder")
    return sorted(folder.rglob("*.json"))


def raw(text: str | None) -> bytes:
    return b64decode(text) if text else b""


def test_published_inclusion_probes():
    wrong = []
    for path in (probes := published("inclusion")):
        probe = json.loads(path.read_text())
        try:
            proof = [raw(item) for item in probe["proof"] or ()]
            verify_inclusion(probe["leafIdx"], probe["treeSize"], raw(probe["leafHash"]), proof, raw(probe["root"]))
            refused = False
        except IntegrityError:
            refused = True
        if refused != probe["wantErr"]:
            wrong.append(path.name)
    assert len(probes) == 98
    assert wrong == []


def test_published_consistency_probes_but_for_one_that_is_a_matter_of_policy():
    wrong = []
    for path in (probes := published("consistency")):
        probe = json.loads(path.read_text())
        try:
            proof = [raw(item) for item in probe["proof"] or ()]
            verify_consistency(probe["size1"], probe["size2"], proof, raw(probe["root1"]), raw(probe["root2"]))
            refused = False
        except IntegrityError:
            refused = True
        if refused != probe["wantErr"]:
            wrong.append(path.name)
    assert len(probes) == 98
    # This one takes twelve bytes of text for a root; here a root is a hash.
    assert wrong == ["sizes-are-equal-one-and-proof-is-empty.json"]


def test_roots_of_small_trees_by_hand():
    a, b, c = LEAVES[:3]
    assert tree_root([]) == EMPTY_ROOT
    assert tree_root([a]) == a
    assert tree_root([a, b, c]) == node_hash(node_hash(a, b), c)
    for size in range(len(LEAVES)):
        assert root_of_peaks([subtree(*peak) for peak in peaks(size)]) == tree_root(LEAVES[:size])


@given(st.data())
def test_every_entry_is_shown_to_be_in_and_no_other(data):
    size = data.draw(st.integers(1, 80))
    index = data.draw(st.integers(0, size - 1))
    root = tree_root(LEAVES[:size])
    proof = inclusion_proof(index, size, subtree)
    verify_inclusion(index, size, LEAVES[index], proof, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index)) if size > 1 else None
    with pytest.raises(IntegrityError):
        verify_inclusion(index, size, entry_hash(b"another"), proof, root)
    if other is not None:
        with pytest.raises(IntegrityError):
            verify_inclusion(other, size, LEAVES[index], proof, root)
    with pytest.raises(IntegrityError):
        verify_inclusion(index, size, LEAVES[index], [*proof, LEAVES[0]], root)
    if proof:
        with pytest.raises(IntegrityError):
            verify_inclusion(index, size, LEAVES[index], proof[:-1], root)
        with pytest.raises(IntegrityError):
            verify_inclusion(index, size, LEAVES[index], [proof[0][:31], *proof[1:]], root)


@given(st.data())
def test_growth_is_shown_and_a_changed_history_is_not(data):
    new = data.draw(st.integers(1, 80))
    old = data.draw(st.integers(1, new))
    before, after = tree_root(LEAVES[:old]), tree_root(LEAVES[:new])
    proof = consistency_proof(old, new, subtree)
    verify_consistency(old, new, proof, before, after)
    changed = list(LEAVES[:old])
    changed[data.draw(st.integers(0, old - 1))] = entry_hash(b"changed")
    with pytest.raises(IntegrityError):
        verify_consistency(old, new, proof, tree_root(changed), after)
    with pytest.raises(IntegrityError):
        verify_consistency(old, new, proof, before, entry_hash(b"other"))
    with pytest.raises(IntegrityError):
        verify_consistency(old, new, [*proof, LEAVES[0]], before, after)
    if proof:
        with pytest.raises(IntegrityError):
            verify_consistency(old, new, proof[:-1], before, after)


def test_size_nothing():
    root = tree_root(LEAVES[:5])
    verify_consistency(0, 5, [], EMPTY_ROOT, root)
    verify_consistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    for bad in ((0, 5, [LEAVES[0]], EMPTY_ROOT, root), (0, 5, [], LEAVES[0], root), (5, 4, [], root, root)):
        with pytest.raises(IntegrityError):
            verify_consistency(*bad)
    with pytest.raises(ValueError):
        consistency_proof(0, 3, subtree)
    with pytest.raises(ValueError):
        inclusion_proof(3, 3, subtree)


def test_an_entry_that_looks_like_a_node_is_none():
    left, right = LEAVES[0], LEAVES[1]
    entry = b"\x01" + left + right
    assert entry_hash(entry) != node_hash(left, right)
    assert entry_hash(entry[1:]) != node_hash(left, right)


@given(
    st.integers(-3, 90),
    st.integers(-3, 90),
    st.lists(st.binary(max_size=33), max_size=9),
    st.binary(max_size=33),
    st.binary(max_size=33),
)
def test_hostile_proofs_are_refused_in_one_way(one, other, proof, a, b):
    for check, arguments in (
        (verify_consistency, (one, other, proof, a, b)),
        (verify_inclusion, (one, other, a, proof, b)),
    ):
        try:
            check(*arguments)
        except IntegrityError:
            continue
        # What passes is a log that did not grow, or one that began; an entry cannot be guessed.
        assert check is verify_consistency
        assert one in (0, other)
