"""The document of `daccord graph` for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import click

from daccord.cli._table import SIMULATED, Column, chance, print_table
from daccord.money import Currency

__all__ = ["print_graph"]

_DAYS: Final = 365.25
_KINDS: Final = {
    "defends": "defends against",
    "makes_safe": "makes safe",
    "substitutes": "substitutes for",
    "raises": "RAISES",
}
_FLAGS: Final = {
    "dual_use": "dual use",
    "disputed": "disputed",
    "late": "too late",
    "unjudged": "claim not judged",
}


def print_graph(document: Mapping[str, Any], project: str | None) -> None:
    """Print roles, effects, risks and the map of the domain.

    Args:
        document: As `daccord graph --json` prints it.
        project: Id of the only project to show; then there is no map.
    """
    if document["simulated"]:
        click.echo(SIMULATED)
    click.echo(f"{document['round']}: the technology graph, as people judged it\n")
    _print_edges(document["edges"])
    if document["shifts"]:
        click.echo("\nWhat all roles of a project together do to a risk; only those in time count")
        _print_shifts(document["shifts"], {one["project"]: one["flags"] for one in document["projects"]})
    if project is None:
        _print_risks(document["risks"])
        _print_cells(document)
    for warning in document["warnings"]:
        click.echo(f"note: {warning}")


def _range(values: Sequence[int] | None, unit: float, form: str) -> str:
    """Median and 80 % interval."""
    if values is None:
        return "–"
    low, middle, high = (format(value / unit, form) for value in (values[0], values[2], values[4]))
    return f"{middle} ({low}–{high})"


def _years(horizon: int | None) -> str:
    return "" if horizon is None else f"{horizon} y"


def _print_edges(edges: Sequence[Mapping[str, Any]]) -> None:
    columns = (
        Column("project", clip=True),
        Column("role"),
        Column("towards"),
        Column("at"),
        Column("share, %\n(80 %)", right=True),
        Column("years until\nusable (80 %)", right=True),
        Column("in time", right=True),
        Column("people", right=True),
    )
    rows = [
        (
            edge["title"],
            _KINDS[edge["kind"]],
            edge["target"] + ("" if edge["declared"] else " *"),
            _years(edge["horizon"]),
            "too few" if edge["efficacy"] is None else _range(edge["efficacy"], 10_000, ".0f"),
            _range(edge["lead_days"], _DAYS, ".1f"),
            "–" if edge["in_time"] is None else chance(edge["in_time"]),
            _people(edge),
        )
        for edge in edges
    ]
    if not rows:
        click.echo("no role is declared and none was judged")
        return
    print_table(columns, rows)
    click.echo("share of the risk that is removed, or added by what raises it; of those in coarse steps, from")
    click.echo("at least so many people. In time: usable before the threat is there, and by the year it is asked for")
    if any(not edge["declared"] for edge in edges):
        click.echo("* named by jurors; the project does not declare it")


def _people(edge: Mapping[str, Any]) -> str:
    if edge["kind"] == "raises":
        return f"≥ {edge['jurors']}" if edge["jurors"] else "–"
    return str(edge["jurors"])


def _print_shifts(shifts: Sequence[Mapping[str, Any]], flags: Mapping[str, Sequence[str]]) -> None:
    columns = (
        Column("project", clip=True),
        Column("risk or technology"),
        Column("at"),
        Column("removes, %\n(80 %)", right=True),
        Column("lowers it", right=True),
        Column("raises it", right=True),
        Column("flags of the project"),
    )
    rows = [
        (
            shift["title"],
            shift["target"],
            _years(shift["horizon"]),
            "disputed" if shift["disputed"] else _range(shift["share_removed"], 10_000, ".0f"),
            chance(shift["lowers"]),
            chance(shift["raises"]),
            ", ".join(_FLAGS[flag] for flag in flags.get(shift["project"], ())),
        )
        for shift in shifts
    ]
    print_table(columns, rows)


def _print_risks(risks: Sequence[Mapping[str, Any]]) -> None:
    told = [risk for risk in risks if risk["arrival_days"] or risk["undefended"]]
    if not told:
        return
    click.echo("\nRisks")
    columns = (Column("risk", clip=True), Column("years until it\nis there (80 %)", right=True), Column("gap"))
    rows = [
        (
            risk["title"],
            _range(risk["arrival_days"], _DAYS, ".1f"),
            "nobody says to defend against it" if risk["undefended"] else "",
        )
        for risk in told
    ]
    print_table(columns, rows)


def _print_cells(document: Mapping[str, Any]) -> None:
    currency = Currency(**document["currency"])
    click.echo("\nThe map of the domain")
    money = document["cells"][0]["amount"] is not None
    columns = (
        Column("cell"),
        Column("name", clip=True),
        Column("projects", right=True),
        *((Column("money", right=True), Column("of the pot", right=True)) if money else ()),
        Column("gap"),
    )
    rows = []
    for entry in document["cells"]:
        amounts: tuple[str, ...] = ()
        if money:
            share = Fraction(entry["amount"], document["pot"]) if document["pot"] else Fraction(0)
            amounts = (currency.format(entry["amount"]), f"{float(100 * share):.1f} %")
        rows.append((entry["cell"], entry["title"], f"{float(Fraction(entry['weight'])):.1f}", *amounts, entry["gap"]))
    print_table(columns, rows)
    click.echo("a project that is in several cells counts in each by its share; money is split by the same shares")
