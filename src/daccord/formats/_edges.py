"""Roles as they are written: `defends > leak`, or `raises > leak @ 20` for a role twenty years from now."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from daccord.formats._problems import FileReport, Names, nearest, shown
from daccord.formats._values import Fault
from daccord.portfolio import ROLE_KINDS, Role

__all__ = ["MOST_HORIZON", "POINTS_AT_RISKS", "parse_horizon", "read_roles_of"]

POINTS_AT_RISKS: Final = frozenset({"defends", "raises"})
"""Kinds of roles that may point at a risk; the others point at a project or technology."""

MOST_HORIZON: Final = 999
"""Farthest horizon, years from now."""

_MARKED = re.compile(r"(?P<target>.*\S)\s+@\s*(?P<horizon>\S+)")


def parse_horizon(text: str) -> int:
    """Read a horizon: whole years from now, 1 to `MOST_HORIZON`.

    Raises:
        Fault: It is none, or looks like a year of the calendar.
    """
    if re.fullmatch(r"[0-9]{4}", text):
        remedy = "count whole years from the round's decision, such as 5 or 20: it has no calendar"
        raise Fault(f"the horizon {text} looks like a year of the calendar", remedy)
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) == 0:
        raise Fault(f"{shown(text)} is no horizon", "write whole years from now, such as 5 or 20")
    return int(text)


def read_roles_of(
    items: Iterable[str], owner: str, row: int | None, projects: Names, targets: Names, report: FileReport
) -> tuple[Role, ...]:
    """Read the roles of one project or technology.

    Args:
        items: Each as written.
        owner: Id of whoever has them.
        row: Where they stand.
        projects: Ids of projects and technologies.
        targets: The same and the ids of risks.
        report: Takes every problem.
    """
    roles: list[Role] = []
    for item in items:
        kind, _, written = (part.strip() for part in item.partition(">"))
        target, horizon = written, 0
        if target not in targets and (marked := _MARKED.fullmatch(written)) is not None:
            target = marked["target"]
            try:
                horizon = parse_horizon(marked["horizon"])
            except Fault as fault:
                report.add(row, "roles", fault.message, fault.remedy)
                continue
        role = Role(kind, target, horizon)
        if kind not in ROLE_KINDS:
            meant = nearest(kind, ROLE_KINDS)
            remedy = f"did you mean {meant}?" if meant else f"use one of {', '.join(ROLE_KINDS)}, such as defends > x"
            report.add(row, "roles", f"{shown(kind)} is no kind of role", remedy)
        elif not target or target.startswith("@"):
            report.add(row, "roles", *_without_target(kind))
        elif target == owner:
            message = f"the role {shown(item)} points at the project itself"
            report.add(row, "roles", message, "name the risk or the other project that it acts on")
        elif role in roles:
            report.add(row, "roles", f"the role {shown(item)} is given twice", "remove one of the two")
        elif kind not in POINTS_AT_RISKS and target not in projects and target in targets:
            message = f"{kind} points at a technology, but {shown(target)} is a risk"
            report.add(row, "roles", message, f"write defends > {target}, or name a project")
        else:
            targets.check(target, row, "roles", report)
            roles.append(role)
    return tuple(roles)


def _without_target(kind: str) -> tuple[str, str]:
    if kind == "defends":
        message = "a defence claim needs to say against what: `defends` has no target"
        return message, "write defends > and the id of a risk or a project"
    return f"the role {kind} does not say towards what", f"write {kind} > and the id of what it acts on"
