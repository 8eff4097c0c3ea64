"""Money rule `deep`: credit through the graph of dependencies, with the paths by which it came."""

from daccord.allocation.deep._graph import CreditGraph, credit_graph
from daccord.allocation.deep._paths import Path, largest_paths
from daccord.allocation.deep._rule import DEEP
from daccord.allocation.deep._settle import settle

__all__ = ["DEEP", "CreditGraph", "Path", "credit_graph", "largest_paths", "settle"]
