"""Why a question is asked, in one sentence that does not say which of the two is ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from daccord.asking._types import Basis, Why

__all__ = ["per_cent", "sentence"]

_LEAST: Final = 0.0001
_COARSE: Final = 0.1


def per_cent(share: float) -> str:
    """A share as a percentage with two significant digits; `<0.01 %` where it is less."""
    if share < _LEAST:
        return "<0.01 %" if share > 0 else "0 %"
    return f"{100 * share:.2g} %" if share < _COARSE else f"{100 * share:.0f} %"


def _effect(effect: float | None, error: float, basis: Basis) -> str:
    """What an answer is expected to do."""
    if effect is None:
        return "nobody has answered yet, so no effect can be computed"
    if effect <= 0:
        return "is not expected to change the result"
    if basis == "values":
        return f"would make the values {per_cent(effect / error)} surer, though no money hangs on them now"
    if basis == "shares":
        return f"would reduce the expected error of the shares of the benefit by {per_cent(effect)}"
    return f"would reduce the expected error of the awards by {per_cent(effect)} of the pot"


def _reason(why: Why, count: int, projects: int, bar: str) -> str:
    """What speaks for it; `count` is how many of the projects it is true of."""
    alone, both = projects == 1, count == 2
    who = "it" if alone else "both" if both else "one of the two"
    if why == "coverage":
        return f"{who} {'lack' if both else 'lacks'} answers that the round's rules demand"
    if why == "bar":
        return f"{who} {'are' if both else 'is'} close to the {bar}"
    if why == "money":
        award = "its award is" if alone else "both awards are" if both else "one of the two awards is"
        return f"{award} among the least certain"
    return "where it stands is not sure" if alone else "how the two compare is not sure"


def sentence(
    effect: float | None, error: float, basis: Basis, reasons: Sequence[tuple[Why, int]], projects: int, bar: str
) -> str:
    """The sentence.

    Args:
        effect: Expected reduction of the error; None if there is nothing to compute it from.
        error: Expected error before this question, same unit.
        basis: What the error is of.
        reasons: What speaks for the question, and of how many of its projects that is true.
        projects: One for a rating, two for a comparison.
        bar: `bar`, or for harm `limit`.
    """
    said = ", and ".join(_reason(why, count, projects, bar) for why, count in reasons)
    text = f"{_effect(effect, error, basis)}; {said}."
    return text[0].upper() + text[1:]
