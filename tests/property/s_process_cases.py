"""Random rounds for `s-process`, and the rule as a loop over single units."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import strategies as st

from daccord.allocation import MoneyTask
from daccord.allocation.s_process._spenders import purses
from daccord.allocation.s_process._turns import schedule
from daccord.fusion import ProjectScore
from daccord.judging import Funder, MarginalValue
from daccord.money import Currency
from daccord.portfolio import Project
from daccord.round import Budget, MoneyInputs, MoneyRules, SProcessRules

__all__ = ["EURO", "curves", "one_by_one", "rounds", "task_of"]

EURO = Currency("EUR", 2)


def task_of(
    projects: Sequence[Project],
    values: Sequence[MarginalValue],
    pot: int,
    funders: Sequence[Funder] = (),
    **rules: object,
) -> MoneyTask:
    """A task of `s-process`; parameters of the rule by name, `minimum` and `team_cap` too."""
    shared = {name: rules.pop(name) for name in ("minimum", "team_cap") if name in rules}
    money = MoneyRules(rule="s-process", s_process=SProcessRules(**rules), **shared)
    return MoneyTask(
        tuple(projects),
        tuple(ProjectScore(project.id, {}, 0, 0, 0) for project in projects),
        money,
        Budget(pot, EURO),
        MoneyInputs(values=tuple(values), funders=tuple(funders)),
        tuple(range(len(projects))),
    )


@st.composite
def curves(draw, juror, project, most):
    """Points of a curve that never rises; often flat, often with the same numbers as others."""
    amounts = sorted(draw(st.sets(st.integers(1, most), min_size=1, max_size=3)))
    values = sorted((draw(st.integers(0, 6)) for _ in range(len(amounts) + 1)), reverse=True)
    unit = draw(st.sampled_from([1, 3]))
    return [
        MarginalValue(juror, project, amount, Fraction(value, unit))
        for amount, value in zip([0, *amounts], values, strict=True)
    ]


@st.composite
def rounds(draw, *, funders=3, teams=True, minimum=True, pot=None):
    size, amount = draw(st.integers(1, 5)), draw(st.integers(0, 120) if pot is None else pot)
    most = max(2, amount)
    projects = [
        Project(
            f"p{i}",
            f"Project {i}",
            team=draw(st.sampled_from(["", "a", "b"])) if teams else "",
            ask=draw(st.one_of(st.none(), st.integers(0, most))),
        )
        for i in range(size)
    ]
    jurors = [f"j{j}" for j in range(draw(st.integers(1, 4)))]
    values = []
    for juror in jurors:
        for project in projects:
            if draw(st.integers(0, 3)):
                values += draw(curves(juror, project.id, most))
    given_ = []
    if draw(st.booleans()) and funders > 1:
        cuts = sorted(draw(st.integers(0, amount)) for _ in range(draw(st.integers(1, funders - 1))))
        for f, (low, high) in enumerate(zip([0, *cuts], [*cuts, amount], strict=True)):
            weights = [draw(st.integers(0, 3)) for _ in jurors]
            trust = {j: Fraction(w, sum(weights)) for j, w in zip(jurors, weights, strict=True) if w}
            given_.append(Funder(f"f{f}", high - low, trust))
    return task_of(
        projects,
        values,
        amount,
        given_,
        pooling=draw(st.sampled_from(["mean", "mean", "delegates"])),
        scale=draw(st.sampled_from(["equal", "stated"])),
        silence=draw(st.sampled_from(["zero", "abstains"])),
        turns=draw(st.sampled_from([1, 3, 10])),
        team_cap=draw(st.sampled_from([None, 0.3, 0.6])) if teams else None,
        minimum=draw(st.integers(0, 20)) if minimum else 0,
    )


def one_by_one(task: MoneyTask, shut: frozenset[int] = frozenset()) -> list[int]:
    """The reference: every unit looks for the project where it is worth most; nothing is computed ahead."""
    found = purses(task)
    had = [0] * len(task)
    for a, part in schedule([purse.money for purse in found], task.rules.s_process.turns):
        for _ in range(part):
            open_ = [
                i
                for i in range(len(task))
                if i not in shut
                and had[i] < task.bounds[i]
                and all(sum(had[m] for m in cap.members) < cap.amount for cap in task.team_caps if i in cap.members)
                and found[a].curves[i].value(had[i]) > 0
            ]
            if not open_:
                break
            had[min(open_, key=lambda i: (-found[a].curves[i].value(had[i]), had[i], task.ties[i]))] += 1
    return had
