"""Every figure of the anchors: what its source prints and what is computed here, mismatches included."""

from functools import cache

from daccord.futures.anchors.figures import _deciding, _methods, _planner, _races
from daccord.futures.anchors.figures._figure import Anchor, Figure, Provenance

__all__ = ["Anchor", "Figure", "Provenance", "reproduce"]


@cache
def reproduce() -> tuple[Anchor, ...]:
    """All anchors, computed anew; a few seconds, the same on every call."""
    return (*_planner.anchors(), *_races.anchors(), *_methods.anchors(), *_deciding.anchors())
