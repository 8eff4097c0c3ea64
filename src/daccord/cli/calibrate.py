"""`daccord calibrate`: do intervals and win probabilities hold what they say?"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daccord.cli._common import json_option, progress, refuse_secret, write_json
from daccord.errors import ExternalError, InputError, Problem

if TYPE_CHECKING:
    from daccord.fusion import CalibrationReport
    from daccord.round import Round

__all__ = ["calibrate"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--criterion", metavar="C", help="Check one question only.  [default: all that people answered]")
@click.option("--rule", metavar="R", help="Fusion rule.  [default: the round's]")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Also write a page with charts to FILE.html."
)
@json_option
def calibrate(*, folder: Path, criterion: str | None, rule: str | None, out: Path | None, as_json: bool) -> None:
    """Check the intervals and win probabilities of the round in DIR on people the fusion rule has not heard.

    Whole jurors are held out, in five parts; each answer is foreseen from the other parts. Shown are the share of
    held-out ratios and ratings that intervals of 10 % to 95 % held, also before the rule widened its standard
    deviations, and how often favourites were put ahead. Errors take jurors as the unit: one person's answers err
    together.
    """
    from daccord.formats import load_round  # noqa: PLC0415 - numpy and the fit load only when a round is read

    with progress(f"reading {folder}") as tell:
        round_ = load_round(folder)
        if out is not None:
            _make_room(out)
        reports, skipped = _measure(round_, criterion, rule, tell)
        if out is not None:
            tell("writing the page")
            _write(out, round_, reports, skipped)
    if as_json:
        write_json(_document(round_, reports, skipped, out))
        return
    _print(round_, reports, skipped)
    if out is not None:
        click.echo(f"\nwritten {out}")


def _measure(
    round_: Round,
    criterion: str | None,
    rule: str | None,
    tell: Any,  # noqa: ANN401
) -> tuple[dict[str, CalibrationReport], dict[str, str]]:
    """A report for each criterion, and why others have none.

    Raises:
        InputError: No criterion can be checked.
    """
    from daccord.fusion import calibration, fusion_rule  # noqa: PLC0415 - as above
    from daccord.round import HARMS  # noqa: PLC0415

    fusion_rule(rule or round_.rules.fusion)  # an unknown name is refused before anything slow begins
    if criterion is not None:
        refuse_secret(criterion)
        return {criterion: calibration(round_, criterion, rule, tell=tell)}, {}
    reports: dict[str, CalibrationReport] = {}
    skipped: dict[str, str] = {}
    problems: list[Problem] = []
    for asked in round_.criteria:
        if asked.id in HARMS:
            skipped[asked.id] = "answers on harm are secret: holding people out would tell single ones"
            continue
        tell(f"holding out answers on {asked.id}")
        try:
            reports[asked.id] = calibration(round_, asked.id, rule, tell=tell)
        except InputError as error:
            skipped[asked.id] = str(error)
            problems += error.problems
    if not reports:
        raise InputError(problems)
    return reports, skipped


def _make_room(target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExternalError(f"{target} cannot be written: {error.strerror or error}") from error


def _write(target: Path, round_: Round, reports: Mapping[str, CalibrationReport], skipped: Mapping[str, str]) -> None:
    from daccord.report import build_calibration  # noqa: PLC0415 - the charts' library loads only for a page

    questions = {asked.id: asked.question for asked in round_.criteria}
    page = build_calibration(round_.name, reports, questions=questions, skipped=skipped, simulated=round_.simulated)
    try:
        target.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ExternalError(f"{target} cannot be written: {error.strerror or error}") from error


def _document(
    round_: Round, reports: Mapping[str, CalibrationReport], skipped: Mapping[str, str], out: Path | None
) -> dict[str, Any]:
    return {
        "schema": "daccord/calibration/1",
        "round": round_.name,
        "simulated": round_.simulated,
        "criteria": {name: asdict(report) for name, report in reports.items()},
        "skipped": dict(skipped),
        "page": None if out is None else str(out),
    }


def _print(round_: Round, reports: Mapping[str, CalibrationReport], skipped: Mapping[str, str]) -> None:
    from daccord.cli._table import SIMULATED  # noqa: PLC0415 - as above
    from daccord.report import calibration_words  # noqa: PLC0415

    if round_.simulated:
        click.echo(SIMULATED)
    click.echo(f"{round_.name}: calibration on held-out people")
    for name, report in reports.items():
        click.echo(f"\n{name}")
        for words in calibration_words(report):
            click.echo(_wrapped(words))
        click.echo()
        _print_report(report)
    for name, why in skipped.items():
        click.echo(f"\n{name} could not be checked: {why}")


def _wrapped(words: str) -> str:
    """Lines of at most a hundred characters; a number and its per cent sign stay together."""
    lines = textwrap.fill(words.replace(" %", "\N{NO-BREAK SPACE}%"), 100)
    return lines.replace("\N{NO-BREAK SPACE}", " ")


def _print_report(report: CalibrationReport) -> None:
    from daccord.cli._table import Column, print_table  # noqa: PLC0415 - as above

    if report.levels:
        _print_levels(report)
    if report.levels and report.bins:
        click.echo()
    if report.bins:
        columns = (
            Column("favourites with a chance of"),
            Column("answers", right=True),
            Column("foreseen", right=True),
            Column("ahead", right=True),
            Column("± one\nerror", right=True),
        )
        rows = [
            (
                f"{100 * one.low:.0f} to {100 * one.high:.0f} %",
                f"{one.answers:,}",
                _share(one.foreseen),
                _share(one.ahead),
                f"{100 * one.error:.1f}",
            )
            for one in report.bins
        ]
        print_table(columns, rows)


def _share(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"


def _print_levels(report: CalibrationReport) -> None:
    from daccord.cli._table import Column, print_table  # noqa: PLC0415 - as above

    columns = (
        Column("intervals of"),
        Column("held", right=True),
        Column("± one\nerror", right=True),
        Column("before\nwidening", right=True),
    )
    rows = [
        (f"{100 * one.nominal:.0f} %", _share(one.held), f"{100 * one.error:.1f}", _share(one.held_before))
        for one in report.levels
    ]
    kept = len(columns) - (report.widening == 1)
    print_table(columns[:kept], [row[:kept] for row in rows])
