"""Scores → verdicts and money, exact to the last unit."""

from daccord.allocation._types import LABELS, Allocation, Award, Label, Reason, Verdict

__all__ = ["LABELS", "Allocation", "Award", "Label", "Reason", "Verdict"]
