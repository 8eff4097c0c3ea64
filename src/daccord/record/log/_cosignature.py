"""Cosignatures: a witness says that it saw a checkpoint at a time, and nothing before it that it contradicts.

A witness of kind 4 signs

    cosignature/v1
    time (seconds since 1970)
    the checkpoint's text

and its line under the note holds the time, eight bytes, before the 64 of the signature. What says when something was in
the log is the time of witnesses, and never the operator's clock.

Source: C2SP tlog-cosignature, version 1.0.1.
"""

from __future__ import annotations

from typing import Final

from daccord.errors import IntegrityError
from daccord.record.keys import Signer, verify
from daccord.record.log._note import COSIGNATURE, Note, NoteKey, NoteSignature

__all__ = ["cosign", "cosigned_at"]

_TIME: Final = 8
_LATEST: Final = 2**63 - 1


def _message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosign(text: str, name: str, signer: Signer, time: int) -> NoteSignature:
    """Cosign a checkpoint's text.

    Args:
        text: Of the checkpoint.
        name: Of the witness.
        signer: Its key.
        time: Now, seconds since 1970.
    """
    key = NoteKey(name, signer.public, COSIGNATURE)
    return NoteSignature(name, key.id, time.to_bytes(_TIME, "big") + signer.sign(_message(text, time)))


def cosigned_at(note: Note, witness: NoteKey) -> int | None:
    """When a witness cosigned a note, seconds since 1970; None if it did not.

    Raises:
        IntegrityError: It is said to have, and has not.
        ValueError: The key is not of a witness.
    """
    if witness.kind != COSIGNATURE:
        raise ValueError(f"the key of {witness.name} is not one for cosignatures")
    one = note.of(witness)
    if one is None:
        return None
    time, signature = int.from_bytes(one.data[:_TIME], "big"), one.data[_TIME:]
    if time > _LATEST or not verify(witness.public, _message(note.text, time), signature):
        raise IntegrityError(f"the cosignature of {witness.name} is not valid")
    return time
