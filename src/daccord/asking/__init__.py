"""What to ask next, of whom, and when to stop asking."""

from daccord.asking._desk import LOAD, NEAR
from daccord.asking._propose import criteria_of, form_of, juror_of, propose
from daccord.asking._prospect import TRUTHS, Prospect, prospect
from daccord.asking._stop import LIMIT, stop_rule
from daccord.asking._types import FORMS, Agenda, Basis, Form, Question, Stop, Why
from daccord.asking._words import per_cent

__all__ = [
    "FORMS",
    "LIMIT",
    "LOAD",
    "NEAR",
    "TRUTHS",
    "Agenda",
    "Basis",
    "Form",
    "Prospect",
    "Question",
    "Stop",
    "Why",
    "criteria_of",
    "form_of",
    "juror_of",
    "per_cent",
    "propose",
    "prospect",
    "stop_rule",
]
