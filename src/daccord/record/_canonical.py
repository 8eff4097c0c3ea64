"""Canonical JSON (RFC 8785), strict on the way in: bytes are accepted only if encoding what they say gives them back.

That one comparison refuses duplicate keys, other orders of keys, white space, escapes that need not be, byte order
marks, `1.0`, `1e2`, `NaN` and whole numbers beyond 2^53. Payloads hold no fractions at all: a number is a whole number
of units, so no two readers can round it differently.

Source: A. Rundgren, B. Jordan, S. Erdtman, JSON Canonicalization Scheme, RFC 8785 (2020).
"""

from __future__ import annotations

import re
from json import JSONDecoder, JSONEncoder
from typing import Final, TypeAlias

import rfc8785

from daccord.errors import IntegrityError

__all__ = ["DEPTH", "LARGEST", "Json", "decode", "encode"]

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
"""What a payload may hold."""

LARGEST: Final = 2**53 - 1
"""Largest whole number, so that every language reads the same one."""

DEPTH: Final = 32
"""Deepest nesting of lists and objects."""

_SIZE: Final = 1 << 20


def _refuse_number(text: str) -> int:
    raise ValueError(f"{text} is no whole number")


def _whole(text: str) -> int:
    value = int(text)
    if abs(value) > LARGEST:
        raise ValueError(f"the number {value} is beyond 2^53 - 1")
    return value


_DECODER: Final = JSONDecoder(parse_int=_whole, parse_float=_refuse_number, parse_constant=_refuse_number)

_ENCODER: Final = JSONEncoder(ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":"))
"""The standard library's encoder, ten times as fast as the reference. It escapes as RFC 8785 says, and sorts keys by
code points where the RFC sorts them by UTF-16 units; below the surrogates these are one order."""

_HIGH: Final = re.compile("[\ud800-\U0010ffff]")


def _fault(value: object, depth: int) -> str:
    """Why a value is none that a payload may hold; empty if it is one."""
    if value is None or isinstance(value, bool | str):
        return ""
    if isinstance(value, int):
        return "" if abs(value) <= LARGEST else f"the number {value} is beyond 2^53 - 1"
    if depth == 0:
        return f"it is nested more than {DEPTH} deep"
    if isinstance(value, list):
        return next((fault for item in value if (fault := _fault(item, depth - 1))), "")
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            return "a key is no text"
        return next((fault for item in value.values() if (fault := _fault(item, depth - 1))), "")
    return f"a {type(value).__name__} cannot be said in a payload"


def encode(value: Json) -> bytes:
    """The one sequence of bytes that says a value.

    Raises:
        ValueError: It holds a fraction, a number beyond `LARGEST`, text that is no Unicode, or is nested too deep.
    """
    if fault := _fault(value, DEPTH):
        raise ValueError(fault)
    return _written(value)


def _written(value: Json) -> bytes:
    """The bytes of a value of which it is known that a payload may hold it."""
    text = _ENCODER.encode(value)
    return encode_by_reference(value) if _HIGH.search(text) else text.encode()


def encode_by_reference(value: Json) -> bytes:
    """The same bytes as `encode`, by the reference implementation of RFC 8785; slower.

    Raises:
        ValueError: It is nothing that canonical JSON says.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise ValueError(f"it cannot be encoded: {error}") from None


def decode(data: bytes, *, largest: int = _SIZE) -> Json:
    """The value that canonical bytes say.

    Args:
        data: As signed.
        largest: Most bytes that are looked at.

    Raises:
        IntegrityError: The bytes are too many, are no JSON, or are not the canonical bytes of what they say.
    """
    if len(data) > largest:
        raise IntegrityError(f"the JSON has {len(data):,} bytes, more than {largest:,}")
    try:
        text = data.decode("utf-8")
        value: Json = _DECODER.raw_decode(text)[0]  # what follows it is told by the comparison
        flat = text.count("[") + text.count("{") <= DEPTH  # all else was seen to while it was read
        again = _written(value) if flat else encode(value)
    except RecursionError:
        raise IntegrityError(f"the JSON is nested more than {DEPTH} deep") from None
    except ValueError as error:  # of which UnicodeDecodeError and JSONDecodeError are kinds
        raise IntegrityError(f"not canonical JSON: {error}") from None
    if again != data:
        differ = (i for i, (a, b) in enumerate(zip(again, data, strict=False)) if a != b)
        place = next(differ, min(len(again), len(data)))
        raise IntegrityError(f"not canonical JSON: byte {place} is not what encoding the same value gives")
    return value
