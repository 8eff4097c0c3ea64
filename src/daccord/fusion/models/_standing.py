"""Where the models of a round stand: weight, skill, seen answers, leaks, copies, rewards, and the balance of power."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError
from daccord.fusion._beliefs import VoiceSkill
from daccord.fusion._fuse import asked_criterion, fuse_criterion, silent, task_of
from daccord.fusion._task import FusionTask
from daccord.fusion.checks import HeldOutReport, score_methods
from daccord.fusion.models._answers import Answers, gather_answers, seen_by
from daccord.fusion.models._copies import alike_groups
from daccord.fusion.models._factor import effective_number, list_loadings, residual_correlation, standardise
from daccord.fusion.models._leaks import LeakReport, leak_tests
from daccord.fusion.models._rewards import RewardShares, reward_shares
from daccord.fusion.models._skill import Alone, alone
from daccord.fusion.models._vectors import model_vectors, usable_vectors
from daccord.round import Round

__all__ = ["ModelReport", "ModelStanding", "VoiceStanding", "independent_models", "model_report"]

FloatArray = npt.NDArray[np.float64]

_RULE: Final = "hierarchical"
_NEAR_CAP: Final = 0.005
_INTERVALS: Final = "80 % intervals"
"""How the rule's warning about intervals begins; it is not about models."""


@dataclass(frozen=True)
class ModelStanding:
    """One model.

    Attributes:
        model: Id.
        family: As declared; empty if none is.
        voice: Name of the voice it counts in; empty if it is not heard.
        cluster: Models that count as one opinion with it, itself included, in the order of registration.
        alone: What its list is worth alone on answers it could not have seen.
        reward: Share of the reward for models, in [0, 1].
        note: Why it is not heard; empty if it is.
    """

    model: str
    family: str
    voice: str
    cluster: tuple[str, ...]
    alone: Alone
    reward: float
    note: str


@dataclass(frozen=True)
class VoiceStanding:
    """One voice.

    Attributes:
        skill: Coefficient, share of the prior, and what it adds to people's own foresight.
        alarm: Whether its share is above the round's alarm.
        stopped: Whether its share has reached the round's cap, so that it would count for more if it were let.
    """

    skill: VoiceSkill
    alarm: bool
    stopped: bool


@dataclass(frozen=True)
class ModelReport:
    """The models of one criterion.

    Attributes:
        criterion: Criterion id.
        answers: Answers of people that models are weighed on.
        grouped_by: `juror` or `pair`: what was never split between fitting and scoring.
        models: By id.
        voices: Largest coefficient first.
        heard: Number of models that are heard.
        independent: How many independent models would be as diverse as those heard.
        leaks: Both leak tests.
        rewards: Shares of the reward and clusters.
        held_out: Models, people only and an equal split on held-out people; None if that was not asked, or there are
            too few answers.
        warnings: For people.
    """

    criterion: str
    answers: int
    grouped_by: str
    models: tuple[ModelStanding, ...]
    voices: tuple[VoiceStanding, ...]
    heard: int
    independent: float
    leaks: LeakReport
    rewards: RewardShares
    held_out: HeldOutReport | None
    warnings: tuple[str, ...]

    @property
    def leaking(self) -> tuple[str, ...]:
        """Models that a leak test flags although they are heard."""
        return tuple(model.model for model in self.models if model.voice and model.model in self.leaks.flagged)

    @property
    def stopped(self) -> tuple[str, ...]:
        """Voices that the cap holds back."""
        return tuple(voice.skill.voice for voice in self.voices if voice.stopped)


def independent_models(vectors: dict[str, FloatArray]) -> float:
    """How many independent models would be as diverse as these: their residual correlations' participation ratio.

    With fewer than three clusters what is shared cannot be told from what is copied; then it is the number of clusters.
    """
    if not vectors:
        return 0.0
    lists = np.stack(list(vectors.values()), axis=1)
    groups = alike_groups(lists)
    loading = list_loadings(lists, groups)
    if loading is None:
        return float(len(groups))
    return effective_number(residual_correlation(lists, loading), len(lists))


