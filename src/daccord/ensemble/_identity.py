"""What a study is, as a digest: every number in it, so that pieces of one study are never taken for another's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import numpy as np

from daccord.futures.study import Study

__all__ = ["identity"]


def identity(study: Study) -> str:
    """SHA-256 of a study's fields, in their order, as hexadecimal digits.

    Raises:
        TypeError: The study holds something that has no plain form.
    """
    text = json.dumps(_plain(study), ensure_ascii=False, separators=(",", ":"), allow_nan=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """Nested lists of texts and numbers; types are named, so that 1 and 1.0 and True differ."""
    if value is None or isinstance(value, str | bool | int):
        return [type(value).__name__, value]
    if isinstance(value, float):
        return ["float", float(value).hex()]
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        return ["array", array.dtype.str, list(array.shape), array.tobytes().hex()]
    if isinstance(value, Mapping):
        return ["mapping", [[_plain(key), _plain(item)] for key, item in value.items()]]
    if isinstance(value, tuple | list):
        return ["list", [_plain(item) for item in value]]
    if isinstance(value, frozenset | set):
        return ["set", sorted(json.dumps(_plain(item)) for item in value)]
    if is_dataclass(value) and not isinstance(value, type):
        named = [[field.name, _plain(getattr(value, field.name))] for field in fields(value)]
        return [f"{type(value).__module__}.{type(value).__qualname__}", named]
    raise TypeError(f"{type(value).__name__} has no plain form")
