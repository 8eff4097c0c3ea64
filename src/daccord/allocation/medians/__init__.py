"""The money rule `metric-median`: medians of what voters would give, as Optimism's Retro Funding pays."""

from daccord.allocation.medians._influence import BallotEffect, ballot_effects
from daccord.allocation.medians._rule import METRIC_MEDIAN

__all__ = ["METRIC_MEDIAN", "BallotEffect", "ballot_effects"]
