"""`daccord futures plan`: the best split of a budget in a world, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from daccord.cli._common import json_option, progress, write_json
from daccord.cli._futures_words import MODEL, banner

if TYPE_CHECKING:
    from daccord.formats.worlds import WorldFile
    from daccord.futures.planner import Index, Plan, Settings

__all__ = ["make_plans", "plan", "plan_options", "settings_of"]

F = TypeVar("F", bound=Callable[..., Any])

GAMMAS: Final = (1.0, 1.5, 2.0, 3.0)
_SHOWN: Final = 5


def plan_options(function: F) -> F:
    """Options that all commands share which plan."""
    for option in reversed(
        (
            click.option("--seed", type=click.IntRange(0), help="Where randomness starts  [default: the file's]"),
            click.option("--quick", is_flag=True, help="A quarter of the worlds and half of the starts: a first look."),
            click.option("--all-values", is_flag=True, help="Plan for γ = 1, 1.5, 2 and 3 as well, side by side."),
            click.option(
                "--tail-cap", is_flag=True, help="The worst 5 % of worlds must not become worse than with nothing."
            ),
            click.option("--sensitivity", is_flag=True, help="How much of the conclusion is values, how much beliefs."),
        )
    ):
        function = option(function)
    return function


def settings_of(*, quick: bool, tail_cap: bool) -> Settings:
    """How hard to look."""
    from daccord.futures.planner import Settings  # noqa: PLC0415 - numpy and the kernels load only when one plans

    use = Settings(tail_cap=tail_cap)
    return replace(use, starts=4, worlds=256, polish=512, fresh=2048) if quick else use


def make_plans(
    file: WorldFile,
    budget: float,
    seed: int,
    settings: Settings,
    *,
    all_values: bool,
    sensitivity: bool,
    tell: Callable[[str], None],
) -> tuple[Plan, dict[str, Plan], tuple[Index, ...]]:
    """The plan, plans under other values, and what the conclusion hangs on."""
    from daccord.futures.planner import ValueRange, conclusion  # noqa: PLC0415 - as above
    from daccord.futures.planner import plan as make  # noqa: PLC0415
    from daccord.futures.world import budget_plan, nothing  # noqa: PLC0415

    world, fundable = file.world, file.fundable
    found = make(world, budget, seed=seed, fundable=fundable, settings=settings, tell=tell)
    others = {}
    for gamma in GAMMAS if all_values else ():
        lives = replace(world.welfare, gamma=gamma)
        others[f"γ = {gamma:g}"] = (
            found
            if lives == world.welfare
            else make(
                world,
                budget,
                seed=seed,
                welfare=lives,
                fundable=fundable,
                settings=settings,
                tell=partial(_of_gamma, tell, gamma),
            )
        )
    indices: tuple[Index, ...] = ()
    if sensitivity and found.amounts.any():
        tell("asking what the conclusion hangs on")
        indices = tuple(
            conclusion(world, budget_plan(world, found.amounts), nothing(world), ranges=ValueRange(), seed=seed)
        )
    return found, others, indices


def _of_gamma(tell: Callable[[str], None], gamma: float, text: str) -> None:
    tell(f"γ = {gamma:g}: {text}")


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--budget", type=float, help="Money a year to plan  [default: the file's]")
@plan_options
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Also write the document there as JSON.")
@json_option
def plan(
    *,
    path: Path,
    budget: float | None,
    seed: int | None,
    quick: bool,
    all_values: bool,
    tail_cap: bool,
    sensitivity: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Find the best split of a budget in the world of FILE, and say how sure that is.

    The split is looked for on some worlds and judged on others. Ranges tell which other splits are nearly as good;
    margins what one more unit of money is worth; questions what knowing more would be worth; regrets what is lost if
    one evaluator is right. All of it follows from the beliefs in FILE: a model, not a forecast.
    """
    from daccord.cli._futures_files import write_document  # noqa: PLC0415 - numpy loads only now
    from daccord.formats.futures import plan_document  # noqa: PLC0415
    from daccord.formats.worlds import load_world  # noqa: PLC0415

    with progress(f"reading {path}") as tell:
        file = load_world(path)
        start = file.study.seed if seed is None else seed
        found, others, indices = make_plans(
            file,
            file.budget if budget is None else budget,
            start,
            settings_of(quick=quick, tail_cap=tail_cap),
            all_values=all_values,
            sensitivity=sensitivity,
            tell=tell,
        )
    document = plan_document(file, found, seed=start, by_values=others, indices=indices)
    if out is not None:
        write_document(out, document)
    if as_json:
        write_json(document)
    else:
        _print(file, found, others, indices)


