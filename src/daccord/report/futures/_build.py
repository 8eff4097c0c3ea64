"""`build_futures_report`: plan, comparison and model card as one self-contained HTML page.

The page asks for nothing from anywhere: styles, charts and scripts are inside it, and its own content policy forbids
requests. It is the same bytes for the same input, and works without JavaScript; with it, the panel of weights moves.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import resources
from types import MappingProxyType
from typing import Final

import daccord
from daccord.errors import InputError
from daccord.formats.worlds import Standing, WorldFile
from daccord.futures.planner import Index, Plan
from daccord.futures.study import Comparison, Switch
from daccord.report._build import environment
from daccord.report._figures import Figure
from daccord.report._words import count
from daccord.report.futures._card import CARD
from daccord.report.futures._comparison import comparison_summary, heat_rows, measure_table, weights_data
from daccord.report.futures._comparison_charts import comparison_figures
from daccord.report.futures._plan import plan_tables
from daccord.report.futures._plan_charts import plan_figures
from daccord.report.futures._plan_summary import plan_summary
from daccord.report.futures._questions import MEASURE, measure_words
from daccord.report.futures._words import titles_of

__all__ = ["build_futures_report"]

_NOTHING: Final[Mapping[str, Plan]] = MappingProxyType({})


def build_futures_report(
    file: WorldFile,
    plan: Plan | None,
    comparison: Comparison | None,
    *,
    standing: Standing | None = None,
    by_values: Mapping[str, Plan] = _NOTHING,
    indices: Sequence[Index] = (),
    seed: int = 0,
) -> str:
    """The page of a world file's plan and comparison.

    Args:
        file: What both follow from.
        plan: Which technologies first; None leaves the part out.
        comparison: Who should decide; None leaves the part out.
        standing: How the file stands to its register; None if nobody looked.
        by_values: Name of a way of valuing lives → the plan under it.
        indices: What the plan hangs on.
        seed: Where the plan's randomness started.

    Returns:
        The page. The same input gives the same bytes.

    Raises:
        InputError: There is neither a plan nor a comparison.
        ExternalError: The libraries of the extra `report` are not installed.
    """
    if plan is None and comparison is None:
        raise InputError.single("report", "there is neither a plan nor a comparison", remedy="make one of them")
    templates = resources.files("daccord.report") / "templates"
    style = "\n".join((templates / name).read_text(encoding="utf-8") for name in ("report.css", "futures.css"))
    script = (templates / "futures.js").read_text(encoding="utf-8")
    data = "" if comparison is None else json.dumps(weights_data(comparison), ensure_ascii=True, allow_nan=False)
    study, world = file.study, file.world
    titles = {item.id: item.title or item.id for item in world.technologies}
    return (
        environment("")
        .get_template("futures.html")
        .render(
            file=file,
            world=world,
            version=daccord.__version__,
            style=style,
            script=script,
            script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            data=data.replace("<", "\\u003c"),
            registered=_standing(standing),
            plan=plan,
            seed=seed,
            choices=_choices(file),
            study=study,
            titles=titles,
            evaluators=[(name, file.evaluator_titles.get(name, "")) for name in world.evaluators],
            plan_summary=() if plan is None else plan_summary(plan, seed),
            plan_figures=() if plan is None else _labelled(plan_figures(plan, seed), file),
            plan_tables=() if plan is None else plan_tables(plan, by_values, indices),
            comparison=comparison,
            comparison_summary=() if comparison is None else comparison_summary(study, comparison),
            classes=[] if comparison is None else _classes(file, comparison),
            heat=() if comparison is None else heat_rows(study, comparison),
            measures=None if comparison is None else measure_table(comparison),
            figures=() if comparison is None else _labelled(comparison_figures(study, comparison), file),
            overall=None if comparison is None else next(item for item in comparison.rankings if not item.group),
            switches=() if comparison is None else _switches(file, comparison),
            class_titles=titles_of(study),
            goals=[_goal(item.measure, item.at_least, item.at_most) for item in study.goals],
            sources=sorted(file.sources.items()),
            card=CARD,
            words=MEASURE,
        )
    )


def _choices(file: WorldFile) -> str:
    """How many technologies money can go to."""
    can = [item for item in file.world.technologies if not item.given]
    fundable = [item for item in can if file.fundable is None or item.id in file.fundable]
    all_of = count(len(can), "technology", "technologies")
    return all_of if len(fundable) == len(can) else f"{count(len(fundable), 'fundable one')} of {all_of}"


def _labelled(figures: Sequence[Figure], file: WorldFile) -> tuple[Figure, ...]:
    """Figures whose captions say that they are of a model, and of a fictional world if they are."""
    label = "A model of a fictional world." if file.fictional else "A model."
    found = []
    for item in figures:
        text = item.text.removeprefix("A model").lstrip(":;. ")
        found.append(replace(item, text=f"{label} {text[0].upper()}{text[1:]}"))
    return tuple(found)


def _standing(standing: Standing | None) -> str:
    if standing is None:
        return ""
    entry = standing.registration
    if entry is None:
        return "not registered: nobody can tell whether the numbers were chosen before results were seen"
    told = f"registered {entry.date} by {entry.by}"
    if standing.changed:
        return f"changed since it was {told}: {', '.join(standing.changed)}"
    return f"{told}, unchanged since; the date is a claim until the digest is published elsewhere"


def _classes(file: WorldFile, comparison: Comparison) -> list[tuple[str, str]]:
    """Title of each class that was played, and what varies in it."""
    found = []
    for group in file.study.classes:
        if group.name in comparison.groups:
            varies = [
                f"{name} {limits.low:g}" if limits.low == limits.high else f"{name} {limits.low:g}–{limits.high:g}"
                for name, limits in group.ranges.items()
            ]
            found.append((titles_of(file.study)[group.name], ", ".join(varies) or "nothing varies"))
    return found


def _switches(file: WorldFile, comparison: Comparison) -> list[tuple[str, Switch]]:
    """Scenarios and where their first place changes, those of all classes together first."""
    titles = titles_of(file.study)
    rankings = sorted(comparison.rankings, key=lambda item: bool(item.group))
    return [(titles.get(item.group, item.group) or "all classes", turn) for item in rankings for turn in item.switches]


def _goal(measure: str, least: float | None, most: float | None) -> str:
    parts = ([] if least is None else [f"at least {least:g}"]) + ([] if most is None else [f"at most {most:g}"])
    return f"{measure_words(measure)} {' and '.join(parts)}"
