"""The money rule `differential`: value with diminishing returns, defence first, harm on a budget.

The model, its proofs of monotony and a worked example are in `docs/methods/differential.md`. In short:

    v_i = exp(mean - caution * sd) * (1 + defence_priority * P(defence above bar))
                                   * (1 + diffusion_priority * P(diffusion above bar))
    maximise Σ v_i k ln(1 + x_i/k),  0 ≤ x_i ≤ ask_i,  Σ x_i ≤ pot,  Σ_team x_i ≤ cap,  Σ_i m_ic x_i ≥ floor_c
    k = saturation * pot / number of projects that may be funded

and then, as a second step that only takes away, the harm budget: awards are cut, the least value per harm first, until
`Σ h_i x_i ≤ harm_budget * pot`. What it frees stays in the pot. That is not thrift: a rule that hands the freed money
out again must pay a project more when its own harm rises (it then dilutes the others less and needs more money to do
it), and more harm must never gain money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Final

from daccord.allocation._draw_differential import draw_differential
from daccord.allocation._exact import as_written, decimal_text, integer_weights
from daccord.allocation._fill import Line, fill, fill_capped, fill_viable
from daccord.allocation._floors import EIGHTY, FLOOR_TOLERANCE, solve_floors
from daccord.allocation._rules import MoneyResult, MoneyRule, MoneyTask, register
from daccord.errors import InputError
from daccord.fusion import MICRO
from daccord.portfolio import parse_cell

__all__ = ["DIFFERENTIAL", "harm_of", "priorities", "saturation"]

_NUDGE: Final = Decimal("1e-6")
"""Added before rounding down, so that an exact 5 that was computed as 4.999… stays 5; far above the tolerance."""


def priorities(task: MoneyTask) -> tuple[list[int], int]:
    """What defence and diffusion multiply each project's value with, at least 1: numerators, and their denominator."""
    tables = [("defence", as_written(task.rules.defence_priority))]
    tables.append(("diffusion", as_written(task.rules.diffusion_priority)))
    numerators = [1] * len(task)
    denominator = 1
    for criterion, weight in tables:
        whole = weight.denominator * MICRO
        denominator *= whole
        factor = weight.numerator
        known = [score.criteria.get(criterion) for score in task.scores]
        numerators = [
            numerator * (whole if said is None or said.above is None else whole + factor * said.above)
            for numerator, said in zip(numerators, known, strict=True)
        ]
    return numerators, denominator


def harm_of(task: MoneyTask, i: int) -> int:
    """Probability in millionths that a project is above the harm limit; 0 if harm was not judged.

    Of a published level it is the upper end, so that what is spent of a harm budget is never understated.
    """
    score = task.scores[i].criteria.get("harm")
    return 0 if score is None or score.at_most is None else score.at_most


def saturation(task: MoneyTask) -> Fraction:
    """k, minor units: where a further unit is worth half of the first.

    Raises:
        InputError: The rules' saturation is not positive.
    """
    share = as_written(task.rules.saturation)
    if share <= 0:
        raise InputError.single(
            "round.toml",
            f"a saturation of {task.rules.saturation} leaves no value to compare",
            column="rules.money.saturation",
            remedy="use a positive number; 1 is usual",
        )
    return share * task.budget.amount / max(1, len(task))


@dataclass
class _Stage:
    """The pot divided, before the harm budget."""

    amounts: list[int]
    capped: list[bool]
    kept: frozenset[int]
    floors_bind: bool = False
    certificate: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def _exchange(task: MoneyTask, line: Line, stage: _Stage, scale: Fraction) -> dict[str, str]:
    """The dearest unit left out, the cheapest taken, and the largest gain of moving one unit: never above 0."""
    full = [cap for cap in task.team_caps if any(stage.capped[i] for i in cap.members)]
    team_of = {i: cap.team for cap in full for i in cap.members}
    last: dict[str | None, tuple[tuple[int, int], int]] = {}  # (key, tie), project
    following: dict[str | None, tuple[tuple[int, int], int]] = {}
    amounts, bounds = stage.amounts, task.bounds
    taken = [i for i in stage.kept if amounts[i] > 0]
    for i, place in zip(taken, line.keys(taken, [amount - 1 for amount in amounts]), strict=True):
        key, own = (place, line.ties[i]), team_of.get(i)
        for group in (None,) if own is None else (None, own):
            if group not in last or key > last[group][0]:
                last[group] = (key, i)
    short = [i for i in stage.kept if amounts[i] < bounds[i]]
    for i, place in zip(short, line.keys(short, amounts), strict=True):
        key, group = (place, line.ties[i]), team_of.get(i) if stage.capped[i] else None
        if group not in following or key < following[group][0]:
            following[group] = (key, i)
    worth = {
        "last": {group: scale / line.place(i, stage.amounts[i] - 1) for group, (_, i) in last.items()},
        "next": {group: scale / line.place(i, stage.amounts[i]) for group, (_, i) in following.items()},
    }
    out = {
        "last_unit" + (f" of team {group}" if group else ""): f"{stage.amounts[i]} of {task.ids[i]}"
        for group, (_, i) in sorted(last.items(), key=lambda item: (item[0] is not None, item[0] or ""))
    }
    for end, table in worth.items():
        for group in sorted(table, key=lambda name: (name is not None, name or "")):
            out[f"worth_of_{end}_unit" + (f" of team {group}" if group else "")] = decimal_text(table[group])
    gains = [worth["next"][group] - worth["last"][group] for group in worth["next"] if group in worth["last"]]
    if gains:
        out["worst_exchange"] = decimal_text(max(gains))
    return out


