"""`daccord import pabulib`: participatory budgets from Pabulib."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from daccord.cli._common import json_option, progress, write_json
from daccord.errors import InputError

if TYPE_CHECKING:
    from daccord.round import Round

__all__ = ["pabulib"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("out", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@json_option
def pabulib(*, file: Path, out: Path, as_json: bool) -> None:
    """Pabulib: projects, costs and ballots of a participatory budget.

    FILE is a .pb file, DIR a folder for the round, new or empty. The round is decided by the rule that the file names.
    Where the file says what was selected, the election is held at once and compared with that.
    """
    from daccord.formats import write_round  # noqa: PLC0415 - numpy loads only when something is imported
    from daccord.formats.pabulib import import_pabulib, read_pabulib  # noqa: PLC0415

    if out.exists() and any(out.iterdir()):
        raise InputError.single(str(out), "is not empty", remedy="name a new folder, or empty this one")
    with progress("reading"):
        imported = import_pabulib(read_pabulib(file))
        write_round(imported.round, out)
    round_ = imported.round
    for notice in round_.notices:
        click.echo(f"notice: {notice}", err=True)
    winners = _winners(round_)
    official = imported.official
    differ = None if official is None else sorted(set(winners) ^ set(official))
    currency, ballots = round_.budget.currency, round_.inputs.ballots
    if as_json:
        write_json(
            {
                "folder": str(out),
                "name": round_.name,
                "projects": len(round_.portfolio),
                "voters": len(ballots.voters),
                "ballots": ballots.kind,
                "rule": round_.rules.money.rule,
                "budget": {"amount": round_.budget.amount, "currency": currency.code, "digits": currency.digits},
                "winners": winners,
                "official": None if official is None else list(official),
                "differ": differ,
                "inputs": dict(round_.digests),
                "notices": list(round_.notices),
            }
        )
        return
    click.echo(
        f"{out}: {round_.name}\n"
        f"{len(round_.portfolio)} projects, pot {currency.format(round_.budget.amount)}\n"
        f"{len(ballots.voters)} voters, rule {round_.rules.money.rule}, {len(winners)} projects win"
    )
    if differ is not None:
        click.echo(f"not as officially selected: {', '.join(differ)}" if differ else "exactly as officially selected")


def _winners(round_: Round) -> list[str]:
    """Ids of the projects that the round's rule funds; nobody judged, so there are no scores."""
    from daccord.allocation import allocate  # noqa: PLC0415 - as above
    from daccord.fusion import publish  # noqa: PLC0415

    scores = publish({}, round_.portfolio.ids, None)
    allocation = allocate(round_.portfolio, scores, round_.rules, round_.budget, round_.inputs)
    return [award.project for award in allocation.awards if award.amount]
