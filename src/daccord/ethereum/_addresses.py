"""Addresses of accounts: 20 bytes, written with a checksum in the case of their letters (EIP-55).

Only the checksummed form is read. An address all in small letters may be right, but a typing error in it would send
money to nobody, and nothing could tell. Messages say what is wrong with an address and never repeat it, because they
end up in logs.
"""

from __future__ import annotations

import re
from typing import Final

from daccord.ethereum._keccak import keccak256

__all__ = ["ZERO_ADDRESS", "address_text", "parse_address"]

ZERO_ADDRESS: Final = bytes(20)
"""Money sent here is gone."""

_FORM = re.compile(r"0x[0-9a-fA-F]{40}")


def address_text(address: bytes) -> str:
    """Write an address with its checksum.

    Args:
        address: 20 bytes.

    Returns:
        `0x` and 40 hexadecimal digits; a letter is a capital if the hash of the small ones has 8 or more in its place.

    Raises:
        ValueError: There are not 20 bytes.
        ExternalError: The extra `ethereum` is not installed.

    Source:
        EIP-55, <https://eips.ethereum.org/EIPS/eip-55>.
    """
    if len(address) != len(ZERO_ADDRESS):
        raise ValueError(f"an address has 20 bytes, not {len(address)}")
    small = address.hex()
    digits = keccak256(small.encode()).hex()
    return "0x" + "".join(c.upper() if d >= "8" else c for c, d in zip(small, digits, strict=False))


def parse_address(text: str) -> bytes:
    """Read an address that carries its checksum and is not the zero address.

    Args:
        text: As an account's software shows it.

    Returns:
        20 bytes.

    Raises:
        ValueError: It is no such address; the message says why without repeating it.
        ExternalError: The extra `ethereum` is not installed.
    """
    if not _FORM.fullmatch(text):
        raise ValueError("this is not 0x and 40 hexadecimal digits")
    address = bytes.fromhex(text[2:])
    if address == ZERO_ADDRESS:
        raise ValueError("this is the zero address, from which no money comes back")
    if address_text(address) != text:
        if text[2:] in {text[2:].lower(), text[2:].upper()}:
            raise ValueError("the address carries no checksum: all its letters are of one case")
        raise ValueError("the address fails its checksum: a digit or the case of a letter is wrong")
    return address
