"""The shape of `decision.json`: pydantic, at the boundary. The descriptions are the published schema's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from daccord.allocation import Label
from daccord.formats._decision_graph import GraphPart
from daccord.fusion import MICRO, NANO
from daccord.round import HARMS

__all__ = ["DecisionFile", "ProjectPart"]

Amount = Annotated[int, Field(ge=0, description="Minor units of the budget's currency.")]
Count = Annotated[int, Field(ge=0)]
Millionths = Annotated[int, Field(ge=0, le=MICRO, description="Probability in millionths.")]
Billionths = Annotated[int, Field(ge=0, le=NANO, description="Share of the whole in billionths.")]
Rank = Annotated[int, Field(ge=1, description="1 is the largest award; equal awards share the best of their ranks.")]
Real = Annotated[float, Field(allow_inf_nan=False)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file's bytes, hexadecimal.")]
Digits = Annotated[str, Field(pattern="^[0-9]+$", max_length=4000)]
Value = bool | int | Real | str | None


class _Part(BaseModel):
    """A JSON object; nothing is coerced and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class GoalPart(_Part):
    """What people set the round to achieve."""

    statement: str
    set_by: str
    date: str = Field(description="Day on which it was set, ISO 8601; empty if not stated.")


class BudgetPart(_Part):
    """The pot."""

    amount: Amount
    currency: str = Field(description="Code, as people write it after an amount.")
    digits: int = Field(ge=0, le=18, description="Decimal digits of the minor unit: 2 for cents.")


class ScalePart(_Part):
    """The scale of ratings."""

    low: Real
    high: Real
    interval: Real = Field(description="Probability that a judge's stated interval is meant to hold.")


class ThresholdPart(_Part):
    """The bar that a project should pass; for harm, the limit that it should not pass."""

    kind: Literal["rating", "relative"] = Field(
        description="`rating`: a point on the rating scale. `relative`: times the typical project (geometric mean)."
    )
    value: Real


class CriterionPart(_Part):
    """A question that was asked."""

    id: str
    question: str
    scale: ScalePart | None = Field(description="Null if only comparisons were asked for.")
    threshold: ThresholdPart | None


class MethodPart(_Part):
    """Rules the decision was actually made by."""

    fusion: str
    money: str


class ParametersPart(_Part):
    """Parameters by dotted name; money in minor units, probabilities and shares as fractions of 1."""

    effective: dict[str, Value] = Field(description="Every parameter of the rules, as used.")
    defaults: dict[str, Value] = Field(description="What this version uses where round.toml says nothing.")
    learned: dict[str, Value] = Field(description="What the fit learned, `criterion.name`, six significant digits.")
    overridden: dict[str, Value] = Field(
        description="What-if only: what round.toml states for each parameter that was replaced for this run."
    )


class ReasonPart(_Part):
    """Why a verdict is what it is."""

    code: str
    text: str


class ReturnsPart(_Part):
    """What is paid back."""

    share: Millionths = Field(description="Share of `of` that is paid back, millionths.")
    of: Literal["paid", "unpaid", "award"] = Field(
        description="Of what is paid so far, of what is still unpaid, or of the whole award."
    )
    at_most: Amount = Field(description="The same share of the whole award: no more can ever have to be paid back.")
    to: str = Field(min_length=1, description="To whom.")
    event: str = Field(min_length=1, description="On which event.")


class SafeguardPart(_Part):
    """A condition for the money, complete enough for a grant agreement."""

    condition: str = Field(min_length=1, description="What must be done.")
    accountable: str = Field(min_length=1, description="Who answers for it.")
    due_days: Count = Field(description="By when: days after the award.")
    verified: str = Field(min_length=1, description="How, and by whom, it is verified.")
    clawback: str = Field(min_length=1, description="What is paid back, and when, in the round's own words.")
    returns: ReturnsPart
    terms: str = Field(min_length=1, description="All of it as one paragraph.")


class GatePart(_Part):
    """A closed gate: who has to be how far before the gated money is paid."""

    of: str = Field(description="Id of the partner; with a role, of what the partner's role points at.")
    maturity: Literal["idea", "prototype", "deployed"]
    role: str = Field(description="Kind of role that makes any technology a partner; empty if `of` is the partner.")
    partners: list[str] = Field(description="Ids of those who can open it.")
    text: str


