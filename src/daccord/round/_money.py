"""Parameters of the money rules.

What is shared by several rules, and `differential`'s own, stand in `MoneyRules` itself; every other rule has a class of
its own here, which is a field of `MoneyRules` and the table `[rules.money.<name>]` of round.toml. The table, its JSON
Schema and the writer follow from the class: a parameter is declared once, by `setting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "DeepRules",
    "ElectionRules",
    "MedianRules",
    "MoneyRules",
    "QuadraticRules",
    "RetroactiveRules",
    "SProcessRules",
    "setting",
]


def setting(default: Any, about: str, *, minor: bool = False, **bounds: float) -> Any:  # noqa: ANN401 - any field
    """A parameter of a money rule: a dataclass field that knows how it is explained and checked.

    Args:
        default: What it is if nobody sets it.
        about: For people; also the description in the JSON Schema.
        minor: True for an amount of money: minor units here, a text of whole units in round.toml.
        bounds: `ge`, `gt`, `le`, `lt`, as pydantic names them.
    """
    return field(default=default, metadata={"about": about, "minor": minor, "bounds": bounds})


@dataclass(frozen=True)
class ElectionRules:
    """Parameters of `equal-shares` and `greedy`, which spend on whole projects by ballots."""

    completion: Literal["add1", "add1-greedy", "greedy", "none"] = setting(
        "add1-greedy", "How `equal-shares` goes on when money is left: more for every voter, by score, both, or not."
    )
    comparison: bool = setting(
        False,
        "Whether the outcome of `greedy` stands in for that of `equal-shares` if more voters are better off with it.",
    )
    utility: Literal["cost", "points"] = setting(
        "cost", "What a funded project is worth to a voter: its cost times the points given, or the points alone."
    )
    unit: int = setting(0, "What `add1` gives every voter more at a time; 0 means one whole unit.", minor=True)
    until_full: bool = setting(
        False, "Whether `add1` ends as soon as no other project fits into what is left of the pot."
    )
    threshold: float = setting(0.0, "Least sum of points (votes, if every point is 1) of a project.", ge=0)
    skips: bool = setting(True, "Whether `greedy` passes over a project that does not fit; if not, it stops there.")


@dataclass(frozen=True)
class QuadraticRules:
    """Parameters of `quadratic`, which matches donations."""

    variant: Literal["pairwise", "plain", "cluster"] = setting(
        "pairwise", "Pairs of donors bounded by what they share; plain; or donors of one group counted together."
    )
    bound: int | None = setting(
        None,
        "For `pairwise`: M, half of what no pair of donors can take; without it, what uses up the pot.",
        minor=True,
    )
    identity_cost: int | None = setting(
        None, "What one more identity costs an attacker; a bound M above it is an alarm.", minor=True
    )
    cap: float | None = setting(None, "Largest share of the pot for one project.", gt=0, le=1)


@dataclass(frozen=True)
class SProcessRules:
    """Parameters of `s-process`, which pays where jurors say the next unit is worth most."""

    pooling: Literal["mean", "delegates"] = setting(
        "mean",
        "A funder values a project at the weighted mean of its jurors' curves, or divides its money among its jurors "
        "by weight and each spends a part alone.",
    )
    scale: Literal["stated", "equal"] = setting(
        "stated",
        "For `mean`: values count as they are stated, up to `ceiling`; or jurors' scales are made equal, so that the "
        "pot divided as a juror alone would is worth the same to each.",
    )
    ceiling: float = setting(10.0, "For `stated`: the largest value that a juror may state.", gt=0)
    silence: Literal["zero", "abstains"] = setting(
        "zero", "For `mean`: a juror without a curve for a project sees no value in it, or does not count there."
    )
    turns: int = setting(100, "Turns in which each funder spends its money.", ge=1, le=10_000)


@dataclass(frozen=True)
class MedianRules:
    """Parameters of `metric-median`, which takes medians of voters' amounts or of their weights for metrics."""

    quorum: int = setting(1, "Voters who must have given a project something.", ge=1)
    cap: float | None = setting(
        None, "Largest share of the pot for one project, on each voter's ballot of metrics and in the end.", gt=0, le=1
    )
    multiplier: str = setting(
        "",
        "Metric that marks projects with 1, open source for example: a voter's weight for it is no weight but "
        "multiplies all other metrics of marked projects. Empty for none.",
    )


@dataclass(frozen=True)
class DeepRules:
    """Parameters of `deep`, which passes money on along dependencies."""

    base: str = setting("proportional", "Money rule that divides the pot before it is passed on, or `gifts`.")
    seeds: Literal["judged", "all"] = setting(
        "judged", "Projects among which the base divides: those whose benefit people judged, or all."
    )


@dataclass(frozen=True)
class RetroactiveRules:
    """Parameters of `retroactive`, which pays for what has been shown to be useful."""

    share: float = setting(0.5, "Share of the pot that is paid for results; the rest is divided by `base`.", ge=0, le=1)
    base: str = setting("differential", "Money rule for the prospective part.")
    means_test: float = setting(
        0.25,
        "How much of what a project earned elsewhere counts as payment: 0 pays for results alone, 1 pays first those "
        "that nobody else has paid.",
        ge=0,
        le=1,
    )
    judges: int = setting(1, "People who must have judged what came of a project before it is paid for that.", ge=1)


@dataclass(frozen=True)
class MoneyRules:
    """Parameters of the money rules; see `daccord.allocation`.

    Attributes:
        rule: Name of a registered money rule.
        basis: For `proportional`: `expected` share, or `low`, its lower 10 % quantile.
        caution: For `differential`: posterior standard deviations taken off a project's log-value before it
            counts; 0 pays for the median, 1 is strict.
        defence_priority: Value is multiplied by 1 + this times the probability that defence is above its bar.
        diffusion_priority: Likewise for diffusion of power.
        saturation: For `differential`: the award, as a fraction of an equal split, at which a further unit is worth
            half of the first one.
        harm_budget: For `differential`: H in [0, 1]; awards x are cut until Σ h·x ≤ H·pot, with h the probability that
            harm is above the limit. This second step only cuts, the unit with the least value per harm first; what it
            frees stays unallocated (docs/methods/differential.md says why). None for no bound.
        team_cap: Largest share of the pot for all projects of one team, in (0, 1].
        floors: Domain cell → least share of the pot, in [0, 1].
        minimum: Smallest viable grant, minor units; a smaller award becomes zero and is divided again.
        evidence_cap: Most that a project may get for each answer that people gave about its benefit, in equal splits
            of the pot, positive; from the number of projects on it limits nothing. It limits what follows from
            scores, not what follows from ballots.
        quadratic: See `QuadraticRules`; likewise the others, each for the rule of its name.
    """

    rule: str = "differential"
    basis: Literal["expected", "low"] = "expected"
    caution: float = 0.5
    defence_priority: float = 1.0
    diffusion_priority: float = 0.5
    saturation: float = 1.0
    harm_budget: float | None = None
    team_cap: float | None = None
    floors: Mapping[str, float] = field(default_factory=dict)
    minimum: int = 0
    evidence_cap: float = 0.5
    election: ElectionRules = ElectionRules()
    quadratic: QuadraticRules = QuadraticRules()
    s_process: SProcessRules = SProcessRules()
    metric_median: MedianRules = MedianRules()
    deep: DeepRules = DeepRules()
    retroactive: RetroactiveRules = RetroactiveRules()
