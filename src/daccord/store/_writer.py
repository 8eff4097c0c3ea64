"""Writing the log's file.

`append` returns when its entries are on the disk, and only if the tree was still the one that the writer knew: size and
root are compared and swapped in the transaction that writes the entries. A checkpoint is signed for nothing else.

After a fault while something is written nobody can know whether it is on the disk. The writer then refuses all further
work until the file is opened again; opening settles what is there (`_database`).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from daccord.errors import DaccordError, ExternalError, InputError, IntegrityError, RefusedError
from daccord.record import LARGEST_LEAF
from daccord.record.keys import Signer
from daccord.record.log import EMPTY_ROOT, WIDTH, Checkpoint, entry_hash, open_checkpoint, sign_note
from daccord.store._database import WriterLock, open_writer, outside, transaction
from daccord.store._frontier import Frontier
from daccord.store._reader import Head, LogReader, Promise
from daccord.store._tables import KIND, SCHEMA, VERSION

__all__ = ["LogWriter"]

_ROWS: Final = 256
"""Most rows of a statement."""


class LogWriter(LogReader):
    """The one writer of a log. Safe to call from several threads; for many of them see `GroupCommit`.

    Args:
        path: The file; made if it is missing and an origin is given.
        origin: Name of the log; must be the log's own if it exists already.

    Raises:
        ExternalError: Another process writes it, or the disk or the database refuses.
        InputError: There is no log, or it has another name.
        IntegrityError: What it says of itself does not fit together.
    """

    def __init__(self, path: str | Path, origin: str | None = None) -> None:
        self._wanted = origin
        self._fault: str | None = None
        if origin is None and not Path(path).is_file():
            raise InputError.single(str(path), "there is no log", remedy="give it a name (origin) to begin one")
        if origin is not None and re.fullmatch(r"[^\s+]+", origin) is None:
            raise InputError.single(
                "origin", f"{origin!r} is no name of a log", remedy="write it without white space and plus, like a host"
            )
        self._writing = WriterLock(Path(path))
        try:
            super().__init__(path)
            self._known = self._frontier()
        except BaseException:
            self._writing.release()
            raise

    def _open(self) -> sqlite3.Connection:
        connection, fresh = open_writer(self.path, KIND, VERSION, SCHEMA)
        try:
            self._writing.pin()
            with outside(f"{self.path}: cannot be written"):
                missing = fresh or connection.execute("SELECT count(*) FROM log").fetchone()[0] == 0
                if missing and self._wanted is not None:
                    with transaction(connection):
                        connection.execute("INSERT INTO log VALUES (1, ?)", (self._wanted,))
                        connection.execute("INSERT INTO tree VALUES (1, 0, ?, ?)", (EMPTY_ROOT, b""))
        except BaseException:
            connection.close()
            raise
        return connection

    def _check(self) -> str:
        origin = super()._check()
        if self._wanted is not None and self._wanted != origin:
            raise InputError.single(str(self.path), f"the log is {origin!r} and not {self._wanted!r}")
        return origin

    def close(self) -> None:
        """Close the file and give back the right to write it."""
        super().close()
        self._writing.release()

    @contextmanager
    def _write(self, what: str) -> Iterator[sqlite3.Connection]:
        """A transaction after which the writer goes on only if all of it is on the disk."""
        with self._lock:
            if self._fault is not None:
                raise ExternalError(f"{self._fault} Open the log again before writing to it.")
            try:
                with outside(f"{self.path}: {what}"), transaction(self._connection):
                    yield self._connection
                self._writing.check()
            except DaccordError as error:
                if not isinstance(error, ExternalError) and not isinstance(error.__cause__, sqlite3.Error):
                    raise  # refused before anything was written, and undone
                self._fault = f"{error}. Nothing of it was acknowledged; it may be on the disk or not."
                raise ExternalError(f"{self._fault} Open the log again before writing to it.") from error
            except BaseException:  # an interrupt may come before or after the commit
                self._fault = f"{self.path}: writing was interrupted."
                raise

    def append(self, entries: Sequence[bytes], expected: Head | None = None) -> range:
        """Add entries in their order; returns when all of them are on the disk.

        Args:
            entries: Leaves.
            expected: The tree that they follow; the one that this writer knows if None.

        Returns:
            Their positions.

        Raises:
            ValueError: An entry is longer than 65,535 bytes.
            RefusedError: The tree is not the expected one; nothing was written.
            IntegrityError: The file holds another tree than this writer left there; nothing was written.
            ExternalError: The disk refused: nothing is acknowledged, and the log is to be opened again.
        """
        if any(len(entry) > LARGEST_LEAF for entry in entries):
            raise ValueError(f"an entry has at most {LARGEST_LEAF:,} bytes")
        with self._lock:
            known = self._known
            if expected is not None and expected != Head(known.size, known.root):
                raise RefusedError(f"the log has {known.size} entries by now; look again before adding to it")
            positions = range(known.size, known.size + len(entries))
            if not entries:
                return positions
            hashes = [entry_hash(entry) for entry in entries]
            growth = known.add(hashes)
            with self._write("the entries could not be written") as connection:
                self._swap(connection, known, growth.frontier)
                self._insert(connection, positions.start, entries)
                for level, (first, more) in growth.tiles.items():
                    self._extend(connection, level, first, more)
                self._keep_promises(connection, positions, hashes)
            self._known = growth.frontier
            return positions

    def _swap(self, connection: sqlite3.Connection, before: Frontier, after: Frontier) -> None:
        """Compare size and root with those on the disk, and swap them."""
        swapped = connection.execute(
            "UPDATE tree SET size = ?, root = ?, edge = ? WHERE size = ? AND root = ?",
            (after.size, after.root, after.encode(), before.size, before.root),
        )
        if swapped.rowcount != 1:
            raise IntegrityError(
                f"{self.path}: the tree on the disk is not the one of {before.size} entries that was left there; "
                "somebody else wrote it, or an old copy was put in its place"
            )

    @staticmethod
    def _insert(connection: sqlite3.Connection, first: int, entries: Sequence[bytes]) -> None:
        """Write entries, many in a statement: after each one the writer waits for threads that check signatures."""
        at = 0
        while at < len(entries):
            count = min(_ROWS, 1 << (len(entries) - at).bit_length() - 1)  # a power of two, so statements are few
            values = [one for row in enumerate(entries[at : at + count], first + at) for one in row]
            statement = "INSERT INTO entries VALUES " + ", ".join(["(?, ?)"] * count)  # noqa: S608 - question marks
            connection.execute(statement, values)
            at += count

    @staticmethod
    def _extend(connection: sqlite3.Connection, level: int, first: int, hashes: Sequence[bytes]) -> None:
        """Put new hashes of a level into its tiles."""
        number, filled = divmod(first, WIDTH)
        rows, at = [], 0
        while at < len(hashes):
            part = hashes[at : at + WIDTH - filled]
            rows.append((level, number, b"".join(part)))
            at, number, filled = at + len(part), number + 1, 0
        connection.executemany(
            "INSERT INTO tiles VALUES (?, ?, ?) "
            "ON CONFLICT DO UPDATE SET hashes = CAST(hashes || excluded.hashes AS BLOB)",
            rows,
        )

    @staticmethod
    def _keep_promises(connection: sqlite3.Connection, positions: range, hashes: Iterable[bytes]) -> None:
        waiting = {bytes(one) for (one,) in connection.execute("SELECT hash FROM promises WHERE position IS NULL")}
        kept = [(at, one) for at, one in zip(positions, hashes, strict=True) if one in waiting] if waiting else []
        connection.executemany("UPDATE promises SET position = ? WHERE hash = ? AND position IS NULL", kept)

    def promise(self, leaf: bytes, due: int, promise: bytes) -> Promise:
        """Keep a promise and the entry that it is about, before it is given to anybody.

        Returns:
            The promise; for an entry that was promised before, the earlier one.

        Raises:
            ExternalError: It is not on the disk and must not be given.
        """
        if len(leaf) > LARGEST_LEAF:
            raise ValueError(f"an entry has at most {LARGEST_LEAF:,} bytes")
        key = entry_hash(leaf)
        with self._write("the promise could not be written") as connection:
            connection.execute(
                "INSERT INTO promises VALUES (?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING", (key, leaf, due, promise)
            )
            row = connection.execute("SELECT leaf, due, promise FROM promises WHERE hash = ?", (key,)).fetchone()
        return Promise(*row)

    def sign_checkpoint(self, signers: Sequence[Signer], extensions: tuple[str, ...] = ()) -> bytes:
        """Sign the tree that is on the disk, and keep the checkpoint before anybody sees it.

        Args:
            signers: Keys of the log; two of them while one follows the other.
            extensions: Further lines of the checkpoint.

        Returns:
            The note. A tree that was signed before has its checkpoint returned, with its cosignatures.

        Raises:
            IntegrityError: The file holds another tree than this writer left there, or signed this size otherwise.
            ExternalError: The disk refused; the checkpoint must not be given to anybody.
        """
        if not signers:
            raise ValueError("somebody has to sign")
        with self._write("the checkpoint could not be written") as connection:
            size, root = connection.execute("SELECT size, root FROM tree").fetchone()
            if (size, root) != (self._known.size, self._known.root):
                raise IntegrityError(f"{self.path}: the tree on the disk is not the one that was left there")
            head = Checkpoint(self.origin, size, root, extensions)
            row = connection.execute("SELECT note FROM checkpoints WHERE size = ?", (size,)).fetchone()
            if row is not None:
                if open_checkpoint(row[0])[0].root != root:
                    raise IntegrityError(f"{self.path}: another tree of {size} entries was signed before")
                return bytes(row[0])
            data = sign_note(head.text, [(self.origin, signer) for signer in signers]).encode()
            connection.execute("INSERT INTO checkpoints VALUES (?, ?)", (size, data))
        return data

    def keep_cosignatures(self, note: bytes, witnesses: Iterable[str]) -> bytes:
        """Add the cosignatures under a checkpoint to the one that is kept.

        Args:
            note: A checkpoint of this log with more lines under it, checked by the caller.
            witnesses: Names of those who cosigned.

        Returns:
            The checkpoint as it is kept now.

        Raises:
            InputError: The log did not sign this checkpoint.
        """
        head, more = open_checkpoint(note)
        with self._write("the cosignatures could not be written") as connection:
            row = connection.execute("SELECT note FROM checkpoints WHERE size = ?", (head.size,)).fetchone()
            kept = open_checkpoint(row[0])[1] if row else None
            if kept is None or kept.text != more.text:
                raise InputError.single(str(self.path), f"the log signed no such checkpoint of {head.size} entries")
            data = kept.with_signatures(more.signatures).encode()
            connection.execute("UPDATE checkpoints SET note = ? WHERE size = ?", (data, head.size))
            connection.executemany(
                "INSERT INTO witnesses VALUES (?, ?) ON CONFLICT DO UPDATE SET size = excluded.size "
                "WHERE excluded.size > witnesses.size",
                [(name, head.size) for name in witnesses],
            )
        return data
