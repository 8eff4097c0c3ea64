"""A `Decision` as plain data, and published scores back from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from daccord.allocation.accounts import Posting
from daccord.allocation.verdicts import Decider
from daccord.formats._decision_graph import graph_document
from daccord.formats._decision_models import DecisionFile
from daccord.formats._decision_verdict import verdict_document
from daccord.fusion import CriterionScore, ProjectScore, Scores, VoiceSkill
from daccord.pipeline import SCHEMA, Decision, effective_parameters
from daccord.portfolio import Project
from daccord.round import HARMS, Rules

__all__ = ["decision_document", "decision_schema", "scores_of"]


def decision_document(decision: Decision, *, overridden: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A decision as data for JSON: the same decision gives the same document, key by key in the same order.

    Everything that moved money is an integer. Floats are parameters, exactly as used, and what a fit learned, to six
    significant digits; NaN and infinity never occur (a diagnostic that cannot be computed is None).

    Args:
        decision: A decided round.
        overridden: For a what-if: dotted names of parameters that were replaced for this run → what round.toml states.

    Returns:
        What docs/spec/decision.md describes, in the order of its schema.
    """
    round_ = decision.round
    stated = dict(sorted((overridden or {}).items()))
    effective = effective_parameters(round_)
    decider = Decider.of(round_.portfolio, decision.scores, round_.rules)
    document = {
        "schema": SCHEMA,
        "version": decision.version,
        "round": round_.name,
        "simulated": round_.simulated,
        "goal": asdict(round_.goal),
        "budget": {
            "amount": round_.budget.amount,
            "currency": round_.budget.currency.code,
            "digits": round_.budget.currency.digits,
        },
        "criteria": [asdict(criterion) for criterion in round_.criteria],
        "method": dict(decision.method),
        "parameters": {
            "effective": _sorted(effective),
            "defaults": _sorted(effective_parameters(replace(round_, rules=Rules()))),
            "learned": _sorted(
                {name: _six(value) for name, value in decision.parameters.items() if name not in effective}
            ),
            "overridden": stated,
        },
        "decided_on": round_.rules.decided_on,
        "seed": round_.seed,
        "inputs": _sorted(round_.digests),
        "notices": list(round_.notices),
        "warnings": [
            *(f"what-if: {name} is {effective[name]} here; round.toml states {stated[name]}" for name in stated),
            *decision.warnings,
        ],
        "projects": [_project(decision, project, decider) for project in round_.portfolio],
        "graph": graph_document(decision.graph),
        "unallocated": decision.allocation.unallocated,
        "divided": decision.allocation.divided,
        "entries": [_entry(posting) for posting in decision.allocation.postings],
        "certificate": dict(decision.allocation.certificate),
        "voices": {name: [_voice(voice) for voice in belief.voices] for name, belief in decision.beliefs.items()},
        "diagnostics": _sorted({name: _six(value) for name, value in decision.diagnostics.items()}),
    }
    return DecisionFile.model_validate(document).model_dump(by_alias=True)


def _sorted(values: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(values.items()))


def _six(value: object) -> object:
    """A learned number to six significant digits, which other machines reproduce; None if it is not finite."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _project(decision: Decision, project: Project, decider: Decider) -> dict[str, Any]:
    award = decision.allocation.award_of[project.id]
    score = decision.scores[project.id]
    return {
        "id": project.id,
        "title": project.title,
        "team": project.team,
        "ask": project.ask,
        "verdict": verdict_document(decision, project.id, decider),
        "award": {
            "amount": award.amount,
            "limited_by": award.limited_by,
            "entries": award.entries,
            "weight": str(award.weight),
        },
        "interval": asdict(decision.interval_of[project.id]),
        "share": {"expected": score.share, "low": score.share_low, "high": score.share_high},
        "scores": {
            name: _harm(criterion) if name in HARMS else _score(criterion) for name, criterion in score.criteria.items()
        },
    }


def _score(score: CriterionScore) -> dict[str, Any]:
    return {
        "mean": score.mean,
        "sd": score.sd,
        "above": score.above,
        "communities": _sorted(score.communities),
        "judgments": score.judgments,
        "jurors": score.jurors,
    }


def _harm(score: CriterionScore) -> dict[str, Any]:
    return {
        "level": score.level,
        "above": score.above,
        "at_most": score.at_most,
        "judgments": score.judgments,
        "jurors": score.jurors,
        "communities": _sorted(score.communities),
    }


def _published(name: str, score: Mapping[str, Any]) -> CriterionScore:
    """A criterion's score from a document."""
    if name not in HARMS:
        return CriterionScore(**score)
    known = {key: value for key, value in score.items() if key != "at_most"}
    return CriterionScore(mean=0, sd=0, **known, ceiling=score["at_most"])


def _entry(posting: Posting) -> dict[str, Any]:
    return {**asdict(posting.entry), "paid": posting.paid, "open": posting.open, "note": posting.note}


def _voice(voice: VoiceSkill) -> dict[str, Any]:
    return {
        "voice": voice.voice,
        "models": list(voice.models),
        "coefficient": round(voice.coefficient, 6),
        "share": round(voice.share, 6),
        "gain": round(voice.gain, 6) if math.isfinite(voice.gain) else None,
    }


def scores_of(document: Mapping[str, Any]) -> Scores:
    """Published scores from a document, for recomputing verdicts and money with `daccord.allocation.allocate`.

    Args:
        document: From `decision_document` or `read_decision`.

    Returns:
        The scores in the document's order of projects.

    Raises:
        KeyError: The document is not one of these.
    """
    return Scores(
        tuple(
            ProjectScore(
                project=project["id"],
                criteria={name: _published(name, score) for name, score in project["scores"].items()},
                share=project["share"]["expected"],
                share_low=project["share"]["low"],
                share_high=project["share"]["high"],
            )
            for project in document["projects"]
        )
    )


def decision_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of `decision.json`; what it cannot say is in docs/spec/decision.md."""
    schema = DecisionFile.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "daccord decision, version 1",
    }
