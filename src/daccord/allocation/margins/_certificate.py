"""Checking that awards solve `differential`, without solving it.

The rule's line of units (see `_fill`) is cut once for the pot, once for each team at its cap and once for the harm
budget. A certificate names the last unit before each cut: one number per constraint, which is the constraint's
multiplier in another form. Given the last unit, how many units of a project stand before the cut is one division:

    x_i = #{ x ≥ 0 : (k + x + 1/2) c_i / w_i  comes before the place of the last unit },  at most its bound.

So a checker recomputes weights and bounds from published scores and rules, counts, adds up, and compares. A cut that
uses up its budget exactly is the only such cut, because the line is totally ordered: awards that pass are the solution,
and no exchange of units can improve it. With floors the multipliers stand in the certificate themselves, and each award
must be the rounded answer to them; the checker also verifies that floors and pot are met where their multipliers act.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import MAX_EMAX, MIN_EMIN, ROUND_FLOOR, Context, Decimal, localcontext
from fractions import Fraction
from typing import Final

from daccord.allocation._allocate import money_task, paid_positions
from daccord.allocation._differential import harm_of, priorities, saturation
from daccord.allocation._exact import as_written, integer_weights
from daccord.allocation._rules import MoneyTask, TeamCap
from daccord.allocation._types import Award, Verdict
from daccord.allocation.accounts import Plan
from daccord.fusion import MICRO, Scores
from daccord.portfolio import Portfolio
from daccord.round import Budget, MoneyInputs, Rules

__all__ = ["CertificateCheck", "check_certificate"]

_CONTEXT: Final = Context(prec=80, Emin=MIN_EMIN, Emax=MAX_EMAX)
_NUDGE: Final = Decimal("1e-6")
_CLOSE: Final = Fraction(1, 10**6)


@dataclass
class CertificateCheck:
    """What checking found.

    Attributes:
        faults: One sentence a fault, naming the project or the constraint; empty if the awards are the solution.
        unproved: What these awards claim and this check cannot show without solving the rule.
    """

    faults: list[str] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


@dataclass(frozen=True)
class _Cut:
    """A place in a line: the last unit before it."""

    place: Fraction
    tie: int


class _Checker:
    def __init__(self, task: MoneyTask, awards: Sequence[Award], certificate: Mapping[str, str]) -> None:
        self.task = task
        self.given = [award.amount - award.entries for award in awards]
        self.limited = [award.limited_by for award in awards]
        self.certificate = certificate
        self.out = CertificateCheck()
        self.k = saturation(task)
        caution = as_written(task.rules.caution)
        benefits = [score.criteria["benefit"] for score in task.scores]
        logs = [caution.denominator * benefit.mean - caution.numerator * benefit.sd for benefit in benefits]
        self.weights, _ = integer_weights(logs, caution.denominator, *priorities(task))
        for i, award in enumerate(awards):
            if award.weight != self.weights[i]:
                self.fault(f"{task.ids[i]}: its weight is {award.weight}; its scores give {self.weights[i]}")
        dropped = {i for i, limit in enumerate(self.limited) if limit == "minimum"} if task.rules.minimum > 1 else set()
        self.kept = [i for i in range(len(task)) if i not in dropped]
        self.dropped = sorted(dropped)
        self.bounds = [0 if i in dropped else bound for i, bound in enumerate(task.bounds)]

    def fault(self, text: str) -> None:
        self.out.faults.append(text)

    def cut(self, name: str, costs: Sequence[int] | None = None) -> _Cut | None:
        """The cut that the certificate names; None if it names none or nonsense."""
        text = self.certificate.get(name)
        if text is None or text == "none":
            return None
        number, _, project = text.partition(" of ")
        i = self.task.index.get(project)
        if i is None or not number.isascii() or not number.isdigit() or int(number) < 1:
            self.fault(f"the certificate's {name!r}, {text!r}, is no unit of a project that may be funded")
            return None
        cost = 1 if costs is None else costs[i]
        place = (self.k + int(number) - Fraction(1, 2)) * cost / self.weights[i]
        return _Cut(place, self.task.ties[i])

    def count(self, i: int, cut: _Cut, cost: int = 1) -> int:
        """Units of project i up to the cut."""
        ahead = cut.place * self.weights[i] / cost - self.k - Fraction(1, 2)
        whole = ahead.numerator // ahead.denominator
        if self.task.ties[i] <= cut.tie or whole * ahead.denominator != ahead.numerator:
            whole += 1  # units 0 to floor(ahead), or below ahead if it is a whole number
        return max(0, whole)

    def team_bounds(self) -> list[int]:
        """Bounds under the team caps: a team's own line, cut at its cap."""
        bounds = list(self.bounds)
        for cap in self.task.team_caps:
            cut = self.cut(f"last_unit of team {cap.team}")
            if cut is None and cap.amount > 0:
                continue
            inside = {i: 0 if cut is None else min(self.bounds[i], self.count(i, cut)) for i in cap.members}
            if sum(inside.values()) == cap.amount:
                for i, bound in inside.items():
                    bounds[i] = bound
        return bounds

    def first_step(self) -> list[int]:
        """The pot by asks and team caps, counted from the cuts."""
        bounds, pot = self.team_bounds(), self.task.budget.amount
        total, cut = sum(bounds), self.cut("last_unit")
        amounts = bounds
        if total > pot:
            if cut is None and pot > 0:
                self.fault("the certificate lacks the last unit of the pot, which is the limit here")
                return bounds
            amounts = [0] * len(bounds) if cut is None else [min(b, self.count(i, cut)) for i, b in enumerate(bounds)]
            if sum(amounts) != pot:
                self.fault(f"the units up to the last one add up to {sum(amounts)}, not to the {pot} that are divided")
        for cap in self.task.team_caps:
            together = sum(amounts[i] for i in cap.members)
            if together > cap.amount:
                self.fault(f"the team {cap.team} gets {together}, more than its cap of {cap.amount}")
        return amounts

    def harm_step(self, first: list[int]) -> list[int]:
        """Awards under the harm budget, counted from its cut."""
        if self.task.rules.harm_budget is None:
            return first
        limit = as_written(self.task.rules.harm_budget) * MICRO * self.task.budget.amount
        costs = [harm_of(self.task, i) for i in range(len(self.task))]
        if sum(cost * x for cost, x in zip(costs, first, strict=True)) <= limit:
            return first
        cut = self.cut("last_unit under the harm budget", costs)
        amounts = list(first)
        for i, cost in enumerate(costs):
            if cost > 0:
                amounts[i] = 0 if cut is None else min(first[i], self.count(i, cut, cost))
        spent = sum(cost * x for cost, x in zip(costs, amounts, strict=True))
        if spent > limit:
            self.fault("the units up to the last one under the harm budget exceed it")
        room = [i for i, cost in enumerate(costs) if cost > 0 and amounts[i] < first[i]]
        following = min(
            room,
            key=lambda i: ((self.k + amounts[i] + Fraction(1, 2)) * costs[i] / self.weights[i], self.task.ties[i]),
            default=None,
        )
        if following is not None and spent + costs[following] <= limit:
            self.fault(f"the harm budget leaves room for a further unit of {self.task.ids[following]}")
        minimum = self.task.rules.minimum
        return [0 if minimum > 1 and x < minimum else x for x in amounts]

    def minimum(self, first: Sequence[int]) -> None:
        """Whether nobody gets less than the minimum, and nobody was dropped who could have had it."""
        least, ids = self.task.rules.minimum, self.task.ids
        if least <= 1:
            return
        for i in self.kept:
            if first[i] < least:
                self.fault(f"{ids[i]}: {first[i]} is below the minimum of {least}, but it was not dropped")
        able = [i for i in self.dropped if self.task.bounds[i] >= least]
        if not able:
            return
        if self.task.team_caps:
            self.out.unproved.append("that only projects were dropped for the minimum that could not reach it")
            return
        best = min(able, key=lambda i: (-self.weights[i], self.task.ties[i]))
        if any((-self.weights[i], self.task.ties[i]) > (-self.weights[best], self.task.ties[best]) for i in self.kept):
            self.fault(f"{ids[best]}: it was dropped for the minimum before a project with a smaller weight")
        cut = _Cut((self.k + least - Fraction(1, 2)) / self.weights[best], self.task.ties[best])
        before = sum(min(self.bounds[i], self.count(i, cut)) for i in self.kept)
        if before + least <= self.task.budget.amount:
            self.fault(f"{ids[best]}: it was dropped for the minimum, but the pot reaches to its unit {least}")

    def compare(self, expected: Sequence[int]) -> None:
        for i, (amount, right) in enumerate(zip(self.given, expected, strict=True)):
            if amount != right:
                self.fault(f"{self.task.ids[i]}: its award by the rule is {amount}; the conditions give {right}")

    def with_floors(self, floors: Sequence[tuple[str, Fraction]]) -> list[int]:
        """Awards before the harm budget, from the multipliers; with every condition that makes them a solution."""
        exact: list[Decimal] = []
        with localcontext(_CONTEXT):
            eta = [self.multiplier(f"multiplier of floor {cell}") for cell, _ in floors]
            pot_price = self.multiplier("multiplier of the pot")
            prices = [pot_price] * len(self.task)
            for cap in self.task.team_caps:
                name = f"multiplier of team {cap.team}"
                if name in self.certificate:
                    for i in cap.members:
                        prices[i] = max(pot_price, self.multiplier(name))
            largest, k = Decimal(max(self.weights)), _decimal(self.k)
            for i, project in enumerate(self.task.projects):
                shares = [_decimal(project.cells.get(cell, Fraction(0))) for cell, _ in floors]
                net = prices[i] - sum((e * m for e, m in zip(eta, shares, strict=True)), Decimal(0))
                wanted = Decimal(self.bounds[i]) if net <= 0 else k * (self.weights[i] / largest / net - 1)
                exact.append(min(max(wanted, Decimal(0)), Decimal(self.bounds[i])))
            amounts = [int((x + _NUDGE).to_integral_value(ROUND_FLOOR)) for x in exact]
        self.feasible([Fraction(x) for x in exact], floors, eta, pot_price)
        return amounts

    def multiplier(self, name: str) -> Decimal:
        try:
            value = Decimal(self.certificate.get(name, ""))
        except ArithmeticError:
            value = Decimal(-1)
        if not value.is_finite() or value < 0:
            self.fault(f"the certificate's {name!r} is no multiplier")
            return Decimal(0)
        return value

    def feasible(
        self,
        exact: Sequence[Fraction],
        floors: Sequence[tuple[str, Fraction]],
        eta: Sequence[Decimal],
        pot_price: Decimal,
    ) -> None:
        """Primal feasibility and complementary slackness, up to a millionth of a minor unit."""
        pot, total = self.task.budget.amount, sum(exact, Fraction(0))
        if total > pot + _CLOSE:
            self.fault("the multipliers give more than the pot")
        if pot_price > 0 and total < pot - _CLOSE:
            self.fault("the pot has a multiplier but is not used up")
        for (cell, floor), multiplier in zip(floors, eta, strict=True):
            reached = sum(
                (p.cells.get(cell, Fraction(0)) * x for p, x in zip(self.task.projects, exact, strict=True)),
                Fraction(0),
            )
            if reached < floor - _CLOSE and multiplier < Decimal(10) ** 9:
                self.fault(f"the floor of {cell} is missed although its multiplier is not at its bound")
            if multiplier > 0 and reached > floor + _CLOSE:
                self.fault(f"the floor of {cell} has a multiplier but is exceeded")
        for cap in self.task.team_caps:
            self.team(cap, sum((exact[i] for i in cap.members), Fraction(0)))

    def team(self, cap: TeamCap, together: Fraction) -> None:
        if together > cap.amount + _CLOSE:
            self.fault(f"the multipliers give the team {cap.team} more than its cap")
        if f"multiplier of team {cap.team}" in self.certificate and together < cap.amount - _CLOSE:
            self.fault(f"the team {cap.team} has a multiplier but is below its cap")


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def check_certificate(
    portfolio: Portfolio,
    scores: Scores,
    verdicts: Sequence[Verdict],
    rules: Rules,
    budget: Budget,
    awards: Sequence[Award],
    certificate: Mapping[str, str],
    inputs: MoneyInputs | None = None,
    divided: int | None = None,
) -> CertificateCheck:
    """Verify that awards are what `differential` gives, from what is published and without solving anything.

    It takes one pass over the projects for each constraint. That the verdicts follow from the scores is another check
    (`decide_verdicts`), and so is what entries add (`daccord.allocation.accounts`).

    Args:
        portfolio: What was judged.
        scores: Published integers.
        verdicts: As published.
        rules: As published; the money rule must be `differential`.
        budget: The pot.
        awards: As published, in the portfolio's order.
        certificate: As published.
        inputs: Of the round, for its entries.
        divided: What the rule divided, as published; None for the whole pot.

    Returns:
        All faults found; none means that these awards are the solution.

    Raises:
        ValueError: The money rule is another one, or awards and portfolio do not match.
    """
    if rules.money.rule != "differential":
        raise ValueError(f"the money rule is {rules.money.rule}, not differential")
    if tuple(award.project for award in awards) != portfolio.ids:
        raise ValueError("the awards do not name the portfolio's projects in the portfolio's order")
    fundable = paid_positions(verdicts, rules)
    out = CertificateCheck()
    chosen = set(fundable)
    for i, award in enumerate(awards):
        if i not in chosen and award.amount != award.entries:
            out.faults.append(
                f"{award.project}: the rule pays it {award.amount - award.entries}, but it may not be funded"
            )
    if not fundable:
        return out
    pot = budget.amount if divided is None else divided
    entries = () if inputs is None else inputs.entries
    plan = Plan.of(entries, {verdict.project for verdict in verdicts if verdict.label == "hold"})
    task = money_task(portfolio, scores, rules, Budget(pot, budget.currency), inputs, fundable, plan)
    checker = _Checker(task, [awards[i] for i in fundable], certificate)
    floors = [(cell, as_written(share) * pot) for cell, share in sorted(rules.money.floors.items())]
    floors = [(cell, floor) for cell, floor in floors if as_written(rules.money.floors[cell]) > 0]
    if floors:
        first = checker.with_floors(floors)
        if checker.dropped:
            checker.out.unproved.append("that only projects were dropped for the minimum that could not reach it")
    else:
        first = checker.first_step()
        checker.minimum(first)
    checker.compare(checker.harm_step(first))
    return CertificateCheck(out.faults + checker.out.faults, checker.out.unproved)
