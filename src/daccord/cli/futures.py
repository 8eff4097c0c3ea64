"""`daccord futures`: which technologies first, and who should decide, in modelled worlds."""

from __future__ import annotations

import click

from daccord.cli._futures_compare import compare
from daccord.cli._futures_explore import explore
from daccord.cli._futures_files import check, import_, init, register, schema
from daccord.cli._futures_plan import plan
from daccord.cli._futures_report import report

__all__ = ["futures"]


@click.group()
def futures() -> None:
    """Plan a budget, or compare who should decide, in modelled worlds.

    Everything here is a model: it says what follows from the beliefs in a world file, not what will happen.
    docs/spec/world-file.md says what stands in one.
    """


for _command in (init, check, register, plan, compare, report, explore, import_, schema):
    futures.add_command(_command)
