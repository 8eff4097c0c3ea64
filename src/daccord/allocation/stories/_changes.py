"""Single changes of what is published about one project, each as the changed inputs of a rerun."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from daccord.allocation._types import Verdict
from daccord.allocation.verdicts import (
    Bars,
    gate_text,
    in_information_domain,
    listed,
    partners,
    probability_text,
    threshold_text,
)
from daccord.fusion import MICRO, CriterionScore, ProjectScore, Scores
from daccord.portfolio import Portfolio, Project
from daccord.round import HARMS, Rules

__all__ = ["Dial", "Inputs", "dials", "switches"]

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


def dials(inputs: Inputs, project: Project) -> tuple[Dial, ...]:
    """The published probabilities of a project that verdicts read."""
    bars = Bars.of(inputs.rules)
    score = inputs.scores[project.id]
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
        cuts = (MICRO - bars.community_sure + 1, bars.community_sure)
        out += [Dial(f"{name}:{who}", name, who, now, cuts) for who, now in sorted(harm.communities.items())]
    return tuple(out)


def switches(inputs: Inputs, verdict: Verdict) -> Iterator[tuple[str, str, Inputs]]:
    """Changes that are no matter of degree: code, condition as the rest of a sentence with "if", changed inputs.

    Each closed gate opened, and all of them; enough answers where too few were given; the day on which an earlier
    hold expires.
    """
    project = inputs.portfolio[verdict.project]
    closed = [gate for gate in verdict.gates if partners(inputs.portfolio, project, gate.gate)]
    for gate in closed:
        yield (
            "gate",
            gate_text(inputs.portfolio, gate.gate, "were"),
            _opened(inputs, verdict.project, (gate.gate.maturity, gate.partners[0])),
        )
    if len(closed) > 1:
        pairs = [(gate.gate.maturity, gate.partners[0]) for gate in closed]
        yield (
            "gates",
            listed(gate_text(inputs.portfolio, gate.gate, "were") for gate in closed),
            _opened(inputs, verdict.project, *pairs),
        )
    if verdict.label == "unrated":
        yield from _answered(inputs, project)
    hold = next((one for one in inputs.rules.earlier_holds if one.project == project.id), None)
    if hold is not None and hold.days_left(inputs.rules.decided_on):
        rules = replace(inputs.rules, decided_on=hold.until)
        yield "expiry", f"the hold had expired, as it does on {hold.until}", replace(inputs, rules=rules)


def _opened(inputs: Inputs, waiting: str, *reached: tuple[str, str]) -> Inputs:
    """The inputs when partners have reached a maturity; of several for one partner the farthest counts."""
    order = ("idea", "prototype", "deployed")
    state = dict(sorted(((name, maturity) for maturity, name in reached), key=lambda item: order.index(item[1])))

    def reached_by(item: Project) -> Project:
        return replace(item, maturity=state[item.id]) if item.id in state and item.id != waiting else item

    portfolio = replace(
        inputs.portfolio,
        projects=tuple(map(reached_by, inputs.portfolio.projects)),
        technologies=tuple(map(reached_by, inputs.portfolio.technologies)),
    )
    return replace(inputs, portfolio=portfolio)


def _answered(inputs: Inputs, project: Project) -> Iterator[tuple[str, str, Inputs]]:
    """Enough answers that agree with what is believed so far, harm below every threshold where nothing is known."""
    score, evidence = inputs.scores[project.id], inputs.rules.evidence
    people = max(1, evidence.min_jurors)
    asked = [name for name in HARMS if any(name in other.criteria for other in inputs.scores)]
    changed, said = score, []
    benefit = score.criteria.get("benefit")
    if benefit is None:
        return  # nothing is believed of it, so there is nothing that answers could agree with
    if benefit.judgments < max(1, evidence.min_judgments) or benefit.jurors < people:
        said.append("benefit")
        changed = changed.with_criterion(
            "benefit",
            judgments=max(1, benefit.judgments, evidence.min_judgments),
            jurors=max(benefit.jurors, people),
        )
    group = max(people, inputs.rules.harm.min_group)
    needed = max(1, evidence.min_judgments, group)
    for name in asked:
        harm = score.criteria.get(name)
        if harm is None or harm.level == "too_few" or harm.judgments < evidence.min_judgments or harm.jurors < people:
            said.append("harm" if name == "harm" else "harm in an adversary's hands")
            fresh = CriterionScore(0, 0, 0, {}, needed, group, level="below_safeguards")
            changed = replace(changed, criteria={**changed.criteria, name: fresh})
    if not said:
        return
    low = threshold_text(min(Bars.of(inputs.rules).safeguards, Bars.of(inputs.rules).hold))
    text = f"enough people answered about its {listed(said)}"
    text += ", with what is believed of its benefit so far" if "benefit" in said else ""
    text += f", and put the probability of harm above the limit below {low}" if said != ["benefit"] else ""
    yield "evidence", text, replace(inputs, scores=inputs.scores.with_project(changed))
