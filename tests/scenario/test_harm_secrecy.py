"""Nobody's vote on harm can be told from what is published: all votes of small rounds, and everything that there is.

An outsider is taken to see everything that the tool can publish, of every state that a round goes through while votes
come in. For every profile of votes and every juror, both sides must remain possible: that the juror put the project
above the limit of harm, and not. The same search finds the votes where the channel is weakened, so it can fail.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

from click.testing import CliRunner
from tests.scenario.harm_rounds import HIGH, LOW, pinned, round_of

from daccord.allocation import allocate
from daccord.cli.main import cli
from daccord.formats import load_round, write_round
from daccord.formats.decisions import decision_document, scores_of
from daccord.fusion import HarmLevels, fuse_criterion, fusion_rule
from daccord.fusion._fuse import task_of
from daccord.pipeline import compare_rules, decide
from daccord.report import build_report
from daccord.round import Round

JURORS = 6
PROFILES = list(product((LOW, HIGH), repeat=JURORS))
EXAMPLE = Path(__file__).parents[2] / "examples" / "dacc"


@cache
def published(votes: tuple[float, ...], group: int = 3) -> str:
    """The decision file of the state in which these votes have come in."""
    return json.dumps(decision_document(decide(round_of(votes, group=group, people=JURORS))))


def history(votes: tuple[float, ...], group: int = 3) -> tuple[str, ...]:
    """The decision files of all states on the way to these votes."""
    return tuple(published(votes[:k], group) for k in range(len(votes) + 1))


def test_no_vote_can_be_told_from_all_decisions_of_a_growing_round() -> None:
    seen: dict[tuple[float, ...], Hashable] = {votes: history(votes) for votes in PROFILES}
    assert len(set(seen.values())) > 2  # the votes do matter
    assert pinned(seen) == set()


def test_two_states_differ_by_a_group_or_not_at_all() -> None:
    for votes in PROFILES:
        states = history(votes)
        assert len(set(states[:3])) == 1
        assert len(set(states[3:6])) == 1


def above(round_: Round, *, heard_alone: bool = False) -> tuple[float, ...]:
    """Exact probabilities behind the levels; with names and as they come, as for every other criterion, if asked so."""
    harm = round_.criteria[1]
    if not heard_alone:
        beliefs = fuse_criterion(round_, harm)
    else:
        beliefs = fusion_rule(round_.rules.fusion).fit(task_of(round_, harm)[0])
    assert beliefs.above is not None
    return tuple(beliefs.above.tolist())


def levels(round_: Round, **how: bool) -> tuple[str, ...]:
    """The published levels of all projects."""
    cuts = HarmLevels.of(round_.rules)
    return tuple(cuts.score(round(p * 1e6), {}, 99, 99).level for p in above(round_, **how))


def test_votes_can_be_told_where_each_is_heard_alone() -> None:
    """Without the channel, levels are not enough: who came last has moved them."""
    seen: dict[tuple[float, ...], Hashable] = {
        votes: tuple(levels(round_of(votes[:k], people=JURORS), heard_alone=True) for k in range(JURORS + 1))
        for votes in PROFILES
    }
    assert pinned(seen)


def test_not_even_exact_probabilities_tell_a_vote_under_a_rule_that_knows_jurors_apart() -> None:
    rounds = {votes: round_of(votes, group=3, fusion="hierarchical") for votes in product((LOW, HIGH), repeat=3)}
    assert pinned({votes: above(round_) for votes, round_ in rounds.items()}) == set()
    assert pinned({votes: levels(round_) for votes, round_ in rounds.items()}) == set()
    assert pinned({votes: above(round_, heard_alone=True) for votes, round_ in rounds.items()})


def test_no_vote_of_many_kinds_can_be_told() -> None:
    seen: dict[tuple[float, ...], Hashable] = {
        votes: above(round_of(votes, group=4)) for votes in product((0.0, 5.0, 7.0, 10.0), repeat=4)
    }
    assert len(set(seen.values())) > 5
    assert pinned(seen) == set()


def alike() -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Of every kind of decision, two profiles that bring it about and differ most."""
    classes: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for votes in PROFILES:
        classes[published(votes)].append(votes)

    def distance(one: tuple[float, ...], other: tuple[float, ...]) -> int:
        return sum(a != b for a, b in zip(one, other, strict=True))

    return [
        max(((one, other) for one in votes for other in votes), key=lambda pair: distance(*pair))
        for votes in classes.values()
    ]