def _divide(task: MoneyTask, line: Line, scale: Fraction) -> _Stage:
    """The pot by asks, team caps and the minimum, exactly."""
    pot, minimum = task.budget.amount, task.rules.minimum
    if minimum > 1:
        amounts, bounds, kept = fill_viable(line, task.bounds, pot, task.team_caps, minimum)
    else:
        amounts, bounds = fill_capped(line, task.bounds, pot, task.team_caps)
        kept = frozenset(range(len(task)))
    capped = [i in kept and amounts[i] == bounds[i] < task.bounds[i] for i in range(len(task))]
    stage = _Stage(amounts, capped, kept)
    stage.certificate.update(_exchange(task, line, stage, scale))
    return stage


def _divide_with_floors(task: MoneyTask, line: Line, floors: Sequence[tuple[str, Fraction]]) -> _Stage:
    """The pot by asks, team caps, floors and the minimum, in 80 digits, every award rounded down.

    Rounding down, and not handing the last few units out, keeps an award a non-decreasing function of its weight.
    """
    pot, minimum = task.budget.amount, task.rules.minimum
    memberships = [[project.cells.get(cell, Fraction(0)) for cell, _ in floors] for project in task.projects]
    kept = {i for i, bound in enumerate(task.bounds) if minimum <= 1 or bound >= minimum}
    while True:
        solution = solve_floors(
            line.weights,
            [bound if i in kept else 0 for i, bound in enumerate(task.bounds)],
            pot,
            line.k,
            caps=task.team_caps,
            memberships=memberships,
            floors=[floor for _, floor in floors],
        )
        amounts = [int(EIGHTY.add(amount, _NUDGE).to_integral_value(ROUND_FLOOR)) for amount in solution.amounts]
        small = [i for i in kept if amounts[i] < minimum] if minimum > 1 else []
        if not small:
            break
        nothing = {i for i in small if solution.amounts[i] == 0}
        kept -= nothing or {min(small, key=lambda i: (solution.amounts[i], -line.ties[i]))}
    stage = _Stage(amounts, list(solution.capped), frozenset(kept), any(solution.multipliers))
    largest = max(line.weights)
    for (cell, floor), multiplier in zip(floors, solution.multipliers, strict=True):
        stage.certificate[f"multiplier of floor {cell}"] = str(multiplier)
        reached = sum((share * x for share, x in zip(_column(task, cell), amounts, strict=True)), Fraction(0))
        if reached < floor - len(task):
            money = task.budget.currency.format
            stage.warnings.append(
                f"The floor of {money(int(floor))} for {parse_cell(cell).title} cannot be met: the projects that may "
                f"be funded take {money(int(reached))}, so {money(int(floor - reached))} is missing."
            )
    stage.certificate["multiplier of the pot"] = "0" if solution.price is None else str(solution.price)
    for cap in task.team_caps:
        price = next((found for i in cap.members if (found := solution.team_prices[i]) is not None), None)
        if price is not None:
            stage.certificate[f"multiplier of team {cap.team}"] = str(price)
    stage.certificate["unit of multipliers"] = f"weight {largest} per minor unit, at an award of 0"
    stage.certificate["floor_residual"] = str(solution.residual)
    stage.certificate["floor_tolerance"] = str(FLOOR_TOLERANCE)
    stage.certificate["rounding"] = "each award is rounded down to a minor unit"
    return stage


def _column(task: MoneyTask, cell: str) -> list[Fraction]:
    return [project.cells.get(cell, Fraction(0)) for project in task.projects]