class DelayPart(_Part):
    """What a hold costs, in numbers."""

    share: Billionths | None = Field(
        description="Share of the round's benefit that each month of waiting puts off; null if it was not judged."
    )
    low: Billionths | None = Field(description="Lower end of its 80 % interval.")
    high: Billionths | None = Field(description="Upper end.")
    forgone: Amount | None = Field(
        description="What it would have got by the same rule had it been cleared; null if the rule cannot say."
    )


class ChangePart(_Part):
    """A single change that would change the verdict; deciding again with it gives `label`."""

    code: str
    label: Label
    to: Millionths | None = Field(description="The probability after the change; null where it is no probability.")
    condition: str = Field(description='The rest of a sentence that begins with "if".')


class VerdictPart(_Part):
    """What is decided. A verdict without what its label promises is refused."""

    label: Label
    probability: Millionths | None = Field(
        description="That the verdict is right, millionths; null for `unrated` and where it is not known."
    )
    at_least: bool = Field(description="True if the probability is a lower bound.")
    probability_of: str = Field(description="What that is the probability of.")
    reasons: list[ReasonPart] = Field(min_length=1)
    safeguards: list[SafeguardPart]
    waits_for: list[str] = Field(description="Ids of those who can open its closed gates.")
    gates: list[GatePart] = Field(description="Closed gates.")
    waiting: Amount = Field(description="The part of the award that waits for its gates, minor units.")
    substitutes: list[str] = Field(description="Ids of comparable projects that wait for nothing; show them first.")
    reopens_after_days: Annotated[int, Field(ge=1)] | None = Field(description="For `hold`: days until it expires.")
    expires_on: str = Field(description="That day, ISO 8601; empty if the decision states no day.")
    cost_of_delay: str = Field(description="For `hold`: what waiting costs; else empty.")
    delay: DelayPart | None = Field(description="For `hold`: the same in numbers.")
    would_change: list[ChangePart] = Field(description="Single changes that would change it, the smallest first.")
    nothing_changes: str = Field(description="Why none would; empty if one does.")

    @model_validator(mode="after")
    def _complete(self) -> VerdictPart:
        lacks = ""
        if self.label == "hold" and (self.reopens_after_days is None or not self.cost_of_delay or self.delay is None):
            lacks = "a hold states when it expires and what the delay costs"
        elif self.label == "with_safeguards" and not self.safeguards:
            lacks = "the verdict with_safeguards names its conditions"
        elif not self.would_change and not self.nothing_changes:
            lacks = "a verdict says what would change it, or why nothing would"
        if lacks:
            raise PydanticCustomError("incomplete", "{lacks}", {"lacks": lacks})
        return self


class AwardPart(_Part):
    """What a project gets."""

    amount: Amount
    limited_by: str = Field(description="What kept it from getting more; empty if nothing did.")
    entries: int = Field(description="The part of `amount` that entries in the books added or, negative, took.")
    weight: Digits = Field(
        description="The money rule's integer weight, in decimal digits: too long for JSON numbers in many languages."
    )


class IntervalPart(_Part):
    """80 % interval of the award if the value were known and the verdicts stood."""

    low: Amount
    high: Amount
    rank_low: Rank
    rank_high: Rank
    chance_none: Millionths = Field(description="That it would get nothing.")
    chance_halved: Millionths = Field(description="That it would get at most half of its award; 0 if it has none.")


class SharePart(_Part):
    """The project's share of the round's total benefit, as believed; not of the money."""

    expected: Billionths
    low: Billionths
    high: Billionths


class ScorePart(_Part):
    """What is believed of a project on one criterion."""

    mean: int = Field(description="Log-value in millionths of a natural-log unit; 0 is the typical project.")
    sd: Count = Field(description="Its standard deviation, same unit.")
    above: Millionths | None = Field(description="That it is above the threshold; null if there is none.")
    communities: dict[str, Millionths] = Field(description="The same from one community's answers alone.")
    judgments: Count = Field(description="Answers of people.")
    jurors: Count = Field(description="Different people who gave them.")


