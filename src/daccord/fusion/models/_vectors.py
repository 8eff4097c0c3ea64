"""What each model says, as one standardised vector, and which models may speak.

A model speaks through its full list (log weights) or through its own comparisons, fitted by the code that fits people.
Each vector is standardised to mean 0 and standard deviation 1 over the projects, so neither the sum nor the spread of
a list matters. Some models cannot be heard, each for a stated reason:

* it had seen people's answers, all of them, and can show no skill on any;
* it had seen some of them, and agrees with the others no more than chance would (`_skill.agreement`, above `CHANCE`);
* it says the same of every project;
* it is an exact copy of a model that was registered before: it adds nothing and costs nobody anything.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._evidence import ORDER, RATIO, Evidence
from daccord.fusion.hierarchical._pilot import starting_scales
from daccord.fusion.hierarchical._posterior import fit_conditional
from daccord.fusion.models._answers import gather_answers, seen_by
from daccord.fusion.models._factor import standardise
from daccord.fusion.models._skill import agreement

__all__ = ["CHANCE", "EXACT_COPY", "model_vectors", "usable_vectors"]

FloatArray = npt.NDArray[np.float64]

EXACT_COPY: Final = 1 - 1e-9
"""Correlation of standardised vectors from which one is an exact copy of the other."""

CHANCE: Final = 0.05
"""Probability by chance from which a model's agreement with answers it could not have seen shows no skill."""

_LIST_SD: Final = 2.0
"""Prior standard deviation, log-odds, when a model's comparisons are turned into a vector."""


def _fitted(task: FusionTask, judge: int) -> FloatArray:
    """A model's comparisons as a vector of log-values."""
    table = task.model_comparisons
    own = table.take(table.judge == judge)
    ratio = own.has_ratio
    none = np.zeros(len(own), dtype=np.int64)
    evidence = Evidence(
        size=len(task.projects),
        jurors=1,
        kind=np.where(ratio, RATIO, ORDER).astype(np.int64),
        juror=none,
        judge=none,
        a=own.a,
        b=own.b,
        y=np.where(ratio, own.log_ratio, own.outcome),
        stated=np.zeros(len(own)),
    )
    return fit_conditional(evidence, np.zeros(len(task.projects)), _LIST_SD, starting_scales(evidence)).theta


def model_vectors(task: FusionTask) -> dict[str, FloatArray]:
    """Log-values of each model: of its list, or if it has none of its comparisons; natural log up to a constant."""
    raw: dict[str, FloatArray] = {}
    for entry in task.judgments.lists:
        raw[entry.model] = np.log(np.array([entry.weights[project] for project in task.projects]))
    for judge in np.unique(task.model_comparisons.judge):
        model = task.panel.judges[judge].id
        if model not in raw:
            raw[model] = _fitted(task, int(judge))
    return raw


def _without_skill(task: FusionTask, vectors: dict[str, FloatArray]) -> dict[str, str]:
    """Models that had seen some of people's answers and show no skill on the others → why they are not heard."""
    if task.comparisons.revealed is None and task.ratings.revealed is None:
        return {}
    answers = gather_answers(task)
    found = {}
    for model, seen in zip(vectors, seen_by(task, tuple(vectors), answers), strict=True):
        if not seen.any():
            continue
        if seen.all():
            found[model] = f"{model} was fixed after all answers were revealed, shows no skill and gets no weight"
        elif agreement(answers.take(~seen), vectors[model])[1] > CHANCE:
            why = f"shows no skill on the {int((~seen).sum())} it could not have seen"
            found[model] = f"{model} had seen {int(seen.sum())} of {len(seen)} answers, {why}, and gets no weight"
    return found


def usable_vectors(task: FusionTask) -> tuple[dict[str, FloatArray], dict[str, str]]:
    """Models that may speak, and why others may not.

    Returns:
        Model → standardised vector, shape (n_projects,), in the order of registration; and model → reason in words.
    """
    raw = model_vectors(task)
    registered = {model: place for place, model in enumerate(task.registered or [judge.id for judge in task.panel])}
    models = sorted(raw, key=registered.__getitem__)
    vectors = {model: v for model in models if (v := standardise(raw[model])) is not None}
    late = _without_skill(task, vectors)
    usable: dict[str, FloatArray] = {}
    reasons: dict[str, str] = {}
    for model in models:
        if task.panel[model].exposure == "seen":
            reasons[model] = f"{model} had seen people's answers and gets no weight"
            continue
        if model not in vectors:
            reasons[model] = f"{model} says the same of every project and gets no weight"
            continue
        if model in late:
            reasons[model] = late[model]
            continue
        vector = vectors[model]
        copied = next((name for name, known in usable.items() if float(vector @ known) / len(vector) >= EXACT_COPY), "")
        if copied:
            reasons[model] = f"{model} is an exact copy of {copied} and adds nothing"
            continue
        usable[model] = vector
    return usable, reasons
