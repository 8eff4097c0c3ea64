"""`daccord graph`: who does what to which risk, how much and when; and which cells of the domain get money."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daccord.cli._common import json_option, progress, write_json

if TYPE_CHECKING:
    from daccord.fusion.roles import EdgeScore, GraphScores, Spread
    from daccord.portfolio import CellMoney
    from daccord.round import Round

__all__ = ["graph"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--project", metavar="P", help="Show only the roles of one project or technology, by id.")
@click.option("--no-money", is_flag=True, help="Do not decide the round: no money per domain cell, and no wait.")
@json_option
def graph(*, folder: Path, project: str | None, no_money: bool, as_json: bool) -> None:
    """Show the technology graph of the round in DIR, as people judged it, and the map of its domain.

    Of each role: the share of the risk that it removes (or adds), the years until it is usable, and the probability
    that it is in time, that is before the threat is there. Of each project: what all its roles together do to each
    risk. Where that is disputed, both probabilities are shown and no label is given. What models say is in --json, and
    nothing follows from it. The map shows every domain cell with its projects and money, also the empty ones, and
    risks that nothing defends against.
    """
    from daccord.errors import InputError  # noqa: PLC0415 - numpy and pydantic load only when a round is read
    from daccord.formats import load_round  # noqa: PLC0415
    from daccord.fusion.roles import pool_roles  # noqa: PLC0415
    from daccord.pipeline import decide  # noqa: PLC0415
    from daccord.portfolio import cell_money  # noqa: PLC0415

    with progress(f"reading {folder}") as tell:
        round_ = load_round(folder)
        if project is not None and project not in round_.portfolio.known:
            remedy = "take an id from the column id"
            raise InputError.single("projects.csv", f"no project or technology is called {project!r}", remedy=remedy)
        if no_money:
            found, amounts = pool_roles(round_), None
        else:
            decision = decide(round_, tell=tell)
            found, amounts = decision.graph, [award.amount for award in decision.allocation.awards]
    cells = cell_money(round_.portfolio, [0] * len(round_.portfolio) if amounts is None else amounts)
    document = _document(round_, found, cells, project, money=amounts is not None)
    if as_json:
        write_json(document)
    else:
        from daccord.cli._graph import print_graph  # noqa: PLC0415 - as above

        print_graph(document, project)


def _document(
    round_: Round, found: GraphScores, cells: tuple[CellMoney, ...], only: str | None, *, money: bool
) -> dict[str, Any]:
    """The graph as one document; probabilities and shares in millionths, times in days, money in minor units."""
    from daccord.fusion.roles import LEVELS  # noqa: PLC0415
    from daccord.portfolio import undefended  # noqa: PLC0415

    titles = round_.portfolio.titles

    def shown(identifier: str) -> bool:
        return only is None or identifier == only

    arrivals = {arrival.target: arrival for arrival in found.arrivals}
    bare = undefended(round_.portfolio)
    return {
        "schema": "daccord/graph/1",
        "round": round_.name,
        "simulated": round_.simulated,
        "currency": {"code": round_.budget.currency.code, "digits": round_.budget.currency.digits},
        "pot": round_.budget.amount,
        "quantiles_at": list(LEVELS),
        "edges": [_edge(score, titles) for score in found.edges if shown(score.edge.project)],
        "shifts": [
            {
                "project": s.project, "title": titles[s.project], "target": s.target, "target_title": titles[s.target],
                "horizon": s.horizon or None, "share_removed": list(s.shift), "lowers": s.lowers, "raises": s.raises,
                "communities_disagree": s.communities_disagree, "disputed": s.disputed,
            }
            for s in found.shifts
            if shown(s.project)
        ],
        "projects": [
            {"project": net.project, "title": titles[net.project], "jurors": net.jurors, "lowers": net.lowers,
             "raises": net.raises, "flags": list(net.flags)}
            for net in found.nets
            if shown(net.project)
        ],
        "risks": [
            {
                "risk": risk.id,
                "title": risk.title,
                "arrival_days": _listed(arrivals[risk.id].days) if risk.id in arrivals else None,
                "jurors": arrivals[risk.id].jurors if risk.id in arrivals else 0,
                "undefended": risk.id in bare,
            }
            for risk in round_.portfolio.risks
        ],
        "cells": [
            {
                "cell": entry.cell.id, "title": entry.cell.title, "projects": list(entry.projects),
                "weight": str(entry.weight), "amount": entry.amount if money else None, "paid": list(entry.paid),
                "gap": entry.gap if money or not entry.projects else "",
            }
            for entry in cells
        ],
        "warnings": list(found.warnings),
    }  # fmt: skip


def _listed(spread: Spread | None) -> list[int] | None:
    return None if spread is None else list(spread)


def _edge(score: EdgeScore, titles: Mapping[str, str]) -> dict[str, Any]:
    edge, models = score.edge, score.models
    return {
        "project": edge.project,
        "title": titles[edge.project],
        "kind": edge.kind,
        "target": edge.target,
        "target_title": titles[edge.target],
        "horizon": edge.horizon or None,
        "declared": score.declared,
        "jurors": score.jurors,
        "skipped": score.skipped,
        "efficacy": _listed(score.efficacy),
        "lead_days": _listed(score.lead),
        "in_time": score.in_time,
        "expected": score.expected,
        "models": None
        if models is None
        else {"families": models.families, "efficacy": _listed(models.efficacy), "lead_days": _listed(models.lead)},
    }
