"""Keccak-256, which wallets hash with. `settlement` has its own: it also runs where the record's libraries are not."""

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
            "signatures of wallets need Keccak-256, which is not installed → pip install 'daccord[ethereum]'"
        ) from None


def keccak256(data: bytes) -> bytes:
    """Hash bytes to 32.

    Raises:
        ExternalError: The extra `ethereum` is not installed.
    """
    return bytes(_implementation().new(data=data, digest_bits=256).digest())
