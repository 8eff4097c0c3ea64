"""Tables `lists/<model id>` → `ModelList`: full answer lists, one file a model.

A list is complete, or the round says what to do (`[lists] floor` or `partial`); it sums to 1, or it is normalised and
a notice says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote

from daccord.formats._answers import Lookup
from daccord.formats._columns import LISTS
from daccord.formats._problems import FileReport, shown
from daccord.formats._tables import ending, open_table
from daccord.formats._values import Fault, parse_number
from daccord.judging import ModelList, Panel

__all__ = ["FOLDER", "list_file", "model_of", "read_list"]

FOLDER: Final = "lists"
"""Where lists stand in a round folder."""

SUM_TOLERANCE: Final = 1e-6
"""Weights whose sum is this near to 1 are taken as they are."""


def list_file(model: str) -> str:
    """Name of a model's list, relative to the round folder.

    Letters, digits, `-`, `_`, `.` and `~` stand for themselves; other characters are percent-encoded, as in an
    address on the web, so that `maker/model` is one file.
    """
    name = quote(model, safe="")
    return f"{FOLDER}/{'%2E' + name[1:] if name.startswith('.') else name}.csv"


def model_of(file: str) -> str:
    """The model whose list this is; percent-encoded characters are decoded."""
    return unquote(file.removeprefix(f"{FOLDER}/").removesuffix(ending(file)), errors="replace")


def read_list(
    file: str,
    data: bytes,
    panel: Panel,
    lookup: Lookup,
    report: FileReport,
    *,
    floor: float | None,
    partial: bool,
) -> dict[str, ModelList]:
    """Read one list.

    Args:
        file: Its name in the folder, which names the model.
        data: Its bytes.
        panel: Of the round.
        lookup: What the list may refer to.
        report: Takes every problem.
        floor: Weight for zero and missing entries, as a fraction of the mean weight; None if they are errors.
        partial: True if projects may be left out.

    Returns:
        Criterion → the list.
    """
    model = model_of(file)
    judge = lookup.judges.check(model, None, "file name", report)
    if judge is not None and panel.judges[judge].is_person:
        message = f"{shown(model)} is a person, and lists are of models"
        report.add(None, "file name", message, "put people's answers into comparisons.csv or ratings.csv")
    table = open_table(LISTS, data, report)
    if table is None:
        return {}
    stated: dict[str, dict[str, float]] = {}
    rows: dict[tuple[str, str], int] = {}
    sound = True
    for line, (project, text, named) in table.rows():
        criterion = named or "benefit"
        known = lookup.projects.check(project, line, "project", report) is not None
        if criterion not in lookup.asked:
            lookup.asked.check(criterion, line, "criterion", report)
        earlier = rows.setdefault((criterion, project), line)
        if earlier != line:
            message = f"{shown(project)} has a weight already, in row {earlier}"
            report.add(line, "project", message, "remove one of the two")
        weight = _weight(line, text, report, floored=floor is not None)
        if weight is None:
            sound = False
        elif known and criterion in lookup.asked:
            stated.setdefault(criterion, {})[project] = weight
    if not rows and table.complete:
        report.add(None, None, "the list has no row", "add a row for each project, or remove the file")
    if not sound or not table.complete or not lookup.projects.complete:
        return {}
    lists = {}
    for criterion, weights in stated.items():
        done = _completed(criterion, weights, lookup, report, floor=floor, partial=partial)
        if done:
            lists[criterion] = ModelList(model, _normalised(criterion, done, report))
    return lists


def _weight(line: int, text: str, report: FileReport, *, floored: bool) -> float | None:
    """A weight; 0 where the floor counts; None, after reporting why, if it is not sound."""
    if not text and floored:
        return 0.0
    try:
        weight = parse_number(text)
    except Fault as fault:
        report.add(line, "weight", fault.message, fault.remedy)
        return None
    if weight < 0:
        report.add(line, "weight", f"the weight {text} is below zero", "write a weight above zero")
        return None
    if weight == 0 and not floored:
        remedy = "write a weight above zero, or state [lists] floor in round.toml"
        report.add(line, "weight", "the weight is zero: only ratios matter, and none can be formed with it", remedy)
        return None
    return weight


def _completed(
    criterion: str,
    stated: Mapping[str, float],
    lookup: Lookup,
    report: FileReport,
    *,
    floor: float | None,
    partial: bool,
) -> dict[str, float]:
    """The list in the portfolio's order, with the floor where it counts; empty if it cannot be completed."""
    missing = [project for project in lookup.projects.index if project not in stated]
    if missing and floor is None and not partial:
        some = ", ".join(shown(project) for project in missing[:10]) + (", …" if len(missing) > 10 else "")
        message = f"{len(missing)} of {len(lookup.projects.index)} projects have no weight on {criterion}: {some}"
        remedy = "add them, or say in round.toml what to do: [lists] floor = 0.0001, or partial = true"
        report.add(None, "project", message, remedy)
        return {}
    positive = [weight for weight in stated.values() if weight > 0]
    if not positive:
        report.add(None, "weight", f"no weight on {criterion} is above zero", "remove the list, or give weights")
        return {}
    floored = [project for project, weight in stated.items() if weight == 0] + ([] if partial else missing)
    if not floored or floor is None:
        return {project: stated[project] for project in lookup.projects.index if project in stated}
    least = floor * math.fsum(weight / len(positive) for weight in positive)
    if least == 0:
        report.add(None, "weight", "the weights are too small for the floor", "multiply all of them by a large number")
        return {}
    some = ", ".join(floored[:10]) + (", …" if len(floored) > 10 else "")
    report.notice(
        f"{len(floored)} zero or missing weights on {criterion} were set to the stated floor, {floor:g} times the "
        f"mean weight ({some})"
    )
    full = {**dict.fromkeys(floored, least), **{project: weight for project, weight in stated.items() if weight > 0}}
    return {project: full[project] for project in lookup.projects.index if project in full}


def _normalised(criterion: str, weights: Mapping[str, float], report: FileReport) -> dict[str, float]:
    """The same ratios with the sum 1; untouched, and without a notice, where the sum is 1 already."""
    top = max(weights.values())
    scaled_total = math.fsum(weight / top for weight in weights.values())  # the plain sum might overflow
    if abs(scaled_total * top - 1) <= SUM_TOLERANCE:
        return dict(weights)
    done = {project: weight / top / scaled_total for project, weight in weights.items()}
    if min(done.values()) == 0:
        remedy = "leave out what is so small, or state a [lists] floor"
        report.add(None, "weight", "the weights differ by more than any number can tell", remedy)
        return {}
    report.notice(f"the weights on {criterion} summed to {scaled_total * top:.6g} and were divided by that sum")
    return done