def test_pages_tell_no_more_than_decisions() -> None:
    pairs = alike()
    assert all(one != other for one, other in pairs)
    for one, other in pairs[-1:]:
        pages = []
        for votes in (one, other):
            comparison = compare_rules(round_of(votes))
            assert comparison.own is not None
            pages.append(build_report(comparison.own, comparison.decisions, comparison.skipped, comparison.notes))
        assert pages[0] == pages[1]


COMMANDS = (
    ("check",),
    ("decide", "--out", "OUT"),
    ("decide", "--out", "OUT", "--fusion", "bridging"),
    ("decide", "--out", "OUT", "--money", "proportional"),
    ("compare",),
    ("explain", "p0"),
    ("next", "--juror", "juror-1"),
    ("next", "--juror", "juror-1", "--criterion", "harm"),
    ("next", "--check"),
    ("influence",),
    ("calibrate",),
    ("views",),
    ("views", "--juror", "juror-1"),
    ("models",),
    *((name, "--criterion", "harm") for name in ("influence", "calibrate", "views", "models")),
)


def run(round_: Round, folder: Path) -> list[tuple[int, str, str]]:
    """What every command says of a round, with `--json`: exit code, output and messages."""
    write_round(round_, folder)
    out = []
    for name, *arguments in COMMANDS:
        filled = [str(folder / "out") if word == "OUT" else word for word in arguments]
        where = [str(folder), *filled] if name == "explain" else [*filled, str(folder)]
        told = CliRunner().invoke(cli, [name, *where, "--json"])
        out.append((told.exit_code, told.stdout.replace(str(folder), "DIR"), told.stderr.replace(str(folder), "DIR")))
    return out


def test_no_command_tells_more_than_decisions(tmp_path: Path) -> None:
    one, other = max(alike(), key=lambda pair: sum(a != b for a, b in zip(*pair, strict=True)))
    said = run(round_of(one), tmp_path / "one")
    assert said == run(round_of(other), tmp_path / "other")
    assert all(code == 1 for code, _, _ in said[-4:]), "harm is refused where people are singled out"
    assert all(code in {0, 1, 2} for code, _, _ in said)
    assert sum(code == 0 for code, _, _ in said) >= 8


def test_a_stranger_recomputes_verdicts_and_money_from_published_levels() -> None:
    for votes in ((LOW,) * 6, (HIGH,) * 6, (LOW, HIGH) * 3, (HIGH, LOW, LOW) * 2):
        round_ = round_of(votes)
        decision = decide(round_)
        document = json.loads(json.dumps(decision_document(decision)))
        again = allocate(round_.portfolio, scores_of(document), round_.rules, round_.budget, round_.inputs)
        assert scores_of(document) == decision.scores
        assert [verdict.label for verdict in again.verdicts] == [p["verdict"]["label"] for p in document["projects"]]
        assert [award.amount for award in again.awards] == [p["award"]["amount"] for p in document["projects"]]


def test_the_example_publishes_nothing_of_harm_but_levels() -> None:
    """Every harm rating a little lower: where no level changes, nothing does."""
    round_ = load_round(EXAMPLE)
    said = round_.judgments["harm"]
    ratings = said.ratings
    scaled = {name: getattr(ratings, name) * 0.9995 for name in ("value", "low", "high")}
    nudged = replace(ratings, **scaled)
    other = replace(round_, judgments={**round_.judgments, "harm": replace(said, ratings=nudged)})
    first, second = (decide(one) for one in (round_, other))
    assert json.dumps(decision_document(first)) == json.dumps(decision_document(second))
    for project in decision_document(first)["projects"]:
        harm = project["scores"]["harm"]
        assert set(harm) == {"level", "above", "at_most", "judgments", "jurors", "communities"}
        assert harm["above"] in {0, 200_000, 500_000}
        assert harm["at_most"] in {199_999, 499_999, 1_000_000}
        assert set(harm["communities"].values()) <= {0, 100_001, 900_000}
