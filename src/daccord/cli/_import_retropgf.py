"""`daccord import retropgf`: Optimism's Retro Funding rounds with metrics."""

from __future__ import annotations

from pathlib import Path

import click

from daccord.cli._common import json_option, progress, write_json
from daccord.errors import InputError
from daccord.money import Currency

__all__ = ["retropgf"]


@click.command()
@click.argument("files", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the round; new or empty."
)
@click.option("--budget", metavar="AMOUNT", help="The pot, in whole units.  [default: 10000000]")
@click.option("--currency", metavar="CODE", help="Of the pot.  [default: OP]")
@click.option("--digits", type=click.IntRange(0, 18), help="Decimal digits of the currency.  [default: 3]")
@click.option(
    "--cap",
    type=click.FloatRange(0, 1, min_open=True),
    help="Largest share of the pot for one project.  [default: 0.05]",
)
@click.option("--minimum", metavar="AMOUNT", help="Smallest award, in whole units.  [default: 1000]")
@click.option("--name", help="Name of the round.  [default: Optimism Retro Funding 4]")
@json_option
def retropgf(
    *,
    files: Path,
    out: Path,
    budget: str | None,
    currency: str | None,
    digits: int | None,
    cap: float | None,
    minimum: str | None,
    name: str | None,
    as_json: bool,
) -> None:
    """Optimism Retro Funding: signed ballots that weigh metrics.

    DIR holds the export of ballots, the metrics by project, and perhaps the published amounts, as CSV files known by
    their columns. What voters signed counts; where the export stores something else, the rows and what that would have
    moved are said.
    """
    from daccord.formats import write_round  # noqa: PLC0415 - numpy loads only when something is imported
    from daccord.formats.retropgf import RetroSpec, import_retropgf  # noqa: PLC0415
    from daccord.round import Budget  # noqa: PLC0415

    base = RetroSpec()
    old = base.budget.currency
    unit = Currency(currency or old.code, old.digits if digits is None else digits)
    whole = 10**old.digits
    spec = RetroSpec(
        name=name or base.name,
        budget=Budget(_amount(budget or str(base.budget.amount // whole), unit, "--budget"), unit),
        cap=base.cap if cap is None else cap,
        minimum=_amount(minimum or str(base.minimum // whole), unit, "--minimum"),
    )
    if out.exists() and any(out.iterdir()):
        raise InputError.single(str(out), "is not empty", remedy="name a new folder, or empty this one")
    with progress("reading"):
        round_ = import_retropgf(files, spec)
        write_round(round_, out)
    for notice in round_.notices:
        click.echo(f"notice: {notice}", err=True)
    voters = len({row.voter for row in round_.inputs.metric_weights})
    metrics = len({row.metric for row in round_.inputs.metrics})
    if as_json:
        write_json(
            {
                "folder": str(out),
                "name": round_.name,
                "projects": len(round_.portfolio),
                "voters": voters,
                "metrics": metrics,
                "budget": {"amount": round_.budget.amount, "currency": unit.code, "digits": unit.digits},
                "inputs": dict(round_.digests),
                "notices": list(round_.notices),
            }
        )
        return
    click.echo(
        f"{out}: {round_.name}\n"
        f"{len(round_.portfolio)} projects, pot {unit.format(round_.budget.amount)}\n"
        f"{voters} voters, {metrics} metrics"
    )


def _amount(text: str, unit: Currency, option: str) -> int:
    try:
        return unit.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error
