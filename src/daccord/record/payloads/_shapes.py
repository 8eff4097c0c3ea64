"""What a value in a payload may be: small checks that say what is wrong, put together to the shape of a payload."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final, TypeAlias

from daccord.record._canonical import Json

__all__ = [
    "Check",
    "boolean",
    "byte_text",
    "fault_of",
    "hexadecimal",
    "line",
    "list_of",
    "mapping_of",
    "nothing_or",
    "one_of",
    "shape",
    "text",
    "texts",
    "utf16",
    "whole",
]

Check: TypeAlias = Callable[[Json], str]
"""What is wrong with a value; an empty text if nothing is."""

_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*")
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def text(least: int = 0, most: int = 65_535) -> Check:
    """A text of so many characters."""

    def check(value: Json) -> str:
        if not isinstance(value, str):
            return "is no text"
        return "" if least <= len(value) <= most else f"has {len(value)} characters, not {least} to {most}"

    return check


def line(least: int = 0, most: int = 65_535) -> Check:
    """A text of so many characters without CR or LF."""
    plain = text(least, most)

    def check(value: Json) -> str:
        return plain(value) or ("has a line end in it" if isinstance(value, str) and {"\n", "\r"} & {*value} else "")

    return check


def hexadecimal(size: int | None) -> Check:
    """So many bytes, any number if None, as hexadecimal digits in lower case."""

    def check(value: Json) -> str:
        if not isinstance(value, str) or _HEX.fullmatch(value) is None:
            return "is no even number of hexadecimal digits in lower case"
        return "" if size is None or len(value) == 2 * size else f"has {len(value)} hexadecimal digits, not {2 * size}"

    return check


def byte_text(value: Json) -> str:
    """Bytes as padded standard base64."""
    return "" if isinstance(value, str) and _BASE64.fullmatch(value) else "is no base64"


def whole(least: int = 0) -> Check:
    """A whole number."""

    def check(value: Json) -> str:
        if isinstance(value, bool) or not isinstance(value, int):
            return "is no whole number"
        return "" if value >= least else f"is {value}, below {least}"

    return check


def boolean(value: Json) -> str:
    """True or false."""
    return "" if isinstance(value, bool) else "is neither true nor false"


def one_of(*values: str) -> Check:
    """One of some texts."""

    def check(value: Json) -> str:
        return "" if isinstance(value, str) and value in values else f"is none of {', '.join(values)}"

    return check


def nothing_or(inner: Check) -> Check:
    """`null`, or what another check takes."""
    return lambda value: "" if value is None else inner(value)


def list_of(inner: Check, *, most: int = 65_535) -> Check:
    """A list."""

    def check(value: Json) -> str:
        if not isinstance(value, list):
            return "is no list"
        if len(value) > most:
            return f"has {len(value):,} elements, more than {most:,}"
        return next((f"holds at place {i} what {fault}" for i, one in enumerate(value) if (fault := inner(one))), "")

    return check


def utf16(value: str) -> bytes:
    """What canonical JSON sorts texts by."""
    return value.encode("utf-16-be", "surrogatepass")


def texts(inner: Check) -> Check:
    """A list of texts in ascending order, each once."""
    plain = list_of(inner)

    def check(value: Json) -> str:
        if fault := plain(value):
            return fault
        found = [utf16(str(one)) for one in value] if isinstance(value, list) else []
        return "" if all(a < b for a, b in pairwise(found)) else "is not in ascending order, each once"

    return check


def mapping_of(inner: Check, key: Check | None = None) -> Check:
    """An object with any keys of a kind; any but the empty one if None."""
    named = text(1) if key is None else key

    def check(value: Json) -> str:
        if not isinstance(value, dict):
            return "is no object"
        for name, one in value.items():
            if fault := named(name) or inner(one):
                return f"has the key {name!r} which {fault}"
        return ""

    return check


def shape(**parts: Check) -> Check:
    """An object with exactly these keys."""

    def check(value: Json) -> str:
        return fault_of(parts, value)

    return check


def fault_of(parts: Mapping[str, Check], value: Json) -> str:
    """What is wrong with an object that has exactly some keys; empty if nothing is."""
    if not isinstance(value, dict):
        return "is no object"
    if value.keys() != parts.keys():
        missing, more = sorted(parts.keys() - value.keys()), sorted(value.keys() - parts.keys())
        said = [f"lacks {', '.join(missing)}"] if missing else []
        return " and ".join([*said, f"has {', '.join(map(repr, more))} beyond its keys"] if more else said)
    for name, check in parts.items():
        if fault := check(value[name]):
            return f"has `{name}` which {fault}"
    return ""
