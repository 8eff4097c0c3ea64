"""The registered rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from daccord.allocation._exact import decimal_text
from daccord.allocation._rules import MoneyResult, MoneyRule, MoneyTask, register
from daccord.allocation.matching._bound import HIGHEST, find_bound, survey
from daccord.allocation.matching._cluster import CLUSTER_ONE, cluster_sums
from daccord.allocation.matching._donations import Donations, donations, lacking
from daccord.allocation.matching._gifts import Scale
from daccord.allocation.matching._plain import plain_sums
from daccord.allocation.matching._precision import error_bound, scale_for
from daccord.allocation.matching._resamples import resamples
from daccord.allocation.matching._settle import Settled, settle
from daccord.errors import InputError
from daccord.fusion import MICRO

__all__ = ["QUADRATIC", "solve"]

_LISTED: Final = 200


@dataclass
class _Found:
    """Matches before they are settled.

    Attributes:
        matches: In units, shape (n,).
        unit: Minor units.
        ceilings: Most that each project may get, minor units, shape (n,).
        bound: M, minor units; None where nothing is bounded.
        certificate: Numbers of the variant.
        warnings: For people.
    """

    matches: Sequence[int]
    unit: Fraction
    ceilings: Sequence[Fraction]
    bound: Fraction | None = None
    certificate: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def _pairwise(task: MoneyTask, given: Donations, plain: Sequence[Fraction]) -> _Found:
    gifts, chosen = given.gifts, task.rules.quadratic.bound
    if chosen is not None and chosen <= 0:
        raise InputError.single(
            "round.toml",
            "a bound of zero matches nothing",
            column="rules.money.quadratic.bound",
            remedy="write an amount above zero, or leave it out so that the bound follows from the pot",
        )
    scale = scale_for(gifts)
    seen = survey(gifts)
    matched = find_bound(gifts, scale, task.budget.amount, seen, None if chosen is None else Fraction(chosen))
    matches = [match * scale.unit for match in matched.sums]
    found = _Found(matched.sums, scale.unit, plain if chosen is None and matched.reached else matches)
    if matched.bound is None:
        return found
    found.bound = matched.bound.minor
    found.certificate = {
        "M, minor units": decimal_text(found.bound),
        "bits of roots and products": f"4^{scale.root}, 2^{scale.shift}",
        "error of an award from rounding, minor units, below": decimal_text(
            error_bound(gifts, scale, Fraction(max(matched.sums), max(1, sum(matched.sums)))), 3
        ),
        **_top_pairs(task, seen.top, Scale.of(gifts.largest), found.bound),
    }
    if not matched.reached and chosen is None:
        found.warnings.append(
            f"The pot is larger than what the pairs of donors can take: M stops at {HIGHEST} times what the most "
            "generous donor gave, and the rest stays unallocated."
        )
    return found


def _top_pairs(task: MoneyTask, top: Sequence[int], scale: Scale, bound: Fraction) -> dict[str, str]:
    """What the pairs that give most together get, if both donors are fully trusted; nobody is named."""
    money = task.budget.currency.format
    out = {}
    for rank, units in enumerate(top, 1):
        shared = units * scale.unit
        match = 2 * bound * shared / (bound + shared)
        out[f"pair {rank} by what both gave"] = (
            f"{money(round(shared))} shared, matched with {money(round(match))} at full trust, before the pot's scale"
        )
    return out


def _cluster(task: MoneyTask, given: Donations) -> _Found:
    digits = task.budget.currency.digits
    matches = cluster_sums(given.gifts, given.groups, digits)
    unit = Fraction(10**digits, CLUSTER_ONE)
    found = _Found(matches, unit, [match * unit for match in matches])
    alone = sum(not groups for groups in given.groups)
    found.certificate["donors without a group"] = str(alone)
    if alone == given.gifts.donors:
        found.warnings.append("No donor has a group, so the cluster match is the plain match.")
    return found


def _sybil(task: MoneyTask, found: _Found, settled: Settled) -> tuple[dict[str, str], list[str]]:
    """M in force, what an identity costs, and the margin between them."""
    money, cost = task.budget.currency.format, task.rules.quadratic.identity_cost
    said = {} if cost is None else {"identity cost c, minor units": str(cost)}
    if found.bound is None:
        if task.rules.quadratic.variant == "pairwise":
            return said, []
        alarm = "This variant has no bound M: two donors who collude, or one with two identities, can take any amount."
        return said, [alarm]
    force = found.bound * max(Fraction(1), settled.factor)
    said["M in force, minor units"] = decimal_text(force)
    least = money(-int(-force // 1))
    if cost is None:
        alarm = (
            f"M is {least}: k donors who collude take less than k(k-1) times that. What one more identity costs an "
            "attacker is not set (identity_cost), so the sybil margin is not known."
        )
        return said, [alarm]
    said["sybil margin c - M, minor units"] = decimal_text(cost - force)
    if cost >= force:
        return said, []
    alarm = (
        f"Identities are cheaper than the match they can take: one more costs {money(cost)}, below M of {least}. Ask "
        "for stronger evidence of personhood, lower trust, or make the pot smaller."
    )
    return said, [alarm]


def _books(task: MoneyTask, given: Donations, plain: Sequence[Fraction], found: _Found) -> dict[str, str]:
    """What stands behind each award: the donors' own money, and the match before and after the bound."""
    gifts, money = given.gifts, task.budget.currency.format
    out = {
        "variant": task.rules.quadratic.variant,
        "donors": str(gifts.donors),
        "direct gifts, the donors' own money and no part of the pot": money(sum(gifts.given)),
        "plain match of all projects, not scaled": money(round(sum(plain))),
        "match of all projects, before the pot's scale": money(round(sum(found.matches) * found.unit)),
        "minor units per unit of weight": f"{found.unit.numerator}/{found.unit.denominator}",
    }
    if len(task) > _LISTED:
        return out
    sizes = [int(b - a) for a, b in zip(gifts.starts[:-1], gifts.starts[1:], strict=True)]
    for i, name in enumerate(task.ids):
        out[f"project {name}"] = (
            f"{sizes[i]} donors gave {money(gifts.given[i])} themselves; plain match {money(round(plain[i]))}, "
            f"match by this variant {money(round(found.matches[i] * found.unit))}, before the pot's scale"
        )
    return out