class HarmPart(_Part):
    """What is published of a project's harm: a level, never a number that follows from single answers."""

    level: Literal["", "too_few", "below_safeguards", "from_safeguards", "from_hold"] = Field(
        description="Where the probability that its harm is above the limit lies among the round's thresholds; "
        "`too_few` if fewer people were heard than a level rests on; empty if there is no limit or the rule cannot "
        "place it."
    )
    above: Millionths | None = Field(description="Lower end of the level; null if the level is empty.")
    at_most: Millionths | None = Field(description="Upper end of the level; null likewise.")
    judgments: Count = Field(description="Answers that the level rests on at least; 0 for `too_few`.")
    jurors: Count = Field(description="Different people that the level rests on at least; 0 for `too_few`.")
    communities: dict[str, Millionths] = Field(
        description="By community with enough people on this project, the lower end of what its answers alone say: "
        "sure of the harm, sure of the contrary (0), or neither."
    )


class ProjectPart(_Part):
    """One project."""

    id: str
    title: str
    team: str
    ask: Amount | None = Field(description="Largest amount that it can use, minor units; null means any.")
    verdict: VerdictPart
    award: AwardPart
    interval: IntervalPart
    share: SharePart
    scores: dict[str, ScorePart | HarmPart] = Field(description="By criterion; only criteria that people answered.")

    @model_validator(mode="after")
    def _harm_as_levels(self) -> ProjectPart:
        for name, score in self.scores.items():
            if (name in HARMS) != isinstance(score, HarmPart):
                kind = "a level" if name in HARMS else "numbers"
                message = "{name} is published as {kind}"
                raise PydanticCustomError("not_as_published", message, {"name": name, "kind": kind})
        return self


class EntryPart(_Part):
    """What became of an amount that people decided and no rule moved."""

    kind: Literal["fixed", "carry_over", "correction", "minimum"]
    project: str = Field(description="Id; empty for a statement about the pot.")
    amount: int = Field(description="As decided, minor units; only corrections may be negative.")
    reason: str
    by: str = Field(description="Who decided it.")
    paid: int = Field(description="What it moved, minor units; negative: from the project.")
    open: int = Field(description="What it could not move: money withheld or, negative, a debt that is carried.")
    note: str


class VoicePart(_Part):
    """What one voice of models (a family) contributes; six decimals."""

    voice: str
    models: list[str] = Field(description="Ids of its models that count; exact copies are dropped.")
    coefficient: Real = Field(description="Natural-log units that one standard deviation of the voice is worth.")
    share: Real = Field(description="Share of the explained prior, fraction of 1.")
    gain: Real | None = Field(
        description="Natural log of predictive density per held-out answer against no model; positive is better."
    )


class DecisionFile(_Part):
    """A decided round."""

    schema_: Literal["daccord/decision/1"] = Field(alias="schema")
    version: str = Field(description="Version of daccord that made it.")
    round: str = Field(description="Name of the round.")
    simulated: bool = Field(description="True if projects or judgments are invented.")
    goal: GoalPart
    budget: BudgetPart
    criteria: list[CriterionPart]
    method: MethodPart
    parameters: ParametersPart
    decided_on: str = Field(description="Day of the decision, ISO 8601; empty if not stated.")
    seed: int = Field(description="Start of all random draws.")
    inputs: dict[str, Digest] = Field(description="File of the round folder → digest.")
    notices: list[str] = Field(description="What reading changed or set aside.")
    warnings: list[str]
    projects: list[ProjectPart] = Field(description="In the order of the round's file.")
    graph: GraphPart
    unallocated: Amount = Field(description="Minor units that no project can take.")
    divided: Amount = Field(description="What the money rule divided: the pot, less what entries took out of it.")
    entries: list[EntryPart] = Field(description="Entries in the books, in the order of the round's file.")
    certificate: dict[str, str] = Field(description="Numbers by which anyone can check that the money solves the rule.")
    voices: dict[str, list[VoicePart]] = Field(description="Criterion → what models contributed, largest share first.")
    diagnostics: dict[str, Real | None] = Field(
        description="How well the fits settled, `criterion.name`, six significant digits; null if not computable."
    )

    @model_validator(mode="after")
    def _distinct_projects(self) -> DecisionFile:
        seen: set[str] = set()
        for project in self.projects:
            if project.id in seen:
                message = "the project {project} stands twice among the projects"
                raise PydanticCustomError("twice", message, {"project": repr(project.id)})
            seen.add(project.id)
        return self
