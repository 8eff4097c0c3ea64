"""Warnings of the `hierarchical` rule: what people should know before they trust its result."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from daccord.fusion._beliefs import VoiceSkill
from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._evidence import RATIO, Evidence
from daccord.fusion.hierarchical._heldout import HeldOut

__all__ = ["warnings_of"]

IntArray = npt.NDArray[np.int64]

_SURE_COVERAGE: Final = 0.75
_CONTRADICTING: Final = 3.0
"""Noise, natural log, from which a typical answer is off by a factor of twenty."""
_BEYOND_BELIEF: Final = float(np.log(1e9))
_MOST: Final = 700.0
_NAMED: Final = 5


def warnings_of(
    task: FusionTask, evidence: Evidence, skills: tuple[VoiceSkill, ...], held_out: HeldOut, noise: float
) -> list[str]:
    """What people should know about the result.

    Args:
        task: The criterion and the round's rules for models.
        evidence: People's answers.
        skills: What each voice contributes.
        held_out: What holding out taught.
        noise: Noise of ratios and orders, natural log.
    """
    name = task.criterion.id
    found = _of_answers(task, evidence, noise)
    if held_out.grouped_by == "pair":
        found.append(
            f"{name}: too few jurors are told apart to hold out whole jurors; answers were held out by what was "
            "compared, so skill and intervals say nothing about new jurors"
        )
    if held_out.grouped_by == "nothing":
        found.append(f"{name}: too few answers to hold any out, so no model can show skill and none gets weight")
    if held_out.coverage < _SURE_COVERAGE:
        found.append(
            f"{name}: 80 % intervals held only {held_out.coverage:.0%} of held-out answers; all standard deviations "
            f"were widened by {held_out.widening:.2f}"
        )
    if held_out.answers and skills and all(skill.coefficient == 0 for skill in skills):
        found.append(f"{name}: no model foresaw people's answers; the result is purely human")
    found += [
        f"{name}: {skill.voice} explains {skill.share:.0%} of the prior, above the alarm at "
        f"{task.models.family_alarm:.0%}; ask people more, and other families"
        for skill in skills
        if skill.share > task.models.family_alarm
    ]
    if skills and task.models.override is not None:
        found.append(
            f"{name}: the cap on families was lifted by {task.models.override.by}: {task.models.override.reason}"
        )
    return found


def _of_answers(task: FusionTask, evidence: Evidence, noise: float) -> list[str]:
    """What is odd about the answers themselves."""
    name, found = task.criterion.id, []
    parts = _parts(evidence)
    if len(parts) > 1:
        small = [task.projects[i] for i in np.concatenate(parts[1:])]
        some = ", ".join(small[:_NAMED]) + (f" and {len(small) - _NAMED} more" if len(small) > _NAMED else "")
        found.append(
            f"{name}: no answer links {some} to the other projects, so how they compare is the prior's guess; ask "
            "for comparisons between the parts"
        )
    if evidence.has(RATIO) and noise > _CONTRADICTING:
        found.append(
            f"{name}: people's ratios are off by a factor of about {np.exp(min(noise, _MOST)):.0e}: they contradict "
            "each other, or nobody could mean them; values are next to unknown, look for mistyped ratios"
        )
    wild = int((np.abs(evidence.y[evidence.kind == RATIO]) > _BEYOND_BELIEF).sum())
    if wild:
        found.append(f"{name}: ratios beyond a billion to one: {wild}; they hardly pull, but look at them")
    return found


def _parts(evidence: Evidence) -> list[IntArray]:
    """Projects that answers link, the largest part first; ratings link all rated projects, for they share a scale."""
    ranked, rated = evidence.ranked, evidence.layout.rated
    compared = np.flatnonzero(evidence.b >= 0)
    head = ranked.project[ranked.start[ranked.owner]]
    hub = np.full(len(rated), evidence.size)
    one = np.concatenate([evidence.a[compared], ranked.project, evidence.a[rated]])
    other = np.concatenate([evidence.b[compared], head, hub])
    links = sparse.coo_array((np.ones(len(one)), (one, other)), shape=(evidence.size + 1,) * 2)
    _, label = connected_components(links, directed=False)
    touched = np.flatnonzero(evidence.touched)
    labels, at, size = np.unique(label[touched], return_inverse=True, return_counts=True)
    order = np.argsort(-size, kind="stable")
    return [touched[at == part] for part in np.arange(len(labels))[order]]
