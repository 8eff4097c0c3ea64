"""`decide(round) -> Decision`: the one pipeline that everything else wraps.

Pure: no clock, network, file or unlogged randomness. Judgments are fused into beliefs, beliefs are published as
integers, and verdicts and money follow from the integers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from daccord import __version__
from daccord.allocation import MONEY_RULES, Allocation, Award, allocate, award_draws, money_rule, money_stories
from daccord.allocation.graph import defence_from_graph, with_graph
from daccord.allocation.stories import with_forgone
from daccord.errors import InputError, NoPeopleError
from daccord.fusion import (
    FUSION_RULES,
    MICRO,
    CriterionBeliefs,
    HarmLevels,
    Scores,
    draw_log_values,
    fuse,
    fuse_criterion,
    publish,
)
from daccord.fusion.roles import GraphScores, pool_roles
from daccord.round import HARMS, Budget, Round

__all__ = [
    "SCHEMA",
    "AwardInterval",
    "Comparison",
    "Decision",
    "compare_rules",
    "decide",
    "effective_parameters",
    "recompute",
]

FloatArray = npt.NDArray[np.float64]

SCHEMA = "daccord/decision/1"


@dataclass(frozen=True)
class AwardInterval:
    """80 % interval of what a project would get if its value were known and the verdicts stood, minor units.

    Attributes:
        low: 10 % quantile.
        high: 90 % quantile.
        rank_low: Best rank (1 is the largest award) at the 10 % quantile.
        rank_high: Worst rank at the 90 % quantile.
        chance_none: Probability in millionths that it would get nothing.
        chance_halved: Probability in millionths that it would get at most half of its award; 0 if it has none.
    """

    low: int
    high: int
    rank_low: int
    rank_high: int
    chance_none: int = 0
    chance_halved: int = 0


@dataclass(frozen=True)
class Decision:
    """A decided round.

    Attributes:
        round: What it was decided from.
        scores: Published integers.
        allocation: Verdicts and money, computed from `scores` alone.
        intervals: One a project, in the portfolio's order.
        beliefs: Criterion id → full posterior (not part of the published file); without those of harm, of which
            nobody sees more than the levels in `scores`.
        method: Fusion rule and money rule.
        parameters: Parameters in effect: passed, defaulted and learned, dotted name → value.
        warnings: For people.
        version: Version of the engine.
        diagnostics: How well the fits settled and held up, dotted name → value.
        graph: The judged technology graph; empty if nobody judged roles.
    """

    round: Round
    scores: Scores
    allocation: Allocation
    intervals: tuple[AwardInterval, ...]
    beliefs: Mapping[str, CriterionBeliefs]
    method: Mapping[str, str]
    parameters: Mapping[str, float | int | str | bool | None]
    warnings: tuple[str, ...] = ()
    version: str = __version__
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    graph: GraphScores = field(default_factory=GraphScores)

    @cached_property
    def money_stories(self) -> Callable[[str], tuple[str, ...]]:
        """Project id → who or what moved its money, in sentences of the money rule."""
        round_ = self.round
        return money_stories(round_.portfolio, self.scores, self.allocation, round_.rules, round_.budget, round_.inputs)

    @cached_property
    def interval_of(self) -> Mapping[str, AwardInterval]:
        """Project id → interval of its award."""
        return dict(zip(self.round.portfolio.ids, self.intervals, strict=True))


def _flat(prefix: str, value: object) -> dict[str, float | int | str | bool | None]:
    """Nested rules as dotted names."""
    if isinstance(value, Mapping):
        return {name: item for key, part in value.items() for name, item in _flat(f"{prefix}.{key}", part).items()}
    if isinstance(value, list | tuple):
        return {name: item for i, part in enumerate(value) for name, item in _flat(f"{prefix}[{i}]", part).items()}
    if value is None or isinstance(value, float | int | str | bool):
        return {prefix: value}
    raise TypeError(f"{prefix} is a {type(value).__name__}, which no parameter is")


def effective_parameters(round_: Round) -> dict[str, float | int | str | bool | None]:
    """Every rule parameter in effect, passed or defaulted, by dotted name."""
    return _flat("rules", asdict(round_.rules))


def _intervals(amounts: FloatArray, awards: Sequence[Award], budget: Budget) -> tuple[AwardInterval, ...]:
    """80 % intervals of award and rank from draws of the awards, shape (n_draws, n_projects)."""
    paid = np.array([award.amount for award in awards], dtype=np.float64)
    none = np.mean(amounts < 0.5, axis=0)  # less than half a minor unit
    halved = np.mean((amounts <= paid / 2) & (paid > 0), axis=0)
    low, high = np.quantile(amounts, [0.1, 0.9], axis=0)
    # Equal awards share the best of their ranks, so that unfunded projects do not get an accidental order.
    order = np.sort(-amounts, axis=1)
    ranks = np.empty(amounts.shape)
    for s in range(len(amounts)):
        ranks[s] = np.searchsorted(order[s], -amounts[s]) + 1
    best, worst = np.quantile(ranks, [0.1, 0.9], axis=0, method="nearest")
    top = budget.amount
    return tuple(
        AwardInterval(
            min(round(float(low[i])), top),
            min(round(float(high[i])), top),
            int(best[i]),
            int(worst[i]),
            round(float(none[i]) * MICRO),
            round(float(halved[i]) * MICRO),
        )
        for i in range(amounts.shape[1])
    )


def _silent(_: str) -> None:
    pass


def decide(round_: Round, *, tell: Callable[[str], None] = _silent) -> Decision:
    """Decide a round.

    Args:
        round_: Everything the decision is made from.
        tell: Called with a few words before each slow step; what it does cannot change the result.

    Returns:
        Scores, verdicts, money, their intervals, and all that is needed to recompute them.

    Raises:
        NoPeopleError: Only models judged; they never decide alone.
        InputError: A rule is unknown or can't use these answers.
        ConvergenceError: A fit did not settle.
    """
    tell(f"fusing judgments with {round_.rules.fusion}")
    return _finish(round_, fuse(round_, need_benefit=_needs_benefit(round_), tell=tell), tell)


def recompute(own: Decision, published: Scores, graph: GraphScores | None = None) -> Decision:
    """The decision that follows from published integers, for whoever checks somebody else's.

    Args:
        own: One's own decision of the same round; its beliefs are used for intervals only.
        published: Scores to compute verdicts and money from.
        graph: The published technology graph; one's own if None.

    Raises:
        InputError: The money rule cannot use these scores.
    """
    return _finish(own.round, own.beliefs, scores=published, graph=own.graph if graph is None else graph)


def _needs_benefit(round_: Round) -> bool:
    """Whether somebody must have judged benefit; not where the rules pay by ballots or donations alone."""
    return round_.rules.verdicts.pays == "cleared" or money_rule(round_.rules.money.rule).reads_scores


def _finish(
    round_: Round,
    beliefs: Mapping[str, CriterionBeliefs],
    tell: Callable[[str], None] = _silent,
    *,
    bars: Scores | None = None,
    graph: GraphScores | None = None,
    scores: Scores | None = None,
) -> Decision:
    """From beliefs to the decision; with `bars`, all but the value of benefit is taken from those scores.

    Scores and a graph that are given are taken as they are.
    """
    ids = round_.portfolio.ids
    tell("drawing from the posterior")
    log_values = draw_log_values(beliefs["benefit"], ids, round_.seed) if "benefit" in beliefs else None
    given = scores is not None
    scores = publish(beliefs, ids, log_values, HarmLevels.of(round_.rules)) if scores is None else scores
    # From here on nothing knows more about harm than its published levels: whatever follows may be shown.
    beliefs = {name: belief for name, belief in beliefs.items() if name not in HARMS}
    if bars is not None:
        scores = _with_bars(scores, bars)
    graph = pool_roles(round_) if graph is None else graph
    if round_.rules.roles.defence_from == "graph" and not given:
        scores = defence_from_graph(scores, graph)
    tell(f"allocating with {round_.rules.money.rule}")
    allocation = allocate(round_.portfolio, scores, round_.rules, round_.budget, round_.inputs)
    allocation = with_forgone(round_.portfolio, scores, round_.rules, round_.budget, allocation, round_.inputs)
    amounts = award_draws(
        round_.portfolio,
        scores,
        allocation.verdicts,
        round_.rules,
        round_.budget,
        np.zeros((1, len(ids))) if log_values is None else log_values,
        round_.inputs,
        round_.seed,
        allocation.divided,
    )
    learned = {f"{name}.{key}": value for name, belief in beliefs.items() for key, value in belief.parameters.items()}
    return Decision(
        round=round_,
        scores=scores,
        allocation=with_graph(allocation, round_.portfolio, scores, graph, round_.rules),
        intervals=_intervals(amounts, allocation.awards, round_.budget),
        beliefs=beliefs,
        method={"fusion": round_.rules.fusion, "money": round_.rules.money.rule},
        parameters={**effective_parameters(round_), **learned},
        graph=graph,
        warnings=(*(text for belief in beliefs.values() for text in belief.warnings), *allocation.warnings),
        diagnostics={
            f"{name}.{key}": value for name, belief in beliefs.items() for key, value in belief.diagnostics.items()
        },
    )


def _knows_bar(scores: Scores) -> bool:
    """Whether the probability that benefit is above its bar is known."""
    return all("benefit" in s.criteria and s.criteria["benefit"].above is not None for s in scores)


def _with_bars(scores: Scores, bars: Scores) -> Scores:
    """The scores' value of benefit, and everything else from the other scores."""
    found = []
    for score in scores:
        other = bars[score.project]
        value = score.criteria["benefit"]
        benefit = replace(other.criteria["benefit"], mean=value.mean, sd=value.sd)
        found.append(replace(score, criteria={**other.criteria, "benefit": benefit}))
    return Scores(tuple(found))


