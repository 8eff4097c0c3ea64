"""Turning the tables of answers of a round folder from one format into another."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from daccord.errors import ExternalError, IntegrityError, Problem
from daccord.formats._columns import LISTS, SHEETS, Sheet
from daccord.formats._folder import FILES, in_order, read_files
from daccord.formats._lists import FOLDER
from daccord.formats._problems import Report, RoundFolderError
from daccord.formats._reading import check_files
from daccord.formats._table import csv_bytes
from daccord.formats._tables import ENDINGS, TABLES, ending, missing_arrow, open_table
from daccord.round import Round

__all__ = ["Converted", "convert_files", "convert_round"]


@dataclass(frozen=True)
class Converted:
    """What was done.

    Attributes:
        folder: Where the round lies now.
        written: Files written, by their names in the folder.
        removed: Tables in another format that they replaced.
    """

    folder: Path
    written: tuple[str, ...]
    removed: tuple[str, ...]


def _silent(_: str) -> None:
    pass


def convert_files(files: Mapping[str, bytes], to: str, tell: Callable[[str], None] = _silent) -> dict[str, bytes]:
    """The files of a round with its answers in another format, and everything else as it is.

    Cells keep their meaning, not their spelling: times are in UTC, numbers as short as they can be, rows of empty cells
    are gone.

    Args:
        files: Name in the folder → bytes.
        to: `csv`, `parquet` or `arrow`.
        tell: Called with a few words on how far it has come.

    Raises:
        InputError: The round is not sound.
        IntegrityError: The new files would not be read as the same round.
        ExternalError: pyarrow is not installed.
    """
    before = _fingerprint(files, tell)
    converted: dict[str, bytes] = {}
    for name, data in files.items():
        sheet = _sheet(name)
        if sheet is None or ending(name) == f".{to}":
            converted[name] = data
            continue
        tell(f"writing {name} as {to}")
        converted[name.removesuffix(ending(name)) + f".{to}"] = _converted(sheet, name, data, to)
    if _fingerprint(converted, tell) != before:
        raise IntegrityError("the converted tables would not be read as the same answers; nothing was written")
    return converted


def _sheet(name: str) -> Sheet | None:
    """The table of answers that a file holds."""
    if name.startswith(f"{FOLDER}/"):
        return LISTS
    return next((sheet for sheet in SHEETS if name in TABLES and sheet.stem == name.removesuffix(ending(name))), None)


def _converted(sheet: Sheet, name: str, data: bytes, to: str) -> bytes:
    table = open_table(sheet, data, Report().file(name))
    assert table is not None  # the round is sound
    if to == "csv":
        return csv_bytes(sheet, (cells for _, cells in table.rows()))
    try:
        from daccord.formats._arrow_writing import arrow_bytes  # noqa: PLC0415 in the extra `data`
    except ImportError as error:
        raise missing_arrow(f"writing {name} as {to}", error) from error
    return arrow_bytes(table, f".{to}")


def _fingerprint(files: Mapping[str, bytes], tell: Callable[[str], None]) -> str:
    """A digest of everything that judges said, as it is read from the files.

    Raises:
        InputError: The round is not sound.
    """
    found, problems = check_files(files, tell)
    if found is None:
        raise RoundFolderError(problems)
    return _digest(found)


def _digest(found: Round) -> str:
    digest = hashlib.sha256()
    for criterion, said in found.judgments.items():
        for table in (said.comparisons, said.ratings, said.rankings, said.skips):
            for name, column in sorted(vars(table).items()):
                if isinstance(column, np.ndarray):
                    digest.update(f"{criterion} {type(table).__name__} {name} {column.shape}\n".encode())
                    digest.update(np.ascontiguousarray(column).data)
        digest.update(repr([(entry.model, list(entry.weights.items())) for entry in said.lists]).encode())
    return digest.hexdigest()


def convert_round(
    folder: str | Path,
    to: str,
    out: str | Path | None = None,
    *,
    force: bool = False,
    tell: Callable[[str], None] = _silent,
) -> Converted:
    """Rewrite the answers of a round folder in another format.

    Args:
        folder: Where round.toml lies.
        to: `csv`, `parquet` or `arrow`.
        out: Where to write the whole round; the folder itself if None.
        force: True to replace files that are there.
        tell: Called with a few words on how far it has come.

    Raises:
        InputError: The round is not sound, or files would be replaced without `force`.
        IntegrityError: The new files would not be read as the same round.
        ExternalError: The disk refuses, or pyarrow is not installed.
    """
    source = Path(folder)
    files, problems = read_files(source)
    if problems:
        raise RoundFolderError(sorted(problems, key=in_order))
    converted = convert_files(files, to, tell)
    target = source if out is None else Path(out)
    try:
        inside = out is None or (target.exists() and target.samefile(source))
        there = _round_files(target)
        wanted = {name: data for name, data in converted.items() if not (inside and name in files)}
        removed = sorted(name for name in there if name not in converted and _replaced_by(name, converted))
        foreign = sorted(there - set(converted) - set(removed))
        replaced = sorted(there & set(wanted)) + removed
        if foreign:
            remedy = "choose another folder; nothing was written"
            raise RoundFolderError(
                [Problem(name, None, None, f"{target / name} is no part of this round", remedy) for name in foreign]
            )
        if replaced and not force:
            remedy = "name another folder with --out, or allow it with --force; nothing was written"
            raise RoundFolderError(
                [Problem(name, None, None, f"{target / name} would be replaced", remedy) for name in replaced]
            )
        _write(target, wanted)
        for name in removed:
            (target / name).unlink()
    except OSError as error:
        raise ExternalError(f"{target} cannot be written: {error}") from error
    return Converted(target, tuple(wanted), tuple(removed))


def _round_files(folder: Path) -> frozenset[str]:
    """Files in a folder that belong to a round."""
    names = {name for name in FILES if (folder / name).exists()}
    lists = folder / FOLDER
    if lists.is_dir():
        names |= {f"{FOLDER}/{entry.name}" for entry in lists.iterdir() if ending(entry.name)}
    return frozenset(names)


def _replaced_by(name: str, converted: Mapping[str, bytes]) -> bool:
    stem = name.removesuffix(ending(name))
    return bool(ending(name)) and any(stem + end in converted for end in ENDINGS)


def _write(target: Path, files: Mapping[str, bytes]) -> None:
    """Write all files beside their places first, so that a full disk leaves the old ones whole."""
    target.mkdir(parents=True, exist_ok=True)
    if any(name.startswith(f"{FOLDER}/") for name in files):
        (target / FOLDER).mkdir(exist_ok=True)
    for name, data in files.items():
        (target / f"{name}.part").write_bytes(data)
    for name in files:
        (target / f"{name}.part").replace(target / name)
