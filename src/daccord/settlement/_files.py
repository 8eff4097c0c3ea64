"""Writing a settlement to a folder: whole files or none of them half, and no stale one beside fresh ones."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from daccord.errors import ExternalError, InputError
from daccord.settlement._settlement import Settlement

__all__ = ["write_settlement"]

_OPTIONAL: Final = ("distributor.json", "safe-batch.json")


def write_settlement(settlement: Settlement, folder: Path) -> tuple[Path, ...]:
    """Write all files of a settlement; `settlement.json` last, so that whoever finds it finds the others.

    Args:
        settlement: What is to be paid.
        folder: Where to; made if need be. Files of an earlier settlement are replaced.

    Returns:
        The files written.

    Raises:
        InputError: The folder holds an earlier settlement's file of a kind that this one does not have.
        ExternalError: The disk refuses, or the extra `ethereum` is not installed.
    """
    files = settlement.files()
    stale = [name for name in _OPTIONAL if name not in files and (folder / name).exists()]
    if stale:
        remedy = "name another folder, or remove the file"
        raise InputError.single(str(folder / stale[0]), "an earlier settlement left this file here", remedy=remedy)
    summary = json.dumps(settlement.summary(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(
            _written(folder / name, data) for name, data in [*files.items(), ("settlement.json", summary.encode())]
        )
    except OSError as error:
        raise ExternalError(f"{folder} cannot be written: {error.strerror or error}") from error


def _written(path: Path, data: bytes) -> Path:
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(data)
    os.replace(beside, path)  # noqa: PTH105 - the one call that replaces a file on every system
    return path
