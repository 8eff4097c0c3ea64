"""Read and write files: the round folder here; other people's formats in modules imported by their own path."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daccord.formats._convert import convert_round
    from daccord.formats._reading import check_files, check_round, load_round, round_files
    from daccord.formats._schema import round_schema
    from daccord.formats._stream import iter_comparisons, open_comparisons
    from daccord.formats._writing import write_round
    from daccord.formats.inputs._outcomes import load_outcomes

__all__ = [
    "check_files",
    "check_round",
    "convert_round",
    "iter_comparisons",
    "load_outcomes",
    "load_round",
    "open_comparisons",
    "round_files",
    "round_schema",
    "write_round",
]

_HOME = {
    "check_files": "daccord.formats._reading",
    "check_round": "daccord.formats._reading",
    "convert_round": "daccord.formats._convert",
    "iter_comparisons": "daccord.formats._stream",
    "load_outcomes": "daccord.formats.inputs._outcomes",
    "load_round": "daccord.formats._reading",
    "open_comparisons": "daccord.formats._stream",
    "round_files": "daccord.formats._reading",
    "round_schema": "daccord.formats._schema",
    "write_round": "daccord.formats._writing",
}


def __getattr__(name: str) -> object:
    """Public names are imported on first use, so that importing this room costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'daccord.formats' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
