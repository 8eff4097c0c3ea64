"""WHAT is judged: projects, their roles towards other technologies and risks, and the domain cube."""

from daccord.portfolio._domain import CELLS, Cell, parse_cell
from daccord.portfolio._projects import MATURITIES, ROLE_KINDS, Portfolio, Project, Risk, Role

__all__ = ["CELLS", "MATURITIES", "ROLE_KINDS", "Cell", "Portfolio", "Project", "Risk", "Role", "parse_cell"]
