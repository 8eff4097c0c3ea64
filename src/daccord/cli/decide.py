"""`daccord decide`: verdicts and money for a round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daccord.cli._common import json_option, progress, write_json
from daccord.errors import InputError

if TYPE_CHECKING:
    from daccord.round import Round

__all__ = ["decide", "print_decision"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the files.  [default: DIR/out]"
)
@click.option("--fusion", metavar="NAME", help="What if: use this fusion rule instead of the round's.")
@click.option("--money", metavar="NAME", help="What if: use this money rule instead of the round's.")
@click.option("--on", metavar="DATE", help="Day of the decision, such as 2026-12-01, from which days count.")
@click.option(
    "--after",
    type=click.Path(path_type=Path, dir_okay=False),
    help="decision.json of an earlier round, whose holds stand until they expire.",
)
@json_option
def decide(
    *,
    folder: Path,
    out: Path | None,
    fusion: str | None,
    money: str | None,
    on: str | None,
    after: Path | None,
    as_json: bool,
) -> None:
    """Decide the round in DIR: verdicts, awards, and how sure they are.

    Writes decision.json (everything, for programs) and awards.csv (for spreadsheets) and prints the awards. With
    --json the decision is printed as one JSON document instead.

    A rule named here instead of in round.toml makes the result a what-if: it says so wherever it is shown, and goes to
    DIR/out/what-if unless --out names a folder, so that it never replaces the round's own decision.

    With --after, what an earlier decision held stays held until that hold expires, or until enough people of this
    round have judged its harm anew; then it is open again by itself.
    """
    from daccord import pipeline  # noqa: PLC0415 - numpy and the fit load only when a round is decided
    from daccord.formats import load_round  # noqa: PLC0415
    from daccord.formats.decisions import decision_document, write_decision  # noqa: PLC0415

    with progress(f"reading {folder}") as tell:
        round_, overridden = _what_if(_dated(load_round(folder), on, after), fusion, money)
        decision = pipeline.decide(round_, tell=tell)
        tell("writing")
        target = out or (folder / "out" / "what-if" if overridden else folder / "out")
        written = write_decision(decision, target, overridden=overridden)
    document = decision_document(decision, overridden=overridden)
    for notice in document["notices"]:
        click.echo(f"notice: {notice}", err=True)
    for warning in document["warnings"]:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        write_json(document)
    else:
        print_decision(document, written)


def _dated(round_: Round, on: str | None, after: Path | None) -> Round:
    """The round with the day of its decision, and with the holds of an earlier one."""
    from daccord.formats import holds  # noqa: PLC0415 - as above
    from daccord.formats.decisions import read_decision  # noqa: PLC0415 - as above

    if on is not None:
        round_ = holds.on_day(round_, on)
    return round_ if after is None else holds.after(round_, read_decision(after), str(after))


def _what_if(round_: Round, fusion: str | None, money: str | None) -> tuple[Round, dict[str, str]]:
    """The round with the rules named on the command line, and what round.toml states for each that differs."""
    from daccord.allocation import MONEY_RULES  # noqa: PLC0415 - as above
    from daccord.fusion import FUSION_RULES  # noqa: PLC0415

    rules, overridden = round_.rules, {}
    if fusion is not None:
        _known("--fusion", fusion, FUSION_RULES)
        if fusion != rules.fusion:
            overridden["rules.fusion"] = rules.fusion
            # Harm stays with the round's own rule: read in two ways, it would tell more than a round publishes.
            rules = replace(rules, fusion=fusion, harm=replace(rules.harm, fusion=rules.harm.fusion or rules.fusion))
    if money is not None:
        _known("--money", money, MONEY_RULES)
        if money != rules.money.rule:
            overridden["rules.money.rule"] = rules.money.rule
            rules = replace(rules, money=replace(rules.money, rule=money))
    return replace(round_, rules=rules), overridden


def _known(option: str, name: str, registered: Mapping[str, object]) -> None:
    if name not in registered:
        raise InputError.single(
            option, f"no rule is called {name!r}", remedy=f"use one of {', '.join(sorted(registered))}"
        )


def print_decision(document: Mapping[str, Any], written: tuple[Path, ...]) -> None:
    """Print a decision for people: the table, the totals, and where it was written."""
    from daccord.cli._table import SIMULATED, STYLES, Column, decimals, print_table  # noqa: PLC0415 - as above
    from daccord.money import Currency  # noqa: PLC0415

    budget, projects = document["budget"], document["projects"]
    currency = Currency(budget["currency"], budget["digits"])
    method = document["method"]
    if document["simulated"]:
        click.echo(SIMULATED)
    for name, stated in document["parameters"]["overridden"].items():
        click.echo(f"WHAT-IF: {name} is {document['parameters']['effective'][name]}; the round states {stated}")
    click.echo(f"{document['round']}: decided with {method['fusion']} / {method['money']}")
    click.echo(f"goal: {document['goal']['statement']} (set by {document['goal']['set_by']})\n")

    order = list(STYLES)
    rows = sorted(
        projects,
        key=lambda p: (-p["award"]["amount"], order.index(p["verdict"]["label"]), -p["share"]["expected"], p["id"]),
    )
    pot = budget["amount"]
    digits = decimals([p["interval"]["high"] / pot for p in rows] if pot else [])
    columns = (
        Column("project", clip=True),
        Column("verdict, and how\nprobable it is"),
        Column(f"award,\n{currency.code}", right=True),
        Column("80 % interval,\n% of the pot", right=True),
        Column("answers\n/ people", right=True),
    )
    cells = [_cells(project, pot, digits, currency) for project in rows]
    print_table(columns, cells, [STYLES[p["verdict"]["label"]] for p in rows])

    counts = Counter(p["verdict"]["label"] for p in rows)
    verdicts = ", ".join(f"{counts[label]} {label.replace('_', ' ')}" for label in order if counts[label])
    awarded = sum(p["award"]["amount"] for p in rows)
    amounts = {"awards": awarded, "unallocated": document["unallocated"], "pot": pot}
    texts = {name: currency.format(amount) for name, amount in amounts.items()}
    wide = max(len(text) for text in texts.values())
    click.echo(f"\n{len(rows)} projects: {verdicts}")
    for name, text in texts.items():
        click.echo(f"{name:<12} {text:>{wide}}")
    for entry in document["entries"]:
        click.echo(f"entry        {_entry(entry, currency)}")
    click.echo(f"written      {', '.join(str(path) for path in written)}")


def _entry(entry: Mapping[str, Any], currency: Any) -> str:  # noqa: ANN401 - imported late
    """An entry in the books in one line."""
    moved = currency.format(entry["paid"] if entry["project"] else entry["amount"])
    name = f"{entry['kind'].replace('_', ' ')} {entry['project'] or 'of the pot'}"
    rest = f" ({currency.format(abs(entry['open']))}: {entry['note']})" if entry["open"] else ""
    return f"{name}: {moved}{rest}; {entry['reason']} ({entry['by']})"


def _cells(project: Mapping[str, Any], pot: int, digits: int, currency: Any) -> tuple[str, ...]:  # noqa: ANN401
    from daccord.cli._table import chance, per_cent  # noqa: PLC0415 - as above

    verdict, interval = project["verdict"], project["interval"]
    text = verdict["label"].replace("_", " ")
    if any(reason["code"] == "hard_constraint" for reason in verdict["reasons"]):
        text += ", by rule"  # no estimate, so no probability
    elif verdict["probability"] is not None:
        text += f" {'≥' if verdict['at_least'] else ''}{chance(verdict['probability'])}"
    spread = "–"
    if pot and interval["high"]:
        spread = f"{per_cent(interval['low'] / pot, digits)}–{per_cent(interval['high'] / pot, digits)}"
    said = [score for name, score in project["scores"].items() if "level" not in score]  # without harm
    answers, people = sum(s["judgments"] for s in said), max((s["jurors"] for s in said), default=0)
    return (
        project["title"] or project["id"],
        text,
        currency.format(project["award"]["amount"], code=False),
        spread,
        f"{answers}/{people}",
    )
