"""`daccord views`: how each juror and each community sees the projects, and which questions were left open."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import click

from daccord.cli._common import json_option, progress, refuse_secret, write_json
from daccord.errors import InputError

if TYPE_CHECKING:
    from daccord.fusion import CriterionViews, JurorAgreement, JurorView
    from daccord.round import Round

__all__ = ["views"]

FEW: Final = 5
"""Answers of a juror below which nothing is said about how he or she sees things."""

_Z80: Final = 1.2815515655446004
_SIXTHS: Final = 6.0
"""Offsets are learned in sixths of the rating scale."""


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--juror", metavar="J", help="Show one juror, by id: each answer beside what the others' answers foresee."
)
@click.option("--community", metavar="C", help="Show what one community's answers alone say of each project.")
@click.option("--criterion", metavar="C", default="benefit", show_default=True, help="The question.")
@click.option("--rule", metavar="R", help="Fusion rule.  [default: the round's]")
@json_option
def views(
    *, folder: Path, juror: str | None, community: str | None, criterion: str, rule: str | None, as_json: bool
) -> None:
    """Show how jurors and communities of the round in DIR see the projects, and which questions were left open.

    Of each juror: stretch (how large differences come out; the typical juror has 1), offset (how high ratings are),
    noise (the typical juror has 1), and agreement: the share of pairs of projects put in the order that a fit to
    other people's answers alone foresees. Of each project: its value to all, and, where two or more communities
    spoke about it, to the one that values it least, from that community's answers alone. Where no community is
    declared, clear groups of opinion in the answers take their place here. Jurors are named by their ids in the
    round, which are pseudonyms.
    """
    from daccord.formats import load_round  # noqa: PLC0415 - numpy and the fit load only when a round is read
    from daccord.fusion import criterion_views, with_found_communities  # noqa: PLC0415

    refuse_secret(criterion)
    if juror is not None and community is not None:
        raise click.UsageError("--juror and --community exclude each other")
    with progress(f"reading {folder}") as tell:
        declared = load_round(folder)
        round_ = with_found_communities(declared, criterion)
        _require(round_, juror, community)
        document = _document(round_, criterion_views(round_, criterion, rule, tell=tell), juror)
    if round_.panel.communities != declared.panel.communities:
        names = ", ".join(round_.panel.communities)
        click.echo(f"notice: no community is declared; groups of opinion in the answers are shown: {names}", err=True)
    if as_json:
        write_json(document)
    else:
        from daccord.cli._views import print_views  # noqa: PLC0415 - as above

        print_views(document, juror, community)


def _require(round_: Round, juror: str | None, community: str | None) -> None:
    """Refuse names that the round does not know, before anything slow begins."""
    if juror is not None and juror not in round_.panel.index:
        raise InputError.single("judges.csv", f"no juror is called {juror!r}", remedy="take an id from the column id")
    if juror is not None and not round_.panel[juror].is_person:
        raise InputError.single("judges.csv", f"{juror!r} is a model", remedy="name a person")
    if community is not None and community not in round_.panel.communities:
        known = ", ".join(round_.panel.communities) or "the round declares none"
        raise InputError.single("judges.csv", f"no community is called {community!r}", remedy=f"choose one of: {known}")


def _juror(
    round_: Round, view: JurorView | None, agreement: JurorAgreement | None, identifier: str, answers: int, unit: float
) -> dict[str, Any]:
    enough = answers >= FEW
    known = view if enough else None
    return {
        "juror": identifier,
        "community": round_.panel[identifier].community,
        "answers": answers,
        "enough": enough,
        "stretch": known and known.stretch,
        "stretch_log_sd": known and known.stretch_sd,
        "offset": known.offset * unit if known and known.offset_sd else None,
        "offset_sd": known.offset_sd * unit if known and known.offset_sd else None,
        "noise": known and known.noise,
        "pairs": agreement.pairs if agreement else 0,
        "agreed": agreement.agreed if agreement and agreement.pairs >= FEW else None,
    }


def _value(mean: float, sd: float) -> dict[str, float]:
    return {"log_value": mean, "low": mean - _Z80 * sd, "high": mean + _Z80 * sd}


def _jurors(round_: Round, found: CriterionViews) -> list[dict[str, Any]]:
    asked = round_.criterion(found.beliefs.criterion)
    scale = asked.scale if asked is not None else None
    unit = (scale.high - scale.low) / _SIXTHS if scale is not None else 1.0
    seen = {view.juror: view for view in found.beliefs.juror_views}
    agreement = {entry.juror: entry for entry in found.agreement}
    return [
        _juror(round_, seen.get(name), agreement.get(name), name, answers, unit) for name, answers in found.told.items()
    ]


def _document(round_: Round, found: CriterionViews, juror: str | None) -> dict[str, Any]:
    """All views of one criterion as a document; `answers` only of the juror who was asked for."""
    beliefs = found.beliefs
    mean, variance = beliefs.centred
    sd = variance**0.5
    support = found.support
    jurors = _jurors(round_, found)
    agreed = [entry["agreed"] for entry in jurors if entry["agreed"] is not None]
    projects = []
    for i, (project, cover) in enumerate(zip(found.projects, found.coverage, strict=True)):
        least = support.community[i]
        projects.append(
            {
                "project": project,
                "title": round_.portfolio[project].title,
                **_value(float(mean[i]), float(sd[i])),
                "least_support": None
                if not least
                else {
                    "community": least,
                    "heard": int(support.heard[i]),
                    "log_value": float(support.support[i]),
                    "low": float(support.low[i]),
                    "high": float(support.high[i]),
                },
                "asked": cover.asked,
                "answered": cover.answered,
                "open": cover.open,
                "jurors": cover.jurors,
            }
        )
    communities = [
        {
            "community": name,
            "jurors": view.jurors,
            "answers": view.answers,
            "projects": {
                project: _value(float(view.mean[i]), float(view.sd[i]))
                for i, project in enumerate(found.projects)
                if view.mean[i] == view.mean[i]
            },
        }
        for name, view in beliefs.community_views.items()
    ]
    return {
        "schema": "daccord/views/1",
        "round": round_.name,
        "simulated": round_.simulated,
        "criterion": beliefs.criterion,
        "rule": beliefs.rule,
        "tells_jurors_apart": bool(beliefs.juror_views),
        "jurors": jurors,
        "median_agreement": median(agreed) if agreed else None,
        "held_out": found.unheld,
        "communities": communities,
        "projects": projects,
        "answers": [
            {"a": answer.a, "b": answer.b or None, "told": answer.told, "foreseen": answer.foreseen,
             "graded": answer.graded}
            for answer in found.answers
            if answer.juror == juror
        ],
    }  # fmt: skip
