"""Questions, factors and measures by names that people can read; the file's own name stays where none is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from daccord.futures.world import World

__all__ = ["MEASURE", "factor_words", "measure_words", "question_words"]

_OF_ONE: Final[Mapping[str, str]] = {
    "arrival": "When {} would come",
    "never": "Whether {} can come at all",
    "ever": "Whether {} ever comes",
    "spending": "What the world spends on {}",
    "elasticity": "What money does to the speed of {}",
    "leak": "How leaky slowing {} would be",
    "lift": "How much richer {} makes people",
    "growth": "How much faster {} makes riches grow",
    "longevity": "How much longer {} lets people live",
    "transition": "How dangerous the arrival of {} is",
    "decline": "How fast the danger of {} falls by itself",
    "hazard": "How often this would happen: {}",
    "floor": "What no defence reaches of this: {}",
    "severity": "How bad this would be: {}",
}
_OF_TWO: Final[Mapping[str, str]] = {
    "source": "How much {} adds to this: {}",
    "defends": "How well {} protects from this: {}",
    "makes_safe": "How much safer {} makes {}",
    "substitutes": "How well {} replaces {}",
    "requires": "How much {} needs {}",
}
_TIMES: Final[Mapping[str, str]] = {
    "lead": "How long before {1} {0} must be there",
    "delay": "How long after {1} {0} can come",
}
_WHOLE: Final[Mapping[str, str]] = {
    "evaluator": "Which evaluator is right",
    "values": "All values together",
    "beliefs": "All beliefs together",
    "factor:progress": "The speed of AI progress",
    "factor:optimism": "How well defence works on the whole",
    "value:gamma": "Value: riches against lives (γ)",
    "value:rho": "Value: time preference (ρ)",
    "value:future": "Value: what comes after the horizon",
    "value:who counts": "Value: who counts",
}

MEASURE: Final[Mapping[str, str]] = {
    "welfare": "Welfare, years of life per person",
    "catastrophe": "Probability of catastrophe",
    "cvar": "The same in the worst 5 % of worlds (CVaR)",
    "delay": "Years by which technologies come later",
    "bad launches": "Launches that had better waited",
    "good launches missed": "Good launches held back",
    "deadlock": "Good motions that fail at first",
    "lock-in": "Lock-in",
    "rule blocked": "One alone can block a change of the rule",
    "never half": "Nobody ever has half the say",
    "years to half": "Years until somebody has half the say",
    "largest share": "Largest share of say at the end",
    "hhi": "Concentration of say at the end (HHI)",
    "nakamoto": "Fewest who hold more than half (Nakamoto)",
    "deciders": "Effective number of deciders",
    "cost to pass": "Cheapest coalition that passes, share of compute",
    "cost to block": "Cheapest coalition that blocks, share of compute",
    "pivotal bribes": "Can be captured by bribes to pivotal voters",
    "agency": "People's say at the end",
    "balanced agency": "People's say where nobody ever has half",
}
"""Measure → what it is."""


def measure_words(name: str, *, lower: bool = False) -> str:
    """A measure in words; with a small first letter inside a sentence."""
    told = MEASURE.get(name, name)
    return told[:1].lower() + told[1:] if lower else told


def factor_words(name: str) -> str:
    """A factor of scenarios as an axis' title; the name is what files say, so it stays in front."""
    about = {
        "world.arrival": "times of arrival, ×",
        "world.hazard": "hazards, ×",
        "world.transition": "odds of a bad transition, ×",
        "world.efficacy": "odds that defences hold, ×",
        "leak": "what rules do not reach",
        "noise": "error of judgement",
        "returns": "exponent of returns",
    }
    return f"{name} ({about[name]})" if name in about else name


def question_words(name: str, world: World) -> str:
    """A question such as `defends:clean-air>unlisted` in words."""
    if name in _WHOLE:
        return _WHOLE[name]
    titles = {item.id: item.title or item.id for item in world.technologies}
    titles |= {item.id: item.title or item.id for item in world.risks}
    kind, _, rest = name.partition(":")
    if kind in _OF_ONE and rest in titles:
        return _OF_ONE[kind].format(titles[rest])
    frame = _OF_TWO.get(kind)
    if kind in _TIMES:
        frame, rest = _TIMES[kind], rest.partition(":")[2]
    first, _, second = rest.partition(">")
    if frame is None or first not in titles or second not in titles:
        return name
    return frame.format(titles[first], titles[second])
