"""`daccord import pabulib`: participatory budgets from Pabulib."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from daccord.cli._common import json_option, progress
from daccord.cli._imported import out_option, refuse_full, say

if TYPE_CHECKING:
    from daccord.round import Round

__all__ = ["pabulib"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@out_option
@json_option
def pabulib(*, file: Path, out: Path, as_json: bool) -> None:
    """Pabulib: projects, costs and ballots of a participatory budget.

    FILE is a .pb file. The round is decided by the rule that the file names. Where the file says what was selected, the
    election is held at once and compared with that.
    """
    from daccord.formats import write_round  # noqa: PLC0415 - numpy loads only when something is imported
    from daccord.formats.pabulib import import_pabulib, read_pabulib  # noqa: PLC0415

    refuse_full(out)
    with progress("reading"):
        imported = import_pabulib(read_pabulib(file))
        write_round(imported.round, out)
    round_, official = imported.round, imported.official
    winners, ballots = _winners(round_), round_.inputs.ballots
    differ = None if official is None else sorted(set(winners) ^ set(official))
    details = {
        "voters": len(ballots.voters),
        "ballots": ballots.kind,
        "rule": round_.rules.money.rule,
        "winners": winners,
        "official": None if official is None else list(official),
        "differ": differ,
    }
    text = f"{len(ballots.voters)} voters, rule {round_.rules.money.rule}, {len(winners)} projects win"
    if differ is not None:
        text += f"\nnot as officially selected: {', '.join(differ)}" if differ else "\nexactly as officially selected"
    say(round_, out, details, text, as_json=as_json)


def _winners(round_: Round) -> list[str]:
    """Ids of the projects that the round's rule funds; nobody judged, so there are no scores."""
    from daccord.allocation import allocate  # noqa: PLC0415 - as above
    from daccord.fusion import publish  # noqa: PLC0415

    scores = publish({}, round_.portfolio.ids, None)
    allocation = allocate(round_.portfolio, scores, round_.rules, round_.budget, round_.inputs)
    return [award.project for award in allocation.awards if award.amount]
