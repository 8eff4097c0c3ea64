"""Rules: everything that turns judgments into verdicts and money; fixed before judging begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from daccord.round._money import MoneyRules

__all__ = [
    "Constraint",
    "EarlierHold",
    "EvidenceRules",
    "HarmRules",
    "ModelRules",
    "Override",
    "RoleRules",
    "Rules",
    "Safeguard",
    "VerdictRules",
]


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
    """Thresholds on probabilities, each in [0, 1]; see `daccord.allocation` for how they combine.

    Attributes:
        pays: Which verdicts let money flow: `cleared`, only *accelerate* and *with safeguards*; `not_held`, all but
            *hold*, for rounds in which people vote or give instead of judging.
        agreement: A project that lies by half or more in the information domain (cells `bits/info/…`) is cleared only
            if every community, by its own answers, gives at least this probability that its benefit is above the bar;
            0 asks for none.
        gated: Share of an award that waits while a gate is closed; the rest is paid at once.
    """

    accelerate: float = 0.5
    safeguards: float = 0.2
    hold: float = 0.5
    community_sure: float = 0.9
    pays: Literal["cleared", "not_held"] = "cleared"
    agreement: float = 0.2
    gated: float = 1.0


@dataclass(frozen=True)
class RoleRules:
    """How the judged technology graph enters the decision.

    Attributes:
        defence_from: Where a project's probability of being defensive comes from: `judged`, the criterion `defence`;
            or `graph`, the probability that its roles, those in time, lower risks more than they raise them.
        noticeable: Probability from which on a sign counts: what lowers and raises a risk each at least so probably
            is shown as disputed, and as neither. In (0, 0.5].
    """

    defence_from: Literal["judged", "graph"] = "judged"
    noticeable: float = 0.2


@dataclass(frozen=True)
class HarmRules:
    """How the harm channel keeps its votes secret; see `daccord.fusion.harm`.

    Attributes:
        min_group: Different people at least whose answers to a question on harm are heard together.
        published: How often results are published while answers come in. `often`: answers are heard in the order they
            came, in batches that close for good. `once`: all are heard in one batch, which loses fewer of them and
            keeps votes secret only if nothing is published before or after.
        groups: `together`: batches are made of all people. `communities`: within each community, and people without one
            among themselves; only then is it published what single communities are sure of.
        fusion: Name of the fusion rule for harm; empty for the round's own. What-ifs and comparisons with other rules
            set it to the round's own, so that harm is never read in two ways.
    """

    min_group: int = 5
    published: Literal["often", "once"] = "often"
    groups: Literal["together", "communities"] = "together"
    fusion: str = ""


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
    """A condition that *with safeguards* names, complete enough for a grant agreement.

    It applies to every project with safeguards, or only to some: those that match at least one entry of `projects`,
    `risks`, `cells` or `roles`, if any of these is given.

    Attributes:
        condition: What must be done.
        accountable: Role or body that answers for it.
        clawback: What is paid back, and when, if it is not done, in the round's own words.
        due_days: By when: days after the award.
        verified: How, and by whom, it is verified.
        returns: Share of `of` that is paid back, in (0, 1].
        of: What the share is taken of: what is `paid` so far, what is still `unpaid`, or the whole `award`.
        to: To whom it is paid back.
        event: On which event.
        projects: Ids of projects that it is for.
        risks: Ids of risks; it is for whatever raises one of them.
        cells: Domain cells; it is for projects that lie in one of them at least in part.
        roles: Kinds of roles, such as `raises`; it is for projects that have one.
    """

    condition: str
    accountable: str
    clawback: str
    due_days: int = 180
    verified: str = "Somebody outside the team confirms it in writing to the stewards of the round."
    returns: float = 1.0
    of: Literal["paid", "unpaid", "award"] = "unpaid"
    to: str = "the pot of the round"
    event: str = "the condition is not met and verified when it is due"
    projects: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class EarlierHold:
    """A hold of an earlier decision that this round takes over.

    It stands until it expires, or until enough people of this round have judged the harm anew and what they say no
    longer holds the project; then it is open again.

    Attributes:
        project: Id.
        since: Day of that decision, ISO 8601.
        days: After which it expires.
        decision: Name of the round that decided it.
        probability: What was published as its probability, millionths.

    Raises:
        ValueError: The day is none, the hold has no length or the probability is out of range.
    """

    project: str
    since: str
    days: int
    decision: str
    probability: int

    def __post_init__(self) -> None:
        if self.days < 1 or not 0 <= self.probability <= 1_000_000:
            raise ValueError(f"a hold on {self.project!r} of {self.days} days is none")
        date.fromisoformat(self.since)

    @property
    def until(self) -> str:
        """The day on which it expires, ISO 8601."""
        return (date.fromisoformat(self.since) + timedelta(days=self.days)).isoformat()

    def days_left(self, today: str) -> int:
        """Days until it expires, from a day in ISO 8601; 0 from its expiry on."""
        return max(0, (date.fromisoformat(self.until) - date.fromisoformat(today)).days)


@dataclass(frozen=True)
class Rules:
    """Everything that turns judgments into verdicts and money; fixed before judging begins.

    Attributes:
        fusion: Name of a registered fusion rule.
        hold_days: Days after which a hold expires and the project reopens.
        decided_on: Day of the decision, ISO 8601, from which days count; empty if not stated.
        earlier_holds: Holds of an earlier decision; at most one a project. They need `decided_on`.
    """

    fusion: str = "hierarchical"
    evidence: EvidenceRules = EvidenceRules()
    verdicts: VerdictRules = VerdictRules()
    money: MoneyRules = field(default_factory=MoneyRules)
    models: ModelRules = ModelRules()
    harm: HarmRules = HarmRules()
    roles: RoleRules = RoleRules()
    constraints: tuple[Constraint, ...] = ()
    safeguards: tuple[Safeguard, ...] = ()
    hold_days: int = 365
    decided_on: str = ""
    earlier_holds: tuple[EarlierHold, ...] = ()
