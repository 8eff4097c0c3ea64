"""How much the money rule divides when there are entries, and what everybody gets in the end.

With B the pot, F what is paid first or withheld, T(D) what minimum grants add and C(D) what corrections collect when
the rule divides D, the books balance if

    D = B - F - T(D) + C(D).

A rule that pays nobody less out of a larger pot makes the right-hand side non-decreasing in D, so the largest solution
can be bracketed: from above by `B - F + all that corrections ask back`, from below by `B - F - all minimum grants`.
Nothing is proved about an arbitrary rule, and nothing needs to be: the amount returned always satisfies D ≤ right-hand
side, and what is left over (nothing, or what a rule that is not monotone leaves) stays in the pot. So awards and what
stays add up to the pot for every rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from daccord.allocation.accounts._plan import Plan, Posting
from daccord.errors import InputError
from daccord.money import Currency
from daccord.portfolio import Entry

__all__ = ["Settlement", "settle"]


@dataclass(frozen=True)
class Settlement:
    """The books after the rule.

    Attributes:
        divided: What the rule divided, minor units.
        by_rule: What it gave, project id → minor units.
        entries: What entries added or took, project id → minor units, signed; projects with entries only.
        postings: What became of each entry, in their order.
    """

    divided: int
    by_rule: Mapping[str, int]
    entries: Mapping[str, int]
    postings: tuple[Posting, ...]


def settle(
    pot: int, plan: Plan, entries: Sequence[Entry], currency: Currency, solve: Callable[[int], Mapping[str, int]]
) -> Settlement:
    """Divide what entries leave, and apply them.

    Args:
        pot: Minor units.
        plan: The entries, sorted.
        entries: The same, in order.
        currency: For messages.
        solve: What the rule gives when it divides so many minor units, project id → minor units; a pure function.

    Raises:
        InputError: What is paid first and the minimum grants exceed the pot.
    """
    least = pot - plan.reserved - sum(plan.least.values())
    if least < 0:
        money = currency.format
        raise InputError.single(
            "entries.csv",
            f"fixed grants, credit, corrections and minimum grants take {money(pot - least)} of a pot of {money(pot)}",
            column="amount",
            remedy="lower them or raise the budget",
        )
    found: dict[int, Mapping[str, int]] = {}

    def gives(divided: int) -> Mapping[str, int]:
        if divided not in found:
            found[divided] = solve(divided)
        return found[divided]

    def leaves(divided: int) -> int:
        by_rule = gives(divided)
        out = pot - plan.reserved
        for project in plan.least.keys() | plan.back.keys():
            own = by_rule.get(project, 0)
            more = plan.top_up(project, own)
            out += plan.collected(project, own + plan.owed_first(project) + more) - more
        return out

    most = pot - plan.reserved + sum(plan.back.values())
    divided = least if least == most else _largest(least, most, leaves)
    return Settlement(divided, gives(divided), *_post(plan, entries, gives(divided)))


def _largest(low: int, high: int, leaves: Callable[[int], int]) -> int:
    """The largest amount that leaves at least itself, where `leaves` is non-decreasing; in any case one that does.

    Args:
        low: Leaves at least itself.
        high: An upper bound.
        leaves: See the module.
    """
    reach = leaves(high)
    if reach >= high:
        return high
    step = 0
    while low < reach and high - low > 1:
        # In turn: what the upper end leaves, which bounds the solution from above, and the middle.
        middle = reach if step % 2 == 0 else (low + high) // 2
        middle = min(max(middle, low + 1), high - 1)
        value = leaves(middle)
        if value >= middle:
            low = middle
        else:
            high, reach = middle, min(value, reach)
        step += 1
    return low


def _post(
    plan: Plan, entries: Sequence[Entry], by_rule: Mapping[str, int]
) -> tuple[dict[str, int], tuple[Posting, ...]]:
    """What entries do to each award, and what became of each."""
    moved = dict(plan.first)
    left: dict[str, int] = {}
    for project in plan.least:
        moved[project] = moved.get(project, 0) + plan.top_up(project, by_rule.get(project, 0))
    for project in plan.back:
        left[project] = plan.collected(project, by_rule.get(project, 0) + moved.get(project, 0))
    missing = {project: plan.top_up(project, by_rule.get(project, 0)) for project in plan.least}
    postings = []
    for entry in entries:
        project = entry.project
        if not project:
            postings.append(Posting(entry, 0, 0, "part of the pot, from the round before"))
        elif entry.amount < 0:
            taken = min(left[project], -entry.amount)
            left[project] -= taken
            rest = entry.amount + taken
            postings.append(Posting(entry, -taken, rest, "the rest is carried as a debt" if rest else ""))
        elif project in plan.withheld or (entry.kind == "minimum" and project not in plan.least):
            rest = 0 if entry.kind == "minimum" else entry.amount
            postings.append(Posting(entry, 0, rest, "withheld: the project is on hold"))
        elif entry.kind == "minimum":
            postings.append(Posting(entry, missing.pop(project, 0)))
        else:
            postings.append(Posting(entry, entry.amount))
    for project in plan.back:
        before = by_rule.get(project, 0) + moved.get(project, 0)
        moved[project] = moved.get(project, 0) - plan.collected(project, before)
    return moved, tuple(postings)
