"""Payout trees against OpenZeppelin's published dumps, a slow definition, and Keccak written out."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.settlement import MerkleTree, Payout, PayoutTree, keccak256, parent, payout_leaf, proves

# --- Keccak-f[1600] as its reference describes it ---------------------------------------------------------------------

LANES = [(x, y) for x in range(5) for y in range(5)]
MASK = (1 << 64) - 1


def turned(word: int, by: int) -> int:
    return (word << by % 64 | word >> (64 - by % 64)) & MASK


def round_constants() -> list[int]:
    register, found = 1, []
    for _ in range(24):
        constant = 0
        for j in range(7):
            constant |= (register & 1) << ((1 << j) - 1)
            register = (register << 1) ^ (0x171 if register >> 7 else 0)
        found.append(constant)
    return found


def permuted(a: dict[tuple[int, int], int]) -> dict[tuple[int, int], int]:
    for constant in round_constants():
        column = [a[x, 0] ^ a[x, 1] ^ a[x, 2] ^ a[x, 3] ^ a[x, 4] for x in range(5)]
        a = {(x, y): a[x, y] ^ column[x - 1] ^ turned(column[(x + 1) % 5], 1) for x, y in LANES}
        x, y, b = 1, 0, {(0, 0): a[0, 0]}
        for t in range(24):
            b[y, (2 * x + 3 * y) % 5] = turned(a[x, y], (t + 1) * (t + 2) // 2)
            x, y = y, (2 * x + 3 * y) % 5
        a = {(x, y): b[x, y] ^ (~b[(x + 1) % 5, y] & b[(x + 2) % 5, y] & MASK) for x, y in LANES}
        a[0, 0] ^= constant
    return a


def slow_keccak(data: bytes) -> bytes:
    rate = 136
    data = data + b"\x01" + bytes(-(len(data) + 1) % rate)
    data = data[:-1] + bytes([data[-1] | 0x80])
    state = dict.fromkeys(LANES, 0)
    for start in range(0, len(data), rate):
        for i in range(rate // 8):
            state[i % 5, i // 5] ^= int.from_bytes(data[start + 8 * i : start + 8 * i + 8], "little")
        state = permuted(state)
    return b"".join(state[i, 0].to_bytes(8, "little") for i in range(4))


@settings(max_examples=25)
@given(st.binary(max_size=300))
def test_keccak_is_the_reference(data: bytes) -> None:
    assert keccak256(data) == slow_keccak(data)


@pytest.mark.parametrize("length", [0, 1, 134, 135, 136, 137, 271, 272])
def test_keccak_pads_as_the_reference_does(length: int) -> None:
    assert keccak256(bytes(length)) == slow_keccak(bytes(length))


# --- OpenZeppelin's dumps ---------------------------------------------------------------------------------------------


def dumps() -> list[Path]:
    root = Path(__file__).resolve().parents[3] / "shared" / "vectors"
    folder = Path(os.environ.get("DACCORD_VECTORS", root)) / "openzeppelin-merkle-tree" / "test" / "dumps"
    if not folder.is_dir():
        pytest.skip("no published vectors: set DACCORD_VECTORS to their folder")
    found = sorted(folder.glob("*.json"))
    assert len(found) == 4
    return found


def text_leaf(text: str) -> bytes:
    """The leaf of one `string`: offset, length, bytes padded to words; hashed twice."""
    data = text.encode()
    packed = (32).to_bytes(32, "big") + len(data).to_bytes(32, "big") + data + bytes(-len(data) % 32)
    return keccak256(keccak256(packed))


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def test_published_dumps_are_made_again_and_all_proofs_lead_to_their_root() -> None:
    for path in dumps():
        dump: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        values = dump["values"]
        if dump["format"] == "standard-v1":
            leaves = [text_leaf(entry["value"][0]) for entry in values]
        else:
            leaves = [raw(entry["value"]) for entry in values]
        tree = MerkleTree.of(leaves, sort=".sorted." in path.name)
        assert [f"0x{node.hex()}" for node in tree.nodes] == dump["tree"], path.name
        assert list(tree.positions) == [entry["treeIndex"] for entry in values], path.name
        for i, leaf in enumerate(leaves):
            for j in range(len(leaves)):
                assert proves(raw(dump["tree"][0]), leaf, tree.proof(j)) == (i == j), path.name


# --- random trees -----------------------------------------------------------------------------------------------------

ACCOUNTS = st.integers(1, 2**160 - 1).map(lambda number: number.to_bytes(20, "big"))
ROUNDS = st.lists(st.tuples(ACCOUNTS, st.integers(1, 2**128)), min_size=1, max_size=20)


def made(entries: list[tuple[bytes, int]]) -> PayoutTree:
    payouts = [Payout(i, f"p{i}", account, amount, amount) for i, (account, amount) in enumerate(entries)]
    return PayoutTree(payouts, sum(amount for _, amount in entries))


def slow_root(nodes: int, leaves: list[bytes], node: int = 0) -> bytes:
    """The root by its definition: leaves end the list backwards, a parent hashes its children in order."""
    if node > nodes - 1 - len(leaves):
        return leaves[nodes - 1 - node]
    return keccak256(b"".join(sorted(slow_root(nodes, leaves, 2 * node + k) for k in (1, 2))))


@given(ROUNDS)
def test_the_tree_is_what_its_definition_says_whatever_the_order_of_leaves(entries: list[tuple[bytes, int]]) -> None:
    leaves = [payout_leaf(i, account, amount) for i, (account, amount) in enumerate(entries)]
    root = slow_root(2 * len(leaves) - 1, sorted(leaves))
    assert made(entries).tree.root == root
    assert MerkleTree.of(leaves[::-1]).root == root


@given(ROUNDS, st.data())
def test_every_payout_is_proved_and_nothing_else_is(entries: list[tuple[bytes, int]], data: st.DataObject) -> None:
    payouts = made(entries)
    tree = payouts.tree
    for one in payouts.payouts:
        leaf = payout_leaf(one.index, one.account, one.amount)
        proof = tree.proof(one.index)
        assert proves(tree.root, leaf, proof)
        others = [
            payout_leaf(one.index + 1, one.account, one.amount),
            payout_leaf(one.index, one.account, one.amount + 1),
            payout_leaf(one.index, one.account[::-1], one.amount) if one.account[::-1] != one.account else bytes(32),
        ]
        assert not any(proves(tree.root, other, proof) for other in others)
        assert not proves(tree.root, leaf, (*proof, leaf))
        if proof:
            assert not proves(tree.root, leaf, proof[:-1])
            at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
            bent = list(proof)
            bent[at] = (int.from_bytes(bent[at], "big") ^ (1 << bit)).to_bytes(32, "big")
            assert not proves(tree.root, leaf, bent)
            assert not proves(tree.root, leaf, [*proof[:-1], proof[-1] + b"\0"])


@given(ROUNDS)
def test_the_leaves_are_the_pool_exactly(entries: list[tuple[bytes, int]]) -> None:
    payouts = made(entries)
    values = [entry["value"] for entry in payouts.dump()["values"]]
    assert sum(int(amount) for _, _, amount in values) == payouts.pool == sum(amount for _, amount in entries)
    with pytest.raises(ValueError, match="not to the pool"):
        PayoutTree(payouts.payouts, payouts.pool + 1)
    with pytest.raises(ValueError, match="not to the pool"):
        PayoutTree(payouts.payouts, payouts.pool - 1)


@given(ROUNDS.filter(lambda entries: len(entries) > 1))
def test_no_inner_node_is_a_leaf(entries: list[tuple[bytes, int]]) -> None:
    """An inner node proves itself as a node; it is a leaf only if 64 bytes and 32 bytes had one hash."""
    payouts = made(entries)
    tree = payouts.tree
    inner = set(tree.nodes[: len(entries) - 1])
    leaves = {payout_leaf(one.index, one.account, one.amount) for one in payouts.payouts}
    assert not inner & leaves
    assert parent(tree.nodes[1], tree.nodes[2]) == parent(tree.nodes[2], tree.nodes[1]) == tree.root
