"""Hybrid public key encryption for one message: RFC 9180, base mode, one suite.

    DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, ChaCha20Poly1305 0x0003

The sender's ephemeral key is passed in, so that a message can be made anew by who knows it. One key seals one message:
the sequence number is always 0. Every length that HKDF expands to is at most 32 bytes, one block of HMAC.

Source: R. Barnes, K. Bhargavan, B. Lipp, C. Wood, Hybrid Public Key Encryption, RFC 9180 (2022).
"""

from __future__ import annotations

from hmac import digest
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

__all__ = ["ADDED", "open_sealed", "public_key", "seal"]

ADDED: Final = 48
"""Bytes by which a sealed message is longer: the ephemeral key and the tag."""

_KEM: Final = b"KEM\x00\x20"
_HPKE: Final = b"HPKE\x00\x20\x00\x01\x00\x03"


def _extract(suite: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
    return digest(salt or bytes(32), b"HPKE-v1" + suite + label + secret, "sha256")


def _expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return digest(key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01", "sha256")[:length]


_NO_PSK: Final = _extract(_HPKE, b"", b"psk_id_hash", b"")


def _shared(secret: X25519PrivateKey, other: bytes, ephemeral: bytes, recipient: bytes) -> bytes:
    """The key encapsulation's shared secret; a point of small order is refused (ValueError)."""
    product = secret.exchange(X25519PublicKey.from_public_bytes(other))
    return _expand(_KEM, _extract(_KEM, b"", b"eae_prk", product), b"shared_secret", ephemeral + recipient, 32)


def _schedule(shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Key and nonce."""
    context = b"\x00" + _NO_PSK + _extract(_HPKE, b"", b"info_hash", info)
    secret = _extract(_HPKE, shared, b"secret", b"")
    return _expand(_HPKE, secret, b"key", context, 32), _expand(_HPKE, secret, b"base_nonce", context, 12)


def public_key(secret: bytes) -> bytes:
    """The X25519 key, 32 bytes, of a secret of 32 bytes.

    Raises:
        ValueError: The secret has another length.
    """
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def seal(recipient: bytes, ephemeral: bytes, info: bytes, message: bytes, data: bytes = b"") -> bytes:
    """Encrypt one message.

    Args:
        recipient: X25519 key, 32 bytes.
        ephemeral: X25519 secret, 32 random bytes, used once.
        info: What the message is bound to.
        message: To encrypt.
        data: Associated data.

    Returns:
        The ephemeral public key, 32 bytes, and the ciphertext with its tag.

    Raises:
        ValueError: A key has another length, or the recipient's is of small order.
    """
    secret = X25519PrivateKey.from_private_bytes(ephemeral)
    public = secret.public_key().public_bytes_raw()
    key, nonce = _schedule(_shared(secret, recipient, public, recipient), info)
    return public + ChaCha20Poly1305(key).encrypt(nonce, message, data)


def open_sealed(secret: bytes, info: bytes, sealed: bytes, data: bytes = b"") -> bytes | None:
    """Decrypt what `seal` gives.

    Args:
        secret: The recipient's X25519 secret, 32 bytes.
        info: As it was sealed with.
        sealed: Any bytes.
        data: Associated data.

    Returns:
        The message; None if these bytes were not sealed for this key, `info` and `data`.

    Raises:
        ValueError: The secret has another length.
    """
    own = X25519PrivateKey.from_private_bytes(secret)
    public = sealed[:32]
    try:
        shared = _shared(own, public, public, own.public_key().public_bytes_raw())
    except ValueError:  # of small order, or too short
        return None
    key, nonce = _schedule(shared, info)
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, sealed[32:], data)
    except InvalidTag:
        return None
