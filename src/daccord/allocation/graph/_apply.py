"""`with_graph`: an allocation with what the judged graph has to say on each verdict."""

from __future__ import annotations

from dataclasses import replace

from daccord.allocation._types import Allocation
from daccord.allocation.graph._reasons import constraint_reasons, far_reasons, openness_reasons, role_reasons
from daccord.fusion import Scores
from daccord.fusion.roles import GraphScores
from daccord.portfolio import Portfolio
from daccord.round import Rules

__all__ = ["with_graph"]


def with_graph(
    allocation: Allocation, portfolio: Portfolio, scores: Scores, graph: GraphScores, rules: Rules | None = None
) -> Allocation:
    """The same verdicts and awards, each verdict with further reasons behind its own.

    Args:
        allocation: As decided.
        portfolio: What was judged.
        scores: Published scores of the same projects.
        graph: The judged graph; an empty one if nobody judged roles.
        rules: With the hard constraints; None for none.
    """
    constraints = () if rules is None else rules.constraints
    verdicts = []
    for verdict in allocation.verdicts:
        more = (
            *constraint_reasons(portfolio, verdict.project, graph, constraints),
            *role_reasons(portfolio, verdict.project, graph),
            *openness_reasons(portfolio[verdict.project]),
            *far_reasons(scores[verdict.project]),
        )
        verdicts.append(replace(verdict, reasons=(*verdict.reasons, *more)) if more else verdict)
    return replace(allocation, verdicts=tuple(verdicts), warnings=(*allocation.warnings, *graph.warnings))
