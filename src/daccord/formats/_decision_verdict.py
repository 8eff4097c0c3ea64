"""What a decision file says of a verdict: the record that people accept and a grant agreement can be written from."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from daccord.allocation import Verdict, waiting_part
from daccord.allocation.stories import counterfactuals, unchangeable
from daccord.allocation.verdicts import Decider, returned_at_most, terms
from daccord.fusion import MICRO
from daccord.pipeline import Decision
from daccord.round import Safeguard

__all__ = ["verdict_document"]


def verdict_document(decision: Decision, project: str, decider: Decider) -> dict[str, Any]:
    """The key `verdict` of a project, in the schema's order.

    Args:
        decision: A decided round.
        project: Id.
        decider: Of the round's verdicts.
    """
    round_ = decision.round
    verdict = decision.allocation.verdict_of[project]
    award = decision.allocation.award_of[project].amount
    changes = counterfactuals(round_.portfolio, decision.scores, round_.rules, verdict, decider)
    return {
        "label": verdict.label,
        "probability": verdict.probability,
        "at_least": verdict.at_least,
        "probability_of": verdict.probability_of,
        "reasons": [asdict(reason) for reason in verdict.reasons],
        "safeguards": [_safeguard(decision, guard, award) for guard in verdict.safeguards],
        "waits_for": list(verdict.waits_for),
        "gates": [
            {**asdict(closed.gate), "partners": list(closed.partners), "text": closed.text} for closed in verdict.gates
        ],
        "waiting": waiting_part(award, round_.rules) if verdict.gates else 0,
        "substitutes": list(verdict.substitutes),
        "reopens_after_days": verdict.reopens_after_days,
        "expires_on": _day(round_.rules.decided_on, verdict),
        "cost_of_delay": verdict.cost_of_delay,
        "delay": None if verdict.delay is None else asdict(verdict.delay),
        "would_change": [
            {"code": one.code, "label": one.label_after, "to": one.to, "condition": one.condition} for one in changes
        ],
        "nothing_changes": "" if changes else unchangeable(verdict),
    }


def _day(decided_on: str, verdict: Verdict) -> str:
    """The day on which a hold expires; empty if the day of the decision is not stated, or nothing is held."""
    if not decided_on or verdict.reopens_after_days is None:
        return ""
    return (date.fromisoformat(decided_on) + timedelta(days=verdict.reopens_after_days)).isoformat()


def _safeguard(decision: Decision, guard: Safeguard, award: int) -> dict[str, Any]:
    return {
        "condition": guard.condition,
        "accountable": guard.accountable,
        "due_days": guard.due_days,
        "verified": guard.verified,
        "clawback": guard.clawback,
        "returns": {
            "share": round(guard.returns * MICRO),
            "of": guard.of,
            "at_most": returned_at_most(guard, award),
            "to": guard.to,
            "event": guard.event,
        },
        "terms": terms(guard, award, decision.round.budget.currency),
    }
