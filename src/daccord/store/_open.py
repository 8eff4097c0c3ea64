"""Where a record lies, from what a person names."""

from __future__ import annotations

import re
from pathlib import Path

from daccord.errors import InputError
from daccord.store._archives import open_file
from daccord.store._places import FolderPlace, Place, UrlPlace

__all__ = ["open_place"]


def open_place(where: str | Path) -> Place:
    """An address that begins with `http://` or `https://`, a folder, or a file: a zip of the folder, or the log's own.

    Raises:
        InputError: There is nothing of the kind.
        IntegrityError: The file is damaged.
        ExternalError: It cannot be read.
    """
    text = str(where)
    if re.match(r"(?i)https?://", text):
        return UrlPlace(text)
    path = Path(where)
    if path.is_file():
        return open_file(path)
    if not path.is_dir():
        raise InputError.single(
            text, "there is no such folder or file", remedy="name the folder that holds `checkpoint`"
        )
    return FolderPlace(path)
