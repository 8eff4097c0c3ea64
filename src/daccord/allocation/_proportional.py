"""The money rule `proportional`: the pot by posterior share, within asks and team caps.

Quotas are `min(bound_i, t s_i)` with the one t at which they use up the pot; a team above its cap is divided inside its
cap by the same formula. They are exact rationals, rounded by largest remainder: all are rounded down, and the units
left over go to the largest remainders (the smaller SHA-256 of the id between equals) whose bound and team still have
room.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from daccord.allocation._draws import draw_proportional
from daccord.allocation._exact import decimal_text
from daccord.allocation._rules import MoneyResult, MoneyRule, MoneyTask, TeamCap, register

__all__ = ["PROPORTIONAL", "quotas"]


def _level(shares: Sequence[int], bounds: Sequence[Fraction], total: Fraction) -> Fraction | None:
    """The t at which `Σ min(bound_i, t share_i)` is `total`; None if it stays below."""
    able = [i for i, share in enumerate(shares) if share > 0]
    if sum((bounds[i] for i in able), Fraction(0)) <= total:
        return None
    rest, slope = total, sum(shares[i] for i in able)
    for i in sorted(able, key=lambda i: bounds[i] / shares[i]):
        if bounds[i] * slope >= rest * shares[i]:
            break
        rest -= bounds[i]
        slope -= shares[i]
    return rest / slope


def quotas(
    shares: Sequence[int], bounds: Sequence[int], total: int, caps: Sequence[TeamCap]
) -> tuple[list[Fraction], list[bool], Fraction | None]:
    """Exact quotas in proportion to shares within bounds and team caps.

    Args:
        shares: Non-negative integers, shape (n,); who has 0 gets nothing.
        bounds: Minor units, shape (n,).
        total: The pot, minor units.
        caps: Caps on disjoint teams.

    Returns:
        Quotas in minor units, shape (n,); whether the team cap binds, shape (n,); and minor units per unit of share,
        None if the pot is not the limit.
    """
    limits = [Fraction(bound) if share else Fraction(0) for share, bound in zip(shares, bounds, strict=True)]
    open_limits = list(limits)
    for cap in caps:
        own = [limits[i] for i in cap.members]
        level = _level([shares[i] for i in cap.members], own, Fraction(cap.amount))
        if level is not None:
            for i in cap.members:
                open_limits[i] = min(limits[i], level * shares[i])
    level = _level(shares, open_limits, Fraction(total))
    out = [
        limit if level is None else min(limit, level * share) for limit, share in zip(open_limits, shares, strict=True)
    ]
    return out, [x == low < high for x, low, high in zip(out, open_limits, limits, strict=True)], level


def _round(task: MoneyTask, exact: Sequence[Fraction]) -> list[int]:
    """Largest remainder that respects bounds and team caps."""
    amounts = [int(quota) for quota in exact]
    left = int(sum(exact, Fraction(0))) - sum(amounts)
    room = {cap.team: cap.amount - sum(amounts[i] for i in cap.members) for cap in task.team_caps}
    order = sorted(range(len(exact)), key=lambda i: (amounts[i] - exact[i], task.ties[i]))
    for i in order:
        team = task.projects[i].team
        if left == 0:
            break
        if amounts[i] < task.bounds[i] and exact[i] > 0 and room.get(team, 1) > 0:
            amounts[i] += 1
            left -= 1
            if team in room:
                room[team] -= 1
    return amounts


def solve(task: MoneyTask) -> MoneyResult:
    """Divide the pot in proportion to the published shares, exactly."""
    low = task.rules.basis == "low"
    shares = [score.share_low if low else score.share for score in task.scores]
    pot, minimum = task.budget.amount, task.rules.minimum
    kept = {i for i, bound in enumerate(task.bounds) if minimum <= 1 or bound >= minimum}
    while True:
        open_shares = [share if i in kept else 0 for i, share in enumerate(shares)]
        exact, capped, level = quotas(open_shares, task.bounds, pot, task.team_caps)
        amounts = _round(task, exact)
        small = [i for i in kept if amounts[i] < minimum] if minimum > 1 else []
        if not small:
            break
        nothing = {i for i in small if exact[i] == 0}
        kept -= nothing or {min(small, key=lambda i: (exact[i], -task.ties[i]))}
    limited = [
        "minimum"
        if i not in kept
        else "ask"
        if amounts[i] == task.bounds[i] == task.projects[i].ask
        else "team_cap"
        if capped[i]
        else ""
        for i in range(len(task))
    ]
    certificate: dict[str, str] = {"basis": task.rules.basis}
    if level is not None:
        certificate["minor units per share of one billionth"] = decimal_text(level)
    warnings = ("All published shares of the projects that may be funded are 0.",) if not any(shares) else ()
    return MoneyResult(amounts, shares, limited, certificate, warnings)


PROPORTIONAL: Final = register(
    MoneyRule(
        name="proportional",
        title="In proportion to the share of the round's benefit",
        model=(
            "The pot is divided in proportion to each project's posterior expected share of the round's total "
            "benefit, or to the lower end of its 80 % interval, among the projects that may be funded. What an ask or "
            "a team cap cuts off is divided among the others in the same proportion."
        ),
        assumptions=(
            "A project worth twice as much should get twice as much.",
            "Shares are on a ratio scale.",
        ),
        failure_modes=(
            "With a heavy tail one project takes most of the pot: look at the largest share.",
            "`low` pays well-judged projects more than equally good ones that few people judged.",
            "Defence, diffusion and harm count only through the verdict; floors and the harm budget are not applied.",
        ),
        source="Proportional apportionment; V. Buterin and others, Deep Funding (2024), pays weights this way.",
        solve=solve,
        draws=draw_proportional,
    )
)
