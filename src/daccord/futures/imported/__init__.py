"""A round as a world: its technology graph and judged efficacies, with what nobody judged as named assumptions.

`world_from_round` takes a round and its decision. Every number of the world it returns is attributed: to the people who
judged it, to what the decision publishes, or to a field of `Assumptions`. What a world cannot hold is listed.
"""

from daccord.futures.imported._assumptions import Assumptions
from daccord.futures.imported._imported import Imported
from daccord.futures.imported._world import world_from_round

__all__ = ["Assumptions", "Imported", "world_from_round"]
