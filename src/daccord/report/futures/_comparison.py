"""The comparison on the page: regret, boundaries, power over time, gaps, and the order by the reader's weights."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from daccord.futures.study import MEASURES, Comparison, Study
from daccord.report._figures import Table
from daccord.report._words import count, join
from daccord.report.futures._questions import measure_words
from daccord.report.futures._words import chance, number, share, titles_of

__all__ = ["comparison_summary", "heat_rows", "measure_table", "weights_data"]

_SENTENCES: Final = 4
_PER_CENT: Final = frozenset(
    {"catastrophe", "cvar", "lock-in", "largest share", "agency", "deadlock", "bad launches", "good launches missed",
     "rule blocked", "never half", "pivotal bribes", "balanced agency"}
)  # fmt: skip
"""Measures that are shares."""


def comparison_summary(study: Study, found: Comparison) -> tuple[str, ...]:
    """The comparison in a few sentences."""
    names, titles = found.constitutions, titles_of(study)
    words = []
    words.append(
        f"{count(len(names), 'way')} of deciding met the same {found.worlds:,} modelled worlds in "
        f"{count(found.scenarios, 'scenario')} of {count(len(found.groups), 'class', 'classes')}, with the same errors "
        "and chances."
    )
    words[0] = words[0][0].upper() + words[0][1:]
    if found.missing:
        words[0] += f" {count(found.missing, 'scenario')} of the study were not played: this is part of it.".replace(
            " one scenario of the study were", " One scenario of the study was"
        )
    best = {
        group: min((row for row in found.rows if row.group == group), key=lambda row: row.regret)
        for group in found.groups
    }
    leaders = list(dict.fromkeys(row.constitution for row in best.values()))
    if len(leaders) == 1:
        words.append(f"{leaders[0][0].upper()}{leaders[0][1:]} has the least mean regret in every class.")
    else:
        parts = [
            f"{name} ({'; '.join(titles[group] for group in found.groups if best[group].constitution == name)})"
            for name in leaders
        ]
        words.append(f"The least mean regret has {join(parts)}.")
    least = names[int(np.argmin(found.regret))]
    words.append(
        f"Whoever fears the worst scenario most would take {least}, which loses at most "
        f"{number(float(found.regret.min()))} "
        "years of life against the best."
    )
    told = [item.sentence for item in found.boundaries if item.boxes][:_SENTENCES]
    if told:
        words.append("Where one is better than another: " + "; ".join(told) + ".")
    else:
        words.append(
            "No boundary between two of them was found that holds on scenarios which took no part in finding it."
        )
    overall = next(item for item in found.rankings if not item.group)
    first = names[overall.order[0]]
    turns = [
        f"{measure_words(item.measure, lower=True)} at {chance(item.weight)} of all weight ({item.after})"
        for item in overall.switches[:3]
    ]
    words.append(
        f"By the file's weights {first} comes first"
        + (f"; another would with {join(turns)}." if turns else ", whichever one of these weights is moved alone.")
    )
    return tuple(words)


def heat_rows(study: Study, found: Comparison) -> tuple[dict[str, Any], ...]:
    """Regret by constitution and class, with the colour of each cell."""
    cells = {(row.constitution, row.group): row for row in found.rows}
    top = max((row.regret for row in found.rows), default=0.0) or 1.0
    rows = []
    for c, name in enumerate(found.constitutions):
        own = [cells[name, group] for group in found.groups]
        rows.append(
            {
                "name": name,
                "cells": [
                    {
                        "mean": number(row.regret),
                        "most": number(row.most_regret),
                        "worst": number(row.worst, 1),
                        "first": share(row.first),
                        "satisfied": None if row.satisfied is None else share(row.satisfied),
                        "tint": round(0.75 * min(1.0, row.regret / top), 3),
                    }
                    for row in own
                ],
                "largest": number(float(found.regret[c])),
                "satisfied": share(float(found.satisfied[c])) if study.goals else None,
            }
        )
    return tuple(rows)


def measure_table(found: Comparison) -> Table:
    """Every measure, mean over classes."""
    names = list(found.rows[0].measures)
    rows = []
    for name in names:
        cells = []
        for constitution in found.constitutions:
            mean = float(np.mean([row.measures[name] for row in found.rows if row.constitution == constitution]))
            cells.append(share(mean, 1) if name in _PER_CENT else number(mean))
        rows.append((measure_words(name), MEASURES.get(name, ""), *cells))
    return Table(
        "Every measure, mean over classes (a model)", ("Measure", "Better", *found.constitutions), tuple(rows), (1,)
    )


def weights_data(found: Comparison) -> dict[str, Any]:
    """What the panel of weights needs, for each class and over all."""
    return {
        "constitutions": list(found.constitutions),
        "rankings": [
            {
                "group": item.group,
                "measures": [measure_words(name) for name in item.measures],
                "unit": [[round(float(v), 9) for v in row] for row in item.unit],
                "weights": [round(float(w), 9) for w in item.weights],
            }
            for item in found.rankings
        ],
    }
