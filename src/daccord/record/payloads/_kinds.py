"""The kinds of entries and the keys that the payload of each has.

A payload is read in two steps: its shape here, from the bytes alone; what it does to the round in `record.state`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from daccord.errors import IntegrityError
from daccord.record._canonical import Json
from daccord.record._envelope import Envelope
from daccord.record.payloads._shapes import (
    Check,
    boolean,
    byte_text,
    fault_of,
    hexadecimal,
    line,
    list_of,
    mapping_of,
    nothing_or,
    one_of,
    shape,
    text,
    texts,
    whole,
)

__all__ = ["KINDS", "LISTED", "Payload", "kind_of", "media_type", "parse_payload"]

_TYPE: Final = re.compile(r"application/vnd\.daccord\.([a-z]+)\.v1\+json")
_HASH: Final = hexadecimal(32)
_ID: Final = line(1, 200)
_ROUND: Final = re.compile(r"[a-z0-9-]{1,64}")
_ANSWER: Final[Mapping[str, Check]] = {
    "seq": whole(),
    "table": text(1, 32),
    "subject": mapping_of(text()),
    "rows": list_of(mapping_of(text())),
}

LISTED: Final = ("lists", "comparisons", "ratings", "roles")
"""Tables to which a model may answer by a file."""


def _round(value: Json) -> str:
    return "" if isinstance(value, str) and _ROUND.fullmatch(value) else "is no id of a round"


_FILE: Final = shape(sha256=_HASH, size=whole())
_SEALING: Final = shape(threshold=whole(1), trustees=mapping_of(_HASH, _HASH))
_ESCROWED: Final = shape(trustee=_HASH, index=whole(1), hash=_HASH, sealed=byte_text)
_SHARE: Final = shape(commit=_HASH, index=whole(1), share=hexadecimal(None))
_ROW: Final = shape(kind=line(), project=line(), amount=line(), reason=line(), by=line())

_OWN: Final[Mapping[str, Mapping[str, Check]]] = {
    "piece": {"of": _HASH, "index": whole(), "text": text()},
    "manifest": {
        "engine": shape(name=text(1), version=text(1), source=_HASH, wheel=nothing_or(_HASH)),
        "files": mapping_of(_FILE),
        "unsigned": texts(text(1)),
        "rules": mapping_of(text(1)),
        "models": mapping_of(shape(key=_HASH, model=text(1), prompt=_HASH), _ID),
        "issuers": mapping_of(_HASH, _ID),
        "bindings": whole(1),
        "enrolment": one_of("listed", "open"),
        "sealed": nothing_or(_SEALING),
        "ballots": one_of("open", "sealed"),
        "secret": texts(text(1)),
        "deadlines": shape(judging=whole(), reveal=nothing_or(whole()), grace=whole()),
        "witnesses": text(),
    },
    "binding": {
        "issuer": _ID,
        "juror": _ID,
        "key": _HASH,
        "nullifier": _HASH,
        "statement": _HASH,
        "person": nothing_or(shape(community=line(), conflicts=line())),
    },
    "rekey": {"juror": _ID, "key": _HASH},
    "judgment": {"juror": _ID, **_ANSWER},
    "commit": {
        "juror": _ID,
        "seq": whole(),
        "secret": boolean,
        "commitment": _HASH,
        "ciphertext": byte_text,
        "shares": list_of(_ESCROWED, most=255),
    },
    "reveal": {"juror": _ID, "commit": _HASH, "salt": _HASH, **_ANSWER},
    "share": {"shares": list_of(_SHARE)},
    "list": {"model": _ID, "seq": whole(), "prompt": _HASH, "table": one_of(*LISTED), "sha256": _HASH, "size": whole()},
    "contribution": {"donor": _ID, "seq": whole(), "project": line(1), "amount": line(1)},
    "close": {"phase": one_of("judging", "reveal"), "checkpoint": text(1)},
    "intervention": {
        "action": one_of("void", "remove-issuer", "entry"),
        "entries": nothing_or(texts(_HASH)),
        "issuer": nothing_or(_ID),
        "row": nothing_or(_ROW),
        "reason": text(1),
    },
    "complaint": {"promise": byte_text, "leaf": byte_text},
    "attestation": {"commits": texts(_HASH), "secret": _HASH},
    "result": {
        "tree": shape(root=_HASH, size=whole()),
        "files": _HASH,
        "decision": _FILE,
        "payout": nothing_or(shape(root=_HASH, sha256=_HASH, size=whole())),
        "counted": whole(),
        "void": texts(_HASH),
    },
    "approval": {"result": _HASH},
    "revocation": {"key": _HASH, "reason": text(1)},
    "promise": {"leaf": _HASH, "received": whole(), "due": whole()},
}
_WITHOUT_MANIFEST: Final = ("piece", "manifest", "promise")

_SHAPES: Final[Mapping[str, Mapping[str, Check]]] = {
    kind: {
        "origin": text(1),
        "round": _round,
        **({} if kind in _WITHOUT_MANIFEST else {"manifest": _HASH}),
        **parts,
    }
    for kind, parts in _OWN.items()
}

KINDS: Final = ("root", *(kind for kind in _SHAPES if kind != "promise"))
"""Kinds of entries of a log; beside them a `promise` is signed, and handed over."""


def media_type(kind: str) -> str:
    """The payload type of a kind."""
    return f"application/vnd.daccord.{kind}.v1+json"


@dataclass(frozen=True)
class Payload:
    """A payload of the right shape.

    Attributes:
        kind: One of `KINDS` but `root`, or `promise`.
        value: Its keys.
        envelope: It came in; who signed is not checked yet.
    """

    kind: str
    value: Mapping[str, Any]
    envelope: Envelope

    @cached_property
    def round(self) -> str:
        """Id of the round."""
        return str(self.value["round"])

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - as the shape says
        return self.value[name]


def kind_of(envelope: Envelope) -> str:
    """Kind of an envelope.

    Raises:
        IntegrityError: It is of no type that a log of rounds has.
    """
    match = _TYPE.fullmatch(envelope.payload_type)
    if match is None or (match[1] not in _SHAPES and match[1] != "root"):
        raise IntegrityError(f"the type {envelope.payload_type[:100]!r} is none of a log of rounds")
    return match[1]


def parse_payload(envelope: Envelope, wanted: str | None = None) -> Payload:
    """Read the payload of any kind but `root`.

    Args:
        envelope: That it came in.
        wanted: The only kind that will do; any if None.

    Raises:
        IntegrityError: The type is unknown or not the wanted one, the bytes are not canonical, or a key is missing, too
            many or of another kind.
    """
    kind = kind_of(envelope)
    if wanted not in (None, kind):
        raise IntegrityError(f"it is a {kind}, not a {wanted}")
    value = envelope.value()
    if kind == "root":
        raise IntegrityError("root metadata is no part of a round")
    if fault := fault_of(_SHAPES[kind], value):
        raise IntegrityError(f"the {kind} {fault}")
    if not isinstance(value, dict):
        raise TypeError("a shape let pass what is no object")
    return Payload(kind, value, envelope)
