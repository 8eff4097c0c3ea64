"""The shape of `round.toml` and `projects.toml`: pydantic, at the boundary.

Defaults are those of `daccord.round`; nothing is coerced: a number in quotes is no number, and `1.0` is no amount.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from daccord.formats._toml_money import MoneyPart
from daccord.formats._toml_types import Amount, Day, Items, Part, Probability, Words, fault
from daccord.round import EvidenceRules, HarmRules, ModelRules, RoleRules, Rules, Safeguard, VerdictRules

__all__ = ["FORMAT", "CriterionPart", "ProjectPart", "ProjectsFile", "RolesPart", "RoundFile", "RulesPart"]

FORMAT = "daccord/round/1"
"""What `format` says in a round.toml of this version."""


class GoalPart(Part):
    """What people set the round to achieve; no model votes on it."""

    statement: Words = Field(description="What the round is to achieve.")
    set_by: Words = Field(description="The people or the body of people who set it.")
    date: Day = Field("", description="When, e.g. 2026-11-01.")


class BudgetPart(Part):
    """The pot."""

    amount: Amount = Field(description="In whole units, above zero, in quotes (or a whole number): money is no float.")
    currency: Words = Field(description="Name as people write it behind an amount, e.g. USD.")
    digits: int = Field(ge=0, le=18, description="Decimal digits of the smallest unit, 2 for cents.")


class ScalePart(Part):
    """How ratings on a criterion are given."""

    low: float = Field(description="Lowest rating.")
    high: float = Field(description="Highest rating, above low.")
    interval: float = Field(0.8, gt=0, lt=1, description="Probability that a judge's stated interval is meant to hold.")

    @model_validator(mode="after")
    def _ordered(self) -> ScalePart:
        if not self.low < self.high:
            raise fault(f"low ({self.low:g}) is not below high ({self.high:g})", "write the lowest rating as low")
        return self


class ThresholdPart(Part):
    """A point to be above (bar) or below (limit): either on the rating scale or relative to the typical project."""

    rating: float | None = Field(None, description="A point on the criterion's rating scale.")
    times_typical: float | None = Field(
        None, gt=0, description="Times the typical project, which is the geometric mean of the round."
    )

    @model_validator(mode="after")
    def _one(self) -> ThresholdPart:
        if (self.rating is None) == (self.times_typical is None):
            raise fault("exactly one of rating and times_typical is needed", "write one of the two")
        return self


class CriterionPart(Part):
    """A question that judges answer."""

    question: Words = Field(description="What judges are asked, word for word.")
    rating: ScalePart | None = Field(None, description="The rating scale; left out if there are only comparisons.")
    bar: ThresholdPart | None = Field(None, description="What a project should be above; not for harm.")
    limit: ThresholdPart | None = Field(None, description="What a project should be below; only for harm.")


class EvidencePart(Part):
    """How much people must have said about a project before it is rated."""

    min_judgments: int = Field(EvidenceRules().min_judgments, ge=1, description="Answers of people on a criterion.")
    min_jurors: int = Field(EvidenceRules().min_jurors, ge=1, description="Different people who gave them.")


class VerdictPart(Part):
    """Thresholds on probabilities."""

    accelerate: Probability = Field(VerdictRules().accelerate, description="Probability to be above the bars.")
    safeguards: Probability = Field(VerdictRules().safeguards, description="Probability of harm that asks for them.")
    hold: Probability = Field(VerdictRules().hold, description="Probability of harm, or of no benefit, that stops.")
    community_sure: Probability = Field(
        VerdictRules().community_sure, description="Probability at which one community is sure of harm."
    )
    pays: Literal["cleared", "not_held"] = Field(
        VerdictRules().pays,
        description="Which verdicts let money flow: `cleared`, accelerate and with safeguards; `not_held`, all but "
        "hold, for rounds in which people vote or give instead of judging.",
    )
    agreement: Probability = Field(
        VerdictRules().agreement,
        description="Least probability of benefit above the bar that every community must give, by its own answers, "
        "before a project of the information domain is cleared; 0 asks for none.",
    )
    gated: Probability = Field(VerdictRules().gated, description="Share of an award that waits for closed gates.")


class OverridePart(Part):
    """People lift the family cap: by whom and why."""

    by: Words = Field(description="Who decided it.")
    reason: Words = Field(description="Why.")


class ModelsPart(Part):
    """What models may do."""

    family_alarm: float = Field(ModelRules().family_alarm, gt=0, le=1, description="Share of the prior that alarms.")
    family_cap: float = Field(ModelRules().family_cap, gt=0, le=1, description="Share no family may pass.")
    override: OverridePart | None = Field(None, description="A human decision to lift the cap.")


class HarmPart(Part):
    """How the harm channel keeps its votes secret."""

    min_group: int = Field(
        HarmRules().min_group,
        ge=3,
        description="Different people whose answers on harm are heard together, and on whom a published level rests.",
    )
    published: Literal["often", "once"] = Field(
        HarmRules().published,
        description="`often`: harm answers are heard in batches in the order they came. `once`: in one batch, which "
        "keeps votes secret only if results are published a single time.",
    )
    groups: Literal["together", "communities"] = Field(
        HarmRules().groups,
        description="Batches are made of all people `together`, or within `communities`; only then is it published "
        "what single communities are sure of.",
    )
    fusion: str = Field(HarmRules().fusion, description="Fusion rule for harm; empty for the round's own.")


class RolesPart(Part):
    """How the judged technology graph enters the decision."""

    defence_from: Literal["judged", "graph"] = Field(
        RoleRules().defence_from,
        description="Where the probability of being defensive comes from: the criterion defence, or the judged graph.",
    )
    noticeable: float = Field(
        RoleRules().noticeable,
        gt=0,
        le=0.5,
        description="An effect is disputed where both signs are at least so probable.",
    )


class RulesPart(Part):
    """Everything that turns judgments into verdicts and money; fixed before judging begins."""

    fusion: Words = Field(Rules().fusion, description="Name of a registered fusion rule.")
    hold_days: int = Field(Rules().hold_days, gt=0, le=36_500, description="Days after which a hold expires.")
    decided_on: Day = Field("", description="Day of the decision, e.g. 2026-12-01; days are counted from it.")
    evidence: EvidencePart = Field(default_factory=lambda: EvidencePart.model_validate({}))
    verdicts: VerdictPart = Field(default_factory=lambda: VerdictPart.model_validate({}))
    money: MoneyPart = Field(default_factory=lambda: MoneyPart.model_validate({}))
    models: ModelsPart = Field(default_factory=lambda: ModelsPart.model_validate({}))
    roles: RolesPart = Field(default_factory=lambda: RolesPart.model_validate({}))
    harm: HarmPart = Field(default_factory=lambda: HarmPart.model_validate({}))


class ConstraintPart(Part):
    """A hard constraint: public, versioned, lifted by no score."""

    id: str = Field(description="Short name.")
    version: Words = Field(description="Raised whenever the text changes.")
    text: Words = Field(description="What is not funded.")
    projects: list[str] = Field([], description="Ids of projects that reviewers found to break it.")
    raises: list[str] = Field([], description="Ids of risks; a project that raises one of them breaks it.")


_SAFEGUARD = Safeguard("", "", "")


class SafeguardPart(Part):
    """A condition that the verdict *with safeguards* names."""

    condition: Words = Field(description="What must be done.")
    accountable: Words = Field(description="Role or body that answers for it.")
    clawback: Words = Field(description="What is paid back, and when, if it is not done.")
    due_days: int = Field(_SAFEGUARD.due_days, ge=0, le=36_500, description="By when: days after the award.")
    verified: Words = Field(_SAFEGUARD.verified, description="How, and by whom, it is verified.")
    returns: float = Field(_SAFEGUARD.returns, gt=0, le=1, description="Share that is paid back.")
    of: Literal["paid", "unpaid", "award"] = Field(
        _SAFEGUARD.of, description="Of what: what is paid so far, what is still unpaid, or the whole award."
    )
    to: Words = Field(_SAFEGUARD.to, description="To whom it is paid back.")
    event: Words = Field(_SAFEGUARD.event, description="On which event.")
    projects: list[str] = Field([], description="Ids of projects that it is for; without any of the four, for all.")
    risks: list[str] = Field([], description="Ids of risks; it is for projects that raise one of them.")
    cells: list[str] = Field([], description="Domain cells; it is for projects that lie in one of them.")
    roles: list[Literal["defends", "makes_safe", "substitutes", "raises"]] = Field(
        [], description="Kinds of roles; it is for projects that have one."
    )


class EarlierHoldPart(Part):
    """A hold of an earlier decision, which stands until it expires or people have judged the harm anew."""

    project: str = Field(description="Id of a project of this round.")
    since: Day = Field(min_length=1, description="Day of that decision.")
    days: int = Field(gt=0, le=36_500, description="Days after which it expires.")
    decision: Words = Field(description="Name of the round that decided it.")
    probability: int = Field(ge=0, le=1_000_000, description="What was published as its probability, millionths.")


class RiskPart(Part):
    """A threat that technologies defend against or raise."""

    id: str = Field(description="Unique among risks and projects.")
    title: Words = Field(description="Name for people.")


class ListsPart(Part):
    """What to do with a model's list that leaves something out."""

    floor: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Weight put for zero and missing entries, as a fraction of the list's mean weight; stated in the "
        "report. Without it both are errors.",
    )
    partial: bool = Field(
        False, description="True if a list may leave projects out; the model then says nothing about them."
    )


