"""The column `requires`: what a project's money waits for.

An item is a project (`lock`), a project and how far it has to be (`lock >= prototype`), or any partner that has a role
(`defends > leak >= prototype`). Without a maturity, deployed is meant.
"""

from __future__ import annotations

from collections.abc import Sequence

from daccord.formats._problems import FileReport, Names, nearest, shown
from daccord.portfolio import MATURITIES, ROLE_KINDS, Gate

__all__ = ["read_gates"]

_COLUMN = "requires"
_EXAMPLE = "write a project, such as lock or lock >= prototype, or a role, such as defends > leak >= prototype"


def read_gates(
    items: Sequence[str], project: str, row: int | None, projects: Names, targets: Names, report: FileReport
) -> tuple[Gate, ...]:
    """Read the items of one project's `requires`.

    Args:
        items: As written.
        project: Its id.
        row: Where it stands.
        projects: Ids that can be partners.
        targets: Ids that roles can point at.
        report: Takes every problem.

    Returns:
        The gates that are sound, in the order of the file.
    """
    gates: list[Gate] = []
    for item in items:
        gate = Gate(item) if item in projects.index else _gate(item, row, projects, report)
        if gate is None:
            continue
        if gate.of == project and not gate.role:
            report.add(row, _COLUMN, "the project requires itself", "remove it from its own list")
        elif any((gate.of, gate.role) == (other.of, other.role) for other in gates):
            report.add(row, _COLUMN, f"{shown(item)} names a partner for the second time", "remove one of the two")
        else:
            (targets if gate.role else projects).check(gate.of, row, _COLUMN, report)
            gates.append(gate)
    return tuple(gates)


def _gate(item: str, row: int | None, projects: Names, report: FileReport) -> Gate | None:
    """One item; None, after reporting why, if it is none. An id may hold the signs: what is a project is no role."""
    partner, mark, maturity = (part.strip() for part in item.rpartition(">=")) if ">=" in item else (item, "", "")
    kind, role, of = "", "", partner.strip()
    if ">" in of and of not in projects.index:
        kind, role, of = (part.strip() for part in of.partition(">"))
    if not of:
        report.add(row, _COLUMN, f"{shown(item)} names no partner", _EXAMPLE)
    elif mark and maturity not in MATURITIES:
        meant = nearest(maturity, MATURITIES)
        remedy = f"did you mean {meant}?" if meant else f"use one of {', '.join(MATURITIES)}"
        report.add(row, _COLUMN, f"{shown(maturity)} is no maturity", remedy)
    elif role and kind not in ROLE_KINDS:
        meant = nearest(kind, ROLE_KINDS)
        remedy = f"did you mean {meant}?" if meant else f"use one of {', '.join(ROLE_KINDS)}"
        report.add(row, _COLUMN, f"{shown(kind)} is no kind of role", remedy)
    else:
        return Gate(of, maturity if mark else "deployed", kind)
    return None
