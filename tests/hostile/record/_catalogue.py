"""All attacks: those on whole records, which stand beside, and those that other tests make."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from tests.hostile.record._records import ATTACKS, OUTCOMES, Attack

__all__ = ["ATTACKS", "ELSEWHERE", "ROOMS", "Elsewhere", "of_room", "outcome_of"]

ROOMS: Final[dict[str, str]] = {
    "_tree": "The log and its heads",
    "_bytes": "Bytes and signatures of entries",
    "_keys": "Keys of roles",
    "_people": "Who judges and gives",
    "_deadlines": "Time, promises and receipts",
    "_sealing": "Sealed and secret answers",
    "_results": "The result, verdicts and money",
    "durability": "Durability",
    "payout": "Payouts",
}
"""Module of attacks, or only a name → heading."""

for _room in (room for room in ROOMS if room.startswith("_")):
    import_module(f"tests.hostile.record.{_room}")


@dataclass(frozen=True)
class Elsewhere:
    """An attack that another test makes.

    Attributes:
        room: Heading that it stands under, as a key of `ROOMS`.
        defect: In words.
        outcome: In words.
        test: File and name, as pytest writes them.
    """

    room: str
    defect: str
    outcome: str
    test: str


ELSEWHERE: Final = tuple(
    Elsewhere(**row)
    for row in tomllib.loads(Path(__file__).with_name("elsewhere.toml").read_text(encoding="utf-8"))["attack"]
)


def of_room(room: str) -> list[Attack]:
    """Attacks of a module."""
    return [attack for attack in ATTACKS.values() if attack.room == room]


def outcome_of(attack: Attack) -> str:
    """In words."""
    return OUTCOMES[attack.outcome]
