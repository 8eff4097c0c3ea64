"""`daccord compare`: the same round under every rule, side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from string import ascii_uppercase
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console

from daccord.cli._common import json_option, progress, write_json
from daccord.errors import InputError

if TYPE_CHECKING:
    from daccord.pipeline import Comparison, Decision
    from daccord.round import Round

__all__ = ["compare"]

_LEAST_WHOLE: Final = 0.005
"""Share that whole per cents would show as nothing."""

_TITLE: Final = 14
"""Characters that are left of a title beside many rules."""

_SEEN: Final = ", had seen the answers"


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--money", "amounts", is_flag=True, help="Show amounts instead of shares of the pot.")
@click.option("--top", metavar="N", type=click.IntRange(min=1), help="Show only the N largest awards.  [default: all]")
@click.option("--all", "every", is_flag=True, help="Show every pair of fusion rule and money rule.")
@click.option("--held-out", is_flag=True, help="Also score every method on answers of people it has not heard (slow).")
@click.option(
    "--repeats",
    metavar="N",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="How often --held-out deals people into parts anew.",
)
@json_option
def compare(
    *, folder: Path, amounts: bool, top: int | None, every: bool, held_out: bool, repeats: int, as_json: bool
) -> None:
    """Decide the round in DIR under every rule and show the results side by side.

    Every fusion rule meets the round's own money rule, and every money rule the round's own fusion rule: how much of
    the pot goes elsewhere than under the round's own rules (the total variation distance), how many verdicts differ,
    and every project's share of the pot. Nothing is written. With --held-out, rules, people without models, and each
    model alone are scored on the answers of people whose answers they were not fitted to: on the log scale, on the
    linear scale, and by the probability of who is ahead, each with its direction. In JSON, amounts are minor units, and
    each rule has its warnings.
    """
    from daccord.allocation import money_rule  # noqa: PLC0415 - numpy and the fit load only when a round is decided
    from daccord.formats import load_round  # noqa: PLC0415
    from daccord.fusion import fusion_rule, held_out_scores  # noqa: PLC0415
    from daccord.pipeline import compare_rules  # noqa: PLC0415

    with progress(f"reading {folder}") as tell:
        round_ = load_round(folder)
        fusion_rule(round_.rules.fusion)  # both refuse an unknown name before anything slow begins
        money_rule(round_.rules.money.rule)
        comparison = compare_rules(round_, every=every, tell=tell)
        if not comparison.decisions:
            raise InputError.single(str(folder), f"no rule can decide this round; {_why(comparison)}")
        report = None
        if held_out:
            report = _finite(asdict(held_out_scores(round_, "benefit", repeats=repeats, tell=tell)))
    document = _document(round_, comparison, report)
    for notice in round_.notices:
        click.echo(f"notice: {notice}", err=True)
    if as_json:
        write_json(document)
    else:
        _print(document, amounts=amounts, top=top)


def _why(comparison: Comparison) -> str:
    return "; ".join(f"{rule}: {why}" for rule, why in comparison.skipped.items())


def _finite(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The value with floats to six significant digits, and None for what is not finite."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def _document(round_: Round, comparison: Comparison, held_out: dict[str, Any] | None) -> dict[str, Any]:
    own = f"{round_.rules.fusion} / {round_.rules.money.rule}"
    base = comparison.decisions.get(own)
    return {
        "round": round_.name,
        "simulated": round_.simulated,
        "budget": {
            "amount": round_.budget.amount,
            "currency": round_.budget.currency.code,
            "digits": round_.budget.currency.digits,
        },
        "own": own,
        "projects": [{"id": project.id, "title": project.title} for project in round_.portfolio],
        "rules": [_rule(name, decision, base) for name, decision in comparison.decisions.items()],
        "skipped": dict(comparison.skipped),
        "notes": dict(comparison.notes),
        "held_out": held_out,
    }


def _rule(name: str, decision: Decision, base: Decision | None) -> dict[str, Any]:
    """One pair of rules; `moved` and `verdicts_differ` are None if the round's own rules cannot decide it."""
    allocation = decision.allocation
    moved = differ = None
    if base is not None:
        theirs = base.allocation
        # Both sides sum to the pot, so what some gain is what others lose, and the sum is even.
        gaps = sum(abs(award.amount - theirs.award_of[award.project].amount) for award in allocation.awards)
        moved = (gaps + abs(allocation.unallocated - theirs.unallocated)) // 2
        differ = sum(verdict.label != theirs.verdict_of[verdict.project].label for verdict in allocation.verdicts)
    return {
        "name": name,
        **decision.method,
        "moved": moved,
        "verdicts_differ": differ,
        "unallocated": allocation.unallocated,
        "awards": {award.project: award.amount for award in allocation.awards},
        "verdicts": {verdict.project: verdict.label for verdict in allocation.verdicts},
        "warnings": list(decision.warnings),
    }


