"""Holds of an earlier decision, taken over into the next round.

```python
from daccord.formats.decisions import read_decision
from daccord.formats.holds import after

round_ = after(load_round("next"), read_decision("last/out/decision.json"), on="2027-01-10")
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from daccord.allocation.verdicts import reopened
from daccord.errors import InputError
from daccord.formats._values import Fault, parse_date
from daccord.round import EarlierHold, Round

__all__ = ["after", "holds_of", "on_day"]


def holds_of(document: Mapping[str, Any], file: str = "decision.json") -> tuple[EarlierHold, ...]:
    """The holds of a decision that a later round takes over: all but those by a hard constraint, which it has itself.

    A hold that the decision had taken over in its turn keeps the day on which it expires.

    Args:
        document: From `read_decision`.
        file: Name of the file, for messages.

    Raises:
        InputError: The decision states no day, so nobody knows when its holds expire.
    """
    held = [
        project
        for project in document["projects"]
        if project["verdict"]["label"] == "hold"
        and all(reason["code"] != "hard_constraint" for reason in project["verdict"]["reasons"])
    ]
    if held and not document["decided_on"]:
        message = "the decision states no day, so nobody knows when its holds expire"
        remedy = "decide that round again with --on and the day on which it was decided"
        raise InputError.single(file, message, column="decided_on", remedy=remedy)
    return tuple(
        EarlierHold(
            project["id"],
            document["decided_on"],
            project["verdict"]["reopens_after_days"],
            document["round"],
            project["verdict"]["probability"],
        )
        for project in held
    )


def on_day(round_: Round, day: str) -> Round:
    """The round with the day of its decision.

    Args:
        round_: As read.
        day: ISO 8601.

    Raises:
        InputError: It is no day.
    """
    try:
        return replace(round_, rules=replace(round_.rules, decided_on=parse_date(day)))
    except Fault as fault:
        raise InputError.single("--on", fault.message, remedy=fault.remedy) from None


def after(round_: Round, document: Mapping[str, Any], file: str = "decision.json") -> Round:
    """The round with the holds of an earlier decision, and a notice of each that stands or has run out.

    Args:
        round_: Of which the day of the decision is known.
        document: The earlier decision, from `read_decision`.
        file: Its name, for messages.

    Returns:
        The round; of several holds on a project the one that expires last counts. Projects that the round does not
        have are left out.

    Raises:
        InputError: One of the decisions states no day, or the earlier one is later.
    """
    today = round_.rules.decided_on
    if not today:
        message = "the day of this decision is not stated, so nobody knows which earlier holds have expired"
        remedy = "write decided_on in [rules] of round.toml, or pass --on"
        raise InputError.single("round.toml", message, column="rules.decided_on", remedy=remedy)
    if document["decided_on"] > today:
        message = f"it was decided on {document['decided_on']}, after this decision on {today}"
        raise InputError.single(file, message, column="decided_on", remedy="pass the decision of an earlier round")
    known = [hold for hold in holds_of(document, file) if hold.project in round_.portfolio.index]
    holds: dict[str, EarlierHold] = {}
    for hold in (*round_.rules.earlier_holds, *known):
        if hold.project not in holds or holds[hold.project].until < hold.until:
            holds[hold.project] = hold
    over, standing = reopened(holds.values(), today)
    titles = {project.id: project.title for project in round_.portfolio}
    notices = [f"the hold on {titles[hold.project]} expired on {hold.until}; it is open again" for hold in over]
    notices += [
        f"the hold on {titles[hold.project]} by “{hold.decision}” stands until {hold.until}, or until enough people "
        "judge its harm anew"
        for hold in standing
    ]
    rules = replace(round_.rules, earlier_holds=tuple(holds.values()))
    return replace(round_, rules=rules, notices=(*round_.notices, *notices))
