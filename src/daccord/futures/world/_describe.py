"""What a world consists of: technologies, risks, roles, common factors and how a life is valued.

Nothing is computed here. The words:

* a **technology** arrives once; how early depends on what is spent on it during the funding window;
* a **risk** is a hazard per year; what a technology does to it, or to another technology, is a **role**;
* a **transition risk** is run once, on a technology's arrival, and is lower if the technologies that make it safe came
  early enough, the **lead time**, to be built in;
* an **evaluator** is a person or model whose beliefs form one world; worlds are never averaged over evaluators before
  they are lived through.

Roles, from a technology to its target:

    source       risk         its hazard exists because of the technology: + strength · base hazard, once arrived
    defends      risk         multiplies the risk's hazard, above its common-cause floor, by (1 − strength)
    makes_safe   technology   multiplies what that technology contributes to hazards, and its transition risk, by
                              (1 − strength)
    substitutes  technology   the same arithmetic, because that share of its use goes elsewhere; kept apart in reports
    requires     technology   the technology cannot arrive before its target's arrival + delay
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from daccord.futures.world._quantity import Belief, fixed

__all__ = ["Kind", "Risk", "Role", "Technology", "Welfare", "World"]

Kind = Literal["source", "defends", "makes_safe", "substitutes", "requires"]

NONE: Final = fixed(0.0)


@dataclass(frozen=True)
class Technology:
    """A technology that may arrive.

    Attributes:
        id: Short name, unique in the world.
        arrival: Years from now until it arrives at today's spending, given that it ever does; positive.
        never: Probability that it never arrives; in [0, 1].
        spending: What the world spends on it now, money per year; positive.
        elasticity: Relative gain in speed per relative gain in spending; at least 0.
        leak: Share of an attempt to slow it down that does not take; in [0, 1].
        lift: Lasting gain in consumption on arrival, natural log; at least 0 for a benefit.
        growth: Lasting gain in the growth of consumption from arrival on, natural log per year.
        longevity: Share by which it lowers mortality on arrival; at most 1.
        transition: Probability of catastrophe by its arrival, if it came now and unsafe; in [0, 1].
        decline: Rate at which that probability falls by itself, per year; at least 0.
        factor: Correlation of its time with the common AI-progress factor; in [−1, 1]; None takes the world's.
        crowding: Share of added money that others then withdraw; in [0, 1].
        general: Whether it helps against what nobody listed (general resilience).
        title: For people.
        given: Whether it comes by itself, as the arrival of a natural threat: no constitution holds it back.
    """

    id: str
    arrival: Belief
    never: Belief = NONE
    spending: float = 1.0
    elasticity: Belief = NONE
    leak: Belief = NONE
    lift: Belief = NONE
    growth: Belief = NONE
    longevity: Belief = NONE
    transition: Belief = NONE
    decline: Belief = NONE
    factor: float | None = None
    crowding: float = 0.0
    general: bool = False
    title: str = ""
    given: bool = False


@dataclass(frozen=True)
class Risk:
    """A hazard.

    Attributes:
        id: Short name, unique in the world.
        hazard: Events per year while nothing protects and, if it has sources, one source of strength 1 is there;
            at least 0.
        floor: Common-cause share of the hazard that no defence reaches; in [0, 1].
        severity: Share of all later welfare lost by an event; in [0, 1]; 1 is existential.
        catastrophic: Whether an event counts as a catastrophe in the reported probability.
        listed: False for the unlisted threat: it has no sources and only technologies marked general defend.
        title: For people.
    """

    id: str
    hazard: Belief
    floor: Belief = NONE
    severity: Belief = fixed(1.0)  # noqa: RUF009 - frozen
    catastrophic: bool = True
    listed: bool = True
    title: str = ""


@dataclass(frozen=True)
class Role:
    """What a technology does to a risk or to another technology; the module's table says how.

    Attributes:
        kind: One of the five.
        technology: Id of the technology that does it.
        target: Id of a risk (source, defends) or of a technology (the others).
        strength: Share, in [0, 1]; for `source` a multiple of the base hazard, at least 0. Not used by `requires`.
        lead: Years that the technology must be there before its target to count fully against transition risk;
            positive. Only for `makes_safe` and `substitutes`.
        delay: Years after its target's arrival, at least 0. Only for `requires`.
    """

    kind: Kind
    technology: str
    target: str
    strength: Belief = fixed(1.0)  # noqa: RUF009 - frozen
    lead: Belief = fixed(1.0)  # noqa: RUF009 - frozen
    delay: Belief = NONE

    @property
    def name(self) -> str:
        """The role in questions: `kind:technology>target`."""
        return f"{self.kind}:{self.technology}>{self.target}"


@dataclass(frozen=True)
class Welfare:
    """How lives are valued: choices, not beliefs. The kernel states the formula.

    Attributes:
        gamma: Curvature γ of Jones' bounded utility; at least 0. 1 is logarithmic; above 1, no riches are worth more
            than a bounded number of years.
        life: Value of a year of life now, in years of consumption; positive.
        rho: Pure time preference, per year.
        growth: Growth of consumption without the listed technologies, natural log per year.
        mortality: Deaths per person and year now.
        births: Births per person and year.
        person_affecting: Whether only people now living count: then births do not.
        future: Years of life, at the level of the horizon, that the world after the horizon is worth per person; at
            least 0.
    """

    gamma: float = 2.0
    life: float = 6.0
    rho: float = 0.01
    growth: float = 0.02
    mortality: float = 0.01
    births: float = 0.01
    person_affecting: bool = False
    future: float = 100.0


@dataclass(frozen=True)
class World:
    """A world as its evaluators see it, before any money is spent.

    Attributes:
        technologies: At least one.
        risks: What may go wrong.
        roles: Who does what to what.
        evaluators: Names; the beliefs' mappings use them. Empty if all agree on everything.
        weights: Probability of each evaluator's world; equal if empty.
        progress: Correlation of arrival times with the common AI-progress factor, in [−1, 1].
        optimism: Correlation of efficacies with the factor "experts are too optimistic about defence", in [−1, 1].
        window: Years during which money and slowing act; positive.
        horizon: Years that are simulated; at least the window.
        edge: Last years of the horizon in which an arrival's transition risk fades to nothing. Without this, moving
            an arrival across the horizon would make welfare jump and the gradient would miss it.
        welfare: The values that reports start from.
        unit: Of money, for people.

    See `check` for what is refused.
    """

    technologies: tuple[Technology, ...]
    risks: tuple[Risk, ...] = ()
    roles: tuple[Role, ...] = ()
    evaluators: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    progress: float = 0.5
    optimism: float = 0.3
    window: float = 10.0
    horizon: float = 100.0
    edge: float = 2.0
    welfare: Welfare = field(default_factory=Welfare)
    unit: str = "million a year"

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the technologies, in order."""
        return tuple(technology.id for technology in self.technologies)

    @property
    def risk_ids(self) -> tuple[str, ...]:
        """Ids of the risks, in order."""
        return tuple(risk.id for risk in self.risks)

    def roles_of(self, *kinds: Kind) -> tuple[Role, ...]:
        """The roles of some kinds, in order."""
        return tuple(role for role in self.roles if role.kind in kinds)
