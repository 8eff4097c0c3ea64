"""Write payouts.json: payout trees, addresses and Safe hashes that other implementations can check themselves against.

    .venv-contracts/bin/python tests/vectors/make_payouts.py

Needs `eth_abi` and `eth_account`, which `make test-contracts` installs: leaves are encoded and Safe hashes computed by
them, nodes by the recursive definition of the tree, so the file does not merely repeat what daccord's own code says.
All addresses are derived from small integers; the payouts are invented. `--check` compares instead of writing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from eth_abi import encode
from eth_account.messages import encode_typed_data
from eth_utils import keccak, to_checksum_address

FILE = Path(__file__).with_name("payouts.json")
TOKEN, SAFE, MULTISEND = (to_checksum_address((0x20000 + n).to_bytes(20, "big")) for n in (1, 2, 3))


def account(number: int) -> str:
    """An address with letters in it, so that its checksum is one."""
    return to_checksum_address((0xABCDEF << 100 | number).to_bytes(20, "big"))


def root(nodes: list[bytes], count: int, node: int = 0) -> bytes:
    """Fill in the nodes below one, and return it; the leaves are there."""
    if node >= count - 1:
        return nodes[node]
    pair = sorted([root(nodes, count, 2 * node + 1), root(nodes, count, 2 * node + 2)])
    nodes[node] = keccak(b"".join(pair))
    return nodes[node]


def tree(count: int) -> dict[str, Any]:
    """A case of so many payouts."""
    values = [(i, account(i + 1), 10**6 * (i + 1) ** 3) for i in range(count)]
    leaves = [keccak(keccak(encode(["uint256", "address", "uint256"], value))) for value in values]
    nodes = [b""] * (count - 1) + sorted(leaves, reverse=True)
    top = root(nodes, count)
    return {
        "payouts": [{"index": i, "account": who, "amount": str(amount)} for i, who, amount in values],
        "leaves": [leaf.hex() for leaf in leaves],
        "nodes": [node.hex() for node in nodes],
        "root": top.hex(),
        "safe_hash": safe_hash(values, nonce=count).hex(),
    }


def call(name: str, types: list[str], values: list[Any]) -> bytes:
    """Call data of a function."""
    return keccak(f"{name}({','.join(types)})".encode())[:4] + encode(types, values)


def safe_hash(values: list[tuple[int, str, int]], nonce: int) -> bytes:
    """Hash of the batch of transfers as a wallet computes it."""
    calls = [call("transfer", ["address", "uint256"], [who, amount]) for _, who, amount in values]
    to, data = TOKEN, calls[0]
    if len(calls) > 1:
        token = bytes.fromhex(TOKEN[2:])
        packed = b"".join(b"\0" + token + bytes(32) + len(c).to_bytes(32, "big") + c for c in calls)
        to, data = MULTISEND, call("multiSend", ["bytes"], [packed])
    none = "0x" + "00" * 20
    message = {
        "to": to, "value": 0, "data": data, "operation": int(len(calls) > 1), "safeTxGas": 0, "baseGas": 0,
        "gasPrice": 0, "gasToken": none, "refundReceiver": none, "nonce": nonce,
    }  # fmt: skip
    kinds = {
        "to": "address", "value": "uint256", "data": "bytes", "operation": "uint8", "safeTxGas": "uint256",
        "baseGas": "uint256", "gasPrice": "uint256", "gasToken": "address", "refundReceiver": "address",
        "nonce": "uint256",
    }  # fmt: skip
    signable = encode_typed_data(
        {"chainId": 1, "verifyingContract": SAFE},
        {"SafeTx": [{"name": name, "type": kind} for name, kind in kinds.items()]},
        message,
    )
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def main() -> int:
    """Write or compare; 1 if the file differs."""
    document = {
        "about": "Payouts are invented, addresses derived from small integers. Made by tests/vectors/make_payouts.py.",
        "chain": 1,
        "token": TOKEN,
        "safe": SAFE,
        "multisend": MULTISEND,
        "trees": [tree(count) for count in (1, 2, 3, 5, 8, 13)],
    }
    text = json.dumps(document, indent=1) + "\n"
    if "--check" in sys.argv:
        return int(FILE.read_text(encoding="utf-8") != text)
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
