"""The domain cube of defensive acceleration.

Atoms or bits; in the world of atoms *micro* or *macro*, in the world of bits *cyber* or *info* ("how hard is it to
agree, in principle, who the attacker is?"); *survive* or *thrive*. Brain-computer interfaces sit beside the cube.

Source: V. Buterin, "d/acc: one year later" (2025), figures of the cube; "My techno-optimism" (2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from daccord.money import largest_remainder
from daccord.portfolio._projects import Portfolio, Project

__all__ = ["CELLS", "UNCLASSIFIED", "Cell", "CellMoney", "cell_money", "parse_cell", "split_by_cells"]


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

UNCLASSIFIED: Final = Cell("unclassified", "Not classified")
"""Where money of projects is shown that state no cell; not a cell of the cube."""

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


@dataclass(frozen=True)
class CellMoney:
    """What one cell of the cube holds.

    Attributes:
        cell: The cell, or `UNCLASSIFIED`.
        projects: Ids of projects with a share in it, in the portfolio's order.
        weight: Sum of their shares: how many whole projects that makes.
        amount: Minor units that go there; over all cells they sum to the awards exactly.
        paid: Ids of those of the projects that get money.
    """

    cell: Cell
    projects: tuple[str, ...]
    weight: Fraction
    amount: int
    paid: tuple[str, ...]

    @property
    def gap(self) -> str:
        """Why no money goes there, for people; empty if some does."""
        if not self.projects:
            return "no project"
        return "" if self.amount else "no project that is paid"


def split_by_cells(project: Project, amount: int) -> dict[str, int]:
    """An amount split by the project's graded membership, by largest remainder; cell id → minor units, exact.

    Equal remainders go to the cell with the smaller SHA-256 of `project cell`, so that the odd cents of many projects
    do not all fall into one cell. An unclassified project's money stands under `UNCLASSIFIED`.
    """
    if not project.cells:
        return {UNCLASSIFIED.id: amount}
    names = [cell.id for cell in CELLS if cell.id in project.cells]
    quotas = [amount * project.cells[name] for name in names]
    return dict(zip(names, largest_remainder(quotas, amount, [f"{project.id} {name}" for name in names]), strict=True))


def cell_money(portfolio: Portfolio, amounts: Sequence[int]) -> tuple[CellMoney, ...]:
    """The map of the domain: every cell, also the empty ones, and the unclassified rest if there is any.

    Args:
        portfolio: Projects with their cells.
        amounts: Minor units of each project, in the portfolio's order; not negative.

    Returns:
        One entry a cell in the order of `CELLS`; `UNCLASSIFIED` last, only if some project states no cell.

    Raises:
        ValueError: There is not one amount a project.
    """
    parts = [split_by_cells(project, amount) for project, amount in zip(portfolio, amounts, strict=True)]
    rest = (UNCLASSIFIED,) if any(not project.cells for project in portfolio) else ()
    out = []
    for cell in (*CELLS, *rest):
        here = [i for i, part in enumerate(parts) if cell.id in part]
        out.append(
            CellMoney(
                cell=cell,
                projects=tuple(portfolio.projects[i].id for i in here),
                weight=sum((portfolio.projects[i].cells.get(cell.id, Fraction(1)) for i in here), Fraction(0)),
                amount=sum(parts[i][cell.id] for i in here),
                paid=tuple(portfolio.projects[i].id for i in here if parts[i][cell.id]),
            )
        )
    return tuple(out)
