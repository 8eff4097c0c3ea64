"""What a log asks a witness, and what it makes of the answer."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

from daccord.errors import IntegrityError
from daccord.record.log import Note, NoteKey, NoteSignature, cosigned_at, open_note, parse_signatures, parse_size

__all__ = ["growth_request", "read_answer"]


def growth_request(old: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The body of a request to cosign a checkpoint.

    Args:
        old: Size that the witness knows.
        proof: That the new tree begins with the old one; empty from size 0 on.
        checkpoint: The signed note.
    """
    lines = [f"old {old}", *(b64encode(one).decode() for one in proof)]
    return ("\n".join(lines) + "\n\n").encode() + checkpoint


def read_answer(status: int, body: bytes, checkpoint: bytes, witness: NoteKey) -> NoteSignature | int:
    """What a witness said.

    Returns:
        Its cosignature, checked; or the size that it knows, to begin from anew.

    Raises:
        IntegrityError: It refused, answered something else, or its signature does not fit.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise IntegrityError(f"{witness.name} answered what is no text") from None
    if status == 409:
        return parse_size(text.removesuffix("\n"), f"what {witness.name} answered")
    if status != 200:
        raise IntegrityError(f"{witness.name} refused with {status}: {text.strip()[:200]}")
    lines = Note(open_note(checkpoint).text, parse_signatures(text))
    own = lines.of(witness)
    if own is None or cosigned_at(lines, witness) is None:
        raise IntegrityError(f"{witness.name} answered without its own cosignature")
    return own
