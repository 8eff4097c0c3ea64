"""From the files of a Retro Funding round with metrics to a `Round`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from daccord.allocation import METRIC_MEDIAN, MoneyTask
from daccord.formats._retropgf_files import Ballot, Files, Said, find_files, read_ballots, read_official, read_projects
from daccord.formats._retropgf_signatures import say_signatures
from daccord.judging import Comparisons, Judgments, MetricWeight, Panel, Ratings
from daccord.money import Currency
from daccord.portfolio import MetricValue, Portfolio, Project
from daccord.round import (
    Budget,
    Criterion,
    Goal,
    MedianRules,
    MoneyInputs,
    MoneyRules,
    Round,
    Rules,
    VerdictRules,
)

__all__ = ["MARK", "RetroSpec", "import_retropgf"]

MARK = "open_source"
"""Name of the metric that marks open-source projects."""


@dataclass(frozen=True)
class RetroSpec:
    """What the files do not say; the defaults are those of Retro Funding 4.

    Attributes:
        name: Of the round.
        budget: The pot. Published amounts have one decimal; three leave room to see what differs.
        cap: Largest share of the pot for one project.
        minimum: Smallest award, minor units.
    """

    name: str = "Optimism Retro Funding 4"
    budget: Budget = field(default_factory=lambda: Budget(10_000_000_000, Currency("OP", 3)))
    cap: float = 0.05
    minimum: int = 1_000_000


def import_retropgf(folder: Path, spec: RetroSpec | None = None) -> Round:
    """Read a folder of published files into a round that `metric-median` decides.

    What voters signed counts, not what the export stores beside it; where the two differ, the rows and what the
    difference would have moved are said in the notices. Voters get pseudonyms in the order of the file: addresses stay
    behind. Signatures are checked if the extra `ethereum` is installed; where one does not hold, the row is named, and
    the ballot counts all the same, because it counted then.

    Args:
        folder: Holds the export of ballots, the metrics by project, and perhaps the published amounts.
        spec: What the files do not say.

    Returns:
        The round; its digests are those of the files read.

    Raises:
        InputError: A file is missing or wrong.
        ExternalError: The disk refuses.
    """
    spec = RetroSpec() if spec is None else spec
    files = find_files(folder)
    names, metrics, marked = read_projects(files.metrics)
    ballots, aside = read_ballots(files.ballots, metrics)
    portfolio = Portfolio(tuple(Project(identifier, name or identifier) for identifier, name in names.items()))
    values = (
        *(MetricValue(project, metric, value) for metric, own in metrics.items() for project, value in own.items()),
        *(MetricValue(project, MARK, Fraction(1)) for project in names if project in marked),
    )
    rules = MoneyRules(
        rule=METRIC_MEDIAN.name, minimum=spec.minimum, metric_median=MedianRules(cap=spec.cap, multiplier=MARK)
    )

    def amounts(said: Sequence[Said]) -> tuple[MoneyInputs, Sequence[int]]:
        inputs = MoneyInputs(metrics=values, metric_weights=tuple(_weights(said)))
        task = MoneyTask(portfolio.projects, (), rules, spec.budget, inputs, tuple(range(len(portfolio))))
        return inputs, METRIC_MEDIAN.solve(task).amounts

    inputs, decided = amounts([ballot.signed for ballot in ballots])
    stored = amounts([ballot.stored or ballot.signed for ballot in ballots])[1] if _differing(ballots) else decided
    tables = (files.ballots, files.metrics, *((files.official,) if files.official else ()))
    return Round(
        name=spec.name,
        goal=Goal("Reward projects for the impact that they have had", "Optimism Collective"),
        budget=spec.budget,
        criteria=(Criterion("benefit", "How should each metric count as a measure of impact?"),),
        portfolio=portfolio,
        panel=Panel(()),
        judgments={"benefit": Judgments(Comparisons.empty(), Ratings.empty())},
        rules=Rules(verdicts=VerdictRules(pays="not_held"), money=rules),
        inputs=inputs,
        digests={table.file: table.digest for table in tables},
        notices=tuple(_notices(files, ballots, aside, spec.budget, portfolio, decided, stored)),
    )


def _weights(said: Sequence[Said]) -> Iterator[MetricWeight]:
    digits = len(str(len(said)))
    for number, ballot in enumerate(said, start=1):
        voter = f"voter-{number:0{digits}d}"
        for metric, weight in ballot.weights.items():
            yield MetricWeight(voter, metric, weight)
        yield MetricWeight(voter, MARK, ballot.multiplier)


def _differing(ballots: Sequence[Ballot]) -> list[Ballot]:
    """Ballots of which the export stores something else than was signed."""
    return [ballot for ballot in ballots if ballot.stored != ballot.signed]


def _notices(
    files: Files,
    ballots: Sequence[Ballot],
    aside: int,
    budget: Budget,
    portfolio: Portfolio,
    decided: Sequence[int],
    stored: Sequence[int],
) -> Iterator[str]:
    name, money = files.ballots.file, budget.currency.format
    if aside:
        yield f"{name}: {aside} rows set aside; they are not submitted, or not of badge holders"
    if differing := _differing(ballots):
        rows = ", ".join(str(ballot.row) for ballot in differing)
        moved = [mine - theirs for mine, theirs in zip(decided, stored, strict=True)]
        most = max(range(len(moved)), key=lambda i: abs(moved[i]))
        way = "less" if moved[most] > 0 else "more"
        yield (
            f"{name}: in {len(differing)} of {len(ballots)} ballots the stored columns differ from the signed payload "
            f"(rows {rows}); what was signed counts. With what is stored, {portfolio.projects[most].title} would get "
            f"{money(abs(moved[most]))} {way}"
        )
    sums = [sum(ballot.signed.weights.values()) for ballot in ballots]
    if odd := sum(total != 100 for total in sums):
        yield f"{name}: the weights of {odd} ballots do not sum to exactly 100; weights are divided by their sum"
    yield f"{name}: voters have pseudonyms in the order of the file"
    yield f"{name}: {say_signatures(ballots)}"
    if files.official is not None:
        yield _against(files.official.file, read_official(files.official), budget, portfolio, decided)


def _against(
    file: str, official: Mapping[str, Fraction], budget: Budget, portfolio: Portfolio, decided: Sequence[int]
) -> str:
    """How far the amounts are from the published ones."""
    unit = 10**budget.currency.digits
    known = [
        (amount, official[name] * unit) for name, amount in zip(portfolio.ids, decided, strict=True) if name in official
    ]
    if len(known) < len(portfolio):
        return f"{file}: has amounts for {len(known)} of {len(portfolio)} projects, so it was not compared"
    most = max((abs(amount - published) for amount, published in known), default=Fraction(0))
    paid = sum(amount > 0 for amount in decided)
    return (
        f"{file}: the signed ballots pay {paid} of {len(portfolio)} projects, "
        f"{sum(published > 0 for _, published in known)} are published as paid, and no amount differs from the "
        f"published one by more than {budget.currency.format(-(-most // 1))}"
    )
