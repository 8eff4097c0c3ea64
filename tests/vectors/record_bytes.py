"""Keys, envelopes, the tree, notes and cosignatures in their simplest form, for the vectors.

None of it is daccord's code; Ed25519 is `cryptography`'s.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "log.example/fictional"


def canonical(value: Any) -> bytes:
    """Canonical JSON of values whose keys are ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hashed(*parts: bytes) -> str:
    """SHA-256, hexadecimal."""
    return sha256(b"".join(parts)).hexdigest()


def b64(data: bytes) -> str:
    """Padded standard base64."""
    return b64encode(data).decode()


# Keys: everybody's seed is the hash of a name.


def secret(name: str) -> Ed25519PrivateKey:
    """Key of whoever has a name."""
    return Ed25519PrivateKey.from_private_bytes(sha256(b"record vectors: " + name.encode()).digest())


def key(name: str) -> bytes:
    """Public key, 32 bytes."""
    return secret(name).public_key().public_bytes_raw()


def key_id(name: str) -> str:
    """As signatures name it."""
    return hashed(b"daccord/key/1\x00", key(name))


# Envelopes.


def media_type(kind: str) -> str:
    """Payload type of a kind."""
    return f"application/vnd.daccord.{kind}.v1+json"


def pae(kind: str, payload: bytes) -> bytes:
    """What is signed."""
    name = media_type(kind).encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


def leaf_of(kind: str, payload: bytes, signatures: list[tuple[str, bytes]]) -> bytes:
    """Bytes of an entry."""
    listed = [{"keyid": name, "sig": b64(sig)} for name, sig in signatures]
    return canonical({"payload": b64(payload), "payloadType": media_type(kind), "signatures": listed})


def envelope(kind: str, value: Any, *signers: str) -> bytes:
    """Entry that some sign."""
    payload = value if isinstance(value, bytes) else canonical(value)
    message = pae(kind, payload)
    return leaf_of(kind, payload, sorted((key_id(name), secret(name).sign(message)) for name in signers))


# The tree, notes, cosignatures.


def root_of(leaves: list[bytes]) -> bytes:
    """RFC 6962."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return sha256(b"\x01" + root_of(leaves[:left]) + root_of(leaves[left:])).digest()


def note_key(name: str, kind: int, data: bytes) -> bytes:
    """Four bytes that name a note's key."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + data).digest()[:4]


def signature_line(name: str, kind: int, data: bytes, signed: bytes) -> str:
    """Line under a note."""
    return f"\u2014 {name} {b64(note_key(name, kind, data) + signed)}\n"


WITNESSES = ("witness.example/1", "witness.example/2", "witness.example/3")


def checkpoint(leaves: list[bytes], times: dict[str, int], *, origin: str = ORIGIN, by: str = "operator") -> str:
    """Signed tree head, cosigned by some witnesses."""
    text = f"{origin}\n{len(leaves)}\n{b64(root_of(leaves))}\n"
    note = text + "\n" + signature_line(origin, 1, key(by), secret(by).sign(text.encode()))
    for name, time in times.items():
        signed = secret(name).sign(f"cosignature/v1\ntime {time}\n{text}".encode())
        note += signature_line(name, 4, key(name), time.to_bytes(8, "big") + signed)
    return note


def policy() -> str:
    """Two of three witnesses."""
    lines = [
        f"witness w{i} {name}+{note_key(name, 4, key(name)).hex()}+{b64(bytes([4]) + key(name))}"
        for i, name in enumerate(WITNESSES)
    ]
    return "\n".join([*lines, "group two 2 w0 w1 w2", "quorum two", ""])


def both(time: int) -> dict[str, int]:
    """The first two witnesses, at nearly one time."""
    return {WITNESSES[0]: time - 5, WITNESSES[1]: time}
