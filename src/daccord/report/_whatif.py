"""What would change a project's verdict or its money: every answer is computed by allocating again.

Nothing here is estimated by a formula beside the engine. The published scores of the one project are changed, the same
rules are run over all scores, and what the project then gets is reported. The other projects' scores stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from daccord.allocation import LABELS, Allocation, Label, allocate
from daccord.fusion import MICRO, NANO, HarmLevels, ProjectScore, Scores
from daccord.pipeline import Decision
from daccord.portfolio import Portfolio
from daccord.report._words import count, join, money, percent, probability

__all__ = ["DOUBLE", "WhatIf", "cutoffs", "money_what_ifs"]

DOUBLE = 693_147
"""ln 2 in micro-nats."""

_SUBJECT = {"benefit": "its benefit is above the bar", "harm": "its harm is above the limit"}


@dataclass(frozen=True)
class WhatIf:
    """One changed assumption and what it does to one project.

    Attributes:
        code: Stable name.
        condition: The change, as the rest of a sentence that begins with "if".
        label: Verdict as decided.
        label_after: Verdict under the change.
        amount: Award as decided, minor units.
        amount_after: Award under the change, minor units.
        text: The whole as a sentence.
    """

    code: str
    condition: str
    label: Label
    label_after: Label
    amount: int
    amount_after: int
    text: str


def _run(decision: Decision, scores: Scores, portfolio: Portfolio | None = None) -> Allocation:
    round_ = decision.round
    return allocate(portfolio or round_.portfolio, scores, round_.rules, round_.budget)


def _answer(decision: Decision, project: str, code: str, condition: str, after: Allocation, note: str = "") -> WhatIf:
    """Put the outcome of a rerun into words."""
    before = decision.allocation
    currency = decision.round.budget.currency
    label, label_after = before.verdict_of[project].label, after.verdict_of[project].label
    amount, amount_after = before.award_of[project].amount, after.award_of[project].amount
    # A difference that running text cannot show is none that a person should read about.
    if money(amount, currency) == money(amount_after, currency):
        moved = f"it would still get {money(amount, currency)}" if amount else "it would still get nothing"
    elif amount == 0:
        moved = f"it would get {money(amount_after, currency)} instead of nothing"
    elif amount_after == 0:
        moved = f"it would get nothing instead of {money(amount, currency)}"
    else:
        moved = f"it would get {money(amount_after, currency)} instead of {money(amount, currency)}"
    verdict = "" if label == label_after else f"; the verdict would be “{LABELS[label_after]}”, not “{LABELS[label]}”"
    text = f"If {condition}, {moved}{verdict}{note}."
    return WhatIf(code, condition, label, label_after, amount, amount_after, text)


def _rescaled(decision: Decision, score: ProjectScore, factor: float) -> Scores:
    """All scores if one project's benefit were `factor` times as high: mean, chance to clear the bar, shares."""
    beliefs = decision.beliefs.get("benefit")
    old = score.criteria["benefit"]
    above = old.above
    if above is not None and beliefs is not None:
        i = decision.round.portfolio.index[score.project]
        total = 0.0
        for c in beliefs.components:
            if c.margin is not None and c.margin_sd is not None:
                total += c.weight * float(ndtr((c.margin[i] + math.log(factor)) / np.maximum(c.margin_sd[i], 1e-12)))
        # Rounding and other components' spread must not turn a rise into a fall.
        above = min(MICRO, max(0, (max if factor > 1 else min)(above, round(total * MICRO))))
    grown = score.with_criterion("benefit", mean=old.mean + round(math.log(factor) * MICRO), above=above)

    def own(share: int) -> int:
        return round(factor * share * NANO / (NANO + (factor - 1) * share))

    def other(share: int) -> int:
        return round(share * NANO / (NANO + (factor - 1) * score.share))

    return Scores(
        tuple(
            replace(grown, share=own(s.share), share_low=own(s.share_low), share_high=own(s.share_high))
            if s.project == score.project
            else replace(s, share=other(s.share), share_low=other(s.share_low), share_high=other(s.share_high))
            for s in decision.scores
        )
    )


