"""Single changes of what is published about one project, each as the changed inputs of a rerun."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from daccord.allocation._types import ClosedGate, Verdict
from daccord.allocation.verdicts import (
    Decider,
    gate_text,
    in_information_domain,
    listed,
    partners,
    probability_text,
    threshold_text,
)
from daccord.fusion import MICRO, CriterionScore, ProjectScore, Scores
from daccord.portfolio import MATURITIES, Portfolio, Project
from daccord.round import HARMS, Rules

__all__ = ["Change", "Dial", "Inputs", "dials", "switches"]

_EVENT = {
    "benefit": "its benefit is above the bar",
    "harm": "its harm is above the limit",
    "harm_if_adversary": "its harm in an adversary's hands is above the limit",
}


@dataclass(frozen=True)
class Inputs:
    """What verdicts follow from."""

    portfolio: Portfolio
    scores: Scores
    rules: Rules


@dataclass(frozen=True)
class Change:
    """A change of what verdicts follow from, small enough to be kept by thousands.

    Attributes:
        score: The changed score of the project; None if it stays.
        reached: Id → maturity that partners have reached.
        on: Day of the decision; None if it stays.
    """

    score: ProjectScore | None = None
    reached: Mapping[str, str] = field(default_factory=dict)
    on: str | None = None

    def applied(self, inputs: Inputs) -> Inputs:
        """The inputs with the change."""
        portfolio, scores, rules = inputs.portfolio, inputs.scores, inputs.rules
        if self.score is not None:
            scores = scores.with_project(self.score)
        if self.reached:

            def item(one: Project) -> Project:
                return replace(one, maturity=self.reached[one.id]) if one.id in self.reached else one

            portfolio = replace(
                portfolio,
                projects=tuple(map(item, portfolio.projects)),
                technologies=tuple(map(item, portfolio.technologies)),
            )
        if self.on is not None:
            rules = replace(rules, decided_on=self.on)
        return Inputs(portfolio, scores, rules)

    def verdict(self, decider: Decider, score: ProjectScore) -> Verdict:
        """The verdict on the project after the change, without deciding all others again."""
        if self.reached:
            decider = replace(decider, reached=self.reached)
        if self.on is not None:
            decider = replace(decider, rules=replace(decider.rules, decided_on=self.on))
        return decider.verdict(score if self.score is None else self.score)


@dataclass(frozen=True)
class Dial:
    """A published probability that could be another.

    Attributes:
        code: Stable name: `benefit`, `harm`, `harm_if_adversary`, or one of them with `:` and a community.
        criterion: Whose probability it is.
        community: Whose, by its own answers alone; empty for the round's.
        now: What is published, millionths; of harm, the lower end of its level.
        cuts: Thresholds that it may cross.
    """

    code: str
    criterion: str
    community: str
    now: int
    cuts: tuple[int, ...]

    @property
    def secret(self) -> bool:
        """Whether only levels of it are published."""
        return self.criterion in HARMS

    def turned(self, score: ProjectScore, to: int) -> ProjectScore:
        """The project's score with this probability at another value."""
        if not self.community:
            return score.with_criterion(self.criterion, above=to)
        said = score.criteria[self.criterion].communities
        return score.with_criterion(self.criterion, communities={**said, self.community: to})

    def words(self, to: int) -> str:
        """The change, as the rest of a sentence that begins with "if"; of harm without what it is now."""
        who = f", by the answers of the community “{self.community}” alone," if self.community else ""
        start = f"the probability that {_EVENT[self.criterion]}{who}"
        if to > self.now:
            was = "" if self.secret else f" from {probability_text(self.now, to)}"
            return f"{start} rose{was} to {threshold_text(to)}"
        was = "" if self.secret else f" from {probability_text(self.now, to + 1)}"
        return f"{start} fell{was} to below {threshold_text(to + 1)}"


