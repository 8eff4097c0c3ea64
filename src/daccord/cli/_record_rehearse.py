"""`daccord record rehearse`: a round folder played through as a record, with made-up keys."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from daccord.cli._common import json_option, progress, write_json

__all__ = ["rehearse"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, metavar="DIR", type=click.Path(path_type=Path), help="A folder that is not there."
)
@click.option("--sealed", is_flag=True, help="Ballots are committed to, and revealed or opened by trustees.")
@click.option("--round", "round_id", metavar="ID", default="rehearsal", show_default=True, help="Id of the round.")
@click.option("--seed", metavar="TEXT", default="rehearsal", show_default=True, help="All keys are made from it.")
@click.option(
    "--recipients", metavar="FILE", type=click.Path(path_type=Path),
    help="CSV with project and address, as for daccord settle: the result then names the payouts.",
)  # fmt: skip
@click.option(
    "--token-digits", metavar="N", type=click.IntRange(0, 36), default=6, show_default=True, help="Of payouts."
)
@json_option
def rehearse(
    *, folder: Path, out: Path, sealed: bool, round_id: str, seed: str, recipients: Path | None, token_digits: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Play the round in DIR through as a record: bind jurors, sign answers, close, decide, approve, cosign.

    The keys of everybody are made up, and whoever knows the seed can make them: the record shows what one looks like
    and lets its verification be tried. What it signs nobody said. The same folder, seed and version give the same
    bytes.

    Written into --out: log/ (what a web host would serve), record.zip (the same in one file) and log.sqlite.
    """
    from daccord.audit import Cast, Terms  # noqa: PLC0415 - loads the engine
    from daccord.audit import rehearse as play  # noqa: PLC0415
    from daccord.errors import InputError  # noqa: PLC0415
    from daccord.formats import round_files  # noqa: PLC0415
    from daccord.store import write_zip  # noqa: PLC0415

    if re.fullmatch(r"[a-z0-9-]{1,64}", round_id) is None:
        raise InputError.single("--round", f"{round_id!r} is no id", remedy="write 1 to 64 of a-z, 0-9 and -")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError.single(str(out), "it is there already", remedy="name a folder that is not there, or is empty")
    with progress(f"reading {folder}") as tell:
        pay = None if recipients is None else partial(_payouts, recipients, token_digits)
        terms = Terms(round=round_id, sealed=sealed)
        stage, note = play(round_files(folder), Cast(seed=seed), terms, tell, payouts=pay)
        out.mkdir(parents=True, exist_ok=True)
        stage.write(out / "log.sqlite", out / "log", note)
        write_zip(out / "log", out / "record.zip")
    summary = {
        "simulated_keys": True,
        "round": round_id,
        "entries": len(stage.leaves),
        "root_fingerprint": stage.replay.keys.first,
        "folder": str(out / "log"),
        "zip": str(out / "record.zip"),
    }
    if as_json:
        write_json(summary)
        return
    click.echo("REHEARSAL: all keys are made up, and nobody said what they sign")
    click.echo(f"entries      {len(stage.leaves):,}")
    click.echo(f"fingerprint  {stage.replay.keys.first} (of the first root metadata)")
    click.echo(f"written      {out / 'log'}, {out / 'record.zip'}, {out / 'log.sqlite'}")
    click.echo(f"verify it    daccord record verify {out / 'record.zip'}")


def _payouts(recipients: Path, token_digits: int, document: Mapping[str, Any]) -> str:
    """Text of payouts.json."""
    from daccord.cli._common import read_file  # noqa: PLC0415
    from daccord.settlement import awards_of, pay, read_recipients  # noqa: PLC0415

    awards = awards_of(document, file="decision.json", pool=None)
    accounts = read_recipients(
        read_file(recipients), awards.amounts, awards.currency, file=str(recipients), allow_shared=False
    )
    return json.dumps(pay(awards, accounts, token_digits, file="decision.json").dump(), indent=2) + "\n"
