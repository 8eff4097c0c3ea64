"""`explain_project`: why a project gets what it gets, and what would change it, in words with their numbers."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass

from daccord.allocation import FUNDABLE, LABELS, Award, Label, Verdict, money_rule, waiting_part
from daccord.allocation.stories import Story, story, unchangeable
from daccord.allocation.verdicts import terms
from daccord.errors import InputError
from daccord.fusion import MICRO, CriterionScore
from daccord.pipeline import Decision
from daccord.report._whatif import WhatIf, cutoffs, money_what_ifs
from daccord.report._words import (
    count,
    join,
    money,
    percent,
    percent_range,
    probability,
    sentence,
    share_digits,
    significant,
    times,
    times_interval,
)
from daccord.round import HARMS, Criterion, Round

__all__ = [
    "LIMITS",
    "Evidence",
    "Explanation",
    "Factor",
    "bar_words",
    "explain_project",
    "harm_words",
    "known_project",
    "outbid",
    "ruled_out",
    "tell_story",
]

LIMITS = {
    "ask": "it asked for no more",
    "evidence": "too few people's answers about it for a larger award",
    "team_cap": "the cap for all projects of one team",
    "cap": "the cap for any one project",
    "quorum": "too few voters gave it something",
    "paid": "it was paid already what its results are worth at this round's price",
    "verdict": "its verdict",
    "minimum": "its share would have been below the smallest viable grant",
    "harm_budget": "the round's harm budget",
    "ballots": "the votes: it is funded whole or not at all, and they did not reach",
}
"""`Award.limited_by` → in words."""


@dataclass(frozen=True)
class Evidence:
    """What people's answers say about one project on one criterion.

    Attributes:
        criterion: Criterion id.
        question: What was asked.
        judgments: Answers of people; of harm, what its level rests on at least.
        jurors: Different people who gave them; likewise.
        mean: Log-value, micro-nats; 0 is the typical project. None of harm, of which no value is published.
        sd: Its standard deviation, micro-nats; likewise.
        above: Probability in millionths of being above the bar; of harm, the lower end of its level; None without one.
        at_most: Largest value that the probability may have.
        communities: The same from one community's answers alone; of harm, lower ends.
        text: In words.
    """

    criterion: str
    question: str
    judgments: int
    jurors: int
    mean: int | None
    sd: int | None
    above: int | None
    at_most: int | None
    communities: tuple[tuple[str, int], ...]
    text: str


@dataclass(frozen=True)
class Factor:
    """One factor of the weight by which money is divided.

    Attributes:
        name: For people.
        value: The factor; above 1 it adds money, below 1 it takes some away.
        text: Where it comes from.
    """

    name: str
    value: float
    text: str

    @property
    def shown(self) -> str:
        """The factor with two significant digits."""
        return significant(self.value, 2)


@dataclass(frozen=True)
class Explanation:
    """Why one project gets what it gets.

    Attributes:
        project: Id.
        title: Name for people.
        round: Name of the round.
        simulated: True if the round is.
        label: Verdict.
        probability: Of the verdict, in millionths; None for unrated.
        amount: Award, minor units.
        share: Award as a fraction of the pot.
        paragraphs: Award and verdict, reasons, what limited it, conditions; each stands alone.
        closest: What would change the verdict, or that nothing tried would.
        weight: The factors in one sentence; empty if there are none.
        evidence: One a criterion that people answered.
        factors: What makes up the weight, if the money rule is made of factors and the project is funded.
        cutoffs: Changes that would change the verdict, each rerun.
        money: Changed beliefs and the award each would bring, each rerun.
        story: The whole in one paragraph, with what moves its money most; empty if it was not asked for.
    """

    project: str
    title: str
    round: str
    simulated: bool
    label: Label
    probability: int | None
    amount: int
    share: float
    paragraphs: tuple[str, ...]
    closest: str
    weight: str
    evidence: tuple[Evidence, ...]
    factors: tuple[Factor, ...]
    cutoffs: tuple[WhatIf, ...]
    money: tuple[WhatIf, ...]
    story: str = ""


def bar_words(criterion: Criterion) -> str:
    """The bar or limit of a criterion in words, or an empty text if it has none."""
    if criterion.threshold is None:
        return ""
    value = f"{criterion.threshold.value:g}"
    if criterion.threshold.kind == "relative":
        return f"{value} times the typical project"
    scale = criterion.scale
    return f"{value} on the scale from {scale.low:g} to {scale.high:g}" if scale else f"a rating of {value}"


def ruled_out(verdict: Verdict) -> bool:
    """Whether a hard constraint decides: a rule and not an estimate, so that its probability is not one either."""
    return any(reason.code == "hard_constraint" for reason in verdict.reasons)


def outbid(award: Award, verdict: Verdict) -> bool:
    """Whether a project is cleared for money and gets none although nothing limits it: others are worth more."""
    return verdict.label in FUNDABLE and not award.amount and not award.limited_by


def _evidence(criterion: Criterion, score: CriterionScore) -> Evidence:
    """One criterion's evidence, in words."""
    if criterion.id in HARMS:
        return _harm_evidence(criterion, score)
    name = "need for the money" if criterion.id == "need" else criterion.id
    value = f"{times(score.mean, score.sd)} the typical project (80 %: {times_interval(score.mean, score.sd)})"
    text = f"{name}: about {value}"
    if score.above is not None:
        text += f"; {probability(score.above)} that it is above the bar of {bar_words(criterion)}"
    said = [text]
    if score.judgments:
        said.append(f"{count(score.judgments, 'answer')} of {count(score.jurors, 'person', 'people')}")
    else:
        said.append("nobody answered: this is the prior alone")
    parts = tuple(sorted(score.communities.items()))
    if parts:
        said.append("by community: " + ", ".join(f"{community} {probability(above)}" for community, above in parts))
    return Evidence(
        criterion.id,
        criterion.question,
        score.judgments,
        score.jurors,
        score.mean,
        score.sd,
        score.above,
        score.at_most,
        parts,
        " ".join(map(sentence, said)),
    )


