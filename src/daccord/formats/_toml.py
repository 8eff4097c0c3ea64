"""Reading TOML with the line of every key, and writing it."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from daccord.formats._csv_text import decode
from daccord.formats._problems import FileReport

__all__ = ["Path", "TomlText", "inline", "key_text", "read_toml"]

Path = tuple[str | int, ...]
"""Where a value stands: keys, and positions in arrays."""

_PART = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(\.?)""")
_AT_LINE = re.compile(r" ?\(at line (?P<line>\d+), column \d+\)")


class TomlText:
    """A parsed TOML file.

    Attributes:
        data: Tables and values.
    """

    def __init__(self, data: dict[str, Any], text: str) -> None:
        self.data = data
        self._lines = _line_of_each_key(text)

    def row(self, path: Path) -> int | None:
        """Line on which a value, or else the innermost table around it that has a line, is defined."""
        for end in range(len(path), 0, -1):
            if (line := self._lines.get(path[:end])) is not None:
                return line
        return None


def _dotted(text: str) -> tuple[str, ...] | None:
    """The parts of a dotted key at the start of a text, or None."""
    parts: list[str] = []
    place = 0
    while match := _PART.match(text, place):
        quoted, literal, bare, dot = match.groups()
        parts.append(next(part for part in (quoted, literal, bare) if part is not None))
        place = match.end()
        if not dot:
            return tuple(parts)
    return None


def _line_of_each_key(text: str) -> dict[Path, int]:
    """Lines of tables and keys, found by reading the file once more by eye, as an editor's outline does."""
    lines: dict[Path, int] = {}
    table: Path = ()
    counts: Counter[Path] = Counter()
    inside = ""  # the mark that ends the multi-line string we are in
    for number, line in enumerate(text.split("\n"), start=1):
        if inside:
            if line.count(inside) % 2:
                inside = ""
            continue
        stripped = line.strip()
        if stripped.startswith("["):
            array = stripped.startswith("[[")
            if (keys := _dotted(stripped.lstrip("["))) is None:
                continue
            table = _nested(keys, counts)
            if array:
                counts[table] += 1
                table = (*table, counts[table] - 1)
            for end in range(1, len(table) + 1):  # tables that are only implied stand where they are first named
                lines.setdefault(table[:end], number)
        elif "=" in stripped and (keys := _dotted(stripped)) is not None:
            for end in range(1, len(keys) + 1):
                lines.setdefault(table + keys[:end], number)
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                inside = mark
    return lines


def _nested(keys: tuple[str, ...], counts: Counter[Path]) -> Path:
    """The path of a table header; below an array of tables its last element is meant."""
    path: Path = ()
    for i, key in enumerate(keys):
        path = (*path, key)
        if i < len(keys) - 1 and counts[path]:
            path = (*path, counts[path] - 1)
    return path


def read_toml(data: bytes, report: FileReport) -> TomlText | None:
    """Parse a TOML file; None, after reporting why, if it cannot be."""
    text = decode(data, report)
    if text is None:
        return None
    try:
        return TomlText(tomllib.loads(text), text)
    except RecursionError:
        report.add(None, None, "tables or arrays are nested too deeply", "a round needs four levels at most")
    except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
        match = _AT_LINE.search(str(error))
        row = int(match["line"]) if match else None
        message = _AT_LINE.sub("", str(error))
        if "at end of document" in message:
            row = text.count("\n") + (not text.endswith("\n"))
        remedy = 'write `key = value`, text in "double quotes", and each key once'
        report.add(row, None, f"this is not valid TOML: {message}", remedy)
    return None


def inline(value: object) -> str:
    """A value as TOML on one line: text, bool, int, finite float, list, or mapping (as an inline table)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key_text(key)} = {inline(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    return repr(value)


def key_text(key: str) -> str:
    """A key, bare where TOML allows it."""
    plain = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if plain else inline(key)
