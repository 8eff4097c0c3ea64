"""Why a question is asked, in one sentence that does not say which of the two is ahead."""

from __future__ import annotations

from typing import Final

from daccord.asking._types import Basis, Why

__all__ = ["per_cent", "sentence"]

_LEAST: Final = 0.0001


def per_cent(share: float) -> str:
    """A share as a percentage with two significant digits; below 0.01 %, `<0.01 %`."""
    if share < _LEAST:
        return "<0.01 %" if share > 0 else "0 %"
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"


def _effect(effect: float | None, error: float, basis: Basis) -> str:
    """What an answer is expected to do."""
    if effect is None or basis == "coverage":
        return "people have said nothing yet that an effect could be computed from"
    if effect <= 0:
        return "an answer is not expected to change the result"
    if basis == "values":
        return (
            f"an answer would make the values surer by {effect / error:.1%} of what is unsure, though no money hangs "
            "on it now"
        )
    what = "awards" if basis == "awards" else "projects' shares of the benefit"
    unit = " of the pot" if basis == "awards" else ""
    return f"an answer would reduce the expected error of the {what}, {per_cent(error)}{unit}, by {per_cent(effect)}{unit}"


def _reason(why: Why, count: int, projects: int, bar: str) -> str:
    """What speaks for it; `count` is how many of the projects it is true of."""
    alone, both = projects == 1, count == 2
    if why == "coverage":
        who = "it lacks" if alone else "both lack" if both else "one of the two lacks"
        return f"{who} answers that the round's rules demand"
    if why == "bar":
        return f"{'it is' if alone else 'both are' if both else 'one of the two is'} close to the {bar}"
    if why == "money":
        if alone:
            return "its award is among the least certain"
        return "both awards are among the least certain" if both else "one of the two awards is among the least certain"
    return "where it stands is not sure" if alone else "how the two compare is not sure"


def sentence(
    effect: float | None, error: float, basis: Basis, why: Why, count: int, projects: int, bar: str
) -> str:
    """The sentence.

    Args:
        effect: Expected reduction of the error; None if there is nothing to compute it from.
        error: Expected error before this question, same unit.
        basis: What the error is of.
        why: What speaks for the question.
        count: How many of its projects that is true of.
        projects: One for a rating, two for a comparison.
        bar: `bar`, or for harm `limit`.
    """
    text = f"{_effect(effect, error, basis)}; {_reason(why, count, projects, bar)}."
    return text[0].upper() + text[1:]
