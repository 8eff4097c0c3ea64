"""Reward shares: what each model's submitter earned, so that sending a list twice earns nothing more.

Submitters can call themselves by any number of names, so no share depends on who sent what, nor on declared families.

1. An exact copy of a list that was registered before earns nothing.
2. Lists from one source are one *cluster* (`_copies`, `_crowds`), which has one voice: the mean of its lists.
3. A cluster takes part if its voice agrees with people beyond chance: probability below `CHANCE`, divided by the
   number of clusters. A flood of random lists earns nothing.
4. Clusters that take part divide the reward by their Banzhaf values (`_banzhaf`) of the held-out log density
   (`_skill`): what a voice adds to a random half of the others. Whoever adds nothing earns nothing.
5. Inside a cluster lists are paid in the order of their registration, each for what it adds to those before it: the
   increments of the best value so far of the mean of the first 1, 2, … lists.

**What copying can gain.** A cluster earns exactly what one list equal to its mean would earn, because rules 3 and 4 see
nothing but that mean: copies that are found out gain 0 over the best single list that could be made of them.

Copies that are *not* found out are several players. Two of them together get exactly what both would get as one, so
they gain only by what others lose to a rival who is present three times out of four instead of every second time. More
than two get less: marginal contributions to a random half of thirty copies are next to nothing. With the value known, H
honest lists of equal quality, and copies that are the list plus independent normal errors of any size, the largest gain
over one to forty copies is that of two exact ones: 0.012 of all shares for H = 6 and answers with a noise of 0.5, less
for more honest lists (docs/methods/models.md; `tests/unit/test_rewards.py` recomputes it). What is measured beyond that
is noise in the value, against which rules 2 and 3 stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion._task import FusionTask
from daccord.fusion.models._answers import Answers, gather_answers, seen_by
from daccord.fusion.models._banzhaf import banzhaf
from daccord.fusion.models._crowds import reward_groups
from daccord.fusion.models._factor import group_voices
from daccord.fusion.models._skill import agreement, coalition_values, deal, fold_sums, single_values, told_by
from daccord.fusion.models._vectors import usable_vectors

__all__ = ["CHANCE", "RewardCluster", "RewardShares", "reward_shares"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

CHANCE: Final = 0.05
"""Chance that a round's lists without skill get any reward."""

_SMALL: Final = 1e-12


@dataclass(frozen=True)
class RewardCluster:
    """Lists that are rewarded as one.

    Attributes:
        models: Ids, in the order of their registration.
        share: Share of the reward, in [0, 1].
        value: Banzhaf value: held-out log density, natural log, that the voice adds over all answers; 0 without taking
            part.
        agreement: Correlation of the voice with people's votes over the projects they judged, on unseen answers.
        chance: Probability of so much agreement for a list without skill.
        takes_part: Whether that is below the bar.
    """

    models: tuple[str, ...]
    share: float
    value: float
    agreement: float
    chance: float
    takes_part: bool


@dataclass(frozen=True)
class RewardShares:
    """Shares of the reward for models.

    Attributes:
        share: Model → share, in [0, 1], for every model that gave a list or comparisons; all sum to 1, or to 0 if no
            cluster takes part and adds anything.
        clusters: Largest share first.
        reasons: Model → why it earns nothing, for models that are in no cluster.
        bar: Probability by chance below which a cluster takes part.
    """

    share: dict[str, float]
    clusters: tuple[RewardCluster, ...]
    reasons: dict[str, str]
    bar: float


def _silent_seen(groups: tuple[tuple[int, ...], ...], seen: BoolArray) -> BoolArray:
    """Answers that any list of each group has seen, shape (n_groups, n_answers)."""
    return np.array([seen[list(group)].any(axis=0) for group in groups])


def _cluster_values(answers: Answers, voices: FloatArray, seen: BoolArray) -> FloatArray:
    """Banzhaf values of voices on held-out answers; zeros where nothing can be held out."""
    fold = deal(answers)
    if not voices.shape[1] or len(np.unique(fold)) < 2:
        return np.zeros(voices.shape[1])
    sums = fold_sums(answers, told_by(answers, voices, seen), fold)
    return banzhaf(partial(coalition_values, sums), voices.shape[1])


def _split(answers: Answers, lists: FloatArray, group: tuple[int, ...], seen: BoolArray) -> FloatArray:
    """How a cluster's share is split among its lists in their order, shape (n_lists in the group,)."""
    count = len(group)
    if count == 1:
        return np.ones(1)
    first = tuple(group[: k + 1] for k in range(count))
    voices, silent = group_voices(lists, first), _silent_seen(first, seen)
    worth = single_values(fold_sums(answers, told_by(answers, voices, silent), deal(answers)))
    added = np.diff(np.maximum.accumulate(np.concatenate([[0.0], worth])))
    total = float(added.sum())
    return added / total if total > _SMALL else np.eye(count)[0]


def reward_shares(task: FusionTask) -> RewardShares:
    """Divide the reward for models by what each adds to foreseeing held-out people; see the module's docstring.

    Args:
        task: Judgments of one criterion.
    """
    vectors, reasons = usable_vectors(task)
    models = tuple(vectors)
    share = dict.fromkeys((*models, *reasons), 0.0)
    answers = gather_answers(task).thinned()
    if not models:
        return RewardShares(share, (), reasons, CHANCE)
    lists = np.stack([vectors[model] for model in models], axis=1)
    seen = seen_by(task, models, answers)
    groups = reward_groups(lists, answers.take(np.asarray(~seen.any(axis=0))))
    voices, silent = group_voices(lists, groups), _silent_seen(groups, seen)
    bar = CHANCE / len(groups)
    told = [agreement(answers.take(~mask), voice) for voice, mask in zip(voices.T, silent, strict=True)]
    in_play = [k for k, (_, chance) in enumerate(told) if chance < bar]
    value = np.zeros(len(groups))
    value[in_play] = _cluster_values(answers, voices[:, in_play], silent[in_play])
    paid = np.maximum(value, 0.0)
    paid = paid / paid.sum() if paid.sum() > _SMALL else np.zeros(len(groups))
    for k, group in enumerate(groups):
        if paid[k] > 0:
            for place, part in zip(group, _split(answers, lists, group, seen), strict=True):
                share[models[place]] = float(paid[k] * part)
    clusters = [
        RewardCluster(tuple(models[i] for i in group), float(paid[k]), float(value[k]), *told[k], k in in_play)
        for k, group in enumerate(groups)
    ]
    return RewardShares(share, tuple(sorted(clusters, key=lambda c: (-c.share, c.chance, c.models))), reasons, bar)
