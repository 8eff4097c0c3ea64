"""The donations of a round as gifts in columns: those to projects that may be funded."""

from __future__ import annotations

from dataclasses import dataclass

from daccord.allocation._rules import MoneyTask
from daccord.allocation.matching._gifts import Gifts
from daccord.fusion import MICRO

__all__ = ["Donations", "donations", "lacking"]


@dataclass(frozen=True)
class Donations:
    """What was given to the projects of a task.

    Attributes:
        gifts: Columns; grants are the task's projects. Donors are in the order of their ids.
        groups: Groups of each donor, shape (donors,).
        aside: Rows that name a project which may not be funded; they are not matched.
    """

    gifts: Gifts
    groups: tuple[tuple[str, ...], ...]
    aside: int


def donations(task: MoneyTask) -> Donations:
    """Collect them. Trust counts in whole millionths, rounded down."""
    rows = [gift for gift in task.inputs.contributions if gift.project in task.index]
    ids = sorted({gift.donor for gift in rows})
    place = {identifier: i for i, identifier in enumerate(ids)}
    trust = [MICRO] * len(ids)
    groups: list[tuple[str, ...]] = [()] * len(ids)
    for donor in task.inputs.donors:
        i = place.get(donor.id)
        if i is not None:
            trust[i] = donor.trust.numerator * MICRO // donor.trust.denominator
            groups[i] = donor.groups
    gifts = Gifts.of(
        [place[gift.donor] for gift in rows],
        [task.index[gift.project] for gift in rows],
        [gift.amount for gift in rows],
        donors=len(ids),
        grants=len(task),
        trust=trust,
    )
    return Donations(gifts, tuple(groups), len(task.inputs.contributions) - len(rows))


def lacking(task: MoneyTask) -> str:
    """What a round lacks for this rule."""
    if any(gift.project in task.index for gift in task.inputs.contributions):
        return ""
    return "it matches donations and there is none to a project that may be funded: add contributions.csv"
