"""Who decides in a weighted vote: power indices in exact arithmetic, the chance of a motion, the price of a vote.

A body has members and one or several quotas that a coalition must reach at once. Everything is counted, not sampled:
indices are fractions and add up to one.
"""

from daccord.futures.power._capture import Bought, cheapest_to_block, cheapest_to_pass
from daccord.futures.power._game import Body, Quota
from daccord.futures.power._indices import Power, concentration, power

__all__ = ["Body", "Bought", "Power", "Quota", "cheapest_to_block", "cheapest_to_pass", "concentration", "power"]
