"""Weight lists, item lists and alias tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from daccord.errors import InputError, Problem
from daccord.formats._deepfunding_table import Table, column_values, read_table
from daccord.formats._values import Fault, parse_number

__all__ = ["WeightTable", "read_aliases", "read_items", "read_weights"]


@dataclass(frozen=True)
class WeightTable:
    """A full answer list as its author wrote it.

    Attributes:
        file: The file as the caller named it.
        digest: SHA-256 of the file's bytes, hexadecimal.
        column: Name of the column of projects.
        items: Projects, distinct, without `https://github.com/` and closing slash; shape (n_items,).
        weights: As written, finite and above zero, in the author's own unit (shares or percent); shape (n_items,).
        rows: Line of each, as an editor counts; shape (n_items,).
    """

    file: str
    digest: str
    column: str
    items: tuple[str, ...]
    weights: tuple[float, ...]
    rows: tuple[int, ...]

    @property
    def total(self) -> float:
        """Sum of the weights, correctly rounded."""
        return math.fsum(self.weights)


def read_weights(path: Path, label: str | None = None) -> WeightTable:
    """Read a list with columns `repo` or `item`, and `weight`; other columns are not read.

    Args:
        path: The file.
        label: What to call it in messages; its path if None.

    Raises:
        InputError: A weight is no number, or not above zero; a project appears twice; the header fits no list. A zero
            is refused because no ratio to it exists: what the author meant by it only the author knows.
    """
    table = read_table(path, label)
    name, weight = table.first_of("repo", "item"), table.first_of("weight")
    if name is None or weight is None:
        found = ", ".join(table.header)
        raise InputError.single(table.file, f"has the columns {found}", row=1, remedy="a list needs repo and weight")
    problems: list[Problem] = []
    items = column_values(table, name, problems)
    method = table.first_of("method")
    methods = {row[method] for row in table.rows} if method is not None else set()
    if len(methods) > 1:
        said = f"holds {len(methods)} methods, that is several lists"
        raise InputError.single(table.file, said, column="method", remedy="put each method into a file of its own")
    _refuse_repeats(table, items, name, problems)
    weights: list[float] = []
    for row, line in zip(table.rows, table.lines, strict=True):
        try:
            value = parse_number(row[weight])
        except Fault as fault:
            remedy = f"{fault.remedy}, or leave the list out; nothing is guessed"
            problems.append(Problem(table.file, line, "weight", fault.message, remedy))
            continue
        if value <= 0:
            remedy = "give a small positive weight, or leave the project out of the list"
            problems.append(Problem(table.file, line, "weight", f"{row[weight]} is not above zero", remedy))
        weights.append(value)
    if not table.rows:
        problems.append(Problem(table.file, None, None, "holds no weights", "give at least one row"))
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.row or 0))
    return WeightTable(table.file, table.digest, table.header[name], items, tuple(weights), table.lines)


def read_items(path: Path, label: str | None = None) -> tuple[str, ...]:
    """Read the projects of a round from a column `repo`, `item` or `id`, in the order of the file.

    Args:
        path: The file.
        label: What to call it in messages; its path if None.

    Raises:
        InputError: There is no such column, a name is missing or appears twice.
    """
    table = read_table(path, label)
    column = table.first_of("repo", "item", "id")
    if column is None:
        found = ", ".join(table.header)
        raise InputError.single(table.file, f"has the columns {found}", row=1, remedy="name the items in a column repo")
    problems: list[Problem] = []
    items = column_values(table, column, problems)
    _refuse_repeats(table, items, column, problems)
    if not items:
        problems.append(Problem(table.file, None, None, "names no items", "give at least two"))
    if problems:
        raise InputError(problems)
    return items


def read_aliases(path: Path, label: str | None = None) -> Mapping[str, str]:
    """Read a table `alias,name`: a project written as `alias` is the one called `name`.

    Args:
        path: The file.
        label: What to call it in messages; its path if None.

    Raises:
        InputError: Columns are missing, an alias has two names, or a name is itself an alias.
    """
    table = read_table(path, label)
    alias, name = table.first_of("alias"), table.first_of("name")
    if alias is None or name is None:
        raise InputError.single(table.file, "has no columns alias and name", row=1, remedy="write alias,name")
    problems: list[Problem] = []
    keys = column_values(table, alias, problems)
    names = column_values(table, name, problems)
    _refuse_repeats(table, keys, alias, problems)
    aliases = dict(zip(keys, names, strict=True))
    for key, target, line in zip(keys, names, table.lines, strict=True):
        if target in aliases:
            message = f"{target!r} is itself an alias" if target != key else f"{key!r} stands for itself"
            problems.append(Problem(table.file, line, "name", message, "give the name the round uses"))
    if problems:
        raise InputError(problems)
    return aliases


def _refuse_repeats(table: Table, names: tuple[str, ...], column: int, problems: list[Problem]) -> None:
    seen: dict[str, int] = {}
    for name, line in zip(names, table.lines, strict=True):
        if name and name in seen:
            message = f"{name!r} stands in row {seen[name]} already"
            problems.append(Problem(table.file, line, table.header[column], message, "keep one of the rows"))
        seen.setdefault(name, line)
