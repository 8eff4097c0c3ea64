"""Tables of answers without those on harm, and the digests by which a published decision names its inputs.

A digest of a file that holds secret answers would give them away: they are few and of few kinds, so whoever knows the
rest of the file can try them all. So a table that holds people's answers on harm is named by the digest of what may be
published of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from daccord.formats._columns import SHEETS, Sheet
from daccord.formats._problems import Report
from daccord.formats._table import csv_bytes
from daccord.formats._tables import TABLES, ending, open_table
from daccord.round import HARMS

__all__ = ["digests_of", "public_table"]

_CRITERION: Final = "criterion"


def digests_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """File name → SHA-256 of what may be published of the file, sorted by name.

    Args:
        files: Of a sound round folder: name → bytes.

    Returns:
        Of most files the digest of their bytes; of a table with answers on harm that of `public_table`.
    """
    return {
        name: hashlib.sha256(data if (public := public_table(name, data)) is None else public).hexdigest()
        for name, data in sorted(files.items())
    }


def public_table(name: str, data: bytes) -> bytes | None:
    """A table of people's answers without its rows on harm, as CSV.

    Args:
        name: Of the file in the round folder.
        data: Its bytes, sound.

    Returns:
        All other rows in their order, cells as `daccord convert --to csv` writes them; None if the file is no table of
        answers or has no such row, so that it may be published as it is.

    Raises:
        ExternalError: The file needs pyarrow, which is not installed.
    """
    sheet = _sheet(name)
    if sheet is None or (name.endswith(".csv") and not any(harm.encode() in data for harm in HARMS)):
        return None
    table = open_table(sheet, data, Report().file(name))
    if table is None:
        return None
    place = sheet.names.index(_CRITERION)
    rows = [cells for _, cells in table.rows()]
    kept = [cells for cells in rows if cells[place] not in HARMS]
    return None if len(kept) == len(rows) else csv_bytes(sheet, iter(kept))


def _sheet(name: str) -> Sheet | None:
    """The table of people's answers that a file holds."""
    if name not in TABLES:
        return None
    sheet = next(one for one in SHEETS if one.stem == name.removesuffix(ending(name)))
    return sheet if _CRITERION in sheet.names else None
