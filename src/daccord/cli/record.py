"""`daccord record`: the signed record of a round, verified or rehearsed."""

from __future__ import annotations

import click

from daccord.cli._record_rehearse import rehearse
from daccord.cli._record_verify import verify

__all__ = ["record"]


@click.group()
def record() -> None:
    """Verify the signed record of a round, or rehearse one.

    A record is a log of signed entries from which anybody recomputes who judged what, in time or late, and what the
    round comes to. docs/spec/record.md says what stands in it.
    """


record.add_command(verify)
record.add_command(rehearse)
