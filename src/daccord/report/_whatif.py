"""What would change a project's verdict or its money: every answer is computed by allocating again.

Nothing here is estimated by a formula beside the engine. The published scores of the one project are changed, the same
rules are run over all scores, and what the project then gets is reported. The other projects' scores stay as they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from daccord.allocation import LABELS, Allocation, Label, allocate
from daccord.allocation.stories import counterfactuals, rerun
from daccord.fusion import MICRO, NANO, HarmLevels, ProjectScore, Scores
from daccord.pipeline import Decision
from daccord.portfolio import Portfolio
from daccord.report._words import money, percent

__all__ = ["DOUBLE", "WhatIf", "cutoffs", "money_what_ifs"]

DOUBLE = 693_147
"""ln 2 in micro-nats."""


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
    return allocate(portfolio or round_.portfolio, scores, round_.rules, round_.budget, round_.inputs)


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


def cutoffs(decision: Decision, project: str) -> tuple[WhatIf, ...]:
    """How far a project's verdict is from another one: single changes that do change it, each decided again.

    Args:
        decision: The decided round.
        project: Id of one of its projects.

    Returns:
        As `daccord.allocation.stories.counterfactuals`, each with what it does to the money; the smallest change first.
    """
    round_ = decision.round
    verdict = decision.allocation.verdict_of[project]
    out = []
    for one in counterfactuals(round_.portfolio, decision.scores, round_.rules, verdict):
        after = rerun(one, round_.budget, round_.inputs)
        out.append(replace(_answer(decision, project, one.code, one.condition, after), text=one.text))
    return tuple(out)
