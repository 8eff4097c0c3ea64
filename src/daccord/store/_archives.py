"""A log in one file: as a zip of the exported folder, or as the log's own file."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Final

from daccord.errors import ExternalError, InputError, IntegrityError
from daccord.record.log import open_checkpoint
from daccord.store._database import outside
from daccord.store._places import largest_size
from daccord.store._reader import LogReader

__all__ = ["LogFilePlace", "ZipPlace", "open_file", "write_zip"]

_SQLITE: Final = b"SQLite format 3\0"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_TIME: Final = (1980, 1, 1, 0, 0, 0)


class ZipPlace:
    """A zip of an exported folder.

    Args:
        path: The file.

    Raises:
        IntegrityError: It is no zip.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        with outside(f"{self._path}: cannot be read"):
            try:  # zipfile says NotImplementedError of encrypted names and of ways to compress that it does not know
                self._zip = zipfile.ZipFile(self._path)
            except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
                raise IntegrityError(f"{self._path}: no zip that can be read: {error}") from None
        names = self._zip.namelist()
        if len(set(names)) != len(names):
            raise IntegrityError(f"{self._path}: a name stands in the zip twice")
        self._names = frozenset(names)

    def __str__(self) -> str:
        return str(self._path)

    def read(self, path: str) -> bytes | None:
        """Bytes of a file; see `Place`."""
        largest = largest_size(path)
        if path not in self._names:
            return None
        with outside(f"{self._path}: cannot be read"):
            try:
                with self._zip.open(path) as file:
                    data = file.read(largest + 1)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError) as error:
                raise IntegrityError(f"{self._path}: {path} cannot be unpacked: {error}") from None
            except zlib.error as error:
                raise IntegrityError(f"{self._path}: {path} cannot be unpacked: {error}") from None
        if len(data) > largest:
            raise IntegrityError(f"{path}: longer than the {largest:,} bytes that such a file can have")
        return data


class LogFilePlace:
    """A log's own file, read as it would be exported: the tree of its last checkpoint.

    Args:
        path: The file.

    Raises:
        InputError, IntegrityError, ExternalError: As `LogReader` does.
    """

    def __init__(self, path: str | Path) -> None:
        self._log = LogReader(path)

    def __str__(self) -> str:
        return str(self._log.path)

    def read(self, path: str) -> bytes | None:
        """Bytes of a file; see `Place`."""
        largest_size(path)
        note = self._log.checkpoint()
        if path == "checkpoint" or note is None:
            return note
        return self._log.fetch(path, open_checkpoint(note)[0].size)


def open_file(path: Path) -> ZipPlace | LogFilePlace:
    """A log in one file, whichever kind it is.

    Raises:
        InputError: It is neither.
        ExternalError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            first = file.read(len(_SQLITE))
    except OSError as error:
        raise ExternalError(f"{path} cannot be read: {error.strerror or error}") from error
    if first == _SQLITE:
        return LogFilePlace(path)
    if first.startswith(_ZIP):
        return ZipPlace(path)
    remedy = "name the exported folder, a zip of it, the log's own file, or a web address"
    raise InputError.single(str(path), "no record", remedy=remedy)


def write_zip(folder: str | Path, path: str | Path) -> None:
    """Pack an exported folder into one file; the same folder gives the same bytes.

    Raises:
        ExternalError: The disk refuses.
    """
    source, target = Path(folder), Path(path)
    unfinished = target.with_name(target.name + ".unfinished")
    with outside(f"{target}: cannot be written"):
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(one for one in source.rglob("*") if one.is_file()):
                info = zipfile.ZipInfo(file.relative_to(source).as_posix(), _TIME)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, file.read_bytes())
        unfinished.replace(target)
