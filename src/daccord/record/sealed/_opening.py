"""The opening of a commit: what a juror answers, with a salt; and the commitment, which is its hash.

    opening    = canonical JSON of the nine `KEYS`
    commitment = SHA-256("daccord/commit/1" ‖ 0x00 ‖ opening)

The salt, 32 random bytes, hides the answer in the hash. It is also the only randomness of the whole commit: everything
else follows from the opening, so whoever holds it can make the commit anew and compare.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from daccord.errors import IntegrityError
from daccord.record._canonical import Json, decode, encode

__all__ = ["KEYS", "Context", "commitment", "decode_opening", "encode_opening"]

KEYS: Final = ("juror", "manifest", "origin", "round", "rows", "salt", "seq", "subject", "table")
"""Keys of an opening, each there, no others."""

_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Context:
    """Where a commit stands: what its entry says beside the sealed parts.

    Attributes:
        origin: Of the log, the first line of its checkpoints.
        round: Id of the round.
        manifest: Entry hash of the round's manifest, hexadecimal.
        juror: Id.
        seq: The juror's count.
    """

    origin: str
    round: str
    manifest: str
    juror: str
    seq: int

    def value(self) -> dict[str, Json]:
        """As an object of a payload."""
        return {
            "juror": self.juror,
            "manifest": self.manifest,
            "origin": self.origin,
            "round": self.round,
            "seq": self.seq,
        }


def commitment(opening: bytes) -> str:
    """What a commit publishes of an opening: 64 hexadecimal digits."""
    return sha256(b"daccord/commit/1\x00" + opening).hexdigest()


def _texts(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _fault(value: Json) -> str:
    """What is wrong with an opening; empty if nothing is."""
    if not isinstance(value, dict) or tuple(sorted(value)) != KEYS:
        return f"has not exactly the keys {', '.join(KEYS)}"
    for name in ("juror", "origin", "round", "table"):
        if not isinstance(value[name], str):
            return f"has `{name}` which is no text"
    for name in ("manifest", "salt"):
        one = value[name]
        if not isinstance(one, str) or not _HASH.fullmatch(one):
            return f"has `{name}` which is not 64 hexadecimal digits in lower case"
    seq, rows = value["seq"], value["rows"]
    if isinstance(seq, bool) or not isinstance(seq, int) or seq < 0:
        return "has `seq` which is no whole number from 0 on"
    if not _texts(value["subject"]):
        return "has `subject` which does not hold texts only"
    if not isinstance(rows, list) or not all(_texts(row) for row in rows):
        return "has `rows` which do not hold texts only"
    return ""


def encode_opening(value: Json) -> bytes:
    """The bytes of an opening.

    Args:
        value: An object with the nine `KEYS`; `salt` is 32 fresh random bytes in hexadecimal.

    Raises:
        ValueError: A key is missing, too many or of another kind, or the value cannot be encoded.
    """
    if fault := _fault(value):
        raise ValueError(f"the opening {fault}")
    return encode(value)


def decode_opening(opening: bytes) -> dict[str, Json]:
    """What an opening says: the nine `KEYS`. Whether the answer suits its table is the reader's to check.

    Raises:
        IntegrityError: The bytes are not canonical JSON, or a key is missing, too many or of another kind.
    """
    value = decode(opening)
    if fault := _fault(value):
        raise IntegrityError(f"the opening {fault}")
    if not isinstance(value, dict):
        raise TypeError("a check let pass what is no object")
    return value
