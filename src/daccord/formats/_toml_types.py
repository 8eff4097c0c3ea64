"""Types of values in a TOML file, checked at the boundary; nothing is coerced."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from daccord.formats._problems import clean_text
from daccord.formats._values import Fault, parse_date

__all__ = ["Amount", "Day", "Items", "Part", "Probability", "Words", "fault"]


def fault(message: str, remedy: str) -> PydanticCustomError:
    """An error in a value, with what to do."""
    return PydanticCustomError("daccord", "{message}", {"message": message, "remedy": remedy})


def _clean(text: str) -> str:
    if not text.strip():
        raise fault("the text is empty", "say it in words")
    if (found := clean_text(text, lines=True)) is not None:
        raise fault(*found)
    return text


def _amount(value: object) -> object:
    if isinstance(value, float):
        raise fault(f"{value!r} is a TOML float, and money is never a float", f'write it in quotes: "{value:.15g}"')
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _date(value: object) -> object:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    return value


def _known_date(text: str) -> str:
    try:
        return parse_date(text) if text else text
    except Fault as found:
        raise fault(found.message, found.remedy) from None


def _items(value: object) -> object:
    return [item.strip() for item in value.split(";") if item.strip()] if isinstance(value, str) else value


Words = Annotated[str, Field(min_length=1), AfterValidator(_clean)]
Amount = Annotated[
    str,
    BeforeValidator(_amount),
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"^[0-9][0-9_]*(\.[0-9]+)?$", "minimum": 0}),
]
Day = Annotated[
    str,
    BeforeValidator(_date),
    AfterValidator(_known_date),
    WithJsonSchema({"type": "string", "pattern": r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"}),
]
Items = Annotated[
    list[str],
    BeforeValidator(_items),
    WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}),
]
Probability = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A table of a TOML file: no unknown keys, no coercion, no nan or infinity."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
