"""The result report: one self-contained page, and why each project gets what it gets; the calibration page."""

from __future__ import annotations

from daccord.report._build import build_report
from daccord.report._calibration import build_calibration, calibration_words
from daccord.report._explain import Evidence, Explanation, Factor, explain_project, tell_story
from daccord.report._more_people import MorePeople, more_people
from daccord.report._whatif import WhatIf

__all__ = [
    "Evidence",
    "Explanation",
    "Factor",
    "MorePeople",
    "WhatIf",
    "build_calibration",
    "build_report",
    "calibration_words",
    "explain_project",
    "more_people",
    "tell_story",
]
