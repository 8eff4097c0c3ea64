"""The right edge of a tree, with which entries are added without reading the tree.

A tree of n entries is a row of complete subtrees, one for each bit of n. Their roots are all that adding entries and
computing the new root needs. Adding goes level by level over the whole batch: where a level begins at an odd position,
the stored subtree stands to its left; what is left over at its end is the subtree that is stored next. Each new hash at
a level that is a multiple of 8 belongs into a tile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from daccord.record.log import HASH, root_of_peaks

__all__ = ["Frontier", "Growth"]

_LEVEL: Final = 8


@dataclass(frozen=True)
class Growth:
    """What a batch adds to a tree.

    Attributes:
        frontier: The new edge.
        tiles: Level of tiles → (position of the first new hash at that level, the new hashes).
    """

    frontier: Frontier
    tiles: Mapping[int, tuple[int, list[bytes]]]


@dataclass(frozen=True)
class Frontier:
    """The edge of a tree.

    Attributes:
        size: Entries.
        edge: Level → root of the complete subtree of 2^level entries at the edge; one for each bit of the size.
    """

    size: int
    edge: Mapping[int, bytes]

    @property
    def root(self) -> bytes:
        """Of the whole tree."""
        return root_of_peaks([self.edge[level] for level in sorted(self.edge, reverse=True)])

    def encode(self) -> bytes:
        """The subtrees' roots, largest first."""
        return b"".join(self.edge[level] for level in sorted(self.edge, reverse=True))

    @classmethod
    def decode(cls, size: int, data: bytes) -> Frontier:
        """Read what `encode` wrote.

        Raises:
            ValueError: It does not fit the size.
        """
        levels = [level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1]
        if len(data) != HASH * len(levels):
            raise ValueError(f"{len(data)} bytes are no edge of a tree of {size}")
        return cls(size, {level: data[HASH * i : HASH * (i + 1)] for i, level in enumerate(levels)})

    def add(self, leaves: Sequence[bytes]) -> Growth:
        """Add entries, by their hashes."""
        edge, tiles = dict(self.edge), {}
        at, level, hashes = self.size, 0, list(leaves)
        while hashes:
            if level % _LEVEL == 0:
                tiles[level // _LEVEL] = (at, hashes.copy())
            if at & 1:
                hashes.insert(0, edge.pop(level))
            if len(hashes) & 1:
                edge[level] = hashes.pop()
            pairs = zip(hashes[::2], hashes[1::2], strict=True)
            hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
            at, level = at >> 1, level + 1
        return Growth(Frontier(self.size + len(leaves), edge), tiles)
