"""`metric-weights.csv`: how much voters want each metric to count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from daccord.formats._columns import Column, Sheet
from daccord.formats._problems import FileReport, clean_text, shown
from daccord.formats._table import read_csv
from daccord.formats._values import Fault, parse_exact, share_text
from daccord.formats.inputs._table import Context, InputTable
from daccord.judging import MetricWeight
from daccord.round import Round

__all__ = ["METRIC_WEIGHTS", "METRIC_WEIGHTS_TABLE", "read_metric_weights"]

METRIC_WEIGHTS: Final = Sheet(
    "metric-weights.csv",
    "How much a voter wants a metric to count.",
    (
        Column(
            "voter",
            "Who votes: a pseudonym, the same in all rows of one voter.",
            required=True,
            shape={"type": "string", "minLength": 1},
        ),
        Column("metric", "A metric of metrics.csv.", required=True, shape={"type": "string", "minLength": 1}),
        Column(
            "weight",
            "Not negative; a voter's weights are divided by their sum. For the metric that round.toml names as "
            "`multiplier`, above zero: what the voter multiplies marked projects by.",
            required=True,
            shape={"type": "string", "minLength": 1},
        ),
    ),
)


def read_metric_weights(data: bytes, context: Context, report: FileReport) -> tuple[MetricWeight, ...]:  # noqa: ARG001 - the interface of all tables
    """Read metric-weights.csv.

    Args:
        data: Its bytes.
        context: What rows may refer to; voters need not be judges.
        report: Takes every problem.

    Returns:
        Weights, in order.
    """
    table = read_csv(METRIC_WEIGHTS, data, report)
    if table is None:
        return ()
    found: dict[tuple[str, str], int] = {}
    weights: list[MetricWeight] = []
    for line, (voter, metric, cell) in table.rows():
        for column, text, remedy in (
            ("voter", voter, "write who votes; a pseudonym will do"),
            ("metric", metric, "write a metric of metrics.csv"),
        ):
            if not text:
                report.add(line, column, f"no {column} is named", remedy)
            elif (fault := clean_text(text)) is not None:
                report.add(line, column, *fault)
        if (first := found.setdefault((voter, metric), line)) != line:
            message = f"{shown(voter)} weighs {shown(metric)} already (row {first})"
            report.add(line, "metric", message, "keep the row that counts")
        try:
            weights.append(MetricWeight(voter, metric, parse_exact(cell)))
        except Fault as fault_found:
            report.add(line, "weight", fault_found.message, fault_found.remedy)
    return tuple(weights)


def _rows(round_: Round) -> Iterator[tuple[str, ...]]:
    for weight in round_.inputs.metric_weights:
        yield weight.voter, weight.metric, share_text(weight.weight)


METRIC_WEIGHTS_TABLE: Final = InputTable(METRIC_WEIGHTS, "metric_weights", read_metric_weights, _rows)
