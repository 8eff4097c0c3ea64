"""Voices: what the models say, one standardised vector a family.

1. Models that cannot be heard are left out, each for a stated reason (`_vectors`): they had seen all of people's
   answers, say nothing, or are exact copies of a model that was registered before.
2. Models are clustered (`_copies`): near-copies, and lists that are alike beyond what all share and beyond chance. Of
   near-copies only the one registered first speaks, so that no copy can dilute what it copies. A cluster has one
   opinion, the mean of those who speak for it.
3. A cluster belongs to the family of the model in it that was registered first. A family is one voice: the mean of its
   clusters' opinions. So a family whose list was copied keeps its voice, the copier's family loses that list and keeps
   its others, and no family speaks twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daccord.fusion._task import FusionTask
from daccord.fusion.models._answers import Answers, seen_by
from daccord.fusion.models._copies import NEAR_COPY, alike_groups, near_copies
from daccord.fusion.models._factor import standardise
from daccord.fusion.models._vectors import EXACT_COPY, model_vectors, usable_vectors

__all__ = ["EXACT_COPY", "NEAR_COPY", "Voice", "clusters", "model_vectors", "seen_by_voices", "voices"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Voice:
    """One family's opinion.

    Attributes:
        name: The family; behind a `+`, families whose lists are alike to one of its own and count with it.
        models: Ids of the models that count, sorted.
        vector: Standardised log-values, shape (n_projects,).
    """

    name: str
    models: tuple[str, ...]
    vector: FloatArray


def clusters(task: FusionTask) -> tuple[tuple[str, ...], ...]:
    """Models whose lists count as one opinion, each cluster and the models in it in the order of registration."""
    vectors, _ = usable_vectors(task)
    return _clusters(vectors)


def _clusters(vectors: dict[str, FloatArray]) -> tuple[tuple[str, ...], ...]:
    if not vectors:
        return ()
    models = tuple(vectors)
    groups = alike_groups(np.stack(list(vectors.values()), axis=1))
    return tuple(tuple(models[i] for i in group) for group in groups)


def _opinion(vectors: dict[str, FloatArray], cluster: tuple[str, ...]) -> FloatArray | None:
    """Mean of a cluster's lists, near-copies left out; None if they cancel."""
    lists = np.stack([vectors[model] for model in cluster], axis=1)
    originals = [group[0] for group in near_copies(lists)]
    return standardise(lists[:, originals].mean(axis=1))


def _notes(reasons: dict[str, str], task: FusionTask) -> list[str]:
    """Why models are not heard, those that had seen the answers in one sentence."""
    seen = sorted(model for model in reasons if task.panel[model].exposure == "seen")
    found = [f"{', '.join(seen)} had seen people's answers and get no weight"] if seen else []
    return found + [text for model, text in reasons.items() if model not in seen]


def voices(task: FusionTask) -> tuple[tuple[Voice, ...], tuple[str, ...]]:
    """Voices of a criterion's models, sorted by name, and warnings for people."""
    vectors, reasons = usable_vectors(task)
    warnings = _notes(reasons, task)
    opinions: dict[str, list[FloatArray]] = {}
    members: dict[str, list[str]] = {}
    joined: dict[str, set[str]] = {}
    for cluster in _clusters(vectors):
        families = [task.panel[model].family or model for model in cluster]
        owner = families[0]
        others = sorted(set(families) - {owner})
        if others:
            warnings.append(f"{' and '.join(cluster)} are alike and count as one opinion, in the voice of {owner}")
        opinion = _opinion(vectors, cluster)
        members.setdefault(owner, []).extend(cluster)
        joined.setdefault(owner, set()).update(others)
        opinions.setdefault(owner, []).extend([] if opinion is None else [opinion])
    found = []
    for owner, own in opinions.items():
        vector = standardise(np.mean(own, axis=0)) if own else None
        if vector is None:
            warnings.append(f"the lists of {owner} cancel each other out and get no weight")
            continue
        found.append(Voice("+".join([owner, *sorted(joined[owner])]), tuple(sorted(members[owner])), vector))
    return tuple(sorted(found, key=lambda voice: voice.name)), tuple(warnings)


def seen_by_voices(task: FusionTask, heard: tuple[Voice, ...], answers: Answers | None = None) -> BoolArray:
    """Which answers of people each voice could have seen: those that any of its models could have seen.

    A voice must be silent on them wherever its skill is learned or measured.

    Args:
        task: Judgments of one criterion.
        heard: What `voices(task)` returns.
        answers: What `gather_answers(task)` returns, if it is at hand.

    Returns:
        Shape (n_voices, n_answers); the first columns are the task's comparisons, then its ratings, in their order.
    """
    rows = [seen_by(task, voice.models, answers).any(axis=0) for voice in heard]
    size = 0 if answers is None else len(answers)
    return np.array(rows, dtype=np.bool_) if rows else np.zeros((0, size), dtype=np.bool_)
