"""What each section of the page says, one function a section; the templates only lay it out."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from daccord.allocation import LABELS, MONEY_RULES
from daccord.fusion import FUSION_RULES
from daccord.pipeline import Decision
from daccord.report._explain import Explanation, bar_words, explain_project
from daccord.report._figures import Table
from daccord.report._rows import Row, csv_link
from daccord.report._words import count, join, money, percent, sentence
from daccord.round import HARMS

__all__ = [
    "AwardTable",
    "Judges",
    "Method",
    "ProjectSection",
    "award_table",
    "identity",
    "judges",
    "method",
    "project_sections",
]


@dataclass(frozen=True)
class AwardTable:
    """The award table with its last rows and its file."""

    rows: tuple[Row, ...]
    currency: str
    unallocated: str
    unallocated_amount: int
    unallocated_share: str
    total: str
    csv: str
    file_name: str


@dataclass(frozen=True)
class ProjectSection:
    """A project's row with its explanation, and the same in tables."""

    row: Row
    why: Explanation
    text: str
    facts: tuple[tuple[str, str], ...]
    changes: Table


@dataclass(frozen=True)
class Judges:
    """Who judged."""

    text: str
    communities: Table
    models: Table
    seen: tuple[str, ...]
    warnings: tuple[str, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True)
class Method:
    """How it was computed."""

    fusion: str
    model: str
    assumptions: tuple[str, ...]
    failure_modes: tuple[str, ...]
    source: str
    money: str
    money_model: str
    money_assumptions: tuple[str, ...]
    money_failure_modes: tuple[str, ...]
    money_source: str
    criteria: Table
    parameters: Table
    certificate: Table
    constraints: tuple[tuple[str, str, str], ...]


def identity(decision: Decision) -> tuple[tuple[str, str], ...]:
    """Name and value of what identifies the decision."""
    round_ = decision.round
    goal = round_.goal
    facts = [
        ("Round", round_.name),
        ("Goal", goal.statement),
        ("Set by", goal.set_by + (f", {goal.date}" if goal.date else "")),
        ("Budget", round_.budget.currency.format(round_.budget.amount)),
        *((f"{name.capitalize()} rule", value) for name, value in decision.method.items()),
        ("Engine", f"daccord {decision.version}" if decision.version else "daccord"),
        ("Seed", str(round_.seed)),
    ]
    if round_.digests:
        listing = "".join(f"{name}\0{digest}\n" for name, digest in sorted(round_.digests.items()))
        facts.append(("Digest of all inputs", hashlib.sha256(listing.encode()).hexdigest()))
    return tuple(facts)


def award_table(decision: Decision, rows: tuple[Row, ...]) -> AwardTable:
    """The table everything else refers to; its amounts sum to the pot exactly."""
    pot, currency = decision.round.budget.amount, decision.round.budget.currency
    rest = decision.allocation.unallocated
    return AwardTable(
        rows=rows,
        currency=currency.code,
        unallocated=currency.format(rest, code=False),
        unallocated_amount=rest,
        unallocated_share=percent(rest / pot if pot else 0.0),
        total=currency.format(sum(row.amount for row in rows) + rest, code=False),
        csv=csv_link(decision, rows),
        file_name="awards-simulated.csv" if decision.round.simulated else "awards.csv",
    )


def _changes(decision: Decision, why: Explanation) -> Table:
    """Changed beliefs that move the project's money or its verdict, each computed again."""
    currency = decision.round.budget.currency
    rows = []
    for answer in why.money:
        difference = answer.amount_after - answer.amount
        same = money(answer.amount_after, currency) == money(answer.amount, currency)
        if same and answer.label_after == answer.label:
            continue
        sign = "+" if difference > 0 else "−"
        rows.append(
            (
                sentence(answer.condition).removesuffix("."),
                money(answer.amount_after, currency),
                "±0" if same else f"{sign}{money(abs(difference), currency).removesuffix(' ' + currency.code)}",
                f"becomes {LABELS[answer.label_after]}" if answer.label_after != answer.label else "stands",
            )
        )
    return Table(
        "Computed again, one change at a time", ("If …", "It would get", "Change", "Verdict"), tuple(rows), (3,)
    )


def project_sections(decision: Decision, rows: Sequence[Row]) -> tuple[ProjectSection, ...]:
    """One section a project, in the order of the award table."""
    sections = []
    for row in rows:
        project = decision.round.portfolio[row.id]
        facts = [("Id", project.id)]
        if project.team:
            facts.append(("Team", project.team))
        ask = project.ask
        facts.append(("Asked for", "any amount" if ask is None else money(ask, decision.round.budget.currency)))
        if project.maturity:
            facts.append(("Maturity", project.maturity))
        why = explain_project(decision, row.id)
        sections.append(ProjectSection(row, why, project.text, tuple(facts), _changes(decision, why)))
    return tuple(sections)


