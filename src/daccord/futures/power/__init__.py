"""Who decides in a weighted vote: power indices in exact arithmetic, the chance that a motion passes, who can block.

A body has members and one or several quotas that a coalition must reach at once. Everything is counted, not sampled:
indices are fractions and add up to one.
"""

from daccord.futures.power._game import Body, Quota
from daccord.futures.power._indices import Power, concentration, power

__all__ = ["Body", "Power", "Quota", "concentration", "power"]
