"""Rules that other projects use, as named rules, so that a round can be seen under each of them."""

from daccord.fusion.peers._huber import HUBER
from daccord.fusion.peers._least_squares import LEAST_SQUARES

__all__ = ["HUBER", "LEAST_SQUARES"]
