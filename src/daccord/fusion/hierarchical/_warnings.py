"""Warnings of the `hierarchical` rule: what people should know before they trust its result."""

from __future__ import annotations

from typing import Final

import numpy as np

from daccord.fusion._beliefs import VoiceSkill
from daccord.fusion._links import parted
from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._evidence import RATIO, Evidence
from daccord.fusion.hierarchical._heldout import HeldOut

__all__ = ["warnings_of"]

_SURE_COVERAGE: Final = 0.75
_CONTRADICTING: Final = 3.0
"""Noise, natural log, from which a typical answer is off by a factor of twenty."""
_BEYOND_BELIEF: Final = float(np.log(1e9))
_MOST: Final = 700.0


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
    apart = parted(task, "the prior's guess")
    if apart:
        found.append(f"{name}: {apart}")
    if evidence.has(RATIO) and noise > _CONTRADICTING:
        found.append(
            f"{name}: people's ratios are off by a factor of about {np.exp(min(noise, _MOST)):.0e}: they contradict "
            "each other, or nobody could mean them; values are next to unknown, look for mistyped ratios"
        )
    wild = int((np.abs(evidence.y[evidence.kind == RATIO]) > _BEYOND_BELIEF).sum())
    if wild:
        found.append(f"{name}: ratios beyond a billion to one: {wild}; they hardly pull, but look at them")
    return found