def _unused(task: MoneyTask, given: Donations) -> list[str]:
    """What was said about donors and does not count in this variant, and what was given and is not matched."""
    variant = task.rules.quadratic.variant
    out = []
    if variant != "pairwise" and given.gifts.donors and int(given.gifts.trust.min()) < MICRO:
        out.append(f"Trust in donors does not count in the variant {variant}.")
    if variant != "cluster" and any(given.groups):
        out.append(f"Groups of donors do not count in the variant {variant}.")
    if given.aside:
        out.append(f"{given.aside} donations are to projects that may not be funded, and are not matched.")
    return out


def solve(task: MoneyTask) -> MoneyResult:
    """Match donations, in integers."""
    given = donations(task)
    units, unit = plain_sums(given.gifts)
    plain = [match * unit for match in units]
    variant = task.rules.quadratic.variant
    if variant == "plain":
        found = _Found(units, unit, plain)
    else:
        found = _cluster(task, given) if variant == "cluster" else _pairwise(task, given, plain)
    settled = settle(task, found.matches, found.unit, found.ceilings)
    margin, alarms = _sybil(task, found, settled)
    warnings = [*found.warnings, *alarms, *_unused(task, given)]
    if not any(found.matches):
        warnings.append("No two donors gave to the same project, so nothing is matched.")
    return MoneyResult(
        settled.amounts,
        found.matches,
        settled.limited_by,
        {**_books(task, given, plain, found), **found.certificate, **margin},
        tuple(warnings),
    )


QUADRATIC: Final = register(
    MoneyRule(
        name="quadratic",
        title="Matching of donations (quadratic funding)",
        model=(
            "Each pair of donors who gave a and b to the same project adds 2√(ab) to the project's match. In the "
            "variant `pairwise` the pair counts with k = M / (M + what the two share over all projects), M times the "
            "trust in both, so that no pair takes 2M; M is set so that the pot is used up. `plain` has no k; in "
            "`cluster` donors of the same groups count together. The match is scaled down to the pot, never up."
        ),
        assumptions=(
            "Each donor is one person who decides alone, as far as trust and M do not allow for the contrary.",
            "A gift shows what the donor holds a public good to be worth to themselves.",
            "People who give alike already work together, and need less of a subsidy to do so.",
        ),
        failure_modes=(
            "Identities that cost less than M are worth buying: the sybil margin says so.",
            "Colluders who each bring innocent third parties take more than the bound says.",
            "Money still matters: who gives a hundred times as much has ten times the say in each pair.",
            "`plain` and `cluster` have no bound on what two donors take.",
            "Benefit, defence, diffusion and harm count only through the verdict.",
        ),
        source="V. Buterin, Z. Hitzig, G. Weyl, Liberal Radicalism (2018); V. Buterin, Pairwise coordination subsidies "
        "(2019); J. Miller, E. G. Weyl, L. Erichsen, Beyond Collusion Resistance (2022) for `cluster`.",
        solve=solve,
        resamples=resamples,
        lacks=lacking,
        reads_scores=False,
    )
)
