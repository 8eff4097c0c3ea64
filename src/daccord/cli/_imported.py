"""What all `daccord import` commands share: where the round goes, amounts, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daccord.cli._common import write_json
from daccord.errors import InputError
from daccord.money import Currency

if TYPE_CHECKING:
    from daccord.round import Round

__all__ = ["amount", "out_option", "refuse_full", "say"]


def out_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--out`, the folder for the round."""
    kind = click.Path(path_type=Path, file_okay=False)
    return click.option("--out", type=kind, required=True, help="Folder for the round; new or empty.")(function)


def amount(text: str, unit: Currency, option: str) -> int:
    """Minor units of an amount in whole units.

    Raises:
        click.BadParameter: It is none.
    """
    try:
        return unit.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error


def refuse_full(out: Path) -> None:
    """A folder that holds something may be a round with work in it.

    Raises:
        InputError: It does.
    """
    if out.exists() and any(out.iterdir()):
        raise InputError.single(str(out), "is not empty", remedy="name a new folder, or empty this one")


def say(
    round_: Round, out: Path, details: Mapping[str, object], text: str, *, as_json: bool, word: str = "notice"
) -> None:
    """Tell what was imported: notices on stderr, the rest on stdout.

    Args:
        round_: As written.
        out: Where.
        details: What JSON says beside folder, name, pot, inputs and notices.
        text: What people read below the name and the pot.
        as_json: Print JSON.
        word: What notices are called.
    """
    for notice in round_.notices:
        click.echo(f"{word}: {notice}", err=True)
    budget, unit = round_.budget, round_.budget.currency
    if as_json:
        document = {
            "folder": str(out),
            "name": round_.name,
            "projects": len(round_.portfolio),
            **details,
            "budget": {"amount": budget.amount, "currency": unit.code, "digits": unit.digits},
            "inputs": dict(round_.digests),
            "notices": list(round_.notices),
        }
        write_json(document)
        return
    click.echo(f"{out}: {round_.name}\n{len(round_.portfolio)} projects, pot {unit.format(budget.amount)}\n{text}")