def harm_words(score: CriterionScore) -> str:
    """The published level of harm in a few words: `below 20 %`, `20 % to below 50 %`, `50 % or more`, `not known`."""
    if score.level == "too_few" or score.above is None or score.at_most is None:
        return "not known"
    start, end = percent(score.above / MICRO), percent((score.at_most + 1) / MICRO)
    if score.at_most == MICRO:
        return f"{start} or more"
    return f"{start} to below {end}" if score.above else f"below {end}"


def _harm_evidence(criterion: Criterion, score: CriterionScore) -> Evidence:
    """The same of harm: the published level, and no number behind it."""
    name = "harm in an adversary's hands" if criterion.id == "harm_if_adversary" else "harm"
    if score.level == "too_few":
        said = [f"{name}: too few people were heard together for a level to be published"]
    elif score.above is None:
        said = [f"{name}: no probability that it is above a limit is known"]
    else:
        said = [
            f"{name}: the probability that it is above the limit of {bar_words(criterion)} is {harm_words(score)}",
            f"at least {count(score.jurors, 'person', 'people')} were heard; single answers on harm are secret",
        ]
    parts = tuple(sorted(score.communities.items()))
    return Evidence(
        criterion.id,
        criterion.question,
        score.judgments,
        score.jurors,
        None,
        None,
        score.above,
        score.at_most,
        parts,
        " ".join(map(sentence, said)),
    )


def _factors(decision: Decision, project: str) -> tuple[Factor, ...]:
    """The factors of the weight under `differential`; other rules are not made of factors."""
    rules = decision.round.rules.money
    score = decision.scores[project]
    benefit = score.criteria.get("benefit")
    if rules.rule != "differential" or benefit is None or not decision.allocation.award_of[project].weight:
        return ()
    factors = [
        Factor("Value", math.exp(benefit.mean / MICRO), "best estimate of its benefit, in typical projects"),
        Factor(
            "Caution",
            math.exp(-rules.caution * benefit.sd / MICRO),
            f"{rules.caution:g} standard deviations are taken off because its benefit is uncertain",
        ),
    ]
    for criterion, priority, name in (
        ("defence", rules.defence_priority, "Defence"),
        ("diffusion", rules.diffusion_priority, "Diffusion of power"),
    ):
        said = score.criteria.get(criterion)
        if said is not None and said.above is not None and priority:
            factors.append(
                Factor(
                    name,
                    1 + priority * said.above / MICRO,
                    f"1 + {priority:g} × {percent(said.above / MICRO)}, the probability that it is above the bar",
                )
            )
    return tuple(factors)


def _headline(decision: Decision, award: Award, verdict: Verdict) -> str:
    """Award and verdict in one sentence or two."""
    round_ = decision.round
    title, pot = round_.portfolio[award.project].title, round_.budget
    interval = decision.interval_of[award.project]
    label = f"the verdict is “{LABELS[verdict.label]}”"
    if verdict.probability is not None and not ruled_out(verdict):
        least = "at least " if verdict.at_least else ""
        label += f", with a probability of {least}{probability(verdict.probability)}"
        label += f" {verdict.probability_of}" if verdict.probability_of else ""
    if not award.amount:
        return f"{title} gets no money in this round; {label}."
    share = percent(award.amount / pot.amount, share_digits(interval.low / pot.amount, interval.high / pot.amount))
    text = f"{title} gets {money(award.amount, pot.currency)}, {share} of the pot; {label}."
    known = money_rule(round_.rules.money.rule).draws_under(round_.rules.money) is not None
    if_ = "If its value were known," if known else "With people drawn anew from those who took part,"
    if interval.low == interval.high:
        return f"{text} {if_} its award would most likely be the same."
    likely = percent_range(interval.low / pot.amount, interval.high / pot.amount)
    return f"{text} {if_} its share would be {likely} with a probability of 80 %."


