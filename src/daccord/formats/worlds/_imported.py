"""An imported round as a world file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from daccord.formats.worlds._file import WorldFile, default_study
from daccord.futures.imported import Assumptions, Imported, world_from_round
from daccord.pipeline import Decision
from daccord.round import Round

__all__ = ["imported_world", "world_file"]


def imported_world(
    round_: Round, decision: Decision, *, title: str | None = None, assumptions: Assumptions | None = None
) -> tuple[WorldFile, tuple[str, ...]]:
    """A decided round as a world file, and what of the round is not in it.

    Args:
        round_: The round.
        decision: What came of it.
        title: For people; the round's name if None.
        assumptions: What nobody judged.

    Raises:
        InputError: As `world_from_round`.
    """
    found = world_from_round(round_, decision, assumptions)
    return world_file(found, title or round_.name, _about(round_)), found.left_out


def world_file(imported: Imported, title: str, about: str = "") -> WorldFile:
    """An imported world with the default study: the seven constitutions, as stated.

    Args:
        imported: The world.
        title: For people.
        about: For people.
    """
    notes = dict(imported.notes)
    if imported.left_out:
        notes["left out"] = "\n".join(imported.left_out)
    return WorldFile(
        title,
        about,
        imported.simulated,
        default_study(imported.world, imported.budget, fundable=imported.fundable),
        _gathered(imported.sources),
        notes,
        {name: f"{name}, as heard in the round" for name in imported.world.evaluators},
    )


def _about(round_: Round) -> str:
    origin = "a simulated round: every answer in it is invented" if round_.simulated else "a round"
    return (
        f"Imported from {origin}.\n"
        f"What people judged there is here with its uncertainty; what nobody judged is an assumption, named as one in "
        f"[sources], to be changed by you.\nGoal of the round: {round_.goal.statement}\n"
    )


def _gathered(sources: Mapping[str, str]) -> dict[str, str]:
    """Sources with `*` where all numbers of a kind are from the same place."""
    kinds: dict[str, set[str]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for question, text in sources.items():
        kinds[question.partition(":")[0]].add(text)
        counts[question.partition(":")[0]] += 1
    out: dict[str, str] = {}
    for question, text in sources.items():
        kind, colon, _ = question.partition(":")
        together = colon and len(kinds[kind]) == 1 and counts[kind] > 1
        out[f"{kind}:*" if together else question] = text
    return out
