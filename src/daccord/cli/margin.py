"""`daccord margin`: what one more unit of budget does, what not knowing costs, and how the money has moved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from daccord.cli._common import json_option, progress, write_json

if TYPE_CHECKING:
    from daccord.allocation.margins import BudgetChange, CertificateCheck, Movement, Price
    from daccord.pipeline import Decision

__all__ = ["margin"]

SCHEMA: Final = "daccord/margin/1"
_SHOWN: Final = 15


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--step", metavar="AMOUNT", default="1000", show_default=True, help="How much more and less, in whole units."
)
@click.option("--money", metavar="NAME", help="What if: use this money rule instead of the round's.")
@click.option(
    "--previous",
    type=click.Path(path_type=Path, dir_okay=False),
    help="An earlier decision.json: also tell how the money has moved since.",
)
@click.option(
    "--top", type=click.IntRange(1), default=10, show_default=True, help="Largest awards that churn is about."
)
@click.option(
    "--prices",
    type=click.IntRange(0),
    default=200,
    show_default=True,
    help="Price the ignorance of so many projects, those with the widest intervals first.",
)
@json_option
def margin(
    *, folder: Path, step: str, money: str | None, previous: Path | None, top: int, prices: int, as_json: bool
) -> None:
    """Tell what happens at the margin of the round in DIR.

    Who would get the next AMOUNT of budget, and who would lose the last: the round is decided again with so much more
    and so much less, whatever its money rule. A rule under which somebody loses from a larger pot is reported, not
    excused.

    The price of ignorance (rule `differential`): how much judging of a project would be worth at most, because its
    value would be known before the pot is divided. Judge first where it is high.

    Whether the awards solve the rule (`differential`): every condition is checked without solving it again; the exit
    code is 1 if one fails.

    With --previous, churn among the largest awards and how steep awards are, from the two decisions alone.
    """
    from daccord import pipeline  # noqa: PLC0415 - numpy and the fit load only when a round is decided
    from daccord.allocation.margins import budget_change, check_certificate, movement  # noqa: PLC0415
    from daccord.cli.decide import _what_if  # noqa: PLC0415
    from daccord.errors import InputError  # noqa: PLC0415
    from daccord.formats import load_round  # noqa: PLC0415
    from daccord.formats.decisions import read_decision  # noqa: PLC0415

    with progress(f"reading {folder}") as tell:
        round_, overridden = _what_if(load_round(folder), None, money)
        earlier = None if previous is None else read_decision(previous)
        try:
            amount = round_.budget.currency.parse(step)
        except ValueError as error:
            raise InputError.single("--step", str(error), remedy="write whole units, such as 1000") from error
        decision = pipeline.decide(round_, tell=tell)
        tell("dividing other pots")
        given = (round_.portfolio, decision.scores, round_.rules, round_.budget, round_.inputs)
        base = decision.allocation
        changes = [
            budget_change(*given, sign * amount, base=base)
            for sign in (1, -1)
            if round_.budget.amount + sign * amount >= 0
        ]
        proof = None
        priced: tuple[Price, ...] = ()
        if round_.rules.money.rule == "differential":
            tell("checking the certificate")
            portfolio, scores, rules, budget, inputs = given
            proof = check_certificate(
                portfolio, scores, base.verdicts, rules, budget, base.awards, base.certificate, inputs, base.divided
            )
            tell("pricing what is not known")
            priced = _prices(decision, prices)
        moved = None
        if earlier is not None:
            before = {project["id"]: project["award"]["amount"] for project in earlier["projects"]}
            moved = movement(before, {award.project: award.amount for award in base.awards}, top)
    document = _document(decision, overridden, changes, priced, proof, moved)
    if as_json:
        write_json(document)
    else:
        _print(decision, document)
    if proof is not None and not proof.holds:
        raise click.exceptions.Exit(1)


def _prices(decision: Decision, most: int) -> tuple[Price, ...]:
    """Prices of ignorance of the projects with the widest intervals."""
    from daccord.allocation.margins import prices_of_ignorance  # noqa: PLC0415 - as above
    from daccord.fusion import draw_log_values  # noqa: PLC0415

    round_ = decision.round
    if "benefit" not in decision.beliefs or most == 0:
        return ()
    interval = decision.interval_of
    ids = sorted(round_.portfolio.ids, key=lambda name: (interval[name].low - interval[name].high, name))
    return prices_of_ignorance(
        round_.portfolio,
        decision.scores,
        decision.allocation.verdicts,
        round_.rules,
        round_.budget,
        draw_log_values(decision.beliefs["benefit"], round_.portfolio.ids, round_.seed),
        round_.inputs,
        divided=decision.allocation.divided,
        projects=ids[:most],
    )


def _document(
    decision: Decision,
    overridden: Mapping[str, str],
    changes: list[BudgetChange],
    priced: tuple[Price, ...],
    proof: CertificateCheck | None,
    moved: Movement | None,
) -> dict[str, Any]:
    round_ = decision.round
    return {
        "schema": SCHEMA,
        "round": round_.name,
        "simulated": round_.simulated,
        "money": round_.rules.money.rule,
        "overridden": dict(overridden),
        "budget": {
            "amount": round_.budget.amount,
            "currency": round_.budget.currency.code,
            "digits": round_.budget.currency.digits,
        },
        "budget_changes": [
            {
                "step": change.step,
                "awards": dict(change.change),
                "unallocated": change.unallocated,
                "against": dict(change.against),
            }
            for change in changes
        ],
        "price_of_ignorance": [
            {"project": price.project, "expected": round(price.expected), "error": round(price.error)}
            for price in priced
        ],
        "certificate": None if proof is None else {"faults": proof.faults, "unproved": proof.unproved},
        "movement": None if moved is None else _movement(moved),
    }


def _movement(moved: Movement) -> dict[str, Any]:
    def number(value: Any) -> float | None:  # noqa: ANN401 - a fraction or nothing
        return None if value is None else round(float(value), 6)

    return {
        "top": moved.top,
        "left": list(moved.left),
        "joined": list(moved.joined),
        "churn": number(moved.churn),
        "moved": number(moved.moved),
        "steepness_before": number(moved.steepness_before),
        "steepness_after": number(moved.steepness_after),
    }


def _print(decision: Decision, document: Mapping[str, Any]) -> None:
    from daccord.cli._table import SIMULATED, Column, print_table  # noqa: PLC0415 - as above

    round_ = decision.round
    money = round_.budget.currency.format
    if round_.simulated:
        click.echo(SIMULATED)
    for name, stated in document["overridden"].items():
        click.echo(f"WHAT-IF: {name} is {document['money']}; the round states {stated}")
    click.echo(f"{document['round']}: at the margin of {money(round_.budget.amount)}, rule {document['money']}\n")
    steps = document["budget_changes"]
    prices = {price["project"]: price for price in document["price_of_ignorance"]}
    awards = decision.allocation.award_of

    def interest(name: str) -> tuple[int, int, str]:
        change = max((abs(step["awards"].get(name, 0)) for step in steps), default=0)
        return -prices.get(name, {"expected": 0})["expected"], -change, name

    touched = set(prices).union(*(step["awards"] for step in steps))
    names = sorted(touched, key=interest)
    columns = [Column("project", clip=True), Column("award", right=True)]
    columns += [
        Column(f"with {money(abs(s['step']))}\n{'more' if s['step'] > 0 else 'less'}", right=True) for s in steps
    ]
    columns.append(Column("price of\nignorance", right=True))
    rows = []
    for name in names[:_SHOWN]:
        price = prices.get(name)
        text = "–" if price is None else f"{money(price['expected'], code=False)} ± {money(price['error'], code=False)}"
        moves = [_signed(s["awards"].get(name, 0), money) for s in steps]
        rows.append((round_.portfolio[name].title, money(awards[name].amount, code=False), *moves, text))
    print_table(columns, rows)
    if len(names) > _SHOWN:
        click.echo(f"and {len(names) - _SHOWN} more; --json lists all")
    for step in steps:
        more = "more" if step["step"] > 0 else "less"
        stays = f"; {_signed(step['unallocated'], money)} stays in the pot" if step["unallocated"] else ""
        against = f"; against it move {', '.join(step['against'])}" if step["against"] else ""
        click.echo(f"\n{money(abs(step['step']))} {more}: {len(step['awards'])} awards move{stays}{against}.", nl=False)
    click.echo()
    proof = document["certificate"]
    if proof is not None:
        if proof["faults"]:
            click.echo("The awards do not solve the rule:\n" + "\n".join(f"  {text}" for text in proof["faults"]))
        else:
            rest = f" (not shown: {'; '.join(proof['unproved'])})" if proof["unproved"] else ""
            click.echo(f"Certificate: every condition of optimality holds{rest}.")
    if document["movement"] is not None:
        _print_movement(document["movement"])


def _signed(amount: int, money: Any) -> str:  # noqa: ANN401 - a bound method
    text = money(amount, code=False)
    return f"+{text}" if amount > 0 else text


def _print_movement(moved: Mapping[str, Any]) -> None:
    def per_cent(value: float | None) -> str:
        return "unknown" if value is None else f"{100 * value:.0f} %"

    def times(value: float | None) -> str:
        return "unknown" if value is None else f"{value:.1f}"

    click.echo(
        f"Since the earlier decision {len(moved['left'])} of the {moved['top']} largest awards left "
        f"(churn {per_cent(moved['churn'])}; 40 to 50 % is thought healthy), and {per_cent(moved['moved'])} of the "
        f"money changed hands.\nLargest over median award: {times(moved['steepness_before'])} before, "
        f"{times(moved['steepness_after'])} now."
    )
