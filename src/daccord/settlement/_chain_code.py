"""What the distributor's code is on a chain, and how it is told from any other.

The compiler puts what the constructor fixes (Vyper's *immutables*) behind the code, one word each, in the order of
their declaration:

    code = runtime ‖ TOKEN ‖ PAYOUT_ROOT ‖ RESULT_HASH ‖ POOL ‖ OPENS_AT ‖ CLOSES_AT ‖ SWEEP_TO

The runtime is the same for every deployment, since source, compiler and its settings are pinned: its SHA-256 stands
here, and `make test-contracts` compiles the source and compares. So nothing is masked: a contract is ours if its code
is those bytes and seven words, and the seven words *are* what its functions tell.

Code alone says nothing about what is *stored*. Whoever deploys can do it with another constructor, which ends in the
same code but has written something before: that payouts were claimed, that the pool was there, or that a call is under
way, which locks the contract for ever. Slots: 0 the lock against re-entrance, 1 `paid`, 2 `funded`, 3 `claims`.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from daccord.errors import IntegrityError

__all__ = ["FUNDED_SLOT", "LOCK_FREE", "LOCK_SLOT", "PAID_SLOT", "RUNTIME_SHA256", "RUNTIME_SIZE", "Terms", "read_code"]

RUNTIME_SHA256: Final = "2df0fd694c63772dde256f473c87f8c0c06d1c3d74820c57a2931b569c3f2f0c"
"""SHA-256 of the runtime, hexadecimal."""

RUNTIME_SIZE: Final = 2456
"""Bytes of the runtime."""

LOCK_SLOT: Final = 0
"""Where the lock is kept."""

LOCK_FREE: Final = (0, 3)
"""The lock before the first call, and after one."""

PAID_SLOT: Final = 1
"""Where `paid` is kept."""

FUNDED_SLOT: Final = 2
"""Where `funded` is kept."""

_WORD: Final = 32
_NAMES: Final = ("TOKEN", "PAYOUT_ROOT", "RESULT_HASH", "POOL", "OPENS_AT", "CLOSES_AT", "SWEEP_TO")


@dataclass(frozen=True)
class Terms:
    """What a distributor is bound to.

    Attributes:
        token: ERC-20 token, 20 bytes.
        payout_root: 32 bytes.
        result_hash: 32 bytes.
        pool: Units of the token.
        opens_at: Unix time of the first claim.
        closes_at: Unix time from which nothing is claimed.
        sweep_to: Who then gets what is left, 20 bytes.
    """

    token: bytes
    payout_root: bytes
    result_hash: bytes
    pool: int
    opens_at: int
    closes_at: int
    sweep_to: bytes


def read_code(code: bytes) -> Terms:
    """The terms of a distributor, from its code.

    Raises:
        IntegrityError: It is no code of `contracts/Distributor.vy`.
    """
    runtime, behind = code[:RUNTIME_SIZE], code[RUNTIME_SIZE:]
    if not code:
        raise IntegrityError("there is no contract at the address")
    if sha256(runtime).hexdigest() != RUNTIME_SHA256 or len(behind) != _WORD * len(_NAMES):
        raise IntegrityError("the contract's code is not that of contracts/Distributor.vy")
    words = {name: behind[_WORD * i : _WORD * (i + 1)] for i, name in enumerate(_NAMES)}
    if any(words[name][:12].strip(b"\0") for name in ("TOKEN", "SWEEP_TO")):
        raise IntegrityError("the contract's token or sweep address is no address")
    return Terms(
        token=words["TOKEN"][12:],
        payout_root=words["PAYOUT_ROOT"],
        result_hash=words["RESULT_HASH"],
        pool=int.from_bytes(words["POOL"]),
        opens_at=int.from_bytes(words["OPENS_AT"]),
        closes_at=int.from_bytes(words["CLOSES_AT"]),
        sweep_to=words["SWEEP_TO"][12:],
    )
