"""Results of the futures lab as JSON documents: a plan and a comparison, with the digest of what they follow from.

All numbers are of a model. Welfare is in years of life now per person, money in the world's own unit a year.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import daccord

if TYPE_CHECKING:
    from daccord.formats.worlds import WorldFile
    from daccord.futures.planner import Index, Knowing, Plan, Score
    from daccord.futures.study import Boundary, Comparison, Ranking, Row, Split

__all__ = ["comparison_document", "plan_document"]

_MODEL = "a model, not a forecast: it says what follows from the beliefs in the file"


def _head(kind: str, file: WorldFile) -> dict[str, Any]:
    return {
        "schema": f"daccord/{kind}/1",
        "version": daccord.__version__,
        "what": _MODEL,
        "title": file.title,
        "fictional": file.fictional,
        "digest": file.digest,
        "unit": file.world.unit,
        "evaluators": list(file.world.evaluators),
    }


def plan_document(
    file: WorldFile,
    plan: Plan,
    *,
    seed: int,
    by_values: Mapping[str, Plan] | None = None,
    indices: Sequence[Index] = (),
) -> dict[str, Any]:
    """A plan.

    Args:
        file: What it follows from.
        plan: The plan.
        seed: Where its randomness started.
        by_values: Name of a way of valuing lives → the plan under it.
        indices: Of the difference between the plan and doing nothing.
    """
    ids = plan.world.ids
    return {
        **_head("plan", file),
        "seed": seed,
        "budget": plan.budget,
        "spent": float(plan.amounts.sum()),
        "values": dict(vars(plan.welfare)),
        "gain": {"years_of_life": plan.gain, "error": plan.error, "optimism": plan.optimism},
        "with_plan": _score(plan.fresh),
        "with_nothing": _score(plan.nothing),
        "shadow_price": plan.price,
        "search": {
            "climbs": len(plan.found.ends),
            "spread": plan.found.spread,
            "gradients": plan.found.steps,
            "grid_gap": plan.grid_gap,
        },
        "bound": {"hindsight": plan.hindsight, "evpi": plan.evpi, "evpi_in_money": plan.in_money(plan.evpi)},
        "technologies": [
            {
                "id": name,
                "title": plan.world.technologies[k].title or name,
                "amount": float(plan.amounts[k]),
                "near_optimal": [float(plan.low[k]), float(plan.high[k])],
                "margin": {key: getattr(plan.margins[k], key) for key in _MARGIN},
                "slowed_by_a_tenth": {key: getattr(plan.slowings[k], key) for key in ("mean", "low", "high", "helps")},
                "verdict": plan.verdicts[k].verdict,
                "worth_more_than_price": plan.verdicts[k].above_price,
                "later_better": plan.verdicts[k].later_better,
                "pairings": [dict(vars(pairing)) for pairing in plan.verdicts[k].pairings],
                "question": plan.verdicts[k].question or None,
            }
            for k, name in enumerate(ids)
        ],
        "questions": [_knowing(plan, item) for item in plan.questions],
        "disagreements": [_knowing(plan, item) for item in plan.disagreements],
        "who_is_right": None if plan.who is None else _knowing(plan, plan.who),
        "regrets": [
            {
                "evaluator": item.evaluator,
                "losses": dict(item.losses),
                "best": _amounts(ids, item.best * plan.budget),
            }
            for item in plan.regrets
        ],
        "influence": [
            {"evaluator": item.evaluator, "moved": item.moved, "without": _amounts(ids, item.shares * plan.budget)}
            for item in plan.influences
        ],
        "by_values": {
            name: {
                "amounts": _amounts(ids, other.amounts),
                "gain": other.gain,
                "error": other.error,
                "verdicts": {item.technology: item.verdict for item in other.verdicts},
            }
            for name, other in (by_values or {}).items()
        },
        "hangs_on": [dict(vars(index)) for index in indices],
    }


_MARGIN = ("mean", "low", "high", "benefit", "risk", "error")


def _amounts(ids: Sequence[str], amounts: Any) -> dict[str, float]:  # noqa: ANN401 - an array
    return {name: float(amount) for name, amount in zip(ids, amounts, strict=True)}


def _score(score: Score) -> dict[str, float]:
    return {"welfare": score.welfare, "catastrophe": score.catastrophe, "cvar": score.tail}


def _knowing(plan: Plan, item: Knowing) -> dict[str, Any]:
    return {
        "question": item.question,
        "years_of_life": item.value,
        "money": plan.in_money(item.value),
        "noise": item.noise,
        "clear": item.clear,
    }


def comparison_document(file: WorldFile, comparison: Comparison, *, ensemble: str) -> dict[str, Any]:
    """A comparison of constitutions.

    Args:
        file: What it follows from.
        comparison: The tables.
        ensemble: Digest of the pieces they were made of.
    """
    study = file.study
    return {
        **_head("futures-comparison", file),
        "seed": study.seed,
        "ensemble": ensemble,
        "scenarios": comparison.scenarios,
        "worlds": comparison.worlds,
        "constitutions": list(comparison.constitutions),
        "classes": [{"name": item.name, "title": item.title or item.name} for item in study.classes],
        "factors": list(comparison.factors),
        "goals": [dict(vars(goal)) for goal in study.goals],
        "most_regret": _amounts(comparison.constitutions, comparison.regret),
        "satisfied": _amounts(comparison.constitutions, comparison.satisfied) if study.goals else None,
        "rows": [_row(row) for row in comparison.rows],
        "boundaries": [_boundary(item) for item in comparison.boundaries],
        "rankings": [_ranking(comparison, item) for item in comparison.rankings],
        "reversals": list(comparison.reversals),
        "gaps": [_split(item) for item in comparison.splits],
        "over_time": {
            name: {
                measure: [float(value) for value in getattr(comparison, measure)[s, c]]
                for measure in ("largest", "hhi", "agency")
            }
            for s, group in enumerate(comparison.groups)
            for c, constitution in enumerate(comparison.constitutions)
            for name in [f"{group}: {constitution}"]
        },
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "class": row.group,
        "constitution": row.constitution,
        "measures": {name: {"mean": mean, "error": row.error[name]} for name, mean in row.measures.items()},
        "worst": row.worst,
        "regret": {"mean": row.regret, "most": row.most_regret, "where": dict(row.where)},
        "first": row.first,
        "satisfied": row.satisfied,
        "gap": row.gap,
    }


def _end(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _boundary(item: Boundary) -> dict[str, Any]:
    return {
        "better": item.better,
        "than": item.than,
        "share": item.share,
        "sentence": item.sentence,
        "rules": list(item.rules),
        "boxes": [
            {
                "limits": [
                    {"factor": limit.factor, "low": _end(limit.low), "high": _end(limit.high), "doubt": limit.doubt}
                    for limit in box.limits
                ],
                "coverage": box.coverage,
                "density": box.density,
                "mass": box.mass,
                "fresh_density": box.fresh_density,
            }
            for box in item.boxes
        ],
    }


def _ranking(comparison: Comparison, item: Ranking) -> dict[str, Any]:
    names = comparison.constitutions
    return {
        "class": item.group or None,
        "weights": _amounts(item.measures, item.weights),
        "scores": _amounts(names, item.scores),
        "order": [names[c] for c in item.order],
        "switches": [dict(vars(switch)) for switch in item.switches],
        "rank_shares": {name: [float(share) for share in item.acceptability[c]] for c, name in enumerate(names)},
    }


def _split(item: Split) -> dict[str, Any]:
    return {
        "class": item.group,
        "constitution": item.constitution,
        "planner": item.planner,
        "welfare": item.welfare,
        "parts": {name: {"gain": gain, "error": item.error[name]} for name, gain in item.parts.items()},
        "rest": item.planner - item.welfare - sum(item.parts.values()),
    }
