"""Scores → verdicts and money, exact to the last unit.

`allocate` decides, `decide_verdicts` is its first half, `award_draws` gives the spread of the money. Money rules are
registered objects in `MONEY_RULES`; a new one is a module that calls `register`.
"""

from daccord.allocation._allocate import allocate, award_draws, money_stories, money_task, paid_positions
from daccord.allocation._differential import DIFFERENTIAL
from daccord.allocation._proportional import PROPORTIONAL
from daccord.allocation._rules import MONEY_RULES, MoneyResult, MoneyRule, MoneyTask, TeamCap, money_rule, register
from daccord.allocation._timeline import Entry, Maturing, Release, Timeline, timeline, waiting_part
from daccord.allocation._types import LABELS, Allocation, Award, ClosedGate, Delay, Label, Reason, Verdict
from daccord.allocation.deep import DEEP
from daccord.allocation.elections import EQUAL_SHARES, GREEDY
from daccord.allocation.matching import QUADRATIC
from daccord.allocation.medians import METRIC_MEDIAN, BallotEffect, ballot_effects
from daccord.allocation.retroactive import RETROACTIVE, JudgeRecord, judge_records
from daccord.allocation.s_process import S_PROCESS
from daccord.allocation.verdicts import FUNDABLE, decide_verdicts, probability_text

__all__ = [
    "DEEP",
    "DIFFERENTIAL",
    "EQUAL_SHARES",
    "FUNDABLE",
    "GREEDY",
    "LABELS",
    "METRIC_MEDIAN",
    "MONEY_RULES",
    "PROPORTIONAL",
    "QUADRATIC",
    "RETROACTIVE",
    "S_PROCESS",
    "Allocation",
    "Award",
    "BallotEffect",
    "ClosedGate",
    "Delay",
    "Entry",
    "JudgeRecord",
    "Label",
    "Maturing",
    "MoneyResult",
    "MoneyRule",
    "MoneyTask",
    "Reason",
    "Release",
    "TeamCap",
    "Timeline",
    "Verdict",
    "allocate",
    "award_draws",
    "ballot_effects",
    "decide_verdicts",
    "judge_records",
    "money_rule",
    "money_stories",
    "money_task",
    "paid_positions",
    "probability_text",
    "register",
    "timeline",
    "waiting_part",
]
