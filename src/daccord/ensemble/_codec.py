"""Grounds, pieces and splits as bytes: one form for each, the same on every machine.

    daccord-ensemble-1 ␣ digest of the study ␣ key of the task ⏎
    {"is": "piece", "fields": {…}, "arrays": [["measures", [7, 20]], …]} ⏎         the record begins here
    numbers of each array, row by row, as float64 with the low byte first           and ends here
    SHA-256 of all bytes before                                                     32 bytes

Numbers in `fields` are written with as few digits as give them back. Nothing is NaN or infinite.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from math import isfinite, prod
from typing import Final

import numpy as np

from daccord.errors import InputError, IntegrityError
from daccord.futures.study import Ground, Piece, Scenario, Split

__all__ = ["FORMAT", "Record", "record_of", "result_of", "sealed", "unsealed"]

FORMAT: Final = "daccord-ensemble-1"

Record = Ground | Piece | Split

_KINDS: Final[Mapping[str, type[Record]]] = {"ground": Ground, "piece": Piece, "split": Split}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


def record_of(key: str, result: Record) -> bytes:
    """The record of a result.

    Args:
        key: Of its task, for the error.
        result: What the task came to.

    Raises:
        InputError: It holds a number that is not finite.
    """
    plain, arrays, body = {}, [], []
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray):
            table = np.ascontiguousarray(value, dtype="<f8")
            arrays.append([field.name, list(value.shape)])
            body.append(table.tobytes())
            finite = bool(np.isfinite(table).all())
        else:
            plain[field.name] = _plain(value)
            finite = _finite(plain[field.name])
        if not finite:
            raise InputError.single(
                "study",
                f"{key}: {field.name} is not a finite number",
                remedy="look for limits of a class that no world can have",
            )
    head = {"is": _NAMES[type(result)], "fields": plain, "arrays": arrays}
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return b"".join([text.encode(), b"\n", *body])


def _plain(value: object) -> object:
    if isinstance(value, Scenario):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.generic):
        return value.item()
    return value


def _finite(value: object) -> bool:
    if isinstance(value, dict):
        return all(_finite(item) for item in value.values())
    return not isinstance(value, float) or isfinite(value)


def result_of(record: bytes) -> Record:
    """The result in a record.

    Raises:
        ValueError: It is not a record.
    """
    try:
        line, body = record.split(b"\n", 1)
        head = json.loads(line)
        kind, plain = _KINDS[head["is"]], dict(head["fields"])
        if kind is Piece:
            plain["scenario"] = Scenario(**plain["scenario"])
        at = 0
        for name, shape in head["arrays"]:
            size = 8 * prod(shape)
            if any(type(side) is not int or side < 0 for side in shape) or at + size > len(body):
                raise ValueError(f"{name} has another shape than it says")
            plain[name] = np.frombuffer(body[at : at + size], "<f8").reshape(shape).astype(np.float64)
            at += size
        if at != len(body):
            raise ValueError("bytes are left over")
        return kind(**plain)
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"it is no record: {error!r}") from error


def sealed(study: str, key: str, record: bytes) -> bytes:
    """A record as a file.

    Args:
        study: Digest of the study.
        key: Of the task.
        record: As `record_of` gives it.
    """
    data = f"{FORMAT} {study} {key}\n".encode() + record
    return data + hashlib.sha256(data).digest()


def unsealed(study: str, key: str, data: bytes, name: str) -> bytes:
    """The record in a file.

    Args:
        study: Digest of the study.
        key: Of the task.
        data: Bytes of the file.
        name: Of the file, for errors.

    Raises:
        IntegrityError: The file is damaged, or of another study, task or format.
    """
    head, _, _ = data.partition(b"\n")
    if not head.startswith(b"daccord-ensemble-"):
        raise IntegrityError(f"{name} is no piece of an ensemble: move it elsewhere, and the piece is computed again")
    if hashlib.sha256(data[:-32]).digest() != data[-32:]:
        raise IntegrityError(f"{name} is damaged: delete it, and the piece is computed again")
    if head != f"{FORMAT} {study} {key}".encode():
        raise IntegrityError(f"{name} is of another study or task: move it elsewhere, and the piece is computed again")
    return data[len(head) + 1 : -32]
