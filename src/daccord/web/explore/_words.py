"""Measures in people's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["SHARES", "meaning_of", "title_of"]

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "welfare": ("Welfare", "years of life now, per person"),
    "catastrophe": ("Catastrophe", "chance of one before the horizon"),
    "cvar": ("Worst 5 % of worlds", "mean chance of a catastrophe there (CVaR)"),
    "delay": ("Delay", "years by which technologies come later than without money and holds"),
    "bad launches": ("Bad launches", "share of launches that had better waited"),
    "good launches missed": ("Good launches missed", "share held back though launching was best"),
    "deadlock": ("Deadlock", "share of good motions that fail when first put"),
    "lock-in": ("Lock-in", "chance of ten years under one’s say, or of a rule that one alone can keep"),
    "rule blocked": ("Rule blocked", "chance that one alone can keep the rule from being changed for ten years"),
    "never half": ("Nobody has half", "chance that nobody ever holds more than half the say"),
    "years to half": ("Years to half", "until somebody holds more than half the say"),
    "largest share": ("Largest say", "of one actor, at the end"),
    "hhi": ("Concentration", "sum of squared shares of say, at the end (HHI)"),
    "nakamoto": ("Nakamoto coefficient", "fewest who hold more than half of compute, say, money or judgement"),
    "deciders": ("Deciders", "effective number, by power to swing a vote"),
    "cost to pass": ("Cost to pass", "share of all compute that buys a passing coalition"),
    "cost to block": ("Cost to block", "share of all compute that buys a blocking one"),
    "pivotal bribes": ("Pivotal bribes", "whether bribes promised to pivotal voters alone could cost nothing"),
    "agency": ("People’s say", "share of decisions that people can still take at the end"),
    "balanced agency": ("People’s say in balance", "the same, in worlds where nobody ever held half"),
}

SHARES: Final = frozenset(
    {
        "catastrophe", "cvar", "bad launches", "good launches missed", "deadlock", "lock-in", "rule blocked",
        "never half", "largest share", "cost to pass", "cost to block", "pivotal bribes", "agency", "balanced agency",
    }
)  # fmt: skip
"""Measures that are shares or probabilities."""


def title_of(measure: str) -> str:
    """What a measure is called on the page."""
    return _WORDS[measure][0] if measure in _WORDS else measure.capitalize()


def meaning_of(measure: str) -> str:
    """What it means; empty if nothing is said."""
    return _WORDS[measure][1] if measure in _WORDS else ""
