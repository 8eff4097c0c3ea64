"""`Round`: the frozen bundle of a round's inputs, and the rules it is decided by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from daccord.judging import Contribution, Judgments, Panel
from daccord.money import Currency
from daccord.portfolio import Portfolio

__all__ = [
    "CRITERIA",
    "Budget",
    "Constraint",
    "Criterion",
    "EvidenceRules",
    "Goal",
    "ModelRules",
    "MoneyRules",
    "Override",
    "RatingScale",
    "Round",
    "Rules",
    "Safeguard",
    "Threshold",
    "VerdictRules",
]

CRITERIA: Final = ("benefit", "defence", "diffusion", "harm", "need")


@dataclass(frozen=True)
class Goal:
    """What people set the round to achieve, in a step of its own in which no model has a vote."""

    statement: str
    set_by: str
    date: str = ""


@dataclass(frozen=True)
class Budget:
    """The pot: minor units of a currency."""

    amount: int
    currency: Currency


@dataclass(frozen=True)
class RatingScale:
    """The scale ratings are given on.

    Attributes:
        low: Lowest rating.
        high: Highest rating, above `low`.
        interval: Probability that a judge's stated interval is meant to hold, in (0, 1).
    """

    low: float
    high: float
    interval: float = 0.8


@dataclass(frozen=True)
class Threshold:
    """The bar a project should pass, or for harm the limit it should not pass.

    Attributes:
        kind: `rating`, a point on the criterion's rating scale; or `relative`, times the typical project (the
            geometric mean of the round).
        value: On that scale.
    """

    kind: Literal["rating", "relative"]
    value: float


@dataclass(frozen=True)
class Criterion:
    """One question judges answer; each is judged, reported and kept apart.

    Attributes:
        id: One of `CRITERIA`.
        question: What judges are asked, word for word.
        scale: How ratings are given; None if there are only comparisons.
        threshold: Bar or limit; None if none is set.
    """

    id: str
    question: str
    scale: RatingScale | None = None
    threshold: Threshold | None = None


@dataclass(frozen=True)
class EvidenceRules:
    """How much people must have said about a project before it is rated.

    Attributes:
        min_judgments: Answers of people on a criterion that decides a verdict (benefit; harm if asked).
        min_jurors: Different people who gave them.
    """

    min_judgments: int = 3
    min_jurors: int = 2


@dataclass(frozen=True)
class VerdictRules:
    """Thresholds on probabilities, each in [0, 1]; see `daccord.allocation` for how they combine."""

    accelerate: float = 0.5
    safeguards: float = 0.2
    hold: float = 0.5
    community_sure: float = 0.9


@dataclass(frozen=True)
class MoneyRules:
    """Parameters of the money rules; see `daccord.allocation`.

    Attributes:
        rule: Name of a registered money rule.
        basis: For `proportional`: `expected` share, or `low`, its lower 10 % quantile.
        caution: For `differential`: posterior standard deviations taken off a project's log-value before it
            counts; 0 pays for the median, 1 is strict.
        defence_priority: Value is multiplied by 1 + this times the probability that defence is above its bar.
        diffusion_priority: Likewise for diffusion of power.
        saturation: For `differential`: the award, as a fraction of an equal split, at which a further unit is worth
            half of the first one.
        harm_budget: For `differential`: H in [0, 1]; awards x are cut until Σ h·x ≤ H·pot, with h the probability that
            harm is above the limit. This second step only cuts, the unit with the least value per harm first; what it
            frees stays unallocated (docs/methods/differential.md says why). None for no bound.
        team_cap: Largest share of the pot for all projects of one team, in (0, 1].
        floors: Domain cell → least share of the pot, in [0, 1].
        minimum: Smallest viable grant, minor units; a smaller award becomes zero and is divided again.
    """

    rule: str = "differential"
    basis: Literal["expected", "low"] = "expected"
    caution: float = 0.5
    defence_priority: float = 1.0
    diffusion_priority: float = 0.5
    saturation: float = 1.0
    harm_budget: float | None = None
    team_cap: float | None = None
    floors: Mapping[str, float] = field(default_factory=dict)
    minimum: int = 0


@dataclass(frozen=True)
class Override:
    """A recorded human decision to lift a safety stop: by whom and why."""

    by: str
    reason: str


@dataclass(frozen=True)
class ModelRules:
    """What models may do.

    Attributes:
        family_alarm: Share of the explained prior above which a family raises an alarm.
        family_cap: Share above which no family counts, unless people override it.
        override: Who lifted the cap, and why; None if nobody did.
    """

    family_alarm: float = 1 / 3
    family_cap: float = 1 / 2
    override: Override | None = None


@dataclass(frozen=True)
class Constraint:
    """A hard constraint: public, versioned, and lifted by no score.

    Attributes:
        id: Short name.
        version: Raised whenever the text changes.
        text: What is not funded, for people.
        projects: Ids that reviewers found to break it.
        raises: Ids of risks; whatever has a `raises` edge to one of them breaks it.
    """

    id: str
    version: str
    text: str
    projects: tuple[str, ...] = ()
    raises: tuple[str, ...] = ()


@dataclass(frozen=True)
class Safeguard:
    """A condition that *with safeguards* names.

    Attributes:
        condition: What must be done.
        accountable: Role or body that answers for it.
        clawback: What is paid back, and when, if it is not done.
    """

    condition: str
    accountable: str
    clawback: str


@dataclass(frozen=True)
class Rules:
    """Everything that turns judgments into verdicts and money; fixed before judging begins.

    Attributes:
        fusion: Name of a registered fusion rule.
        hold_days: Days after which a hold expires and the project reopens.
    """

    fusion: str = "hierarchical"
    evidence: EvidenceRules = EvidenceRules()
    verdicts: VerdictRules = VerdictRules()
    money: MoneyRules = MoneyRules()
    models: ModelRules = ModelRules()
    constraints: tuple[Constraint, ...] = ()
    safeguards: tuple[Safeguard, ...] = ()
    hold_days: int = 365


@dataclass(frozen=True)
class Round:
    """Everything a decision is made from.

    Attributes:
        name: For people.
        goal: Set by people.
        budget: The pot.
        criteria: Questions asked, in order; `benefit` is always among them.
        portfolio: What is judged.
        panel: Who judges.
        judgments: Criterion id → what was said; every criterion has an entry.
        rules: How it is decided.
        contributions: Donations, for matching rules.
        seed: Start of all random draws; logged.
        simulated: True if judgments or projects are invented; said wherever people see the round.
        digests: File name → SHA-256 of its bytes, as read.
        notices: What reading changed or set aside, in words for people.
    """

    name: str
    goal: Goal
    budget: Budget
    criteria: tuple[Criterion, ...]
    portfolio: Portfolio
    panel: Panel
    judgments: Mapping[str, Judgments]
    rules: Rules = Rules()
    contributions: tuple[Contribution, ...] = ()
    seed: int = 0
    simulated: bool = False
    digests: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    def criterion(self, identifier: str) -> Criterion | None:
        """The criterion with this id, or None if the round does not ask it."""
        return next((criterion for criterion in self.criteria if criterion.id == identifier), None)
