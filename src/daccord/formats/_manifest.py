"""`round.toml` → goal, budget, criteria and rules; what is wrong in one table does not hide the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from daccord.formats._problems import FileReport, Names, check_ids, nearest, shown
from daccord.formats._toml import TomlText, read_toml
from daccord.formats._toml_errors import report_errors
from daccord.formats._toml_models import (
    BudgetPart,
    ConstraintPart,
    CriterionPart,
    EarlierHoldPart,
    ListsPart,
    RiskPart,
    RoundFile,
    RulesPart,
    SafeguardPart,
    ThresholdPart,
)
from daccord.formats._toml_money import money_rules
from daccord.formats._values import Fault, parse_amount
from daccord.money import Currency
from daccord.portfolio import CELLS, Risk
from daccord.round import (
    CRITERIA,
    HARMS,
    Budget,
    Constraint,
    Criterion,
    EarlierHold,
    EvidenceRules,
    Goal,
    HarmRules,
    ModelRules,
    Override,
    RatingScale,
    RoleRules,
    Rules,
    Safeguard,
    Threshold,
    VerdictRules,
)

__all__ = ["FILE", "Manifest", "read_manifest"]

FILE = "round.toml"


@dataclass(frozen=True)
class Manifest:
    """What round.toml says, as far as it could be read.

    Attributes:
        name: Of the round.
        goal: None if it could not be read.
        budget: None if it could not be read.
        currency: Known even where the amount is wrong; None if amounts cannot be read.
        criteria: Those asked; a criterion is None if its table could not be read.
        asked: Names of the criteria, to look up.
        rules: None if they could not be read.
        risks: In order.
        risks_complete: False if they could not be read; then any risk is let pass elsewhere.
        communities: Declared.
        families: Declared.
        floor: For zero and missing list entries, as a fraction of the mean weight.
        partial: True if lists may leave projects out.
        simulated: True if the round is invented.
        seed: Of random draws.
        notices: Kept from whoever made the folder.
        toml: For the rows of what is checked later.
    """

    name: str
    goal: Goal | None
    budget: Budget | None
    currency: Currency | None
    criteria: Mapping[str, Criterion | None]
    asked: Names
    rules: Rules | None
    risks: tuple[Risk, ...]
    risks_complete: bool
    communities: Names
    families: Names
    floor: float | None
    partial: bool
    simulated: bool
    seed: int
    notices: tuple[str, ...]
    toml: TomlText = field(repr=False)


def read_manifest(data: bytes, report: FileReport) -> Manifest | None:
    """Read round.toml.

    Args:
        data: Its bytes.
        report: Takes every problem.

    Returns:
        What could be read; None if it is not TOML at all.
    """
    toml = read_toml(data, report)
    if toml is None:
        return None
    parts = _valid_parts(toml, report)
    currency, budget = _budget(parts.get("budget"), toml, report)
    criteria = _criteria(parts, toml, report)
    risks = _risks(parts.get("risks", []), toml, report)
    rules = _rules(parts, currency, budget, toml, report)
    goal = parts.get("goal")
    lists = parts.get("lists") or ListsPart.model_validate({})
    return Manifest(
        name=parts.get("name", ""),
        goal=Goal(goal.statement, goal.set_by, goal.date) if goal else None,
        budget=budget,
        currency=currency,
        criteria=criteria,
        asked=Names("criterion", FILE, criteria, complete=isinstance(toml.data.get("criteria"), dict)),
        rules=rules,
        risks=risks,
        risks_complete="risks" in parts,
        communities=_declared("community", "communities", parts, toml, report),
        families=_declared("family", "families", parts, toml, report),
        floor=lists.floor,
        partial=lists.partial,
        simulated=parts.get("simulated", False),
        seed=parts.get("seed", 0),
        notices=tuple(parts.get("notices", [])),
        toml=toml,
    )


def _valid_parts(toml: TomlText, report: FileReport) -> dict[str, Any]:
    """Top-level keys that are valid, with their defaults; the others are reported and left out."""
    try:
        whole = RoundFile.model_validate(toml.data)
    except ValidationError as error:
        bad = report_errors(error, RoundFile, toml, report)
        parts: dict[str, Any] = {}
        for name, info in RoundFile.model_fields.items():
            if name in bad:
                continue
            if name in toml.data:
                parts[name] = TypeAdapter(cast("type[Any]", info.annotation)).validate_python(
                    toml.data[name], strict=True
                )
            else:
                parts[name] = info.get_default(call_default_factory=True)
        return parts
    return {name: getattr(whole, name) for name in RoundFile.model_fields}


def _budget(part: BudgetPart | None, toml: TomlText, report: FileReport) -> tuple[Currency | None, Budget | None]:
    if part is None:
        return None, None
    currency = Currency(part.currency, part.digits)
    amount = _amount(part.amount, currency, "budget.amount", toml, report)
    if amount is None:
        return currency, None
    if amount == 0:
        report.add(toml.row(("budget", "amount")), "budget.amount", "the pot is empty", "write an amount above zero")
        return currency, None
    return currency, Budget(amount, currency)


def _amount(text: str, currency: Currency, column: str, toml: TomlText, report: FileReport) -> int | None:
    try:
        return parse_amount(text, currency)
    except Fault as fault:
        report.add(toml.row(tuple(column.split("."))), column, fault.message, fault.remedy)
        return None


def _criteria(parts: Mapping[str, Any], toml: TomlText, report: FileReport) -> dict[str, Criterion | None]:
    raw = toml.data.get("criteria")
    if not isinstance(raw, dict):
        return {}
    if "benefit" not in raw:
        remedy = "add a table [criteria.benefit] with the question that judges answer"
        report.add(toml.row(("criteria",)), "criteria.benefit", "the criterion benefit is missing", remedy)
    if "criteria" in parts:
        return {name: _criterion(name, part, toml, report) for name, part in parts["criteria"].items()}
    # Some table is wrong, and reported: keep the names, so that answers to these criteria are checked all the same.
    return {name: None for name in raw if name in CRITERIA}


def _criterion(name: str, part: CriterionPart, toml: TomlText, report: FileReport) -> Criterion:
    scale = RatingScale(part.rating.low, part.rating.high, part.rating.interval) if part.rating else None
    right, wrong = ("limit", "bar") if name in HARMS else ("bar", "limit")
    path = ("criteria", name, wrong)
    if getattr(part, wrong) is not None:
        report.add(toml.row(path), ".".join(path), f"{name} has no {wrong}", f"call it {right}")
    stated: ThresholdPart | None = getattr(part, right)
    threshold = None
    if stated is not None and stated.times_typical is not None:
        threshold = Threshold("relative", stated.times_typical)
    elif stated is not None and stated.rating is not None:
        threshold = Threshold("rating", stated.rating)
        path = ("criteria", name, right)
        if scale is None:
            message = f"the {right} is a rating, but {name} has no rating scale"
            remedy = "add rating = { low = 0, high = 10 }, or use times_typical"
            report.add(toml.row(path), ".".join(path), message, remedy)
        elif not scale.low <= stated.rating <= scale.high:
            message = f"the {right} {stated.rating:g} is off the scale {scale.low:g} to {scale.high:g}"
            report.add(toml.row(path), ".".join(path), message, "choose a point on the scale")
    return Criterion(name, part.question, scale, threshold)


def _risks(parts: list[RiskPart], toml: TomlText, report: FileReport) -> tuple[Risk, ...]:
    rows = ((part.id, toml.row(("risks", i, "id"))) for i, part in enumerate(parts))
    check_ids(rows, "risk", "risks.id", report)
    return tuple(Risk(part.id, part.title) for part in parts)


def _declared(what: str, key: str, parts: Mapping[str, Any], toml: TomlText, report: FileReport) -> Names:
    ids = parts.get(key, {})
    check_ids(((name, toml.row((key, name))) for name in ids), what, key, report)
    return Names(what, f"[{key}] of {FILE}", ids, complete=key in parts)


def _rules(
    parts: Mapping[str, Any], currency: Currency | None, budget: Budget | None, toml: TomlText, report: FileReport
) -> Rules | None:
    constraints: list[ConstraintPart] = parts.get("constraints", [])
    rows = ((part.id, toml.row(("constraints", i, "id"))) for i, part in enumerate(constraints))
    check_ids(rows, "constraint", "constraints.id", report)
    part: RulesPart | None = parts.get("rules")
    if part is None:
        return None
    _check_floors(part.money.floors, toml, report)
    money = None
    if currency is not None:
        money = money_rules(part.money, lambda text, column: _amount(text, currency, column, toml, report))
    if money is None:
        return None
    if budget is not None and money.minimum > budget.amount:
        column = "rules.money.minimum"
        message = "the smallest viable grant is larger than the pot"
        report.add(toml.row(tuple(column.split("."))), column, message, "lower it, or raise the budget")
    override = part.models.override
    safeguards: list[SafeguardPart] = parts.get("safeguards", [])
    return Rules(
        fusion=part.fusion,
        evidence=EvidenceRules(**part.evidence.model_dump()),
        verdicts=VerdictRules(**part.verdicts.model_dump()),
        money=money,
        models=ModelRules(
            part.models.family_alarm,
            part.models.family_cap,
            Override(override.by, override.reason) if override else None,
        ),
        harm=HarmRules(**part.harm.model_dump()),
        roles=RoleRules(**part.roles.model_dump()),
        constraints=tuple(
            Constraint(item.id, item.version, item.text, tuple(item.projects), tuple(item.raises))
            for item in constraints
        ),
        safeguards=tuple(_safeguard(item) for item in safeguards),
        hold_days=part.hold_days,
        decided_on=part.decided_on,
        earlier_holds=_earlier_holds(parts.get("earlier_holds", []), part.decided_on, toml, report),
    )


def _safeguard(part: SafeguardPart) -> Safeguard:
    scope = {name: tuple(getattr(part, name)) for name in ("projects", "risks", "cells", "roles")}
    return Safeguard(**part.model_dump() | scope)


def _earlier_holds(
    parts: list[EarlierHoldPart], decided_on: str, toml: TomlText, report: FileReport
) -> tuple[EarlierHold, ...]:
    """Holds taken over: one a project, none from the future, and only where the day of this decision is known."""
    seen: set[str] = set()
    for i, part in enumerate(parts):
        row = toml.row(("earlier_holds", i))
        if part.project in seen:
            message = f"the project {shown(part.project)} is held twice"
            report.add(row, "earlier_holds.project", message, "keep the hold that expires last")
        elif not decided_on:
            message = "a hold expires by the calendar, and the day of this decision is not stated"
            report.add(row, "rules.decided_on", message, 'write decided_on = "2026-12-01" in [rules]')
        elif part.since > decided_on:
            message = f"the hold was decided on {part.since}, after this decision on {decided_on}"
            report.add(row, "earlier_holds.since", message, "write the day of the earlier decision")
        seen.add(part.project)
    return tuple(EarlierHold(**part.model_dump()) for part in parts)


def _check_floors(floors: Mapping[str, float], toml: TomlText, report: FileReport) -> None:
    cells = [cell.id for cell in CELLS]
    column = "rules.money.floors"
    path = ("rules", "money", "floors")
    for name in floors:
        if name not in cells:
            meant = nearest(name, cells)
            remedy = f"did you mean {shown(meant)}?" if meant else f"use one of {', '.join(cells)}"
            report.add(toml.row((*path, name)), column, f"{shown(name)} is no domain cell", remedy)
    if (total := sum(floors.values())) > 1 + 1e-9:
        report.add(toml.row(path), column, f"the floors sum to {total:g}, more than the pot", "lower them")
