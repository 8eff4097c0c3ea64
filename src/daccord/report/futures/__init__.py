"""The page of the futures lab: a plan, a comparison of constitutions, and what the model cannot see."""

from daccord.report.futures._build import build_futures_report
from daccord.report.futures._card import CARD, TEXT
from daccord.report.futures._words import amount, worth, years

__all__ = ["CARD", "TEXT", "amount", "build_futures_report", "worth", "years"]