def money_what_ifs(decision: Decision, project: str) -> tuple[WhatIf, ...]:
    """How much a project would get under changed beliefs about it.

    Asked are: benefit twice and half as high; benefit known exactly; harm as likely as a hold needs; a strong defence
    or a diffusion of power ruled out, and certain. Questions the round's criteria do not answer are left out.

    Args:
        decision: The decided round.
        project: Id of one of its projects.

    Returns:
        One answer a question, each from a rerun of the allocation.
    """
    scores, currency = decision.scores, decision.round.budget.currency
    score = scores[project]
    answers: list[WhatIf] = []
    if "benefit" in score.criteria:
        twice, half = _rescaled(decision, score, 2.0), _rescaled(decision, score, 0.5)
        answers.append(_answer(decision, project, "twice", "its benefit were twice as high", _run(decision, twice)))
        answers.append(_answer(decision, project, "half", "its benefit were half as high", _run(decision, half)))
        exact = replace(score.with_criterion("benefit", sd=0), share_low=score.share, share_high=score.share)
        after = _run(decision, scores.with_project(exact))
        price = after.award_of[project].amount - decision.allocation.award_of[project].amount
        note = f". The price of not knowing is {money(price, currency)}" if price > 0 else ""
        condition = "its benefit were known exactly, the best estimate and the verdict standing"
        answers.append(_answer(decision, project, "certain", condition, after, note))
    harm = score.criteria.get("harm")
    hold = HarmLevels.of(decision.round.rules).hold
    if harm is not None and harm.above is not None and harm.above < hold:
        after = _run(decision, scores.with_project(score.with_criterion("harm", **_level_from(decision, hold))))
        condition = (
            f"the probability that its harm is above the limit rose to {percent(hold / MICRO)}, where the rules hold "
            "a project"
        )
        answers.append(_answer(decision, project, "harm_at_hold", condition, after))
    for criterion, claim in (("defence", "a strong defence"), ("diffusion", "a technology that spreads power")):
        believed = score.criteria.get(criterion)
        if believed is None or believed.above is None:
            continue
        for above, sure in ((0, "not"), (MICRO, "")):
            after = _run(decision, scores.with_project(score.with_criterion(criterion, above=above)))
            condition = f"it were certain that it is {sure + ' ' if sure else ''}{claim}"
            answers.append(_answer(decision, project, f"{criterion}_{'yes' if above else 'no'}", condition, after))
    return tuple(answers)


def _level_from(decision: Decision, floor: int) -> dict[str, object]:
    """The level of harm with this lower end, as a criterion's score holds it: `above`, `ceiling` and `level`."""
    levels = HarmLevels.of(decision.round.rules)
    told = levels.score(floor, {}, levels.answers, levels.people)
    return {"above": told.above, "ceiling": told.ceiling, "level": told.level}


def _enough(decision: Decision, score: ProjectScore) -> tuple[ProjectScore, str]:
    """The score with evidence enough that says the same, and that in words; of harm, that there is little of it."""
    need, levels = decision.round.rules.evidence, HarmLevels.of(decision.round.rules)
    said = []
    for criterion, known in score.criteria.items():
        if known.level == "too_few":
            told = {**_level_from(decision, 0), "judgments": levels.answers, "jurors": levels.people}
            score = score.with_criterion(criterion, **told)
            people = count(levels.people, "person", "people")
            said.append(
                f"at least {people}, heard together, put the probability that {_SUBJECT['harm']} "
                f"below {percent(min(levels.safeguards, levels.hold) / MICRO)}"
            )
        elif known.judgments < need.min_judgments or known.jurors < need.min_jurors:
            told = {
                "judgments": max(known.judgments, need.min_judgments),
                "jurors": max(known.jurors, need.min_jurors),
            }
            score = score.with_criterion(criterion, **told)
            if criterion == "benefit":
                answers, people = count(need.min_judgments, "answer"), count(need.min_jurors, "person", "people")
                said.append(f"at least {answers} of {people} agreed with what is believed of it so far")
    return score, join(said) or "more people answered"


