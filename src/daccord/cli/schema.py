"""`daccord schema`: the published JSON Schema of a round folder."""

from __future__ import annotations

import click

from daccord.cli._common import json_option, write_json

__all__ = ["schema"]


@click.command()
@json_option
def schema(*, as_json: bool) -> None:  # noqa: ARG001 - the document is JSON either way
    """Print the JSON Schema of a round folder: round.toml and a row of each CSV file.

    The schema is one JSON document, with or without --json. What it cannot say is in docs/spec/round-folder.md.
    """
    from daccord.formats import round_schema  # noqa: PLC0415 pydantic loads only when the schema is made

    write_json(round_schema())
