"""What the graph, the licence and far-future benefit say on a verdict: reasons, which change no label and no money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from daccord.allocation._types import Reason
from daccord.allocation.verdicts import probability_text
from daccord.fusion import MICRO, ProjectScore
from daccord.fusion.roles import EdgeScore, GraphScores, ShiftScore
from daccord.portfolio import Portfolio, Project, is_open
from daccord.round import Constraint

__all__ = ["constraint_reasons", "far_reasons", "openness_reasons", "role_reasons"]

_SHOWN: Final = 3
"""Shifts that one sentence shows."""


def role_reasons(portfolio: Portfolio, project: str, graph: GraphScores) -> Iterator[Reason]:
    """What people's answers about its roles say: dual use, dispute, defence that comes late, claims nobody judged."""
    net = graph.net_of.get(project)
    if net is None:
        return
    shifts = graph.shifts_of(project)
    if "dual_use" in net.flags:
        told = _told(portfolio, [s for s in shifts if max(s.lowers, s.raises) > MICRO // 2])
        yield Reason("dual_use", f"It is of dual use, and neither a defence nor a weapon by itself: {told}.")
    if "disputed" in net.flags:
        told = _told(portfolio, [s for s in shifts if s.disputed])
        split = any(s.communities_disagree for s in shifts)
        who = "Communities disagree on what it does" if split else "What it does is disputed"
        yield Reason("disputed", f"{who}, so it is given no label: {told}.")
    for score in graph.edges_of(project):
        if late := _late(portfolio, score):
            yield late
    if "unjudged" in net.flags:
        names = [
            portfolio.titles.get(score.edge.target, score.edge.target)
            for score in graph.edges_of(project)
            if score.declared and score.edge.kind == "defends" and score.efficacy is None
        ]
        yield Reason(
            "defence_unjudged",
            f"It says that it defends against {' and '.join(f'“{name}”' for name in dict.fromkeys(names))}; too few "
            "people have judged that.",
        )


def constraint_reasons(
    portfolio: Portfolio, project: str, graph: GraphScores, constraints: Sequence[Constraint]
) -> Iterator[Reason]:
    """That people find it to raise a risk which a hard constraint names, though it does not declare so.

    A constraint is a rule and not an estimate, so it is for reviewers to write the project's id into it.
    """
    declared = {role.target for role in portfolio[project].roles if role.kind == "raises"}
    raised = {s.target for s in graph.shifts_of(project) if 2 * s.raises > MICRO}
    for constraint in constraints:
        named = sorted(raised.intersection(constraint.raises) - declared)
        if named and project not in constraint.projects:
            titles = " and ".join(f"“{portfolio.titles.get(name, name)}”" for name in named)
            yield Reason(
                "constraint_in_question",
                f"It does not declare to raise {titles}, but people find it more probable than not that it does; "
                f"whether it breaks the hard constraint {constraint.id}, version {constraint.version}, is for "
                "reviewers to decide.",
            )


def _when(horizon: int) -> str:
    return f" in {horizon} years" if horizon > 1 else " in a year" if horizon else ""


def _told(portfolio: Portfolio, shifts: list[ShiftScore]) -> str:
    parts = [
        f"the probability that it lowers “{portfolio.titles.get(s.target, s.target)}”{_when(s.horizon)} is "
        f"{probability_text(s.lowers)}, and that it raises it {probability_text(s.raises)}"
        for s in shifts[:_SHOWN]
    ]
    more = len(shifts) - _SHOWN
    return "; ".join(parts) + (f"; and {more} more" if more > 0 else "")


def _late(portfolio: Portfolio, score: EdgeScore) -> Reason | None:
    edge = score.edge
    if not score.declared or edge.kind == "raises" or score.in_time is None or 2 * score.in_time >= MICRO:
        return None
    target = portfolio.titles.get(edge.target, edge.target)
    return Reason(
        "defence_late",
        f"A defence counts when it is there before its threat: the probability that it is in time for “{target}”"
        f"{_when(edge.horizon)} is {probability_text(score.in_time)}.",
    )


def openness_reasons(project: Project) -> Iterator[Reason]:
    """Marks of axis three, the diffusion of power: the licence, and whether open-sourcing it would be comfortable."""
    opened = is_open(project)
    if opened:
        yield Reason(
            "open_licence", f"What it makes is under the open licence {project.licence}: nobody has to be asked."
        )
    elif opened is not None:
        yield Reason(
            "closed_licence", f"What it makes is under {project.licence}, which is not known as an open licence."
        )
    if project.open_sourcing == "no":
        yield Reason(
            "not_comfortable_open",
            "Its applicants would not be comfortable open-sourcing it, so it does not pass the test of a claim to be "
            "purely defensive.",
        )
    elif project.open_sourcing == "unsure":
        yield Reason("unsure_open", "Its applicants are not sure that they would be comfortable open-sourcing it.")
    elif project.open_sourcing == "yes":
        yield Reason("comfortable_open", "Its applicants would be comfortable open-sourcing it.")


def far_reasons(score: ProjectScore) -> Iterator[Reason]:
    """That benefit is expected beyond the round's horizon: said, and counted nowhere."""
    far = score.criteria.get("benefit_far")
    if far is not None and far.above is not None and 2 * far.above >= MICRO:
        yield Reason(
            "far_benefit_not_counted",
            "Beyond the round's horizon its benefit is expected to be large: the probability that it is above the bar "
            f"is {probability_text(far.above)}. Far-future benefit lifts no bar and no hold, and moves no money.",
        )
