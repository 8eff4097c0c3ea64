"""Keccak-256, Ethereum's hash: the padding of the first proposal, not of the later standard SHA-3."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from daccord.errors import ExternalError

__all__ = ["keccak256"]


def _implementation() -> Any:  # noqa: ANN401 - a module of the extra, loaded on first use
    try:
        return import_module("Crypto.Hash.keccak")
    except ImportError:
        raise ExternalError(
            "addresses and payout trees need Keccak-256, which is not installed → pip install 'daccord[ethereum]'"
        ) from None


def keccak256(data: bytes) -> bytes:
    """Hash bytes.

    Args:
        data: Any bytes.

    Returns:
        32 bytes.

    Raises:
        ExternalError: The extra `ethereum` is not installed.

    Source:
        Bertoni, Daemen, Peeters, Van Assche: The Keccak reference, version 3.0 (2011), capacity 512, pad10*1.
    """
    return bytes(_implementation().new(data=data, digest_bits=256).digest())