class RoundFile(Part):
    """The file round.toml."""

    format: Literal["daccord/round/1"] = Field(description="Version of the format.")
    name: Words = Field(description="Name of the round for people.")
    simulated: bool = Field(False, description="True if projects or judgments are invented; said wherever it is shown.")
    seed: int = Field(0, ge=0, lt=2**63, description="Start of all random draws; logged.")
    notices: list[Words] = Field(
        [], description="What whoever made this folder changed or set aside; shown with the round."
    )
    goal: GoalPart
    budget: BudgetPart
    criteria: dict[
        Literal[
            "benefit",
            "defence",
            "diffusion",
            "harm",
            "need",
            "defence_if_adversary",
            "harm_if_adversary",
            "benefit_far",
        ],
        CriterionPart,
    ] = Field(description="What is asked, in this order; benefit is required.")
    rules: RulesPart = Field(default_factory=lambda: RulesPart.model_validate({}))
    constraints: list[ConstraintPart] = Field([])
    safeguards: list[SafeguardPart] = Field([])
    earlier_holds: list[EarlierHoldPart] = Field([])
    risks: list[RiskPart] = Field([])
    communities: dict[str, Words] = Field({}, description="Id → title; people's communities in judges.csv.")
    families: dict[str, Words] = Field({}, description="Id → title; families of models in judges.csv.")
    lists: ListsPart = Field(default_factory=lambda: ListsPart.model_validate({}))


class ProjectPart(Part):
    """A project of projects.toml."""

    id: str = Field(description="Unique name; case matters.")
    title: str = Field(description="Name for people.")
    team: str = ""
    ask: Amount = Field("", description="Largest amount that can be used; left out means any amount.")
    cells: Items = Field([], description='Domain cells with shares that sum to 1, e.g. ["bits/cyber/survive:0.7", …].')
    roles: Items = Field([], description='E.g. ["defends > engineered-pandemic"].')
    requires: Items = Field([], description="Ids of projects that must be deployed first.")
    maturity: str = ""
    kind: str = Field("", description="`technology` for what asks for no money; else `project`, or left out.")
    licence: str = Field("", description="SPDX name of the licence of what it makes.")
    open_sourcing: str = Field("", description="Would the applicants be comfortable open-sourcing it? yes, no, unsure.")
    text: str = Field("", description="What jurors read.")


class ProjectsFile(Part):
    """The file projects.toml, which may stand in place of projects.csv."""

    project: list[ProjectPart] = Field(min_length=1, description="One [[project]] table a project.")