def _harm_moves(decision: Decision, score: ProjectScore) -> Iterator[tuple[str, str, ProjectScore]]:
    """The same for harm: into each other level. How far that is nobody can say, for only levels are published."""
    levels = HarmLevels.of(decision.round.rules)
    believed = score.criteria.get("harm")
    if believed is None or believed.above is None or believed.level == "too_few":
        return
    now, start = believed.above, f"the probability that {_SUBJECT['harm']}"
    cuts = sorted({0, levels.safeguards, levels.hold} - {MICRO + 1})
    for floor in sorted(cuts, key=lambda cut: abs(cut - now)):
        there = score.with_criterion("harm", **_level_from(decision, floor))
        if floor < now:
            above = min((cut for cut in cuts if cut > floor), default=MICRO)
            yield "harm_below", f"{start} fell below {percent(above / MICRO)}", there
        elif floor > now:
            yield "harm_above", f"{start} rose to {percent(floor / MICRO)} or more", there


def _moves(decision: Decision, score: ProjectScore) -> Iterator[tuple[str, str, ProjectScore]]:
    """Each way one probability could cross a cut-off: code, condition, changed score."""
    rules = decision.round.rules.verdicts
    for criterion, levels in (("benefit", (rules.accelerate,)),):
        believed = score.criteria.get(criterion)
        if believed is None or believed.above is None:
            continue
        now = believed.above
        for level in sorted(levels, key=lambda level: abs(now - level * MICRO)):
            cut = round(level * MICRO)
            start = f"the probability that {_SUBJECT[criterion]}"
            if now >= cut > 0:
                change = f"{start} fell from {probability(now, level)} to below {percent(level)}"
                yield f"{criterion}_below", change, score.with_criterion(criterion, above=cut - 1)
            elif now < cut <= MICRO:
                change = f"{start} rose from {probability(now, level)} to {percent(level)} or more"
                yield f"{criterion}_above", change, score.with_criterion(criterion, above=cut)
    yield from _harm_moves(decision, score)


def cutoffs(decision: Decision, project: str) -> tuple[WhatIf, ...]:
    """How far a project's verdict is from another one: single changes that were rerun and do change it.

    Tried are: each probability moved to the near side of each cut-off, enough evidence for a project that is unrated,
    and closed gates opened. Changes that leave the verdict as it is are not listed.

    Args:
        decision: The decided round.
        project: Id of one of its projects.

    Returns:
        At most one answer for each other verdict and kind of change, the smallest change first.
    """
    round_, scores = decision.round, decision.scores
    score = scores[project]
    verdict = decision.allocation.verdict_of[project]
    found: dict[tuple[str, Label], WhatIf] = {}

    def keep(code: str, condition: str, after: Allocation) -> None:
        label = after.verdict_of[project].label
        if label != verdict.label and (code, label) not in found:
            found[code, label] = replace(
                _answer(decision, project, code, condition, after),
                text=f"It would become “{LABELS[label]}” if {condition}.",
            )

    if verdict.label == "unrated":
        changed, condition = _enough(decision, score)
        keep("evidence", condition, _run(decision, scores.with_project(changed)))
    for code, condition, changed in _moves(decision, score):
        keep(code, condition, _run(decision, scores.with_project(changed)))
    if verdict.waits_for:
        waited = set(verdict.waits_for)
        projects = tuple(replace(p, maturity="deployed") if p.id in waited else p for p in round_.portfolio)
        titles = join(round_.portfolio[identifier].title for identifier in verdict.waits_for)
        after = _run(decision, scores, replace(round_.portfolio, projects=projects))
        keep("gate", f"{titles} {'was' if len(waited) == 1 else 'were'} deployed", after)
    return tuple(found.values())
