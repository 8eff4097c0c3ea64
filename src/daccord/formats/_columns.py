"""The CSV files of a round folder: their columns, once, for reader, writer and published schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from daccord.formats._values import NUMBER_PATTERN
from daccord.judging import EXPOSURES
from daccord.portfolio import CELLS, MATURITIES, ROLE_KINDS
from daccord.round import CRITERIA

__all__ = ["COMPARISONS", "CONTRIBUTIONS", "JUDGES", "LISTS", "PROJECTS", "RATINGS", "SHEETS", "TIE", "Column", "Sheet"]

TIE: Final = "tie"
"""What `winner` says when neither won; no project may have it as its id."""

_ID: Final = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[^;]+$"}
_TEXT: Final = {"type": "string"}
_AMOUNT: Final = {"type": "string", "pattern": r"^[0-9][0-9_]*(\.[0-9]+)?$"}
_NUMBER: Final = {"type": "string", "pattern": f"^{NUMBER_PATTERN}$"}
_OPTIONAL_NUMBER: Final = {"type": "string", "pattern": f"^({NUMBER_PATTERN})?$"}
_TIME: Final = {"type": "string", "examples": ["2026-11-01T14:30:00Z"]}
_CRITERION: Final = {"type": "string", "enum": list(CRITERIA)}


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: As the header spells it.
        about: For people.
        required: True if the column must be there.
        shape: JSON Schema of a cell, which is always a string.
        verbatim: True if spaces around the cell are part of it.
    """

    name: str
    about: str
    required: bool = False
    shape: Mapping[str, Any] = field(default_factory=lambda: _TEXT)
    verbatim: bool = False


@dataclass(frozen=True)
class Sheet:
    """One kind of CSV file.

    Attributes:
        file: Name in the folder.
        about: What a row says.
        columns: In the order they are written.
    """

    file: str
    about: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)


PROJECTS: Final = Sheet(
    "projects.csv",
    "Something that asks for money and is judged.",
    (
        Column("id", "Unique name; case matters.", required=True, shape=_ID),
        Column("title", "Name for people.", required=True, shape={"type": "string", "minLength": 1}, verbatim=True),
        Column("team", "Who does it; projects with the same text share a team."),
        Column(
            "ask",
            "Largest amount that can be used, in whole units of the budget's currency; empty means any amount.",
            shape={"type": "string", "pattern": r"^([0-9][0-9_]*(\.[0-9]+)?)?$"},
        ),
        Column(
            "cells",
            "Domain cells with shares that add up to 1, separated by semicolons: "
            "`bits/cyber/survive:0.7; bits/info/survive:0.3`. Cells: " + ", ".join(cell.id for cell in CELLS) + ".",
            shape={"type": "string", "examples": ["bits/cyber/survive", "atoms/micro/survive:0.7; bci:0.3"]},
        ),
        Column(
            "roles",
            "What it does to a risk or another project, separated by semicolons: `defends > engineered-pandemic`. "
            "Kinds: " + ", ".join(ROLE_KINDS) + ".",
            shape={"type": "string", "examples": ["defends > engineered-pandemic; makes_safe > other-project"]},
        ),
        Column(
            "requires",
            "Ids of projects that must be deployed before this one gets money without a gate, separated by semicolons.",
        ),
        Column("maturity", "How far it is; empty if not stated.", shape={"type": "string", "enum": ["", *MATURITIES]}),
        Column("text", "What jurors read.", verbatim=True),
    ),
)

JUDGES: Final = Sheet(
    "judges.csv",
    "A person or a model who judges.",
    (
        Column("id", "Unique name; case matters.", required=True, shape=_ID),
        Column("kind", "`person` or `model`.", required=True, shape={"type": "string", "enum": ["person", "model"]}),
        Column("community", "Of a person: an id declared in [communities] of round.toml, or empty."),
        Column("family", "Of a model: an id declared in [families] of round.toml, or empty (a family of its own)."),
        Column("conflicts", "Ids of projects and names of teams the judge has a tie to, separated by semicolons."),
        Column(
            "exposure",
            "Of a model: `seen` if people's answers were visible to it before it answered; else `blind` or empty.",
            shape={"type": "string", "enum": ["", *EXPOSURES]},
        ),
    ),
)

COMPARISONS: Final = Sheet(
    "comparisons.csv",
    "Which of two projects is more, and perhaps how many times. Of a person the last answer to a pair on a criterion "
    "counts, of a model every answer.",
    (
        Column("juror", "Id of a judge, person or model.", required=True, shape=_ID),
        Column("criterion", "A criterion of round.toml.", required=True, shape=_CRITERION),
        Column("a", "Id of the first project.", required=True, shape=_ID),
        Column("b", "Id of the second project.", required=True, shape=_ID),
        Column("winner", f"The id of a or of b, or `{TIE}`.", required=True, shape=_ID),
        Column(
            "ratio",
            "How many times the winner is more than the other, at least 1; empty if only the order was given.",
            shape=_OPTIONAL_NUMBER,
        ),
        Column("time", "When, ISO 8601; without an offset UTC is meant. May be empty.", shape=_TIME),
    ),
)

RATINGS: Final = Sheet(
    "ratings.csv",
    "Where a project stands on a criterion's rating scale.",
    (
        Column("juror", "Id of a judge, person or model.", required=True, shape=_ID),
        Column("criterion", "A criterion of round.toml that has a rating scale.", required=True, shape=_CRITERION),
        Column("project", "Id of a project.", required=True, shape=_ID),
        Column("value", "The rating, on the scale.", required=True, shape=_NUMBER),
        Column("low", "Lower end of the judge's own interval, on the scale; or empty.", shape=_OPTIONAL_NUMBER),
        Column("high", "Upper end; given exactly where low is.", shape=_OPTIONAL_NUMBER),
        Column("time", "When, ISO 8601; without an offset UTC is meant. May be empty.", shape=_TIME),
    ),
)

LISTS: Final = Sheet(
    "lists/<model id>.csv",
    "The weight a model gives to a project; the file is named after the model.",
    (
        Column("project", "Id of a project.", required=True, shape=_ID),
        Column("weight", "Finite and above zero; only ratios matter.", required=True, shape=_NUMBER),
        Column("criterion", "A criterion of round.toml; benefit if the column is left out.", shape=_CRITERION),
    ),
)

CONTRIBUTIONS: Final = Sheet(
    "contributions.csv",
    "A donation to a project.",
    (
        Column("donor", "Who gave.", required=True, shape=_ID),
        Column("project", "Id of a project.", required=True, shape=_ID),
        Column("amount", "In whole units of the budget's currency, above zero.", required=True, shape=_AMOUNT),
        Column("currency", "Code of the budget's currency, or empty."),
    ),
)

SHEETS: Final = (PROJECTS, JUDGES, COMPARISONS, RATINGS, LISTS, CONTRIBUTIONS)
"""All of them."""
