"""Receipts: that an entry is in the log, as one text that anybody checks offline (`.tlog-proof`).

    c2sp.org/tlog-proof@v1
    index <number>
    hashes from the entry's sibling up, base64, a line each
    (an empty line)
    the checkpoint, with its signatures and cosignatures

Source: C2SP tlog-proof (draft of 2026).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from daccord.errors import IntegrityError
from daccord.record.log._checkpoint import parse_size
from daccord.record.log._merkle import HASH, Hash, entry_hash, verify_inclusion
from daccord.record.log._note import from_base64
from daccord.record.log._policy import Policy, Witnessed

__all__ = ["Receipt", "open_receipt"]

_FIRST: Final = "c2sp.org/tlog-proof@v1"
_MOST_HASHES: Final = 63
_LONGEST: Final = 1 << 17


@dataclass(frozen=True)
class Receipt:
    """A receipt.

    Attributes:
        index: Of the entry.
        proof: Its inclusion proof.
        checkpoint: The note's bytes.
        extra: Whatever an application put there; nobody vouches for it.
    """

    index: int
    proof: Sequence[Hash]
    checkpoint: bytes
    extra: bytes = b""

    def encode(self) -> bytes:
        """The receipt's bytes."""
        lines = [_FIRST, *([f"extra {b64encode(self.extra).decode()}"] if self.extra else []), f"index {self.index}"]
        lines += [b64encode(one).decode() for one in self.proof]
        return ("\n".join(lines) + "\n\n").encode() + self.checkpoint

    def check(self, entry: bytes, policy: Policy) -> Witnessed:
        """Check that an entry is in a tree that the policy accepts.

        Raises:
            IntegrityError: It is not shown to be.
        """
        witnessed = policy.accept(self.checkpoint)
        head = witnessed.checkpoint
        verify_inclusion(self.index, head.size, entry_hash(entry), self.proof, head.root)
        return witnessed


def open_receipt(data: bytes) -> Receipt:
    """Take a receipt apart; nothing is checked yet.

    Raises:
        IntegrityError: The bytes are no receipt.
    """
    if len(data) > _LONGEST:
        raise IntegrityError(f"the receipt has {len(data):,} bytes, more than {_LONGEST:,}")
    head, separator, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise IntegrityError("the receipt is no text before its checkpoint") from None
    if not separator or lines[0] != _FIRST:
        raise IntegrityError(f"a receipt begins with {_FIRST}, and an empty line stands before its checkpoint")
    rest, extra = lines[1:], b""
    if rest and rest[0].startswith("extra "):
        extra = from_base64(rest.pop(0).removeprefix("extra "), "the receipt's extra data")
        if not extra:
            raise IntegrityError("the receipt's extra data is empty; without any there is no such line")
    if not rest or not rest[0].startswith("index "):
        raise IntegrityError("the receipt does not say which entry it is about")
    index = parse_size(rest[0].removeprefix("index "), "the receipt's index")
    if len(rest) > _MOST_HASHES + 1:
        raise IntegrityError(f"the receipt has more than {_MOST_HASHES} hashes")
    proof = [from_base64(line, f"hash {i} of the receipt") for i, line in enumerate(rest[1:])]
    if any(len(one) != HASH for one in proof):
        raise IntegrityError(f"a hash of the receipt does not have {HASH} bytes")
    return Receipt(index, proof, checkpoint, extra)