@dataclass(frozen=True)
class Comparison:
    """The same round under other rules.

    Attributes:
        decisions: `fusion / money` → decision; the round's own rules first, unless they are skipped.
        skipped: Fusion rule or money rule → why it can't decide this round.
        notes: Fusion rule → what it cannot, and what was done so that it could be compared.
    """

    decisions: Mapping[str, Decision]
    skipped: Mapping[str, str]
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def own(self) -> Decision | None:
        """The decision under the round's own rules; None if they are skipped."""
        first = next(iter(self.decisions.values()), None)
        if first is None or first.round.rules.fusion in self.skipped:
            return None
        return first


def _pairs(round_: Round, fusion: str, *, every: bool) -> tuple[str, ...]:
    """Money rules to decide with under a fusion rule, the round's own first."""
    own = round_.rules.money.rule
    if not every and fusion != round_.rules.fusion:
        return (own,)
    return tuple(sorted(MONEY_RULES, key=lambda name: (name != own, name)))


def _fused(
    round_: Round, fusion: str, own: Mapping[str, CriterionBeliefs] | None
) -> tuple[Mapping[str, CriterionBeliefs], tuple[str, ...]]:
    """Beliefs under a fusion rule, and the criteria whose answers it cannot read, which are left to the round's own.

    Raises:
        NoPeopleError: No person answered on benefit.
        InputError: The rule cannot use the answers on benefit, or nothing else can speak where it cannot.
    """
    if own is None or fusion == round_.rules.fusion:
        return fuse(round_, fusion, need_benefit=_needs_benefit(round_)), ()
    found: dict[str, CriterionBeliefs] = {}
    left: list[str] = []
    for criterion in round_.criteria:
        if criterion.id not in own:
            continue
        if criterion.id in HARMS:  # read in one way only, so that comparing rules tells no more about it than one rule
            found[criterion.id] = own[criterion.id]
            continue
        try:
            found[criterion.id] = fuse_criterion(round_, criterion, fusion)
        except InputError:
            if criterion.id == "benefit":
                raise
            found[criterion.id] = own[criterion.id]
            left.append(criterion.id)
    return found, tuple(left)


