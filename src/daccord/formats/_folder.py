"""Which files of a folder belong to a round, and their bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from daccord.errors import ExternalError, Problem
from daccord.formats._columns import ROLES
from daccord.formats._lists import FOLDER
from daccord.formats._manifest import FILE
from daccord.formats._problems import nearest, shown
from daccord.formats._tables import TABLES, ending
from daccord.formats.inputs import TABLES as INPUTS

__all__ = ["FILES", "in_order", "read_files"]

FILES: Final = (
    FILE,
    "projects.csv",
    "projects.toml",
    "judges.csv",
    *TABLES,
    ROLES.file,
    *(table.sheet.file for table in INPUTS),
)
"""Files of a round folder, beside those in `lists/`."""

_ALSO: Final = {".pq": ".parquet", ".feather": ".arrow", ".ipc": ".arrow", ".arrows": ".arrow"}
"""Other endings of the same kinds of files."""


def in_order(problem: Problem) -> tuple[int, str, int, str, str]:
    """Sorts problems by file, row and column."""
    place = FILES.index(problem.file) if problem.file in FILES else len(FILES)
    return place, problem.file, problem.row or 0, problem.column or "", problem.message


def read_files(folder: Path, but: Collection[str] = ()) -> tuple[dict[str, bytes], list[Problem]]:
    """The bytes of all files that belong to a round, by their name in the folder.

    Args:
        folder: Where round.toml lies.
        but: Files that are not read.

    Returns:
        The files, and problems with their names: a misspelled optional file must not be passed over in silence.

    Raises:
        ExternalError: The disk refuses.
    """
    try:
        if not folder.is_dir():
            what = "is no folder" if folder.exists() else "does not exist"
            remedy = f"name the folder that holds {FILE}; `daccord init` makes a new one"
            return {}, [Problem(str(folder), None, None, f"{shown(str(folder))} {what}", remedy)]
        problems: list[Problem] = []
        names = sorted(entry.name for entry in folder.iterdir())
        paths = {name: folder / name for name in FILES if name in names and name not in but}
        problems += _misspelled((name for name in names if name not in FILES), names)
        lists = folder / FOLDER
        if FOLDER in names and lists.is_dir():
            inside = sorted(entry.name for entry in lists.iterdir() if not entry.name.startswith("."))
            paths |= {f"{FOLDER}/{name}": lists / name for name in inside if ending(name)}
            problems += _not_lists(inside)
        elif FOLDER in names:
            problems.append(Problem(FOLDER, None, None, "`lists` is a file", "make it a folder with a file per model"))
        files: dict[str, bytes] = {}
        for name, path in paths.items():
            if path.is_file():
                files[name] = path.read_bytes()
            else:
                problems.append(Problem(name, None, None, f"`{name}` is no file", "put a file in its place"))
                files[name] = b""
    except (OSError, ValueError) as error:  # ValueError: a path that the system cannot express
        raise ExternalError(f"{folder} cannot be read: {error}") from error
    return files, problems


def _misspelled(names: Iterable[str], present: Collection[str]) -> list[Problem]:
    """Names that look like a file of a round that is not there."""
    there = {name.removesuffix(ending(name)) for name in present if name in TABLES}
    missing = [name for name in (*FILES, FOLDER) if name not in present and Path(name).stem not in there]
    stems = {Path(name).stem: name for name in reversed(missing)}
    problems = []
    for name in names:
        stem, suffix = Path(name).stem, Path(name).suffix.lower()
        meant = stems.get(nearest(stem, stems, cutoff=0.8) or "")
        if meant is None or name == FOLDER:
            continue
        if meant in TABLES:
            meant = Path(meant).stem + _ALSO.get(suffix, suffix)
        if meant not in (*FILES, FOLDER) or (meant not in TABLES and suffix != Path(meant).suffix):
            continue
        remedy = f"rename it to {meant}, or give it a name that nobody can mistake for it"
        problems.append(Problem(name, None, None, f"`{name}` is not read, but looks like `{meant}`", remedy))
    return problems


def _not_lists(names: Iterable[str]) -> list[Problem]:
    remedy = "name it after its model with .csv at the end, or move it out of the folder"
    return [
        Problem(f"{FOLDER}/{name}", None, None, f"`{name}` is not read: lists end in .csv, .parquet or .arrow", remedy)
        for name in names
        if not ending(name) and not name.upper().startswith("README")
    ]
