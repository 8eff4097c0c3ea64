"""The swapped-holder test: what a technology does does not depend on who asks for the money.

Judges may be asked twice about harm and about defence: as the technology will be held, and as if an adversary held it.
The worse answer counts, for verdict and money alike: the larger probability of harm, the smaller one of defence. So a
holder's good name can lower a score, by being doubted, and never raise it above what an adversary would get.

Source: V. Buterin, "My techno-optimism" (2023), on military technology; "d/acc: one year later" (2025): build what
keeps us safe without assuming that the good are in charge.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from daccord.fusion import CriterionScore, ProjectScore

__all__ = ["SWAPPED", "worse_holder"]

SWAPPED: Final = {"harm": "harm_if_adversary", "defence": "defence_if_adversary"}
"""Criterion → the same with an adversary as holder."""


def worse_holder(score: ProjectScore) -> ProjectScore:
    """The score with harm and defence as held by whoever is worse; as it is where no variant was judged."""
    if score.criteria.keys().isdisjoint(SWAPPED.values()):
        return score
    criteria = dict(score.criteria)
    for name, swapped in SWAPPED.items():
        found = [criteria[key] for key in (name, swapped) if key in criteria]
        if len(found) == 2 or swapped in criteria:
            criteria[name] = max(found, key=_harm) if name == "harm" else min(found, key=_defence)
    return score if criteria == score.criteria else replace(score, criteria=criteria)


def _harm(score: CriterionScore) -> tuple[int, int]:
    """Worse is larger: by the probability that is published, then by the largest it may stand for."""
    return (-1, -1) if score.above is None else (score.at_most or 0, score.above)


def _defence(score: CriterionScore) -> int:
    """Worse is smaller; what cannot be placed counts as no defence, as in the money rules."""
    return -1 if score.above is None else score.above
