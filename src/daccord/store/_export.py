"""Exporting a log to static files that any web host serves.

Order is what makes it safe: first the tiles and bundles, then their folders are synced, then the checkpoint takes the
place of the one before by a rename. Whoever reads meanwhile sees the old checkpoint and all that belongs to it, or the
new one. A whole tile is written once; if it is there already with other bytes, the export stops.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daccord.errors import InputError, IntegrityError, RefusedError
from daccord.record.log import WIDTH, Checkpoint, entries_path, open_checkpoint, tile_path
from daccord.store._database import outside, sync_folder
from daccord.store._reader import LogReader

__all__ = ["Exported", "export"]

_LEVEL: Final = 8
_UNFINISHED: Final = ".unfinished"


@dataclass(frozen=True)
class Exported:
    """What an export did.

    Attributes:
        size: Entries that the folder now shows.
        since: Entries that it showed before.
        files: Files written, the checkpoint included.
    """

    size: int
    since: int
    files: int


def _write(path: Path, data: bytes) -> None:
    """A file that is either there with all its bytes, synced, or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + _UNFINISHED)
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _paths(since: int, size: int) -> Iterator[tuple[str, str]]:
    """(tile or bundle, its whole form) that a tree has and the smaller one had not."""
    levels = max(1, -(-max(size.bit_length(), 1) // _LEVEL))
    for level in range(levels):
        before, count = since >> _LEVEL * level, size >> _LEVEL * level
        for number in range(before // WIDTH, -(-count // WIDTH)):
            width = min(WIDTH, count - number * WIDTH)
            if count > before:
                yield tile_path(level, number, width), tile_path(level, number)
                if level == 0:
                    yield entries_path(number, width), entries_path(number)


def _shown(folder: Path) -> Checkpoint | None:
    """The checkpoint that a folder shows."""
    path = folder / "checkpoint"
    return open_checkpoint(path.read_bytes())[0] if path.exists() else None


def _agree(log: LogReader, folder: Path, shown: Checkpoint, head: Checkpoint) -> None:
    """Refuse to show another history than the folder shows already."""
    if shown.origin != head.origin:
        raise InputError.single(str(folder), f"the folder shows another log, {shown.origin!r}", remedy="name another")
    if shown.size > head.size:
        raise IntegrityError(
            f"{folder} shows {shown.size} entries, and the last checkpoint has {head.size}: the log was set back"
        )
    if log.tree(shown.size).root() != shown.root:
        raise IntegrityError(f"{folder} shows another tree of {shown.size} entries than the log has")


def export(log: LogReader, folder: str | Path, *, keep_partial: bool = False) -> Exported:
    """Write the tree of the last checkpoint, its entries and the checkpoint as static files; only what is new.

    Args:
        log: The log.
        folder: Where to; made if it is missing.
        keep_partial: Keep the parts of tiles that are whole by now. Readers that look for one then take the whole tile.

    Raises:
        RefusedError: No checkpoint was signed yet.
        InputError: The folder shows another log.
        IntegrityError: The folder shows another history, or has a whole tile with other bytes.
        ExternalError: The disk refused; the folder shows what it showed before.
    """
    note = log.checkpoint()
    if note is None:
        raise RefusedError("no checkpoint was signed yet, so there is nothing to show")
    head, target = open_checkpoint(note)[0], Path(folder)
    with outside(f"{target}: the log could not be exported"):
        target.mkdir(parents=True, exist_ok=True)
        shown = _shown(target)
        if shown is not None:
            _agree(log, target, shown, head)
        if log.tree(head.size).root() != head.root:
            raise IntegrityError(f"the last checkpoint of {log.path} is not of the tree that it has")
        since = shown.size if shown else 0
        written, folders, whole_now = 0, {target}, []
        for path, whole in _paths(since, head.size):
            data, place = log.fetch(path, head.size), target / path
            if path == whole and place.exists():
                if place.read_bytes() != data:
                    raise IntegrityError(f"{place} is a whole tile with other bytes than the log has")
            else:
                _write(place, data)
                written += 1
                folders.update(parent for parent in place.parents if target in parent.parents)
            if path == whole:
                whole_now.append(target / f"{whole}.p")
        for one in sorted(folders, reverse=True):
            sync_folder(one)
        _write(target / "checkpoint", note)
        sync_folder(target)
        for parts in whole_now if not keep_partial else ():
            shutil.rmtree(parts, ignore_errors=True)
    return Exported(head.size, since, written + 1)
