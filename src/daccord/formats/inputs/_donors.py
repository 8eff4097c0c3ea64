"""`donors.csv`: how sure it is that a donor is one person who acts alone, and with whom the donor belongs together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from daccord.formats._columns import Column, Sheet
from daccord.formats._problems import FileReport, check_ids, clean_text, shown
from daccord.formats._table import read_csv
from daccord.formats._values import share_text
from daccord.formats.inputs._table import Context, InputTable
from daccord.judging import Donor
from daccord.round import Round

__all__ = ["DONORS", "DONORS_TABLE", "read_donors"]

DONORS: Final = Sheet(
    "donors.csv",
    "What is known of somebody who gives. Who is not listed has full trust and no group.",
    (
        Column("donor", "As in contributions.csv.", required=True, shape={"type": "string", "minLength": 1}),
        Column(
            "trust",
            "How sure it is that this is one person who acts alone, in [0, 1], with at most 6 decimals; empty means 1.",
            shape={"type": "string", "pattern": r"^([01]|0?\.[0-9]{1,6}|[01]\.0{0,6}|0\.[0-9]{0,6})?$"},
        ),
        Column("groups", "Groups the donor belongs to, separated by semicolons; for the variant `cluster`."),
    ),
)

_TRUST = re.compile(r"[01]?(?:\.[0-9]{0,6})?")


def read_donors(data: bytes, context: Context, report: FileReport) -> tuple[Donor, ...]:  # noqa: ARG001 - one shape for all
    """Read donors.csv.

    Args:
        data: Its bytes.
        context: What rows may refer to; donors refer to nothing.
        report: Takes every problem.

    Returns:
        Donors, in order.
    """
    table = read_csv(DONORS, data, report)
    if table is None:
        return ()
    found: list[Donor] = []
    names: list[tuple[str, int | None]] = []
    for line, (name, trust_cell, groups_cell) in table.rows():
        names.append((name, line))
        trust = _trust(trust_cell, line, report)
        groups = _groups(groups_cell, line, report)
        found.append(Donor(name, trust, groups))
    check_ids(names, "donor", "donor", report)
    return tuple(found)


def _trust(cell: str, line: int, report: FileReport) -> Fraction:
    if not cell:
        return Fraction(1)
    if _TRUST.fullmatch(cell) is None or not any(character.isdigit() for character in cell) or Fraction(cell) > 1:
        report.add(line, "trust", f"{shown(cell)} is no trust", "write a number from 0 to 1 with at most 6 decimals")
        return Fraction(1)
    return Fraction(cell)


def _groups(cell: str, line: int, report: FileReport) -> tuple[str, ...]:
    groups: list[str] = []
    for group in (part.strip() for part in cell.split(";")):
        if not group:
            continue
        if (fault := clean_text(group)) is not None:
            report.add(line, "groups", *fault)
        if group in groups:
            report.add(line, "groups", f"the group {shown(group)} is named twice", "name it once")
        groups.append(group)
    return tuple(groups)


def _rows(round_: Round) -> Iterator[tuple[str, ...]]:
    for donor in round_.inputs.donors:
        yield donor.id, "0" if donor.trust == 0 else share_text(donor.trust), "; ".join(donor.groups)


DONORS_TABLE: Final = InputTable(DONORS, "donors", read_donors, _rows)