def compare_rules(round_: Round, *, every: bool = False, tell: Callable[[str], None] = _silent) -> Comparison:
    """Decide the same round under every registered fusion rule, and under every money rule.

    Two things are done so that a rule can be compared that cannot read everything; notes say where. A criterion whose
    answers it cannot read, other than benefit, is left to the round's own rule, and so is harm always. And where it
    cannot place a bar on the rating scale, the probabilities and verdicts of the round's own rule stand, and only
    the values that divide the money are the other rule's.

    Args:
        round_: The round; its own rules' parameters are kept, only the rules' names change.
        every: True for every pair of fusion rule and money rule; otherwise every fusion rule meets the round's own
            money rule, and every money rule the round's own fusion rule.
        tell: Called with a few words before each slow step.

    Raises:
        NoPeopleError: Only models judged; they never decide alone, under no rule.
        ConvergenceError: A fit did not settle.
    """
    decisions: dict[str, Decision] = {}
    skipped: dict[str, str] = {}
    notes: dict[str, str] = {}
    own: Scores | None = None
    own_beliefs: Mapping[str, CriterionBeliefs] | None = None
    harms: Mapping[str, CriterionBeliefs] = {}
    graph = pool_roles(round_)  # no rule that is compared changes it
    for fusion in sorted(FUSION_RULES, key=lambda name: (name != round_.rules.fusion, name)):
        tell(f"fusing judgments with {fusion}")
        try:
            beliefs, left = _fused(round_, fusion, own_beliefs)
            # Where the round's own rule cannot decide, the first one that can reads harm for all.
            harms = harms or {name: belief for name, belief in beliefs.items() if name in HARMS}
            beliefs = {**beliefs, **harms}
        except InputError as error:
            if isinstance(error, NoPeopleError) and own_beliefs is None:
                raise  # no rule could: without people there is nothing to compare
            skipped[fusion] = str(error)
            continue
        said = []
        if left:
            said.append(f"cannot read the answers on {', '.join(left)}, which are left to {round_.rules.fusion}")
        bars = None
        if own is not None and _knows_bar(own) and beliefs["benefit"].above is None:
            bars = own
            said.append(
                f"cannot place a bar on the rating scale, so probabilities and verdicts are those of "
                f"{round_.rules.fusion} and only the values that divide the money are its own"
            )
        if said:
            notes[fusion] = "; ".join(said)
        for money in _pairs(round_, fusion, every=every):
            harm = round_.rules.harm
            if fusion != round_.rules.fusion:
                harm = replace(harm, fusion=harm.fusion or round_.rules.fusion)
            rules = replace(round_.rules, fusion=fusion, money=replace(round_.rules.money, rule=money), harm=harm)
            try:
                decisions[f"{fusion} / {money}"] = _finish(
                    replace(round_, rules=rules), beliefs, bars=bars, graph=graph
                )
            except InputError as error:
                if money == round_.rules.money.rule:
                    raise
                # The rule is named beside it; where the fault lies says nothing here.
                skipped.setdefault(money, "; ".join(problem.message for problem in error.problems))
                continue
            if fusion == round_.rules.fusion and own is None:
                own, own_beliefs = decisions[f"{fusion} / {money}"].scores, beliefs
        if "benefit" not in beliefs:
            break  # nothing to fuse: all fusion rules are the same
    return Comparison(decisions, skipped, notes)
