"""`daccord rules`: the rules that a round can name, with what each assumes and how it goes wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from daccord.cli._common import json_option, write_json
from daccord.errors import InputError

if TYPE_CHECKING:
    from daccord.allocation import MoneyRule
    from daccord.fusion import FusionRule

__all__ = ["rules"]

NO_INTERVALS = "no intervals of its own"


@click.command()
@click.argument("name", metavar="[NAME]", required=False)
@json_option
def rules(*, name: str | None, as_json: bool) -> None:
    """List the rules a round can name, or with NAME say what that one does.

    Fusion rules turn judgments into beliefs (`fusion` in round.toml), money rules turn beliefs into awards (`money`).
    With NAME: the rule's model, what it assumes, how it goes wrong, where it comes from, and for a fusion rule which
    answers it reads and what its intervals are.
    """
    from daccord.allocation import MONEY_RULES  # noqa: PLC0415 - numpy loads only when rules are asked for
    from daccord.fusion import FUSION_RULES  # noqa: PLC0415

    kinds: dict[str, Sequence[FusionRule | MoneyRule]] = {
        "fusion": tuple(FUSION_RULES.values()),
        "money": tuple(MONEY_RULES.values()),
    }
    found = [{"kind": kind, **_facts(rule)} for kind, known in kinds.items() for rule in known]
    if name is not None:
        chosen = [rule for rule in found if rule["name"] == name]
        if not chosen:
            known_names = ", ".join(sorted(rule["name"] for rule in found))
            raise InputError.single("rules", f"no rule is called {name!r}", remedy=f"use one of {known_names}")
        found = chosen
    if as_json:
        write_json({"rules": found})
    elif name is None:
        _print_list(found)
    else:
        for rule in found:
            _print_one(rule)


def _facts(rule: FusionRule | MoneyRule) -> dict[str, Any]:
    """Everything a rule says of itself, without what it computes with."""
    values = {field.name: getattr(rule, field.name) for field in dataclasses.fields(rule)}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if isinstance(value, str | tuple)
    }


def _print_list(found: Sequence[dict[str, Any]]) -> None:
    from daccord.cli._table import Column, print_table  # noqa: PLC0415 - as above

    fusion = [rule for rule in found if rule["kind"] == "fusion"]
    click.echo("Fusion rules: judgments into beliefs\n")
    rows = [(rule["name"], rule["title"], "yes" if rule["sure"] else "no", ", ".join(rule["reads"])) for rule in fusion]
    print_table((Column("name"), Column("title"), Column("intervals"), Column("reads", clip=True)), rows)
    click.echo("\nMoney rules: beliefs into awards\n")
    rows_money = [(rule["name"], rule["title"]) for rule in found if rule["kind"] == "money"]
    print_table((Column("name"), Column("title", clip=True)), rows_money)
    click.echo("\n`daccord rules NAME` says what a rule assumes and how it goes wrong")


def _print_one(rule: dict[str, Any]) -> None:
    width = max(Console().width, 40)

    def say(text: str, bullet: str = "") -> None:
        click.echo(fill(bullet + text, width, subsequent_indent=" " * len(bullet), break_on_hyphens=False))

    say(f"{rule['name']}: {rule['title']} ({rule['kind']} rule)")
    click.echo()
    say(rule["model"])
    if "reads" in rule:
        click.echo()
        say(f"Reads: {', '.join(rule['reads'])}")
        say(f"Intervals: {rule['sure'] or NO_INTERVALS + '; standard deviations are nominal'}")
    for head, part in (("Assumes", "assumptions"), ("Goes wrong", "failure_modes")):
        click.echo(f"\n{head}:")
        for text in rule[part]:
            say(text, "* ")
    click.echo()
    say(f"Source: {rule['source']}")
