"""Openings in escrow: t of n trustees open what a juror does not reveal.

Let r be the salt of an opening, c its commitment, and

    X(label, n) = HKDF-Expand(r, "daccord/escrow/1" ‖ 0x00 ‖ label ‖ 0x00 ‖ c, n)     (SHA-256)

    key          K   = X("key", 32)
    coefficients a   = X("coefficients", 32 (t − 1)), 32 bytes each
    blinds       b   = X("blinds", 16 n), 16 bytes each
    ephemerals   e   = X("ephemeral", 32 n), 32 bytes each

    ciphertext       = ChaCha20-Poly1305(K, nonce 0, opening ‖ 0x80 ‖ 0x00 …, "daccord/ciphertext/1" ‖ 0x00 ‖ c)
    share i          = (K + a_1 i + … + a_{t−1} i^{t−1}) ‖ b_i                          over GF(2^8)
    hash i           = SHA-256("daccord/share/1" ‖ 0x00 ‖ c ‖ i ‖ share i)
    sealed i         = HPKE to trustee i by e_i of share i, bound to the place of the commit

A commit is thus a function of the opening. Whoever opens it makes it anew and compares; a commit that differs anywhere
is not *sound* and never counts, whoever opens it. That is why no juror can decide after the close whether an answer
counts: by sealing nonsense and revealing at will, or by shares of which some trustees' give the key and others' do not.
If t shares give a sound opening, all shares with the right hash are those made anew, and any t give the same.

Source: the check is that of E. Fujisaki, T. Okamoto, Secure integration of asymmetric and symmetric encryption schemes,
CRYPTO 1999: the randomness of an encryption is derived from what is encrypted, so that decrypting can verify it.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from hmac import digest
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from daccord.errors import IntegrityError
from daccord.record._canonical import encode
from daccord.record.sealed import _hpke, _shamir
from daccord.record.sealed._opening import Context, commitment, decode_opening
from daccord.record.sealed._sealed import BLOCK, SHARE, EscrowedShare, Sealed

__all__ = ["check_sealed", "check_share", "open_share", "recover", "seal_opening"]

_KEY: Final = 32
_BLIND: Final = SHARE - _KEY
_NONCE: Final = bytes(12)  # a key encrypts one message


def _expand(salt: bytes, label: bytes, committed: bytes, size: int, count: int) -> tuple[bytes, ...]:
    """X(label, size · count), in parts of `size` bytes."""
    info, block, stream = b"daccord/escrow/1\x00" + label + b"\x00" + committed, b"", b""
    for number in range(1, -(-size * count // 32) + 1):
        block = digest(salt, block + info + bytes([number]), "sha256")
        stream += block
    return tuple(stream[i * size : (i + 1) * size] for i in range(count))


def _pad(opening: bytes) -> bytes:
    return opening + b"\x80" + bytes(-(len(opening) + 1) % BLOCK)


def _bound_to(committed: str) -> bytes:
    return b"daccord/ciphertext/1\x00" + bytes.fromhex(committed)


def _hash(committed: str, index: int, share: bytes) -> str:
    return sha256(b"daccord/share/1\x00" + bytes.fromhex(committed) + bytes([index]) + share).hexdigest()


def _info(context: Context, committed: str, trustee: str, index: int) -> bytes:
    """What a sealed share is bound to."""
    place = context.value() | {"commitment": committed, "index": index, "trustee": trustee}
    return b"daccord/sealed-share/1\x00" + encode(place)


def _check_fits(said: Mapping[str, object], context: Context) -> None:
    for name, value in context.value().items():
        if said[name] != value:
            raise IntegrityError(f"the opening says {name} {said[name]!r}, and its commit {value!r}")


def seal_opening(opening: bytes, context: Context, trustees: Mapping[str, bytes], threshold: int) -> Sealed:
    """Commit to an opening and give it in escrow.

    There is no randomness but the opening's salt: the same arguments give the same bytes.

    Args:
        opening: As `encode_opening` gives it.
        context: Of the commit; the opening says the same.
        trustees: Key id → X25519 key, 32 bytes; 1 to 255 of them.
        threshold: How many of them open it, from 1 to all.

    Raises:
        IntegrityError: The bytes are no opening, or one of another place.
        ValueError: The threshold is out of range, or a trustee's key is none.
    """
    if not 1 <= threshold <= len(trustees) <= 255:
        raise ValueError(
            f"{threshold} of {len(trustees)} trustees: from 1 to all of them open, and they are at most 255"
        )
    said = decode_opening(opening)
    _check_fits(said, context)
    committed = commitment(opening)
    salt, bound, count = bytes.fromhex(str(said["salt"])), bytes.fromhex(committed), len(trustees)
    (key,) = _expand(salt, b"key", bound, _KEY, 1)
    values = _shamir.split(key, _expand(salt, b"coefficients", bound, _KEY, threshold - 1), count)
    blinds = _expand(salt, b"blinds", bound, _BLIND, count)
    ephemerals = _expand(salt, b"ephemeral", bound, 32, count)
    shares = []
    for index, trustee in enumerate(sorted(trustees), 1):
        share = values[index - 1] + blinds[index - 1]
        info = _info(context, committed, trustee, index)
        sealed = _hpke.seal(trustees[trustee], ephemerals[index - 1], info, share)
        shares.append(EscrowedShare(trustee, index, _hash(committed, index, share), sealed))
    ciphertext = ChaCha20Poly1305(key).encrypt(_NONCE, _pad(opening), _bound_to(committed))
    return Sealed(committed, ciphertext, tuple(shares))


def check_sealed(
    sealed: Sealed, opening: bytes, context: Context, trustees: Mapping[str, bytes], threshold: int
) -> None:
    """Whether a commit is what sealing its opening gives; asked of every opening, revealed or recovered.

    Raises:
        IntegrityError: The opening is not the commit's or not of its place, or the commit is not sound.
    """
    if commitment(opening) != sealed.commitment:
        raise IntegrityError("the opening does not hash to the commitment")
    try:
        anew = seal_opening(opening, context, trustees, threshold)
    except ValueError as error:
        raise IntegrityError(f"the commit cannot be made anew: {error}") from None
    if anew.ciphertext != sealed.ciphertext:
        raise IntegrityError("the commit is not sound: its ciphertext is not that of its opening")
    if len(anew.shares) != len(sealed.shares):
        raise IntegrityError(f"the commit is not sound: it has {len(sealed.shares)} shares, not {len(anew.shares)}")
    for ours, theirs in zip(anew.shares, sealed.shares, strict=True):
        if ours != theirs:
            raise IntegrityError(f"the commit is not sound: its share {theirs.index} is not that of its opening")


def open_share(sealed: Sealed, trustee: str, secret: bytes, context: Context) -> bytes:
    """Decrypt a trustee's share.

    Args:
        sealed: Of the commit.
        trustee: The trustee's key id.
        secret: The trustee's X25519 secret, 32 bytes.
        context: Of the commit.

    Returns:
        48 bytes, to be published or kept; their hash is right.

    Raises:
        IntegrityError: The juror sealed something else: there is no share for the trustee, it is not for this key or
            place, or it has another hash. The commit is not sound then, and never counts.
        ValueError: The secret has another length.
    """
    if (one := sealed.of(trustee)) is None:
        raise IntegrityError(f"the juror {context.juror!r} sealed no share for the trustee {trustee}")
    share = _hpke.open_sealed(secret, _info(context, sealed.commitment, trustee, one.index), one.sealed)
    if share is None:
        raise IntegrityError(f"what the juror {context.juror!r} sealed for the trustee {trustee} does not open")
    if _hash(sealed.commitment, one.index, share) != one.hash:
        raise IntegrityError(f"what the juror {context.juror!r} sealed for the trustee {trustee} has another hash")
    return share


def check_share(sealed: Sealed, index: int, share: bytes) -> None:
    """Whether a published share is the one that the commit names.

    Raises:
        IntegrityError: There is no such index, or the share has another size or hash.
    """
    if not 1 <= index <= len(sealed.shares):
        raise IntegrityError(f"the commit has no share {index}, but {len(sealed.shares)}")
    if len(share) != SHARE or _hash(sealed.commitment, index, share) != sealed.shares[index - 1].hash:
        raise IntegrityError(f"share {index} is not the one that the commit names")


def recover(
    sealed: Sealed,
    shares: Mapping[int, bytes],
    context: Context,
    trustees: Mapping[str, bytes],
    threshold: int,
) -> bytes:
    """Open a commit by its trustees' shares. It does not matter which t of them are there.

    Args:
        sealed: Of the commit.
        shares: Index → share, as published.
        context: Of the commit.
        trustees: Key id → X25519 key, as in the manifest.
        threshold: As in the manifest.

    Returns:
        The opening of a sound commit, of this place.

    Raises:
        IntegrityError: A share is wrong, there are fewer than the threshold, or what they open is not what it should
            be.
    """
    for index, share in shares.items():
        check_share(sealed, index, share)
    if not 1 <= threshold <= len(shares):
        raise IntegrityError(f"{len(shares)} shares are there, and {threshold} open the commit")
    key = _shamir.combine({index: shares[index][:_KEY] for index in sorted(shares)[:threshold]})
    try:
        padded = ChaCha20Poly1305(key).decrypt(_NONCE, sealed.ciphertext, _bound_to(sealed.commitment))
    except InvalidTag:
        raise IntegrityError("the commit is not sound: its shares do not decrypt its ciphertext") from None
    opening = padded.rstrip(b"\x00")[:-1]  # that the padding is right is seen when the commit is made anew
    check_sealed(sealed, opening, context, trustees, threshold)
    return opening
