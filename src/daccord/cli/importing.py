"""`daccord import`: other people's contests as round folders."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from daccord.cli._common import json_option, progress
from daccord.cli._import_gitcoin import gitcoin
from daccord.cli._import_pabulib import pabulib
from daccord.cli._import_retropgf import retropgf
from daccord.cli._imported import amount as parsed
from daccord.cli._imported import out_option, refuse_full, say
from daccord.money import Currency

if TYPE_CHECKING:
    from daccord.formats.deepfunding import ImportSpec, ModelFile
    from daccord.round import Budget

__all__ = ["PRESETS", "import_"]

PRESETS: Final = ("gg24", "trial")
"""Names of `daccord.formats.deepfunding.PRESETS`, said here too because the list of commands must not load numpy."""

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group("import")
def import_() -> None:
    """Make a round folder from other people's files."""


import_.add_command(pabulib)
import_.add_command(gitcoin)
import_.add_command(retropgf)


def _model_files(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[ModelFile, ...]:
    """Read each `FILE` or `NAME=FILE`."""
    from daccord.formats.deepfunding import ModelFile  # noqa: PLC0415 - numpy loads only when something is imported

    files = []
    for text in values:
        name, separator, path = text.partition("=")
        # A path may hold an equals sign; what stands before one in a folder's name is no model.
        if not separator or "/" in name or Path(text).is_file():
            name, path = "", text
        elif not name or not path:
            raise click.BadParameter(f"{text!r} is neither FILE nor NAME=FILE")
        files.append(ModelFile(Path(path), name))
    return tuple(files)


def _families(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Read each `NAME=FAMILY`."""
    families = {}
    for text in values:
        name, separator, family = text.partition("=")
        if not separator or not name or not family:
            raise click.BadParameter(f"{text!r} is not NAME=FAMILY")
        families[name] = family
    return families


@import_.command()
@out_option
@click.option("--from", "folder", type=_FOLDER, help="Folder that `daccord fetch` filled; needs --preset.")
@click.option("--preset", "preset_name", type=click.Choice(PRESETS), help="Published contest in that folder.")
@click.option("--human", type=_FILE, multiple=True, help="Comparisons by people.")
@click.option(
    "--ai",
    callback=_model_files,
    multiple=True,
    metavar="[NAME=]FILE",
    help="Comparisons by models; NAME goes before their ids.",
)
@click.option(
    "--list",
    "lists",
    callback=_model_files,
    multiple=True,
    metavar="[NAME=]FILE",
    help="Weights by a model called NAME.",
)
@click.option("--items", type=_FILE, help="The projects; else all that occur in comparisons.")
@click.option("--restrict-to", type=_FILE, help="The projects to keep; answers on others are set aside.")
@click.option("--aliases", type=_FILE, multiple=True, help="Table alias,name of other names of projects.")
@click.option("--builtin-aliases", is_flag=True, help="Also use the known aliases of Deep Funding's repositories.")
@click.option(
    "--family",
    "families",
    callback=_families,
    multiple=True,
    metavar="NAME=FAMILY",
    help="Family of a model, or of a file's models.",
)
@click.option("--seen", multiple=True, metavar="NAME", help="Model that had seen people's answers.")
@click.option("--drop-multiplier", "drop", type=float, multiple=True, help="Set people's rows with this one aside.")
@click.option("--budget", metavar="AMOUNT", help="The pot, in whole units.  [default: 350000]")
@click.option("--currency", metavar="CODE", help="Of the pot.  [default: USD]")
@click.option("--digits", type=click.IntRange(0, 18), help="Decimal digits of the currency.  [default: 2]")
@click.option("--bar", type=float, help="Times the typical project that one should be worth.  [default: 0.25]")
@click.option("--name", help="Name of the round.")
@click.option("--goal", help="What the round is to achieve.")
@click.option("--goal-set-by", help="Who set the goal.")
@click.option("--question", help="What judges were asked.")
@json_option
def deepfunding(
    *,
    out: Path,
    folder: Path | None,
    preset_name: str | None,
    human: tuple[Path, ...],
    ai: tuple[ModelFile, ...],
    lists: tuple[ModelFile, ...],
    items: Path | None,
    restrict_to: Path | None,
    aliases: tuple[Path, ...],
    builtin_aliases: bool,
    families: dict[str, str],
    seen: tuple[str, ...],
    drop: tuple[float, ...],
    budget: str | None,
    currency: str | None,
    digits: int | None,
    bar: float | None,
    as_json: bool,
    **texts: str | None,
) -> None:
    """Deep Funding: comparisons by people and models, and weight lists.

    Give files one by one, or a folder that `daccord fetch` filled and a preset; options add to the preset.
    """
    from daccord.formats import write_round  # noqa: PLC0415 - as above
    from daccord.formats.deepfunding import ImportSpec, import_deepfunding, preset  # noqa: PLC0415

    if (folder is None) != (preset_name is None):
        raise click.UsageError("--from and --preset belong together")
    base = ImportSpec() if folder is None or preset_name is None else preset(preset_name, folder)
    if bar is not None and not (bar > 0 and math.isfinite(bar)):
        raise click.BadParameter("must be above zero", param_hint="--bar")
    spec = replace(
        base,
        human=base.human + human,
        ai=base.ai + ai,
        lists=base.lists + lists,
        items=items or base.items,
        restrict_to=restrict_to or base.restrict_to,
        aliases=base.aliases + aliases,
        builtin_aliases=builtin_aliases or base.builtin_aliases,
        families={**base.families, **families},
        seen=base.seen + seen,
        drop=base.drop + drop,
        budget=_budget(base.budget, budget, currency, digits),
        bar=base.bar if bar is None else bar,
    )
    spec = _with_texts(spec, texts)
    refuse_full(out)
    with progress("reading"):
        round_ = import_deepfunding(spec)
        write_round(round_, out)
    said = round_.judgments["benefit"]
    people = [judge.is_person for judge in round_.panel]
    by_people = sum(people[position] for position in said.comparisons.judge.tolist())
    details = {
        "people": sum(people),
        "models": len(people) - sum(people),
        "comparisons_by_people": by_people,
        "comparisons_by_models": len(said.comparisons) - by_people,
        "lists": len(said.lists),
    }
    text = (
        f"{details['people']} people with {by_people} comparisons\n"
        f"{details['models']} models with {details['comparisons_by_models']} comparisons and {details['lists']} lists"
    )
    say(round_, out, details, text, as_json=as_json, word="warning")


def _budget(base: Budget, amount: str | None, code: str | None, digits: int | None) -> Budget:
    if amount is None:
        if code is not None or digits is not None:
            raise click.UsageError("--currency and --digits belong to --budget")
        return base
    from daccord.round import Budget  # noqa: PLC0415 - as above

    unit = Currency(code or base.currency.code, base.currency.digits if digits is None else digits)
    return Budget(parsed(amount, unit, "--budget"), unit)


def _with_texts(spec: ImportSpec, texts: Mapping[str, str | None]) -> ImportSpec:
    for key in ("name", "goal", "goal_set_by", "question"):
        text = texts.get(key)
        if text is not None and not text.strip():
            raise click.BadParameter("must not be empty", param_hint=f"--{key.replace('_', '-')}")
    return replace(
        spec,
        name=texts.get("name") or spec.name,
        goal=texts.get("goal") or spec.goal,
        goal_set_by=texts.get("goal_set_by") or spec.goal_set_by,
        question=texts.get("question") or spec.question,
    )
