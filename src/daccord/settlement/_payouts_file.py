"""Reading payouts.json back: a payout tree as OpenZeppelin's library dumps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from daccord.errors import IntegrityError
from daccord.ethereum import address_text, parse_address
from daccord.settlement._payouts import LEAF_ENCODING, payout_leaf
from daccord.settlement._tree import MerkleTree

__all__ = ["ReadPayouts", "parse_payouts"]


@dataclass(frozen=True)
class ReadPayouts:
    """Payouts of a file whose tree was built anew.

    Attributes:
        root: 32 bytes.
        accounts: 20 bytes each, in the order of the indices.
        amounts: Units of the token.
    """

    root: bytes
    accounts: tuple[bytes, ...]
    amounts: tuple[int, ...]


def _payout(index: int, value: Any) -> tuple[bytes, int]:  # noqa: ANN401 - any JSON value
    number, account, amount = value["value"]
    read = parse_address(account)
    if number != str(index) or account != address_text(read) or amount != str(int(amount)) or int(amount) <= 0:
        raise ValueError
    return read, int(amount)


def parse_payouts(document: Mapping[str, Any]) -> ReadPayouts:
    """Read payouts and compare the file's tree with the one that follows from them.

    Args:
        document: The file's JSON.

    Raises:
        IntegrityError: It is no such file, or its tree is not that of its payouts.
        ExternalError: The extra `ethereum` is not installed.
    """
    try:
        kind = (document["format"], document["leafEncoding"])
        read = [_payout(i, value) for i, value in enumerate(document["values"])]
        said = (document["tree"], [value["treeIndex"] for value in document["values"]])
    except (KeyError, TypeError, ValueError):
        raise IntegrityError("payouts.json is no payout tree of this kind") from None
    if kind != ("standard-v1", list(LEAF_ENCODING)):
        raise IntegrityError(f"payouts.json is of another kind, {kind}")
    if not read:
        raise IntegrityError("payouts.json has no payouts")
    tree = MerkleTree.of([payout_leaf(i, account, amount) for i, (account, amount) in enumerate(read)])
    if said != ([f"0x{node.hex()}" for node in tree.nodes], list(tree.positions)):
        raise IntegrityError("payouts.json has another tree than its payouts give")
    return ReadPayouts(tree.nodes[0], tuple(account for account, _ in read), tuple(amount for _, amount in read))
