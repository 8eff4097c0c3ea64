"""The document of `daccord views` for people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import click

from daccord.cli._table import SIMULATED, Column, print_table

__all__ = ["print_views"]

_UNIT = "× the typical project"


def print_views(document: Mapping[str, Any], juror: str | None, community: str | None) -> None:
    """Print all jurors, projects and open questions; or one juror; or one community.

    Args:
        document: As `daccord views --json` prints it.
        juror: Id of the only juror to show.
        community: Name of the only community to show.
    """
    if document["simulated"]:
        click.echo(SIMULATED)
    click.echo(f"{document['round']}: {document['criterion']} under {document['rule']}\n")
    if juror is not None:
        _print_juror(document, next(entry for entry in document["jurors"] if entry["juror"] == juror))
    elif community is not None:
        _print_community(document, community)
    else:
        _print_jurors(document)
        _print_projects(document)
        _print_coverage(document)


def _print_filled(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Print a table without the columns that hold nothing."""
    kept = [k for k in range(len(columns)) if any(row[k] not in {"", "–"} for row in rows)]
    print_table([columns[k] for k in kept], [[row[k] for k in kept] for row in rows])


def _times(log_value: float) -> str:
    return f"{math.exp(log_value):.2f}"


def _interval(value: Mapping[str, float]) -> str:
    return f"{_times(value['low'])}–{_times(value['high'])}"


def _number(value: float | None, form: str = ".2f") -> str:
    return "–" if value is None else f"{value:{form}}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def _print_jurors(document: Mapping[str, Any]) -> None:
    columns = (
        Column("juror"),
        Column("community", clip=True),
        Column("answers", right=True),
        Column("stretch", right=True),
        Column("offset of\nratings", right=True),
        Column("noise", right=True),
        Column("agrees with\nthe others", right=True),
        Column("of\npairs", right=True),
    )
    silent = [entry["juror"] for entry in document["jurors"] if not entry["answers"]]
    few = [entry for entry in document["jurors"] if entry["answers"] and not entry["enough"]]
    rows = [
        (
            entry["juror"],
            entry["community"],
            str(entry["answers"]),
            _number(entry["stretch"]),
            _number(entry["offset"], "+.2f"),
            _number(entry["noise"]),
            _share(entry["agreed"]),
            str(entry["pairs"]) if entry["agreed"] is not None else "–",
        )
        for entry in document["jurors"]
        if entry["enough"]
    ]
    if rows:
        _print_filled(columns, rows)
    for entry in few:
        said = "1 answer is" if entry["answers"] == 1 else f"{entry['answers']} answers are"
        click.echo(f"{entry['juror']}: {said} too few to say how this juror sees things")
    if silent:
        click.echo(f"no answer by {', '.join(silent)}")
    if document["median_agreement"] is not None:
        click.echo(
            f"half of the jurors agree in {_share(document['median_agreement'])} of pairs or more; a coin in 50 %"
        )
    _print_limits(document)


def _print_limits(document: Mapping[str, Any]) -> None:
    if not document["tells_jurors_apart"]:
        click.echo(f"{document['rule']} knows no stretch, offset or noise of single jurors")
    if document["held_out"]:
        click.echo(f"agreement: {document['held_out']}")


def _print_projects(document: Mapping[str, Any]) -> None:
    columns = (
        Column(f"project, {_UNIT}", clip=True),
        Column("all", right=True),
        Column("80 %", right=True),
        Column("least supportive\ncommunity"),
        Column("its\nvalue", right=True),
        Column("80 %", right=True),
    )
    rows = []
    for entry in sorted(document["projects"], key=lambda one: (-one["log_value"], one["project"])):
        least = entry["least_support"]
        cells = ("–", "–", "–") if least is None else (least["community"], _times(least["log_value"]), _interval(least))
        rows.append((entry["title"] or entry["project"], _times(entry["log_value"]), _interval(entry), *cells))
    click.echo()
    _print_filled(columns, rows)
    if not document["communities"]:
        click.echo("no community is declared, or the rule does not fit communities alone")
    else:
        click.echo("a community's values come from its own answers alone, relative to the projects it spoke about")


