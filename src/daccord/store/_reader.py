"""Reading the log's file: its head, entries, proofs, checkpoints, and promises that were not kept.

Hashes are stored as tiles, so proofs come from the same code as proofs from an exported folder.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Self

from daccord.errors import InputError, IntegrityError, RefusedError
from daccord.record.log import (
    EMPTY_ROOT,
    HASH,
    WIDTH,
    Receipt,
    TileTree,
    bundle,
    consistency_proof,
    entries_path,
    entry_hash,
    inclusion_proof,
    open_checkpoint,
    tile_path,
)
from daccord.store._database import open_reader, outside
from daccord.store._frontier import Frontier
from daccord.store._tables import KIND, VERSION

__all__ = ["Head", "LogReader", "Promise"]


@dataclass(frozen=True)
class Head:
    """Size and root of the tree."""

    size: int = 0
    root: bytes = EMPTY_ROOT


@dataclass(frozen=True)
class Promise:
    """What was promised to whoever handed in an entry.

    Attributes:
        leaf: The entry.
        due: Seconds since 1970 by which it is to stand in the log.
        promise: The signed promise, as it was given.
    """

    leaf: bytes
    due: int
    promise: bytes


class LogReader:
    """A log that is read; somebody else may be writing it.

    Args:
        path: The file.

    Raises:
        InputError: There is no log.
        ExternalError: It cannot be read.
        IntegrityError: What it says of itself does not fit together.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._lock = RLock()
        self._connection = self._open()
        try:
            with self._moment():
                self._origin = self._check()
        except BaseException:
            self.close()
            raise

    def _open(self) -> sqlite3.Connection:
        return open_reader(self.path, KIND, VERSION)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; once more does nothing."""
        with self._lock:
            self._connection.close()

    @property
    def origin(self) -> str:
        """Name of the log, as its checkpoints say it."""
        return self._origin

    def _rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with self._lock, outside(f"{self.path}: cannot be read"):
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def _moment(self) -> Iterator[None]:
        """Everything read inside is of one moment, whatever somebody else writes meanwhile."""
        with self._lock:
            if self._connection.in_transaction:  # somebody around this has chosen the moment
                yield
                return
            self._rows("BEGIN")
            try:
                yield
            finally:
                self._rows("COMMIT")

    def _blob(self, statement: str, *values: object) -> bytes | None:
        row = self._rows(statement, *values)
        return bytes(row[0][0]) if row and isinstance(row[0][0], bytes) else None

    def _number(self, statement: str, *values: object) -> int | None:
        row = self._rows(statement, *values)
        return row[0][0] if row and isinstance(row[0][0], int) else None

    def _frontier(self) -> Frontier:
        """The edge as stored, if it and the root agree."""
        rows = self._rows("SELECT size, root, edge FROM tree")
        for size, root, edge in rows[:1]:
            if isinstance(size, int) and isinstance(edge, bytes) and len(edge) == HASH * size.bit_count():
                frontier = Frontier.decode(size, edge)
                if frontier.root == root:
                    return frontier
        raise IntegrityError(f"{self.path}: the stored root of the tree does not follow from its edge")

    def _check(self) -> str:
        """What can be checked at once: the tree's root, the number of entries, the last checkpoint."""
        origin = self._rows("SELECT origin FROM log")
        if len(origin) != 1 or not isinstance(origin[0][0], str):
            raise IntegrityError(f"{self.path}: the log does not say its name")
        head = self._frontier()
        last = self._number("SELECT max(position) FROM entries")
        if head.size != (0 if last is None else last + 1):
            raise IntegrityError(f"{self.path}: the tree has {head.size} entries, and the last one is number {last}")
        if (signed := self._number("SELECT max(size) FROM checkpoints")) is not None and signed > head.size:
            raise IntegrityError(f"{self.path}: a checkpoint of {signed} entries was signed, and {head.size} are there")
        return origin[0][0]

    def head(self) -> Head:
        """Size and root of what is on the disk now.

        Raises:
            IntegrityError: The stored root does not follow from the tree.
        """
        frontier = self._frontier()
        return Head(frontier.size, frontier.root)

    def fetch(self, path: str, size: int) -> bytes:
        """Bytes of a tile or a bundle of the tree of a size, as they would be exported.

        Raises:
            IntegrityError: The log does not have it.
        """
        _, kind, *groups = path.partition(".")[0].split("/")
        number = int("".join(group.lstrip("x") for group in groups))
        if kind == "entries":
            width = min(WIDTH, size - number * WIDTH)
            data = bundle(self.entries(number * WIDTH, width))
            made = entries_path(number, width)
        else:
            width = min(WIDTH, (size >> 8 * int(kind)) - number * WIDTH)
            hashes = self._blob("SELECT hashes FROM tiles WHERE level = ? AND number = ?", int(kind), number) or b""
            data, made = hashes[: width * HASH], tile_path(int(kind), number, width)
            if len(data) != width * HASH:
                raise IntegrityError(f"{self.path}: {path} is not complete")
        if made != path:
            raise IntegrityError(f"{self.path}: the tree of {size} has no {path}")
        return data

    def tree(self, size: int | None = None) -> TileTree:
        """The tree of a size up to the present one, for proofs.

        Raises:
            InputError: The log has fewer entries.
        """
        now = self.head().size
        if size is None:
            size = now
        if not 0 <= size <= now:
            raise InputError.single(str(self.path), f"the log has {now} entries, so there is no tree of {size}")
        return TileTree(size, lambda path: self.fetch(path, size))

    def entries(self, first: int, count: int) -> list[bytes]:
        """Entries from a position on.

        Raises:
            IntegrityError: One of them is missing.
        """
        rows = self._rows(
            "SELECT leaf FROM entries WHERE position >= ? AND position < ? ORDER BY position", first, first + count
        )
        if len(rows) != count:
            raise IntegrityError(f"{self.path}: {count - len(rows)} of the {count} entries from {first} on are missing")
        return [leaf for (leaf,) in rows if isinstance(leaf, bytes)]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Proof that an entry is in the tree of a size.

        Raises:
            InputError: There is no such entry or tree.
        """
        tree = self.tree(size)
        if not 0 <= index < size:
            raise InputError.single(str(self.path), f"there is no entry {index} in a tree of {size}")
        return inclusion_proof(index, size, tree.subtree)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Proof that the tree of the newer size begins with that of the older; empty from size 0 on.

        Raises:
            InputError: The sizes are in the wrong order, or not reached yet.
        """
        tree = self.tree(new)
        if not 0 <= old <= new:
            raise InputError.single(str(self.path), f"no proof leads from size {old} to size {new}")
        return consistency_proof(old, new, tree.subtree) if old else []

    def checkpoint(self) -> bytes | None:
        """The last signed checkpoint, with the cosignatures collected so far; None if none was signed."""
        return self._blob("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1")

    def receipt(self, index: int) -> Receipt:
        """That an entry is in the log, by the last checkpoint.

        Raises:
            RefusedError: No checkpoint covers it yet.
        """
        note = self.checkpoint()
        size = open_checkpoint(note)[0].size if note else 0
        if note is None or index >= size:
            raise RefusedError(f"no checkpoint covers entry {index} yet")
        return Receipt(index, self.inclusion(index, size), note)

    def witness_size(self, name: str) -> int:
        """Size that a witness cosigned last, as far as this log knows."""
        return self._number("SELECT size FROM witnesses WHERE name = ?", name) or 0

    def overdue(self, now: int) -> list[Promise]:
        """Promised entries that do not stand in the log although they are due, the longest due first."""
        rows = self._rows(
            "SELECT leaf, due, promise FROM promises WHERE position IS NULL AND due <= ? ORDER BY due, hash", now
        )
        return [
            Promise(leaf, due, promise)
            for leaf, due, promise in rows
            if isinstance(leaf, bytes) and isinstance(due, int) and isinstance(promise, bytes)
        ]

    def _notes(self) -> Iterator[tuple[int, bytes]]:
        for size, note in self._rows("SELECT size, note FROM checkpoints"):
            if not isinstance(size, int) or not isinstance(note, bytes):
                raise IntegrityError(f"{self.path}: a checkpoint is stored as something else")
            yield size, note

    def audit(self) -> Head:
        """Recompute the whole tree from the entries and compare it with every stored tile and checkpoint.

        Raises:
            IntegrityError: Something differs; the message names it.
        """
        head = self.head()
        tree, frontier = self.tree(head.size), Frontier(0, {})
        signed = dict(self._notes())
        for number in range(-(-head.size // WIDTH)):
            leaves = [entry_hash(entry) for entry in tree.entries(number)]
            for size in [size for size in signed if size // WIDTH == number]:
                self._check_note(signed.pop(size), frontier.add(leaves[: size - frontier.size]).frontier)
            frontier = frontier.add(leaves).frontier
        for note in signed.values():
            self._check_note(note, frontier)
        if frontier.root != head.root or tree.root() != head.root:
            raise IntegrityError(f"{self.path}: the entries do not give the stored root of the tree of {head.size}")
        return head

    def _check_note(self, note: bytes, frontier: Frontier) -> None:
        made = open_checkpoint(note)[0]
        if (made.size, made.root) != (frontier.size, frontier.root):
            raise IntegrityError(f"{self.path}: the checkpoint of {frontier.size} entries is not that of the tree")
