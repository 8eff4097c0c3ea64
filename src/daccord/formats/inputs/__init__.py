"""Tables that go to money rules as they stand: one module a table, all listed in `TABLES`."""

from typing import Final

from daccord.formats.inputs._ballots import BALLOTS_TABLE, MAX_DIGITS, points_text
from daccord.formats.inputs._contributions import CONTRIBUTIONS_TABLE
from daccord.formats.inputs._dependencies import DEPENDENCIES_TABLE
from daccord.formats.inputs._donors import DONORS_TABLE
from daccord.formats.inputs._entries import ENTRIES_TABLE
from daccord.formats.inputs._funders import FUNDERS_TABLE
from daccord.formats.inputs._metric_weights import METRIC_WEIGHTS_TABLE
from daccord.formats.inputs._metrics import METRICS_TABLE
from daccord.formats.inputs._outcomes import OUTCOMES_TABLE
from daccord.formats.inputs._table import Context, InputTable
from daccord.formats.inputs._values import VALUES_TABLE

__all__ = ["MAX_DIGITS", "TABLES", "Context", "InputTable", "points_text"]

TABLES: Final[tuple[InputTable, ...]] = (
    CONTRIBUTIONS_TABLE,
    DONORS_TABLE,
    BALLOTS_TABLE,
    VALUES_TABLE,
    FUNDERS_TABLE,
    DEPENDENCIES_TABLE,
    METRICS_TABLE,
    METRIC_WEIGHTS_TABLE,
    OUTCOMES_TABLE,
    ENTRIES_TABLE,
)
"""All of them, in the order in which they are read."""
