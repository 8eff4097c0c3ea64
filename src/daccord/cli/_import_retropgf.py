"""`daccord import retropgf`: Optimism's Retro Funding rounds with metrics."""

from __future__ import annotations

from pathlib import Path

import click

from daccord.cli._common import json_option, progress
from daccord.cli._imported import amount, out_option, refuse_full, say
from daccord.money import Currency

__all__ = ["retropgf"]


@click.command()
@click.argument("files", metavar="DIR", type=click.Path(path_type=Path))
@out_option
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
        budget=Budget(amount(budget or str(base.budget.amount // whole), unit, "--budget"), unit),
        cap=base.cap if cap is None else cap,
        minimum=amount(minimum or str(base.minimum // whole), unit, "--minimum"),
    )
    refuse_full(out)
    with progress("reading"):
        round_ = import_retropgf(files, spec)
        write_round(round_, out)
    voters = len({row.voter for row in round_.inputs.metric_weights})
    metrics = len({row.metric for row in round_.inputs.metrics})
    details = {"voters": voters, "metrics": metrics}
    say(round_, out, details, f"{voters} voters, {metrics} metrics", as_json=as_json)
