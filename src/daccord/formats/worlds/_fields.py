"""What stands in a world file: every table with its keys, what each value may be, and what it means.

One declaration serves the reader, the writer and the JSON Schema, so they cannot disagree. A belief's shape is the one
that a bare interval `[low, high]` takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Final, Literal, get_type_hints

from daccord.futures.anchors.compute_price import Labs
from daccord.futures.lab import Centre, Conditions, Consortium, Constitution, Federation, Market, Pause, Teams
from daccord.futures.world import Risk, Role, Technology, Welfare, World

__all__ = ["CONSTITUTIONS", "FORMAT", "TABLES", "Key", "KeyKind", "keys_of", "kind_of"]

FORMAT: Final = "daccord-world-1"

KeyKind = Literal["text", "flag", "number", "whole", "names", "numbers", "log", "share", "range", "table"]
"""What a value is; `log` and `share` are beliefs, `range` limits of a factor."""


@dataclass(frozen=True)
class Key:
    """A key of a table.

    Attributes:
        kind: What its value may be.
        about: Its meaning, with units.
        default: What holds if it is missing; `...` if it must be there.
    """

    kind: KeyKind
    about: str
    default: object = ...

    @property
    def required(self) -> bool:
        """Whether it must be there."""
        return self.default is ...


CONSTITUTIONS: Final[Mapping[str, type[Constitution]]] = {
    "none": Constitution,
    "pause": Pause,
    "centre": Centre,
    "consortium": Consortium,
    "market": Market,
    "teams": Teams,
    "federation": Federation,
}
"""Kind, as files name it → class."""

_SHARES: Final = frozenset({"never", "leak", "longevity", "transition", "floor", "severity"})
_KINDS: Final[Mapping[object, KeyKind]] = {
    bool: "flag",
    int: "whole",
    int | None: "whole",
    float: "number",
    float | None: "number",
    str: "text",
    tuple[float, ...] | None: "numbers",
    tuple[float, ...]: "numbers",
}


def _about(kind: type) -> dict[str, str]:
    """Field → what its class's docstring says of it, bases first."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        text = (base.__dict__.get("__doc__") or "").partition("Attributes:\n")[2]
        name = ""
        for line in text.splitlines():
            if not line.strip():
                if name:
                    break
                continue
            depth = len(line) - len(line.lstrip())
            if depth == 8 and ": " in line:
                name, _, rest = line.strip().partition(": ")
                found[name] = rest
            elif name and depth > 8:
                found[name] += " " + line.strip()
            elif depth < 8:
                break
    return found


def keys_of(kind: type, *, leave: tuple[str, ...] = ()) -> dict[str, Key]:
    """Keys that set the fields of a dataclass; beliefs are those fields whose type is no plain one.

    Args:
        kind: The dataclass.
        leave: Fields that are set otherwise.
    """
    hints, about = get_type_hints(kind), _about(kind)
    found = {}
    for item in fields(kind):
        if item.name in leave:
            continue
        plain = _KINDS.get(hints[item.name])
        shape: KeyKind = plain or ("share" if item.name in _SHARES else "log")
        default: object = item.default if item.default is not MISSING else ...
        found[item.name] = Key(shape, about.get(item.name, ""), default)
    return found


def kind_of(constitution: Constitution) -> str:
    """What files call the class of a constitution."""
    return next(name for name, kind in CONSTITUTIONS.items() if type(constitution) is kind)


_ROLE: Final = keys_of(Role) | {"strength": Key("share", _about(Role)["strength"], keys_of(Role)["strength"].default)}
_TIME: Final = ("window", "horizon", "edge")
_WORLD: Final = keys_of(World, leave=("technologies", "risks", "roles", "evaluators", "weights", "welfare"))

TABLES: Final[Mapping[str, Mapping[str, Key]]] = {
    "": {
        "format": Key("text", f'"{FORMAT}".'),
        "title": Key("text", "For people."),
        "about": Key("text", "What is asked, for people.", ""),
        "fictional": Key("flag", "True if numbers are invented; shown wherever results are seen."),
        "money": Key("table", "Money that is planned.", None),
        "time": Key("table", "Years.", None),
        "correlation": Key("table", "Common factors.", None),
        "values": Key("table", "How lives are valued.", None),
        "evaluators": Key("table", "Whose beliefs are kept apart.", None),
        "technologies": Key("table", "What may arrive; at least one."),
        "risks": Key("table", "What may go wrong.", None),
        "roles": Key("table", "Who does what to what.", None),
        "sources": Key("table", "Number → where it is from; `*` stands for anything.", None),
        "notes": Key("table", "Texts for people, by any name.", None),
        "study": Key("table", "Who should decide: what is compared.", None),
    },
    "money": {
        "unit": _WORLD["unit"],
        "budget": Key("number", "Money a year that is planned; at least 0.", 0.0),
        "fundable": Key("names", "Ids of technologies that can be funded; all if missing.", None),
    },
    "time": {name: _WORLD[name] for name in _TIME},
    "correlation": {name: _WORLD[name] for name in ("progress", "optimism")},
    "values": keys_of(Welfare),
    "evaluators": {
        "weight": Key("number", "Probability of the evaluator's world, up to a factor.", 1.0),
        "title": Key("text", "For people.", ""),
    },
    "technologies": keys_of(Technology, leave=("id",)),
    "risks": keys_of(Risk, leave=("id",)),
    "roles": {name: _ROLE[name] for name in ("kind", "technology", "target", "strength", "lead", "delay")}
    | {name: Key("text", _ROLE[name].about) for name in ("kind", "technology", "target")},
    "study": {
        "scenarios": Key("whole", "Scenarios in each class.", 32),
        "worlds": Key("whole", "Worlds in each scenario.", 256),
        "seed": Key("whole", "Where randomness starts; below 2^53.", 1),
        "care": Key("number", "Share of transition risks that full safety at launch removes.", 0.5),
        "conditions": Key("table", "What every scenario starts from.", None),
        "constitutions": Key("table", "What is compared; the seven if missing.", None),
        "values": Key("table", "Ways of valuing lives, dealt to scenarios in turn; fields over [values].", None),
        "classes": Key("table", "Classes of scenarios; one with nothing varied if missing.", None),
        "goals": Key("table", "What a constitution should hold in a scenario.", None),
        "weights": Key("table", "Measure → the reader's weight; welfare alone if missing.", None),
    },
    "study.conditions": keys_of(Conditions, leave=("labs",)) | {"labs": Key("table", "Labs that buy safety.", None)},
    "study.conditions.labs": keys_of(Labs),
    "study.classes": {
        "name": Key("text", "Unique."),
        "title": Key("text", "For people.", ""),
        "ranges": Key("range", "Factor → a number or [low, high].", None),
    },
    "study.goals": {
        "measure": Key("text", "One of the measures of a constitution."),
        "at_least": Key("number", "Lower limit.", None),
        "at_most": Key("number", "Upper limit.", None),
    },
}
"""Table → key → what it is. Tables named by their keys (technologies, evaluators, …) list the keys of one entry."""
