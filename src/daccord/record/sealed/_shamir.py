"""Shamir's secret sharing, byte by byte over GF(2^8) with the polynomial x^8 + x^4 + x^3 + x + 1.

Each byte k of a secret is the value at 0 of a polynomial of its own,

    P_k(x) = secret[k] + a_1[k] x + … + a_{t−1}[k] x^{t−1},

and the share of index i is P(i). Any t shares give the secret; fewer are consistent with every secret alike.

A product of a constant and a string of bytes is `bytes.translate` with a table of 256 bytes, a sum is an exclusive or
of whole numbers, so that the bytes of a secret are shared at once. Tables are looked up by secret bytes: this does not
resist somebody who measures the time of the cache on the same machine.

Source: A. Shamir, How to share a secret, CACM 22 (1979).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

__all__ = ["combine", "split"]


def _times(a: int, b: int) -> int:
    """Product of two elements, bit by bit."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


_TABLES: Final = tuple(bytes(_times(constant, byte) for byte in range(256)) for constant in range(256))
"""Table c holds c times each byte."""
_INVERSE: Final = (0, *(table.index(1) for table in _TABLES[1:]))


def _plus(a: bytes, b: bytes) -> bytes:
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(len(a), "big")


def split(secret: bytes, coefficients: Sequence[bytes], count: int) -> tuple[bytes, ...]:
    """Share a secret.

    Args:
        secret: Any bytes.
        coefficients: a_1, …, a_{t−1}, random, each as long as the secret; the threshold t is one more than they are.
        count: Number n of shares, from t to 255.

    Returns:
        The shares of the indexes 1, …, n.

    Raises:
        ValueError: n is below t or above 255, or a coefficient has another length.
    """
    if not len(coefficients) < count <= 255:
        raise ValueError(f"{count} shares with a threshold of {len(coefficients) + 1}")
    if any(len(one) != len(secret) for one in coefficients):
        raise ValueError("a coefficient is not as long as the secret")
    terms = (*reversed(coefficients), secret)
    shares = []
    for index in range(1, count + 1):
        value = terms[0]
        for term in terms[1:]:  # Horner's rule
            value = _plus(value.translate(_TABLES[index]), term)
        shares.append(value)
    return tuple(shares)


@lru_cache(maxsize=4096)
def _weights(indexes: tuple[int, ...]) -> tuple[int, ...]:
    """What each share is multiplied with: Lagrange's basis at 0."""
    weights = []
    for i in indexes:
        weight = 1
        for j in indexes:
            if j != i:
                weight = _TABLES[weight][_TABLES[j][_INVERSE[i ^ j]]]
        weights.append(weight)
    return tuple(weights)


def combine(shares: Mapping[int, bytes]) -> bytes:
    """The secret that t shares give; what fewer or wrong ones give is no secret, and is not noticed here.

    Args:
        shares: Index from 1 to 255 → share, exactly t of them, of one length.

    Raises:
        ValueError: There is none, an index is out of range, or lengths differ.
    """
    indexes = tuple(sorted(shares))
    if not indexes or indexes[0] < 1 or indexes[-1] > 255:
        raise ValueError("shares have indexes from 1 to 255, and there is at least one")
    if len({len(share) for share in shares.values()}) != 1:
        raise ValueError("shares of one secret are equally long")
    total = bytes(len(shares[indexes[0]]))
    for index, weight in zip(indexes, _weights(indexes), strict=True):
        total = _plus(total, shares[index].translate(_TABLES[weight]))
    return total
