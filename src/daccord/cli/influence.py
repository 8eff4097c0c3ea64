"""`daccord influence`: what a single juror's answers changed, and could have changed at most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from daccord.cli._common import json_option, progress, refuse_secret, write_json

if TYPE_CHECKING:
    from daccord.fusion import InfluenceReport
    from daccord.round import Round

__all__ = ["influence"]

_EXPOSED: Final = 5
"""Projects that are named with the juror who moves them most."""


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--criterion", metavar="C", default="benefit", show_default=True, help="The question.")
@click.option("--rule", metavar="R", help="Fusion rule.  [default: the round's]")
@click.option(
    "--top", metavar="N", type=click.IntRange(min=1), default=10, show_default=True, help="Show the N most influential."
)
@click.option(
    "--refits",
    metavar="N",
    type=click.IntRange(min=1),
    default=60,
    show_default=True,
    help="Repeat the fit without a juror for at most N; in a larger panel one step chooses them.",
)
@json_option
def influence(*, folder: Path, criterion: str, rule: str | None, top: int, refits: int, as_json: bool) -> None:
    """Leave every juror of the round in DIR out in turn, and show what moves.

    A shift is without the juror less with: +1.5 points means that the project would have a share of the round's total
    benefit larger by 1.5 % had the juror not answered. Where the rule bounds what an answer can do, *at most* is how
    far the juror could have moved a share by any other answers to the same questions, to first order. Jurors are
    named by their ids in the round, which are pseudonyms. In JSON, all jurors are listed.
    """
    from daccord.formats import load_round  # noqa: PLC0415 - numpy and the fit load only when a round is read
    from daccord.fusion import influence as measure  # noqa: PLC0415

    refuse_secret(criterion)
    with progress(f"reading {folder}") as tell:
        round_ = load_round(folder)
        report = measure(round_, criterion, rule, refits=refits, tell=tell)
    if as_json:
        write_json(_document(round_, report))
    else:
        _print(round_, report, top)


def _document(round_: Round, report: InfluenceReport) -> dict[str, Any]:
    return {
        "schema": "daccord/influence/1",
        "round": round_.name,
        "simulated": round_.simulated,
        "criterion": report.criterion,
        "rule": report.rule,
        "jurors": [vars(juror) for juror in report.jurors],
        "projects": [
            {"project": project, "share": float(share), "juror": juror, "share_shift": shift}
            for project, share, (juror, shift) in zip(report.projects, report.shares, report.largest, strict=True)
        ]
        if report.jurors
        else [],
        "step_ratio": report.step_ratio,
        "step_worst": report.step_worst,
        "indispensable": [{"juror": juror, "reason": why} for juror, why in report.indispensable],
    }


def _points(shift: float) -> str:
    """A shift of a share in points of a hundred."""
    return f"{100 * shift:+.2f}"


def _print(round_: Round, report: InfluenceReport, top: int) -> None:
    from daccord.cli._table import SIMULATED, Column, print_table  # noqa: PLC0415 - as above

    if round_.simulated:
        click.echo(SIMULATED)
    people = len(report.jurors) + len(report.indispensable)
    click.echo(f"{round_.name}: {people} jurors on {report.criterion}, each left out in turn, under {report.rule}\n")
    bounded = any(juror.share_bound is not None for juror in report.jurors)
    columns = [
        Column("juror"),
        Column("answers", right=True),
        Column("largest shift\nof a share,\npoints", right=True),
        *([Column("at\nmost", right=True)] if bounded else []),
        Column("of project", clip=True),
        Column("all shares\ntogether,\npoints", right=True),
        Column("largest shift\nof a log-value", right=True),
    ]
    rows = []
    for juror in report.jurors[:top]:
        limit = [] if not bounded else ["–" if juror.share_bound is None else f"{100 * juror.share_bound:.2f}"]
        rows.append(
            (
                juror.juror + ("" if juror.refitted else "~"),
                str(juror.answers),
                _points(juror.share),
                *limit,
                juror.share_project,
                f"{100 * juror.shares_moved:.2f}",
                f"{juror.log_value:+.3f}",
            )
        )
    if rows:
        print_table(columns, rows)
    if len(rows) < len(report.jurors):
        click.echo(f"and {len(report.jurors) - len(rows)} more with less; --top shows them")
    if report.step_ratio is not None:
        click.echo(
            "~ estimated in one step, not refitted; where both were done, refitting moved "
            f"{report.step_ratio:.2f} times what the step foresaw (median), at most {report.step_worst:.2f} times"
        )
    told = sum(juror.answers for juror in report.jurors)
    for juror in report.jurors:
        if juror.answers > told / 2:
            click.echo(f"{juror.juror} gave {juror.answers} of {told} answers; is that one person?")
    for name, why in report.indispensable:
        click.echo(f"without {name} there is no result: {why}")
    if report.jurors:
        _print_exposed(report)


def _print_exposed(report: InfluenceReport) -> None:
    """The projects whose share hangs most on one person, relative to the share."""
    from daccord.cli._table import Column, per_cent, print_table  # noqa: PLC0415 - as above

    exposed = sorted(
        zip(report.projects, report.shares.tolist(), report.largest, strict=True),
        key=lambda entry: (-abs(entry[2][1]) / max(entry[1], 1e-12), entry[0]),
    )[:_EXPOSED]
    click.echo("\nProjects whose share hangs most on one juror")
    columns = (
        Column("project", clip=True),
        Column("share, %", right=True),
        Column("without the juror, %", right=True),
        Column("juror"),
    )
    rows = [
        (project, per_cent(share, 2), per_cent(share + shift, 2), juror) for project, share, (juror, shift) in exposed
    ]
    print_table(columns, rows)