def dials(decider: Decider, score: ProjectScore) -> tuple[Dial, ...]:
    """The published probabilities of a project that verdicts read."""
    bars, project = decider.bars, decider.portfolio[score.project]
    out: list[Dial] = []
    benefit = score.criteria.get("benefit")
    if benefit is not None and benefit.above is not None:
        out.append(Dial("benefit", "benefit", "", benefit.above, (bars.accelerate,)))
        if in_information_domain(project) and bars.agreement:
            out += [
                Dial(f"benefit:{name}", "benefit", name, now, (bars.agreement,))
                for name, now in sorted(benefit.communities.items())
            ]
    for name in HARMS:
        harm = score.criteria.get(name)
        if harm is None or harm.level == "too_few":
            continue
        if harm.above is not None:
            out.append(Dial(name, name, "", harm.above, (bars.safeguards, bars.hold)))
        cuts = tuple(cut for cut in (MICRO - bars.community_sure + 1, bars.community_sure) if cut <= MICRO)
        out += [Dial(f"{name}:{who}", name, who, now, cuts) for who, now in sorted(harm.communities.items())]
    return tuple(out)


def switches(decider: Decider, verdict: Verdict, score: ProjectScore) -> Iterator[tuple[str, str, Change]]:
    """Changes that are no matter of degree: code, condition as the rest of a sentence with "if", the change.

    Each closed gate opened, and all of them; enough answers where too few were given; the day on which an earlier
    hold expires.
    """
    portfolio = decider.portfolio
    project = portfolio[verdict.project]
    closed = [gate for gate in verdict.gates if partners(portfolio, project, gate.gate)]
    for gate in closed:
        yield "gate", gate_text(portfolio, gate.gate, "were"), Change(reached=_opened([gate]))
    if len(closed) > 1:
        text = listed(gate_text(portfolio, gate.gate, "were") for gate in closed)
        yield "gates", text, Change(reached=_opened(closed))
    if verdict.label == "unrated":
        yield from _answered(decider, score)
    hold = decider.earlier.get(project.id)
    if hold is not None and hold.days_left(decider.rules.decided_on):
        yield "expiry", f"the hold had expired, as it does on {hold.until}", Change(on=hold.until)


def _opened(gates: Sequence[ClosedGate]) -> dict[str, str]:
    """What the first partner of each gate has to reach; of several for one partner the farthest counts."""
    reached = sorted((MATURITIES.index(one.gate.maturity), one.partners[0]) for one in gates)
    return {name: MATURITIES[rank] for rank, name in reached}


def _answered(decider: Decider, score: ProjectScore) -> Iterator[tuple[str, str, Change]]:
    """Enough answers that agree with what is believed so far, harm below every threshold where nothing is known."""
    evidence = decider.rules.evidence
    people = max(1, evidence.min_jurors)
    benefit = score.criteria.get("benefit")
    if benefit is None:
        return  # nothing is believed of it, so there is nothing that answers could agree with
    changed, said = score, []
    if benefit.judgments < max(1, evidence.min_judgments) or benefit.jurors < people:
        said.append("benefit")
        changed = changed.with_criterion(
            "benefit",
            judgments=max(1, benefit.judgments, evidence.min_judgments),
            jurors=max(benefit.jurors, people),
        )
    group = max(people, decider.rules.harm.min_group)
    needed = max(1, evidence.min_judgments, group)
    for name in decider.harms:
        harm = score.criteria.get(name)
        if harm is None or harm.level == "too_few" or harm.judgments < evidence.min_judgments or harm.jurors < people:
            said.append("harm" if name == "harm" else "harm in an adversary's hands")
            fresh = CriterionScore(0, 0, 0, {}, needed, group, level="below_safeguards")
            changed = replace(changed, criteria={**changed.criteria, name: fresh})
    if not said:
        return
    low = threshold_text(min(decider.bars.safeguards, decider.bars.hold))
    text = f"enough people answered about its {listed(said)}"
    text += ", with what is believed of its benefit so far" if "benefit" in said else ""
    text += f", and put the probability of harm above the limit below {low}" if said != ["benefit"] else ""
    yield "evidence", text, Change(score=changed)
