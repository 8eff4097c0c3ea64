"""Rules: everything that turns judgments into verdicts and money; fixed before judging begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from daccord.round._money import MoneyRules

__all__ = ["Constraint", "EvidenceRules", "ModelRules", "Override", "Rules", "Safeguard", "VerdictRules"]


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
    """

    accelerate: float = 0.5
    safeguards: float = 0.2
    hold: float = 0.5
    community_sure: float = 0.9
    pays: Literal["cleared", "not_held"] = "cleared"


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
    money: MoneyRules = field(default_factory=MoneyRules)
    models: ModelRules = ModelRules()
    constraints: tuple[Constraint, ...] = ()
    safeguards: tuple[Safeguard, ...] = ()
    hold_days: int = 365
