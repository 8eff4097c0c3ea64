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

__all__ = ["PROPORTIONAL", "quotas", "round_quotas"]


def _order(ratios: Sequence[Fraction]) -> list[int]:
    """Positions by ratio, smallest first, compared as integers: floors of different ratios differ after enough bits."""
    shift = 2 * max((ratio.denominator for ratio in ratios), default=1).bit_length()
    keys = [(ratio.numerator << shift) // ratio.denominator for ratio in ratios]
    return sorted(range(len(ratios)), key=keys.__getitem__)


def _level(shares: Sequence[int], tops: Sequence[Fraction], total: int) -> Fraction | None:
    """The t at which `Σ share_i min(top_i, t)` is `total`; None if it stays below."""
    if sum((top * share for share, top in zip(shares, tops, strict=True)), Fraction(0)) <= total:
        return None
    rest, slope = Fraction(total), sum(shares)
    for i in _order(tops):
        if tops[i] * slope >= rest:
            break
        rest -= tops[i] * shares[i]
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
    able = [i for i, share in enumerate(shares) if share > 0]
    tops = {i: Fraction(bounds[i], shares[i]) for i in able}
    in_team: dict[int, Fraction] = {}
    for cap in caps:
        own = [i for i in cap.members if shares[i] > 0]
        level = _level([shares[i] for i in own], [tops[i] for i in own], cap.amount)
        if level is not None:
            in_team.update({i: level for i in own if level < tops[i]})
    tops |= in_team
    level = _level([shares[i] for i in able], [tops[i] for i in able], total)
    out = [Fraction(0)] * len(shares)
    capped = [False] * len(shares)
    for i in able:
        out[i] = shares[i] * (tops[i] if level is None else min(tops[i], level))
        capped[i] = i in in_team and (level is None or in_team[i] <= level)
    return out, capped, level


def round_quotas(task: MoneyTask, exact: Sequence[Fraction]) -> list[int]:
    """Largest remainder that respects bounds and team caps; quotas are within both."""
    amounts = [quota.numerator // quota.denominator for quota in exact]
    remainders = [Fraction(quota.numerator % quota.denominator, quota.denominator) for quota in exact]
    left = int(sum(exact, Fraction(0))) - sum(amounts)
    room = {cap.team: cap.amount - sum(amounts[i] for i in cap.members) for cap in task.team_caps}
    by_tie = sorted(range(len(exact)), key=lambda i: -task.ties[i])
    for position in reversed(_order([remainders[i] for i in by_tie])):
        i = by_tie[position]
        team = task.projects[i].team
        if left == 0:
            break
        if remainders[i] > 0 and room.get(team, 1) > 0:
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
        amounts = round_quotas(task, exact)
        small = [i for i in kept if amounts[i] < minimum] if minimum > 1 else []
        if not small:
            break
        nothing = {i for i in small if exact[i] == 0}
        kept -= nothing or {min(small, key=lambda i: (exact[i], -task.ties[i]))}
    limited = [
        "minimum"
        if i not in kept
        else task.bound_name(i)
        if amounts[i] == task.bounds[i] and task.bound_name(i)
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
