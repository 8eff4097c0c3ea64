"""The money rule `retroactive`, and what later results say about earlier judges."""

from daccord.allocation.retroactive._judges import JudgeRecord, judge_records
from daccord.allocation.retroactive._rule import RETROACTIVE
from daccord.allocation.retroactive._worth import median_worth

__all__ = ["RETROACTIVE", "JudgeRecord", "judge_records", "median_worth"]
