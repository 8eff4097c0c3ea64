"""From the donations of a Gitcoin round to a `Round`."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

from daccord.allocation import QUADRATIC
from daccord.errors import InputError, Problem
from daccord.formats._gitcoin_files import Donation, Result, read_donations, read_results
from daccord.judging import Comparisons, Contribution, Judgments, Panel, Ratings
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project
from daccord.round import Budget, Criterion, Goal, MoneyInputs, MoneyRules, QuadraticRules, Round, Rules, VerdictRules

__all__ = ["GitcoinSpec", "import_gitcoin", "link_results"]

_CENT: Final = Fraction(1, 50)


@dataclass(frozen=True)
class GitcoinSpec:
    """What the files do not say.

    Attributes:
        name: Of the round.
        currency: Of donations and pot.
        pot: Whole units; None for the sum of the published matches.
        money: Parameters of `quadratic`.
        results: File of published results; None if there is none.
    """

    name: str = "Gitcoin round"
    currency: Currency = field(default_factory=lambda: Currency("USDT", 6))
    pot: Fraction | None = None
    money: QuadraticRules = field(default_factory=QuadraticRules)
    results: Path | None = None


def import_gitcoin(path: Path, spec: GitcoinSpec | None = None) -> Round:
    """Read donations into a round that `quadratic` decides.

    Donors get pseudonyms: addresses stay behind, and no message repeats one. (Whoever has the published file can join
    the rounds by amounts; pseudonyms only keep addresses out of what is passed on.)

    Args:
        path: File of donations.
        spec: What it does not say.

    Returns:
        The round; its digests are those of the files read.

    Raises:
        InputError: A file is wrong, or nothing says how large the pot is.
    """
    spec = GitcoinSpec() if spec is None else spec
    table, donations = read_donations(path)
    notices = [f"{table.file}: donors have pseudonyms; addresses were left behind"]
    digests = {table.file: table.digest}
    titles: Mapping[str, str] = {}
    pot = spec.pot
    if spec.results is not None:
        results_table, results = read_results(spec.results)
        digests[results_table.file] = results_table.digest
        linked = link_results(donations, results)
        titles = {grant: result.title for grant, result in linked.items()}
        count = len({donation.grant for donation in donations})
        notices.append(
            f"{results_table.file}: {len(linked)} of {count} grants are told by the number and sum of their donations; "
            "the others keep their number as title"
        )
        pot = sum((result.match for result in results), Fraction(0)) if pot is None else pot
    if pot is None or pot <= 0:
        raise InputError.single("import", "does not know how large the pot is", remedy="give --budget, or --results")
    names = _pseudonyms(donations)
    gifts = _gifts(table.file, donations, names, spec.currency, notices)
    grants = sorted({donation.grant for donation in donations}, key=lambda grant: (len(grant), grant))
    return Round(
        name=spec.name,
        goal=Goal("Match what people give to public goods", "Gitcoin"),
        budget=Budget(int(pot * 10**spec.currency.digits), spec.currency),
        criteria=(Criterion("benefit", "Which of these would you give to?"),),
        portfolio=Portfolio(tuple(Project(_id(grant), titles.get(grant) or f"Grant {grant}") for grant in grants)),
        panel=Panel(()),
        judgments={"benefit": Judgments(Comparisons.empty(), Ratings.empty())},
        rules=Rules(
            verdicts=VerdictRules(pays="not_held"), money=MoneyRules(rule=QUADRATIC.name, quadratic=spec.money)
        ),
        inputs=MoneyInputs(contributions=gifts),
        digests=digests,
        notices=tuple(notices),
    )


def _id(grant: str) -> str:
    return f"grant-{grant}" if grant.isascii() and grant.isdigit() else grant


def _pseudonyms(donations: Sequence[Donation]) -> dict[str, str]:
    """Donor → pseudonym, numbered by a hash, so that neither the order of the file nor that of addresses shows."""
    donors = {donation.donor for donation in donations}
    ordered = sorted(donors, key=lambda donor: hashlib.sha256(donor.encode()).digest())
    digits = len(str(len(ordered)))
    return {donor: f"donor-{number:0{digits}d}" for number, donor in enumerate(ordered, start=1)}


def _gifts(
    file: str, donations: Sequence[Donation], names: Mapping[str, str], currency: Currency, notices: list[str]
) -> tuple[Contribution, ...]:
    """Donations in minor units, to the nearest (half to even); how many are not exact is said."""
    problems = []
    rounded = 0
    gifts = []
    for donation in donations:
        exact = donation.amount * 10**currency.digits
        amount = round(exact)
        rounded += amount != exact
        if amount == 0:
            remedy = "remove the row, or import with more --digits"
            problems.append(Problem(file, donation.line, None, "gives less than the smallest unit", remedy))
        gifts.append(Contribution(names[donation.donor], _id(donation.grant), amount))
    if problems:
        raise InputError(problems)
    if rounded:
        notices.append(
            f"{file}: {rounded} of {len(donations)} amounts have more than {currency.digits} decimals and were rounded "
            "to the nearest smallest unit"
        )
    return tuple(gifts)


def link_results(donations: Sequence[Donation], results: Sequence[Result]) -> dict[str, Result]:
    """Grants told in the published results by the number and the sum of their donations, within two cents.

    A grant that fits several results, or a result that fits several grants, is left out: nothing is guessed.
    """
    amounts: dict[str, list[Fraction]] = defaultdict(list)
    for donation in donations:
        amounts[donation.grant].append(donation.amount)
    fits = {
        grant: [
            position
            for position, result in enumerate(results)
            if result.count == len(own) and result.total is not None and abs(result.total - sum(own)) < _CENT
        ]
        for grant, own in amounts.items()
    }
    taken = [fit[0] for fit in fits.values() if len(fit) == 1]
    return {grant: results[fit[0]] for grant, fit in fits.items() if len(fit) == 1 and taken.count(fit[0]) == 1}
