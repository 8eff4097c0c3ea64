"""When to stop: no more than x % of the pot would move at 90 %, and everybody has had a hearing."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.asking._prospect import Prospect
from daccord.asking._types import Stop
from daccord.fusion import HarmLevels
from daccord.round import HARMS

__all__ = ["LIMIT", "demand", "stop_rule"]

IntArray = npt.NDArray[np.int64]

LIMIT: Final = 0.1
"""Share of the pot that may move at 90 %, where nobody says otherwise."""

_QUANTILE: Final = 0.9
_DECIDING: Final = ("benefit", *HARMS)


def demand(prospect: Prospect, criterion: str) -> tuple[IntArray, IntArray]:
    """Answers, and different jurors, that each project lacks on a criterion; each of shape (n_projects,), at least 0.

    The round's rules demand evidence on benefit and, where it is asked, on harm. Where nobody has answered a criterion
    at all, its first answers are dealt out by the same measure. A project that a hard constraint holds lacks nothing:
    no answer can change what becomes of it.
    """
    rules, size = prospect.round.rules.evidence, len(prospect.round.portfolio)
    if criterion in HARMS:
        return _harm_demand(prospect, criterion)
    beliefs = prospect.beliefs.get(criterion)
    if beliefs is not None and criterion not in _DECIDING:
        return np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    judgments = np.zeros(size, dtype=np.int64) if beliefs is None else beliefs.judgments
    jurors = np.zeros(size, dtype=np.int64) if beliefs is None else beliefs.jurors
    heard = ~prospect.held
    return (
        np.asarray(np.maximum(rules.min_judgments - judgments, 0) * heard),
        np.asarray(np.maximum(rules.min_jurors - jurors, 0) * heard),
    )


def _harm_demand(prospect: Prospect, criterion: str) -> tuple[IntArray, IntArray]:
    """The same of harm: enough for a level, or nothing where one is published. How much is there already is secret."""
    levels = HarmLevels.of(prospect.round.rules)
    told = [None] * len(prospect.held) if prospect.published is None else list(prospect.published)
    known = [one.criteria.get(criterion) if one is not None else None for one in told]
    lacks = np.array([one is None or one.level == "too_few" for one in known]) & ~prospect.held
    return np.asarray(levels.answers * lacks, dtype=np.int64), np.asarray(levels.people * lacks, dtype=np.int64)


def stop_rule(prospect: Prospect, limit: float = LIMIT) -> Stop:
    """How much of the pot would move if the truth were known, and whether that is little enough.

    Args:
        prospect: The round as it stands and as it might turn out to be.
        limit: Share of the pot that may move at 90 %, in [0, 1].

    Raises:
        ValueError: The limit is no share.
    """
    if not 0 <= limit <= 1:
        raise ValueError(f"the limit is a share of the pot between 0 and 1, not {limit!r}")
    asked = [name for name in _DECIDING if prospect.round.criterion(name) is not None]
    lacking = np.zeros(len(prospect.round.portfolio), dtype=np.bool_)
    for name in asked:
        answers, people = demand(prospect, name)
        lacking |= (answers > 0) | (people > 0)
    ids = tuple(identifier for identifier, lacks in zip(prospect.round.portfolio.ids, lacking, strict=True) if lacks)
    moved = prospect.moved
    if moved is None:
        return Stop(None, None, limit, 0, ids)
    return Stop(float(moved.mean()), float(np.quantile(moved, _QUANTILE)), limit, len(moved), ids)
