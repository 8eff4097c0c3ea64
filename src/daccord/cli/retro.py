"""`daccord retro`: how earlier judges fare by what came of the projects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daccord.cli._common import json_option, progress, write_json
from daccord.errors import InputError

if TYPE_CHECKING:
    from daccord.allocation import JudgeRecord
    from daccord.allocation.retroactive import Measured
    from daccord.judging import Outcome
    from daccord.round import Round

__all__ = ["retro"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--outcomes",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What came of the projects, a table as outcomes.csv.  [default: the round's own]",
)
@click.option("--criterion", metavar="C", default="benefit", show_default=True, help="The question; never harm.")
@json_option
def retro(*, folder: Path, file: Path | None, criterion: str, as_json: bool) -> None:
    """Score the judges of the round in DIR by later results: did they see which project would be ahead?

    Of each judge, over pairs of projects whose results differ: agreement, right answers less wrong ones, from -1 to 1;
    and of answers that say how many times, and of models' lists, Brier score (0.25 is a coin) and log loss (0.693),
    lower is better. Behind ± stands the standard error over projects. Who answered too little is unrated. Answers on
    harm are never scored. Judges are named by their ids in the round, which are pseudonyms.
    """
    from daccord.allocation import judge_records  # noqa: PLC0415 - numpy loads only when a round is read
    from daccord.formats import load_outcomes, load_round  # noqa: PLC0415

    with progress(f"reading {folder}"):
        round_ = load_round(folder)
        outcomes = round_.inputs.outcomes if file is None else load_outcomes(file, round_)
        if not outcomes:
            raise InputError.single(
                str(file or folder), "says nothing of what came of the projects", remedy="name a table with --outcomes"
            )
        records = judge_records(round_, outcomes, criterion)
    if as_json:
        write_json(_document(round_, outcomes, criterion, records))
    else:
        _print(round_, outcomes, criterion, records)


def _measured(found: Measured | None) -> dict[str, float] | None:
    return None if found is None else vars(found)


def _document(
    round_: Round, outcomes: tuple[Outcome, ...], criterion: str, records: tuple[JudgeRecord, ...]
) -> dict[str, Any]:
    return {
        "schema": "daccord/retro/1",
        "round": round_.name,
        "simulated": round_.simulated,
        "criterion": criterion,
        "projects_with_results": len({outcome.project for outcome in outcomes}),
        "judges": [
            {
                "judge": record.judge,
                "kind": record.kind,
                "rated": record.rated,
                "answers": record.answers,
                "projects": record.projects,
                "forecasts": record.forecasts,
                "agreement": _measured(record.agreement),
                "brier": _measured(record.brier),
                "log_loss": _measured(record.log_loss),
            }
            for record in records
        ],
    }


def _print(round_: Round, outcomes: tuple[Outcome, ...], criterion: str, records: tuple[JudgeRecord, ...]) -> None:
    from daccord.allocation.retroactive import LEAST_ANSWERS, LEAST_PROJECTS  # noqa: PLC0415 - as above
    from daccord.cli._table import SIMULATED, Column, print_table  # noqa: PLC0415

    if round_.simulated:
        click.echo(SIMULATED)
    known = len({outcome.project for outcome in outcomes})
    click.echo(f"{round_.name}: {criterion}, by what came of {known} of {len(round_.portfolio)} projects\n")
    columns = (
        Column("judge", clip=True),
        Column("kind"),
        Column("answers", right=True),
        Column("projects", right=True),
        Column("agreement", right=True),
        Column("Brier score", right=True),
        Column("log loss", right=True),
    )
    rows = [
        (
            record.judge,
            record.kind,
            str(record.answers),
            str(record.projects),
            _text(record.agreement, "+.2f") if record.rated else "unrated",
            _text(record.brier, ".3f"),
            _text(record.log_loss, ".3f"),
        )
        for record in records
    ]
    print_table(columns, rows)
    click.echo(
        f"a coin has agreement 0, Brier score 0.25 and log loss 0.693; with fewer than {LEAST_ANSWERS} answers, or on "
        f"fewer than {LEAST_PROJECTS} projects, a judge is unrated"
    )


def _text(found: Measured | None, shape: str) -> str:
    if found is None:
        return "–"
    return f"{found.value:{shape}} ± {found.error:{shape.removeprefix('+')}}"
