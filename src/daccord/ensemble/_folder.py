"""The folder in which an ensemble is kept: a manifest, and one file for each finished task.

A file is written beside its place, forced to the disk and renamed, so it is whole or not there. A damaged file is
refused and not silently computed again: no stop of this program leaves one, so somebody or some disk changed it, and
whoever looks after the folder should know.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from daccord.ensemble._codec import sealed, unsealed
from daccord.errors import ExternalError, InputError, IntegrityError

__all__ = ["Folder"]

_MANIFEST: Final = "ensemble.json"
_SAID: Final = {
    "format": "was written by another version of daccord",
    "daccord": "was computed by another version of daccord",
    "numpy": "was computed with another version of numpy",
    "file": "is of another world file or of other settings, or the file was changed since",
    "study": "is of another study: some number of the world, the conditions, the classes or the study differs",
}  # fmt: skip


class Folder:
    """An ensemble's folder.

    Args:
        path: Made if it is not there.
        manifest: What the ensemble is.

    Raises:
        InputError: The folder is another ensemble's, or holds other things.
        IntegrityError: Its manifest is damaged.
        ExternalError: The disk refuses.
    """

    def __init__(self, path: Path, manifest: Mapping[str, Any]) -> None:
        self.path, self._study = path, str(manifest["study"])
        with _disk(path):
            path.mkdir(parents=True, exist_ok=True)
            if (path / _MANIFEST).exists():
                _compare(path, (path / _MANIFEST).read_bytes(), manifest)
            elif any(not _beside(item) for item in path.iterdir()):
                raise InputError.single(
                    str(path), "holds other things and no ensemble", remedy="name a folder that is empty or not there"
                )
            else:
                text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
                self._write(_MANIFEST, text.encode())

    def get(self, key: str) -> bytes | None:
        """The record of a task, or None if it is not there.

        Raises:
            IntegrityError: The file is damaged or another's.
        """
        path = self.path / f"{key}.bin"
        with _disk(path):
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                return None
        return unsealed(self._study, key, data, str(path))

    def put(self, key: str, record: bytes) -> None:
        """Keep the record of a task."""
        with _disk(self.path):
            self._write(f"{key}.bin", sealed(self._study, key, record))

    def tidy(self) -> None:
        """Remove what a killed run left half written."""
        with _disk(self.path):
            for item in self.path.iterdir():
                if _beside(item):
                    item.unlink(missing_ok=True)

    def _write(self, name: str, data: bytes) -> None:
        beside = self.path / f".{name}.{os.getpid()}.part"
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self.path / name)  # noqa: PTH105 - the one call that replaces a file on every system
        if os.name == "posix":
            handle = os.open(self.path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _beside(path: Path) -> bool:
    return path.name.startswith(".") and path.name.endswith(".part")


def _compare(path: Path, data: bytes, manifest: Mapping[str, Any]) -> None:
    try:
        found = json.loads(data)
        differs = [key for key in _SAID if found.get(key) != manifest[key]]
    except (ValueError, AttributeError, RecursionError) as error:
        raise IntegrityError(f"{path / _MANIFEST} is damaged: name another folder") from error
    if differs:
        raise InputError.single(str(path), _SAID[differs[0]], remedy="name another folder, or delete this one")


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExternalError(f"{error.filename or path}: {error.strerror or error}") from error
