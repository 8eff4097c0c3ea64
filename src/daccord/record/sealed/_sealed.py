"""The sealed parts of a commit as they stand in its payload, and their strict parser."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeGuard

from daccord.errors import IntegrityError
from daccord.record._base64 import from_base64
from daccord.record._canonical import Json
from daccord.record.sealed._hpke import ADDED

__all__ = ["BLOCK", "SHARE", "TAG", "EscrowedShare", "Sealed", "check_trustees", "parse_sealed"]

BLOCK: Final = 256
"""Bytes: openings are padded to a multiple of it."""

TAG: Final = 16
"""Bytes by which the ciphertext is longer than the padded opening."""

SHARE: Final = 48
"""Bytes of a share: 32 of the value and 16 that blind its hash."""

_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class EscrowedShare:
    """A trustee's share of the key to an opening.

    Attributes:
        trustee: Key id of the role trustee.
        index: At which the polynomials are taken, from 1 on.
        hash: Of commitment, index and share, hexadecimal; tells a wrong share.
        sealed: The share encrypted to the trustee, 96 bytes.
    """

    trustee: str
    index: int
    hash: str
    sealed: bytes


@dataclass(frozen=True)
class Sealed:
    """The sealed parts of a commit.

    Attributes:
        commitment: Hash of the opening, hexadecimal.
        ciphertext: The padded opening, encrypted, with its tag.
        shares: One a trustee, in ascending order of the trustees' key ids, with the indexes 1, 2, …
    """

    commitment: str
    ciphertext: bytes
    shares: tuple[EscrowedShare, ...]

    def of(self, trustee: str) -> EscrowedShare | None:
        """The share of a trustee, by the key id; None if there is none."""
        return next((one for one in self.shares if one.trustee == trustee), None)

    def value(self) -> dict[str, Json]:
        """`commitment`, `ciphertext` and `shares` as a payload says them."""
        return {
            "commitment": self.commitment,
            "ciphertext": b64encode(self.ciphertext).decode(),
            "shares": [
                {
                    "trustee": one.trustee,
                    "index": one.index,
                    "hash": one.hash,
                    "sealed": b64encode(one.sealed).decode(),
                }
                for one in self.shares
            ],
        }


def _is_hash(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _bytes(value: object, what: str) -> bytes:
    if not isinstance(value, str):
        raise IntegrityError(f"the commit's {what} is no base64")
    return from_base64(value, f"the commit's {what}")


def _share(value: object, index: int) -> EscrowedShare:
    if not isinstance(value, dict) or value.keys() != {"trustee", "index", "hash", "sealed"}:
        raise IntegrityError("a share of a commit has the keys hash, index, sealed and trustee")
    if not _is_hash(value["trustee"]) or not _is_hash(value["hash"]):
        raise IntegrityError("a share of a commit names trustee and hash by 64 hexadecimal digits in lower case")
    if type(value["index"]) is not int or value["index"] != index:
        raise IntegrityError(f"the indexes of a commit's shares are 1, 2, …, and share {index} has another")
    sealed = _bytes(value["sealed"], f"share {index}")
    if len(sealed) != SHARE + ADDED:
        raise IntegrityError(f"share {index} of a commit has {len(sealed)} bytes, not {SHARE + ADDED}")
    return EscrowedShare(value["trustee"], index, value["hash"], sealed)


def parse_sealed(value: Mapping[str, Any]) -> Sealed:
    """Read the sealed parts of a commit. Whether they can be opened is not known yet.

    Args:
        value: An object with exactly `commitment`, `ciphertext` and `shares`.

    Raises:
        IntegrityError: It is not exactly what `Sealed.value` writes.
    """
    if value.keys() != {"commitment", "ciphertext", "shares"}:
        raise IntegrityError("the sealed parts of a commit are ciphertext, commitment and shares")
    committed, shares = value["commitment"], value["shares"]
    if not _is_hash(committed):
        raise IntegrityError("a commitment is 64 hexadecimal digits in lower case")
    ciphertext = _bytes(value["ciphertext"], "ciphertext")
    if len(ciphertext) < BLOCK + TAG or len(ciphertext) % BLOCK != TAG:
        raise IntegrityError(f"a ciphertext has {TAG} bytes more than a multiple of {BLOCK}, not {len(ciphertext)}")
    if not isinstance(shares, list) or not 1 <= len(shares) <= 255:
        raise IntegrityError("a commit has 1 to 255 shares")
    read = tuple(_share(one, index) for index, one in enumerate(shares, 1))
    if any(one.trustee >= other.trustee for one, other in pairwise(read)):
        raise IntegrityError("a commit's shares stand in ascending order of their trustees, each once")
    return Sealed(committed, ciphertext, read)


def check_trustees(sealed: Sealed, trustees: Mapping[str, bytes]) -> None:
    """Whether a commit has a share for each of the round's trustees and for nobody else.

    Args:
        sealed: Of the commit.
        trustees: Key id → X25519 key, as in the manifest.

    Raises:
        IntegrityError: A trustee is missing or too many.
    """
    named = {one.trustee for one in sealed.shares}
    for wrong, what in (
        (trustees.keys() - named, "no share for the trustee"),
        (named - trustees.keys(), "a share for"),
    ):
        if wrong:
            raise IntegrityError(f"the commit has {what} {min(wrong)}, unlike the manifest")