def _print(file: WorldFile, found: Plan, others: dict[str, Plan], indices: tuple[Index, ...]) -> None:
    from daccord.cli._table import Column, print_table  # noqa: PLC0415 - numpy loads only when there is a table
    from daccord.report.futures import amount, worth, years  # noqa: PLC0415

    world, unit = found.world, found.world.unit
    click.echo(f"{file.title}: {amount(found.budget)} {unit}\n{banner(file)}\n")
    rows = []
    for k, name in enumerate(world.ids):
        if world.technologies[k].given:
            continue
        told, margin = found.verdicts[k], found.margins[k]
        pair = f": {told.pairings[0].partner} first" if told.verdict == "with safeguards" else ""
        row = (
            name,
            amount(found.amounts[k]),
            f"{amount(found.low[k])}–{amount(found.high[k])}",
            worth(margin.mean),
            f"{worth(margin.low)} … {worth(margin.high)}",
            told.verdict + pair,
        )
        rows.append((float(found.amounts[k]), row))
    head = (
        Column("technology"),
        Column("money\na year", right=True),
        Column("nearly\nas good", right=True),
        Column("one more unit\nis worth", right=True),
        Column("5 % … 95 %\nof worlds", right=True),
        Column("verdict", clip=True),
    )
    print_table(head, [row for _, row in sorted(rows, key=lambda item: -item[0])])
    before, after = found.nothing, found.fresh
    click.echo(
        f"\nThe plan is worth {years(found.gain, found.error)} of life per person over doing nothing"
        f" (γ = {found.welfare.gamma:g}), on worlds that it was not made with."
    )
    click.echo(
        f"Probability of catastrophe {before.catastrophe:.1%} → {after.catastrophe:.1%}; "
        f"mean of the worst 5 % of worlds {before.tail:.1%} → {after.tail:.1%}."
    )
    left = found.budget - found.amounts.sum()
    if left > 1e-6 * found.budget:
        click.echo(f"{amount(left)} {unit} is better kept: nothing left to fund is worth more than it costs.")
    click.echo(
        f"No plan could gain more than {years(found.evpi)} beyond this one, as far as each world's best was found."
    )
    _print_unclear(found)
    _print_knowing(found)
    _print_people(found)
    if others:
        print_table(
            (Column("values"), Column("gain", right=True), Column("split")),
            [(name, years(other.gain), _split(other)) for name, other in others.items()],
        )
    if indices:
        click.echo("\nWhat the difference between the plan and doing nothing hangs on (share of its variance):")
        groups = [index for index in indices if index.group in {"values", "beliefs", "evaluator"}]
        single = sorted((index for index in indices if index not in groups), key=lambda item: -item.total)
        for index in (*groups, *single[:_SHOWN]):
            click.echo(
                f"  {index.group}: {max(index.first, 0):.0%} alone, {index.total:.0%} ± {index.error:.0%} with others"
            )
    click.echo(f"\n{MODEL}")


def _split(found: Plan) -> str:
    parts = sorted(zip(found.amounts, found.world.ids, strict=True), reverse=True)
    return ", ".join(f"{name} {amount / found.budget:.0%}" for amount, name in parts if amount > 0.005 * found.budget)


def _print_knowing(found: Plan) -> None:
    from daccord.report.futures import amount, years  # noqa: PLC0415 - as above

    clear = [item for item in (*found.questions, *found.disagreements) if item.clear and item.value > 1e-9]
    if not clear:
        click.echo("No single answer would be worth enough to wait for it.")
        return
    click.echo("Worth knowing, at most:")
    for item in sorted(clear, key=lambda item: -item.value)[:_SHOWN]:
        price = found.in_money(item.value)
        cost = "" if price is None else f" = {amount(price)} {found.world.unit}"
        click.echo(f"  {item.question}: {years(item.value)}{cost}")


def _print_unclear(found: Plan) -> None:
    funded = sorted(range(len(found.verdicts)), key=lambda k: -found.amounts[k])
    unclear = [found.verdicts[k] for k in funded if found.verdicts[k].question and found.amounts[k] > 0]
    if unclear:
        told = ", ".join(f"{item.technology} ({item.question})" for item in unclear[:_SHOWN])
        click.echo(f"Funded, but unclear (what it hangs on most): {told}{', …' if len(unclear) > _SHOWN else ''}")


def _print_people(found: Plan) -> None:
    from daccord.report.futures import years  # noqa: PLC0415 - as above

    if found.regrets:
        click.echo("If one evaluator is right, the plan loses:")
        for regret in found.regrets:
            click.echo(
                f"  {regret.evaluator}: {years(max(0.0, regret.losses['plan']))}"
                f" (doing nothing {years(max(0.0, regret.losses['nothing']))})"
            )
    if found.influences:
        first = found.influences[0]
        click.echo(f"Without {first.evaluator} {first.moved:.0%} of the money would go elsewhere; nobody moves more.")