def _standings(
    task: FusionTask, answers: Answers, voice_of: dict[str, str], rewards: RewardShares, reasons: dict[str, str]
) -> tuple[ModelStanding, ...]:
    raw = model_vectors(task)
    models = tuple(sorted(raw))
    cluster_of = {model: cluster.models for cluster in rewards.clusters for model in cluster.models}
    found = []
    for model, seen in zip(models, seen_by(task, models, answers), strict=True):
        vector = standardise(raw[model])
        flat = np.zeros(len(task.projects))
        found.append(
            ModelStanding(
                model=model,
                family=task.panel[model].family,
                voice=voice_of.get(model, ""),
                cluster=cluster_of.get(model, ()),
                alone=alone(answers, flat if vector is None else vector, seen),
                reward=rewards.share.get(model, 0.0),
                note=reasons.get(model, ""),
            )
        )
    return tuple(found)


def model_report(
    round_: Round, criterion: str = "benefit", *, repeats: int = 1, tell: Callable[[str], None] = silent
) -> ModelReport:
    """Where the models of a round stand on one criterion, under the rule `hierarchical`.

    Args:
        round_: The round.
        criterion: Id of one of its criteria.
        repeats: How often people are held out anew to compare models, people only and an equal split; 0 for not at all.
        tell: Called with a few words before each slow step.

    Raises:
        InputError: The round does not ask this criterion.
        NoPeopleError: No person answered on it.
    """
    asked = asked_criterion(round_, criterion)
    task, _, _ = task_of(round_, asked)
    tell("weighing models")
    beliefs = fuse_criterion(round_, asked, _RULE)
    vectors, reasons = usable_vectors(task)
    voice_of = {model: voice.voice for voice in beliefs.voices for model in voice.models}
    tell("looking for leaks")
    leaks = leak_tests(task)
    tell("dividing the reward")
    rewards = reward_shares(task)
    rules = task.models
    cap = None if rules.override is not None else rules.family_cap
    voices = tuple(
        VoiceStanding(v, v.share > rules.family_alarm, cap is not None and v.share > cap - _NEAR_CAP)
        for v in beliefs.voices
    )
    held_out = _held_out(task, round_.seed, repeats, tell) if vectors and repeats else None
    own = [text for text in beliefs.warnings if not text.startswith(f"{criterion}: {_INTERVALS}")]
    answers = gather_answers(task).thinned()
    return ModelReport(
        criterion=criterion,
        answers=len(answers),
        grouped_by=answers.groups[1],
        models=_standings(task, answers, voice_of, rewards, reasons),
        voices=voices,
        heard=len(vectors),
        independent=independent_models(vectors),
        leaks=leaks,
        rewards=rewards,
        held_out=held_out,
        warnings=(*own, *_warnings(voices, leaks, voice_of), *(held_out.warnings if held_out else ())),
    )


def _held_out(task: FusionTask, seed: int, repeats: int, tell: Callable[[str], None]) -> HeldOutReport | None:
    try:
        return score_methods(task, repeats=repeats, seed=seed, rules=(_RULE,), tell=tell)
    except InputError:
        return None


def _warnings(voices: tuple[VoiceStanding, ...], leaks: LeakReport, voice_of: dict[str, str]) -> list[str]:
    found = []
    for test in leaks.tests:
        if test.flagged:
            what = (
                f"foretells the answers it had seen better than the others (by {test.statistic:+.3f} an answer)"
                if test.test == "times"
                else f"is nearer to people's answers than their noise allows ({test.statistic:.2f} of it)"
            )
            heard = "; find out how it was made, or mark it as `seen`" if test.model in voice_of else ""
            found.append(f"{test.model} {what}, p = {test.p:.4f}{heard}")
    held = [voice.skill for voice in voices if voice.stopped]
    return found + [f"the cap holds {skill.voice} at {skill.share:.0%} of the prior" for skill in held]
