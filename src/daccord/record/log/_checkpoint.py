"""Checkpoints: the tree head of a log as a note's text.

    origin
    size, decimal
    root, base64
    (extension lines)

Source: C2SP tlog-checkpoint, version 1.0.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Final

from daccord.errors import IntegrityError
from daccord.record.log._merkle import EMPTY_ROOT, HASH, Hash
from daccord.record.log._note import Note, from_base64, open_note

__all__ = ["LARGEST_TREE", "Checkpoint", "open_checkpoint", "parse_size"]

LARGEST_TREE: Final = 2**63 - 1
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


def parse_size(text: str, what: str) -> int:
    """A number of entries, decimal, without leading zeros.

    Raises:
        IntegrityError: It is none.
    """
    if _SIZE.fullmatch(text) is None or int(text) > LARGEST_TREE:
        raise IntegrityError(f"{what} is no number of entries")
    return int(text)


@dataclass(frozen=True)
class Checkpoint:
    """A tree head.

    Attributes:
        origin: Which log; one line.
        size: Entries.
        root: Of the tree of that size.
        extensions: Further lines, none of them empty.
    """

    origin: str
    size: int
    root: Hash
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        return "\n".join([self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions, ""])

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note's text.

        Raises:
            IntegrityError: It is no checkpoint, or gives the empty tree another root than SHA-256("").
        """
        lines = text.split("\n")
        if lines[-1] or len(lines) < 4 or not all(lines[:-1]):
            raise IntegrityError("a checkpoint has three lines or more, none of them empty")
        size = parse_size(lines[1], "the checkpoint's size")
        root = from_base64(lines[2], "the checkpoint's root")
        if len(root) != HASH:
            raise IntegrityError(f"the checkpoint's root has {len(root)} bytes, not {HASH}")
        if size == 0 and root != EMPTY_ROOT:
            raise IntegrityError("the checkpoint gives the empty tree a root that it cannot have")
        return cls(lines[0], size, root, tuple(lines[3:-1]))


def open_checkpoint(data: bytes) -> tuple[Checkpoint, Note]:
    """A checkpoint and its note; no signature is checked yet.

    Raises:
        IntegrityError: The bytes are no note, or its text is no checkpoint.
    """
    note = open_note(data)
    return Checkpoint.parse(note.text), note
