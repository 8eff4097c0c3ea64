"""Reading `decision.json` strictly: what is wrong is said with file and key, and nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from daccord.errors import ExternalError, InputError, Problem
from daccord.formats._decision_models import DecisionFile
from daccord.formats._problems import shown
from daccord.pipeline import SCHEMA

__all__ = ["parse_decision", "read_decision"]

_MOST: Final = 100
"""Problems listed at most; a file of another kind has them everywhere."""

_AGAIN = "take the file as `daccord decide` wrote it, or decide the round again"


def read_decision(path: str | Path) -> dict[str, Any]:
    """Read a decision file.

    Args:
        path: Of the file.

    Returns:
        The document; see docs/spec/decision.md.

    Raises:
        InputError: There is no such file, it is not JSON (NaN and a key given twice are not), or it does not keep to
            the schema: an unknown or missing key, a value of another kind or out of range, a project twice.
        ExternalError: The disk refuses.
    """
    file = str(path)
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        remedy = "decide the round first: daccord decide DIR"
        raise InputError.single(file, "there is no such file", remedy=remedy) from None
    except OSError as error:
        raise ExternalError(f"{file} cannot be read: {error.strerror or error}") from error
    return parse_decision(data, file)


def parse_decision(data: bytes, file: str) -> dict[str, Any]:
    """Read a decision file from its bytes.

    Args:
        data: The file.
        file: What to call it in errors.

    Returns:
        The document.

    Raises:
        InputError: As `read_decision` does.
    """
    try:
        document = _parsed(data.decode(), file)
    except UnicodeDecodeError:
        raise InputError.single(file, "the file is not UTF-8 text", remedy=_AGAIN) from None
    try:
        DecisionFile.model_validate(document)
    except ValidationError as error:
        raise InputError(list(_problems(error, document, file))[:_MOST]) from None
    if not isinstance(document, dict):
        raise TypeError(f"{file}: the schema let pass what is no object")
    return document


class _FormatError(ValueError):
    """Something that JSON libraries accept and a decision file does not."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _FormatError(f"the key {shown(key)} is given twice in one object")
        found[key] = value
    return found


def _constant(name: str) -> None:
    raise _FormatError(f"{name} is no JSON number")


def _parsed(text: str, file: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        message = f"the file is not JSON: {error.msg} at character {error.colno} of the line"
        raise InputError.single(file, message, row=error.lineno, remedy=_AGAIN) from None
    except RecursionError:
        raise InputError.single(file, "the file is nested too deeply", remedy=_AGAIN) from None
    except ValueError as error:
        raise InputError.single(file, str(error), remedy=_AGAIN) from None


def _problems(error: ValidationError, document: object, file: str) -> Iterator[Problem]:
    """One problem a place: of a value that may be of several kinds, pydantic complains once a kind."""
    seen = set()
    for detail in error.errors(include_url=False):
        key, value = _place(detail["loc"], document)
        if key not in seen:
            seen.add(key)
            yield Problem(file, None, key or None, *_explained(detail, value))


def _place(loc: tuple[int | str, ...], document: object) -> tuple[str, object]:
    """The key as a person would write it, and what stands there; parts that only pydantic knows are left out."""
    text, value = "", document
    for part in loc:
        if isinstance(value, list) and isinstance(part, int) and part < len(value):
            text, value = f"{text}[{part}]", value[part]
        elif isinstance(value, dict) and isinstance(part, str):
            text, value = f"{text}.{part}" if text else part, value.get(part)
        else:
            break
    return text, value


def _explained(detail: ErrorDetails, value: object) -> tuple[str, str]:
    kind, key = detail["type"], detail["loc"][-1] if detail["loc"] else ""
    if key == "schema" and kind != "missing":
        return f"{shown(value)} is not a schema this version reads", f"it reads {SCHEMA}; update daccord"
    if kind == "missing":
        return "the key is missing", _AGAIN
    if kind == "extra_forbidden":
        return "there is no such key in this schema", "remove it, or update daccord if a newer version wrote the file"
    if kind in ("twice", "incomplete"):
        return detail["msg"], _AGAIN
    what = detail["msg"].removeprefix("Input ")
    return f"{shown(value)} is not allowed here: it {what}", _AGAIN
