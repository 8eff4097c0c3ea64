"""WHAT is judged: projects, their roles towards other technologies and risks, and the domain cube."""

from daccord.portfolio._accounts import ENTRY_KINDS, Dependency, Entry, MetricValue
from daccord.portfolio._domain import CELLS, UNCLASSIFIED, Cell, CellMoney, cell_money, parse_cell, split_by_cells
from daccord.portfolio._gates import Gate
from daccord.portfolio._graph import (
    OPEN_LICENCES,
    Edge,
    declared_edges,
    is_open,
    sides,
    substitutes_for,
    undefended,
)
from daccord.portfolio._projects import COMFORT, MATURITIES, ROLE_KINDS, Portfolio, Project, Risk, Role

__all__ = [
    "CELLS",
    "COMFORT",
    "ENTRY_KINDS",
    "MATURITIES",
    "OPEN_LICENCES",
    "ROLE_KINDS",
    "UNCLASSIFIED",
    "Cell",
    "CellMoney",
    "Dependency",
    "Edge",
    "Entry",
    "Gate",
    "MetricValue",
    "Portfolio",
    "Project",
    "Risk",
    "Role",
    "cell_money",
    "declared_edges",
    "is_open",
    "parse_cell",
    "sides",
    "split_by_cells",
    "substitutes_for",
    "undefended",
]