def _conditions(decision: Decision, verdict: Verdict) -> list[str]:
    """What *with safeguards* and *hold* entail, and what the project waits for."""
    award, currency = decision.allocation.award_of[verdict.project].amount, decision.round.budget.currency
    paragraphs = [f"Condition: {terms(guard, award, currency)}" for guard in verdict.safeguards]
    if verdict.gates and award:
        waits = waiting_part(award, decision.round.rules)
        until = join(closed.text for closed in verdict.gates)
        paragraphs.append(f"{money(waits, currency)} of the money waits until {until}.")
    if verdict.label == "hold":
        paragraphs.append(
            f"The hold expires after {verdict.reopens_after_days} days, and the project reopens. Cost of delay: "
            f"{sentence(verdict.cost_of_delay)}"
        )
    return paragraphs


def _closest(explained: tuple[WhatIf, ...], verdict: Verdict) -> str:
    """What would change the verdict, as one paragraph."""
    return " ".join(answer.text for answer in explained) if explained else unchangeable(verdict)


def known_project(round_: Round, project: str) -> str:
    """The id, if the round has such a project.

    Raises:
        InputError: No project has this id; the message suggests those that look alike.
    """
    if project in round_.portfolio.index:
        return project
    titles = {p.title.lower(): p.id for p in round_.portfolio}
    near = difflib.get_close_matches(project, round_.portfolio.ids, n=3, cutoff=0.5)
    near += [titles[t] for t in difflib.get_close_matches(project.lower(), list(titles), n=3, cutoff=0.5)]
    near += [p.id for p in round_.portfolio if project and project.lower() in p.id.lower()][:3]
    alike = list(dict.fromkeys(near))[:3]
    remedy = f"did you mean {join(map(repr, alike), 'or')}?" if alike else "ids are listed in the portfolio's file"
    raise InputError.single(round_.name, f"no project has the id {project!r}", remedy=remedy)


def tell_story(decision: Decision, project: str) -> Story:
    """The story of one project of a decided round; see `daccord.allocation.stories`.

    Args:
        decision: The decided round.
        project: Id of a project, compared exactly.

    Raises:
        InputError: No project has this id; the message suggests those that look alike.
    """
    round_ = decision.round
    interval = decision.interval_of[known_project(round_, project)]
    return story(
        round_.portfolio,
        decision.scores,
        round_.rules,
        round_.budget,
        decision.allocation,
        project,
        round_.inputs,
        (interval.low, interval.high),
    )


def explain_project(decision: Decision, project: str, *, with_story: bool = False) -> Explanation:
    """Why a project gets what it gets, and what would change it.

    Every "if" in it is computed: the allocation is run again with the changed scores.

    Args:
        decision: The decided round.
        project: Id of a project, compared exactly.
        with_story: Whether to tell its story too, which takes some dozens of reruns more.

    Returns:
        Paragraphs for people, and the numbers behind them.

    Raises:
        InputError: No project has this id; the message suggests those that look alike.
    """
    round_, allocation = decision.round, decision.allocation
    known_project(round_, project)
    award, verdict, score = allocation.award_of[project], allocation.verdict_of[project], decision.scores[project]
    evidence = tuple(
        _evidence(criterion, score.criteria[criterion.id])
        for criterion in round_.criteria
        if criterion.id in score.criteria
    )
    factors = _factors(decision, project)
    changes, amounts = cutoffs(decision, project), money_what_ifs(decision, project)
    why = [sentence(reason.text) for reason in verdict.reasons]
    if award.limited_by and (award.amount or award.limited_by != "verdict"):
        why.append(f"What kept it from getting more: {LIMITS.get(award.limited_by, award.limited_by)}.")
    if outbid(award, verdict):
        why.append("It is cleared for money, but every unit of the pot is worth more in another project.")
    moved = decision.money_stories(project)
    paragraphs = [_headline(decision, award, verdict), " ".join(why), *_conditions(decision, verdict), " ".join(moved)]
    weight = ""
    if factors:
        product = math.prod(factor.value for factor in factors)
        parts = " × ".join(f"{significant(factor.value, 2)} ({factor.name.lower()})" for factor in factors)
        weight = f"Its weight is {parts} = {significant(product, 2)} typical projects."
    return Explanation(
        project=project,
        title=round_.portfolio[project].title,
        round=round_.name,
        simulated=round_.simulated,
        label=verdict.label,
        probability=verdict.probability,
        amount=award.amount,
        share=award.amount / round_.budget.amount if round_.budget.amount else 0.0,
        paragraphs=tuple(text for text in paragraphs if text),
        closest=_closest(changes, verdict),
        weight=weight,
        evidence=evidence,
        factors=factors,
        cutoffs=changes,
        money=amounts,
        story=tell_story(decision, project).text if with_story else "",
    )
