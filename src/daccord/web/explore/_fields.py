"""What a reader can set: one field for each number or choice, with limits that keep a run short.

A field's own value is the file's. Money starts at the planner's split of the budget under the file's values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from daccord.formats.worlds import WorldFile
from daccord.futures.lab import Market, Pause
from daccord.futures.study import MEASURES
from daccord.web.explore._words import meaning_of, title_of

__all__ = ["GROUPS", "SCALES", "Field", "Setting", "fields_of", "fundable_of", "weight_name"]

Setting: TypeAlias = float | int | str

GROUPS: Final[Mapping[str, str]] = {
    "money": "Money",
    "values": "What counts",
    "world": "The world",
    "conditions": "Who decides, and under what conditions",
    "weights": "Your weights",
    "run": "The run",
}
"""Groups of fields, in order, with their titles."""

SCALES: Final[Mapping[str, tuple[str, str]]] = {
    "arrival": ("Arrival times", "times every technology's arrival time; below 1 everything comes sooner"),
    "hazard": ("Hazards", "times every risk's hazard"),
    "transition": ("Transition risks", "times the odds of every catastrophe on arrival"),
    "efficacy": ("Efficacies", "times the odds of every strength of defence and safety"),
}
"""Scale factors of the world, by the name they have in studies after `world.`."""

_PRICES: Final = (
    (
        "dictator",
        "Price of lock-in",
        "share of life’s worth lost while one has held more than half the say for ten years",
    ),
    ("loss", "Price of people’s say", "share of life’s worth lost if people decide nothing any more"),
)
"""Values that are kept with the conditions: they change what is reported, not what anybody decides."""


@dataclass(frozen=True)
class Field:
    """One setting.

    Attributes:
        name: In the query string.
        group: One of `GROUPS`.
        label: For people.
        own: The file's value.
        about: What it means, in a sentence or less.
        kind: `number`, `whole` or `choice`.
        low: Smallest number.
        high: Largest number.
        top: Where a slider ends, at most `high`.
        step: Of a slider and of the arrow keys.
        choices: Value → what it is called; for choices.
    """

    name: str
    group: str
    label: str
    own: Setting
    about: str = ""
    kind: Literal["number", "whole", "choice"] = "number"
    low: float = 0.0
    high: float = 1.0
    top: float = 1.0
    step: float = 0.01
    choices: Mapping[str, str] | None = None


def weight_name(measure: str) -> str:
    """The field of a measure's weight."""
    return f"weight.{measure.replace(' ', '-')}"


def fundable_of(file: WorldFile) -> tuple[str, ...]:
    """Ids of what money can go to, in the order of the world."""
    return tuple(
        technology.id
        for technology in file.world.technologies
        if not technology.given and (file.fundable is None or technology.id in file.fundable)
    )


def fields_of(file: WorldFile, split: Mapping[str, float], worlds: int, seed: int) -> tuple[Field, ...]:
    """The fields of a file.

    Args:
        file: The world file.
        split: Technology → money a year to start from.
        worlds: Largest and usual number of worlds.
        seed: Where randomness starts.
    """
    return (
        *_money(file, split),
        *_values(file),
        *_scales(),
        *_conditions(file),
        *_weights(file),
        Field("worlds", "run", "Worlds", worlds, f"at most {worlds}; more take longer", "whole", min(64, worlds),
              worlds, worlds, 64),
        Field("seed", "run", "Seed", seed, "another seed draws other worlds", "whole", 0, 2**31 - 1, 100, 1),
    )  # fmt: skip


def _money(file: WorldFile, split: Mapping[str, float]) -> list[Field]:
    found = []
    budget = file.study.budget
    can = set(fundable_of(file))
    for technology in file.world.technologies:
        title = technology.title or technology.id
        if technology.id in can:
            found.append(
                Field(f"money.{technology.id}", "money", title, split.get(technology.id, 0.0), "", "number", 0.0,
                      budget, budget, _step(budget))
            )  # fmt: skip
        if not technology.given:
            found.append(Field(f"slow.{technology.id}", "money", title, 0.0, "", step=0.05))
    return found


