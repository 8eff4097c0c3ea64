"""Hashes, addresses and trees against published and stored values; what they refuse."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.errors import ExternalError
from daccord.settlement import (
    MerkleTree,
    Payout,
    PayoutTree,
    SafePayment,
    address_text,
    keccak256,
    parse_address,
    proves,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "payouts.json").read_text(encoding="utf-8"))
CASES = {len(case["payouts"]): case for case in VECTORS["trees"]}

# EIP-55, section "Test Cases"
CHECKSUMMED = [
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]


def payouts(case: dict[str, Any]) -> PayoutTree:
    found = [
        Payout(one["index"], f"p{one['index']}", parse_address(one["account"]), int(one["amount"]), 1)
        for one in case["payouts"]
    ]
    return PayoutTree(found, sum(one.amount for one in found))


def test_keccak_of_nothing_is_the_published_value() -> None:
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        sys.modules, "Crypto.Hash.keccak", None
    )  # what Python itself does for a module that is not there
    with pytest.raises(ExternalError, match=r"pip install 'daccord\[ethereum\]'"):
        keccak256(b"")


@pytest.mark.parametrize("text", CHECKSUMMED)
def test_published_addresses_are_read_and_written(text: str) -> None:
    assert address_text(parse_address(text)) == text


@pytest.mark.parametrize("text", CHECKSUMMED)
def test_other_cases_of_the_same_letters_are_refused_without_repeating_them(text: str) -> None:
    for other, why in {
        text.lower(): "no checksum",
        "0x" + text[2:].upper(): "no checksum",
        text.swapcase().replace("X", "x"): "fails its checksum",
        text[:-1] + ("0" if text[-1] != "0" else "1"): "fails its checksum",
        text[:-1]: "40 hexadecimal digits",
        text[2:]: "40 hexadecimal digits",
        text + "\n": "40 hexadecimal digits",
        "0x" + "0" * 40: "zero address",
        "vitalik.eth": "40 hexadecimal digits",
    }.items():
        with pytest.raises(ValueError, match=why) as caught:
            parse_address(other)
        assert text[2:10].lower() not in str(caught.value).lower()


@given(st.binary(min_size=20, max_size=20).filter(any))
def test_addresses_survive_writing(address: bytes) -> None:
    assert parse_address(address_text(address)) == address


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert address_text(parse_address(text)) == text


@pytest.mark.parametrize("count", CASES)
def test_stored_trees_are_made_again(count: int) -> None:
    case, found = CASES[count], payouts(CASES[count])
    assert [node.hex() for node in found.tree.nodes] == case["nodes"]
    assert found.tree.root.hex() == case["root"]
    assert [found.tree.nodes[at].hex() for at in found.tree.positions] == case["leaves"]
    for claim, leaf in zip(found.claims(), case["leaves"], strict=True):
        assert proves(found.tree.root, bytes.fromhex(leaf), [bytes.fromhex(node[2:]) for node in claim["proof"]])


@pytest.mark.parametrize("count", CASES)
def test_stored_safe_hashes_are_computed_again(count: int) -> None:
    token, safe, multisend = (parse_address(VECTORS[name]) for name in ("token", "safe", "multisend"))
    found = SafePayment(payouts(CASES[count]), token, safe, VECTORS["chain"], count, multisend)
    assert found.hash().hex() == CASES[count]["safe_hash"]


def test_stored_vectors_are_what_their_script_makes() -> None:
    pytest.importorskip("eth_abi", reason="`make test-contracts` runs this in .venv-contracts")
    pytest.importorskip("eth_account", reason="`make test-contracts` runs this in .venv-contracts")
    import subprocess

    script = Path(__file__).parents[1] / "vectors" / "make_payouts.py"
    assert subprocess.run([sys.executable, str(script), "--check"], check=False).returncode == 0


def test_trees_refuse_what_is_no_leaf() -> None:
    with pytest.raises(ValueError, match="at least one leaf"):
        MerkleTree.of([])
    with pytest.raises(ValueError, match="32 bytes"):
        MerkleTree.of([bytes(64)])
    assert not proves(bytes(32), bytes(64), [])


def test_payouts_refuse_wrong_numbers() -> None:
    one, two = (Payout(i, f"p{i}", bytes([1] * 20), 5, 5) for i in range(2))
    assert PayoutTree([one, two], 10).pool == 10
    for wrong, pool in [([two], 5), ([two, one], 10), ([one, one], 10), ([], 0)]:
        with pytest.raises(ValueError):
            PayoutTree(wrong, pool)
    with pytest.raises(ValueError, match="positive"):
        PayoutTree([Payout(0, "p", one.account, 0, 0)], 0)
    with pytest.raises(ValueError, match="256 bits"):
        PayoutTree([Payout(0, "p", one.account, 2**256, 1)], 2**256)
