"""What the distributor contract is made with, and the check that it pays what the tree says.

The contract itself is `contracts/Distributor.vy`. Nothing here talks to a chain: the constructor's arguments are
written to a file, and whoever deploys compares them, or the values read back from the chain, with the tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from daccord.errors import IntegrityError
from daccord.ethereum import ZERO_ADDRESS, address_text
from daccord.settlement._payouts import PayoutTree

__all__ = ["SOURCE_SHA256", "Deployment", "check_deployment"]

SOURCE_SHA256: Final = "e73e6b5b6fa2a224dfe544373228aec1b7bbd0143f8744d6fc6633f5adcdac6d"
"""SHA-256 of `contracts/Distributor.vy`, hexadecimal: which contract the arguments are meant for."""


@dataclass(frozen=True)
class Deployment:
    """Arguments of the constructor, in its order, and what is sent to the contract.

    Attributes:
        token: ERC-20 token in which is paid, 20 bytes.
        payout_root: Root of the payout tree, 32 bytes.
        result_hash: SHA-256 of the decision file, 32 bytes.
        pool: Units of the token that the payouts add up to.
        delay: Seconds between deployment and the first claim, positive.
        deadline: Unix time from which nothing is claimed any more.
        sweep_to: Who then gets what is left, 20 bytes.
        funding: Units of the token that the payer sends to the contract.
    """

    token: bytes
    payout_root: bytes
    result_hash: bytes
    pool: int
    delay: int
    deadline: int
    sweep_to: bytes
    funding: int

    def document(self) -> dict[str, Any]:
        """As written to `distributor.json`; numbers that may outgrow 2^53 are texts."""
        return {
            "contract": "contracts/Distributor.vy",
            "source_sha256": SOURCE_SHA256,
            "arguments": {
                "token": address_text(self.token),
                "payout_root": f"0x{self.payout_root.hex()}",
                "result_hash": f"0x{self.result_hash.hex()}",
                "pool": str(self.pool),
                "delay": self.delay,
                "deadline": self.deadline,
                "sweep_to": address_text(self.sweep_to),
            },
            "funding": str(self.funding),
        }


def check_deployment(deployment: Deployment, payouts: PayoutTree, result_hash: bytes, *, now: int) -> None:
    """Refuse a contract that would not pay exactly what the decision says.

    Args:
        deployment: What the contract is, or was, made with.
        payouts: What it is to pay.
        result_hash: SHA-256 of the decision file.
        now: Unix time of the deployment.

    Raises:
        IntegrityError: Root, result, pool or funding differ from the tree's; the delay is not positive, or claims would
            close before they open; the token or the sweep address is the zero address; or money would be paid to the
            token or swept to it. The message names the argument.
        ExternalError: The extra `ethereum` is not installed.
    """
    accounts = {payout.account for payout in payouts.payouts}
    faults = {
        "payout_root is not the root of the payouts": deployment.payout_root != payouts.tree.root,
        "result_hash is not that of the decision": deployment.result_hash != result_hash,
        "pool is not the sum of the payouts": deployment.pool != payouts.pool,
        "funding is not the pool": deployment.funding != payouts.pool,
        "delay is not positive": deployment.delay <= 0,
        "deadline is not after the first claim": deployment.deadline <= now + deployment.delay,
        "token is the zero address": deployment.token == ZERO_ADDRESS,
        "token is among the recipients": deployment.token in accounts,
        "sweep_to is the zero address": deployment.sweep_to == ZERO_ADDRESS,
        "sweep_to is the token": deployment.sweep_to == deployment.token,
    }
    for fault, found in faults.items():
        if found:
            raise IntegrityError(f"distributor: {fault} → do not deploy or fund it")
