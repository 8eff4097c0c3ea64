"""What allocation returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from daccord.allocation.accounts import Posting
from daccord.portfolio import Gate
from daccord.round import Safeguard

__all__ = ["LABELS", "Allocation", "Award", "ClosedGate", "Delay", "Label", "Reason", "Verdict"]

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
        code: Stable name; docs/methods/verdicts.md lists them.
        text: For people.
    """

    code: str
    text: str


@dataclass(frozen=True)
class ClosedGate:
    """A gate that is not open yet: who has to be how far, and what is shown first meanwhile.

    Attributes:
        gate: As the project states it.
        partners: Ids of the projects that can open it; empty if the round has none.
        text: For people.
    """

    gate: Gate
    partners: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Delay:
    """What a hold costs.

    Attributes:
        share: Share of the round's benefit, billionths, that each month of waiting puts off: so much of what the whole
            round is believed to yield in a month. None if its benefit was not judged.
        low: Lower end of its 80 % interval.
        high: Upper end.
        forgone: What it would have got by the same rule had it been cleared, minor units; None if not computed.
    """

    share: int | None
    low: int | None
    high: int | None
    forgone: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What is decided about one project.

    A verdict that lacks what its label promises is refused, so that none can be written or read without it.

    Attributes:
        project: Id.
        label: The verdict.
        probability: Probability in millionths that the verdict is right; None for *unrated*, and where no bar or limit
            is known.
        probability_of: What that is the probability of, in words.
        reasons: At least one.
        safeguards: Conditions; at least one for *with safeguards*.
        waits_for: Ids of projects that can open its closed gates.
        reopens_after_days: For *hold*: days until it expires and the project reopens.
        cost_of_delay: For *hold*: what waiting costs, in words and numbers from the scores.
        at_least: True if the probability is a lower bound, as for harm, of which only levels are published.
        gates: Closed gates.
        substitutes: Ids of comparable projects of the round that can take its place and do not wait; shown first.
        delay: For *hold*: the numbers of `cost_of_delay`.

    Raises:
        ValueError: A reason is missing; *with safeguards* names no condition, or one without a field; a *hold* has no
            expiry or no cost of delay.
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
    at_least: bool = False
    gates: tuple[ClosedGate, ...] = ()
    substitutes: tuple[str, ...] = ()
    delay: Delay | None = None

    def __post_init__(self) -> None:
        lacks = []
        if not self.reasons:
            lacks.append("reasons")
        if self.label == "with_safeguards":
            if not self.safeguards:
                lacks.append("conditions")
            for guard in self.safeguards:
                words = ("condition", "accountable", "verified", "clawback", "to", "event")
                lacks += [f"{name} of a condition" for name in words if not getattr(guard, name).strip()]
        if self.label == "hold":
            if not self.reopens_after_days or self.reopens_after_days < 0:
                lacks.append("an expiry")
            if not self.cost_of_delay or self.delay is None:
                lacks.append("a cost of delay")
        if lacks:
            raise ValueError(f"the verdict {self.label} on {self.project!r} lacks {', '.join(lacks)}")

    @property
    def stopped(self) -> bool:
        """Whether no money may flow even in a round that pays all that is not held: held, or harm that is disputed."""
        return self.label == "hold" or any(reason.code == "hold_disputed" for reason in self.reasons)


@dataclass(frozen=True)
class Award:
    """Money for one project, minor units.

    Attributes:
        project: Id.
        amount: What it gets.
        weight: Integer weight the money rule gave it (0 if it is not funded), on the rule's own scale.
        limited_by: What kept it from getting more: `ask`, `evidence`, `team_cap`, `verdict`, `minimum`, `harm_budget`,
            or "".
        entries: The part of the amount that entries in the books added, or, negative, took.
    """

    project: str
    amount: int
    weight: int
    limited_by: str = ""
    entries: int = 0


@dataclass(frozen=True)
class Allocation:
    """Verdicts and money. `sum(amount) + unallocated` is the pot, exactly.

    Attributes:
        verdicts: One a project, in the portfolio's order.
        awards: One a project, in the portfolio's order.
        unallocated: Minor units that no project can take (all asks met, or nothing eligible).
        divided: What the money rule divided: the pot, less what entries took out of it, minor units.
        postings: What became of each entry in the books, in their order.
        certificate: Numbers by which anyone can check that the money solves the rule (multipliers, worst exchange).
        warnings: For people.
    """

    verdicts: tuple[Verdict, ...]
    awards: tuple[Award, ...]
    unallocated: int
    certificate: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    divided: int = 0
    postings: tuple[Posting, ...] = ()

    @cached_property
    def verdict_of(self) -> Mapping[str, Verdict]:
        """Project id → verdict."""
        return {verdict.project: verdict for verdict in self.verdicts}

    @cached_property
    def award_of(self) -> Mapping[str, Award]:
        """Project id → award."""
        return {award.project: award for award in self.awards}
