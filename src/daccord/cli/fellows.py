"""`daccord fellows`: a programme of awards over several years, as it stands on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daccord.cli._common import json_option, write_json

if TYPE_CHECKING:
    from daccord.allocation.fellowships import Files, Programme, Standing

__all__ = ["fellows"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--on", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]), help="As it stood on this day.  [default: today]"
)
@click.option("--ledger", is_flag=True, help="Print every movement of money too.")
@json_option
def fellows(*, folder: Path, on: dt.datetime | None, ledger: bool, as_json: bool) -> None:
    """Run the programme in DIR: who is appointed, which tranche goes out, which review says what.

    DIR holds programme.toml and the tables applicants, reviewers, assessments, evidence, reviews and events. What a
    fellow costs in all years is reserved on appointment. A year's tranche is paid once the year before is reported and
    independent reviewers let it go on; a review that says stop releases only what is still to come. What is dated after
    the day does not count, so the same files say how things stood on any day.
    """
    from daccord.allocation.fellowships import run  # noqa: PLC0415 - loads only when a programme is run
    from daccord.formats.programme import load_programme  # noqa: PLC0415

    files = load_programme(folder)
    day = (on or dt.datetime.now(tz=dt.UTC)).date()
    programme = run(files, day)
    if as_json:
        write_json(_document(files, programme))
    else:
        _print(files, programme, ledger=ledger)


def _document(files: Files, programme: Programme) -> dict[str, Any]:
    terms = files.terms
    currency = terms.budget.currency
    return {
        "schema": "daccord/programme-state/1",
        "programme": terms.name,
        "simulated": terms.simulated,
        "on": programme.on.isoformat(),
        "currency": currency.code,
        "digits": currency.digits,
        "balances": programme.balances,
        "appointments": [
            {
                "applicant": one.applicant,
                "outcome": one.outcome,
                "score": one.score,
                "cost": one.cost,
                "reasons": list(one.reasons),
                "answers_set_aside": one.set_aside,
            }
            for one in programme.appointments
        ],
        "fellows": [
            {
                "fellow": name,
                "state": one.state,
                "place": one.place,
                "paid": programme.ledger.total("paid", name),
                "reserved": programme.ledger.total("reserved", name),
                "years_paid": one.paid_years,
                "next_due": one.next_due.isoformat() if one.next_due else None,
                "waits_for": one.waits_for,
                "reviews": [
                    {"tranche": it.year, "on": it.on.isoformat(), "answer": it.answer, "reason": it.reason}
                    for it in one.decided
                ],
                "claims": [
                    {
                        "on": it.on.isoformat(),
                        "clause": it.clause,
                        "reason": it.reason,
                        "amount": it.amount,
                        "returned": it.returned,
                    }
                    for it in one.claims
                ],
            }
            for name, one in programme.standings.items()
        ],
        "ledger": [
            {
                "date": line.date.isoformat(),
                "kind": line.kind,
                "from": "/".join(map(str, line.source)),
                "to": "/".join(map(str, line.target)),
                "amount": line.amount,
                "reason": line.reason,
            }
            for line in programme.lines
        ],
        "notices": list(programme.notices),
    }


def _print(files: Files, programme: Programme, *, ledger: bool) -> None:
    from daccord.cli._table import Column, print_table  # noqa: PLC0415 - as above

    terms = files.terms
    money = terms.budget.currency.format
    if terms.simulated:
        click.echo("SIMULATED PROGRAMME: people, answers and money are invented")
    click.echo(f"{terms.name}, on {programme.on.isoformat()}, in {terms.budget.currency.code}\n")
    plain: Callable[[int], str] = lambda amount: terms.budget.currency.format(amount, code=False)  # noqa: E731
    if programme.standings:
        rows = [
            (
                name,
                one.state,
                f"{one.paid_years} of {len(one.funds)}",
                plain(programme.ledger.total("paid", name)),
                plain(programme.ledger.total("reserved", name)),
                _next(one),
            )
            for name, one in programme.standings.items()
        ]
        heads = (
            Column("fellow or award"),
            Column("state"),
            Column("years\npaid", right=True),
            Column("paid", right=True),
            Column("reserved", right=True),
            Column("next", clip=True),
        )
        print_table(heads, rows)
    for one in programme.appointments:
        if one.outcome != "appointed":
            click.echo(f"\n{one.applicant}: {one.outcome.replace('_', ' ')}. {' '.join(one.reasons)}")
    for name, standing in programme.standings.items():
        for decided in standing.decided:
            click.echo(
                f"\n{name}, {decided.on.isoformat()}: {decided.answer} (tranche {decided.year}). {decided.reason}"
            )
        for claim in standing.claims:
            click.echo(f"\n{name}: {money(claim.open)} to come back of {money(claim.amount)}. {claim.reason}")
    aside = sum(one.set_aside for one in programme.appointments)
    if aside:
        click.echo(f"\nAnswers set aside because the reviewer has a declared tie: {aside}")
    for notice in programme.notices:
        click.echo(f"notice: {notice}", err=True)
    if ledger:
        click.echo()
        columns = (Column("date"), Column("kind"), Column("from"), Column("to"), Column("amount", right=True))
        cells = [
            (
                line.date.isoformat(),
                line.kind,
                "/".join(map(str, line.source)),
                "/".join(map(str, line.target)),
                plain(line.amount),
            )
            for line in programme.lines
        ]
        print_table(columns, cells)
    click.echo()
    wide = max(len(money(amount)) for amount in programme.balances.values())
    for name, amount in programme.balances.items():
        click.echo(f"{name:<10} {money(amount):>{wide}}")


def _next(standing: Standing) -> str:
    if standing.next_due is None:
        return ""
    if standing.waits_for:
        return f"{standing.next_due.isoformat()}, waits for {standing.waits_for}"
    return standing.next_due.isoformat()
