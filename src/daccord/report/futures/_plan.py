"""The plan on the page: what to fund, what it is worth, and what would change it, in words and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from daccord.futures.planner import Index, Knowing, Plan
from daccord.report._figures import Table
from daccord.report._words import join
from daccord.report.futures._words import VERDICT, amount, chance, share, worth, years

__all__ = ["plan_summary", "plan_tables", "shown", "titles_of"]

_SHOWN: Final = 8


def titles_of(plan: Plan) -> list[str]:
    return [item.title or item.id for item in plan.world.technologies]


def shown(plan: Plan) -> list[int]:
    """Technologies that somebody can do something about, most money first."""
    own = [k for k, item in enumerate(plan.world.technologies) if not item.given]
    return sorted(own, key=lambda k: (-plan.amounts[k], k))


def plan_summary(plan: Plan) -> tuple[str, ...]:
    """The plan in a few sentences."""
    titles, unit = titles_of(plan), plan.world.unit
    funded = [k for k in shown(plan) if plan.amounts[k] > 0.005 * plan.budget]
    if funded:
        parts = [f"{titles[k]} {share(plan.amounts[k] / plan.budget)}" for k in funded[:4]]
        first = f"Of {amount(plan.budget)} {unit}, the best split found gives {join(parts)}"
        words = [first + (f", and the rest to {len(funded) - 4} others." if len(funded) > 4 else ".")]
    else:
        words = [f"Of {amount(plan.budget)} {unit}, all is better kept: nothing to fund is worth more than nothing."]
    before, after = plan.nothing, plan.fresh
    words.append(
        f"It is worth {years(plan.gain, plan.error)} of life per person over doing nothing (γ = "
        f"{plan.welfare.gamma:g}), "
        "on worlds that it was not made with. The probability of catastrophe goes from "
        f"{share(before.catastrophe, 1)} to "
        f"{share(after.catastrophe, 1)}; in the worst 5 % of worlds its mean goes from {share(before.tail, 1)} to "
        f"{share(after.tail, 1)}."
    )
    words.append(
        f"Other splits are nearly as good: the ranges below lose at most half a per cent of the gain. Whoever knew "
        f"everything could gain {years(plan.evpi)} more; no plan can beat that, as far as each world's best was "
        "found."
    )
    clear = _clear(plan)
    if clear:
        words.append(f"Most worth knowing first: {join([item.question for item in clear[:3]])}.")
    else:
        words.append("No single answer would be worth enough to wait for it.")
    return tuple(words)


def _clear(plan: Plan) -> list[Knowing]:
    found = [item for item in (*plan.questions, *plan.disagreements) if item.clear and item.value > 1e-9]
    return sorted(found, key=lambda item: (-item.value, item.question))


def plan_tables(
    plan: Plan, by_values: Mapping[str, Plan], indices: Sequence[Index]
) -> tuple[tuple[str, str, str, Table], ...]:
    """Anchor, title, what it says, table."""
    titles = dict(zip(plan.world.ids, titles_of(plan), strict=True))
    found = [_verdicts(plan, titles)]
    rows: tuple[tuple[str, ...], ...]
    clear = _clear(plan)
    if clear:
        rows = tuple(
            (item.question, years(item.value), _money(plan, item.value), years(item.noise)) for item in clear[:_SHOWN]
        )
        text = (
            "What an answer would be worth before the money is divided: at most. The same figure for shuffled "
            "answers is the noise."
        )
        table = Table("Worth of answers (a model)", ("Question", "Worth", f"In {plan.world.unit}", "Noise"), rows)
        found.append(("questions", "What would be worth knowing", text, table))
    if plan.regrets:
        found.append(_regrets(plan))
    if plan.influences:
        rows = tuple((item.evaluator, share(item.moved)) for item in plan.influences)
        text = (
            "The share of the budget that would go elsewhere without each evaluator. Whoever moves much need not "
            "be wrong."
        )
        found.append(("influence", "How far each evaluator moves it", text,
                      Table("Influence of evaluators (a model)", ("Evaluator", "Money moved"), rows)))  # fmt: skip
    if by_values:
        found.append(_values(by_values, titles))
    slowed = sorted(plan.slowings, key=lambda item: (-item.mean, item.technology))
    rows = tuple(
        (titles[item.technology], worth(item.mean), worth(item.low), worth(item.high), chance(item.helps))
        for item in slowed
        if item.mean or item.helps
    )
    text = (
        "What slowing a technology by a tenth during the window would be worth, in years of life. A political "
        "cost below "
        "that would be worth paying; nobody has measured such costs, so nothing here is slowed."
    )
    head = ("Technology", "Mean", "5 %", "95 %", "Helps in")
    found.append(("slowing", "What slowing would be worth", text, Table("Slowing by a tenth (a model)", head, rows)))
    if indices:
        rows = tuple(
            (item.group, share(max(item.first, 0.0)), share(item.total), share(item.error)) for item in _sorted(indices)
        )
        text = (
            "Of the variance of what the plan is worth, over values and beliefs: the share that each explains "
            "alone, and the "
            "share that it takes part in (Sobol indices of the difference to doing nothing)."
        )
        found.append(("hangs-on", "What the conclusion hangs on", text,
                      Table("Sobol indices (a model)", ("Input", "Alone", "With others", "Error"), rows)))  # fmt: skip
    return tuple(found)


def _sorted(indices: Sequence[Index]) -> list[Index]:
    groups = [item for item in indices if item.group in {"values", "beliefs", "evaluator"}]
    single = sorted((item for item in indices if item not in groups), key=lambda item: -item.total)
    return [*groups, *single[:_SHOWN]]


def _money(plan: Plan, value: float) -> str:
    found = plan.in_money(value)
    return "–" if found is None else amount(found)


def _verdicts(plan: Plan, titles: Mapping[str, str]) -> tuple[str, str, str, Table]:
    rows = []
    for k in shown(plan):
        told = plan.verdicts[k]
        if told.pairings:
            best = told.pairings[0]
            lead = f" by {best.lead:.1f} years" if best.lead else ""
            change = f"{titles[best.partner]} first{lead}: then earlier is better in {chance(best.earlier_better)}"
        else:
            change = told.question
        sign = f"{VERDICT[told.verdict]} {told.verdict}"
        rows.append((titles[told.technology], sign, chance(told.above_price), chance(told.later_better), change))
    text = (
        "Accelerate: the first unit of money is worth more than the last unit of the budget in at least 80 % of "
        "worlds. "
        "Hold: later is better in at least 80 %. With safeguards: earlier is better once a named partner is "
        "there first. "
        "Unclear: anything else, with the question that it hangs on most."
    )
    head = ("Technology", "Verdict", "Worth the money in", "Better later in", "What would change it")
    return "verdicts", "Verdicts", text, Table("Verdicts (a model)", head, tuple(rows), (1, 4))


def _regrets(plan: Plan) -> tuple[str, str, str, Table]:
    portfolios = list(plan.regrets[0].losses)
    rows = tuple(
        (f"{item.evaluator} is right", *(years(max(0.0, item.losses[name])) for name in portfolios))
        for item in plan.regrets
    )
    text = "What each portfolio loses if one evaluator is right about everything, against the best for that evaluator."
    head = ("If", *portfolios)
    return "regrets", "If one evaluator is right", text, Table("Regret in years of life (a model)", head, rows)


def _values(by_values: Mapping[str, Plan], titles: Mapping[str, str]) -> tuple[str, str, str, Table]:
    rows = []
    for name, other in by_values.items():
        order = sorted(zip(other.amounts, other.world.ids, strict=True), reverse=True)
        parts = [f"{titles[key]} {share(money / other.budget)}" for money, key in order if money > 0.005 * other.budget]
        rows.append((name, years(other.gain, other.error), ", ".join(parts) or "nothing"))
    text = (
        "The same question under other ways of valuing riches against lives: the higher γ, the less riches are worth."
    )
    return (
        "values",
        "Under other values",
        text,
        Table("Plans by values (a model)", ("Values", "Gain", "Split"), tuple(rows), (2,)),
    )
