"""Ed25519 by one strict rule, because libraries disagree on signatures that a dishonest signer can make.

A signature (R, S) of a message by a public key A is valid if and only if

* (a) A is the canonical encoding of a point of prime order;
* (b) S is below the group order L;
* (c) R is not one of the 14 encodings of points of small order;
* (d) the cofactorless equation holds: [S]B = R + [k]A, and R is the canonical encoding of that sum.

libsodium refuses what (b), (c) and (d) refuse; (a) and, once more, (b) and (c) are checked here, so that the rule is
written down in full and does not depend on what a library happens to do.

Source: K. Chalkias, F. Garillot, V. Nikolaenko, Taming the many EdDSAs (2020), whose twelve cases are tests; RFC 8032.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final, Protocol

from nacl.bindings import (
    crypto_core_ed25519_is_valid_point,
    crypto_sign,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import BadSignatureError

__all__ = ["LocalSigner", "PublicKey", "Signer", "verify"]

_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_FIELD: Final = 2**255 - 19
_SIGN: Final = 1 << 255

# y of the points of order 8 (two, and their negatives), 4 (0), 2 (-1) and 1 (1).
_EIGHTH: Final = 2707385501144840649318225287225658788936804267575313519463743609750303021402
_SMALL_Y: Final = (0, 1, _FIELD - 1, _EIGHTH, _FIELD - _EIGHTH)
_SMALL_ORDER: Final = frozenset(
    (y + extra | sign).to_bytes(32, "little")
    for y in _SMALL_Y
    for extra in ((0, _FIELD) if y + _FIELD < _SIGN else (0,))
    for sign in (0, _SIGN)
)
"""All encodings of points of small order, the two that are beyond the field and both signs included."""


@dataclass(frozen=True, order=True)
class PublicKey:
    """A public key that may be registered.

    Attributes:
        data: 32 bytes.

    Raises:
        ValueError: They are not the canonical encoding of a point of prime order.
    """

    data: bytes

    def __post_init__(self) -> None:
        if len(self.data) != 32:
            raise ValueError(f"an Ed25519 key has 32 bytes, this has {len(self.data)}")
        if int.from_bytes(self.data, "little") & ~_SIGN >= _FIELD or not crypto_core_ed25519_is_valid_point(self.data):
            raise ValueError("the key is not the canonical encoding of a point of prime order")

    @classmethod
    def from_hex(cls, text: str) -> PublicKey:
        """From 64 hexadecimal digits in lower case.

        Raises:
            ValueError: It is no such text, or no key.
        """
        if len(text) != 64 or set(text) - set("0123456789abcdef"):
            raise ValueError("a key is written in 64 hexadecimal digits, in lower case")
        return cls(bytes.fromhex(text))

    @cached_property
    def hex(self) -> str:
        """64 hexadecimal digits."""
        return self.data.hex()

    @cached_property
    def id(self) -> str:
        """What a signature names the key by: SHA-256 of the key, hexadecimal."""
        return sha256(b"daccord/key/1\x00" + self.data).hexdigest()


def verify(public: PublicKey, message: bytes, signature: bytes) -> bool:
    """Whether a signature is valid by the rule above; never raises on any bytes."""
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= _ORDER or signature[:32] in _SMALL_ORDER:
        return False
    try:
        crypto_sign_open(signature + message, public.data)
    except BadSignatureError:
        return False
    return True


class Signer(Protocol):
    """Whatever signs: a key in memory, in a file, or in an agent that never shows it."""

    @property
    def public(self) -> PublicKey:
        """The key signatures are checked with."""

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""


class LocalSigner:
    """A key in this process's memory.

    Args:
        seed: 32 secret bytes.
    """

    def __init__(self, seed: bytes) -> None:
        if len(seed) != 32:
            raise ValueError(f"a seed has 32 bytes, this has {len(seed)}")
        public, self._secret = crypto_sign_seed_keypair(seed)
        self._public = PublicKey(public)

    @property
    def public(self) -> PublicKey:
        """The key signatures are checked with."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """64 bytes, the same for the same message (RFC 8032)."""
        return bytes(crypto_sign(message, self._secret)[:64])

    def __repr__(self) -> str:
        return f"LocalSigner({self.public.hex})"
