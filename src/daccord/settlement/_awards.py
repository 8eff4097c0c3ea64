"""From a decision's document to payouts: whose award is how much, in the currency's minor units and in a token's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from daccord.errors import InputError, IntegrityError, Problem, RefusedError
from daccord.money import Currency
from daccord.settlement._payouts import Payout, PayoutTree

__all__ = ["Awards", "awards_of", "pay"]


_AGAIN = "decide the round again and compare"


@dataclass(frozen=True)
class Awards:
    """What a decision grants.

    Attributes:
        amounts: Project → minor units, in the decision's order, those without an award too.
        currency: Of the amounts.
    """

    amounts: Mapping[str, int]
    currency: Currency

    @property
    def total(self) -> int:
        """Sum of all awards, minor units."""
        return sum(self.amounts.values())


def awards_of(document: Mapping[str, Any], *, file: str, pool: str | None = None) -> Awards:
    """The awards of a decision, checked against its pot and what lies ready.

    Args:
        document: As `daccord.formats.decisions.read_decision` returns it.
        file: What to call it in messages.
        pool: What lies ready for these awards, in the currency, such as `"1000000.00"`; None if none is stated.

    Raises:
        RefusedError: The decision is a what-if and not the round's own.
        IntegrityError: Awards and what no project can take are more than the pot: the file was changed.
        InputError: There is no award, an id is not printable, or the awards are not the pool.
    """
    if document["parameters"]["overridden"]:
        raise RefusedError(f"{file} is a what-if: only the round's own decision is paid → daccord decide DIR")
    budget = document["budget"]
    currency = Currency(budget["currency"], budget["digits"])
    for project in document["projects"]:
        if not project["id"].isprintable():
            raise InputError.single(file, f"{project['id']!r} is no printable id", column="projects", remedy=_AGAIN)
    awards = Awards({project["id"]: project["award"]["amount"] for project in document["projects"]}, currency)
    if awards.total + document["unallocated"] > budget["amount"]:
        raise IntegrityError(
            f"{file}: awards of {currency.format(awards.total)} and {currency.format(document['unallocated'])} left "
            f"over are more than the pot of {currency.format(budget['amount'])} → {_AGAIN}"
        )
    if not awards.total:
        raise InputError.single(file, "no project has an award: there is nothing to pay", column="projects")
    if pool is not None:
        try:
            ready = currency.parse(pool)
        except ValueError as error:
            raise InputError.single("--pool", str(error), remedy="such as 1000000.00") from None
        if ready != awards.total:
            message = f"{currency.format(ready)} lie ready, the awards add up to {currency.format(awards.total)}"
            raise InputError.single("--pool", message, remedy="fund exactly the awards, or decide with another pot")
    return awards


def pay(awards: Awards, accounts: Mapping[str, bytes], token_digits: int, *, file: str) -> PayoutTree:
    """Number the payments and put them in units of the token.

    Args:
        awards: What is granted.
        accounts: Project → account, of every project with an award.
        token_digits: Decimal digits of the token (6 for most dollars, 18 for most others).
        file: What to call the decision in messages.

    Returns:
        The payouts; projects without an award are left out.

    Raises:
        InputError: The token has fewer digits than the currency, and an award does not divide evenly (dust); or a
            number outgrows 256 bits.
    """
    finer = token_digits - awards.currency.digits
    up, down = 10 ** max(finer, 0), 10 ** max(-finer, 0)
    dusty = [
        Problem(
            file,
            None,
            f"projects.{project}.award.amount",
            f"{awards.currency.format(amount)} is no whole number of the token's smallest unit ({token_digits} digits)",
            "pay in a token with as many digits as the currency, or decide in a currency with as few as the token",
        )
        for project, amount in awards.amounts.items()
        if amount * up % down
    ]
    if dusty:
        raise InputError(dusty)
    paid = [(project, amount) for project, amount in awards.amounts.items() if amount]
    payouts = tuple(
        Payout(index, project, accounts[project], amount * up // down, amount)
        for index, (project, amount) in enumerate(paid)
    )
    try:
        return PayoutTree(payouts, awards.total * up // down)
    except ValueError as error:
        raise InputError.single(file, str(error), remedy="state the token's own digits") from None
