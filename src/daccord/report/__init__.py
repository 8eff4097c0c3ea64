"""Pages: the result of a round and why each project gets what it gets; calibration; the futures lab."""

from __future__ import annotations

from daccord.report._build import build_report
from daccord.report._calibration import build_calibration, calibration_words
from daccord.report._explain import Evidence, Explanation, Factor, explain_project, tell_story
from daccord.report._more_people import MorePeople, more_people
from daccord.report._whatif import WhatIf
from daccord.report.futures import build_futures_report

__all__ = [
    "Evidence",
    "Explanation",
    "Factor",
    "MorePeople",
    "WhatIf",
    "build_calibration",
    "build_futures_report",
    "build_report",
    "calibration_words",
    "explain_project",
    "more_people",
    "tell_story",
]
