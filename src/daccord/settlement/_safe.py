"""Paying without a contract of ours: one batch of token transfers from a Safe, and the hash its signers compare.

The batch file is what Safe's transaction builder reads. When the signers take it in, their wallet shows a hash that
they sign (EIP-712, the type `SafeTx`). The same hash is computed here from the payouts alone, so a signer who compares
the two knows that nothing was changed on the way.

One transfer is called directly. Several go through MultiSendCallOnly, which Safe calls as its own code
(`operation` = 1); its address depends on the Safe's version.

Sources: EIP-712; Safe smart account 1.3.0 and later, `SafeTx` and domain types; Safe transaction builder, checksum.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from daccord.errors import IntegrityError
from daccord.ethereum import ZERO_ADDRESS, address_text, keccak256
from daccord.settlement._payouts import Payout, PayoutTree

__all__ = ["MULTISEND_CALL_ONLY", "SafePayment", "batch_checksum", "check_safe"]

MULTISEND_CALL_ONLY: Final = bytes.fromhex("9641d764fc13c8b624c04430c7356c1c7c8102e2")
"""MultiSendCallOnly of Safe 1.4.1, on most chains."""

_DOMAIN: Final = b"EIP712Domain(uint256 chainId,address verifyingContract)"
_TYPE: Final = (
    b"SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,"
    b"address gasToken,address refundReceiver,uint256 nonce)"
)
_INPUTS: Final = [
    {"internalType": "address", "name": "to", "type": "address"},
    {"internalType": "uint256", "name": "value", "type": "uint256"},
]
_CALL, _DELEGATE_CALL = 0, 1


@dataclass(frozen=True)
class SafePayment:
    """A batch of transfers of one token, from one Safe, at one place in the order of its transactions.

    Attributes:
        payouts: Who is paid.
        token: ERC-20 token, 20 bytes.
        safe: The Safe that pays, 20 bytes.
        chain: Chain id.
        nonce: The Safe's transaction number; a transaction with another number has another hash.
        multisend: MultiSendCallOnly that belongs to the Safe's version, 20 bytes.
    """

    payouts: PayoutTree
    token: bytes
    safe: bytes
    chain: int
    nonce: int
    multisend: bytes = MULTISEND_CALL_ONLY

    def transaction(self) -> tuple[bytes, bytes, int]:
        """What the Safe executes: account that is called, data, operation."""
        calls = [_transfer(one) for one in self.payouts.payouts]
        if len(calls) == 1:
            return self.token, calls[0], _CALL
        packed = b"".join(bytes([_CALL]) + self.token + _word(0) + _word(len(call)) + call for call in calls)
        padded = packed + bytes(-len(packed) % 32)
        data = keccak256(b"multiSend(bytes)")[:4] + _word(32) + _word(len(packed)) + padded
        return self.multisend, data, _DELEGATE_CALL

    def hash(self) -> bytes:
        """The SafeTx hash that signers compare and sign: 32 bytes.

        Raises:
            ExternalError: The extra `ethereum` is not installed.
        """
        to, data, operation = self.transaction()
        body = (_padded(to), _word(0), keccak256(data), _word(operation), *[_word(0)] * 3, *[_padded(ZERO_ADDRESS)] * 2)
        message = keccak256(keccak256(_TYPE) + b"".join(body) + _word(self.nonce))
        domain = keccak256(keccak256(_DOMAIN) + _word(self.chain) + _padded(self.safe))
        return keccak256(b"\x19\x01" + domain + message)

    def batch(self, name: str, description: str, created: int) -> dict[str, Any]:
        """The file for Safe's transaction builder.

        Args:
            name: Shown to signers.
            description: Shown to signers.
            created: Milliseconds of Unix time that the file states; nothing depends on it.
        """
        document: dict[str, Any] = {
            "version": "1.0",
            "chainId": str(self.chain),
            "createdAt": created,
            "meta": {
                "name": name,
                "description": description,
                "txBuilderVersion": "1.16.5",
                "createdFromSafeAddress": address_text(self.safe),
                "createdFromOwnerAddress": "",
            },
            "transactions": [
                {
                    "to": address_text(self.token),
                    "value": "0",
                    "data": None,
                    "contractMethod": {"inputs": _INPUTS, "name": "transfer", "payable": False},
                    "contractInputsValues": {"to": address_text(one.account), "value": str(one.amount)},
                }
                for one in self.payouts.payouts
            ],
        }
        return document | {"meta": document["meta"] | {"checksum": batch_checksum(document)}}


def batch_checksum(document: Mapping[str, Any]) -> str:
    """The builder's checksum of a batch file without one; it leaves the name out."""
    bare = {key: value for key, value in document["meta"].items() if key != "checksum"}
    return f"0x{keccak256(_serialized({**document, 'meta': {**bare, 'name': None}}).encode()).hex()}"


def check_safe(payment: SafePayment) -> None:
    """Refuse a batch that would send money where it is lost or merely comes back.

    Raises:
        IntegrityError: A recipient is the token, the Safe itself or the contract that makes the batch, or two of these
            three are one.
    """
    parts = {"the token": payment.token, "the Safe": payment.safe, "MultiSendCallOnly": payment.multisend}
    if len(set(parts.values())) < len(parts):
        raise IntegrityError("Safe batch: token, Safe and MultiSendCallOnly are three different contracts → check them")
    accounts = {payout.account for payout in payment.payouts.payouts}
    for name, address in parts.items():
        if address in accounts:
            raise IntegrityError(f"Safe batch: {name} is among the recipients → ask them for their own address")


def _serialized(value: object) -> str:
    """The builder's own serialisation: the sorted keys of an object, then their values, each followed by a comma."""
    if isinstance(value, dict):
        keys = sorted(value)
        return "{" + _plain(keys) + "".join(f"{_serialized(value[key])}," for key in keys) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(_serialized, value))}]"
    return _plain(value)


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _transfer(payout: Payout) -> bytes:
    """Call data of `transfer(address,uint256)`."""
    return keccak256(b"transfer(address,uint256)")[:4] + _padded(payout.account) + _word(payout.amount)


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _padded(address: bytes) -> bytes:
    return address.rjust(32, b"\0")
