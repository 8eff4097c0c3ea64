"""A witness as a pure function: a request and what was stored → an answer and what to store before giving it.

A request is

    old <size that the witness should know>
    hashes of a consistency proof, base64, a line each
    (an empty line)
    the new checkpoint

and is answered with

    200  the witness's signature line                 the log grew, or stands still
    400  the request is malformed, or shrinks
    403  no signature of a key that is known for the log
    404  the log is not known
    409  the size that the witness knows, in decimal   the old size is another, or the same size has another root
    422  the proof does not show growth

What is checked and what is stored must be one step: whoever keeps the state compares and swaps.

Source: C2SP tlog-witness, version 1.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from daccord.errors import IntegrityError
from daccord.record.keys import Signer
from daccord.record.log import (
    EMPTY_ROOT,
    HASH,
    Checkpoint,
    Note,
    NoteKey,
    cosign,
    from_base64,
    open_checkpoint,
    parse_size,
    verify_consistency,
)

__all__ = ["Answer", "Seen", "WitnessState", "answer"]

_MOST_HASHES: Final = 63
_LONGEST: Final = 1 << 17


@dataclass(frozen=True)
class Seen:
    """The last head of a log that was cosigned; of a log never seen, the empty tree."""

    size: int = 0
    root: bytes = EMPTY_ROOT


@dataclass(frozen=True)
class WitnessState:
    """Who a witness is and which logs it knows.

    Attributes:
        name: Of its key.
        logs: Origin → keys that may sign heads of that log.
    """

    name: str
    logs: Mapping[str, tuple[NoteKey, ...]]


@dataclass(frozen=True)
class Answer:
    """What a witness answers.

    Attributes:
        status: As HTTP counts.
        body: Bytes.
        origin: Of the log, where something is to be stored.
        before: What must still be stored for it when the new head is; else somebody was quicker, and the request is to
            be answered anew.
        after: What to store, before the answer is given; None if nothing.
    """

    status: int
    body: bytes
    origin: str = ""
    before: Seen | None = None
    after: Seen | None = None

    @property
    def content_type(self) -> str:
        """Of the body."""
        return "text/x.tlog.size" if self.status == 409 else "text/plain; charset=utf-8"


def _request(data: bytes) -> tuple[int, list[bytes], bytes]:
    """Old size, proof and checkpoint of a request."""
    if len(data) > _LONGEST:
        raise IntegrityError("the request is too long")
    head, separator, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise IntegrityError("the request is no text") from None
    if not separator or not lines[0].startswith("old ") or len(lines) > _MOST_HASHES + 1:
        raise IntegrityError("a request begins with the old size and at most 63 hashes, before an empty line")
    proof = [from_base64(line, f"hash {i} of the proof") for i, line in enumerate(lines[1:])]
    if any(len(one) != HASH for one in proof):
        raise IntegrityError("a hash of the proof has another length")
    return parse_size(lines[0].removeprefix("old "), "the old size"), proof, checkpoint


def _refused(status: int, why: object) -> Answer:
    return Answer(status, f"{why}\n".encode())


def _signed(note: Note, keys: tuple[NoteKey, ...]) -> bool:
    """Whether one of the keys signed; signatures that are not valid do not count."""
    for key in keys:
        try:
            if note.check(key):
                return True
        except IntegrityError:
            continue
    return False


def answer(state: WitnessState, signer: Signer, seen: Mapping[str, Seen], request: bytes, now: int) -> Answer:
    """Answer a request to cosign.

    Args:
        state: Who the witness is and which logs it knows.
        signer: Its key.
        seen: Origin → the head it cosigned last.
        request: The request's body.
        now: Seconds since 1970.

    Returns:
        The answer. Where it says what to store, it holds only once that is stored.
    """
    try:
        old, proof, data = _request(request)
        checkpoint, note = open_checkpoint(data)
    except IntegrityError as error:
        return _refused(400, error)
    if (keys := state.logs.get(checkpoint.origin)) is None:
        return _refused(404, "the log is not known here")
    if not _signed(note, keys):
        return _refused(403, "no known key of the log has signed")
    if old > checkpoint.size:
        return _refused(400, "the old size is above the new one")
    known = seen.get(checkpoint.origin, Seen())
    if old != known.size or (old == checkpoint.size and checkpoint.root != known.root):
        return _refused(409, known.size)
    return _cosigned(state, signer, known, checkpoint, note, proof, now)


def _cosigned(
    state: WitnessState,
    signer: Signer,
    known: Seen,
    checkpoint: Checkpoint,
    note: Note,
    proof: list[bytes],
    now: int,
) -> Answer:
    try:
        verify_consistency(known.size, checkpoint.size, proof, known.root, checkpoint.root)
    except IntegrityError as error:
        return _refused(422, error)
    line = cosign(note.text, state.name, signer, now).line
    return Answer(200, line.encode(), checkpoint.origin, known, Seen(checkpoint.size, checkpoint.root))
