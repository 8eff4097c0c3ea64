"""Pooling of what judges say about roles: efficacies, lead times, and what each project does to each risk."""

from daccord.fusion.roles._heard import Answers, Hearing, hear
from daccord.fusion.roles._interval import HELD, LEVELS, NOTICED, REACH, Pool, knots
from daccord.fusion.roles._pool import COARSE, pool_roles
from daccord.fusion.roles._scores import ArrivalScore, EdgeScore, GraphScores, ModelsSay, NetScore, ShiftScore, Spread

__all__ = [
    "COARSE",
    "HELD",
    "LEVELS",
    "NOTICED",
    "REACH",
    "Answers",
    "ArrivalScore",
    "EdgeScore",
    "GraphScores",
    "Hearing",
    "ModelsSay",
    "NetScore",
    "Pool",
    "ShiftScore",
    "Spread",
    "hear",
    "knots",
    "pool_roles",
]