def _cut_harm(task: MoneyTask, line: Line, stage: _Stage) -> list[int]:
    """Awards under the harm budget: never above those of the first step."""
    limit = as_written(task.rules.harm_budget or 0) * MICRO * task.budget.amount
    costs = [harm_of(task, i) for i in range(len(task))]
    allowed = limit.numerator // limit.denominator
    dear = Line(line.weights, line.ties, line.k, costs)
    amounts = fill(dear, stage.amounts, allowed)
    if amounts != stage.amounts:
        risky = [i for i, cost in enumerate(costs) if cost > 0 and amounts[i] > 0]
        cut = max(risky, key=lambda i: (dear.key(i, amounts[i] - 1), line.ties[i]), default=None)
        stage.certificate["last_unit under the harm budget"] = (
            "none" if cut is None else f"{amounts[cut]} of {task.ids[cut]}"
        )
    if task.rules.minimum > 1:
        amounts = [amount if amount >= task.rules.minimum else 0 for amount in amounts]
    spent = sum(cost * amount for cost, amount in zip(costs, amounts, strict=True))
    stage.certificate["harm_spent"] = f"{decimal_text(Fraction(spent, MICRO))} of {decimal_text(limit / MICRO)}"
    held_back = sum(stage.amounts) - sum(amounts)
    if held_back:
        stage.warnings.append(
            f"The harm budget holds back {task.budget.currency.format(held_back)}; it stays in the pot."
        )
    return amounts


def _rare_loss(task: MoneyTask, stage: _Stage, amounts: Sequence[int]) -> list[str]:
    """A warning where a minimum acts beside floors or a harm budget: there the contract is not proved."""
    if len(stage.kept) == len(task):
        return []
    beside = "floors" if stage.floors_bind else "the harm budget" if list(amounts) != list(stage.amounts) else ""
    if not beside:
        return []
    risk = "in rare cases a better score then loses money, because it pushes another project below the minimum"
    return [f"The minimum and {beside} both changed awards: {risk}."]


def _limited_by(task: MoneyTask, stage: _Stage, amounts: Sequence[int]) -> list[str]:
    out = []
    for i, amount in enumerate(amounts):
        if amount < stage.amounts[i]:
            out.append("harm_budget")
        elif i not in stage.kept:
            out.append("minimum")
        elif amount == task.bounds[i] and (name := task.bound_name(i)):
            out.append(name)
        elif stage.capped[i]:
            out.append("team_cap")
        else:
            out.append("")
    return out


def solve(task: MoneyTask) -> MoneyResult:
    """Divide the pot by the differential rule, exactly."""
    caution = as_written(task.rules.caution)
    benefits = [score.criteria["benefit"] for score in task.scores]
    log_values = [caution.denominator * benefit.mean - caution.numerator * benefit.sd for benefit in benefits]
    weights, digits = integer_weights(log_values, caution.denominator, *priorities(task))
    line = Line(weights, task.ties, saturation(task))
    floors = [
        (cell, as_written(share) * task.budget.amount)
        for cell, share in sorted(task.rules.floors.items())
        if as_written(share) > 0
    ]
    stage = _divide_with_floors(task, line, floors) if floors else _divide(task, line, line.k / 10**digits)
    amounts = stage.amounts if task.rules.harm_budget is None else _cut_harm(task, line, stage)
    return MoneyResult(
        amounts=amounts,
        weights=weights,
        limited_by=_limited_by(task, stage, amounts),
        certificate={"k": str(line.k), "weight_digits": str(digits), **stage.certificate},
        warnings=(*stage.warnings, *_rare_loss(task, stage, amounts)),
    )


DIFFERENTIAL: Final = register(
    MoneyRule(
        name="differential",
        title="Most value with diminishing returns, defence first",
        model=(
            "Each project's value per unit of money is its cautious posterior value, raised by the probabilities that "
            "it shifts the balance towards defence and spreads power. Further money is worth less: half at the "
            "saturation k. The pot goes, unit by unit, to where the next unit is worth most, within asks, team caps "
            "and floors per domain cell; then awards are cut, least value per harm first, until the harm budget is met."
        ),
        assumptions=(
            "Log-values measure benefit on a ratio scale that adds up over projects.",
            "Returns diminish in the same way for all projects, at the same k.",
            "Projects do not depend on each other's money.",
        ),
        failure_modes=(
            "A saturation far from the projects' real size spreads the pot too evenly or too narrowly.",
            "Money held back by the harm budget stays in the pot; the warning says how much.",
            "A minimum beside floors or a harm budget: in rare cases a better score loses money; a warning says so.",
        ),
        source="B. Federgruen and H. Groenevelt, greedy resource allocation (1986); V. Buterin, d/acc: one year later "
        "(2025) for the priority of defence and of diffusion of power.",
        solve=solve,
        draws=draw_differential,
    )
)