def _letters(count: int) -> list[str]:
    """A, B, … Z, AA, AB, …: short heads, so that many rules fit side by side."""
    letters = list(ascii_uppercase)
    return (letters + [one + other for one in letters for other in letters])[:count]


def _print(document: Mapping[str, Any], *, amounts: bool, top: int | None) -> None:
    from daccord.cli._table import SIMULATED  # noqa: PLC0415 - as above

    if document["simulated"]:
        click.echo(SIMULATED)
    click.echo(f"{document['round']}: the same answers under every rule\n")
    letters = _letters(len(document["rules"]))
    _print_rules(document, letters)
    for rule, why in document["skipped"].items():
        _say(f"{rule} cannot decide this round: {why}")
    for note, rules in _by_text(document["notes"]).items():
        _say(f"{', '.join(rules)}: {note}")
    _print_projects(document, letters, amounts=amounts, top=top)
    if document["held_out"]:
        _print_held_out(document["held_out"])


def _by_text(notes: Mapping[str, str]) -> dict[str, list[str]]:
    """The same note said once, with the rules that it is about."""
    found: dict[str, list[str]] = {}
    for rule, note in notes.items():
        found.setdefault(note, []).append(rule)
    return found


def _print_rules(document: Mapping[str, Any], letters: Sequence[str]) -> None:
    from daccord.cli._table import Column, decimals, per_cent, print_table  # noqa: PLC0415 - as above

    pot = document["budget"]["amount"] or 1
    digits = decimals([(rule["moved"] or 0) / pot for rule in document["rules"]])
    rows = []
    for letter, rule in zip(letters, document["rules"], strict=True):
        if rule["name"] == document["own"]:
            moved, differ = "this round", "–"
        elif rule["moved"] is None:
            moved, differ = "?", "?"
        else:
            moved, differ = f"{per_cent(rule['moved'] / pot, digits)} %", str(rule["verdicts_differ"])
        rest = rule["unallocated"] / pot
        rows.append((letter, rule["name"], moved, differ, f"{per_cent(rest, digits)} %" if rest else "–"))
    columns = (
        Column(""),
        Column("fusion rule / money rule"),
        Column("of the pot\ngoes elsewhere", right=True),
        Column("verdicts\nthat differ", right=True),
        Column("\nunallocated", right=True),
    )
    print_table(columns, rows)
    if any(rule["unallocated"] for rule in document["rules"]):
        click.echo("why money stays unallocated is said in the warnings of --json")
    if all(rule["name"] != document["own"] for rule in document["rules"]):
        _say(f"the round's own rules, {document['own']}, cannot decide it, so there is nothing to measure from")


def _widest(rules: Sequence[Mapping[str, Any]], cell: Callable[[Mapping[str, Any], str], str]) -> int:
    """Columns that a table of all projects takes, with titles cut short."""
    return _TITLE + sum(2 + max(len(cell(rule, project)) for project in rule["awards"]) for rule in rules)


