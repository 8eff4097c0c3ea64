"""Opening a database file so that what it says is on the disk is on the disk.

A setting that SQLite cannot grant is refused without an error, and the program goes on with another; so every setting
is read back. What the writer relies on:

    journal_mode = wal     readers go on while a transaction is written
    synchronous  = FULL    COMMIT returns after fsync; with NORMAL a loss of power takes acknowledged entries
    one writer             a lock beside the file, which the kernel lifts when its holder dies
    an emptied journal     at opening, all that the journal holds is written into the file and synced once more

The last one is for what follows a failed fsync: the system may show pages as written that never reached the disk, and
the next fsync of them succeeds. Writing them anew leaves none of those.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NoReturn

from daccord.errors import ExternalError, InputError, IntegrityError

__all__ = ["WriterLock", "open_reader", "open_writer", "outside", "sync_folder", "transaction"]

SYNCHRONOUS: Final = "FULL"
_LEVELS: Final = {"OFF": 0, "NORMAL": 1, "FULL": 2}
_DAMAGED: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_FORMAT")
_BUSY: Final = 5_000
"""Milliseconds to wait for a reader that holds the file."""


@contextmanager
def outside(what: str) -> Iterator[None]:
    """Turn faults of the disk into `ExternalError`, a damaged file into `IntegrityError`; both say what was done."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", None)
        closed = isinstance(error, sqlite3.ProgrammingError)
        damaged = not closed and (name is None or name.startswith(_DAMAGED))  # without a name: text that is none
        kind = IntegrityError if damaged else ExternalError
        raise kind(f"{what}: {error}" + (f" ({name})" if name else "")) from error
    except OSError as error:
        raise ExternalError(f"{what}: {error.strerror or error}") from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class WriterLock:
    """The right to write a file, held by one process at a time and by one holder in it.

    Args:
        path: The file; the lock is `<path>.lock` beside it, and that file stays.

    Raises:
        ExternalError: Somebody else holds it.
    """

    def __init__(self, path: Path) -> None:
        with outside(f"{path}: its lock cannot be taken"):
            handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise ExternalError(
                f"{path} is being written by another process; only one may, so stop that one or open it for reading"
            ) from None
        except OSError as error:
            os.close(handle)
            raise ExternalError(f"{path}: its lock cannot be taken: {error.strerror}") from error
        self._handle: int | None = handle
        self._path, self._file = path, (0, 0)

    def pin(self) -> None:
        """Remember which file the path names, once it is opened."""
        with outside(f"{self._path}: cannot be found again"):
            about = self._path.stat()
        self._file = (about.st_dev, about.st_ino)

    def check(self) -> None:
        """Refuse to go on in a file that the path does not name any more.

        Raises:
            ExternalError: Another file was put in its place, or it was removed; what is written would be lost.
        """
        with outside(f"{self._path}: the file was taken away while it was written"):
            about = self._path.stat()
        if (about.st_dev, about.st_ino) != self._file:
            raise ExternalError(f"{self._path}: another file was put in its place while it was written")

    def release(self) -> None:
        """Give it back; once more does nothing."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _refuse(path: Path, setting: str, wanted: object, got: object) -> NoReturn:
    raise ExternalError(
        f"{path}: the database runs with {setting} {got!r} instead of {wanted!r}; its disk or folder does not allow "
        "it, so nothing written there would be safe"
    )


def _set(connection: sqlite3.Connection, path: Path, setting: str, value: str, wanted: object) -> None:
    """Set, read back, compare."""
    connection.execute(f"PRAGMA {setting}={value}").fetchall()
    row = connection.execute(f"PRAGMA {setting}").fetchone()
    if row is None or row[0] != wanted:
        _refuse(path, setting, wanted, None if row is None else row[0])


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = path.absolute().as_uri() + f"?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=_BUSY / 1000)


def _recognise(connection: sqlite3.Connection, path: Path, kind: int, version: int) -> bool:
    """Whether the file is of our kind (True) or empty (False)."""
    found = connection.execute("PRAGMA application_id").fetchone()[0]
    if found == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        return False
    if found != kind:
        raise InputError.single(str(path), "the file is another kind of database", remedy="name the file of the log")
    if (have := connection.execute("PRAGMA user_version").fetchone()[0]) != version:
        raise InputError.single(
            str(path), f"it is written in version {have}, and this daccord reads version {version}", remedy="update"
        )
    return True


def _empty_journal(connection: sqlite3.Connection, path: Path) -> None:
    busy, *_ = connection.execute("PRAGMA wal_checkpoint(truncate)").fetchone()
    if busy:
        raise ExternalError(f"{path}: somebody has read it for {_BUSY / 1000:g} s without a pause; try again")


def open_writer(path: Path, kind: int, version: int, schema: str) -> tuple[sqlite3.Connection, bool]:
    """Open a file for writing, and create it if there is none; the caller holds its lock.

    Args:
        path: The file.
        kind: What tells our files from others (`application_id`).
        version: Of the tables (`user_version`).
        schema: Statements that make the tables in an empty file.

    Returns:
        The connection, and whether the tables were made just now.

    Raises:
        ExternalError: The disk or the database refuses, or does not grant a setting.
        InputError: The file is something else.
    """
    with outside(f"{path}: cannot be opened for writing"):
        connection = _connect(path, "rwc")
        try:
            known = _recognise(connection, path, kind, version)
            _set(connection, path, "journal_mode", "wal", "wal")
            _set(connection, path, "synchronous", SYNCHRONOUS, _LEVELS[SYNCHRONOUS])
            _set(connection, path, "foreign_keys", "on", 1)
            _set(connection, path, "busy_timeout", str(_BUSY), _BUSY)
            connection.execute("PRAGMA fullfsync=on")  # where fsync alone does not reach the disk
            if not known:
                with transaction(connection):
                    for statement in schema.split(";"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA application_id={kind}")
                    connection.execute(f"PRAGMA user_version={version}")
            _empty_journal(connection, path)
            sync_folder(path.absolute().parent)
        except BaseException:
            connection.close()
            raise
    return connection, not known


def open_reader(path: Path, kind: int, version: int) -> sqlite3.Connection:
    """Open a file for reading only; a writer may go on meanwhile.

    Raises:
        ExternalError: It cannot be read.
        IntegrityError: It is damaged.
        InputError: It is missing, empty or something else.
    """
    if not path.is_file():
        raise InputError.single(str(path), "there is no such file", remedy="name the file of the log")
    with outside(f"{path}: cannot be read"):
        connection = _connect(path, "ro")
        try:
            _set(connection, path, "query_only", "on", 1)
            _set(connection, path, "trusted_schema", "off", 0)  # a file may come from a stranger
            _set(connection, path, "cell_size_check", "on", 1)
            known = _recognise(connection, path, kind, version)
        except BaseException:
            connection.close()
            raise
    if not known:
        connection.close()
        raise InputError.single(str(path), "the file is empty", remedy="name the file of the log")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction that writes: committed and synced when the block ends, undone if it raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # the first fault is the one to tell; some faults have rolled back already
            connection.execute("ROLLBACK")
        raise
