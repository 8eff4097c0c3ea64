"""Files that stand in the log in pieces, found by their SHA-256."""

from __future__ import annotations

from hashlib import sha256
from itertools import count, takewhile

from daccord.errors import IntegrityError

__all__ = ["Pieces"]


class Pieces:
    """Pieces of files."""

    def __init__(self) -> None:
        self._pieces: dict[str, dict[int, str]] = {}
        self._whole: dict[str, bytes] = {}

    def add(self, of: str, index: int, text: str) -> None:
        """Take a piece.

        Raises:
            IntegrityError: It is there with another text, or cannot be a piece of a text.
        """
        try:
            text.encode()
        except UnicodeEncodeError:
            raise IntegrityError("the piece is no text") from None
        if self._pieces.setdefault(of, {}).setdefault(index, text) != text:
            raise IntegrityError(f"piece {index} of the file {of} is there with another text")

    def file(self, of: str, size: int, what: str) -> bytes:
        """A whole file.

        Args:
            of: SHA-256, hexadecimal.
            size: Bytes.
            what: The file, for people.

        Raises:
            IntegrityError: It is not there as a whole, or its bytes have another hash or number.
        """
        if of not in self._whole:
            pieces = self._pieces.get(of, {})
            data = "".join(pieces[i] for i in takewhile(pieces.__contains__, count())).encode()
            if sha256(data).hexdigest() != of:
                raise IntegrityError(f"{what}: its pieces are not all in the log, or are not those of the file {of}")
            self._whole[of] = data
        if len(self._whole[of]) != size:
            raise IntegrityError(f"{what} has {len(self._whole[of]):,} bytes, not {size:,}")
        return self._whole[of]
