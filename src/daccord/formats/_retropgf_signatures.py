"""Signatures of the ballots of a Retro Funding round: whether the stated wallet signed the payload.

The export has, for each ballot, the voter's address, the payload and 65 bytes of signature. What was signed is the
payload's text as it stands, to the byte, as a wallet signs a text (personal_sign, EIP-191). The export writes addresses
in small letters, so their checksum cannot be compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from daccord.errors import ExternalError, IntegrityError
from daccord.formats._retropgf_files import Ballot, Proof
from daccord.record.wallets import Wallet, check_wallet, personal_digest

__all__ = ["fault_of", "say_signatures"]

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_SIGNATURE: Final = re.compile(r"0x(?:[0-9a-fA-F]{2})*")


def fault_of(proof: Proof) -> str:
    """Why a signature does not hold; empty if it does.

    Raises:
        ExternalError: The extra `ethereum` is not installed.
    """
    if not _ADDRESS.fullmatch(proof.address) or not _SIGNATURE.fullmatch(proof.signature):
        return "the address or the signature is not 0x and hexadecimal digits"
    try:
        wallet = Wallet(bytes.fromhex(proof.address[2:]))
        check_wallet(personal_digest(proof.payload.encode()), bytes.fromhex(proof.signature[2:]), wallet)
    except (IntegrityError, ValueError) as error:
        return str(error)
    return ""


def say_signatures(ballots: Sequence[Ballot]) -> str:
    """How many signatures hold, and the rows of those that do not; never an address."""
    proofs = [(ballot.row, ballot.proof) for ballot in ballots if ballot.proof is not None]
    if len(proofs) < len(ballots):
        return "it has no signatures, so nothing proves that the voters signed these payloads"
    faults: dict[str, list[int]] = {}
    try:
        for row, proof in proofs:
            if fault := fault_of(proof):
                faults.setdefault(fault, []).append(row)
    except ExternalError as error:
        return f"the signatures were not checked: {error}"
    held = len(proofs) - sum(map(len, faults.values()))
    said = f"{held} of {len(proofs)} ballots are signed by the wallet that they name"
    if not faults:
        return said
    rows = "; ".join(f"rows {', '.join(map(str, where))}: {fault}" for fault, where in faults.items())
    return f"{said}. The others count as they did then ({rows})"
