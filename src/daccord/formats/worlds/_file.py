"""A world file as read: the study, where its numbers are from, and a digest of what it means.

The digest is SHA-256 of canonical JSON (RFC 8785) of everything that counts: spacing and comments do not, every number,
name, source and weight does, so does the order of entries, and so does a default that nobody wrote.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Final

import rfc8785

from daccord.formats.worlds._fields import CONSTITUTIONS, FORMAT, kind_of
from daccord.futures.lab import Constitution
from daccord.futures.study import ScenarioClass, Study
from daccord.futures.world import Quantity, World

__all__ = ["SEVEN_NAMES", "WorldFile", "default_study", "meaning"]

SEVEN_NAMES: Final = ("no steering", "pause", "centre", "consortium", "market", "teams", "federation")
"""Names of the seven constitutions where a file names none."""


def default_study(world: World, budget: float, *, fundable: tuple[str, ...] | None = None) -> Study:
    """The study of a world for which nobody wrote one: the seven constitutions in one class."""
    seven = dict(zip(SEVEN_NAMES, (kind() for kind in CONSTITUTIONS.values()), strict=True))
    return Study(world, budget, seven, classes=(ScenarioClass("as stated"),), fundable=fundable)


@dataclass(frozen=True)
class WorldFile:
    """A world, what is asked of it, and where its numbers are from.

    Attributes:
        title: For people.
        about: What is asked, for people.
        fictional: Whether numbers are invented.
        study: World, budget and what is compared.
        sources: Number (`*` stands for anything) → where it is from.
        notes: Texts for people.
        evaluator_titles: Evaluator → who it is.
    """

    title: str
    about: str
    fictional: bool
    study: Study
    sources: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    evaluator_titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def world(self) -> World:
        """What evaluators believe."""
        return self.study.world

    @property
    def budget(self) -> float:
        """Money a year that is planned."""
        return self.study.budget

    @property
    def fundable(self) -> tuple[str, ...] | None:
        """Technologies that can be funded; all if None."""
        return self.study.fundable

    @property
    def digest(self) -> str:
        """SHA-256 of what the file means, 64 hexadecimal digits."""
        return hashlib.sha256(rfc8785.dumps(meaning(self))).hexdigest()


def meaning(file: WorldFile) -> dict[str, Any]:
    """Everything that counts in a file, as one document of JSON types."""
    found = _plain(file)
    assert isinstance(found, dict)
    named = found["study"]["constitutions"]
    found["study"]["constitutions"] = [{"name": name, **item} for name, item in named.items()]  # their order counts
    return {"format": FORMAT, **found}


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Quantity):
        return {"low": value.low, "high": value.high, "shape": value.shape}
    if is_dataclass(value) and not isinstance(value, type):
        own = {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
        return {"kind": kind_of(value), **own} if isinstance(value, Constitution) else own
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
