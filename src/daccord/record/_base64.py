"""Base64 in its one spelling."""

from __future__ import annotations

from base64 import b64encode
from binascii import Error, a2b_base64

from daccord.errors import IntegrityError

__all__ = ["from_base64"]


def from_base64(text: str, what: str) -> bytes:
    """Bytes of standard base64 in its one spelling.

    Raises:
        IntegrityError: It is another spelling, or none.
    """
    try:
        data = a2b_base64(text.encode("ascii"), strict_mode=True)
    except (Error, UnicodeEncodeError):
        raise IntegrityError(f"{what} is no base64") from None
    if b64encode(data).decode() != text:
        raise IntegrityError(f"{what} is not canonical base64")
    return data
