"""`daccord futures report`: plan and comparison as one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from daccord.cli._common import json_option, progress, write_json
from daccord.cli._futures_compare import Playing, ensemble_options, play_study, with_sizes
from daccord.cli._futures_files import write_text
from daccord.cli._futures_plan import make_plans, plan_options, settings_of

if TYPE_CHECKING:
    from daccord.futures.planner import Index, Plan

__all__ = ["report"]


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--no-plan", is_flag=True, help="Leave the plan out.")
@click.option("--no-comparison", is_flag=True, help="Leave the comparison of constitutions out.")
@plan_options
@ensemble_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write the page  [default: FILE with the ending .html]",
)
@json_option
def report(
    *,
    path: Path,
    no_plan: bool,
    no_comparison: bool,
    seed: int | None,
    quick: bool,
    all_values: bool,
    tail_cap: bool,
    sensitivity: bool,
    playing: Playing,
    out: Path | None,
    as_json: bool,
) -> None:
    """Plan and compare in the world of FILE, and write both as one HTML page.

    The page holds everything it needs: it opens without a network, works without JavaScript, and prints. With
    JavaScript, its panel of weights shows where the order of constitutions changes.
    """
    from daccord.errors import InputError  # noqa: PLC0415 - what computes loads only when it is used
    from daccord.formats.worlds import load_world, standing  # noqa: PLC0415
    from daccord.report import build_futures_report  # noqa: PLC0415

    if no_plan and no_comparison:
        raise InputError.single("--no-plan", "with --no-comparison leaves an empty page", remedy="leave one of them")
    target = out or path.with_suffix(".html")
    with progress(f"reading {path}") as tell:
        file = with_sizes(load_world(path), playing)
        start = file.study.seed if seed is None else seed
        found: Plan | None = None
        others: dict[str, Plan] = {}
        indices: tuple[Index, ...] = ()
        if not no_plan:
            found, others, indices = make_plans(
                file,
                file.budget,
                start,
                settings_of(quick=quick, tail_cap=tail_cap),
                all_values=all_values,
                sensitivity=sensitivity,
                tell=tell,
            )
        comparison = None
        if not no_comparison:
            _, comparison = play_study(file, playing, tell)
        tell("writing the page")
        page = build_futures_report(
            file, found, comparison, standing=standing(path, file), by_values=others, indices=indices, seed=start
        )
    write_text(target, page)
    if as_json:
        write_json({"report": str(target), "title": file.title, "fictional": file.fictional, "digest": file.digest})
    else:
        click.echo(str(target))
