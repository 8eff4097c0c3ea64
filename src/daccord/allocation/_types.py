"""What allocation returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from daccord.round import Safeguard

__all__ = ["LABELS", "Allocation", "Award", "Label", "Reason", "Verdict"]

Label = Literal["accelerate", "with_safeguards", "hold", "unclear", "unrated"]

LABELS: Final[Mapping[Label, str]] = {
    "accelerate": "accelerate",
    "with_safeguards": "with safeguards",
    "hold": "hold",
    "unclear": "unclear",
    "unrated": "unrated",
}


@dataclass(frozen=True)
class Reason:
    """Why a verdict is what it is.

    Attributes:
        code: Stable name, e.g. `harm_above_limit`, `benefit_below_bar`, `hard_constraint`, `thin_evidence`,
            `gate_closed`, `community_sure`.
        text: For people.
    """

    code: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """What is decided about one project.

    Attributes:
        project: Id.
        label: The verdict.
        probability: Probability in millionths that the verdict is right; None for *unrated*.
        probability_of: What that is the probability of, in words.
        reasons: At least one.
        safeguards: Conditions; at least one for *with safeguards*.
        waits_for: Ids of projects that must be deployed first (closed gates).
        reopens_after_days: For *hold*: days until it expires and the project reopens.
        cost_of_delay: For *hold*: what waiting costs, in words and numbers from the scores.
    """

    project: str
    label: Label
    probability: int | None
    probability_of: str
    reasons: tuple[Reason, ...]
    safeguards: tuple[Safeguard, ...] = ()
    waits_for: tuple[str, ...] = ()
    reopens_after_days: int | None = None
    cost_of_delay: str = ""


@dataclass(frozen=True)
class Award:
    """Money for one project, minor units.

    Attributes:
        project: Id.
        amount: What it gets.
        weight: Integer weight the money rule gave it (0 if it is not funded), on the rule's own scale.
        limited_by: What kept it from getting more: `ask`, `team_cap`, `verdict`, `minimum`, `harm_budget`, or "".
    """

    project: str
    amount: int
    weight: int
    limited_by: str = ""


@dataclass(frozen=True)
class Allocation:
    """Verdicts and money. `sum(amount) + unallocated` is the pot, exactly.

    Attributes:
        verdicts: One a project, in the portfolio's order.
        awards: One a project, in the portfolio's order.
        unallocated: Minor units that no project can take (all asks met, or nothing eligible).
        certificate: Numbers by which anyone can check that the money solves the rule (multipliers, worst exchange).
        warnings: For people.
    """

    verdicts: tuple[Verdict, ...]
    awards: tuple[Award, ...]
    unallocated: int
    certificate: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @cached_property
    def verdict_of(self) -> Mapping[str, Verdict]:
        """Project id → verdict."""
        return {verdict.project: verdict for verdict in self.verdicts}

    @cached_property
    def award_of(self) -> Mapping[str, Award]:
        """Project id → award."""
        return {award.project: award for award in self.awards}
