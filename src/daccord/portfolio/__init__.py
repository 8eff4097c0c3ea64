"""WHAT is judged: projects, their roles towards other technologies and risks, and the domain cube."""

from daccord.portfolio._accounts import ENTRY_KINDS, Dependency, Entry, MetricValue
from daccord.portfolio._domain import CELLS, Cell, parse_cell
from daccord.portfolio._gates import Gate
from daccord.portfolio._projects import MATURITIES, ROLE_KINDS, Portfolio, Project, Risk, Role

__all__ = [
    "CELLS",
    "ENTRY_KINDS",
    "MATURITIES",
    "ROLE_KINDS",
    "Cell",
    "Dependency",
    "Entry",
    "Gate",
    "MetricValue",
    "Portfolio",
    "Project",
    "Risk",
    "Role",
    "parse_cell",
]
