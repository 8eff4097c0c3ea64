"""`metrics.csv`: measured results of projects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from daccord.formats._columns import Column, Sheet
from daccord.formats._problems import FileReport, clean_text, shown
from daccord.formats._table import read_csv
from daccord.formats._values import Fault, parse_exact, share_text
from daccord.formats.inputs._table import Context, InputTable
from daccord.portfolio import MetricValue
from daccord.round import Round

__all__ = ["METRICS", "METRICS_TABLE", "read_metrics"]

METRICS: Final = Sheet(
    "metrics.csv",
    "A measured result of a project.",
    (
        Column("project", "Id of a project.", required=True, shape={"type": "string", "minLength": 1}),
        Column("metric", "Name of what was measured.", required=True, shape={"type": "string", "minLength": 1}),
        Column(
            "value",
            "What was measured, not negative, on the metric's own scale; a project without a row has 0. A metric that "
            "marks projects has 1 or 0.",
            required=True,
            shape={"type": "string", "minLength": 1},
        ),
    ),
)


def read_metrics(data: bytes, context: Context, report: FileReport) -> tuple[MetricValue, ...]:
    """Read metrics.csv.

    Args:
        data: Its bytes.
        context: What rows may refer to.
        report: Takes every problem.

    Returns:
        Values, in order.
    """
    table = read_csv(METRICS, data, report)
    if table is None:
        return ()
    found: dict[tuple[str, str], int] = {}
    values: list[MetricValue] = []
    for line, (project, metric, cell) in table.rows():
        context.projects.check(project, line, "project", report)
        if not metric:
            report.add(line, "metric", "no metric is named", "write what was measured")
        elif (fault := clean_text(metric)) is not None:
            report.add(line, "metric", *fault)
        if (first := found.setdefault((project, metric), line)) != line:
            message = f"{shown(project)} has a value of {shown(metric)} already (row {first})"
            report.add(line, "metric", message, "keep one of the two rows")
        try:
            values.append(MetricValue(project, metric, parse_exact(cell)))
        except Fault as fault_found:
            report.add(line, "value", fault_found.message, fault_found.remedy)
    return tuple(values)


def _rows(round_: Round) -> Iterator[tuple[str, ...]]:
    for value in round_.inputs.metrics:
        yield value.project, value.metric, share_text(value.value)


METRICS_TABLE: Final = InputTable(METRICS, "metrics", read_metrics, _rows)
