"""Typed data (EIP-712): what a wallet shows field by field before it signs.

    digest          = keccak(0x19 ‖ 0x01 ‖ hash(domain) ‖ hash(message))
    hash(struct)    = keccak(keccak(type as text) ‖ 32 bytes a field)
    32 bytes        = the number, the address or the bytesN itself, filled up; of a text or of bytes the keccak;
                      of a struct its hash

The type as text is `Name(type name,…)`, followed by the types that it uses, in the order of their names. Lists are not
taken: nothing here needs them.

Source: R. Bloemen, L. Logvinov, J. Evans, EIP-712, whose example is a test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from daccord.ethereum import keccak256
from daccord.record._canonical import Json

__all__ = ["Fields", "TypedData"]

Fields = tuple[tuple[str, str], ...]
"""Fields of a struct: (name, type), in their order."""

_DOMAIN: Final = "EIP712Domain"
_SIZED: Final = re.compile(r"(uint|bytes)([1-9][0-9]{0,2})")


@dataclass(frozen=True)
class TypedData:
    """Data to be signed.

    Attributes:
        types: Struct → its fields; `EIP712Domain` is one of them.
        primary: Struct that the message is.
        domain: Where the message is meant for.
        message: The data. Numbers are whole; bytes and addresses are `0x` and hexadecimal digits.
    """

    types: Mapping[str, Fields]
    primary: str
    domain: Mapping[str, Json]
    message: Mapping[str, Json]

    def document(self) -> dict[str, Json]:
        """What a wallet is given (`eth_signTypedData_v4`)."""
        types: dict[str, Json] = {
            name: [{"name": field, "type": kind} for field, kind in fields] for name, fields in self.types.items()
        }
        return {
            "types": types,
            "primaryType": self.primary,
            "domain": dict(self.domain),
            "message": dict(self.message),
        }

    def separator(self) -> bytes:
        """Hash of the domain, 32 bytes."""
        return self._hash(_DOMAIN, self.domain)

    def digest(self) -> bytes:
        """What is signed: 32 bytes.

        Raises:
            ValueError: A value does not fit its type, or a type is unknown.
            ExternalError: The extra `ethereum` is not installed.
        """
        return keccak256(b"\x19\x01" + self.separator() + self._hash(self.primary, self.message))

    def type_text(self, name: str) -> str:
        """A struct's type as text, with the types it uses behind it."""
        own = self._used(name)
        return "".join(
            f"{one}({','.join(f'{kind} {field}' for field, kind in self.types[one])})"
            for one in [name, *sorted(own - {name})]
        )

    def _used(self, name: str, known: frozenset[str] = frozenset()) -> frozenset[str]:
        known |= {name}
        for _, kind in self.types[name]:
            if kind in self.types and kind not in known:
                known = self._used(kind, known)
        return known

    def _hash(self, name: str, value: Mapping[str, Json]) -> bytes:
        fields = self.types[name]
        if value.keys() != {field for field, _ in fields}:
            raise ValueError(f"{name} has the fields {', '.join(field for field, _ in fields)}, and no others")
        words = b"".join(self._word(kind, value[field]) for field, kind in fields)
        return keccak256(keccak256(self.type_text(name).encode()) + words)

    def _word(self, kind: str, value: Json) -> bytes:
        if kind in self.types and isinstance(value, dict):
            return self._hash(kind, value)
        if kind == "string" and isinstance(value, str):
            return keccak256(value.encode())
        if kind == "bytes" and isinstance(value, str):
            return keccak256(_bytes(value))
        if kind == "address" and isinstance(value, str):
            return _exactly(_bytes(value), 20).rjust(32, b"\0")
        sized = _SIZED.fullmatch(kind)
        if sized and sized[1] == "bytes" and isinstance(value, str) and int(sized[2]) <= 32:
            return _exactly(_bytes(value), int(sized[2])).ljust(32, b"\0")
        if sized and sized[1] == "uint" and isinstance(value, int) and not isinstance(value, bool):
            bits = int(sized[2])
            if bits % 8 or bits > 256 or not 0 <= value < 1 << bits:
                raise ValueError(f"the number does not fit {kind}")
            return value.to_bytes(32)
        raise ValueError(f"a {type(value).__name__} is no {kind}, or that type is not known")


def _bytes(text: str) -> bytes:
    if not re.fullmatch(r"0x(?:[0-9a-fA-F]{2})*", text):
        raise ValueError("bytes are 0x and an even number of hexadecimal digits")
    return bytes.fromhex(text[2:])


def _exactly(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise ValueError(f"{len(data)} bytes stand where {size} belong")
    return data
