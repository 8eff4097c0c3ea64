"""The money rule `retroactive`, and what later results say about earlier judges."""

from daccord.allocation.retroactive._judges import (
    LEAST_ANSWERS,
    LEAST_PROJECTS,
    JudgeRecord,
    Measured,
    judge_records,
)
from daccord.allocation.retroactive._rule import RETROACTIVE
from daccord.allocation.retroactive._worth import median_worth

__all__ = [
    "LEAST_ANSWERS",
    "LEAST_PROJECTS",
    "RETROACTIVE",
    "JudgeRecord",
    "Measured",
    "judge_records",
    "median_worth",
]
