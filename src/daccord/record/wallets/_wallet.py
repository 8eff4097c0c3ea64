"""A wallet: the 20 bytes that stand for a key, written with a checksum (EIP-55).

Messages never repeat an address: they end up in logs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from daccord.errors import IntegrityError
from daccord.record.wallets._keccak import keccak256

__all__ = ["Wallet"]

_FORM: Final = re.compile(r"0x[0-9a-fA-F]{40}")


@dataclass(frozen=True, order=True)
class Wallet:
    """An address.

    Attributes:
        data: 20 bytes, not all of them zero.
    """

    data: bytes

    def __post_init__(self) -> None:
        if len(self.data) != 20:
            raise ValueError(f"an address has 20 bytes, this has {len(self.data)}")
        if not any(self.data):
            raise ValueError("the zero address has no key")

    def __repr__(self) -> str:
        return "Wallet(…)"

    @classmethod
    def of_key(cls, point: bytes) -> Wallet:
        """The address of a public key.

        Args:
            point: 64 bytes: the coordinates x and y, each most significant byte first.
        """
        return cls(keccak256(point)[12:])

    @classmethod
    def from_text(cls, text: str) -> Wallet:
        """Read an address with its checksum.

        Raises:
            IntegrityError: It is none, or the checksum is missing or wrong.
            ExternalError: The extra `ethereum` is not installed.
        """
        if not _FORM.fullmatch(text):
            raise IntegrityError("an address is 0x and 40 hexadecimal digits")
        try:
            found = cls(bytes.fromhex(text[2:]))
        except ValueError as error:
            raise IntegrityError(str(error)) from None
        if found.text != text:
            raise IntegrityError("the address is not written with its checksum (EIP-55)")
        return found

    @cached_property
    def text(self) -> str:
        """With its checksum: a letter is a capital if the hash of the small ones has 8 or more in its place.

        Raises:
            ExternalError: The extra `ethereum` is not installed.
        """
        small = self.data.hex()
        digits = keccak256(small.encode()).hex()
        return "0x" + "".join(c.upper() if d >= "8" else c for c, d in zip(small, digits, strict=False))
