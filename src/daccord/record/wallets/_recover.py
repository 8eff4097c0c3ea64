"""Whose signature it is, by one strict rule, because libraries take several signatures for one.

A wallet signs a digest of 32 bytes with ECDSA on secp256k1. Address and signature go together without the key being
known: it is *recovered* from the two. A signature is r ‖ s ‖ v, and valid only if

* (a) it has 65 bytes;
* (b) v, the last one, is 27 or 28;
* (c) r is from 1 to n - 1, n being the order of the group;
* (d) s is from 1 to (n - 1) / 2: of the two signatures (r, s) and (r, n - s) the lower;
* (e) r is the x of a point of the curve, and the key that follows is no point at infinity.

So a digest and an address have one form for each signature that was made. A signature's bytes are still no name of
anything: a signer can make as many as he likes.

What is signed of a *text* is its personal_sign digest (EIP-191, version 0x45), which no transaction can have.

Source: SEC 1, version 2.0, section 4.1.6; EIP-2, EIP-191; EIP-2098 and EIP-1271 for what is refused.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from daccord.errors import ExternalError, IntegrityError
from daccord.ethereum import keccak256
from daccord.record.wallets._wallet import Wallet

__all__ = ["check_wallet", "personal_digest", "recover_wallet"]

ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Of the group of secp256k1."""

_SIZE: Final = 65


def _curve() -> Any:  # noqa: ANN401 - a module of the extra, loaded on first use
    try:
        return import_module("coincurve")
    except ImportError:
        raise ExternalError(
            "signatures of wallets need secp256k1, which is not installed → pip install 'daccord[ethereum]'"
        ) from None


def personal_digest(message: bytes) -> bytes:
    """What a wallet signs when it is shown a text: 32 bytes.

    Args:
        message: The exact bytes.

    Raises:
        ExternalError: The extra `ethereum` is not installed.
    """
    return keccak256(b"\x19Ethereum Signed Message:\n%d" % len(message) + message)


def _fault(signature: bytes) -> str:
    """Why a signature is none by (a) to (d); empty if it may be one."""
    if len(signature) == _SIZE - 1:
        return "has 64 bytes: the short form (EIP-2098) is not taken, ask for 65"
    if len(signature) != _SIZE:
        return (
            f"has {len(signature):,} bytes, not 65: a contract's signature (EIP-1271) cannot be checked off its chain"
        )
    r, s, v = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64]), signature[64]
    if v not in (27, 28):
        return f"ends in v = {v}, not 27 or 28"
    if not 0 < r < ORDER:
        return "has an r beyond the group's order, or zero"
    if not 0 < s < ORDER:
        return "has an s beyond the group's order, or zero"
    return "has the high one of two possible s: a copy that anybody can make of a valid one" if s > ORDER // 2 else ""


def recover_wallet(digest: bytes, signature: bytes) -> Wallet:
    """The wallet that signed a digest.

    Args:
        digest: 32 bytes. Every valid signature recovers to *some* wallet; only the comparison with the stated one says
            anything.
        signature: r ‖ s ‖ v.

    Raises:
        IntegrityError: The signature is not valid by the rule above.
        ExternalError: The extra `ethereum` is not installed.
    """
    if len(digest) != 32:
        raise ValueError(f"a digest has 32 bytes, this has {len(digest)}")
    if fault := _fault(signature):
        raise IntegrityError(f"the wallet's signature {fault}")
    library = _curve()
    compact = signature[:64] + bytes([signature[64] - 27])
    try:
        key = library.PublicKey.from_signature_and_message(compact, digest, hasher=None)
    except Exception:  # noqa: BLE001 - the library raises what it likes, ValueError and Exception itself among it
        raise IntegrityError("the wallet's signature belongs to no key") from None
    return Wallet.of_key(key.format(compressed=False)[1:])


def check_wallet(digest: bytes, signature: bytes, wallet: Wallet) -> None:
    """Check that a wallet signed a digest.

    Raises:
        IntegrityError: It did not, or the signature is not valid.
        ExternalError: The extra `ethereum` is not installed.
    """
    if recover_wallet(digest, signature) != wallet:
        raise IntegrityError("the wallet's signature is another wallet's, or of another text")
