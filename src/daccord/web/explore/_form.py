"""From a query string to settings and back. Nothing is coerced: what is not right is a problem at its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from daccord.web.explore._fields import Field, Setting

__all__ = ["Form", "Reading", "Settings", "written"]

_NUMBER: Final = re.compile(r"[-+]?(?:\d{1,20}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][-+]?\d{1,3})?", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,12}", re.ASCII)
_LONGEST: Final = 24_000
_SLACK: Final = 1e-9
"""Relative: sums of decimal fractions may miss the budget by rounding."""


@dataclass(frozen=True)
class Settings:
    """Every field's value, in the order of the form."""

    values: tuple[tuple[str, Setting], ...]

    def __getitem__(self, name: str) -> Setting:
        return dict(self.values)[name]

    def number(self, name: str) -> float:
        """A number."""
        found = self[name]
        assert not isinstance(found, str)
        return found

    def among(self, prefix: str) -> dict[str, float]:
        """Numbers whose names begin with a prefix, by the rest of the name."""
        return {
            name.removeprefix(prefix): value
            for name, value in self.values
            if name.startswith(prefix) and not isinstance(value, str)
        }

    def changed(self, new: Mapping[str, Setting]) -> Settings:
        """The same with some values changed."""
        return Settings(tuple((name, new.get(name, value)) for name, value in self.values))


@dataclass(frozen=True)
class Reading:
    """What a query string says.

    Attributes:
        settings: None if there are problems.
        before: Settings of the run to compare with, if any.
        texts: Field → what was typed, or what is meant if nothing was.
        problems: Field → what is wrong, for people. Under "money" what is wrong with the sum; under "" all else.
        stale: Whether the link was made for another version of the file.
    """

    settings: Settings | None
    before: Settings | None
    texts: Mapping[str, str]
    problems: Mapping[str, str]
    stale: bool = False


def written(value: Setting) -> str:
    """A value as it stands in a link: reading it gives the same value."""
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


class Form:
    """Fields, and how queries are read.

    Args:
        fields: In order, names unique.
        budget: What money may come to.
        unit: Of money.
        digest: Of the file, so that links can be told to be of another version.
    """

    def __init__(self, fields: tuple[Field, ...], budget: float, unit: str, digest: str) -> None:
        self.fields = fields
        self.budget = budget
        self.unit = unit
        self.digest = digest[:12]
        self._by_name = {field.name: field for field in fields}
        self.own = Settings(tuple((field.name, field.own) for field in fields))

    def link(self, settings: Settings, *, before: Settings | None = None) -> str:
        """All settings as a query string.

        Args:
            settings: What to hold.
            before: The run to compare with.
        """
        pairs = [(name, written(value)) for name, value in settings.values]
        if self.digest:
            pairs.append(("file", self.digest))
        if before is not None:
            pairs.append(("was", self.link(before)))
        return urlencode(pairs)

    def read(self, query: str) -> Reading:
        """Read a query string; fields that are not named keep the file's values.

        Args:
            query: Without the question mark.
        """
        texts = {field.name: written(field.own) for field in self.fields}
        pairs, problem = _pairs(query)
        if problem:
            return Reading(None, None, texts, {"": problem})
        problems: dict[str, str] = {}
        seen: set[str] = set()
        strange = []
        before, stale = None, False
        for name, text in pairs:
            if name not in self._by_name and name not in {"was", "file"}:
                strange.append(name)
            elif name in seen:
                problems[name if name in self._by_name else ""] = "given twice: leave one of them out"
            elif name == "was":
                before, problem = self._before(text)
                if problem:
                    problems[""] = problem
            elif name == "file":
                stale = text != self.digest
            else:
                texts[name] = text
            seen.add(name)
        if strange:
            shown = ", ".join(repr(name[:40]) for name in strange[:5])
            problems[""] = f"There is no setting {shown}. Remove it from the address, or start again from the file."
        found: dict[str, Setting] = {}
        for field in self.fields:
            value = field.own if field.name not in seen else _value(field, texts[field.name], problems)
            if value is not None:
                found[field.name] = value
        settings = self.own.changed(found)
        self._together(settings, problems)
        return Reading(None if problems else settings, before, texts, problems, stale)

    def _before(self, text: str) -> tuple[Settings | None, str]:
        names = [name for name, _ in _pairs(text)[0]]
        inner = None if "was" in names or not names else self.read(text)
        if inner is None or inner.settings is None:
            return None, "The settings to compare with (“was”) cannot be read. Remove them from the address."
        return inner.settings, ""

    def _together(self, settings: Settings, problems: dict[str, str]) -> None:
        if not any(name.startswith("money.") for name in problems):
            total = sum(settings.among("money.").values())
            if total > self.budget * (1 + _SLACK):
                problems["money"] = (
                    f"The parts come to {total:.6g} {self.unit}, more than the budget of {self.budget:.6g}. "
                    f"Lower them by {total - self.budget:.6g}."
                )
        weights = settings.among("weight.")
        if weights and not any(name.startswith("weight.") for name in problems) and not sum(weights.values()) > 0:
            problems["weights"] = "All weights are 0, so nothing can be put in order. Raise one of them."


def _pairs(query: str) -> tuple[list[tuple[str, str]], str]:
    if len(query) > _LONGEST:
        return [], f"The address is longer than {_LONGEST} characters. Start again from the file."
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=400), ""
    except ValueError:  # also UnicodeDecodeError
        return [], "The address cannot be read. Start again from the file."


def _value(field: Field, text: str, problems: dict[str, str]) -> Setting | None:
    if field.kind == "choice":
        assert field.choices is not None
        if text in field.choices:
            return text
        problems[field.name] = f"Choose one of: {', '.join(field.choices)}."
        return None
    whole = field.kind == "whole"
    if not (_WHOLE if whole else _NUMBER).fullmatch(text):
        what, how = ("a whole number", "") if whole else ("a number", ", with a point before decimals")
        problems[field.name] = f"Give {what} from {field.low:g} to {field.high:.10g}{how}."
        return None
    value = int(text) if whole else float(text)
    if field.name.startswith("money.") and value > field.high * (1 + _SLACK):
        problems[field.name] = f"{text[:30]} is more than the whole budget of {field.high:.10g}."
        return None
    if not field.low <= value <= field.high * (1 + _SLACK):
        problems[field.name] = f"{text[:30]} is outside {field.low:g} to {field.high:.10g}."
        return None
    return value
