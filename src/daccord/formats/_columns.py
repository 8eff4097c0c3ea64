"""The tables of a round folder: their columns, once, for reader, writer and published schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from daccord.formats._values import NUMBER_PATTERN
from daccord.judging import ARRIVES, EXPOSURES, MOST_ADDED, MOST_YEARS
from daccord.portfolio import CELLS, COMFORT, MATURITIES, ROLE_KINDS
from daccord.round import CRITERIA

__all__ = [
    "COMPARISONS",
    "CONTRIBUTIONS",
    "JUDGES",
    "KINDS",
    "LISTS",
    "PROJECTS",
    "RANKINGS",
    "RATINGS",
    "ROLES",
    "SHEETS",
    "SKIP",
    "TIE",
    "Column",
    "Sheet",
]

KINDS: Final = ("project", "technology")
"""What a row of projects.csv may be."""

TIE: Final = "tie"
"""What `winner` says when neither won; no project may have it as its id."""

SKIP: Final = "skip"
"""What `winner` or `value` says when the judge could not tell; no project may have it as its id."""

_ID: Final = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[^;]+$"}
_TEXT: Final = {"type": "string"}
_AMOUNT: Final = {"type": "string", "pattern": r"^[0-9][0-9_]*(\.[0-9]+)?$"}
_NUMBER: Final = {"type": "string", "pattern": f"^{NUMBER_PATTERN}$"}
_OPTIONAL_NUMBER: Final = {"type": "string", "pattern": f"^({NUMBER_PATTERN})?$"}
_VALUE: Final = {"type": "string", "pattern": f"^({NUMBER_PATTERN}|{SKIP})$"}
_PLACE: Final = {"type": "string", "pattern": r"^([1-9][0-9]*)?$"}
_TIME: Final = {"type": "string", "examples": ["2026-11-01T14:30:00Z"]}
_CRITERION: Final = {"type": "string", "enum": list(CRITERIA)}


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: As the header spells it.
        about: For people.
        required: True if the column must be there.
        shape: JSON Schema of a cell of a CSV file, which is always a string.
        verbatim: True if spaces around the cell are part of it.
        kind: What a column of a Parquet or Arrow file may hold beside text.
    """

    name: str
    about: str
    required: bool = False
    shape: Mapping[str, Any] = field(default_factory=lambda: _TEXT)
    verbatim: bool = False
    kind: Literal["text", "number", "whole", "time"] = "text"


def _time(name: str, about: str) -> Column:
    return Column(name, f"{about}, ISO 8601; without an offset UTC is meant. May be empty.", shape=_TIME, kind="time")


@dataclass(frozen=True)
class Sheet:
    """One kind of table.

    Attributes:
        file: Name in the folder, as a CSV file.
        about: What a row says.
        columns: In the order they are written.
        columnar: True if the table may stand in a Parquet or Arrow file instead.
    """

    file: str
    about: str
    columns: tuple[Column, ...]
    columnar: bool = False

    @property
    def stem(self) -> str:
        """Name in the folder without its ending."""
        return self.file.removesuffix(".csv")

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
            "What it does to a risk or another project, separated by semicolons: `defends > engineered-pandemic`; with "
            "`@ 20` behind it, what it does twenty years from now. "
            "Kinds: " + ", ".join(ROLE_KINDS) + ".",
            shape={"type": "string", "examples": ["defends > engineered-pandemic; makes_safe > other-project"]},
        ),
        Column(
            "requires",
            "Ids of projects that must be deployed before this one gets money without a gate, separated by semicolons.",
        ),
        Column("maturity", "How far it is; empty if not stated.", shape={"type": "string", "enum": ["", *MATURITIES]}),
        Column(
            "kind",
            "`project`, or empty; or `technology` for what asks for no money but stands in the graph as a threat, "
            "partner or substitute.",
            shape={"type": "string", "enum": ["", *KINDS]},
        ),
        Column("licence", "SPDX name of the licence of what it makes, such as `Apache-2.0`; empty if not stated."),
        Column(
            "open_sourcing",
            "Would the applicants be comfortable open-sourcing it? `yes`, `no` or `unsure`; empty if not asked.",
            shape={"type": "string", "enum": ["", *COMFORT]},
        ),
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
        _time("committed", "Of a model: when its answers were fixed"),
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
        Column(
            "winner",
            f"The id of a or of b, `{TIE}`, or `{SKIP}` if the judge could not tell.",
            required=True,
            shape=_ID,
        ),
        Column(
            "ratio",
            "How many times the winner is more than the other, from 1 to 1e12; empty if only the order was given.",
            shape=_OPTIONAL_NUMBER,
            kind="number",
        ),
        _time("time", "When"),
        _time("revealed", "From when models could see the answer; empty if not before the round closed"),
    ),
    columnar=True,
)

