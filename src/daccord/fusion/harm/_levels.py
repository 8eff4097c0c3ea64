"""What is published of harm: a level by the round's own thresholds, and nothing finer.

Of each project it is published between which two thresholds the probability lies that its harm is above the limit, and
that enough people were heard; of each community with enough people, whether it is sure of the harm, sure of the
contrary, or neither. Thresholds are those of the verdicts, in millionths, so that verdicts and money follow from what
is published exactly as they would from the probabilities themselves: a verdict asks for nothing finer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Final

from daccord.fusion._scores import MICRO, CriterionScore
from daccord.round import Rules

__all__ = ["LEVELS", "HarmLevels"]

LEVELS: Final = ("too_few", "below_safeguards", "from_safeguards", "from_hold")
"""Names of the levels: too few people were heard; below the threshold for safeguards; between the two; from *hold* on.
"""


@dataclass(frozen=True)
class HarmLevels:
    """Thresholds by which harm is published.

    Attributes:
        safeguards: Smallest probability in millionths that asks for safeguards.
        hold: Smallest that holds a project.
        sure: Smallest at which a community counts as sure; it is sure of the contrary from 1,000,000 − `sure` down.
        answers: Answers that a level rests on at least.
        people: Different people that a level rests on at least.
    """

    safeguards: int
    hold: int
    sure: int
    answers: int
    people: int

    @classmethod
    def of(cls, rules: Rules) -> HarmLevels:
        """The rules' thresholds, exactly as written."""
        verdicts, evidence = rules.verdicts, rules.evidence
        safeguards, hold, sure = (
            ceil(Fraction(repr(chance)) * MICRO)
            for chance in (verdicts.safeguards, verdicts.hold, verdicts.community_sure)
        )
        people = max(evidence.min_jurors, rules.harm.min_group)
        return cls(safeguards, hold, sure, max(evidence.min_judgments, people), people)

    def score(self, above: int | None, communities: Mapping[str, int], answers: int, people: int) -> CriterionScore:
        """What is published of one project's harm.

        Args:
            above: Probability in millionths that it is above the limit; None where the rule cannot tell.
            communities: The same by single communities; only of those with enough people on this project.
            answers: Answers that were heard about it.
            people: Different people who gave them.
        """
        if answers < self.answers or people < self.people:
            unknown = None if above is None else 0
            return CriterionScore(0, 0, unknown, level="too_few", ceiling=None if above is None else MICRO)
        if above is None:
            return CriterionScore(0, 0, None, judgments=self.answers, jurors=self.people)
        floor, ceiling = _between(above, sorted({self.safeguards, self.hold}))
        level = "from_hold" if floor >= self.hold else "below_safeguards" if above < self.safeguards else LEVELS[2]
        said = {name: _between(p, sorted({MICRO - self.sure + 1, self.sure}))[0] for name, p in communities.items()}
        return CriterionScore(0, 0, floor, said, self.answers, self.people, level=level, ceiling=ceiling)


def _between(value: int, cuts: list[int]) -> tuple[int, int]:
    """The largest cut that is not above the value, or 0, and the largest value below the next one."""
    floor = max((cut for cut in cuts if cut <= value), default=0)
    return floor, min((cut - 1 for cut in cuts if cut > value), default=MICRO)
