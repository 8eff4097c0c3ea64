"""Envelopes: a payload, its type, and signatures over both (DSSE).

What is signed is the *pre-authentication encoding* of type and payload, so that no bytes can be read as another type:

    PAE(type, payload) = "DSSEv1" SP len(type) SP type SP len(payload) SP payload

with lengths as decimal text. A *leaf* of the log is the canonical JSON of

    {"payload": base64, "payloadType": type, "signatures": [{"keyid": id, "sig": base64}, …]}

with standard, padded base64 and signatures in the order of their key ids, each key at most once: one envelope has one
sequence of bytes.

Source: the Dead Simple Signing Envelope, version 1.0 (secure-systems-lab).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from daccord.errors import IntegrityError
from daccord.record._base64 import from_base64
from daccord.record._canonical import Json, decode, encode
from daccord.record.keys import PublicKey, Signer, verify

__all__ = ["LARGEST_LEAF", "Envelope", "Signature", "from_leaf", "pae", "seal"]

LARGEST_LEAF: Final = 65_535
"""Bytes of a leaf: a bundle of entries writes each one's length in two bytes."""

_MOST_SIGNATURES: Final = 64

_TEXT: Final = rb"[ !#-\[\]-~]*"  # ASCII that JSON does not escape
_ONE: Final = rb'\{"keyid":"' + _TEXT + rb'","sig":"[A-Za-z0-9+/]+={0,2}"\}'
_HEAD: Final = rb'\{"payload":"([A-Za-z0-9+/]*={0,2})","payloadType":"(' + _TEXT + rb')","signatures":\['
_PLAIN: Final = re.compile(_HEAD + rb"(" + _ONE + rb"(?:," + _ONE + rb")*)\]\}")
"""A leaf whose texts need no escapes: whatever has this form is canonical JSON as it stands."""
_SIGNATURE: Final = re.compile(rb'"keyid":"(' + _TEXT + rb')","sig":"([A-Za-z0-9+/]+={0,2})"')


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed."""
    name = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


@dataclass(frozen=True, order=True)
class Signature:
    """A signature, 64 bytes, and the id of the key it is by."""

    key: str
    data: bytes


@dataclass(frozen=True)
class Envelope:
    """A signed payload.

    Attributes:
        payload_type: What the payload is, e.g. `application/vnd.daccord.judgment.v1+json`.
        payload: Canonical JSON, as signed.
        signatures: In the order of their keys' ids.
    """

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def leaf(self) -> bytes:
        """The bytes that stand in the log.

        Raises:
            ValueError: They are too many.
        """
        leaf = encode(
            {
                "payload": b64encode(self.payload).decode(),
                "payloadType": self.payload_type,
                "signatures": [{"keyid": one.key, "sig": b64encode(one.data).decode()} for one in self.signatures],
            }
        )
        if len(leaf) > LARGEST_LEAF:
            raise ValueError(f"the envelope has {len(leaf):,} bytes, and a leaf at most {LARGEST_LEAF:,}")
        return leaf

    def value(self) -> Json:
        """What the payload says.

        Raises:
            IntegrityError: It is not canonical JSON.
        """
        return decode(self.payload, largest=LARGEST_LEAF)

    def signed_by(self, keys: Mapping[str, PublicKey]) -> frozenset[str]:
        """Ids of those keys that signed; a signature by one of them that is not valid is an error.

        Raises:
            IntegrityError: A signature names one of the keys and is not valid.
        """
        message = pae(self.payload_type, self.payload)
        found = set()
        for one in self.signatures:
            if (key := keys.get(one.key)) is None:
                continue
            if not verify(key, message, one.data):
                raise IntegrityError(f"the signature by the key {one.key} is not valid")
            found.add(one.key)
        return frozenset(found)


def seal(payload_type: str, value: Json, signers: Iterable[Signer]) -> Envelope:
    """Encode and sign a payload.

    Raises:
        ValueError: The value cannot be encoded, nobody signs, or somebody signs twice.
    """
    payload = encode(value)
    message = pae(payload_type, payload)
    signatures = sorted(Signature(signer.public.id, signer.sign(message)) for signer in signers)
    if not signatures or len({one.key for one in signatures}) != len(signatures):
        raise ValueError("an envelope has at least one signature, and of each key one")
    return Envelope(payload_type, payload, tuple(signatures))


def _text(value: Json, what: str) -> str:
    if not isinstance(value, str):
        raise IntegrityError(f"the envelope's {what} is no text")
    return value


def _base64(value: Json, what: str) -> bytes:
    return from_base64(_text(value, what), f"the envelope's {what}")


def from_leaf(leaf: bytes) -> Envelope:
    """Read an envelope; its signatures are not checked yet.

    Raises:
        IntegrityError: The bytes are not exactly those that `Envelope.leaf` writes.
    """
    match = _PLAIN.fullmatch(leaf) if len(leaf) <= LARGEST_LEAF else None
    if match is None:
        return _from_any_leaf(leaf)
    payload, kind, signatures = match.groups()
    found = tuple(
        Signature(key.decode(), _base64(sig.decode(), "signature")) for key, sig in _SIGNATURE.findall(signatures)
    )
    _check_signatures(found)
    return Envelope(kind.decode(), _base64(payload.decode(), "payload"), found)


def _from_any_leaf(leaf: bytes) -> Envelope:
    """The same without a short cut, for texts that have to be escaped; and to say what is wrong."""
    value = decode(leaf, largest=LARGEST_LEAF)
    if not isinstance(value, dict) or set(value) != {"payload", "payloadType", "signatures"}:
        raise IntegrityError("an envelope has the keys payload, payloadType and signatures")
    signatures = value["signatures"]
    if not isinstance(signatures, list) or not 0 < len(signatures) <= _MOST_SIGNATURES:
        raise IntegrityError(f"an envelope has between 1 and {_MOST_SIGNATURES} signatures")
    read = []
    for one in signatures:
        if not isinstance(one, dict) or set(one) != {"keyid", "sig"}:
            raise IntegrityError("a signature has the keys keyid and sig")
        read.append(Signature(_text(one["keyid"], "keyid"), _base64(one["sig"], "signature")))
    found = tuple(read)
    _check_signatures(found)
    return Envelope(_text(value["payloadType"], "payloadType"), _base64(value["payload"], "payload"), found)


def _check_signatures(found: tuple[Signature, ...]) -> None:
    if len(found) > _MOST_SIGNATURES:
        raise IntegrityError(f"an envelope has between 1 and {_MOST_SIGNATURES} signatures")
    if any(len(one.data) != 64 for one in found):
        raise IntegrityError("a signature has 64 bytes")
    if any(one.key >= other.key for one, other in pairwise(found)):
        raise IntegrityError("signatures stand in the order of their keys' ids, each key once")