def _models(decision: Decision) -> tuple[Table, tuple[str, ...]]:
    """Models by family, and those that had seen answers of people."""
    models = [judge for judge in decision.round.panel if not judge.is_person]
    lists = Counter(answers.model for said in decision.round.judgments.values() for answers in said.lists)
    families: dict[str, list[str]] = {}
    for judge in models:
        name = judge.id + (" (has seen answers: no weight)" if judge.exposure == "seen" else "")
        families.setdefault(judge.family or judge.id, []).append(name)
    members = {f: [j.id for j in models if (j.family or j.id) == f] for f in families}
    rows = tuple(
        (family, ", ".join(names), str(sum(lists[name] for name in members[family])))
        for family, names in sorted(families.items())
    )
    seen = tuple(judge.id for judge in models if judge.exposure == "seen")
    return Table("Models by family", ("Family", "Models", "Answer lists"), rows, (1,)), seen


def judges(decision: Decision) -> Judges:
    """People by community, models by family, warnings and notices."""
    round_ = decision.round
    people = [j for j, judge in enumerate(round_.panel) if judge.is_person]
    answers: Counter[int] = Counter()
    for name, said in round_.judgments.items():
        if name in HARMS:
            continue  # how many answers there are on harm is secret
        answers.update(said.comparisons.judge.tolist())
        answers.update(said.ratings.judge.tolist())
    names = sorted({round_.panel.judges[j].community for j in people}, key=lambda name: (not name, name))
    rows = []
    for name in names:
        members = [j for j in people if round_.panel.judges[j].community == name]
        rows.append(
            (
                name or "none declared",
                str(len(members)),
                str(sum(answers[j] > 0 for j in members)),
                str(sum(answers[j] for j in members)),
                str(sum(bool(round_.panel.judges[j].conflicts) for j in members)),
            )
        )
    models, seen = _models(decision)
    spoke = sum(answers[j] > 0 for j in people)
    text = f"{count(len(people), 'person', 'people').capitalize()} could judge, and {count(spoke, 'person', 'people')}"
    text += f" did. Their answers are the only evidence. {count(len(models.rows), 'family', 'families').capitalize()}"
    text += f" of models ({count(len(round_.panel) - len(people), 'model')}) could shape the starting point."
    if seen:
        text += f" No weight, because people's answers were visible before the model answered: {join(seen)}."
    warnings = [*decision.warnings, *decision.allocation.warnings]
    warnings += [warning for beliefs in decision.beliefs.values() for warning in beliefs.warnings]
    return Judges(
        text=text,
        communities=Table(
            "People by community",
            ("Community", "People", "Who answered", "Answers", "Who declared a conflict of interest"),
            tuple(rows),
        ),
        models=models,
        seen=seen,
        warnings=tuple(dict.fromkeys(warnings)),
        notices=round_.notices,
    )


def _number(value: float | str | bool | None) -> str:
    """A parameter as short as its meaning allows."""
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    if isinstance(value, str | int):
        return str(value)
    return f"{value:g}" if value == round(value, 6) else f"{value:.4g}"


def method(decision: Decision) -> Method:
    """Rules with their model and assumptions, parameters, certificates."""
    round_ = decision.round
    rule = FUSION_RULES.get(decision.method.get("fusion", ""))
    name = decision.method.get("money", round_.rules.money.rule)
    payer = MONEY_RULES.get(name)
    criteria = tuple(
        (
            criterion.id,
            criterion.question,
            "comparisons only"
            if criterion.scale is None
            else f"ratings from {criterion.scale.low:g} to {criterion.scale.high:g}",
            bar_words(criterion) or "none",
        )
        for criterion in round_.criteria
    )
    parameters = {name: _number(value) for name, value in decision.parameters.items()}
    certificate = {**decision.allocation.certificate}
    certificate |= {name: f"{value:.3g}" for name, value in decision.diagnostics.items()}
    return Method(
        fusion=rule.title if rule else decision.method.get("fusion", ""),
        model=rule.model if rule else "",
        assumptions=rule.assumptions if rule else (),
        failure_modes=rule.failure_modes if rule else (),
        source=rule.source if rule else "",
        money=payer.title if payer else name,
        money_model=payer.model if payer else "",
        money_assumptions=payer.assumptions if payer else (),
        money_failure_modes=payer.failure_modes if payer else (),
        money_source=payer.source if payer else "",
        criteria=Table("Questions", ("Criterion", "Question", "Answers", "Bar or limit"), criteria, (1, 2, 3)),
        parameters=Table("Parameters", ("Name", "Value"), tuple(parameters.items())),
        certificate=Table("Numbers for checking", ("Name", "Value"), tuple(certificate.items())),
        constraints=tuple((c.id, c.version, c.text) for c in round_.rules.constraints),
    )