RATINGS: Final = Sheet(
    "ratings.csv",
    "Where a project stands on a criterion's rating scale.",
    (
        Column("juror", "Id of a judge, person or model.", required=True, shape=_ID),
        Column("criterion", "A criterion of round.toml that has a rating scale.", required=True, shape=_CRITERION),
        Column("project", "Id of a project.", required=True, shape=_ID),
        Column(
            "value",
            f"The rating, on the scale, or `{SKIP}` if the judge could not tell.",
            required=True,
            shape=_VALUE,
            kind="number",
        ),
        Column(
            "low",
            "Lower end of the judge's own interval, on the scale; or empty.",
            shape=_OPTIONAL_NUMBER,
            kind="number",
        ),
        Column("high", "Upper end; given exactly where low is.", shape=_OPTIONAL_NUMBER, kind="number"),
        _time("time", "When"),
        _time("revealed", "From when models could see the answer; empty if not before the round closed"),
    ),
    columnar=True,
)

RANKINGS: Final = Sheet(
    "rankings.csv",
    "One project of a ranking by a person. The rows of one juror, criterion and ranking belong together.",
    (
        Column("juror", "Id of a judge who is a person.", required=True, shape=_ID),
        Column("criterion", "A criterion of round.toml.", required=True, shape=_CRITERION),
        Column("ranking", "Tells the rankings of one juror on one criterion apart; empty if there is only one."),
        Column("project", "Id of a project that the juror was shown.", required=True, shape=_ID),
        Column(
            "place",
            "1 for the best, then 2 and so on; empty if the project stays below all that have a place.",
            required=True,
            shape=_PLACE,
            kind="whole",
        ),
        _time("time", "When; of the rows of one ranking the latest counts"),
    ),
    columnar=True,
)

ROLES: Final = Sheet(
    "roles.csv",
    "What a judge says of one role of a project or technology, or of when a risk is there. Of people and models the "
    "last answer to a question counts.",
    (
        Column("juror", "Id of a judge, person or model.", required=True, shape=_ID),
        Column("project", f"Id of the project or technology that has the role; empty where kind is `{ARRIVES}`."),
        Column(
            "kind",
            f"{', '.join(f'`{kind}`' for kind in ROLE_KINDS)}, or `{ARRIVES}` for when the target itself is there.",
            required=True,
            shape={"type": "string", "enum": [*ROLE_KINDS, ARRIVES]},
        ),
        Column("target", "Id of the risk, project or technology that it acts on.", required=True, shape=_ID),
        Column(
            "horizon",
            "Whole years from now for which the answer holds; empty for any time.",
            shape={"type": "string", "pattern": r"^([1-9][0-9]{0,2})?$"},
        ),
        Column(
            "efficacy_low",
            "Lower end of an 80 % interval for the share of the risk that it removes once in use, 0 to 1; of `raises` "
            f"for the share that it adds, 0 to {MOST_ADDED:g}. Empty if not told.",
            shape=_OPTIONAL_NUMBER,
        ),
        Column("efficacy_high", "Upper end; given exactly where efficacy_low is.", shape=_OPTIONAL_NUMBER),
        Column(
            "lead_low",
            f"Lower end of an 80 % interval for the years until it is usable, 0 to {MOST_YEARS:g} (of `{ARRIVES}`: "
            "until the target is there). Empty if not told.",
            shape=_OPTIONAL_NUMBER,
        ),
        Column("lead_high", "Upper end; given exactly where lead_low is.", shape=_OPTIONAL_NUMBER),
        Column(
            "skip", f"`{SKIP}` if the judge could not tell, else empty.", shape={"type": "string", "enum": ["", SKIP]}
        ),
        _time("time", "When"),
    ),
)

LISTS: Final = Sheet(
    "lists/<model id>.csv",
    "The weight a model gives to a project; the file is named after the model.",
    (
        Column("project", "Id of a project.", required=True, shape=_ID),
        Column("weight", "Finite and above zero; only ratios matter.", required=True, shape=_NUMBER, kind="number"),
        Column("criterion", "A criterion of round.toml; benefit if the column is left out.", shape=_CRITERION),
    ),
    columnar=True,
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

SHEETS: Final = (PROJECTS, JUDGES, COMPARISONS, RATINGS, RANKINGS, LISTS, ROLES)
"""All of them but the tables in `daccord.formats.inputs`."""
