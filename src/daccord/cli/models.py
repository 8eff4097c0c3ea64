"""`daccord models`: what each model is worth, whether it had seen the answers, and who copied whom."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daccord.cli._common import json_option, progress, refuse_secret, write_json

if TYPE_CHECKING:
    from daccord.fusion import ModelReport, ModelStanding
    from daccord.round import Round

__all__ = ["models"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--criterion", metavar="C", default="benefit", show_default=True, help="The question.")
@click.option("--quick", is_flag=True, help="Leave out the comparison with people only and with an equal split (slow).")
@click.option("--check", is_flag=True, help="Leave with exit code 1 if a model leaks or a voice has reached the cap.")
@json_option
@click.pass_context
def models(ctx: click.Context, *, folder: Path, criterion: str, quick: bool, check: bool, as_json: bool) -> None:
    """Show where the models of the round in DIR stand on one criterion.

    First the voices under the rule `hierarchical`: how many natural-log units one standard deviation of each is worth,
    its share of the prior, and what it adds to people's own foresight. Then every model: what its list is worth alone
    on answers of people that it could not have seen, how many it could have seen, whether it fits those suspiciously
    well, which models count as one with it, and its share of a reward for models. Last, how many independent models
    would be as diverse, and whether models help at all.
    """
    from daccord.formats import load_round  # noqa: PLC0415 - numpy and the fit load only when a round is read
    from daccord.fusion import model_report  # noqa: PLC0415

    refuse_secret(criterion)
    with progress(f"reading {folder}") as tell:
        round_ = load_round(folder)
        report = model_report(round_, criterion, repeats=0 if quick else 1, tell=tell)
    if as_json:
        write_json(_document(round_, report))
    else:
        _print(round_, report)
    if check and (report.leaking or report.stopped):
        ctx.exit(1)


def _finite(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The value with floats to six significant digits, and None for what is not finite."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def _document(round_: Round, report: ModelReport) -> dict[str, Any]:
    told = _finite(asdict(report))
    return {
        "schema": "daccord/models/1",
        "round": round_.name,
        "simulated": round_.simulated,
        **told,
        "leaking": list(report.leaking),
        "stopped": list(report.stopped),
    }


def _print(round_: Round, report: ModelReport) -> None:
    from daccord.cli._table import SIMULATED  # noqa: PLC0415 - as above

    if round_.simulated:
        click.echo(SIMULATED)
    unit = "jurors" if report.grouped_by == "juror" else "pairs of projects"
    click.echo(
        f"{round_.name}: {len(report.models)} models on {report.criterion},\n"
        f"weighed on {report.answers} answers of people, whole {unit} held out"
    )
    if not report.models:
        return
    _print_voices(report)
    _print_models(report)
    click.echo(
        f"\n{report.heard} models are heard; they are as diverse as {report.independent:.1f} independent ones "
        "(errors that they share count once)"
    )
    if report.held_out is not None:
        for finding in report.held_out.findings:
            click.echo(f"{report.held_out.measure}, {finding}")
    for text in report.warnings:
        click.echo(f"! {text}")


def _print_voices(report: ModelReport) -> None:
    from daccord.cli._table import Column, per_cent, print_table  # noqa: PLC0415 - as above

    columns = (
        Column("voice", clip=True),
        Column("models", right=True),
        Column("coefficient", right=True),
        Column("share of\nthe prior", right=True),
        Column("adds to\npeople", right=True),
        Column(""),
    )
    rows = [
        (
            voice.skill.voice,
            str(len(voice.skill.models)),
            f"{voice.skill.coefficient:.3f}",
            f"{per_cent(voice.skill.share, 1)} %",
            f"{voice.skill.gain:+.3f}",
            "at the cap" if voice.stopped else "alarm" if voice.alarm else "",
        )
        for voice in report.voices
    ]
    click.echo()
    print_table(columns, rows)


def _leak(report: ModelReport, model: str) -> str:
    """Both tests in a few characters: p-value with times, and distance from people's noise."""
    found = []
    for test in report.leaks.tests:
        if test.model != model or test.why_not:
            continue
        mark = "!" if test.flagged else ""
        found.append(f"p {test.p:.3f}{mark}" if test.test == "times" else f"{test.statistic:.1f}×{mark}")
    return " ".join(found) or "–"


def _alone(standing: ModelStanding) -> str:
    told = standing.alone
    return "–" if not math.isfinite(told.error) else f"{told.gain:+.3f} ± {told.error:.3f}"


def _print_models(report: ModelReport) -> None:
    from daccord.cli._table import Column, per_cent, print_table  # noqa: PLC0415 - as above

    clusters = [cluster.models for cluster in report.rewards.clusters]
    columns = (
        Column("model", clip=True),
        Column("cluster", right=True),
        Column("alone", right=True),
        Column("seen", right=True),
        Column("unseen", right=True),
        Column("leak", right=True),
        Column("reward", right=True),
    )
    rows = [
        (
            standing.model,
            str(clusters.index(standing.cluster) + 1) if standing.cluster in clusters else "–",
            _alone(standing),
            str(standing.alone.seen),
            str(standing.alone.unseen),
            _leak(report, standing.model),
            f"{per_cent(standing.reward, 1)} %" if standing.voice else "–",
        )
        for standing in sorted(report.models, key=lambda s: (-s.reward, -s.alone.gain, s.model))
    ]
    click.echo()
    print_table(columns, rows)
    click.echo(
        "alone: log density of a held-out answer above an equal split, natural log, ± one standard error\n"
        "leak: p if it fits seen answers no better than unseen ones; × how far it is from all answers, counted\n"
        "in their noise, which no blind list can bring below 1×; ! where that is beyond chance"
    )
