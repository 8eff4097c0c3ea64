"""`daccord import gitcoin`: rounds that match donations."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from daccord.cli._common import json_option, progress
from daccord.cli._imported import amount, out_option, refuse_full, say
from daccord.money import Currency

if TYPE_CHECKING:
    from daccord.round import QuadraticRules

__all__ = ["gitcoin"]

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("donations", metavar="FILE", type=_FILE)
@out_option
@click.option(
    "--results", type=_FILE, help="Published results: titles of grants, and the pot if --budget is not given."
)
@click.option("--budget", metavar="AMOUNT", help="The pot, in whole units.  [default: sum of the published matches]")
@click.option("--currency", metavar="CODE", default="USDT", show_default=True, help="Of donations and pot.")
@click.option("--digits", type=click.IntRange(0, 18), default=6, show_default=True, help="Decimal digits of it.")
@click.option(
    "--variant",
    type=click.Choice(["pairwise", "plain", "cluster"]),
    default="pairwise",
    show_default=True,
    help="Match.",
)
@click.option("--bound", metavar="AMOUNT", help="M of the pairwise match.  [default: what uses up the pot]")
@click.option("--identity-cost", metavar="AMOUNT", help="What one more identity costs an attacker.")
@click.option("--name", default="Gitcoin round", show_default=True, help="Name of the round.")
@json_option
def gitcoin(
    *,
    donations: Path,
    out: Path,
    results: Path | None,
    budget: str | None,
    currency: str,
    digits: int,
    variant: Literal["pairwise", "plain", "cluster"],
    bound: str | None,
    identity_cost: str | None,
    name: str,
    as_json: bool,
) -> None:
    """Gitcoin: donations by address, matched.

    FILE is a CSV table of donations with the columns address, grant_id and amount_in_usdt (or the like). Addresses are
    replaced by pseudonyms and go no further.
    """
    from daccord.formats import write_round  # noqa: PLC0415 - numpy loads only when something is imported
    from daccord.formats.gitcoin import GitcoinSpec, import_gitcoin  # noqa: PLC0415
    from daccord.round import QuadraticRules  # noqa: PLC0415

    unit = Currency(currency, digits)
    pot = None if budget is None else Fraction(amount(budget, unit, "--budget"), 10**digits)
    money: QuadraticRules = QuadraticRules(
        variant,
        None if bound is None else amount(bound, unit, "--bound"),
        None if identity_cost is None else amount(identity_cost, unit, "--identity-cost"),
    )
    refuse_full(out)
    with progress("reading"):
        round_ = import_gitcoin(donations, GitcoinSpec(name, unit, pot, money, results))
        write_round(round_, out)
    gifts = round_.inputs.contributions
    donors, given = len({gift.donor for gift in gifts}), sum(gift.amount for gift in gifts)
    details = {"donors": donors, "contributions": len(gifts), "given": given}
    text = f"{donors} donors with {len(gifts)} donations of {unit.format(given)} together"
    say(round_, out, details, text, as_json=as_json)
