"""Who is paid how much: the awards of a decision in units of a token, and the tree that a contract pays from.

A payout is (index, account, amount). Its leaf is `keccak(keccak(abi(uint256 index, address account, uint256 amount)))`:
96 bytes, hashed twice. The amount is the award in minor units times a power of ten that the payer states; where the
token has fewer digits than the currency, an award that does not divide evenly is refused, not rounded. So the payouts
add up to the awards exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from daccord.ethereum import address_text, keccak256
from daccord.settlement._tree import MerkleTree

__all__ = ["LEAF_ENCODING", "Payout", "PayoutTree", "payout_leaf"]

LEAF_ENCODING: Final = ("uint256", "address", "uint256")
"""Solidity types of what a leaf holds: index, account, amount."""

_TOO_MUCH: Final = 1 << 256


@dataclass(frozen=True)
class Payout:
    """One payment.

    Attributes:
        index: Position among the payouts, from 0; the contract notes claims by it.
        project: Id of the project that is paid.
        account: 20 bytes.
        amount: Units of the token, positive.
        award: The same in minor units of the round's currency.
    """

    index: int
    project: str
    account: bytes
    amount: int
    award: int


def payout_leaf(index: int, account: bytes, amount: int) -> bytes:
    """Leaf of a payout.

    Args:
        index: Position among the payouts.
        account: 20 bytes.
        amount: Units of the token.

    Returns:
        32 bytes.

    Raises:
        ValueError: A number does not fit 256 bits, or the account is no 20 bytes.
        ExternalError: The extra `ethereum` is not installed.
    """
    if not (0 <= index < _TOO_MUCH and 0 <= amount < _TOO_MUCH):
        raise ValueError("index and amount are numbers of 256 bits without a sign")
    if len(account) != 20:
        raise ValueError(f"an account has 20 bytes, not {len(account)}")
    packed = index.to_bytes(32, "big") + bytes(12) + account + amount.to_bytes(32, "big")
    return keccak256(keccak256(packed))


@dataclass(frozen=True)
class PayoutTree:
    """Payouts that together are a pool, and their tree.

    Attributes:
        payouts: At least one; `payouts[i].index == i`, all amounts positive.
        pool: Units of the token that lie ready: exactly the sum of the amounts.

    Raises:
        ValueError: The payouts are not numbered so, one is not positive, or they do not add up to the pool.
    """

    payouts: Sequence[Payout]
    pool: int

    def __post_init__(self) -> None:
        if [payout.index for payout in self.payouts] != list(range(len(self.payouts))):
            raise ValueError("payouts are numbered from 0 in their order")
        if not self.payouts or any(payout.amount <= 0 for payout in self.payouts):
            raise ValueError("there is at least one payout, and each is positive")
        total = sum(payout.amount for payout in self.payouts)
        if total != self.pool:
            raise ValueError(f"the payouts add up to {total}, not to the pool of {self.pool}")
        if self.pool >= _TOO_MUCH:
            raise ValueError("the pool does not fit 256 bits: the scale of the token is too large")

    @cached_property
    def tree(self) -> MerkleTree:
        """The tree over the payouts' leaves."""
        return MerkleTree.of([payout_leaf(one.index, one.account, one.amount) for one in self.payouts])

    def dump(self) -> dict[str, Any]:
        """The tree as OpenZeppelin's `StandardMerkleTree.load` reads it; numbers are texts because of their size."""
        return {
            "format": "standard-v1",
            "leafEncoding": list(LEAF_ENCODING),
            "tree": [f"0x{node.hex()}" for node in self.tree.nodes],
            "values": [
                {"value": [str(one.index), address_text(one.account), str(one.amount)], "treeIndex": position}
                for one, position in zip(self.payouts, self.tree.positions, strict=True)
            ],
        }

    def claims(self) -> list[dict[str, Any]]:
        """What each recipient hands to the contract: index, account, amount and proof, with the project's id."""
        return [
            {
                "project": one.project,
                "index": one.index,
                "account": address_text(one.account),
                "amount": str(one.amount),
                "proof": [f"0x{node.hex()}" for node in self.tree.proof(one.index)],
            }
            for one in self.payouts
        ]
