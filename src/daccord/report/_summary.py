"""The round in at most 200 words: who got what, how sure, what could change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from daccord.allocation import FUNDABLE, LABELS
from daccord.fusion import MICRO
from daccord.pipeline import Decision
from daccord.report._compare import moved, others_of
from daccord.report._rows import Row
from daccord.report._words import clip, count, join, money, percent, percent_range, probability, sentence
from daccord.round import HARMS

__all__ = ["LIMIT", "summary"]

LIMIT = 200
"""Most words of the summary."""

_TITLE = 60


def _who_got_what(decision: Decision, rows: Sequence[Row]) -> list[str]:
    round_, allocation = decision.round, decision.allocation
    currency = round_.budget.currency
    funded = [row for row in rows if row.amount]
    invented = "In this simulated round, " if round_.simulated else ""
    pot = money(round_.budget.amount, currency)
    if not funded:
        return [sentence(f"{invented}none of {count(len(rows), 'project')} gets any of the {pot}")]
    given = money(sum(award.amount for award in allocation.awards), currency)
    whole = f"{pot} {'goes' if not allocation.unallocated else 'was to go'}"
    first = f"{invented}{whole} to {len(funded)} of {count(len(rows), 'project')}"
    if allocation.unallocated:
        first = (
            f"{invented}{len(funded)} of {count(len(rows), 'project')} get {given} out of {pot}; the rest stays in the"
            " pot because no project may take it"
        )
    top = join(f"{clip(row.title, _TITLE)} ({money(row.amount, currency)}, {row.share_text})" for row in funded[:3])
    return [sentence(first), sentence(f"the largest {'award goes' if len(funded) == 1 else 'awards go'} to {top}")]


def _took_part(decision: Decision) -> str:
    """Who took part without judging, in words; empty if nobody did."""
    inputs = decision.round.inputs
    said = [
        (len(inputs.ballots.voters), "ballot of {}", "ballots of {} people"),
        (len({gift.donor for gift in inputs.contributions}), "donations of {} donor", "donations of {} donors"),
        (len({row.voter for row in inputs.metric_weights}), "weights of {} voter", "weights of {} voters"),
        (len({row.juror for row in inputs.values}), "curves of {} juror", "curves of {} jurors"),
    ]
    return join([(one if n == 1 else many).format(f"{n:,}") for n, one, many in said if n])


def _verdicts(decision: Decision, rows: Sequence[Row]) -> str:
    if decision.round.rules.verdicts.pays == "not_held" and not any(row.label in FUNDABLE for row in rows):
        held = sum(row.label == "hold" for row in rows)
        kept = f"; {count(held, 'project')} {'is' if held == 1 else 'are'} held" if held else ""
        return f"Nobody had to be cleared by a verdict: all that is not held may be paid{kept}."
    tally = [
        f"{n} {LABELS[label]}"
        for label in LABELS
        if (n := sum(row.label == label for row in rows)) and label != "accelerate"
    ]
    fast = sum(row.label == "accelerate" for row in rows)
    others = f"; the others: {join(tally)}" if tally else ""
    text = f"{count(fast, 'project').capitalize()} {'has' if fast == 1 else 'have'} the verdict accelerate{others}."
    dry = sum(row.label in FUNDABLE and not row.amount for row in rows)
    if dry:
        text += f" {count(dry, 'cleared project').capitalize()} {'gets' if dry == 1 else 'get'} no money all the same,"
        text += " because the pot does more elsewhere or the sum would be too small to use."
    return text


def _how_sure(decision: Decision, rows: Sequence[Row]) -> list[str]:
    funded = [row for row in rows if row.amount]
    people = {judge.id for judge in decision.round.panel if judge.is_person}
    models = len(decision.round.panel) - len(people)
    answers = sum(
        sum(decision.round.panel.judges[j].is_person for j in table.judge.tolist())
        for name, said in decision.round.judgments.items()
        if name not in HARMS
        for table in (said.comparisons, said.ratings)
    )
    secret = " besides those on harm, which are secret" if any(c.id in HARMS for c in decision.round.criteria) else ""
    took_part = _took_part(decision)
    if not answers and took_part:
        return [f"This rests on the {took_part}.", *_doubts(funded)]
    basis = f"This rests on {answers:,} answers of {count(len(people), 'person', 'people')}{secret}"
    if models:
        basis += f"; {count(models, 'model')} only shaped the starting point"
    return [basis + ".", *_doubts(funded)]


def _doubts(funded: Sequence[Row]) -> list[str]:
    """What the evidence cannot tell."""
    said = []
    first = [row for row in funded if row.rank_low == 1]
    if len(first) > 1:
        said.append(f"The evidence cannot tell which of {count(len(first), 'project')} deserves the most.")
    if funded:
        widest = max(funded, key=lambda row: (row.high - row.low, row.id))
        if widest.high > widest.low:
            said.append(
                f"The doubt is largest for {clip(widest.title, _TITLE)}: its share could be"
                f" {percent_range(widest.low, widest.high)} of the pot, with a probability of 80 %."
            )
    return said


def _closest_call(decision: Decision, rows: Sequence[Row]) -> str:
    """The verdict nearest to a cut-off, by the distance between its probability and the cut-off."""
    level = decision.round.rules.verdicts.accelerate
    calls: list[tuple[float, int, int]] = []
    for row in rows:
        if row.label == "unrated" or "hard constraint" in row.flags:
            continue
        criteria = decision.scores[row.id].criteria
        # Harm has no closest call: how near it is to a threshold is secret.
        score = criteria.get("benefit")
        if score is not None and score.above is not None and row.label != "hold":
            calls.append((abs(score.above / MICRO - level), row.place, score.above))
    if not calls:
        return ""
    _, place, above = min(calls)
    row = rows[place - 1]
    return (
        f"The closest call is {clip(row.title, _TITLE)}: the probability that its benefit is above the bar is "
        f"{probability(above, level)}, and the cut-off is {percent(level)}."
    )


def _other_rules(decision: Decision, alternatives: Mapping[str, Decision]) -> str:
    distances = sorted(moved(decision, other) for other in others_of(decision, alternatives).values())
    if not distances:
        return ""
    low, high = percent(distances[0]), percent(distances[-1])
    span = low if low == high else f"{low.removesuffix(' %')} to {high}"
    return f"Other rules for the same answers would send {span} of the pot elsewhere."


def summary(decision: Decision, alternatives: Mapping[str, Decision], rows: Sequence[Row]) -> tuple[str, ...]:
    """Three short paragraphs of at most 200 words together: who got what, how sure, what could change it.

    Args:
        decision: The decided round.
        alternatives: Name of a rule → the same round decided by it; may be empty.
        rows: Rows of the award table.

    Returns:
        Paragraphs. Sentences that would pass the limit are left out, the least telling first.
    """
    paragraphs = [
        [*_who_got_what(decision, rows), _verdicts(decision, rows)],
        _how_sure(decision, rows),
        [s for s in (_closest_call(decision, rows), _other_rules(decision, alternatives)) if s],
    ]
    while sum(len(s.split()) for p in paragraphs for s in p) > LIMIT:
        longest = max((p for p in paragraphs if len(p) > 1), key=lambda p: sum(len(s.split()) for s in p), default=None)
        if longest is None:
            break
        longest.pop()
    return tuple(" ".join(p) for p in paragraphs if p)
