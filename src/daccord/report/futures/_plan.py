"""The plan in tables: verdicts, questions, regrets, values, and how far to trust the search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from daccord.futures.planner import Index, Knowing, Plan
from daccord.report._figures import Table
from daccord.report.futures._plan_summary import clear_questions, shown, titles_of
from daccord.report.futures._questions import question_words
from daccord.report.futures._words import VERDICT, amount, chance, share, unit_of, worth, years

__all__ = ["plan_tables"]

_SHOWN: Final = 8


def _disputes(plan: Plan) -> list[Knowing]:
    """Clear disagreements between evaluators, and the one about everything."""
    found = [item for item in plan.disagreements if item.clear and item.value > 1e-9]
    return [*([] if plan.who is None else [plan.who]), *found]


def plan_tables(
    plan: Plan, by_values: Mapping[str, Plan], indices: Sequence[Index]
) -> tuple[tuple[str, str, str, Table], ...]:
    """Anchor, title, what it says, table."""
    titles = dict(zip(plan.world.ids, titles_of(plan), strict=True))
    found = [_verdicts(plan, titles)]
    found.append(
        _knowing(
            plan,
            clear_questions(plan)[:_SHOWN],
            ("questions", "What would be worth knowing", "Question"),
            "What an answer would be worth before the money is divided: at most. The same figure for shuffled answers "
            "is the noise; only answers worth more than twice that are listed.",
        )
    )
    disputes = _disputes(plan)
    if disputes:
        found.append(
            _knowing(
                plan,
                disputes[:_SHOWN],
                ("disputes", "Which disagreements would be worth settling", "Whose answer is right on"),
                "What it would be worth to know whose answer is right, on one question or on all of them (which "
                "evaluator is right). Other disagreements are not worth more than twice the noise.",
            )
        )
    rows: tuple[tuple[str, ...], ...]
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
    found.append(_search(plan))
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
            (question_words(item.group, plan.world), share(max(item.first, 0.0)), share(item.total), share(item.error))
            for item in _sorted(indices)
        )
        text = (
            "Of the variance of what the plan is worth, over values and beliefs: the share that each explains "
            "alone, and the "
            "share that it takes part in (Sobol indices of the difference to doing nothing). Errors are large: shares "
            "may come out above 100 %, and only single inputs are listed whose share is more than twice its error."
        )
        found.append(("hangs-on", "What the conclusion hangs on", text,
                      Table("Sobol indices (a model)", ("Input", "Alone", "With others", "Error"), rows)))  # fmt: skip
    return tuple(found)


def _sorted(indices: Sequence[Index]) -> list[Index]:
    groups = [item for item in indices if item.group in {"values", "beliefs", "evaluator"}]
    clear = (item for item in indices if item not in groups and item.total > max(0.01, 2 * item.error))
    single = sorted(clear, key=lambda item: (-item.total, item.group))
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
            first = f"{titles[best.partner]} first{f' by {best.lead:.1f} years' if best.lead else ''}"
            if best.earlier_better < 0.5:
                change = f"No partner does: even with {first} earlier is better in only {chance(best.earlier_better)}"
            else:
                change = f"{first}: then earlier is better in {chance(best.earlier_better)}"
        else:
            change = f"Hangs most on this: {question_words(told.question, plan.world)}" if told.question else "–"
        sign = f"{VERDICT[told.verdict]}\N{NO-BREAK SPACE}{told.verdict}"
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
    scale, unit = unit_of([value for item in plan.regrets for value in item.losses.values()])
    rows = tuple(
        (f"{item.evaluator} is right", *(f"{max(0.0, item.losses[name]) * scale:.1f}" for name in portfolios))
        for item in plan.regrets
    )
    text = "What each portfolio loses if one evaluator is right about everything, against the best for that evaluator."
    head = ("If", *portfolios)
    return "regrets", "If one evaluator is right", text, Table(f"Regret in {unit} of life (a model)", head, rows)


def _knowing(
    plan: Plan, items: Sequence[Knowing], names: tuple[str, str, str], text: str
) -> tuple[str, str, str, Table]:
    anchor, title, first = names
    scale, unit = unit_of([item.value for item in items])
    rows = tuple(
        (
            question_words(item.question, plan.world),
            f"{item.value * scale:.1f}",
            _money(plan, item.value),
            f"{item.noise * scale:.1f}",
            _money(plan, item.noise),
        )
        for item in items
    )
    money = f"In {plan.world.unit}"
    head = (first, f"Worth, {unit}", money, f"Noise, {unit}", money)
    if not rows:
        text += " None is: no question matters enough to wait for its answer."
    return anchor, title, text, Table("Worth of answers (a model)", head, rows)


def _search(plan: Plan) -> tuple[str, str, str, Table]:
    """How far the search can be trusted."""
    rows = [
        ("Gain on worlds that took no part", years(plan.gain, plan.error)),
        ("Gain on the worlds of the search less that", years(plan.optimism)),
        ("Price of money: the last unit is worth", f"{worth(plan.price)} years"),
    ]
    if plan.grid_gap is not None:
        rows.append(("A grid over all splits finds more by", f"{worth(max(0.0, plan.grid_gap))} years"))
    text = (
        "A plan looks better on the worlds that it was made with than on others; gain and catastrophe above are from "
        "others."
    )
    return "search", "How far to trust the search", text, Table("The search (a model)", ("", "Figure"), tuple(rows))


def _values(by_values: Mapping[str, Plan], titles: Mapping[str, str]) -> tuple[str, str, str, Table]:
    rows = []
    for name, other in by_values.items():
        order = sorted(zip(other.amounts, other.world.ids, strict=True), reverse=True)
        parts = [f"{titles[key]} {share(money / other.budget)}" for money, key in order if money > 0.005 * other.budget]
        before, after = other.nothing, other.fresh
        rows.append(
            (
                name,
                years(other.gain, other.error),
                f"{share(before.catastrophe, 1)} → {share(after.catastrophe, 1)}",
                f"{share(before.tail, 1)} → {share(after.tail, 1)}",
                ", ".join(parts) or "nothing",
            )
        )
    text = (
        "The same question under other ways of valuing riches against lives: the higher γ, the less riches are worth."
    )
    return (
        "values",
        "Under other values",
        text,
        Table(
            "Plans by values (a model)",
            ("Values", "Gain", "Catastrophe", "Worst 5 % (CVaR)", "Split"),
            tuple(rows),
            (4,),
        ),
    )