def _print_coverage(document: Mapping[str, Any]) -> None:
    columns = (
        Column("project", clip=True),
        Column("asked", right=True),
        Column("answered", right=True),
        Column("left open", right=True),
        Column("jurors", right=True),
    )
    rows = [
        (
            entry["title"] or entry["project"],
            *(str(entry[key]) for key in ("asked", "answered", "open", "jurors")),
        )
        for entry in sorted(document["projects"], key=lambda one: (one["answered"], -one["open"], one["project"]))
    ]
    click.echo("\nQuestions about each project, fewest answers first; what was left open is no vote")
    print_table(columns, rows)


def _print_juror(document: Mapping[str, Any], entry: Mapping[str, Any]) -> None:
    named = f"{entry['juror']}, {entry['community']}" if entry["community"] else entry["juror"]
    click.echo(f"{named}: {entry['answers']} answers")
    if not entry["enough"]:
        click.echo("too few to say how this juror sees things")
    elif entry["stretch"] is not None:
        low, high = (math.exp(sign * 1.2815515655446004 * entry["stretch_log_sd"]) for sign in (-1, 1))
        spread = f"80 %: {entry['stretch'] * low:.2f}–{entry['stretch'] * high:.2f}"
        click.echo(f"stretch    {entry['stretch']:.2f} ({spread}); the typical juror has 1")
        if entry["offset"] is not None:
            click.echo(f"offset     {entry['offset']:+.2f} ± {entry['offset_sd']:.2f} on the rating scale")
        click.echo(f"noise      {entry['noise']:.2f} times the typical juror's")
    if entry["agreed"] is not None:
        against = f"; half of the jurors reach {_share(document['median_agreement'])}"
        click.echo(f"agreement  {_share(entry['agreed'])} of {entry['pairs']} pairs{against}")
    _print_limits(document)
    if not document["answers"]:
        return
    columns = (
        Column("question", clip=True),
        Column("told", right=True),
        Column("the others'\nanswers foresee", right=True),
    )
    click.echo()
    print_table(columns, [_answer(answer) for answer in document["answers"]])


def _answer(answer: Mapping[str, Any]) -> tuple[str, str, str]:
    """A question, what was told, and what was foreseen, turned so that what was told favours the first."""
    told, foreseen = answer["told"], answer["foreseen"]
    if answer["b"] is None:
        return answer["a"], f"{told:g}", f"{foreseen:.1f}"
    a, b = answer["a"], answer["b"]
    if told < 0:
        a, b, told, foreseen = b, a, -told, -foreseen
    size = f"× {math.exp(told):.2f}" if answer["graded"] else "more" if told else "the same"
    return f"{a} over {b}", size, f"× {math.exp(foreseen):.2f}"


def _print_community(document: Mapping[str, Any], community: str) -> None:
    view = next((entry for entry in document["communities"] if entry["community"] == community), None)
    if view is None:
        click.echo(f"nobody of {community} answered, or the rule does not fit communities alone")
        return
    click.echo(f"{community}: {view['jurors']} jurors, {view['answers']} answers, without any model")
    columns = (
        Column(f"project, {_UNIT}", clip=True),
        Column("all", right=True),
        Column("80 %", right=True),
        Column(community, right=True),
        Column("80 %", right=True),
    )
    rows = []
    for entry in sorted(document["projects"], key=lambda one: (-one["log_value"], one["project"])):
        own = view["projects"].get(entry["project"])
        cells = ("–", "not asked") if own is None else (_times(own["log_value"]), _interval(own))
        rows.append((entry["title"] or entry["project"], _times(entry["log_value"]), _interval(entry), *cells))
    print_table(columns, rows)
    if len(view["projects"]) < len(rows):
        click.echo("the community's values are relative to the typical project among those it spoke about")
