"""Roots that the tree had when it was smaller."""

from __future__ import annotations

from daccord.record.log import node_hash, peaks, root_of_peaks

__all__ = ["TreeHistory"]


class TreeHistory:
    """A growing tree that keeps the roots of all its complete subtrees, so that any earlier root follows from few."""

    def __init__(self) -> None:
        self._levels: list[list[bytes]] = [[]]

    @property
    def size(self) -> int:
        """Entries."""
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Add the hash of an entry."""
        level, node = 0, leaf
        while True:
            if level == len(self._levels):
                self._levels.append([])
            nodes = self._levels[level]
            nodes.append(node)
            if len(nodes) % 2:
                return
            node, level = node_hash(nodes[-2], node), level + 1

    def root(self, size: int) -> bytes:
        """Root of the tree of the first entries.

        Raises:
            ValueError: There are not so many.
        """
        if not 0 <= size <= self.size:
            raise ValueError(f"there is no tree of {size} entries, there are {self.size}")
        return root_of_peaks([self.subtree(first, n) for first, n in peaks(size)])

    def subtree(self, first: int, size: int) -> bytes:
        """Root of a complete subtree: `size` is a power of two, `first` a multiple of it."""
        return self._levels[size.bit_length() - 1][first // size]