def _print_projects(document: Mapping[str, Any], letters: Sequence[str], *, amounts: bool, top: int | None) -> None:
    from daccord.cli._table import Column, decimals, per_cent, print_table  # noqa: PLC0415 - as above
    from daccord.money import Currency  # noqa: PLC0415

    budget, rules = document["budget"], document["rules"]
    currency, pot = Currency(budget["currency"], budget["digits"]), budget["amount"] or 1
    base = next((rule for rule in rules if rule["name"] == document["own"]), rules[0])
    digits = decimals([amount / pot for rule in rules for amount in rule["awards"].values()])

    def cell(rule: Mapping[str, Any], project: str) -> str:
        amount = rule["awards"][project]
        if amounts:
            text = currency.format(amount, code=False)
        elif not digits and 0 < amount / pot < _LEAST_WHOLE:
            text = "<1"
        else:
            text = per_cent(amount / pot, digits)
        return text + ("*" if rule["verdicts"][project] != base["verdicts"][project] else " ")

    while digits and not amounts and _widest(rules, cell) > Console().width:
        digits -= 1  # with many rules, whole per cents side by side tell more than decimals on broken lines
    projects = sorted(
        document["projects"],
        key=lambda p: (-base["awards"][p["id"]], -max(rule["awards"][p["id"]] for rule in rules), p["id"]),
    )
    rows = [(p["title"] or p["id"], *(cell(rule, p["id"]) for rule in rules)) for p in projects[:top]]
    unit = currency.code if amounts else "% of the pot"
    columns = [Column(f"project, {unit}", clip=True), *(Column(f"{letter} ", right=True) for letter in letters)]
    click.echo()
    print_table(columns, rows)
    if len(rows) < len(projects):
        click.echo(f"and {len(projects) - len(rows)} more; leave --top out to see all")
    if any(text.endswith("*") for row in rows for text in row[1:]):
        click.echo(f"* the verdict differs from the one under {base['name']}")


def _number(value: float | None, digits: int, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign}.{digits}f}"


def _lead(method: Mapping[str, Any], reference: str) -> tuple[str, str]:
    """How far a method is behind the reference, and the error of that; the reference itself is not."""
    if method["kind"] == "rule" and method["name"] == reference:
        return "–", "–"
    return _number(method["lead"], 3, "+"), _number(method["lead_error"], 3)


def _say(text: str) -> None:
    """Print a line for people, broken where the terminal ends."""
    click.echo(fill(text, max(Console().width, 40), subsequent_indent="  ", break_on_hyphens=False))


def _print_held_out(report: Mapping[str, Any]) -> None:
    from daccord.cli._table import Column, print_table  # noqa: PLC0415 - as above

    unit, units = (
        ("whole jurors", "jurors") if report["grouped_by"] == "juror" else ("whole pairs of projects", "pairs")
    )
    times = "once" if report["repeats"] == 1 else f"{report['repeats']} times"
    asked = ", ".join(f"{count:,} {kind}" for kind, count in report["questions"].items())
    click.echo(
        f"\nHow each method foresees answers of people about {report['criterion']} that it has not heard:\n"
        f"{asked}; {unit} held out ({report['groups']} of them), {times}"
    )
    columns = (
        Column("method", clip=True),
        Column("kind"),
        Column(f"behind\n{report['reference'][:12]},\nlower is\nbetter", right=True),
        Column("± over\n" + units, right=True),
        Column("log\ndensity,\nhigher\nbetter", right=True),
        Column("in 80 %\ninterval,\n80 % is\nright", right=True),
        Column("log\nloss,\nlower\nbetter", right=True),
        Column("Brier\nscore,\nlower\nbetter", right=True),
        Column("share\nerror,\nlower\nbetter", right=True),
    )
    rows = [
        (
            ("† " if method["kind"].endswith(_SEEN) else "") + method["name"],
            method["kind"].removesuffix(_SEEN).replace("comparisons", "answers"),
            *_lead(method, report["reference"]),
            _number(method["log_density"], 3, "+"),
            "–" if method["coverage"] is None else f"{100 * method['coverage']:.0f} %",
            _number(method["log_loss"], 4),
            _number(method["brier"], 4),
            _number(method["linear_error"], 3),
        )
        for method in report["methods"]
    ]
    print_table(columns, rows)
    click.echo(f"methods are ordered by their {report['measure']}, in which `behind` and ± are, too")
    if any(row[0].startswith("†") for row in rows):
        click.echo("† had seen the answers that it is scored on")
    for name, why in report["skipped"]:
        _say(f"{name} could not be scored: {why}")
    for text in report["findings"]:
        _say(text)
    for text in report["warnings"]:
        _say(f"warning: {text}")
