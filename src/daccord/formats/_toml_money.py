"""The table `[rules.money]` of round.toml, and what stands in the tables below it.

A table below it, one a money rule, follows from the rule's class of parameters in `daccord.round`; so do its JSON
Schema, its reading and its writing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from dataclasses import Field as DataField
from typing import Any, Final, Literal, get_type_hints

from pydantic import Field, create_model

from daccord.formats._toml_types import Amount, Part, Probability, Words
from daccord.formats._values import amount_text
from daccord.money import Currency
from daccord.round import MoneyRules

__all__ = ["MoneyPart", "money_rules", "money_tables"]


def _groups() -> dict[str, type[Any]]:
    """The rules that have a table of their own: its key → class of parameters."""
    hints = get_type_hints(MoneyRules)
    return {item.name: hints[item.name] for item in fields(MoneyRules) if is_dataclass(hints[item.name])}


GROUPS: Final = _groups()


def _default(item: DataField[Any]) -> Any:  # noqa: ANN401 - any parameter
    return item.default_factory() if item.default_factory is not MISSING else item.default


def _part(key: str, parameters: type[Any]) -> type[Part]:
    """The table of one rule's parameters."""
    hints = get_type_hints(parameters)
    shapes: dict[str, Any] = {}
    for item in fields(parameters):
        about = {"description": item.metadata["about"], **item.metadata["bounds"]}
        if item.metadata["minor"]:
            # Without a currency only zero and nothing can be said in whole units.
            shapes[item.name] = (Amount, Field("" if item.default is None else str(item.default), **about))
        else:
            shapes[item.name] = (hints[item.name], Field(_default(item), **about))
    name = "".join(word.title() for word in key.split("_")) + "Part"
    first = (parameters.__doc__ or "").split("\n", 1)[0]
    return create_model(name, __base__=Part, __doc__=first, **shapes)


def _tables() -> Any:  # noqa: ANN401 - a class made while the program runs
    """A model with one table a rule."""
    parts = {key: _part(key, parameters) for key, parameters in GROUPS.items()}
    shapes: dict[str, Any] = {
        key: (part, Field(default_factory=lambda part=part: part.model_validate({}))) for key, part in parts.items()
    }
    return create_model("Tables", __base__=Part, **shapes)


class MoneyPart(_tables()):  # type: ignore[misc]
    """The money rule and its parameters."""

    rule: Words = Field(MoneyRules().rule, description="Name of a registered money rule.")
    basis: Literal["expected", "low"] = Field(
        MoneyRules().basis, description="For `proportional`: expected share, or its lower 10 % quantile."
    )
    caution: float = Field(MoneyRules().caution, ge=0, description="Standard deviations taken off a log-value.")
    defence_priority: float = Field(MoneyRules().defence_priority, ge=0, description="Extra value of defence.")
    diffusion_priority: float = Field(
        MoneyRules().diffusion_priority, ge=0, description="Extra value of spreading power."
    )
    saturation: float = Field(
        MoneyRules().saturation, gt=0, description="Award, in equal splits, where a further unit is worth half."
    )
    harm_budget: float | None = Field(
        MoneyRules().harm_budget,
        ge=0,
        le=1,
        description="Awards are cut until the sum of award times probability of harm is at most this share of the pot; "
        "what that frees stays unallocated.",
    )
    team_cap: float | None = Field(
        MoneyRules().team_cap, gt=0, le=1, description="Largest share of the pot for all projects of one team."
    )
    floors: dict[str, Probability] = Field({}, description="Domain cell → least share of the pot.")
    minimum: Amount = Field("0", description="Smallest viable grant, in whole units; a smaller one becomes zero.")
    evidence_cap: float = Field(
        MoneyRules().evidence_cap,
        gt=0,
        description="Most for a project, in equal splits of the pot, for each answer of people about its benefit.",
    )


def money_rules(part: MoneyPart, amount: Callable[[str, str], int | None]) -> MoneyRules | None:
    """The parameters of the money rules.

    Args:
        part: The table.
        amount: (text of whole units, dotted column) → minor units; None after reporting what is wrong.

    Returns:
        Them; None if an amount is wrong, which has been reported.
    """
    values = part.model_dump()
    sound = True
    values["minimum"] = amount(part.minimum, "rules.money.minimum")
    for key, parameters in GROUPS.items():
        for item in fields(parameters):
            if item.metadata["minor"]:
                text = values[key][item.name]
                found = amount(text, f"rules.money.{key}.{item.name}") if text else None
                sound = sound and (found is not None or not text)
                values[key][item.name] = found
        values[key] = parameters(**values[key])
    return MoneyRules(**values) if sound and values["minimum"] is not None else None


def money_tables(money: MoneyRules, currency: Currency) -> dict[str, dict[str, Any]]:
    """Header → values of the tables that say these parameters; a rule whose parameters are the defaults has none."""
    shared = {name: value for name, value in vars(money).items() if name not in GROUPS and name != "floors"}
    tables = {"[rules.money]": shared | {"minimum": amount_text(money.minimum, currency)}}
    if money.floors:
        tables["[rules.money.floors]"] = dict(money.floors)
    for key, parameters in GROUPS.items():
        chosen = getattr(money, key)
        if chosen != parameters():
            tables[f"[rules.money.{key}]"] = {
                item.name: amount_text(value, currency) if item.metadata["minor"] and value is not None else value
                for item in fields(parameters)
                for value in (getattr(chosen, item.name),)
            }
    return tables