def _step(largest: float) -> float:
    """A power of ten, between a fiftieth and a five-hundredth of the whole."""
    return float(10.0 ** math.floor(math.log10(largest / 50))) if largest > 0 else 1.0


def _wide(name: str, group: str, label: str, own: float, about: str, high: float, top: float, step: float) -> Field:
    """A number from 0; limits make room for the file's own."""
    return Field(name, group, label, own, about, "number", min(0.0, own), max(high, own), max(top, own), step)


def _values(file: WorldFile) -> list[Field]:
    use = file.world.welfare
    return [
        _wide("gamma", "values", "Curvature γ", use.gamma, "above 1, no riches outweigh a bounded number of years", 5.0,
              4.0, 0.1),
        _wide("rho", "values", "Time preference ρ, a year", use.rho, "how much less a later year counts", 0.1, 0.05,
              0.001),
        _wide("future", "values", "Worth of the future, years", use.future,
              "of life per person, for all that comes after the horizon", 100_000.0, 300.0, 5.0),
        Field("who", "values", "Who counts", "living" if use.person_affecting else "all", "", "choice",
              choices={"all": "all people, also those not yet born", "living": "only people now living"}),
        *(
            _wide(name, "values", label, getattr(file.study.conditions, name), about, 1.0, 1.0, 0.05)
            for name, label, about in _PRICES
        ),
    ]  # fmt: skip


def _scales() -> list[Field]:
    return [
        Field(f"world.{name}", "world", label, 1.0, about, "number", 0.1, 10.0, 4.0, 0.1)
        for name, (label, about) in SCALES.items()
    ]


def _conditions(file: WorldFile) -> list[Field]:
    use, group = file.study.conditions, "conditions"
    found = [
        _wide("returns", group, "Returns to compute", use.returns, "exponent; above 1 the strong grow faster", 3.0, 2.0,
              0.05),
        _wide("diffusion", group, "Diffusion", use.diffusion, "share of new compute that goes to all alike", 1.0, 1.0,
              0.01),
    ]  # fmt: skip
    markets = [c for c in file.study.constitutions.values() if isinstance(c, Market)]
    plain = [c for c in markets if type(c) is Market]
    if markets:
        own = (plain or markets)[0].coordination
        found.append(
            _wide("coordination", group, "Coordination", own, "how far those who are free to act keep agreements", 1.0,
                  1.0, 0.05)
        )  # fmt: skip
    found += [
        _wide("leak", group, "Leak, a year", use.leak, "chance that an outsider can break a hold", 1.0, 0.3, 0.005),
        _wide("capture", group, "Capture, a year", use.capture, "chance that an institution is captured", 1.0, 0.3,
              0.005),
        _wide("noise", group, "Noise", use.noise, "one actor’s error, as a share of what is at stake", 3.0, 1.5, 0.05),
        _wide("correlation", group, "Correlation", use.correlation, "between any two actors' errors", 1.0, 1.0, 0.05),
        Field("actors", group, "Actors", use.actors, "who could build it", "whole", use.founders or 1,
              max(20, use.actors), max(20, use.actors), 1),
    ]  # fmt: skip
    pauses = [c for c in file.study.constitutions.values() if isinstance(c, Pause)]
    if pauses:
        yes = {"no": "no", "yes": "yes"}
        found += [
            Field("exempt", group, "Military exempt from the pause", "yes" if pauses[0].exempt else "no",
                  "one actor goes on", "choice", choices=yes),
            Field("soft", group, "Soft pause", "yes" if pauses[0].signers else "no",
                  "it goes on only while all signers sign each year", "choice", choices=yes),
        ]  # fmt: skip
    return found


def _weights(file: WorldFile) -> list[Field]:
    found = []
    for measure, way in MEASURES.items():
        own, about = float(file.study.weights.get(measure, 0.0)), f"{meaning_of(measure)}; {way} is better"
        name = weight_name(measure)
        found.append(_wide(name, "weights", title_of(measure), own, about.removeprefix("; "), 100.0, 1.0, 0.05))
    return sorted(found, key=lambda field: not field.own)  # the file's own first
