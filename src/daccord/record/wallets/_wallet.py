"""A wallet: the 20 bytes that stand for a key, written with a checksum (EIP-55).

Messages never repeat an address: they end up in logs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from daccord.errors import IntegrityError
from daccord.ethereum import ZERO_ADDRESS, address_text, keccak256, parse_address

__all__ = ["Wallet"]


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
        if self.data == ZERO_ADDRESS:
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
        try:
            return cls(parse_address(text))
        except ValueError as error:
            raise IntegrityError(str(error)) from None

    @cached_property
    def text(self) -> str:
        """With its checksum.

        Raises:
            ExternalError: The extra `ethereum` is not installed.
        """
        return address_text(self.data)
