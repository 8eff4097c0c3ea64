"""`daccord report`: the result of a round as one page."""

from __future__ import annotations

from pathlib import Path

import click

from daccord.cli._common import json_option, progress, write_json
from daccord.errors import ExternalError

__all__ = ["report"]


def _make_room(target: Path) -> None:
    """Create the folder of the page before the work begins, so that a wrong path is said at once.

    Raises:
        ExternalError: It cannot be created.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExternalError(f"{target} cannot be written: {error.strerror or error}") from error


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write the page  [default: FOLDER/out/report.html]",
)
@json_option
def report(folder: Path, out: Path | None, as_json: bool) -> None:
    """Decide the round in FOLDER and write its result as one HTML page.

    The page holds everything it needs: it opens without a network, works without JavaScript, and prints. It shows the
    same answers under every other rule that can decide them, too.
    """
    from daccord.formats import load_round  # noqa: PLC0415 numpy and the fit load only when a round is decided
    from daccord.pipeline import compare_rules, decide  # noqa: PLC0415
    from daccord.report import build_report  # noqa: PLC0415

    target = out or folder / "out" / "report.html"
    with progress("reading the round") as update:
        round_ = load_round(folder)
        _make_room(target)
        comparison = compare_rules(round_, tell=update)
        decision = comparison.own or decide(round_, tell=update)
        update("writing the page")
        page = build_report(decision, comparison.decisions, comparison.skipped, comparison.notes)
    try:
        target.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ExternalError(f"{target} cannot be written: {error.strerror or error}") from error
    if as_json:
        write_json(
            {
                "report": str(target),
                "round": round_.name,
                "simulated": round_.simulated,
                "projects": len(round_.portfolio),
                "rules_compared": list(comparison.decisions),
                "rules_skipped": dict(comparison.skipped),
            }
        )
    else:
        click.echo(str(target))
