"""How defensive a project is, read from the judged graph instead of the criterion `defence`."""

from __future__ import annotations

from dataclasses import replace

from daccord.fusion import CriterionScore, ProjectScore, Scores
from daccord.fusion.roles import GraphScores, NetScore

__all__ = ["defence_from_graph"]


def defence_from_graph(scores: Scores, graph: GraphScores) -> Scores:
    """Scores in which `defence` is the probability that a project lowers risks more than it raises them, in time.

    Of several horizons the least probability counts. A project without a rated role has no defence score, as one that
    nobody judged. Answers under `defence_if_adversary` still count if they are worse (`worse_holder`).

    Raising an efficacy of a role that lowers a risk, or shortening its lead time, never lowers this probability;
    raising what a role adds never raises it. So the money rules stay monotone in what people say.

    Args:
        scores: Published scores.
        graph: Of the same round.
    """
    return Scores(tuple(_with(score, graph.net_of.get(score.project)) for score in scores))


def _with(score: ProjectScore, net: NetScore | None) -> ProjectScore:
    criteria = {name: known for name, known in score.criteria.items() if name != "defence"}
    if net is not None:
        criteria["defence"] = CriterionScore(0, 0, net.lowers, judgments=net.jurors, jurors=net.jurors)
    return replace(score, criteria=criteria)
