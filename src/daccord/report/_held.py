"""What a decision's intervals mean, and how well they held on held-out people, from what its fits measured anyway."""

from __future__ import annotations

from daccord.allocation import money_rule
from daccord.pipeline import Decision

__all__ = ["held_words", "spread_words"]


def held_words(decision: Decision) -> tuple[str, ...]:
    """A sentence for each criterion whose fit held answers out; nothing for rules that do not.

    Args:
        decision: The decided round.
    """
    found = []
    for criterion, beliefs in decision.beliefs.items():
        held, answers = (beliefs.diagnostics.get(key) for key in ("held_out_coverage", "held_out_answers"))
        if held is None or not answers:
            continue
        text = f"{criterion}: while fitting, 80 % intervals held {100 * held:.0f} % of held-out ratios and ratings"
        widening = beliefs.parameters.get("widening", 1.0)
        text += f", so all standard deviations were widened by {widening:.2f}" if widening > 1 else ", so they stand"
        found.append(text)
    return tuple(found)


def spread_words(decision: Decision) -> str:
    """Under which condition the intervals of awards hold, to stand behind "would be"."""
    rules = decision.round.rules.money
    if money_rule(rules.rule).draws_under(rules) is None:
        return "with people drawn anew from those who took part"
    return "if its value were known and the verdicts stood"
