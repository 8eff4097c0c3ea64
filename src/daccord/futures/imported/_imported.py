"""What comes of an import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from daccord.futures.world import World

__all__ = ["Imported"]


@dataclass(frozen=True)
class Imported:
    """A round as a world.

    Attributes:
        world: Technologies are the round's projects and technologies, and one for each threat whose arrival matters.
        budget: The pot, whole units of its currency, as money a year.
        fundable: Ids of projects that the planner may fund: all but those that a hard constraint or a lack of answers
            keeps from money in the round.
        threats: Ids of technologies that stand for the arrival of a risk → id of the risk.
        sources: Number → where it is from. Numbers are named as in a world file: a question of `Draws.answers`
            (`arrival:lamp`, `lead:makes_safe:lamp>writer`), `strength:` and a role's name
            (`strength:defends:lamp>flood`), or `spending:lamp`, `money.budget`, `time.window` …
        notes: Subject → how the round was read, for people.
        left_out: What was judged or declared and is not in the world, and why; for people.
        simulated: Whether the round was; then the world is fictional.
    """

    world: World
    budget: float
    fundable: tuple[str, ...]
    threats: Mapping[str, str]
    sources: Mapping[str, str]
    notes: Mapping[str, str]
    left_out: tuple[str, ...]
    simulated: bool
