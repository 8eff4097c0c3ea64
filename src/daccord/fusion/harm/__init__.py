"""The harm channel: votes on harm are heard in batches and published as levels, so that nobody's own can be inferred.

What is promised and what is not stands in docs/methods/harm.md.
"""

from daccord.fusion.harm._batches import Batch, Told, batches, told_of
from daccord.fusion.harm._channel import fuse_harm, nameless
from daccord.fusion.harm._levels import LEVELS, HarmLevels

__all__ = ["LEVELS", "Batch", "HarmLevels", "Told", "batches", "fuse_harm", "nameless", "told_of"]
