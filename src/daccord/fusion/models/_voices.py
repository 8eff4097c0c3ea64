"""Voices: what the models say, one standardised vector a family.

A model speaks through its full list (log weights) or through its own comparisons, fitted by the code that fits people.
Each vector is standardised to mean 0 and standard deviation 1 over the projects, so neither the sum nor the spread of
a list matters. Then

1. models that had seen people's answers are left out: they cannot show skill on them;
2. an exact copy of a model that was registered before is dropped: it adds nothing and costs nobody anything;
3. models of one declared family, and families joined by near-copies, become one voice; inside a voice near-copies
   count once, and what is left is averaged with equal weights.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._evidence import ORDER, RATIO, Evidence
from daccord.fusion.hierarchical._pilot import starting_scales
from daccord.fusion.hierarchical._posterior import fit_conditional

__all__ = ["EXACT_COPY", "NEAR_COPY", "Voice", "model_vectors", "voices"]

FloatArray = npt.NDArray[np.float64]

EXACT_COPY: Final = 1 - 1e-9
"""Correlation of standardised vectors from which one is an exact copy of the other."""

NEAR_COPY: Final = 0.98
"""Correlation from which two vectors are near-copies."""

_LIST_SD: Final = 2.0
"""Prior standard deviation, log-odds, when a model's comparisons are turned into a vector."""


@dataclass(frozen=True, eq=False)
class Voice:
    """One family's opinion.

    Attributes:
        name: The family, or joined families with `+`.
        models: Ids of the models that count, sorted.
        vector: Standardised log-values, shape (n_projects,).
    """

    name: str
    models: tuple[str, ...]
    vector: FloatArray


def _standardise(values: FloatArray) -> FloatArray | None:
    """Mean 0 and standard deviation 1; None if all values are the same."""
    spread = float(values.std())
    if spread <= 1e-12 * max(1.0, float(np.abs(values).max())):
        return None
    return np.asarray((values - values.mean()) / spread)


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


def _components(items: Iterable[str], links: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Item → the smallest name it is connected to."""
    root = {item: item for item in items}

    def find(item: str) -> str:
        while root[item] != item:
            item = root[item]
        return item

    for one, other in links:
        low, high = sorted((find(one), find(other)))
        root[high] = low
    return {item: find(item) for item in root}


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


def _vectors(task: FusionTask) -> tuple[dict[str, FloatArray], list[str]]:
    """Standardised vector of each model that may speak, and warnings."""
    raw = model_vectors(task)
    usable: dict[str, FloatArray] = {}
    warnings: list[str] = []
    seen = sorted(model for model in raw if task.panel[model].exposure == "seen")
    if seen:
        warnings.append(f"{', '.join(seen)} had seen people's answers and get no weight")
    registered = {model: place for place, model in enumerate(task.registered or [judge.id for judge in task.panel])}
    for model in sorted(set(raw) - set(seen), key=registered.__getitem__):
        vector = _standardise(raw[model])
        if vector is None:
            warnings.append(f"{model} says the same of every project and gets no weight")
            continue
        copied = next((other for other, known in usable.items() if _alike(vector, known) >= EXACT_COPY), None)
        if copied is not None:
            warnings.append(f"{model} is an exact copy of {copied} and adds nothing")
            continue
        usable[model] = vector
    return usable, warnings


def _alike(one: FloatArray, other: FloatArray) -> float:
    return float(one @ other) / len(one)


def voices(task: FusionTask) -> tuple[tuple[Voice, ...], tuple[str, ...]]:
    """Voices of a criterion's models, sorted by name, and warnings for people."""
    vectors, warnings = _vectors(task)
    family = {model: task.panel[model].family or model for model in vectors}
    models = sorted(vectors)
    close = [
        (one, other)
        for i, one in enumerate(models)
        for other in models[i + 1 :]
        if _alike(vectors[one], vectors[other]) >= NEAR_COPY
    ]
    joined = _components(set(family.values()), [(family[one], family[other]) for one, other in close])
    cluster = _components(models, close)
    found = []
    for root in sorted(set(joined.values())):
        families = sorted(name for name, home in joined.items() if home == root)
        members = [model for model in models if joined[family[model]] == root]
        if len(families) > 1:
            warnings.append(f"families {' and '.join(families)} hold near-copies and count as one voice")
        # Near-copies first become one opinion, so that sending variants of a list cannot buy weight.
        opinions = [
            _standardise(np.mean([vectors[model] for model in members if cluster[model] == head], axis=0))
            for head in sorted({cluster[model] for model in members})
        ]
        heard = [opinion for opinion in opinions if opinion is not None]
        vector = _standardise(np.mean(heard, axis=0)) if heard else None
        if vector is None:
            warnings.append(f"the lists of {' and '.join(families)} cancel each other out and get no weight")
            continue
        found.append(Voice("+".join(families), tuple(members), vector))
    return tuple(found), tuple(warnings)
