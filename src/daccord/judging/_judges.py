"""Judges: people (jurors) and models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

__all__ = ["EXPOSURES", "Judge", "Panel"]

EXPOSURES: Final = ("blind", "seen")


@dataclass(frozen=True)
class Judge:
    """A juror (a person) or a model.

    Attributes:
        id: Unique among all judges of the round.
        kind: `person` or `model`.
        community: Shared affiliation of people; empty if none is declared.
        family: Provider or base that models share; a model without one is a family of its own.
        conflicts: Ids of projects, and names of teams, this judge has a tie to; such answers are set aside.
        exposure: For models: `blind`, or `seen` if people's answers were visible to it before it answered.
            A model that has seen the answers can show no skill on them and gets no weight.
        committed: For models: seconds since 1970 (UTC) at which its answers were fixed. Answers of people that were
            revealed by then (see `Comparisons.revealed`) count for nothing in its skill. None if not known.
    """

    id: str
    kind: Literal["person", "model"]
    community: str = ""
    family: str = ""
    conflicts: tuple[str, ...] = ()
    exposure: Literal["blind", "seen"] = "blind"
    committed: int | None = None

    @property
    def is_person(self) -> bool:
        """True for jurors; only their answers are evidence."""
        return self.kind == "person"


@dataclass(frozen=True)
class Panel:
    """All judges of a round, in the order of their file."""

    judges: tuple[Judge, ...]

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Judge id → position."""
        return {judge.id: i for i, judge in enumerate(self.judges)}

    @cached_property
    def communities(self) -> tuple[str, ...]:
        """Declared communities of people, sorted."""
        return tuple(sorted({judge.community for judge in self.judges if judge.is_person and judge.community}))

    def __len__(self) -> int:
        return len(self.judges)

    def __iter__(self) -> Iterator[Judge]:
        return iter(self.judges)

    def __getitem__(self, identifier: str) -> Judge:
        return self.judges[self.index[identifier]]
