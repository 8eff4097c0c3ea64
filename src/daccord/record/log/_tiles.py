"""Tiles: the tree and its entries as static files, 256 hashes or entries each.

Tile n of level l holds the roots of the complete subtrees of 256^l entries from number 256 n on, 256 of them or, at the
right edge, fewer. An *entry bundle* holds the entries of a tile of level 0, each behind its length in two bytes.

    tile/<level>/<n>           tile/<level>/<n>.p/<width>
    tile/entries/<n>           tile/entries/<n>.p/<width>

with n in groups of three digits: 1234067 is `x001/x234/067`.

Source: C2SP tlog-tiles, version 0.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from struct import Struct
from typing import Final

from daccord.errors import IntegrityError
from daccord.record.log._merkle import HASH, Hash, entry_hash, peaks, root_of_peaks

__all__ = ["WIDTH", "TileTree", "bundle", "entries_path", "entry_tiles", "hash_tiles", "tile_path", "unbundle"]

WIDTH: Final = 256
"""Hashes in a whole tile."""

_LEVEL: Final = 8
"""Levels of the tree in a tile."""

_TILE: Final = WIDTH * HASH
_PAIRS: Final = Struct(f"{2 * HASH}s")

Fetch = Callable[[str], bytes]
"""Path below the log's place → bytes."""


def _number(n: int) -> str:
    groups = [f"{n % 1000:03d}"]
    while n := n // 1000:
        groups.append(f"x{n % 1000:03d}")
    return "/".join(reversed(groups))


def _path(kind: str, n: int, width: int) -> str:
    return f"tile/{kind}/{_number(n)}" + (f".p/{width}" if width < WIDTH else "")


def tile_path(level: int, n: int, width: int = WIDTH) -> str:
    """Path of a tile of hashes."""
    return _path(str(level), n, width)


def entries_path(n: int, width: int = WIDTH) -> str:
    """Path of an entry bundle."""
    return _path("entries", n, width)


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as a bundle.

    Raises:
        ValueError: One is too long for two bytes of length.
    """
    if any(len(entry) > 0xFFFF for entry in entries):
        raise ValueError("an entry has at most 65,535 bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def _parts(data: bytes, width: int, first: int) -> Iterator[bytes]:
    """Entries of a bundle one by one; it is read no further than it is asked for."""
    at = 0
    for number in range(width):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if len(data) < at + 2 or len(data) < end:
            raise IntegrityError(f"the bundle ends within entry {first + number}, and has {width}")
        yield data[at + 2 : end]
        at = end
    if at != len(data):
        raise IntegrityError(f"the bundle goes on behind its {width} entries")


def unbundle(data: bytes, width: int) -> list[bytes]:
    """Entries of a bundle.

    Raises:
        IntegrityError: It does not hold exactly so many.
    """
    return list(_parts(data, width, 0))


def _above(row: bytes) -> bytes:
    """The next level of a tree from the hashes of one; a last one without a partner is left out."""
    whole = row[: len(row) // _PAIRS.size * _PAIRS.size]
    return b"".join([sha256(b"\x01" + pair).digest() for (pair,) in _PAIRS.iter_unpack(whole)])


def hash_tiles(leaves: Sequence[Hash], since: int = 0) -> Iterator[tuple[str, bytes]]:
    """Tiles of a tree that are new since a smaller size, whole ones and those at its right edge.

    Args:
        leaves: Hashes of all entries, shape (size,).
        since: Size whose tiles are there already.
    """
    level, row = 0, b"".join(leaves)
    while row:
        for n in range((since >> _LEVEL * (level + 1)), -(-len(row) // _TILE)):
            part = row[n * _TILE : (n + 1) * _TILE]
            yield tile_path(level, n, len(part) // HASH), part
        for _ in range(_LEVEL):
            row = _above(row)
        level += 1


def entry_tiles(entries: Sequence[bytes], first: int = 0) -> Iterator[tuple[str, bytes]]:
    """Entry bundles.

    Args:
        entries: From number `first` on, up to the log's size.
        first: A multiple of 256.
    """
    if first % WIDTH:
        raise ValueError(f"bundles begin at multiples of {WIDTH}, not at {first}")
    for at in range(0, len(entries), WIDTH):
        part = entries[at : at + WIDTH]
        yield entries_path((first + at) // WIDTH, len(part)), bundle(part)


class TileTree:
    """A tree of a known size whose hashes come from tiles.

    Args:
        size: Entries, from a checkpoint.
        fetch: Path → bytes of the tile; may be asked for the same tile again.

    The tiles are believed only as far as the root that follows from them is compared with a signed one.
    """

    def __init__(self, size: int, fetch: Fetch) -> None:
        self.size = size
        self._fetch = fetch
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def _row(self, level: int, n: int, below: int = 0) -> bytes:
        """A tile, or a level of the tree above its hashes.

        What was read or computed once is kept: what was compared with the root is what is used later.
        """
        rows = self._tiles.get((level, n))
        if rows is None:
            width = min(WIDTH, (self.size >> _LEVEL * level) - n * WIDTH)
            path = tile_path(level, n, width)
            data = self._fetch(path)
            if len(data) != width * HASH:
                raise IntegrityError(f"{path}: {len(data)} bytes instead of {width * HASH}")
            rows = self._tiles[level, n] = [data]
        while len(rows) <= below:
            rows.append(_above(rows[-1]))
        return rows[below]

    def subtree(self, first: int, size: int) -> Hash:
        """Root of a complete subtree.

        Args:
            first: Its first entry, a multiple of its size.
            size: A power of two.
        """
        height = size.bit_length() - 1
        level, below = divmod(height, _LEVEL)
        tile, at = divmod(first >> _LEVEL * level, WIDTH)
        place = (at >> below) * HASH
        return self._row(level, tile, below)[place : place + HASH]

    def root(self) -> Hash:
        """Root of the whole tree."""
        return root_of_peaks([self.subtree(*peak) for peak in peaks(self.size)])

    def entries(self, n: int) -> list[bytes]:
        """Entries of a bundle, checked against the tile of their hashes.

        Raises:
            IntegrityError: The bundle is none, or an entry is not the one that the tile has; it is named.
        """
        first = n * WIDTH
        width = min(WIDTH, self.size - first)
        path, leaves = entries_path(n, width), self._row(0, n)
        data = self._fetch(path)
        with suppress(IntegrityError):  # all hashes at once; if they differ, the entry to name is looked for below
            whole = list(_parts(data, width, first))
            if b"".join([sha256(b"\x00" + entry).digest() for entry in whole]) == leaves:
                return whole
        found = []
        for i, entry in enumerate(_parts(data, width, first)):
            if entry_hash(entry) != leaves[i * HASH : (i + 1) * HASH]:
                raise IntegrityError(f"{path}: entry {first + i} is not the one in the tree")
            found.append(entry)
        return found
