"""The domain cube of defensive acceleration.

Atoms or bits; in the world of atoms *micro* or *macro*, in the world of bits *cyber* or *info* ("how hard is it to
agree, in principle, who the attacker is?"); *survive* or *thrive*. Brain-computer interfaces sit beside the cube.

Source: V. Buterin, "d/acc: one year later" (2025), figures of the cube; "My techno-optimism" (2023).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CELLS", "Cell", "parse_cell"]


@dataclass(frozen=True, order=True)
class Cell:
    """One cell of the cube.

    Attributes:
        id: Machine name: `world/field/aim`, or `bci`.
        title: Name for people.
    """

    id: str
    title: str


CELLS: tuple[Cell, ...] = (
    Cell("atoms/micro/survive", "Bio-defence"),
    Cell("atoms/macro/survive", "Physical resilience"),
    Cell("bits/cyber/survive", "Cyber-defence"),
    Cell("bits/info/survive", "Info-defence"),
    Cell("atoms/micro/thrive", "Longevity"),
    Cell("atoms/macro/thrive", "Physical abundance"),
    Cell("bits/cyber/thrive", "Open, decentralised compute"),
    Cell("bits/info/thrive", "Collaboration technology"),
    Cell("bci", "Brain-computer interfaces"),
)

_BY_ID = {cell.id: cell for cell in CELLS}


def parse_cell(text: str) -> Cell:
    """The cell with this id.

    Raises:
        ValueError: There is none; the message lists those there are.
    """
    try:
        return _BY_ID[text]
    except KeyError:
        raise ValueError(f"{text!r} is no domain cell; there are {', '.join(_BY_ID)}") from None
