"""An election in numbers that anyone can check, as texts for the certificate."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from daccord.allocation._exact import decimal_text
from daccord.allocation.elections._trace import Missed, Outcome, Purchase
from daccord.money import Currency

__all__ = ["certificate", "missed_text", "purchase_text"]


def _money(amount: Fraction, currency: Currency) -> str:
    """An amount, rounded down to the minor unit; marked if something was cut off."""
    whole = amount.numerator // amount.denominator
    return ("" if whole == amount else "just over ") + currency.format(whole)


def _points(outcome: Outcome, project: int) -> str:
    election = outcome.election
    score = Fraction(election.scores[project], 10**election.digits)
    votes = election.votes[project]
    said = f"{votes} vote{'' if votes == 1 else 's'}"
    return said if score == votes else f"{decimal_text(score, 12)} points in {said}"


def purchase_text(outcome: Outcome, purchase: Purchase, currency: Currency) -> str:
    """What one purchase cost and who paid, without naming voters."""
    election = outcome.election
    cost = currency.format(election.costs[purchase.project])
    head = f"{election.ids[purchase.project]} for {cost}, with {_points(outcome, purchase.project)}"
    if purchase.payments is None:
        return f"{head}, by score"
    most = max(purchase.payments.values())
    paying = sum(election.sizes[g] for g, amount in purchase.payments.items() if amount)
    text = f"{head}: {paying} pay {_money(most, currency)} at most"
    if purchase.exhausted:
        text += f", {purchase.exhausted} of its supporters only what they had left"
    return text


def missed_text(outcome: Outcome, missed: Missed, currency: Currency) -> str:
    """Why one project was not bought."""
    election = outcome.election
    cost = currency.format(election.costs[missed.project])
    had = _points(outcome, missed.project)
    money = _money(missed.money, currency)
    return {
        "nobody": "nobody voted for it",
        "below_threshold": f"{had}: below the threshold",
        "too_dear": f"its cost of {cost} is above the whole pot",
        "short": f"{had}: its supporters have {money} left together, and it costs {cost}",
        "no_room": f"{had}: {money} of the pot were left, and it costs {cost}",
        "stopped": f"{had}: the rule had stopped at a project that did not fit",
        "less_popular": f"{had}: more voters are better off with the outcome of greedy, which does not hold it",
    }[missed.reason]


def certificate(outcome: Outcome, currency: Currency) -> Mapping[str, str]:
    """Totals, each purchase in order, and why each other project was not bought."""
    election = outcome.election
    found = {"voters": str(len(election.voters)), "spent": currency.format(outcome.cost)}
    if outcome.endowment:
        found["equal share of a voter"] = _money(election.share, currency)
        found["what each voter was given to spend"] = _money(outcome.endowment, currency)
    if outcome.comparison is not None:
        found["voters better off with equal shares"] = str(outcome.comparison.shares)
        found["voters better off with greedy"] = str(outcome.comparison.greedy)
    for number, purchase in enumerate(outcome.purchases, 1):
        found[f"purchase {number}"] = purchase_text(outcome, purchase, currency)
    for missed in outcome.missed:
        found[f"not bought: {election.ids[missed.project]}"] = missed_text(outcome, missed, currency)
    return found
