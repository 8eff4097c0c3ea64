"""Asking witnesses to cosign a checkpoint.

Each witness is asked from the size that it cosigned last, as far as the log knows. If it answers with another size
(409), it is asked once more from there. A witness that knows a larger tree than the checkpoint has is told apart: the
log was set back, or an old checkpoint is shown.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import Request

from daccord.errors import DaccordError, ExternalError, IntegrityError, RefusedError
from daccord.record.log import NoteKey, NoteSignature, open_checkpoint
from daccord.record.witness import growth_request, read_answer
from daccord.store._places import OPENER, UrlPlace, read_limited
from daccord.store._writer import LogWriter

__all__ = ["Cosigned", "WitnessAt", "cosign_checkpoint"]

_LARGEST: Final = 1 << 14


@dataclass(frozen=True)
class WitnessAt:
    """A witness and where it answers.

    Attributes:
        key: Its key, of the kind for cosignatures.
        url: Address below which `add-checkpoint` lies.
    """

    key: NoteKey
    url: str


@dataclass(frozen=True)
class Cosigned:
    """What witnesses answered.

    Attributes:
        checkpoint: With all cosignatures so far, as the log keeps it now.
        witnesses: Names of those who cosigned now.
        faults: Name of a witness → why there is no cosignature of it.
    """

    checkpoint: bytes
    witnesses: tuple[str, ...]
    faults: Mapping[str, DaccordError]


def _post(url: str, body: bytes, timeout: float) -> tuple[int, bytes]:
    """Status and body of an answer."""
    where = str(UrlPlace(url)) + "add-checkpoint"
    deadline = time.monotonic() + timeout
    request = Request(where, body, {"Content-Type": "text/plain; charset=utf-8"}, method="POST")  # noqa: S310 - checked
    try:
        try:
            answer = OPENER.open(request, timeout=timeout)
        except HTTPError as error:
            answer = error  # an answer like any other
        with answer:
            return answer.status, read_limited(answer, _LARGEST, deadline, where)
    except (URLError, HTTPException, OSError) as error:
        raise ExternalError(f"{where}: does not answer: {error}") from error


def _ask(log: LogWriter, witness: WitnessAt, checkpoint: bytes, size: int, timeout: float) -> NoteSignature:
    """The cosignature of one witness."""
    old = min(log.witness_size(witness.key.name), size)
    for _ in range(2):
        body = growth_request(old, log.consistency(old, size), checkpoint)
        found = read_answer(*_post(witness.url, body, timeout), checkpoint, witness.key)
        if isinstance(found, NoteSignature):
            return found
        if found > size:
            raise IntegrityError(
                f"{witness.key.name} knows a tree of {found} entries, and the checkpoint has {size}: "
                "the log was set back, or this checkpoint is an old one"
            )
        if found == old == size:
            raise IntegrityError(
                f"{witness.key.name} cosigned another tree of {size} entries: two histories of the log exist"
            )
        old = found
    raise RefusedError(f"{witness.key.name} changed its mind about the size it knows; ask again")


def cosign_checkpoint(
    log: LogWriter, witnesses: Sequence[WitnessAt], *, timeout: float = 10.0, at_once: int = 16
) -> Cosigned:
    """Ask witnesses to cosign the last checkpoint, and keep what they sign.

    Args:
        log: The log.
        witnesses: Whom to ask, at once.
        timeout: Seconds for each request.
        at_once: Most witnesses asked at a time.

    Raises:
        RefusedError: No checkpoint was signed yet.
        ExternalError: The disk refused to keep the cosignatures.
    """
    checkpoint = log.checkpoint()
    if checkpoint is None:
        raise RefusedError("no checkpoint was signed yet, so there is nothing to cosign")
    head, note = open_checkpoint(checkpoint)

    def ask(witness: WitnessAt) -> NoteSignature | DaccordError:
        try:
            return _ask(log, witness, checkpoint, head.size, timeout)
        except DaccordError as error:
            return error

    with ThreadPoolExecutor(at_once) as pool:
        answers = dict(zip([one.key.name for one in witnesses], pool.map(ask, witnesses), strict=True))
    lines = {name: found for name, found in answers.items() if isinstance(found, NoteSignature)}
    kept = log.keep_cosignatures(note.with_signatures(lines.values()).encode(), lines) if lines else checkpoint
    faults = {name: found for name, found in answers.items() if isinstance(found, DaccordError)}
    return Cosigned(kept, tuple(lines), faults)
